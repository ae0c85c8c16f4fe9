package import SourceText

/// A value of the configuration and where it was written, so that every later complaint can point at it.
package struct ConfigNode: Sendable {
    /// What was written.
    package var value: ConfigValue
    /// The file, relative to the configuration directory.
    package var file: String
    /// The first character of the value.
    package var position: SourcePosition
    /// How many scalars to underline.
    package var length: Int

    package init(value: ConfigValue, file: String, position: SourcePosition, length: Int = 1) {
        self.value = value
        self.file = file
        self.position = position
        self.length = length
    }
}

/// What a configuration file can say.
package indirect enum ConfigValue: Sendable {
    case text(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case null
    case object(ConfigObject)
    case array([ConfigNode])
    /// `env.NAME`; resolved once all files are merged, because an override may replace it before.
    case environment(name: String, resolved: Secret?)
}

extension ConfigValue {
    /// Whether it is a block of keys; blocks merge with blocks only.
    var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// Whether it is `false`, the way to switch a feature off.
    var isFalse: Bool {
        if case .bool(false) = self { true } else { false }
    }
}
