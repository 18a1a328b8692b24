#include "role/arbiter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/leaf.h"
#include "model/text.h"
#include "role/arbiter_priv.h"
#include "role/engine_priv.h"
#include "wire/jcs.h"

enum {
    SAVE_US = 10000000, /* totals and place are kept so often */
    LOOK_US = 500000    /* how often it is asked whether evidence is cosigned */
};

/* ---- what judging tells ------------------------------------------------------------------ */

static void
opened(void *arg, const struct judge_opened *o)
{
    const struct court *c = arg;
    struct arbiter *a = c->a;
    const struct book_pact *p = &a->book->pact[c->pact];
    struct detected *d;

    if ((int)o->target_party != p->self || (int)o->origin_party == p->self ||
        !book_binds(p, (int)o->origin_party, o->totals.last))
        return;
    a->counts.found++;
    if (a->found_count == a->found_room) {
        unsigned room = a->found_room == 0 ? 64 : a->found_room * 2;
        struct detected **more =
            room > ARBITER_WAITING
                ? NULL
                : realloc((void *)a->found, room * sizeof(struct detected *));

        if (more == NULL) {
            a->counts.lost++;
            return;
        }
        a->found = more;
        a->found_room = room;
    }
    d = calloc(1, sizeof *d);
    if (d == NULL) {
        a->counts.lost++;
        return;
    }
    *d = (struct detected){.pact = p,
                           .number = o->number,
                           .obligation = o->obligation,
                           .origin_party = o->origin_party,
                           .origin = o->origin,
                           .collective = o->collective,
                           .class_ = o->class_,
                           .sensors = o->sensors,
                           .totals = o->totals,
                           .also_count = o->also_count,
                           .evidence_count = o->evidence_count};
    memcpy(d->also, o->also, o->also_count * sizeof d->also[0]);
    memcpy(d->evidence, o->evidence, o->evidence_count * sizeof d->evidence[0]);
    a->found[a->found_count++] = d;
}

static struct running *
find_running(const struct court *c, uint64_t number)
{
    for (unsigned i = 0; i < c->a->running_count; i++) {
        struct running *r = &c->a->running[i];

        if (r->pact == c->pact && r->number == number)
            return r;
    }
    return NULL;
}

static void
more(void *arg, const struct judge_more *m)
{
    const struct court *c = arg;

    struct running *r = find_running(c, m->number);

    if (r == NULL)
        return;
    r->totals = m->totals;
    r->also_count = m->also_count;
    memcpy(r->also, m->also, m->also_count * sizeof r->also[0]);
    r->more = r->changed = true;
}

/* A later word on the same window takes the place of an earlier one. */
static void
joined(void *arg, const struct judge_joined *w)
{
    const struct court *c = arg;
    struct running *r = find_running(c, w->number);
    unsigned at = 0;

    if (r == NULL)
        return;
    while (at < r->joined_count &&
           (r->joined[at].obligation != w->obligation ||
            memcmp(&r->joined[at].origin, &w->origin, sizeof w->origin) != 0))
        at++;
    if (at == RUNNING_JOINED)
        return;
    r->joined_count += at == r->joined_count;
    r->joined[at] = *w;
    r->changed = true;
}

void
arbiter_watch(struct arbiter *a, uint64_t block, const struct draft *d)
{
    enum { BATCH = 256 };
    struct judge_item item[BATCH];

    for (unsigned i = 0; i < BOOK_PACTS; i++) {
        if (a->court[i].judge == NULL)
            continue;
        for (uint32_t from = 0; from < d->count; from += BATCH) {
            uint32_t n = d->count - from < BATCH ? d->count - from : BATCH;

            for (uint32_t k = 0; k < n; k++)
                item[k] =
                    (struct judge_item){.event = &d->event[from + k], .id = {block, from + k}};
            judge_events(a->court[i].judge, item, n);
        }
    }
    a->counts.judged += d->count;
    a->judged = block;
}

/* ---- becoming a leaf --------------------------------------------------------------------- */

struct putting {
    struct arbiter *a;
    unsigned count;
    struct running made[ARBITER_TURN];
};

static int
put_one(struct putting *x, struct engine *e, const struct detected *d, struct errinfo *ei)
{
    uint8_t salt[LEAF_SALT];
    struct running *run = &x->made[x->count];
    struct incident_id id = {.n = 0};
    AUTO_BUF(text, 4096);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    AUTO_BUF(local, NOTICE_LOCAL);
    AUTO_BUF(told, NOTICE_LOCAL);
    struct utime now = engine_next_time(e);
    struct detected_leaf leaf = {.salt = salt, .since = now};
    struct slice self = d->pact->party[d->pact->self].id;
    struct slice pact = slice_of(d->pact->pact->name);
    struct hash detail;
    int r = store_next_incident(e->store, pact, &id.n);

    *run = (struct running){.pact = (unsigned)(d->pact - x->a->book->pact),
                            .number = d->number,
                            .totals = d->totals,
                            .also_count = d->also_count,
                            .since = now};
    memcpy(run->also, d->also, d->also_count * sizeof run->also[0]);
    (void)snprintf(id.notifier, sizeof id.notifier, "%.*s", (int)self.len, self.ptr);
    (void)incident_id_format(&id, run->name);
    if (r == 0)
        r = detected_last_leaf(e->store, d, &run->last_leaf);
    if (r < 0)
        return r;
    e->env->random(e->env->self, salt, sizeof salt);
    detected_open(d, slice_of(run->name), &text);
    detail = leaf_commit(salt, buf_get(&text));
    {
        const struct leaf_value values[] = {LEAF_HASH("detail", &detail),
                                            LEAF_TEXT("pact", pact)};

        r = leaf_write(&entry, LEAF_DETECTED, now, (struct leaf_values){values, 2}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &leaf.leaf);
    leaf.opened = buf_get(&text);
    leaf.last_leaf = run->last_leaf;
    detected_json(d, &leaf, &local);
    detected_told(d, slice_of(run->name), now, &told);
    if (r == 0 && (buf_error(&text) < 0 || buf_error(&local) < 0 || buf_error(&told) < 0))
        r = ERR_NOMEM;
    if (r == 0)
        r = store_put_incident(
            e->store, &(struct store_incident){.pact = pact,
                                               .name = slice_of(run->name),
                                               .party = d->pact->party[d->origin_party].id,
                                               .notifier = true,
                                               .opened = now,
                                               .local = buf_get(&local),
                                               .told = buf_get(&told)});
    if (r == 0)
        r = arbiter_put_known(x->a, e->store, run);
    x->count++;
    return r;
}

static int
put_found(void *arg, struct engine *e, struct errinfo *ei)
{
    struct putting *x = arg;
    struct arbiter *a = x->a;
    int r = 0;

    x->count = 0;
    for (unsigned i = a->found_from; r == 0 && i < a->found_count && x->count < ARBITER_TURN;
         i++)
        r = put_one(x, e, a->found[i], ei);
    /* All that was found is here with this: so far need not be judged again. */
    if (r == 0 && a->found_from + x->count == a->found_count)
        r = arbiter_put_place(a, e->store);
    return r;
}

int
arbiter_add_running(struct arbiter *a, const struct running *run)
{
    if (a->running_count == a->running_room) {
        unsigned room = a->running_room == 0 ? 64 : a->running_room * 2;
        struct running *more = realloc(a->running, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        a->running = more;
        a->running_room = room;
    }
    a->running[a->running_count++] = *run;
    return 0;
}

static int
record_found(struct arbiter *a, struct errinfo *ei)
{
    struct putting x = {.a = a};
    struct engine *e = a->o.talk->engine;
    int r = engine_check_room(e, 0);

    if (r == 0)
        r = engine_change(e, put_found, &x, NULL, ei);
    for (unsigned i = 0; r == 0 && i < x.count; i++) {
        free(a->found[a->found_from++]);
        r = arbiter_add_running(a, &x.made[i]);
    }
    if (a->found_from == a->found_count)
        a->found_from = a->found_count = 0;
    return r;
}

/* ---- notices ----------------------------------------------------------------------------- */

/* What is refused (the pact is not in force, a key is missing) stays where people see it. */
static bool
is_refusal(int r)
{
    return r == ERR_NOTFOUND || r == ERR_CONF || r == ERR_INVALID || r == ERR_LIMIT;
}

static int
send_notice(struct arbiter *a, struct running *run, struct errinfo *ei)
{
    const struct book_pact *p = &a->book->pact[run->pact];
    struct talk_say say = {.pact = slice_of(p->pact->name),
                           .incident = slice_of(run->name),
                           .type = MESSAGE_NOTICE,
                           .also = exhibits_keep};
    struct store_incident row;
    char to[PARTY_MAX + 1];
    AUTO_BUF(body, ENVELOPE_MAX);
    struct exhibits x;
    struct hash id;
    int r = exhibits_open(&x, a->o.talk->engine, a->o.talk->attrib);

    say.arg = &x;
    if (r == 0)
        r = notice_body(&x, p, say.incident, &body, ei);
    if (r == 0)
        r = store_get_incident(a->o.talk->store, say.pact, say.incident, &row);
    if (r == 0) {
        (void)snprintf(to, sizeof to, "%.*s", (int)row.party.len, row.party.ptr);
        say.to = slice_of(to);
        say.body = buf_get(&body);
        r = talk_say(a->o.talk, &say, &id, NULL, ei);
    }
    exhibits_close(&x);
    if (r == 0) {
        run->noticed = true;
        run->more = false;
        run->updated = a->o.env->now_mono(a->o.env->self);
    } else if (r == ERR_LIMIT) { /* of the day: it is tried again in an hour */
        a->o.env->log(a->o.env->self, ENV_WARN, ei->text);
        run->updated = a->o.env->now_mono(a->o.env->self);
        run->held_up = true;
        r = 0;
    } else if (is_refusal(r)) {
        a->o.env->log(a->o.env->self, ENV_WARN, ei->text);
        run->noticed = true; /* not tried again by itself; a person can */
        r = 0;
    }
    return r;
}

static int
look_at(struct arbiter *a, struct running *run, struct errinfo *ei)
{
    const struct book_pact *p = &a->book->pact[run->pact];
    struct utime now = a->o.env->now_wall(a->o.env->self);
    bool witnessed;
    int r;

    if (run->held_up && a->o.env->now_mono(a->o.env->self) - run->updated < ARBITER_UPDATE_US)
        return 0;
    r = notice_witnessed(a->o.talk->store, p, run->last_leaf, &witnessed);

    if (r < 0 || (!witnessed && now.us - run->since.us < p->pact->evidence_waits.us))
        return r;
    return send_notice(a, run, ei);
}

/* ---- what goes on ------------------------------------------------------------------------ */

static void
put_totals(struct buf *b, const struct judge_totals *t)
{
    char first[TIME_TEXT];
    char last[TIME_TEXT];

    time_format(t->first, first);
    time_format(t->last, last);
    buf_printf(b, "{\"first\":\"%.*s\",\"last\":\"%.*s\",\"events\":%llu,\"count\":%llu",
               TIME_TEXT, first, TIME_TEXT, last, (unsigned long long)t->events,
               (unsigned long long)t->count);
}

/* A figure of the notice that later messages repeat. */
static int64_t
noticed(struct store *s, const struct case_file *c, const char *name)
{
    struct store_message m;
    struct envelope e;
    struct slice value;
    int64_t n = 1;

    if (c->now.notice != UINT32_MAX && case_bytes(s, c, c->now.notice, &m) == 0 &&
        envelope_read(m.bytes, &e, NULL) == MESSAGE_FINE &&
        envelope_json(&e, name, &value) == 0)
        (void)!jcs_int(value, &n);
    return n;
}

/* Seen again after O acted, or more of the same before. */
static int
send_more(struct arbiter *a, struct running *run, const struct case_file *c, struct errinfo *ei)
{
    bool again = c->now.incident.state == INCIDENT_ACTED;
    AUTO_BUF(body, 4096);
    struct talk_say say = {.pact = slice_of(c->pact->pact->name),
                           .incident = slice_of(run->name),
                           .to = c->pact->party[c->responder].id,
                           .type = again ? MESSAGE_ACTIVITY : MESSAGE_UPDATE};
    struct hash id;
    int r;

    put_totals(&body, &run->totals);
    buf_text(&body, ",\"evidence\":[]");
    if (!again)
        buf_printf(&body, ",\"targets\":%u,\"e_grade\":%d,\"o_grade\":%d,\"text\":\"\"",
                   run->totals.targets, (int)noticed(a->o.talk->store, c, "e_grade"),
                   (int)noticed(a->o.talk->store, c, "o_grade"));
    buf_char(&body, '}');
    say.body = buf_get(&body);
    r = talk_say(a->o.talk, &say, &id, NULL, ei);
    run->more = false;
    run->updated = a->o.env->now_mono(a->o.env->self);
    if (r < 0 && is_refusal(r)) {
        a->o.env->log(a->o.env->self, ENV_WARN, ei->text);
        r = 0;
    }
    return r;
}

/* Closed: what comes next is judged from nothing. */
static int
follow(struct arbiter *a, struct running *run, bool *ret_over, struct errinfo *ei)
{
    const struct book_pact *p = &a->book->pact[run->pact];
    struct utime now = a->o.env->now_wall(a->o.env->self);
    int64_t mono = a->o.env->now_mono(a->o.env->self);
    struct store_incident row;
    struct case_file c;
    int r = store_get_incident(a->o.talk->store, slice_of(p->pact->name), slice_of(run->name),
                               &row);

    *ret_over = r == 0 && row.closed;
    if (*ret_over)
        (void)!judge_close(a->court[run->pact].judge, run->number);
    if (r < 0 || *ret_over || !run->more || !a->o.automatic ||
        mono - run->updated < ARBITER_UPDATE_US)
        return r == ERR_NOTFOUND ? 0 : r;
    r = case_read(a->o.talk->store, p, slice_of(run->name), now, &c);
    if (r == 0)
        r = send_more(a, run, &c, ei);
    case_release(&c);
    return r == ERR_NOTFOUND ? 0 : r;
}

int
arbiter_step(struct arbiter *a, struct errinfo *ei)
{
    int64_t now = a->o.env->now_mono(a->o.env->self);
    int r = 0;

    while (r == 0 && a->found_from < a->found_count)
        r = record_found(a, ei);
    if (r < 0 || now - a->looked < LOOK_US)
        return r == ERR_FULL ? 0 : r;
    a->looked = now;
    for (unsigned i = 0; i < BOOK_PACTS; i++) {
        if (a->court[i].judge != NULL)
            judge_flush(a->court[i].judge);
    }
    a->counts.waiting = 0;
    for (unsigned i = 0; r == 0 && i < a->running_count; i++) {
        struct running *run = &a->running[i];
        bool over = false;

        a->counts.waiting += !run->noticed;
        if (run->noticed)
            r = follow(a, run, &over, ei);
        else if (a->o.automatic)
            r = look_at(a, run, ei);
        if (over)
            a->running[i--] = a->running[--a->running_count];
    }
    if (r == 0 && now - a->saved >= SAVE_US) {
        a->saved = now;
        r = arbiter_keep(a, ei);
    }
    return r == ERR_FULL ? 0 : r;
}

struct arbiter_counts
arbiter_counts(const struct arbiter *a)
{
    return a->counts;
}

/* ---- life -------------------------------------------------------------------------------- */

static uint64_t
secret_of(const struct env *env)
{
    uint64_t secret;

    env->random(env->self, &secret, sizeof secret);
    return secret;
}

int
arbiter_open_court(struct arbiter *a, unsigned i, uint64_t number, struct errinfo *ei)
{
    const struct book_pact *p = &a->book->pact[i];
    const struct judge_limits limits = {.secret = secret_of(a->o.env), .number = number};
    const struct judge_output out = {opened, more, joined, &a->court[i]};

    a->court[i] = (struct court){.a = a, .pact = i};
    return p->self < 0 ? 0
                       : judge_new(p->pact, p->space, &limits, &out, &a->court[i].judge, ei);
}

static void
close_courts(struct arbiter *a)
{
    for (unsigned i = 0; i < BOOK_PACTS; i++)
        a->court[i].judge = judge_free(a->court[i].judge);
    for (unsigned i = a->found_from; i < a->found_count; i++)
        free(a->found[i]);
    a->found_from = a->found_count = 0;
}

int
arbiter_book(struct arbiter *a, struct errinfo *ei)
{
    int r = 0;

    while (r == 0 && a->found_from < a->found_count)
        r = record_found(a, ei);
    if (r == 0)
        r = arbiter_keep(a, ei);
    if (r < 0)
        return r;
    close_courts(a);
    a->running_count = 0;
    a->book = a->o.talk->book;
    return arbiter_take_up(a, ei);
}

int
arbiter_open(const struct arbiter_open *o, struct arbiter **ret, struct errinfo *ei)
{
    struct arbiter *a = calloc(1, sizeof *a);
    int r;

    if (a == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    a->o = *o;
    a->book = o->talk->book;
    r = arbiter_take_up(a, ei);
    if (r < 0) {
        (void)arbiter_close(a);
        return r;
    }
    *ret = a;
    return 0;
}

struct arbiter *
arbiter_close(struct arbiter *a)
{
    if (a == NULL)
        return NULL;
    close_courts(a);
    free(a->found);
    free(a->running);
    free(a);
    return NULL;
}
