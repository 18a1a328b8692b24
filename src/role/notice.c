#include "role/notice.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/commit.h"
#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "store/cosigned.h"
#include "store/messages.h"
#include "vuln/cve.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum { MASK_V4 = 24, MASK_V6 = 48 };

/* ---- what is known ----------------------------------------------------------------------- */

static void
put_time(struct buf *b, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, "\"%.*s\"", TIME_TEXT, text);
}

static void
put_prefix(struct buf *b, const struct prefix *p)
{
    char text[PREFIX_TEXT] = "";

    (void)prefix_format(p, text);
    buf_printf(b, "\"%s\"", text);
}

static const struct pact_obligation *
obligation_of(const struct detected *d)
{
    return &d->pact->pact->obligation[d->obligation];
}

void
detected_open(const struct detected *d, struct slice incident, struct buf *ret)
{
    buf_text(ret, "[\"detected\",");
    buf_json(ret, incident);
    buf_printf(ret, ",\"%s\",\"%s\",", obligation_of(d)->id, event_class_name(d->class_));
    put_prefix(ret, &d->origin);
    buf_char(ret, ',');
    buf_json(ret, d->pact->party[d->pact->self].id);
    buf_char(ret, ',');
    put_time(ret, d->totals.first);
    buf_char(ret, ']');
}

static void
put_ids(const struct detected *d, struct buf *b)
{
    buf_char(b, '[');
    for (unsigned i = 0; i < d->evidence_count; i++) {
        char id[EVENT_ID_TEXT];

        (void)event_id_format(d->evidence[i], id);
        buf_printf(b, i == 0 ? "\"%s\"" : ",\"%s\"", id);
    }
    buf_char(b, ']');
}

static void
put_also(const struct detected *d, struct buf *b)
{
    buf_char(b, '[');
    for (unsigned i = 0; i < d->also_count; i++)
        buf_printf(b, i == 0 ? "\"%s\"" : ",\"%s\"", d->pact->pact->obligation[d->also[i]].id);
    buf_char(b, ']');
}

/* Keys sorted, so that it is canonical. */
void
detected_json(const struct detected *d, const struct detected_leaf *l, struct buf *ret)
{
    buf_text(ret, "{\"also\":");
    put_also(d, ret);
    buf_printf(ret, ",\"burst\":%u,\"class\":\"%s\",\"collective\":%s,\"count\":%llu",
               d->totals.bursts, event_class_name(d->class_), d->collective ? "true" : "false",
               (unsigned long long)d->totals.count);
    buf_printf(ret, ",\"detected\":{\"leaf\":%llu,\"opened\":",
               (unsigned long long)ledger_index(l->leaf));
    buf_json(ret, l->opened);
    buf_text(ret, ",\"salt\":\"");
    buf_hex(ret, l->salt, LEAF_SALT);
    buf_printf(ret, "\"},\"events\":%llu,\"evidence\":", (unsigned long long)d->totals.events);
    put_ids(d, ret);
    buf_text(ret, ",\"first\":");
    put_time(ret, d->totals.first);
    buf_printf(ret, ",\"judge\":%llu,\"last\":", (unsigned long long)d->number);
    put_time(ret, d->totals.last);
    buf_printf(ret, ",\"last_leaf\":%llu,\"obligation\":\"%s\",\"origin\":",
               (unsigned long long)l->last_leaf, obligation_of(d)->id);
    put_prefix(ret, &d->origin);
    buf_text(ret, ",\"party\":");
    buf_json(ret, d->pact->party[d->origin_party].id);
    buf_printf(ret, ",\"sensors\":%u,\"since\":", d->sensors);
    put_time(ret, l->since);
    buf_printf(ret, ",\"targets\":%u}", d->totals.targets);
}

void
detected_told(const struct detected *d, struct slice incident, struct utime now,
              struct buf *ret)
{
    const struct pact_obligation *o = obligation_of(d);

    buf_printf(ret, "{\"pact\":\"%s\",\"incident\":", d->pact->pact->name);
    buf_json(ret, incident);
    buf_text(ret, ",\"notifier\":");
    buf_json(ret, d->pact->party[d->pact->self].id);
    buf_text(ret, ",\"responder\":");
    buf_json(ret, d->pact->party[d->origin_party].id);
    buf_printf(ret,
               ",\"role\":\"notifier\",\"state\":\"DETECTED\",\"severity\":\"%s\","
               "\"obligation\":\"%s\",\"also\":",
               d->pact->pact->severity[o->severity].id, o->id);
    put_also(d, ret);
    buf_printf(ret, ",\"class\":\"%s\",\"origin\":", event_class_name(d->class_));
    put_prefix(ret, &d->origin);
    buf_text(ret, ",\"first\":");
    put_time(ret, d->totals.first);
    buf_text(ret, ",\"last\":");
    put_time(ret, d->totals.last);
    buf_printf(ret, ",\"events\":%llu,\"count\":%llu,\"targets\":%u,\"opened\":",
               (unsigned long long)d->totals.events, (unsigned long long)d->totals.count,
               d->totals.targets);
    put_time(ret, now);
    buf_text(ret, ",\"at\":");
    put_time(ret, now);
    buf_char(ret, '}');
}

int
detected_read(struct slice local, struct detected_known *ret)
{
    struct slice value = {0};
    struct slice text = {0};
    int64_t number = 0;
    int64_t leaf = 0;

    if (!jcs_find(local, "judge", &value) || jcs_int(value, &number) < 0 ||
        !jcs_find(local, "last_leaf", &value) || jcs_int(value, &leaf) < 0 ||
        !jcs_find(local, "since", &value) || jcs_plain(value, &text) < 0 ||
        time_parse(text, &ret->since) < 0)
        return ERR_INVALID;
    ret->number = (uint64_t)number;
    ret->last_leaf = (uint64_t)leaf;
    return 0;
}

int
detected_last_leaf(struct store *s, const struct detected *d, uint64_t *ret)
{
    uint64_t block = UINT64_MAX;

    *ret = 0;
    for (unsigned i = 0; i < d->evidence_count; i++) {
        struct store_block row;
        int r;

        if (d->evidence[i].block == block)
            continue;
        block = d->evidence[i].block;
        r = store_get_block(s, block, &row);
        if (r < 0)
            return r;
        if (row.leaf > *ret)
            *ret = row.leaf;
    }
    return 0;
}

/* ---- the notice -------------------------------------------------------------------------- */

struct notice_from {
    const struct book_pact *pact;
    struct slice local;
    bool witnessed;
};

struct gathering {
    struct exhibits *x;
    int show;
    bool prove;
    struct buf tuples;
    unsigned grade;      /* the least of the events: what all of it is worth */
    struct cve_set cves; /* that their rules are about */
};

static void
put_target(struct gathering *g, const struct event *ev)
{
    bool v4 = addr_is_v4(&ev->target);
    struct prefix p = {.addr = ev->target, .len = v4 ? 96 + MASK_V4 : MASK_V6};

    if (g->show == PROOF_TARGET) {
        buf_char(&g->tuples, '"');
        buf_addr(&g->tuples, &ev->target);
        buf_printf(&g->tuples, "\",%u", ev->target_port);
        return;
    }
    for (unsigned i = p.len / 8; i < sizeof p.addr.byte; i++)
        p.addr.byte[i] = 0;
    put_prefix(&g->tuples, &p);
    buf_text(&g->tuples, ",0");
}

static int
gather_cves(struct gathering *g, uint32_t id)
{
    struct store_rule rule;
    struct cve_set of;
    int r = store_get_rule(g->x->d.store, id, &rule);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    (void)!cve_set_unpack(rule.cves, &of);
    for (unsigned i = 0; i < of.count; i++)
        cve_set_add(&g->cves, of.at[i].id, CVE_RULES);
    return 0;
}

static int
gather_one(struct gathering *g, struct event_id id, struct errinfo *ei)
{
    struct exhibits *x = g->x;
    struct found f;
    int r = exhibits_add(x, id, g->prove ? g->show : -1, &f, ei);

    if (r == ERR_NOTFOUND || r == ERR_GONE)
        return 0; /* erased since: the others stand */
    if (r < 0)
        return r;
    buf_text(&g->tuples, x->events == 1 ? "[" : ",[");
    put_time(&g->tuples, f.event->time);
    buf_text(&g->tuples, ",\"");
    buf_addr(&g->tuples, &f.event->origin);
    buf_printf(&g->tuples, "\",%u,", f.event->origin_port);
    put_target(g, f.event);
    buf_printf(&g->tuples, ",%u,%u]", f.event->protocol, f.event->count);
    if (x->events == 1 || f.event->grade < g->grade)
        g->grade = f.event->grade;
    return gather_cves(g, f.event->rule);
}

static int
gather(struct gathering *g, struct slice evidence, struct errinfo *ei)
{
    struct jcs_iter it = jcs_iter(evidence);
    struct slice item;
    struct slice text;
    int r = 0;

    while (r == 0 && g->x->events < EXHIBITS && jcs_item(&it, &item)) {
        struct event_id id;

        if (jcs_plain(item, &text) < 0 || event_id_parse(text, &id) < 0)
            return ERR_INVALID;
        r = gather_one(g, id, ei);
    }
    return r;
}

static void
copy(struct buf *to, struct slice local, const char *name)
{
    struct slice value;

    if (!jcs_find(local, name, &value))
        return;
    buf_printf(to, ",\"%s\":", name);
    buf_slice(to, value);
}

/* What an owner is to look for; of an attack they say nothing of the other side. */
static void
put_cves(const struct cve_set *s, struct buf *to)
{
    for (unsigned i = 0; i < s->count; i++) {
        char text[CVE_TEXT];

        (void)cve_format(s->at[i].id, text);
        buf_printf(to, "%s%s", i > 0 ? ", " : "", text);
    }
}

static void
put_body(const struct gathering *g, const struct notice_from *from, struct buf *to)
{
    static const char *const same[] = {"also",       "burst",  "class",  "count",
                                       "detected",   "events", "first",  "last",
                                       "obligation", "origin", "targets"};
    const struct pact *p = from->pact->pact;
    const struct pact_obligation *o = NULL;
    struct slice value = {0};
    struct slice id = {0};
    int64_t sensors = 1;

    if (jcs_find(from->local, "obligation", &value) && jcs_plain(value, &id) == 0)
        o = pact_obligation(p, id);
    if (jcs_find(from->local, "sensors", &value))
        (void)!jcs_int(value, &sensors);
    buf_text(to, "{\"ask\":[\"remediate\"],\"packets\":0,\"text\":\"");
    if (o != NULL && o->kind == PACT_NOTIFY)
        put_cves(&g->cves, to);
    buf_char(to, '"');
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        copy(to, from->local, same[i]);
    buf_printf(to, ",\"severity\":\"%s\"",
               o == NULL || o->severity < 0 ? "" : p->severity[o->severity].id);
    buf_printf(to, ",\"e_grade\":%d,\"o_grade\":%u",
               !from->witnessed ? 1
               : sensors > 1    ? 3
                                : 2,
               g->grade);
    buf_text(to, ",\"pact_sha256\":\"");
    buf_hex(to, p->sha256.byte, SHA256_SIZE);
    buf_text(to, "\",\"evidence\":[");
    buf_slice(to, buf_get(&g->x->references));
    buf_text(to, "],\"tuples\":[");
    buf_slice(to, buf_get(&g->tuples));
    buf_text(to, "],\"unwitnessed_since\":");
    if (!from->witnessed && jcs_find(from->local, "since", &value))
        buf_slice(to, value);
    else
        buf_text(to, "\"\"");
    buf_char(to, '}');
}

static int
make_body(struct exhibits *x, const struct notice_from *from, struct buf *ret,
          struct errinfo *ei)
{
    /* From before anybody cosigned it a proof is the log's own word: asked for, it comes. */
    struct gathering g = {
        .x = x, .show = exhibits_show(from->pact->pact), .prove = from->witnessed};
    struct slice evidence;
    int r = jcs_find(from->local, "evidence", &evidence) ? 0 : ERR_INVALID;

    buf_init(&g.tuples, NOTICE_LOCAL);
    if (r == 0)
        r = gather(&g, evidence, ei);
    if (r == 0 && x->events == 0)
        r = err_set(ei, ERR_NOTFOUND, "all of its evidence is erased");
    if (r == 0)
        put_body(&g, from, ret);
    if (r == 0 && buf_error(&g.tuples) < 0)
        r = ERR_LIMIT;
    buf_release(&g.tuples);
    return r < 0 ? r : buf_error(ret);
}

int
notice_witnessed(struct store *s, const struct book_pact *p, uint64_t leaf, bool *ret)
{
    const struct role_keys keys = p->keys[ANNEX_WITNESS];

    *ret = false;
    for (unsigned i = 0; i < keys.count && !*ret; i++) {
        struct store_bounds b;
        int r;

        if (slice_eq(keys.key[i].party, p->party[p->self].id))
            continue;
        r = store_cosigned_bounds(s, COSIGNER_WITNESS, slice_of(keys.key[i].key.name), leaf,
                                  &b);
        if (r < 0)
            return r;
        *ret = b.after.us != 0;
    }
    return 0;
}

int
notice_body(struct exhibits *x, const struct book_pact *p, struct slice incident,
            struct buf *ret, struct errinfo *ei)
{
    struct store *s = x->d.store;
    struct notice_from from = {.pact = p};
    AUTO_BUF(local, NOTICE_LOCAL);
    struct store_incident row;
    struct detected_known known;
    int r = store_get_incident(s, slice_of(p->pact->name), incident, &row);

    if (r == 0)
        buf_slice(&local, row.local);
    if (r == ERR_NOTFOUND || (r == 0 && local.len == 0))
        return err_set(ei, ERR_NOTFOUND, "no incident %.*s was detected here",
                       (int)incident.len, incident.ptr);
    if (r < 0 || buf_error(&local) < 0)
        return r < 0 ? r : buf_error(&local);
    from.local = buf_get(&local);
    r = detected_read(from.local, &known);
    if (r == 0)
        r = notice_witnessed(s, p, known.last_leaf, &from.witnessed);
    return r < 0 ? r : make_body(x, &from, ret, ei);
}
