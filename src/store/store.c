#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/erase.h"
#include "store/objects_priv.h"
#include "store/store_priv.h"

/* The schema's number stands in user_version; docs/formats/evidence.md describes the tables.
 * secure_delete: erased keys must not stay in free pages. */
enum { SCHEMA = 13, WITH_SUMS = 4, BUSY_MS = 10000 };

static const char schema[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL, leaf BLOB NOT NULL);"
    "CREATE TABLE tile(level INTEGER, n INTEGER, hashes BLOB NOT NULL,"
    " PRIMARY KEY(level,n)) WITHOUT ROWID;"
    "CREATE TABLE note(size INTEGER PRIMARY KEY, body BLOB NOT NULL);"
    "CREATE TABLE rule(id INTEGER PRIMARY KEY, gid INTEGER NOT NULL, sid INTEGER NOT NULL,"
    " rev INTEGER NOT NULL, name TEXT NOT NULL);"
    "CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE source(id INTEGER PRIMARY KEY, prefix_len INTEGER NOT NULL,"
    " prefix BLOB NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,"
    " lines INTEGER NOT NULL, array INTEGER NOT NULL);"
    "CREATE TABLE block(id INTEGER PRIMARY KEY, leaf INTEGER NOT NULL, segment INTEGER NOT "
    "NULL,"
    " at INTEGER NOT NULL, len INTEGER NOT NULL, events INTEGER NOT NULL,"
    " count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " seen INTEGER NOT NULL, root BLOB NOT NULL, tables BLOB NOT NULL, salt BLOB NOT NULL,"
    " figures BLOB NOT NULL, filter BLOB NOT NULL);"
    "CREATE INDEX block_time ON block(last,first);"
    "CREATE TABLE block_key(block INTEGER PRIMARY KEY, key BLOB NOT NULL);"
    "CREATE TABLE tables(id BLOB PRIMARY KEY, datasets BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;";

/* What each number has beyond the one before it: a new database is made by all of them in turn,
 * so there is one way only. */
static const char *const later[] = {
    /* 2: people, what they show, and the openings of their acts */
    "CREATE TABLE person(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
    " name TEXT NOT NULL, role INTEGER NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL,"
    " revoked INTEGER NOT NULL, password TEXT NOT NULL);"
    "CREATE UNIQUE INDEX person_name ON person(kind,name) WHERE revoked=0;"
    "CREATE TABLE access(hash BLOB PRIMARY KEY, kind INTEGER NOT NULL, person INTEGER NOT NULL,"
    " made INTEGER NOT NULL, until INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX access_person ON access(person,kind);"
    "CREATE TABLE act(leaf INTEGER PRIMARY KEY, salt BLOB NOT NULL, opened BLOB NOT NULL);"
    "PRAGMA user_version=2;",
    /* 3: what was erased, what is kept of it, and what must not be erased */
    "CREATE TABLE erased(block INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " leaf INTEGER NOT NULL, at INTEGER NOT NULL, rule TEXT NOT NULL,"
    " pending INTEGER NOT NULL);"
    "CREATE INDEX erased_pending ON erased(block) WHERE pending<>0;"
    "CREATE TABLE block_salts(block INTEGER PRIMARY KEY, kept BLOB NOT NULL);"
    "CREATE TABLE block_commits(block INTEGER PRIMARY KEY, kept BLOB NOT NULL);"
    "CREATE TABLE hold(name TEXT PRIMARY KEY, until INTEGER NOT NULL, placed INTEGER NOT NULL,"
    " leaf INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE held(name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY(name,first)) WITHOUT ROWID;"
    "CREATE TABLE opening(leaf INTEGER PRIMARY KEY, salt BLOB NOT NULL, opened BLOB NOT NULL);"
    "PRAGMA user_version=3;",
    /* 4: a sum in each page (add_sums()) */
    "PRAGMA user_version=4;",
    /* 5: what was cosigned of other logs, every note of it, and what proves that one forked */
    "CREATE TABLE witnessed(origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " at INTEGER NOT NULL, note BLOB NOT NULL, PRIMARY KEY(origin,size)) WITHOUT ROWID;"
    "CREATE TABLE forked(origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " at INTEGER NOT NULL, note BLOB NOT NULL, PRIMARY KEY(origin,size,root)) WITHOUT ROWID;"
    "PRAGMA user_version=5;",
    /* 6: pacts, what their parties say to each other, and who cosigned this log */
    "ALTER TABLE witnessed ADD COLUMN first INTEGER NOT NULL DEFAULT 0;"
    "UPDATE witnessed SET first=at;"
    "CREATE TABLE cosigned(role INTEGER NOT NULL, name TEXT NOT NULL, key INTEGER NOT NULL,"
    " size INTEGER NOT NULL, first INTEGER NOT NULL, at INTEGER NOT NULL, line TEXT NOT NULL,"
    " PRIMARY KEY(role,name,key,size)) WITHOUT ROWID;"
    "CREATE INDEX cosigned_size ON cosigned(size);"
    "CREATE TABLE pact_note(kind INTEGER NOT NULL, pact TEXT NOT NULL, party TEXT NOT NULL,"
    " by TEXT NOT NULL, sequence INTEGER NOT NULL, sha256 BLOB NOT NULL, note BLOB NOT NULL,"
    " leaf INTEGER NOT NULL, own INTEGER NOT NULL, taken INTEGER NOT NULL,"
    " PRIMARY KEY(kind,pact,party,by,sequence));"
    "CREATE TABLE message(id BLOB PRIMARY KEY, pact TEXT NOT NULL, incident TEXT NOT NULL,"
    " sender TEXT NOT NULL, receiver TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
    " leaf INTEGER NOT NULL, here INTEGER NOT NULL, arrived INTEGER NOT NULL,"
    " code INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE INDEX message_chain ON message(pact,incident,sender,receiver,seq);"
    "CREATE UNIQUE INDEX message_here ON message(here);"
    "CREATE TABLE incident(pact TEXT NOT NULL, name TEXT NOT NULL, party TEXT NOT NULL,"
    " notifier INTEGER NOT NULL, closed INTEGER NOT NULL, opened INTEGER NOT NULL,"
    " local BLOB NOT NULL, told BLOB NOT NULL, PRIMARY KEY(pact,name));"
    "CREATE INDEX incident_opened ON incident(closed,opened);"
    "CREATE TABLE wanted(leaf INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pact TEXT NOT NULL,"
    " party TEXT NOT NULL, sequence INTEGER NOT NULL, sha256 BLOB NOT NULL);"
    "PRAGMA user_version=6;",
    /* 7: proof files that messages name */
    "CREATE TABLE proof(number INTEGER PRIMARY KEY, id BLOB NOT NULL, pact TEXT NOT NULL,"
    " party TEXT NOT NULL, ours INTEGER NOT NULL, state INTEGER NOT NULL,"
    " block INTEGER NOT NULL, idx INTEGER NOT NULL, leaf INTEGER NOT NULL,"
    " commitment BLOB NOT NULL, named INTEGER NOT NULL, origin TEXT NOT NULL, tried INTEGER "
    "NOT NULL,"
    " file BLOB NOT NULL,"
    " UNIQUE(id,party,ours));"
    "CREATE INDEX proof_wanted ON proof(party,number) WHERE state=1;"
    "CREATE INDEX proof_block ON proof(block) WHERE ours=1;"
    "CREATE INDEX proof_named ON proof(party,named) WHERE ours=1;"
    "PRAGMA user_version=7;",
    /* 8: what sensors saw of declared space, and test packets */
    "CREATE TABLE beat(pact TEXT NOT NULL, until INTEGER NOT NULL, since INTEGER NOT NULL,"
    " ppm INTEGER NOT NULL, sensors INTEGER NOT NULL, healthy INTEGER NOT NULL,"
    " PRIMARY KEY(pact,until)) WITHOUT ROWID;"
    "CREATE TABLE coverage(pact TEXT NOT NULL, hour INTEGER NOT NULL, told INTEGER NOT NULL,"
    " seen INTEGER NOT NULL, PRIMARY KEY(pact,hour)) WITHOUT ROWID;"
    "CREATE TABLE traffic(sensor TEXT NOT NULL, hour INTEGER NOT NULL, told INTEGER NOT NULL,"
    " packets INTEGER NOT NULL, drops INTEGER NOT NULL, PRIMARY KEY(sensor,hour)) WITHOUT "
    "ROWID;"
    "CREATE TABLE canary(leaf INTEGER PRIMARY KEY, pact TEXT NOT NULL, sensor TEXT NOT NULL,"
    " payload BLOB NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL,"
    " found INTEGER NOT NULL, block INTEGER NOT NULL, idx INTEGER NOT NULL);"
    "CREATE INDEX canary_at ON canary(pact,at);"
    "CREATE INDEX canary_open ON canary(until) WHERE found=0;"
    "PRAGMA user_version=8;",
    /* 9: the same by declared prefix, and times in which sensors saw nothing */
    "CREATE TABLE space(pact TEXT NOT NULL, prefix TEXT NOT NULL, place INTEGER NOT NULL,"
    " first INTEGER NOT NULL, until INTEGER NOT NULL, ppm INTEGER NOT NULL,"
    " blind INTEGER NOT NULL, less INTEGER NOT NULL, PRIMARY KEY(pact,prefix)) WITHOUT ROWID;"
    "CREATE TABLE space_hour(pact TEXT NOT NULL, prefix TEXT NOT NULL, hour INTEGER NOT NULL,"
    " seen INTEGER NOT NULL, PRIMARY KEY(pact,prefix,hour)) WITHOUT ROWID;"
    "CREATE TABLE blind_time(leaf INTEGER PRIMARY KEY, since INTEGER NOT NULL, until INTEGER "
    "NOT NULL,"
    " sensor TEXT NOT NULL, reason TEXT NOT NULL);"
    "CREATE INDEX blind_until ON blind_time(until);"
    "PRAGMA user_version=9;",
    /* 10: the vulnerabilities that rules name */
    "ALTER TABLE rule ADD COLUMN cves BLOB NOT NULL DEFAULT x''; PRAGMA user_version=10;",
    /* 11: collections of STIX objects */
    "CREATE TABLE collection(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL,"
    " pact TEXT NOT NULL, made INTEGER NOT NULL, party TEXT NOT NULL);"
    "CREATE TABLE collection_right(collection INTEGER NOT NULL, person INTEGER NOT NULL,"
    " rights INTEGER NOT NULL, PRIMARY KEY(collection,person)) WITHOUT ROWID;"
    "CREATE TABLE person_party(person INTEGER PRIMARY KEY, party TEXT NOT NULL);"
    "CREATE TABLE object_type(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE object(place INTEGER PRIMARY KEY, collection INTEGER NOT NULL,"
    " last INTEGER NOT NULL, first INTEGER NOT NULL, type INTEGER NOT NULL, id TEXT NOT NULL,"
    " at INTEGER NOT NULL, version TEXT NOT NULL, spec TEXT NOT NULL, leaf INTEGER NOT NULL,"
    " poster INTEGER NOT NULL, hash BLOB NOT NULL, salt BLOB NOT NULL, chunk INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, size INTEGER NOT NULL);"
    "CREATE TABLE object_run(collection INTEGER NOT NULL, first INTEGER NOT NULL,"
    " type INTEGER NOT NULL, last INTEGER NOT NULL, live INTEGER NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY(collection,first)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX object_run_of_type ON object_run(collection,type,first);"
    "CREATE TABLE object_chunk(number INTEGER PRIMARY KEY, size INTEGER NOT NULL,"
    " packed BLOB NOT NULL);"
    "CREATE TABLE object_key(hash INTEGER NOT NULL, at INTEGER NOT NULL, place INTEGER NOT "
    "NULL,"
    " PRIMARY KEY(hash,at,place)) WITHOUT ROWID;"
    "CREATE TABLE object_new(number INTEGER PRIMARY KEY, merged INTEGER NOT NULL,"
    " keys BLOB NOT NULL);"
    "CREATE TABLE tombstone(place INTEGER PRIMARY KEY, collection INTEGER NOT NULL,"
    " id TEXT NOT NULL, at INTEGER NOT NULL, version TEXT NOT NULL, hash BLOB NOT NULL,"
    " dropped INTEGER NOT NULL, leaf INTEGER NOT NULL, salt BLOB NOT NULL);"
    "CREATE TABLE outcome(id TEXT PRIMARY KEY, at INTEGER NOT NULL, collection INTEGER NOT "
    "NULL,"
    " person INTEGER NOT NULL, total INTEGER NOT NULL, added INTEGER NOT NULL,"
    " first INTEGER NOT NULL, same TEXT NOT NULL, same_count INTEGER NOT NULL,"
    " failed TEXT NOT NULL, failed_count INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX outcome_at ON outcome(at);"
    "PRAGMA user_version=11;",
    /* 12: hits of indicators */
    "CREATE TABLE hit(id BLOB NOT NULL, day INTEGER NOT NULL, events INTEGER NOT NULL,"
    " count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " kinds INTEGER NOT NULL, PRIMARY KEY(id,day)) WITHOUT ROWID;"
    "CREATE TABLE sought(id BLOB PRIMARY KEY, state INTEGER NOT NULL,"
    " confidence INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,"
    " name TEXT NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=12;",
    /* 13: … and by records that are no event; collections that they come from */
    ("ALTER TABLE hit ADD COLUMN unrecorded INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE collection ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE collection ADD COLUMN older INTEGER NOT NULL DEFAULT 0;"
     "UPDATE collection SET older=1 WHERE number IN"
     " (SELECT DISTINCT collection FROM object WHERE spec<>'2.1');"
     "PRAGMA user_version=13;")};
_Static_assert(sizeof later / sizeof later[0] == SCHEMA - 1, "a step for each schema");

int
store_fail(struct store *s, int code)
{
    (void)snprintf(s->error, sizeof s->error, "%s",
                   sqlite3_extended_errcode(s->db) == SQLITE_IOERR_DATA
                       ? "a page of the database is damaged: restore a backup"
                       : sqlite3_errmsg(s->db));
    switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: s->left = true; return ERR_IO;
    case SQLITE_NOMEM: return ERR_NOMEM;
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    default: return ERR_IO;
    }
}

const char *
store_error(const struct store *s)
{
    return s->error;
}

sqlite3_stmt *
store_statement(struct store *s, enum statement which)
{
    static const char *const sql[] = {
#define STATEMENT(name, text) text,
#include "store/statements.def"
    };

    if (s->st[which] != NULL) {
        (void)sqlite3_reset(s->st[which]);
        (void)sqlite3_clear_bindings(s->st[which]);
        return s->st[which];
    }
    if (sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s->st[which],
                           NULL) != SQLITE_OK)
        (void)store_fail(s, SQLITE_ERROR);
    return s->st[which];
}

int
store_row(struct store *s, sqlite3_stmt *st)
{
    int code = st == NULL ? SQLITE_ERROR : sqlite3_step(st);

    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE) {
        (void)sqlite3_reset(st);
        return 0;
    }
    code = store_fail(s, code);
    if (st != NULL)
        (void)sqlite3_reset(st);
    return code;
}

int
store_run(struct store *s, sqlite3_stmt *st)
{
    int r = store_row(s, st);

    return r > 0 ? 0 : r;
}

int
store_number(struct store *s, enum statement which, uint64_t *ret)
{
    return store_one_number(s, store_statement(s, which), ret);
}

int
store_one_number(struct store *s, sqlite3_stmt *st, uint64_t *ret)
{
    int r = store_row(s, st);

    if (r <= 0)
        return r < 0 ? r : ERR_IO;
    *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

static int
exec(struct store *s, const char *sql)
{
    int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : store_fail(s, code);
}

enum { WAL_PAGES = 4000 /* of the write-ahead log; then it goes into the database */ };

/* SQLite's own hook for this passes over all errors, and a sync that failed must end the
 * process.  A full disk, or a reader in the way, is no harm: it is tried after the next
 * commit. */
static int
wal_grew(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *s = arg;
    int code = SQLITE_OK;

    if (pages >= WAL_PAGES)
        code = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK || code == SQLITE_FULL || code == SQLITE_BUSY ||
        code == SQLITE_LOCKED)
        return SQLITE_OK;
    (void)store_fail(s, code);
    return code;
}

static int
schema_version(struct store *s, int *ret)
{
    sqlite3_stmt *st = NULL;
    int r;

    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK)
        return store_fail(s, SQLITE_ERROR);
    r = store_row(s, st);
    if (r == 1)
        *ret = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    return r < 0 ? r : 0;
}

/* A database that has pages is written anew, in memory before it goes to the write-ahead log,
 * as its keys must not stand in a temporary file.  All of it is in the database before the new
 * number is, so that a database of that number has sums or is damaged. */
static int
add_sums(struct store *s)
{
    int r = exec(s, "PRAGMA temp_store=MEMORY; VACUUM;");
    int code;

    if (r < 0)
        return r;
    code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? 0 : store_fail(s, code);
}

/* Forward, in one transaction; a new database from nothing. */
static int
migrate(struct store *s, int *version)
{
    int r = *version == 0 || s->sums.on ? 0 : add_sums(s);

    if (r == 0)
        r = exec(s, "BEGIN IMMEDIATE");
    if (r == 0) /* another process may have done it meanwhile */
        r = schema_version(s, version);
    if (r == 0 && *version == 0) {
        r = exec(s, schema);
        *version = 1;
    }
    for (; r == 0 && *version < SCHEMA; ++*version)
        r = exec(s, later[*version - 1]);
    if (r == 0)
        r = exec(s, "COMMIT");
    if (r < 0)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

static int
prepare_database(struct store *s, enum store_mode mode, struct errinfo *ei)
{
    int version = 0;
    int r = sqlite3_busy_timeout(s->db, BUSY_MS) == SQLITE_OK ? 0 : ERR_IO;

    if (r == 0 && mode != STORE_READ)
        r = sums_reserve(s->db) == SQLITE_OK ? 0 : ERR_IO; /* counts where nothing is yet */
    if (r == 0 && mode != STORE_READ)
        r = exec(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                    "PRAGMA wal_autocheckpoint=0;");
    if (r == 0)
        r = exec(s, "PRAGMA cache_size=-16000; PRAGMA foreign_keys=OFF;"
                    "PRAGMA trusted_schema=OFF;");
    if (r == 0)
        r = schema_version(s, &version);
    if (r == 0 && (version == 0 ? mode == STORE_CREATE : mode != STORE_READ) &&
        version < SCHEMA)
        r = migrate(s, &version);
    s->schema = version;
    if (r < 0)
        return err_set(ei, r, "%s", s->error);
    if (version == 0)
        return err_set(ei, ERR_CONF,
                       "is not a node's database, or one whose `init` did not end");
    if (version > SCHEMA)
        return err_set(ei, ERR_CONF,
                       "was written by a newer detente (schema %d, this one knows %d): "
                       "upgrade, or restore a backup",
                       version, SCHEMA);
    if (version >= WITH_SUMS && !s->sums.on)
        return err_set(ei, ERR_IO, "its first page is damaged: restore a backup");
    r = store_find_log(s);
    return r < 0 ? err_set(ei, r, "%s", s->error) : 0;
}

/* By SQLite's own door, so that the disk of a test world is asked too. */
static bool
is_there(const char *path)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    int there = 0;

    return vfs != NULL && vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK &&
           there;
}

/* Permission; what is not there (a disk of a test world) is nobody's. */
static bool
may(const char *path, int how)
{
    return access(path, how) == 0 || errno == ENOENT;
}

/* Before SQLite, which says of all of this that it is unable to open the file. */
static int
may_open(const char *path, const char *dir, enum store_mode mode, struct errinfo *ei)
{
    if (!is_there(path) && may(path, F_OK))
        return err_set(ei, ERR_CONF, "no node here: make one with `detente --dir %s init`",
                       dir);
    if (may(path, mode == STORE_READ ? R_OK : R_OK | W_OK))
        return 0;
    return err_set(ei, err_own(errno), "cannot be %s: %s",
                   mode == STORE_READ ? "read" : "written", strerror(errno));
}

int
store_there(const char *dir, struct errinfo *ei)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/detente.db", dir) >= (int)sizeof path)
        return err_set(ei, ERR_USAGE, "%s: the directory's name is too long", dir);
    err_file(ei, path);
    return may_open(path, dir, STORE_WRITE, ei);
}

/* `file:` and every byte that could mean something written as %xx, then the query. */
static void
uri_of(const char *path, const char *query, char *ret, size_t room)
{
    size_t n = (size_t)snprintf(ret, room, "file:");

    for (; *path != '\0' && n + 4 < room; path++)
        n += (size_t)snprintf(ret + n, room - n, "%%%02x", (unsigned char)*path);
    (void)snprintf(ret + n, room - n, "%s", query);
}

/* A node where nothing can be written: a copy on a read-only mount or of another owner.  SQLite
 * wants to make a shared index of the write-ahead log beside it, which it cannot.
 *   - With index and log there, it may be live: it is read as every other, with locks.
 *   - With a log alone, a writer was killed, or it was copied from a live one: nobody writes,
 * so the index is made in memory, which SQLite does for whoever has the database alone; the
 *     lock that says so cannot be had on what is read-only, so it is done without.
 *   - Without either it stands still. */
static int
open_unwritable(struct store *s, const char *path)
{
    enum { URI = 3 * 4096 + 64 };
    char name[4096 + 8];
    char uri[URI];
    struct stat st;
    bool log;
    int code;

    (void)snprintf(name, sizeof name, "%s-wal", path);
    log = stat(name, &st) == 0;
    if (log) {
        bool empty = st.st_size == 0;

        (void)snprintf(name, sizeof name, "%s-shm", path);
        if (stat(name, &st) == 0)
            return sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                                   NULL);
        log = !empty;
    }
    uri_of(path, log ? "?mode=ro" : "?mode=ro&immutable=1", uri, sizeof uri);
    code = sqlite3_open_v2(uri, &s->db,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                           log ? "unix-none" : NULL);
    if (code == SQLITE_OK && log)
        code = sqlite3_exec(s->db, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL);
    return code;
}

static int
open_file(struct store *s, const char *dir, const char *path, enum store_mode mode)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (mode == STORE_READ && (!may(path, W_OK) || !may(dir, W_OK)))
        return open_unwritable(s, path);
    if (mode == STORE_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    return sqlite3_open_v2(path, &s->db, flags, NULL);
}

static int
open_database(struct store *s, const char *dir, const char *path, enum store_mode mode)
{
    int code = open_file(s, dir, path, mode);

    return code == SQLITE_OK ? sums_begin(&s->sums, s->db, false) : code;
}

int
store_open(const char *dir, enum store_mode mode, struct store **ret, struct errinfo *ei)
{
    struct store *s = calloc(1, sizeof *s);
    char path[4096];
    int r = 0;

    if (s == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    (void)snprintf(path, sizeof path, "%s/detente.db", dir);
    err_file(ei, path);
    if (mode != STORE_CREATE)
        r = may_open(path, dir, mode, ei);
    if (r < 0) {
        free(s);
        return r;
    }
    if (mode == STORE_CREATE) { /* SQLite would make it readable by all */
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (fd >= 0)
            (void)close(fd);
    }
    switch (open_database(s, dir, path, mode)) {
    case SQLITE_OK: break;
    case SQLITE_NOMEM: r = err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM)); break;
    default: r = err_set(ei, ERR_IO, "%s", sqlite3_errmsg(s->db));
    }
    if (r == 0)
        r = prepare_database(s, mode, ei);
    s->reads = mode == STORE_READ;
    s->left = s->reads; /* SQLite's last one to close would write the log back */
    if (r == 0 && mode == STORE_READ)
        r = exec(s, "PRAGMA query_only=ON");
    else if (r == 0)
        (void)sqlite3_wal_hook(s->db, wal_grew, s);
    if (r < 0) {
        s->left = true; /* whoever repairs it finds everything as it was */
        (void)store_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

struct store *
store_close(struct store *s)
{
    if (s == NULL)
        return NULL;
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(s->st[i]);
    if (s->left && s->db != NULL)
        (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close(s->db);
    chunk_close(s);
    free(s);
    return NULL;
}

int
store_begin(struct store *s)
{
    return store_run(s, store_statement(s, ST_BEGIN));
}

int
store_commit(struct store *s)
{
    int r = chunk_settle(s);

    if (r == 0)
        r = keys_settle(s);
    return r < 0 ? r : store_run(s, store_statement(s, ST_COMMIT));
}

void
store_rollback(struct store *s)
{
    if (!sqlite3_get_autocommit(s->db) && store_run(s, store_statement(s, ST_ROLLBACK)) < 0)
        (void)store_fail(s, SQLITE_ERROR);
    chunk_forget(s);
}

/* All bytes of a file are read and written again as they are: pages that count as clean
 * become dirty, so that the sync means them too. */
static int
rewrite(sqlite3_file *f)
{
    static const int chunk = 1 << 16;
    char *bytes = malloc((size_t)chunk);
    sqlite3_int64 size = 0;
    int code = bytes == NULL ? SQLITE_NOMEM : f->pMethods->xFileSize(f, &size);

    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += chunk) {
        int n = size - at < chunk ? (int)(size - at) : chunk;

        code = f->pMethods->xRead(f, bytes, n, at);
        if (code == SQLITE_OK)
            code = f->pMethods->xWrite(f, bytes, n, at);
    }
    free(bytes);
    return code == SQLITE_OK && size > 0 ? f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) : code;
}

int
store_snapshot(struct store *s)
{
    int r = s->snapshot ? 0 : store_run(s, store_statement(s, ST_SNAPSHOT));

    s->snapshots += !s->snapshot && r == 0;
    s->snapshot |= r == 0;
    return r;
}

/* Before anything of it goes into the database: a page that is half overwritten from frames
 * which then are gone could not be repaired by anybody. */
int
store_make_durable(struct store *s)
{
    sqlite3_file *wal = NULL;
    char mark[48];
    int r = store_begin(s); /* nobody else writes to it now */
    int code;

    if (r < 0)
        return r;
    code = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&wal);
    if (code == SQLITE_OK && wal != NULL && wal->pMethods != NULL)
        code = rewrite(wal);
    s->safe = code == SQLITE_OK;
    if (code != SQLITE_OK) {
        r = store_fail(s, code);
        (void)snprintf(s->error, sizeof s->error, "the write-ahead log: %s",
                       sqlite3_errstr(code));
    }
    (void)snprintf(mark, sizeof mark, "PRAGMA user_version=%d", s->schema);
    if (r == 0)
        r = exec(s, mark);
    if (r == 0)
        r = store_commit(s);
    if (r < 0)
        store_rollback(s);
    return r;
}

bool
store_is_safe(const struct store *s)
{
    return s->safe;
}

int
store_scrub(struct store *s)
{
    int code;

    store_settle(s);
    (void)sqlite3_busy_timeout(s->db, 0);
    code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    return code == SQLITE_OK ? 0 : store_fail(s, code);
}

int
store_check(struct store *s)
{
    sqlite3_stmt *st = store_statement(s, ST_CHECK);
    int r = store_row(s, st);
    struct slice said;

    if (r <= 0)
        return r < 0 ? r : ERR_IO;
    said = column_blob(st, 0);
    if (!slice_is(said, "ok")) {
        r = ERR_PROOF;
        (void)snprintf(s->error, sizeof s->error, "%.*s", (int)said.len, said.ptr);
    }
    (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

void
store_leave(struct store *s)
{
    s->left = true;
}

int
store_copy(struct store *s, const char *path)
{
    sqlite3_backup *copy = NULL;
    sqlite3 *to = NULL;
    struct sums sums;
    int code;

    code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK)
        code = sums_begin(&sums, to, s->sums.on);
    if (code == SQLITE_OK) {
        copy = sqlite3_backup_init(to, "main", s->db, "main");
        code = copy == NULL ? sqlite3_errcode(to) : SQLITE_OK;
    }
    if (code == SQLITE_OK) {
        (void)sqlite3_backup_step(copy, -1);
        code = sqlite3_backup_finish(copy);
    }
    if (code != SQLITE_OK)
        (void)snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(to));
    (void)sqlite3_close(to);
    return code == SQLITE_OK ? 0 : (code & 0xff) == SQLITE_FULL ? ERR_FULL : ERR_IO;
}

void
store_settle(struct store *s)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (s->st[i] != NULL)
            (void)sqlite3_reset(s->st[i]);
    }
    if (s->snapshot && store_run(s, store_statement(s, ST_COMMIT)) == 0)
        s->snapshot = false;
}

/* Bind a name, give the first column of the row to each caller's taste. */
static int
named_row(struct store *s, enum statement which, const char *name, sqlite3_stmt **ret)
{
    sqlite3_stmt *st = store_statement(s, which);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    r = store_row(s, st);
    *ret = st;
    return r;
}

int
store_get_meta(struct store *s, const char *name, struct buf *ret)
{
    sqlite3_stmt *st;
    int r = named_row(s, ST_META_GET, name, &st);

    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    buf_slice(ret, column_blob(st, 0));
    (void)sqlite3_reset(st);
    return buf_error(ret);
}

int
store_put_meta(struct store *s, const char *name, struct slice value)
{
    sqlite3_stmt *st = store_statement(s, ST_META_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
        bind_blob(st, 2, value);
    }
    return store_run(s, st);
}

int
store_get_counter(struct store *s, const char *name, uint64_t *ret)
{
    sqlite3_stmt *st;
    int r = named_row(s, ST_COUNTER_GET, name, &st);

    *ret = r == 1 ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    if (r == 1)
        (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

int
store_add_counter(struct store *s, const char *name, uint64_t n)
{
    sqlite3_stmt *st;

    if (n == 0)
        return 0;
    st = store_statement(s, ST_COUNTER_ADD);
    if (st != NULL) {
        (void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)n);
    }
    return store_run(s, st);
}
