import Glibc

/// What the script printed and the host has not been given yet.
struct OutputBuffer {
    static let capacity = 16 * 1024
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBuffer.capacity)
    var count = 0
    /// All that was ever printed.
    var total = 0

    func release() {
        bytes.deallocate()
    }
}

extension Machine {
    /// One of the four output statements; false after an error.
    @inline(never)
    mutating func print(_ value: Value, _ kind: OutputKind) -> Bool {
        switch kind {
        case .observe: return printText(of: value) && printNewline()
        case .whisper:
            guard printText(of: value) else { return false }
            flush()
            return true
        case .command:
            var bytes: [UInt8] = []
            guard append(value, to: &bytes) else { return false }
            let upper = bytes.withUnsafeBufferPointer { TextCase.uppercased($0) }
            return upper.withUnsafeBufferPointer { write($0) } && printNewline()
        case .murmur: return write("[DEBUG] ") && printText(of: value)
        }
    }

    private mutating func printText(of value: Value) -> Bool {
        if value.has(.string) { return write(value.utf8) }
        if value.isNumber { return write(numberText(value.number)) }
        var bytes: [UInt8] = []
        return append(value, to: &bytes) && bytes.withUnsafeBufferPointer { write($0) }
    }

    private mutating func printNewline() -> Bool {
        scratch[0] = UInt8(ascii: "\n")
        return write(UnsafeBufferPointer(start: scratch, count: 1))
    }

    private mutating func write(_ text: String) -> Bool {
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
            sink.write(UnsafeRawBufferPointer(text))
        } else if let start = text.baseAddress {
            memcpy(output.bytes + output.count, start, text.count)
            output.count += text.count
        }
        return charge(text.count / 16)
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
