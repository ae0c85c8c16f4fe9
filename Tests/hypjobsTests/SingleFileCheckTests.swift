import HypConfig
import SourceText
import Testing

@testable import hypjobs

@Suite("Checking one configuration file that is part of a whole")
struct SingleFileCheckTests {
    private func messages(_ text: String, file: String = "part.hyp") -> [String] {
        let loader = SettingsLoader(
            environment: [:], operations: SettingsFixture.operations, files: .memory([:]))
        do throws(ConfigFailure) {
            try loader.check(text: text, file: file)
            return []
        } catch {
            return error.diagnostics.map(\.message)
        }
    }

    @Test("every file of the shipped configuration stands alone")
    func shippedFiles() throws {
        for (path, text) in try SettingsFixture.shippedFiles() {
            #expect(messages(text, file: path).isEmpty, "\(path)")
        }
    }

    @Test("what another file may bring is not missed, what is wrong in this one is found")
    func parts() {
        #expect(messages("worker { slots: 2 }").isEmpty)
        #expect(messages("worker { slotz: 2 }") == ["unknown key 'slotz'"])
        #expect(messages("jobs { definitions { a { queue: \"mail\" } } }") == ["'a' needs the key 'script'"])
        #expect(messages("jobs { definitions { a { script: \"a\", template: \"mine\" } } }").isEmpty)
        #expect(
            messages("jobs { definitions { a { script: \"a\", arguments: { result: 1 } } } }")
                == ["an argument cannot be called 'result'"])
    }

    @Test("a migration is checked as one, with its file's name")
    func migrations() {
        let text = "first: { version: \"20240101000001\", description: \"d\", up: [\"SELECT 1\"], down: [] }"
        #expect(messages(text, file: "20240101000001_first.hyp").isEmpty)
        #expect(
            messages(text, file: "other.hyp")
                == ["the migration belongs into a file named '20240101000001_first.hyp'"])
    }
}
