// What Swift's importer leaves out of sqlite3.h: macros that cast.
#pragma once
#include <sqlite3.h>

// The bytes stay where they are until the statement is reset or bound anew.
static inline sqlite3_destructor_type hypjobs_sqlite_static(void) { return SQLITE_STATIC; }

// A variadic function, which Swift cannot call. Without its statistics SQLite takes no process-wide lock for each
// allocation.
static inline int hypjobs_sqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// Variadic as well. A name in double quotes that is no column's is then an error, and not a text.
static inline int hypjobs_sqlite_refuse_quoted_text(sqlite3 *database) {
    int status = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    return status != SQLITE_OK ? status : sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}
