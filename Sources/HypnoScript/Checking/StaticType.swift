/// What is known about a value before the program runs.
indirect enum StaticType: Hashable, Sendable {
    /// Nothing was seen yet: an analysis under way may still find out.
    case unseen
    /// Anything; compatible with everything.
    case unknown
    case number, string, boolean
    /// An array and what its elements are.
    case array(StaticType)
    /// `{ … }`
    case object
    /// A record of this type, which is declared once.
    case record(RecordID)
    /// A function with this declaration.
    case function(FunctionID)
    /// A session itself.
    case session(SessionID)
    /// An instance of a session.
    case instance(SessionID)
    /// What an annotation says, which nothing enforces.
    case claimed(StaticType)

    /// What it is, be it certain or claimed.
    var bare: StaticType {
        if case .claimed(let type) = self { type } else { self }
    }

    var isClaimed: Bool { bare != self }

    /// The same, as something that only an annotation says.
    var asClaim: StaticType { isKnown && !isClaimed ? .claimed(self) : self }

    /// The same, no more certain than the other.
    func asCertain(as other: StaticType) -> StaticType { other.isClaimed ? asClaim : self }

    /// What a value is that is either of the two.
    func joined(_ other: StaticType) -> StaticType {
        switch (self, other) {
        case (.unseen, let known), (let known, .unseen): known
        case (.claimed(let left), let right), (let right, .claimed(let left)):
            left.joined(right.bare).asClaim
        case (.array(let left), .array(let right)): .array(left.joined(right))
        default: self == other ? self : .unknown
        }
    }

    /// Whether anything is known at all.
    var isKnown: Bool { self != .unknown && self != .unseen }

    /// Whether a value of this kind may stand where `other` is expected. What is not known fits.
    func fits(_ other: StaticType) -> Bool {
        switch (bare, other.bare) {
        case (.unseen, _), (.unknown, _), (_, .unseen), (_, .unknown): true
        case (.function, .function): true
        case (.array(let left), .array(let right)): left.fits(right)
        case (.object, .record), (.record, .object): true
        default: bare == other.bare
        }
    }

    /// Whether the language turns values of this kind into numbers, at least some of them.
    var mayBecomeNumber: Bool {
        switch bare {
        case .unseen, .unknown, .number, .string, .boolean, .claimed: true
        case .array, .object, .record, .function, .session, .instance: false
        }
    }
}
