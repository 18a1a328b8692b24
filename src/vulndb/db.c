#include "vulndb/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA = 2, BUSY_MS = 5000, PATH_ROOM = 4096, PRODUCTS_MAX = 1 << 22 };

static const char schema[] = "BEGIN IMMEDIATE;"
#include "vulndb/schema.def"
                             "PRAGMA user_version=2;"
                             "COMMIT";

static const char *const sql[STATEMENTS] = {
#define STATEMENT(name, text) [ST_##name] = (text),
#include "vulndb/statements.def"
};

int
vulndb_fail(struct vulndb *db, int code)
{
    (void)snprintf(db->error, sizeof db->error, "%s", sqlite3_errmsg(db->db));
    switch (code & 0xff) {
    case SQLITE_NOMEM: return ERR_NOMEM;
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    default: return ERR_IO;
    }
}

const char *
vulndb_error(const struct vulndb *db)
{
    return db->error;
}

sqlite3_stmt *
vulndb_statement(struct vulndb *db, enum statement which)
{
    if (db->st[which] != NULL) {
        (void)sqlite3_reset(db->st[which]);
        (void)sqlite3_clear_bindings(db->st[which]);
    } else if (sqlite3_prepare_v3(db->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->st[which], NULL) != SQLITE_OK) {
        (void)vulndb_fail(db, SQLITE_ERROR);
    }
    return db->st[which];
}

int
vulndb_row(struct vulndb *db, sqlite3_stmt *st)
{
    int code = st == NULL ? SQLITE_ERROR : sqlite3_step(st);

    if (code == SQLITE_ROW)
        return 1;
    code = code == SQLITE_DONE ? 0 : st == NULL ? ERR_IO : vulndb_fail(db, code);
    if (st != NULL)
        (void)sqlite3_reset(st);
    return code;
}

int
vulndb_run(struct vulndb *db, sqlite3_stmt *st)
{
    int r = vulndb_row(db, st);

    if (r == 1)
        (void)sqlite3_reset(st);
    return r > 0 ? 0 : r;
}

/* ---- beginning and end --------------------------------------------------------------------
 */

static int
schema_version(struct vulndb *db, int *ret)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(db->db, "PRAGMA user_version", -1, &st, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_step(st);
        *ret = code == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
        code = sqlite3_finalize(st);
    }
    return code;
}

/* Another process may have done it meanwhile.  Who only reads has no use for what is new. */
static int
bring_up(struct vulndb *db, int *version)
{
    int code = sqlite3_exec(db->db,
                            "BEGIN IMMEDIATE; ALTER TABLE kev ADD COLUMN hash INTEGER NOT NULL "
                            "DEFAULT 0; PRAGMA user_version=2; COMMIT",
                            NULL, NULL, NULL);

    if (code == SQLITE_OK) {
        *version = SCHEMA;
        return code;
    }
    (void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    if (schema_version(db, version) == SQLITE_OK && *version == SCHEMA)
        return SQLITE_OK;
    return code;
}

static int
setup(struct vulndb *db, bool write, struct errinfo *ei)
{
    int keep = 1;
    int version = 0;
    int code = sqlite3_busy_timeout(db->db, BUSY_MS);

    /* The write-ahead log and its index stay: a reader may not be allowed to make them. */
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);

    /* A feed of a year may take a second and is taken in again after a power cut: what was
     * committed is whole, and that it is there is told when it is synced (vulndb_commit()). */
    if (code == SQLITE_OK)
        code = sqlite3_exec(db->db,
                            write ? "PRAGMA page_size=16384; PRAGMA journal_mode=WAL;"
                                    "PRAGMA synchronous=FULL; PRAGMA journal_size_limit=0;"
                                    "PRAGMA cache_size=-65536"
                                  : "PRAGMA query_only=ON; PRAGMA cache_size=-32768;"
                                    "PRAGMA mmap_size=1073741824",
                            NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db->db, "PRAGMA trusted_schema=OFF", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = schema_version(db, &version);
    if (code == SQLITE_OK && version == 0 && write) {
        code = sqlite3_exec(db->db, schema, NULL, NULL, NULL);
        version = SCHEMA;
    } else if (code == SQLITE_OK && version == 1 && write) {
        code = bring_up(db, &version);
    }
    if (code != SQLITE_OK)
        return err_set(ei, vulndb_fail(db, code), "%s", db->error);
    if (version == 0)
        return ERR_NOTFOUND; /* its maker has not come so far */
    return version == SCHEMA || (version == 1 && !write)
               ? 0
               : err_set(ei, ERR_CONF, "was written by another version: schema %d", version);
}

/* SQLite would make it readable by all. */
static int
make(const char *dir, const char *path, struct errinfo *ei)
{
    char folder[PATH_ROOM];
    int fd;

    (void)snprintf(folder, sizeof folder, "%s/vuln", dir);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    (void)close(fd);
    return 0;
}

int
vulndb_open(const char *dir, bool write, struct vulndb **ret, struct errinfo *ei)
{
    struct vulndb *db = calloc(1, sizeof *db);
    char path[PATH_ROOM];
    int flags = SQLITE_OPEN_NOMUTEX;
    int r = 0;

    if (db == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (getrandom(db->secret, sizeof db->secret, 0) != sizeof db->secret)
        db->secret[0] = (uint64_t)(uintptr_t)db;
    map_init(&db->names, 16, PRODUCTS_MAX, db->secret[0]);
    (void)snprintf(path, sizeof path, "%s/vuln/vuln.db", dir);
    err_file(ei, path);
    if (write)
        r = make(dir, path, ei);
    else if (access(path, F_OK) < 0)
        r = errno == ENOENT
                ? ERR_NOTFOUND
                : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    /* A reader too marks its place in the shared index, where it may. */
    flags |= !write && access(path, W_OK) < 0 ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (r == 0 && sqlite3_open_v2(path, &db->db, flags, NULL) != SQLITE_OK)
        r = err_set(ei, ERR_IO, "%s",
                    db->db == NULL ? "out of memory" : sqlite3_errmsg(db->db));
    if (r == 0)
        r = setup(db, write, ei);
    if (r < 0) {
        (void)vulndb_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

struct vulndb *
vulndb_close(struct vulndb *db)
{
    if (db == NULL)
        return NULL;
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(db->st[i]);
    (void)sqlite3_close(db->db);
    map_release(&db->names);
    free(db->products);
    free(db->seen);
    free(db->pending);
    buf_release(&db->pending_text);
    vulndb_rows_drop(db);
    free(db);
    return NULL;
}

int
vulndb_copy(struct vulndb *db, const char *path)
{
    sqlite3 *to = NULL;
    sqlite3_backup *copy = NULL;
    int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    if (code == SQLITE_OK) {
        copy = sqlite3_backup_init(to, "main", db->db, "main");
        code = copy == NULL ? sqlite3_errcode(to) : SQLITE_OK;
    }
    if (code == SQLITE_OK) {
        (void)sqlite3_backup_step(copy, -1);
        code = sqlite3_backup_finish(copy);
    }
    if (code != SQLITE_OK)
        (void)snprintf(db->error, sizeof db->error, "%s",
                       to == NULL ? "out of memory" : sqlite3_errmsg(to));
    (void)sqlite3_close(to);
    return code == SQLITE_OK ? 0 : (code & 0xff) == SQLITE_FULL ? ERR_FULL : ERR_IO;
}

int
vulndb_version(struct vulndb *db, uint64_t *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_VERSION);
    int r = vulndb_row(db, st);

    if (r != 1)
        return r < 0 ? r : ERR_IO;
    *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_begin(struct vulndb *db)
{
    return vulndb_run(db, vulndb_statement(db, ST_BEGIN));
}

int
vulndb_snapshot(struct vulndb *db)
{
    return vulndb_run(db, vulndb_statement(db, ST_SNAPSHOT));
}

int
vulndb_commit(struct vulndb *db)
{
    int r = vulndb_records_flush(db);

    return r < 0 ? r : vulndb_run(db, vulndb_statement(db, ST_COMMIT));
}

void
vulndb_rollback(struct vulndb *db)
{
    if (sqlite3_get_autocommit(db->db) == 0 &&
        vulndb_run(db, vulndb_statement(db, ST_ROLLBACK)) < 0)
        (void)vulndb_fail(db, SQLITE_ERROR);
    /* Products that it made are gone with it. */
    map_reset(&db->names);
    db->hash = 0;
    vulndb_records_drop(db);
    vulndb_rows_drop(db);
}
