import SQL
import TestSupport
import Testing

@testable import Database

@Suite("Transaction")
struct TransactionTests {
    private struct Refusal: Error {}

    /// A database on which statements that begin with `fail` fail.
    private static func driver() -> ScriptedDriver {
        ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            guard statement.text.hasPrefix("fail") else { return ResultSet(affectedRows: 0) }
            throw DatabaseError(.uniqueViolation, "Twice", statement: statement.text)
        })
    }

    /// Runs one transaction; what it sent to the database, without BEGIN.
    @discardableResult
    private static func run(
        on driver: ScriptedDriver = driver(), interruption: Interruption = Interruption(),
        _ body: (Transaction) throws -> Void
    ) throws -> [String] {
        let connection = try driver.connect(for: .writing)
        let use = TransactionUse(dialect: driver.dialect, begin: "BEGIN", interruption: interruption)
        try use.run(on: connection, body)
        return Array(driver.history.statements.dropFirst())
    }

    /// The error that the body ends with.
    private static func error(of body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    /// What a transaction that fails sent to the database, without BEGIN, and with what it failed.
    private static func runFailing(
        _ body: (Transaction) throws -> Void
    ) -> (statements: [String], error: (any Error)?) {
        let driver = driver()
        let error = error { try run(on: driver, body) }
        return (Array(driver.history.statements.dropFirst()), error)
    }

    @Test("a savepoint sends nothing until a statement runs inside it")
    func lazySavepoint() throws {
        let statements = try Self.run { transaction in
            try transaction.savepoint { try transaction.savepoint {} }
            try transaction.execute("one")
        }
        #expect(statements == ["one", "COMMIT"])
    }

    @Test("a statement opens the savepoints around it, and a body that returns releases them")
    func savepoint() throws {
        let statements = try Self.run { transaction in
            try transaction.savepoint {
                _ = try transaction.savepoint { try transaction.execute("one") }
                try transaction.execute("two")
            }
        }
        #expect(
            statements == [
                #"SAVEPOINT "savepoint_1""#, #"SAVEPOINT "savepoint_2""#, "one",
                #"RELEASE SAVEPOINT "savepoint_2""#, "two", #"RELEASE SAVEPOINT "savepoint_1""#, "COMMIT",
            ])
    }

    @Test("a nested savepoint that throws is undone alone")
    func nestedUndo() throws {
        let statements = try Self.run { transaction in
            try transaction.savepoint {
                try transaction.execute("one")
                let error = Self.error {
                    try transaction.savepoint {
                        try transaction.execute("two")
                        throw Refusal()
                    }
                }
                #expect(error is Refusal)
                try transaction.execute("three")
            }
        }
        #expect(
            statements == [
                #"SAVEPOINT "savepoint_1""#, "one", #"SAVEPOINT "savepoint_2""#, "two",
                #"ROLLBACK TO SAVEPOINT "savepoint_2""#, #"RELEASE SAVEPOINT "savepoint_2""#, "three",
                #"RELEASE SAVEPOINT "savepoint_1""#, "COMMIT",
            ])
    }

    @Test("a failed statement spoils the transaction, also when the body swallows the error")
    func spoils() throws {
        let (statements, error) = Self.runFailing { transaction in
            #expect(Self.error { try transaction.execute("fail") } != nil)
            #expect(Self.error { try transaction.execute("one") } != nil)
            #expect(Self.error { try transaction.savepoint { _ = try transaction.execute("two") } } != nil)
        }
        #expect((error as? DatabaseError)?.code == .uniqueViolation)
        #expect((error as? DatabaseError)?.statement == "fail")
        #expect(statements == ["fail", "ROLLBACK"])
    }

    @Test("a failed statement spoils no more than the savepoint around it")
    func spoilsSavepoint() throws {
        let statements = try Self.run { transaction in
            try transaction.execute("one")
            #expect(Self.error { try transaction.savepoint { _ = try transaction.execute("fail") } } != nil)
            try transaction.execute("two")
        }
        #expect(
            statements == [
                "one", #"SAVEPOINT "savepoint_1""#, "fail", #"ROLLBACK TO SAVEPOINT "savepoint_1""#,
                #"RELEASE SAVEPOINT "savepoint_1""#, "two", "COMMIT",
            ])
    }

    @Test("a savepoint whose body swallows the failure of a statement is undone all the same")
    func swallowedInSavepoint() throws {
        let statements = try Self.run { transaction in
            let error = Self.error {
                try transaction.savepoint { #expect(Self.error { try transaction.execute("fail") } != nil) }
            }
            #expect((error as? DatabaseError)?.code == .uniqueViolation)
        }
        #expect(statements.contains(#"ROLLBACK TO SAVEPOINT "savepoint_1""#))
        #expect(statements.last == "COMMIT")
    }

    @Test("a savepoint that cannot be undone spoils the transaction with the error that came first")
    func undoFails() throws {
        let driver = ScriptedDriver(onExecute: { statement throws(DatabaseError) in
            if statement.text == "full" { throw DatabaseError(.diskFull, "Full") }
            if statement.text.hasPrefix("ROLLBACK TO") { throw DatabaseError(.other, "No such savepoint") }
            return ResultSet(affectedRows: 0)
        })
        let error = Self.error {
            try Self.run(on: driver) { transaction in
                #expect(
                    Self.error { try transaction.savepoint { _ = try transaction.execute("full") } } != nil)
            }
        }
        #expect(error as? DatabaseError == DatabaseError(.diskFull, "Full"))
        #expect(driver.history.statements.last == "ROLLBACK")
    }

    @Test(
        "a statement may not begin or end the transaction",
        arguments: [
            "COMMIT", "rollback", "BEGIN IMMEDIATE", "END;", "ABORT", "SAVEPOINT a", "RELEASE a",
            "START TRANSACTION", " -- really\n/* now */COMMIT",
        ])
    func control(statement: String) throws {
        let (statements, error) = Self.runFailing { transaction in
            try transaction.execute("one")
            #expect(Self.error { try transaction.execute(statement) } != nil)
        }
        #expect((error as? DatabaseError)?.code == .syntax)
        #expect(statements == ["one", "ROLLBACK"])
    }

    @Test(
        "a statement whose name only begins like one that ends the transaction runs",
        arguments: [
            "ENDING", "REPLACE INTO a VALUES (1)", "(COMMIT)", "committed", "",
        ])
    func noControl(statement: String) throws {
        #expect(try Self.run { try $0.execute(statement) } == [statement, "COMMIT"])
    }

    @Test("a transaction that has ended runs nothing more, whether its body returned or threw")
    func ended() throws {
        for isThrowing in [false, true] {
            let driver = Self.driver()
            var leaked: Transaction?
            let outcome = Self.error {
                try Self.run(on: driver) { transaction in
                    leaked = transaction
                    if isThrowing { throw Refusal() }
                }
            }
            let count = driver.history.statements.count
            let error = #expect(throws: DatabaseError.self) { try leaked?.execute("late") }
            #expect(error?.code == .closed)
            #expect(driver.history.statements.count == count)
            #expect((outcome is Refusal) == isThrowing)
        }
    }

    @Test("an interruption spoils the whole transaction, not only the savepoint it came in")
    func interruption() throws {
        let interruption = Interruption()
        let driver = Self.driver()
        let connection = try driver.connect(for: .writing)
        try interruption.begin(interrupt: connection.interrupt)
        let error = Self.error {
            try Self.run(on: driver, interruption: interruption) { transaction in
                try transaction.savepoint {
                    try transaction.execute("one")
                    interruption.interrupt(.cancelled)
                    #expect(Self.error { try transaction.execute("two") } != nil)
                }
            }
        }
        #expect((error as? DatabaseError)?.code == .cancelled)
        #expect(driver.history.statements == ["BEGIN", #"SAVEPOINT "savepoint_1""#, "one", "ROLLBACK"])
    }

    @Test("an interruption that comes after the last statement still prevents the commit")
    func interruptionBeforeCommit() throws {
        let interruption = Interruption()
        let driver = Self.driver()
        let error = #expect(throws: DatabaseError.self) {
            try Self.run(on: driver, interruption: interruption) { transaction in
                try transaction.execute("one")
                interruption.interrupt(.timeout)
            }
        }
        #expect(error?.code == .timeout)
        #expect(driver.history.statements == ["BEGIN", "one", "ROLLBACK"])
    }
}
