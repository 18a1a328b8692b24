/* One thing with all that is known of it, on standard output: for people indented lines, `key:
 * value`, with --json one object of the same members.  Absent values are left out of both. */
#ifndef DETENTE_CLI_OUTLINE_H
#define DETENTE_CLI_OUTLINE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/time.h"

enum { OUTLINE_DEPTH = 16, OUTLINE_BYTES = 1 << 28 };

struct outline {
    bool json;
    struct buf out;
    unsigned depth;
    bool some[OUTLINE_DEPTH]; /* the map or list that is open has a member */
    bool list[OUTLINE_DEPTH];
    bool item; /* the next line is the first of an item */
};

void outline_begin(struct outline *o, bool json);
/* key: in a list NULL. */
void outline_map(struct outline *o, const char *key);
void outline_list(struct outline *o, const char *key);
void outline_close(struct outline *o);
void outline_text(struct outline *o, const char *key, struct slice text);
void outline_str(struct outline *o, const char *key, const char *text); /* NULL: absent */
void outline_bool(struct outline *o, const char *key, bool yes);
void outline_u64(struct outline *o, const char *key, uint64_t n);
/* n / 10^digits. */
void outline_decimal(struct outline *o, const char *key, uint64_t n, unsigned digits);
void outline_time(struct outline *o, const char *key, struct utime t); /* 0: absent */
void outline_day(struct outline *o, const char *key, struct utime t);
/* For people only. */
void outline_say(struct outline *o, const char *text);
/* 0, or an exit status; released in any case. */
MUST_USE int outline_end(struct outline *o);
void outline_drop(struct outline *o);

#endif
