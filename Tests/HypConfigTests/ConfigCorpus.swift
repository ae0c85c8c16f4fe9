import Glibc
import HypConfig

/// The cases that every implementation of the configuration language has to pass, beside this file in
/// `Corpus/`.
enum ConfigCorpus {
    static let directory = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Corpus"
    /// The environment of all cases, and nothing else.
    static let environment = ["USER_NAME": "ada", "EMPTY": "", "PORT": "8080"]

    static let seedBlocks = names(in: "seed-blocks", ending: ".hyp")
    static let goodFiles = names(in: "cases", ending: ".hyp").filter { $0.hasPrefix("ok-") }
    static let badFiles = names(in: "cases", ending: ".hyp").filter { $0.hasPrefix("bad-") }
    static let goodDirectories = names(in: "cases", ending: ".json").filter { $0.hasPrefix("dir-") }
    static let badDirectories = names(in: "cases", ending: ".err").filter { $0.hasPrefix("dir-") }

    /// The names in a folder of the corpus, without their ending.
    private static func names(in folder: String, ending: String) -> [String] {
        let files = try? ConfigFiles.system.names("\(directory)/\(folder)")
        // A missing corpus shows as an empty list, which the corpus's own test refuses.
        return (files ?? []).filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }
            .sorted()
    }

    static func bytes(_ file: String) throws -> [UInt8] {
        try ConfigFiles.system.contents("\(directory)/\(file)", 1 << 20)
    }

    /// A file's text without the newline at its end.
    static func text(_ file: String) throws -> String {
        var bytes = try bytes(file)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
