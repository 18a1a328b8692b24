/* STIX objects into the store, and out of it: the engine's side of collections.
 *
 * The fixed form in which a request passes from the gate, which read the objects, to the
 * engine, which does not: for each its names and its bytes.  Who asks and what they may is
 * looked up here; what changes becomes durable together with a leaf for each object
 * (docs/formats/log.md, `object`), whose opening stays with the object, and with the outcome
 * that TAXII's status resource tells. */
#ifndef DETENTE_ROLE_OBJECTS_H
#define DETENTE_ROLE_OBJECTS_H

#include "model/person.h"
#include "role/engine.h"
#include "taxii/load.h"

enum { OBJECTS_ALL = 3 * LOAD_BYTES /* bytes of a request */ };

struct objects_answer {
    /* 0; ERR_AUTH: nobody, or they may not write there; ERR_NOTFOUND: no such collection, or no
     * such object; ERR_INVALID: no such form; ERR_FULL, ERR_BUSY: not now. */
    int32_t status;
    uint32_t pad;
    uint64_t done;  /* objects */
    uint64_t again; /* that have another place now */
};

struct objects_told {
    uint32_t version; /* of the control socket's records */
    uint32_t pad;
    struct objects_answer answer;
    struct errinfo ei;
};

/* The request whose bytes are `all`; user: at the command line, who may do all of it; NULL: who
 * shows ask.with.  Objects whose version is there by now count as the same, or, with other
 * bytes, as failed.  The result is 0 unless the engine must end. */
MUST_USE int objects_do(struct engine *e, struct store *s, struct slice all, const char *user,
                        struct objects_told *ret);

/* The same of what stands in the first `bytes` of fd, which may be somebody's still. */
struct objects_given {
    int fd;
    uint32_t bytes;
    const char *user;
};
MUST_USE int objects_serve(struct engine *e, struct store *s, const struct objects_given *g,
                           struct objects_told *ret);
/* Of HTTP, for answer.status. */
unsigned objects_status(int status);

/* By order of the command line: by the node that runs there, or under its lock, here.  0 when
 * it was tried: ret->answer.status says what came of it. */
MUST_USE int objects_hand_in(const char *dir, const struct load *l, struct objects_told *ret,
                             struct errinfo *ei);

/* The envelope in `all`, open at its end, into that collection, read by s; all is empty then.
 */
struct objects_counts {
    uint64_t added;
    uint64_t same;
    uint64_t refused;
};
MUST_USE int objects_publish(const char *dir, const struct taxii_ground *g,
                             const struct taxii_collection *c, struct buf *all,
                             struct objects_counts *n, struct errinfo *ei);

/* ---- orders of the command line, for the unix user of that name ---- */

/* A new collection, that nobody may read or write yet. */
struct objects_collection {
    struct store_collection collection; /* number and made are set here */
    struct slice user;
};
/* ERR_INVALID, ERR_CONF (id or name is taken), ERR_LIMIT are answers, and *ret_refused. */
MUST_USE int objects_collect(struct engine *e, struct objects_collection *c, bool *ret_refused,
                             struct errinfo *ei);

/* Who may read and write it from now on; 0 neither. */
struct objects_right {
    struct slice collection; /* id or name */
    const char *person;      /* of a user, or else of a token */
    unsigned rights;
    struct slice user;
};
/* ERR_NOTFOUND (ei says what) is an answer, and *ret_refused. */
MUST_USE int objects_permit(struct engine *e, const struct objects_right *x, bool *ret_refused,
                            struct errinfo *ei);

/* Its indicators are looked for from now on, or no longer (role/watchlist.h). */
struct objects_follow {
    struct slice collection; /* id or name */
    bool ends;
    struct slice user;
};
/* As objects_permit(). */
MUST_USE int objects_follow(struct engine *e, const struct objects_follow *x, bool *ret_refused,
                            struct errinfo *ei);

#endif
