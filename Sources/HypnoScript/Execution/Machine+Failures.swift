import SourceText

/// Why a run stops, or would without a handler: cheap to make, because programs may catch errors in a loop.
struct MachineFailure {
    /// A function under way.
    struct Frame {
        let prototype: Int
        let offset: SourceOffset
    }

    let kind: ScriptFailure.Kind
    /// Without the prefix of its class.
    let text: String
    let isCatchable: Bool
    /// What the script threw; unbound for any other error.
    let thrown: Value
    /// Innermost first.
    let frames: [Frame]
    /// How many calls had to be looked at for them.
    var depth = 0
}

extension Machine {
    /// Goes on at the innermost handler of the error that stopped the run; false if there is none, or if it
    /// is none that a script may catch.
    mutating func recover() -> Bool {
        guard case .failure(let failure)? = stop, failure.isCatchable, let place = handler() else {
            return false
        }
        stop = nil
        guard charge(place.distance + failure.depth + 16) else { return false }
        if let mark = place.mark { unwind(to: TrailMark(mark).count) }
        guard let value = caught(failure) else { return false }
        if place.handler.keepsFailure {
            guard let kept = keep(failure) else { return false }
            place.base[place.handler.error + 1] = kept
        }
        place.base[place.handler.error] = value
        base = place.base
        pc = code + place.handler.target
        return true
    }

    /// A handler and what an error has to leave to get there.
    private struct HandlerPlace {
        let handler: Handler
        let base: UnsafeMutablePointer<Value>
        /// The mark of the outermost scope that is left; nil if none of them may bind anything.
        let mark: Value?
        /// How many calls are left, and one more.
        let distance: Int
    }

    /// What was bound in the scope around a `try` stays, as after the body of an `if`; the scopes that were
    /// opened since are left: those of the calls under way, and in the handler's own function those that
    /// begin behind the start of the `try`.
    private func handler() -> HandlerPlace? {
        var found: HandlerPlace?
        var distance = 0
        var mark: Value?
        forEachFrame { number, position, base in
            distance += 1
            let prototype = program.prototypes[number]
            let open = prototype.markedRanges.lazy.filter { $0.start <= position && position < $0.end }
            for handler in program.handlers[prototype.handlers] where handler.range.contains(position) {
                let inner = open.first { $0.start > handler.range.lowerBound }
                found = HandlerPlace(
                    handler: handler, base: base, mark: inner.map { base[$0.mark] } ?? mark,
                    distance: distance)
                return false
            }
            if let outermost = open.first { mark = base[outermost.mark] }
            return true
        }
        return found
    }

    /// What a `catch` gets: the thrown value, or the text of the error.
    private mutating func caught(_ failure: MachineFailure) -> Value? {
        if !failure.thrown.isUnbound { return failure.thrown }
        guard let text = heap.makeString(failure.text) else {
            _ = failMemory()
            return nil
        }
        return Value(.string, text)
    }

    // MARK: Raising again

    /// A failure as a value for the machine's own use, in which the collector finds what was thrown.
    private mutating func keep(_ failure: MachineFailure) -> Value? {
        guard let text = heap.makeString(failure.text),
            let array = heap.makeArray(count: 3 + 2 * failure.frames.count)
        else {
            _ = failMemory()
            return nil
        }
        let items = array.pointee.items
        items[0] = Value(.string, text)
        items[1] = failure.thrown
        items[2] = Value(number: Double(Self.keptKinds.firstIndex(of: failure.kind) ?? 0))
        for (index, frame) in failure.frames.enumerated() {
            items[3 + 2 * index] = Value(number: Double(frame.prototype))
            items[4 + 2 * index] = Value(number: Double(frame.offset.utf8))
        }
        return Value(.array, array)
    }

    private static let keptKinds: [ScriptFailure.Kind] = [
        .runtime, .type, .undefined, .control, .capability, .limit,
    ]

    /// Raises a failure that `keep` kept.
    mutating func raiseAgain(_ kept: Value) -> Raised {
        let items = kept.elements
        let frames = stride(from: 3, to: items.count, by: 2).map { index in
            MachineFailure.Frame(
                prototype: Int(items[index].number),
                offset: SourceOffset(utf8: Int(items[index + 1].number)))
        }
        stop = .failure(
            MachineFailure(
                kind: Self.keptKinds[Int(items[2].number)],
                text: String(decoding: items[0].utf8, as: UTF8.self), isCatchable: true, thrown: items[1],
                frames: frames))
        return .raised
    }

    // MARK: For people

    /// The failure as the host gets it; the text gets the prefix of its class (§13).
    func describe(_ failure: MachineFailure) -> ScriptFailure {
        let prefix =
            switch failure.kind {
            case .type: "Type error: "
            case .runtime, .limit, .timeout, .cancelled, .capability: "Runtime error: "
            case .syntax, .undefined, .control, .abandoned, .diverged: ""
            }
        let trace = failure.frames.map { frame in
            ScriptFailure.TraceEntry(
                function: program.prototypes[frame.prototype].name,
                position: program.sources.position(of: frame.offset),
                file: program.sources.source(of: frame.offset).name)
        }
        return ScriptFailure(
            kind: failure.kind, message: prefix + failure.text, position: trace.first?.position, trace: trace,
            source: failure.frames.first.map { program.sources.source(of: $0.offset) })
    }
}
