#include "web/web_priv.h"

#include <stdlib.h>

#include "web/assets.h"

#define JSON    "application/json"
#define METRICS "text/plain; version=0.0.4; charset=utf-8"
#define HTML    "text/html; charset=utf-8"
#define TEXT    "text/plain; charset=utf-8"
#define BYTES   "application/octet-stream"
#define STORE   "no-store"
#define LARGE   65536 /* bytes */
#define ALWAYS  "public, max-age=31536000, immutable"

#define POLICY "Content-Security-Policy"

enum { LINE = 640 }; /* bytes of a refusal, in any language */

/* The report is one file with its style in it, and nothing else. */
static const char report_policy[] = "default-src 'none'; style-src 'unsafe-inline'; base-uri "
                                    "'none'; form-action 'none'; frame-ancestors 'none'";
static const char *const headers[][2] = {
    {POLICY,
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "connect-src "
     "'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

struct slice
web_header(struct web_request *q, const char *name)
{
    return slice_of(MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name));
}

enum MHD_Result
web_queue(struct web_request *q, unsigned status, struct MHD_Response *r, const char *type,
          const char *cache)
{
    enum MHD_Result done;

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        (void)MHD_add_response_header(r, headers[i][0],
                                      i == 0 && q->route.what == WEB_REPORT ? report_policy
                                                                            : headers[i][1]);
    if (type != NULL)
        (void)MHD_add_response_header(r, "Content-Type", type);
    (void)MHD_add_response_header(r, "Cache-Control", cache);
    done = MHD_queue_response(q->connection, status, r);
    MHD_destroy_response(r);
    return done;
}

enum MHD_Result
web_refuse(struct web_request *q, unsigned status, const char *text)
{
    char line[LINE];
    int n = snprintf(line, sizeof line, "%.*s\n", LINE - 2, text);
    struct MHD_Response *r =
        MHD_create_response_from_buffer((size_t)n, line, MHD_RESPMEM_MUST_COPY);

    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        q->server->stats.failed++;
    else if (status != MHD_HTTP_NOT_FOUND)
        q->server->stats.refused++;
    if (r == NULL)
        return MHD_NO;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(r, "Allow", web_methods_text(q->path));
    return web_queue(q, status, r, TEXT, STORE);
}

/* Of a page, whatever stands behind what is refused. */
static enum language
language_of(struct web_request *q)
{
    const char *asked =
        MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, "lang");
    struct slice accepted = web_header(q, "Accept-Language");
    size_t n = 0;
    int l;

    if (q->route.what != WEB_REPORT)
        return LANGUAGE_EN;
    while (n < accepted.len && accepted.ptr[n] != ',' && accepted.ptr[n] != ';')
        n++;
    l = asked == NULL ? -1 : language_find(slice_of(asked));
    if (l < 0)
        l = language_find(slice_sub(accepted, 0, n));
    return l < 0 ? LANGUAGE_EN : (enum language)l;
}

enum MHD_Result
web_refuse_words(struct web_request *q, unsigned status, const char *packed)
{
    AUTO_BUF(text, LINE);

    word_unpack(&text, language_of(q), packed);
    buf_add(&text, "", 1);
    return web_refuse(q, status, buf_error(&text) < 0 ? "it is malformed" : text.ptr);
}

/* Bytes that outlive the server. */
static struct MHD_Response *
constant(const void *bytes, size_t n)
{
    union {
        const void *in;
        void *out; /* libmicrohttpd does not write there */
    } ptr = {bytes};

    return MHD_create_response_from_buffer(n, ptr.out, MHD_RESPMEM_PERSISTENT);
}

/* What slow readers leave in memory is counted. */
struct sending {
    struct web_server *server;
    size_t n;
    char *bytes;
};

static void
sent(void *arg)
{
    struct sending *s = arg;

    s->server->sending -= s->n;
    free(s->bytes);
    free(s);
}

static struct MHD_Response *
large(struct web_server *server, struct buf *b)
{
    struct sending *s = malloc(sizeof *s);
    struct MHD_Response *r;

    if (s == NULL)
        return NULL;
    *s = (struct sending){server, b->len, b->ptr};
    r = MHD_create_response_from_buffer_with_free_callback_cls(b->len, b->ptr, sent, s);
    if (r == NULL)
        free(s);
    else
        server->sending += s->n;
    return r;
}

struct MHD_Response *
web_body_response(struct web_server *server, struct buf *b)
{
    struct MHD_Response *r;

    if (b->len >= LARGE)
        r = large(server, b);
    else if (b->ptr == NULL)
        r = constant("", 0);
    else
        r = MHD_create_response_from_buffer(b->len, b->ptr, MHD_RESPMEM_MUST_FREE);
    if (r == NULL)
        return NULL;
    b->ptr = NULL;
    b->len = b->room = 0;
    return r;
}

static enum MHD_Result
answer_buf_as(struct web_request *q, unsigned status, struct buf *b, const char *type,
              const char *cache)
{
    struct MHD_Response *r = web_body_response(q->server, b);

    return r == NULL ? MHD_NO : web_queue(q, status, r, type, cache);
}

static enum MHD_Result
answer_buf(struct web_request *q, struct buf *b, const char *type, const char *cache)
{
    if (b->len >= LARGE && q->server->sending + b->len > WEB_SENDING) {
        buf_release(b);
        return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "too many large answers are on their way: ask again later");
    }
    return answer_buf_as(q, MHD_HTTP_OK, b, type, cache);
}

static const struct web_asset *
find_asset(struct slice path)
{
    for (size_t i = 0; i < web_assets_count; i++) {
        if (slice_is(path, web_assets[i].path))
            return &web_assets[i];
    }
    return NULL;
}

/* The compressed form is other bytes, so it has an entity tag of its own. */
static enum MHD_Result
answer_asset(struct web_request *q)
{
    const struct web_asset *a = find_asset(q->path);
    const char *cache = a != NULL && a->immutable ? ALWAYS : "no-cache";
    struct MHD_Response *r;
    char etag[80];
    bool gz;

    if (a == NULL)
        return web_refuse(q, MHD_HTTP_NOT_FOUND, "nothing stands here");
    gz = a->gz_len > 0 && a->gz_len < a->raw_len &&
         web_accepts_gzip(web_header(q, "Accept-Encoding"));
    (void)snprintf(etag, sizeof etag, "%.*s%s", (int)strlen(a->etag) - 1, a->etag,
                   gz ? "-gz\"" : "\"");
    if (web_etag_matches(web_header(q, "If-None-Match"), slice_of(etag))) {
        r = constant("", 0);
        if (r == NULL)
            return MHD_NO;
        (void)MHD_add_response_header(r, "ETag", etag);
        (void)MHD_add_response_header(r, "Vary", "Accept-Encoding");
        return web_queue(q, MHD_HTTP_NOT_MODIFIED, r, NULL, cache);
    }
    r = gz ? constant(a->gz, a->gz_len) : constant(a->raw, a->raw_len);
    if (r == NULL)
        return MHD_NO;
    if (gz)
        (void)MHD_add_response_header(r, "Content-Encoding", "gzip");
    (void)MHD_add_response_header(r, "ETag", etag);
    (void)MHD_add_response_header(r, "Vary", "Accept-Encoding");
    return web_queue(q, MHD_HTTP_OK, r, a->type, cache);
}

static enum MHD_Result
answer_now(struct web_request *q)
{
    const struct web_frame *f = web_snapshot(q->server);
    struct buf b;

    if (f == NULL)
        return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "the node does not answer now");
    buf_init(&b, WEB_ANSWER_MAX);
    buf_add(&b, f->bytes + f->json_at, f->json_len);
    if (buf_error(&b) < 0) {
        buf_release(&b);
        return MHD_NO;
    }
    return answer_buf(q, &b, JSON, STORE);
}

static int
call_simple(int (*f)(void *, struct buf *), void *self, struct buf *to)
{
    return f == NULL ? ERR_NOTFOUND : f(self, to);
}

static int
call_query(int (*f)(void *, const struct web_query *, struct buf *), struct web_request *q,
           struct buf *to)
{
    return f == NULL ? ERR_NOTFOUND : f(q->server->source.self, &q->route.query, to);
}

static int
call_event(int (*f)(void *, struct event_id, struct buf *), struct web_request *q,
           struct buf *to)
{
    return f == NULL ? ERR_NOTFOUND : f(q->server->source.self, q->route.event, to);
}

static int
call_source(struct web_request *q, struct buf *to)
{
    const struct web_source *s = &q->server->source;

    switch (q->route.what) {
    case WEB_NODE: return call_simple(s->node, s->self, to);
    case WEB_TOP: return call_query(s->top, q, to);
    case WEB_EVENTS: return call_query(s->events, q, to);
    case WEB_EVENT: return call_event(s->event, q, to);
    case WEB_EVENT_RAW: return call_event(s->event_raw, q, to);
    case WEB_EVENT_PROOF: return call_event(s->event_proof, q, to);
    case WEB_ALERTS:
        return s->alerts == NULL ? ERR_NOTFOUND
                                 : s->alerts(s->self, q->route.verdict.language, to);
    case WEB_PEERS: return call_simple(s->peers, s->self, to);
    case WEB_WITNESSES: return call_simple(s->witnesses, s->self, to);
    case WEB_WORLD: return call_simple(s->world, s->self, to);
    case WEB_PACTS: return call_simple(s->pacts, s->self, to);
    case WEB_COVERAGE: return call_simple(s->coverage, s->self, to);
    case WEB_SERIES: return call_simple(s->series, s->self, to);
    case WEB_VULNERABILITIES:
        return s->vulnerabilities == NULL
                   ? ERR_NOTFOUND
                   : s->vulnerabilities(s->self, q->route.vulnerability, to);
    case WEB_EXCHANGE: return call_simple(s->exchange, s->self, to);
    case WEB_EXPLAIN:
        return s->explain == NULL ? ERR_NOTFOUND
               : q->route.explain.object[0] == '\0' || q->route.explain.to[0] == '\0'
                   ? ERR_INVALID
                   : s->explain(s->self, slice_of(q->route.explain.object),
                                slice_of(q->route.explain.to), to);
    case WEB_CUTOFF:
        return s->cutoff == NULL ? ERR_NOTFOUND
                                 : s->cutoff(s->self, q->route.cutoff, q->route.country, to);
    case WEB_INCIDENTS: return call_simple(s->incidents, s->self, to);
    case WEB_VERDICT:
        return s->verdict == NULL ? ERR_NOTFOUND : s->verdict(s->self, &q->route.verdict, to);
    case WEB_REPORT:
    case WEB_REPORT_JSON:
        return s->report == NULL
                   ? ERR_NOTFOUND
                   : s->report(s->self, &q->route.verdict, q->route.what == WEB_REPORT, to);
    case WEB_INCIDENT:
        return s->incident == NULL ? ERR_NOTFOUND
                                   : s->incident(s->self, q->route.pact, q->route.incident, to);
    case WEB_PACT_PROOF:
        return s->pact_proof == NULL
                   ? ERR_NOTFOUND
                   : s->pact_proof(s->self, q->route.pact, &q->route.origin, to);
    case WEB_CHECKPOINT: return call_simple(s->checkpoint, s->self, to);
    case WEB_METRICS: return call_simple(s->metrics, s->self, to);
    case WEB_TILE: return s->tile == NULL ? ERR_NOTFOUND : s->tile(s->self, &q->route.tile, to);
    case WEB_ASSET:
    case WEB_NOW:
    case WEB_LIVE:
    case WEB_LIVEZ:
    case WEB_READYZ:
    case WEB_SESSION:
    case WEB_PASSWORD:
    case WEB_ALERT_ACK:
    case WEB_SHELF:
    case WEB_SAY:
    case WEB_ADD_CHECKPOINT: break;
    case WEB_WITNESSED:
        return s->witnessed == NULL ? ERR_NOTFOUND
                                    : s->witnessed(s->self, &q->route.origin, to);
    }
    BUG_ON("not from the source" != NULL);
    return ERR_NOTFOUND;
}

static bool
names_somebody(const struct web_verdict *v)
{
    return v->pact[0] != '\0' || v->party[0] != '\0';
}

/* Which of its parameters names nothing. */
static enum MHD_Result
refuse_verdict(struct web_request *q, int err)
{
    const struct web_verdict *v = &q->route.verdict;
    char why[64];

    word_pack(why, sizeof why,
              err == ERR_INVALID    ? WORD_PAGE_PERIOD
              : v->pact[0] == '\0'  ? WORD_PAGE_PARTY
              : v->party[0] == '\0' ? WORD_PAGE_PACT
                                    : WORD_PAGE_PACT_PARTY,
              "%s", "");
    return web_refuse_words(q, err == ERR_INVALID ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_NOT_FOUND,
                            why);
}

static enum MHD_Result
refuse_source(struct web_request *q, int err)
{
    if ((err == ERR_NOTFOUND && names_somebody(&q->route.verdict)) ||
        (err == ERR_INVALID && q->route.verdict.period[0] != '\0'))
        return refuse_verdict(q, err);
    if (err == ERR_NOTFOUND)
        return web_refuse(q, MHD_HTTP_NOT_FOUND, "there is no such thing");
    if (err == ERR_GONE)
        return web_refuse(q, MHD_HTTP_GONE, "it is erased");
    if (err == ERR_INVALID || err == ERR_LIMIT)
        return web_refuse(q, MHD_HTTP_BAD_REQUEST, err_text(err));
    return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "the node does not answer now");
}

/* Tiles never change, not even partial ones: the name says how wide they are. */
static enum MHD_Result
answer_source(struct web_request *q)
{
    enum web_what what = q->route.what;
    const char *type = what == WEB_CHECKPOINT || what == WEB_EVENT_RAW || what == WEB_WITNESSED
                           ? TEXT
                       : what == WEB_METRICS ? METRICS
                       : what == WEB_REPORT  ? HTML
                       : what == WEB_TILE    ? BYTES
                                             : JSON;
    struct buf b;
    int err;

    buf_init(&b, WEB_ANSWER_MAX);
    err = call_source(q, &b);
    if (err == 0)
        err = buf_error(&b);
    if (err < 0) {
        buf_release(&b);
        return refuse_source(q, err);
    }
    return answer_buf(q, &b, type,
                      what == WEB_TILE         ? ALWAYS
                      : what == WEB_CHECKPOINT ? "no-cache"
                                               : STORE);
}

/* A message never changes.  Errors are a line of text. */
static enum MHD_Result
answer_shelf(struct web_request *q)
{
    const struct web_source *s = &q->server->source;
    bool known = q->listener->peers;
    bool json = false;
    struct hash spki;
    struct buf b;
    int r;

    known = known && web_spki(q, &spki);
    buf_init(&b, WEB_ANSWER_MAX);
    r = s->shelf == NULL ? ERR_NOTFOUND
                         : s->shelf(s->self, slice_sub(q->path, 1, q->path.len),
                                    known ? &spki : NULL, &b, &json);
    if (r >= 0 && buf_error(&b) < 0)
        r = buf_error(&b);
    if (r < 0) {
        buf_release(&b);
        return refuse_source(q, r);
    }
    if (r != MHD_HTTP_OK)
        return answer_buf_as(q, (unsigned)r, &b, TEXT, STORE);
    return answer_buf(q, &b, json ? JSON : TEXT, json ? ALWAYS : STORE);
}

static enum MHD_Result
answer_health(struct web_request *q, bool fine)
{
    struct MHD_Response *r;

    if (!fine)
        return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready");
    r = constant("ok\n", 3);
    return r == NULL ? MHD_NO : web_queue(q, MHD_HTTP_OK, r, TEXT, STORE);
}

enum MHD_Result
web_answer(struct web_request *q)
{
    const struct web_source *s = &q->server->source;

    switch (q->route.what) {
    case WEB_ASSET: return answer_asset(q);
    case WEB_NOW: return answer_now(q);
    case WEB_LIVE: return web_live(q);
    case WEB_SESSION:
    case WEB_PASSWORD:
    case WEB_ALERT_ACK: return web_session(q);
    case WEB_SAY: return web_say(q);
    case WEB_ADD_CHECKPOINT: return web_add_checkpoint(q);
    case WEB_SHELF: return answer_shelf(q);
    case WEB_LIVEZ: return answer_health(q, true);
    case WEB_READYZ: return answer_health(q, s->ready == NULL || s->ready(s->self));
    case WEB_NODE:
    case WEB_TOP:
    case WEB_EVENTS:
    case WEB_EVENT:
    case WEB_EVENT_RAW:
    case WEB_EVENT_PROOF:
    case WEB_ALERTS:
    case WEB_WITNESSED:
    case WEB_PEERS:
    case WEB_WITNESSES:
    case WEB_WORLD:
    case WEB_PACTS:
    case WEB_INCIDENTS:
    case WEB_INCIDENT:
    case WEB_PACT_PROOF:
    case WEB_COVERAGE:
    case WEB_SERIES:
    case WEB_CUTOFF:
    case WEB_EXCHANGE:
    case WEB_EXPLAIN:
    case WEB_VULNERABILITIES:
    case WEB_VERDICT:
    case WEB_REPORT:
    case WEB_REPORT_JSON:
    case WEB_CHECKPOINT:
    case WEB_METRICS:
    case WEB_TILE: break;
    }
    return answer_source(q);
}
