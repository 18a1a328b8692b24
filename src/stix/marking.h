/* What an object's data markings say: STIX 2.1, part 7.2 (data markings, object and granular),
 * TLP 1 by its four fixed ids (7.2.1.4), TLP 2.0 by the extension that OASIS has published for
 * it, IEP 2.0 of FIRST by its own.
 *
 * Not said: who may see it.  That is for the caller, who refuses what has unknown markings.
 * A granular marking counts as if it stood at the whole object: parts of objects are not
 * handed on apart; so do markings of objects within it (`objects` of observed-data, what others
 * put into theirs).  A definition's own markings count for the object too, as it cannot go
 * anywhere without the definition.  Pure. */
#ifndef DETENTE_STIX_MARKING_H
#define DETENTE_STIX_MARKING_H

#include "model/tlp.h"
#include "wire/dom.h"

#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
#define IEP_EXTENSION "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"

/* The id of the marking-definition of TLP 2.0, and of TLP 1 for those who know no other; ""
 * of none.  TLP 1 has no AMBER+STRICT: that is its RED, never its AMBER, which it would
 * widen. */
const char *tlp_id(enum tlp tlp);
const char *tlp_old_id(enum tlp tlp);
/* TLP_NONE when it is none of these nine ids. */
enum tlp tlp_of_id(struct slice id);

enum {
    MARKING_REFS = 1024,       /* that one object may lead to */
    MARKING_DEFINITIONS = 128, /* that are looked into */
    MARKING_DEPTH = 8          /* markings of markings of … */
};

struct marking {
    enum tlp tlp;        /* the strictest of all */
    unsigned unknown;    /* references and parts of definitions that say nothing we know, or
                          * that lie beyond the limits: 0 unless something is wrong */
    unsigned tlps;       /* references that say a colour */
    unsigned statements; /* definitions with a statement; each counts once */
    unsigned policies;   /* definitions with an IEP */
    unsigned granular;   /* references of parts of the object */
    unsigned indirect;   /* references of definitions to others */
};

/* The marking-definition of that id; NULL when there is none. */
typedef const struct dom *marking_find(void *arg, struct slice id);

/* The fixed ids need no definition and are not looked for.  A definition that says a colour
 * under another id has it, and an IEP's `tlp` counts.  `unknown` counts what cannot be found,
 * is no marking-definition, has a kind that is none of TLP, statement and IEP (or such a part
 * beside one that is), or is malformed.
 *
 * Cannot fail; at most MARKING_REFS references are followed, and `find` is asked no more often.
 * Markings that go in a circle are read once. */
void marking_of(const struct dom *object, marking_find *find, void *arg, struct marking *ret);

#endif
