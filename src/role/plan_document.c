#include "role/plan_document.h"

#include <stdio.h>

#include "wire/hex.h"

enum { FIELDS = 5 };

struct slice
plan_document_day(struct utime t, char to[TIME_TEXT])
{
    time_format(t, to);
    return (struct slice){to, 10};
}

static void
put_arg_day(struct paper_args *a, struct utime t)
{
    char day[TIME_TEXT];

    buf_slice(&a->text, plan_document_day(t, day));
    paper_arg(a);
}

static void
put_hash(struct paper *s, const struct hash *h)
{
    char hex[2 * SHA256_SIZE];

    hex_encode(h->byte, SHA256_SIZE, hex);
    paper_code(s, (struct slice){hex, sizeof hex});
}

/* ---- head -------------------------------------------------------------------------------- */

static void
put_about(const struct plan_document *d, struct paper *s)
{
    AUTO_PAPER_ARGS(of);
    AUTO_PAPER_ARGS(about);

    if (d->own->organisation.len > 0) {
        paper_paragraph(s, false);
        paper_arg_text(s, &of, d->own->organisation);
        paper_say(s, WORD_PLAN_OF, &of);
        paper_end_paragraph(s);
    }
    paper_paragraph(s, false);
    put_arg_day(&about, d->day);
    paper_arg_text(s, &about, slice_of(d->segment));
    put_arg_day(&about, d->own->review);
    paper_say(s, WORD_PLAN_ABOUT, &about);
    if (d->own->review.us < d->day.us) {
        buf_char(s->to, ' ');
        paper_strong(s, WORD_PLAN_REVIEW_DUE);
    }
    paper_end_paragraph(s);
}

static void
put_snapshot(const struct plan_document *d, struct paper *s)
{
    char hex[2 * SHA256_SIZE];
    AUTO_PAPER_ARGS(a);

    hex_encode(d->snapshot.byte, SHA256_SIZE, hex);
    paper_paragraph(s, false);
    paper_arg_text(s, &a, slice_of(d->about->date));
    paper_arg_code(s, &a, (struct slice){hex, sizeof hex});
    for (uint32_t i = 0; i < d->about->sources; i++) {
        char line[sizeof d->about->source[0].kind + SNAPSHOT_NAME + 8];
        int n = snprintf(line, sizeof line, "%s%s %s", i == 0 ? "" : ", ",
                         d->about->source[i].kind, d->about->source[i].name);
        struct paper one = {.to = &a.text, .markdown = s->markdown};

        paper_text(&one, (struct slice){line, n < 0 ? 0 : (size_t)n});
    }
    paper_arg(&a);
    paper_say(s, WORD_PLAN_SNAPSHOT, &a);
    paper_end_paragraph(s);
}

static void
put_honesty(struct paper *s)
{
    static const enum word lines[] = {WORD_PLAN_HONEST_OWNER, WORD_PLAN_HONEST_LINKS,
                                      WORD_PLAN_HONEST_RANGE, WORD_PLAN_HONEST_FACTS};

    paper_heading(s, WORD_PLAN_HONEST);
    paper_list(s, false);
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        paper_item(s, i + 1);
        paper_word(s, lines[i]);
        paper_end_item(s);
    }
    paper_end_list(s);
}

/* ---- the operator's part ----------------------------------------------------------------- */

enum cell { WHAT, WHO, MORE, DAY, DONE };

static const struct own_part {
    enum contingency_part part;
    enum word title;
    struct {
        enum word head;
        enum cell cell;
    } column[FIELDS];
    unsigned columns; /* 0: a list, with who does it */
} own_parts[] = {{CONTINGENCY_TRIGGERS,
                  WORD_PLAN_TRIGGERS,
                  {{WORD_PLAN_WHEN, WHAT}, {WORD_PLAN_THEN, MORE}, {WORD_PLAN_ROLE, WHO}},
                  3},
                 {CONTINGENCY_DECIDES,
                  WORD_PLAN_DECIDES,
                  {{WORD_PLAN_ROLE, WHO}, {WORD_PLAN_WHAT, WHAT}, {WORD_PLAN_DEPUTY, MORE}},
                  3},
                 {CONTINGENCY_CONTACTS,
                  WORD_PLAN_CONTACTS,
                  {{WORD_PLAN_ROLE, WHO}, {WORD_PLAN_REACH, WHAT}, {WORD_PLAN_NOTE, MORE}},
                  3},
                 {CONTINGENCY_FIRST_HOUR, WORD_PLAN_FIRST_HOUR, {{WORD_NONE, WHAT}}, 0},
                 {CONTINGENCY_FIRST_DAY, WORD_PLAN_FIRST_DAY, {{WORD_NONE, WHAT}}, 0},
                 {CONTINGENCY_FIRST_MONTH, WORD_PLAN_FIRST_MONTH, {{WORD_NONE, WHAT}}, 0},
                 {CONTINGENCY_MOVE_HOME,
                  WORD_PLAN_MOVE_HOME,
                  {{WORD_PLAN_WHAT, WHAT}, {WORD_PLAN_ROLE, WHO}, {WORD_PLAN_BY, DAY}},
                  3},
                 {CONTINGENCY_DRILLS,
                  WORD_PLAN_DRILLS,
                  {{WORD_PLAN_DATE, DAY},
                   {WORD_PLAN_WHAT, WHAT},
                   {WORD_PLAN_ROLE, WHO},
                   {WORD_PLAN_DONE, DONE},
                   {WORD_PLAN_OUTCOME, MORE}},
                  5}};

static bool
is_past_due(const struct plan_document *d, const struct contingency_item *i)
{
    return i->day.us > 0 && i->done.us == 0 && i->day.us < d->day.us;
}

static void
put_cell(const struct plan_document *d, struct paper *s, const struct contingency_item *i,
         enum cell cell)
{
    char day[TIME_TEXT];

    paper_cell(s, false);
    switch (cell) {
    case WHAT: paper_text(s, i->what); break;
    case WHO: paper_text(s, i->who); break;
    case MORE: paper_text(s, i->more); break;
    case DAY:
        if (i->day.us > 0)
            buf_slice(s->to, plan_document_day(i->day, day));
        if (is_past_due(d, i)) {
            buf_char(s->to, ' ');
            paper_strong(s, WORD_PLAN_PAST_DUE);
        }
        break;
    case DONE:
        if (i->done.us > 0)
            buf_slice(s->to, plan_document_day(i->done, day));
        break;
    }
}

static void
put_own_table(const struct plan_document *d, struct paper *s, const struct own_part *p)
{
    struct paper_column columns[FIELDS];

    for (unsigned i = 0; i < p->columns; i++)
        columns[i] = (struct paper_column){p->column[i].head, false};
    paper_table(s, columns, p->columns);
    for (unsigned i = 0; i < d->own->part[p->part].count; i++) {
        const struct contingency_item *item = &d->own->part[p->part].item[i];

        paper_row(s, is_past_due(d, item));
        for (unsigned k = 0; k < p->columns; k++)
            put_cell(d, s, item, p->column[k].cell);
        paper_end_row(s);
    }
    paper_end_table(s);
}

static void
put_own_list(const struct plan_document *d, struct paper *s, const struct own_part *p)
{
    paper_list(s, true);
    for (unsigned i = 0; i < d->own->part[p->part].count; i++) {
        const struct contingency_item *item = &d->own->part[p->part].item[i];

        paper_item(s, i + 1);
        paper_text(s, item->what);
        if (item->who.len > 0) {
            buf_text(s->to, " (");
            paper_text(s, item->who);
            buf_char(s->to, ')');
        }
        paper_end_item(s);
    }
    paper_end_list(s);
}

static void
put_own(const struct plan_document *d, struct paper *s)
{
    for (unsigned i = 0; i < sizeof own_parts / sizeof own_parts[0]; i++) {
        const struct own_part *p = &own_parts[i];

        paper_heading(s, p->title);
        if (d->own->part[p->part].count == 0) {
            paper_paragraph(s, true);
            paper_word(s, WORD_PLAN_OWN);
            paper_end_paragraph(s);
        } else if (p->columns == 0) {
            put_own_list(d, s, p);
        } else {
            put_own_table(d, s, p);
        }
    }
}

/* ---- the last page ----------------------------------------------------------------------- */

static void
put_files(const struct plan_document *d, struct paper *s)
{
    static const struct paper_column columns[] = {{WORD_PLAN_FILE, false},
                                                  {WORD_PLAN_SHA256, false}};

    paper_heading(s, WORD_PLAN_MADE_OF);
    paper_table(s, columns, 2);
    for (unsigned i = 0; i < d->files; i++) {
        paper_row(s, false);
        paper_cell(s, false);
        paper_text(s, slice_of(d->file[i].name));
        paper_cell(s, false);
        put_hash(s, &d->file[i].sha256);
        paper_end_row(s);
    }
    paper_end_table(s);
}

static void
say_code(struct paper *s, enum word w, const char *code)
{
    AUTO_PAPER_ARGS(a);

    paper_paragraph(s, false);
    paper_arg_code(s, &a, slice_of(code));
    paper_say(s, w, &a);
    paper_end_paragraph(s);
}

static void
put_check(const struct plan_document *d, struct paper *s)
{
    AUTO_PAPER_ARGS(a);

    paper_page(s, WORD_PLAN_CHECK);
    paper_paragraph(s, false);
    if (d->origin[0] == '\0') {
        paper_word(s, WORD_PLAN_CHECK_NONE);
        paper_end_paragraph(s);
        return;
    }
    paper_arg_code(s, &a, SLICE("sha256sum FILE"));
    paper_arg_code(s, &a, SLICE("document.sign"));
    paper_arg_code(s, &a, slice_of(d->origin));
    paper_say(s, WORD_PLAN_CHECK_HASH, &a);
    paper_end_paragraph(s);
    say_code(s, WORD_PLAN_CHECK_KEY, d->key);
    say_code(s, WORD_PLAN_CHECK_HERE, "detente cutoff plan-document --verify FILE");
    say_code(s, WORD_PLAN_CHECK_ELSEWHERE,
             "detente cutoff plan-document --verify FILE --split FOLDER");
    paper_paragraph(s, false);
    paper_word(s, WORD_PLAN_CHECK_DRAFT);
    paper_end_paragraph(s);
}

int
plan_document_write(const struct plan_document *d, enum language language, bool markdown,
                    struct buf *ret)
{
    struct paper s = {.to = ret, .language = language, .markdown = markdown};
    AUTO_PAPER_ARGS(sign);
    int r;

    paper_begin(&s, d->own->title);
    put_about(d, &s);
    put_snapshot(d, &s);
    put_honesty(&s);
    plan_document_cut(d, &s);
    r = plan_document_depend(d, &s);
    if (r < 0)
        return r;
    put_own(d, &s);
    put_check(d, &s);
    put_files(d, &s);
    paper_arg_text(&s, &sign,
                   d->own->organisation.len > 0 ? d->own->organisation : d->own->title);
    paper_sign(&s, WORD_PLAN_FOR, &sign);
    paper_end(&s);
    return buf_error(ret);
}
