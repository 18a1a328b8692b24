/* The HTTP side of a node: REST, the live stream, the log as tiles, the page (docs/api.md).
 *
 * GET and HEAD, but for signing in and out.  Everything it shows comes from a table of
 * callbacks, so it knows neither store nor engine; what shall be done is asked by one of them
 * and answered later by web_answered(), the client waiting meanwhile.  One thread: callbacks
 * run inside web_step() and must not take long, since streams wait meanwhile.  No thread of its
 * own: libmicrohttpd runs on epoll, and web_fd() is readable when there is work.  Slow and
 * silent clients cost bounded memory: 14 KiB a connection, 64 KiB of socket, shared frames. */
#ifndef DETENTE_WEB_WEB_H
#define DETENTE_WEB_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"
#include "model/person.h"
#include "web/request.h"

enum {
    WEB_LISTEN = 16,
    WEB_CONNECTIONS = 1536,       /* a listener */
    WEB_PER_ADDRESS = 256,        /* connections of one client address; a proxy is one */
    WEB_PEER_CONNECTIONS = 256,   /* of a listener for counterparts … */
    WEB_PEER_PER_ADDRESS = 64,    /* … and of one address there */
    WEB_SENDING = 256 << 20,      /* bytes of all large answers on their way; more get 503 */
    WEB_VIEWERS = 1024,           /* live streams; more get 503 */
    WEB_FRAMES = 64,              /* deltas kept */
    WEB_BEHIND = 8,               /* a viewer further behind gets a snapshot instead */
    WEB_HEARTBEAT_S = 15,         /* a comment when nothing else was sent so long */
    WEB_STALLED_S = 30,           /* a stream that takes nothing for so long is closed */
    WEB_IDLE_S = 20,              /* any other connection */
    WEB_ASKS = 64,                /* that wait for an answer; more get 503 */
    WEB_ASK_S = 10,               /* then it is 503 */
    WEB_LOOK_S = 10,              /* how often a stream is asked whether it may go on */
    WEB_WITNESS_MAX = 128 * 1024, /* bytes of an add-checkpoint request */
    WEB_SAY_MAX = 48 * 1024,      /* bytes of the fields of a message */
    WEB_TAXII_MAX = 8 << 20,      /* bytes of a body of TAXII … */
    WEB_UPLOADS = 48 << 20,       /* … and of all at once; more get 503 */
    WEB_PAIRS = 32,               /* parameters of a query */
    WEB_BASICS = 256,             /* passwords that are known to be right */
    WEB_TOLD = 512,
    WEB_ANSWER_MAX = 1 << 26 /* bytes */
};

/* Something that somebody wants said; borrowed for the call. */
struct web_say {
    const struct person_credential *with;
    struct slice pact;
    struct slice incident;
    struct slice type;   /* of the message */
    struct slice fields; /* JSON */
    bool dry;            /* only tell what would be said, and what would come of it */
};

/* A request of TAXII 2.1, from whoever showed `with`; borrowed for the call. */
struct web_pair {
    struct slice name;
    struct slice value;
};
struct web_taxii {
    uint32_t number; /* under which what must be asked elsewhere is answered */
    unsigned method; /* enum web_method */
    struct slice path;
    struct slice accept;
    struct slice content; /* type of the body */
    const struct web_pair *parameter;
    unsigned parameters;
    const struct person_credential *with;
    const struct hash *spki; /* of a listener for counterparts, instead of with; else NULL */
    struct slice body;
    unsigned told;       /* 0; else what was asked elsewhere came to that status … */
    const char *outcome; /* … and has this id */
};
struct web_taxii_answer {
    unsigned status;
    bool waits; /* it is asked elsewhere: no answer yet, */
    bool has_dates;
    uint32_t wait_s;
    const char *allow; /* methods, of a 405 */
    char outcome[37];  /* … under this id */
    char first[28];    /* X-TAXII-Date-Added-First, … */
    char last[28];     /* … -Last */
};

/* What of a stream of the past comes next. */
enum web_replay_frame { WEB_REPLAY_SNAPSHOT, WEB_REPLAY_DELTA, WEB_REPLAY_END };

/* Where the answers come from.  Each appends the whole body to `to` and gives 0, or a negative
 * ERR_*: NOTFOUND becomes 404, INVALID and LIMIT 400, all else 503, with one line of text.  A
 * callback may be NULL: 404. */
struct web_source {
    void *self;
    int (*node)(void *self, struct buf *to);
    /* The snapshot and its position, the size of the log. */
    int (*now)(void *self, struct buf *to, uint64_t *ret_pos);
    int (*top)(void *self, const struct web_query *q, struct buf *to);
    int (*events)(void *self, const struct web_query *q, struct buf *to);
    int (*event)(void *self, struct event_id id, struct buf *to);
    int (*event_raw)(void *self, struct event_id id, struct buf *to);
    int (*event_proof)(void *self, struct event_id id, struct buf *to);
    int (*alerts)(void *self, enum language l, struct buf *to);
    int (*checkpoint)(void *self, struct buf *to);
    /* Hashes of a tile or, with p->entries, an entry bundle; ERR_NOTFOUND beyond the log. */
    int (*tile)(void *self, const struct tile_path *p, struct buf *to);
    /* How it stands with counterparts. */
    int (*peers)(void *self, struct buf *to);
    int (*witnesses)(void *self, struct buf *to);
    /* The pacts as documents. */
    int (*pacts)(void *self, struct buf *to);
    /* pact/… and holder/…, of whoever showed the certificate with that key (NULL: none, or
     * this is no listener for counterparts): the status, with the bytes or a line for people,
     * and whether the bytes are a message. */
    int (*shelf)(void *self, struct slice path, const struct hash *spki, struct buf *to,
                 bool *ret_json);
    /* Prometheus' text format, version 0.0.4. */
    int (*metrics)(void *self, struct buf *to);
    /* True when the node can answer: /readyz. */
    bool (*ready)(void *self);
    /* Whose is that, and may they read?  ERR_AUTH; name, role, kind and until in *ret. */
    int (*look)(void *self, const struct person_credential *with, struct person_answer *ret);
    /* Pass on what somebody wants; the answer comes by web_answered() under this number.
     * ERR_BUSY, ERR_NOTFOUND: nobody is there to do it. */
    int (*ask)(void *self, uint32_t number, const struct person_ask *ask);
    /* Pass on a request to the witness; the answer comes by web_witnessed(). */
    int (*witness)(void *self, uint32_t number, struct slice body);
    /* Incidents between the parties, and one of them with all that was said. */
    int (*incidents)(void *self, struct buf *to);
    int (*incident)(void *self, struct slice pact, struct slice name, struct buf *to);
    /* A proof file of a counterpart's that a message of the pact names, by its hash. */
    int (*pact_proof)(void *self, struct slice pact, const struct hash *id, struct buf *to);
    /* What own sensors see of own space, by prefix: not for counterparts. */
    int (*coverage)(void *self, struct buf *to);
    int (*series)(void *self, struct buf *to);
    /* What is exploited now and what of it is one's own; id "": all. */
    int (*vulnerabilities)(void *self, struct slice id, struct buf *to);
    /* How the exchange of objects stands, and why one goes to a party or not: not for
     * counterparts. */
    int (*exchange)(void *self, struct buf *to);
    int (*explain)(void *self, struct slice object, struct slice party, struct buf *to);
    /* What cuts do to reach, as it was reckoned last; country: of WEB_CUTOFF_COUNTRY. */
    int (*cutoff)(void *self, enum web_cutoff what, const char *country, struct buf *to);
    /* Words by obligation and pair, of all pacts or as the parameters say. */
    /* What others publish of the world: lists of hostile addresses. */
    int (*world)(void *self, struct buf *to);
    int (*verdict)(void *self, const struct web_verdict *v, struct buf *to);
    /* The same as a report, in JSON or as a page of HTML that has no script. */
    int (*report)(void *self, const struct web_verdict *v, bool html, struct buf *to);
    /* Pass on what is to be said in one; the answer comes by web_witnessed(), as JSON. */
    int (*say)(void *self, uint32_t number, const struct web_say *what);
    /* The note that was cosigned last of the log with that origin's hash; ERR_NOTFOUND. */
    int (*witnessed)(void *self, const struct hash *origin, struct buf *to);
    /* Somebody wants to see the past: its frames come by web_replayed() under this number until
     * replay_end(), which is called once for each that gave 0.  ERR_BUSY: there are too many.
     */
    int (*replay)(void *self, uint32_t number, const struct web_replay *what);
    void (*replay_end)(void *self, uint32_t number);
    /* TAXII: status and body into ret and to; or it waits, and web_witnessed() gives a status
     * with which this is called again.  A negative ERR_*: 503. */
    int (*taxii)(void *self, const struct web_taxii *q, struct buf *to,
                 struct web_taxii_answer *ret);
    /* Its error object. */
    void (*taxii_refuse)(void *self, unsigned status, const char *why, struct buf *to);
    /* The same as look, of who may take part in the exchange. */
    int (*look_exchange)(void *self, const struct person_credential *with,
                         struct person_answer *ret);
};

struct web_listen {
    struct addr address;
    uint16_t port; /* 0: any free one, see web_port() */
    int fd;        /* from web_bind(); -1: bind now */
    bool tls;      /* with the options' key and certificate */
    bool closed;   /* nobody reads who has not signed in */
    bool peers;    /* for counterparts: with tls, to whoever shows a certificate; no page */
};

struct web_options {
    const struct web_listen *listen;
    unsigned listen_count;
    const char *const *hosts; /* allowed beside the loopback names, lower case; must outlive */
    unsigned host_count;
    struct utime (*now)(void *self); /* wall clock, for times in queries; given source.self */
    /* For listeners with tls, PEM with NUL, must outlive: key and chain in one text; and who
     * may have issued a client's certificate, which is asked for, but not required. */
    const char *tls_page;
    const char *tls_ca;
    uint8_t secret[32]; /* random, of this run: for hashes that nobody else shall make */
};

struct web_server; /* opaque */

/* Bind and listen, for whoever may, to be handed on: a descriptor in l->fd.  ERR_IO, ei names
 * address and reason. */
MUST_USE int web_bind(struct web_listen *l, struct errinfo *ei);

/* Binds and listens.  ERR_IO (ei names address and reason), ERR_NOMEM. */
MUST_USE int web_open(const struct web_options *o, const struct web_source *source,
                      struct web_server **ret, struct errinfo *ei);
struct web_server *web_close(struct web_server *s); /* ends all streams; gives NULL */

/* An epoll descriptor to wait on; stays the server's. */
int web_fd(const struct web_server *s);
/* Port of the i-th listener as it is bound. */
unsigned web_port(const struct web_server *s, unsigned i);
/* Do what can be done without waiting.  mono is a monotonic clock in microseconds; *ret_next
 * the time by which to call again even if web_fd() stays silent. */
void web_step(struct web_server *s, int64_t mono, int64_t *ret_next);

/* The next delta for all viewers, one JSON object without line ends; pos becomes the event's
 * id. With an empty delta only the position moves.  ERR_NOMEM: viewers get a snapshot instead.
 */
MUST_USE int web_publish(struct web_server *s, uint64_t pos, struct slice delta);

/* Has the viewer of the past under that number taken all that it was given? */
bool web_replay_waits(const struct web_server *s, uint32_t number);
/* What it gets next, when it waits: JSON without line ends.  After WEB_REPLAY_END the stream is
 * closed; so it is when there is no memory for a frame. */
void web_replayed(struct web_server *s, uint32_t number, enum web_replay_frame what,
                  uint64_t pos, struct slice json);

/* The answer to what source.ask() was given under that number; one that nobody waits for any
 * more is passed over. */
void web_answered(struct web_server *s, uint32_t number, const struct person_answer *a);

/* The same for source.witness() and source.say(): status, and for 409 of the witness the size,
 * else the text (copied).  Status 0: there is no answer. */
void web_witnessed(struct web_server *s, uint32_t number, unsigned status, uint64_t size,
                   struct slice text);

/* Counters since web_open(). */
struct web_stats {
    uint64_t requests;
    uint64_t refused;   /* method, host, origin or form */
    uint64_t failed;    /* 503 */
    uint64_t frames;    /* published */
    uint64_t snapshots; /* sent to viewers that came or were behind */
    uint64_t faults;    /* connections that libmicrohttpd complained of */
    uint32_t viewers;   /* now */
};
struct web_stats web_stats(const struct web_server *s);

#endif
