#include "taxii/cargo.h"

#include <stdlib.h>

#include "model/text.h"
#include "wire/dom.h"
#include "wire/hex.h"
#include "wire/walk.h"

enum { ARENA = CARGO_ABOUT * DOM_ROOM + DOM_LEAST, DATE_ROOM = TIME_TEXT + 3 };

/* ---- what is said ------------------------------------------------------------------------ */

static void
put_text(struct buf *to, const char *before, struct slice text)
{
    buf_text(to, before);
    buf_json(to, text);
}

static void
put_place(struct buf *to, const char *before, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us >= 0)
        time_format(t, text);
    put_text(to, before, (struct slice){text, t.us < 0 ? 0 : sizeof text});
}

int
cargo_about_write(struct buf *to, const struct cargo_about *a)
{
    put_place(to, "{\"after\":", a->after);
    put_text(to, ",\"alias\":", a->alias);
    put_text(to, ",\"description\":", a->description);
    put_place(to, ",\"last\":", a->last);
    buf_text(to, a->more ? ",\"more\":true" : ",\"more\":false");
    buf_printf(to, ",\"objects\":%llu,\"parts\":%llu,\"root\":\"",
               (unsigned long long)a->objects, (unsigned long long)a->parts);
    buf_hex(to, a->root.byte, SHA256_SIZE);
    put_text(to, "\",\"title\":", a->title);
    buf_char(to, '}');
    return buf_error(to);
}

static bool
take_number(const struct dom *d, struct slice name, uint64_t *ret)
{
    const struct dom *n = dom_get(d, name);

    return n != NULL && n->kind == DOM_NUMBER && text_number(n->text, NUMBER_MAX, ret) == 0;
}

static bool
take_place(const struct dom *d, struct slice name, struct utime *ret)
{
    const struct dom *t = dom_get(d, name);

    ret->us = -1;
    return t != NULL && t->kind == DOM_STRING &&
           (t->text.len == 0 || time_parse(t->text, ret) == 0);
}

static bool
take_about(const struct dom *d, struct cargo_about *a)
{
    struct slice root = dom_text(dom_get(d, SLICE("root")));
    const struct dom *more = dom_get(d, SLICE("more"));

    a->alias = dom_text(dom_get(d, SLICE("alias")));
    a->title = dom_text(dom_get(d, SLICE("title")));
    a->description = dom_text(dom_get(d, SLICE("description")));
    a->more = more != NULL && more->kind == DOM_TRUE;
    return take_place(d, SLICE("after"), &a->after) && take_place(d, SLICE("last"), &a->last) &&
           take_number(d, SLICE("parts"), &a->parts) &&
           take_number(d, SLICE("objects"), &a->objects) && text_is_name(a->alias) &&
           a->title.len > 0 && a->title.len <= COLLECTION_TITLE_MAX &&
           a->description.len <= COLLECTION_DESCRIPTION_MAX &&
           hex_decode(root, a->root.byte, SHA256_SIZE) == 0;
}

int
cargo_about_read(char *text, size_t len, struct cargo_about *ret, struct errinfo *ei)
{
    const struct slice id = ret->id;
    const struct dom *d = NULL;
    AUTO_ARENA(arena);
    int r = len > CARGO_ABOUT ? ERR_INVALID : arena_init(&arena, ARENA);

    if (r == 0)
        r = dom_read(text, len, &arena, &d, ei);
    if (r == ERR_NOMEM)
        return r;
    *ret = (struct cargo_about){.id = id};
    return r == 0 && take_about(d, ret)
               ? 0
               : err_set(ei, ERR_INVALID, "what it says of a collection is malformed");
}

/* ---- packing ----------------------------------------------------------------------------- */

void
cargo_part_init(struct cargo_part *p)
{
    p->count = 0;
    buf_init(&p->dates, (size_t)CARGO_PART_OBJECTS * DATE_ROOM);
    buf_init(&p->objects, (size_t)CARGO_PART + OBJECT_BODY_MAX);
}

void
cargo_part_release(struct cargo_part *p)
{
    buf_release(&p->dates);
    buf_release(&p->objects);
}

bool
cargo_part_fits(const struct cargo_part *p, size_t bytes)
{
    return p->count == 0 ||
           (p->count < CARGO_PART_OBJECTS && p->objects.len + bytes + 1 <= CARGO_PART);
}

int
cargo_part_add(struct cargo_part *p, struct utime added, struct slice object)
{
    char at[TIME_TEXT];
    bool first = p->count++ == 0;

    time_format(added, at);
    buf_text(&p->dates, first ? "\"" : ",\"");
    buf_add(&p->dates, at, sizeof at);
    buf_char(&p->dates, '"');
    if (!first)
        buf_char(&p->objects, ',');
    buf_slice(&p->objects, object);
    return buf_error(&p->dates) < 0 ? buf_error(&p->dates) : buf_error(&p->objects);
}

int
cargo_part_end(struct cargo_part *p, struct buf *to)
{
    buf_text(to, "{\"added\":[");
    buf_slice(to, buf_get(&p->dates));
    buf_text(to, "],\"objects\":[");
    buf_slice(to, buf_get(&p->objects));
    buf_text(to, "]}");
    buf_reset(&p->dates);
    buf_reset(&p->objects);
    p->count = 0;
    return buf_error(to);
}

/* ---- reading a part ---------------------------------------------------------------------- */

static int
take_dates(struct walk *w, size_t count, struct utime *to)
{
    bool first = true;
    size_t n = 0;
    struct slice s;
    int r = walk_peek(w) == '[' ? walk_enter(w, '[') : walk_wrong(w, "`added` is a list");

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        if (n == count || walk_peek(w) != '"')
            return walk_wrong(w, "`added` has a time for each object");
        r = walk_string(w, &s);
        if (r == 0 && time_parse(s, &to[n++]) < 0)
            r = walk_wrong(w, "`added` has what is no time");
        r = r < 0 ? r : 1;
    }
    return r == 0 && n < count ? walk_wrong(w, "`added` has a time for each object") : r;
}

/* Exactly these two members, each once. */
static int
read_dates(char *text, size_t len, struct cargo_read *c, struct errinfo *ei)
{
    struct walk w;
    struct slice key;
    bool first = true;
    unsigned added = 0;
    unsigned objects = 0;
    int r = walk_open(&w, text, len, ei);

    if (r == 0)
        r = walk_enter(&w, '{');
    while (r > 0 && (r = walk_member(&w, &first, &key)) > 0) {
        added += slice_is(key, "added");
        objects += slice_is(key, "objects");
        r = slice_is(key, "added")     ? take_dates(&w, c->objects.count, c->added)
            : slice_is(key, "objects") ? walk_skip(&w)
                                       : walk_wrong(&w, "a part has `added` and `objects`");
        r = r < 0 ? r : 1;
    }
    walk_close(&w);
    return r == 0 && (added != 1 || objects != 1)
               ? err_set(ei, ERR_INVALID, "a part has `added` and `objects`, each once")
               : r;
}

int
cargo_read(char *text, size_t len, struct cargo_read *ret, struct errinfo *ei)
{
    int r = 0;

    *ret = (struct cargo_read){.added = NULL};
    r = parcel_read(text, len, PARCEL_TAXII, CARGO_PART_OBJECTS, &ret->objects, ei);
    if (r < 0)
        return r;
    if (ret->objects.count == 0)
        return err_set(ei, ERR_INVALID, "a part of a collection has no objects");
    ret->added = calloc(ret->objects.count, sizeof *ret->added);
    return ret->added == NULL ? ERR_NOMEM : read_dates(text, len, ret, ei);
}

void
cargo_read_release(struct cargo_read *c)
{
    parcel_release(&c->objects);
    free(c->added);
    c->added = NULL;
}

/* ---- checking ---------------------------------------------------------------------------- */

void
cargo_check_init(struct cargo_check *c, const struct cargo_about *a)
{
    *c = (struct cargo_check){.about = a, .last = a->after};
    rooting_init(&c->rooting);
}

void
cargo_check_release(struct cargo_check *c)
{
    rooting_release(&c->rooting);
}

static int
refuse(struct errinfo *ei, const char *why)
{
    return err_set(ei, ERR_INVALID, "a collection in it: %s", why);
}

/* Its names as they stand in it, by which the root is made (taxii/load.h). */
static int
add_object(struct cargo_check *c, struct slice object, struct errinfo *ei)
{
    const struct hash hash = sha256_of(object.ptr, object.len);
    const struct dom *d = NULL;
    const struct dom *version;
    struct errinfo other = {0};
    char *text = object.len > OBJECT_BODY_MAX ? NULL : malloc(object.len + 1);
    AUTO_ARENA(arena);
    int r = text == NULL ? ERR_NOMEM : arena_init(&arena, object.len * DOM_ROOM + DOM_LEAST);

    if (object.len > OBJECT_BODY_MAX)
        return refuse(ei, "an object has up to 8 MiB");
    if (r == 0) {
        memcpy(text, object.ptr, object.len);
        r = dom_read(text, object.len, &arena, &d, &other);
    }
    if (r == 0) {
        version = dom_get(d, SLICE("modified"));
        if (version == NULL)
            version = dom_get(d, SLICE("created"));
        r = rooting_add(&c->rooting, dom_text(dom_get(d, SLICE("id"))), dom_text(version),
                        &hash);
    }
    free(text);
    return r == ERR_NOMEM || r == 0 ? r : refuse(ei, "what is no object of STIX");
}

int
cargo_check_part(struct cargo_check *c, const struct cargo_read *part, struct errinfo *ei)
{
    int r = 0;

    c->parts++;
    for (size_t i = 0; r == 0 && i < part->objects.count; i++) {
        if (part->added[i].us <= c->last.us)
            return refuse(ei, "its objects do not stand in the order in which they were added");
        c->last = part->added[i];
        r = add_object(c, part->objects.at[i], ei);
    }
    return r;
}

int
cargo_check_end(struct cargo_check *c, struct errinfo *ei)
{
    const struct cargo_about *a = c->about;
    struct taxii_root root;

    rooting_end(&c->rooting, &root);
    if (c->parts != a->parts || root.objects != a->objects)
        return refuse(ei, "objects are missing, or there are more than it says");
    if ((a->objects > 0 ? c->last.us : -1) != a->last.us)
        return refuse(ei, "its last object is another than it says");
    return hash_eq(&root.hash, &a->root) ? 0 : refuse(ei, "its root is another than it says");
}
