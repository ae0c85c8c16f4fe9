/// The files that `hypjobs init` writes, built into the binary from this repository's own.
enum Starter {
    /// Path below the new installation's folder, and content.
    static var files: [(path: String, content: [UInt8])] {
        [
            ("config/hypjobs.hyp", PackageResources.hypjobs_hyp),
            (
                "config/migrations/20240101000001_initial_schema.hyp",
                PackageResources._0240101000001_initial_schema_hyp
            ),
            (
                "config/migrations/20240102000001_performance_optimizations.hyp",
                PackageResources._0240102000001_performance_optimizations_hyp
            ),
            (
                "config/migrations/20240103000001_add_audit_logging.hyp",
                PackageResources._0240103000001_add_audit_logging_hyp
            ),
            (
                "config/migrations/20240104000001_job_runner.hyp",
                PackageResources._0240104000001_job_runner_hyp
            ),
            ("config/migrations/20240105000001_fleet.hyp", PackageResources._0240105000001_fleet_hyp),
            ("config/migrations/20240106000001_boxes.hyp", PackageResources._0240106000001_boxes_hyp),
            ("jobs/hello.hyp", PackageResources.hello_hyp),
        ]
    }
}
