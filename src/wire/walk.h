/* JSON read in one pass, member by member, by those who take some of it and pass over the rest:
 * recorded answers and bills of materials, which are not canonical (wire/jcs.h).
 *
 * Strings are unescaped where they stand, so the text is written to.  Faults have line and
 * column.  Nothing here recurses: how deep values may be taken is the caller's to bound. */
#ifndef DETENTE_WIRE_WALK_H
#define DETENTE_WIRE_WALK_H

#include "base/err.h"
#include "base/slice.h"
#include "wire/json.h"

struct walk {
    char *text;
    struct json_index *index;
    struct json_tokens t;
    uint32_t at;    /* token that comes next */
    uint32_t lined; /* offset up to which lines are counted */
    unsigned line;
    size_t line_start;
    struct errinfo *ei;
};

/* text must outlive w.  ERR_INVALID, ERR_NOMEM; walk_close() in any case. */
MUST_USE int walk_open(struct walk *w, char *text, size_t len, struct errinfo *ei);
void walk_close(struct walk *w);

/* ERR_INVALID at the token that comes next. */
int walk_wrong(struct walk *w, const char *what);
/* The line of the token that comes next.  Only ever forward. */
unsigned walk_line(struct walk *w);
/* Its first byte; NUL at the end. */
char walk_peek(const struct walk *w);
/* Where that token begins, … */
static inline size_t
walk_place(const struct walk *w)
{
    return w->t.at[w->at < w->t.count ? w->at : w->t.count];
}
/* … and where a bracket or brace ends that was taken last. */
static inline size_t
walk_behind(const struct walk *w)
{
    return w->at == 0 ? 0 : (size_t)w->t.at[w->at - 1] + 1;
}
/* Behind the value that comes next, whatever it is. */
MUST_USE int walk_skip(struct walk *w);
/* Enter what begins with that byte, `{` or `[`: 1; anything else is passed over: 0, or an
 * error. */
MUST_USE int walk_enter(struct walk *w, char open);
/* The next member of an object that was entered (*first true): 1 with its key, escapes as they
 * stand, and the value comes next; 0 behind the end; an error. */
MUST_USE int walk_member(struct walk *w, bool *first, struct slice *ret_key);
/* The same of an array. */
MUST_USE int walk_item(struct walk *w, bool *first);
/* A string, its escapes resolved where it stands; anything else is "" and passed over. */
MUST_USE int walk_string(struct walk *w, struct slice *ret);
/* A number, true, false or null as it stands, or a string without its quotes, escapes as they
 * stand; an object or an array is "" and passed over. */
MUST_USE int walk_scalar(struct walk *w, struct slice *ret);

#endif
