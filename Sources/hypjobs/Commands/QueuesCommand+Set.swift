import ArgumentParser
import JobEngine

extension QueuesCommand {
    /// `hypjobs queues set …`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set or remove limits of a queue; those that are not given stay as they are.")
        @Argument(help: "The queue.") var name: String
        @Option(help: ArgumentHelp("Executions at one time, over all workers.", valueName: "n or none"))
        var maxRunning: Limit<Int>?
        @Option(help: ArgumentHelp("The same for executions with one --key.", valueName: "n or none"))
        var maxRunningPerKey: Limit<Int>?
        @Option(help: ArgumentHelp("Executions that begin in a second.", valueName: "n or none"))
        var rate: Limit<Double>?
        @Option(
            help: ArgumentHelp(
                "With a rate: how many may begin at once; those of one second by default.", valueName: "n"))
        var burst: Int?
        @Option(
            help: ArgumentHelp(
                "Seconds of waiting that are worth a step of priority.", valueName: "seconds or none"))
        var aging: Limit<Int>?
        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard maxRunning != nil || maxRunningPerKey != nil || rate != nil || burst != nil || aging != nil
            else { throw ValidationError("Give at least one limit, for example --max-running 4") }
            try check(maxRunning, "--max-running", QueueLimits.counts)
            try check(maxRunningPerKey, "--max-running-per-key", QueueLimits.counts)
            try check(rate, "--rate", QueueLimits.rates)
            try check(burst.map(Limit.most), "--burst", QueueLimits.bursts)
            try check(aging, "--aging", QueueLimits.agings)
            if burst != nil, case .unlimited? = rate {
                throw ValidationError("--burst goes with a rate, not with --rate none")
            }
        }

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options) { workplace in
                    if burst != nil, rate == nil { try await requireRate(in: workplace) }
                    let (maxRunning, perKey, rate) = (maxRunning, maxRunningPerKey, rate)
                    let (burst, aging) = (burst, aging)
                    let isChanged = try await workplace.store.setLimits(
                        of: name, by: workplace.initiator
                    ) { limits in
                        if let maxRunning { limits.maxRunning = maxRunning.value }
                        if let perKey { limits.maxRunningPerKey = perKey.value }
                        if let rate {
                            limits.rate = rate.value.map { QueueLimits.Rate(perSecond: $0, burst: burst) }
                        } else if let burst {
                            limits.rate?.burst = burst
                        }
                        if let aging { limits.agingSeconds = aging.value }
                    }
                    QueuesCommand.report(name, "limited", changed: isChanged, options, terminal)
                }
            }
        }

        private func requireRate(in workplace: Workplace) async throws {
            let queues = try await workplace.store.queues()
            guard queues.first(where: { $0.name == name })?.limits.rate == nil else { return }
            throw Failure(
                .usage, CommandCode.invalidInput, "Queue '\(name)' has no rate that --burst could go with",
                help: "give --rate as well"
            ).thrown
        }

        private func check<Value>(
            _ limit: Limit<Value>?, _ option: String, _ range: ClosedRange<Value>
        ) throws {
            guard let value = limit?.value, !range.contains(value) else { return }
            throw ValidationError(
                "\(option) is from \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
    }
}

/// A limit as it is typed: a number, or `none` for no limit.
enum Limit<Value: LosslessStringConvertible & Comparable & Sendable>: ExpressibleByArgument, Sendable {
    case unlimited
    case most(Value)

    init?(argument: String) {
        if argument == "none" {
            self = .unlimited
        } else if let value = Value(argument) {
            self = .most(value)
        } else {
            return nil
        }
    }

    var value: Value? {
        switch self {
        case .unlimited: nil
        case .most(let value): value
        }
    }
}
