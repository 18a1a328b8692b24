#include "role/offset.h"

#include <stdio.h>
#include <stdlib.h>

#include "role/cosigners.h"

static const char name[] = "clock_offset";

void
offset_look(const struct parley *p, struct utime now, struct clock_estimate *ret)
{
    struct clock_offset others[FETCH_ALL];
    struct peer_state s;
    unsigned n = 0;

    for (unsigned i = 0; p->peers != NULL && i < peers_count(p->peers); i++) {
        peers_state(p->peers, i, &s);
        others[n++] = s.clock;
    }
    for (unsigned i = 0; p->cosigners != NULL && i < cosigners_count(p->cosigners); i++) {
        cosigners_state(p->cosigners, i, &s);
        others[n++] = s.clock;
    }
    clock_estimate(others, n, now, ret);
}

void
offset_of(const struct link_peer *others, unsigned count, unsigned witnesses, struct utime now,
          struct clock_estimate *ret)
{
    struct clock_offset said[FETCH_ALL];
    unsigned n = 0;

    for (unsigned i = 0; i < count && i < FETCH_PEERS; i++)
        said[n++] = others[i].clock;
    for (unsigned i = 0; i < witnesses && i < FETCH_WITNESSES; i++)
        said[n++] = others[FETCH_PEERS + i].clock;
    clock_estimate(said, n, now, ret);
}

bool
offset_allowed(const struct book *b, struct span *ret)
{
    bool any = false;

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct pact *p = b->pact[i].pact;

        if (b->pact[i].self < 0 || p->clock_skew_max.us <= 0 ||
            (any && p->clock_skew_max.us >= ret->us))
            continue;
        *ret = p->clock_skew_max;
        any = true;
    }
    return any;
}

void
offset_keep(struct store *s, const struct clock_estimate *e, struct utime now)
{
    char text[96];
    int n = snprintf(text, sizeof text, "%lld %lld %u %lld", (long long)e->offset.us,
                     (long long)e->error.us, e->count, (long long)now.us);

    if (store_begin(s) < 0)
        return;
    if (store_put_meta(s, name, (struct slice){text, (size_t)n}) < 0 || store_commit(s) < 0)
        store_rollback(s);
}

int
offset_read(struct store *s, struct utime now, struct clock_estimate *ret)
{
    AUTO_BUF(text, 128);
    struct utime at;
    char *end;
    int r = store_get_meta(s, name, &text);

    *ret = (struct clock_estimate){.count = 0};
    if (r < 0)
        return r;
    buf_char(&text, '\0');
    if (buf_error(&text) < 0)
        return buf_error(&text);
    ret->offset.us = strtoll(text.ptr, &end, 10);
    ret->error.us = strtoll(end, &end, 10);
    ret->count = (unsigned)strtoul(end, &end, 10);
    at.us = strtoll(end, NULL, 10);
    if (ret->count > 0 && now.us - at.us <= CLOCK_FRESH_US && at.us - now.us <= CLOCK_FRESH_US)
        return 0;
    ret->count = 0;
    return ERR_NOTFOUND;
}
