import SQL

/// A statement of SQL, where the language's statements are in sight as well.
typealias DatabaseStatement = Statement
