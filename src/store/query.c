#include "store/query.h"

#include <stdlib.h>

struct reader {
    struct store *store;
    const struct env *env;
    struct codec *codec;
    struct buf frames;
    uint32_t segment; /* the one that fd is, 0 none */
    int fd;
};

int
reader_open(struct store *s, const struct env *env, struct reader **ret)
{
    struct reader *r = calloc(1, sizeof *r);

    if (r == NULL)
        return ERR_NOMEM;
    r->store = s;
    r->env = env;
    r->fd = -1;
    buf_init(&r->frames, EVIDENCE_FRAME_MAX);
    r->codec = codec_new();
    if (r->codec == NULL) {
        (void)reader_close(r);
        return ERR_NOMEM;
    }
    *ret = r;
    return 0;
}

struct reader *
reader_close(struct reader *r)
{
    if (r == NULL)
        return NULL;
    r->codec = codec_free(r->codec);
    buf_release(&r->frames);
    if (r->fd >= 0)
        r->env->close(r->env->self, r->fd);
    free(r);
    return NULL;
}

void
query_init(struct query *q)
{
    *q = (struct query){.until = TIME_MAX,
                        .class_ = -1,
                        .chip = -1,
                        .kinds = (uint8_t)(((1U << EVENT_KINDS) - 1) & ~(1U << EVENT_FLOW))};
}

bool
query_matches(const struct query *q, const struct event *ev)
{
    return ev->time.us >= q->since.us && ev->time.us < q->until.us &&
           (q->kinds & 1U << ev->kind) != 0 && (q->class_ < 0 || ev->class_ == q->class_) &&
           (q->chip < 0 || (int)event_class_chip((enum event_class)ev->class_) == q->chip) &&
           (!q->by_country || ev->origin_country == q->country) &&
           (!q->by_asn || ev->origin_asn == q->asn) &&
           (!q->by_address || addr_eq(&ev->origin, &q->address) ||
            addr_eq(&ev->target, &q->address)) &&
           (q->groups == 0 || (q->groups >> q->group(q->group_arg, &ev->target) & 1) != 0) &&
           (q->owners == 0 || (q->owners >> query_owner(q, ev, false) & 1) != 0);
}

unsigned
query_owner(const struct query *q, const struct event *ev, bool target)
{
    if (q->owner == NULL)
        return 0;
    return q->owner(q->owner_arg, target ? &ev->target : &ev->origin,
                    target ? ev->target_asn : ev->origin_asn, event_when(ev));
}

static int
open_segment(struct reader *r, uint32_t segment)
{
    char name[SEGMENT_NAME];

    if (r->fd >= 0 && r->segment == segment)
        return 0;
    if (r->fd >= 0)
        r->env->close(r->env->self, r->fd);
    segment_name(segment, name);
    r->fd = r->env->open(r->env->self, name, ENV_READ);
    r->segment = segment;
    return r->fd < 0 ? r->fd : 0;
}

int
reader_block(struct reader *r, const struct store_block *b, bool with_raw, struct evidence *ret)
{
    char *to;
    int e = b->erased == ERASURE_BLOCK ? ERR_GONE : open_segment(r, b->segment);

    if (e < 0)
        return e;
    buf_reset(&r->frames);
    to = buf_reserve(&r->frames, b->len);
    if (to == NULL)
        return buf_error(&r->frames);
    if (r->env->pread(r->env->self, r->fd, to, b->len, b->at) != (int64_t)b->len)
        return ERR_IO;
    e = evidence_decode(r->codec, (struct slice){to, b->len},
                        with_raw && b->erased == ERASURE_NONE, ret);
    if (e == 0)
        ret->raw_erased |= b->erased == ERASURE_RAW;
    if (e == 0 && (ret->block != b->block || ret->count != b->events))
        e = ERR_INVALID;
    return e;
}

int
reader_find(struct reader *r, uint64_t block, bool with_raw, struct store_block *ret_row,
            struct evidence *ret)
{
    int e = store_get_block(r->store, block, ret_row);

    return e < 0 ? e : reader_block(r, ret_row, with_raw, ret);
}

struct scan {
    struct reader *reader;
    const struct query *query;
    bool backwards;
    int (*each)(void *arg, const struct query_hit *hit);
    void *arg;
};

static int
scan_block(void *arg, const struct store_block *b)
{
    struct scan *s = arg;
    struct evidence ev = {0};
    int r = reader_block(s->reader, b, false, &ev);

    for (uint32_t i = 0; r == 0 && i < ev.count; i++) {
        uint32_t at = s->backwards ? ev.count - 1 - i : i;

        if (query_matches(s->query, &ev.event[at])) {
            struct query_hit hit = {{b->block, at}, &ev.event[at], b};

            r = s->each(s->arg, &hit);
        }
    }
    return r == ERR_GONE ? 0 : r;
}

int
query_each(struct reader *r, const struct query *q, bool newest_first,
           int (*each)(void *arg, const struct query_hit *hit), void *arg)
{
    struct scan s = {r, q, newest_first, each, arg};
    struct store_range range = {.since = q->since,
                                .until = q->until,
                                .newest_first = newest_first,
                                .address = q->by_address ? &q->address : NULL};

    return store_each_block(r->store, &range, scan_block, &s);
}
