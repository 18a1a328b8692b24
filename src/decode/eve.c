/* Suricata EVE: bytes are cut into records, records into events; what cannot be used is
 * counted by reason. */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/eve_priv.h"
#include "decode/eve_shape_priv.h"
#include "vuln/alert.h"

enum { RULE_BLOCK = 1024, RULE_BLOCKS = DECODE_RULES_MAX / RULE_BLOCK };

/* Where an array's scanner stands between and inside elements. */
enum array_state {
    ARRAY_START,
    ARRAY_BETWEEN,
    ARRAY_AFTER_COMMA,
    ARRAY_SKIP,
    ARRAY_DONE, /* anything else is one more record, of junk */
    ARRAY_JUNK  /* which was counted */
};

struct decoder {
    struct decode_place place;
    struct json_index *index; /* of a whole chunk */
    struct json_index *alone; /* of one record */
    struct shapes *shapes;
    struct eve_memory memory;
    char scratch[EVE_SCRATCH];
    struct gauge gauge;
    struct map rules; /* gid, sid, rev → index - 1 */
    struct rule *rule[RULE_BLOCKS];
    bool marked;  /* a byte order mark was there, or is too late */
    bool started; /* known: array or lines */
    bool array;
    bool skipping; /* inside a line that is too long */
    enum array_state state;
    uint64_t given;      /* bytes used in all calls */
    uint64_t whole;      /* of them, up to the end of the last whole record */
    unsigned skip_depth; /* of an element that is too long */
    bool skip_string;
    bool skip_escape;
};

/* One call of eve_decode. */
struct run {
    struct decoder *d;
    struct slice bytes;
    struct frame *frame;
    struct decode_stats *stats;
    bool ends; /* behind bytes nothing comes: a last line without its newline is judged */
};

/* Where a record's bytes stand in the frame's. */
struct raw {
    uint32_t at;
    uint32_t len;
};

const char *
reject_name(enum reject r)
{
    static const char *const names[] = {"json",       "utf8",      "too-long", "no-time",
                                        "no-address", "bad-value", "truncated"};

    return names[r];
}

uint64_t
decode_rejected(const struct decode_stats *s)
{
    uint64_t n = 0;

    for (int i = 0; i < REJECTS; i++)
        n += s->rejected[i];
    return n;
}

void
decode_stats_add(struct decode_stats *to, const struct decode_stats *from)
{
    for (int i = 0; i < REJECTS; i++) {
        if (to->first_bad[i] == 0 && from->first_bad[i] != 0)
            to->first_bad[i] = to->lines + from->first_bad[i];
        to->rejected[i] += from->rejected[i];
    }
    to->lines += from->lines;
    to->bytes += from->bytes;
    to->events += from->events;
    to->attacks += from->attacks;
    to->ignored += from->ignored;
}

struct decoder *
eve_new(const struct decode_place *place)
{
    struct decoder *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->place = *place;
    map_init(&d->rules, 3 * sizeof(uint32_t), DECODE_RULES_MAX - 1, 0x7be5);
    d->index = json_index_new(DECODE_CHUNK_MAX);
    d->alone = json_index_new(DECODE_UNIT_MAX);
    d->rule[0] = calloc(RULE_BLOCK, sizeof(struct rule));
    d->shapes = shapes_new();
    if (d->index == NULL || d->alone == NULL || d->rule[0] == NULL || d->shapes == NULL)
        return eve_free(d);
    return d;
}

struct decoder *
eve_free(struct decoder *d)
{
    if (d == NULL)
        return NULL;
    for (uint32_t i = 0; i < eve_rule_count(d) && d->rule[0] != NULL; i++) {
        free((void *)(uintptr_t)eve_rule(d, i)->name.ptr);
        free((void *)(uintptr_t)eve_rule(d, i)->cves);
    }
    for (int i = 0; i < RULE_BLOCKS; i++)
        free(d->rule[i]);
    map_release(&d->rules);
    d->index = json_index_free(d->index);
    d->alone = json_index_free(d->alone);
    d->shapes = shapes_free(d->shapes);
    free(d);
    return NULL;
}

uint64_t
eve_whole(const struct decoder *d)
{
    return d->whole;
}

void
eve_resume_array(struct decoder *d)
{
    d->marked = d->started = d->array = true;
    d->state = ARRAY_BETWEEN;
}

void
eve_resume_lines(struct decoder *d)
{
    d->marked = d->started = true;
}

void
eve_start_lines(struct decoder *d)
{
    d->started = true;
}

const struct gauge *
eve_gauge(const struct decoder *d)
{
    return &d->gauge;
}

bool
eve_is_array(const struct decoder *d)
{
    return d->array;
}

uint32_t
eve_rule_count(const struct decoder *d)
{
    return d->rules.count + 1;
}

const struct rule *
eve_rule(const struct decoder *d, uint32_t index)
{
    return &d->rule[index / RULE_BLOCK][index % RULE_BLOCK];
}

/* Once a rule: what its record says of vulnerabilities is the rule's. */
static int
read_cves(struct slice record, const struct cve_set **ret)
{
    char *copy = malloc(record.len + 1); /* it is written to */
    struct cve_set *set = malloc(sizeof *set);
    struct errinfo ei = {0};
    int r = copy == NULL || set == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        memcpy(copy, record.ptr, record.len);
        r = alert_cves(copy, record.len, set, &ei);
    }
    free(copy);
    if (r <= 0 || set->count == 0) { /* what is no alert names none */
        free(set);
        return r == ERR_NOMEM ? r : 0;
    }
    *ret = set;
    return 0;
}

/* The index of a rule, new or known; 0 for none and when the table is full. */
static int
take_rule(struct decoder *d, const struct rule *rule, struct slice record, uint32_t *ret)
{
    uint32_t key[3] = {rule->gid, rule->sid, rule->rev};
    int fresh;
    int64_t at;
    struct rule *row;

    *ret = 0;
    if (rule->sid == 0)
        return 0;
    at = map_put(&d->rules, key, &fresh);
    if (at < 0)
        return d->rules.count == d->rules.max ? 0 : ERR_NOMEM;
    *ret = (uint32_t)at + 1;
    if (!fresh)
        return 0;
    if (d->rule[*ret / RULE_BLOCK] == NULL) {
        d->rule[*ret / RULE_BLOCK] = calloc(RULE_BLOCK, sizeof *row);
        if (d->rule[*ret / RULE_BLOCK] == NULL)
            return ERR_NOMEM;
    }
    row = &d->rule[*ret / RULE_BLOCK][*ret % RULE_BLOCK];
    *row = *rule;
    row->name.ptr = rule->name.len == 0 ? NULL : strndup(rule->name.ptr, rule->name.len);
    if (row->name.ptr == NULL) {
        if (rule->name.len > 0)
            return ERR_NOMEM;
        row->name.len = 0;
    }
    return read_cves(record, &row->cves);
}

static void
refuse(struct run *r, enum reject why)
{
    r->stats->rejected[why]++;
    if (r->stats->first_bad[why] == 0)
        r->stats->first_bad[why] = r->stats->lines;
}

/* A walked record. */
static int
take_record(struct run *r, const struct eve_walk *w, struct raw raw)
{
    struct event *ev = &r->frame->event[r->frame->count];
    enum eve_kind kind;
    enum reject why = eve_kind_of(w, &kind);

    if (why == REJECTS && (kind == EVE_OTHER || kind == EVE_STATS)) {
        if (kind == EVE_STATS)
            eve_read_gauge(w, &r->d->gauge);
        r->stats->ignored++;
        return 0;
    }
    if (why == REJECTS && kind == EVE_ALERT &&
        (!(w->shape != NULL ? w->shape->sound : eve_check_order(w)) || !eve_check_scalars(w)))
        why = REJECT_JSON;
    if (why == REJECTS)
        why = eve_event(w, kind, &r->d->place, &r->d->memory, ev);
    if (why != REJECTS) {
        refuse(r, why);
        return 0;
    }
    r->frame->count++;
    r->stats->events++;
    if (kind == EVE_FLOW)
        return 0;
    r->stats->attacks++;
    ev->raw_kind = r->d->array ? RAW_ELEMENT : RAW_LINE;
    ev->raw_at = raw.at;
    ev->raw_len = raw.len;
    ev->raw_count = 1;
    return take_rule(r->d, &r->d->memory.rule, slice_sub(r->bytes, raw.at, raw.len), &ev->rule);
}

/* The record whose tokens w has, which stands at raw.  With open_end nothing says that it is
 * over, and what is wrong with it may be that. */
static int
judge(struct run *r, struct eve_walk *w, struct raw raw, bool open_end)
{
    struct shapes *shapes = r->d->shapes;
    uint32_t next;

    if (raw.len > DECODE_UNIT_MAX) {
        refuse(r, REJECT_TOO_LONG);
        return 0;
    }
    if (w->count == 0) {
        r->stats->ignored++; /* a blank line */
        return 0;
    }
    if (shapes_find(shapes, w))
        return take_record(r, w, raw);
    next = eve_walk_record(w);
    if (next != w->count) {
        refuse(r, open_end && next == 0 ? REJECT_TRUNCATED : REJECT_JSON);
        return 0;
    }
    shapes_learn(shapes, w);
    return take_record(r, w, raw);
}

/* One record that stands alone at raw: after a fault somewhere near, and for elements. */
static int
record_alone(struct run *r, struct raw raw, bool open_end)
{
    struct eve_walk w = {.text = r->bytes.ptr + raw.at,
                         .readable = (uint32_t)r->bytes.len - raw.at,
                         .scratch = r->d->scratch};
    struct json_tokens t;
    enum json_fault fault;

    if (raw.len > DECODE_UNIT_MAX) {
        refuse(r, REJECT_TOO_LONG);
        return 0;
    }
    fault = json_index_run(r->d->alone, w.text, raw.len, &t);
    if (fault == JSON_MEMORY)
        return ERR_NOMEM;
    if (fault != JSON_FINE) {
        refuse(r, open_end ? REJECT_TRUNCATED : fault == JSON_UTF8 ? REJECT_UTF8 : REJECT_JSON);
        return 0;
    }
    w.at = t.at;
    w.first = t.first;
    w.count = t.count;
    w.escapes = memchr(w.text, '\\', raw.len) != NULL;
    return judge(r, &w, raw, open_end);
}

/* The end of the part of bytes that can be cut into whole lines. */
static size_t
whole_lines(struct slice bytes, bool last)
{
    const char *lf;

    if (bytes.len > DECODE_CHUNK_MAX) {
        bytes.len = DECODE_CHUNK_MAX;
        last = false;
    }
    if (last || bytes.len == 0)
        return bytes.len;
    lf = memrchr(bytes.ptr, '\n', bytes.len);
    return lf == NULL ? 0 : (size_t)(lf - bytes.ptr) + 1;
}

/* Pass over a line without end in sight; true when bytes were used. */
static bool
skip_long_line(struct run *r, bool last, size_t *ret_used)
{
    struct decoder *d = r->d;
    const char *lf;

    if (!d->skipping) {
        if (r->bytes.len < DECODE_CHUNK_MAX)
            return false;
        d->skipping = true;
        r->stats->lines++;
        refuse(r, REJECT_TOO_LONG);
    }
    lf = r->bytes.len == 0 ? NULL : memchr(r->bytes.ptr, '\n', r->bytes.len);
    *ret_used = lf == NULL ? r->bytes.len : (size_t)(lf - r->bytes.ptr) + 1;
    d->skipping = lf == NULL && !last;
    return true;
}

/* A line of a text that has a fault somewhere: found by its newline and looked at alone. */
static int
odd_line(struct run *r, uint32_t from, uint32_t *ret_next)
{
    uint32_t len = (uint32_t)r->bytes.len;
    const char *lf = memchr(r->bytes.ptr + from, '\n', len - from);
    uint32_t end = lf == NULL ? len : (uint32_t)(lf - r->bytes.ptr);

    *ret_next = end + (lf != NULL);
    r->stats->lines++;
    return record_alone(r, (struct raw){from, end - from}, r->ends && lf == NULL);
}

static int
odd_lines(struct run *r, size_t *ret_used)
{
    uint32_t from = 0;

    while (from < r->bytes.len && r->frame->count < FRAME_EVENTS) {
        int e = odd_line(r, from, &from);

        if (e < 0)
            return e;
    }
    *ret_used = from;
    return 0;
}

/* Lines in which every string has its end: their tokens are known all together. */
static int
sound_lines(struct run *r, const struct json_tokens *t, size_t *ret_used)
{
    uint32_t len = (uint32_t)r->bytes.len;
    struct eve_walk w = {.text = r->bytes.ptr, .readable = len, .scratch = r->d->scratch};
    uint32_t from = 0;
    uint32_t token = 0;

    for (uint32_t i = 0; i < t->lines && r->frame->count < FRAME_EVENTS; i++) {
        const struct json_line *line = &t->line[i];
        int e;

        w.at = t->at + token;
        w.first = t->first + token;
        w.count = line->tokens - token;
        w.escapes = line->escapes;
        r->stats->lines++;
        e = judge(r, &w, (struct raw){from, line->end - from}, r->ends && line->end == len);
        if (e < 0)
            return e;
        token = line->tokens;
        from = line->end + 1;
    }
    *ret_used = from < len ? from : len;
    return 0;
}

static int
decode_lines(struct run *r, size_t len, size_t *ret_used)
{
    struct json_tokens t;
    enum json_fault fault;

    r->bytes.len = len;
    r->frame->raw = r->bytes;
    fault = json_index_run(r->d->index, r->bytes.ptr, len, &t);
    if (fault == JSON_MEMORY)
        return ERR_NOMEM;
    return fault == JSON_FINE ? sound_lines(r, &t, ret_used) : odd_lines(r, ret_used);
}

/* ---- one JSON array ------------------------------------------------------------------- */

/* Move over bytes of a value until it ends; *at behind its last byte.  A bracket ends what is
 * no object or array, since a record may begin there.  The state is in d, so that a long
 * value can be passed over piece by piece.  True when the end was found. */
static bool
scan_value(struct decoder *d, struct slice s, size_t *at)
{
    bool scalar = d->state == ARRAY_SKIP && d->skip_depth == 0;

    for (; *at < s.len; (*at)++, scalar |= d->skip_depth == 0) {
        char c = s.ptr[*at];

        if (d->skip_string) {
            if (d->skip_escape)
                d->skip_escape = false;
            else if (c == '\\')
                d->skip_escape = true;
            else if (c == '"')
                d->skip_string = false;
            continue;
        }
        if (c == '"') {
            d->skip_string = true;
        } else if (c == '{' || c == '[') {
            if (scalar)
                return true;
            d->skip_depth++;
        } else if (c == '}' || c == ']') {
            if (d->skip_depth == 0)
                return true; /* the array's own end, behind a scalar */
            if (--d->skip_depth == 0) {
                (*at)++;
                return true;
            }
        } else if (c == ',' && d->skip_depth == 0) {
            return true;
        }
    }
    return false;
}

static void
scan_reset(struct decoder *d)
{
    d->skip_depth = 0;
    d->skip_string = d->skip_escape = false;
}

/* An element that is not there, or a bracket too much. */
static void
array_fault(struct run *r, size_t whole)
{
    r->stats->lines++;
    refuse(r, REJECT_JSON);
    r->d->whole = r->d->given + whole;
}

/* The bytes between elements; *at at the first byte of an element, or the end of bytes.
 * False when the array has ended. */
static bool
between_elements(struct run *r, size_t *at)
{
    struct decoder *d = r->d;

    for (; *at < r->bytes.len; (*at)++) {
        char c = r->bytes.ptr[*at];

        if (eve_is_space(c))
            continue;
        if (d->state == ARRAY_START && c == '[') {
            d->state = ARRAY_AFTER_COMMA;
        } else if (d->state == ARRAY_BETWEEN && c == ',') {
            d->state = ARRAY_AFTER_COMMA;
        } else if (c == ']' && d->state != ARRAY_START) {
            d->state = ARRAY_DONE;
            ++*at;
            return false;
        } else if (c == ',') {
            array_fault(r, *at); /* who goes on from there finds this comma */
        } else if (c == '}') {
            d->state = ARRAY_BETWEEN;
            array_fault(r, *at + 1);
        } else {
            return true;
        }
    }
    return true;
}

/* Behind the array's end: what is there is lost, so it is counted, once. */
static void
behind_array(struct run *r, size_t at)
{
    while (at < r->bytes.len && eve_is_space(r->bytes.ptr[at]))
        at++;
    if (at == r->bytes.len || r->d->state == ARRAY_JUNK)
        return;
    r->stats->lines++;
    refuse(r, REJECT_JSON);
    r->d->state = ARRAY_JUNK;
}

/* An element from..to; anything but an object is no record.  An object without a comma in
 * front of it is taken, and what it lacks is counted as if an element were missing. */
static int
element(struct run *r, size_t from, size_t to, bool comma)
{
    if (!comma && r->bytes.ptr[from] == '{')
        array_fault(r, to);
    r->stats->lines++;
    while (to > from && eve_is_space(r->bytes.ptr[to - 1]))
        to--;
    return record_alone(r, (struct raw){(uint32_t)from, (uint32_t)(to - from)}, false);
}

/* An element whose end is not in sight: wait for more, or judge it. */
static bool
unfinished(struct run *r, size_t from, bool last)
{
    struct decoder *d = r->d;

    if (!last && r->bytes.len - from <= DECODE_UNIT_MAX) {
        scan_reset(d);
        return false;
    }
    r->stats->lines++;
    refuse(r, r->bytes.len - from > DECODE_UNIT_MAX ? REJECT_TOO_LONG : REJECT_TRUNCATED);
    d->state = ARRAY_SKIP;
    return true;
}

static int
decode_elements(struct run *r, bool last, size_t *ret_used)
{
    struct decoder *d = r->d;
    size_t at = 0;

    r->frame->raw = r->bytes;
    while (d->state < ARRAY_DONE && r->frame->count < FRAME_EVENTS) {
        size_t from;
        bool comma;
        int e;

        if (d->state == ARRAY_SKIP) {
            if (!scan_value(d, r->bytes, &at))
                break;
            scan_reset(d);
            d->state = ARRAY_BETWEEN;
            d->whole = d->given + at;
            continue;
        }
        if (!between_elements(r, &at) || at == r->bytes.len)
            break;
        from = at;
        if (!scan_value(d, r->bytes, &at)) {
            if (!unfinished(r, from, last))
                at = from;
            break;
        }
        comma = d->state == ARRAY_AFTER_COMMA;
        scan_reset(d);
        d->state = ARRAY_BETWEEN;
        d->whole = d->given + at;
        e = element(r, from, at, comma);
        if (e < 0)
            return e;
    }
    if (d->state >= ARRAY_DONE) {
        behind_array(r, at);
        at = r->bytes.len;
        /* Behind a good end nothing was taken: a writer may put a comma there and go on. */
        if (d->state == ARRAY_JUNK)
            d->whole = d->given + at;
    }
    *ret_used = at;
    return 0;
}

static const struct slice byte_order_mark = {"\xef\xbb\xbf", 3};

bool
eve_looks_like_array(struct slice head)
{
    size_t at = slice_eq(slice_sub(head, 0, 3), byte_order_mark) ? 3 : 0;

    while (at < head.len && eve_is_space(head.ptr[at]))
        at++;
    return at < head.len && head.ptr[at] == '[';
}

/* Before anything is known: passes over the byte order mark and over blank lines, and looks
 * at the first byte that is neither.  Gives the bytes used; d->started tells whether what
 * follows can be decoded. */
static size_t
find_start(struct decoder *d, struct slice bytes, bool last, struct decode_stats *stats)
{
    size_t used = 0;
    size_t at;

    if (!d->marked) {
        size_t n = bytes.len < 3 ? bytes.len : 3;

        if (n < 3 && !last &&
            slice_eq(slice_sub(bytes, 0, n), slice_sub(byte_order_mark, 0, n)))
            return 0;
        used = slice_eq(slice_sub(bytes, 0, 3), byte_order_mark) ? 3 : 0;
        d->marked = true;
    }
    for (at = used; !d->started && at < bytes.len && eve_is_space(bytes.ptr[at]); at++) {
        if (bytes.ptr[at] == '\n' || (last && at + 1 == bytes.len)) {
            stats->lines++;
            stats->ignored++;
            used = at + 1;
        }
    }
    if (!d->started && (at < bytes.len || bytes.len - used >= DECODE_CHUNK_MAX)) {
        d->started = true;
        d->array = at < bytes.len && bytes.ptr[at] == '[';
    }
    return used;
}

/* Bytes at the end of those used that are the start of a line still being written. */
static size_t
unfinished_tail(const struct run *r, size_t used, uint64_t truncated)
{
    const char *lf;

    if (truncated == 0 || used == 0)
        return 0;
    lf = memrchr(r->bytes.ptr, '\n', used);
    return lf == NULL ? used : used - (size_t)(lf - r->bytes.ptr) - 1;
}

/* What find_start() left. */
static int
decode_run(struct run *r, bool last, size_t *ret_used)
{
    struct decoder *d = r->d;
    size_t len;

    if (d->array) {
        if (r->bytes.len > DECODE_CHUNK_MAX) {
            r->bytes.len = DECODE_CHUNK_MAX;
            last = false;
        }
        return decode_elements(r, last, ret_used);
    }
    len = whole_lines(r->bytes, last);
    r->ends = last && r->bytes.len <= DECODE_CHUNK_MAX;
    if (!d->skipping && len > 0)
        return decode_lines(r, len, ret_used);
    (void)skip_long_line(r, last, ret_used);
    return 0;
}

int
eve_decode(struct decoder *d, struct slice bytes, bool last, struct frame *frame,
           size_t *ret_used, struct decode_stats *stats)
{
    struct run r = {.d = d, .bytes = bytes, .frame = frame, .stats = stats};
    uint64_t cut = stats->rejected[REJECT_TRUNCATED];
    size_t mark = 0;
    int e = 0;

    *ret_used = 0;
    frame->count = 0;
    frame->raw = bytes;
    if (!d->marked || !d->started) {
        mark = find_start(d, bytes, last, stats);
        r.bytes = slice_sub(bytes, mark, bytes.len);
        d->given += mark;
    }
    if (d->started && r.bytes.len > 0)
        e = decode_run(&r, last, ret_used);
    d->given += *ret_used;
    if (d->started && !d->array && *ret_used + mark > 0)
        d->whole =
            d->given - unfinished_tail(&r, *ret_used, stats->rejected[REJECT_TRUNCATED] - cut);
    *ret_used += mark;
    stats->bytes += *ret_used;
    return e;
}
