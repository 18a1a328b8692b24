#include "base/map.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 p = (unsigned __int128)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t
map_hash(const void *bytes, uint32_t n, uint64_t secret)
{
    const uint8_t *p = bytes;
    uint64_t h = secret ^ fold(n + 0x9e3779b97f4a7c15U, 0xd6e8feb86659fd93U);

    while (n > 0) {
        uint64_t w = 0;
        uint32_t take = n < 8 ? n : 8;

        memcpy(&w, p, take);
        h = fold(h ^ w, 0xa0761d6478bd642fU ^ secret);
        p += take;
        n -= take;
    }
    return fold(h, 0xe7037ed1a0b428dbU);
}

void
map_init(struct map *m, uint32_t key_size, uint32_t max, uint64_t secret)
{
    BUG_ON(key_size == 0 || key_size > 64);
    *m = (struct map){.key_size = key_size, .max = max, .secret = secret | 1};
}

void
map_release(struct map *m)
{
    free(m->keys);
    free(m->slots);
    *m = (struct map){0};
}

void
map_reset(struct map *m)
{
    m->count = 0;
    if (m->slots != NULL)
        memset(m->slots, 0, m->slot_count * sizeof *m->slots);
}

/* The slot that holds key, or the free one where it belongs. */
static uint32_t
probe(const struct map *m, const void *key)
{
    uint32_t mask = m->slot_count - 1;
    uint32_t at = (uint32_t)map_hash(key, m->key_size, m->secret) & mask;

    while (m->slots[at] != 0 && memcmp(map_key(m, m->slots[at] - 1), key, m->key_size) != 0)
        at = (at + 1) & mask;
    return at;
}

int64_t
map_find(const struct map *m, const void *key)
{
    if (m->slot_count == 0)
        return MAP_NONE;
    return (int64_t)m->slots[probe(m, key)] - 1;
}

static int
grow(struct map *m)
{
    uint32_t slots = m->slot_count == 0 ? 64 : m->slot_count * 2;
    uint32_t room = slots / 2;
    uint8_t *keys = realloc(m->keys, (size_t)room * m->key_size);
    uint32_t *fresh;

    if (keys == NULL)
        return ERR_NOMEM;
    m->keys = keys;
    fresh = calloc(slots, sizeof *fresh);
    if (fresh == NULL)
        return ERR_NOMEM;
    free(m->slots);
    m->slots = fresh;
    m->slot_count = slots;
    m->room = room;
    for (uint32_t i = 0; i < m->count; i++)
        m->slots[probe(m, map_key(m, i))] = i + 1;
    return 0;
}

int64_t
map_put(struct map *m, const void *key, int *ret_new)
{
    uint32_t at;

    *ret_new = 0;
    if (m->count == m->room && m->count < m->max && grow(m) < 0)
        return MAP_FULL;
    at = m->slot_count == 0 ? 0 : probe(m, key);
    if (m->slot_count != 0 && m->slots[at] != 0)
        return (int64_t)m->slots[at] - 1;
    if (m->count >= m->max || m->count == m->room)
        return MAP_FULL;
    memcpy(m->keys + (size_t)m->count * m->key_size, key, m->key_size);
    m->slots[at] = ++m->count;
    *ret_new = 1;
    return (int64_t)m->count - 1;
}
