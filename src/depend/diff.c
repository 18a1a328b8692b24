#include "depend/diff.h"

#include <stdlib.h>

#include "wire/csv.h"

enum {
    COLUMN_LEVEL,
    COLUMN_SERVICE,
    COLUMN_KIND,
    COLUMN_WHAT,
    COLUMN_VERDICT,
    COLUMN_DAYS,
    COLUMN_MOST,
    COLUMNS
};
static const char *const names[COLUMNS] = {"level",   "service", "kind",     "what",
                                           "verdict", "days",    "days_most"};

bool
diff_is_audit(struct slice text)
{
    return slice_is(slice_sub(text, 0, 14), "level,service,");
}

void
diff_release(struct diff_rows *rows)
{
    free(rows->row);
    *rows = (struct diff_rows){0};
}

int
diff_add(struct diff_rows *rows, const struct diff_row *row)
{
    if (rows->count >= DIFF_ROWS)
        return ERR_LIMIT;
    if (rows->count == rows->room) {
        uint32_t room = rows->room * 2 + 1024;
        struct diff_row *more = realloc(rows->row, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        rows->row = more;
        rows->room = room;
    }
    rows->row[rows->count] = *row;
    rows->row[rows->count].number = rows->count;
    rows->count++;
    return 0;
}

static int
find_columns(const struct csv *c, int place[COLUMNS], struct errinfo *ei)
{
    for (int i = 0; i < COLUMNS; i++) {
        place[i] = -1;
        for (unsigned k = 0; k < c->count; k++) {
            if (slice_is(c->field[k], names[i]))
                place[i] = (int)k;
        }
        if (place[i] < 0)
            return err_at(ei, ERR_INVALID, 1, 1, "the column `%s` is missing", names[i]);
    }
    return 0;
}

static int
read_rows(struct csv *c, struct diff_rows *ret, struct errinfo *ei)
{
    int place[COLUMNS] = {0};
    unsigned fields;
    int r = csv_row(c, ei);

    if (r == 0)
        return err_at(ei, ERR_INVALID, 1, 1, "is empty: it is no audit");
    if (r > 0)
        r = find_columns(c, place, ei);
    fields = c->count;
    while (r == 0 && (r = csv_row(c, ei)) == 1) {
        struct diff_row row;

        if (c->count != fields)
            return err_at(ei, ERR_INVALID, c->field_line[0], 1,
                          "has %u fields, and the first line names %u columns", c->count,
                          fields);
        row = (struct diff_row){.level = c->field[place[COLUMN_LEVEL]],
                                .service = c->field[place[COLUMN_SERVICE]],
                                .kind = c->field[place[COLUMN_KIND]],
                                .what = c->field[place[COLUMN_WHAT]],
                                .verdict = c->field[place[COLUMN_VERDICT]],
                                .days = c->field[place[COLUMN_DAYS]],
                                .days_most = c->field[place[COLUMN_MOST]]};
        r = diff_add(ret, &row);
    }
    return r;
}

int
diff_read(char *text, size_t len, struct diff_rows *ret, struct errinfo *ei)
{
    struct csv c;
    int r;

    *ret = (struct diff_rows){0};
    csv_open(&c, text, len);
    r = read_rows(&c, ret, ei);
    if (r < 0)
        diff_release(ret);
    return r;
}

/* ---- comparing --------------------------------------------------------------------------- */

/* What makes two rows the same one. */
static int
compare_keys(const struct diff_row *a, const struct diff_row *b)
{
    int r = slice_order(a->service, b->service);

    if (r == 0)
        r = slice_order(b->level, a->level); /* service, need, link */
    if (r == 0)
        r = slice_order(a->kind, b->kind);
    return r != 0 || !slice_is(a->level, "link") ? r : slice_order(a->what, b->what);
}

static int
by_key(const void *x, const void *y)
{
    const struct diff_row *a = x;
    const struct diff_row *b = y;
    int r = compare_keys(a, b);

    return r != 0 ? r : (a->number > b->number) - (a->number < b->number);
}

static bool
same(const struct diff_row *a, const struct diff_row *b)
{
    return slice_eq(a->what, b->what) && slice_eq(a->verdict, b->verdict) &&
           slice_eq(a->days, b->days) && slice_eq(a->days_most, b->days_most);
}

void
diff_run(struct diff_rows *before, struct diff_rows *after,
         void (*f)(void *self, enum diff_change change, const struct diff_row *before,
                   const struct diff_row *after),
         void *self)
{
    uint32_t i = 0;
    uint32_t k = 0;

    if (before->count > 0)
        qsort(before->row, before->count, sizeof *before->row, by_key);
    if (after->count > 0)
        qsort(after->row, after->count, sizeof *after->row, by_key);
    while (i < before->count || k < after->count) {
        const struct diff_row *a = &before->row[i];
        const struct diff_row *b = &after->row[k];
        int r = i == before->count ? 1 : k == after->count ? -1 : compare_keys(a, b);

        if (r < 0)
            f(self, DIFF_GONE, a, NULL);
        else if (r > 0)
            f(self, DIFF_NEW, NULL, b);
        else if (!same(a, b))
            f(self, DIFF_CHANGED, a, b);
        i += r <= 0;
        k += r >= 0;
    }
}
