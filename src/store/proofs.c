#include "store/proofs.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 7 /* with this table */ };

const char *
proof_state_name(enum proof_state s)
{
    static const char *const names[] = {"given", "wanted", "holds", "wrong", "gone"};

    return s <= PROOF_GONE ? names[s] : "";
}

int
store_put_proof(struct store *s, const struct store_proof *p)
{
    sqlite3_stmt *st = store_statement(s, ST_PROOF_PUT);

    if (st != NULL) {
        bind_blob(st, 1, hash_slice(&p->id));
        bind_text(st, 2, p->pact);
        bind_text(st, 3, p->party);
        (void)sqlite3_bind_int(st, 4, p->state == PROOF_GIVEN);
        (void)sqlite3_bind_int(st, 5, (int)p->state);
        (void)sqlite3_bind_int64(st, 6, (sqlite3_int64)p->event.block);
        (void)sqlite3_bind_int64(st, 7, p->event.index);
        (void)sqlite3_bind_int64(st, 8, (sqlite3_int64)p->leaf);
        bind_blob(st, 9, hash_slice(&p->commitment));
        bind_text(st, 10, p->origin);
        (void)sqlite3_bind_int64(st, 11, p->tried.us);
        bind_blob(st, 12, p->file);
        (void)sqlite3_bind_int64(st, 13, (sqlite3_int64)p->named);
    }
    return store_run(s, st);
}

static int
read_proof(struct store *s, sqlite3_stmt *st, struct store_proof *ret)
{
    int r = store_row(s, st);

    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret = (struct store_proof){.pact = column_blob(st, 1),
                                .party = column_blob(st, 2),
                                .state = (enum proof_state)sqlite3_column_int(st, 3),
                                .event = {.block = (uint64_t)sqlite3_column_int64(st, 4),
                                          .index = (uint32_t)sqlite3_column_int64(st, 5)},
                                .leaf = (uint64_t)sqlite3_column_int64(st, 6),
                                .origin = column_blob(st, 8),
                                .tried = {sqlite3_column_int64(st, 9)},
                                .file = column_blob(st, 10),
                                .number = (uint64_t)sqlite3_column_int64(st, 11)};
    column_hash(st, 0, &ret->id);
    column_hash(st, 7, &ret->commitment);
    return 0;
}

int
store_get_proof(struct store *s, const struct hash *id, struct slice party, bool ours,
                struct store_proof *ret)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_PROOF_GET);
    if (st != NULL) {
        bind_blob(st, 1, hash_slice(id));
        bind_text(st, 2, party);
        (void)sqlite3_bind_int(st, 3, ours);
    }
    return read_proof(s, st, ret);
}

int
store_next_proof(struct store *s, struct slice party, uint64_t after, struct utime before,
                 struct store_proof *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_PROOF_NEXT);

    if (st != NULL) {
        bind_text(st, 1, party);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)after);
        (void)sqlite3_bind_int64(st, 3, before.us);
    }
    return read_proof(s, st, ret);
}

int
store_end_proof(struct store *s, const struct store_proof *p)
{
    sqlite3_stmt *st = store_statement(s, ST_PROOF_END);

    if (st != NULL) {
        bind_blob(st, 1, hash_slice(&p->id));
        bind_text(st, 2, p->party);
        (void)sqlite3_bind_int(st, 3, (int)p->state);
        (void)sqlite3_bind_int64(st, 4, p->tried.us);
        bind_blob(st, 5, p->file);
        bind_text(st, 6, p->origin);
    }
    return store_run(s, st);
}

int
store_each_given(struct store *s, struct slice party, uint64_t since,
                 int (*each)(void *arg, const struct hash *id), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_PROOF_GIVEN);
    if (st != NULL) {
        bind_text(st, 1, party);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)since);
    }
    while ((r = store_row(s, st)) == 1) {
        struct hash id;

        column_hash(st, 0, &id);
        r = each(arg, &id);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_erase_proofs(struct store *s, uint64_t block)
{
    sqlite3_stmt *st = store_statement(s, ST_PROOF_ERASE);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)block);
    return store_run(s, st);
}
