/* A document to be read and printed, as one HTML page or as Markdown (CommonMark, with tables
 * as GitHub has them): headings, sentences of the catalogue, lists, tables.
 *
 * Whatever is not of the catalogue comes through sheet_text() or sheet_arg_text(), which escape
 * it for either form; control characters and those that turn the direction of writing become
 * visible.  Pure: the same calls give the same bytes. */
#ifndef DETENTE_ROLE_SHEET_H
#define DETENTE_ROLE_SHEET_H

#include "base/buf.h"
#include "words/words.h"

struct sheet {
    struct buf *to;
    enum language language;
    bool markdown;
    bool first_cell;
};

void sheet_begin(struct sheet *s, struct slice title);
void sheet_end(struct sheet *s);

/* ---- what is put into a sentence ---- */

enum { SHEET_ARGS = 1 << 16 /* bytes of all */ };
struct sheet_args {
    struct buf text;
    size_t end[WORD_ARGS];
    unsigned count;
};
void sheet_args_release(struct sheet_args *a);
#define AUTO_SHEET_ARGS(name)                                               \
    __attribute__((cleanup(sheet_args_release))) struct sheet_args name = { \
        .text = {.max = SHEET_ARGS}}

void sheet_arg_text(struct sheet *s, struct sheet_args *a, struct slice text);
void sheet_arg_code(struct sheet *s, struct sheet_args *a, struct slice text);
void sheet_arg_number(struct sheet_args *a, uint64_t n);
/* What was written into a->text since the last: already of the form. */
void sheet_arg(struct sheet_args *a);

/* ---- inside anything ---- */

void sheet_text(struct sheet *s, struct slice text);
void sheet_code(struct sheet *s, struct slice text);
void sheet_word(struct sheet *s, enum word w);
void sheet_say(struct sheet *s, enum word w, const struct sheet_args *a);
/* What must not be overlooked. */
void sheet_strong(struct sheet *s, enum word w);

/* ---- blocks ---- */

void sheet_heading(struct sheet *s, enum word w);
/* Begin and end a paragraph; quiet: beside the matter. */
void sheet_paragraph(struct sheet *s, bool quiet);
void sheet_end_paragraph(struct sheet *s);
void sheet_list(struct sheet *s, bool numbered);
void sheet_item(struct sheet *s, unsigned number); /* 1, 2 … */
void sheet_end_item(struct sheet *s);
void sheet_end_list(struct sheet *s);
/* A new page when printed, and its heading. */
void sheet_page(struct sheet *s, enum word w);
/* Room to sign. */
void sheet_sign(struct sheet *s, enum word w, const struct sheet_args *a);

struct sheet_column {
    enum word head;
    bool number;
};
void sheet_table(struct sheet *s, const struct sheet_column *column, unsigned count);
void sheet_row(struct sheet *s, bool marked);
void sheet_cell(struct sheet *s, bool number);
void sheet_end_row(struct sheet *s);
void sheet_end_table(struct sheet *s);

#endif
