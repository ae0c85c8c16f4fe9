import Glibc

/// What the script printed and the host has not been given yet.
struct OutputBuffer {
    static let capacity = 16 * 1024
    /// What the host gets at once.
    static let longestChunk = 1 << 20
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBuffer.capacity)
    var count = 0
    /// All that was ever printed.
    var total = 0

    func release() {
        bytes.deallocate()
    }
}

extension UnsafeMutablePointer<Machine> {
    /// One of the four output statements, by the number of its kind; false after an error.
    @inline(never)
    func print(_ value: Value, _ kind: Int) -> Bool {
        guard let kind = OutputKind(rawValue: UInt8(truncatingIfNeeded: kind)) else {
            preconditionFailure("the generator writes this number")
        }
        do throws(Raised) {
            switch kind {
            case .observe:
                try printText(of: value)
                try pointee.check(pointee.writeNewline())
            case .whisper:
                try printText(of: value)
                pointee.flush()
            case .command:
                var text = TextBuilder(self)
                try text.append(printed: value)
                var upper = TextBuilder(self)
                try TextCase.uppercase(text.bytes, to: &upper)
                try pointee.check(pointee.write(upper.bytes) && pointee.writeNewline())
            case .murmur:
                try pointee.check(pointee.write("[DEBUG] "))
                try printText(of: value)
            }
            return true
        } catch {
            return false
        }
    }

    private func printText(of value: Value) throws(Raised) {
        if value.has(.string) { return try pointee.check(pointee.write(value.utf8)) }
        if value.isNumber { return try pointee.check(pointee.write(pointee.numberText(value.number))) }
        var text = TextBuilder(self)
        try text.append(printed: value)
        try pointee.check(pointee.write(text.bytes))
    }
}

extension Machine {
    fileprivate mutating func writeNewline() -> Bool {
        scratch[0] = UInt8(ascii: "\n")
        return write(UnsafeBufferPointer(start: scratch, count: 1))
    }

    fileprivate mutating func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { write($0) }
    }

    /// Takes output; false after an error: no host for it, or too much.
    mutating func write(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let sink = host.output else {
            _ = refuse(.output)
            return false
        }
        if text.count > limits.outputBytes - output.total {
            _ = raise(.limit, "Output limit exceeded")
            return false
        }
        output.total += text.count
        if output.count + text.count > OutputBuffer.capacity { drainOutput() }
        if text.count > OutputBuffer.capacity {
            return write(text, toSink: sink)
        } else if let start = text.baseAddress {
            memcpy(output.bytes + output.count, start, text.count)
            output.count += text.count
        }
        return charge(text.count / 16)
    }

    /// Hands a long text over in parts.
    private mutating func write(_ text: UnsafeBufferPointer<UInt8>, toSink sink: any ScriptOutput) -> Bool {
        for start in stride(from: 0, to: text.count, by: OutputBuffer.longestChunk) {
            let part = text.part(start..<min(start + OutputBuffer.longestChunk, text.count))
            guard charge(part.count / 16) else { return false }
            sink.write(UnsafeRawBufferPointer(part))
        }
        return true
    }

    private mutating func drainOutput() {
        guard output.count > 0 else { return }
        host.output?.write(UnsafeRawBufferPointer(start: output.bytes, count: output.count))
        output.count = 0
    }

    /// Hands all output to the host and asks it to show it.
    mutating func flush() {
        drainOutput()
        host.output?.flush()
    }

    /// Sleeps in slices; false after an error, also when cancelled meanwhile.
    mutating func sleep(_ duration: Duration) -> Bool {
        guard let sleep = host.sleep else {
            _ = refuse(.sleep)
            return false
        }
        flush()
        var left = duration
        while left > .zero {
            guard isAllowedToContinue() else { return false }
            let slice = min(left, ScriptHost.longestSleep)
            sleep(slice)
            left -= slice
        }
        return isAllowedToContinue()
    }

    @inline(never)
    mutating func suspend() -> Bool {
        write("[SUSPEND] Program suspended - press Ctrl+C to exit") && sleep(.seconds(3600))
    }
}
