import SourceText

extension Checker {
    /// Checks an expression and says what it yields.
    ///
    /// - Parameter isUsed: whether anything is done with the value.
    @discardableResult
    mutating func expression(_ id: ExpressionID, isUsed: Bool = true) -> StaticType {
        let node = tree[id]
        switch node.kind {
        case .number: return .number
        case .string: return .string
        case .boolean: return .boolean
        case .name(let name): return read(name, at: node.start)
        case .array(let elements): return array(elements)
        case .record(let type, let fields): return record(type, fields, at: node.start)
        case .prefix(let operation, let operand): return prefix(operation, operand)
        case .chain(let first, let links): return chain(first, links)
        case .assign(let target, let value): return assignment(target, value)
        case .call(let callee, let arguments): return call(callee, arguments, at: node.start)
        case .member(let object, let name, _): return member(object, name, at: node.focus)
        case .index(let array, let index, _): return self.index(array, index, at: node.focus)
        case .entrain(let subject, let cases, let otherwise):
            return entrain(subject, cases, otherwise, isUsed: isUsed)
        case .object(let fields):
            for field in fields { expression(field.value) }
            return .object
        case .with(let base, let fields): return with(base, fields)
        case .optionalCall(let callee, let arguments):
            _ = call(callee, arguments, at: node.start)
            return .unknown
        case .function(let function):
            self.function(function)
            return .function(function)
        }
    }

    private mutating func array(_ elements: [ExpressionID]) -> StaticType {
        var joined = StaticType.unseen
        for element in elements {
            let type = expression(element)
            if !type.fits(joined) {
                warn(
                    CheckCode.typeMismatch,
                    "Array elements must have same type, got \(text(joined)) and \(text(type))",
                    at: tree[element].start)
                joined = .unknown
            } else {
                joined = joined.joined(type)
            }
        }
        return .array(elements.isEmpty ? .unknown : joined)
    }

    private mutating func with(_ base: ExpressionID, _ fields: [RecordField]) -> StaticType {
        let type = expression(base)
        for field in fields { expression(field.value) }
        switch type.bare {
        case .object, .record: return type
        case .unknown, .unseen: return .unknown
        default:
            fail(
                CheckCode.typeMismatch, "Cannot copy a value of type \(text(type)) with changes",
                because: type, at: tree[base].start)
            return .unknown
        }
    }

    private mutating func index(
        _ array: ExpressionID, _ index: ExpressionID, at focus: SourceOffset
    ) -> StaticType {
        let type = expression(array)
        let place = expression(index)
        switch type.bare {
        case .unseen: return .unseen
        case .unknown: return .unknown
        case .array(let element):
            if !place.mayBecomeNumber {
                fail(
                    CheckCode.typeMismatch, "Cannot convert to number", because: type, place,
                    at: tree[index].start)
            }
            return element.asCertain(as: type)
        case .object where tree.dialect == .documented, .record where tree.dialect == .documented:
            if place.isKnown, place.bare != .string {
                fail(
                    CheckCode.typeMismatch, "Object keys must be strings", because: type, place,
                    at: tree[index].start)
            }
            return .unknown
        default:
            fail(
                CheckCode.typeMismatch, "Cannot index non-array", because: type, at: focus,
                help: type.bare == .string ? "a part of a string is Substring(text, from, to)" : nil)
            return .unknown
        }
    }

    private mutating func assignment(_ target: ExpressionID, _ value: ExpressionID) -> StaticType {
        let start = tree[target].start
        switch tree[target].kind {
        case .name(let name):
            let type = expression(value)
            assign(name, type, at: start)
            return type
        case .member(let object, let name, isOptional: false):
            let container = expression(object)
            let type = expression(value)
            assign(name, of: container, type, target, at: tree[target].focus)
            change(placeAt: target)
            return type
        case .index(let array, let index, isOptional: false) where tree.root(ofPlace: target) != nil:
            let container = expression(array)
            expression(index)
            let type = expression(value)
            if container.isKnown, container.bare != .object, !container.fits(.array(.unknown)) {
                if case .record = container.bare {
                    fail(
                        CheckCode.assignment, "Record of type '\(text(container))' is immutable",
                        because: container, at: tree[target].focus,
                        help: "make a changed copy: record with { field: value }")
                } else {
                    fail(
                        CheckCode.typeMismatch, "Cannot index non-array", because: container,
                        at: tree[target].focus)
                }
            }
            change(placeAt: target)
            return type
        default:
            // It fails before the value is evaluated.
            fail(CheckCode.assignment, "Invalid assignment target", at: start)
            return .unknown
        }
    }

    /// Elements of the variable that the place is part of may be of any kind from here on.
    mutating func change(placeAt target: ExpressionID) {
        guard let root = tree.root(ofPlace: target), tree.names[root] != HypnoScript.thisName else { return }
        switch names.type(of: root, in: context.function).bare {
        case .instance, .session, .object, .record: break
        case .array: names.assign(root, .array(.unknown))
        default: names.assign(root, .unknown)
        }
        if names.isConstant(root), isAlwaysCopied(root) {
            fail(
                CheckCode.assignment, "Cannot reassign constant variable '\(tree.names[root])'",
                at: tree[target].start)
        }
    }

    /// Whether a change of a part stores the whole into the variable: not where instances are on the way.
    private func isAlwaysCopied(_ name: Symbol) -> Bool {
        switch names.type(of: name, in: context.function) {
        case .array(.number), .array(.string), .array(.boolean): true
        default: false
        }
    }
}

// MARK: - Operators

extension Checker {
    private mutating func prefix(_ operation: PrefixOperator, _ operand: ExpressionID) -> StaticType {
        let type = expression(operand)
        switch operation {
        case .await: return type
        case .not:
            if type.isKnown, type.bare != .boolean {
                warn(
                    CheckCode.typeMismatch, "Logical not requires boolean operand, got \(text(type))",
                    at: tree[operand].start)
            }
            return .boolean
        case .negate:
            if type.isKnown, type.bare != .number {
                let message = "Unary minus requires numeric operand, got \(text(type))"
                complain(type.allowsNumber, message, at: tree[operand].start)
            }
            return .number
        }
    }

    /// Warns about what runs by silent conversion, fails what no conversion helps.
    private mutating func complain(_ runs: Bool, _ message: String, at start: SourceOffset) {
        if runs {
            warn(CheckCode.typeMismatch, message, at: start)
        } else {
            fail(CheckCode.typeMismatch, message, at: start)
        }
    }

    private mutating func chain(_ first: ExpressionID, _ links: [ChainLink]) -> StaticType {
        var left = expression(first)
        for link in links {
            let right = expression(link.operand)
            left = result(of: link, left, right)
        }
        return left
    }

    private mutating func result(
        of link: ChainLink, _ left: StaticType, _ right: StaticType
    ) -> StaticType {
        switch link.operation {
        case .coalesce: return left.joined(right)
        case .or, .and:
            if left.isKnown && left.bare != .boolean || right.isKnown && right.bare != .boolean {
                warn(
                    CheckCode.typeMismatch,
                    "Logical operator '\(link.operation.symbol)' requires boolean operands, got "
                        + "\(text(left)) and \(text(right))", at: link.focus, length: 2,
                    help: "its value is true or false, never one of the operands")
            }
            return .boolean
        case .equal, .notEqual:
            if left.neverEquals || right.neverEquals, left.isKnown || right.isKnown {
                neverEqual(link, left, right)
            }
            return .boolean
        case .add: return sum(link, left, right)
        case .subtract, .multiply, .divide, .remainder:
            numeric(link, "Arithmetic", left, right)
            return .number
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            numeric(link, "Comparison", left, right)
            return .boolean
        }
    }

    private mutating func neverEqual(_ link: ChainLink, _ left: StaticType, _ right: StaticType) {
        let result = link.operation == .equal ? "false" : "true"
        warn(
            CheckCode.neverEqual,
            "'\(link.operation.symbol)' between \(text(left)) and \(text(right)) is always \(result)",
            at: link.focus, length: 2,
            help: tree.dialect == .documented ? "contents are compared by DeepEquals(a, b)" : nil)
    }

    private mutating func sum(_ link: ChainLink, _ left: StaticType, _ right: StaticType) -> StaticType {
        if left.bare == .string || right.bare == .string { return .string.asCertain(as: left) }
        // With a string on the other side anything goes.
        guard left.isKnown, right.isKnown else {
            return left == .unseen || right == .unseen ? .unseen : .unknown
        }
        if left.bare != .number || right.bare != .number {
            let message =
                "Operator '+' requires either two numbers or at least one string, got \(text(left)) "
                + "and \(text(right))"
            complain(left.allowsNumber && right.allowsNumber, message, at: link.focus)
        }
        return .number.asCertain(as: left).asCertain(as: right)
    }

    private mutating func numeric(
        _ link: ChainLink, _ kind: String, _ left: StaticType, _ right: StaticType
    ) {
        guard left.isKnown && left.bare != .number || right.isKnown && right.bare != .number else { return }
        let message =
            "\(kind) operator '\(link.operation.symbol)' requires numeric operands, got \(text(left)) and "
            + text(right)
        complain(left.allowsNumber && right.allowsNumber, message, at: link.focus)
    }
}

extension StaticType {
    /// Whether nobody knows for sure that the value is no number.
    fileprivate var allowsNumber: Bool { mayBecomeNumber || isClaimed }

    /// Whether `==` is false for such a value whatever the other side is.
    fileprivate var neverEquals: Bool {
        switch self {
        case .array, .function, .session, .instance: true
        case .claimed(let type): type.neverEquals
        case .unseen, .unknown, .number, .string, .boolean, .object, .record: false
        }
    }
}

extension BinaryOperator {
    /// The operator as it is usually written.
    var symbol: String {
        switch self {
        case .coalesce: "??"
        case .or: "||"
        case .and: "&&"
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        }
    }
}

// MARK: - Cases

extension Checker {
    private mutating func entrain(
        _ subject: ExpressionID, _ cases: [EntrainCase], _ otherwise: CaseBody?, isUsed: Bool
    ) -> StaticType {
        expression(subject)
        var joined = StaticType.unseen
        for choice in cases {
            let type = inCase { checker in
                checker.pattern(choice.pattern)
                if let condition = choice.guardCondition { checker.expression(condition) }
                return checker.body(choice.body)
            }
            if isUsed, !type.fits(joined) {
                warn(
                    CheckCode.typeMismatch,
                    "Entrain cases must return same type, got \(text(joined)) and \(text(type))",
                    at: start(of: choice.body) ?? tree[choice.pattern].start)
            }
            joined = joined.joined(type)
        }
        guard let otherwise else { return joined }
        let type = inCase { $0.body(otherwise) }
        if isUsed, !type.fits(joined) {
            warn(
                CheckCode.typeMismatch,
                "Entrain default case must return same type as other cases, got \(text(joined)) and "
                    + text(type), at: start(of: otherwise) ?? tree[subject].start)
        }
        return joined.joined(type)
    }

    private func start(of body: CaseBody) -> SourceOffset? {
        switch body {
        case .expression(let value): tree[value].start
        case .block(let block): block.statements.first.map { tree[$0].start }
        }
    }

    /// A case has a scope of its own.
    private mutating func inCase(_ body: (inout Checker) -> StaticType) -> StaticType {
        let outer = context.whileBody
        context.whileBody = nil
        defer { context.whileBody = outer }
        return body(&self)
    }

    private mutating func body(_ body: CaseBody) -> StaticType {
        switch body {
        case .expression(let value): return expression(value)
        case .block(let block):
            context.cases += 1
            self.block(block)
            context.cases -= 1
            return .unknown
        }
    }

    private mutating func pattern(_ id: PatternID) {
        let start = tree[id].start
        switch tree[id].kind {
        case .number, .string, .boolean: break
        case .name(let name):
            if tree.names[name] == HypnoScript.nullName, tree.dialect == .documented {
                warn(
                    CheckCode.nullPattern, "The pattern 'null' matches everything", at: start,
                    help: "when v if v == null => …")
            }
            declare(name, as: .unknown)
        case .typed(let name, let type): declare(name, as: type.staticType)
        case .array(let elements, let rest):
            for element in elements { pattern(element) }
            if case .bound(let name) = rest { declare(name, as: .array(.unknown)) }
        case .record(_, let fields):
            for field in fields {
                if let inner = field.pattern { pattern(inner) } else { declare(field.name, as: .unknown) }
            }
        }
    }
}

extension PatternType {
    fileprivate var staticType: StaticType {
        switch self {
        case .number: .number
        case .string: .string
        case .boolean: .boolean
        case .array: .array(.unknown)
        case .unchecked: .unknown
        }
    }
}
