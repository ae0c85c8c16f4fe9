/// The stable name of one kind of problem: `HJ-1042`, what it is called and what to do about it.
///
/// Each module declares its codes as static members and lists them in one `all` for `hypjobs explain`.
package struct DiagnosticCode: Hashable, Sendable {
    /// The number behind the `HJ-`; a number is never given a second meaning.
    package let number: Int
    /// The problem in a few words, without a full stop.
    package let title: String
    /// What causes it and how to fix it: whole sentences for somebody who meets it for the first time.
    package let explanation: String

    package init(_ number: Int, _ title: String, _ explanation: String) {
        self.number = number
        self.title = title
        self.explanation = explanation
    }

    /// The code as people write it: `HJ-1042`.
    package var label: String {
        let digits = String(number)
        return "HJ-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Two codes are one when their numbers are.
    package static func == (left: DiagnosticCode, right: DiagnosticCode) -> Bool {
        left.number == right.number
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(number)
    }
}
