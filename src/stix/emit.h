/* What a node knows, as objects of STIX 2.1, appended to a buffer.
 *
 * Each object is written in the canonical form of RFC 8785, narrowed as in wire/jcs.h: it can
 * be hashed and signed as it stands, and jcs_check() takes it.  Each passes stix_check(); an
 * observable has the id that follows from it (stix/sco_id.h).  What could not is refused with
 * ERR_INVALID, and nothing of it is in the buffer.
 *
 * There is no field for an actor, on purpose: what is seen is an address and the network that
 * it belongs to, the origin, and not who acts from there.  Neither is there a relationship,
 * which could say `attributed-to`, and no sighting of an actor: an incident is tied to what was
 * seen by a sighting of it.
 *
 * Texts are valid UTF-8 of EMIT_TEXT bytes at most without U+0000, lists have EMIT_LIST entries
 * at most; "" and empty lists are left out where a property need not be there.  Slices are
 * borrowed for the call.  Pure; some 2 us an object. */
#ifndef DETENTE_STIX_EMIT_H
#define DETENTE_STIX_EMIT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/time.h"
#include "model/event.h"
#include "stix/marking.h"
#include "stix/sco_id.h"

enum {
    EMIT_TEXT = 1 << 16,
    EMIT_LIST = 1024,
    EMIT_SEEN_KEY = 36,        /* bytes of a key of emit.seen: a UUID as text */
    EMIT_MOST_SEEN = 999999999 /* of sightings (5.2.1) and of what was observed (4.14.1) */
};

/* Where objects go.  The caller sets the first three and leaves the others 0. */
struct emit {
    struct buf *out;
    /* Observables and identities in it are not written again, by whatever marks; for objects of
     * several marks that will be handed on apart, one each.  NULL: each is written each time.
     */
    struct map *seen;
    struct errinfo *ei; /* what is wrong, by its property; NULL: nobody asks */
    unsigned count;     /* objects that were written */
    bool bundled;
};

struct emit_list {
    const struct slice *at;
    unsigned count;
};

/* A bundle around all that is written between.  Without one, objects are parted by commas, as
 * in a list.  id: of a bundle. */
MUST_USE int emit_bundle_open(struct emit *e, struct slice id);
MUST_USE int emit_bundle_close(struct emit *e);

/* ---- What all have ---- */

/* Written as object_marking_refs: that of TLP 2.0 first. */
struct emit_marks {
    enum tlp tlp;
    struct emit_list others; /* ids of marking-definitions */
};

/* Of all but observables.  `created` and `modified` are cut to milliseconds, which is all that
 * 3.2 has of them; two versions within one are one. */
struct emit_common {
    struct slice id;         /* of the type; needed.  See stix_id_random(), stix_id_named() */
    struct slice created_by; /* an identity; "" nobody is named */
    struct utime created;
    struct utime modified; /* not before `created` */
    struct emit_marks marks;
    struct emit_list labels;
    struct slice lang; /* RFC 5646 */
    bool revoked;
};

/* All of them: 0, ERR_INVALID, or what buf_error() says of e->out. */

/* ---- Parties and marks ---- */

struct emit_identity {
    struct slice name; /* needed */
    struct slice description;
    struct slice class_; /* "organization", "individual" …: identity-class-ov */
    struct emit_list sectors;
    struct emit_list roles;
    struct slice contact;
};
MUST_USE int emit_identity(struct emit *e, const struct emit_common *c,
                           const struct emit_identity *i);

/* The marking-definition of TLP 2.0, as OASIS published it: the same everywhere.  Not of
 * TLP_NONE. */
MUST_USE int emit_tlp(struct emit *e, enum tlp tlp);

/* ---- Observables; ret (may be NULL) is the id, also of one that was seen ---- */

/* belongs_to: ids of autonomous systems. */
MUST_USE int emit_addr(struct emit *e, const struct addr *a, struct emit_list belongs_to,
                       const struct emit_marks *m, struct stix_id *ret);
/* name: of the network, "" unknown. */
MUST_USE int emit_as(struct emit *e, uint32_t number, struct slice name,
                     const struct emit_marks *m, struct stix_id *ret);
MUST_USE int emit_traffic(struct emit *e, const struct sco_traffic *t,
                          const struct emit_marks *m, struct stix_id *ret);

/* ---- What was seen ---- */

/* An event: its network-traffic, the addresses of both sides, their networks where they are
 * known, and the observed-data that names all of them (4.14), in another order: what is named
 * comes first.  All have the same marks.  Times are event_when() to `until`.  The traffic has
 * no times of its own, so that the same flow seen by two parties is one object.  A target that
 * is masked is left out with its network; its port stays.  ERR_INVALID: no origin address. */
struct emit_event {
    const struct event *event;
    const struct utime *until; /* NULL or earlier: the same moment */
    bool mask_target;
};
MUST_USE int emit_event(struct emit *e, const struct emit_common *c,
                        const struct emit_event *o);

/* ---- What is said of it ---- */

/* Incident Core, extension-definition--ef765651-680c-498d-9894-99799f2fa126 (2.0, draft). */
enum emit_determination {
    DETERMINED_SUSPECTED,
    DETERMINED_BLOCKED,
    DETERMINED_FAILED,
    DETERMINED_SUCCESSFUL,
    DETERMINED_LOW_VALUE,
    DETERMINED_FALSE_POSITIVE
};
enum emit_investigation { INVESTIGATION_NEW, INVESTIGATION_OPEN, INVESTIGATION_CLOSED };

struct emit_incident {
    struct slice name; /* needed */
    struct slice description;
    enum emit_determination determination;
    enum emit_investigation investigation;
    struct emit_list types; /* incident-type-ov, as "scan-probe", "brute-force-attempt" */
    struct emit_list detection_methods;
};
MUST_USE int emit_incident(struct emit *e, const struct emit_common *c,
                           const struct emit_incident *i);

struct emit_sighting {
    struct slice of; /* a domain object: an indicator, an incident …; needed */
    struct slice description;
    const uint32_t *count;       /* to EMIT_MOST_SEEN; NULL is left out */
    const struct utime *first;   /* NULL is left out */
    const struct utime *last;    /* not before `first` */
    struct emit_list observed;   /* observed-data */
    struct emit_list sighted_by; /* where_sighted_refs: identities or locations */
    bool summary;
};
MUST_USE int emit_sighting(struct emit *e, const struct emit_common *c,
                           const struct emit_sighting *s);

enum emit_agreement {
    OPINION_STRONGLY_DISAGREE, /* of a sighting or indicator: a false positive */
    OPINION_DISAGREE,
    OPINION_NEUTRAL,
    OPINION_AGREE,
    OPINION_STRONGLY_AGREE
};
struct emit_opinion {
    enum emit_agreement opinion;
    struct slice explanation;
    struct emit_list authors;
    struct emit_list objects; /* ids; needed */
};
MUST_USE int emit_opinion(struct emit *e, const struct emit_common *c,
                          const struct emit_opinion *o);

struct emit_note {
    struct slice abstract;
    struct slice content; /* needed */
    struct emit_list authors;
    struct emit_list objects; /* ids; needed */
};
MUST_USE int emit_note(struct emit *e, const struct emit_common *c, const struct emit_note *n);

#endif
