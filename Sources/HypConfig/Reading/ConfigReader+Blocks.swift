import SourceText

extension ConfigReader {
    /// Reads a block. One that is absent is read as an empty one, so that the defaults of its keys hold.
    package mutating func block<Value>(
        _ key: String, _ meaning: String, _ read: (inout ConfigReader) -> Value
    ) -> Value {
        declare(key, "a block", meaning)
        return readBlock(entry(key), key: key, read)
    }

    /// Reads a block whose absence means something.
    package mutating func optionalBlock<Value>(
        _ key: String, _ meaning: String, _ read: (inout ConfigReader) -> Value
    ) -> Value? {
        declare(key, "a block", meaning)
        guard has(key) || session.isDescribing else { return nil }
        return readBlock(entry(key), key: key, read)
    }

    /// Reads a block that must be there.
    ///
    /// - Parameter example: what to write when it is missing.
    package mutating func requiredBlock<Value>(
        _ key: String, _ meaning: String, example: String, _ read: (inout ConfigReader) -> Value
    ) -> Value {
        declare(key, "a block", isRequired: true, meaning)
        if !has(key) { reportMissing(key, help: "write " + example) }
        return readBlock(entry(key), key: key, isMuted: !has(key), read)
    }

    /// Declares a block whose feature is not built: only with `enabled: false` is it accepted, and even
    /// then its keys are read.
    package mutating func notYetBlock(
        _ key: String, _ meaning: String, help: String, _ read: (inout ConfigReader) -> Void
    ) {
        declare(key, "a block", support: .notYet, meaning)
        guard has(key) || session.isDescribing else { return }
        let firstKey = session.keys.count
        readBlock(entry(key), key: key) { block in
            block.declare("enabled", "false", isRequired: true, "Switches the feature off.")
            if block.isWritten, block.entry("enabled")?.node.value.isFalse != true {
                block.refuse(
                    "enabled", ConfigMeaningCode.notSupportedYet, "'\(key)' is not supported yet", help: help)
            }
            read(&block)
        }
        for index in session.keys.indices.dropFirst(firstKey) { session.keys[index].support = .notYet }
    }

    /// Reads a block whose keys are names that the user chose, each with a block of one shape.
    package mutating func table<Row>(
        _ key: String, _ meaning: String, _ read: (_ name: String, inout ConfigReader) -> Row
    ) -> [Row] {
        block(key, meaning) { $0.rows(meaning, read) }
    }

    /// Reads every key of this block as a name that the user chose, each with a block of one shape.
    package mutating func rows<Row>(
        _ meaning: String, _ read: (_ name: String, inout ConfigReader) -> Row
    ) -> [Row] {
        if session.isDescribing {
            declare("<name>", "a block", meaning)
            return [readBlock(nil, key: "<name>") { read("<name>", &$0) }]
        }
        return (object?.entries ?? []).compactMap { entry in
            declare(entry.key, "a block", meaning)
            guard has(entry.key) else { return nil }
            return readBlock(entry, key: entry.key) { read(entry.key, &$0) }
        }
    }

    /// Reads a list of blocks of one shape; absent is empty.
    package mutating func blocks<Element>(
        _ key: String, _ meaning: String, _ read: (_ index: Int, inout ConfigReader) -> Element
    ) -> [Element] {
        declare(key, "a list of blocks", meaning)
        if session.isDescribing {
            return [readBlock(nil, key: "\(key)[]") { read(0, &$0) }]
        }
        guard let node = entry(key)?.node else { return [] }
        guard case .array(let elements) = node.value else {
            report(
                ConfigMeaningCode.wrongType, "'\(key)' must be a list of blocks, found \(node.shown)",
                file: node.file, at: node.position, length: node.length, help: "write [ { … }, { … } ]")
            return []
        }
        return readElements(elements, key: key, read)
    }

    /// Reads one block, or a list of blocks of its shape; absent is none.
    package mutating func blockOrBlocks<Element>(
        _ key: String, _ meaning: String, _ read: (_ index: Int, inout ConfigReader) -> Element
    ) -> [Element] {
        declare(key, "a block, or a list of blocks", meaning)
        guard has(key) || session.isDescribing else { return [] }
        if case .array(let elements)? = entry(key)?.node.value {
            return readElements(elements, key: key, read)
        }
        return [readBlock(entry(key), key: key) { read(0, &$0) }]
    }

    private mutating func readElements<Element>(
        _ elements: [ConfigNode], key: String, _ read: (_ index: Int, inout ConfigReader) -> Element
    ) -> [Element] {
        elements.enumerated().map { index, element in
            let entry = ConfigObject.Entry(
                key: "\(key)[\(index)]", keyPosition: element.position, keyLength: element.length,
                node: element)
            return readBlock(entry, key: entry.key) { read(index, &$0) }
        }
    }

    /// Reads a block with a reader of its own, which says what nobody read in it.
    private mutating func readBlock<Value>(
        _ entry: ConfigObject.Entry?, key: String, isMuted: Bool = false,
        _ read: (inout ConfigReader) -> Value
    ) -> Value {
        var object: ConfigObject?
        var childSite = site
        var isRefused = false
        if let entry {
            childSite = Site(file: entry.node.file, position: entry.keyPosition, length: entry.keyLength)
            if case .object(let written) = entry.node.value {
                object = written
            } else {
                isRefused = true
                reportNotABlock(entry)
            }
        }
        var child = ConfigReader(
            session: session, site: childSite, object: object, path: "\(path)\(key).", name: key,
            isMuted: self.isMuted || isMuted || isRefused)
        let value = read(&child)
        child.finish()
        session = child.session
        return value
    }

    private mutating func reportNotABlock(_ entry: ConfigObject.Entry) {
        let node = entry.node
        report(
            ConfigMeaningCode.wrongType, "'\(entry.key)' must be a block, found \(node.shown)",
            file: node.file, at: node.position, length: node.length, help: "write \(entry.key) { … }")
    }
}
