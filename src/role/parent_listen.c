/* Where the parent listens, for the gate; and in a drill nowhere but for the page, with the
 * outside shut from then on. */
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
