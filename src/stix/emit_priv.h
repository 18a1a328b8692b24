/* An object that is being made: its members are gathered, judged, and written in order. */
#ifndef DETENTE_STIX_EMIT_PRIV_H
#define DETENTE_STIX_EMIT_PRIV_H

#include "stix/emit.h"

enum { MADE_MEMBERS = 24 };

enum made_form { MADE_TEXT, MADE_LIST, MADE_TIME, MADE_NUMBER, MADE_TRUE, MADE_RAW };

struct made_member {
    const char *name;
    enum made_form form;
    struct slice text; /* of a list: an entry before the others, or "" */
    struct emit_list list;
    uint64_t number;
    char time[TIME_TEXT];
};

struct made {
    struct emit *e;
    struct made_member member[MADE_MEMBERS];
    unsigned count;
    int error; /* the first */
};

enum { OPTIONAL, NEEDED };

/* The first fault stays; gives ERR_INVALID. */
int made_wrong(struct made *m, const char *name, const char *reason);
void made_text(struct made *m, const char *name, struct slice text, int needed);
void made_texts(struct made *m, const char *name, struct emit_list list);
/* types: parted by spaces, "" any. */
void made_ref(struct made *m, const char *name, struct slice id, const char *types, int needed);
void made_refs(struct made *m, const char *name, struct emit_list ids, const char *types,
               int needed);
void made_marks(struct made *m, const struct emit_marks *marks);
void made_time(struct made *m, const char *name, struct utime t);
void made_millis(struct made *m, const char *name, struct utime t); /* cut to milliseconds */
void made_number(struct made *m, const char *name, uint64_t n);
void made_true(struct made *m, const char *name, bool is);
/* Canonical JSON, borrowed until the object is written. */
void made_raw(struct made *m, const char *name, struct slice json);

/* type, spec_version and what all but observables have. */
void made_common(struct made *m, const char *type, const struct emit_common *c);
/* type, spec_version, id and marks of an observable. */
void made_observable(struct made *m, const struct stix_id *id, const struct emit_marks *marks);

/* Members in canonical order, in braces, to b: of this object alone. */
void made_put(struct made *m, struct buf *b);
/* The same to where objects go.  0 or the first error; then nothing was written. */
MUST_USE int made_write(struct made *m);

#endif
