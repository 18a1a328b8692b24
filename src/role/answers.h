/* What the page and its interface ask for, answered from a node: the callbacks of web/web.h. */
#ifndef DETENTE_ROLE_ANSWERS_H
#define DETENTE_ROLE_ANSWERS_H

#include "role/live.h"
#include "role/view.h"
#include "web/web.h"

struct answers {
    struct view *view;
    struct buf snapshot; /* the newest, kept by whoever publishes */
    uint64_t pos;
    bool alive;                  /* the engine is; kept by whoever hears it */
    struct live_honesty honesty; /* the newest figures, kept by whoever publishes */
    struct web_server *web;      /* for its own figures; NULL before it is open */
    void *gate;                  /* whose they are, for callbacks of its own; NULL none */
};

/* view outlives a. */
void answers_open(struct answers *a, struct view *view);
void answers_close(struct answers *a);
/* metrics.c: all of it as Prometheus reads it. */
MUST_USE int answer_metrics(void *self, struct buf *to);
void answers_source(struct answers *a, struct web_source *ret);

#endif
