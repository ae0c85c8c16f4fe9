/// A node that is executed for its effect.
package struct Statement: Sendable {
    package enum Kind: Sendable {
        case declare(VariableDeclaration)
        /// `anchor name = value;` — evaluates and then assigns, like the expression `name = value`.
        case anchor(name: Symbol, value: ExpressionID)
        /// `suggestion` or `trigger`: binds the function to its name in the current scope.
        case function(FunctionID)
        case session(SessionID)
        case record(RecordID)
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

        // The documented dialect's own.

        /// A `;` by itself.
        case empty
        case raise(ExpressionID)
        /// `try`, with at least one of `catch` and `finally`; none of the bodies opens a scope.
        case attempt(Attempt)
        /// `assert`; the message is evaluated only when the condition fails.
        case assert(ExpressionID, message: ExpressionID?)
        /// `drift(ms);`
        case pause(ExpressionID)
        /// `for (name in container)`, all in the current scope.
        case forEach(Symbol, in: ExpressionID, body: Block)
        /// `induce [a, b] = e;`
        case destructure([Symbol], constant: Bool, ExpressionID)
        /// `mindLink "path" as name;`
        case module(ModuleReference, alias: Symbol?)
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
    /// A `.declare` or an `.expression`.
    package let update: StatementID?
}

/// `try { … } catch (name) { … } finally { … }`.
package struct Attempt: Sendable {
    package let body: Block
    /// The variable that receives the error, if one is given.
    package let name: Symbol?
    package let handler: Block?
    package let finally: Block?
}

/// Where the program of a `mindLink` is found once the whole program is known.
package enum ModuleReference: Sendable {
    /// As written, before it is looked up.
    case path(String)
    /// The place in `SyntaxTree.modules`.
    case loaded(Int)
    /// There is no such file.
    case missing(String)
    /// The file is no program; the text says why.
    case faulty(String)
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

    /// The words of the language that print.
    static let words = ["observe", "whisper", "command", "murmur"]
}

/// A `suggestion`, a `trigger` or a method.
package struct FunctionDeclaration: Sendable {
    package let name: Symbol
    /// In order; a name may occur twice, then the last argument wins.
    package let parameters: [Parameter]
    package let resultAnnotation: Symbol?
    package let body: Block
    package let start: SourceOffset
    /// An expression: it captures the scopes around it, and its name is not declared.
    package let isAnonymous: Bool

    /// The fewest arguments that a call must have: up to the last parameter without a default.
    package var requiredCount: Int {
        (parameters.lastIndex { !$0.isOptional } ?? -1) + 1
    }
}

/// One parameter of a function.
package struct Parameter: Sendable {
    package let name: Symbol
    package let annotation: Symbol?
    /// Whether a call may leave it out.
    package let isOptional: Bool
    /// What it is then; null without one.
    package let value: ExpressionID?
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
    /// Declared with `record`: its values are equal when their fields are.
    package let isStructural: Bool
    /// A method named `constructor` makes `T(…)` callable.
    package let methods: [FunctionID]
    package let start: SourceOffset
}

/// One `f: type;` of a record declaration.
package struct RecordFieldDeclaration: Sendable {
    package let name: Symbol
    package let annotation: Symbol
    /// Written with `?`.
    package let isOptional: Bool
}
