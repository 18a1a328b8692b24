#include "topology/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/build_priv.h"

int
build_new(struct build **ret)
{
    *ret = calloc(1, sizeof **ret);
    return *ret == NULL ? ERR_NOMEM : 0;
}

struct build *
build_free(struct build *b)
{
    if (b != NULL) {
        free(b->link);
        free(b->said);
        free(b->asn);
    }
    free(b);
    return NULL;
}

/* Room for one more; the array may move. */
static int
grow(void **array, uint32_t count, uint32_t *room, size_t size, uint32_t most)
{
    uint32_t more = *room == 0 ? 4096 : *room * 2;
    void *moved;

    if (count < *room)
        return 0;
    if (count >= most)
        return ERR_LIMIT;
    if (more > most)
        more = most;
    moved = realloc(*array, more * size);
    if (moved == NULL)
        return ERR_NOMEM;
    *array = moved;
    *room = more;
    return 0;
}

int
build_link(struct build *b, uint32_t a, uint32_t b_asn, enum topology_tie tie)
{
    bool turned = a > b_asn;
    int r;

    if (a == b_asn) {
        b->counts.with_itself++;
        return 0;
    }
    r = grow((void **)&b->link, b->links, &b->link_room, sizeof *b->link, TOPOLOGY_LINKS);
    if (r < 0)
        return r;
    b->link[b->links] = (struct said_link){.low = turned ? b_asn : a,
                                           .high = turned ? a : b_asn,
                                           .order = b->links,
                                           .turned = turned,
                                           .kind = tie == TIE_PEER ? LINK_PEER
                                                   : turned        ? LINK_HIGH_SELLS
                                                                   : LINK_LOW_SELLS};
    b->links++;
    return 0;
}

static int
say(struct build *b, uint32_t asn, enum said_what what, uint64_t value)
{
    int r = grow((void **)&b->said, b->sayings, &b->said_room, sizeof *b->said,
                 TOPOLOGY_NETWORKS * 4);

    if (r == 0)
        b->said[b->sayings++] = (struct saying){asn, what, value};
    return r;
}

int
build_country(struct build *b, uint32_t asn, uint16_t country)
{
    return say(b, asn, SAID_COUNTRY, country);
}

int
build_addresses(struct build *b, uint32_t asn, uint64_t n)
{
    return say(b, asn, SAID_ADDRESSES, n);
}

int
build_prefix(struct build *b, uint32_t asn, uint64_t addresses)
{
    return say(b, asn, SAID_PREFIX, addresses);
}

int
build_stays(struct build *b, uint32_t asn, uint16_t country)
{
    return say(b, asn, SAID_STAYS, country);
}

int
build_clique(struct build *b, uint32_t asn)
{
    return say(b, asn, SAID_CLIQUE, 0);
}

/* ---- links ------------------------------------------------------------------------------- */

static int
compare_links(const void *a, const void *b)
{
    const struct said_link *x = a;
    const struct said_link *y = b;

    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Each once: as it was said first. */
static void
sort_links(struct build *b)
{
    uint32_t kept = 0;

    if (b->links > 0)
        qsort(b->link, b->links, sizeof *b->link, compare_links);
    for (uint32_t i = 0; i < b->links; i++) {
        const struct said_link *was = kept > 0 ? &b->link[kept - 1] : NULL;

        if (was != NULL && was->low == b->link[i].low && was->high == b->link[i].high) {
            b->counts.twice += was->kind == b->link[i].kind;
            b->counts.contradictory += was->kind != b->link[i].kind;
            continue;
        }
        b->link[kept++] = b->link[i];
    }
    b->links = kept;
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* All AS numbers, ascending; ends of links become places in that list. */
static int
number(struct build *b)
{
    size_t n = 0;

    b->asn = malloc(((size_t)b->links * 2 + 1) * sizeof *b->asn);
    if (b->asn == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < b->links; i++) {
        if (n == 0 || b->asn[n - 1] != b->link[i].low)
            b->asn[n++] = b->link[i].low; /* they are sorted by it */
    }
    for (uint32_t i = 0; i < b->links; i++)
        b->asn[n++] = b->link[i].high;
    if (n > 0)
        qsort(b->asn, n, sizeof *b->asn, compare_numbers);
    b->count = 0;
    for (size_t i = 0; i < n; i++) {
        if (b->count == 0 || b->asn[b->count - 1] != b->asn[i])
            b->asn[b->count++] = b->asn[i];
    }
    if (b->count > TOPOLOGY_NETWORKS)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < b->links; i++) {
        b->link[i].low = build_find(b, b->link[i].low);
        b->link[i].high = build_find(b, b->link[i].high);
    }
    return 0;
}

uint32_t
build_find(const struct build *b, uint32_t asn)
{
    const uint32_t *at =
        b->count == 0 ? NULL : bsearch(&asn, b->asn, b->count, sizeof asn, compare_numbers);

    return at == NULL ? TOPOLOGY_NONE : (uint32_t)(at - b->asn);
}

int
build_finish(struct build *b, bool break_cycles, struct topology **ret,
             struct topology_counts *counts, struct errinfo *ei)
{
    uint32_t *place = NULL;
    int r;

    *ret = NULL;
    sort_links(b);
    r = number(b);
    if (r == 0) {
        place = malloc(((size_t)b->count + 1) * sizeof *place);
        r = place == NULL ? ERR_NOMEM : build_order(b, break_cycles, place, ei);
    }
    if (r == 0)
        r = build_lay_out(b, place, ret);
    free(place);
    *counts = b->counts;
    if (r == ERR_NOMEM || r == ERR_LIMIT)
        return err_set(ei, r, "%s",
                       r == ERR_NOMEM ? err_text(r)
                                      : "more networks than a topology has room for");
    return r;
}
