/* Who asks, and signing in and out.  What changes something is asked of whoever does it
 * (source.ask) and answered later; the connection is suspended meanwhile, so that it costs no
 * turn of the loop. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "web/web_priv.h"
#include "wire/base64.h"

enum { COOKIE_NAME = 40, COOKIE_TEXT = 256, ANSWER_TEXT = 512 };

/* One for each port: cookies know of none, and several nodes may stand on one host. */
static void
cookie_name(const struct web_request *q, char to[COOKIE_NAME])
{
    (void)snprintf(to, COOKIE_NAME, "%sdetente-%u", q->listener->tls ? "__Host-" : "",
                   q->listener->port);
}

static bool
take_secret(struct slice text, enum person_credential_kind kind, struct person_credential *to)
{
    to->kind = kind;
    return base64url_exact(text, to->secret, sizeof to->secret) == 0;
}

unsigned
web_shown(struct web_request *q, struct person_credential ret[2])
{
    struct slice bearer = web_header(q, "Authorization");
    char name[COOKIE_NAME];
    const char *cookie;
    unsigned n = 0;

    if (bearer.len > 0) {
        if (!slice_is(slice_sub(bearer, 0, 7), "Bearer "))
            return 0;
        return take_secret(slice_sub(bearer, 7, bearer.len), CREDENTIAL_TOKEN, &ret[0]);
    }
    cookie_name(q, name);
    cookie = MHD_lookup_connection_value(q->connection, MHD_COOKIE_KIND, name);
    n += cookie != NULL && take_secret(slice_of(cookie), CREDENTIAL_SESSION, &ret[0]);
    n += q->listener->tls && web_certificate(q, &ret[n]);
    return n;
}

int
web_who(struct web_request *q, struct person_answer *ret, struct person_credential *ret_with)
{
    const struct web_source *s = &q->server->source;
    struct person_credential shown[2];
    unsigned n = s->look == NULL ? 0 : web_shown(q, shown);

    for (unsigned i = 0; i < n; i++) {
        int r = s->look(s->self, &shown[i], ret);

        *ret_with = shown[i];
        if (r != ERR_AUTH)
            return r;
    }
    return ERR_AUTH;
}

/* The sign-in page and its door are for everybody. */
static bool
is_open(struct web_request *q)
{
    struct web_route route;
    struct errinfo ei;

    if (slice_is(q->path, "/api/v1/session") && q->method == WEB_POST)
        return true;
    if (slice_is(slice_sub(q->path, 0, 9), "/witness/") ||
        slice_is(slice_sub(q->path, 0, 8), "/holder/"))
        return true; /* commitments only, for whoever reaches the listener */
    return web_route(q->path, &route, &ei) == 0 && route.what == WEB_ASSET;
}

unsigned
web_guard_person(struct web_request *q)
{
    struct person_credential with;
    struct person_answer who;
    bool bearer = web_header(q, "Authorization").len > 0;

    if (q->listener->peers)
        return 0; /* parties, not people */
    /* A script whose token is over shall hear of it, also where it needs none. */
    if (!q->listener->closed && !bearer)
        return 0;
    if (q->listener->closed && is_open(q))
        return 0;
    return web_who(q, &who, &with) < 0 ? MHD_HTTP_UNAUTHORIZED : 0;
}

/* ---- answers ---------------------------------------------------------------------------- */

/* JSON of a size that is known to be small, with a cookie when there is one. */
static enum MHD_Result
answer_json(struct web_request *q, unsigned status, const char *text, const char *cookie)
{
    union {
        const char *in;
        void *out; /* libmicrohttpd copies it */
    } ptr = {text};
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(text), ptr.out, MHD_RESPMEM_MUST_COPY);

    if (r == NULL)
        return MHD_NO;
    if (cookie != NULL)
        (void)MHD_add_response_header(r, "Set-Cookie", cookie);
    if (status == MHD_HTTP_UNAUTHORIZED)
        (void)MHD_add_response_header(r, "WWW-Authenticate", "Bearer realm=\"detente\"");
    return web_queue(q, status, r, "application/json", "no-store");
}

enum MHD_Result
web_refuse_named(struct web_request *q, unsigned status, const char *name, uint32_t wait_s)
{
    char text[ANSWER_TEXT];

    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        q->server->stats.failed++;
    else
        q->server->stats.refused++;
    if (wait_s > 0)
        (void)snprintf(text, sizeof text, "{\"error\":\"%s\",\"wait_s\":%u}\n", name, wait_s);
    else
        (void)snprintf(text, sizeof text, "{\"error\":\"%s\"}\n", name);
    return answer_json(q, status, text, NULL);
}

static enum MHD_Result
answer_who(struct web_request *q, const struct person_answer *who, const char *cookie)
{
    char text[ANSWER_TEXT];
    char until[TIME_TEXT];

    time_format(who->until, until);
    if (who->role == PERSON_NOBODY)
        (void)snprintf(text, sizeof text,
                       "{\"user\":\"\",\"role\":\"\",\"kind\":\"\",\"until\":\"\"}\n");
    else
        (void)snprintf(text, sizeof text,
                       "{\"user\":\"%s\",\"role\":\"%s\",\"kind\":\"%s\",\"until\":\"%.*s\"}\n",
                       who->name, person_role_name((enum person_role)who->role),
                       who->kind == PERSON_TOKEN ? "token" : "person", TIME_TEXT, until);
    return answer_json(q, MHD_HTTP_OK, text, cookie);
}

static enum MHD_Result
answer_session(struct web_request *q)
{
    struct person_credential with;
    struct person_answer who = {0};

    if (web_who(q, &who, &with) < 0)
        who = (struct person_answer){0};
    return answer_who(q, &who, NULL);
}

static enum MHD_Result
refuse_answer(struct web_request *q, const struct person_answer *a)
{
    switch (a->status) {
    case ERR_AUTH: /* of whom it is known who they are: not in their role */
        return a->role != PERSON_NOBODY
                   ? web_refuse_named(q, MHD_HTTP_FORBIDDEN, "role", 0)
                   : web_refuse_named(q, MHD_HTTP_UNAUTHORIZED, "refused", 0);
    case ERR_BUSY:
        return web_refuse_named(q, MHD_HTTP_TOO_MANY_REQUESTS, "wait",
                                a->wait_s == 0 ? 1 : a->wait_s);
    case ERR_INVALID:
    case ERR_LIMIT: return web_refuse_named(q, MHD_HTTP_BAD_REQUEST, "form", 0);
    case ERR_FULL: return web_refuse_named(q, MHD_HTTP_SERVICE_UNAVAILABLE, "full", 0);
    default: return web_refuse_named(q, MHD_HTTP_SERVICE_UNAVAILABLE, "engine", 0);
    }
}

static void
make_cookie(const struct web_request *q, const uint8_t *secret, char to[COOKIE_TEXT])
{
    AUTO_BUF(value, COOKIE_TEXT);
    char name[COOKIE_NAME];

    if (secret != NULL)
        buf_base64url(&value, secret, PERSON_SECRET);
    cookie_name(q, name);
    (void)snprintf(to, COOKIE_TEXT,
                   "%s=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", name,
                   (int)value.len, value.ptr == NULL ? "" : value.ptr,
                   secret == NULL ? 0LL : (long long)(PERSON_SESSION_US / TIME_US_PER_S),
                   q->listener->tls ? "; Secure" : "");
    if (value.ptr != NULL)
        explicit_bzero(value.ptr, value.len);
}

static enum MHD_Result
answer_done(struct web_request *q)
{
    struct web_body *b = q->body;
    char cookie[COOKIE_TEXT];
    enum MHD_Result done;

    if (b->answer.status < 0)
        return refuse_answer(q, &b->answer);
    if (b->what == ASK_SET_PASSWORD || b->what == ASK_ALERT_ACK)
        return answer_json(q, MHD_HTTP_OK, "{\"done\":true}\n", NULL);
    make_cookie(q, b->what == ASK_SIGN_OUT ? NULL : b->answer.secret, cookie);
    if (b->what == ASK_SIGN_OUT)
        b->answer = (struct person_answer){0};
    done = answer_who(q, &b->answer, cookie);
    explicit_bzero(cookie, sizeof cookie);
    return done;
}

/* ---- questions -------------------------------------------------------------------------- */

/* The body is of no use after that, and may hold a password. */
static bool
read_body(struct web_request *q, struct person_ask *ask)
{
    struct slice body = {q->body->bytes, q->body->len};
    bool good = web_form_read(q->route.what, body, ask) == 0;

    explicit_bzero(q->body->bytes, q->body->room);
    return good;
}

static void
unlink_body(struct web_body *b)
{
    struct web_body **at = &b->server->asked;

    while (*at != NULL && *at != b)
        at = &(*at)->next;
    if (*at == b) {
        *at = b->next;
        b->server->asks--;
    }
    b->waits = false;
}

/* The number of the next question. */
uint32_t
web_next_number(struct web_server *s)
{
    s->number = s->number == UINT32_MAX ? 1 : s->number + 1;
    return s->number;
}

/* It was asked under the newest number: the connection waits. */
enum MHD_Result
web_wait(struct web_request *q, int seconds)
{
    struct web_server *s = q->server;
    struct web_body *b = q->body;

    b->number = s->number;
    b->until = s->mono + seconds * TIME_US_PER_S;
    b->waits = true;
    b->next = s->asked;
    s->asked = b;
    s->asks++;
    MHD_suspend_connection(b->connection);
    return MHD_YES;
}

bool
web_ask(struct web_request *q, const struct person_ask *what, int seconds)
{
    struct web_server *s = q->server;

    if (s->asks >= WEB_ASKS || s->source.ask == NULL ||
        s->source.ask(s->source.self, web_next_number(s), what) < 0)
        return false;
    q->body->what = what->what;
    (void)web_wait(q, seconds);
    return true;
}

static enum MHD_Result
ask(struct web_request *q, const struct person_ask *what)
{
    return web_ask(q, what, WEB_ASK_S)
               ? MHD_YES
               : web_refuse_named(q, MHD_HTTP_SERVICE_UNAVAILABLE, "engine", 0);
}

enum MHD_Result
web_add_checkpoint(struct web_request *q)
{
    struct web_server *s = q->server;
    struct web_body *b = q->body;
    struct MHD_Response *r;
    char size[32];

    if (b == NULL)
        return web_refuse(q, MHD_HTTP_METHOD_NOT_ALLOWED, "add-checkpoint is a POST");
    if (b->too_long)
        return web_refuse(q, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
    if (!b->answered) {
        struct slice body = {b->bytes, b->len};

        if (s->asks >= WEB_ASKS || s->source.witness == NULL ||
            s->source.witness(s->source.self, web_next_number(s), body) < 0)
            return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "the node does not answer now");
        return web_wait(q, WEB_ASK_S);
    }
    if (b->told == 0)
        return web_refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE, "the node does not answer now");
    (void)snprintf(size, sizeof size, "%llu\n", (unsigned long long)b->told_size);
    r = MHD_create_response_from_buffer(strlen(b->told == MHD_HTTP_CONFLICT ? size : b->text),
                                        b->told == MHD_HTTP_CONFLICT ? size : b->text,
                                        MHD_RESPMEM_MUST_COPY);
    return r == NULL ? MHD_NO
                     : web_queue(q, b->told, r,
                                 b->told == MHD_HTTP_CONFLICT ? "text/x.tlog.size"
                                                              : "text/plain; charset=utf-8",
                                 "no-store");
}

/* Whoever is signed in says something; the engine knows whether they may. */
enum MHD_Result
web_say(struct web_request *q)
{
    struct web_server *s = q->server;
    struct web_body *b = q->body;
    struct person_credential shown[2];
    struct web_say what = {.with = shown,
                           .pact = q->route.pact,
                           .incident = q->route.incident,
                           .type = q->route.word,
                           .dry = q->route.dry};

    if (b == NULL)
        return web_refuse(q, MHD_HTTP_METHOD_NOT_ALLOWED, "something is said by a POST");
    if (b->too_long)
        return web_refuse(q, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
    if (b->answered)
        return b->told == 0 ? web_refuse_named(q, MHD_HTTP_SERVICE_UNAVAILABLE, "engine", 0)
                            : answer_json(q, b->told, b->text, NULL);
    if (web_shown(q, shown) == 0)
        return web_refuse_named(q, MHD_HTTP_UNAUTHORIZED, "sign_in", 0);
    what.fields = (struct slice){b->bytes, b->len};
    if (s->asks >= WEB_ASKS || s->source.say == NULL ||
        s->source.say(s->source.self, web_next_number(s), &what) < 0)
        return web_refuse_named(q, MHD_HTTP_SERVICE_UNAVAILABLE, "engine", 0);
    return web_wait(q, WEB_ASK_S);
}

struct addr
web_client(const struct web_request *q)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    struct addr a = {{0}};

    if (info == NULL || info->client_addr == NULL)
        return a;
    if (info->client_addr->sa_family == AF_INET) {
        memcpy(&v4, info->client_addr, sizeof v4);
        a = addr_of_v4(ntohl(v4.sin_addr.s_addr));
    } else if (info->client_addr->sa_family == AF_INET6) {
        memcpy(&v6, info->client_addr, sizeof v6);
        memcpy(a.byte, &v6.sin6_addr, sizeof a.byte);
    }
    return a;
}

/* Those who change their own session or password show which it is. */
static bool
take_own(struct web_request *q, struct person_ask *to)
{
    struct person_credential shown[2];
    unsigned n = web_shown(q, shown);

    if (n == 0)
        return false;
    to->with = shown[0];
    return true;
}

enum MHD_Result
web_session(struct web_request *q)
{
    struct person_ask what = {0};
    enum MHD_Result r;

    if (q->body == NULL)
        return answer_session(q);
    if (q->body->answered)
        return answer_done(q);
    if (q->body->too_long)
        return web_refuse(q, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
    if (q->method == WEB_DELETE)
        what.what = ASK_SIGN_OUT;
    else if (q->route.what == WEB_ALERT_ACK)
        what = (struct person_ask){.what = ASK_ALERT_ACK, .object = q->route.alert};
    else if (!read_body(q, &what))
        return web_refuse_named(q, MHD_HTTP_BAD_REQUEST, "form", 0);
    if ((q->method != WEB_POST || what.what == ASK_ALERT_ACK) && !take_own(q, &what))
        return web_refuse_named(q, MHD_HTTP_UNAUTHORIZED, "sign_in", 0);
    what.from = web_client(q);
    r = ask(q, &what);
    explicit_bzero(&what, sizeof what);
    return r;
}

/* ---- waiting ---------------------------------------------------------------------------- */

struct web_body *
web_body_new(struct web_request *q)
{
    bool witness = slice_is(q->path, "/witness/add-checkpoint");
    bool say = slice_is(slice_sub(q->path, 0, 18), "/api/v1/incidents/");
    size_t room = witness ? WEB_WITNESS_MAX : say ? WEB_SAY_MAX : FORM_MAX;
    struct web_body *b = calloc(1, sizeof *b + room);

    if (b == NULL)
        return NULL;
    b->room = room;
    b->server = q->server;
    b->connection = q->connection;
    return b;
}

void
web_body_free(struct web_body *b)
{
    if (b == NULL)
        return;
    if (b->waits)
        unlink_body(b);
    free(b->text);
    b->server->uploads -= b->upload_room;
    free(b->upload);
    explicit_bzero(b, sizeof *b + (b->room > FORM_MAX ? 0 : b->room));
    free(b);
}

/* The connection goes on with this answer. */
static void
resume(struct web_body *b, const struct person_answer *a)
{
    unlink_body(b);
    b->answered = true;
    b->answer = *a;
    MHD_resume_connection(b->connection);
}

void
web_answered(struct web_server *s, uint32_t number, const struct person_answer *a)
{
    struct web_body *b = s->asked;

    while (b != NULL && b->number != number)
        b = b->next;
    if (b == NULL)
        return;
    /* A password that must wait for others is tried again, as long as its client waits. */
    if (b->taxii && a->status == ERR_BUSY &&
        s->mono + ((int64_t)a->wait_s + 1) * TIME_US_PER_S < b->until)
        b->again = s->mono + (a->wait_s == 0 ? 1 : (int64_t)a->wait_s) * TIME_US_PER_S;
    else
        resume(b, a);
}

void
web_witnessed(struct web_server *s, uint32_t number, unsigned status, uint64_t size,
              struct slice text)
{
    static const struct person_answer none;
    struct web_body *b = s->asked;

    while (b != NULL && b->number != number)
        b = b->next;
    if (b == NULL)
        return;
    free(b->text);
    b->text = strndup(text.ptr, text.len);
    b->told = b->text == NULL ? 0 : status;
    b->told_size = size;
    resume(b, &none);
}

static void
try_again(struct web_body *b)
{
    static const struct person_answer nobody = {.status = ERR_IO};
    struct web_server *s = b->server;
    uint32_t number = web_next_number(s);

    b->again = 0;
    if (s->source.ask(s->source.self, number, &b->ask) < 0)
        resume(b, &nobody);
    else
        b->number = number;
}

int64_t
web_session_step(struct web_server *s)
{
    static const struct person_answer nobody = {.status = ERR_IO};
    int64_t next = INT64_MAX;
    struct web_body *after;

    for (struct web_body *b = s->asked; b != NULL; b = after) {
        int64_t at = b->again != 0 && b->again < b->until ? b->again : b->until;

        after = b->next;
        if (b->until <= s->mono)
            resume(b, &nobody);
        else if (at <= s->mono)
            try_again(b);
        else if (at < next)
            next = at;
    }
    return next;
}

void
web_session_close(struct web_server *s)
{
    static const struct person_answer nobody = {.status = ERR_IO};

    while (s->asked != NULL)
        resume(s->asked, &nobody);
}
