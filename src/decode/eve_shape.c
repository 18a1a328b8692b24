#include "decode/eve_shape_priv.h"

#include <stdlib.h>

enum { SETS = 64, WAYS = 4, ONCE = 1024 };

struct shapes {
    struct shape *shape[SETS][WAYS]; /* NULL: free */
    uint8_t next[SETS];              /* the way that is given up for a new one */
    uint32_t once[ONCE]; /* tags that were met, and are worth a place when they come again */
};

struct shapes *
shapes_new(void)
{
    return calloc(1, sizeof(struct shapes));
}

struct shapes *
shapes_free(struct shapes *s)
{
    if (s == NULL)
        return NULL;
    for (unsigned i = 0; i < SETS * WAYS; i++)
        free(s->shape[i / WAYS][i % WAYS]);
    free(s);
    return NULL;
}

/* From the number of tokens and some of their first bytes; never 0. */
static uint32_t
tag_of(const struct eve_walk *w)
{
    size_t step = (w->count - 8) / 4;
    uint64_t part[4];
    uint64_t sum;

    for (unsigned i = 0; i < 4; i++)
        memcpy(&part[i], w->first + w->count - 8 - i * step, sizeof part[i]);
    sum = (part[0] * 5 + w->count) * 0x9e3779b97f4a7c15U;
    sum ^= part[1] * 0xbf58476d1ce4e5b9U + (part[2] ^ part[3] >> 1) * 0x94d049bb133111ebU;
    sum = (sum ^ sum >> 29) * 0xff51afd7ed558ccdU;
    return (uint32_t)(sum >> 32) | 1;
}

static bool
is_known_size(const struct eve_walk *w)
{
    return w->count >= 8 && w->count <= SHAPE_TOKENS &&
           w->at[w->count - 1] + 1 + sizeof(key_bytes) <= w->readable;
}

static inline bool
looks_like(const struct shape *s, const struct eve_walk *w)
{
    const char *text = w->text + 1;
    key_bytes differ = {0};

    if (s->tokens != w->count || memcmp(s->first, w->first, s->tokens) != 0)
        return false;
    for (unsigned i = 0; i < s->keys; i++) {
        key_bytes bytes;

        memcpy(&bytes, text + w->at[s->key[i]], sizeof bytes);
        differ |= (bytes & s->mask[i]) ^ s->text[i];
    }
    return (differ[0] | differ[1]) == 0;
}

bool
shapes_find(struct shapes *s, struct eve_walk *w)
{
    uint32_t tag;

    if (!is_known_size(w))
        return false;
    tag = tag_of(w);
    for (unsigned way = 0; way < WAYS; way++) {
        const struct shape *k = s->shape[tag >> 1 & (SETS - 1)][way];

        if (k != NULL && k->tag == tag && looks_like(k, w)) {
            w->have = k->have;
            w->field = k->field;
            w->shape = k;
            return true;
        }
    }
    return false;
}

/* False when a key is written with escapes: what it names is not what it looks like. */
static bool
learn_keys(struct shape *to, const struct eve_walk *w)
{
    for (unsigned i = 0; i < w->keys; i++) {
        const char *key = w->text + w->at[w->key[i]] + 1;
        const char *end = memchr(key, '"', sizeof(key_bytes));
        size_t n = end == NULL ? sizeof(key_bytes) : (size_t)(end - key) + 1;

        if (memchr(key, '\\', n) != NULL)
            return false;
        to->key[i] = w->key[i];
        to->text[i] = to->mask[i] = (key_bytes){0};
        memcpy(&to->text[i], key, n);
        memset(&to->mask[i], 0xff, n);
    }
    to->keys = (uint16_t)w->keys;
    return true;
}

static bool
learn_numbers(struct shape *to, const struct eve_walk *w)
{
    to->numbers = 0;
    for (unsigned i = 0; i < w->count; i++) {
        if (!eve_is_number(w->first[i]))
            continue;
        if (to->numbers == SHAPE_NUMBERS)
            return false;
        to->number[to->numbers++] = (uint16_t)i;
    }
    return true;
}

/* False when what w is cannot be told from what it looks like, or there is too much of it. */
static bool
fill(struct shape *to, const struct eve_walk *w)
{
    if (!learn_keys(to, w) || !learn_numbers(to, w))
        return false;
    to->tag = tag_of(w);
    to->tokens = w->count;
    to->have = w->have;
    memcpy(to->field, w->own, sizeof to->field);
    memcpy(to->first, w->first, w->count);
    to->sound = eve_check_order(w);
    return true;
}

void
shapes_learn(struct shapes *s, const struct eve_walk *w)
{
    uint32_t tag;
    uint32_t set;
    struct shape **to;

    if (!is_known_size(w) || w->keys > EVE_KEYS)
        return;
    tag = tag_of(w);
    if (s->once[tag >> 16 & (ONCE - 1)] != tag) {
        s->once[tag >> 16 & (ONCE - 1)] = tag;
        return;
    }
    set = tag >> 1 & (SETS - 1);
    to = &s->shape[set][s->next[set]];
    if (*to == NULL)
        *to = malloc(sizeof **to);
    if (*to == NULL)
        return; /* it goes without */
    if (fill(*to, w))
        s->next[set] = (uint8_t)((s->next[set] + 1) % WAYS);
    else
        (*to)->tag = 0;
}
