#include "taxii/parcel.h"

#include <stdint.h>
#include <stdlib.h>

#include "wire/walk.h"

enum { ROOM_FIRST = 256 };

struct reading {
    struct walk w;
    struct parcel *to;
    size_t most;
    bool has_list;
    bool has_type;
    bool is_bundle;
};

static int
add(struct reading *r, struct slice object)
{
    struct parcel *e = r->to;

    if (e->count == r->most)
        return err_set(r->w.ei, ERR_LIMIT, "it has more than %zu objects", r->most);
    if (e->count == e->room) {
        size_t room = e->room == 0 ? ROOM_FIRST : e->room * 2;
        struct slice *at = reallocarray(e->at, room, sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        e->at = at;
        e->room = room;
    }
    e->at[e->count++] = object;
    return 0;
}

/* The value that comes next, as it stands. */
static int
take_span(struct reading *r)
{
    size_t from = walk_place(&r->w);
    char first = walk_peek(&r->w);
    int err = walk_skip(&r->w);
    size_t to = first == '{' || first == '[' ? walk_behind(&r->w) : walk_place(&r->w);

    if (err < 0)
        return err;
    while (to > from && strchr(" \t\r\n", r->w.text[to - 1]) != NULL)
        to--;
    return add(r, (struct slice){r->w.text + from, to - from});
}

static int
take_list(struct reading *r)
{
    bool first = true;
    int err;

    if (walk_peek(&r->w) != '[')
        return walk_wrong(&r->w, "`objects` is a list");
    if (r->has_list)
        return walk_wrong(&r->w, "`objects` stands here twice");
    r->has_list = true;
    err = walk_enter(&r->w, '[');
    while (err > 0 && (err = walk_item(&r->w, &first)) > 0) {
        err = take_span(r);
        err = err < 0 ? err : 1;
    }
    return err;
}

static int
take_next(struct reading *r)
{
    int err = walk_peek(&r->w) == '"' || walk_peek(&r->w) == 'n'
                  ? 0
                  : walk_wrong(&r->w, "`next` is text");

    if (err == 0)
        err = walk_string(&r->w, &r->to->next);
    if (err == 0 && r->to->next.len > PARCEL_NEXT)
        err = err_set(r->w.ei, ERR_LIMIT, "its `next` has more than %d bytes", PARCEL_NEXT);
    return err;
}

static int
take_member(struct reading *r, struct slice key)
{
    struct slice s;
    int err;

    if (slice_is(key, "objects"))
        return take_list(r);
    if (slice_is(key, "next"))
        return take_next(r);
    if (!slice_is(key, "more") && !slice_is(key, "type"))
        return walk_skip(&r->w);
    err = walk_scalar(&r->w, &s);
    if (slice_is(key, "more")) {
        r->to->more = slice_is(s, "true");
    } else {
        r->has_type = s.len > 0;
        r->is_bundle = slice_is(s, "bundle");
    }
    return err;
}

static int
take_object(struct reading *r, enum parcel_form form)
{
    size_t from = walk_place(&r->w);
    struct slice key;
    bool first = true;
    int err = walk_enter(&r->w, '{');

    while (err > 0 && (err = walk_member(&r->w, &first, &key)) > 0) {
        err = take_member(r, key);
        err = err < 0 ? err : 1;
    }
    /* Objects of STIX may have a member of any name, so a type decides. */
    if (err == 0 && form == PARCEL_STIX && r->has_type && !r->is_bundle) {
        r->to->count = 0;
        return add(r, (struct slice){r->w.text + from, walk_behind(&r->w) - from});
    }
    return err;
}

int
parcel_read(char *text, size_t len, enum parcel_form form, size_t most, struct parcel *ret,
            struct errinfo *ei)
{
    struct reading r = {.to = ret, .most = most};
    int err;

    *ret = (struct parcel){.next = {"", 0}};
    err = walk_open(&r.w, text, len, ei);
    if (err == 0 && walk_peek(&r.w) == '[' && form == PARCEL_STIX)
        err = take_list(&r);
    else if (err == 0 && walk_peek(&r.w) == '{')
        err = take_object(&r, form);
    else if (err == 0)
        err = walk_wrong(&r.w, form == PARCEL_TAXII ? "an envelope is an object"
                                                    : "is no bundle and no object of STIX");
    if (err == 0 && walk_peek(&r.w) != '\0')
        err = walk_wrong(&r.w, "something stands behind the end");
    walk_close(&r.w);
    return err;
}

void
parcel_release(struct parcel *e)
{
    free(e->at);
    *e = (struct parcel){.at = NULL};
}

size_t
parcel_part(const struct parcel *e, size_t from)
{
    size_t bytes = 0;
    size_t to = from;

    while (to < e->count && to - from < PARCEL_PART_OBJECTS) {
        bytes += e->at[to].len + 1;
        if (to > from && bytes > PARCEL_PART)
            break;
        to++;
    }
    return to;
}

void
parcel_put(const struct parcel *e, size_t from, size_t to, struct buf *ret)
{
    buf_text(ret, "{\"objects\":[");
    for (size_t i = from; i < to; i++) {
        if (i > from)
            buf_char(ret, ',');
        buf_slice(ret, e->at[i]);
    }
    buf_text(ret, "]}");
}
