/* Where the listener for counterparts of a pact's other party is, and which keys it has. */
#include <stdio.h>

#include "role/book.h"
#include "role/fetch.h"
#include "role/source.h"
#include "wire/base64.h"

struct gathered {
    struct hash pin[FETCH_PINS];
    unsigned pins;
    bool met; /* in a pact */
};

static void
add_pin(struct gathered *g, const struct hash *key)
{
    for (unsigned i = 0; i < g->pins; i++) {
        if (hash_eq(&g->pin[i], key))
            return;
    }
    if (g->pins < FETCH_PINS)
        g->pin[g->pins++] = *key;
}

/* The newest annex of the first pact that has one says where. */
static void
gather(struct gathered *g, const struct book_pact *p, int party, struct utime now,
       struct source_party *ret)
{
    const struct annex *a = book_annex(p, party);

    g->met = true;
    if (a != NULL && ret->endpoint[0] == '\0')
        (void)snprintf(ret->endpoint, sizeof ret->endpoint, "%s", a->endpoint);
    for (unsigned i = 0; i < p->pins; i++) {
        const struct book_pin *pin = &p->pin[i];

        if ((int)pin->party == party && pin->from.us <= now.us &&
            (pin->until.us == 0 || now.us < pin->until.us))
            add_pin(g, &pin->spki);
    }
}

static void
write_pins(const struct gathered *g, struct source_party *ret)
{
    size_t at = 0;

    for (unsigned i = 0; i < g->pins; i++) {
        char text[BASE64_TEXT(SHA256_SIZE) + 1] = "";

        base64_encode(g->pin[i].byte, SHA256_SIZE, text);
        at += (size_t)snprintf(ret->pins + at, sizeof ret->pins - at, "%ssha256//%s",
                               i > 0 ? ";" : "", text);
    }
}

static int
conclude(const struct gathered *g, const struct conf *c, const char *party,
         struct source_party *ret, struct errinfo *ei)
{
    for (unsigned i = 0; i < c->peer_count; i++) {
        const struct conf_peer *as = &c->peers[i];

        if (strcmp(party, as->party) != 0)
            continue;
        if (as->endpoint[0] != '\0')
            (void)snprintf(ret->endpoint, sizeof ret->endpoint, "%s", as->endpoint);
        ret->inside = as->inside;
    }
    if (!g->met)
        return err_set(ei, ERR_NOTFOUND,
                       "this node has no pact with `%.32s`: `detente pact list` names those "
                       "there are",
                       party);
    if (g->pins == 0)
        return err_set(ei, ERR_CONF,
                       "no TLS key of `%.32s` is valid now: its annex must name one", party);
    write_pins(g, ret);
    return 0;
}

int
source_party_find(const char *dir, const char *party, struct source_party *ret,
                  struct errinfo *ei)
{
    struct gathered g = {.pins = 0};
    struct book *b = NULL;
    struct node n;
    int r = node_open(dir, NODE_READ, &n, ei);

    *ret = (struct source_party){.inside = false};
    if (r < 0)
        return r;
    r = book_load(n.store, n.conf->party, &b, ei);
    for (unsigned i = 0; r == 0 && b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        int at = book_party(p, slice_of(party));

        if (p->self >= 0 && at >= 0 && at != p->self)
            gather(&g, p, at, env_posix_now(), ret);
    }
    if (r == 0)
        r = conclude(&g, n.conf, party, ret, ei);
    (void)book_free(b);
    node_close(&n);
    return r;
}

bool
source_follow(struct source *s, const struct source_party *at)
{
    size_t len = strlen(s->endpoint);
    char url[SOURCE_URL];
    int n;

    if (len == 0 || at->endpoint[0] == '\0' || strcmp(s->endpoint, at->endpoint) == 0 ||
        strncmp(s->url, s->endpoint, len) != 0)
        return false;
    n = snprintf(url, sizeof url, "%s%s", at->endpoint, s->url + len);
    if (n < 0 || (size_t)n >= sizeof url)
        return false;
    memcpy(s->url, url, (size_t)n + 1);
    (void)snprintf(s->endpoint, sizeof s->endpoint, "%s", at->endpoint);
    s->mark.next[0] = '\0'; /* a place in pages of one server is none of another's */
    return true;
}
