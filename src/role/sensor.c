#include "role/sensor.h"

#include <stdlib.h>
#include <string.h>

#include "sense/tail.h"

struct sensor {
    struct sensor_open o;
    struct tail tail;
    struct decoder *decoder;
    struct decode_place place;
    struct slot *slot;
    uint32_t rules; /* of the decoder that were sent, number 0 included */
    size_t from;    /* bytes in the slot that the last step used */
    size_t len;     /* bytes in the slot, the used ones included */
    bool ends;      /* the file has no more: judge what is left */
    bool live;
    bool at_end;
    bool missing;
    bool done;
    struct store_source src;
    uint64_t base;        /* offset at which this decoder began, and what was passed over */
    uint64_t quarantined; /* since the last frame */
    int64_t lag_us;
    double due; /* lines of sample traffic that are owed */
    struct utime sampled;
    struct buf line;
};

/* A last line that had no newline was taken as it was; the newline that came since is not a
 * line of its own. */
static int
pass_newline(struct sensor *s)
{
    char two[2];
    size_t n = 0;
    int r;

    if (s->src.offset == 0 || s->src.array)
        return 0;
    r = tail_seek(&s->tail, s->src.offset - 1);
    if (r == 0 && tail_read(&s->tail, two, 2, &n) == TAIL_MORE && n == 2 && two[0] != '\n' &&
        two[1] == '\n')
        s->src.offset++;
    return r;
}

/* Another input begins: what was taken of it before is found by its first bytes. */
static int
begin(struct sensor *s)
{
    char *head = malloc(SOURCE_PREFIX);
    size_t len = 0;
    int r = head == NULL ? ERR_NOMEM : tail_head(&s->tail, head, SOURCE_PREFIX, &len);

    s->src = (struct store_source){0};
    if (r == 0) {
        r = s->o.find(s->o.arg, (struct slice){head, len}, &s->src);
        if (r == ERR_NOTFOUND)
            r = 0;
    }
    free(head);
    if (r == 0)
        r = pass_newline(s);
    if (r < 0)
        return r;
    s->decoder = eve_free(s->decoder);
    s->decoder = eve_new(&s->place);
    if (s->decoder == NULL)
        return ERR_NOMEM;
    if (s->src.offset > 0 && s->src.array)
        eve_resume_array(s->decoder);
    else if (s->src.offset > 0)
        eve_resume_lines(s->decoder);
    s->base = s->src.offset;
    s->rules = 1;
    s->len = s->from = 0;
    s->ends = false;
    s->done = s->o.finite && s->src.size > 0 && tail_size(&s->tail) <= s->src.size;
    return tail_seek(&s->tail, s->src.offset);
}

int
sensor_open(const struct sensor_open *o, struct sensor **ret)
{
    struct sensor *s = calloc(1, sizeof *s);

    if (s == NULL)
        return ERR_NOMEM;
    s->o = *o;
    s->place = (struct decode_place){.own = o->conf->networks.at,
                                     .own_count = o->conf->networks.count};
    tail_init(&s->tail, o->look, o->arg);
    buf_init(&s->line, SLOT_RAW);
    if (o->sample != NULL) {
        s->decoder = eve_new(&s->place);
        s->rules = 1;
        s->sampled = o->env->now_wall(o->env->self);
        if (s->decoder == NULL) {
            (void)sensor_close(s);
            return ERR_NOMEM;
        }
    }
    *ret = s;
    return 0;
}

struct sensor *
sensor_close(struct sensor *s)
{
    if (s == NULL)
        return NULL;
    tail_close(&s->tail);
    s->decoder = eve_free(s->decoder);
    buf_release(&s->line);
    free(s);
    return NULL;
}

void
sensor_use(struct sensor *s, struct slot *slot)
{
    if (s->slot != NULL && s->slot != slot)
        memcpy(slot->raw, s->slot->raw + s->from, s->len - s->from);
    else
        memmove(slot->raw, slot->raw + s->from, s->len - s->from);
    s->len -= s->from;
    s->from = 0;
    s->slot = slot;
    slot->frame.count = 0;
    slot->frame.raw.len = 0;
    slot->rules = 0;
    slot->has_source = 0;
    slot->quarantined = 0;
    slot->stats = (struct decode_stats){0};
}

/* Lines that were made go behind what waits in the slot. */
static void
put_lines(struct sensor *s)
{
    memcpy(s->slot->raw + s->len, s->line.ptr == NULL ? "" : s->line.ptr, s->line.len);
    s->len += s->line.len;
    buf_reset(&s->line);
}

/* The lines of sample traffic that have become due. */
static void
make_sample(struct sensor *s)
{
    struct utime now = s->o.env->now_wall(s->o.env->self);
    double elapsed = (double)(now.us - s->sampled.us) / 1e6;

    if (elapsed < 0 || elapsed > 60)
        elapsed = 0; /* the clock was set */
    s->due += elapsed * sample_rate(s->o.sample, now);
    s->sampled = now;
    while (s->due >= 1 && s->len + s->line.len < SLOT_RAW / 2) {
        sample_line(s->o.sample, now, &s->line);
        s->due -= 1;
    }
    put_lines(s);
}

/* More bytes behind those that wait.  Tells what the file's state is. */
static int
read_more(struct sensor *s)
{
    size_t n = 0;
    enum tail_state state;
    int r = 0;

    if (s->o.sample != NULL) {
        make_sample(s);
        s->live = true;
        return 0;
    }
    if (s->tail.fd < 0) {
        s->missing = tail_next(&s->tail) == TAIL_MISSING;
        if (s->missing)
            return 0;
        r = begin(s);
        if (r < 0)
            return r;
    }
    if (s->len >= DECODE_CHUNK_MAX || s->done)
        return 0;
    /* No more than is decoded at once: what is left over has to be moved. */
    state = tail_read(&s->tail, s->slot->raw + s->len, DECODE_CHUNK_MAX - s->len, &n);
    s->len += n;
    s->at_end = state != TAIL_MORE;
    s->ends = state == TAIL_ROTATED || (s->o.finite && s->at_end);
    return 0;
}

static void
note_times(struct sensor *s)
{
    const struct frame *f = &s->slot->frame;
    struct utime now = s->o.env->now_wall(s->o.env->self);

    if (f->count == 0)
        return;
    s->lag_us = now.us - f->event[f->count - 1].time.us;
    if (s->lag_us < 0)
        s->lag_us = 0;
}

/* The identity of the file once enough of it was taken. */
static int
identify(struct sensor *s)
{
    uint64_t want = s->src.offset < SOURCE_PREFIX ? s->src.offset : SOURCE_PREFIX;
    char *head;
    size_t len;
    int r;

    if (s->src.prefix_len == want)
        return 0;
    head = malloc(SOURCE_PREFIX);
    if (head == NULL)
        return ERR_NOMEM;
    r = tail_head(&s->tail, head, want, &len);
    if (r == 0 && len == want) {
        s->src.prefix_len = (uint32_t)len;
        s->src.prefix = sha256_of(head, len);
    }
    free(head);
    return r;
}

/* The rules that are new with this frame. */
static void
put_rules(struct sensor *s)
{
    uint32_t at = 0;

    for (uint32_t n = eve_rule_count(s->decoder); s->rules < n; s->rules++) {
        const struct rule *rule = eve_rule(s->decoder, s->rules);
        struct slot_rule *to = &s->slot->rule[s->slot->rules++];

        uint8_t packed[CVE_SET * CVE_PACKED];
        unsigned cves = rule->cves == NULL ? 0 : cve_set_pack(rule->cves, packed);

        BUG_ON(s->slot->rules > SLOT_RULES || at + rule->name.len + cves > SLOT_NAMES);
        *to =
            (struct slot_rule){rule->gid, rule->sid, rule->rev, (uint32_t)rule->name.len, cves};
        if (rule->name.len > 0)
            memcpy(s->slot->names + at, rule->name.ptr, rule->name.len);
        memcpy(s->slot->names + at + rule->name.len, packed, cves);
        at += (uint32_t)rule->name.len + cves;
    }
}

void
sensor_report(struct sensor *s)
{
    s->slot->live = s->live;
    s->slot->missing = s->missing;
    s->slot->lag_us = s->lag_us;
    s->slot->gauge = s->decoder == NULL ? (struct gauge){0} : *eve_gauge(s->decoder);
    s->slot->quarantined = s->quarantined;
    s->quarantined = 0;
}

/* What goes with the frame in the slot. */
static int
finish_frame(struct sensor *s, size_t used)
{
    int r = 0;

    s->from = used;
    s->src.lines += s->slot->stats.lines;
    s->src.offset = s->base + eve_whole(s->decoder);
    s->src.size = s->tail.at;
    s->src.array = eve_is_array(s->decoder);
    note_times(s);
    if (s->o.sample == NULL)
        r = identify(s);
    s->slot->source = s->src;
    s->slot->has_source = s->o.sample == NULL && s->src.offset > 0;
    put_rules(s);
    sensor_report(s);
    return r < 0 ? r : 1;
}

/* The part of what waits that is decoded next; nothing when more must be read before. */
static struct slice
next_part(struct sensor *s, uint64_t at)
{
    struct slice all = {s->slot->raw, s->len};
    const char *lf;

    if (at >= s->o.care.until || s->o.sample != NULL)
        return all;
    lf = memchr(all.ptr, '\n', all.len);
    return lf == NULL ? all : slice_sub(all, 0, (size_t)(lf - all.ptr) + 1);
}

/* Pass over what made a sensor die before. */
static bool
skip_poison(struct sensor *s, uint64_t at)
{
    struct sensor_care *c = &s->o.care;

    if (c->skip_len == 0 || at != c->skip_at || s->o.sample != NULL)
        return false;
    if (s->len < c->skip_len && !s->ends)
        return false;
    s->from = s->len < c->skip_len ? s->len : (size_t)c->skip_len;
    s->base += s->from;
    s->quarantined++;
    s->src.lines++;
    c->skip_len = 0;
    return true;
}

static int
decode(struct sensor *s, uint64_t at, size_t *ret_used)
{
    struct slice part = next_part(s, at);
    struct slot_work *w = s->o.work;
    int r;

    w->at = at;
    w->len = (uint32_t)part.len;
    w->array = eve_is_array(s->decoder);
    __atomic_store_n(&w->busy, 1, __ATOMIC_RELEASE);
    r = s->o.decode(s->decoder, part, s->ends && part.len == s->len, &s->slot->frame, ret_used,
                    &s->slot->stats);
    __atomic_store_n(&w->busy, 0, __ATOMIC_RELEASE);
    s->slot->frame.raw.len = r < 0 ? 0 : *ret_used; /* what is behind comes again */
    return r;
}

int
sensor_step(struct sensor *s)
{
    size_t used = 0;
    uint64_t at;
    int r = read_more(s);

    if (r < 0 || s->decoder == NULL || s->done)
        return r;
    if (s->at_end && s->len == 0 && !s->ends)
        s->live = true;
    at = s->tail.at - s->len;
    if (skip_poison(s, at))
        return finish_frame(s, s->from);
    if (s->len > 0)
        r = decode(s, at, &used);
    if (r < 0)
        return r;
    if (used > 0)
        return finish_frame(s, used);
    if (s->ends) {
        tail_forget(&s->tail); /* the next step opens the file that has the name now */
        s->done = s->o.finite;
        s->len = s->from = 0;
    }
    return 0;
}

bool
sensor_missing(const struct sensor *s)
{
    return s->missing;
}

bool
sensor_done(const struct sensor *s)
{
    return s->done;
}

int
sensor_backfill(struct sensor *s, struct utime *t)
{
    struct utime now = s->o.env->now_wall(s->o.env->self);
    size_t used = 0;
    int r;

    s->live = false; /* what is of the past was not taken by a clock that is off */
    while (t->us < now.us && s->len + s->line.len < DECODE_CHUNK_MAX - 4096) {
        sample_line(s->o.sample, *t, &s->line);
        t->us += (int64_t)(1e6 / sample_rate(s->o.sample, *t));
    }
    put_lines(s);
    if (s->len == 0)
        return 0;
    r = decode(s, 0, &used);
    return r < 0 ? r : finish_frame(s, used);
}
