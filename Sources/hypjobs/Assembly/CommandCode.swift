import Database
import HypConfig
import HypnoScript
import JobEngine
import Migrations
import SourceText

/// The codes of the command line itself.
enum CommandCode {
    static let unexpected = DiagnosticCode(
        5001, "unexpected failure",
        "Something failed that the command line has no better words for. The message is the cause's own.")
    static let interrupted = DiagnosticCode(
        5002, "interrupted", "The command was stopped before its end. What it had committed stays.")
    static let missingFile = DiagnosticCode(
        5003, "file that cannot be read", "The file named on the command line is missing or cannot be read.")
    static let invalidInput = DiagnosticCode(
        5004, "input that cannot be used",
        """
        A line of standard input or an argument has the wrong form. `hypjobs enqueue --help` shows the \
        form of both: one JSON object a line, `name=value` for an argument.
        """)
    static let notMigrated = DiagnosticCode(
        5005, "database without the tables",
        "The database is there, but its schema is not (or not whole). `hypjobs migrate up` brings it up to "
            + "date."
    )
    static let fileExists = DiagnosticCode(
        5006, "file that is there already", "`hypjobs init` never overwrites what somebody may have written.")
    static let unknownCode = DiagnosticCode(
        5007, "unknown code", "Codes look like HJ-1042. `hypjobs explain` without one lists them all.")
    static let timeout = DiagnosticCode(
        5008, "time is over", "What was waited for had not ended when the time given with --timeout was over."
    )

    static let invalidTemplate = DiagnosticCode(
        5009, "template that makes no sense",
        """
        A transaction template has steps with different names, and all of them are about one thing: either \
        they validate and add a script, or they run an execution.
        """)

    static let needsYes = DiagnosticCode(
        5010, "confirmation needed",
        "What destroys data says first what it would destroy, and does it only with --yes.")

    static let abandoned = DiagnosticCode(
        5011, "executions left behind",
        """
        The worker ended while the database would not take what it had to record. Its executions still \
        belong to it; any other worker takes them over once its heartbeat is older than `heartbeat_timeout`.
        """)

    static let databaseVariable = DiagnosticCode(
        5012, "HYPJOBS_DATABASE that cannot be used",
        """
        The variable names a database in place of the configured one: the path of a file where SQLite is \
        configured, or `postgresql://user:password@host:port/database?name=value`. Messages do not show it, \
        because it may hold a password.
        """)

    static let benchFailed = DiagnosticCode(
        5013, "benchmark without figures",
        """
        Something went wrong in what `hypjobs bench` measured, so its figures would mean nothing. The \
        message says what; what the benchmark had made is removed.
        """)

    static let newerSchema = DiagnosticCode(
        5014, "schema of a newer version",
        """
        Migrations were applied that this configuration does not have, behind the newest one that it has: \
        a newer version has migrated the database. Nothing is changed, because its tables may mean \
        something else by now. `hypjobs migrate status` lists them.
        """)

    static let notRecorded = DiagnosticCode(
        5015, "execution without a recording",
        """
        Only runs whose program has a box that says so keep what they got from outside: `record` is `all` or \
        `failed` in the block `scripts`, or `hypjobs script box NAME --record failed` has set it.
        """)
    static let diverged = DiagnosticCode(
        5016, "replay that went another way",
        """
        With the answers that the recorded run got, the program asked for something else, or printed \
        something else. Its modules may have changed since, or the runner is another version.
        """)

    static let all = [
        unexpected, interrupted, missingFile, invalidInput, notMigrated, fileExists, unknownCode, timeout,
        invalidTemplate, needsYes, abandoned, databaseVariable, benchFailed,
        newerSchema, notRecorded, diverged,
    ]

    /// Every code of every module, for `hypjobs explain`.
    static var everywhere: [DiagnosticCode] {
        (ConfigCode.all + ConfigMeaningCode.all + SettingsCode.all + SyntaxCode.all + CheckCode.all
            + DatabaseError.Code.allCodes + MigrationError.Code.allCodes
            + RunTimeCode.all + EngineCode.all + all).sorted { $0.number < $1.number }
    }
}
