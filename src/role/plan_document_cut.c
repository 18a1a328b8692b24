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
put_share(struct sheet *s, weight part, weight all)
{
    sheet_cell(s, true);
    buf_printf(s->to, "%.1f %%", inside_share(part, all) * 100);
}

static void
put_inside(struct sheet *s, const struct inside *i)
{
    put_share(s, i->strict, i->pairs);
    put_share(s, i->strict_weights, i->weights);
    sheet_end_row(s);
}

static void
put_cases(const struct plan_document *d, struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {WORD_PLAN_CASE, false}, {WORD_PLAN_BY_NETWORKS, true}, {WORD_PLAN_BY_ADDRESSES, true}};
    const struct inside *none = &d->cut->presence[0].inside;

    sheet_table(s, columns, sizeof columns / sizeof columns[0]);
    sheet_row(s, false);
    sheet_cell(s, false);
    sheet_word(s, WORD_PLAN_BEFORE);
    put_inside(s, &d->cut->before);
    for (unsigned k = 0; k < d->cut->cases; k++) {
        AUTO_SHEET_ARGS(a);

        sheet_row(s, false);
        sheet_cell(s, false);
        sheet_arg_number(&a, d->cut->presence[k].kept);
        sheet_arg_number(&a, d->cut->presence[k].neighbours);
        sheet_say(s, k == 0 ? WORD_PLAN_NOBODY : WORD_PLAN_STAY, &a);
        put_inside(s, &d->cut->presence[k].inside);
    }
    sheet_row(s, false);
    sheet_cell(s, false);
    sheet_word(s, WORD_PLAN_TRANSIT);
    put_share(s, none->component, none->pairs);
    put_share(s, none->component_weights, none->weights);
    sheet_end_row(s);
    sheet_end_table(s);
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
put_members(const struct plan_document *d, struct sheet_args *a, const struct island *i)
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
    sheet_arg(a);
}

static void
put_islands(const struct plan_document *d, struct sheet *s)
{
    const struct inside *i = &d->cut->presence[0].inside;
    uint32_t *many = calloc((size_t)d->topology->count + 1, sizeof *many);
    struct island top[ISLANDS + 2];
    unsigned count = 0;
    AUTO_SHEET_ARGS(a);

    sheet_paragraph(s, false);
    sheet_arg_number(&a, i->islands);
    sheet_arg_number(&a, i->singles);
    sheet_arg_number(&a, i->largest);
    sheet_say(s, WORD_PLAN_ISLANDS, &a);
    sheet_end_paragraph(s);
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
        sheet_list(s, false);
    for (unsigned k = 1; k < count; k++) { /* the first is the largest: all others */
        AUTO_SHEET_ARGS(b);

        sheet_item(s, k);
        sheet_arg_number(&b, top[k].networks);
        put_members(d, &b, &top[k]);
        sheet_say(s, WORD_PLAN_ISLAND, &b);
        sheet_end_item(s);
    }
    if (count > 1)
        sheet_end_list(s);
}

static void
put_outside(const struct plan_document *d, struct sheet *s)
{
    AUTO_SHEET_ARGS(a);

    sheet_paragraph(s, false);
    sheet_arg_number(&a, d->cut->stranded_count);
    for (uint32_t i = 0; i < d->cut->stranded_count && i < NAMED; i++)
        buf_printf(&a.text, "%sAS%u", i == 0 ? ": " : ", ",
                   d->topology->asn[d->cut->stranded[i]]);
    buf_text(&a.text, d->cut->stranded_count > NAMED ? " …" : ".");
    sheet_arg(&a);
    sheet_say(s, WORD_PLAN_OUTSIDE, &a);
    sheet_end_paragraph(s);
}

/* ---- failures and links ------------------------------------------------------------------ */

static void
put_network(const struct plan_document *d, struct sheet *s, uint32_t network)
{
    char code[16];

    country_format(d->topology->country[network], code);
    buf_printf(s->to, "AS%u (%s)", d->topology->asn[network], code);
}

static void
put_failure(const struct plan_document *d, struct sheet *s, const struct rank_row *row,
            bool link, uint32_t networks)
{
    sheet_row(s, false);
    sheet_cell(s, false);
    if (link) {
        put_network(d, s, d->rank->only[row->network]);
        buf_text(s->to, " – ");
    }
    put_network(d, s, row->network);
    sheet_cell(s, true);
    buf_printf(s->to, "%u", row->stranded);
    sheet_cell(s, true);
    buf_printf(s->to, "%.1f %%",
               networks == 0 ? 0.0 : 100.0 * (double)row->stranded / (double)networks);
    sheet_end_row(s);
}

static void
put_failures(const struct plan_document *d, struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {WORD_PLAN_FAILURE, false}, {WORD_PLAN_STRANDED, true}, {WORD_PLAN_SHARE, true}};
    uint32_t networks = d->cut->before.networks;
    uint32_t i = 0;
    uint32_t k = 0;

    sheet_heading(s, WORD_PLAN_FAILURES);
    if (d->failures + d->links == 0) {
        sheet_paragraph(s, true);
        sheet_word(s, WORD_PLAN_FAILURES_NONE);
        sheet_end_paragraph(s);
        return;
    }
    sheet_table(s, columns, sizeof columns / sizeof columns[0]);
    while ((i < d->failures || k < d->links) && i + k < FAILURES) {
        bool link =
            i == d->failures || (k < d->links && d->link[k].stranded > d->failure[i].stranded);

        if (link)
            put_failure(d, s, &d->link[k++], true, networks);
        else
            put_failure(d, s, &d->failure[i++], false, networks);
    }
    sheet_end_table(s);
}

static void
put_added(const struct plan_document *d, struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {WORD_PLAN_LINK, false}, {WORD_PLAN_GAIN, true}, {WORD_PLAN_AFTER, true}};
    const struct links_plan *p = d->added;
    double all;
    uint64_t pairs;

    sheet_heading(s, WORD_PLAN_LINKS);
    if (p == NULL || p->steps == 0) {
        sheet_paragraph(s, true);
        sheet_word(s, WORD_PLAN_LINKS_NONE);
        sheet_end_paragraph(s);
        return;
    }
    all = (double)p->networks * (double)(p->networks - 1);
    pairs = p->pairs;
    sheet_table(s, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < p->steps; i++) {
        pairs += p->step[i].gain;
        sheet_row(s, false);
        sheet_cell(s, false);
        put_network(d, s, p->step[i].a);
        buf_text(s->to, " – ");
        put_network(d, s, p->step[i].b);
        sheet_cell(s, true);
        buf_u64(s->to, p->step[i].gain);
        sheet_cell(s, true);
        buf_printf(s->to, "%.1f %%", all > 0 ? 100.0 * (double)pairs / all : 0.0);
        sheet_end_row(s);
    }
    sheet_end_table(s);
}

void
plan_document_cut(const struct plan_document *d, struct sheet *s)
{
    AUTO_SHEET_ARGS(a);

    sheet_heading(s, WORD_PLAN_RESULT);
    sheet_paragraph(s, false);
    sheet_arg_number(&a, d->cut->before.networks);
    sheet_say(s, WORD_PLAN_PAIRS, &a);
    sheet_end_paragraph(s);
    put_cases(d, s);
    put_islands(d, s);
    put_outside(d, s);
    put_failures(d, s);
    put_added(d, s);
}
