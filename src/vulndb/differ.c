#include "vulndb/differ.h"

#include <stdlib.h>

enum { ROOM = 1 << 10 };

int
differ_add(struct differ_rows *t, struct differ_row row)
{
    if (t->count == t->room) {
        uint32_t room = t->room == 0 ? ROOM : 2 * t->room;
        struct differ_row *more = realloc(t->row, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        t->row = more;
        t->room = room;
    }
    t->row[t->count++] = row;
    return 0;
}

void
differ_release(struct differ_rows *t)
{
    free(t->row);
    *t = (struct differ_rows){.row = NULL};
}

static int
by_name(const struct differ_row *x, const struct differ_row *y)
{
    int c = (x->vuln > y->vuln) - (x->vuln < y->vuln);

    return c != 0 ? c : (x->sub > y->sub) - (x->sub < y->sub);
}

static int
order(const struct differ_row *x, const struct differ_row *y)
{
    int c = by_name(x, y);

    return c != 0 ? c : (x->is > y->is) - (x->is < y->is);
}

static int
by_all(const void *a, const void *b)
{
    return order(a, b);
}

void
differ_sort(struct differ_rows *t)
{
    uint32_t i = 1;

    while (i < t->count && order(&t->row[i - 1], &t->row[i]) <= 0)
        i++;
    if (i < t->count) /* as makers publish them they are sorted, or nearly so */
        qsort(t->row, t->count, sizeof *t->row, by_all);
}

/* What both have alike is taken from both; gives how many those are. */
static uint64_t
drop_same(struct differ_rows *was, struct differ_rows *is)
{
    uint32_t olds = 0;
    uint32_t news = 0;
    uint64_t same = 0;
    uint32_t i = 0;
    uint32_t k = 0;

    while (i < was->count || k < is->count) {
        int c = i == was->count ? 1 : k == is->count ? -1 : order(&was->row[i], &is->row[k]);

        if (c < 0)
            was->row[olds++] = was->row[i];
        if (c > 0)
            is->row[news++] = is->row[k];
        same += c == 0;
        i += c <= 0;
        k += c >= 0;
    }
    was->count = olds;
    is->count = news;
    return same;
}

static int
name(struct vulndb *db, uint64_t vuln, struct vulndb_counts *counts)
{
    AUTO_BUF(text, VULNDB_TEXT + 1);
    int r = vulndb_id_text(db, vuln, &text);

    if (r == 0)
        vulndb_counts_name(counts, buf_get(&text));
    return r == ERR_NOTFOUND ? 0 : r;
}

int
differ_count(struct vulndb *db, struct differ_rows *was, struct differ_rows *is,
             struct vulndb_counts *counts)
{
    uint32_t i = 0;
    uint32_t k = 0;
    int r = 0;

    counts->same += drop_same(was, is);
    while (r == 0 && (i < was->count || k < is->count)) {
        int c = i == was->count ? 1 : k == is->count ? -1 : by_name(&was->row[i], &is->row[k]);

        ++*(c < 0 ? &counts->gone : c > 0 ? &counts->fresh : &counts->changed);
        if (counts->firsts < VULNDB_FIRST)
            r = name(db, c < 0 ? was->row[i].vuln : is->row[k].vuln, counts);
        i += c <= 0;
        k += c >= 0;
    }
    was->count = is->count = 0;
    return r;
}
