#include "cutoff/rank.h"

#include <stdlib.h>
#include <string.h>

/* ---- the tree ---------------------------------------------------------------------------- */

enum { TOP = 1 /* depth of who has nothing above */ };

/* The nearest that both have above or are; TOPOLOGY_NONE: nothing but the top. */
static uint32_t
common(const struct rank *r, uint32_t a, uint32_t b)
{
    while (a != b) {
        uint32_t *deeper = r->depth[a] >= r->depth[b] ? &a : &b;

        if (r->depth[*deeper] == TOP)
            return TOPOLOGY_NONE;
        *deeper = r->above[*deeper];
    }
    return a;
}

struct carried {
    uint32_t by;   /* nearest common of all that carry it */
    uint32_t only; /* the first */
    unsigned many;
};

static void
carry(const struct rank *r, uint32_t by, struct carried *c)
{
    if (r->above[by] == TOPOLOGY_NONE)
        return;
    if (c->many++ == 0)
        c->by = c->only = by;
    else if (c->by != TOPOLOGY_NONE)
        c->by = common(r, c->by, by);
}

static void
place(const struct topology *t, const uint8_t *top, uint32_t i, struct rank *r)
{
    struct carried c = {TOPOLOGY_NONE, TOPOLOGY_NONE, 0};

    for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
        carry(r, t->provider.to[k], &c);
    for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
        if (top[t->peer.to[k]])
            carry(r, t->peer.to[k], &c);
    }
    if (c.many == 0)
        return;
    r->above[i] = c.by == TOPOLOGY_NONE ? i : c.by;
    r->depth[i] = c.by == TOPOLOGY_NONE ? TOP : r->depth[c.by] + 1;
    r->only[i] = c.many == 1 ? c.only : TOPOLOGY_NONE;
}

int
rank_make(const struct topology *t, struct rank *ret)
{
    size_t n = (size_t)t->count + 1;
    uint8_t *top = calloc(n, 1);

    *ret = (struct rank){.above = malloc(n * sizeof *ret->above),
                         .depth = calloc(n, sizeof *ret->depth),
                         .only = malloc(n * sizeof *ret->only),
                         .count = t->count};
    if (top == NULL || ret->above == NULL || ret->depth == NULL || ret->only == NULL) {
        free(top);
        rank_release(ret);
        return ERR_NOMEM;
    }
    memset(ret->above, 0xff, n * sizeof *ret->above);
    memset(ret->only, 0xff, n * sizeof *ret->only);
    for (uint32_t k = 0; k < t->clique_count; k++) {
        top[t->clique[k]] = 1;
        ret->above[t->clique[k]] = t->clique[k];
        ret->depth[t->clique[k]] = TOP;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (!top[i])
            place(t, top, i, ret);
    }
    free(top);
    return 0;
}

void
rank_release(struct rank *r)
{
    free(r->above);
    free(r->depth);
    free(r->only);
    *r = (struct rank){0};
}

/* ---- tables ------------------------------------------------------------------------------ */

struct table {
    const struct topology *t;
    uint32_t *count; /* of each network: those below of that country */
    uint32_t *used;  /* networks with a count */
    uint32_t rows;
};

static int
begin(const struct topology *t, struct table *table)
{
    *table = (struct table){.t = t,
                            .count = calloc((size_t)t->count + 1, sizeof *table->count),
                            .used = malloc(((size_t)t->count + 1) * sizeof *table->used)};
    return table->count == NULL || table->used == NULL ? ERR_NOMEM : 0;
}

static void
add(struct table *table, uint32_t network)
{
    if (table->count[network]++ == 0)
        table->used[table->rows++] = network;
}

static int
compare_rows(const void *a, const void *b)
{
    const struct rank_row *x = a;
    const struct rank_row *y = b;

    if (x->stranded != y->stranded)
        return x->stranded > y->stranded ? -1 : 1;
    return x->network < y->network ? -1 : 1;
}

static int
finish(struct table *table, int r, struct rank_row **ret, uint32_t *ret_count)
{
    struct rank_row *rows = NULL;

    if (r == 0) {
        rows = malloc(((size_t)table->rows + 1) * sizeof *rows);
        r = rows == NULL ? ERR_NOMEM : 0;
    }
    for (uint32_t i = 0; r == 0 && i < table->rows; i++)
        rows[i] = (struct rank_row){table->used[i], table->count[table->used[i]]};
    if (r == 0 && table->rows > 0)
        qsort(rows, table->rows, sizeof *rows, compare_rows);
    *ret = rows;
    *ret_count = r == 0 ? table->rows : 0;
    free(table->count);
    free(table->used);
    return r;
}

int
rank_country(const struct topology *t, const struct rank *r, uint16_t country,
             struct rank_row **ret, uint32_t *ret_count, uint32_t *ret_networks)
{
    struct table table;
    int e = begin(t, &table);

    *ret_networks = 0;
    for (uint32_t i = 0; e == 0 && i < t->count; i++) {
        if (t->country[i] != country)
            continue;
        ++*ret_networks;
        for (uint32_t at = i; r->above[at] != TOPOLOGY_NONE && r->above[at] != at;) {
            at = r->above[at];
            add(&table, at);
        }
    }
    return finish(&table, e, ret, ret_count);
}

int
rank_links(const struct topology *t, const struct rank *r, uint16_t country,
           struct rank_row **ret, uint32_t *ret_count)
{
    struct table table;
    int e = begin(t, &table);

    for (uint32_t i = 0; e == 0 && i < t->count; i++) {
        uint32_t at = i;

        if (t->country[i] != country || r->above[i] == TOPOLOGY_NONE)
            continue;
        for (;;) {
            if (r->only[at] != TOPOLOGY_NONE)
                add(&table, at);
            if (r->above[at] == at)
                break;
            at = r->above[at];
        }
    }
    return finish(&table, e, ret, ret_count);
}
