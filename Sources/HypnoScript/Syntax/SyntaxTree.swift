package import SourceText

/// A parsed program: every node in flat tables, linked by index.
///
/// Flat tables make the tree a plain value that threads may share, let an analysis keep its findings in
/// arrays beside the nodes, and free a tree without recursion however deep the program nests.
///
/// No path from an item to a leaf is longer than `maximumDepth` nodes, so a recursive walk needs a bounded
/// stack. Chains of operators and of `else if` are lists, not paths: only memory limits their length.
package struct SyntaxTree: Sendable {
    /// The longest path through nested nodes that the parser accepts.
    package static let maximumDepth = 500

    /// The texts this tree was made from; they turn a `SourceOffset` into a line and a column.
    package private(set) var sources: SourceSet
    /// Which rules the program is read and run by.
    package var dialect = ScriptDialect.reference
    /// The texts behind the symbols of this tree.
    package var names: NameTable
    /// What stands directly in `Focus { … }`, in source order; `entrance` and `finale` blocks included.
    package var items: Block
    /// What the formatter cannot tell from the tokens alone.
    package internal(set) var layout = SourceLayout()
    /// The programs that `mindLink` loads, each file once.
    package var modules: [Module] = []

    package private(set) var expressions: [Expression] = []
    package private(set) var statements: [Statement] = []
    package private(set) var patterns: [Pattern] = []
    package private(set) var functions: [FunctionDeclaration] = []
    package private(set) var sessions: [SessionDeclaration] = []
    package private(set) var records: [RecordDeclaration] = []

    /// An empty program over `source`, for the parser to fill.
    package init(source: SourceFile, names: NameTable) {
        self.sources = SourceSet(source)
        self.names = names
        self.items = Block(statements: [])
    }

    package subscript(_ id: ExpressionID) -> Expression { expressions[id.index] }
    package subscript(_ id: StatementID) -> Statement { statements[id.index] }
    package subscript(_ id: PatternID) -> Pattern { patterns[id.index] }
    package subscript(_ id: FunctionID) -> FunctionDeclaration { functions[id.index] }
    package subscript(_ id: SessionID) -> SessionDeclaration { sessions[id.index] }
    package subscript(_ id: RecordID) -> RecordDeclaration { records[id.index] }

    /// The text of the program itself.
    package var source: SourceFile { sources.main }

    /// The line and column of a place in the source.
    package func position(of offset: SourceOffset) -> SourcePosition {
        sources.position(of: offset)
    }
}

extension SyntaxTree {
    /// Adds a node and returns its index; only the parser grows a tree.
    mutating func add(_ node: Expression) -> ExpressionID {
        expressions.append(node)
        return ExpressionID(index: expressions.count - 1)
    }

    mutating func add(_ node: Statement) -> StatementID {
        statements.append(node)
        return StatementID(index: statements.count - 1)
    }

    mutating func add(_ node: Pattern) -> PatternID {
        patterns.append(node)
        return PatternID(index: patterns.count - 1)
    }

    mutating func add(_ node: FunctionDeclaration) -> FunctionID {
        functions.append(node)
        return FunctionID(index: functions.count - 1)
    }

    mutating func add(_ node: SessionDeclaration) -> SessionID {
        sessions.append(node)
        return SessionID(index: sessions.count - 1)
    }

    mutating func add(_ node: RecordDeclaration) -> RecordID {
        records.append(node)
        return RecordID(index: records.count - 1)
    }

    /// Makes room for the text of a module and returns what its offsets begin with.
    mutating func add(_ source: SourceFile) -> Int { sources.add(source) }

    /// Puts what a module reference was found to be in its place.
    mutating func resolve(_ id: StatementID, _ reference: ModuleReference) {
        guard case .module(_, let alias) = statements[id.index].kind else { return }
        statements[id.index] = Statement(
            .module(reference, alias: alias), start: statements[id.index].start)
    }
}

/// The index of a node in the table of its kind; analyses may use it as the index of their own side tables.
package struct NodeID<Node>: Hashable, Sendable {
    private let compact: Int32

    init(index: Int) { compact = Int32(truncatingIfNeeded: index) }

    package var index: Int { Int(compact) }
}

package typealias ExpressionID = NodeID<Expression>
package typealias StatementID = NodeID<Statement>
package typealias PatternID = NodeID<Pattern>
package typealias FunctionID = NodeID<FunctionDeclaration>
package typealias SessionID = NodeID<SessionDeclaration>
package typealias RecordID = NodeID<RecordDeclaration>

/// A program that another one loads.
package struct Module: Sendable {
    /// Its file, in one spelling.
    package let path: String
    package let items: Block
}

/// A place in a source text, counted in UTF-8 bytes from its start.
package struct SourceOffset: Hashable, Comparable, Sendable {
    package let utf8: UInt32

    package init(utf8: Int) { self.utf8 = UInt32(truncatingIfNeeded: utf8) }

    package static func < (left: SourceOffset, right: SourceOffset) -> Bool { left.utf8 < right.utf8 }
}
