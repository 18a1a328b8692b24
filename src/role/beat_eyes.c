/* What each sensor is worth, as the newest heartbeat found it: for this party's own page, and
 * for the next start. */
#include <stdio.h>

#include "ledger/leaf.h"
#include "role/beat_priv.h"
#include "wire/jcs.h"

enum { EYES_MAX = 1 << 18, WATCHES_SHOWN = 8 };

static void
put_moment(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, ",\"%s\":\"%.*s\"", name, t.us > 0 ? TIME_TEXT : 0, text);
}

/* This party's annex of the first pact that has one. */
static const struct annex *
any_annex(const struct beating *x)
{
    const struct annex *a = NULL;

    for (unsigned i = 0; a == NULL && i < x->book->pacts; i++) {
        if (x->book->pact[i].self >= 0)
            a = beat_annex(&x->book->pact[i], x->until);
    }
    return a;
}

static const char *
kind_of(const struct annex *a, const struct conf *c, const char *name)
{
    for (unsigned i = 0; a != NULL && i < a->sensors; i++) {
        if (strcmp(a->sensor[i].id, name) == 0)
            return a->sensor[i].kind;
    }
    for (unsigned i = 0; i < c->sensor_count; i++) {
        if (strcmp(c->sensors[i].name, name) == 0)
            return c->sensors[i].kind;
    }
    return "";
}

static void
put_watches(struct buf *b, const struct annex *a, const struct conf *c, const char *name)
{
    struct pact_prefixes w = {0};

    if (a != NULL)
        w = beat_watched(a, c, name);
    buf_printf(b, ",\"watch_count\":%u,\"watches\":[", w.count);
    for (unsigned i = 0; i < w.count && i < WATCHES_SHOWN; i++) {
        char text[PREFIX_TEXT];

        (void)prefix_format(&w.at[i], text);
        buf_printf(b, "%s\"%s\"", i > 0 ? "," : "", text);
    }
    buf_char(b, ']');
}

/* What it says of itself; without that nothing of it stands there. */
static void
put_gauge(struct buf *b, const struct sensor_look *look)
{
    if (!look->has_gauge)
        return;
    buf_printf(b,
               ",\"packets\":%llu,\"drops\":%llu,\"recent\":%llu,\"usual\":%llu,"
               "\"clock_us\":%lld",
               (unsigned long long)look->packets, (unsigned long long)look->drops,
               (unsigned long long)look->recent, (unsigned long long)look->usual,
               (long long)look->skew.us);
    if (look->has_rules)
        buf_printf(b, ",\"rules_s\":%lld", (long long)(look->rules_age.us / TIME_US_PER_S));
}

static void
put_sensor(struct buf *b, const struct beating *x, const struct annex *a, unsigned i)
{
    const struct beat_sensor *s = x->sensor[i];
    unsigned faults = s->faults & ~(unsigned)SENSOR_RULES;
    struct utime blind = faults == 0        ? (struct utime){0}
                         : s->blind.us != 0 ? s->blind
                                            : x->since;

    buf_text(b, i == 0 ? "{\"sensor\":" : ",{\"sensor\":");
    buf_json(b, x->row[i].sensor);
    buf_text(b, ",\"kind\":");
    buf_json(b, slice_of(kind_of(a, x->beat->conf, s->name)));
    put_watches(b, a, x->beat->conf, s->name);
    put_moment(b, "heard", x->feed[i]->counts.heard);
    buf_printf(b, ",\"events\":%llu", (unsigned long long)x->row[i].events);
    put_gauge(b, &x->look[i]);
    beat_put_faults(b, "faults", s->faults);
    beat_put_faults(b, "unknown", s->unknown);
    put_moment(b, "blind_since", blind);
    beat_put_faults(b, "why", faults == 0 ? 0 : s->why | faults);
    buf_char(b, '}');
}

int
beat_put_eyes(const struct beating *x, struct store *s)
{
    const struct annex *a = any_annex(x);
    AUTO_BUF(json, EYES_MAX);
    char at[TIME_TEXT];

    time_format(x->until, at);
    buf_printf(&json, "{\"at\":\"%.*s\",\"sensors\":[", TIME_TEXT, at);
    for (unsigned i = 0; i < x->rows; i++)
        put_sensor(&json, x, a, i);
    buf_text(&json, "]}");
    return buf_error(&json) < 0 ? buf_error(&json) : store_put_meta(s, "eyes", buf_get(&json));
}

/* ---- after a start ----------------------------------------------------------------------- */

static unsigned
faults_of(struct slice sensor, const char *name)
{
    struct slice list;
    struct slice item;
    struct slice text;
    struct jcs_iter it;
    unsigned mask = 0;

    if (!jcs_find(sensor, name, &list))
        return 0;
    it = jcs_iter(list);
    while (jcs_item(&it, &item)) {
        for (unsigned f = 0; f < SENSOR_FAULTS; f++) {
            if (jcs_plain(item, &text) == 0 &&
                slice_is(text, sensor_fault_name((enum sensor_fault)(1U << f))))
                mask |= 1U << f;
        }
    }
    return mask;
}

static void
recall_sensor(struct beat_sensor *s, struct slice sensor)
{
    struct slice value;
    struct slice text;

    if (!jcs_find(sensor, "sensor", &value) || jcs_plain(value, &text) < 0 || text.len == 0 ||
        text.len >= sizeof s->name)
        return;
    (void)snprintf(s->name, sizeof s->name, "%.*s", (int)text.len, text.ptr);
    s->faults = faults_of(sensor, "faults");
    s->why = faults_of(sensor, "why");
    if (!jcs_find(sensor, "blind_since", &value) || jcs_plain(value, &text) < 0 ||
        time_parse_any(text, &s->blind) < 0)
        s->blind.us = 0;
}

int
beat_recall(struct beat *b)
{
    AUTO_BUF(json, EYES_MAX);
    AUTO_BUF(canonical, EYES_MAX);
    struct slice list;
    struct slice item;
    struct jcs_iter it;
    unsigned n = 0;
    int r = store_get_meta(b->store, "eyes", &json);

    if (r == ERR_NOTFOUND)
        return 0;
    if (r < 0 || jcs_canonical(buf_get(&json), &canonical, NULL) != JCS_OK ||
        !jcs_find(buf_get(&canonical), "sensors", &list))
        return r;
    it = jcs_iter(list);
    while (n < BEAT_SENSORS && jcs_item(&it, &item))
        recall_sensor(&b->sensor[n++], item);
    return 0;
}
