/// A password, which shows as `•••` wherever it is printed, dumped or logged.
package struct PostgresPassword: Sendable, Hashable {
    /// The password itself, for libpq alone.
    let text: String

    package init(_ text: String) {
        self.text = text
    }
}

extension PostgresPassword: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    /// What prints a configuration looks through reflection; it finds nothing.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
