import Effects
import Testing

@testable import Migrations

@Suite("Migration plan")
struct MigrationPlanTests {
    private static let instant = Timestamp(microseconds: 1_000_000)

    private static func row(_ migration: Migration, checksum: String? = nil) -> AppliedMigration {
        AppliedMigration(
            version: migration.version, name: migration.name, checksum: checksum ?? migration.checksum,
            appliedAt: instant, appliedBy: "ada")
    }

    private static let one = Migration.table("1", "one")
    private static let two = Migration.table("2", "two")
    private static let ten = Migration.table("10", "ten")

    @Test("the statuses are in the order of the versions, whoever knows them")
    func statuses() throws {
        let gone = Migration.table("3", "gone")
        let plan = try MigrationPlan(
            migrations: [Self.ten, Self.two, Self.one],
            history: [Self.row(gone), Self.row(Self.two, checksum: "old"), Self.row(Self.one)])
        #expect(plan.statuses.map(\.version) == ["1", "2", "3", "10"])
        #expect(
            plan.statuses.map(\.state) == [
                .applied(at: Self.instant, by: "ada"),
                .changed(at: Self.instant, stored: "old", present: Self.two.checksum),
                .missing(at: Self.instant), .pending,
            ])
        #expect(plan.findings.map(\.code) == [.changed, .missing])
    }

    @Test("what is pending is applied in order, up to and including a version")
    func up() throws {
        let plan = try MigrationPlan(
            migrations: [Self.ten, Self.two, Self.one], history: [Self.row(Self.one)])
        #expect(try plan.up(to: nil).map(\.version) == ["2", "10"])
        #expect(try plan.up(to: "2").map(\.version) == ["2"])
        #expect(try plan.up(to: "1").isEmpty)
        #expect(throws: MigrationError(.unknownVersion, "There is no migration with version '5'")) {
            try plan.up(to: "5")
        }
    }

    @Test("what was applied last is taken back first, as many as asked for")
    func down() throws {
        let plan = try MigrationPlan(
            migrations: [Self.one, Self.two, Self.ten], history: [Self.row(Self.one), Self.row(Self.two)])
        #expect(try plan.down(steps: 1).map(\.version) == ["2"])
        #expect(try plan.down(steps: 9).map(\.version) == ["2", "1"])
        #expect(try plan.down(steps: 0).isEmpty)
        #expect(try plan.down(steps: -1).isEmpty)
    }

    @Test("a migration that is older than an applied one comes too late")
    func outOfOrder() throws {
        let plan = try MigrationPlan(migrations: [Self.one, Self.two], history: [Self.row(Self.two)])
        let error = #expect(throws: MigrationError.self) { try plan.up(to: nil) }
        #expect(error?.code == .outOfOrder)
        #expect(error?.message == "Migration 1 (one) is not applied, but the later 2 is")
        #expect(error?.version == "1")
        #expect(try plan.down(steps: 1).map(\.version) == ["2"])
    }

    @Test("an edited or missing migration stops both ways")
    func findings() throws {
        let edited = try MigrationPlan(
            migrations: [Self.one], history: [Self.row(Self.one, checksum: "abc")])
        let missing = try MigrationPlan(
            migrations: [Self.one], history: [Self.row(Self.one), Self.row(Self.two)])
        for (plan, code) in [(edited, MigrationError.Code.changed), (missing, .missing)] {
            #expect(throws: MigrationError.self) { try plan.up(to: nil) }
            let error = #expect(throws: MigrationError.self) { try plan.down(steps: 1) }
            #expect(error?.code == code)
        }
        #expect(
            edited.findings.first?.message == "Migration 1 (one) was edited after it was applied: "
                + "the history has checksum abc, the file has \(Self.one.checksum)")
        #expect(missing.findings.first?.message == "Migration 2 (two) was applied, but its file is missing")
    }

    @Test("a migration without statements to take it back cannot be taken back, unless it does nothing")
    func irreversible() throws {
        let final = Migration.test("3", up: ["CREATE TABLE t (a)"])
        let nothing = Migration.test("4", up: [])
        let plan = try MigrationPlan(
            migrations: [final, nothing], history: [Self.row(final), Self.row(nothing)])
        #expect(try plan.down(steps: 1).map(\.version) == ["4"])
        let error = #expect(throws: MigrationError.self) { try plan.down(steps: 2) }
        #expect(error?.code == .irreversible)
        #expect(error?.message == "Migration 3 (test) has no statements that take it back")
    }

    @Test(
        "a version that is used twice is refused, also when it is written with zeros",
        arguments: ["7", "007"])
    func duplicate(version: String) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationPlan(migrations: [.table("7", "a"), .table(version, "b")], history: [])
        }
        #expect(error?.code == .duplicateVersion)
        #expect(error?.message == "Version '7' is used twice: 7_a.hyp and \(version)_b.hyp")
    }

    @Test("versions have one order, whatever they look like")
    func versionOrder() {
        let sorted = ["2", "9", "10", "20240101000001", "1b", "v1", "v2"]
        for (place, left) in sorted.enumerated() {
            for (other, right) in sorted.enumerated() {
                #expect(Migration.isVersion(left, before: right) == (place < other), "\(left), \(right)")
            }
        }
    }

    @Test("a checksum changes with everything that has an effect, and with nothing else")
    func checksum() {
        func checksum(
            _ version: String = "1", description: String = "d", up: [String] = ["SELECT 1"],
            down: [String] = ["SELECT 2"]
        ) -> String {
            Migration(version: version, name: "n", description: description, up: up, down: down).checksum
        }
        let original = checksum()
        #expect(original.count == 64)
        let different = [
            checksum("2"), checksum(description: "e"), checksum(up: ["SELECT 3"]), checksum(down: []),
            checksum(up: ["SELECT", "1"]), checksum(up: ["SELECT 1", "SELECT 2"], down: []),
            checksum(up: ["SELECT '1'"]), checksum(up: ["SELECT 'a  b'"]), checksum(up: ["SELECT 'a b'"]),
        ]
        #expect(Set(different + [original]).count == different.count + 1)
        #expect(checksum(up: ["  SELECT\n\t1 -- one\n"]) == original)
    }
}
