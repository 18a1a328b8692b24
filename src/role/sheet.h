/* Pages of HTML that need nothing else, to be read, printed and filed: what reports share.
 *
 * Values come from canonical JSON; every text comes through sheet_text(), which escapes:
 * titles, names and references are somebody else's.  Sentences are those of words/words.def,
 * with HTML as arguments. */
#ifndef DETENTE_ROLE_SHEET_H
#define DETENTE_ROLE_SHEET_H

#include "base/buf.h"
#include "words/words.h"

extern const char sheet_style[]; /* of the whole page, without <style> */

struct sheet {
    struct buf *to;
    enum language language;
};

/* ---- values: of an object, empty or 0 where there is no such member ---- */

struct slice sheet_member(struct slice object, const char *name);
int64_t sheet_number(struct slice object, const char *name);
/* One that has no escapes, as words and names do; else "". */
struct slice sheet_plain(struct slice object, const char *name);

/* ---- writing ---- */

void sheet_escaped(struct buf *b, struct slice s);
/* A JSON string, whatever is in it; isolated, since it may be written from right to left. */
void sheet_text(struct buf *b, struct slice value);
/* A value that has a name in that language, or is put as it is. */
void sheet_named(struct buf *b, enum language l, const char *of, struct slice value);
/* A time to the second, in UTC. */
void sheet_time(struct buf *b, struct slice text);

/* ---- sentences ---- */

/* What is put into a sentence: HTML, in a room of its own. */
enum { SHEET_PLACES = WORD_ARGS, SHEET_PLACE = 1 << 16 };
struct sheet_places {
    struct buf text;
    size_t end[SHEET_PLACES];
    unsigned count;
};
void sheet_places_end(struct sheet_places *p);
#define AUTO_PLACES(name)                                                   \
    __attribute__((cleanup(sheet_places_end))) struct sheet_places name = { \
        .text = {.max = SHEET_PLACE}}

/* What was written into p->text since the last is the next argument. */
void sheet_next(struct sheet_places *p);
void sheet_add_text(struct sheet_places *p, struct slice value);
void sheet_add_number(struct sheet_places *p, int64_t n);
void sheet_add_span(struct sheet_places *p, const struct sheet *s, int64_t seconds);
void sheet_add_named(struct sheet_places *p, const struct sheet *s, const char *of,
                     struct slice value);
void sheet_say_with(struct sheet *s, enum word w, const struct sheet_places *p);
void sheet_say(struct sheet *s, enum word w);
void sheet_say_text(struct sheet *s, enum word w, struct slice value);

/* ---- tables ---- */

void sheet_begin_table(struct sheet *s);
void sheet_head(struct sheet *s, enum word w, bool number);
void sheet_end_table(struct sheet *s);

#endif
