#include "store/people.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 2 /* with these tables */ };

static void
bind_name(sqlite3_stmt *st, int at, const char *name)
{
    (void)sqlite3_bind_text(st, at, name, -1, SQLITE_STATIC);
}

static void
column_name(sqlite3_stmt *st, int at, char *to, size_t room)
{
    struct slice text = column_blob(st, at);
    size_t n = text.len < room ? text.len : room - 1;

    if (n > 0)
        memcpy(to, text.ptr, n);
    to[n] = '\0';
}

static void
read_person(sqlite3_stmt *st, int from, struct store_person *ret)
{
    *ret = (struct store_person){.id = sqlite3_column_int64(st, from),
                                 .kind = (enum person_kind)sqlite3_column_int(st, from + 1),
                                 .role = (enum person_role)sqlite3_column_int(st, from + 3),
                                 .made = {sqlite3_column_int64(st, from + 4)},
                                 .until = {sqlite3_column_int64(st, from + 5)},
                                 .revoked = {sqlite3_column_int64(st, from + 6)}};
    column_name(st, from + 2, ret->name, sizeof ret->name);
    column_name(st, from + 7, ret->password, sizeof ret->password);
}

/* The one row of a statement that is bound, or ERR_NOTFOUND. */
static int
one_person(struct store *s, sqlite3_stmt *st, struct store_person *ret)
{
    int r = store_row(s, st);

    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    read_person(st, 0, ret);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_add_person(struct store *s, struct store_person *p)
{
    struct store_person there;
    sqlite3_stmt *st;
    uint64_t count;
    int r = store_find_person(s, p->kind, p->name, &there);

    if (r != ERR_NOTFOUND)
        return r < 0 ? r : ERR_CONF;
    r = store_number(s, ST_PERSON_COUNT, &count);
    if (r < 0)
        return r;
    if (count >= PEOPLE_MAX)
        return ERR_LIMIT;
    st = store_statement(s, ST_PERSON_NEW);
    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)p->kind);
        bind_name(st, 2, p->name);
        (void)sqlite3_bind_int(st, 3, (int)p->role);
        (void)sqlite3_bind_int64(st, 4, p->made.us);
        (void)sqlite3_bind_int64(st, 5, p->until.us);
    }
    r = store_run(s, st);
    if (r == 0)
        p->id = sqlite3_last_insert_rowid(s->db);
    return r;
}

int
store_find_person(struct store *s, enum person_kind kind, const char *name,
                  struct store_person *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_PERSON_FIND);

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)kind);
        bind_name(st, 2, name);
    }
    return one_person(s, st, ret);
}

int
store_get_person(struct store *s, int64_t id, struct store_person *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_PERSON_GET);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, id);
    return one_person(s, st, ret);
}

int
store_each_person(struct store *s, int (*each)(void *arg, const struct store_person *p),
                  void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_PERSON_EACH);
    while ((r = store_row(s, st)) == 1) {
        struct store_person p;

        read_person(st, 0, &p);
        r = each(arg, &p);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

/* Runs a statement over one person and, where it has a second place, a moment. */
static int
run_over(struct store *s, enum statement which, int64_t id, int64_t us)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        if (sqlite3_bind_parameter_count(st) > 1)
            (void)sqlite3_bind_int64(st, 2, us);
    }
    return store_run(s, st);
}

int
store_revoke_person(struct store *s, int64_t id, struct utime now)
{
    int r = run_over(s, ST_PERSON_REVOKE, id, now.us);

    return r < 0 ? r : run_over(s, ST_ACCESS_DROP, id, 0);
}

int
store_set_password(struct store *s, int64_t id, const char *hashed, const struct hash *keep)
{
    static const struct hash none;
    sqlite3_stmt *st = store_statement(s, ST_PERSON_PASSWORD);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        bind_name(st, 2, hashed);
    }
    r = store_run(s, st);
    if (r < 0)
        return r;
    st = store_statement(s, ST_ACCESS_OTHERS);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        bind_blob(st, 2, hash_slice(keep == NULL ? &none : keep));
    }
    return store_run(s, st);
}

/* What is over, and what nobody used for too long. */
static int
sweep(struct store *s, struct utime now)
{
    sqlite3_stmt *st = store_statement(s, ST_ACCESS_SWEEP);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, now.us);
        (void)sqlite3_bind_int64(st, 2, now.us - PERSON_IDLE_US);
    }
    return store_run(s, st);
}

enum { PARTY_SCHEMA = 11 /* with that table */ };

int
store_set_party(struct store *s, int64_t person, struct slice party)
{
    sqlite3_stmt *st = store_statement(s, ST_PARTY_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, person);
        bind_text(st, 2, party);
    }
    return store_run(s, st);
}

int
store_get_party(struct store *s, int64_t person, char ret[PERSON_NAME])
{
    sqlite3_stmt *st;
    int r;

    ret[0] = '\0';
    if (s->schema < PARTY_SCHEMA)
        return 0;
    st = store_statement(s, ST_PARTY_GET);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, person);
    r = store_row(s, st);
    if (r <= 0)
        return r;
    column_name(st, 0, ret, PERSON_NAME);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_add_access(struct store *s, const struct store_access *a)
{
    sqlite3_stmt *st;
    int r = sweep(s, a->made);

    if (r == 0 && a->kind == CREDENTIAL_SESSION)
        r = run_over(s, ST_ACCESS_TRIM, a->person, PERSON_SESSIONS - 1);
    if (r < 0)
        return r;
    st = store_statement(s, ST_ACCESS_NEW);
    if (st != NULL) {
        bind_blob(st, 1, hash_slice(&a->hash));
        (void)sqlite3_bind_int(st, 2, (int)a->kind);
        (void)sqlite3_bind_int64(st, 3, a->person);
        (void)sqlite3_bind_int64(st, 4, a->made.us);
        (void)sqlite3_bind_int64(st, 5, a->until.us);
        (void)sqlite3_bind_int64(st, 6, a->seen.us);
    }
    r = store_run(s, st);
    if (r < 0)
        return r;
    return sqlite3_changes(s->db) == 0 ? ERR_CONF : 0;
}

int
store_find_access(struct store *s, enum person_credential_kind kind, const struct hash *hash,
                  struct utime now, struct store_access *ret, struct store_person *ret_whose)
{
    sqlite3_stmt *st = store_statement(s, ST_ACCESS_FIND);
    int r;

    if (st != NULL) {
        bind_blob(st, 1, hash_slice(hash));
        (void)sqlite3_bind_int(st, 2, (int)kind);
    }
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret = (struct store_access){.hash = *hash,
                                 .kind = kind,
                                 .person = sqlite3_column_int64(st, 0),
                                 .made = {sqlite3_column_int64(st, 8)},
                                 .until = {sqlite3_column_int64(st, 9)},
                                 .seen = {sqlite3_column_int64(st, 10)}};
    read_person(st, 0, ret_whose);
    (void)sqlite3_reset(st);
    if (now.us >= ret->until.us || ret_whose->revoked.us != 0 ||
        (kind == CREDENTIAL_SESSION && now.us - ret->seen.us >= PERSON_IDLE_US))
        return ERR_NOTFOUND;
    return 0;
}

int
store_take_access(struct store *s, const struct hash *hash)
{
    sqlite3_stmt *st = store_statement(s, ST_ACCESS_TAKE);
    int r;

    if (st != NULL)
        bind_blob(st, 1, hash_slice(hash));
    r = store_run(s, st);
    return r < 0 ? r : sqlite3_changes(s->db) > 0;
}

int
store_drop_access(struct store *s, int64_t person, enum person_credential_kind kind)
{
    return run_over(s, ST_ACCESS_DROP_KIND, person, kind);
}

int
store_touch_access(struct store *s, const struct hash *hash, struct utime now)
{
    sqlite3_stmt *st = store_statement(s, ST_ACCESS_TOUCH);

    if (st != NULL) {
        bind_blob(st, 1, hash_slice(hash));
        (void)sqlite3_bind_int64(st, 2, now.us);
    }
    return store_run(s, st);
}

int
store_count_access(struct store *s, int64_t person, enum person_credential_kind kind,
                   uint64_t *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_ACCESS_COUNT);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, person);
        (void)sqlite3_bind_int(st, 2, (int)kind);
    }
    r = store_row(s, st);
    if (r <= 0)
        return r < 0 ? r : ERR_IO;
    *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_put_act(struct store *s, uint64_t leaf, struct slice salt, struct slice opened)
{
    sqlite3_stmt *st = store_statement(s, ST_ACT_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)leaf);
        bind_blob(st, 2, salt);
        bind_blob(st, 3, opened);
    }
    return store_run(s, st);
}

int
store_each_act(struct store *s,
               int (*each)(void *arg, uint64_t leaf, struct slice salt, struct slice opened),
               void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_ACT_EACH);
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, (uint64_t)sqlite3_column_int64(st, 0), column_blob(st, 1),
                 column_blob(st, 2));
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}
