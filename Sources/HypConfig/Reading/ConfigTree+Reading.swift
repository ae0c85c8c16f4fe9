import SourceText

extension ConfigTree {
    /// Reads the configuration with a schema: a function that reads every key there is.
    ///
    /// - Throws: everything that is wrong, by file and position.
    package func read<Value>(_ schema: (inout ConfigReader) -> Value) throws(ConfigFailure) -> Value {
        var reader = ConfigReader(
            session: ConfigReader.Session(sources: sources, isDescribing: false),
            site: ConfigReader.Site(file: name, position: nil, length: 1), object: root, path: "", name: "",
            isMuted: false)
        let value = schema(&reader)
        reader.finish()
        guard reader.session.findings.isEmpty else {
            let secretLines = reader.session.secretLines
            let findings = reader.session.findings.map { $0.hidingLine(in: secretLines) }
            throw ConfigFailure(findings.sorted { $0.isBefore($1) })
        }
        return value
    }

    /// Every key that a schema reads, in its order.
    package static func keys<Value>(of schema: (inout ConfigReader) -> Value) -> [ConfigKey] {
        var reader = ConfigReader(
            session: ConfigReader.Session(sources: [:], isDescribing: true),
            site: ConfigReader.Site(file: "", position: nil, length: 1), object: nil, path: "", name: "",
            isMuted: true)
        _ = schema(&reader)
        return reader.session.keys
    }
}

extension Diagnostic {
    /// The finding without the line that it is about, if a secret stands in that line.
    fileprivate func hidingLine(in secretLines: [String: Set<Int>]) -> Diagnostic {
        guard let position, secretLines[file]?.contains(position.line) == true else { return self }
        var finding = self
        finding.sourceLine = nil
        return finding
    }

    /// By file name, then from top to bottom; what concerns a whole file comes first.
    fileprivate func isBefore(_ other: Diagnostic) -> Bool {
        if file != other.file { return file.utf8.lexicographicallyPrecedes(other.file.utf8) }
        guard let position, let otherPosition = other.position else {
            return position == nil && other.position != nil
        }
        return position < otherPosition
    }
}
