/* An audit as rows of text. */
#include <stdio.h>

#include "depend/audit.h"
#include "depend/diff.h"

void
audit_need_text(const struct audit *a, const struct need *n, struct buf *to)
{
    buf_slice(to, n->subject);
    for (uint32_t i = 0; n->subject.len == 0 && i < n->links; i++) {
        buf_text(to, i == 0 ? "" : ";");
        buf_slice(to, audit_what(a, a->link[n->link_at + i]));
    }
}

size_t
audit_days(struct utime from, struct utime until, char to[AUDIT_DAYS])
{
    int64_t tenths = (until.us - from.us) / (INT64_C(8640) * TIME_US_PER_S);

    to[0] = '\0';
    if (until.us == DEPEND_NEVER.us)
        return 0;
    return (size_t)snprintf(to, AUDIT_DAYS, "%lld.%lld", (long long)(tenths / 10),
                            (long long)(tenths % 10));
}

struct making {
    const struct audit_input *in;
    const struct audit *a;
    struct buf *text;
    struct diff_rows *rows;
};

/* Text that stays where it is: the buffer has all its room from the start. */
static struct slice
put(struct buf *text, struct slice s)
{
    size_t at = text->len;

    buf_slice(text, s);
    return buf_error(text) < 0 ? (struct slice){"", 0} : (struct slice){text->ptr + at, s.len};
}

static int
add(const struct making *m, struct diff_row row, enum depend_verdict v, struct utime least,
    struct utime most)
{
    char days[AUDIT_DAYS];

    row.verdict = slice_of(depend_verdict_name(v));
    row.days = put(m->text, (struct slice){days, audit_days(m->in->at, least, days)});
    row.days_most = put(m->text, (struct slice){days, audit_days(m->in->at, most, days)});
    return buf_error(m->text) < 0 ? buf_error(m->text) : diff_add(m->rows, &row);
}

static int
add_need(const struct making *m, const struct service *s, const struct need *n)
{
    AUTO_BUF(what, 1 << 20);
    struct diff_row row = {.level = SLICE("need"),
                           .service = s->id,
                           .kind = slice_of(depend_kind_name((enum depend_kind)n->kind))};

    audit_need_text(m->a, n, &what);
    row.what = put(m->text, buf_get(&what));
    return buf_error(&what) < 0
               ? buf_error(&what)
               : add(m, row, (enum depend_verdict)n->verdict, n->least, n->most);
}

/* Bytes that all texts take. */
static size_t
room_of(const struct audit *a)
{
    size_t n = ((size_t)a->count + a->needs) * 2 * AUDIT_DAYS;

    for (uint32_t i = 0; i < a->needs; i++) {
        const struct need *need = &a->need[i];

        n += need->subject.len;
        for (uint32_t k = 0; need->subject.len == 0 && k < need->links; k++)
            n += audit_what(a, a->link[need->link_at + k]).len + 1;
    }
    return n;
}

int
audit_rows(const struct audit_input *in, const struct audit *a, struct buf *text,
           struct diff_rows *ret)
{
    const struct making m = {in, a, text, ret};
    int r = 0;

    *ret = (struct diff_rows){0};
    buf_init(text, room_of(a) + 1);
    if (buf_reserve(text, room_of(a) + 1) == NULL)
        return buf_error(text);
    for (uint32_t i = 0; r == 0 && i < a->count; i++) {
        const struct outcome *o = &a->outcome[i];
        const struct service *s = &in->services->service[i];
        struct diff_row row = {
            .level = SLICE("service"), .service = s->id, .kind = {"", 0}, .what = s->name};

        r = add(&m, row, (enum depend_verdict)o->verdict, o->least, o->most);
        for (uint32_t k = 0; r == 0 && k < o->needs; k++)
            r = add_need(&m, s, &a->need[o->need_at + k]);
    }
    if (r < 0)
        diff_release(ret);
    return r;
}
