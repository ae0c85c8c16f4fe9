import SourceText

extension SyntaxTree {
    /// Looks up what every `mindLink` names, and what the modules found name in turn. A missing file or a
    /// faulty one is an error only when its statement is executed.
    mutating func loadModules(with loader: (any ModuleLoader)?) {
        var found: [String: ModuleReference] = [:]
        var next = 0
        while next < statements.count {
            let id = StatementID(index: next)
            next += 1
            guard case .module(.path(let path), _) = self[id].kind else { continue }
            let importer = sources.source(of: self[id].start).name
            guard let source = loader?.source(of: path, for: importer) else {
                resolve(id, .missing(path))
                continue
            }
            let reference = found[source.name] ?? load(source, writtenAs: path)
            found[source.name] = reference
            resolve(id, reference)
        }
    }

    private mutating func load(_ source: SourceFile, writtenAs path: String) -> ModuleReference {
        let main = items
        let base = add(source)
        do throws(ScriptSyntaxError) {
            var tree = try Self.parseDocumented(source, into: self, base: base)
            tree.modules.append(Module(path: source.name, items: tree.items))
            tree.items = main
            self = tree
            return .loaded(modules.count - 1)
        } catch {
            return .faulty("\(path): \(error.message)")
        }
    }
}
