import JobEngine

extension Settings {
    /// Every rule about boxes.
    var boxes: BoxRegister {
        var register = BoxRegister()
        register.base.instructions.value = worker.limits.instructions
        register.base.memoryBytes.value = worker.limits.memoryBytes
        register.base.callDepth.value = worker.limits.callDepth
        register.base.outputBytes.value = worker.outputLimitBytes
        register.base.time.value = worker.limits.time
        register.base = register.base.applying(worker.capabilities, from: .worker)
        for script in scripts { register.scripts[script.name] = script.rules }
        for queue in queues { register.queues[queue.name] = queue.box }
        return register
    }
}
