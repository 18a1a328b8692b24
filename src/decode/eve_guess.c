#include "decode/eve_guess.h"

/* Rows that are no keys are equal to none: they want a byte that their mask takes away. */
void
guesses_init(struct guesses *g)
{
    memset(g, 0, sizeof *g);
    for (unsigned i = 0; i < GUESS_PLACES; i++)
        g->row[i].key[0] = 1;
    g->count = GUESS_PLACES;
}

static void
make_key(struct guess *r, const char *text, uint32_t len)
{
    uint32_t n = len + 1 < GUESS_BYTES ? len + 1 : GUESS_BYTES;
    uint64_t ones[2] = {UINT64_MAX, UINT64_MAX};

    memcpy(r->key, text, n);
    memcpy(r->mask, ones, n);
}

uint32_t
guess_learn(struct guesses *g, uint32_t prev, const char *text, uint32_t len, uint8_t where,
            uint8_t field)
{
    struct guess fresh = {.field = field, .where = where};
    struct guess *p = &g->row[prev];
    uint32_t at;

    if (memchr(text, '\\', len) != NULL)
        return 0; /* what it names is not what it looks like */
    make_key(&fresh, text, len);
    at = (uint32_t)((fresh.key[0] ^ fresh.key[1] * 31 ^ where) * 0x9e3779b97f4a7c15U >> 53);
    for (; g->slot[at] != 0; at = (at + 1) % GUESS_SLOTS) {
        const struct guess *r = &g->row[g->slot[at]];

        if (r->where == where && memcmp(r->key, fresh.key, sizeof r->key) == 0 &&
            memcmp(r->mask, fresh.mask, sizeof r->mask) == 0)
            break;
    }
    if (g->slot[at] == 0) {
        if (g->count == GUESS_ROWS)
            return 0;
        g->row[g->count] = fresh;
        g->slot[at] = (uint16_t)g->count++;
    }
    p->next[1] = p->next[0];
    p->next[0] = g->slot[at];
    return g->slot[at];
}
