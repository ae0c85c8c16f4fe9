/// One key of the configuration as its consumer declared it by reading it.
package struct ConfigKey: Sendable, Hashable {
    /// Whether the program can do what the key asks for.
    package enum Support: String, Sendable {
        case supported
        /// Refused when it is used.
        case notYet
    }

    /// The way to the key: `worker.limits.seconds`; `<name>` stands for a name of the user's choice, `[]`
    /// for an element.
    package var path: String
    /// What it can hold: `a whole number from 1 to 1000`.
    package var kind: String
    /// What a number counts.
    package var unit: String?
    /// What holds when it is absent, as the configuration would spell it; nil for none.
    package var defaultValue: String?
    /// Whether its block is refused without it.
    package var isRequired: Bool
    /// Whether it works today.
    package var support: Support
    /// What it means, in one sentence.
    package var meaning: String
}
