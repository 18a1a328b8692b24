#include "mem.h"

#include <stdlib.h>

static void *
room(void *array, size_t *have, size_t need, size_t size)
{
    size_t more = *have == 0 ? 64 : *have;

    if (need <= *have)
        return array;
    while (more < need)
        more *= 2;
    array = realloc(array, more * size);
    BUG_ON(array == NULL);
    *have = more;
    return array;
}

static bool
fails(struct mem *m)
{
    return ++m->calls == m->fail_at;
}

static int
put_entry(void *self, uint64_t index, struct slice entry, const struct hash *leaf)
{
    struct mem *m = self;
    struct mem_entry *e;

    (void)leaf;
    if (fails(m))
        return ERR_IO;
    BUG_ON(index != m->now.entries);
    m->entry = room(m->entry, &m->entry_room, index + 1, sizeof *m->entry);
    m->bytes = room(m->bytes, &m->byte_room, m->now.bytes + entry.len, 1);
    e = &m->entry[m->now.entries++];
    *e = (struct mem_entry){m->now.bytes, entry.len};
    if (entry.len > 0)
        memcpy(m->bytes + e->at, entry.ptr, entry.len);
    m->now.bytes += entry.len;
    return 0;
}

static const struct mem_tile *
find_tile(const struct mem *m, unsigned level, uint64_t n)
{
    for (size_t i = m->now.tiles; i-- > 0;) {
        if (m->tile[i].level == level && m->tile[i].n == n)
            return &m->tile[i];
    }
    return NULL;
}

static int
put_tile(void *self, unsigned level, uint64_t n, const struct hash hashes[LEDGER_TILE])
{
    struct mem *m = self;
    struct mem_tile *t;

    if (fails(m))
        return ERR_IO;
    m->tile = room(m->tile, &m->tile_room, m->now.tiles + 1, sizeof *m->tile);
    t = &m->tile[m->now.tiles++];
    t->level = level;
    t->n = n;
    memcpy(t->hash, hashes, sizeof t->hash);
    return 0;
}

static int
put_note(void *self, uint64_t size, struct slice note)
{
    struct mem *m = self;
    struct mem_note *n;

    if (fails(m))
        return ERR_IO;
    m->note = room(m->note, &m->note_room, m->now.notes + 1, sizeof *m->note);
    n = &m->note[m->now.notes++];
    BUG_ON(note.len > sizeof n->bytes);
    n->size = size;
    n->len = note.len;
    memcpy(n->bytes, note.ptr, note.len);
    return 0;
}

static int
get_entries(void *self, uint64_t from, uint64_t count,
            int (*each)(void *arg, uint64_t index, struct slice entry), void *arg)
{
    struct mem *m = self;

    if (fails(m))
        return ERR_IO;
    for (uint64_t i = from; i < from + count; i++) {
        int err = i < m->now.entries
                      ? each(arg, i, (struct slice){m->bytes + m->entry[i].at, m->entry[i].len})
                      : ERR_NOTFOUND;

        if (err < 0)
            return err;
    }
    return 0;
}

static int
get_tile(void *self, unsigned level, uint64_t n, struct hash ret[LEDGER_TILE])
{
    struct mem *m = self;
    const struct mem_tile *t = find_tile(m, level, n);

    if (fails(m))
        return ERR_IO;
    if (t == NULL)
        return ERR_NOTFOUND;
    memcpy(ret, t->hash, sizeof t->hash);
    return 0;
}

static int
get_note(void *self, uint64_t size, struct buf *ret)
{
    struct mem *m = self;

    if (fails(m))
        return ERR_IO;
    for (size_t i = m->now.notes; i-- > 0;) {
        if (size != LEDGER_NEWEST && m->note[i].size != size)
            continue;
        buf_add(ret, m->note[i].bytes, m->note[i].len);
        return buf_error(ret);
    }
    return ERR_NOTFOUND;
}

struct ledger_storage
mem_storage(struct mem *m)
{
    return (struct ledger_storage){.self = m,
                                   .put_entry = put_entry,
                                   .put_tile = put_tile,
                                   .put_note = put_note,
                                   .get_entries = get_entries,
                                   .get_tile = get_tile,
                                   .get_note = get_note};
}

void
mem_begin(struct mem *m)
{
    m->begin = m->now;
}

void
mem_rollback(struct mem *m)
{
    m->now = m->begin;
}

void
mem_release(struct mem *m)
{
    free(m->entry);
    free(m->tile);
    free(m->note);
    free(m->bytes);
    *m = (struct mem){0};
}
