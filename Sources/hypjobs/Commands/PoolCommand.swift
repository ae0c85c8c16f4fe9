import ArgumentParser
import Database
import Effects
import JobEngine

/// `hypjobs pool`.
struct PoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Look at the connections to the database.", subcommands: [Top.self])

    struct Top: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "top", abstract: "Show who holds each connection, who waits, and behind whom.",
            discussion: """
                The workers of this user on this machine are asked for what their connections do: which \
                execution, which step, which statement, for how long. On PostgreSQL the server's sessions \
                on this database follow, those of other machines and programs included, with who waits \
                for whose lock.
                """)
        @OptionGroup var options: GlobalOptions

        mutating func run() async throws {
            try await options.perform { terminal in
                try await Workplace.use(options, needsTables: false) { workplace in
                    let identity = workplace.settings.databaseIdentity
                    let folders = PoolSocket.folders(environment: ProcessEnvironment.current())
                    let answers = try await ScriptThread.run {
                        folders.flatMap(PoolSocket.paths).compactMap(PoolSocket.ask)
                    }
                    // A process of another version may say it in another way: it is left out.
                    let processes = answers.compactMap { try? JSON(parsing: $0) }.filter {
                        $0[key: "identity"] == .string(identity)
                    }
                    let view = PoolView(
                        processes: processes, sessions: try await sessions(of: workplace, terminal),
                        terminal: terminal)
                    if options.json { terminal.print(view.json.prettyText) } else { view.print() }
                }
            }
        }

        /// The server's sessions. A server that takes no more connections is the best reason to look at those
        /// there are, so its refusal is no failure.
        private func sessions(
            of workplace: Workplace, _ terminal: Terminal
        ) async throws -> [ServerSession]? {
            do {
                return try await workplace.database.sessions(timeout: .seconds(10))
            } catch let error as DatabaseError where error.code == .cannotConnect || error.code == .timeout {
                terminal.note("The server's sessions cannot be shown: \(error)")
                return nil
            }
        }
    }
}

/// The connections, for people and for programs.
private struct PoolView {
    let processes: [JSON]
    let sessions: [ServerSession]?
    let terminal: Terminal

    var json: JSON {
        var members = [JSON.Member("processes", .array(processes))]
        if let sessions {
            members.append(JSON.Member("sessions", .array(sessions.map(\.json))))
            let waits = sessions.flatMap { session in
                session.blockers.map { blocker -> JSON in
                    ["waiter": .integer(session.number), "blocker": .integer(blocker)]
                }
            }
            members.append(JSON.Member("waits", .array(waits)))
        }
        return .object(members)
    }

    func print() {
        if processes.isEmpty { terminal.note("No worker of this user works here with this database.") }
        for process in processes { printProcess(process) }
        guard let sessions else { return }
        printSessions(sessions)
        printWaits(sessions)
    }

    private func printProcess(_ process: JSON) {
        terminal.print("process \(process.word("pid"))@\(process.word("host"))")
        for pool in process.list("pools") {
            terminal.print(
                "  \(pool.word("name")): \(pool.word("open")) of \(pool.word("limit")) open, "
                    + "\(pool.word("idle")) idle, \(pool.word("leased")) leased, "
                    + "\(pool.word("waiting")) waiting")
            for holder in pool.list("holders") {
                let session = holder[key: "session"] == .null ? "" : ", session \(holder.word("session"))"
                terminal.print(
                    "    connection \(holder.word("connection"))\(session): \(holder.word("label")) "
                        + "for \(age(holder, "heldMilliseconds"))\(details(holder))")
            }
            for waiter in pool.list("waiters") {
                terminal.print(
                    "    waits: \(waiter.word("label")) for \(age(waiter, "waitedMilliseconds"))"
                        + details(waiter))
            }
        }
    }

    private func details(_ work: JSON) -> String {
        var text = ""
        if work[key: "execution"] != .null { text += ", execution \(work.word("execution"))" }
        if work[key: "step"] != .null { text += ", step \(work.word("step"))" }
        if work[key: "statement"] != .null { text += ", \(work.word("statement").oneLine(limit: 60))" }
        return text
    }

    private func age(_ work: JSON, _ key: String) -> String {
        Format.duration(milliseconds: Int(Double(work.word(key)) ?? 0))
    }

    private func printSessions(_ sessions: [ServerSession]) {
        guard !sessions.isEmpty else { return }
        var table = Table([
            ("SESSION", .right), ("PROGRAM", .left), ("CLIENT", .left), ("STATE", .left),
            ("TRANSACTION", .right), ("WAITS FOR", .left), ("BLOCKED BY", .left), ("STATEMENT", .left),
        ])
        for session in sessions {
            table.add(
                [
                    String(session.number), session.program, session.client, session.state,
                    session.transaction.map { Format.duration($0) } ?? "",
                    session.state == "active" ? session.waitsFor : "",
                    session.blockers.map { String($0) }.joined(separator: " "),
                    session.statement.oneLine(limit: 60),
                ].map { Table.Cell($0) })
        }
        terminal.print("")
        table.lines(colour: terminal.usesColour).forEach(terminal.print)
    }

    /// Every wait from its waiter to those at its end, who hold what all others want.
    private func printWaits(_ sessions: [ServerSession]) {
        let waiting = sessions.filter { !$0.blockers.isEmpty }
        guard !waiting.isEmpty else { return }
        terminal.print("")
        for session in waiting {
            for blocker in session.blockers {
                let known = sessions.first { $0.number == blocker }
                let program = known.map { " \($0.program) (\($0.state))" } ?? ""
                terminal.print("\(session.number) \(session.program) ──► \(blocker)\(program)")
            }
        }
    }
}

extension JSON {
    /// A member as a word; empty if there is none.
    fileprivate func word(_ key: String) -> String {
        switch self[key: key] {
        case .string(let text): text
        case .number(let literal): literal
        default: ""
        }
    }

    /// The elements of a member that is a list.
    fileprivate func list(_ key: String) -> [JSON] {
        guard case .array(let elements)? = self[key: key] else { return [] }
        return elements
    }
}

extension ServerSession {
    /// `{"session":…,"program":…,…}`.
    fileprivate var json: JSON {
        func seconds(_ duration: Duration?) -> JSON {
            guard let (seconds, attoseconds) = duration?.components else { return .null }
            return .double(Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1_000_000)
        }
        return [
            "session": .integer(number), "program": .string(program), "client": .string(client),
            "state": .string(state), "waitsFor": .string(waitsFor),
            "transactionSeconds": seconds(transaction), "statementSeconds": seconds(sinceStatement),
            "statement": .string(statement.oneLine(limit: 200)),
            "blockers": .array(blockers.map { .integer($0) }),
        ]
    }
}
