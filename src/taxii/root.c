#include "taxii/root.h"

#include <stdlib.h>

#include "wire/hex.h"

enum { ROOM_FIRST = 1024, LINE_MOST = OBJECT_ID_MAX + 128 };

struct root_line {
    size_t id; /* where in the texts; its version stands behind it */
    struct hash hash;
    uint32_t id_len;
    uint32_t version_len;
};

void
rooting_init(struct rooting *x)
{
    *x = (struct rooting){.texts = {.max = (size_t)ROOT_OBJECTS * LINE_MOST}};
}

void
rooting_release(struct rooting *x)
{
    free(x->at);
    buf_release(&x->texts);
    *x = (struct rooting){.at = NULL};
}

int
rooting_add(struct rooting *x, struct slice id, struct slice version, const struct hash *hash)
{
    if (id.len > OBJECT_ID_MAX || version.len > LINE_MOST - OBJECT_ID_MAX)
        return ERR_LIMIT;
    if (x->count == ROOT_OBJECTS)
        return ERR_LIMIT;
    if (x->count == x->room) {
        size_t room = x->room == 0 ? ROOM_FIRST : x->room * 2;
        struct root_line *at = reallocarray(x->at, room, sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        x->at = at;
        x->room = room;
    }
    x->at[x->count++] = (struct root_line){.id = x->texts.len,
                                           .hash = *hash,
                                           .id_len = (uint32_t)id.len,
                                           .version_len = (uint32_t)version.len};
    buf_slice(&x->texts, id);
    buf_slice(&x->texts, version);
    return buf_error(&x->texts);
}

static struct slice
id_of(const char *texts, const struct root_line *l)
{
    return (struct slice){texts + l->id, l->id_len};
}

static struct slice
version_of(const char *texts, const struct root_line *l)
{
    return (struct slice){texts + l->id + l->id_len, l->version_len};
}

static int
by_name(const void *one, const void *other, void *arg)
{
    const struct root_line *a = one;
    const struct root_line *b = other;
    const char *texts = arg;
    int c = slice_order(id_of(texts, a), id_of(texts, b));

    c = c != 0 ? c : slice_order(version_of(texts, a), version_of(texts, b));
    return c != 0 ? c : memcmp(a->hash.byte, b->hash.byte, sizeof a->hash.byte);
}

static void
sum(const struct rooting *x, struct hash *ret)
{
    struct sha256 h;
    char hex[2 * SHA256_SIZE];

    sha256_init(&h);
    for (size_t i = 0; i < x->count; i++) {
        struct slice id = id_of(x->texts.ptr, &x->at[i]);
        struct slice version = version_of(x->texts.ptr, &x->at[i]);

        hex_encode(x->at[i].hash.byte, SHA256_SIZE, hex);
        sha256_add(&h, id.ptr, id.len);
        sha256_add(&h, " ", 1);
        sha256_add(&h, version.ptr, version.len);
        sha256_add(&h, " ", 1);
        sha256_add(&h, hex, sizeof hex);
        sha256_add(&h, "\n", 1);
    }
    sha256_end(&h, ret);
}

void
rooting_end(struct rooting *x, struct taxii_root *ret)
{
    if (x->count > 0)
        qsort_r(x->at, x->count, sizeof *x->at, by_name, x->texts.ptr);
    sum(x, &ret->hash);
    ret->objects = x->count;
}

static int
note(void *arg, const struct store_object *o)
{
    return rooting_add(arg, o->id, o->version, &o->hash);
}

int
taxii_root(struct store *s, int64_t collection, struct taxii_root *ret)
{
    struct object_query *q = calloc(1, sizeof *q);
    struct rooting x;
    int r = q == NULL ? ERR_NOMEM : 0;

    rooting_init(&x);
    if (r == 0) {
        q->collection = collection;
        q->after.us = -1;
        q->all = true;
        r = store_each_object(s, q, note, &x);
    }
    if (r == 0)
        rooting_end(&x, ret);
    rooting_release(&x);
    free(q);
    return r;
}
