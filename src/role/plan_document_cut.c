/* What is left when a segment is cut off, which failures hurt most, and which links help. */
#include <stdio.h>
#include <stdlib.h>

#include "role/plan_document.h"

enum {
    NAMED = 20, /* networks in a sentence */
    FAILURES = 12,
    ISLANDS = 10, /* that are listed */
    MEMBERS = 12  /* … and of each */
};

static void
put_share(struct paper *s, weight part, weight all)
{
    paper_cell(s, true);
    buf_printf(s->to, "%.1f %%", inside_share(part, all) * 100);
}

static void
put_inside(struct paper *s, const struct inside *i)
{
    put_share(s, i->strict, i->pairs);
    put_share(s, i->strict_weights, i->weights);
    paper_end_row(s);
}

static void
put_cases(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_CASE, false}, {WORD_PLAN_BY_NETWORKS, true}, {WORD_PLAN_BY_ADDRESSES, true}};
    const struct inside *none = &d->cut->presence[0].inside;

    paper_table(s, columns, sizeof columns / sizeof columns[0]);
    paper_row(s, false);
    paper_cell(s, false);
    paper_word(s, WORD_PLAN_BEFORE);
    put_inside(s, &d->cut->before);
    for (unsigned k = 0; k < d->cut->cases; k++) {
        AUTO_PAPER_ARGS(a);

        paper_row(s, false);
        paper_cell(s, false);
        paper_arg_number(&a, d->cut->presence[k].kept);
        paper_arg_number(&a, d->cut->presence[k].neighbours);
        paper_say(s,
                  k > 0                           ? WORD_PLAN_STAY
                  : d->cut->presence[0].kept == 0 ? WORD_PLAN_NOBODY
                                                  : WORD_PLAN_STAY_NAMED,
                  &a);
        put_inside(s, &d->cut->presence[k].inside);
    }
    paper_row(s, false);
    paper_cell(s, false);
    paper_word(s, WORD_PLAN_TRANSIT);
    put_share(s, none->component, none->pairs);
    put_share(s, none->component_weights, none->weights);
    paper_end_row(s);
    paper_end_table(s);
}

/* ---- islands ----------------------------------------------------------------------------- */

struct island {
    uint32_t root;
    uint32_t networks;
};

static int
larger(const void *a, const void *b)
{
    const struct island *x = a;
    const struct island *y = b;

    if (x->networks != y->networks)
        return x->networks > y->networks ? -1 : 1;
    return (x->root > y->root) - (x->root < y->root);
}

static int
by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void
put_members(const struct plan_document *d, struct paper_args *a, const struct island *i)
{
    uint32_t asn[MEMBERS];
    uint32_t n = 0;

    for (uint32_t k = 0; k < d->topology->count && n < MEMBERS; k++) {
        if (d->in[k] && d->island[k] == i->root)
            asn[n++] = d->topology->asn[k];
    }
    qsort(asn, n, sizeof asn[0], by_number);
    for (uint32_t k = 0; k < n; k++)
        buf_printf(&a->text, "%sAS%u", k == 0 ? "" : ", ", asn[k]);
    buf_text(&a->text, i->networks > n ? " …" : "");
    paper_arg(a);
}

static void
put_islands(const struct plan_document *d, struct paper *s)
{
    const struct inside *i = &d->cut->presence[0].inside;
    uint32_t *many = calloc((size_t)d->topology->count + 1, sizeof *many);
    struct island top[ISLANDS + 2];
    unsigned count = 0;
    AUTO_PAPER_ARGS(a);

    paper_paragraph(s, false);
    paper_arg_number(&a, i->islands);
    paper_arg_number(&a, i->singles);
    paper_arg_number(&a, i->largest);
    paper_say(s, WORD_PLAN_ISLANDS, &a);
    paper_end_paragraph(s);
    for (uint32_t k = 0; many != NULL && k < d->topology->count; k++) {
        if (d->in[k])
            many[d->island[k]]++;
    }
    for (uint32_t k = 0; many != NULL && k < d->topology->count; k++) {
        if (many[k] < 2)
            continue;
        top[count++] = (struct island){k, many[k]};
        qsort(top, count, sizeof top[0], larger);
        count = count > ISLANDS + 1 ? ISLANDS + 1 : count;
    }
    free(many);
    if (count > 1)
        paper_list(s, false);
    for (unsigned k = 1; k < count; k++) { /* the first is the largest: all others */
        AUTO_PAPER_ARGS(b);

        paper_item(s, k);
        paper_arg_number(&b, top[k].networks);
        put_members(d, &b, &top[k]);
        paper_say(s, WORD_PLAN_ISLAND, &b);
        paper_end_item(s);
    }
    if (count > 1)
        paper_end_list(s);
}

static void
put_outside(const struct plan_document *d, struct paper *s)
{
    AUTO_PAPER_ARGS(a);

    paper_paragraph(s, false);
    paper_arg_number(&a, d->cut->stranded_count);
    for (uint32_t i = 0; i < d->cut->stranded_count && i < NAMED; i++)
        buf_printf(&a.text, "%sAS%u", i == 0 ? ": " : ", ",
                   d->topology->asn[d->cut->stranded[i]]);
    buf_text(&a.text, d->cut->stranded_count > NAMED ? " …" : ".");
    paper_arg(&a);
    paper_say(s, WORD_PLAN_OUTSIDE, &a);
    paper_end_paragraph(s);
}

/* ---- failures and links ------------------------------------------------------------------ */

static void
put_network(const struct plan_document *d, struct paper *s, uint32_t network)
{
    char code[16];

    country_format(d->topology->country[network], code);
    buf_printf(s->to, "AS%u (%s)", d->topology->asn[network], code);
}

static void
put_failure(const struct plan_document *d, struct paper *s, const struct rank_row *row,
            bool link, uint32_t networks)
{
    paper_row(s, false);
    paper_cell(s, false);
    if (link) {
        put_network(d, s, d->rank->only[row->network]);
        buf_text(s->to, " – ");
    }
    put_network(d, s, row->network);
    paper_cell(s, true);
    buf_printf(s->to, "%u", row->stranded);
    paper_cell(s, true);
    buf_printf(s->to, "%.1f %%",
               networks == 0 ? 0.0 : 100.0 * (double)row->stranded / (double)networks);
    paper_end_row(s);
}

static void
put_failures(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_FAILURE, false}, {WORD_PLAN_STRANDED, true}, {WORD_PLAN_SHARE, true}};
    uint32_t networks = d->cut->before.networks;
    uint32_t i = 0;
    uint32_t k = 0;

    paper_heading(s, WORD_PLAN_FAILURES);
    if (d->failures + d->links == 0) {
        paper_paragraph(s, true);
        paper_word(s, WORD_PLAN_FAILURES_NONE);
        paper_end_paragraph(s);
        return;
    }
    paper_table(s, columns, sizeof columns / sizeof columns[0]);
    while ((i < d->failures || k < d->links) && i + k < FAILURES) {
        bool link =
            i == d->failures || (k < d->links && d->link[k].stranded > d->failure[i].stranded);

        if (link)
            put_failure(d, s, &d->link[k++], true, networks);
        else
            put_failure(d, s, &d->failure[i++], false, networks);
    }
    paper_end_table(s);
}

static void
put_added(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_LINK, false}, {WORD_PLAN_GAIN, true}, {WORD_PLAN_AFTER, true}};
    const struct links_plan *p = d->added;
    weight reached;

    paper_heading(s, WORD_PLAN_LINKS);
    if (p == NULL || p->steps == 0) {
        paper_paragraph(s, true);
        paper_word(s, WORD_PLAN_LINKS_NONE);
        paper_end_paragraph(s);
        return;
    }
    reached = p->reached;
    paper_table(s, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < p->steps; i++) {
        reached += p->step[i].gain;
        paper_row(s, false);
        paper_cell(s, false);
        put_network(d, s, p->step[i].a);
        buf_text(s->to, " – ");
        put_network(d, s, p->step[i].b);
        paper_cell(s, true);
        buf_u64(s->to, weight_u64(p->step[i].gain));
        paper_cell(s, true);
        buf_printf(s->to, "%.1f %%", 100.0 * inside_share(reached, p->all));
        paper_end_row(s);
    }
    paper_end_table(s);
}

void
plan_document_cut(const struct plan_document *d, struct paper *s)
{
    AUTO_PAPER_ARGS(a);

    paper_heading(s, WORD_PLAN_RESULT);
    paper_paragraph(s, false);
    paper_arg_number(&a, d->cut->before.networks);
    paper_say(s, WORD_PLAN_PAIRS, &a);
    paper_end_paragraph(s);
    put_cases(d, s);
    put_islands(d, s);
    put_outside(d, s);
    put_failures(d, s);
    put_added(d, s);
}
