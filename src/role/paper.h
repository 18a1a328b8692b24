/* A document to be read and printed, as one HTML page or as Markdown (CommonMark, with tables
 * as GitHub has them): headings, sentences of the catalogue, lists, tables.
 *
 * Whatever is not of the catalogue comes through paper_text() or paper_arg_text(), which escape
 * it for either form; control characters and those that turn the direction of writing become
 * visible.  Pure: the same calls give the same bytes. */
#ifndef DETENTE_ROLE_PAPER_H
#define DETENTE_ROLE_PAPER_H

#include "base/buf.h"
#include "words/words.h"

struct paper {
    struct buf *to;
    enum language language;
    bool markdown;
    bool first_cell;
};

void paper_begin(struct paper *s, struct slice title);
void paper_end(struct paper *s);

/* ---- what is put into a sentence ---- */

enum { PAPER_ARGS = 1 << 16 /* bytes of all */ };
struct paper_args {
    struct buf text;
    size_t end[WORD_ARGS];
    unsigned count;
};
void paper_args_release(struct paper_args *a);
#define AUTO_PAPER_ARGS(name)                                               \
    __attribute__((cleanup(paper_args_release))) struct paper_args name = { \
        .text = {.max = PAPER_ARGS}}

void paper_arg_text(struct paper *s, struct paper_args *a, struct slice text);
void paper_arg_code(struct paper *s, struct paper_args *a, struct slice text);
void paper_arg_number(struct paper_args *a, uint64_t n);
/* What was written into a->text since the last: already of the form. */
void paper_arg(struct paper_args *a);

/* ---- inside anything ---- */

void paper_text(struct paper *s, struct slice text);
void paper_code(struct paper *s, struct slice text);
void paper_word(struct paper *s, enum word w);
void paper_say(struct paper *s, enum word w, const struct paper_args *a);
/* What must not be overlooked. */
void paper_strong(struct paper *s, enum word w);

/* ---- blocks ---- */

void paper_heading(struct paper *s, enum word w);
/* Begin and end a paragraph; quiet: beside the matter. */
void paper_paragraph(struct paper *s, bool quiet);
void paper_end_paragraph(struct paper *s);
void paper_list(struct paper *s, bool numbered);
void paper_item(struct paper *s, unsigned number); /* 1, 2 … */
void paper_end_item(struct paper *s);
void paper_end_list(struct paper *s);
/* A new page when printed, and its heading. */
void paper_page(struct paper *s, enum word w);
/* Room to sign. */
void paper_sign(struct paper *s, enum word w, const struct paper_args *a);

struct paper_column {
    enum word head;
    bool number;
};
void paper_table(struct paper *s, const struct paper_column *column, unsigned count);
void paper_row(struct paper *s, bool marked);
void paper_cell(struct paper *s, bool number);
void paper_end_row(struct paper *s);
void paper_end_table(struct paper *s);

#endif
