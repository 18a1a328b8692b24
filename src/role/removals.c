#include "role/removals.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/uuid.h"
#include "role/keep.h"
#include "role/node.h"
#include "role/objects.h"
#include "stix/sco_id.h"
#include "taxii/retract.h"

enum { COLLECTIONS = COLLECTIONS_MAX, IDS = 4 << 20 };

/* ---- collections in memory --------------------------------------------------------------- */

struct box {
    int64_t number;
    char id[COLLECTION_ID + 1];
    char alias[65];
    char pact[65];
    char party[33];
};

struct boxes {
    struct box *at;
    unsigned count;
};

static int
keep_box(void *arg, const struct store_collection *c)
{
    struct boxes *b = arg;
    struct box *to = &b->at[b->count];

    if (b->count == COLLECTIONS)
        return ERR_LIMIT;
    to->number = c->number;
    (void)snprintf(to->id, sizeof to->id, "%.*s", (int)c->id.len, c->id.ptr);
    (void)snprintf(to->alias, sizeof to->alias, "%.*s", (int)c->name.len, c->name.ptr);
    (void)snprintf(to->pact, sizeof to->pact, "%.*s", (int)c->pact.len, c->pact.ptr);
    (void)snprintf(to->party, sizeof to->party, "%.*s", (int)c->party.len, c->party.ptr);
    b->count++;
    return 0;
}

static int
read_boxes(struct store *s, struct boxes *ret)
{
    *ret = (struct boxes){.at = calloc(COLLECTIONS, sizeof *ret->at)};
    return ret->at == NULL ? ERR_NOMEM : store_each_collection(s, keep_box, ret);
}

/* Each object of a type in a collection, its bytes and id copied: the store may be asked on. */
struct typed {
    int (*each)(void *arg, struct slice id, struct slice body);
    void *arg;
    int err;
};

static int
give_typed(void *arg, const struct store_object *o)
{
    struct typed *t = arg;
    AUTO_BUF(all, OBJECT_BODY_MAX + OBJECT_ID_MAX);

    buf_slice(&all, o->id);
    buf_slice(&all, o->body);
    if (buf_error(&all) < 0)
        return buf_error(&all);
    return t->each(t->arg, slice_sub(buf_get(&all), 0, o->id.len),
                   slice_sub(buf_get(&all), o->id.len, o->body.len));
}

/* The newest versions; each is lent, and with its bytes only where they are asked for. */
static int
each_object_of_type(struct store *s, const struct box *box, const char *type,
                    int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct object_query *q = calloc(1, sizeof *q);
    int r;

    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){.collection = box->number,
                               .after = {-1},
                               .type = {.at = {slice_of(type)}, .count = 1},
                               .last = true,
                               .bodies = each == give_typed};
    r = store_each_object(s, q, each, arg);
    free(q);
    return r;
}

static int
each_of_type(struct store *s, const struct box *box, const char *type,
             int (*each)(void *arg, struct slice id, struct slice body), void *arg)
{
    struct typed t = {each, arg, 0};

    return each_object_of_type(s, box, type, give_typed, &t);
}

/* ---- ours -------------------------------------------------------------------------------- */

struct asking {
    const struct removal_ask *a;
    int (*each)(void *arg, const struct removal_row *row);
    void *arg;
    struct boxes boxes;
    const struct box *box;
    const struct book_pact *pact;
    struct map wanted; /* hashes of a party and a retraction: what it may say it removed … */
    struct utime *removed; /* … and when, by their index; 0 it did not */
    uint32_t room;
};

static struct hash
key_of(struct slice party, struct slice retraction)
{
    struct sha256 h;
    struct hash ret;

    sha256_init(&h);
    sha256_add(&h, party.ptr, party.len);
    sha256_add(&h, "", 1); /* no party has a NUL */
    sha256_add(&h, retraction.ptr, retraction.len);
    sha256_end(&h, &ret);
    return ret;
}

static int
want_one(struct asking *x, struct slice party, struct slice retraction)
{
    struct hash key = key_of(party, retraction);
    int is_new = 0;

    if (x->wanted.count == x->room) {
        uint32_t room = x->room == 0 ? 256 : x->room * 2;
        struct utime *at = realloc(x->removed, room * sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        x->removed = at;
        x->room = room;
    }
    if (map_put(&x->wanted, &key, &is_new) < 0)
        return x->wanted.count == REMOVALS_MOST ? ERR_LIMIT : ERR_NOMEM;
    if (is_new)
        x->removed[x->wanted.count - 1].us = 0;
    return 0;
}

/* Each party of the pact but this one. */
static int
want(void *arg, const struct store_object *o)
{
    struct asking *x = arg;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < x->pact->pact->parties; i++) {
        if ((int)i != x->pact->self)
            r = want_one(x, x->pact->party[i].id, o->id);
    }
    return r;
}

static int
note_receipt(void *arg, struct slice of, struct utime at)
{
    struct asking *x = arg;
    struct hash key = key_of(slice_of(x->box->party), of);
    int64_t i = map_find(&x->wanted, &key);

    if (i >= 0 && (x->removed[i].us == 0 || at.us < x->removed[i].us))
        x->removed[i] = at;
    return 0;
}

static int
read_receipt(void *arg, struct slice id, struct slice body)
{
    const struct retraction_seen seen = {.arg = arg, .begin = note_receipt};
    int r = retraction_read(body, &seen);

    (void)id;
    return r == ERR_INVALID || r == ERR_LIMIT ? 0 : r; /* what is none says nothing */
}

static int
note_begin(void *arg, struct slice of, struct utime at)
{
    struct removal_row *row = arg;

    (void)of;
    row->retracted = at;
    return 0;
}

static int
note_one(void *arg, struct slice id)
{
    struct removal_row *row = arg;

    (void)id;
    row->objects++;
    return 0;
}

/* As a party that could never have an object hears of it as little as it can say that it
 * removed it. */
static int
judge_row(const struct asking *x, struct slice body, struct removal_row *row)
{
    const struct store_object o = {.collection = x->box->number,
                                   .id = row->retraction,
                                   .type = SLICE(RETRACTION_TYPE),
                                   .body = body};
    struct egress_to to;
    enum egress e = EGRESS_ALLOWED;
    enum tlp tlp;
    int r = 0;

    if (x->a->conf != NULL && row->removed.us == 0) {
        egress_recipient(x->a->book, x->a->conf, x->a->store, row->party, x->a->now, &to);
        r = egress_of(&to, &o, slice_of(""), &e, &tlp);
    }
    row->withheld = !egress_goes(e);
    row->overdue = row->removed.us == 0 && !row->withheld && x->a->now.us > row->due.us;
    return r;
}

static int
tell_retraction(void *arg, struct slice id, struct slice body)
{
    struct asking *x = arg;
    struct removal_row row = {.retraction = id, .collection = slice_of(x->box->alias)};
    const struct retraction_seen seen = {.arg = &row, .begin = note_begin, .each = note_one};
    int r = retraction_read(body, &seen);

    if (r < 0)
        return r == ERR_INVALID || r == ERR_LIMIT ? 0 : r;
    row.due.us = row.retracted.us + x->a->within.us;
    for (unsigned i = 0; r == 0 && i < x->pact->pact->parties; i++) {
        struct hash key = key_of(x->pact->party[i].id, id);
        int64_t at = map_find(&x->wanted, &key);

        if ((int)i == x->pact->self)
            continue;
        row.party = x->pact->party[i].id;
        row.removed.us =
            at < 0 ? 0 : x->removed[at].us; /* it came since they were looked for */
        r = judge_row(x, body, &row);
        if (r == 0)
            r = x->each(x->arg, &row);
    }
    return r;
}

/* Each own collection that a pact of this party's gives to others. */
static int
each_given(struct asking *x, int (*look)(struct asking *x))
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < x->boxes.count; i++) {
        x->box = &x->boxes.at[i];
        x->pact = x->box->party[0] != '\0' || x->box->pact[0] == '\0' || x->a->book == NULL
                      ? NULL
                      : book_pact(x->a->book, slice_of(x->box->pact));
        if (x->pact != NULL && x->pact->self >= 0)
            r = look(x);
    }
    return r;
}

static int
want_all(struct asking *x)
{
    return each_object_of_type(x->a->store, x->box, RETRACTION_TYPE, want, x);
}

static int
tell_all(struct asking *x)
{
    return each_of_type(x->a->store, x->box, RETRACTION_TYPE, tell_retraction, x);
}

static int
read_receipts(struct asking *x)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && x->wanted.count > 0 && i < x->boxes.count; i++) {
        x->box = &x->boxes.at[i];
        if (x->box->party[0] != '\0')
            r = each_of_type(x->a->store, x->box, REMOVAL_TYPE, read_receipt, x);
    }
    return r;
}

int
removals_each(const struct removal_ask *a,
              int (*each)(void *arg, const struct removal_row *row), void *arg)
{
    struct asking x = {.a = a, .each = each, .arg = arg};
    uint64_t secret;
    int r = read_boxes(a->store, &x.boxes);

    randombytes_buf(&secret, sizeof secret);
    map_init(&x.wanted, SHA256_SIZE, REMOVALS_MOST, secret);
    if (r == 0)
        r = each_given(&x, want_all);
    if (r == 0)
        r = read_receipts(&x);
    if (r == 0)
        r = each_given(&x, tell_all);
    map_release(&x.wanted);
    free(x.removed);
    free(x.boxes.at);
    return r;
}

/* ---- theirs ------------------------------------------------------------------------------ */

struct doing {
    const char *dir;
    struct node *n;
    struct book *book;
    struct boxes boxes;
    const struct box *box; /* whose objects */
    struct removals_done *done;
    struct errinfo *ei;
    /* of one retraction */
    struct buf ids;
    uint32_t count;
    int64_t before; /* what came behind it is not meant */
    struct hash only[RETRACT_HASHES];
    uint32_t onlys;
    struct load load;
    bool running;
};

static bool
is_meant(const struct doing *d, const struct store_object *o)
{
    if (o->added.us >= d->before)
        return false;
    for (uint32_t i = 0; i < d->onlys; i++) {
        if (hash_eq(&d->only[i], &o->hash))
            return true;
    }
    return d->onlys == 0;
}

static int
note_version(void *arg, const struct hash *version)
{
    struct doing *d = arg;

    d->only[d->onlys++] = *version; /* there are up to RETRACT_HASHES */
    return 0;
}

static int
name_place(void *arg, const struct store_object *o)
{
    struct doing *d = arg;
    const struct load_head h = {.version_at = -1, .place = o->added.us};

    if (!is_meant(d, o))
        return 0;
    buf_add(&d->load.objects, &h, sizeof h);
    d->load.ask.count++;
    return buf_error(&d->load.objects);
}

/* All versions of it that came from there before, or those that are named. */
static int
find_places(void *arg, struct slice id)
{
    struct doing *d = arg;
    struct object_query *q = calloc(1, sizeof *q);
    int r;

    buf_slice(&d->ids, id);
    buf_char(&d->ids, '\n');
    d->count++;
    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){.collection = d->box->number,
                               .after = {-1},
                               .id = {.at = {id}, .count = 1},
                               .all = true};
    r = store_each_object(d->n->store, q, name_place, d);
    free(q);
    return r;
}

static bool
find_box(const struct doing *d, const char *alias, int64_t *ret)
{
    for (unsigned i = 0; i < d->boxes.count; i++) {
        if (strcmp(d->boxes.at[i].alias, alias) == 0) {
            *ret = d->boxes.at[i].number;
            return true;
        }
    }
    return false;
}

/* The collection in which this party says what it removed; made when it is not there. */
static int
find_own_box(struct doing *d, const struct book_pact *p, int64_t *ret)
{
    struct keep_ask ask = {.what = KEEP_COLLECTION};
    struct keep_answer answer = {0};
    struct keeper *k;
    uint8_t random[UUID_BYTES];
    char alias[65];
    int r;

    (void)snprintf(alias, sizeof alias, "%.54s-removals", p->pact->name);
    if (find_box(d, alias, ret))
        return 0;
    randombytes_buf(random, sizeof random);
    uuid_random(random, ask.name);
    (void)snprintf(ask.pact, sizeof ask.pact, "%s", p->pact->name);
    (void)snprintf(ask.text, sizeof ask.text,
                   "%s\nRemovals\nWhat was removed here, as others "
                   "took it back.",
                   alias);
    r = keeper_open(d->dir, &k, d->ei);
    if (r < 0)
        return r;
    r = keeper_do(k, &ask, &answer, d->ei);
    k = keeper_close(k);
    if (r == 0 && answer.status < 0)
        *d->ei = answer.ei;
    r = r == 0 ? answer.status : r;
    if (r == 0) {
        free(d->boxes.at);
        r = read_boxes(d->n->store, &d->boxes);
        d->box = NULL; /* it lay there */
    }
    return r < 0 ? r : find_box(d, alias, ret) ? 0 : ERR_NOTFOUND;
}

/* The first pact that both are parties of. */
static const struct book_pact *
common_pact(const struct doing *d, const char *party)
{
    for (unsigned i = 0; d->book != NULL && i < d->book->pacts; i++) {
        const struct book_pact *p = &d->book->pact[i];

        if (p->self >= 0 && book_party(p, slice_of(party)) >= 0)
            return p;
    }
    return NULL;
}

static int
hand_in(struct doing *d, struct objects_told *told)
{
    int r;

    d->load.ask.bytes = (uint64_t)d->load.same.len + d->load.failed.len + d->load.objects.len;
    store_settle(d->n->store);
    r = objects_hand_in(d->dir, &d->load, told, d->ei);
    if (r == 0 && told->answer.status < 0 && told->answer.status != ERR_NOTFOUND)
        r = err_set(d->ei, told->answer.status, "%s", err_text(told->answer.status));
    return r;
}

static bool
is_there(struct store *s, int64_t collection, struct slice id)
{
    const struct store_object which = {.collection = collection, .id = id};
    struct store_versions v;

    return store_find_versions(s, &which, &v) == 0 && v.any;
}

static int
publish_receipt(struct doing *d, struct slice retraction, const char *party)
{
    const struct book_pact *p = common_pact(d, party);
    struct slice *ids = calloc(d->count == 0 ? 1 : d->count, sizeof *ids);
    struct slice rest = buf_get(&d->ids);
    struct taxii_collection c = {.number = 0};
    const struct taxii_ground g = {.store = d->n->store};
    AUTO_BUF(all, IDS);
    char name[OBJECT_ID_MAX + 64];
    struct stix_id id;
    struct retraction say = {.at = d->n->env.now_wall(d->n->env.self),
                             .tlp = TLP_AMBER,
                             .ids = ids,
                             .count = d->count,
                             .of = retraction};
    struct objects_told told = {.answer = {.status = 0}};
    int r = ids == NULL ? ERR_NOMEM : p == NULL ? ERR_NOTFOUND : 0;

    for (uint32_t i = 0; r == 0 && i < d->count; i++)
        (void)slice_line(&rest, &ids[i]);
    (void)snprintf(name, sizeof name, "%.*s/%s", (int)retraction.len, retraction.ptr,
                   d->n->conf->party);
    id = stix_id_named(SLICE(REMOVAL_TYPE), slice_of(name));
    say.id = stix_id_slice(&id);
    if (r == 0)
        r = find_own_box(d, p, &c.number);
    if (r == 0 && is_there(d->n->store, c.number, say.id)) {
        free(ids);
        return 0; /* it was said */
    }
    buf_text(&all, "{\"objects\":[");
    if (r == 0)
        r = retraction_write(&all, &say);
    buf_text(&all, "]}");
    load_release(&d->load);
    load_init(&d->load);
    if (r == 0)
        r = load_read(&g, &c, buf_get(&all), &d->load, d->ei);
    if (r == 0 && d->load.ask.count > 0)
        r = hand_in(d, &told);
    d->done->receipts += told.answer.done;
    free(ids);
    return r == ERR_NOTFOUND ? 0 : r; /* no pact any more: nobody waits for it */
}

struct found {
    char id[OBJECT_ID_MAX + 1];
    char *body;
    size_t len;
};

struct list {
    struct found *at;
    unsigned count;
    unsigned room;
};

static int
keep_found(void *arg, struct slice id, struct slice body)
{
    struct list *l = arg;
    struct found *f;

    if (l->count == l->room) {
        unsigned room = l->room == 0 ? 64 : l->room * 2;
        struct found *at = realloc(l->at, room * sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        l->at = at;
        l->room = room;
    }
    f = &l->at[l->count];
    f->body = malloc(body.len + 1);
    if (f->body == NULL)
        return ERR_NOMEM;
    memcpy(f->body, body.ptr, body.len);
    f->len = body.len;
    (void)snprintf(f->id, sizeof f->id, "%.*s", (int)id.len, id.ptr);
    l->count++;
    return 0;
}

static int
do_one(struct doing *d, const struct box *box, const struct found *f)
{
    const struct retraction_seen seen = {.arg = d, .only = note_version, .each = find_places};
    const struct store_object which = {.collection = box->number, .id = slice_of(f->id)};
    struct store_versions v;
    struct objects_told told = {.answer = {.status = 0}};
    char party[33];
    int r;

    (void)snprintf(party, sizeof party, "%s", box->party);
    d->box = box;
    d->count = d->onlys = 0;
    buf_reset(&d->ids);
    load_release(&d->load);
    load_init(&d->load);
    d->load.ask.what = LOAD_DROP;
    d->load.ask.collection = box->number;
    r = store_find_versions(d->n->store, &which, &v);
    d->before = r == 0 && v.any ? v.first_place : 0;
    if (r == 0)
        r = retraction_read((struct slice){f->body, f->len}, &seen);
    if (r == ERR_INVALID || r == ERR_LIMIT)
        return 0; /* it is none */
    if (r == 0 && d->load.ask.count > 0) {
        d->done->retractions++;
        r = hand_in(d, &told);
        d->done->objects += told.answer.done;
    }
    return r < 0 ? r : publish_receipt(d, slice_of(f->id), party);
}

static int
do_box(struct doing *d, const struct box *box)
{
    struct list l = {.at = NULL};
    int r = each_of_type(d->n->store, box, RETRACTION_TYPE, keep_found, &l);

    store_settle(d->n->store);
    for (unsigned i = 0; i < l.count; i++) {
        if (r == 0)
            r = do_one(d, box, &l.at[i]);
        free(l.at[i].body);
    }
    free(l.at);
    return r;
}

static int
do_all(struct doing *d)
{
    struct boxes theirs;
    int r = read_boxes(d->n->store, &theirs);

    if (r == 0)
        r = read_boxes(d->n->store, &d->boxes);
    for (unsigned i = 0; r == 0 && i < theirs.count; i++) {
        if (theirs.at[i].party[0] != '\0')
            r = do_box(d, &theirs.at[i]);
    }
    free(theirs.at);
    free(d->boxes.at);
    return r;
}

int
removals_do(const char *dir, struct removals_done *ret, struct errinfo *ei)
{
    struct node n;
    struct doing d = {.dir = dir, .n = &n, .done = ret, .ei = ei};
    int r = node_open(dir, NODE_READ, &n, ei);

    *ret = (struct removals_done){0};
    if (r < 0)
        return r;
    buf_init(&d.ids, IDS);
    load_init(&d.load);
    r = book_load(n.store, n.conf->party, &d.book, ei);
    if (r == 0)
        r = do_all(&d);
    load_release(&d.load);
    buf_release(&d.ids);
    (void)book_free(d.book);
    node_close(&n);
    if (r < 0 && ei->text[0] == '\0')
        (void)err_set(ei, r, "%s", err_text(r));
    return r;
}
