/// What a worker hears about work between two polls. All of it are hints: a poll finds what no news told of.
package enum WorkNews: Sendable, Hashable {
    /// Something was enqueued in these lanes.
    case enqueued(lanes: [Int])
    /// News may have been missed.
    case interrupted
    /// None will come: what stands between the worker and its database swallows them.
    case unavailable

    /// The news that another worker or `hypjobs_enqueue` has sent as a text of lanes: "0,5".
    package init(payload: String) {
        self = .enqueued(lanes: payload.split(separator: ",").compactMap { Int($0) })
    }

    /// Where such texts are sent.
    package static let channel = "hypjobs"
}
