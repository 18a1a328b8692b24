/* One writer for each kind of statement that a node makes by itself. */
#include "ledger/leaf.h"

#include "wire/hex.h"
#include "wire/jcs.h"

#define VALUES(array) ((struct leaf_values){(array), sizeof(array) / sizeof((array)[0])})

int
leaf_write_start(struct buf *b, struct utime at, const struct leaf_start *v, struct errinfo *ei)
{
    const struct leaf_value values[] = {
        LEAF_TEXT("origin", v->origin), LEAF_NUMBER("generation", v->generation),
        LEAF_TEXT("party", v->party), LEAF_TEXT("software", v->software),
        LEAF_BOOL("test", v->test)};

    return leaf_write(b, LEAF_START, at, VALUES(values), ei);
}

static int
total_order(const void *a, const void *b)
{
    const struct leaf_total *x = a;
    const struct leaf_total *y = b;
    size_t shorter = x->class_.len < y->class_.len ? x->class_.len : y->class_.len;
    int order = shorter == 0 ? 0 : memcmp(x->class_.ptr, y->class_.ptr, shorter);

    return order != 0 ? order
                      : (x->class_.len > y->class_.len) - (x->class_.len < y->class_.len);
}

/* A counter that would pass 2^53-1 stays there. */
static uint64_t
counter(uint64_t n)
{
    return n > JCS_INT_MAX ? JCS_INT_MAX : n;
}

static void
buf_totals(struct buf *b, const struct leaf_total *totals, unsigned count)
{
    struct leaf_total sorted[LEAF_TOTALS_MAX];

    for (unsigned i = 0; i < count; i++)
        sorted[i] = totals[i];
    qsort(sorted, count, sizeof sorted[0], total_order);
    buf_char(b, '[');
    for (unsigned i = 0; i < count; i++) {
        buf_text(b, i == 0 ? "[" : ",[");
        buf_json(b, sorted[i].class_);
        buf_char(b, ',');
        buf_u64(b, counter(sorted[i].events));
        buf_char(b, ',');
        buf_u64(b, counter(sorted[i].count));
        buf_char(b, ']');
    }
    buf_char(b, ']');
}

int
leaf_write_block(struct buf *b, struct utime at, const struct leaf_block *v, struct errinfo *ei)
{
    AUTO_BUF(totals, LEAF_WRITE_MAX);

    if (v->total_count > LEAF_TOTALS_MAX)
        return err_set(ei, ERR_LIMIT, "more than %d classes in a block", LEAF_TOTALS_MAX);
    buf_totals(&totals, v->totals, v->total_count);
    if (buf_error(&totals) != 0)
        return err_set(ei, buf_error(&totals), "the totals of a block do not fit");
    const struct leaf_value values[] = {
        LEAF_NUMBER("block", v->block),        LEAF_TEXT("format", SLICE("event/v1")),
        LEAF_NUMBER("events", v->events),      LEAF_NUMBER("count", counter(v->count)),
        LEAF_TIME("first", v->first),          LEAF_TIME("last", v->last),
        LEAF_JSON("totals", buf_get(&totals)), LEAF_HASH("root", &v->root),
        LEAF_HASH("figures", &v->figures),     LEAF_HASH("tables", v->tables),
        LEAF_NUMBER("size", v->size)};

    return leaf_write(b, LEAF_BLOCK, at, VALUES(values), ei);
}

int
leaf_write_heartbeat(struct buf *b, struct utime at, const struct leaf_heartbeat *v,
                     struct errinfo *ei)
{
    const struct leaf_value values[] = {LEAF_TIME("from", v->from),
                                        LEAF_TIME("until", v->until),
                                        LEAF_NUMBER("events", counter(v->events)),
                                        LEAF_NUMBER("packets", counter(v->packets)),
                                        LEAF_NUMBER("drops", counter(v->drops)),
                                        LEAF_HASH("figures", &v->figures)};

    return leaf_write(b, LEAF_HEARTBEAT, at, VALUES(values), ei);
}

int
leaf_write_gap(struct buf *b, struct utime at, const struct hash *detail, struct errinfo *ei)
{
    const struct leaf_value values[] = {LEAF_HASH("detail", detail)};

    return leaf_write(b, LEAF_GAP, at, VALUES(values), ei);
}

int
leaf_write_key(struct buf *b, struct utime at, const struct leaf_key *v, struct errinfo *ei)
{
    const struct leaf_value values[] = {
        LEAF_TEXT("action", v->revoke ? SLICE("revoke") : SLICE("add")),
        LEAF_TEXT("role", v->role),
        LEAF_TEXT("key", v->key),
        LEAF_TIME("from", v->from),
        LEAF_TIME("until", v->until),
        LEAF_HASH("annex", v->annex)};

    return leaf_write(b, LEAF_KEY, at, VALUES(values), ei);
}

int
leaf_write_erasure(struct buf *b, struct utime at, const struct leaf_erasure *v,
                   struct errinfo *ei)
{
    AUTO_BUF(spans, LEAF_WRITE_MAX);

    if (v->span_count > LEAF_SPANS_MAX)
        return err_set(ei, ERR_LIMIT, "more than %d spans in an erasure", LEAF_SPANS_MAX);
    buf_char(&spans, '[');
    for (unsigned i = 0; i < v->span_count; i++)
        buf_printf(&spans, "%s[%llu,%llu]", i == 0 ? "" : ",",
                   (unsigned long long)v->spans[i].first, (unsigned long long)v->spans[i].last);
    buf_char(&spans, ']');
    if (buf_error(&spans) != 0)
        return err_set(ei, buf_error(&spans), "the spans of an erasure do not fit");
    const struct leaf_value values[] = {LEAF_NUMBER("block", v->block),
                                        LEAF_TEXT("scope", v->scope),
                                        LEAF_JSON("events", buf_get(&spans)),
                                        LEAF_TEXT("rule", v->rule), LEAF_HASH("who", v->who)};

    return leaf_write(b, LEAF_ERASURE, at, VALUES(values), ei);
}

int
leaf_write_hold(struct buf *b, struct utime at, const struct leaf_hold *v, struct errinfo *ei)
{
    const struct slice actions[] = {SLICE("place"), SLICE("extend"), SLICE("release")};
    const struct leaf_value values[] = {
        LEAF_TEXT("case", v->case_), LEAF_TEXT("action", actions[v->action]),
        LEAF_TIME("until", v->until), LEAF_HASH("detail", &v->detail)};

    return leaf_write(b, LEAF_HOLD, at, VALUES(values), ei);
}

static void
buf_texts(struct buf *b, const struct slice *texts, unsigned count)
{
    buf_char(b, '[');
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            buf_char(b, ',');
        buf_json(b, texts[i]);
    }
    buf_char(b, ']');
}

int
leaf_write_restore(struct buf *b, struct utime at, const struct leaf_restore *v,
                   struct errinfo *ei)
{
    AUTO_BUF(checked, LEAF_WRITE_MAX);

    buf_texts(&checked, v->checked, v->checked_count);
    if (buf_error(&checked) != 0)
        return err_set(ei, buf_error(&checked), "the names of a restore do not fit");
    const struct leaf_value values[] = {
        LEAF_NUMBER("size", v->size), LEAF_HASH("root", &v->root),
        LEAF_JSON("checked", buf_get(&checked)), LEAF_TEXT("lost", v->lost)};

    return leaf_write(b, LEAF_RESTORE, at, VALUES(values), ei);
}

/* ---- Openings ---- */

struct hash
leaf_commit(const uint8_t salt[LEAF_SALT], struct slice opened)
{
    static const char prefix[] = "detente/commit/v1\n";
    struct sha256 h;
    struct hash ret;

    sha256_init(&h);
    sha256_add(&h, prefix, sizeof prefix - 1);
    sha256_add(&h, salt, LEAF_SALT);
    sha256_add(&h, opened.ptr, opened.len);
    sha256_end(&h, &ret);
    return ret;
}

int
leaf_commit_check(const struct hash *commitment, const uint8_t salt[LEAF_SALT],
                  struct slice opened, const char *kind)
{
    struct jcs_iter it = jcs_iter(opened);
    struct hash h = leaf_commit(salt, opened);
    struct slice item;
    struct slice name;

    if (jcs_check(opened, NULL) != JCS_OK || jcs_kind(opened) != JCS_ARRAY ||
        !jcs_item(&it, &item) || jcs_plain(item, &name) < 0 || !slice_is(name, kind) ||
        !hash_eq(&h, commitment))
        return ERR_PROOF;
    return 0;
}

static int
by_sensor(const void *a, const void *b)
{
    const struct leaf_figures *x = a;
    const struct leaf_figures *y = b;
    size_t n = x->sensor.len < y->sensor.len ? x->sensor.len : y->sensor.len;
    int r = memcmp(x->sensor.ptr, y->sensor.ptr, n);

    return r != 0 ? r : (x->sensor.len > y->sensor.len) - (x->sensor.len < y->sensor.len);
}

void
leaf_sort_figures(struct leaf_figures *rows, unsigned count)
{
    if (count > 1)
        qsort(rows, count, sizeof *rows, by_sensor);
}

void
leaf_open_figures(struct buf *b, const struct leaf_figures *rows, unsigned count)
{
    buf_text(b, "[\"figures\"");
    for (unsigned i = 0; i < count; i++) {
        const struct leaf_figures *r = &rows[i];
        const uint64_t numbers[] = {r->events,   r->count,  r->packets, r->drops,
                                    r->rejected, r->gap_us, r->healthy};

        buf_text(b, ",[");
        buf_json(b, r->sensor);
        for (unsigned k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
            buf_char(b, ',');
            buf_u64(b, counter(numbers[k]));
        }
        buf_char(b, ']');
    }
    buf_char(b, ']');
}

static void
buf_time_text(struct buf *b, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_char(b, '"');
    buf_add(b, text, sizeof text);
    buf_char(b, '"');
}

void
leaf_open_gap(struct buf *b, const struct leaf_gap *v)
{
    buf_text(b, "[\"gap\",");
    buf_time_text(b, v->from);
    buf_char(b, ',');
    buf_time_text(b, v->until);
    buf_char(b, ',');
    buf_texts(b, v->sensors, v->sensor_count);
    buf_char(b, ',');
    buf_json(b, v->reason);
    buf_char(b, ',');
    buf_json(b, v->text);
    buf_char(b, ']');
}

void
leaf_open_object(struct buf *b, struct slice id, struct utime version, const struct hash *bytes)
{
    char at[TIME_TEXT];

    time_format(version, at);
    buf_text(b, "[\"object\",");
    buf_json(b, id);
    buf_text(b, ",\"");
    buf_add(b, at, TIME_TEXT);
    buf_text(b, "\",\"");
    buf_hex(b, bytes->byte, sizeof bytes->byte);
    buf_text(b, "\"]");
}

void
leaf_open_person(struct buf *b, struct slice user, struct slice role)
{
    buf_text(b, "[\"person\",");
    buf_json(b, user);
    buf_char(b, ',');
    buf_json(b, role);
    buf_char(b, ']');
}
