/* Which services break and when, what to move home, and all that comes from outside. */
#include <stdio.h>
#include <stdlib.h>

#include "depend/suppliers.h"
#include "role/plan_document.h"

enum { SERVICES = 200, STEPS = 40, SUPPLIES = 300 /* rows that are listed */ };

static void
put_kind(struct paper *s, uint8_t kind)
{
    word_put_name(s->to, s->language, "depend",
                  slice_of(depend_kind_name((enum depend_kind)kind)));
}

static void
put_more(struct paper *s, uint32_t count, uint32_t listed)
{
    AUTO_PAPER_ARGS(a);

    if (count <= listed)
        return;
    paper_paragraph(s, true);
    paper_arg_number(&a, count - listed);
    paper_say(s, WORD_PLAN_MORE, &a);
    paper_end_paragraph(s);
}

static void
say_quietly(struct paper *s, enum word w)
{
    paper_paragraph(s, true);
    paper_word(s, w);
    paper_end_paragraph(s);
}

static struct slice
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slice_of(slash == NULL ? path : slash + 1);
}

/* ---- services ---------------------------------------------------------------------------- */

struct breaking {
    const struct outcome *o;
    const struct service *s;
    uint32_t at;
};

static int
sooner(const void *a, const void *b)
{
    const struct breaking *x = a;
    const struct breaking *y = b;

    if (x->o->least.us != y->o->least.us)
        return x->o->least.us < y->o->least.us ? -1 : 1;
    if (x->o->most.us != y->o->most.us)
        return x->o->most.us < y->o->most.us ? -1 : 1;
    if (x->s->criticality != y->s->criticality)
        return (int)y->s->criticality - (int)x->s->criticality;
    return (x->at > y->at) - (x->at < y->at);
}

static void
put_days(const struct plan_document *d, struct paper *s, const struct outcome *o)
{
    char text[AUDIT_DAYS];
    AUTO_PAPER_ARGS(a);
    bool at_once = o->least.us <= d->in_audit->at.us;

    paper_cell(s, true);
    paper_arg_text(s, &a, (struct slice){text, audit_days(d->in_audit->at, o->least, text)});
    if (o->most.us == DEPEND_NEVER.us) {
        if (at_once)
            paper_word(s, WORD_PLAN_UNKNOWN);
        else
            paper_say(s, WORD_PLAN_AT_LEAST, &a);
    } else if (o->most.us <= d->in_audit->at.us) {
        paper_word(s, WORD_PLAN_NOW);
    } else if (o->most.us == o->least.us) {
        paper_text(s, (struct slice){text, audit_days(d->in_audit->at, o->least, text)});
    } else {
        paper_arg_text(s, &a, (struct slice){text, audit_days(d->in_audit->at, o->most, text)});
        paper_say(s, WORD_PLAN_BETWEEN, &a);
    }
}

static void
put_service(const struct plan_document *d, struct paper *s, const struct breaking *b)
{
    char day[TIME_TEXT];
    AUTO_BUF(what, 1 << 16);

    paper_row(s, b->o->verdict == VERDICT_OUTSIDE);
    paper_cell(s, false);
    paper_text(s, b->s->name);
    paper_cell(s, false);
    paper_text(s, b->s->owner);
    paper_cell(s, true);
    buf_u64(s->to, b->s->criticality);
    put_days(d, s, b->o);
    paper_cell(s, false);
    if (b->o->most.us > d->in_audit->at.us && b->o->most.us <= TIME_MAX.us)
        buf_slice(s->to, plan_document_day(b->o->most, day));
    paper_cell(s, false);
    if (b->o->first != FACTS_NONE) {
        const struct need *n = &d->audit->need[b->o->first];

        audit_need_text(d->audit, n, &what);
        put_kind(s, n->kind);
        buf_text(s->to, " ");
        paper_text(s, buf_get(&what));
    }
    paper_end_row(s);
}

static int
put_services(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_SERVICE, false}, {WORD_PLAN_OWNER, false}, {WORD_PLAN_CRITICALITY, true},
        {WORD_PLAN_LASTS, true},    {WORD_PLAN_UNTIL, false}, {WORD_PLAN_FIRST, false}};
    struct breaking *list = calloc((size_t)d->audit->count + 1, sizeof *list);
    uint32_t count = 0;
    AUTO_PAPER_ARGS(a);

    if (list == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < d->audit->count; i++) {
        const struct outcome *o = &d->audit->outcome[i];

        if (o->least.us != DEPEND_NEVER.us)
            list[count++] = (struct breaking){o, &d->in_audit->services->service[i], i};
    }
    qsort(list, count, sizeof *list, sooner);
    paper_paragraph(s, false);
    paper_arg_number(&a, count);
    paper_arg_number(&a, d->audit->count);
    paper_say(s, WORD_PLAN_SERVICES_HOLD, &a);
    paper_end_paragraph(s);
    if (count > 0)
        paper_table(s, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < count && i < SERVICES; i++)
        put_service(d, s, &list[i]);
    if (count > 0)
        paper_end_table(s);
    put_more(s, count, SERVICES);
    free(list);
    return 0;
}

/* ---- what to move home ------------------------------------------------------------------- */

static void
put_moves(const struct plan *p, struct paper *s, const struct plan_step *step)
{
    paper_cell(s, false);
    for (uint32_t i = 0; i < step->moves; i++) {
        const struct plan_move *m = &p->move[p->order[step->move_at + i]];
        AUTO_PAPER_ARGS(a);

        buf_text(s->to, i == 0 ? "" : "; ");
        if (!m->unknown) {
            put_kind(s, m->kind);
            buf_text(s->to, " ");
            paper_text(s, m->what);
            continue;
        }
        word_put_name(&a.text, s->language, "depend",
                      slice_of(depend_kind_name((enum depend_kind)m->kind)));
        buf_text(&a.text, " ");
        paper_arg_text(s, &a, m->what);
        paper_say(s, WORD_PLAN_FIND_OUT, &a);
    }
}

/* Of each supplier that has one; where none has, the service's. */
static void
put_alternatives(const struct plan_document *d, struct paper *s, const struct plan_step *step)
{
    unsigned count = 0;

    paper_cell(s, false);
    for (uint32_t i = 0; i < step->moves; i++) {
        struct slice one = plan_move_alternative(
            d->in_audit, &d->moves->move[d->moves->order[step->move_at + i]]);

        if (one.len == 0)
            continue;
        buf_text(s->to, count++ > 0 ? "; " : "");
        paper_text(s, one);
    }
    if (count == 0)
        paper_text(s, plan_alternative(d->in_audit, d->moves, step));
}

static void
put_step(const struct plan_document *d, struct paper *s, uint32_t i, uint32_t so_far)
{
    const struct plan_step *step = &d->moves->step[i];

    paper_row(s, false);
    paper_cell(s, true);
    buf_u64(s->to, i + 1);
    put_moves(d->moves, s, step);
    paper_cell(s, true);
    buf_u64(s->to, step->services);
    paper_cell(s, true);
    buf_printf(s->to, "%u (%.0f %%)", so_far,
               100.0 * (double)so_far / (double)d->moves->services);
    paper_cell(s, true);
    buf_printf(s->to, "%llu.%02u", (unsigned long long)(step->cost / 100),
               (unsigned)(step->cost % 100));
    paper_cell(s, true);
    if (step->lead_days > 0)
        buf_u64(s->to, step->lead_days);
    put_alternatives(d, s, step);
    paper_end_row(s);
}

static void
put_plan(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_STEP, true},        {WORD_PLAN_WHAT, false}, {WORD_PLAN_BUYS, true},
        {WORD_PLAN_SO_FAR, true},      {WORD_PLAN_COST, true},  {WORD_PLAN_LEAD, true},
        {WORD_PLAN_ALTERNATIVE, false}};
    uint32_t so_far = d->moves->already;
    AUTO_PAPER_ARGS(a);

    paper_paragraph(s, false);
    paper_arg_number(&a, d->moves->already);
    paper_arg_number(&a, d->moves->services);
    paper_say(s, WORD_PLAN_MOVE_NOW, &a);
    paper_end_paragraph(s);
    if (d->moves->steps == 0) {
        say_quietly(s, WORD_PLAN_MOVE_NONE);
        return;
    }
    paper_table(s, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < d->moves->steps && i < STEPS; i++) {
        so_far += d->moves->step[i].services;
        put_step(d, s, i, so_far);
    }
    paper_end_table(s);
    put_more(s, d->moves->steps, STEPS);
}

/* ---- what comes from outside ------------------------------------------------------------- */

/* One link of one need, and then all of the same kind and place. */
struct supply {
    int64_t least;
    uint32_t place;
    uint32_t service; /* the last of them */
    uint32_t first;   /* need, */
    uint32_t at;      /* its link, */
    uint32_t of;      /* and service, that say so */
    uint32_t services;
    uint32_t parts;
    uint8_t kind;
};

static int
by_place(const void *a, const void *b)
{
    const struct supply *x = a;
    const struct supply *y = b;

    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->service != y->service)
        return x->service < y->service ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int
most_used(const void *a, const void *b)
{
    const struct supply *x = a;
    const struct supply *y = b;

    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    if (x->services != y->services)
        return x->services > y->services ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Components whose supplier nobody names are counted only. */
static bool
is_nameless(const struct plan_document *d, const struct need *n)
{
    return n->part != 0 && d->in_audit->services->part[n->part - 1].supplier.len == 0;
}

static uint32_t
collect(const struct plan_document *d, struct supply *to, uint64_t *ret_nameless)
{
    const struct audit *a = d->audit;
    uint32_t count = 0;

    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t k = 0; k < a->outcome[i].needs; k++) {
            const struct need *n = &a->need[a->outcome[i].need_at + k];

            *ret_nameless += is_nameless(d, n);
            for (uint32_t l = 0; l < n->links && !is_nameless(d, n); l++) {
                uint32_t place = a->link[n->link_at + l];

                if (a->place[place].verdict != VERDICT_INSIDE)
                    to[count++] = (struct supply){.least = n->least.us,
                                                  .place = place,
                                                  .service = i,
                                                  .first = (uint32_t)(n - a->need),
                                                  .at = l,
                                                  .of = i,
                                                  .services = 1,
                                                  .parts = n->part != 0,
                                                  .kind = n->kind};
            }
        }
    }
    return count;
}

static uint32_t
group(struct supply *list, uint32_t count)
{
    uint32_t n = 0;

    qsort(list, count, sizeof *list, by_place);
    for (uint32_t i = 0; i < count; i++) {
        struct supply *last = n == 0 ? NULL : &list[n - 1];

        if (last == NULL || last->kind != list[i].kind || last->place != list[i].place) {
            list[n++] = list[i];
            continue;
        }
        last->services += last->service != list[i].service;
        last->service = list[i].service;
        last->parts += list[i].parts;
        last->least = list[i].least < last->least ? list[i].least : last->least;
    }
    qsort(list, n, sizeof *list, most_used);
    return n;
}

static void
put_where(const struct plan_document *d, struct paper *s, const struct supply *x)
{
    const struct place *p = &d->audit->place[x->place];
    char day[TIME_TEXT];
    AUTO_PAPER_ARGS(a);

    if (p->verdict == VERDICT_UNKNOWN) {
        paper_word(s, WORD_PLACE_UNKNOWN);
    } else if (x->least > d->in_audit->at.us && x->least <= TIME_MAX.us) {
        buf_slice(&a.text, plan_document_day((struct utime){x->least}, day));
        paper_arg(&a);
        paper_say(s, WORD_PLACE_CACHED, &a);
    } else {
        paper_word(s, WORD_PLACE_OUTSIDE);
    }
}

/* `suppliers.csv:3`; separator before it. */
static bool
put_said(const struct plan_document *d, struct paper *s, const struct supply *x,
         const char *separator)
{
    struct audit_said said =
        audit_said_link(d->in_audit, d->audit, &d->in_audit->services->service[x->of],
                        &d->audit->need[x->first], x->at);
    bool listed = said.file == NULL && said.line > 0 && d->services_file != NULL;

    if (said.file == NULL && !listed)
        return false;
    buf_text(s->to, separator);
    paper_text(s, listed ? slice_of(d->services_file) : last_part(said.file->name));
    if (said.line > 0)
        buf_printf(s->to, ":%u", said.line);
    return true;
}

/* The rule, `suppliers.csv:3`, `rir 2026-06-01`, `topology 2024-01-01`. */
static void
put_source(const struct plan_document *d, struct paper *s, const struct supply *x)
{
    const struct place *p = &d->audit->place[x->place];
    const struct attrib_dataset *set = attrib_dataset(d->in_audit->attrib, p->dataset);
    char day[TIME_TEXT];
    bool any = p->rule != NULL;

    if (any)
        paper_text(s, slice_of(p->rule->text));
    any |= put_said(d, s, x, any ? "; " : "");
    if (any && (p->dataset == PLACE_BY_NETWORK || set != NULL))
        buf_text(s->to, "; ");
    if (p->dataset == PLACE_BY_NETWORK) {
        buf_text(s->to, "topology ");
        paper_text(s, slice_of(d->networks_date));
    } else if (set != NULL) {
        paper_text(s, slice_of(set->name));
        buf_text(s->to, " ");
        if (set->date.us > 0 && set->date.us <= TIME_MAX.us)
            buf_slice(s->to, plan_document_day(set->date, day));
    }
}

static void
put_supply(const struct plan_document *d, struct paper *s, const struct supply *x)
{
    const struct place *p = &d->audit->place[x->place];
    const struct facts *f = d->in_audit->facts;
    uint32_t fact =
        x->kind < DEPEND_SOFTWARE
            ? FACTS_NONE
            : suppliers_find(f, audit_what(d->audit, x->place), (enum depend_kind)x->kind);
    char code[16] = "";

    country_format(p->country, code);
    paper_row(s, false);
    paper_cell(s, false);
    put_kind(s, x->kind);
    paper_cell(s, false);
    paper_text(s, audit_what(d->audit, x->place));
    paper_cell(s, false);
    paper_text(s, slice_of(p->country == COUNTRY_UNKNOWN ? "" : code));
    paper_cell(s, false);
    put_where(d, s, x);
    paper_cell(s, true);
    buf_u64(s->to, x->services);
    paper_cell(s, true);
    if (x->kind >= DEPEND_SOFTWARE && x->parts > 0)
        buf_u64(s->to, x->parts);
    paper_cell(s, false);
    if (fact != FACTS_NONE && f->fact[fact].target != TEXTS_NONE)
        paper_text(s, texts_get(&f->names, f->fact[fact].target));
    paper_cell(s, false);
    put_source(d, s, x);
    paper_end_row(s);
}

static int
put_supplies(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {
        {WORD_PLAN_KIND, false},        {WORD_PLAN_WHO, false},   {WORD_PLAN_COUNTRY, false},
        {WORD_PLAN_VERDICT, false},     {WORD_PLAN_USERS, true},  {WORD_PLAN_PARTS, true},
        {WORD_PLAN_ALTERNATIVE, false}, {WORD_PLAN_SOURCE, false}};
    struct supply *list = calloc((size_t)d->audit->links + 1, sizeof *list);
    uint64_t nameless = 0;
    uint32_t count;
    AUTO_PAPER_ARGS(a);

    if (list == NULL)
        return ERR_NOMEM;
    count = group(list, collect(d, list, &nameless));
    if (count == 0)
        say_quietly(s, WORD_PLAN_SUPPLY_NONE);
    else
        paper_table(s, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < count && i < SUPPLIES; i++)
        put_supply(d, s, &list[i]);
    if (count > 0)
        paper_end_table(s);
    free(list);
    put_more(s, count, SUPPLIES);
    if (nameless > 0) {
        paper_paragraph(s, false);
        paper_arg_number(&a, nameless);
        paper_say(s, WORD_PLAN_SUPPLY_NAMELESS, &a);
        paper_end_paragraph(s);
    }
    return 0;
}

int
plan_document_depend(const struct plan_document *d, struct paper *s)
{
    int r;

    paper_heading(s, WORD_PLAN_SERVICES);
    if (d->audit == NULL) {
        say_quietly(s, WORD_PLAN_SERVICES_NONE);
        return 0;
    }
    r = put_services(d, s);
    if (r < 0)
        return r;
    paper_heading(s, WORD_PLAN_MOVE);
    put_plan(d, s);
    paper_heading(s, WORD_PLAN_SUPPLY);
    return put_supplies(d, s);
}
