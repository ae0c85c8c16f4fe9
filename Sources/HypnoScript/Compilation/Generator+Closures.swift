/// Anonymous suggestions and parameters with defaults.
extension Generator {
    /// An anonymous suggestion as a value: its code, and what it captures of the scopes open here.
    mutating func closure(_ id: FunctionID, into target: Int) {
        let captures = code.capturesAnything || !code.environments.isEmpty
        generateClosure(id, captures: captures)
        let first = code.nextRegister
        let environments = code.environments
        for environment in environments {
            code.emit(.environment, a: environment)
            code.emit(.move, a: code.allocate(), b: environment)
        }
        code.emit(.closure, a: target, b: first, c: environments.count)
        code.emit(word: UInt64(id.index) | (code.capturesAnything ? Machine.inheritsCaptures : 0))
        code.release(to: first)
    }

    private mutating func generateClosure(_ id: FunctionID, captures: Bool) {
        let function = tree[id]
        let classIndex = code.classIndex
        let isConstructor = code.isRecordConstructor || code.isWithinRecordConstructor
        generate(id.index, at: function.start) { generator in
            generator.code.classIndex = classIndex
            generator.code.isWithinRecordConstructor = isConstructor
            generator.code.capturesAnything = captures
            let parameters = generator.code.allocate(function.parameters.count)
            if captures, generator.runsAlone(function) {
                generator.code.readsCaptures = true
                generator.code.ownCells = Set(
                    function.parameters.compactMap { generator.parts.cellOfSymbol[$0.name] })
            } else if captures {
                let mark = generator.code.allocate()
                generator.code.emit(.enterClosure, a: mark)
                generator.code.open(CodeScope(mark: mark))
            }
            generator.openScope(.function(id))
            generator.bindParameters(function, from: parameters)
            generator.block(function.body)
            generator.returnNull()
        }
    }

    /// Binds the parameters in order; what the call left out is computed where its turn comes.
    mutating func bindParameters(_ function: FunctionDeclaration, from first: Int) {
        for (index, parameter) in function.parameters.enumerated() {
            let register = first + index
            if parameter.isOptional {
                let present = code.newLabel()
                code.emit(.jumpIfPresent, a: register, to: present)
                if let value = parameter.value {
                    evaluate(value, into: register)
                } else {
                    loadConstant(.null, into: register)
                }
                code.place(present)
            }
            bind(parameter.name, to: register)
        }
    }
}

// MARK: Records with methods

extension Generator {
    /// `tranceify` or `record`: registers the type and generates its methods.
    mutating func record(_ id: RecordID) {
        let record = tree[id]
        let number = id.index << 1 | (record.isStructural ? 1 : 0)
        code.emit(.registerType, a: number >> 16, b: number & 0xFFFF, wide: record.name.index)
        for method in record.methods {
            let name = "\(tree.names[record.name])::\(tree.names[tree[method].name])"
            parts.prototypes[method.index].name = name
            generateMethod(method, of: record)
        }
    }

    private mutating func generateMethod(_ id: FunctionID, of record: RecordDeclaration) {
        let function = tree[id]
        let isConstructor = tree.names[function.name] == RecordDeclaration.constructorName
        generate(id.index, at: function.start) { generator in
            generator.code.isRecordConstructor = isConstructor
            let parameters = generator.code.allocate(function.parameters.count)
            generator.openScope(.function(id))
            if isConstructor {
                let shape = generator.shape(RecordShape(type: record.name, fields: []))
                generator.code.emit(.record, a: 0, b: 0, wide: shape)
                generator.code.emit(word: UInt64(record.name.index) << 32)
            }
            generator.bindThis(constant: !isConstructor)
            generator.bindParameters(function, from: parameters)
            generator.block(function.body)
            generator.returnNull()
        }
    }

    /// Ends a record's constructor with the `this` that it made.
    mutating func returnThis() {
        guard let this = tree.names.find(HypnoScript.thisName) else {
            return emitReturn(0)  // Nobody changes what has no name.
        }
        let register = code.allocate()
        read(this, into: register)
        emitReturn(register)
        code.release(to: register)
    }

    /// What the machine knows of record types, and which values unbound names have.
    mutating func prepareDocumentedDialect() {
        for record in tree.records {
            var type = RecordType(name: record.name)
            for method in record.methods {
                if tree.names[tree[method].name] == RecordDeclaration.constructorName {
                    type.constructor = method.index
                    parts.recordConstructors.insert(record.name)
                } else {
                    type.methods[tree[method].name] = method.index
                }
            }
            parts.recordTypes.append(type)
        }
        guard tree.dialect == .documented else { return }
        for (name, value) in Vocabulary.values {
            guard let symbol = tree.names.find(name), let cell = parts.cellOfSymbol[symbol] else { continue }
            parts.fallbacks[cell] = value
        }
    }
}
