/* Providers before customers: Kahn's algorithm with a stack, so that customers stand near who
 * carries them; and what to do with cycles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/build_priv.h"

struct order {
    struct build *b;
    uint32_t *at;    /* customers of each place: link numbers */
    uint32_t *sold;  /* links that sell, by seller */
    uint32_t *wait;  /* providers that have no index yet */
    uint32_t *stack; /* places whose turn it is */
    uint32_t *named; /* when each place was named first */
    uint32_t stacked;
};

static void
release(struct order *o)
{
    free(o->at);
    free(o->sold);
    free(o->wait);
    free(o->stack);
    free(o->named);
}

static void
name(struct order *o, const struct said_link *l)
{
    uint32_t first = l->order * 2;
    uint32_t *a = &o->named[l->turned ? l->high : l->low];
    uint32_t *b = &o->named[l->turned ? l->low : l->high];

    *a = first < *a ? first : *a;
    *b = first + 1 < *b ? first + 1 : *b;
}

static int
prepare(struct order *o)
{
    struct build *b = o->b;
    size_t n = (size_t)b->count + 1;

    o->at = calloc(n, sizeof *o->at);
    o->wait = calloc(n, sizeof *o->wait);
    o->stack = malloc(n * sizeof *o->stack);
    o->named = malloc(n * sizeof *o->named);
    o->sold = malloc(((size_t)b->links + 1) * sizeof *o->sold);
    if (o->at == NULL || o->wait == NULL || o->stack == NULL || o->named == NULL ||
        o->sold == NULL)
        return ERR_NOMEM;
    memset(o->named, 0xff, n * sizeof *o->named);
    for (uint32_t i = 0; i < b->links; i++) {
        name(o, &b->link[i]);
        if (!link_sells(&b->link[i]))
            continue;
        o->at[link_seller(&b->link[i])]++;
        o->wait[link_buyer(&b->link[i])]++;
    }
    for (uint32_t i = 0, sum = 0; i <= b->count; i++) {
        sum += o->at[i];
        o->at[i] = sum;
    }
    for (uint32_t i = b->links; i-- > 0;) {
        if (link_sells(&b->link[i]))
            o->sold[--o->at[link_seller(&b->link[i])]] = i;
    }
    return 0;
}

static void
sort_out(struct order *o, uint32_t place)
{
    for (uint32_t i = o->at[place]; i < o->at[place + 1]; i++) {
        const struct said_link *l = &o->b->link[o->sold[i]];

        if (l->kind != LINK_LEFT_OUT && --o->wait[link_buyer(l)] == 0)
            o->stack[o->stacked++] = link_buyer(l);
    }
}

static int
compare_named(const void *a, const void *b, void *arg)
{
    const struct order *o = arg;
    uint32_t x = o->named[*(const uint32_t *)a];
    uint32_t y = o->named[*(const uint32_t *)b];

    return x < y ? -1 : x > y;
}

/* Who buys from nobody, as they were named. */
static void
begin(struct order *o)
{
    for (uint32_t i = 0; i < o->b->count; i++) {
        if (o->wait[i] == 0)
            o->stack[o->stacked++] = i;
    }
    if (o->stacked > 0)
        qsort_r(o->stack, o->stacked, sizeof *o->stack, compare_named, o);
}

/* Somebody whose turn never came buys from such a one; go up until one comes again. */
static uint32_t
seller_in_cycle(const struct order *o, uint32_t buyer, uint32_t *ret_link)
{
    for (uint32_t i = 0; i < o->b->links; i++) {
        const struct said_link *l = &o->b->link[i];

        if (link_sells(l) && link_buyer(l) == buyer && o->wait[link_seller(l)] > 0) {
            *ret_link = i;
            return link_seller(l);
        }
    }
    return TOPOLOGY_NONE;
}

/* The link that closes a cycle: of the network that is met again, going up from the lowest AS
 * number. */
static uint32_t
find_cycle(const struct order *o, uint32_t *met, uint32_t *ret_from)
{
    uint32_t at = 0;
    uint32_t step = 0;
    uint32_t link = 0;

    while (o->wait[at] == 0)
        at++;
    memset(met, 0, o->b->count * sizeof *met);
    while (met[at] == 0) {
        met[at] = ++step;
        at = seller_in_cycle(o, at, &link);
    }
    *ret_from = at;
    return link;
}

static int
refuse(const struct order *o, uint32_t from, struct errinfo *ei)
{
    char text[200] = "";
    size_t len = 0;
    uint32_t link = 0;
    uint32_t at = from;

    do {
        int n = snprintf(text + len, sizeof text - len, "%sAS%u", len > 0 ? " buys from " : "",
                         o->b->asn[at]);

        len += n > 0 ? (size_t)n : 0;
        at = seller_in_cycle(o, at, &link);
    } while (at != from && len < sizeof text - 40);
    return err_set(ei, ERR_INVALID, "a cycle of providers: %s%s", text,
                   at == from ? ", which buys from the first" : " …");
}

int
build_order(struct build *b, bool break_cycles, uint32_t *ret_index, struct errinfo *ei)
{
    struct order o = {.b = b};
    uint32_t *met = malloc(((size_t)b->count + 1) * sizeof *met);
    uint32_t next = 0;
    int r = prepare(&o);

    if (met == NULL)
        r = ERR_NOMEM;
    if (r == 0)
        begin(&o);
    while (r == 0 && next < b->count) {
        uint32_t from;
        uint32_t link;

        while (o.stacked > 0) {
            uint32_t place = o.stack[--o.stacked];

            ret_index[place] = next++;
            sort_out(&o, place);
        }
        if (next == b->count)
            break;
        link = find_cycle(&o, met, &from);
        if (!break_cycles) {
            r = refuse(&o, from, ei);
            break;
        }
        if (--o.wait[link_buyer(&b->link[link])] == 0)
            o.stack[o.stacked++] = link_buyer(&b->link[link]);
        b->link[link].kind = LINK_LEFT_OUT;
        b->counts.cycles++;
    }
    free(met);
    release(&o);
    return r;
}
