/* Sends the statements that record.c wrote down straight to libsqlite3, in one loop on one thread, and prints how
 * many seconds that took, how many statements there were and how many of them were commits. This is the floor: what
 * the same work costs with no product around it.
 *
 *   replay RECORDING DATABASE
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_statements = 65536, most_connections = 16 };

static sqlite3 *connections[most_connections];
static sqlite3_stmt *statements[most_statements];
static int prepared;
static long executed, commits;
static const char *database;

static void fail(const char *what) {
    fprintf(stderr, "error: %s\n", what);
    exit(1);
}

static sqlite3 *connection(int64_t number) {
    if (number < 0 || number >= most_connections) fail("the recording has too many connections");
    if (!connections[number] && sqlite3_open(database, &connections[number]) != SQLITE_OK)
        fail("the database cannot be opened");
    return connections[number];
}

static const char *cursor;

static int64_t number(void) {
    int64_t value;
    memcpy(&value, cursor, sizeof value);
    cursor += sizeof value;
    return value;
}

static const char *bytes(int64_t length) {
    const char *start = cursor;
    cursor += length;
    return start;
}

static void prepare(void) {
    sqlite3 *owner = connection(number());
    int64_t length = number();
    const char *text = bytes(length);
    if (prepared == most_statements) fail("the recording has too many statements");
    if (sqlite3_prepare_v3(
            owner, text, (int)length, SQLITE_PREPARE_PERSISTENT, &statements[prepared++], NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(owner));
}

static void execute(void) {
    sqlite3_stmt *statement = statements[number()];
    int64_t count = number();
    for (int index = 1; index <= count; index++) {
        int64_t length;
        double real;
        switch (*bytes(1)) {
        case 'I': sqlite3_bind_int64(statement, index, number()); break;
        case 'D':
            memcpy(&real, bytes(sizeof real), sizeof real);
            sqlite3_bind_double(statement, index, real);
            break;
        case 'T':
            length = number();
            sqlite3_bind_text(statement, index, bytes(length), (int)length, SQLITE_STATIC);
            break;
        case 'B':
            length = number();
            sqlite3_bind_blob(statement, index, bytes(length), (int)length, SQLITE_STATIC);
            break;
        default: sqlite3_bind_null(statement, index);
        }
    }
    while (sqlite3_step(statement) == SQLITE_ROW) continue;
    executed++;
    commits += sqlite3_strnicmp(sqlite3_sql(statement), "COMMIT", 6) == 0;
    /* What failed when it was recorded fails here, too: the product went on after it, and so does this. */
    sqlite3_reset(statement);
}

static void execute_text(void) {
    sqlite3 *owner = connection(number());
    int64_t length = number();
    char *text = strndup(bytes(length), (size_t)length);
    sqlite3_exec(owner, text, NULL, NULL, NULL);
    free(text);
}

static char *whole_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("the recording cannot be read");
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *contents = malloc(*size);
    if (fread(contents, 1, *size, file) != *size) fail("the recording cannot be read");
    fclose(file);
    return contents;
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage: replay RECORDING DATABASE");
    size_t size;
    cursor = whole_file(arguments[1], &size);
    database = arguments[2];
    const char *end = cursor + size;
    struct timespec start, stop;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (cursor < end) {
        switch (*bytes(1)) {
        case 'S': prepare(); break;
        case 'X': execute(); break;
        case 'E': execute_text(); break;
        default: fail("the recording is damaged");
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &stop);
    double seconds = (double)(stop.tv_sec - start.tv_sec) + (double)(stop.tv_nsec - start.tv_nsec) / 1e9;
    printf("%.6f %ld %ld\n", seconds, executed, commits);
    return 0;
}
