/* The live stream: a snapshot, then deltas, as server-sent events (WHATWG HTML, 9.2).
 *
 * A delta is encoded once and sent from one frame to all viewers.  A viewer that has nothing to
 * send is suspended in libmicrohttpd, so that it costs no turn of the loop; publishing or the
 * heartbeat resumes it.  One whose socket takes nothing for WEB_STALLED_S is closed by
 * libmicrohttpd's own timeout, which counts from the last byte that was taken. */
#include <stdlib.h>
#include <sys/socket.h>

#include "web/web_priv.h"

enum {
    SOCKET_ROOM = 64 * 1024, /* bytes the kernel keeps of a stream */
    SNAPSHOT_AGE_S = 1,
    /* Of a frame at once.  libmicrohttpd offers all that is left of a connection's memory; what
     * is never written there is never given a page. */
    PIECE = 3 * 1024,
    BLOCK = 512 /* where a client of HTTP 1.0 has its pieces */
};

static struct web_frame *
frame_new(const char *head, struct slice json)
{
    static const char tail[] = "\n\n";
    size_t head_len = strlen(head);
    size_t len = head_len + json.len + sizeof tail - 1;
    struct web_frame *f = malloc(sizeof *f + len);

    if (f == NULL)
        return NULL;
    *f = (struct web_frame){.refs = 1, .len = len, .json_at = head_len, .json_len = json.len};
    memcpy(f->bytes, head, head_len);
    for (size_t i = 0; i < json.len; i++) /* a line end would end the field */
        f->bytes[head_len + i] = json.ptr[i] == '\n' ? ' ' : json.ptr[i];
    memcpy(f->bytes + head_len + json.len, tail, sizeof tail - 1);
    return f;
}

void
web_frame_release(struct web_frame *f)
{
    if (f != NULL && --f->refs == 0)
        free(f);
}

static struct web_frame *
frame_ref(struct web_frame *f)
{
    if (f != NULL)
        f->refs++;
    return f;
}

static struct web_frame *
make_snapshot(struct web_server *s)
{
    AUTO_BUF(json, WEB_ANSWER_MAX);
    char head[96];
    uint64_t pos = s->pos;

    if (s->source.now == NULL || s->source.now(s->source.self, &json, &pos) < 0 ||
        buf_error(&json) < 0)
        return NULL;
    (void)snprintf(head, sizeof head,
                   "retry: 2000\nid: %llu\nevent: snapshot\ndata: ", (unsigned long long)pos);
    return frame_new(head, buf_get(&json));
}

struct web_frame *
web_snapshot(struct web_server *s)
{
    struct web_frame *f;

    if (s->last != NULL && s->last_seq == s->seq &&
        s->mono - s->last_made < SNAPSHOT_AGE_S * TIME_US_PER_S)
        return s->last;
    f = make_snapshot(s);
    if (f == NULL)
        return NULL;
    web_frame_release(s->last);
    s->last = f;
    s->last_seq = s->seq;
    s->last_made = s->mono;
    return f;
}

/* What this viewer gets next; *ret NULL when there is nothing.  -1: it cannot go on. */
static int
next_frame(struct web_viewer *v, struct web_frame **ret)
{
    struct web_server *s = v->server;

    *ret = NULL;
    if (v->replay != 0) {
        *ret = v->given;
        v->given = NULL;
        if (*ret == NULL && s->mono - v->taken >= WEB_HEARTBEAT_S * TIME_US_PER_S)
            *ret = frame_ref(s->beat);
        return 0;
    }
    if (v->snapshot || s->seq - v->seq > WEB_BEHIND ||
        (s->seq != v->seq && s->ring[v->seq % WEB_FRAMES] == NULL)) {
        *ret = frame_ref(web_snapshot(s));
        v->snapshot = false;
        v->seq = s->seq;
        s->stats.snapshots++;
        return *ret == NULL ? -1 : 0;
    }
    if (s->seq != v->seq)
        *ret = frame_ref(s->ring[v->seq++ % WEB_FRAMES]);
    else if (s->mono - v->taken >= WEB_HEARTBEAT_S * TIME_US_PER_S)
        *ret = frame_ref(s->beat);
    return 0;
}

/* A stream behind a sign-in ends with what it was opened by. */
static bool
may_go_on(struct web_viewer *v)
{
    struct web_server *s = v->server;
    struct person_answer who;

    if (!v->closed || s->mono - v->looked < WEB_LOOK_S * TIME_US_PER_S)
        return true;
    v->looked = s->mono;
    return s->source.look != NULL && s->source.look(s->source.self, &v->with, &who) == 0;
}

static ssize_t
viewer_read(void *self, uint64_t pos, char *to, size_t max)
{
    struct web_viewer *v = self;
    size_t n;

    (void)pos;
    if (v->server->closing || (v->frame == NULL && !may_go_on(v)))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (v->frame == NULL && v->over && v->given == NULL)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (v->frame == NULL) {
        v->at = 0;
        if (next_frame(v, &v->frame) < 0)
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (v->frame == NULL) {
        v->suspended = true;
        MHD_suspend_connection(v->connection);
        return 0;
    }
    n = v->frame->len - v->at < max ? v->frame->len - v->at : max;
    n = n < PIECE ? n : PIECE;
    memcpy(to, v->frame->bytes + v->at, n);
    v->at += n;
    v->taken = v->server->mono;
    if (v->at == v->frame->len) {
        web_frame_release(v->frame);
        v->frame = NULL;
    }
    return (ssize_t)n;
}

static void
viewer_free(void *self)
{
    struct web_viewer *v = self;

    if (v->before != NULL)
        v->before->next = v->next;
    else
        v->server->viewers = v->next;
    if (v->next != NULL)
        v->next->before = v->before;
    v->server->stats.viewers--;
    if (v->replay != 0)
        v->server->source.replay_end(v->server->source.self, v->replay);
    web_frame_release(v->frame);
    web_frame_release(v->given);
    free(v);
}

static struct web_viewer *
viewer_new(struct web_request *q)
{
    struct web_server *s = q->server;
    struct web_viewer *v = calloc(1, sizeof *v);

    if (v == NULL)
        return NULL;
    v->server = s;
    v->connection = q->connection;
    v->snapshot = true;
    v->taken = s->mono;
    v->next = s->viewers;
    if (v->next != NULL)
        v->next->before = v;
    s->viewers = v;
    s->stats.viewers++;
    return v;
}

/* A stream's own limits: little room in the kernel, and the longer timeout. */
static void
limit_stream(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    int room = SOCKET_ROOM;

    if (info != NULL)
        (void)setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)WEB_STALLED_S);
}

/* A viewer of the past: 0, or the status to refuse with. */
static unsigned
begin_replay(struct web_request *q, struct web_viewer *v, const char **why)
{
    struct web_server *s = q->server;
    int r;

    *why = "this node shows no past";
    if (s->source.replay == NULL)
        return MHD_HTTP_NOT_FOUND;
    if (++s->number == 0)
        s->number = 1;
    r = s->source.replay(s->source.self, s->number, &q->route.replay);
    *why = r == ERR_BUSY ? "too many look at the past at the moment: close one of those "
                           "streams, or ask again later"
                         : "the node does not answer now";
    if (r < 0)
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    v->replay = s->number;
    return 0;
}

enum MHD_Result
web_live(struct web_request *q)
{
    struct utime now = q->server->options.now == NULL
                           ? (struct utime){0}
                           : q->server->options.now(q->server->source.self);
    struct MHD_Response *r;
    struct person_answer who;
    struct errinfo ei = {0};
    struct web_viewer *v;
    const char *why;
    unsigned status;

    if (web_replay_check(&q->route.replay, now, &ei) < 0)
        return web_refuse(q, MHD_HTTP_BAD_REQUEST, ei.text);
    if (q->head) {
        r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        if (q->server->stats.viewers >= WEB_VIEWERS)
            return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE,
                              "too many viewers at the moment");
        if (web_snapshot(q->server) == NULL)
            return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "the node does not answer now");
        v = viewer_new(q);
        if (v == NULL)
            return MHD_NO;
        status = q->route.replay.wanted ? begin_replay(q, v, &why) : 0;
        if (status != 0) {
            viewer_free(v);
            return web_refuse(q, status, why);
        }
        r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, viewer_read, v,
                                              viewer_free);
        if (r == NULL)
            viewer_free(v);
        else if (q->listener->closed)
            v->closed = web_who(q, &who, &v->with) == 0;
        limit_stream(q->connection);
    }
    if (r == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(r, "X-Accel-Buffering", "no");
    return web_queue(q, MHD_HTTP_OK, r, "text/event-stream", "no-store");
}

static void
wake(struct web_viewer *v)
{
    if (!v->suspended)
        return;
    v->suspended = false;
    MHD_resume_connection(v->connection);
}

int
web_publish(struct web_server *s, uint64_t pos, struct slice delta)
{
    struct web_frame **slot = &s->ring[s->seq % WEB_FRAMES];
    char head[64];

    s->pos = pos;
    if (delta.len == 0)
        return 0;
    (void)snprintf(head, sizeof head,
                   "id: %llu\nevent: delta\ndata: ", (unsigned long long)pos);
    web_frame_release(*slot);
    *slot = frame_new(head, delta);
    s->seq++; /* a frame that is missing makes viewers take a snapshot */
    s->stats.frames++;
    for (struct web_viewer *v = s->viewers; v != NULL; v = v->next) {
        if (v->replay == 0)
            wake(v);
    }
    return *slot == NULL ? ERR_NOMEM : 0;
}

static struct web_viewer *
find_replay(const struct web_server *s, uint32_t number)
{
    struct web_viewer *v = s->viewers;

    while (v != NULL && v->replay != number)
        v = v->next;
    return v;
}

bool
web_replay_waits(const struct web_server *s, uint32_t number)
{
    const struct web_viewer *v = find_replay(s, number);

    return v != NULL && v->given == NULL && v->frame == NULL && !v->over;
}

void
web_replayed(struct web_server *s, uint32_t number, enum web_replay_frame what, uint64_t pos,
             struct slice json)
{
    static const char *const names[] = {"snapshot", "delta", "end"};
    struct web_viewer *v = find_replay(s, number);
    char head[64];

    if (v == NULL || v->given != NULL)
        return;
    (void)snprintf(head, sizeof head, "id: %llu\nevent: %s\ndata: ", (unsigned long long)pos,
                   names[what]);
    v->given = frame_new(head, json);
    v->over = what == WEB_REPLAY_END || v->given == NULL;
    s->stats.frames += v->given != NULL;
    wake(v);
}

int64_t
web_live_step(struct web_server *s)
{
    int64_t next = INT64_MAX;

    if (s->beat == NULL)
        s->beat = frame_new(":", (struct slice){NULL, 0});
    for (struct web_viewer *v = s->viewers; v != NULL; v = v->next) {
        int64_t due = v->taken + WEB_HEARTBEAT_S * TIME_US_PER_S;

        if (!v->suspended)
            continue;
        if (due <= s->mono)
            wake(v);
        else if (due < next)
            next = due;
    }
    return next;
}

void
web_live_close(struct web_server *s)
{
    s->closing = true;
    for (struct web_viewer *v = s->viewers; v != NULL; v = v->next)
        wake(v);
}
