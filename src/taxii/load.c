#include "taxii/load.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "stix/same.h"
#include "stix/sco_id.h"
#include "taxii/retract.h"
#include "wire/dom.h"

enum { ARENA_LEAST = 65536, MESSAGE = 256, PASSED_FIRST = 256 };

void
load_init(struct load *l)
{
    l->ask = (struct load_ask){0};
    l->many_failed = false;
    buf_init(&l->same, LOAD_BYTES);
    buf_init(&l->failed, LOAD_BYTES);
    buf_init(&l->objects, LOAD_BYTES);
    buf_init(&l->again, (size_t)LOAD_OBJECTS * sizeof(struct load_head));
    buf_init(&l->said, LOAD_BYTES);
}

void
load_release(struct load *l)
{
    buf_release(&l->same);
    buf_release(&l->failed);
    buf_release(&l->objects);
    buf_release(&l->again);
    buf_release(&l->said);
}

int
load_again(struct load *l, struct utime place)
{
    const struct load_head h = {.version_at = -1, .place = place.us};

    if (l->ask.again == LOAD_OBJECTS)
        return ERR_LIMIT;
    buf_add(&l->again, &h, sizeof h);
    if (buf_error(&l->again) < 0)
        return buf_error(&l->again);
    l->ask.again++;
    return 0;
}

/* One object, as far as it is known. */
struct item {
    const struct dom *dom;
    struct slice id;
    struct slice type;
    struct slice spec;
    struct slice version; /* "" it has none */
    struct utime version_at;
    struct slice body;
};

struct loading {
    const struct taxii_ground *g;
    int64_t collection;
    bool theirs;       /* another party's */
    bool given;        /* this party's own, and others may read it */
    const char *text;  /* that was written to, … */
    struct slice body; /* … and as it came */
    struct load *to;
    struct map keys; /* of what was passed: its id and its version, … */
    struct item
        *passed; /* … the last that has them; of an id alone, that of its last version */
    uint32_t room;
};

/* ---- what is told of each ---------------------------------------------------------------- */

static void
put_item(struct buf *to, const struct item *x, struct slice message)
{
    static const char never[] = "1970-01-01T00:00:00.000000Z";

    buf_text(to, to->len > 0 ? ",{\"id\":" : "{\"id\":");
    buf_json(to, slice_cut(x->id, OBJECT_ID_MAX));
    buf_text(to, ",\"version\":");
    buf_json(to, x->version.len > 0 ? slice_cut(x->version, LOAD_VERSION) : slice_of(never));
    if (message.len > 0) {
        buf_text(to, ",\"message\":");
        buf_json(to, message);
    }
    buf_char(to, '}');
}

static int
refuse(struct loading *l, const struct item *x, const char *why)
{
    l->to->ask.failed_count++;
    if (!l->to->many_failed)
        put_item(&l->to->failed, x, slice_of(why));
    if (l->to->failed.len > LOAD_FAILURES) {
        l->to->many_failed = true;
        buf_reset(&l->to->failed);
    }
    return buf_error(&l->to->failed);
}

/* ---- is it one --------------------------------------------------------------------------- */

struct first_fault {
    char text[MESSAGE];
};

static void
keep_first(void *arg, const struct stix_fault *f)
{
    struct first_fault *to = arg;

    if (to->text[0] == '\0')
        (void)snprintf(to->text, sizeof to->text, "%.*s%s%s",
                       (int)slice_cut(f->path, MESSAGE / 2).len, f->path.ptr,
                       f->path.len > 0 ? ": " : "", f->reason);
}

static bool
is_plain(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~' || s.ptr[i] == '"' || s.ptr[i] == '\\')
            return false;
    }
    return true;
}

/* Objects of 2.0 say nothing of their version; those of 2.1 that say nothing are observables,
 * which have no times of their own. */
static struct slice
spec_of(const struct dom *d)
{
    const struct dom *spec = dom_get(d, SLICE("spec_version"));

    if (spec != NULL)
        return dom_text(spec);
    return dom_get(d, SLICE("created")) != NULL ? slice_of("2.0") : slice_of("2.1");
}

/* "" it is one; else what is wrong. */
static void
judge(struct item *x, struct first_fault *ret)
{
    const char *wrong = NULL;
    bool checked = x->dom->kind == DOM_OBJECT && !slice_is(x->spec, "2.0");

    ret->text[0] = '\0';
    if (x->dom->kind != DOM_OBJECT)
        wrong = "is no object";
    else if (slice_is(x->type, "bundle"))
        wrong = STIX_NO_OBJECT; /* of any version of STIX */
    else if (checked)
        (void)stix_check(x->dom, keep_first, ret);
    else if (dom_is_twice(x->dom, true))
        wrong = "has a name twice";
    if (wrong != NULL || ret->text[0] != '\0')
        ;
    else if (x->type.len == 0 || (!checked && !stix_is_id(x->id, x->type)))
        wrong = "its `id` is its type, -- and a UUID of RFC 4122";
    else if (!is_plain(x->id) || x->id.len > OBJECT_ID_MAX || !is_plain(x->spec) ||
             x->spec.len > 16)
        wrong = "has names that are none";
    else if (x->version.len > 0 && (x->version.len >= LOAD_VERSION || !is_plain(x->version) ||
                                    time_parse_any(x->version, &x->version_at) < 0))
        wrong = "its version is no time from 1970 to 9999";
    if (wrong != NULL)
        (void)snprintf(ret->text, sizeof ret->text, "%s", wrong);
}

/* ---- is it here -------------------------------------------------------------------------- */

struct old {
    const struct item *x;
    bool same;    /* that version is here, and says the same */
    bool other;   /* … or something else */
    bool revoked; /* the last is, and this would come behind it */
    bool foreign; /* somebody else created it */
    bool moved;   /* … or at another time */
    struct utime at;
    bool any;
    struct utime last; /* of the versions that were looked at */
};

/* A new version keeps the time at which the object was made (STIX 2.1, 3.6.1). */
static bool
is_moved(const struct dom *was, const struct dom *is)
{
    struct utime a;
    struct utime b;

    if (was == NULL || is == NULL)
        return was != is;
    return time_parse_any(dom_text(was), &a) < 0 || time_parse_any(dom_text(is), &b) < 0 ||
           a.us != b.us;
}

/* What it says of a new version's right to be: the last of all is what counts. */
static void
compare(struct old *old, struct utime at, const struct dom *d)
{
    const struct dom *now = old->x->dom;
    const struct dom *revoked = dom_get(d, SLICE("revoked"));

    if (!old->any || at.us > old->last.us) {
        old->foreign = !slice_eq(dom_text(dom_get(d, SLICE("created_by_ref"))),
                                 dom_text(dom_get(now, SLICE("created_by_ref"))));
        old->moved = is_moved(dom_get(d, SLICE("created")), dom_get(now, SLICE("created")));
        old->revoked =
            revoked != NULL && revoked->kind == DOM_TRUE && old->x->version_at.us > at.us;
        old->last = at;
    }
    old->any = true;
    if (old->x->version.len == 0 || old->x->version_at.us == at.us) {
        bool same = stix_same(d, now);

        old->same |= same;
        old->other |= !same && old->x->version.len > 0;
    }
}

static int
look_at(void *arg, const struct store_object *o)
{
    struct old *old = arg;
    struct arena arena = {0};
    struct errinfo ei = {0};
    const struct dom *d;
    char *copy;
    int r;

    old->at = o->version_at;
    if (slice_eq(o->body, old->x->body)) {
        old->same = true;
        return 0;
    }
    copy = malloc(o->body.len + 1);
    r = copy == NULL ? ERR_NOMEM : arena_init(&arena, o->body.len * DOM_ROOM + DOM_LEAST);
    if (r == 0) {
        memcpy(copy, o->body.ptr, o->body.len);
        r = dom_read(copy, o->body.len, &arena, &d, &ei);
    }
    if (r == 0)
        compare(old, o->version_at, d);
    arena_release(&arena);
    free(copy);
    return r;
}

/* The last that is here, and that of its version. */
static int
look_for(struct loading *l, const struct item *x, struct old *ret)
{
    struct store_object which = {
        .collection = l->collection, .id = x->id, .version_at = x->version_at};
    struct store_versions v;
    int r = store_find_versions(l->g->store, &which, &v);

    *ret = (struct old){.x = x};
    if (r < 0 || !v.any)
        return r;
    r = store_get_object(l->g->store, v.last_place, look_at, ret);
    if (r < 0 || ret->same || ret->other || v.same_place == 0 || v.same_place == v.last_place)
        return r;
    return store_get_object(l->g->store, v.same_place, look_at, ret);
}

/* ---- is it in this envelope -------------------------------------------------------------- */

/* Whoever makes two of one key out of different ids only loses these comparisons. */
static uint64_t
key_of(const struct item *x, bool version)
{
    return map_hash(x->id.ptr, (uint32_t)x->id.len,
                    version ? (uint64_t)x->version_at.us + 1 : UINT64_MAX);
}

static const struct item *
passed_under(const struct loading *l, const struct item *x, bool version)
{
    uint64_t key = key_of(x, version);
    int64_t at = map_find(&l->keys, &key);

    return at < 0 || !slice_eq(l->passed[at].id, x->id) ? NULL : &l->passed[at];
}

static void
look_before(struct loading *l, const struct item *x, struct old *ret)
{
    const struct item *last = passed_under(l, x, false);
    const struct item *same = last == NULL ? NULL : passed_under(l, x, true);

    if (last != NULL)
        compare(ret, last->version_at, last->dom);
    if (same != NULL && same->dom != last->dom)
        compare(ret, same->version_at, same->dom);
}

static int
keep_under(struct loading *l, const struct item *x, bool version)
{
    uint64_t key = key_of(x, version);
    int new = 0;
    int64_t at = map_put(&l->keys, &key, &new);

    if (at < 0)
        return ERR_NOMEM;
    if ((uint32_t)at == l->room) {
        uint32_t room = l->room == 0 ? PASSED_FIRST : l->room * 2;
        struct item *more = realloc(l->passed, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        l->passed = more;
        l->room = room;
    }
    if (new != 0 || version || x->version_at.us >= l->passed[at].version_at.us)
        l->passed[at] = *x;
    return 0;
}

static int
remember(struct loading *l, const struct item *x)
{
    int r = keep_under(l, x, false);

    return r < 0 ? r : keep_under(l, x, true);
}

/* ---- taking ------------------------------------------------------------------------------ */

static int
put_bytes(struct buf *to, const struct item *x)
{
    const struct load_head h = {.version_at = x->version.len > 0 ? x->version_at.us : -1,
                                .id = (uint32_t)x->id.len,
                                .type = (uint32_t)x->type.len,
                                .spec = (uint32_t)x->spec.len,
                                .version = (uint32_t)x->version.len,
                                .body = (uint32_t)x->body.len};

    buf_add(to, &h, sizeof h);
    buf_slice(to, x->id);
    buf_slice(to, x->type);
    buf_slice(to, x->spec);
    buf_slice(to, x->version);
    buf_slice(to, x->body);
    return buf_error(to);
}

/* ---- what consent lets go ---------------------------------------------------------------- */

static int
come_again(void *arg, const struct store_object *o)
{
    if (slice_is(o->type, RETRACTION_TYPE))
        return 0; /* what it means stands before it */
    return load_again(arg, o->added);
}

static int
ask_again(struct loading *l, struct object_query *q)
{
    int r = q->id.count == 0 ? 0 : store_each_object(l->g->store, q, come_again, l->to);

    q->id.count = 0;
    return r;
}

/* Its object_refs, as many at once as a question may name. */
static int
follow_consent(struct loading *l, const struct dom *d)
{
    const struct dom *refs = dom_get(d, SLICE("object_refs"));
    const struct dom *revoked = dom_get(d, SLICE("revoked"));
    struct object_query *q;
    int r = 0;

    if (refs == NULL || refs->kind != DOM_ARRAY ||
        (revoked != NULL && revoked->kind != DOM_FALSE))
        return 0;
    q = calloc(1, sizeof *q);
    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){.collection = l->collection, .after = {-1}, .all = true};
    for (const struct dom *x = refs->first; r == 0 && x != NULL; x = x->next) {
        q->id.at[q->id.count++] = dom_text(x);
        if (q->id.count == MATCH_VALUES || x->next == NULL)
            r = ask_again(l, q);
    }
    free(q);
    return r == ERR_LIMIT ? 0 : r;
}

/* ---- what is revoked --------------------------------------------------------------------- */

static bool
is_revoked(const struct item *x)
{
    const struct dom *revoked = dom_get(x->dom, SLICE("revoked"));

    return revoked != NULL && revoked->kind == DOM_TRUE;
}

static const struct dom *
no_definition(void *arg, struct slice id)
{
    (void)arg;
    (void)id;
    return NULL;
}

/* Its id follows from the object and the version, so that it is said once. */
static int
say_revoked(struct loading *l, const struct item *x)
{
    const struct hash nothing = sha256_of("", 0);
    struct marking m = {.tlp = TLP_NONE};
    struct stix_id id;
    struct retraction say = {.at = l->g->now.us > 0 ? l->g->now : x->version_at,
                             .ids = &x->id,
                             .count = 1,
                             .only = &nothing,
                             .onlys = 1};
    struct item item = {.type = SLICE(RETRACTION_TYPE), .spec = SLICE("2.1")};
    char at[TIME_TEXT];
    AUTO_BUF(name, OBJECT_ID_MAX + LOAD_VERSION + 16);
    AUTO_BUF(body, 4096);
    int r;

    buf_slice(&name, x->id);
    buf_char(&name, '/');
    buf_slice(&name, x->version);
    if (buf_error(&name) < 0)
        return buf_error(&name);
    id = stix_id_named(SLICE(RETRACTION_TYPE), buf_get(&name));
    marking_of(x->dom, no_definition, NULL, &m);
    say.tlp = m.unknown > 0 ? TLP_RED : m.tlp; /* as far as it may be known from here */
    say.id = stix_id_slice(&id);
    r = retraction_write(&body, &say);
    time_format(say.at, at);
    item.id = say.id;
    item.version = (struct slice){at, TIME_TEXT};
    item.version_at = say.at;
    item.body = buf_get(&body);
    l->to->ask.said += r == 0;
    return r < 0 ? r : put_bytes(&l->to->said, &item);
}

static int
pass(struct loading *l, const struct item *x)
{
    int r = remember(l, x);

    if (r == 0 && l->theirs && slice_is(x->type, CONSENT_TYPE))
        r = follow_consent(l, x->dom);
    if (r == 0 && l->given && is_revoked(x))
        r = say_revoked(l, x);
    if (r < 0)
        return r;
    l->to->ask.count++;
    return put_bytes(&l->to->objects, x);
}

static int
take_object(struct loading *l, const struct dom *d)
{
    const struct dom *modified = dom_get(d, SLICE("modified"));
    struct first_fault fault;
    struct old old;
    struct item x = {.dom = d,
                     .id = dom_text(dom_get(d, SLICE("id"))),
                     .type = dom_text(dom_get(d, SLICE("type"))),
                     .spec = spec_of(d),
                     .version =
                         dom_text(modified != NULL ? modified : dom_get(d, SLICE("created"))),
                     .version_at = {-1}};
    int r;

    if (d->kind == DOM_OBJECT)
        x.body = slice_sub(l->body, (size_t)(d->text.ptr - l->text), d->text.len);
    judge(&x, &fault);
    if (fault.text[0] != '\0')
        return refuse(l, &x, fault.text);
    r = look_for(l, &x, &old);
    if (r < 0)
        return r;
    if (!old.same && !old.other)
        look_before(l, &x, &old);
    if (old.same) {
        char at[TIME_TEXT + 1] = "";

        if (x.version.len == 0 && old.at.us > 0) {
            time_format(old.at, at);
            x.version = (struct slice){at, TIME_TEXT};
        }
        l->to->ask.same_count++;
        put_item(&l->to->same, &x, slice_of(""));
        return buf_error(&l->to->same);
    }
    if (old.other)
        return refuse(l, &x, "that version of it is here, with another content");
    if (old.foreign)
        return refuse(l, &x, "a new version comes from who created it: `created_by_ref`");
    if (old.moved)
        return refuse(l, &x, "a new version was made when the first was: `created`");
    if (old.revoked)
        return refuse(l, &x, "it was revoked, and no version comes behind that");
    return pass(l, &x);
}

static int
take_envelope(struct loading *l, const struct dom *root, struct errinfo *ei)
{
    const struct dom *objects = dom_get(root, SLICE("objects"));
    int r = 0;

    if (dom_is_twice(root, false))
        return err_set(ei, ERR_CONF, "an envelope has each name once");
    if (objects == NULL || objects->kind != DOM_ARRAY || objects->first == NULL)
        return err_set(ei, ERR_CONF, "an envelope has `objects`, a list that is not empty");
    for (const struct dom *d = objects->first; r == 0 && d != NULL; d = d->next) {
        if (l->to->ask.total++ == TAXII_OBJECTS)
            return err_set(ei, ERR_LIMIT, "an envelope has up to %d objects", TAXII_OBJECTS);
        r = take_object(l, d);
    }
    return r;
}

int
load_read(const struct taxii_ground *g, const struct taxii_collection *c, struct slice body,
          struct load *ret, struct errinfo *ei)
{
    struct arena arena = {0};
    const struct dom *root;
    char *text = malloc(body.len + 1);
    struct loading l = {.g = g,
                        .collection = c->number,
                        .theirs = c->party[0] != '\0',
                        .given = c->party[0] == '\0' && c->pact[0] != '\0',
                        .text = text,
                        .body = body,
                        .to = ret};
    int r = text == NULL ? ERR_NOMEM : arena_init(&arena, body.len * DOM_ROOM + ARENA_LEAST);

    map_init(&l.keys, sizeof(uint64_t), 2 * TAXII_OBJECTS, 0);
    if (r == 0) {
        memcpy(text, body.ptr, body.len);
        r = dom_read(text, body.len, &arena, &root, ei);
    }
    if (r == 0)
        r = take_envelope(&l, root, ei);
    map_release(&l.keys);
    free(l.passed);
    arena_release(&arena);
    free(text);
    ret->ask.what = LOAD_ADD;
    ret->ask.collection = c->number;
    ret->ask.same = (uint32_t)ret->same.len;
    ret->ask.failed = (uint32_t)ret->failed.len;
    ret->ask.bytes = (uint64_t)ret->same.len + ret->failed.len + ret->objects.len +
                     ret->again.len + ret->said.len;
    return r;
}

/* ---- dropping ---------------------------------------------------------------------------- */

struct dropping {
    const struct egress_to *to;
    struct load *load;
    struct buf ids; /* one a line */
    uint32_t count;
    enum tlp tlp; /* the least strict of what goes, as whoever had any of it hears of it */
    bool some;    /* not all versions were asked for: which is told */
    struct hash only[RETRACT_HASHES];
    uint32_t onlys; /* of them that are told */
};

static int
name_one(void *arg, const struct store_object *o)
{
    struct dropping *x = arg;
    const struct load_head h = {.version_at = -1, .place = o->added.us};
    struct slice known = buf_get(&x->ids);

    buf_add(&x->load->objects, &h, sizeof h);
    /* Versions of one id come one behind the other, or nearly so. */
    if (known.len < o->id.len + 1 ||
        !slice_eq(slice_sub(known, known.len - o->id.len - 1, o->id.len), o->id)) {
        buf_slice(&x->ids, o->id);
        buf_char(&x->ids, '\n');
        x->count++;
    }
    if (x->some)
        x->only[x->load->ask.count] = o->hash;
    if (++x->load->ask.count == (x->some ? RETRACT_HASHES : LOAD_OBJECTS) ||
        x->count == RETRACT_IDS)
        return 1;
    return buf_error(&x->load->objects);
}

/* Behind the walk, as looking at markings asks the store again. */
struct judging {
    struct dropping *x;
    char *body;
    struct store_object o;
};

static int
copy_body(void *arg, const struct store_object *o)
{
    struct judging *j = arg;

    j->body = malloc(o->body.len + 1);
    if (j->body == NULL)
        return ERR_NOMEM;
    memcpy(j->body, o->body.ptr, o->body.len);
    j->o = (struct store_object){.collection = o->collection, .body = {j->body, o->body.len}};
    return 0;
}

static int
judge_all(const struct taxii_ground *g, struct dropping *x)
{
    uint8_t *each = malloc(x->load->ask.count);
    int r = each == NULL ? ERR_NOMEM : 0;

    x->tlp = TLP_RED;
    for (uint32_t i = 0; r == 0 && i < x->load->ask.count; i++) {
        struct judging j = {.x = x};
        struct load_head h;
        enum tlp tlp = TLP_RED;

        memcpy(&h, x->load->objects.ptr + (size_t)i * sizeof h, sizeof h);
        r = store_get_object(g->store, h.place, copy_body, &j);
        if (r == 0)
            r = egress_tlp(x->to, &j.o, &tlp);
        each[i] = (uint8_t)tlp;
        x->tlp = tlp < x->tlp ? tlp : x->tlp;
        free(j.body);
    }
    /* nor is a stricter version named to them, as they never had it */
    for (uint32_t i = 0; r == 0 && x->some && i < x->load->ask.count; i++) {
        if (each[i] <= x->tlp)
            x->only[x->onlys++] = x->only[i];
    }
    free(each);
    return r;
}

/* The object that says so. */
static int
say(struct dropping *x, const struct load_drop *d)
{
    struct slice *ids = calloc(x->count, sizeof *ids);
    struct slice rest = buf_get(&x->ids);
    AUTO_BUF(body, OBJECT_BODY_MAX);
    struct stix_id id = stix_id_random(SLICE(RETRACTION_TYPE), d->random);
    struct retraction say = {.id = stix_id_slice(&id), .at = d->to.now, .tlp = x->tlp};
    struct item item = {.id = stix_id_slice(&id),
                        .type = SLICE(RETRACTION_TYPE),
                        .spec = SLICE("2.1"),
                        .version_at = d->to.now};
    char at[TIME_TEXT];
    int r = ids == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; r == 0 && i < x->count; i++)
        (void)slice_line(&rest, &ids[i]);
    say.ids = ids;
    say.count = x->count;
    say.only = x->only;
    say.onlys = x->some ? x->onlys : 0;
    if (r == 0)
        r = retraction_write(&body, &say);
    time_format(d->to.now, at);
    item.version = (struct slice){at, TIME_TEXT};
    item.body = buf_get(&body);
    if (r == 0)
        r = put_bytes(&x->load->objects, &item);
    x->load->ask.said = r == 0;
    free(ids);
    return r;
}

static int
count_one(void *arg, const struct store_object *o)
{
    (void)o;
    ++*(uint64_t *)arg;
    return 0;
}

/* Has the object versions that are not asked for? */
static int
some_stay(const struct taxii_ground *g, struct object_query *q, bool *ret)
{
    struct object_query *all = calloc(1, sizeof *all);
    uint64_t chosen = 0;
    uint64_t there = 0;
    int r = all == NULL ? ERR_NOMEM : store_each_object(g->store, q, count_one, &chosen);

    if (r == 0) {
        *all = (struct object_query){
            .collection = q->collection, .after = {-1}, .id = q->id, .all = true};
        r = store_each_object(g->store, all, count_one, &there);
    }
    free(all);
    *ret = chosen < there;
    return r;
}

int
load_drop(const struct taxii_ground *g, const struct taxii_collection *c,
          const struct load_drop *d, struct load *ret)
{
    struct object_query *q = calloc(1, sizeof *q);
    struct dropping x = {.to = &d->to, .load = ret};
    int r = q == NULL ? ERR_NOMEM : 0;

    buf_init(&x.ids, LOAD_BYTES);
    if (r == 0) {
        *q = d->ask->query;
        q->collection = c->number;
        q->after.us = -1;
        q->all |= !d->ask->has_version;
        q->by_spec = d->ask->has_version || q->spec.count > 0; /* the same as a GET gives */
        r = some_stay(g, q, &x.some);
        if (r == 0)
            r = store_each_object(g->store, q, name_one, &x);
        r = r > 0 ? 0 : r;
    }
    free(q);
    if (r == 0 && ret->ask.count == 0)
        r = ERR_NOTFOUND;
    if (r == 0 && c->pact[0] != '\0' && c->party[0] == '\0') {
        r = judge_all(g, &x);
        r = r < 0 ? r : say(&x, d);
    }
    buf_release(&x.ids);
    ret->ask.what = LOAD_DROP;
    ret->ask.collection = c->number;
    ret->ask.total = ret->ask.count;
    ret->ask.bytes = ret->objects.len;
    return r;
}
