/* Inside the database: the handle and its prepared statements. */
#ifndef DETENTE_VULNDB_DB_H
#define DETENTE_VULNDB_DB_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/map.h"
#include "vulndb/differ.h"
#include "vulndb/vulndb.h"

/* name, SQL: prepared at the first use, kept until the handle is closed. */
enum statement {
#define STATEMENT(name, sql) ST_##name,
#include "vulndb/statements.def"
    STATEMENTS
};

/* Rows of `epss`: the lowest byte of the CVE's number, score and percentile as 3 bytes each,
 * the lowest first. */
enum { EPSS_BLOCK = 256, EPSS_ROW = 7 };

struct vulndb {
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
    char error[256];
    struct map names;  /* hashes of products that were asked for … */
    int64_t *products; /* … and their ids */
    uint32_t products_room;
    uint64_t secret[2];
    int64_t of_record[VULNDB_AFFECTS]; /* products of the record that is put */
    uint8_t *seen;                     /* a bit a record that was put since the file began */
    size_t seen_size;
    int64_t latest;  /* that is believed; 0: any */
    bool fresh;      /* the record before was a new one: the next is put without a look */
    int64_t space;   /* of the product before … */
    uint64_t hash;   /* … and its name's */
    struct pending { /* rows of `affect`, until they are put in the order of their table */
        int64_t product;
        int64_t record;
        uint64_t vuln;
        uint32_t n;
        uint32_t flags;
        uint32_t range; /* in pending_text */
        uint32_t range_len;
    } * pending;
    uint32_t pendings;
    struct buf pending_text;
    struct differ_rows was; /* scores or entries of the file before … */
    struct differ_rows is;  /* … and of the one that is read */
};

/* The statement, reset and without bindings; NULL with the error kept. */
sqlite3_stmt *vulndb_statement(struct vulndb *db, enum statement which);
/* 1 a row, 0 the end, or an error. */
MUST_USE int vulndb_row(struct vulndb *db, sqlite3_stmt *st);
/* Run a statement that gives no rows. */
MUST_USE int vulndb_run(struct vulndb *db, sqlite3_stmt *st);
/* Keep SQLite's message; ERR_IO, ERR_FULL, ERR_NOMEM or ERR_BUSY. */
int vulndb_fail(struct vulndb *db, int code);
/* The id of a row with a name, which is made where there is none. */
MUST_USE int vulndb_named(struct vulndb *db, enum statement get, enum statement fresh,
                          struct slice name, int64_t *ret);
/* The number of a space; 0: there is none of that name. */
MUST_USE int vulndb_space(struct vulndb *db, struct slice name, int64_t *ret);
/* The number of a product, which it gets where it has none. */
MUST_USE int vulndb_product(struct vulndb *db, struct slice space, struct slice name,
                            int64_t *ret);

/* What was put and is not in its table yet: into it, or forgotten. */
MUST_USE int vulndb_records_flush(struct vulndb *db);
void vulndb_records_drop(struct vulndb *db);
void vulndb_rows_drop(struct vulndb *db);

static inline void
bind_text(sqlite3_stmt *st, int at, struct slice text)
{
    (void)sqlite3_bind_text64(st, at, text.len == 0 ? "" : text.ptr, text.len, SQLITE_STATIC,
                              SQLITE_UTF8);
}

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

static inline struct slice
column_bytes(sqlite3_stmt *st, int at)
{
    const void *bytes = sqlite3_column_blob(st, at);

    return (struct slice){bytes, (size_t)sqlite3_column_bytes(st, at)};
}

static inline void
column_text(sqlite3_stmt *st, int at, char *to, size_t room)
{
    struct slice s = column_bytes(st, at);

    (void)snprintf(to, room, "%.*s", (int)s.len, s.len == 0 ? "" : s.ptr);
}

#endif
