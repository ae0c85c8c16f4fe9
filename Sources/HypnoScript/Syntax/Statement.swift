/// A node that is executed for its effect.
package struct Statement: Sendable {
    package enum Kind: Sendable {
        case declare(VariableDeclaration)
        /// `anchor name = value;` — evaluates and then assigns, like the expression `name = value`.
        case anchor(name: Symbol, value: ExpressionID)
        /// `suggestion` or `trigger`: binds the function to its name in the current scope.
        case function(FunctionID)
        case session(SessionID)
        case record(RecordDeclaration)
        /// `if … else if … else …`; the branches are tried in order.
        case conditional([ConditionalBranch], otherwise: Block?)
        /// Each iteration runs its body in a new scope.
        case whileLoop(condition: ExpressionID, body: Block)
        /// `loop` or `pendulum`, all in the current scope; no condition means true.
        case loop(LoopHeader, body: Block)
        case snap
        case sink
        case suspend
        case awaken(ExpressionID?)
        /// Negates a boolean variable. Any primary parses: all but `.name` fail when executed.
        case oscillate(ExpressionID)
        case output(OutputKind, ExpressionID)
        case expression(ExpressionID)
        /// An `entrance` or `finale` block: executed where it stands, in the global scope.
        case block(Block)
    }

    package let kind: Kind
    /// The first token of the statement.
    package let start: SourceOffset

    package init(_ kind: Kind, start: SourceOffset) {
        self.kind = kind
        self.start = start
    }
}

/// Statements between braces. A block opens no scope by itself.
package struct Block: Sendable {
    package let statements: [StatementID]
}

/// `induce x: T = e;` and its relatives. Without an initial value the variable is null.
package struct VariableDeclaration: Sendable {
    package let name: Symbol
    /// Written with `freeze`.
    package let isConstant: Bool
    /// Written with `sharedTrance`: goes to the shared table from wherever it stands.
    package let isShared: Bool
    /// The type as written; it has no effect at run time.
    package let annotation: Symbol?
    package let value: ExpressionID?
}

/// One `if (condition) { … }` of a conditional.
package struct ConditionalBranch: Sendable {
    package let condition: ExpressionID
    package let body: Block
}

/// What stands between the parentheses of a `loop` or `pendulum`.
package struct LoopHeader: Sendable {
    /// A `.declare` or an `.expression`.
    package let initial: StatementID?
    package let condition: ExpressionID?
    package let update: ExpressionID?
}

/// The four statements that print.
package enum OutputKind: UInt8, Sendable {
    /// The text and a newline.
    case observe
    /// The text, flushed.
    case whisper
    /// The text in upper case and a newline.
    case command
    /// The text after `[DEBUG] `.
    case murmur
}

/// A `suggestion`, a `trigger` or a method.
package struct FunctionDeclaration: Sendable {
    package let name: Symbol
    /// In order; a name may occur twice, then the last argument wins.
    package let parameters: [Parameter]
    package let resultAnnotation: Symbol?
    package let body: Block
    package let start: SourceOffset
}

/// One parameter of a function.
package struct Parameter: Sendable {
    package let name: Symbol
    package let annotation: Symbol?
}

/// `session S { … }`.
package struct SessionDeclaration: Sendable {
    package let name: Symbol
    /// In source order, which is the order of initialisation.
    package let fields: [SessionField]
    package let methods: [SessionMethod]
    package let start: SourceOffset
}

/// A field of a session.
package struct SessionField: Sendable {
    package let name: Symbol
    package let isStatic: Bool
    package let isPrivate: Bool
    package let annotation: Symbol?
    package let value: ExpressionID?
    package let start: SourceOffset
}

/// A method or constructor of a session.
package struct SessionMethod: Sendable {
    package let function: FunctionID
    package let isConstructor: Bool
    package let isStatic: Bool
    package let isPrivate: Bool
    package let start: SourceOffset
}

/// `tranceify T { f: type; … }`. Field names and types are not checked at run time.
package struct RecordDeclaration: Sendable {
    package let name: Symbol
    package let fields: [RecordFieldDeclaration]
}

/// One `f: type;` of a record declaration.
package struct RecordFieldDeclaration: Sendable {
    package let name: Symbol
    package let annotation: Symbol
}
