package import SourceText

/// Why a configuration was refused: at least one diagnostic, the first one first.
package struct ConfigFailure: Error, Sendable {
    /// What is wrong, in the order in which it should be fixed.
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}

/// The diagnostics of one load: a bounded list, since the twentieth already tells that the first must be
/// fixed.
struct ConfigFindings {
    static let limit = 20

    private(set) var diagnostics: [Diagnostic] = []

    var isFull: Bool { diagnostics.count >= Self.limit }
    var isEmpty: Bool { diagnostics.isEmpty }

    mutating func add(_ diagnostic: Diagnostic) {
        if !isFull { diagnostics.append(diagnostic) }
    }

    mutating func add(contentsOf other: ConfigFindings) {
        for diagnostic in other.diagnostics { add(diagnostic) }
    }
}
