package import SourceText

/// Turns one block into Swift values, and refuses what nobody asks for.
///
/// A key exists because somebody reads it: there is no other list of keys. Each read names the key's kind,
/// its default and its meaning; when the block's closure returns, every key that was not read is an error.
/// Mistakes accumulate, and what was read is handed out only when there are none, so a getter may return a
/// stand-in after it has reported.
package struct ConfigReader {
    /// Where a block stands, for complaints about what is not in it.
    struct Site {
        var file: String
        var position: SourcePosition?
        var length: Int
    }

    /// What all readers of one configuration share; it travels from reader to reader.
    struct Session {
        let sources: [String: SourceFile]
        /// Whether keys are being listed, not values read.
        let isDescribing: Bool
        var findings: [Diagnostic] = []
        /// Where secrets stand: no finding shows these lines.
        var secretLines: [String: Set<Int>] = [:]
        var keys: [ConfigKey] = []
    }

    var session: Session
    let site: Site
    /// The entries; nil when the block is not written.
    let object: ConfigObject?
    /// The way to the block, with a dot at its end; empty for the whole configuration.
    let path: String
    /// What stands for the block in messages.
    package let name: String
    /// Whether the block was refused already: what is missing in it is not worth saying.
    let isMuted: Bool
    /// The keys that have been read, in order.
    private var knownKeys: [String] = []
    /// Those of them that hold secrets.
    private var secretKeys: Set<String> = []

    /// The file that the block begins in.
    package var file: String { site.file }

    /// Where the block's key stands; nil for the whole configuration and for a block that is not written.
    package var position: SourcePosition? { isWritten ? site.position : nil }

    /// Whether the block is written in the configuration.
    package var isWritten: Bool { object != nil }

    /// Whether a key of this block is written and not null.
    package func has(_ key: String) -> Bool { entry(key) != nil }

    // MARK: Values

    /// Reads a key that has a default.
    package mutating func value<Value>(
        _ key: String, _ kind: ConfigKind<Value>, default defaultValue: Value, _ meaning: String
    ) -> Value {
        declare(key, kind.expectation, unit: kind.unit, default: kind.spell(defaultValue), meaning)
        if kind.isSecret { secretKeys.insert(key) }
        guard let entry = entry(key) else { return defaultValue }
        return convert(entry, kind) ?? kind.placeholder
    }

    /// Reads a key that the block cannot do without.
    package mutating func value<Value>(_ key: String, _ kind: ConfigKind<Value>, _ meaning: String) -> Value {
        declare(key, kind.expectation, unit: kind.unit, isRequired: true, meaning)
        if kind.isSecret { secretKeys.insert(key) }
        guard let entry = entry(key) else {
            reportMissing(key, help: "\(key): \(kind.expectation)")
            return kind.placeholder
        }
        return convert(entry, kind) ?? kind.placeholder
    }

    /// Reads a key that may be absent.
    package mutating func optional<Value>(
        _ key: String, _ kind: ConfigKind<Value>, _ meaning: String
    ) -> Value? {
        declare(key, kind.expectation, unit: kind.unit, meaning)
        if kind.isSecret { secretKeys.insert(key) }
        return entry(key).flatMap { convert($0, kind) }
    }

    /// Declares a key whose feature is not built: using it is an error; null and false, which switch it
    /// off, are not.
    ///
    /// - Parameter help: what the user can do instead.
    package mutating func notYet(_ key: String, help: String) {
        declare(key, "anything", support: .notYet, help)
        guard let entry = entry(key), !entry.node.value.isFalse else { return }
        report(
            ConfigMeaningCode.notSupportedYet, "'\(key)' is not supported yet", file: entry.node.file,
            at: entry.keyPosition, length: entry.keyLength, help: help)
    }

    // MARK: Complaints

    /// Refuses what a key says for a reason that only the consumer knows; points at the value, or at the
    /// block when it is not written.
    package mutating func refuse(
        _ key: String, _ code: DiagnosticCode, _ message: String, help: String? = nil
    ) {
        guard let node = entry(key)?.node else { return refuse(code, message, help: help) }
        report(code, message, file: node.file, at: node.position, length: node.length, help: help)
    }

    /// Refuses the block as a whole.
    package mutating func refuse(_ code: DiagnosticCode, _ message: String, help: String? = nil) {
        report(code, message, file: site.file, at: site.position, length: site.length, help: help)
    }

    // MARK: Life

    init(session: Session, site: Site, object: ConfigObject?, path: String, name: String, isMuted: Bool) {
        self.session = session
        self.site = site
        self.object = object
        self.path = path
        self.name = name
        self.isMuted = isMuted
    }

    /// Complains about every key that was not read.
    mutating func finish() {
        let known = Set(knownKeys)
        for entry in object?.entries ?? [] where !known.contains(entry.key) {
            let guess = Spelling.guess(entry.key, among: knownKeys)
            if let word = guess?.word, secretKeys.contains(word) { hideLine(of: entry.node) }
            // A second entry of one name in a file would be another mistake.
            let isTaken = guess.map { object?[$0.word]?.node.file == entry.node.file } ?? false
            report(
                ConfigMeaningCode.unknownKey, "unknown key '\(entry.key)'", file: entry.node.file,
                at: entry.keyPosition, length: entry.keyLength,
                help: .suggestion(for: entry.key, among: knownKeys),
                replacement: isTaken ? nil : entry.key(as: guess))
        }
    }

    // MARK: Details

    /// The entry of a key; a null is as good as none.
    func entry(_ key: String) -> ConfigObject.Entry? {
        guard let entry = object?[key] else { return nil }
        if case .null = entry.node.value { return nil }
        return entry
    }

    /// Notes that a key exists.
    mutating func declare(
        _ key: String, _ kind: String, unit: String? = nil, default defaultValue: String? = nil,
        isRequired: Bool = false, support: ConfigKey.Support = .supported, _ meaning: String
    ) {
        knownKeys.append(key)
        guard session.isDescribing else { return }
        session.keys.append(
            ConfigKey(
                path: path + key, kind: kind, unit: unit, defaultValue: defaultValue, isRequired: isRequired,
                support: support, meaning: meaning))
    }

    private mutating func convert<Value>(_ entry: ConfigObject.Entry, _ kind: ConfigKind<Value>) -> Value? {
        if kind.isSecret, !entry.node.isFromEnvironment { hideLine(of: entry.node) }
        do throws(ConfigMismatch) {
            return try kind.convert(entry.node)
        } catch {
            report(
                error.code, "'\(entry.key)\(error.element)' \(error.predicate)", file: error.node.file,
                at: error.node.position,
                length: error.node.length, help: error.help,
                replacement: error.node.replacement(error.guess))
            return nil
        }
    }

    private mutating func hideLine(of node: ConfigNode) {
        session.secretLines[node.file, default: []].insert(node.position.line)
    }

    mutating func reportMissing(_ key: String, help: String) {
        let place = name.isEmpty ? "the configuration" : "'\(name)'"
        refuse(
            ConfigMeaningCode.missingKey, "\(place) needs the key '\(key)'", help: help)
    }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, file: String, at position: SourcePosition?, length: Int,
        help: String?, replacement: Replacement? = nil
    ) {
        guard !isMuted else { return }
        let line = position.flatMap { position in
            session.sources[file].map { String($0.line(position.line)) }
        }
        session.findings.append(
            Diagnostic(
                code: code, message: message, file: file, position: position, length: length,
                sourceLine: line,
                help: help, replacement: replacement))
    }
}

extension ConfigObject.Entry {
    /// What puts the key that is meant in the place of this one.
    fileprivate func key(as guess: Spelling.Guess?) -> Replacement? {
        ConfigNode(value: .text(key), file: node.file, position: keyPosition, length: keyLength)
            .replacement(guess)
    }
}
