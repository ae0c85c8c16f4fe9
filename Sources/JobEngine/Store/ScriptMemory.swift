import Synchronization

/// The scripts that a store has enqueued, so that the next enqueue need not ask for them: on a database that
/// makes sure of them on the way (`SetQueries.enqueue`), one round trip in place of three.
final class ScriptMemory: Sendable {
    /// What a request calls a script by.
    struct Key: Sendable, Hashable {
        let name: String
        /// Nil for the newest.
        let version: Int?

        init(_ request: EnqueueRequest) {
            name = request.script
            version = request.version
        }
    }

    private let scripts = Mutex<[Key: ScriptVersion]>([:])
    /// With so many it begins anew.
    private static let limit = 1000

    /// Those of the requests' scripts that were enqueued before.
    func known(to requests: [EnqueueRequest]) -> [Key: ScriptVersion] {
        scripts.withLock { scripts in
            guard !scripts.isEmpty else { return [:] }
            var known: [Key: ScriptVersion] = [:]
            for request in requests {
                let key = Key(request)
                if let script = scripts[key] { known[key] = script }
            }
            return known
        }
    }

    /// Takes what a transaction has found, once it has committed.
    func remember(_ found: [Key: ScriptVersion]) {
        guard !found.isEmpty else { return }
        scripts.withLock { scripts in
            if scripts.count + found.count > Self.limit { scripts = [:] }
            scripts.merge(found) { $1 }
        }
    }

    /// Something about these has changed.
    func forget(_ known: some Sequence<Key>) {
        scripts.withLock { scripts in
            for key in known { scripts[key] = nil }
        }
    }
}
