#include "role/objects_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "model/text.h"
#include "role/control.h"
#include "role/engine_priv.h"
#include "role/node.h"
#include "role/people.h"
#include "role/watchlist.h"
#include "wire/utf8.h"

enum {
    OPENED_MAX = 1024,
    ITEMS_MAX = LOAD_BYTES / 4 /* bytes of items that come with a request: those that are found
                                  here have room behind them */
};

struct doing {
    const struct load_ask *ask;
    struct slice rest; /* what was not read yet */
    struct slice same;
    struct buf same_more;
    struct buf opened; /* of the leaf in the making, … */
    struct buf entry;  /* … and itself */
    struct buf failed;
    uint64_t same_count;
    uint64_t failed_count;
    struct store_collection collection;
    char name[65];
    struct store_person who;
    const char *user; /* at the command line; NULL */
    struct objects_answer *answer;
    struct utime first; /* place of the first that was added */
    struct utime now;   /* of the leaves */
    uint8_t *salts;     /* LOAD_ADD: one for each */
    uint32_t at;        /* the object that comes next */
    bool refused;
    struct utime place;
    uint64_t again; /* that came anew */
    bool sought;    /* an indicator was added or deleted */
};

/* ---- reading the request ----------------------------------------------------------------- */

static bool
take(struct slice *from, size_t n, struct slice *ret)
{
    if (n > from->len)
        return false;
    *ret = slice_sub(*from, 0, n);
    *from = slice_sub(*from, n, from->len);
    return true;
}

static bool
take_head(struct slice *from, struct load_head *ret)
{
    struct slice s;

    if (!take(from, sizeof *ret, &s))
        return false;
    memcpy(ret, s.ptr, sizeof *ret);
    return true;
}

/* One object of the request; what is not of its form refuses the whole. */
static bool
take_object(struct slice *from, struct store_object *ret)
{
    struct load_head h;

    *ret = (struct store_object){.poster = 0};
    if (!take_head(from, &h) || !take(from, h.id, &ret->id) ||
        !take(from, h.type, &ret->type) || !take(from, h.spec, &ret->spec) ||
        !take(from, h.version, &ret->version) || !take(from, h.body, &ret->body))
        return false;
    ret->version_at.us = h.version_at;
    ret->hash = sha256_of(ret->body.ptr, ret->body.len);
    return objects_is_plain(ret->id, OBJECT_ID_MAX) && ret->id.len > 0 &&
           objects_is_plain(ret->type, OBJECT_ID_MAX) && objects_is_plain(ret->spec, 16) &&
           objects_is_plain(ret->version, LOAD_VERSION) && ret->body.len > 0 &&
           ret->body.len <= OBJECT_BODY_MAX && h.version_at <= TIME_MAX.us;
}

/* ---- adding ------------------------------------------------------------------------------ */

static int
put_leaf(struct engine *e, struct doing *d, const char *action, struct store_object *o,
         struct errinfo *ei)
{
    struct hash detail;
    int r;

    buf_reset(&d->opened);
    buf_reset(&d->entry);
    leaf_open_object(&d->opened, o->id, o->version_at, &o->hash);
    if (buf_error(&d->opened) < 0)
        return buf_error(&d->opened);
    detail = leaf_commit(o->salt, buf_get(&d->opened));
    {
        const struct leaf_value values[] = {LEAF_TEXT("action", slice_of(action)),
                                            LEAF_TEXT("collection", slice_of(d->name)),
                                            LEAF_HASH("detail", &detail)};

        r = leaf_write(&d->entry, LEAF_OBJECT, d->now, (struct leaf_values){values, 3}, ei);
    }
    return r < 0 ? r : ledger_append(e->ledger, buf_get(&d->entry), &o->leaf);
}

static void
put_item(struct buf *to, const struct store_object *o, const char *message)
{
    char at[TIME_TEXT];

    time_format(o->version_at, at);
    buf_text(to, to->len > 0 ? ",{\"id\":" : "{\"id\":");
    buf_json(to, o->id);
    if (o->version.len > 0)
        buf_printf(to, ",\"version\":\"%.*s\"", (int)o->version.len, o->version.ptr);
    else
        buf_printf(to, ",\"version\":\"%.*s\"", TIME_TEXT, at);
    if (message != NULL)
        buf_printf(to, ",\"message\":\"%s\"", message);
    buf_char(to, '}');
}

struct there {
    struct hash hash;
    struct utime version_at;
};

static int
keep_there(void *arg, const struct store_object *o)
{
    struct there *to = arg;

    *to = (struct there){o->hash, o->version_at};
    return 0;
}

/* It was there, or another request was faster with that version. */
static int
note_there(struct doing *d, struct store_object *o, const struct there *there)
{
    o->version_at = there->version_at;
    if (hash_eq(&there->hash, &o->hash)) {
        put_item(&d->same_more, o, NULL);
        d->same_count++;
        return buf_error(&d->same_more);
    }
    put_item(&d->failed, o, "that version of it is here, with another content");
    d->failed_count++;
    return buf_error(&d->failed);
}

/* Is it of those that are looked for where the collection is followed? */
static bool
is_sought(const struct store_object *o)
{
    return slice_eq(slice_sub(o->id, 0, 11), SLICE("indicator--"));
}

static int
tell_watchlist(struct engine *e, const struct doing *d)
{
    return d->sought && d->collection.followed ? watchlist_changed(e->store) : 0;
}

static int
add_one(struct engine *e, struct doing *d, struct store_object *o, struct errinfo *ei)
{
    bool has_version = o->version_at.us >= 0;
    struct store_versions v;
    struct there there;
    int r;

    o->collection = d->collection.number;
    o->poster = d->who.id;
    o->added = d->place;
    memcpy(o->salt, d->salts + (size_t)d->at * OBJECT_SALT, OBJECT_SALT);
    r = store_find_versions(e->store, o, &v);
    if (r == 0 && (v.same_place != 0 || (v.any && !has_version))) {
        r = store_get_object(e->store, has_version ? v.same_place : v.last_place, keep_there,
                             &there);
        if (r == 0 && (has_version || hash_eq(&there.hash, &o->hash)))
            return note_there(d, o, &there);
    }
    if (!has_version)
        o->version_at = o->added;
    if (r == 0)
        r = put_leaf(e, d, "add", o, ei);
    if (r == 0)
        r = store_put_object(e->store, o, &v);
    if (r < 0)
        return r;
    if (d->answer->done++ == 0)
        d->first = o->added;
    d->place.us++;
    d->sought |= is_sought(o);
    return 0;
}

/* What of an object outlives the look at it. */
struct kept {
    struct store_object o;
    char id[OBJECT_ID_MAX + 1];
    char version[LOAD_VERSION + 1];
};

static int
keep_names(void *arg, const struct store_object *o)
{
    struct kept *k = arg;

    k->o = *o;
    (void)snprintf(k->id, sizeof k->id, "%.*s", (int)o->id.len, o->id.ptr);
    (void)snprintf(k->version, sizeof k->version, "%.*s", (int)o->version.len, o->version.ptr);
    k->o.id = slice_of(k->id);
    k->o.version = slice_of(k->version);
    k->o.type = k->o.spec = k->o.body = slice_of("");
    return 0;
}

/* ---- anew, at another place -------------------------------------------------------------- */

struct whole {
    struct kept kept;
    char type[OBJECT_ID_MAX + 1];
    char spec[17];
    char *body;
};

static int
keep_whole(void *arg, const struct store_object *o)
{
    struct whole *w = arg;

    (void)keep_names(&w->kept, o);
    (void)snprintf(w->type, sizeof w->type, "%.*s", (int)o->type.len, o->type.ptr);
    (void)snprintf(w->spec, sizeof w->spec, "%.*s", (int)o->spec.len, o->spec.ptr);
    w->kept.o.type = slice_of(w->type);
    w->kept.o.spec = slice_of(w->spec);
    w->body = malloc(o->body.len + 1);
    if (w->body == NULL)
        return ERR_NOMEM;
    memcpy(w->body, o->body.ptr, o->body.len);
    w->kept.o.body = (struct slice){w->body, o->body.len};
    return 0;
}

/* Its bytes, its version and who gave it stay what they are. */
static int
put_one_again(struct engine *e, struct doing *d, struct whole *w, struct errinfo *ei)
{
    struct store_object *o = &w->kept.o;
    struct store_versions v;
    int r;

    e->env->random(e->env->self, o->salt, sizeof o->salt);
    r = put_leaf(e, d, "delete", o, ei);
    if (r == 0)
        r = store_drop_object(e->store, o, d->now);
    if (r == 0)
        r = store_find_versions(e->store, o, &v);
    e->env->random(e->env->self, o->salt, sizeof o->salt);
    o->added = d->place;
    if (r == 0)
        r = put_leaf(e, d, "add", o, ei);
    if (r == 0)
        r = store_put_object(e->store, o, &v);
    if (r == 0)
        r = store_end_objects(e->store);
    d->place.us++;
    return r;
}

static int
put_again(struct engine *e, struct doing *d, struct errinfo *ei)
{
    struct load_head h;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < d->ask->again; i++) {
        struct whole w = {.body = NULL};

        if (!take_head(&d->rest, &h)) {
            d->refused = true;
            return ERR_INVALID;
        }
        r = store_get_object(e->store, h.place, keep_whole, &w);
        if (r == 0 && w.kept.o.collection == d->collection.number) {
            r = put_one_again(e, d, &w, ei);
            d->again += r == 0;
        } else if (r == ERR_NOTFOUND) {
            r = 0; /* it went meanwhile */
        }
        free(w.body);
    }
    return r;
}

/* ---- all of them ------------------------------------------------------------------------- */

static int
put_outcome(struct engine *e, struct doing *d)
{
    const struct load_ask *a = d->ask;
    AUTO_BUF(same, LOAD_BYTES);
    struct store_outcome o = {.id = slice_of(a->outcome),
                              .at = d->now,
                              .collection = d->collection.number,
                              .person = d->who.id,
                              .total = a->total,
                              .added = d->answer->done,
                              .first = d->first,
                              .same_count = a->same_count + d->same_count,
                              .failed_count = a->failed_count + d->failed_count};

    buf_slice(&same, d->same);
    if (d->same.len > 0 && d->same_more.len > 0)
        buf_char(&same, ',');
    buf_slice(&same, buf_get(&d->same_more));
    if (buf_error(&same) < 0)
        return buf_error(&same);
    o.same = buf_get(&same);
    o.failed = buf_get(&d->failed);
    return store_put_outcome(e->store, &o);
}

/* Each request has an id of its own, or none of whose outcome nobody asks. */
static int
check_outcome(struct engine *e, struct doing *d)
{
    struct store_outcome o;
    int r = d->ask->outcome[0] == '\0'
                ? ERR_NOTFOUND
                : store_get_outcome(e->store, slice_of(d->ask->outcome), &o);

    d->refused = r == 0;
    return r == ERR_NOTFOUND ? 0 : r == 0 ? ERR_INVALID : r;
}

/* The objects that say what of it was revoked. */
static int
say_added(struct engine *e, struct doing *d, struct errinfo *ei)
{
    uint64_t done = d->answer->done;
    struct store_object o;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < d->ask->said; i++, d->at++) {
        if (!take_object(&d->rest, &o)) {
            d->refused = true;
            return ERR_INVALID;
        }
        r = add_one(e, d, &o, ei);
    }
    d->answer->done = done;
    return r < 0 ? r : store_end_objects(e->store);
}

static int
add_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct doing *d = arg;
    struct store_object o;
    int r = check_outcome(e, d);

    if (r < 0)
        return r;
    d->now = engine_next_time(e);
    r = store_next_place(e->store, d->now, &d->place);
    for (d->at = 0; r == 0 && d->at < d->ask->count; d->at++) {
        if (!take_object(&d->rest, &o)) {
            d->refused = true;
            return ERR_INVALID;
        }
        r = add_one(e, d, &o, ei);
    }
    if (r == 0)
        r = store_end_objects(e->store);
    if (r == 0 && d->ask->again > 0)
        r = put_again(e, d, ei);
    if (r == 0 && d->ask->said > 0)
        r = say_added(e, d, ei);
    if (r == 0)
        r = tell_watchlist(e, d);
    /* Who hands in a file needs no status of it. */
    return r == 0 && d->ask->outcome[0] != '\0' ? put_outcome(e, d) : r;
}

/* ---- dropping ---------------------------------------------------------------------------- */

static int
drop_one(struct engine *e, struct doing *d, int64_t place, struct errinfo *ei)
{
    struct kept k;
    int r = store_get_object(e->store, place, keep_names, &k);

    if (r < 0 || k.o.collection != d->collection.number)
        return r == ERR_NOTFOUND ? 0 : r; /* it went meanwhile */
    e->env->random(e->env->self, k.o.salt, sizeof k.o.salt);
    r = put_leaf(e, d, "delete", &k.o, ei);
    if (r == 0)
        r = store_drop_object(e->store, &k.o, d->now);
    d->answer->done += r == 0;
    d->sought |= is_sought(&k.o);
    return r;
}

/* The object that takes their place. */
static int
say_dropped(struct engine *e, struct doing *d, struct errinfo *ei)
{
    uint8_t salt[OBJECT_SALT];
    uint64_t done = d->answer->done;
    struct store_object o;
    int r = store_next_place(e->store, d->now, &d->place);

    if (r == 0 && !take_object(&d->rest, &o)) {
        d->refused = true;
        return ERR_INVALID;
    }
    e->env->random(e->env->self, salt, sizeof salt);
    d->salts = salt;
    d->at = 0;
    if (r == 0)
        r = add_one(e, d, &o, ei);
    d->salts = NULL;
    if (r == 0)
        r = store_end_objects(e->store);
    d->answer->done = done;
    return r;
}

static int
drop_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct doing *d = arg;
    struct load_head h;
    int r = 0;

    d->now = engine_next_time(e);
    for (d->at = 0; r == 0 && d->at < d->ask->count; d->at++) {
        if (!take_head(&d->rest, &h)) {
            d->refused = true;
            return ERR_INVALID;
        }
        r = drop_one(e, d, h.place, ei);
    }
    if (r == 0 && d->answer->done == 0) {
        d->refused = true;
        r = ERR_NOTFOUND;
    }
    if (r == 0 && d->ask->said != 0)
        r = say_dropped(e, d, ei);
    return r == 0 ? tell_watchlist(e, d) : r;
}

/* ---- who, and what they may -------------------------------------------------------------- */

static int
find_collection(void *arg, const struct store_collection *c)
{
    struct doing *d = arg;

    if (c->number != d->ask->collection)
        return 0;
    d->collection.number = c->number;
    d->collection.followed = c->followed;
    (void)snprintf(d->name, sizeof d->name, "%.*s", (int)c->name.len, c->name.ptr);
    return 1;
}

static int
check_rights(struct engine *e, struct store *s, struct doing *d)
{
    struct people_seen seen;
    unsigned rights = 0;
    unsigned wanted = d->ask->what == LOAD_ADD ? RIGHT_WRITE : RIGHT_WRITE | RIGHT_READ;
    int r = d->user != NULL ? 0
                            : people_look_for(s, &d->ask->with, e->env->now_wall(e->env->self),
                                              "exchange.use", &seen);

    if (r < 0)
        return r;
    r = store_each_collection(s, find_collection, d);
    if (r <= 0)
        return r < 0 ? r : ERR_NOTFOUND;
    if (d->user != NULL)
        return 0;
    d->who = seen.who;
    r = store_get_right(s, d->collection.number, d->who.id, &rights);
    return r < 0 ? r : (rights & wanted) == wanted ? 0 : ERR_AUTH;
}

static bool
is_form(const struct load_ask *a, struct slice rest)
{
    return (a->what == LOAD_ADD || a->what == LOAD_DROP) && a->count <= LOAD_OBJECTS &&
           a->again <= (a->what == LOAD_ADD ? LOAD_OBJECTS : 0) &&
           a->said <= (a->what == LOAD_ADD ? a->count : 1) && a->bytes == rest.len &&
           a->with.kind <= CREDENTIAL_CERTIFICATE && a->same <= ITEMS_MAX &&
           a->failed <= ITEMS_MAX && (size_t)a->same + a->failed <= rest.len &&
           a->outcome[COLLECTION_ID] == '\0' &&
           objects_is_plain(slice_of(a->outcome), COLLECTION_ID) &&
           utf8_ok(slice_sub(rest, 0, (size_t)a->same + a->failed));
}

static int
run(struct engine *e, struct doing *d, struct errinfo *ei)
{
    int r = engine_check_room(e, d->rest.len * 3 + d->ask->again * UINT64_C(4096));
    bool add = d->ask->what == LOAD_ADD;

    if (r == 0 && add && d->ask->count > 0) {
        size_t size = ((size_t)d->ask->count + d->ask->said) * OBJECT_SALT;

        d->salts = malloc(size);
        r = d->salts == NULL ? ERR_NOMEM : 0;
        if (r == 0)
            e->env->random(e->env->self, d->salts, size);
    }
    if (r == 0)
        r = engine_change(e, add ? add_all : drop_all, d, &d->refused, ei);
    if (r < 0)
        d->answer->done = 0;
    free(d->salts);
    return r;
}

/* What the gate may hear; all else ends the engine. */
static bool
is_answer(const struct doing *d, int r)
{
    return d->refused || r == ERR_AUTH || r == ERR_NOTFOUND || r == ERR_FULL || r == ERR_BUSY ||
           r == ERR_NOMEM;
}

int
objects_do(struct engine *e, struct store *s, struct slice all, const char *user,
           struct objects_told *told)
{
    struct objects_answer *ret = &told->answer;
    struct errinfo *ei = &told->ei;
    struct load_ask ask;
    struct slice rest = all;
    struct slice head;
    struct doing d = {.ask = &ask, .answer = ret, .user = user};
    int r;

    *told =
        (struct objects_told){.version = CONTROL_VERSION, .answer = {.status = ERR_INVALID}};
    if (!take(&rest, sizeof ask, &head))
        return 0;
    memcpy(&ask, head.ptr, sizeof ask);
    if (!is_form(&ask, rest))
        return 0;
    buf_init(&d.same_more, LOAD_BYTES);
    buf_init(&d.failed, LOAD_BYTES);
    buf_init(&d.opened, OPENED_MAX);
    buf_init(&d.entry, LEAF_WRITE_MAX);
    (void)take(&rest, ask.same, &d.same);
    (void)take(&rest, ask.failed, &head);
    buf_slice(&d.failed, head);
    d.rest = rest;
    r = check_rights(e, s, &d);
    if (r == 0)
        r = run(e, &d, ei);
    buf_release(&d.same_more);
    buf_release(&d.failed);
    buf_release(&d.opened);
    buf_release(&d.entry);
    explicit_bzero(&ask.with, sizeof ask.with);
    ret->status = r;
    ret->again = r == 0 ? d.again : 0;
    return r == 0 || is_answer(&d, r) ? 0 : r;
}

/* It is copied: what gave it could change it still. */
int
objects_serve(struct engine *e, struct store *s, const struct objects_given *g,
              struct objects_told *ret)
{
    char *all = g->fd < 0 || g->bytes > OBJECTS_ALL ? NULL : malloc(g->bytes);
    size_t head = g->bytes < sizeof(struct load_ask) ? g->bytes : sizeof(struct load_ask);
    int r = 0;

    *ret = (struct objects_told){.version = CONTROL_VERSION, .answer = {.status = ERR_INVALID}};
    if (all != NULL && pread(g->fd, all, g->bytes, 0) == (ssize_t)g->bytes)
        r = objects_do(e, s, (struct slice){all, g->bytes}, g->user, ret);
    if (all != NULL)
        explicit_bzero(all, head);
    free(all);
    return r;
}

unsigned
objects_status(int status)
{
    return status == 0              ? 200
           : status == ERR_AUTH     ? 403
           : status == ERR_NOTFOUND ? 404
           : status == ERR_INVALID  ? 400
                                    : 503;
}

/* ---- at the other end -------------------------------------------------------------------- */

static void
gather(const struct load *l, struct buf *to)
{
    buf_add(to, &l->ask, sizeof l->ask);
    buf_slice(to, buf_get(&l->same));
    buf_slice(to, buf_get(&l->failed));
    buf_slice(to, buf_get(&l->objects));
    buf_slice(to, buf_get(&l->again));
    buf_slice(to, buf_get(&l->said));
}

static int
hand_over(const char *dir, struct slice all, struct objects_told *ret, struct errinfo *ei)
{
    int fd = memfd_create("objects", MFD_CLOEXEC);
    struct slice rest = all;
    int r = fd < 0 ? ERR_IO : 0;

    while (r == 0 && rest.len > 0) {
        ssize_t n = write(fd, rest.ptr, rest.len);

        if (n <= 0)
            r = ERR_NOMEM; /* a memory file */
        else
            rest = slice_sub(rest, (size_t)n, rest.len);
    }
    r = r < 0 ? err_set(ei, r, "%s", err_text(r)) : control_objects(dir, fd, all.len, ret, ei);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

int
objects_hand_in(const char *dir, const struct load *l, struct objects_told *ret,
                struct errinfo *ei)
{
    AUTO_BUF(all, OBJECTS_ALL);
    char unix_user[PERSON_USER];
    char user[PERSON_USER + 8];
    struct node n;
    int r;

    *ret = (struct objects_told){.answer = {.status = ERR_INVALID}};
    gather(l, &all);
    if (buf_error(&all) < 0)
        return err_set(ei, buf_error(&all), "%s", err_text(buf_error(&all)));
    r = node_is_taken(dir, ei);
    if (r == 0)
        r = node_open(dir, NODE_WRITE, &n, ei);
    if (r == ERR_BUSY || r > 0)
        return hand_over(dir, buf_get(&all), ret, ei);
    if (r < 0)
        return r;
    control_user(geteuid(), unix_user);
    (void)snprintf(user, sizeof user, "local:%s", unix_user);
    r = objects_do(n.engine, n.store, buf_get(&all), user, ret);
    if (r < 0)
        *ei = ret->ei;
    node_close(&n);
    return r;
}

int
objects_publish(const char *dir, const struct taxii_ground *g, const struct taxii_collection *c,
                struct buf *all, struct objects_counts *n, struct errinfo *ei)
{
    struct objects_told told = {.answer = {.status = 0}};
    struct load l;
    int r;

    buf_text(all, "]}");
    load_init(&l);
    r = buf_error(all);
    if (r == 0)
        r = load_read(g, c, buf_get(all), &l, ei);
    store_settle(g->store);
    if (r == 0 && l.ask.count > 0)
        r = objects_hand_in(dir, &l, &told, ei);
    if (r == 0 && told.answer.status < 0) {
        *ei = told.ei;
        r = told.answer.status;
    }
    n->added += told.answer.done;
    n->same += l.ask.same_count;
    n->refused += l.ask.failed_count;
    load_release(&l);
    buf_reset(all);
    return r;
}
