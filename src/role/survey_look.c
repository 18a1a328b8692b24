/* One country of a survey: the cut, its islands, failures, and links that would help. */
#include <stdlib.h>
#include <string.h>

#include "role/survey_priv.h"

/* ---- islands ----------------------------------------------------------------------------- */

static int
compare_islands(const void *a, const void *b)
{
    const struct survey_island *x = a;
    const struct survey_island *y = b;

    if (x->networks != y->networks)
        return x->networks > y->networks ? -1 : 1;
    if (x->addresses != y->addresses)
        return x->addresses > y->addresses ? -1 : 1;
    return x->root < y->root ? -1 : x->root > y->root;
}

/* Keeps the networks with most addresses, the largest first. */
static void
add_member(const struct topology *t, struct survey_island *is, uint32_t network)
{
    uint32_t at = is->members;

    while (at > 0 && t->addresses[is->member[at - 1]] < t->addresses[network])
        at--;
    if (at == SURVEY_MEMBERS)
        return;
    if (is->members < SURVEY_MEMBERS)
        is->members++;
    for (uint32_t i = is->members - 1; i > at; i--)
        is->member[i] = is->member[i - 1];
    is->member[at] = network;
}

struct islands {
    uint32_t *root;             /* of each network of the country */
    uint32_t *number;           /* of each root: its island, from 1; 0 none yet */
    struct survey_island *list; /* all */
    uint32_t count;
};

static void
gather(const struct topology *t, const uint8_t *segment, struct islands *all)
{
    for (uint32_t i = 0; i < t->count; i++) {
        struct survey_island *is;

        if (!segment[i])
            continue;
        if (all->number[all->root[i]] == 0) {
            all->list[all->count] = (struct survey_island){.root = all->root[i]};
            all->number[all->root[i]] = ++all->count;
        }
        is = &all->list[all->number[all->root[i]] - 1];
        is->networks++;
        is->addresses += t->addresses[i];
        add_member(t, is, i);
    }
}

static int
find_islands(const struct topology *t, const struct net_filter *filter, struct survey_found *f)
{
    size_t n = (size_t)t->count + 1;
    struct islands all = {.root = malloc(n * sizeof *all.root),
                          .number = calloc(n, sizeof *all.number)};
    struct inside inside = {0};
    int r = all.root == NULL || all.number == NULL ? ERR_NOMEM : 0;

    if (r == 0)
        r = inside_islands(t, filter, all.root, &inside);
    if (r == 0)
        all.list = malloc(((size_t)inside.islands + 1) * sizeof *all.list);
    if (r == 0 && all.list == NULL)
        r = ERR_NOMEM;
    if (r == 0) {
        gather(t, filter->counts, &all);
        qsort(all.list, all.count, sizeof *all.list, compare_islands);
        f->islands = all.count < SURVEY_ISLANDS ? all.count : SURVEY_ISLANDS;
        memcpy(f->island, all.list, f->islands * sizeof *all.list);
    }
    free(all.root);
    free(all.number);
    free(all.list);
    return r;
}

/* ---- neighbours -------------------------------------------------------------------------- */

static uint32_t
links_of(const struct survey_neighbour *n)
{
    return n->transit + n->peers;
}

/* Keeps those with most links, of equals the first. */
static void
add_neighbour(struct survey_found *f, const struct survey_neighbour *n)
{
    uint32_t at = f->neighbours;

    while (at > 0 && links_of(&f->neighbour[at - 1]) < links_of(n))
        at--;
    if (at == SURVEY_NEIGHBOURS)
        return;
    if (f->neighbours < SURVEY_NEIGHBOURS)
        f->neighbours++;
    for (uint32_t i = f->neighbours - 1; i > at; i--)
        f->neighbour[i] = f->neighbour[i - 1];
    f->neighbour[at] = *n;
}

static int
find_neighbours(const struct topology *t, const uint8_t *segment, struct survey_found *f)
{
    struct survey_neighbour *all = calloc(UINT16_MAX + (size_t)1, sizeof *all);

    for (uint32_t i = 0; all != NULL && i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            uint32_t p = t->provider.to[k];

            if (segment[i] != segment[p])
                all[t->country[segment[i] ? p : i]].transit++;
        }
        for (uint32_t k = t->peer.at[i]; segment[i] && k < t->peer.at[i + 1]; k++) {
            if (!segment[t->peer.to[k]])
                all[t->country[t->peer.to[k]]].peers++;
        }
    }
    for (uint32_t c = COUNTRY_UNKNOWN + 1; all != NULL && c <= UINT16_MAX; c++) {
        all[c].country = (uint16_t)c;
        if (links_of(&all[c]) > 0)
            add_neighbour(f, &all[c]);
    }
    free(all);
    return all == NULL ? ERR_NOMEM : 0;
}

/* ---- failures ---------------------------------------------------------------------------- */

/* Does that failure strand network i?  Its ways all pass what lies above it in the tree. */
static bool
is_stranded(const struct rank *r, const struct survey_failure *f, uint32_t i)
{
    if (r->above[i] == TOPOLOGY_NONE)
        return false;
    if (f->carrier != TOPOLOGY_NONE && i == f->network)
        return true;
    while (r->above[i] != i) {
        i = r->above[i];
        if (i == f->network)
            return true;
    }
    return false;
}

enum { IS_STRANDED = 1, IS_BELOW = 2 /* a stranded network of the country carries it */ };

/* Providers come before customers, so one pass sees whom each stranded one hangs on. */
static uint32_t
cure(const struct survey *s, uint16_t country, const struct survey_failure *f, uint8_t *mark)
{
    const struct topology *t = s->t;
    uint32_t links = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        mark[i] = is_stranded(&s->rank, f, i) ? IS_STRANDED : 0;
        if (mark[i] == 0)
            continue;
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            uint32_t p = t->provider.to[k];

            if ((mark[p] & IS_STRANDED) != 0 &&
                ((mark[p] & IS_BELOW) != 0 || t->country[p] == country))
                mark[i] |= IS_BELOW;
        }
        links += t->country[i] == country && (mark[i] & IS_BELOW) == 0;
    }
    return links;
}

static void
merge(const struct survey *s, const struct rank_row *rows, uint32_t count,
      const struct rank_row *links, uint32_t link_count, struct survey_found *f)
{
    uint32_t i = 0;
    uint32_t k = 0;

    while (f->failures < SURVEY_CRITICAL && (i < count || k < link_count)) {
        bool link = i == count || (k < link_count && links[k].stranded > rows[i].stranded);
        const struct rank_row *row = link ? &links[k++] : &rows[i++];

        f->failure[f->failures++] = (struct survey_failure){
            .network = row->network,
            .carrier = link ? s->rank.only[row->network] : TOPOLOGY_NONE,
            .stranded = row->stranded};
    }
}

static int
find_failures(const struct survey *s, struct survey_found *f)
{
    uint8_t *mark = malloc((size_t)s->t->count + 1);
    struct rank_row *rows = NULL;
    struct rank_row *links = NULL;
    uint32_t networks = 0;
    uint32_t count = 0;
    uint32_t link_count = 0;
    int r = mark == NULL ? ERR_NOMEM : 0;

    if (r == 0)
        r = rank_country(s->t, &s->rank, f->country, &rows, &count, &networks);
    if (r == 0)
        r = rank_links(s->t, &s->rank, f->country, &links, &link_count);
    if (r == 0)
        merge(s, rows, count, links, link_count, f);
    for (uint32_t i = 0; r == 0 && i < f->failures; i++)
        f->failure[i].cure = cure(s, f->country, &f->failure[i], mark);
    free(rows);
    free(links);
    free(mark);
    return r;
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
count_across(const struct survey *s, const uint8_t *segment, struct survey_found *f)
{
    uint64_t inside = f->cut.before.networks;
    uint64_t pairs = 0;

    for (uint32_t i = 0; i < s->t->count; i++)
        pairs += segment[i] && s->reach[i] > 0 ? s->reach[i] - 1 : 0;
    f->across = pairs - f->cut.before.strict;
    f->across_all = inside * (s->t->count - inside);
}

/* Who stays there whatever is assumed, as the snapshot's presence file says. */
static void
mark_stays(const struct topology *t, uint16_t country, uint8_t *stays)
{
    uint32_t count;
    const uint64_t *list = topology_stays(t, country, &count);

    for (uint32_t i = 0; i < count; i++)
        stays[(uint32_t)list[i]] = 1;
}

static int
find(const struct survey *s, const uint8_t *segment, const uint8_t *stays, unsigned threads,
     struct survey_found *f)
{
    const struct simulate_scenario scenario = {.segment = segment,
                                               .stays = stays,
                                               .neighbours = simulate_usual,
                                               .cases = SIMULATE_USUAL};
    uint8_t *side = malloc((size_t)s->t->count + 1);
    const struct net_filter inside = {.counts = segment, .side = side, .keep = 1};
    int r = side == NULL ? ERR_NOMEM : simulate_cut(s->t, &scenario, threads, &f->cut);

    if (r == 0) {
        simulate_side(s->t, segment, stays, side);
        count_across(s, segment, f);
        r = find_islands(s->t, &inside, f);
    }
    if (r == 0)
        r = find_neighbours(s->t, segment, f);
    if (r == 0)
        r = find_failures(s, f);
    if (r == 0)
        r = links_plan_make(s->t, &inside, SURVEY_LINKS, false, &f->plan);
    free(side);
    return r == ERR_LIMIT ? 0 : r; /* too large for a plan: then it has none */
}

int
survey_find(const struct survey *s, uint16_t country, unsigned threads,
            struct survey_found *ret)
{
    uint8_t *segment = calloc((size_t)s->t->count + 1, 1);
    uint8_t *stays = calloc((size_t)s->t->count + 1, 1);
    uint32_t networks = 0;
    int r = segment == NULL || stays == NULL ? ERR_NOMEM : 0;

    memset(ret, 0, sizeof *ret);
    ret->country = country;
    for (uint32_t i = 0; r == 0 && i < s->t->count; i++) {
        segment[i] = s->t->country[i] == country;
        networks += segment[i];
    }
    if (r == 0 && networks == 0)
        r = ERR_NOTFOUND;
    if (r == 0) {
        mark_stays(s->t, country, stays);
        r = find(s, segment, stays, threads, ret);
    }
    free(segment);
    free(stays);
    return r;
}

void
survey_found_release(struct survey_found *f)
{
    simulate_cut_release(&f->cut);
}
