/* Records what a program asks of libsqlite3: every statement with its bindings, in the order of their first step,
 * to the file that HYPJOBS_RECORDING names. Preloaded into the real worker (LD_PRELOAD), it gives replay.c the very
 * statements, values and transactions that the product sends, whatever the product sends this year.
 *
 * The file is a sequence of records, numbers in the machine's own layout:
 *   'S' connection length text             a statement is prepared; statements are numbered from 0
 *   'X' statement count { type value… }    it is executed with these bindings
 *   'E' connection length text             sqlite3_exec
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_statements = 4096, most_bindings = 64, most_connections = 16 };

struct binding {
    char type; /* one of N I D T B */
    int64_t integer;
    double real;
    int64_t length;
    char *bytes;
};

struct statement {
    sqlite3_stmt *handle;
    int number;
    int is_running;
    struct binding bindings[most_bindings];
};

static struct statement statements[most_statements];
static sqlite3 *connections[most_connections];
static int prepared;
static FILE *recording;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The library calls its own functions by these names, too: what happens inside a call is its own affair. */
static _Thread_local int depth;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(name, ...)                       \
    ({                                        \
        depth++;                              \
        int answer = REAL(name)(__VA_ARGS__); \
        depth--;                              \
        answer;                               \
    })

static FILE *out(void) {
    if (!recording) {
        const char *path = getenv("HYPJOBS_RECORDING");
        recording = path ? fopen(path, "wb") : NULL;
        if (!recording) {
            fputs("error: HYPJOBS_RECORDING names no file that can be written\n", stderr);
            exit(4);
        }
    }
    return recording;
}

static void put(const void *bytes, size_t length) { fwrite(bytes, 1, length, out()); }
static void put_number(int64_t number) { put(&number, sizeof number); }
static void put_text(const char *text, int64_t length) {
    put_number(length);
    put(text, (size_t)length);
}

static int number_of(sqlite3 *connection) {
    for (int i = 0; i < most_connections; i++) {
        if (connections[i] == connection) return i;
        if (!connections[i]) {
            connections[i] = connection;
            return i;
        }
    }
    fputs("error: more connections than the recorder knows\n", stderr);
    exit(4);
}

static struct statement *find(sqlite3_stmt *handle) {
    for (int i = 0; i < most_statements; i++)
        if (statements[i].handle == handle) return &statements[i];
    return NULL;
}

static void remember(sqlite3_stmt *handle) {
    if (!handle) return;
    pthread_mutex_lock(&lock);
    struct statement *slot = find(NULL);
    if (!slot) {
        fputs("error: more statements than the recorder knows\n", stderr);
        exit(4);
    }
    memset(slot, 0, sizeof *slot);
    slot->handle = handle;
    slot->number = prepared++;
    for (int i = 0; i < most_bindings; i++) slot->bindings[i].type = 'N';
    const char *text = sqlite3_sql(handle);
    if (!text) text = "";
    put("S", 1);
    put_number(number_of(sqlite3_db_handle(handle)));
    put_text(text, (int64_t)strlen(text));
    pthread_mutex_unlock(&lock);
}

int sqlite3_prepare_v2(sqlite3 *db, const char *text, int length, sqlite3_stmt **statement, const char **tail) {
    int status = CALL(sqlite3_prepare_v2, db, text, length, statement, tail);
    if (status == SQLITE_OK && depth == 0) remember(*statement);
    return status;
}

int sqlite3_prepare_v3(
    sqlite3 *db, const char *text, int length, unsigned flags, sqlite3_stmt **statement, const char **tail) {
    int status = CALL(sqlite3_prepare_v3, db, text, length, flags, statement, tail);
    if (status == SQLITE_OK && depth == 0) remember(*statement);
    return status;
}

int sqlite3_finalize(sqlite3_stmt *handle) {
    if (depth > 0) return CALL(sqlite3_finalize, handle);
    pthread_mutex_lock(&lock);
    struct statement *statement = handle ? find(handle) : NULL;
    if (statement) statement->handle = NULL;
    pthread_mutex_unlock(&lock);
    return CALL(sqlite3_finalize, handle);
}

int sqlite3_exec(
    sqlite3 *db, const char *text, int (*row)(void *, int, char **, char **), void *context, char **error) {
    if (depth > 0) return CALL(sqlite3_exec, db, text, row, context, error);
    pthread_mutex_lock(&lock);
    put("E", 1);
    put_number(number_of(db));
    put_text(text, (int64_t)strlen(text));
    pthread_mutex_unlock(&lock);
    return CALL(sqlite3_exec, db, text, row, context, error);
}

/* Notes a binding; what is not text or a blob has no bytes. */
static void bind(sqlite3_stmt *handle, int index, struct binding value, const void *bytes) {
    if (depth > 0) return;
    pthread_mutex_lock(&lock);
    struct statement *statement = find(handle);
    if (statement && index >= 1 && index <= most_bindings) {
        struct binding *slot = &statement->bindings[index - 1];
        free(slot->bytes);
        *slot = value;
        slot->bytes = NULL;
        if (bytes) {
            slot->bytes = malloc((size_t)value.length + 1);
            memcpy(slot->bytes, bytes, (size_t)value.length);
        }
    }
    pthread_mutex_unlock(&lock);
}

int sqlite3_bind_null(sqlite3_stmt *handle, int index) {
    bind(handle, index, (struct binding){.type = 'N'}, NULL);
    return CALL(sqlite3_bind_null, handle, index);
}

int sqlite3_bind_int(sqlite3_stmt *handle, int index, int value) {
    bind(handle, index, (struct binding){.type = 'I', .integer = value}, NULL);
    return CALL(sqlite3_bind_int, handle, index, value);
}

int sqlite3_bind_int64(sqlite3_stmt *handle, int index, sqlite3_int64 value) {
    bind(handle, index, (struct binding){.type = 'I', .integer = value}, NULL);
    return CALL(sqlite3_bind_int64, handle, index, value);
}

int sqlite3_bind_double(sqlite3_stmt *handle, int index, double value) {
    bind(handle, index, (struct binding){.type = 'D', .real = value}, NULL);
    return CALL(sqlite3_bind_double, handle, index, value);
}

int sqlite3_bind_text(sqlite3_stmt *handle, int index, const char *text, int length, void (*release)(void *)) {
    int64_t bytes = length < 0 ? (int64_t)strlen(text) : length;
    bind(handle, index, (struct binding){.type = 'T', .length = bytes}, text);
    return CALL(sqlite3_bind_text, handle, index, text, length, release);
}

int sqlite3_bind_text64(
    sqlite3_stmt *handle, int index, const char *text, sqlite3_uint64 length, void (*release)(void *),
    unsigned char encoding) {
    bind(handle, index, (struct binding){.type = 'T', .length = (int64_t)length}, text);
    return CALL(sqlite3_bind_text64, handle, index, text, length, release, encoding);
}

int sqlite3_bind_blob(sqlite3_stmt *handle, int index, const void *bytes, int length, void (*release)(void *)) {
    bind(handle, index, (struct binding){.type = 'B', .length = length}, bytes ? bytes : "");
    return CALL(sqlite3_bind_blob, handle, index, bytes, length, release);
}

int sqlite3_bind_blob64(
    sqlite3_stmt *handle, int index, const void *bytes, sqlite3_uint64 length, void (*release)(void *)) {
    bind(handle, index, (struct binding){.type = 'B', .length = (int64_t)length}, bytes ? bytes : "");
    return CALL(sqlite3_bind_blob64, handle, index, bytes, length, release);
}

static void put_execution(const struct statement *statement, int count) {
    put("X", 1);
    put_number(statement->number);
    put_number(count);
    for (int i = 0; i < count; i++) {
        const struct binding *value = &statement->bindings[i];
        put(&value->type, 1);
        switch (value->type) {
        case 'I': put_number(value->integer); break;
        case 'D': put(&value->real, sizeof value->real); break;
        case 'T':
        case 'B': put_text(value->bytes, value->length); break;
        default: break;
        }
    }
}

int sqlite3_step(sqlite3_stmt *handle) {
    if (depth > 0) return CALL(sqlite3_step, handle);
    pthread_mutex_lock(&lock);
    struct statement *statement = find(handle);
    if (statement && !statement->is_running) {
        statement->is_running = 1;
        put_execution(statement, sqlite3_bind_parameter_count(handle));
    }
    pthread_mutex_unlock(&lock);
    return CALL(sqlite3_step, handle);
}

int sqlite3_reset(sqlite3_stmt *handle) {
    if (depth > 0) return CALL(sqlite3_reset, handle);
    pthread_mutex_lock(&lock);
    struct statement *statement = handle ? find(handle) : NULL;
    if (statement) statement->is_running = 0;
    pthread_mutex_unlock(&lock);
    return CALL(sqlite3_reset, handle);
}

/* Bindings survive a reset, but not this. */
int sqlite3_clear_bindings(sqlite3_stmt *handle) {
    int count = sqlite3_bind_parameter_count(handle);
    for (int i = 1; i <= count && i <= most_bindings; i++) bind(handle, i, (struct binding){.type = 'N'}, NULL);
    return CALL(sqlite3_clear_bindings, handle);
}

__attribute__((destructor)) static void finish(void) {
    if (recording) fclose(recording);
}
