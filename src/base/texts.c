#include "base/texts.h"

#include <stdlib.h>

#include "base/map.h"

void
texts_init(struct texts *n, uint64_t secret)
{
    *n = (struct texts){.secret = secret};
}

void
texts_release(struct texts *n)
{
    free(n->text);
    free(n->at);
    free(n->slots);
    *n = (struct texts){.secret = n->secret};
}

struct slice
texts_get(const struct texts *n, uint32_t i)
{
    return (struct slice){n->text + n->at[i], n->at[i + 1] - n->at[i]};
}

/* The slot where a text is or would be. */
static uint32_t
slot_of(const struct texts *n, struct slice text)
{
    uint32_t mask = n->slot_count - 1;
    uint32_t s = (uint32_t)map_hash(text.ptr, (uint32_t)text.len, n->secret) & mask;

    while (n->slots[s] != 0 && !slice_eq(texts_get(n, n->slots[s] - 1), text))
        s = (s + 1) & mask;
    return s;
}

uint32_t
texts_find(const struct texts *n, struct slice text)
{
    if (n->slot_count == 0)
        return TEXTS_NONE;
    return n->slots[slot_of(n, text)] - 1; /* 0, free, is TEXTS_NONE */
}

static int
grow_slots(struct texts *n)
{
    uint32_t more = n->slot_count == 0 ? 1024 : n->slot_count * 2;
    uint32_t *slots = calloc(more, sizeof *slots);

    if (slots == NULL)
        return ERR_NOMEM;
    free(n->slots);
    n->slots = slots;
    n->slot_count = more;
    for (uint32_t i = 0; i < n->count; i++)
        n->slots[slot_of(n, texts_get(n, i))] = i + 1;
    return 0;
}

/* Room for one text more. */
static int
grow(struct texts *n, size_t bytes)
{
    if (n->count >= TEXTS_MOST || bytes > TEXTS_BYTES - n->used)
        return ERR_LIMIT;
    if (n->used + bytes > n->room) {
        size_t room = (n->used + bytes) * 2 + 4096;
        char *text = realloc(n->text, room);

        if (text == NULL)
            return ERR_NOMEM;
        n->text = text;
        n->room = room;
    }
    if (n->count + 2 > n->at_room) {
        uint32_t room = n->at_room * 2 + 1024;
        uint32_t *at = realloc(n->at, room * sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        n->at = at;
        n->at_room = room;
        n->at[0] = 0;
    }
    return n->count * 2 >= n->slot_count ? grow_slots(n) : 0;
}

int
texts_put(struct texts *n, struct slice text, uint32_t *ret)
{
    uint32_t there = texts_find(n, text);
    int r;

    if (there != TEXTS_NONE) {
        *ret = there;
        return 0;
    }
    r = grow(n, text.len);
    if (r < 0)
        return r;
    if (text.len > 0)
        memcpy(n->text + n->used, text.ptr, text.len);
    n->used += text.len;
    n->at[n->count + 1] = (uint32_t)n->used;
    n->slots[slot_of(n, text)] = n->count + 1;
    *ret = n->count++;
    return 0;
}
