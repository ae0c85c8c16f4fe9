import Fuzzing
import Testing

@Suite("Programs nobody wrote")
struct FuzzTests {
    @Test("compile, run, format and check without a surprise", arguments: FuzzCase.Subject.allCases)
    func cases(subject: FuzzCase.Subject) {
        for seed in 0..<60 {
            let fuzzCase = FuzzCase(subject, seed: UInt64(seed))
            #expect(fuzzCase.finding(timed: false) == nil, "seed \(seed)\n\(fuzzCase.text)")
        }
    }

    @Test("are the same for the same seed, and others for another")
    func seeds() {
        for subject in FuzzCase.Subject.allCases {
            #expect(FuzzCase(subject, seed: 5).text == FuzzCase(subject, seed: 5).text)
            #expect(Set((0..<20).map { FuzzCase(subject, seed: $0).text }).count > 15)
        }
    }
}
