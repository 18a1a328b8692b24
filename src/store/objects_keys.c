#include <endian.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "store/objects_priv.h"

enum {
    FRESH_MOST = 65536, /* keys outside the index */
    KEY_BYTES = sizeof(struct store_key),
    ROOM_LEAST = 4096,
    VERSIONS_WALKED = 8,
    IDS_BITS = 16, /* of the filter, for each id … */
    IDS_LEAST = 1 << 20,
    IDS_ASKED = 1000,   /* who reads begins one when it was asked so often … */
    IDS_READ = 8 << 20, /* … and there are no more ids: 0.1 s a million */
    IDS_MOST = 1 << 29  /* … and of all of them: 64 MB, for 33 million */
};
_Static_assert(KEY_BYTES == 24, "as docs/formats/evidence.md says");

/* ---- hashes of ids ----------------------------------------------------------------------- */

static int64_t
object_hash(int64_t collection, struct slice id)
{
    struct hash h = sha256_of2(&collection, sizeof collection, id.ptr, id.len);
    int64_t n;

    memcpy(&n, h.byte, sizeof n);
    return n;
}

/* Who looks for an id adds it next, as a rule. */
static int64_t
hash_of(struct store *s, int64_t collection, struct slice id)
{
    struct store_chunk *k = &s->chunk;

    if (k->hashed_of != collection || !slice_eq(id, (struct slice){k->hashed, k->hashed_len})) {
        if (id.len > sizeof k->hashed)
            return object_hash(collection, id);
        memcpy(k->hashed, id.ptr, id.len);
        k->hashed_len = id.len;
        k->hashed_of = collection;
        k->hash = object_hash(collection, id);
    }
    return k->hash;
}

/* Most ids that are looked for are new, which looks into random pages of an index would say.
 * Who knows all that was ever put has a filter: 16 bits an id, two probes, one in seventy
 * wrong. What was rolled back or dropped may stay in it. */
static void
keep_id(struct store *s, int64_t hash)
{
    uint64_t h = (uint64_t)hash;

    s->ids.bits[(h & s->ids.mask) / 8] |= (uint8_t)(1U << h % 8);
    h = h >> 32 ^ h << 32;
    s->ids.bits[(h & s->ids.mask) / 8] |= (uint8_t)(1U << h % 8);
    s->ids.count++;
}

static bool
is_new(const struct store *s, int64_t hash)
{
    uint64_t h = (uint64_t)hash;
    uint64_t k = h >> 32 ^ h << 32;

    return s->ids.bits != NULL && ((s->ids.bits[(h & s->ids.mask) / 8] & 1U << h % 8) == 0 ||
                                   (s->ids.bits[(k & s->ids.mask) / 8] & 1U << k % 8) == 0);
}

static void
forget_ids(struct store *s)
{
    free(s->ids.bits);
    s->ids.bits = NULL;
    s->ids.count = 0;
}

/* ---- keys in memory ---------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    struct store_key x;
    struct store_key y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x.hash != y.hash)
        return x.hash < y.hash ? -1 : 1;
    if (x.at != y.at)
        return x.at < y.at ? -1 : 1;
    return (x.place > y.place) - (x.place < y.place);
}

/* Those of the open row to their places among the sorted ones. */
static int
close_row(struct store_keys *k)
{
    size_t n = k->opens;
    size_t old = k->count;
    size_t to = old + n;

    if (to > k->room) {
        size_t room = to < ROOM_LEAST ? ROOM_LEAST : to * 2;
        struct store_key *more = realloc(k->sorted, room * KEY_BYTES);

        if (more == NULL)
            return ERR_NOMEM;
        k->sorted = more;
        k->room = room;
    }
    qsort(k->open, n, KEY_BYTES, compare);
    while (n > 0) {
        bool from_old = old > 0 && compare(&k->sorted[old - 1], &k->open[n - 1]) > 0;

        k->sorted[--to] = from_old ? k->sorted[--old] : k->open[--n];
    }
    k->count += k->opens;
    k->done = k->opens > 0 ? k->number : k->done;
    k->opens = 0;
    return 0;
}

/* How many of n sorted ones are below that. */
static size_t
below(const struct store_key *sorted, size_t n, struct store_key key)
{
    size_t low = 0;

    while (low < n) {
        size_t mid = low + (n - low) / 2;

        if (compare(&sorted[mid], &key) < 0)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

/* The sorted ones of a hash. */
static struct store_key *
of_hash(const struct store_keys *k, int64_t hash, size_t *ret_count)
{
    size_t first = below(k->sorted, k->count, (struct store_key){hash, INT64_MIN, INT64_MIN});

    *ret_count = 0;
    if (first == k->count || k->sorted[first].hash != hash)
        return NULL;
    *ret_count = below(k->sorted + first, k->count - first,
                       (struct store_key){hash, INT64_MAX, INT64_MAX});
    return k->sorted + first;
}

static void
of_row(struct slice bytes, struct store_key *ret)
{
    if (bytes.len > 0)
        memcpy(ret, bytes.ptr, bytes.len);
    for (size_t i = 0; i < bytes.len / KEY_BYTES; i++)
        ret[i] = (struct store_key){(int64_t)le64toh((uint64_t)ret[i].hash),
                                    (int64_t)le64toh((uint64_t)ret[i].at),
                                    (int64_t)le64toh((uint64_t)ret[i].place)};
}

static void
keep_ids(struct store *s, const struct store_key *keys, size_t n)
{
    for (size_t i = 0; s->ids.bits != NULL && i < n; i++)
        keep_id(s, keys[i].hash);
}

/* Rows behind what is known: one that is not full is the last.  Who reads takes those too that
 * are in the index since the last time that somebody looked. */
static int
read_rows(struct store *s)
{
    struct store_keys *k = &s->keys;
    sqlite3_stmt *st = store_statement(s, ST_KEYS_BEHIND);
    uint64_t count;
    int r;

    k->opens = 0;
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, k->done);
        (void)sqlite3_bind_int(st, 2, s->reads);
    }
    while ((r = store_row(s, st)) > 0) {
        struct slice bytes = column_blob(st, 1);

        r = bytes.len % KEY_BYTES != 0 || bytes.len > (size_t)KEYS_ROW * KEY_BYTES
                ? ERR_IO
                : close_row(k);
        if (r < 0)
            break;
        of_row(bytes, k->open);
        k->opens = bytes.len / KEY_BYTES;
        k->number = sqlite3_column_int64(st, 0);
        count = s->ids.count;
        keep_ids(s, k->open, k->opens);
        if (k->opens < KEYS_ROW)
            s->ids.count = count; /* they come again */
        r = k->opens == KEYS_ROW ? close_row(k) : 0;
        if (r < 0)
            break;
    }
    if (r < 0 && st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* Rows that went to the index stay until the next ones do: who looks in time misses none. */
static int
forget_gone(struct store *s)
{
    struct store_keys *k = &s->keys;
    uint64_t least = 0;
    uint64_t waits = 0;
    size_t n = 0;
    int r = store_number(s, ST_KEYS_LEAST, &least);

    if (r == 0)
        r = store_number(s, ST_KEYS_WAIT, &waits);
    if (r < 0)
        return r;
    if (k->known && (int64_t)least != k->least && (k->waits == 0 || (int64_t)least != k->waits))
        k->known = false; /* too late */
    if (!k->known && s->reads)
        forget_ids(s);
    for (size_t i = 0; k->known && i < k->count; i++) {
        if (k->sorted[i].place >= (int64_t)least)
            k->sorted[n++] = k->sorted[i];
    }
    k->count = n;
    k->blank = 0;
    if (!k->known)
        k->done = 0;
    k->least = (int64_t)least;
    k->waits = (int64_t)waits;
    return 0;
}

/* Who writes knows all; others look whether somebody wrote. */
static int
know_keys(struct store *s)
{
    struct store_keys *k = &s->keys;
    uint64_t version = 0;
    int r;

    if (k->known && (!s->reads || (s->snapshot && k->snapshot == s->snapshots)))
        return 0;
    if (k->open == NULL)
        k->open = malloc((size_t)KEYS_ROW * KEY_BYTES);
    r = k->open == NULL ? ERR_NOMEM : store_number(s, ST_DATA_VERSION, &version);
    k->snapshot = s->snapshot ? s->snapshots : 0;
    if (r < 0 || (k->known && version == k->seen))
        return r;
    r = forget_gone(s);
    if (r == 0)
        r = read_rows(s);
    if (s->reads)
        qsort(k->open, k->opens, KEY_BYTES, compare);
    k->known = r == 0;
    k->seen = version;
    return r;
}

void
keys_forget(struct store *s)
{
    s->keys.known = false;
    s->keys.ahead = false;
    s->keys.held_number = 0;
    s->keys.helds = 0;
    s->keys.held_ahead = false;
}

void
keys_close(struct store *s)
{
    forget_ids(s);
    free(s->keys.sorted);
    free(s->keys.open);
    free(s->keys.held);
}

/* ---- all ids that were ever put ---------------------------------------------------------- */

/* Made at the first put, and again when it is full, then half empty; without memory it is done
 * without. */
static int
know_ids(struct store *s)
{
    const struct store_keys *k = &s->keys;
    uint64_t bits = IDS_LEAST;
    uint64_t old = 0;
    sqlite3_stmt *st;
    int r;

    if (s->ids.bits != NULL &&
        (s->ids.count <= s->ids.mask / IDS_BITS || s->ids.mask + 1 == IDS_MOST))
        return 0;
    r = store_number(s, ST_OBJECTS_COUNT, &old);
    if (r == 0 && s->reads && old > IDS_READ)
        return 0;
    while (bits < (uint64_t)2 * IDS_BITS * old && bits < IDS_MOST)
        bits *= 2;
    if (r < 0)
        return r;
    forget_ids(s);
    s->ids.bits = calloc(1, bits / 8);
    s->ids.mask = bits - 1;
    st = s->ids.bits == NULL ? NULL : store_statement(s, ST_OBJECT_HASHES);
    if (st == NULL)
        return 0;
    while ((r = store_row(s, st)) > 0)
        keep_id(s, sqlite3_column_int64(st, 0));
    if (r < 0)
        forget_ids(s);
    keep_ids(s, k->sorted, k->count);
    keep_ids(s, k->open, k->opens);
    return r;
}

/* ---- keys are written -------------------------------------------------------------------- */

static int
write_row(struct store *s, int64_t number, const struct store_key *keys, size_t n)
{
    struct store_key row[KEYS_ROW];
    sqlite3_stmt *st = store_statement(s, ST_KEYS_PUT);

    for (size_t i = 0; i < n; i++)
        row[i] = (struct store_key){(int64_t)htole64((uint64_t)keys[i].hash),
                                    (int64_t)htole64((uint64_t)keys[i].at),
                                    (int64_t)htole64((uint64_t)keys[i].place)};
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, number);
        bind_blob(st, 2, (struct slice){(const char *)row, n * KEY_BYTES});
    }
    return store_run(s, st);
}

static int
write_open(struct store *s)
{
    struct store_keys *k = &s->keys;
    int r = k->ahead ? write_row(s, k->number, k->open, k->opens) : 0;

    k->ahead &= r < 0;
    return r;
}

int
keys_put(struct store *s, const struct store_object *o)
{
    struct store_keys *k = &s->keys;
    int64_t hash = hash_of(s, o->collection, o->id);
    int r = know_keys(s);

    if (r == 0)
        r = know_ids(s);
    if (r < 0)
        return r;
    if (k->opens == 0)
        k->number = o->added.us;
    k->open[k->opens++] = (struct store_key){hash, o->version_at.us, o->added.us};
    k->ahead = true;
    if (s->ids.bits != NULL)
        keep_id(s, hash);
    if (k->opens < KEYS_ROW)
        return 0;
    r = write_open(s);
    return r < 0 ? r : close_row(k);
}

static int
run_key(struct store *s, enum statement which, const struct store_key *key)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, key->hash);
        (void)sqlite3_bind_int64(st, 2, key->at);
        (void)sqlite3_bind_int64(st, 3, key->place);
    }
    return store_run(s, st);
}

int
keys_flush(struct store *s)
{
    struct store_keys *k = &s->keys;
    int r = know_keys(s);

    if (r == 0)
        r = keys_settle(s);
    if (r < 0 || k->count + k->opens < (k->most > 0 ? k->most : FRESH_MOST))
        return r;
    r = close_row(k);
    for (size_t i = 0; r == 0 && i < k->count; i++) {
        if (k->sorted[i].place != 0)
            r = run_key(s, ST_KEY_PUT, &k->sorted[i]);
    }
    if (r == 0)
        r = store_run(s, store_statement(s, ST_KEYS_EMPTY));
    if (r == 0)
        r = store_run(s, store_statement(s, ST_KEYS_MERGED)); /* OR FAIL: with no journal of
                                                                   the statement, a file that
                                                                   the engine may not open */
    k->held_number = 0;
    k->helds = 0;
    k->count = 0;
    k->blank = 0;
    k->known = r == 0;
    return r;
}

int
keys_settle(struct store *s)
{
    struct store_keys *k = &s->keys;
    int r = write_open(s);

    if (r == 0 && k->held_ahead)
        r = write_row(s, k->held_number, k->held, k->helds);
    k->held_ahead &= r < 0;
    return r;
}

/* The full row that has that place: many are dropped one behind the other. */
static int
hold_row(struct store *s, int64_t place)
{
    struct store_keys *k = &s->keys;
    sqlite3_stmt *st;
    struct slice bytes;
    int r = keys_settle(s);

    if (k->held == NULL)
        k->held = malloc((size_t)KEYS_ROW * KEY_BYTES);
    if (r < 0 || k->held == NULL)
        return r < 0 ? r : ERR_NOMEM;
    k->held_number = 0;
    k->helds = 0;
    st = store_statement(s, ST_KEYS_OF);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, place);
    r = store_row(s, st);
    if (r <= 0)
        return r;
    bytes = column_blob(st, 1);
    if (bytes.len <= (size_t)KEYS_ROW * KEY_BYTES) {
        k->held_number = sqlite3_column_int64(st, 0);
        k->helds = bytes.len / KEY_BYTES;
        of_row(slice_sub(bytes, 0, k->helds * KEY_BYTES), k->held);
    } else {
        r = ERR_IO;
    }
    (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

static bool
blank_held(struct store_keys *k, int64_t place)
{
    for (size_t i = 0; i < k->helds; i++) {
        if (k->held[i].place != place)
            continue;
        k->held[i] = (struct store_key){0};
        k->held_ahead = true;
        return true;
    }
    return false;
}

/* To move the rest for each that goes would cost as much as there is. */
static void
blank_sorted(struct store_keys *k, const struct store_key *key)
{
    size_t n = 0;
    size_t i = below(k->sorted, k->count, (struct store_key){key->hash, key->at, INT64_MIN});

    for (; i < k->count && k->sorted[i].hash == key->hash && k->sorted[i].at == key->at; i++) {
        if (k->sorted[i].place == key->place) {
            k->sorted[i].place = 0;
            k->blank++;
        }
    }
    if (k->blank < KEYS_ROW)
        return;
    for (i = 0; i < k->count; i++) {
        if (k->sorted[i].place != 0)
            k->sorted[n++] = k->sorted[i];
    }
    k->count = n;
    k->blank = 0;
}

int
keys_drop(struct store *s, const struct store_object *o)
{
    const struct store_key key = {hash_of(s, o->collection, o->id), o->version_at.us,
                                  o->added.us};
    struct store_keys *k = &s->keys;
    int r = know_keys(s);

    for (size_t i = 0; r == 0 && i < k->opens; i++) {
        if (k->open[i].place != key.place)
            continue;
        k->open[i] = (struct store_key){0};
        k->ahead = true;
        return 0;
    }
    if (r < 0)
        return r;
    blank_sorted(k, &key);
    if (blank_held(k, key.place))
        return 0;
    r = hold_row(s, key.place);
    return r < 0 || blank_held(k, key.place) ? r : run_key(s, ST_KEY_DROP, &key);
}

/* ---- looking for an id ------------------------------------------------------------------- */

/* Those that wait: each until it gives something other than 0. */
static int
each_fresh(const struct store *s, int64_t hash,
           int (*each)(void *arg, int64_t place, int64_t at), void *arg)
{
    const struct store_keys *k = &s->keys;
    size_t n;
    const struct store_key *key = of_hash(k, hash, &n);
    size_t first = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = key[i].place == 0 ? 0 : each(arg, key[i].place, key[i].at);
    if (s->reads)
        first = below(k->open, k->opens, (struct store_key){hash, INT64_MIN, INT64_MIN});
    for (size_t i = first; r == 0 && i < k->opens; i++) {
        if (s->reads && k->open[i].hash != hash)
            break;
        if (k->open[i].hash == hash)
            r = each(arg, k->open[i].place, k->open[i].at);
    }
    return r;
}

int
object_places(struct store *s, int64_t collection, struct slice id,
              int (*each)(void *arg, int64_t place, int64_t at), void *arg)
{
    int64_t hash = hash_of(s, collection, id);
    sqlite3_stmt *st;
    int r = know_keys(s);

    if (r == 0)
        r = each_fresh(s, hash, each, arg);
    if (r != 0)
        return r;
    st = store_statement(s, ST_OBJECT_KEYED);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, hash);
    while ((r = store_row(s, st)) > 0) {
        r = each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1));
        if (r != 0)
            break;
    }
    if (r != 0 && st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

struct looking {
    struct store *s;
    const struct store_object *which;
    struct store_versions *ret;
    unsigned seen;
};

/* The calls may come twice for a place. */
static void
count_in(struct looking *l, int64_t place, struct utime at)
{
    struct store_versions *v = l->ret;

    if (!v->any || at.us < v->first.us) {
        v->first = at;
        v->first_place = place;
    }
    if (!v->any || at.us > v->last.us) {
        v->last = at;
        v->last_place = place;
    }
    if (at.us == l->which->version_at.us)
        v->same_place = place;
    v->any = true;
}

/* 1: it is a version of that id, and counted in; 0: another id has that hash. */
static int
is_of_id(struct looking *l, int64_t place, int64_t at)
{
    sqlite3_stmt *st = store_statement(l->s, ST_OBJECT_BY_ID);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, place);
        (void)sqlite3_bind_int64(st, 2, l->which->collection);
        bind_text(st, 3, l->which->id);
    }
    r = store_row(l->s, st);
    if (r <= 0)
        return r;
    (void)sqlite3_reset(st);
    count_in(l, place, (struct utime){at});
    return 1;
}

static int
look_at_version(void *arg, int64_t place, int64_t at)
{
    struct looking *l = arg;
    int r = ++l->seen > VERSIONS_WALKED ? 1 : is_of_id(l, place, at);

    return r < 0 || l->seen > VERSIONS_WALKED ? r : 0;
}

/* Of sorted ones of a hash: the first, the last, and that of its time. */
static int
look_at_some(struct looking *l, const struct store_key *key, size_t n)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = key[i].place == 0 ? 0 : is_of_id(l, key[i].place, key[i].at);
    r = r < 0 ? r : 0;
    for (size_t i = n; r == 0 && i > 0; i--)
        r = key[i - 1].place == 0 ? 0 : is_of_id(l, key[i - 1].place, key[i - 1].at);
    if (r <= 0)
        return r;
    for (size_t i =
             below(key, n, (struct store_key){key[0].hash, l->which->version_at.us, INT64_MIN});
         r >= 0 && i < n && key[i].at == l->which->version_at.us; i++)
        r = is_of_id(l, key[i].place, key[i].at);
    return r < 0 ? r : 0;
}

/* The same of the open row, which nobody sorts.  0 when it was another id: then all of them are
 * to be looked at. */
static int
look_at_open(struct looking *l, int64_t hash)
{
    const struct store_keys *k = &l->s->keys;
    enum { EDGES = 3 };
    const struct store_key *edge[EDGES] = {NULL};
    int r = 1;

    for (size_t i = 0; i < k->opens; i++) {
        const struct store_key *key = &k->open[i];

        if (key->hash != hash || key->place == 0)
            continue;
        if (edge[0] == NULL || key->at < edge[0]->at)
            edge[0] = key;
        if (edge[1] == NULL || key->at > edge[1]->at)
            edge[1] = key;
        if (key->at == l->which->version_at.us)
            edge[2] = key;
    }
    for (size_t i = 0; r > 0 && i < EDGES; i++)
        r = edge[i] == NULL ? 1 : is_of_id(l, edge[i]->place, edge[i]->at);
    return r;
}

static int
look_at_fresh(struct looking *l, int64_t hash)
{
    struct store_keys *k = &l->s->keys;
    struct store_key some[KEYS_ROW];
    size_t n;
    const struct store_key *key = of_hash(k, hash, &n);
    int r = look_at_some(l, key, n);

    if (r == 0)
        r = look_at_open(l, hash);
    if (r != 0)
        return r < 0 ? r : 0;
    n = 0;
    for (size_t i = 0; i < k->opens; i++) {
        if (k->open[i].hash == hash)
            some[n++] = k->open[i];
    }
    qsort(some, n, KEY_BYTES, compare);
    return look_at_some(l, some, n);
}

/* Of an id that has many: the index knows the first, the last and the same. */
static int
look_at_edges(struct looking *l)
{
    int64_t hash = hash_of(l->s, l->which->collection, l->which->id);
    sqlite3_stmt *st;
    int r = look_at_fresh(l, hash);

    if (r < 0)
        return r;
    st = store_statement(l->s, ST_OBJECT_EDGES);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, hash);
        (void)sqlite3_bind_int64(st, 2, l->which->version_at.us);
        (void)sqlite3_bind_int64(st, 3, l->which->collection);
        bind_text(st, 4, l->which->id);
    }
    while ((r = store_row(l->s, st)) > 0)
        count_in(l, sqlite3_column_int64(st, 0), (struct utime){sqlite3_column_int64(st, 1)});
    return r;
}

/* A filter is worth its making for who asks often. */
static int
know_enough(struct store *s)
{
    struct store_keys *k = &s->keys;
    int r = know_keys(s);

    if (r < 0 || (s->ids.bits == NULL && ++k->asked < IDS_ASKED))
        return r;
    k->asked = 0;
    return know_ids(s);
}

int
store_find_versions(struct store *s, const struct store_object *o, struct store_versions *ret)
{
    struct looking l = {.s = s, .which = o, .ret = ret};
    int r;

    *ret = (struct store_versions){.any = false};
    r = s->reads ? know_enough(s) : 0;
    if (r < 0 || is_new(s, hash_of(s, o->collection, o->id)))
        return r;
    r = object_places(s, o->collection, o->id, look_at_version, &l);
    if (r <= 0)
        return r;
    *ret = (struct store_versions){.any = false};
    return look_at_edges(&l);
}
