#include "cli/crates.h"

#include <stdio.h>
#include <stdlib.h>

#include "role/exports.h"
#include "role/keep.h"
#include "taxii/cargo.h"
#include "wire/hex.h"

_Static_assert((int)CARGO_ABOUT <= (int)BUNDLE_ABOUT_MAX, "a bundle takes it");
_Static_assert((size_t)OBJECT_BODY_MAX + 4096 <= (size_t)BUNDLE_MEMBER_MAX, "the same");

enum { PARTS_MOST = 99999 /* BUNDLE_PART_DIGITS of them */ };

/* A collection. */
struct box {
    int64_t number;
    char id[COLLECTION_ID + 1];
    char alias[65];
    char title[COLLECTION_TITLE_MAX + 1];
    char description[COLLECTION_DESCRIPTION_MAX + 1];
    struct cargo_about about; /* borrows from these */
};

/* A member: what is said of a collection (objects 0), or a part of it. */
struct piece {
    char path[BUNDLE_PATH_MAX + 1];
    struct bundle_file file;
    unsigned box;
    struct utime after; /* the place behind which it begins */
    unsigned objects;
};

struct crates {
    const struct crates_ask *ask;
    struct box *box;
    unsigned boxes;
    struct piece *piece;
    unsigned count;
    unsigned room;
    struct export_list gone;
    struct export_told *told;
    unsigned tolds;
    uint64_t stay;
};

/* ---- collections ------------------------------------------------------------------------- */

static int
keep_box(void *arg, const struct store_collection *s)
{
    struct crates *c = arg;
    struct box *more;
    struct box *b;

    if (s->party.len > 0 || !slice_eq(s->pact, c->ask->pact))
        return 0;
    if (c->boxes == CARGO_COLLECTIONS)
        return ERR_LIMIT;
    more = reallocarray(c->box, c->boxes + 1, sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    c->box = more;
    b = &c->box[c->boxes++];
    *b = (struct box){.number = s->number};
    (void)snprintf(b->id, sizeof b->id, "%.*s", (int)s->id.len, s->id.ptr);
    (void)snprintf(b->alias, sizeof b->alias, "%.*s", (int)s->name.len, s->name.ptr);
    (void)snprintf(b->title, sizeof b->title, "%.*s", (int)s->title.len, s->title.ptr);
    (void)snprintf(b->description, sizeof b->description, "%.*s", (int)s->description.len,
                   s->description.ptr);
    return 0;
}

/* ---- what goes --------------------------------------------------------------------------- */

/* One pass over the objects of a collection that go. */
struct walk_box {
    struct crates *c;
    const struct box *box;
    struct cargo_part part;
    /* Given what goes, a copy of its own; 1 ends the pass. */
    int (*take)(struct walk_box *w, const struct store_object *o, enum tlp tlp);
    bool measures; /* else it makes one part again */
    /* Of measuring: */
    struct rooting rooting;
    struct utime after; /* the last that goes of those that are not asked for */
    struct utime from;  /* where the part begins that is being filled */
    struct utime last;  /* of what was taken */
    uint64_t bytes;     /* of objects that were taken */
    uint64_t most;      /* … and may be */
    uint64_t parts;
    bool more;
    /* Of making again: */
    unsigned left;
};

static int
judge(void *arg, const struct store_object *o)
{
    struct walk_box *w = arg;
    struct store_object copy;
    enum egress e;
    enum tlp tlp;
    char *all;
    int r = egress_copy(o, &copy, &all); /* the store is asked of markings meanwhile */

    if (r == 0)
        r = egress_of(w->c->ask->to, &copy, SLICE(""), &e, &tlp);
    if (r == 0 && egress_goes(e))
        r = w->take(w, &copy, tlp);
    else if (r == 0)
        w->c->stay += w->measures && copy.added.us > w->c->ask->after.us;
    free(all);
    return r;
}

static int
walk(struct walk_box *w, struct utime after)
{
    struct object_query *q = calloc(1, sizeof *q);
    int r;

    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){
        .collection = w->box->number, .after = after, .all = true, .bodies = true};
    r = store_each_object(w->c->ask->to->store, q, judge, w);
    free(q);
    return r < 0 ? r : 0;
}

/* ---- measuring --------------------------------------------------------------------------- */

static int
add_piece(struct crates *c, unsigned box, const char *name, struct slice bytes,
          struct piece **ret)
{
    struct piece *to;

    if (c->count == c->room) {
        unsigned room = c->room == 0 ? 64 : c->room * 2;
        struct piece *more = reallocarray(c->piece, room, sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        c->piece = more;
        c->room = room;
    }
    to = &c->piece[c->count++];
    *to = (struct piece){
        .box = box, .file = {.size = bytes.len, .sha256 = sha256_of(bytes.ptr, bytes.len)}};
    (void)snprintf(to->path, sizeof to->path, "pact/%.*s/collection/%s/%s",
                   (int)c->ask->pact.len, c->ask->pact.ptr, c->box[box].id, name);
    *ret = to;
    return 0;
}

static int
end_part(struct walk_box *w)
{
    AUTO_BUF(bytes, BUNDLE_MEMBER_MAX);
    unsigned objects = w->part.count;
    struct piece *x = NULL;
    char name[16];
    int r;

    if (objects == 0)
        return 0;
    if (++w->parts > PARTS_MOST)
        return ERR_LIMIT;
    (void)snprintf(name, sizeof name, "%0*llu", BUNDLE_PART_DIGITS,
                   (unsigned long long)w->parts);
    r = cargo_part_end(&w->part, &bytes);
    if (r == 0)
        r = add_piece(w->c, (unsigned)(w->box - w->c->box), name, buf_get(&bytes), &x);
    if (r == 0) {
        x->after = w->from;
        x->objects = objects;
        w->from = w->last;
    }
    return r;
}

/* Lists are as long as one leaf is to tell of. */
static int
tell_gone(struct crates *c)
{
    struct export_list *l = &c->gone;
    struct export_told *more;
    int r = 0;

    if (l->objects == 0)
        return 0;
    more = reallocarray(c->told, c->tolds + 1, sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    c->told = more;
    (void)snprintf(l->party, sizeof l->party, "%.*s", (int)c->ask->to->party.len,
                   c->ask->to->party.ptr);
    r = export_tell(l, "bundle", &c->told[c->tolds]);
    c->tolds += r == 0;
    buf_release(&l->lines);
    *l = (struct export_list){.objects = 0};
    return r;
}

static int
measure(struct walk_box *w, const struct store_object *o, enum tlp tlp)
{
    struct export_list *l = &w->c->gone;
    int r = 0;

    if (o->added.us <= w->c->ask->after.us) {
        w->after = w->from = w->last = o->added; /* others have it then */
        return 0;
    }
    if (w->bytes > 0 && w->bytes + o->body.len > w->most) {
        w->more = true;
        return 1;
    }
    if (!cargo_part_fits(&w->part, o->body.len))
        r = end_part(w);
    if (r == 0)
        r = cargo_part_add(&w->part, o->added, o->body);
    if (r == 0)
        r = rooting_add(&w->rooting, o->id, o->version, &o->hash);
    if (r < 0)
        return r;
    w->bytes += o->body.len;
    w->last = o->added;
    export_add(l, o);
    l->tlp = tlp > l->tlp ? tlp : l->tlp;
    r = buf_error(&l->lines);
    return r == 0 && l->lines.len > EXPORT_LINES / 2 ? tell_gone(w->c) : r;
}

static int
say_about(struct walk_box *w, struct box *b)
{
    AUTO_BUF(bytes, CARGO_ABOUT);
    struct taxii_root root;
    struct piece *x = NULL;
    int r;

    rooting_end(&w->rooting, &root);
    b->about = (struct cargo_about){.alias = slice_of(b->alias),
                                    .title = slice_of(b->title),
                                    .description = slice_of(b->description),
                                    .after = w->after,
                                    .last = {root.objects > 0 ? w->last.us : -1},
                                    .parts = w->parts,
                                    .objects = root.objects,
                                    .root = root.hash,
                                    .more = w->more};
    r = cargo_about_write(&bytes, &b->about);
    return r < 0 ? r : add_piece(w->c, (unsigned)(b - w->c->box), "about", buf_get(&bytes), &x);
}

/* Each gets its share of the room, so that each goes on when the rest is asked for. */
static int
measure_box(struct crates *c, struct box *b, uint64_t most, uint64_t *ret_bytes)
{
    struct walk_box w = {.c = c,
                         .box = b,
                         .take = measure,
                         .measures = true,
                         .after = {-1},
                         .from = {-1},
                         .last = {-1},
                         .most = most};
    int r;

    cargo_part_init(&w.part);
    rooting_init(&w.rooting);
    r = walk(&w, w.from);
    if (r == 0)
        r = end_part(&w);
    if (r == 0)
        r = say_about(&w, b);
    *ret_bytes = w.bytes;
    rooting_release(&w.rooting);
    cargo_part_release(&w.part);
    return r;
}

int
crates_open(const struct crates_ask *a, struct crates **ret, struct errinfo *ei)
{
    struct crates *c = calloc(1, sizeof *c);
    uint64_t left = CRATES_BYTES;
    int r = c == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        c->ask = a;
        r = store_each_collection(a->to->store, keep_box, c);
    }
    for (unsigned i = 0; r == 0 && i < c->boxes; i++) {
        uint64_t bytes = 0;

        r = measure_box(c, &c->box[i], left / (c->boxes - i), &bytes);
        left -= bytes < left ? bytes : left;
    }
    if (r == 0)
        r = tell_gone(c);
    if (r < 0) {
        (void)crates_close(c);
        return err_set(ei, r, "collections of the pact: %s", err_text(r));
    }
    *ret = c;
    return 0;
}

struct crates *
crates_close(struct crates *c)
{
    if (c == NULL)
        return NULL;
    buf_release(&c->gone.lines);
    free(c->told);
    free(c->piece);
    free(c->box);
    free(c);
    return NULL;
}

void
crates_sum(const struct crates *c, struct crates_sum *ret)
{
    *ret = (struct crates_sum){.collections = c->boxes, .stay = c->stay, .reach = TIME_MAX};
    for (unsigned i = 0; i < c->boxes; i++) {
        const struct cargo_about *a = &c->box[i].about;

        ret->objects += a->objects;
        ret->more |= a->more;
        if (a->more && a->last.us < ret->reach.us)
            ret->reach = a->last;
    }
}

/* ---- members ----------------------------------------------------------------------------- */

unsigned
crates_count(const struct crates *c)
{
    return c->count;
}

const struct bundle_file *
crates_file(const struct crates *c, unsigned i)
{
    struct piece *x = &c->piece[i];

    x->file.path = slice_of(x->path); /* now that none moves */
    return &x->file;
}

static int
make_again(struct walk_box *w, const struct store_object *o, enum tlp tlp)
{
    int r = cargo_part_add(&w->part, o->added, o->body);

    (void)tlp;
    return r < 0 ? r : --w->left == 0;
}

static int
get_part(struct crates *c, const struct piece *x, struct buf *ret)
{
    struct walk_box w = {
        .c = c, .box = &c->box[x->box], .take = make_again, .left = x->objects};
    int r;

    cargo_part_init(&w.part);
    r = walk(&w, x->after);
    if (r == 0)
        r = cargo_part_end(&w.part, ret);
    cargo_part_release(&w.part);
    return r;
}

int
crates_get(struct crates *c, struct slice path, struct buf *ret)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct piece *x = &c->piece[i];

        if (slice_is(path, x->path))
            return x->objects == 0 ? cargo_about_write(ret, &c->box[x->box].about)
                                   : get_part(c, x, ret);
    }
    return ERR_NOTFOUND;
}

/* ---- the log ----------------------------------------------------------------------------- */

static int
record_one(struct keeper *k, const struct export_told *t, struct errinfo *ei)
{
    struct keep_ask ask = {.what = KEEP_EXPORT, .scope = t->tlp, .until = (int64_t)t->objects};
    struct keep_answer answer = {0};
    int r;

    (void)snprintf(ask.name, sizeof ask.name, "%s", t->party);
    (void)snprintf(ask.payload, sizeof ask.payload, "%s", t->exit);
    hex_encode(t->list.byte, sizeof t->list.byte, ask.text);
    r = keeper_do(k, &ask, &answer, ei);
    if (r == 0 && answer.status < 0)
        *ei = answer.ei;
    return r < 0 ? r : answer.status;
}

int
crates_record(struct crates *c, const char *dir, struct errinfo *ei)
{
    struct keeper *k;
    int r = c->tolds == 0 ? 0 : keeper_open(dir, &k, ei);

    if (r < 0 || c->tolds == 0)
        return r;
    for (unsigned i = 0; r == 0 && i < c->tolds; i++)
        r = record_one(k, &c->told[i], ei);
    k = keeper_close(k);
    return r;
}
