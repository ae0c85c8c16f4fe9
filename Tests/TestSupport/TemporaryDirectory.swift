internal import FoundationEssentials
internal import Glibc

/// Runs the body with the path of a directory that is new and is removed afterwards.
package func withTemporaryDirectory<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
) async throws -> Result {
    var template = Array("\(FileManager.default.temporaryDirectory.path)/hypjobs-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
        throw CocoaError(.fileWriteUnknown)
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // The directory for temporary files is emptied by others, too.
        }
    }
    return try await body(path)
}
