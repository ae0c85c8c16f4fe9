import SourceText

/// The codes of configuration that only the blocks' own rules can refuse.
enum SettingsCode {
    static let databaseDriver = DiagnosticCode(
        1120, "no usable database",
        """
        The block 'database' names exactly one driver with a connection called 'primary'. The drivers that \
        are built in are sqlite, which needs a file on a local disk, and postgresql, which needs a server \
        of version 13 or newer.
        """)
    static let migrationFile = DiagnosticCode(
        1121, "migration file and migration disagree",
        """
        A file in the migrations directory holds one block, the migration. The file is named after it: \
        version, separator, name, as in 20240101000001_initial_schema.hyp with `initial_schema { version: \
        "20240101000001" … }`. Two migrations never share a version, since the version is the order in \
        which they run.
        """)
    static let secretArgument = DiagnosticCode(
        1122, "secret in a job's arguments",
        """
        Arguments are stored with every execution, where everybody who may look at executions can read \
        them. What comes from the environment is treated as a secret and does not go there.
        """)
    static let templateShape = DiagnosticCode(
        1123, "template that cannot do its work",
        """
        A template for executions runs one program (`run_script`) and records what it came to behind it, \
        with `update_execution` and `insert_execution_log`. A template that adds scripts has \
        `insert_script`. `executeScript` and `createScript` are used by name and keep their purpose.
        """)

    /// Every code of this enumeration.
    static let all = [databaseDriver, migrationFile, secretArgument, templateShape]
}
