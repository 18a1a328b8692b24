/* Judging goes on where it stopped: what was open is told to the courts again, and the events
 * that windows may still depend on are judged once more, with nothing told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/arbiter_priv.h"
#include "store/query.h"
#include "wire/jcs.h"

enum {
    BATCH = 256,
    MOST = 20000000, /* events that are judged again: some seconds */
    WORDS_MAX = 1 << 16,
    TOTALS = 12
};

/* ---- what is kept ------------------------------------------------------------------------ */

static void
meta_of(const struct arbiter *a, const struct running *run, char to[128])
{
    (void)snprintf(to, 128, "judge.%s.%llu", a->book->pact[run->pact].pact->name,
                   (unsigned long long)run->number);
}

static void
put_number(struct buf *b, int64_t n)
{
    if (b->ptr[b->len - 1] != '[')
        buf_char(b, ',');
    buf_i64(b, n);
}

/* Totals, the other obligations, and their windows: canonical. */
static void
write_known(const struct arbiter *a, const struct running *run, struct buf *b)
{
    const struct pact *p = a->book->pact[run->pact].pact;
    const struct judge_totals *t = &run->totals;

    buf_text(b, "{\"also\":[");
    for (unsigned i = 0; i < run->also_count; i++)
        buf_printf(b, i == 0 ? "\"%s\"" : ",\"%s\"", p->obligation[run->also[i]].id);
    buf_text(b, "],\"joined\":[");
    for (unsigned i = 0; i < run->joined_count; i++) {
        const struct judge_joined *w = &run->joined[i];
        char prefix[PREFIX_TEXT] = "";

        (void)prefix_format(&w->origin, prefix);
        buf_printf(b, "%s[\"%s\",\"%s\",%lld]", i == 0 ? "" : ",",
                   p->obligation[w->obligation].id, prefix, (long long)w->last.us);
    }
    buf_text(b, "],\"totals\":[");
    put_number(b, t->first.us);
    put_number(b, t->last.us);
    put_number(b, (int64_t)t->events);
    put_number(b, (int64_t)t->count);
    put_number(b, (int64_t)t->bytes);
    put_number(b, t->targets);
    put_number(b, t->at_least);
    put_number(b, t->bursts);
    put_number(b, t->burst_first.us);
    put_number(b, t->before_first.us);
    put_number(b, t->before_last.us);
    put_number(b, (int64_t)t->origins);
    buf_text(b, "]}");
}

int
arbiter_put_known(struct arbiter *a, struct store *s, const struct running *run)
{
    AUTO_BUF(text, WORDS_MAX);
    char name[128];

    meta_of(a, run, name);
    write_known(a, run, &text);
    return buf_error(&text) < 0 ? buf_error(&text) : store_put_meta(s, name, buf_get(&text));
}

int
arbiter_put_place(struct arbiter *a, struct store *s)
{
    char number[24];
    int n = snprintf(number, sizeof number, "%llu", (unsigned long long)a->judged);

    return store_put_meta(s, "judged", (struct slice){number, (size_t)n});
}

int
arbiter_keep(struct arbiter *a, struct errinfo *ei)
{
    struct store *s = a->o.talk->store;
    int r;

    if (a->judged == a->kept)
        return 0;
    r = store_begin(s);
    for (unsigned i = 0; r == 0 && i < a->running_count; i++) {
        if (a->running[i].changed)
            r = arbiter_put_known(a, s, &a->running[i]);
    }
    if (r == 0)
        r = arbiter_put_place(a, s);
    if (r == 0)
        r = store_commit(s);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    for (unsigned i = 0; i < a->running_count; i++)
        a->running[i].changed = false;
    a->kept = a->judged;
    return 0;
}

/* ---- what comes back --------------------------------------------------------------------- */

struct known {
    struct running run;
    struct judge_incident is;
    struct utime closed; /* 0: it is open */
};

struct coming {
    struct arbiter *a;
    struct known *at;
    unsigned count;
    unsigned room;
};

static int
obligation_of(const struct pact *p, struct slice json)
{
    const struct pact_obligation *o;
    struct slice id;

    if (jcs_plain(json, &id) < 0)
        return -1;
    o = pact_obligation(p, id);
    return o == NULL ? -1 : (int)(o - p->obligation);
}

static void
read_totals(struct slice list, struct judge_totals *t)
{
    struct jcs_iter it = jcs_iter(list);
    int64_t n[TOTALS] = {0};
    struct slice item;

    for (unsigned i = 0; i < TOTALS && jcs_item(&it, &item); i++)
        (void)!jcs_int(item, &n[i]);
    *t = (struct judge_totals){.first = {n[0]},
                               .last = {n[1]},
                               .events = (uint64_t)n[2],
                               .count = (uint64_t)n[3],
                               .bytes = (uint64_t)n[4],
                               .targets = (uint32_t)n[5],
                               .at_least = n[6] != 0,
                               .bursts = (uint32_t)n[7],
                               .burst_first = {n[8]},
                               .before_first = {n[9]},
                               .before_last = {n[10]},
                               .origins = (uint64_t)n[11]};
}

static void
read_joined(const struct pact *p, struct slice list, struct running *run)
{
    struct jcs_iter it = jcs_iter(list);
    struct slice item;

    while (run->joined_count < RUNNING_JOINED && jcs_item(&it, &item)) {
        struct judge_joined w = {.number = run->number};
        struct jcs_iter row = jcs_iter(item);
        struct slice value = {0};
        struct slice text = {0};
        int at = -1;

        if (jcs_item(&row, &value))
            at = obligation_of(p, value);
        if (at < 0 || !jcs_item(&row, &value) || jcs_plain(value, &text) < 0 ||
            prefix_parse(text, &w.origin) < 0 || !jcs_item(&row, &value) ||
            jcs_int(value, &w.last.us) < 0)
            continue;
        w.obligation = (unsigned)at;
        run->joined[run->joined_count++] = w;
    }
}

static void
read_also(const struct pact *p, struct slice list, struct running *run)
{
    struct jcs_iter it = jcs_iter(list);
    struct slice item;

    run->also_count = 0;
    while (run->also_count < PACT_OBLIGATIONS && jcs_item(&it, &item)) {
        int at = obligation_of(p, item);

        if (at >= 0)
            run->also[run->also_count++] = (uint16_t)at;
    }
}

/* From what was kept of it: the obligation by its name, as a newer version of the pact may have
 * it elsewhere.  False: it has none any more, and judging knows nothing of it. */
static bool
read_local(const struct book_pact *b, struct slice local, struct known *k)
{
    struct slice value = {0};
    struct slice text = {0};
    bool collective = false;
    int obligation = -1;
    int party = -1;

    if (jcs_find(local, "obligation", &value))
        obligation = obligation_of(b->pact, value);
    if (jcs_find(local, "party", &value) && jcs_plain(value, &text) == 0)
        party = book_party(b, text);
    if (obligation < 0 || party < 0 || !jcs_find(local, "origin", &value) ||
        jcs_plain(value, &text) < 0 || prefix_parse(text, &k->is.origin) < 0)
        return false;
    if (jcs_find(local, "collective", &value))
        (void)!jcs_bool(value, &collective);
    k->is.collective = collective;
    k->is.number = k->run.number;
    k->is.obligation = (unsigned)obligation;
    k->is.origin_party = (unsigned)party;
    k->is.target_party = (unsigned)b->self;
    if (jcs_find(local, "also", &value))
        read_also(b->pact, value, &k->run);
    return true;
}

static int
read_kept(struct arbiter *a, const struct book_pact *b, struct known *k)
{
    AUTO_BUF(text, WORDS_MAX);
    struct slice value;
    char name[128];
    int r;

    meta_of(a, &k->run, name);
    r = store_get_meta(a->o.talk->store, name, &text);
    if (r == ERR_NOTFOUND)
        return 0;
    if (r < 0)
        return r;
    if (jcs_find(buf_get(&text), "also", &value))
        read_also(b->pact, value, &k->run);
    if (jcs_find(buf_get(&text), "joined", &value))
        read_joined(b->pact, value, &k->run);
    if (jcs_find(buf_get(&text), "totals", &value))
        read_totals(value, &k->run.totals);
    return 0;
}

static int
keep_row(void *arg, const struct store_incident *i)
{
    struct coming *c = arg;
    struct arbiter *a = c->a;
    struct book_pact *b = a->book == NULL ? NULL : book_pact(a->book, i->pact);
    struct known *k;
    struct detected_known known;

    if (b == NULL || b->self < 0 || !i->notifier || i->local.len == 0 ||
        i->name.len >= sizeof k->run.name)
        return 0;
    if (detected_read(i->local, &known) < 0)
        return ERR_PROOF;
    if (c->count == c->room) {
        unsigned room = c->room == 0 ? 64 : c->room * 2;
        struct known *more = realloc(c->at, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        c->at = more;
        c->room = room;
    }
    k = &c->at[c->count];
    *k = (struct known){.run = {.pact = (unsigned)(b - a->book->pact),
                                .number = known.number,
                                .last_leaf = known.last_leaf,
                                .since = known.since}};
    memcpy(k->run.name, i->name.ptr, i->name.len);
    k->closed.us = i->closed ? 1 : 0;
    if (read_local(b, i->local, k))
        c->count++;
    return 0;
}

static int
last_arrival(void *arg, const struct store_message *m)
{
    struct utime *last = arg;

    if (m->arrived.us > last->us)
        *last = m->arrived;
    return 0;
}

/* When it was closed, whether it was noticed, and its figures. */
static int
complete(struct coming *c, struct known *k)
{
    struct arbiter *a = c->a;
    const struct book_pact *b = &a->book->pact[k->run.pact];
    struct utime last = {0};
    int r = store_each_message(a->o.talk->store, slice_of(b->pact->name), slice_of(k->run.name),
                               last_arrival, &last);

    k->run.noticed = last.us != 0;
    if (k->closed.us != 0)
        k->closed = last;
    if (r == 0)
        r = read_kept(a, b, k);
    return r;
}

static int
by_number(const void *x, const void *y)
{
    const struct known *a = x;
    const struct known *b = y;

    return (a->is.number > b->is.number) - (a->is.number < b->is.number);
}

static int
restore(struct coming *c)
{
    int r = 0;

    if (c->count > 0)
        qsort(c->at, c->count, sizeof *c->at, by_number);
    for (unsigned i = 0; r == 0 && i < c->count; i++) {
        struct known *k = &c->at[i];

        k->is.also = k->run.also;
        k->is.also_count = k->run.also_count;
        k->is.joined = k->run.joined;
        k->is.joined_count = k->run.joined_count;
        k->is.totals = k->run.totals;
        r = judge_restore(c->a->court[k->run.pact].judge, &k->is);
        if (r == ERR_INVALID)
            r = 0; /* of a pact that was judged anew since: it goes on without */
        if (r == 0 && k->closed.us == 0)
            r = arbiter_add_running(c->a, &k->run);
    }
    return r;
}

/* ---- events once more -------------------------------------------------------------------- */

struct again {
    struct coming *c;
    struct event event[BATCH];
    struct judge_item item[BATCH];
    unsigned count;
    bool live;
};

static void
judge_batch(struct again *x)
{
    for (unsigned i = 0; i < BOOK_PACTS; i++) {
        if (x->c->a->court[i].judge != NULL && x->count > 0)
            judge_events(x->c->a->court[i].judge, x->item, x->count);
    }
    x->count = 0;
}

static void
close_until(struct again *x, struct utime seen)
{
    for (unsigned i = 0; i < x->c->count; i++) {
        struct known *k = &x->c->at[i];

        if (k->closed.us == 0 || k->closed.us > seen.us)
            continue;
        judge_batch(x);
        (void)!judge_close(x->c->a->court[k->run.pact].judge, k->is.number);
        k->closed.us = 0;
    }
}

static void
go_live(struct again *x)
{
    judge_batch(x);
    for (unsigned i = 0; i < BOOK_PACTS && !x->live; i++) {
        if (x->c->a->court[i].judge != NULL)
            judge_live(x->c->a->court[i].judge);
    }
    x->live = true;
}

static int
judge_again(void *arg, const struct query_hit *hit)
{
    struct again *x = arg;

    close_until(x, hit->event->time_seen);
    if (hit->id.block > x->c->a->kept && !x->live)
        go_live(x);
    if (x->count == BATCH)
        judge_batch(x);
    x->event[x->count] = *hit->event;
    x->item[x->count] = (struct judge_item){.event = &x->event[x->count], .id = hit->id};
    x->count++;
    x->c->a->judged = hit->id.block;
    return 0;
}

struct bound {
    uint64_t events;
    struct utime since; /* no event before it is judged again */
};

static int
count_block(void *arg, const struct store_block *b)
{
    struct bound *x = arg;

    x->events += b->events;
    if (x->events <= MOST)
        return 0;
    x->since = b->last;
    return 1;
}

/* From when: what windows may depend on, twice, but not more than is judged in some seconds. */
static int
replay_since(struct arbiter *a, struct utime newest, struct utime *ret)
{
    struct bound x = {0};
    struct store_range range = {.until = TIME_MAX, .newest_first = true};
    int64_t span = 0;
    int r;

    for (unsigned i = 0; i < BOOK_PACTS; i++) {
        struct span s =
            a->court[i].judge == NULL ? (struct span){0} : judge_next(a->court[i].judge);

        if (s.us > span)
            span = s.us;
    }
    ret->us = newest.us - 2 * span;
    range.since = *ret;
    r = store_each_block(a->o.talk->store, &range, count_block, &x);
    if (x.since.us > ret->us) {
        *ret = x.since;
        a->o.env->log(a->o.env->self, ENV_WARN,
                      "more events than can be judged again at a start: what began earlier is "
                      "judged from here on");
    }
    return r < 0 ? r : 0;
}

static int
replay(struct coming *c)
{
    struct arbiter *a = c->a;
    struct again *x = calloc(1, sizeof *x);
    struct reader *reader = NULL;
    struct utime since;
    struct query q;
    int r = x == NULL ? ERR_NOMEM : replay_since(a, a->o.env->now_wall(a->o.env->self), &since);

    if (r == 0)
        r = reader_open(a->o.talk->store, a->o.env, &reader);
    if (r == 0) {
        x->c = c;
        query_init(&q);
        q.since = since;
        q.kinds = UINT8_MAX;
        for (unsigned i = 0; i < BOOK_PACTS; i++) {
            if (a->court[i].judge != NULL)
                judge_replay(a->court[i].judge, since);
        }
        r = query_each(reader, &q, false, judge_again, x);
        close_until(x, TIME_MAX);
        judge_batch(x);
        go_live(x);
    }
    reader = reader_close(reader);
    free(x);
    return r;
}

static int
read_place(struct arbiter *a)
{
    AUTO_BUF(text, 64);
    uint64_t next = 0;
    int r = store_get_meta(a->o.talk->store, "judged", &text);

    if (r == 0)
        r = text_number(buf_get(&text), INT64_MAX, &a->kept);
    else if (r == ERR_NOTFOUND) { /* judging begins here: what was before is not judged */
        r = store_next_block(a->o.talk->store, &next);
        a->kept = next == 0 ? 0 : next - 1;
    }
    a->judged = a->kept;
    return r;
}

static uint64_t
last_number(const struct coming *c, unsigned pact)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->at[i].run.pact == pact && c->at[i].is.number > last)
            last = c->at[i].is.number;
    }
    return last;
}

int
arbiter_take_up(struct arbiter *a, struct errinfo *ei)
{
    struct coming c = {.a = a};
    int r = read_place(a);

    if (r == 0 && a->book != NULL)
        r = store_each_incident(a->o.talk->store, false, keep_row, &c);
    for (unsigned i = 0; r == 0 && i < c.count; i++)
        r = complete(&c, &c.at[i]);
    for (unsigned i = 0; r == 0 && a->book != NULL && i < a->book->pacts; i++)
        r = arbiter_open_court(a, i, last_number(&c, i), ei);
    if (r == 0)
        r = restore(&c);
    if (r == 0 && a->book != NULL)
        r = replay(&c);
    free(c.at);
    return r < 0 && ei->text[0] == '\0'
               ? err_set(ei, r, "judging cannot go on: %s", err_text(r))
               : r;
}
