/* What the page and its interface ask for, answered from a node: the callbacks of web/web.h. */
#ifndef DETENTE_ROLE_ANSWERS_H
#define DETENTE_ROLE_ANSWERS_H

#include "role/assets.h"
#include "role/book.h"
#include "role/exports.h"
#include "role/link.h"
#include "role/live.h"
#include "role/view.h"
#include "role/week.h"
#include "store/alerts.h"
#include "web/web.h"

struct exchange_source;
struct exposure;
struct load;

struct answers {
    struct view *view;
    struct buf snapshot; /* the newest, kept by whoever publishes */
    uint64_t pos;
    bool alive;                      /* the engine is; kept by whoever hears it */
    struct live_honesty honesty;     /* the newest figures, kept by whoever publishes */
    struct web_server *web;          /* for its own figures; NULL before it is open */
    struct live_honesty alerts_seen; /* of alerts only: what was counted last */
    struct alerts *alerts;           /* NULL until the courier made them */
    struct book *book;               /* NULL: no pact; kept by whoever reads it again … */
    struct owners owners;            /* … together with whose addresses are by it */
    struct link_peer *peer;          /* what the engine told of counterparts … */
    unsigned peers;                  /* … so many, at most FETCH_PEERS … */
    unsigned witnesses;              /* … and of witnesses, behind FETCH_PEERS */
    struct buf verdict;              /* the newest that somebody asked for … */
    struct web_verdict asked;        /* … as what … */
    int64_t judged;                  /* … and when, mono */
    struct assets assets;            /* by which targets are counted */
    struct buf coverage;             /* the newest, of which there is one only, … */
    int64_t covered;                 /* … and when it was made, mono */
    struct week week;                /* kept going by whoever follows the blocks */
    struct exposure *exposure;       /* NULL: nobody keeps it; kept going like the week */
    /* Pass on objects that somebody gives; the answer comes by web_witnessed(). */
    int (*pass_load)(void *self, uint32_t number, const struct load *l);
    struct buf exchange;            /* the newest that somebody asked for, … */
    int64_t exchange_until;         /* … and until when it is told, mono */
    struct exchange_source *source; /* NULL none; as the parent gave them … */
    unsigned sources;
    unsigned sources_known; /* … of so many */
    struct exports exports; /* what went to other parties, kept going like the week */
    void *gate;             /* whose they are, for callbacks of its own; NULL none */
};

/* view outlives a.  ERR_NOMEM: close it. */
MUST_USE int answers_open(struct answers *a, struct view *view);
void answers_close(struct answers *a);
/* alerts.c: what is open, and what was resolved lately. */
MUST_USE int answer_alerts(void *self, enum language l, struct buf *to);
/* What was asked for; the node's when nothing was (LANGUAGES). */
enum language answer_language(const struct answers *a, enum language asked);
/* How many, and a number that changes with them; opens them when they are there now. */
void answers_look_at_alerts(struct answers *a, struct live_honesty *h);
/* exposure_answer.c: what is exploited now and what of it is one's own; id "": all. */
MUST_USE int answer_vulnerabilities(void *self, struct slice id, struct buf *to);
/* exchange_answer.c: how the exchange of objects stands, and why one goes to a party or not. */
MUST_USE int answer_exchange(void *self, struct buf *to);
MUST_USE int answer_explain(void *self, struct slice object, struct slice party,
                            struct buf *to);
/* One of `count` sources, with its state in a file; fd stays the caller's, -1: it has none. */
void answers_take_source(struct answers *a, unsigned slot, unsigned count, const char *name,
                         int fd);
/* peers_json.c: how it stands with counterparts. */
MUST_USE int answer_peers(void *self, struct buf *to);
/* … and with the witnesses of the policy. */
MUST_USE int answer_witnesses(void *self, struct buf *to);
/* pacts_json.c: the pacts of this node as documents. */
MUST_USE int answer_pacts(void *self, struct buf *to);
/* metrics.c: all of it as Prometheus reads it. */
MUST_USE int answer_metrics(void *self, struct buf *to);
void answers_source(struct answers *a, struct web_source *ret);

#endif
