import SourceText

/// Lays a later block over an earlier one: blocks key by key, everything else by replacement.
struct ConfigMerge {
    /// Two places that cannot both be right.
    struct Conflict {
        var earlier: ConfigObject.Entry
        var later: ConfigObject.Entry

        var message: String {
            let kinds = later.node.value.isObject ? ("a block", "a value") : ("a value", "a block")
            let place = "\(earlier.node.file):\(earlier.keyPosition.line):\(earlier.keyPosition.column)"
            return "key '\(later.key)' is \(kinds.0) here but \(kinds.1) at \(place)"
        }
    }

    private(set) var conflicts: [Conflict] = []

    /// Sets an entry in a block, merging it with what is there.
    mutating func lay(_ later: ConfigObject.Entry, over object: inout ConfigObject) {
        guard let earlier = object[later.key] else { return object.set(later) }
        switch (earlier.node.value, later.node.value) {
        case (.null, _), (_, .null):
            object.set(later)
        case (.object(let below), .object(let above)):
            var merged = earlier
            merged.node.value = .object(lay(above, over: below))
            object.set(merged)
        case (.object, _), (_, .object):
            conflicts.append(Conflict(earlier: earlier, later: later))
        default:
            object.set(later)
        }
    }

    private mutating func lay(_ above: ConfigObject, over below: ConfigObject) -> ConfigObject {
        var merged = below
        for entry in above.entries {
            lay(entry, over: &merged)
        }
        return merged
    }
}
