import Database
import Effects
import Fuzzing
import Glibc
import Synchronization

/// `hypfuzz [--seconds N] [--seed N] [--subject NAME] [--case N]`: feeds the two languages with what nobody
/// wrote, for a time or forever, and says which case went wrong. The same seed makes the same cases.
/// `hypfuzz --serve`: runs programs for somebody else.
@main
struct HypFuzz {
    private var seconds = 60
    private var seed: UInt64 = 1
    private var subjects = FuzzCase.Subject.allCases
    private var only: UInt64?

    static func main() async {
        if CommandLine.arguments.dropFirst() == ["--serve"] { return await Runner().serve() }
        var fuzz = HypFuzz()
        guard fuzz.read(Array(CommandLine.arguments.dropFirst())) else {
            print("usage: hypfuzz [--seconds N] [--seed N] [--subject NAME] [--case N] | --serve")
            exit(2)
        }
        Watch.begin()
        // A case that takes more memory than programs are given ends the process, which says its number.
        var memory = rlimit(rlim_cur: 1 << 30, rlim_max: 1 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
        let runner = Runner()
        let findings = await runner.run(fuzz)
        exit(findings == 0 ? 0 : 1)
    }

    private mutating func read(_ arguments: [String]) -> Bool {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { return false }
            switch option {
            case "--seconds":
                guard let number = Int(value) else { return false }
                seconds = number
            case "--seed":
                guard let number = UInt64(value) else { return false }
                seed = number
            case "--subject":
                guard let subject = FuzzCase.Subject(rawValue: value) else { return false }
                subjects = [subject]
            case "--case":
                guard let number = UInt64(value) else { return false }
                only = number
            default: return false
            }
        }
        return true
    }

    /// The programs nest as deep as the parser allows, so they get a stack for that.
    private actor Runner {
        private let executor = ThreadExecutor(name: "fuzz", stackSizeBytes: 16 << 20)

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func run(_ fuzz: HypFuzz) -> Int { fuzz.run() }

        func serve() { ProgramServer.run() }
    }

    /// How many cases went wrong.
    private func run() -> Int {
        let time = SystemTime()
        let end = time.uptime() + .seconds(seconds)
        var findings = 0
        var number: UInt64 = only ?? 0
        repeat {
            let subject = subjects[Int(number % UInt64(subjects.count))]
            Watch.current.store(number, ordering: .relaxed)
            Watch.allow(seconds: 30)
            let fuzzCase = FuzzCase(subject, seed: seed &* 1_000_003 &+ number)
            if only != nil { print(fuzzCase.text) }
            if let finding = fuzzCase.finding(timed: true) {
                findings += 1
                print("--seed \(seed) --case \(number) (\(subject)): \(finding)\n\(fuzzCase.text)\n")
            }
            number += 1
        } while only == nil && time.uptime() < end && findings < 20
        Watch.allow(seconds: 0)
        print("\(number - (only ?? 0)) cases, \(findings) findings")
        return findings
    }
}

/// Says which case it was when the process dies of it.
private enum Watch {
    static let current = Atomic<UInt64>(0)

    static func begin() {
        // A stack of its own: the case may have used up the other.
        let size = 1 << 16
        var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
        sigaltstack(&stack, nil)
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGPROF] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in Watch.end(signal) }
            action.sa_flags = SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    /// Ends the process after so much CPU, which others cannot use up; never for 0.
    static func allow(seconds: Int) {
        var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    }

    /// Only what may be called from a handler: no memory is taken.
    private static func end(_ signal: Int32) {
        var digits: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
        digits = (32, 32, 32, 32, 32, 32, 32, 32, 32, 10)
        var rest = current.load(ordering: .relaxed)
        withUnsafeMutableBytes(of: &digits) { bytes in
            var index = 8
            repeat {
                bytes[index] = UInt8(48 + rest % 10)
                rest /= 10
                index -= 1
            } while rest > 0 && index >= 0
            let text: StaticString = "\nthis case ended the process: --case"
            write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
        raise(signal)
    }
}
