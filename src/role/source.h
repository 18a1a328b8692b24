/* Sources: collections of other servers of TAXII 2.1, whose objects go into one of this node's.
 * Settings and how far each has come, in DIR/exchange/sources:
 *
 *     NAME.json     what is here, in one file          NAME.ca      certificates to trust
 *     NAME.secret   the password or token              NAME.lock    held while one is pulled
 *     NAME.pem      its certificate to show, with the key
 *
 * A source may be a counterpart's listener for counterparts: what a pact's other parties may
 * read is read there.  It is then shown the certificate that this node's annex names
 * (keys/tls.pem), unless the source has its own, and its key must be one that its annex names
 * now; no authority vouches for it, and only TLS 1.3 is spoken (docs/pact.md).  It may stand
 * where `peers[].inside` lets it.
 *
 * Pulled by commands that an operator gives, and, where a source says how often, by a process
 * of a running node (role/proc_puller.c), or by a timer of the system with `--due`. */
#ifndef DETENTE_ROLE_SOURCE_H
#define DETENTE_ROLE_SOURCE_H

#include "role/taking.h"
#include "taxii/client.h"
#include "taxii/discover.h"

enum {
    SOURCES_MOST = 256,
    SOURCE_NAME = 33, /* with NUL, as all that follow */
    SOURCE_URL = LINK_HOST + LINK_PATH + 16,
    SOURCE_TITLE = 257,
    SOURCE_USER = 129,
    SOURCE_TYPES = 16,
    SOURCE_TYPE = 65,
    SOURCE_SECRET = 4096, /* bytes of a password or token */
    SOURCE_CA = 1 << 20,
    SOURCE_PEM = 1 << 16, /* bytes of a certificate with its chain and key */
    SOURCE_PARTY = 33,
    SOURCE_WHY = 256,
    SOURCE_EVERY = 31 * 86400, /* seconds at most */
    SOURCE_SOON = 60,          /* … from a pull that failed to the next … */
    SOURCE_PAUSE = 6 * 3600,   /* … and after many */
    SOURCE_LONG_S = 3600       /* people are told of what is faulty for so long */
};

enum source_auth { SOURCE_NOBODY, SOURCE_BASIC, SOURCE_BEARER };

struct source {
    char name[SOURCE_NAME];
    char url[SOURCE_URL];     /* of the collection */
    char title[SOURCE_TITLE]; /* as its server says */
    char into[COLLECTION_ID + 1];
    char sightings[COLLECTION_ID + 1]; /* where what is met of it goes; "" nowhere */
    enum source_auth auth;
    char user[SOURCE_USER];
    bool ca;
    bool pem;
    char party[SOURCE_PARTY]; /* whose listener for counterparts it is; "" of no pact */
    /* Where that party's annex said it answers when url was made of it: when it says another
     * place, the source follows.  "" an operator gave url. */
    char endpoint[SOURCE_URL];
    unsigned types;
    char type[SOURCE_TYPES][SOURCE_TYPE]; /* only these; none: all */
    /* ---- how far it has come ---- */
    struct client_mark mark;
    uint64_t added; /* all time */
    uint64_t refused;
    struct utime tried; /* 0 never, as all of these */
    struct utime succeeded;
    struct utime fault_since;
    struct utime not_before; /* as the server asked for */
    char fault[SOURCE_WHY];  /* "" none */
    /* ---- when it is pulled by itself ---- */
    uint32_t every_s;   /* 0 never */
    uint32_t failures;  /* pulls one behind the other that failed, or did not end */
    struct utime begun; /* a pull that did not end; 0 none */
    bool more;          /* the last one stopped before it had all */
};

/* When it is pulled by itself: after every_s, and up to a tenth of that later, so that many who
 * ask one server spread.  After a pull that failed or was cut off after SOURCE_SOON, or every_s
 * where that is less, and twice as long after each further one, up to SOURCE_PAUSE, or every_s
 * where that is more; never before what the server asked for.  0: never.  Pure: the same time
 * until it is pulled again. */
struct utime source_next(const struct source *s);
/* One that is pulled by itself and has given nothing but faults for SOURCE_LONG_S. */
bool source_is_long_faulty(const struct source *s, struct utime now);
/* Also one whose times lie behind now, as a clock was put back. */
bool source_is_due(const struct source *s, struct utime now);
/* Names of those that are due, the longest waiting first; their number, or an error. *ret_next:
 * when the first of the others is; 0: none is.  A file that is none is passed over. */
MUST_USE int sources_due(const char *dir, struct utime now, char ret[SOURCES_MOST][SOURCE_NAME],
                         struct utime *ret_next, struct errinfo *ei);

/* ---- files ---- */

bool source_is_name(const char *name);
/* Sorted.  The number of them, or an error. */
MUST_USE int sources_names(const char *dir, char ret[SOURCES_MOST][SOURCE_NAME],
                           struct errinfo *ei);
/* ERR_NOTFOUND, ERR_CONF: the file is none. */
MUST_USE int source_get(const char *dir, const char *name, struct source *ret,
                        struct errinfo *ei);
/* Durable, whole or not at all. */
MUST_USE int source_put(const char *dir, const struct source *s, struct errinfo *ei);
/* Its objects stay.  ERR_NOTFOUND. */
MUST_USE int source_drop(const char *dir, const char *name, struct errinfo *ei);
/* What is copied beside it. */
struct source_secrets {
    const struct slice *secret; /* NULL: as it is; an empty one is none */
    const struct slice *ca;
    const struct slice *pem; /* of source_join_pem() */
};
MUST_USE int source_put_secrets(const char *dir, const char *name,
                                const struct source_secrets *given, struct errinfo *ei);
/* A certificate with its chain, and its key, PEM both, into one text that the caller wipes; the
 * key may stand with the certificate, key is "" then.  ERR_INVALID with a sentence in ei: one
 * of them is none, the key has a passphrase, they do not belong together, or it is over. */
MUST_USE int source_join_pem(struct slice certificate, struct slice key, struct utime now,
                             struct buf *ret, struct errinfo *ei);
/* Under the source's lock, for whoever changes settings: waits up to 10 s for a pull to end.
 * A descriptor, to be closed; ERR_BUSY. */
MUST_USE int source_hold(const char *dir, const char *name, int *ret, struct errinfo *ei);
/* The same without waiting. */
MUST_USE int source_hold_now(const char *dir, const char *name, int *ret, struct errinfo *ei);

/* Where a counterpart answers, and by which keys, as its annexes and `peers` say now. */
enum { SOURCE_PINS = 1024 };
struct source_party {
    char endpoint[SOURCE_URL]; /* https://HOST/ */
    char pins[SOURCE_PINS];    /* as libcurl takes them */
    bool inside;
};
/* ERR_NOTFOUND: no pact with it; ERR_CONF: no annex, or no key that is valid now. */
MUST_USE int source_party_find(const char *dir, const char *party, struct source_party *ret,
                               struct errinfo *ei);
/* True: it answers elsewhere than when the source was added, and the source asks there now. */
bool source_follow(struct source *s, const struct source_party *at);

/* ---- finding ---- */

/* A collection that who asks may get objects from. */
struct source_found {
    char url[SOURCE_URL];
    char id[SOURCE_TITLE];
    char alias[SOURCE_TITLE];
    char title[SOURCE_TITLE];
};
enum { SOURCE_FOUND = 1024 };
struct source_finds {
    struct source_found *at; /* SOURCE_FOUND, of the caller's */
    unsigned count;
};
/* From the address of a server, an API root, a list of collections or one, to those that are
 * there: wanted (id or alias, NULL all).  Nothing is sent to another host than that of the
 * address.  ERR_IO, ERR_AUTH, ERR_NOTFOUND, ERR_CONF, ERR_INVALID, ERR_LIMIT. */
MUST_USE int source_find(const char *dir, const struct source *s, const char *url,
                         const char *wanted, struct source_finds *ret, struct errinfo *ei);

/* ---- pulling ---- */

struct source_pull {
    const char *dir;
    void (*say)(void *arg, const char *line); /* what goes on, a line at times */
    void (*tell)(void *arg, const struct taking_refused *x);
    void *arg;
    /* For whom others wait: only if it is due still; no wait of more than SOURCE_BRIEF_S,
     * and none for who does not answer at all: the next pull does that; and so long that it
     * begins new pages, 0 as long as it takes. */
    bool due;
    struct span within;
    /* What came of it. */
    uint64_t added;
    uint64_t same;
    uint64_t refused;
    uint64_t removed; /* as their party took them back, before others came behind */
    uint64_t requests;
    uint64_t undated; /* pages whose dates the server did not say */
    bool idle;        /* it was not due any more: nothing was asked */
};
enum { SOURCE_BRIEF_S = 4 };
/* All that is new there.  s is kept up to date, and so is its file after each page.  ERR_BUSY:
 * somebody pulls it, or it is too early; else what source_find() gives, or the node.  ei says
 * why. */
MUST_USE int source_pull(struct source_pull *p, struct source *s, struct errinfo *ei);

#endif
