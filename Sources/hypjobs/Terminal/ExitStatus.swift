/// What the process tells its caller. The numbers are a contract: `hypjobs help exit-codes` prints them.
enum ExitStatus: Int32, CaseIterable {
    case ok = 0
    case executionFailed = 1
    case usage = 2
    case configuration = 3
    case environment = 4
    case conflict = 5
    case integrity = 6
    case notFound = 7
    case notPermitted = 8
    case temporary = 75
    case timeout = 124
    case interrupted = 130

    var meaning: String {
        switch self {
        case .ok: "done"
        case .executionFailed: "the script or the execution that was waited for failed"
        case .usage: "the command line is wrong"
        case .configuration: "the configuration or a script is wrong"
        case .environment: "the database or a file cannot be used"
        case .conflict: "something else has it: a unique key, a lock, another migration"
        case .integrity: "stored data contradicts itself, for example a changed migration"
        case .notFound: "there is no such script, execution or file"
        case .notPermitted: "the system refuses the access"
        case .temporary: "the database is busy: try again"
        case .timeout: "the time given with --timeout is over"
        case .interrupted: "stopped from the keyboard"
        }
    }
}
