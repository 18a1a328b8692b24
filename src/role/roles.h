/* The processes of a running node, as their parent starts them.
 *
 *     parent   opens, starts, watches; holds the lock, never a key        role/parent.c
 *     sensor   one per source: hostile bytes become frames                role/proc_sensor.c
 *     engine   attributes, records, signs; the only holder of keys        role/proc_engine.c
 *     gate     HTTP; reads the store; no key                              role/proc_gate.c
 *     peer     asks counterparts; the outbound network; the key of TLS    role/proc_peer.c
 *     courier  alerts; the outbound network; no key                       role/proc_courier.c
 *     puller   one source that is due, then it ends; the outbound network,
 *              what sources show of themselves; no key that signs         role/proc_puller.c
 *     lister   makes what is looked for anew, then it ends; no network,
 *              no key                                                     role/proc_lister.c
 *
 * Each of the functions here is the whole life of one such process and gives its exit status.
 * What they are handed was opened before the fork; all other descriptors are closed. */
#ifndef DETENTE_ROLE_ROLES_H
#define DETENTE_ROLE_ROLES_H

#include "conf/conf.h"
#include "role/link.h"
#include "role/sensor.h"
#include "role/serve.h"
#include "role/waits.h"
#include "web/web.h"

/* What all of them know. */
struct house {
    const char *dir;
    const struct conf *conf;
    const struct serve_options *o;
    int lock; /* the node's, held */
    /* Listening sockets of the gate. */
    struct web_listen listen[WEB_LISTEN];
    unsigned listens;
    /* Shared with the engine alone, which leaves in it what the next one shall know. */
    struct waits *waits;
    struct test_clock *clock;            /* NULL: the machine's; shared with all */
    struct tls_certificate tls[TLS_OWN]; /* when a listener has TLS */
};

struct sensor_start {
    struct link_feed feed;
    int parent; /* links */
    int engine;
    int slots;
    int peer;    /* who waits for the result of a finite source; -1 nobody */
    bool sample; /* invented traffic */
    bool past;   /* … and a day of it before now */
    struct sensor_care care;
};

int proc_engine(const struct house *h, int parent);
int proc_gate(const struct house *h, int parent, int engine);
/* engine: its link; bodies: memory for what is sent (role/pull.h). */
int proc_peer(const struct house *h, int parent, int engine, int bodies);
int proc_courier(const struct house *h, int parent);
int proc_puller(const struct house *h, int parent);
int proc_lister(const struct house *h, int parent);
int proc_sensor(const struct house *h, const struct sensor_start *s);

/* Tell the parent why this process ends, and give the exit status. */
int proc_fail(int parent, int status, const struct errinfo *ei);

#endif
