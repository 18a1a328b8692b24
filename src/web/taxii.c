/* TAXII 2.1 over HTTP: credentials, bodies and headers; what stands in them is the source's.
 *
 * Whoever asks shows a password (Basic), a token (Bearer) or a certificate.  A password is
 * tried by whoever tries all passwords, and slowly; the session that comes of it is remembered
 * under a keyed hash of name and password, so that it is tried once. */
#include <stdlib.h>

#include "web/web_priv.h"
#include "wire/base64.h"

#define MEDIA "application/taxii+json;version=2.1"

enum {
    SIGN_IN_S = 30, /* for others' passwords to be tried first */
    UPLOAD_FIRST = 65536,
    DRAINED = 256 << 20, /* bytes of a body that is too long */
    BASIC_TEXT = 256     /* bytes of name, colon and password */
};

/* ---- answers ----------------------------------------------------------------------------- */

static enum MHD_Result
answer(struct web_request *q, struct buf *body, const struct web_taxii_answer *a)
{
    struct MHD_Response *r = web_body_response(q->server, body);

    if (r == NULL)
        return MHD_NO;
    if (a->has_dates) {
        (void)MHD_add_response_header(r, "X-TAXII-Date-Added-First", a->first);
        (void)MHD_add_response_header(r, "X-TAXII-Date-Added-Last", a->last);
    }
    if (a->status == MHD_HTTP_UNAUTHORIZED) {
        (void)MHD_add_response_header(r, "WWW-Authenticate", "Basic realm=\"detente\"");
        (void)MHD_add_response_header(r, "WWW-Authenticate", "Bearer realm=\"detente\"");
    }
    if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(r, "Allow", a->allow);
    if (a->wait_s > 0) {
        char text[16];

        (void)snprintf(text, sizeof text, "%u", a->wait_s);
        (void)MHD_add_response_header(r, "Retry-After", text);
    }
    if (a->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        q->server->stats.failed++;
    else if (a->status >= 400 && a->status != MHD_HTTP_NOT_FOUND)
        q->server->stats.refused++;
    return web_queue(q, a->status, r, MEDIA, "no-store");
}

/* An error object, by whoever knows their form. */
static enum MHD_Result
refuse(struct web_request *q, unsigned status, const char *why, uint32_t wait_s)
{
    const struct web_source *s = &q->server->source;
    struct web_taxii_answer a = {.status = status, .wait_s = wait_s};
    AUTO_BUF(body, FORM_MAX);

    if (s->taxii_refuse != NULL)
        s->taxii_refuse(s->self, status, why, &body);
    return answer(q, &body, &a);
}

/* ---- who --------------------------------------------------------------------------------- */

static void
hash_basic(const struct web_server *s, struct slice shown, struct hash *ret)
{
    *ret = sha256_of2(s->options.secret, sizeof s->options.secret, shown.ptr, shown.len);
}

static struct web_basic *
find_basic(struct web_server *s, const struct hash *h)
{
    for (unsigned i = 0; i < WEB_BASICS; i++) {
        if (s->basic[i].with.kind == CREDENTIAL_SESSION && hash_eq(&s->basic[i].hash, h))
            return &s->basic[i];
    }
    return NULL;
}

/* The oldest makes room. */
static void
keep_basic(struct web_server *s, const struct hash *h, const struct person_credential *with)
{
    struct web_basic *b = find_basic(s, h);

    if (b == NULL)
        b = &s->basic[s->basic_next++ % WEB_BASICS];
    *b = (struct web_basic){*h, *with};
}

static bool
read_basic(struct slice text, struct web_body *b)
{
    char shown[BASIC_TEXT];
    struct slice rest;
    struct slice name;
    size_t n = 0;
    bool good = base64_decode(text, shown, sizeof shown - 1, &n) == 0;

    rest = (struct slice){shown, n};
    name = slice_part(&rest, ':');
    good = good && memchr(shown, ':', n) != NULL && person_is_name(name) && rest.len > 0 &&
           rest.len <= PASSWORD_MAX && memchr(rest.ptr, '\0', rest.len) == NULL;
    if (good) {
        hash_basic(b->server, (struct slice){shown, n}, &b->basic);
        b->ask = (struct person_ask){.what = ASK_PASSWORD};
        memcpy(b->ask.name, name.ptr, name.len);
        memcpy(b->ask.password, rest.ptr, rest.len);
    }
    explicit_bzero(shown, sizeof shown);
    return good;
}

static bool
still_counts(struct web_server *s, const struct person_credential *with)
{
    struct person_answer who;

    return s->source.look_exchange != NULL &&
           s->source.look_exchange(s->source.self, with, &who) == 0;
}

enum shown { SHOWN_NOTHING, SHOWN_GOOD, SHOWN_BAD, SHOWN_PASSWORD };

static bool
is_scheme(struct slice header, const char *scheme, struct slice *ret)
{
    size_t n = strlen(scheme);

    if (header.len <= n || strncasecmp(header.ptr, scheme, n) != 0)
        return false;
    *ret = slice_sub(header, n, header.len);
    return true;
}

static enum shown
look_at(struct web_request *q, struct web_body *b)
{
    struct slice header = web_header(q, "Authorization");
    struct web_basic *known;
    struct slice text;

    if (header.len == 0) {
        if (!q->listener->tls || !web_certificate(q, &b->with))
            return SHOWN_NOTHING;
        return still_counts(q->server, &b->with) ? SHOWN_GOOD : SHOWN_BAD;
    }
    /* `Token` is what OASIS' own client says */
    if (is_scheme(header, "Bearer ", &text) || is_scheme(header, "Token ", &text)) {
        b->with.kind = CREDENTIAL_TOKEN;
        return base64url_exact(text, b->with.secret, sizeof b->with.secret) == 0 &&
                       still_counts(q->server, &b->with)
                   ? SHOWN_GOOD
                   : SHOWN_BAD;
    }
    if (!is_scheme(header, "Basic ", &text) || !read_basic(text, b))
        return SHOWN_BAD;
    known = find_basic(q->server, &b->basic);
    if (known == NULL)
        return SHOWN_PASSWORD;
    if (still_counts(q->server, &known->with)) {
        b->with = known->with;
        return SHOWN_GOOD;
    }
    explicit_bzero(known, sizeof *known);
    return SHOWN_PASSWORD;
}

/* ---- the beginning ----------------------------------------------------------------------- */

/* A browser that knows a password shows it to any page's requests. */
static bool
is_from_elsewhere(struct web_request *q)
{
    const struct web_listener *l = q->listener;
    struct slice origin = web_header(q, "Origin");
    struct slice site = web_header(q, "Sec-Fetch-Site");

    return (origin.len > 0 && !web_origin_allowed(origin, l->port, l->hosts, l->host_count)) ||
           (site.len > 0 && !slice_is(site, "same-origin") && !slice_is(site, "none"));
}

static uint64_t
length_of(struct web_request *q)
{
    struct slice n = web_header(q, "Content-Length");
    uint64_t all = 0;

    for (size_t i = 0; i < n.len && all <= DRAINED; i++)
        all = all * 10 + (uint64_t)(n.ptr[i] - '0');
    return all;
}

/* Who asks before they send hears it before; of others a body is passed over, as they would not
 * listen meanwhile. */
static bool
is_too_long(struct web_request *q)
{
    uint64_t all = length_of(q);

    q->body->too_long = all > WEB_TAXII_MAX;
    return all > DRAINED || (q->body->too_long && web_header(q, "Expect").len > 0);
}

static enum MHD_Result
sign_in(struct web_request *q)
{
    struct web_body *b = q->body;

    b->ask.from = web_client(q);
    b->stage = WEB_SIGNING;
    return web_ask(q, &b->ask, SIGN_IN_S) ? MHD_YES
                                          : refuse(q, 503, "the node does not answer now", 1);
}

/* The headers are there. */
static enum MHD_Result
begin(struct web_request *q)
{
    struct web_body *b = q->body;

    if (!q->listener->peers && !web_host_allowed(web_header(q, "Host"), q->listener->port,
                                                 q->listener->hosts, q->listener->host_count))
        return refuse(q, 421, "this host name is not served here (see `hosts`)", 0);
    if (is_from_elsewhere(q))
        return refuse(q, 403, "requests from pages of other sites are refused", 0);
    if (is_too_long(q))
        return refuse(q, 413, NULL, 0);
    if (q->listener->peers) { /* its key is looked up with the question */
        b->stage = WEB_READY;
        return web_spki(q, &b->spki) ? MHD_YES : refuse(q, 401, NULL, 0);
    }
    switch (look_at(q, b)) {
    case SHOWN_NOTHING: return refuse(q, 401, NULL, 0);
    case SHOWN_BAD: return refuse(q, 401, "what was shown is not known, or counts no more", 0);
    case SHOWN_PASSWORD: return sign_in(q);
    case SHOWN_GOOD: break;
    }
    b->stage = WEB_READY;
    return MHD_YES;
}

/* The password was tried. */
static enum MHD_Result
signed_in(struct web_request *q)
{
    struct web_body *b = q->body;
    int r = b->answered ? b->answer.status : ERR_IO;

    explicit_bzero(b->ask.password, sizeof b->ask.password);
    if (r == ERR_BUSY)
        return refuse(q, 429, NULL, b->answer.wait_s == 0 ? 1 : b->answer.wait_s);
    if (r == ERR_AUTH || r == ERR_INVALID)
        return refuse(q, 401, "name or password is not known", 0);
    if (r < 0)
        return refuse(q, 503, "the node does not answer now", 1);
    b->with = (struct person_credential){.kind = CREDENTIAL_SESSION};
    memcpy(b->with.secret, b->answer.secret, sizeof b->with.secret);
    explicit_bzero(b->answer.secret, sizeof b->answer.secret);
    b->answered = false;
    if (!still_counts(q->server, &b->with))
        return refuse(q, 403, "this user takes no part in the exchange", 0);
    keep_basic(q->server, &b->basic, &b->with);
    b->stage = WEB_READY;
    return MHD_YES;
}

/* ---- the body ---------------------------------------------------------------------------- */

static enum MHD_Result
take(struct web_body *b, const char *bytes, size_t n)
{
    size_t room = b->upload_room;

    if (n > WEB_TAXII_MAX - b->uploaded)
        b->too_long = true;
    if (b->too_long || b->no_room)
        return MHD_YES;
    while (room < b->uploaded + n)
        room = room == 0 ? UPLOAD_FIRST : room * 2;
    if (room > b->upload_room) {
        char *more = b->server->uploads + (room - b->upload_room) > WEB_UPLOADS
                         ? NULL
                         : realloc(b->upload, room);

        if (more == NULL) {
            b->no_room = true;
            b->server->uploads -= b->upload_room; /* others may have it at once */
            free(b->upload);
            b->upload = NULL;
            b->upload_room = b->uploaded = 0;
            return MHD_YES;
        }
        b->server->uploads += room - b->upload_room;
        b->upload = more;
        b->upload_room = room;
    }
    if (n > 0)
        memcpy(b->upload + b->uploaded, bytes, n);
    b->uploaded += n;
    return MHD_YES;
}

/* ---- the request ------------------------------------------------------------------------- */

struct pairs {
    struct web_pair at[WEB_PAIRS];
    unsigned count;
    bool too_many;
};

static enum MHD_Result
take_pair(void *self, enum MHD_ValueKind kind, const char *name, size_t name_len,
          const char *value, size_t value_len)
{
    struct pairs *p = self;

    (void)kind;
    if (p->count == WEB_PAIRS) {
        p->too_many = true;
        return MHD_NO;
    }
    p->at[p->count++] =
        (struct web_pair){{name, name_len}, {value, value == NULL ? 0 : value_len}};
    return MHD_YES;
}

static enum MHD_Result
ask(struct web_request *q)
{
    struct web_server *s = q->server;
    struct web_body *b = q->body;
    struct web_taxii_answer a = {.status = 503};
    struct pairs p = {.count = 0};
    AUTO_BUF(body, WEB_ANSWER_MAX);
    struct web_taxii t = {.method = q->method,
                          .path = q->path,
                          .accept = web_header(q, "Accept"),
                          .content = web_header(q, "Content-Type"),
                          .with = &b->with,
                          .spki = q->listener->peers ? &b->spki : NULL,
                          .body = {b->upload, b->uploaded},
                          .told = b->answered ? b->told : 0,
                          .outcome = b->outcome};

    (void)MHD_get_connection_values_n(q->connection, MHD_GET_ARGUMENT_KIND, take_pair, &p);
    if (p.too_many)
        return refuse(q, 400, "the query has too many parameters", 0);
    t.parameter = p.at;
    t.parameters = p.count;
    if (!b->answered && b->uploaded > 0 && s->asks >= WEB_ASKS)
        return refuse(q, 503, "too many requests wait", 1);
    if (b->answered && b->told == 0)
        return refuse(q, 503, "the node does not answer now", 1);
    t.number = web_next_number(s);
    if (s->source.taxii == NULL || s->source.taxii(s->source.self, &t, &body, &a) < 0)
        return refuse(q, 503, "the node cannot answer now", 1);
    if (!a.waits)
        return s->sending + body.len > WEB_SENDING
                   ? refuse(q, 503, "too many large answers are on their way", 1)
                   : answer(q, &body, &a);
    memcpy(b->outcome, a.outcome, sizeof b->outcome);
    return web_wait(q, WEB_ASK_S);
}

static bool
is_coded(struct web_request *q)
{
    struct slice how = web_header(q, "Content-Encoding");

    return how.len > 0 && !slice_is(how, "identity");
}

enum MHD_Result
web_taxii(struct web_request *q, const char *upload, size_t n)
{
    struct web_body *b = q->body;

    if (b->stage == WEB_NEW)
        return begin(q);
    if (b->stage == WEB_SIGNING)
        return signed_in(q);
    if (n > 0)
        return take(b, upload, n);
    if (b->too_long)
        return refuse(q, 413, NULL, 0);
    if (b->no_room)
        return refuse(q, 503, "too many large bodies are on their way", 1);
    if (is_coded(q))
        return refuse(q, 415, "a body is taken as it is, without `Content-Encoding`", 0);
    return ask(q);
}
