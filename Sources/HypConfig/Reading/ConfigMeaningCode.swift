package import SourceText

/// The codes of configuration that is written well and means something impossible.
package enum ConfigMeaningCode {
    package static let unknownKey = DiagnosticCode(
        1101, "unknown key",
        """
        No part of this program reads the key, so it would have no effect: keys are never ignored. It may be \
        mistyped, stand in the wrong block, or belong to another version.
        """)
    package static let wrongType = DiagnosticCode(
        1102, "value of the wrong kind",
        """
        The key expects another kind of value. A number or a truth value in quotes is a text; only what \
        comes from the environment, which knows nothing but texts, is converted.
        """)
    package static let outOfRange = DiagnosticCode(
        1103, "value out of range", "The value is of the right kind but too small or too large for its key.")
    package static let unknownName = DiagnosticCode(
        1104, "unknown name",
        "The text must be one of a fixed set of names, or the name of something else in the configuration.")
    package static let missingKey = DiagnosticCode(
        1105, "required key missing",
        "The block cannot be used without this key, and no default makes sense. A null counts as absent.")
    package static let notSupportedYet = DiagnosticCode(
        1106, "feature not supported yet",
        """
        The key is part of the configuration language, but what it asks for is not built yet. It is refused \
        rather than ignored, so that nobody relies on something that does not happen. A switch set to false \
        is accepted.
        """)
    package static let contradiction = DiagnosticCode(
        1107, "values that contradict each other",
        "Each value is possible, but not together with another one.")
    package static let duplicateName = DiagnosticCode(
        1108, "name used twice", "Names in a list must differ, because other things refer to them.")

    /// Every code of this enumeration.
    package static let all = [
        unknownKey, wrongType, outOfRange, unknownName, missingKey, notSupportedYet, contradiction,
        duplicateName,
    ]
}
