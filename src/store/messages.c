#include "store/messages.h"

#include <stdio.h>

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 6 /* with these tables */ };

static void
read_message(sqlite3_stmt *st, struct store_message *ret)
{
    *ret = (struct store_message){.pact = column_blob(st, 1),
                                  .incident = column_blob(st, 2),
                                  .from = column_blob(st, 3),
                                  .to = column_blob(st, 4),
                                  .seq = (uint64_t)sqlite3_column_int64(st, 5),
                                  .at = {sqlite3_column_int64(st, 6)},
                                  .leaf = (uint64_t)sqlite3_column_int64(st, 7),
                                  .here = (uint64_t)sqlite3_column_int64(st, 8),
                                  .arrived = {sqlite3_column_int64(st, 9)},
                                  .code = (uint32_t)sqlite3_column_int64(st, 10),
                                  .bytes = column_blob(st, 11)};
    column_hash(st, 0, &ret->id);
}

int
store_put_message(struct store *s, const struct store_message *m)
{
    struct store_message there;
    sqlite3_stmt *st;
    int r = store_get_message(s, &m->id, &there);

    if (r != ERR_NOTFOUND)
        return r < 0 ? r : ERR_INVALID;
    st = store_statement(s, ST_MESSAGE_PUT);
    if (st != NULL) {
        bind_blob(st, 1, hash_slice(&m->id));
        bind_text(st, 2, m->pact);
        bind_text(st, 3, m->incident);
        bind_text(st, 4, m->from);
        bind_text(st, 5, m->to);
        (void)sqlite3_bind_int64(st, 6, (sqlite3_int64)m->seq);
        (void)sqlite3_bind_int64(st, 7, m->at.us);
        (void)sqlite3_bind_int64(st, 8, (sqlite3_int64)m->leaf);
        (void)sqlite3_bind_int64(st, 9, (sqlite3_int64)m->here);
        (void)sqlite3_bind_int64(st, 10, m->arrived.us);
        (void)sqlite3_bind_int64(st, 11, m->code);
        bind_blob(st, 12, m->bytes);
    }
    return store_run(s, st);
}

int
store_get_message(struct store *s, const struct hash *id, struct store_message *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_MESSAGE_GET);
    if (st != NULL)
        bind_blob(st, 1, hash_slice(id));
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_message(st, ret);
    return 0; /* the row stays until the next call */
}

static int
each_of(struct store *s, sqlite3_stmt *st,
        int (*each)(void *arg, const struct store_message *m), void *arg)
{
    int r;

    while ((r = store_row(s, st)) == 1) {
        struct store_message m;

        read_message(st, &m);
        r = each(arg, &m);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_each_message(struct store *s, struct slice pact, struct slice incident,
                   int (*each)(void *arg, const struct store_message *m), void *arg)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_MESSAGE_EACH);
    if (st != NULL) {
        bind_text(st, 1, pact);
        bind_text(st, 2, incident);
    }
    return each_of(s, st, each, arg);
}

int
store_each_gap(struct store *s, struct slice pact,
               int (*each)(void *arg, const struct store_message *m), void *arg)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_MESSAGE_GAPS);
    if (st != NULL)
        bind_text(st, 1, pact);
    return each_of(s, st, each, arg);
}

int
store_each_message_from(struct store *s, uint64_t here,
                        int (*each)(void *arg, const struct store_message *m), void *arg)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_MESSAGE_FROM);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)here);
    return each_of(s, st, each, arg);
}

int
store_last_message(struct store *s, const struct store_message *which, struct hash *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_MESSAGE_LAST);
    if (st != NULL) {
        bind_text(st, 1, which->pact);
        bind_text(st, 2, which->from);
        bind_text(st, 3, which->to);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    column_hash(st, 0, ret);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_newest_said(struct store *s, struct slice pact, struct slice incident, struct utime until,
                  struct utime *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_MESSAGE_NEWEST);
    int r;

    ret->us = 0;
    if (st != NULL) {
        bind_text(st, 1, pact);
        bind_text(st, 2, incident);
        (void)sqlite3_bind_int64(st, 3, until.us);
    }
    r = store_row(s, st);
    if (r < 1)
        return r < 0 ? r : ERR_IO;
    ret->us = sqlite3_column_int64(st, 0); /* NULL reads 0 */
    (void)sqlite3_reset(st);
    return 0;
}

int
store_get_chain(struct store *s, const struct store_message *chain, uint64_t *ret_seq,
                struct hash *ret_id)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_MESSAGE_CHAIN);
    if (st != NULL) {
        bind_text(st, 1, chain->pact);
        bind_text(st, 2, chain->incident);
        bind_text(st, 3, chain->from);
        bind_text(st, 4, chain->to);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret_seq = (uint64_t)sqlite3_column_int64(st, 0);
    column_hash(st, 1, ret_id);
    (void)sqlite3_reset(st);
    return 0;
}

static int
take_count(struct store *s, sqlite3_stmt *st, uint64_t *ret)
{
    int r = store_row(s, st);

    if (r == 1)
        *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

int
store_count_notices(struct store *s, const struct store_message *which, struct utime from,
                    struct utime until, uint64_t *ret)
{
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_NOTICE_COUNT);
    if (st != NULL) {
        bind_text(st, 1, which->pact);
        bind_text(st, 2, which->from);
        bind_text(st, 3, which->to);
        (void)sqlite3_bind_int64(st, 4, from.us);
        (void)sqlite3_bind_int64(st, 5, until.us);
    }
    return take_count(s, st, ret);
}

int
store_count_messages(struct store *s, const struct store_message *which, uint64_t *ret)
{
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_MESSAGE_COUNT);
    if (st != NULL) {
        bind_text(st, 1, which->pact);
        bind_text(st, 2, which->incident);
        bind_text(st, 3, which->from);
        bind_text(st, 4, which->to);
    }
    return take_count(s, st, ret);
}

/* ---- incidents --------------------------------------------------------------------------- */

static void
read_incident(sqlite3_stmt *st, struct store_incident *ret)
{
    *ret = (struct store_incident){.pact = column_blob(st, 0),
                                   .name = column_blob(st, 1),
                                   .party = column_blob(st, 2),
                                   .notifier = sqlite3_column_int(st, 3) != 0,
                                   .closed = sqlite3_column_int(st, 4) != 0,
                                   .opened = {sqlite3_column_int64(st, 5)},
                                   .local = column_blob(st, 6),
                                   .told = column_blob(st, 7)};
}

int
store_put_incident(struct store *s, const struct store_incident *i)
{
    sqlite3_stmt *st = store_statement(s, ST_INCIDENT_PUT);

    if (st != NULL) {
        bind_text(st, 1, i->pact);
        bind_text(st, 2, i->name);
        bind_text(st, 3, i->party);
        (void)sqlite3_bind_int(st, 4, i->notifier);
        (void)sqlite3_bind_int(st, 5, i->closed);
        (void)sqlite3_bind_int64(st, 6, i->opened.us);
        bind_blob(st, 7, i->local);
        bind_blob(st, 8, i->told);
    }
    return store_run(s, st);
}

int
store_get_incident(struct store *s, struct slice pact, struct slice name,
                   struct store_incident *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_INCIDENT_GET);
    if (st != NULL) {
        bind_text(st, 1, pact);
        bind_text(st, 2, name);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_incident(st, ret);
    return 0; /* the row stays until the next call */
}

int
store_each_incident(struct store *s, bool open,
                    int (*each)(void *arg, const struct store_incident *i), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_INCIDENT_EACH);
    if (st != NULL)
        (void)sqlite3_bind_int(st, 1, !open);
    while ((r = store_row(s, st)) == 1) {
        struct store_incident i;

        read_incident(st, &i);
        r = each(arg, &i);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_count_open(struct store *s, const struct store_incident *i, struct slice obligation,
                 uint64_t *ret)
{
    char text[128]; /* as case_json() writes it; quotes within a string are escaped there */
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    (void)snprintf(text, sizeof text, "\"obligation\":\"%.*s\"", (int)obligation.len,
                   obligation.ptr);
    st = store_statement(s, ST_INCIDENT_OPEN);
    if (st != NULL) {
        bind_text(st, 1, i->pact);
        bind_text(st, 2, i->party);
        (void)sqlite3_bind_int(st, 3, i->notifier);
        bind_text(st, 4, slice_of(text));
    }
    return take_count(s, st, ret);
}

int
store_next_incident(struct store *s, struct slice pact, uint64_t *ret)
{
    sqlite3_stmt *st;
    int r;

    *ret = 1;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_INCIDENT_COUNT);
    if (st != NULL)
        bind_text(st, 1, pact);
    r = store_row(s, st);
    if (r < 1)
        return r < 0 ? r : ERR_IO;
    *ret = (uint64_t)sqlite3_column_int64(st, 0) + 1;
    (void)sqlite3_reset(st);
    return 0;
}
