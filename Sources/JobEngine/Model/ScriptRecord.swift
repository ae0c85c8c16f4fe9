package import Effects

/// A script as its row tells.
package struct ScriptRecord: Sendable, Hashable {
    package let id: UniqueID
    package let name: String
    /// The newest version.
    package let version: Int
    /// `draft`, `active` or `archived`.
    package let status: String
    package let content: String
    package let createdBy: UniqueID
    package let createdAt: Timestamp?
    package let updatedAt: Timestamp?
}

/// What adding a source under a name came to.
package enum ScriptAddition: Sendable, Hashable {
    case created(UniqueID)
    /// The name existed; the source is its new version.
    case newVersion(UniqueID, version: Int)
    /// The newest version has exactly this source already.
    case unchanged(UniqueID, version: Int)

    package var id: UniqueID {
        switch self {
        case .created(let id), .newVersion(let id, _), .unchanged(let id, _): id
        }
    }
}
