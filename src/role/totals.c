#include "role/totals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/totals.h"
#include "ledger/ledger.h"
#include "role/totals_priv.h"
#include "store/cosigned.h"

enum { META = 160 };
#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

/* ---- where they are kept ------------------------------------------------------------------
 */

static void
meta_of(struct slice pact, struct slice party, bool before, char to[META])
{
    (void)snprintf(to, META, "totals%s.%.*s.%.*s", before ? "-before" : "", (int)pact.len,
                   pact.ptr, (int)party.len, party.ptr);
}

static uint64_t
second_of(const struct statement *s)
{
    struct slice text = {"", 0};
    struct utime t = {0};

    return statement_text(s, "until", &text) < 0 || time_parse(text, &t) < 0
               ? 0
               : (uint64_t)(t.us / TIME_US_PER_S);
}

/* What is kept was checked when it came. */
static int
get_kept(struct store *s, const char *name, uint64_t until, struct buf *ret)
{
    size_t before = ret->len;
    struct statement st;
    struct errinfo ei;
    int r = store_get_meta(s, name, ret);

    if (r == 0 && until != 0 &&
        (statement_read(slice_sub(buf_get(ret), before, ret->len), STATEMENT_TOTALS, &st, &ei) <
             0 ||
         second_of(&st) != until)) {
        ret->len = before;
        r = ERR_NOTFOUND;
    }
    return r;
}

int
totals_get(struct store *s, const struct totals_which *which, struct buf *ret)
{
    char name[META];
    int r;

    meta_of(which->pact, which->party, false, name);
    r = get_kept(s, name, which->until, ret);
    if (r != ERR_NOTFOUND || which->until == 0)
        return r;
    meta_of(which->pact, which->party, true, name);
    return get_kept(s, name, which->until, ret);
}

int
totals_newest(struct store *s, struct slice pact, struct slice party, uint64_t *ret)
{
    const struct totals_which which = {pact, party, 0};
    struct statement st;
    struct errinfo ei;
    AUTO_BUF(note, NOTE_MAX);
    int r = totals_get(s, &which, &note);

    *ret = 0;
    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    if (statement_read(buf_get(&note), STATEMENT_TOTALS, &st, &ei) == 0)
        *ret = second_of(&st);
    return 0;
}

int
totals_put_own(struct store *s, const struct totals *t, struct slice note)
{
    const struct totals_which which = {t->pact, t->party, 0};
    AUTO_BUF(before, NOTE_MAX);
    char name[META];
    int r = totals_get(s, &which, &before);

    if (r == 0) {
        meta_of(t->pact, t->party, true, name);
        r = store_put_meta(s, name, buf_get(&before));
    }
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    meta_of(t->pact, t->party, false, name);
    return store_put_meta(s, name, note);
}

/* ---- what counterparts publish ------------------------------------------------------------
 */

bool
totals_due(const struct book_pact *p, struct utime when)
{
    return p->self >= 0 && book_binds(p, p->self, when);
}

bool
totals_allowed(const struct book_pact *p)
{
    return strcmp(p->pact->third_parties, "statistics-only") == 0;
}

/* What of it the pact forbids. */
static bool
tells_too_much(const struct book_pact *p, const struct statement *s)
{
    uint64_t least = 1;

    return !totals_allowed(p) && (statement_number(s, "least", &least) < 0 || least != 0);
}

/* By a key of its logs that held when this node's witness first saw the leaf. */
static int
verify(const struct totals_take *t, struct slice note, struct statement *ret,
       struct errinfo *ei)
{
    const struct role_keys *keys = &t->pact->keys[ANNEX_LOG];
    int party = book_party(t->pact, t->want->party);
    struct store_bounds b = {0};
    int r = party < 0
                ? ERR_INVALID
                : store_witnessed_bounds(t->store, book_origin(t->pact, party, t->want->leaf),
                                         ledger_index(t->want->leaf), &b);

    if (r < 0)
        return r == ERR_INVALID ? err_set(ei, r, "it is no party of the pact")
                                : err_set(ei, r, "the store: %s", store_error(t->store));
    r = statement_verify(note, STATEMENT_TOTALS, *keys, b.after.us != 0 ? b.after : t->now, ret,
                         ei);
    return r == ERR_PROOF || r == ERR_LIMIT ? ERR_INVALID : r;
}

static bool
is_of(const struct statement *s, const struct store_wanted *w)
{
    struct slice pact = {NULL, 0};
    struct slice party = {NULL, 0};

    return hash_eq(&s->hash, &w->sha256) && statement_text(s, "pact", &pact) == 0 &&
           slice_eq(pact, w->pact) && statement_text(s, "party", &party) == 0 &&
           slice_eq(party, w->party) && second_of(s) == w->sequence;
}

static int
keep(const struct totals_take *t, struct slice note, struct errinfo *ei)
{
    char name[META];
    int r = store_begin(t->store);

    meta_of(t->want->pact, t->want->party, false, name);
    if (r == 0)
        r = store_put_meta(t->store, name, note);
    if (r == 0)
        r = store_commit(t->store);
    if (r == 0)
        return 0;
    store_rollback(t->store);
    return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(t->store));
}

int
totals_take(const struct totals_take *t, struct slice note, struct errinfo *ei)
{
    const struct store_wanted *w = t->want;
    struct statement s = {0};
    uint64_t newest = 0;
    int r = verify(t, note, &s, ei);

    if (r < 0)
        return r;
    if (!is_of(&s, w))
        return err_set(ei, ERR_INVALID, "it is not what the leaf says");
    if (tells_too_much(t->pact, &s))
        return err_set(ei, ERR_INVALID, "%s lets no statistics be published: its third_parties",
                       t->pact->pact->name);
    if ((int64_t)w->sequence > (t->now.us + t->pact->pact->clock_skew_max.us) / TIME_US_PER_S)
        return err_set(ei, ERR_INVALID, "the totals of %.*s end in the future",
                       (int)w->party.len, w->party.ptr);
    r = totals_newest(t->store, w->pact, w->party, &newest);
    if (r < 0)
        return err_set(ei, r, "the store: %s", store_error(t->store));
    return w->sequence <= newest ? 0 : keep(t, note, ei);
}

/* ---- what they saw ------------------------------------------------------------------------
 */

/* Days go on counting until the next note must be here. */
#define STALE_US (2 * DAY_US)

/* Does it speak of that period?  Of what is before a list that is full, or long after its last
 * day, it does not. */
static bool
is_about(const struct totals_sight *s, const struct totals_ask *a)
{
    if (s->days == 0)
        return false;
    if (s->days >= TOTALS_DAYS - 1 && s->day[0].day * DAY_US > a->from.us)
        return false;
    return a->until.us - (s->day[s->days - 1].day + 1) * DAY_US <= STALE_US;
}

/* The mean of the days of the period that it has, each as long as the period lasts on it; false
 * when it has none of them. */
static bool
mean_of(const struct totals_sight *s, const struct totals_ask *a, uint32_t *ret)
{
    double seen = 0;
    double all = 0;

    for (unsigned i = 0; i < s->days; i++) {
        int64_t from = s->day[i].day * DAY_US;
        int64_t until = from + DAY_US;

        from = from > a->from.us ? from : a->from.us;
        until = until < a->until.us ? until : a->until.us;
        if (until > from) {
            seen += (double)(until - from) * s->day[i].percent;
            all += (double)(until - from);
        }
    }
    *ret = all > 0 ? (uint32_t)(seen / all * 10000) : 0;
    return all > 0;
}

static void
put_sight(const struct totals_sight *s, const struct totals_ask *a, struct verdict_sight *ret)
{
    uint32_t ppm;

    if (!is_about(s, a) || !mean_of(s, a, &ppm))
        return;
    ret->known = ret->published = true;
    ret->coverage_ppm = ppm < a->at_most_ppm ? ppm : a->at_most_ppm;
    ret->canaries = (unsigned)s->canaries;
    ret->found = (unsigned)s->found;
}

int
totals_sight_of(const struct totals_ask *a, struct verdict_sight *ret)
{
    const struct totals_which which = {slice_of(a->pact->pact->name),
                                       a->pact->party[a->party].id, 0};
    struct totals_room *room = malloc(sizeof *room);
    struct statement s;
    struct errinfo ei;
    struct totals t;
    AUTO_BUF(note, NOTE_MAX);
    int r = room == NULL ? ERR_NOMEM : totals_get(a->store, &which, &note);

    *ret = (struct verdict_sight){.known = false, .at_most_ppm = a->at_most_ppm};
    if (r == 0 && statement_read(buf_get(&note), STATEMENT_TOTALS, &s, &ei) == 0 &&
        totals_read(&s, room, &t) == 0)
        put_sight(&t.sight, a, ret);
    free(room);
    return r == ERR_NOTFOUND ? 0 : r;
}

/* ---- telling ------------------------------------------------------------------------------
 */

struct telling {
    const struct attrib *attrib;
    struct buf *to;
    struct totals_room *room;
    bool any;
};

static int
most_first(const void *a, const void *b)
{
    const struct totals_row *x = a;
    const struct totals_row *y = b;

    if (x->events != y->events)
        return x->events < y->events ? 1 : -1;
    return (x->key > y->key) - (x->key < y->key);
}

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, TIME_TEXT, text);
}

static void
put_part(struct telling *x, const struct totals_part *part, struct totals_row *row,
         bool economies)
{
    qsort(row, part->count, sizeof *row, most_first);
    buf_text(x->to, economies ? ",\"economies\":[" : ",\"networks\":[");
    for (unsigned i = 0; i < part->count; i++) {
        char country[3];

        country_format((uint16_t)row[i].key, country);
        buf_text(x->to, i == 0 ? "{" : ",{");
        if (economies) {
            buf_printf(x->to, "\"country\":\"%s\"", country);
        } else {
            buf_printf(x->to, "\"asn\":%u,\"name\":", row[i].key);
            buf_json(x->to, attrib_name(x->attrib, row[i].key));
        }
        buf_printf(x->to, ",\"events\":%llu}", (unsigned long long)row[i].events);
    }
    buf_printf(x->to, "],\"%s_rows_withheld\":%llu,\"%s_withheld\":%llu,\"%s_unknown\":%llu",
               economies ? "economy" : "network", (unsigned long long)part->rows_withheld,
               economies ? "economy" : "network", (unsigned long long)part->withheld,
               economies ? "economy" : "network", (unsigned long long)part->unknown);
}

static void
put_one(struct telling *x, const struct statement *s, bool own)
{
    struct totals t;

    if (totals_read(s, x->room, &t) < 0 || t.least == 0)
        return;
    buf_text(x->to, x->any ? ",{\"pact\":" : "{\"pact\":");
    x->any = true;
    buf_json(x->to, t.pact);
    buf_text(x->to, ",\"party\":");
    buf_json(x->to, t.party);
    buf_printf(x->to, ",\"own\":%s", own ? "true" : "false");
    put_time(x->to, "from", t.from);
    put_time(x->to, "until", t.until);
    put_time(x->to, "published", s->at);
    buf_printf(x->to, ",\"least\":%llu,\"events\":%llu", (unsigned long long)t.least,
               (unsigned long long)t.events);
    put_part(x, &t.networks, x->room->network, false);
    put_part(x, &t.economies, x->room->economy, true);
    buf_char(x->to, '}');
}

int
totals_json(struct store *s, const struct book *b, const struct attrib *a, struct buf *to)
{
    struct telling x = {.attrib = a, .to = to, .room = malloc(sizeof *x.room)};
    int r = x.room == NULL ? ERR_NOMEM : 0;

    buf_char(to, '[');
    for (unsigned i = 0; r == 0 && b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];

        for (unsigned k = 0; r == 0 && k < p->pact->parties; k++) {
            const struct totals_which which = {slice_of(p->pact->name), p->party[k].id, 0};
            struct statement st;
            struct errinfo ei;
            AUTO_BUF(note, NOTE_MAX);

            r = totals_get(s, &which, &note);
            if (r == 0 && statement_read(buf_get(&note), STATEMENT_TOTALS, &st, &ei) == 0)
                put_one(&x, &st, (int)k == p->self);
            r = r == ERR_NOTFOUND ? 0 : r;
        }
    }
    buf_char(to, ']');
    free(x.room);
    return r < 0 ? r : buf_error(to);
}
