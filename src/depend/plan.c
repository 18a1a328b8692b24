#include <stdlib.h>

#include "depend/plan_priv.h"
#include "depend/suppliers.h"

/* Services that lack the same are one group with a weight. */
enum { CHOICES = 16 /* links of one need that are looked at */ };

int
plan_grow(void **array, uint32_t *room, uint32_t count, size_t size)
{
    uint32_t more = *room * 2 + 256;
    void *to;

    if (count < *room)
        return 0;
    if (count >= PLAN_MOVES * 8)
        return ERR_LIMIT;
    to = realloc(*array, more * size);
    if (to == NULL)
        return ERR_NOMEM;
    *array = to;
    *room = more;
    return 0;
}

/* ---- what there is to move --------------------------------------------------------------- */

static int
put_move(struct planner *x, const struct need *n, struct slice what, bool unknown,
         uint32_t service, uint32_t *ret)
{
    AUTO_BUF(key, 1 << 16);
    struct plan_move *m;
    int r;

    buf_char(&key, (char)('A' + n->kind));
    buf_slice(&key, what);
    r = buf_error(&key) < 0 ? buf_error(&key) : texts_put(&x->keys, buf_get(&key), ret);
    if (r < 0 || *ret < x->p->moves)
        return r;
    r = plan_grow((void **)&x->p->move, &x->move_room, x->p->moves, sizeof *x->p->move);
    if (r < 0)
        return r;
    m = &x->p->move[x->p->moves++];
    *m = (struct plan_move){
        .what = what, .service = service, .kind = n->kind, .unknown = unknown};
    return 0;
}

/* Servers at home that only copy lack their primary; any other need lacks one of its links. */
static int
put_gap(struct planner *x, const struct need *n, uint32_t service)
{
    struct gap g = {.at = x->options};
    int r = plan_grow((void **)&x->gap, &x->gap_room, x->gaps, sizeof *x->gap);
    uint32_t links = n->primary == FACTS_NONE && n->subject.len == 0 ? n->links : 1;

    for (uint32_t i = 0; r == 0 && i < links && g.count < CHOICES; i++) {
        uint32_t place = n->primary == FACTS_NONE ? x->a->link[n->link_at + i] : n->primary;
        uint32_t move;
        bool twice = false;

        r = put_move(x, n, n->subject.len > 0 ? n->subject : audit_what(x->a, place),
                     x->a->place[place].verdict == VERDICT_UNKNOWN, service, &move);
        for (uint32_t k = 0; r == 0 && k < g.count; k++)
            twice |= x->option[g.at + k] == move;
        if (r < 0 || twice)
            continue;
        r = plan_grow((void **)&x->option, &x->option_room, x->options, sizeof *x->option);
        if (r == 0)
            x->option[x->options++] = move;
        g.count += r == 0;
    }
    if (r == 0)
        x->gap[x->gaps++] = g;
    return r;
}

static void
put_costs(struct planner *x, uint32_t gap_at, const struct service *s)
{
    uint32_t gaps = x->gaps - gap_at;

    for (uint32_t i = gap_at; i < x->gaps; i++) {
        for (uint32_t k = 0; k < x->gap[i].count; k++) {
            struct plan_move *m = &x->p->move[x->option[x->gap[i].at + k]];
            /* what is left over, in hundredths, is of the first: the sum is the cost */
            uint64_t share = s->cost / gaps + (i - gap_at < s->cost % gaps);

            m->users++;
            m->priced |= s->cost > 0;
            m->cost = share > m->cost ? share : m->cost;
            m->lead_days = s->lead_days > m->lead_days ? s->lead_days : m->lead_days;
        }
    }
}

/* The group of what was put since gap_at: a new one, or the gaps are taken back. */
static int
put_group(struct planner *x, uint32_t gap_at, uint32_t option_at, const struct service *s)
{
    AUTO_BUF(shape, 1 << 20);
    uint32_t g;
    int r;

    for (uint32_t i = gap_at; i < x->gaps; i++) {
        buf_add(&shape, &x->gap[i].count, sizeof x->gap[i].count);
        buf_add(&shape, x->option + x->gap[i].at, x->gap[i].count * sizeof *x->option);
    }
    r = buf_error(&shape) < 0 ? buf_error(&shape) : texts_put(&x->shapes, buf_get(&shape), &g);
    if (r == 0)
        r = plan_grow((void **)&x->group, &x->group_room, x->groups, sizeof *x->group);
    if (r < 0)
        return r;
    if (g == x->groups) {
        x->group[x->groups++] = (struct group){.gap_at = gap_at, .gaps = x->gaps - gap_at};
    } else {
        x->gaps = gap_at;
        x->options = option_at;
    }
    x->group[g].services++;
    x->group[g].criticality += s->criticality;
    return 0;
}

static int
collect(struct planner *x, struct utime horizon)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < x->a->count; i++) {
        const struct outcome *o = &x->a->outcome[i];
        const struct service *s = &x->in->services->service[i];
        uint32_t gap_at = x->gaps;
        uint32_t option_at = x->options;

        x->p->services++;
        x->p->criticality += s->criticality;
        if (o->least.us >= horizon.us) {
            x->p->already++;
            x->p->already_criticality += s->criticality;
            continue;
        }
        for (uint32_t k = 0; r == 0 && k < o->needs; k++) {
            const struct need *n = &x->a->need[o->need_at + k];

            if (n->least.us < horizon.us)
                r = put_gap(x, n, i);
        }
        if (r < 0 || x->gaps == gap_at)
            continue; /* nothing is known of it: nothing can be moved */
        put_costs(x, gap_at, s);
        r = put_group(x, gap_at, option_at, s);
    }
    for (uint32_t i = 0; i < x->p->moves; i++)
        x->p->move[i].cost = x->p->move[i].priced ? x->p->move[i].cost : 100;
    return r;
}

int
plan_make(const struct audit_input *in, const struct audit *a, struct utime horizon,
          uint32_t most, struct plan *ret)
{
    struct planner x = {.in = in, .a = a, .p = ret};
    int r;

    *ret = (struct plan){0};
    texts_init(&x.keys, in->facts->names.secret);
    texts_init(&x.shapes, in->facts->names.secret);
    r = collect(&x, horizon);
    if (r == 0)
        r = plan_steps(&x, most < x.groups ? most : x.groups);
    texts_release(&x.keys);
    texts_release(&x.shapes);
    free(x.gap);
    free(x.option);
    free(x.group);
    if (r < 0)
        plan_release(ret);
    return r;
}

struct slice
plan_move_alternative(const struct audit_input *in, const struct plan_move *m)
{
    const struct facts *f = in->facts;
    uint32_t fact = m->kind < DEPEND_SOFTWARE
                        ? FACTS_NONE
                        : suppliers_find(f, m->what, (enum depend_kind)m->kind);

    return fact == FACTS_NONE || f->fact[fact].target == TEXTS_NONE
               ? (struct slice){"", 0}
               : texts_get(&f->names, f->fact[fact].target);
}

struct slice
plan_alternative(const struct audit_input *in, const struct plan *p, const struct plan_step *s)
{
    struct slice found = {"", 0};

    for (uint32_t i = 0; found.len == 0 && i < s->moves; i++)
        found = plan_move_alternative(in, &p->move[p->order[s->move_at + i]]);
    for (uint32_t i = 0; found.len == 0 && i < s->moves; i++)
        found =
            in->services->service[p->move[p->order[s->move_at + i]].service].home_alternative;
    return found;
}

void
plan_release(struct plan *p)
{
    free(p->move);
    free(p->order);
    free(p->step);
    *p = (struct plan){0};
}
