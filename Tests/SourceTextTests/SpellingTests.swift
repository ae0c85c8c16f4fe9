import SourceText
import Testing

@Suite("Spelling")
struct SpellingTests {
    private let keys = [
        "max_connections", "min_connections", "connection_lifetime", "slots", "queues", "create", "up",
        "down",
    ]

    @Test(
        "a slip of the finger finds the word",
        arguments: [
            ("max_conections", "max_connections"), ("maxConnections", "max_connections"),
            ("MIN-CONNECTIONS", "min_connections"), ("slot", "slots"), ("qeues", "queues"),
            ("craete", "create"),
            ("conection_lifetme", "connection_lifetime"), ("dwon", "down"), ("UP", "up"),
        ])
    func found(word: String, expected: String) {
        #expect(Spelling.nearest(word, among: keys) == expected)
    }

    @Test("another word finds nothing", arguments: ["", "colour", "x", "us", "downtown"])
    func notFound(word: String) {
        #expect(Spelling.nearest(word, among: keys) == nil)
    }

    @Test("the answer does not depend on the order of the candidates")
    func order() {
        #expect(Spelling.nearest("cat", among: ["bat", "hat"]) == "bat")
        #expect(Spelling.nearest("cat", among: ["hat", "bat"]) == "bat")
    }

    @Test("a word that resembles two others equally leaves a choice")
    func choice() throws {
        let position = SourcePosition(line: 1, column: 1)
        let open = try #require(Spelling.guess("cat", among: ["hat", "bat", "hat"]))
        #expect(!open.isOnly)
        #expect(open.replacement(at: position) == nil)
        let only = try #require(Spelling.guess("qeues", among: ["queues", "quotes", "queues"]))
        #expect(only.question == "did you mean 'queues'?")
        #expect(
            only.replacement(at: position) == Replacement(position: position, old: "qeues", new: "queues"))
        // Letter case decides between words that are otherwise as near.
        #expect(
            Spelling.guess("gret", among: ["Get", "greet"])
                == Spelling.Guess(written: "gret", word: "greet", isOnly: true))
        #expect(Spelling.guess("maxsize", among: ["maxSize", "MaxSize"])?.isOnly == true)
        #expect(Spelling.guess("maxsize", among: ["maxSize", "max_size"])?.isOnly == false)
    }

    @Test("a very long word costs nothing")
    func longWord() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(Spelling.nearest(long, among: [long]) == nil)
        #expect(Spelling.nearest("slots", among: [long, "slots"]) == "slots")
    }
}
