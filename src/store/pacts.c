#include "store/pacts.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 6 /* with this table */ };

static sqlite3_stmt *
bound(struct store *s, enum statement which, const struct store_pact_note *n)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st == NULL)
        return NULL;
    (void)sqlite3_bind_int(st, 1, (int)n->kind);
    bind_text(st, 2, n->pact);
    bind_text(st, 3, n->party);
    bind_text(st, 4, n->by);
    (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)n->sequence);
    return st;
}

static void
read_row(sqlite3_stmt *st, struct store_pact_note *ret)
{
    sqlite3_int64 leaf = sqlite3_column_int64(st, 7);

    *ret = (struct store_pact_note){.kind = (enum pact_note_kind)sqlite3_column_int(st, 0),
                                    .pact = column_blob(st, 1),
                                    .party = column_blob(st, 2),
                                    .by = column_blob(st, 3),
                                    .sequence = (uint64_t)sqlite3_column_int64(st, 4),
                                    .note = column_blob(st, 6),
                                    .leaf = leaf < 0 ? PACT_LEAF_NONE : (uint64_t)leaf,
                                    .own = sqlite3_column_int(st, 8) != 0,
                                    .taken = {sqlite3_column_int64(st, 9)}};
    column_hash(st, 5, &ret->sha256);
}

int
store_put_pact_note(struct store *s, const struct store_pact_note *n)
{
    struct store_pact_note there;
    sqlite3_stmt *st;
    int r = store_get_pact_note(s, n, &there);

    if (r == 0)
        return hash_eq(&there.sha256, &n->sha256) ? 0 : ERR_INVALID;
    if (r != ERR_NOTFOUND)
        return r;
    st = bound(s, ST_PACT_NOTE_PUT, n);
    if (st != NULL) {
        bind_blob(st, 6, hash_slice(&n->sha256));
        bind_blob(st, 7, n->note);
        (void)sqlite3_bind_int64(st, 8,
                                 n->leaf == PACT_LEAF_NONE ? -1 : (sqlite3_int64)n->leaf);
        (void)sqlite3_bind_int(st, 9, n->own);
        (void)sqlite3_bind_int64(st, 10, n->taken.us);
    }
    return store_run(s, st);
}

int
store_set_pact_leaf(struct store *s, const struct store_pact_note *n, uint64_t leaf)
{
    sqlite3_stmt *st = bound(s, ST_PACT_NOTE_LEAF, n);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 6, (sqlite3_int64)leaf);
    return store_run(s, st);
}

int
store_get_pact_note(struct store *s, const struct store_pact_note *n,
                    struct store_pact_note *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = bound(s, ST_PACT_NOTE_GET, n);
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_row(st, ret);
    return 0; /* the row stays until the next call */
}

int
store_each_pact_note(struct store *s, int (*each)(void *arg, const struct store_pact_note *n),
                     void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_PACT_NOTE_EACH);
    while ((r = store_row(s, st)) == 1) {
        struct store_pact_note n;

        read_row(st, &n);
        r = each(arg, &n);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_count_pact_notes(struct store *s, uint64_t *ret)
{
    *ret = 0;
    return s->schema < FIRST_SCHEMA ? 0 : store_number(s, ST_PACT_NOTE_COUNT, ret);
}
