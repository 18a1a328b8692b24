/* A collection as a bundle carries it (docs/formats/bundle.md): what is said of it, and its
 * objects in parts, byte by byte as they came, with the places that they have where they come
 * from.
 *
 * Who packs gives objects in the order of their places; who unpacks gives the parts in theirs,
 * and learns at the end whether they are what was said.  Pure; some 10 µs an object to check.
 */
#ifndef DETENTE_TAXII_CARGO_H
#define DETENTE_TAXII_CARGO_H

#include "taxii/parcel.h"
#include "taxii/root.h"

enum {
    CARGO_COLLECTIONS = 256,  /* of a party, in a bundle and where it goes */
    CARGO_ABOUT = 16 * 1024,  /* bytes of what is said */
    CARGO_PART = 6 << 20,     /* bytes of objects in a part, unless one alone has more … */
    CARGO_PART_OBJECTS = 8192 /* … and of objects */
};

struct cargo_about {
    struct slice id; /* of the collection where it comes from; not written: it is in the path */
    struct slice alias;
    struct slice title;
    struct slice description;
    struct utime after; /* objects of places above that; negative: all */
    struct utime last;  /* place of the last that is there; negative: none */
    uint64_t parts;
    uint64_t objects; /* all versions of them … */
    struct hash root; /* … and over them (taxii/root.h) */
    bool more;        /* others, behind the last, found no room */
};

/* Append it as canonical JSON.  What buf_error() says. */
MUST_USE int cargo_about_write(struct buf *to, const struct cargo_about *a);
/* text is written to, and *ret borrows from it; id is left alone.  ERR_INVALID with ei, which
 * holds also for texts that no collection can have. */
MUST_USE int cargo_about_read(char *text, size_t len, struct cargo_about *ret,
                              struct errinfo *ei);

/* ---- packing ---- */

/* One part: objects until it is full. */
struct cargo_part {
    struct buf dates;
    struct buf objects;
    unsigned count;
};
void cargo_part_init(struct cargo_part *p);
void cargo_part_release(struct cargo_part *p);
/* Does it have room for an object of so many bytes? */
bool cargo_part_fits(const struct cargo_part *p, size_t bytes);
/* ERR_LIMIT, ERR_NOMEM. */
MUST_USE int cargo_part_add(struct cargo_part *p, struct utime added, struct slice object);
/* Append the part that these make; it is empty then. */
MUST_USE int cargo_part_end(struct cargo_part *p, struct buf *to);

/* ---- unpacking ---- */

/* What stands in a part: objects in the text, and the place of each. */
struct cargo_read {
    struct parcel objects;
    struct utime *added; /* objects.count of them; owned */
};
/* text is written to, and must outlive *ret.  ERR_INVALID with ei, ERR_LIMIT, ERR_NOMEM.
 * cargo_read_release() in any case. */
MUST_USE int cargo_read(char *text, size_t len, struct cargo_read *ret, struct errinfo *ei);
void cargo_read_release(struct cargo_read *c);

/* Are the parts what was said? */
struct cargo_check {
    const struct cargo_about *about;
    struct rooting rooting;
    struct utime last;
    uint64_t parts;
};
void cargo_check_init(struct cargo_check *c, const struct cargo_about *a);
void cargo_check_release(struct cargo_check *c);
/* The next part.  ERR_INVALID with ei: places that do not rise, or what is no object. */
MUST_USE int cargo_check_part(struct cargo_check *c, const struct cargo_read *part,
                              struct errinfo *ei);
/* ERR_INVALID with ei: it is other parts or objects than was said, fewer or more. */
MUST_USE int cargo_check_end(struct cargo_check *c, struct errinfo *ei);

#endif
