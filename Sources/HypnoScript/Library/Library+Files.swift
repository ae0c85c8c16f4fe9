import Glibc

/// Files and directories, as far as the host grants the file system; paths are free.
extension Library {
    static let files: [Builtin] = contents + questions + changes + paths

    private static let contents = [
        Builtin("ReadFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                return try call.text { text throws(Raised) in try call.read(path, to: &text) }
            }
        },
        Builtin("WriteFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (path, text) = (try call.path(0), try call.text(1))
                try call.attempt(call.files.write(text, to: path, appending: false, charging: call.charge))
                return .null
            }
        },
        Builtin("AppendFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (path, text) = (try call.path(0), try call.text(1))
                try call.attempt(call.files.write(text, to: path, appending: true, charging: call.charge))
                return .null
            }
        },
        Builtin("ListDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                var names: [Value] = []
                for name in try call.attempt(call.files.names(in: path)) {
                    names.append(try call.string(name))
                }
                return try call.array(names)
            }
        },
    ]

    private static let questions = [
        Builtin("FileExists") {
            external($0, $1, $2) { call throws(Raised) in Value(try call.kind(0) != nil) }
        },
        Builtin("IsFile") {
            external($0, $1, $2) { call throws(Raised) in Value(try call.kind(0) == .file) }
        },
        Builtin("IsDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                Value(try call.kind(0) == .directory)
            }
        },
        Builtin("GetFileSize") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                return Value(number: Double(try call.attempt(call.files.size(of: path))))
            }
        },
    ]

    private static let changes = [
        Builtin("DeleteFile") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                try call.attempt(call.files.delete(path))
                return .null
            }
        },
        Builtin("CreateDirectory") {
            external($0, $1, $2) { call throws(Raised) in
                let path = try call.path(0)
                try call.attempt(call.files.createDirectories(path))
                return .null
            }
        },
        Builtin("CopyFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (source, target) = (try call.path(0), try call.path(1))
                let count = try call.attempt(call.files.copy(source, to: target, charging: call.charge))
                return Value(number: Double(count))
            }
        },
        Builtin("RenameFile") {
            external($0, $1, $2) { call throws(Raised) in
                let (source, target) = (try call.path(0), try call.path(1))
                try call.attempt(call.files.rename(source, to: target))
                return .null
            }
        },
    ]

    private static let paths = [
        Builtin("GetFileExtension") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: try call.filePath(0).fileExtension())
            }
        },
        Builtin("GetFileName") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: try call.filePath(0).stem())
            }
        },
        Builtin("GetParentDirectory") {
            native($0, $1, $2) { call throws(Raised) in
                try call.string(orNull: try call.filePath(0).parent())
            }
        },
    ]
}

extension BuiltinCall {
    /// A string argument that names a file, once the file system is granted.
    func path(_ position: Int) throws(Raised) -> String {
        let path = try text(position)
        try require(.filesystem)
        guard path.place(of: 0, from: 0) == nil else {
            throw raise(.runtime, "file name contained an unexpected NUL byte")
        }
        guard path.count < FileAccess.longestPath else {
            throw raise(.runtime, FileAccess.message(ENAMETOOLONG))
        }
        return String(decoding: path, as: UTF8.self)
    }

    /// What the file system is to the script.
    var files: FileAccess { FileAccess(scope: machine.pointee.host.files ?? .everywhere) }

    /// What a string argument leads to; nil where there is nothing.
    fileprivate func kind(_ position: Int) throws(Raised) -> FileAccess.Kind? {
        let path = try path(position)
        return try attempt(files.kind(of: path))
    }

    /// Does something with the file system and turns its refusal into an error of the script.
    func attempt<Result>(
        _ body: @autoclosure () throws(FileAccess.Failure) -> Result
    ) throws(Raised) -> Result {
        do throws(FileAccess.Failure) {
            return try body()
        } catch {
            switch error {
            case .system(let code): throw raise(.runtime, FileAccess.message(code))
            case .outside:
                throw raise(.capability, "Capability 'filesystem' does not reach outside of its directory")
            case .stopped(let raised): throw raised
            }
        }
    }

    /// Appends the text in a file.
    func read(_ path: String, to text: inout TextBuilder) throws(Raised) {
        var check = UnicodeCheck()
        var isText = true
        try attempt(
            files.read(
                path, charging: charge, expecting: { size throws(Raised) in try text.reserve(size) },
                { chunk throws(Raised) in
                    if isText { isText = check.accepts(chunk) }
                    try text.append(chunk)
                }))
        guard isText, check.isComplete else {
            throw raise(.runtime, "stream did not contain valid UTF-8")
        }
    }

    fileprivate func filePath(_ position: Int) throws(Raised) -> FilePath {
        try FilePath(self, try text(position))
    }

    fileprivate func string(orNull text: UnsafeBufferPointer<UInt8>?) throws(Raised) -> Value {
        guard let text else { return .null }
        return try string(text)
    }
}
