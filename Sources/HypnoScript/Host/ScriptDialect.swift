/// The two readings of the language.
///
/// A program that runs to its end in the reference dialect does the same in the documented one: what the
/// latter adds only ever stands where the former has an error.
package enum ScriptDialect: Sendable {
    /// The language as its documentation teaches it.
    case documented
    /// The language as its reference implementation behaves, and nothing else.
    case reference
}
