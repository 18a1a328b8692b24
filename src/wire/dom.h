/* JSON as a tree, for those who ask it in no order: objects of STIX.
 *
 * Strings are unescaped where they stand (wire/walk.h), so the text is written to and must
 * outlive the tree; names of members keep their escapes.  Memory is 64 bytes a value, of the
 * caller's arena.  Immutable once it is made, so any number of threads may ask. */
#ifndef DETENTE_WIRE_DOM_H
#define DETENTE_WIRE_DOM_H

#include "base/arena.h"
#include "base/slice.h"

enum {
    DOM_DEPTH = 128,
    DOM_ROOM = 32, /* bytes of arena for each byte of text are enough for any */
    DOM_LEAST = 4096
};

enum dom_kind { DOM_NULL, DOM_FALSE, DOM_TRUE, DOM_NUMBER, DOM_STRING, DOM_ARRAY, DOM_OBJECT };

struct dom {
    struct slice name;       /* of a member */
    struct slice text;       /* of a number as it stands, of a string; of an object or array the
                                span that it took, whose strings were written to */
    const struct dom *next;  /* in its object or array */
    const struct dom *first; /* of an object's members, of an array's items */
    enum dom_kind kind;
};

/* One value of RFC 8259, to the letter, and nothing behind it; surrogates come in pairs, and
 * what has an escape of NUL is "".  ERR_INVALID with the place (also one that is deeper than
 * DOM_DEPTH), ERR_LIMIT: the arena is full; ERR_NOMEM. */
MUST_USE int dom_read(char *text, size_t len, struct arena *a, const struct dom **ret,
                      struct errinfo *ei);

/* The member of that name, of several the last; NULL none, or d is no object.  d NULL is fine.
 */
const struct dom *dom_get(const struct dom *d, struct slice name);
/* Do both say the same, whatever the order of members?  Numbers by their values.  False also
 * when it takes more than a million steps. */
bool dom_equal(const struct dom *a, const struct dom *b);
/* The same, in the ways of a format.  text: do two strings say the same?  absent: is it the
 * same to the object, the whole of a or b, not to have that member?  Each may be NULL. */
struct dom_ways {
    bool (*text)(struct slice a, struct slice b);
    bool (*absent)(const struct dom *of, const struct dom *member);
};
bool dom_equal_by(const struct dom *a, const struct dom *b, const struct dom_ways *ways);
/* Does an object have a name twice (RFC 8259, 4: whoever reads it may take either)?  deep: or
 * one that is somewhere in it.  True also of a name that hides printable ASCII in an escape,
 * and without memory. */
bool dom_is_twice(const struct dom *d, bool deep);
/* A string's text; "" for anything else. */
struct slice dom_text(const struct dom *d);

#endif
