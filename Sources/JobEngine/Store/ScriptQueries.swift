/// Every statement that the engine sends about scripts, in the portable dialect with `?` markers.
enum ScriptQueries {
    static let selectByName = """
        SELECT id, name, version, status, content, created_by, created_at, updated_at FROM scripts WHERE \
        name = ?
        """
    static let selectAll = """
        SELECT id, name, version, status, content, created_by, created_at, updated_at FROM scripts ORDER \
        BY name
        """
    static let selectNames = "SELECT name FROM scripts WHERE status <> 'archived' ORDER BY name"
    static let insertScript = """
        INSERT INTO scripts (id, name, content, version, created_at, updated_at, created_by, status) \
        VALUES (?, ?, ?, 1, ?, ?, ?, 'active')
        """
    static let updateContent = """
        UPDATE scripts SET content = ?, version = ?, updated_at = ?, status = 'active' WHERE id = ? AND \
        version = ?
        """
    static let archive = "UPDATE scripts SET status = 'archived', updated_at = ? WHERE id = ?"
    static let restore = "UPDATE scripts SET status = 'active', updated_at = ? WHERE id = ?"
    static let insertVersion = """
        INSERT INTO script_versions (script_id, version, content, checksum, created_at, created_by) \
        VALUES (?, ?, ?, ?, ?, ?)
        """
    static let selectVersion = """
        SELECT content, checksum, created_at FROM script_versions WHERE script_id = ? AND version = ?
        """
    static let selectSource = """
        SELECT s.name, v.content, b.rules FROM script_versions v JOIN scripts s ON s.id = v.script_id \
        LEFT JOIN script_boxes b ON b.script_id = v.script_id WHERE v.script_id = ? AND v.version = ?
        """
}
