/// What the documentation mentions and the language does not have, with what to do instead.
enum RefusedNames {
    static let caret = "use Pow(a, b) for powers and != for exclusive or"

    /// The advice for a program that is wrong at this word.
    static func hint(forWord word: String) -> String? {
        switch word {
        case "label", "sinkto": "labels and jumps are not supported; use snap, sink or awaken"
        case "from", "external":
            "external input sources are not supported; use InputProvider, GetArgs or GetEnv"
        case "mesmerize": "asynchronous suggestions are not supported; await is the identity"
        case "constructor": "write suggestion constructor(...)"
        default: nil
        }
    }

    /// The advice for a name that nothing defines, compared without letter case and `_`.
    static func hint(forName name: String) -> String? {
        hints[Vocabulary.normalized(name)]
    }

    private static let families: [(hint: String, names: String)] = [
        (
            "therapy functions have no defined behaviour; declare a suggestion of that name",
            """
            HypnoticBreathing HypnoticAnchoring HypnoticRegression HypnoticFutureProgression \
            ProgressiveRelaxation HypnoticSuggestion TranceDeepening EgoStateTherapy PartsWork \
            TimelineTherapy HypnoticPacing HypnoticLeading PainManagement AnxietyReduction \
            ConfidenceBuilding HabitChange TranceDepth HypnoticResponsiveness SuggestionAcceptance \
            SafetyCheck EmergencyExit Grounding CheckContraindications
            """
        ),
        (
            "network access is not available to scripts",
            "HttpGet HttpPost HttpSend HttpGetJson HttpPostJson DownloadFile UploadFile"
        ),
        (
            "process and system control is not available to scripts; use a command step of the job",
            """
            ExecuteCommand ExecuteCommandAsync KillProcess GetProcessList ChangeDirectory OnSystemEvent \
            TriggerSystemEvent ReadRegistryValue WriteRegistryValue DeleteRegistryValue
            """
        ),
        (
            "encryption is not available to scripts",
            "AESEncrypt AESDecrypt BCrypt VerifyBCrypt Encrypt Decrypt GenerateEncryptionKey"
        ),
        (
            "runtime introspection is not available; use MeasureTranceDepth or Benchmark",
            """
            StartProfiling StopProfiling GetProfileData StartMonitoring StopMonitoring GetMonitoringData \
            GetPerformanceMetrics OptimizeMemory OptimizeCPU ForceGarbageCollection CollectGarbage \
            GetCPUUsage GetCallStack
            """
        ),
        ("declare a 'session' or use an object", "Session SessionSet SessionGet"),
    ]

    private static let hints: [String: String] = Dictionary(
        families.flatMap { family in
            family.names.split(separator: " ").map { (Vocabulary.normalized(String($0)), family.hint) }
        }, uniquingKeysWith: { first, _ in first })
}
