/* Which observations a pattern's brackets can be bound to. */
#include "stix/pattern_priv.h"

#include <stdlib.h>

/* ---- the choice so far ---------------------------------------------------------------------
 */

/* What a qualifier, or a side of FOLLOWEDBY, has of the binding. */
struct scope {
    struct scope *parent;
    const struct node *node; /* of the qualifier; NULL of a side */
    struct scope *before;    /* of the right side: the left one */
    struct scope *behind;    /* of the left side: the right one */
    int64_t latest_first;
    int64_t earliest_last;
    uint32_t bound;
};

struct goal {
    const struct node *node;
    uint32_t times; /* still so many; 0: as the node says */
    uint32_t from;  /* of one bracket repeated: the observation that is tried next */
    struct scope *scope;
    const struct goal *next;
};

/* Of a scope, before something was bound in it. */
struct kept {
    int64_t latest_first;
    int64_t earliest_last;
};

struct search {
    const struct observed *o;
    uint8_t *holds; /* by bracket and observation */
    uint64_t *left; /* of each observation: so many times it is not bound */
    struct kept *kept;
    uint32_t kept_count;
    uint32_t depth;
    uint64_t steps;
    int fault;
};

enum { SCOPES = 256 };

enum fit { FITS, FITS_NOT, FITS_NONE_LATER };

/* As it would be with one more. */
static enum fit
fits(const struct scope *s, const struct observation *x)
{
    const struct node *q = s->node;
    int64_t first =
        s->bound > 0 && s->latest_first > x->first.us ? s->latest_first : x->first.us;
    int64_t last =
        s->bound > 0 && s->earliest_last < x->last.us ? s->earliest_last : x->last.us;

    if (q != NULL && q->kind == NODE_WITHIN && (double)(first - last) > q->seconds * 1e6)
        return s->bound > 0 && (double)(x->first.us - s->earliest_last) > q->seconds * 1e6
                   ? FITS_NONE_LATER
                   : FITS_NOT;
    if (q != NULL && q->kind == NODE_BETWEEN && x->first.us >= q->until.us)
        return FITS_NONE_LATER;
    if (q != NULL && q->kind == NODE_BETWEEN && x->last.us < q->from.us)
        return FITS_NOT;
    if (s->behind != NULL && s->behind->bound > 0 && first > s->behind->earliest_last)
        return x->first.us > s->behind->earliest_last ? FITS_NONE_LATER : FITS_NOT;
    if (s->before != NULL && s->before->bound > 0 && s->before->latest_first > last)
        return FITS_NOT;
    return FITS;
}

static enum fit
fits_all(const struct scope *s, const struct observation *x)
{
    for (; s != NULL; s = s->parent) {
        enum fit f = fits(s, x);

        if (f != FITS)
            return f;
    }
    return FITS;
}

static void
bind_in(struct search *s, struct scope *in, const struct observation *x)
{
    for (; in != NULL; in = in->parent) {
        s->kept[s->kept_count++] = (struct kept){in->latest_first, in->earliest_last};
        if (in->bound == 0 || x->first.us > in->latest_first)
            in->latest_first = x->first.us;
        if (in->bound == 0 || x->last.us < in->earliest_last)
            in->earliest_last = x->last.us;
        in->bound++;
    }
}

static void
unbind(struct search *s, struct scope *in, uint32_t from)
{
    s->kept_count = from;
    for (uint32_t i = from; in != NULL; in = in->parent, i++) {
        in->latest_first = s->kept[i].latest_first;
        in->earliest_last = s->kept[i].earliest_last;
        in->bound--;
    }
}

/* ---- the search ----------------------------------------------------------------------------
 */

/* NOLINTBEGIN(misc-no-recursion): as deep as PATTERN_BOUND */

static bool solve(struct search *s, const struct goal *g);

/* Binds observation i so many times, goes on, and takes it back. */
static bool
try_one(struct search *s, const struct goal *g, uint32_t i, uint32_t times)
{
    uint32_t rest = (g->times == 0 ? 1 : g->times) - times;
    struct goal more = {g->node, rest, i + 1, g->scope, g->next};
    uint32_t from = s->kept_count;
    bool found;

    bind_in(s, g->scope, &s->o->at[i]);
    s->left[i] -= times;
    found = solve(s, rest > 0 ? &more : g->next);
    s->left[i] += times;
    unbind(s, g->scope, from);
    return found;
}

/* Whether so many are there at all, as it stands: else every choice of fewer would be tried. */
static bool
is_enough(struct search *s, const struct goal *g, uint32_t times)
{
    const uint8_t *holds = s->holds + (size_t)g->node->leaf * s->o->count;
    uint64_t there = 0;

    for (uint32_t i = g->from; times > 1 && there < times && i < s->o->count; i++) {
        enum fit f = holds[i] && s->left[i] > 0 ? fits_all(g->scope, &s->o->at[i]) : FITS_NOT;

        s->steps++;
        if (f == FITS_NONE_LATER)
            break;
        there += f == FITS ? s->left[i] : 0;
    }
    return times <= 1 || there >= times;
}

/* One bracket, so many times: observations in their order, so that no set is tried twice. */
static bool
bind(struct search *s, const struct goal *g)
{
    const uint8_t *holds = s->holds + (size_t)g->node->leaf * s->o->count;
    uint32_t times = g->times == 0 ? 1 : g->times;

    for (uint32_t i = g->from; i < s->o->count && is_enough(s, g, times); i++) {
        uint32_t most = s->left[i] < times ? (uint32_t)s->left[i] : times;
        enum fit f = holds[i] && most > 0 ? fits_all(g->scope, &s->o->at[i]) : FITS_NOT;

        if (++s->steps > PATTERN_STEPS)
            s->fault = ERR_LIMIT;
        if (s->fault < 0 || f == FITS_NONE_LATER)
            return false;
        for (uint32_t k = f == FITS ? most : 0; k > 0 && s->fault == 0; k--) {
            if (try_one(s, g, i, k))
                return true;
            if (++s->steps > PATTERN_STEPS)
                s->fault = ERR_LIMIT;
        }
    }
    return false;
}

static bool
solve_followed(struct search *s, const struct goal *g)
{
    struct scope left = {.parent = g->scope};
    struct scope right = {.parent = g->scope, .before = &left};
    struct goal second = {g->node->right, 0, 0, &right, g->next};
    struct goal first = {g->node->left, 0, 0, &left, &second};

    left.behind = &right;
    return solve(s, &first);
}

static bool
solve_all(struct search *s, const struct goal *g)
{
    struct goal second = {g->node->right, 0, 0, g->scope, g->next};
    struct goal first = {g->node->left, 0, 0, g->scope, &second};

    return solve(s, &first);
}

static bool
solve_either(struct search *s, const struct goal *g)
{
    struct goal one = {g->node->left, 0, 0, g->scope, g->next};
    struct goal other = {g->node->right, 0, 0, g->scope, g->next};

    return solve(s, &one) || (s->fault == 0 && solve(s, &other));
}

/* A bracket by itself is repeated in one place, anything else one after another. */
static bool
solve_repeats(struct search *s, const struct goal *g)
{
    const struct node *n = g->node;
    uint32_t times = g->times == 0 ? n->times : g->times;
    struct goal more = {n, times - 1, 0, g->scope, g->next};
    struct goal one = {n->left, 0, 0, g->scope, times > 1 ? &more : g->next};
    struct goal all = {n->left, times, 0, g->scope, g->next};

    return solve(s, n->left->kind == NODE_OBSERVED ? &all : &one);
}

static bool
solve_qualified(struct search *s, const struct goal *g)
{
    struct scope scope = {.parent = g->scope, .node = g->node};
    struct goal inner = {g->node->left, 0, 0, &scope, g->next};

    return solve(s, &inner);
}

static bool
solve(struct search *s, const struct goal *g)
{
    bool found = false;

    if (g == NULL)
        return true;
    if (s->depth == PATTERN_BOUND)
        s->fault = ERR_LIMIT;
    if (s->fault < 0)
        return false;
    s->depth++;
    switch ((int)g->node->kind) {
    case NODE_OBSERVED: found = bind(s, g); break;
    case NODE_ALL: found = solve_all(s, g); break;
    case NODE_EITHER: found = solve_either(s, g); break;
    case NODE_FOLLOWED: found = solve_followed(s, g); break;
    case NODE_REPEATS: found = solve_repeats(s, g); break;
    default: found = solve_qualified(s, g); break;
    }
    s->depth--;
    return found;
}

/* ---- what each bracket can be --------------------------------------------------------------
 */

static void
hold(struct search *s, struct asking *a, const struct node *n)
{
    uint8_t *holds = s->holds + (size_t)n->leaf * s->o->count;

    for (uint32_t i = 0; i < s->o->count; i++) {
        const struct observation *x = &s->o->at[i];

        a->of = x;
        for (uint32_t k = 0; k < x->objects && !holds[i]; k++)
            holds[i] = pattern_holds(a, n->left, s->o->object[x->from + k]);
    }
}

static void
hold_all(struct search *s, struct asking *a, const struct node *n)
{
    if (n == NULL)
        return;
    if (n->kind == NODE_OBSERVED) {
        hold(s, a, n);
        return;
    }
    hold_all(s, a, n->left);
    hold_all(s, a, n->right);
}

/* How many scopes lie in each other. */
static unsigned
scopes_of(const struct node *n)
{
    unsigned left = n == NULL ? 0 : scopes_of(n->left);
    unsigned right = n == NULL ? 0 : scopes_of(n->right);
    unsigned most = left > right ? left : right;

    return n == NULL || n->kind >= NODE_AND ? 0
           : n->kind == NODE_FOLLOWED || n->kind == NODE_WITHIN || n->kind == NODE_BETWEEN
               ? most + 1
               : most;
}

/* NOLINTEND(misc-no-recursion) */

int
pattern_match(const struct pattern *p, const struct observed *o, bool *ret)
{
    struct search s = {.o = o};
    struct asking a = {.all = o};
    struct goal root = {p->root, 0, 0, NULL, NULL};
    unsigned scopes = scopes_of(p->root);

    *ret = false;
    if (o->count == 0)
        return 0;
    if (scopes > SCOPES)
        return ERR_LIMIT;
    s.holds = calloc((size_t)p->leaves * o->count, 1);
    s.left = malloc(o->count * sizeof *s.left);
    s.kept = malloc((PATTERN_BOUND * (size_t)scopes + 1) * sizeof *s.kept);
    if (s.holds == NULL || s.left == NULL || s.kept == NULL)
        s.fault = ERR_NOMEM;
    if (s.fault == 0) {
        for (uint32_t i = 0; i < o->count; i++)
            s.left[i] = o->at[i].count;
        hold_all(&s, &a, p->root);
        s.fault = a.no_memory ? ERR_NOMEM : 0;
    }
    if (s.fault == 0)
        *ret = solve(&s, &root);
    free(s.holds);
    free(s.left);
    free(s.kept);
    return *ret ? 0 : s.fault;
}
