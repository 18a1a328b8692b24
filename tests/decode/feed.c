#include "feed.h"

#include <stdio.h>
#include <stdlib.h>

static void
keep(struct feed *f, const struct decoder *d, const struct frame *frame, uint64_t raw_from)
{
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct rule *rule = eve_rule(d, frame->event[i].rule);
        struct taken *t;

        if (f->count % 256 == 0) {
            f->at = realloc(f->at, (f->count + 256) * sizeof *f->at);
            BUG_ON(f->at == NULL);
        }
        t = &f->at[f->count++];
        *t = (struct taken){frame->event[i], rule->gid, rule->sid, rule->rev, 0, 0};
        BUG_ON(t->ev.raw_at > frame->raw.len || t->ev.raw_len > frame->raw.len - t->ev.raw_at);
        t->raw_at = t->ev.raw_len == 0 ? 0 : raw_from + t->ev.raw_at;
        t->ev.raw_at = 0;
        t->ev.rule = 0;
    }
}

static void
start(struct decoder *d, enum feed_start how)
{
    switch (how) {
    case FEED_FRESH: break;
    case FEED_LINES: eve_start_lines(d); break;
    case FEED_MORE_LINES: eve_resume_lines(d); break;
    case FEED_MORE_ARRAY: eve_resume_array(d); break;
    }
}

/* One call with the bytes from..have in memory of their own. */
static size_t
piece(struct feed *f, struct decoder *d, struct slice in, size_t from, size_t have)
{
    static struct frame frame;
    size_t n = have - from < DECODE_CHUNK_MAX + 1 ? have - from : DECODE_CHUNK_MAX + 1;
    char *bytes = malloc(n == 0 ? 1 : n);
    size_t used = 0;

    BUG_ON(bytes == NULL);
    if (n > 0)
        memcpy(bytes, in.ptr + from, n);
    BUG_ON(eve_decode(d, (struct slice){bytes, n}, from + n == in.len, &frame, &used,
                      &f->stats) < 0);
    BUG_ON(used > n || eve_whole(d) > from + used);
    keep(f, d, &frame, from + (uint64_t)(frame.raw.ptr - bytes));
    free(bytes);
    return used;
}

void
feed_run(struct feed *f, struct slice in, struct feed_how how)
{
    static const struct decode_place nowhere;
    struct decoder *d = eve_new(how.place == NULL ? &nowhere : how.place);
    size_t from = 0;
    size_t have = 0;

    BUG_ON(d == NULL);
    *f = (struct feed){0};
    start(d, how.start);
    for (;;) {
        size_t used = piece(f, d, in, from, have);

        from += used;
        if (used == 0 && have == in.len)
            break;
        if (used == 0)
            have = in.len - have < how.step ? in.len : have + how.step;
    }
    f->whole = eve_whole(d);
    f->array = eve_is_array(d);
    BUG_ON(f->stats.lines != f->stats.events + f->stats.ignored + decode_rejected(&f->stats));
    BUG_ON(f->stats.events != f->count || f->stats.bytes != from);
    (void)eve_free(d);
}

void
feed_lines(struct feed *sum, struct slice in)
{
    struct slice rest = in;
    struct slice line;

    *sum = (struct feed){0};
    while (slice_line(&rest, &line)) {
        bool lf = line.ptr + line.len < in.ptr + in.len;
        struct slice with = {line.ptr, line.len + lf};
        struct feed f;

        feed_run(&f, with, (struct feed_how){.step = with.len, .start = FEED_MORE_LINES});
        sum->at = realloc(sum->at, (sum->count + f.count + 1) * sizeof f.at[0]);
        BUG_ON(sum->at == NULL);
        for (size_t i = 0; i < f.count; i++) {
            sum->at[sum->count] = f.at[i];
            if (f.at[i].ev.raw_len > 0)
                sum->at[sum->count].raw_at += (uint64_t)(line.ptr - in.ptr);
            sum->count++;
        }
        decode_stats_add(&sum->stats, &f.stats);
        feed_release(&f);
    }
}

void
feed_release(struct feed *f)
{
    free(f->at);
    *f = (struct feed){0};
}

bool
feed_same(const struct feed *a, const struct feed *b)
{
    return memcmp(&a->stats, &b->stats, sizeof a->stats) == 0 && a->array == b->array &&
           (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof a->at[0]) == 0);
}

const char *
feed_verdict(struct slice line, char *room)
{
    struct feed f;
    const char *what = "nothing";

    feed_run(&f, line, (struct feed_how){.step = line.len, .start = FEED_LINES});
    if (f.stats.events > 0)
        what = "event";
    else if (f.stats.ignored > 0)
        what = "ignored";
    for (int i = 0; i < REJECTS; i++) {
        if (f.stats.rejected[i] > 0)
            what = reject_name((enum reject)i);
    }
    if (f.stats.lines > 1)
        (void)snprintf(room, 32, "%llu %s", (unsigned long long)f.stats.lines, what);
    else
        (void)snprintf(room, 32, "%s", what);
    feed_release(&f);
    return room;
}
