import HypConfig
import HypnoScript
import SourceText

/// The misspelt words that `check --fix` puts right, and the texts that result. Nothing is written before the
/// end: until then the check reads these texts in the place of the files.
struct Repairs: Sendable {
    /// One word that was put right.
    struct Repair: Sendable {
        /// The file as the findings name it.
        let path: String
        /// Where the word is in the repaired text.
        fileprivate(set) var replacement: Replacement
        /// Whether its line may not be shown, because it holds a secret.
        let isHidden: Bool
    }

    /// A file before and after.
    private struct Text: Sendable {
        let original: String
        var current: String
    }

    /// In the order in which they were made.
    private(set) var all: [Repair] = []
    private var texts: [String: Text] = [:]
    /// More misspelt words than anybody writes: every loop ends.
    private static let most = 1000

    /// The repaired files, by name.
    var files: [String] { texts.keys.sorted() }

    /// The whole text of a file, repaired as far as it is.
    func text(_ path: String) throws -> String { try texts[path]?.current ?? InputFile.text(path) }

    /// The files as the configuration's loader shall see them.
    var configFiles: ConfigFiles {
        let texts = texts
        var files = ConfigFiles.system
        let read = files.contents
        files.contents = { path, limit throws(ConfigFileError) in
            guard let text = texts[path] else { return try read(path, limit) }
            return Array(text.current.utf8.prefix(limit + 1))
        }
        return files
    }

    // MARK: Configuration

    /// Repairs all that findings about configuration allow. False when there was nothing to do.
    mutating func apply(_ findings: [Diagnostic]) -> Bool {
        let before = all.count
        for finding in findings {
            // What cannot be read is reported by the check itself.
            guard all.count < Self.most, let found = finding.replacement, let text = try? text(finding.file)
            else { continue }
            // Findings tell where words were before the others on the line were repaired.
            let replacement = moved(found, in: finding.file, since: before)
            guard let repaired = replacement.applied(to: text, lines: .any), Self.isSound(repaired) else {
                continue
            }
            accept(
                replacement, repaired, of: text, in: finding.file, isHidden: finding.sourceLine == nil)
        }
        return all.count > before
    }

    /// Whether a configuration file still parses: that a key is not there twice, above all.
    private static func isSound(_ text: String) -> Bool {
        (try? ConfigFormatter.format(SourceFile(name: "", text: text))) != nil
    }

    private func moved(_ replacement: Replacement, in path: String, since first: Int) -> Replacement {
        var moved = replacement
        for repair in all[first...] where repair.path == path {
            moved.position = moved.position.moved(by: repair.replacement)
        }
        return moved
    }

    // MARK: Programs

    /// Repairs a program, one word after the other, as long as that helps.
    ///
    /// - Parameter check: what is wrong with a text of it.
    mutating func apply(to path: String, text: String, check: (String) -> ProgramReport) -> ProgramReport {
        var text = text
        var report = check(text)
        var refused: Set<Replacement> = []
        while all.count < Self.most,
            let finding = report.findings.first(where: { $0.file == path && $0.isRepairable(refused) }),
            let replacement = finding.replacement
        {
            guard let repaired = replacement.applied(to: text, lines: .newline) else {
                refused.insert(replacement)
                continue
            }
            let next = check(repaired)
            guard next.isFurther(than: report, after: replacement) else {
                refused.insert(replacement)
                continue
            }
            accept(replacement, repaired, of: text, in: path, isHidden: false)
            (text, report) = (repaired, next)
        }
        return report
    }

    private mutating func accept(
        _ replacement: Replacement, _ repaired: String, of text: String, in path: String, isHidden: Bool
    ) {
        for index in all.indices where all[index].path == path {
            all[index].replacement.position = all[index].replacement.position.moved(by: replacement)
        }
        texts[path] = Text(original: texts[path]?.original ?? text, current: repaired)
        all.append(Repair(path: path, replacement: replacement, isHidden: isHidden))
    }

    // MARK: The end

    /// Writes what changed; a file is changed as a whole or not at all.
    ///
    /// - Returns: what could not be written; those files' repairs are taken back.
    mutating func write() -> [Failure] {
        var failures: [Failure] = []
        for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
            do { try RewrittenFile.write(text.current, to: path) } catch {
                failures.append(Failure(error))
                texts[path] = nil
                all.removeAll { $0.path == path }
            }
        }
        return failures
    }

    /// What changes in one file, as `patch` reads it, without lines around it: those may hold anything.
    func difference(of path: String) -> String {
        guard let text = texts[path] else { return "" }
        let (old, new) = (text.original.lines, text.current.lines)
        var difference = "--- \(path)\n+++ \(path)\n"
        for index in old.indices where old[index] != new[index] {
            let number = index + 1
            difference += "@@ -\(number) +\(number) @@\n"
            let repairs = all.filter { $0.path == path && $0.replacement.position.line == number }
            if repairs.contains(where: \.isHidden) {
                // Not for `patch`: the line holds a secret.
                for repair in repairs.map(\.replacement) {
                    difference += "-…\(repair.old)…\n+…\(repair.new)…\n"
                }
            } else {
                // The last line may have no end.
                let end = index == old.count - 1 ? "\n\\ No newline at end of file\n" : "\n"
                difference += "-\(old[index])\(end)+\(new[index])\(end)"
            }
        }
        return difference
    }
}

extension String {
    fileprivate var lines: [Substring] {
        unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Substring.init)
    }
}

extension SourcePosition {
    /// Where the scalar here is once a word of the same line is another one.
    fileprivate func moved(by replacement: Replacement) -> SourcePosition {
        guard replacement.position.line == line, replacement.position.column < column else { return self }
        let growth = replacement.new.unicodeScalars.count - replacement.old.unicodeScalars.count
        return SourcePosition(line: line, column: column + growth)
    }
}

extension Diagnostic {
    fileprivate func isRepairable(_ refused: Set<Replacement>) -> Bool {
        replacement.map { !refused.contains($0) } ?? false
    }

    /// Whether the program does not parse.
    fileprivate var isSyntaxError: Bool { SyntaxCode.all.contains(code) }
}

extension ProgramReport {
    /// Whether a word that was replaced was wrong indeed: the text parses, or further than before.
    fileprivate func isFurther(than before: ProgramReport, after replacement: Replacement) -> Bool {
        guard let error = findings.first(where: \.isSyntaxError) else { return true }
        guard let old = before.findings.first(where: \.isSyntaxError), let reach = old.position,
            let position = error.position
        else { return false }
        return position > reach.moved(by: replacement)
    }
}
