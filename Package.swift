// swift-tools-version: 6.2
import PackageDescription

/// The features of the coming language mode, on from the first day; no warning of ours goes in.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .treatAllWarnings(as: .error),  // SE-0480
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A target of ours.
func module(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a target of ours. Fixtures are read where they lie.
func tests(
    _ name: String, of dependencies: [Target.Dependency], fixtures: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: fixtures, swiftSettings: settings)
}

/// Our targets, from the ground up: an arrow only ever points to a line above.
let package = Package(
    name: "hypjobs",
    products: [.executable(name: "hypjobs", targets: ["hypjobs"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Ground: no I/O, and of ours only each other.
        module("SourceText"),
        module("Effects"),
        module("SQL", on: ["Effects"]),
        // Cores: two languages that know no database, a database that knows no language.
        module("HypConfig", on: ["SourceText"]),
        module("HypnoScript", on: ["SourceText", crypto]),
        module("Database", on: ["SQL", "Effects", logging]),
        // Plug-ins: one C client each, and the schema's history.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        module("SQLiteDriver", on: ["CSQLite", "Database", "SQL", "Effects"]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        module("PostgresDriver", on: ["CPostgres", "Database", "SQL", "Effects"]),
        module("Migrations", on: ["Database", "SQL", "Effects", crypto]),
        // The engine: the first place where scripts and databases meet.
        module("JobEngine", on: ["HypnoScript", "SourceText", "Database", "SQL", "Effects", crypto]),
        // The face: commands, and the only place that knows which drivers exist.
        .executableTarget(
            name: "hypjobs",
            dependencies: [
                "JobEngine", "HypnoScript", "HypConfig", "Migrations", "SQLiteDriver", "PostgresDriver",
                "Database", "SQL", "Effects", "SourceText", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            // What `hypjobs init` writes; the migrations are those of config/, seen through a link.
            resources: [
                .embedInCode("Starter/hypjobs.hyp"),
                .embedInCode("Starter/hello.hyp"),
                .embedInCode("Starter/migrations/20240101000001_initial_schema.hyp"),
                .embedInCode("Starter/migrations/20240102000001_performance_optimizations.hyp"),
                .embedInCode("Starter/migrations/20240103000001_add_audit_logging.hyp"),
                .embedInCode("Starter/migrations/20240104000001_job_runner.hyp"),
                .embedInCode("Starter/migrations/20240105000001_fleet.hyp"),
                .embedInCode("Starter/migrations/20240106000001_boxes.hyp"),
            ],
            swiftSettings: settings),
        // Tests, and what they share.
        .target(
            name: "TestSupport",
            dependencies: ["Database", "SQLiteDriver", "PostgresDriver", "SQL", "Effects", logging],
            path: "Tests/TestSupport", swiftSettings: settings),
        // Programs nobody wrote, for tests and for the fuzzer.
        .target(
            name: "Fuzzing", dependencies: ["HypnoScript", "HypConfig", "SourceText", "Effects"],
            path: "Tests/Fuzzing", swiftSettings: settings),
        .executableTarget(
            name: "hypfuzz", dependencies: ["Fuzzing", "Database", "Effects"], path: "Tests/Fuzz",
            swiftSettings: settings),
        // The promises of the script machine, measured: see Benchmarks/README.md.
        .executableTarget(
            name: "hypmachine", dependencies: ["HypnoScript", "SourceText", "Effects"],
            path: "Benchmarks/machine",
            swiftSettings: settings),
        tests("SourceTextTests", of: ["SourceText"]),
        tests("EffectsTests", of: ["Effects", "TestSupport"]),
        tests("SQLTests", of: ["SQL", "Effects"]),
        tests("DriverConformanceTests", of: ["Database", "SQL", "Effects", "TestSupport"]),
        tests(
            "HypConfigTests", of: ["HypConfig", "SourceText", "Effects", "Fuzzing"], fixtures: ["Corpus"]),
        tests(
            "HypnoScriptTests", of: ["HypnoScript", "SourceText", "Effects", "Fuzzing"], fixtures: ["Corpus"]),
        tests("DatabaseTests", of: ["Database", "SQL", "Effects", "TestSupport"]),
        tests(
            "SQLiteDriverTests", of: ["SQLiteDriver", "CSQLite", "Database", "SQL", "Effects", "TestSupport"]),
        tests(
            "PostgresDriverTests",
            of: ["PostgresDriver", "CPostgres", "Database", "SQL", "Effects", "TestSupport", logging]),
        tests(
            "MigrationsTests",
            of: ["Migrations", "SQLiteDriver", "Database", "SQL", "Effects", "TestSupport"]),
        // The engine under the shipped configuration, read by the command line's own reader.
        tests(
            "JobEngineTests",
            of: [
                "JobEngine", "hypjobs", "HypnoScript", "SourceText", "Migrations", "Database", "SQL",
                "Effects", "TestSupport",
            ]),
        // The real program, which has to be built for it.
        tests(
            "CommandLineTests",
            of: [
                "hypjobs", "JobEngine", "SQLiteDriver", "PostgresDriver", "Database", "SQL", "Effects",
                "TestSupport",
            ]),
        tests("JobsTests", of: ["HypnoScript", "SourceText"], fixtures: ["Fixtures"]),
        tests("HouseRulesTests", of: [], fixtures: ["Ratchet.txt"]),
        tests(
            "hypjobsTests",
            of: [
                "hypjobs", "HypConfig", "PostgresDriver", "SourceText", "JobEngine", "HypnoScript",
                "Migrations", "Database", "SQL", "Effects", "TestSupport",
            ],
            fixtures: ["SettingsErrors"]),
    ]
)
