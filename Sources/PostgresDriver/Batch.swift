internal import CPostgres
internal import Database
internal import SQL

/// Statements that are sent together and answered together, in one round trip. The first error ends them:
/// what follows it is not run.
final class Batch {
    let statements: [Statement]
    private(set) var results: [ResultSet] = []
    /// Whether it failed because a statement had been prepared before a change of the schema.
    private(set) var isStale = false
    private let kinds: [StatementKind]
    private var plans: [PreparedStatement] = []
    private var sent: [Request] = []
    private var failure: DatabaseError?
    private var isInFailedTransaction = false

    /// One command of the protocol that has results of its own.
    private enum Request {
        case prepare(String)
        case run(Int)
        case deallocate(String)
    }

    init(_ statements: [Statement]) {
        self.statements = statements
        kinds = statements.map { StatementKind($0) }
    }

    // MARK: Before anything is sent

    /// Makes sure that each statement has as many values as it has parameters, and that the server can hold
    /// them.
    func check(_ connection: PostgresConnection) throws(DatabaseError) {
        for statement in statements {
            let plan =
                connection.prepared.find(statement.text) ?? PreparedStatement(name: "", statement.text)
            guard plan.parameterCount == statement.bindings.count else {
                throw DatabaseError(
                    .syntax,
                    "The statement has \(plan.parameterCount) parameters and was given "
                        + "\(statement.bindings.count)", statement: statement.text)
            }
            guard !statement.text.utf8.contains(0) else {
                throw DatabaseError(
                    .syntax, "The statement holds a NUL character", statement: statement.text)
            }
            if let index = ParameterBuffer.firstWithNUL(statement.bindings) {
                throw DatabaseError(
                    .unexpectedValue,
                    "Value \(index + 1) holds a NUL character, which PostgreSQL cannot store in a text",
                    statement: statement.text)
            }
            plans.append(plan)
        }
    }

    // MARK: Sending

    /// Hands everything to the server.
    func send(_ connection: PostgresConnection) throws(DatabaseError) {
        let handle = connection.handle
        try handle.prepareToSend()
        isInFailedTransaction = PQtransactionStatus(handle.pointer) == PQTRANS_INERROR
        for index in statements.indices { try send(index, connection) }
        try sendGarbage(connection)
        try require(PQpipelineSync(handle.pointer), connection)
        try handle.flush()
    }

    private func send(_ index: Int, _ connection: PostgresConnection) throws(DatabaseError) {
        let statement = statements[index]
        let pointer = connection.handle.pointer
        var plan = plans[index]
        if plan.name.isEmpty, connection.preparesStatements, kinds[index] == .query {
            // The same text may have been prepared a moment ago, further in front.
            if let known = connection.prepared.find(statement.text) {
                plan = known
            } else {
                plan = connection.prepared.make(for: statement.text)
                sent.append(.prepare(statement.text))
                try require(PQsendPrepare(pointer, plan.name, plan.text, 0, nil), connection)
            }
            plans[index] = plan
        }
        connection.parameters.fill(statement.bindings)
        sent.append(.run(index))
        let status = connection.parameters.withPointers { count, values in
            plan.name.isEmpty
                ? PQsendQueryParams(pointer, plan.text, count, nil, values, nil, nil, 0)
                : PQsendQueryPrepared(pointer, plan.name, count, values, nil, nil, 0)
        }
        try require(status, connection)
    }

    /// Has the server forget statements that are not used any more: behind the others, because it takes a
    /// snapshot for that, and a transaction must begin before it has one.
    private func sendGarbage(_ connection: PostgresConnection) throws(DatabaseError) {
        let pointer = connection.handle.pointer
        // A transaction that has failed takes nothing but its end.
        guard !isInFailedTransaction else { return }
        for name in connection.prepared.garbage {
            sent.append(.deallocate(name))
            let text = "DEALLOCATE \(name)"
            try require(PQsendQueryParams(pointer, text, 0, nil, nil, nil, nil, 0), connection)
        }
    }

    private func require(_ status: Int32, _ connection: PostgresConnection) throws(DatabaseError) {
        guard status == 1 else {
            throw connection.handle.lost(PostgresErrors.connectionText(connection.handle.pointer))
        }
    }

    // MARK: Receiving

    /// Waits for all results.
    func receive(_ connection: PostgresConnection) throws(DatabaseError) {
        do {
            for request in sent { try receive(request, connection) }
            try receiveEnd(connection.handle)
        } catch {
            // What broke the connection says more than that it is broken.
            throw failure ?? error
        }
        if let failure { throw failure }
    }

    private func receive(_ request: Request, _ connection: PostgresConnection) throws(DatabaseError) {
        var isDone = false
        while let result = try connection.handle.nextResult() {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
                isDone = true
                take(result, of: request)
            case PGRES_PIPELINE_ABORTED:
                break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw connection.handle.lost("COPY is no statement that can be run with others")
            default:
                fail(result, request, connection)
            }
            // A broken connection goes on giving results without an end.
            if connection.handle.isBroken { break }
        }
        switch request {
        case .prepare(let text) where !isDone: connection.prepared.discard(text)
        case .deallocate(let name) where isDone: connection.prepared.collected(name)
        case .prepare, .run, .deallocate: break
        }
    }

    private func receiveEnd(_ handle: PostgresHandle) throws(DatabaseError) {
        guard !handle.isBroken else { throw handle.lost(PostgresErrors.connectionText(handle.pointer)) }
        let result = try handle.nextResult()
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            throw handle.lost("the server's answers do not belong to what was sent")
        }
    }

    private func take(_ result: OpaquePointer, of request: Request) {
        guard case .run(let index) = request else { return }
        results.append(ResultReader.resultSet(of: result, plan: plans[index]))
        guard kinds[index] == .commit, failure == nil,
            ResultReader.command(of: result) == "ROLLBACK"
        else { return }
        failure = DatabaseError(
            .other, "The transaction had failed before, so that COMMIT rolled it back",
            statement: statements[index].text)
    }

    private func fail(_ result: OpaquePointer, _ request: Request, _ connection: PostgresConnection) {
        guard failure == nil else { return }
        if case .deallocate(let name) = request {
            // Somebody else had the server forget it, and no statement's result depends on it.
            connection.prepared.collected(name)
            return
        }
        let handle = connection.handle
        let text: String? =
            switch request {
            case .run(let index): statements[index].text
            case .prepare(let text): text
            case .deallocate: nil
            }
        var error = PostgresErrors.error(result, isBroken: handle.isBroken, statement: text)
        if case .run(let index) = request, !plans[index].name.isEmpty,
            PostgresErrors.isStalePlan(result) || error.driverCode == "26000"
        {
            isStale = true
            connection.prepared.remove(statements[index].text)
            // The whole transaction, run again, prepares it anew.
            error.code = .serializationFailure
        }
        // Sessions that are lent for single transactions hold each other's statements, or none.
        if ["26000", "42P05"].contains(error.driverCode) {
            error.message += " (\(PostgresErrors.poolerAdvice))"
        }
        if error.code == .cancelled {
            if handle.signal.isRaised {
                error = connection.interrupted(text)
            } else if handle.isOverLimit {
                error.code = .timeout
            }
        }
        failure = error
    }
}
