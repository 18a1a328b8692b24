/* Where the parent listens, for the gate; and in a drill nowhere but for the page, with the
 * outside shut from then on. */
#include <stdio.h>
#include <string.h>

#include "role/parent_priv.h"

int
parent_listen(struct parent *p, struct errinfo *ei)
{
    const struct conf *c = p->house.conf;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < c->listen_count && i < WEB_LISTEN; i++) {
        struct web_listen *l = &p->house.listen[p->house.listens];

        if (p->house.o->shut != NULL && c->listen[i].what == CONF_WHAT_PEERS)
            continue;
        *l = (struct web_listen){.address = c->listen[i].address,
                                 .port = c->listen[i].port,
                                 .fd = -1,
                                 .tls = c->listen[i].tls,
                                 .peers = c->listen[i].what == CONF_WHAT_PEERS,
                                 .closed = addr_kind(&c->listen[i].address) != ADDR_LOOPBACK};
        r = web_bind(l, ei);
        p->house.listens += r == 0;
    }
    if (r == 0 && p->house.o->shut != NULL && p->house.listens == 0)
        r = err_set(ei, ERR_CONF, "a drill is for a node with a page: add one to `listen`");
    return r < 0 || p->house.o->shut == NULL ? r : p->house.o->shut(p->house.o->arg, ei);
}

/* The listener that people are told of; the number of all when none is for them. */
static unsigned
first_page(const struct house *h)
{
    unsigned i = 0;

    while (i < h->listens && h->listen[i].peers)
        i++;
    return i;
}

void
parent_announce(const struct parent *p)
{
    unsigned page = first_page(&p->house);
    const struct web_listen *l = &p->house.listen[page];
    struct tls_certificate ca;
    struct errinfo ei;
    char address[ADDR_TEXT];
    char hex[TLS_FINGERPRINT];
    char url[96];

    if (tls_wanted(p->house.conf) && tls_look_at(p->house.dir, "keys/ca.pem", &ca, &ei) == 0) {
        tls_fingerprint(&ca.fingerprint, hex);
        parent_say(p, ENV_INFO, "TLS by this node's own authority, keys/ca.pem, SHA-256 %s",
                   hex);
    }
    if (p->house.o->ready == NULL || page == p->house.listens)
        return;
    (void)addr_format(&l->address, address);
    (void)snprintf(url, sizeof url,
                   strchr(address, ':') ? "http%s://[%s]:%u" : "http%s://%s:%u",
                   l->tls ? "s" : "", address, p->port);
    p->house.o->ready(p->house.o->arg, url);
}
