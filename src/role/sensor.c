#include "role/sensor.h"

#include <stdlib.h>

enum { ROOM = 2 * DECODE_CHUNK_MAX };

struct sensor {
    struct sensor_open o;
    struct tail tail;
    struct decoder *decoder;
    struct rule_map map;
    struct decode_place place;
    struct frame *frame;
    char *bytes;
    size_t from; /* bytes that the last step used */
    size_t len;  /* bytes, the used ones included */
    bool ends;   /* the file has no more: judge what is left */
    bool live;
    bool at_end;
    bool missing;
    bool left;    /* between two files */
    bool changed; /* since the last record */
    struct store_source src;
    uint64_t base; /* offset at which this decoder began */
    struct decode_stats stats;
    struct utime last;
    int64_t lag_us;
    double due; /* lines of sample traffic that are owed */
    struct utime sampled;
    struct buf line;
};

/* Another input begins: what was taken of it before is found by its first bytes. */
static int
begin(struct sensor *s)
{
    char *head = malloc(SOURCE_PREFIX);
    size_t len = 0;
    int r = head == NULL ? ERR_NOMEM : tail_head(&s->tail, head, SOURCE_PREFIX, &len);

    s->src = (struct store_source){0};
    s->left = false;
    if (r == 0 && len > 0) {
        r = store_find_source(s->o.store, (struct slice){head, len}, &s->src);
        if (r == ERR_NOTFOUND)
            r = 0;
    }
    free(head);
    if (r < 0)
        return r;
    s->decoder = eve_free(s->decoder);
    rule_map_release(&s->map);
    s->decoder = eve_new(&s->place);
    if (s->decoder == NULL)
        return ERR_NOMEM;
    if (s->src.offset > 0 && s->src.array)
        eve_resume_array(s->decoder);
    else if (s->src.offset > 0)
        eve_resume_lines(s->decoder);
    s->base = s->src.offset;
    s->len = s->from = 0;
    s->ends = false;
    return tail_seek(&s->tail, s->src.offset);
}

int
sensor_open(const struct sensor_open *o, struct sensor **ret)
{
    struct sensor *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL)
        return ERR_NOMEM;
    s->o = *o;
    s->place = (struct decode_place){.own = o->conf->networks.at,
                                     .own_count = o->conf->networks.count};
    tail_init(&s->tail, o->path);
    buf_init(&s->line, ROOM);
    s->bytes = malloc(ROOM);
    s->frame = malloc(sizeof *s->frame);
    s->decoder = NULL;
    r = dict_put_sensor(o->dict, slice_of(o->name), &s->place.sensor);
    if (r == 0 && (s->bytes == NULL || s->frame == NULL))
        r = ERR_NOMEM;
    if (r == 0 && o->path == NULL) {
        s->decoder = eve_new(&s->place);
        s->live = true;
        s->sampled = o->env->now_wall(o->env->self);
        r = s->decoder == NULL ? ERR_NOMEM : 0;
    }
    if (r < 0) {
        (void)sensor_close(s);
        return r;
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
    rule_map_release(&s->map);
    buf_release(&s->line);
    free(s->frame);
    free(s->bytes);
    free(s);
    return NULL;
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
    buf_reset(&s->line);
    while (s->due >= 1 && s->len + s->line.len < ROOM / 2) {
        sample_line(s->o.sample, now, &s->line);
        s->due -= 1;
    }
    memcpy(s->bytes + s->len, s->line.ptr == NULL ? "" : s->line.ptr, s->line.len);
    s->len += s->line.len;
}

/* More bytes behind those that wait.  Tells what the file's state is. */
static int
read_more(struct sensor *s)
{
    size_t n = 0;
    enum tail_state state;
    int r = 0;

    if (s->o.path == NULL) {
        make_sample(s);
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
    if (s->len >= DECODE_CHUNK_MAX)
        return 0;
    state = tail_read(&s->tail, s->bytes + s->len, ROOM - s->len, &n);
    s->len += n;
    s->at_end = state != TAIL_MORE;
    s->ends = state == TAIL_ROTATED;
    return 0;
}

static void
note_times(struct sensor *s)
{
    struct utime now = s->o.env->now_wall(s->o.env->self);

    if (s->frame->count == 0)
        return;
    s->last = now;
    s->lag_us = now.us - s->frame->event[s->frame->count - 1].time.us;
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

int
sensor_step(struct sensor *s)
{
    struct decode_stats now = {0};
    size_t used = 0;
    int r;

    /* Only now: the frame of the last step pointed to what it used. */
    memmove(s->bytes, s->bytes + s->from, s->len - s->from);
    s->len -= s->from;
    s->from = 0;
    r = read_more(s);
    if (r < 0 || s->decoder == NULL)
        return r;
    if (s->at_end && s->len == 0 && !s->ends)
        s->live = true;
    if (s->len > 0)
        r = eve_decode(s->decoder, (struct slice){s->bytes, s->len}, s->ends, s->frame, &used,
                       &now);
    else
        s->frame->count = 0;
    if (r < 0)
        return r;
    decode_stats_add(&s->stats, &now);
    s->src.lines += now.lines;
    s->src.offset = s->base + eve_whole(s->decoder);
    s->src.size = s->tail.at;
    s->src.array = eve_is_array(s->decoder);
    s->from = used;
    if (used > 0) {
        s->changed = true;
        note_times(s);
        if (s->o.path != NULL)
            r = identify(s);
        return r < 0 ? r : 1;
    }
    if (s->ends) {
        tail_close(&s->tail); /* the next step opens the file that has the name now */
        s->left = true;
        s->len = s->from = 0;
    }
    return 0;
}

struct frame *
sensor_frame(struct sensor *s)
{
    return s->frame;
}

const struct decoder *
sensor_decoder(const struct sensor *s)
{
    return s->decoder;
}

struct rule_map *
sensor_rules(struct sensor *s)
{
    return &s->map;
}

bool
sensor_live(const struct sensor *s)
{
    return s->live;
}

bool
sensor_left(const struct sensor *s)
{
    return s->left;
}

struct store_source *
sensor_source(struct sensor *s)
{
    if (!s->changed || s->o.path == NULL || s->src.offset == 0)
        return NULL;
    s->changed = false;
    return &s->src;
}

void
sensor_take_stats(struct sensor *s, struct decode_stats *ret)
{
    decode_stats_add(ret, &s->stats);
    s->stats = (struct decode_stats){0};
}

void
sensor_health(const struct sensor *s, struct sensor_health *ret)
{
    *ret = (struct sensor_health){.name = s->o.name,
                                  .path = s->o.path == NULL ? "" : s->o.path,
                                  .missing = s->missing,
                                  .at_end = s->at_end,
                                  .last = s->last,
                                  .lag_us = s->lag_us};
}
