/// A node that yields a value.
package struct Expression: Sendable {
    package enum Kind: Sendable {
        case number(Double)
        /// A string literal, escapes resolved.
        case string(Symbol)
        case boolean(Bool)
        case name(Symbol)
        case array([ExpressionID])
        /// `T { f: e, … }`; a field named twice keeps its last value.
        case record(type: Symbol, fields: [RecordField])
        case prefix(PrefixOperator, ExpressionID)
        /// Operators of one precedence level, applied from left to right; there is at least one link.
        case chain(first: ExpressionID, links: [ChainLink])
        /// `target = value`. Any target parses, but all except `.name` and `.member` fail when executed,
        /// before the value is evaluated.
        case assign(target: ExpressionID, value: ExpressionID)
        /// The arguments are evaluated before the callee.
        case call(callee: ExpressionID, arguments: [ExpressionID])
        /// `object.name`, or `object?.name`, which is null when the object is.
        case member(object: ExpressionID, name: Symbol, isOptional: Bool)
        /// `array[index]`, or `array?.[index]`, which is null when the array is null or the index out of
        /// range.
        case index(array: ExpressionID, index: ExpressionID, isOptional: Bool)
        case entrain(subject: ExpressionID, cases: [EntrainCase], otherwise: CaseBody?)

        // The documented dialect's own.

        /// `{ k: e, … }`; a key named twice keeps its last value and its first place.
        case object([RecordField])
        /// `e with { k: e, … }`: a copy with these fields.
        case with(ExpressionID, [RecordField])
        /// `f?.(…)`, which is null when the callee is; the callee is evaluated before the arguments.
        case optionalCall(callee: ExpressionID, arguments: [ExpressionID])
        /// An anonymous suggestion.
        case function(FunctionID)
    }

    package let kind: Kind
    /// The first token of the expression.
    package let start: SourceOffset
    /// The token a run-time error points at: the member's name, the `[` or `(` of an access, the `=` or the
    /// first operator, else `start`.
    package let focus: SourceOffset

    package init(_ kind: Kind, start: SourceOffset, focus: SourceOffset) {
        self.kind = kind
        self.start = start
        self.focus = focus
    }
}

/// One `name: value` of a record literal.
package struct RecordField: Sendable {
    package let name: Symbol
    package let value: ExpressionID
    package let start: SourceOffset
}

/// An operator before its operand.
package enum PrefixOperator: UInt8, Sendable {
    case not, negate, await
}

/// One `operator operand` of a chain.
package struct ChainLink: Sendable {
    package let operation: BinaryOperator
    /// Where the operator stands; a run-time error of the operation points here.
    package let focus: SourceOffset
    package let operand: ExpressionID
}

/// An operator between two operands. `and` and `or` evaluate both; only `coalesce` short-circuits.
package enum BinaryOperator: UInt8, Sendable {
    case coalesce
    case or
    case and
    case equal, notEqual
    case less, lessOrEqual, greater, greaterOrEqual
    case add, subtract
    case multiply, divide, remainder
}

/// One `when pattern if guard => body`.
package struct EntrainCase: Sendable {
    package let pattern: PatternID
    package let guardCondition: ExpressionID?
    package let body: CaseBody
}

/// What a case evaluates to: an expression, or a block, whose value is that of its last statement if that is
/// an expression, else null.
package enum CaseBody: Sendable {
    case expression(ExpressionID)
    case block(Block)
}

/// What a value is matched against.
package struct Pattern: Sendable {
    package enum Kind: Sendable {
        case number(Double)
        case string(Symbol)
        case boolean(Bool)
        /// Matches anything and binds it.
        case name(Symbol)
        /// `name: type`; a type other than the four checked ones matches everything.
        case typed(name: Symbol, type: PatternType)
        case array([PatternID], rest: RestPattern)
        /// `T { f, g: p }`; fields that are not listed may hold anything.
        case record(type: Symbol, fields: [FieldPattern])
    }

    package let kind: Kind
    package let start: SourceOffset
}

/// What an array pattern does with the elements beyond those it lists.
package enum RestPattern: Sendable {
    /// There must be none.
    case none
    /// `...`
    case discarded
    /// `...name`
    case bound(Symbol)
}

/// The kinds of value that a typed pattern can ask for.
package enum PatternType: UInt8, Sendable {
    case number, string, boolean, array
    /// Any other type name: no check at all.
    case unchecked
}

/// One `f` or `f: pattern` of a record pattern; without a pattern the field is bound to its own name.
package struct FieldPattern: Sendable {
    package let name: Symbol
    package let pattern: PatternID?
}
