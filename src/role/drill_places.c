/* What of the outside a node's configuration, annexes and policy name. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/drill_priv.h"
#include "role/quorum.h"

/* Those that libcurl does not know. */
static unsigned
usual_port(const char *url)
{
    static const struct {
        const char *scheme;
        unsigned port;
    } usual[] = {{"https:", 443},      {"http:", 80},        {"smtp:", 25},
                 {"smtps:", 465},      {"syslog+udp:", 514}, {"syslog+tcp:", 514},
                 {"syslog+tls:", 6514}};

    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (strncmp(url, usual[i].scheme, strlen(usual[i].scheme)) == 0)
            return usual[i].port;
    }
    return 0;
}

bool
drill_split(const char *url, char host[256], unsigned *ret_port)
{
    CURLU *u = curl_url();
    char *name = NULL;
    char *port = NULL;
    bool good = u != NULL && strncmp(url, "syslog+unix:", 12) != 0 &&
                curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK;

    *ret_port = usual_port(url);
    if (good && curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_OK)
        *ret_port = (unsigned)strtoul(port, NULL, 10);
    host[0] = '\0';
    if (good && name[0] == '[')
        (void)snprintf(host, 256, "%.*s", (int)strcspn(name + 1, "]"), name + 1);
    else if (good)
        (void)snprintf(host, 256, "%s", name);
    curl_free(name);
    curl_free(port);
    curl_url_cleanup(u);
    return good && host[0] != '\0';
}

static bool
is_number(const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;

    return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1;
}

static struct drill_place *
add(struct drill *d, const char *kind, const char *role, const char *where)
{
    struct drill_place *p = &d->place[d->place_count];

    if (d->place_count == DRILL_PLACES)
        return NULL;
    *p = (struct drill_place){.kind = kind, .role = role};
    if (!drill_split(where, p->host, &p->port))
        return NULL;
    (void)snprintf(p->where, sizeof p->where, "%s", where);
    p->named = !is_number(p->host);
    d->place_count++;
    return p;
}

static void
add_receivers(struct drill *d, const struct conf *c)
{
    static const char *const kinds[] = {[CONF_NOTIFY_MAIL] = "mail",
                                        [CONF_NOTIFY_WEBHOOK] = "webhook",
                                        [CONF_NOTIFY_SYSLOG] = "syslog"};

    for (unsigned i = 0; i < c->notify_count; i++) {
        const struct conf_notify *n = &c->notify[i];
        struct drill_place *p = add(d, kinds[conf_notify_kind(n)], "courier", n->url);

        if (p != NULL)
            (void)snprintf(p->name, sizeof p->name, "%s", n->name);
    }
}

/* Where it answers by the configuration, or else by its annex. */
static const char *
endpoint(const struct conf *c, const struct book_pact *b, unsigned party)
{
    for (unsigned i = 0; i < c->peer_count; i++) {
        if (slice_is(b->party[party].id, c->peers[i].party) && c->peers[i].endpoint[0] != '\0')
            return c->peers[i].endpoint;
    }
    return book_annex(b, (int)party)->endpoint;
}

static bool
is_there(const struct drill *d, struct slice party)
{
    for (unsigned i = 0; i < d->place_count; i++) {
        if (strcmp(d->place[i].kind, "counterpart") == 0 && slice_is(party, d->place[i].name))
            return true;
    }
    return false;
}

static void
add_counterparts(struct drill *d, const struct conf *c, const struct book_pact *b)
{
    for (unsigned k = 0; b->self >= 0 && k < b->pact->parties; k++) {
        struct drill_place *p;

        if ((int)k == b->self || b->party[k].annexes == 0 || is_there(d, b->party[k].id))
            continue;
        p = add(d, "counterpart", "peer", endpoint(c, b, k));
        if (p == NULL)
            continue;
        (void)snprintf(p->name, sizeof p->name, "%.*s", (int)b->party[k].id.len,
                       b->party[k].id.ptr);
        p->patience = b->pact->out_of_contact_after;
    }
}

static int
add_witnesses(struct drill *d, struct view *v)
{
    struct quorum *q = malloc(sizeof *q);
    int r = q == NULL ? ERR_NOMEM : quorum_look(v->node.store, q);

    for (unsigned i = 0; r == 0 && i < q->policy.witnesses; i++) {
        struct drill_place *p =
            q->policy.url[i][0] == '\0' ? NULL : add(d, "witness", "peer", q->policy.url[i]);

        if (p != NULL)
            (void)snprintf(p->name, sizeof p->name, "%s", policy_witness(&q->policy, i));
    }
    free(q);
    return r == ERR_NOTFOUND ? 0 : r;
}

int
drill_places(struct drill *d, struct view *v, struct errinfo *ei)
{
    struct book *b = NULL;
    int r;

    add_receivers(d, v->node.conf);
    r = book_load(v->node.store, v->node.conf->party, &b, ei);
    for (unsigned i = 0; r == 0 && i < b->pacts; i++)
        add_counterparts(d, v->node.conf, &b->pact[i]);
    (void)book_free(b);
    if (r < 0)
        return r;
    r = add_witnesses(d, v);
    return r < 0 ? err_set(ei, r, "the witnesses: %s", err_text(r)) : 0;
}

static bool
is_to(const struct drill_place *p, const struct blockade_call *c)
{
    const char *host = strcmp(p->host, "localhost") == 0 ? "127.0.0.1" : p->host;
    char to[300];

    (void)snprintf(to, sizeof to, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
                   p->port);
    return strcmp(to, c->to) == 0;
}

const struct drill_place *
drill_place_of(const struct drill *d, const struct blockade_call *c)
{
    const struct drill_place *found = NULL;

    for (unsigned i = 0; i < d->place_count; i++) {
        const struct drill_place *p = &d->place[i];

        if (strcmp(p->role, c->role) != 0)
            continue;
        if (!c->lookup && is_to(p, c))
            return p;
        if (c->lookup && p->named) {
            if (found != NULL)
                return NULL; /* one of several */
            found = p;
        }
    }
    return found;
}
