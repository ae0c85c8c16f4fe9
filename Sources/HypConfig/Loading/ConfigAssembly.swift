import SourceText

/// One load in progress: the files read so far, merged, and what was wrong with them.
struct ConfigAssembly {
    /// The deepest chain of files that include each other.
    static let deepestInclude = 16

    /// The configuration directory; nil when a single text is loaded.
    let directory: String?
    let files: ConfigFiles

    private(set) var root = ConfigObject()
    private(set) var sources: [String: SourceFile] = [:]
    private(set) var findings = ConfigFindings()

    /// Canonical paths: a file is read once, however many names it has.
    private var loaded: Set<String> = []
    /// The files that are being read, each included by the one before.
    private var chain: [(canonicalPath: String, file: String)] = []

    init(directory: String?, files: ConfigFiles) {
        self.directory = directory
        self.files = files
    }

    /// Reads a file of the configuration directory unless it has been read, or is a program.
    ///
    /// - Parameter file: relative to the configuration directory.
    /// - Returns: false when the file is a program.
    @discardableResult
    mutating func addFile(_ file: String) -> Bool {
        guard !findings.isFull else { return true }
        let path = path(of: file)
        let canonicalPath = files.canonicalPath(path) ?? path
        guard loaded.insert(canonicalPath).inserted else { return true }
        guard let bytes = readFile(file), let source = decode(bytes, file: file) else { return true }
        if ConfigDialect.isScript(source) { return false }
        chain.append((canonicalPath, file))
        add(source)
        chain.removeLast()
        return true
    }

    /// Adds the contents of a file that is at hand.
    mutating func add(bytes: [UInt8], file: String) {
        guard let source = decode(bytes, file: file) else { return }
        add(source)
    }

    // MARK: One file

    private mutating func readFile(_ file: String) -> [UInt8]? {
        do throws(ConfigFileError) {
            return try files.contents(path(of: file), ConfigText.largestFile)
        } catch {
            findings.add(
                Diagnostic(
                    code: ConfigCode.unreadableFile, message: "cannot read the file: \(error.reason)",
                    file: file))
            return nil
        }
    }

    private mutating func decode(_ bytes: [UInt8], file: String) -> SourceFile? {
        do throws(Diagnostic) {
            return try ConfigText.decode(bytes, file: file)
        } catch {
            findings.add(error)
            return nil
        }
    }

    private mutating func add(_ source: SourceFile) {
        sources[source.name] = source
        let (items, syntaxFindings) = ConfigParser.parse(source)
        findings.add(contentsOf: syntaxFindings)
        for item in items {
            switch item {
            case .include(let path, let position, let length):
                follow(Include(path: path, source: source, position: position, length: length))
            case .block(let entry):
                // What was read around a mistake must not cause further complaints.
                if syntaxFindings.isEmpty { merge(entry) }
            }
        }
    }

    private mutating func merge(_ entry: ConfigObject.Entry) {
        var merge = ConfigMerge()
        merge.lay(entry, over: &root)
        for conflict in merge.conflicts {
            let later = conflict.later
            findings.add(
                Diagnostic(
                    code: ConfigCode.mergeConflict, message: conflict.message, file: later.node.file,
                    position: later.keyPosition, length: later.keyLength,
                    sourceLine: sources[later.node.file].map { String($0.line(later.keyPosition.line)) },
                    help: "rename one of the two, or set '\(later.key)' to null in a file between them"))
        }
    }

    // MARK: Includes

    private struct Include {
        var path: String
        var source: SourceFile
        var position: SourcePosition
        var length: Int
    }

    private mutating func follow(_ include: Include) {
        guard !include.path.hasPrefix("/"), let file = resolve(include.path, from: include.source.name) else {
            return refuse(
                include, "include path '\(include.path)' leaves the config directory",
                help: "included files live in the configuration directory or below it")
        }
        guard directory != nil, let canonicalPath = files.canonicalPath(path(of: file)) else {
            return refuse(
                include, "include file '\(include.path)' not found",
                help: "the path is relative to the including file")
        }
        guard isInside(canonicalPath) else {
            return refuse(
                include, "include path '\(include.path)' leaves the config directory",
                help: "a symbolic link on the way leads out of it")
        }
        if let start = chain.firstIndex(where: { $0.canonicalPath == canonicalPath }) {
            let names = chain[start...].map(\.file) + [chain[start].file]
            return refuse(
                include, "include cycle: " + names.joined(separator: " -> "),
                help: "move what both need into a third file")
        }
        guard chain.count <= Self.deepestInclude else {
            return refuse(include, "include depth over \(Self.deepestInclude)", help: nil)
        }
        if !addFile(file) {
            refuse(
                include, "include file '\(include.path)' is a program, not configuration",
                help: "programs are registered as scripts, not included")
        }
    }

    private mutating func refuse(_ include: Include, _ message: String, help: String?) {
        findings.add(
            Diagnostic(
                code: ConfigCode.badInclude, message: message, in: include.source, at: include.position,
                length: include.length, help: help))
    }

    /// The path relative to the configuration directory; nil when it leaves it.
    private func resolve(_ path: String, from file: String) -> String? {
        var parts = file.split(separator: "/").dropLast()
        for part in path.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return parts.joined(separator: "/")
    }

    private func isInside(_ canonicalPath: String) -> Bool {
        guard let directory, let home = files.canonicalPath(directory) else { return false }
        return canonicalPath.hasPrefix(home.hasSuffix("/") ? home : home + "/")
    }

    private func path(of file: String) -> String {
        directory.map { "\($0)/\(file)" } ?? file
    }
}
