/* What sensors watch, and when they did not. */
#include "ledger/ledger.h"
#include "role/beat_priv.h"
#include "role/engine_priv.h"
#include "store/erase.h"
#include "store/sight.h"
#include "store/space.h"

enum { STATE_MAX = 1 << 16 };

/* ---- space ------------------------------------------------------------------------------- */

/* This party's annex that counts at `now`; NULL none. */
const struct annex *
beat_annex(const struct book_pact *p, struct utime now)
{
    const struct book_party *own = &p->party[p->self];

    for (unsigned i = own->annexes; i-- > 0;) {
        const struct book_annex *a = &own->annex[i];

        if (a->witnessed.us != 0 && a->witnessed.us <= now.us &&
            a->annex->valid_from.us <= now.us)
            return a->annex;
    }
    return NULL;
}

static struct pact_prefixes
configured(const struct conf *c, const char *name)
{
    struct pact_prefixes all = {c->networks.at, c->networks.count};

    for (unsigned i = 0; i < c->sensor_count; i++) {
        if (strcmp(c->sensors[i].name, name) == 0 && c->sensors[i].prefixes.count > 0)
            return (struct pact_prefixes){c->sensors[i].prefixes.at,
                                          c->sensors[i].prefixes.count};
    }
    return all;
}

/* A list that the other party can read is the list: what is not in it does not count. */
struct pact_prefixes
beat_watched(const struct annex *a, const struct conf *c, const char *name)
{
    if (a->sensors_hidden[0] != '\0' || a->sensors == 0)
        return configured(c, name);
    for (unsigned i = 0; i < a->sensors; i++) {
        if (strcmp(a->sensor[i].id, name) == 0)
            return a->sensor[i].watches;
    }
    return (struct pact_prefixes){0};
}

/* Each declared prefix by itself, the first BEAT_PREFIXES of them. */
static int
put_space(const struct beating *x, struct store *s, const struct book_pact *p,
          const struct annex *a, const struct pact_prefixes *watched, unsigned lists)
{
    const struct pact_prefixes declared[2] = {a->v4, a->v6};
    uint32_t ppm[BEAT_PREFIXES];
    unsigned place = 0;
    int r = coverage_each(declared, watched, lists, BEAT_PREFIXES, ppm);

    for (unsigned f = 0; f < 2; f++) {
        for (unsigned i = 0; r == 0 && i < declared[f].count && place < BEAT_PREFIXES; i++) {
            char text[PREFIX_TEXT];
            size_t n = prefix_format(&declared[f].at[i], text);
            const struct store_space row = {.pact = slice_of(p->pact->name),
                                            .prefix = {text, n},
                                            .place = place,
                                            .since = x->since,
                                            .until = x->until,
                                            .ppm = ppm[place]};

            r = store_put_space(s, &row);
            place++;
        }
    }
    return r < 0 ? r : store_keep_space(s, slice_of(p->pact->name), x->until);
}

int
beat_put_coverage(struct beating *x, struct engine *e, unsigned pact)
{
    const struct book_pact *p = &x->book->pact[pact];
    const struct annex *a = p->self < 0 ? NULL : beat_annex(p, x->until);
    struct pact_prefixes watched[BEAT_SENSORS];
    struct store_beat beat = {
        .pact = slice_of(p->pact->name), .since = x->since, .until = x->until};
    int r;

    if (a == NULL)
        return 0;
    for (unsigned i = 0; i < x->rows; i++) {
        struct pact_prefixes w = beat_watched(a, e->conf, x->sensor[i]->name);

        beat.sensors += w.count > 0;
        if (w.count > 0 && x->faults[pact][i] == 0)
            watched[beat.healthy++] = w;
    }
    r = coverage_of((const struct pact_prefixes[2]){a->v4, a->v6}, watched, beat.healthy,
                    &beat.ppm);
    if (r == 0)
        r = put_space(x, e->store, p, a, watched, beat.healthy);
    return r < 0 ? r : store_put_beat(e->store, &beat);
}

/* ---- state ------------------------------------------------------------------------------- */

void
beat_put_faults(struct buf *b, const char *name, unsigned mask)
{
    const char *comma = "";

    buf_printf(b, ",\"%s\":[", name);
    for (unsigned i = 0; i < SENSOR_FAULTS; i++) {
        if ((mask >> i & 1) == 0)
            continue;
        buf_printf(b, "%s\"%s\"", comma, sensor_fault_name((enum sensor_fault)(1U << i)));
        comma = ",";
    }
    buf_char(b, ']');
}

int
beat_put_state(const struct beating *x, struct store *s)
{
    AUTO_BUF(json, STATE_MAX);
    int r;

    buf_char(&json, '[');
    for (unsigned i = 0; i < x->rows; i++) {
        buf_text(&json, i == 0 ? "{\"sensor\":" : ",{\"sensor\":");
        buf_json(&json, x->row[i].sensor);
        beat_put_faults(&json, "faults", x->sensor[i]->faults);
        beat_put_faults(&json, "unknown", x->sensor[i]->unknown);
        buf_char(&json, '}');
    }
    buf_char(&json, ']');
    if (buf_error(&json) < 0)
        return buf_error(&json);
    r = store_put_meta(s, "sensors", buf_get(&json));
    return r < 0 ? r : beat_put_eyes(x, s);
}

/* ---- gaps -------------------------------------------------------------------------------- */

/* sensor: the one that it is about, "" all of them. */
static int
put_gap(struct engine *e, const struct leaf_gap *g, struct slice sensor, struct errinfo *ei)
{
    AUTO_BUF(opened, STATE_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint8_t salt[LEAF_SALT];
    struct hash detail;
    uint64_t index;
    int r;

    leaf_open_gap(&opened, g);
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    e->env->random(e->env->self, salt, sizeof salt);
    detail = leaf_commit(salt, buf_get(&opened));
    r = leaf_write_gap(&entry, engine_next_time(e), &detail, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r == 0)
        r = store_put_opening(e->store, index, (struct slice){(const char *)salt, sizeof salt},
                              buf_get(&opened));
    if (r == 0)
        r = store_put_blind(e->store, &(struct store_blind){.leaf = index,
                                                            .since = g->from,
                                                            .until = g->until,
                                                            .sensor = sensor,
                                                            .reason = g->reason});
    return r;
}

/* The gravest first; old rules are no gap: it saw, if not everything. */
static struct slice
reason_of(unsigned faults)
{
    if (faults & (SENSOR_MISSING | SENSOR_SILENT))
        return SLICE("sensor-silent");
    if (faults & SENSOR_DROPS)
        return SLICE("drops");
    return faults & SENSOR_CLOCK ? SLICE("clock") : SLICE("link");
}

int
beat_put_gaps(const struct beating *x, struct engine *e, struct errinfo *ei)
{
    struct slice all[BEAT_SENSORS];
    struct leaf_gap g = {.from = x->stopped,
                         .until = x->since,
                         .sensors = all,
                         .sensor_count = x->rows,
                         .reason = SLICE("stopped"),
                         .text = SLICE("")};
    int r = 0;

    for (unsigned i = 0; i < x->rows; i++)
        all[i] = x->row[i].sensor;
    if (x->stopped.us != 0 && x->stopped.us < x->since.us)
        r = put_gap(e, &g, SLICE(""), ei);
    for (unsigned i = 0; r == 0 && i < x->rows; i++) {
        const struct beat_sensor *s = x->sensor[i];

        if (s->blind.us == 0 || s->blind.us == x->since.us ||
            (s->faults & ~(unsigned)SENSOR_RULES) != 0)
            continue;
        g = (struct leaf_gap){.from = s->blind,
                              .until = x->since,
                              .sensors = &all[i],
                              .sensor_count = 1,
                              .reason = reason_of(s->why),
                              .text = SLICE("")};
        r = put_gap(e, &g, all[i], ei);
    }
    return r;
}

void
beat_seen(struct beating *x)
{
    for (unsigned i = 0; i < x->rows; i++) {
        struct beat_sensor *s = x->sensor[i];
        unsigned faults = s->faults & ~(unsigned)SENSOR_RULES;

        if (faults == 0) {
            s->blind.us = 0;
            s->why = 0;
            continue;
        }
        if (s->blind.us == 0)
            s->blind = x->since;
        s->why |= faults;
    }
}
