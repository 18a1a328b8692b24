/* What the page and its interface ask for, answered from a node: the callbacks of web/web.h. */
#ifndef DETENTE_ROLE_ANSWERS_H
#define DETENTE_ROLE_ANSWERS_H

#include "role/describe.h"
#include "role/node.h"
#include "web/web.h"

struct answers {
    struct node *node;
    struct describer describer;
    struct buf snapshot; /* the newest, kept by whoever publishes */
    uint64_t pos;
};

/* ERR_NOMEM, ERR_IO.  node has an engine and outlives a. */
MUST_USE int answers_open(struct answers *a, struct node *node);
void answers_close(struct answers *a);
/* The tables were changed. */
void answers_refresh(struct answers *a);
void answers_source(struct answers *a, struct web_source *ret);

#endif
