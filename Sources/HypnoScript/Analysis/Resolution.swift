/// What the resolver found out about the names of a program.
///
/// Scoping is dynamic: a function reads and writes its callers' locals. But a name that no code uses
/// *freely* — at a point where that code's own scopes do not certainly hold it — can be seen by nobody but
/// the code that declares it, and lives in a register. The others, few in practice, get one cell each for
/// the whole program.
struct Resolution {
    /// By symbol index: the name is used freely somewhere, so its bindings are dynamic and live in a cell.
    var isFree: [Bool]
    /// Scopes whose own code may bind a free name, so that leaving them must restore the previous binding.
    var bindingScopes: Set<ScopeKey>
    /// By symbol index: the function that this name denotes wherever it is bound at all — declared once, in
    /// the global scope, and never assigned, shadowed or shared.
    var directFunctions: [FunctionID?]
    /// Scopes that an anonymous suggestion captures: what they bind to free names outlives them.
    var capturedScopes: Set<ScopeKey> = []
    /// By symbol index: some declaration or assignment of the program makes it a variable.
    var isIntroduced: [Bool] = []
    /// By symbol index: some statement assigns to an element or key of the variable, so that its value may be
    /// changed in place while no one else has it.
    var isChangedInPlace: [Bool] = []
    /// No variable of the program is named `null`, so that the name is the value.
    var isNullLiteral = false
    /// By expression index: evaluating it may change a variable of the code around it.
    var changesVariables: [Bool]
}

/// Names a scope in a way that analysis and code generation agree on.
enum ScopeKey: Hashable {
    case global
    case function(FunctionID)
    /// Around an instance's field initialisers.
    case initialiser(SessionID)
    case whileBody(StatementID)
    /// By the position of the case in its `entrain`; `otherwise` comes after the last.
    case entrainCase(ExpressionID, Int)
}
