/* Inside the store: the handle and its prepared statements. */
#ifndef DETENTE_STORE_STORE_PRIV_H
#define DETENTE_STORE_STORE_PRIV_H

#include <sqlite3.h>

#include "base/buf.h"
#include "store/store.h"
#include "store/sums.h"

/* name, SQL: prepared at the first use, kept until the handle is closed. */
enum statement {
#define STATEMENT(name, sql) ST_##name,
#include "store/statements.def"
    STATEMENTS
};

/* Bytes of objects: those that are being written, and those that were looked at last. */
struct store_chunk {
    int64_t number; /* of the open one; 0 none */
    struct buf bytes;
    int64_t kept_number; /* 0 nothing */
    char *kept;
    size_t kept_size;
    bool blanked; /* some of it, and its row does not know */
    struct ZSTD_CCtx_s *pack;
    struct ZSTD_DCtx_s *unpack;
    int64_t type; /* the number of that type; 0 not known */
    char type_name[64];
    int64_t read_type; /* of the row that was read last, and its name */
    char read_name[320];
    size_t read_len;
    int64_t hashed_of; /* the collection of … */
    char hashed[320];  /* … the id that was hashed last, … */
    size_t hashed_len;
    int64_t hash; /* … to this */
};

/* What an object is found by: little-endian in its row. */
struct store_key {
    int64_t hash; /* of its collection and its id */
    int64_t at;   /* of its version */
    int64_t place;
};
/* Those that are in no index yet, as they stand in rows of object_new.  Who writes keeps them;
 * who reads looks whether somebody wrote. */
struct store_keys {
    bool known;
    struct store_key *sorted; /* by all three: of the rows that are full */
    size_t count;
    size_t room;
    size_t blank;           /* of them are dropped: place 0 */
    struct store_key *open; /* of the last row: as they came, and sorted for who reads */
    size_t opens;
    int64_t number;         /* of that row: the place of its first */
    bool ahead;             /* of that row */
    struct store_key *held; /* of the full row that something was dropped from last, … */
    size_t helds;
    int64_t held_number; /* … its number, 0 none, … */
    bool held_ahead;     /* … and ahead of it */
    int64_t least;  /* number of the first row, when it was looked for; 0 there was none … */
    int64_t waits;  /* … and of the first that was in no index */
    unsigned asked; /* how often, as long as there is no filter */
    int64_t done;   /* … of the newest in sorted */
    uint64_t seen;  /* SQLite's data_version */
    uint64_t snapshot; /* … looked for in that one */
    uint64_t most;     /* that stay, at the most; 0: as many as is usual */
};

/* Objects one behind the other, of one collection and one type. */
struct store_run_of {
    int64_t collection; /* 0: none is open */
    int64_t type;
    int64_t first; /* places */
    int64_t last;
    int64_t live; /* the newest versions of their ids */
    int64_t count;
    bool ahead; /* of its row */
};

/* A filter of all ids that objects have: who is not in it is not here. */
struct store_ids {
    uint8_t *bits; /* NULL: none */
    uint64_t mask; /* of a bit's number */
    uint64_t count;
};

struct store {
    bool snapshot;      /* a read transaction is open … */
    uint64_t snapshots; /* … which is that one */
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
    char error[256];
    bool safe;  /* the write-ahead log as it was at the start is on the disk */
    bool reads; /* others write */
    bool left;  /* closing changes nothing any more */
    int schema; /* of the file: less than ours only when it is read as it is */
    struct sums sums;
    struct store_log log; /* the one that goes on */
    struct store_chunk chunk;
    struct store_run_of run;
    struct store_keys keys;
    struct store_ids ids;
};

/* The statement, reset and without bindings; NULL with the error kept. */
sqlite3_stmt *store_statement(struct store *s, enum statement which);
/* Run a statement that gives no rows. */
MUST_USE int store_run(struct store *s, sqlite3_stmt *st);
/* 1 a row, 0 the end, or an error. */
MUST_USE int store_row(struct store *s, sqlite3_stmt *st);
/* The number that a statement without bindings gives in its one row. */
MUST_USE int store_number(struct store *s, enum statement which, uint64_t *ret);
/* The same of one with bindings. */
MUST_USE int store_one_number(struct store *s, sqlite3_stmt *st, uint64_t *ret);
/* At the opening: which generation of the log goes on. */
MUST_USE int store_find_log(struct store *s);
/* Keep SQLite's message; ERR_IO, ERR_FULL, ERR_NOMEM or ERR_BUSY. */
int store_fail(struct store *s, int code);

static inline void
bind_blob(sqlite3_stmt *st, int at, struct slice bytes)
{
    (void)sqlite3_bind_blob64(st, at, bytes.len == 0 ? "" : bytes.ptr, bytes.len,
                              SQLITE_STATIC);
}

static inline void
bind_u64(sqlite3_stmt *st, int at, uint64_t n)
{
    (void)sqlite3_bind_int64(st, at, (sqlite3_int64)n);
}

static inline void
bind_text(sqlite3_stmt *st, int at, struct slice text)
{
    (void)sqlite3_bind_text64(st, at, text.len == 0 ? "" : text.ptr, text.len, SQLITE_STATIC,
                              SQLITE_UTF8);
}

static inline struct slice
column_blob(sqlite3_stmt *st, int at)
{
    const void *bytes = sqlite3_column_blob(st, at);

    return (struct slice){bytes, (size_t)sqlite3_column_bytes(st, at)};
}

static inline struct slice
hash_slice(const struct hash *h)
{
    return (struct slice){(const char *)h->byte, sizeof h->byte};
}

static inline void
column_hash(sqlite3_stmt *st, int at, struct hash *ret)
{
    struct slice s = column_blob(st, at);

    *ret = (struct hash){0};
    if (s.len == sizeof ret->byte)
        memcpy(ret->byte, s.ptr, s.len);
}

#endif
