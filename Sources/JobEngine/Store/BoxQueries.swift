/// Every statement about boxes and recordings, in the portable dialect with `?` markers.
enum BoxQueries {
    static let select = "SELECT rules FROM script_boxes WHERE script_id = ?"
    static let selectAll = "SELECT script_id, rules FROM script_boxes"
    static let insert = "INSERT INTO script_boxes (script_id, rules, updated_at) VALUES (?, ?, ?)"
    static let update = "UPDATE script_boxes SET rules = ?, updated_at = ? WHERE script_id = ?"

    /// A second record of the same attempt, after the answer to the first got lost, changes nothing.
    static let insertRecording = """
        INSERT INTO execution_recordings (execution_id, attempt, recording, created_at) VALUES (?, ?, ?, ?) \
        ON CONFLICT (execution_id, attempt) DO NOTHING
        """
    static let selectRecording = """
        SELECT attempt, recording FROM execution_recordings WHERE execution_id = ? ORDER BY attempt DESC
        """
}
