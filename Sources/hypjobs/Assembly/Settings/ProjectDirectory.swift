/// The directory that the configuration directory lies in: relative paths of the configuration begin here.
///
/// Not the working directory, so that a service, a timer and a person in any directory mean the same
/// database. Whoever runs the command next to `config/`, as people do, sees no difference.
struct ProjectDirectory: Sendable, Hashable {
    /// As a prefix: empty for the working directory, else with a slash at its end.
    private let prefix: String

    /// - Parameter configuration: the path of the configuration directory as it was given.
    init(of configuration: String) {
        var path = Substring(configuration)
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard path != "/" else {
            prefix = "/"
            return
        }
        let name = path.split(separator: "/").last ?? "."
        if name == "." || name == ".." {
            // What lies above cannot be read off the name.
            prefix = path + "/../"
        } else {
            prefix = String(path.dropLast(name.count))
        }
    }

    /// The path to use for one written in the configuration.
    func path(of written: String) -> String {
        written.hasPrefix("/") ? written : prefix + written
    }
}
