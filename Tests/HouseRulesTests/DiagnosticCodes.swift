/// The numbers behind `HJ-`: one meaning each, in the range of the module that declares it.
enum DiagnosticCodes {
    struct Declaration: Sendable {
        let number: Int
        let path: String
        let line: Int
    }

    /// Which hundreds belong to which module.
    private static let ranges: [(module: String, numbers: ClosedRange<Int>)] = [
        ("HypConfig", 1000...1199), ("HypnoScript", 2000...2299), ("Database", 3000...3099),
        ("SQLiteDriver", 3000...3099), ("SQL", 3000...3099), ("Migrations", 3100...3199),
        ("JobEngine", 2100...2299), ("JobEngine", 4000...4099),
        ("hypjobs", 1100...1199), ("hypjobs", 3000...3099), ("hypjobs", 4000...4099),
        ("hypjobs", 5000...5099),
    ]

    static func declarations(in sources: [SwiftSource]) -> [Declaration] {
        sources.flatMap { source in
            source.code.enumerated().compactMap { index, line in
                number(declaredAt: index, of: source.code, marker: line).map {
                    Declaration(number: $0, path: source.path, line: index + 1)
                }
            }
        }
    }

    /// The digits behind `DiagnosticCode(`, which may stand on the next line.
    private static func number(declaredAt index: Int, of code: [String], marker line: String) -> Int? {
        guard let position = line.positions(ofWord: "DiagnosticCode(").first else { return nil }
        let rest = String(
            decoding: line.utf8.dropFirst(position + "DiagnosticCode(".utf8.count), as: UTF8.self)
        let following = index + 1 < code.count ? code[index + 1] : ""
        let digits = (rest + following).drop { $0 == " " }.prefix { $0.isNumber || $0 == "_" }
        return Int(digits.filter(\.isNumber))
    }

    static func violations(among declarations: [Declaration]) -> [Violation] {
        var first: [Int: Declaration] = [:]
        return declarations.flatMap { declaration -> [Violation] in
            var found: [Violation] = []
            if let other = first[declaration.number] {
                found.append(
                    violation(declaration, "was given a meaning before: \(other.path):\(other.line)"))
            }
            first[declaration.number] = first[declaration.number] ?? declaration
            if !isInRange(declaration) {
                found.append(violation(declaration, "is outside its module's range"))
            }
            return found
        }
    }

    private static func isInRange(_ declaration: Declaration) -> Bool {
        let parts = declaration.path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return true }
        return ranges.contains { $0.module == parts[1] && $0.numbers.contains(declaration.number) }
    }

    private static func violation(_ declaration: Declaration, _ message: String) -> Violation {
        Violation(
            path: declaration.path, line: declaration.line, message: "HJ-\(declaration.number) \(message)")
    }
}
