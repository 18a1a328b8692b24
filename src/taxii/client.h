/* The client's side of TAXII 2.1: one collection of a server, asked page by page (OASIS TAXII
 * 2.1, 3.4, 3.5 and 5.4).  Pure: it says what to ask, is told what came, and says what to do.
 *
 *     client_ask()   what to ask
 *     client_hear()  CLIENT_ASK again; CLIENT_WAIT first; CLIENT_TAKE this page; CLIENT_OVER
 *     client_took()  the page is the caller's: CLIENT_ASK or CLIENT_DONE
 *     client_keep()  all pages that were taken are durable: what to write down
 *
 * Objects are asked for in all their versions, those that were added after the newest date that
 * is kept; `next` is followed with the same filters.  Where a server says `more` without `next`
 * the way goes on by date, and where more objects than a page bear one date that is the end of
 * it (a limit of the protocol: oasis-tcs/cti-taxii2#110).
 *
 * What is kept between two pages holds `next` too, where that has been seen to change: it names
 * a place then.  With other servers (medallion, the OASIS's own) it names a question and stays
 * the same while the answers are used up; a page that goes astray is lost there, so the chain
 * of pages begins anew after each fault of the line, and in a later pull.  When a server has
 * forgotten a `next`, or gives nothing good for it any more, the chain begins anew too.  A page
 * that comes twice must do no harm.  Nothing new costs one request. */
#ifndef DETENTE_TAXII_CLIENT_H
#define DETENTE_TAXII_CLIENT_H

#include "base/sha256.h"
#include "base/time.h"
#include "taxii/parcel.h"

enum {
    CLIENT_LIMIT = 1000,       /* objects asked for at once */
    CLIENT_BODY = 64 << 20,    /* bytes of a page; whoever fetches it stops there */
    CLIENT_OBJECTS = 200000,   /* of a page */
    CLIENT_PAGES = 200000,     /* of one pull */
    CLIENT_STILL = 10000,      /* pages of one `next` */
    CLIENT_ANEW = 3,           /* chains that begin anew, in one pull */
    CLIENT_EMPTY = 64,         /* pages without an object, one behind the other */
    CLIENT_TRIES = 8,          /* of one page, where the server answers that it cannot */
    CLIENT_TRIES_LINK = 3,     /* … where nobody answers */
    CLIENT_WAIT_MOST_S = 60,   /* between two tries; the first wait is a second */
    CLIENT_WAIT_DAY_S = 86400, /* as long as a Retry-After is believed */
    CLIENT_ASK_MAX = 64 << 10  /* bytes of what is asked */
};

/* What outlives a pull. */
struct client_mark {
    struct utime after; /* added_after of the chain of pages; negative: from the beginning */
    struct utime last;  /* the newest date of a page that was taken; negative none */
    char next[PARCEL_NEXT + 1]; /* "" the chain has ended */
};
void client_mark_init(struct client_mark *m);

struct client_source {
    struct slice path;        /* of the objects, `/` at both ends */
    const struct slice *type; /* only objects of these types; none: all */
    unsigned types;
    bool older; /* also what is there in a newer version of STIX */
};

/* All is borrowed; zeroed, it says that nobody answered. */
struct client_answer {
    unsigned status;    /* of HTTP; 0: nobody answered, why says more */
    struct slice media; /* Content-Type */
    struct slice last;  /* X-TAXII-Date-Added-Last, "" none */
    struct slice first; /* … -First */
    int64_t retry_s;    /* Retry-After, 0 none */
    bool is_cut;        /* the body has more than CLIENT_BODY bytes */
    char *body;         /* written to */
    size_t bytes;
    const char *why;
};

enum client_next { CLIENT_ASK, CLIENT_WAIT, CLIENT_TAKE, CLIENT_DONE, CLIENT_OVER };

struct client_told {
    struct parcel page; /* CLIENT_TAKE: what stands in the answer's body; to be released */
    uint32_t wait_s;    /* CLIENT_WAIT; CLIENT_OVER: not before that, 0 any time */
    int err;            /* CLIENT_OVER: ERR_IO not reached, ERR_AUTH, ERR_NOTFOUND, … */
    struct errinfo ei;  /* … and why, in one sentence */
};

/* Counts are of one pull. */
struct client {
    const struct client_source *source;
    struct client_mark mark; /* where it is */
    uint64_t requests;
    uint64_t pages;
    uint64_t undated; /* pages whose dates the server did not say: asked for again next time */
    uint64_t taken;   /* pages */
    uint64_t anew;    /* chains that began anew, see above */
    /* ---- its own ---- */
    struct client_mark then; /* when the page that is out becomes durable */
    bool goes_on;
    bool names; /* `next` does name a place */
    unsigned still;
    unsigned tries;
    unsigned empty;
    bool has_hash;
    struct hash hash; /* of an earlier page: Brent's way to see that pages come again */
    uint64_t hash_until;
};

/* source must outlive c. */
void client_init(struct client *c, const struct client_source *source,
                 const struct client_mark *m);
/* Path and query appended; `Accept` is TAXII_MEDIA. */
void client_ask(struct client *c, struct buf *to);
/* May that be sent once only, also by whoever repeats what a connection lost? */
bool client_is_once(const struct client *c);
enum client_next client_hear(struct client *c, const struct client_answer *a,
                             struct client_told *ret);
enum client_next client_took(struct client *c);
void client_keep(const struct client *c, struct client_mark *ret);

/* What an answer means that is no 200, for any question: an ERR_* with ei. */
int client_refused(const struct client_answer *a, struct errinfo *ei);
/* Does asking again make sense? */
bool client_may_pass(const struct client_answer *a);

#endif
