/// A text that must not be seen: wherever it is printed, dumped or logged it shows as `•••`.
///
/// Everything that came out of the environment is one. Only the code that hands it to its purpose calls
/// ``reveal()``.
package struct Secret: Sendable, Hashable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that needs it.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    /// `dump` and string interpolation of a containing value look through reflection; they find nothing.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
