#include "role/taxii.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/uuid.h"
#include "role/egress.h"
#include "role/people.h"

struct asked {
    struct answers *a;
    const struct web_taxii *q;
    struct taxii_ground ground;
    struct taxii_ask *ask;
    struct buf *to;
    struct web_taxii_answer *ret;
    char party[PERSON_NAME]; /* of a person */
    struct egress_to to_whom;
    struct export_list gone;
    enum tlp tlp; /* of the last that was judged */
};

void
refuse_taxii(void *self, unsigned status, const char *why, struct buf *to)
{
    (void)self;
    taxii_refuse(to, status, why);
}

static int
refuse(struct asked *x, unsigned status, const char *why)
{
    x->ret->status = status;
    taxii_refuse(x->to, status, why);
    return buf_error(x->to);
}

static unsigned
method_of(unsigned web)
{
    return (web & (WEB_GET | WEB_HEAD)) != 0 ? TAXII_GET
           : web == WEB_POST                 ? TAXII_POST
           : web == WEB_DELETE               ? TAXII_DELETE
                                             : 0;
}

/* On to the engine, under an id that names what came of it. */
static int
pass(struct asked *x, struct load *l)
{
    const struct env *env = &x->a->view->node.env;
    uint8_t random[UUID_BYTES];

    env->random(env->self, random, sizeof random);
    uuid_random(random, x->ret->outcome);
    memcpy(l->ask.outcome, x->ret->outcome, sizeof l->ask.outcome);
    l->ask.with = *x->q->with;
    if (x->a->pass_load == NULL || x->a->pass_load(x->a, x->q->number, l) < 0)
        return refuse(x, 503, "the node does not take anything now");
    x->ret->waits = true;
    return 0;
}

static int
post(struct asked *x, const struct taxii_collection *c)
{
    struct load l;
    struct errinfo ei = {0};
    char why[320];
    int r;

    if (!taxii_is_content(x->q->content))
        return refuse(x, 415, NULL);
    if ((c->rights & RIGHT_WRITE) == 0 || x->to_whom.party.len > 0)
        return refuse(x, 403, "may not write here");
    load_init(&l);
    r = load_read(&x->ground, c, x->q->body, &l, &ei);
    if (r == 0)
        r = pass(x, &l);
    else if (r == ERR_INVALID) {
        (void)snprintf(why, sizeof why, "line %u, column %u: %s", ei.line, ei.column, ei.text);
        r = refuse(x, 400, why);
    } else if (r == ERR_CONF)
        r = refuse(x, 422, ei.text);
    else if (r == ERR_LIMIT)
        r = refuse(x, 413, ei.text);
    load_release(&l);
    return r;
}

/* None of those versions: the object itself may be there all the same. */
static int
nothing_to_drop(struct asked *x, const struct taxii_collection *c)
{
    bool has;
    int r = taxii_has(&x->ground, c, x->ask->object, &has);

    if (r < 0 || !has)
        return r < 0 ? r : refuse(x, 404, NULL);
    x->ret->status = 200;
    return 0;
}

static int
drop(struct asked *x, const struct taxii_collection *c)
{
    struct load l;
    const struct env *env = &x->a->view->node.env;
    struct load_drop d;
    int r;

    if (c->rights != (RIGHT_READ | RIGHT_WRITE) || x->to_whom.party.len > 0)
        return refuse(x, 403, "may not take anything away here");
    load_init(&l);
    d.ask = x->ask;
    d.to = x->to_whom;
    env->random(env->self, d.random, sizeof d.random);
    r = load_drop(&x->ground, c, &d, &l);
    if (r == ERR_NOTFOUND)
        r = nothing_to_drop(x, c);
    else if (r == 0)
        r = pass(x, &l);
    load_release(&l);
    return r;
}

/* What was passed on is done, or refused. */
static int
told(struct asked *x)
{
    unsigned status = x->q->told;
    int r;

    if (status != 200)
        return refuse(x, status, NULL);
    x->ret->status = 200;
    if (method_of(x->q->method) == TAXII_DELETE)
        return 0;
    x->ret->status = 202;
    r = taxii_status(&x->ground, slice_of(x->q->outcome), x->to);
    return r == ERR_NOTFOUND ? ERR_IO : r;
}

static int
change(struct asked *x)
{
    struct taxii_collection c;
    int r;

    if (x->q->told != 0)
        return told(x);
    r = taxii_find(&x->ground, x->ask->collection, &c);
    if (r < 0)
        return r == ERR_NOTFOUND ? refuse(x, 404, NULL) : r;
    return method_of(x->q->method) == TAXII_POST ? post(x, &c) : drop(x, &c);
}

static int
get(struct asked *x)
{
    struct taxii_answer a;
    int r = taxii_get(&x->ground, x->ask, x->to, &a);

    if (r < 0)
        return r;
    x->ret->status = a.status;
    x->ret->has_dates = a.has_dates;
    time_format(a.first, x->ret->first);
    time_format(a.last, x->ret->last);
    x->ret->first[TIME_TEXT] = x->ret->last[TIME_TEXT] = '\0';
    return 0;
}

static int
judge(struct asked *x)
{
    unsigned method = method_of(x->q->method);
    struct errinfo ei = {0};

    if (taxii_route(x->q->path, x->ask) < 0)
        return refuse(x, 404, NULL);
    if ((taxii_methods(x->ask->what) & method) == 0) {
        x->ret->allow = x->ask->what == TAXII_OBJECTS_OF ? "GET, HEAD, POST"
                        : x->ask->what == TAXII_OBJECT   ? "GET, HEAD, DELETE"
                                                         : "GET, HEAD";
        return refuse(x, 405, NULL);
    }
    if (!taxii_accepts(x->q->accept))
        return refuse(x, 406, NULL);
    for (unsigned i = 0; i < x->q->parameters; i++) {
        if (taxii_take(x->ask, x->q->parameter[i].name, x->q->parameter[i].value, &ei) < 0)
            return refuse(x, 400, ei.text);
    }
    return method == TAXII_GET ? get(x) : change(x);
}

static struct slice
title_of(const struct answers *a)
{
    const char *party = a->view->node.conf->party;

    return party == NULL || party[0] == '\0' ? SLICE("detente") : slice_of(party);
}

/* ---- who asks ---------------------------------------------------------------------------- */

static int
may_go(void *arg, const struct taxii_collection *c, const struct store_object *o)
{
    struct asked *x = arg;
    enum egress e;
    enum tlp tlp;
    int r = egress_of(&x->to_whom, o, slice_of(c->party), &e, &tlp);

    if (r < 0)
        return r;
    x->tlp = tlp;
    return egress_goes(e);
}

static int
went(void *arg, const struct taxii_collection *c, const struct store_object *o)
{
    struct asked *x = arg;

    (void)c;
    export_add(&x->gone, o);
    x->gone.tlp = x->tlp > x->gone.tlp ? x->tlp : x->gone.tlp;
    return buf_error(&x->gone.lines);
}

/* Before it goes: what cannot be kept does not. */
static int
keep_gone(struct asked *x)
{
    const struct env *env = &x->a->view->node.env;
    int r;

    (void)snprintf(x->gone.party, sizeof x->gone.party, "%.*s", (int)x->to_whom.party.len,
                   x->to_whom.party.ptr);
    r = exports_take(&x->a->exports, &x->gone, env->now_mono(env->self));
    buf_release(&x->gone.lines);
    if (r != ERR_LIMIT)
        return r;
    buf_reset(x->to);
    x->ret->has_dates = false;
    x->ret->wait_s = 1;
    return refuse(x, 503, "too much is on its way: ask again later");
}

/* For another party: what goes is judged, and kept. */
static void
is_of(struct asked *x, struct slice party)
{
    const struct env *env = &x->a->view->node.env;

    egress_recipient(x->a->book, x->a->view->node.conf, x->ground.store, party,
                     env->now_wall(env->self), &x->to_whom);
    if (x->to_whom.party.len == 0)
        return;
    x->ground.may_go = may_go;
    x->ground.went = went;
    x->ground.arg = x;
}

/* A counterpart, by the key of its certificate: of the first pact that pins it. */
static int
find_party(struct asked *x)
{
    const struct env *env = &x->a->view->node.env;
    const struct book *b = x->a->book;
    struct utime now = env->now_wall(env->self);

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        int at = book_pinned(p, x->q->spki, now);

        if (at >= 0 && at != p->self) {
            x->ground.pact = slice_of(p->pact->name);
            is_of(x, p->party[at].id);
            return 0;
        }
    }
    return ERR_AUTH;
}

static int
find_person(struct asked *x)
{
    const struct env *env = &x->a->view->node.env;
    struct people_seen seen;
    int r = people_look_for(x->ground.store, x->q->with, env->now_wall(env->self),
                            "exchange.use", &seen);

    if (r < 0)
        return r;
    x->ground.person = seen.who.id;
    r = store_get_party(x->ground.store, seen.who.id, x->party);
    if (r == 0)
        is_of(x, slice_of(x->party));
    return r;
}

int
answer_taxii(void *self, const struct web_taxii *q, struct buf *to,
             struct web_taxii_answer *ret)
{
    struct answers *a = self;
    struct asked x = {.a = a,
                      .q = q,
                      .ground = {.store = a->view->node.store,
                                 .now = a->view->node.env.now_wall(a->view->node.env.self),
                                 .title = title_of(a)},
                      .ask = calloc(1, sizeof *x.ask),
                      .to = to,
                      .ret = ret};
    int r = x.ask == NULL ? ERR_NOMEM : store_snapshot(x.ground.store); /* one lock for all */

    if (r == 0)
        r = q->spki != NULL ? find_party(&x) : find_person(&x);
    if (r == 0)
        r = judge(&x);
    if (r == 0)
        r = keep_gone(&x);
    else if (r == ERR_AUTH)
        r = refuse(&x, 401, "what was shown counts no more");
    store_settle(x.ground.store);
    free(x.ask);
    return r;
}
