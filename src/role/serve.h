/* `serve`: sensors followed, events committed, the page shown; one loop, one thread. */
#ifndef DETENTE_ROLE_SERVE_H
#define DETENTE_ROLE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "role/node.h"

struct serve_options {
    const char *const *follow; /* files beside those of the configuration */
    unsigned follow_count;
    bool sample;   /* invented traffic too */
    uint64_t seed; /* of it */
    /* Called once with the page's address, when all is ready. */
    void (*ready)(const char *url);
};

/* Runs until SIGINT or SIGTERM (then 0) or until the node cannot go on. */
MUST_USE int serve(struct node *n, const struct serve_options *o, struct errinfo *ei);

#endif
