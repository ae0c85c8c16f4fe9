import SourceText

/// Looks up every environment reference that survived the merge.
struct EnvironmentLookup {
    let environment: [String: String]
    let sources: [String: SourceFile]
    var findings = ConfigFindings()

    /// Resolves the references in a block and in everything below it.
    mutating func resolve(_ object: ConfigObject) -> ConfigObject {
        var resolved = object
        resolved.updateNodes { resolve(&$0) }
        return resolved
    }

    private mutating func resolve(_ node: inout ConfigNode) {
        switch node.value {
        case .environment(let name, _):
            if let text = environment[name] {
                node.value = .environment(name: name, resolved: Secret(text))
            } else {
                report(name, at: node)
            }
        case .object(let object):
            node.value = .object(resolve(object))
        case .array(var elements):
            for index in elements.indices { resolve(&elements[index]) }
            node.value = .array(elements)
        case .text, .integer, .double, .bool, .null:
            break
        }
    }

    private mutating func report(_ name: String, at node: ConfigNode) {
        // Names are no secrets, values are: a near name may be suggested.
        let near = Spelling.nearest(name, among: environment.keys).map { "; '\($0)' is" } ?? ""
        findings.add(
            Diagnostic(
                code: ConfigCode.environmentNotSet, message: "environment variable '\(name)' is not set",
                file: node.file, position: node.position, length: node.length,
                sourceLine: sources[node.file].map { String($0.line(node.position.line)) },
                help: "set \(name) before starting\(near)"))
    }
}
