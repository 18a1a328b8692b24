#include "role/sheet.h"

#include "role/verdicts_priv.h"
#include "wire/jcs.h"

const char sheet_style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .6rem .25rem 0;"
    "border-bottom:1px solid #8886}"
    "th{font-weight:600}td.n,th.n{text-align:end;font-variant-numeric:tabular-nums}"
    "td.t,td.n{white-space:nowrap}td.t{font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}.differ{background:#fa02}.note{opacity:.8;max-width:60rem}"
    ".sign{display:flex;gap:3rem;margin-top:4rem}.sign div{flex:1;border-top:1px "
    "solid;padding-top:.3rem}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{body{margin:0;max-width:none;padding:0;font-size:10px}.wide{overflow:visible}"
    "td.t,td.n{white-space:normal}th,td{padding-inline-end:.4rem}tr,.sign{break-inside:avoid}"
    "thead{display:table-header-group}}";

/* ---- values ------------------------------------------------------------------------------ */

struct slice
sheet_member(struct slice object, const char *name)
{
    struct slice value;

    return object.len > 0 && jcs_find(object, name, &value) ? value : (struct slice){0};
}

int64_t
sheet_number(struct slice object, const char *name)
{
    struct slice value = sheet_member(object, name);
    int64_t n = 0;

    return value.len == 0 || jcs_int(value, &n) < 0 ? 0 : n;
}

/* One that has no escapes, as words and names do; else "". */
struct slice
sheet_plain(struct slice object, const char *name)
{
    struct slice value = sheet_member(object, name);
    struct slice text = {"", 0};

    if (value.len > 0 && jcs_plain(value, &text) < 0)
        text = (struct slice){"", 0};
    return text;
}

void
sheet_escaped(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '<': buf_text(b, "&lt;"); break;
        case '>': buf_text(b, "&gt;"); break;
        case '&': buf_text(b, "&amp;"); break;
        case '"': buf_text(b, "&quot;"); break;
        case '\'': buf_text(b, "&#39;"); break;
        default: buf_char(b, s.ptr[i]);
        }
    }
}

/* A JSON string, whatever is in it; isolated, since it may be written from right to left. */
void
sheet_text(struct buf *b, struct slice value)
{
    AUTO_BUF(text, 1 << 20);

    if (value.len == 0 || jcs_kind(value) != JCS_STRING || jcs_string(value, &text) < 0)
        return;
    buf_text(b, "<bdi>");
    sheet_escaped(b, buf_get(&text));
    buf_text(b, "</bdi>");
}

void
sheet_named(struct buf *b, enum language l, const char *of, struct slice value)
{
    enum word w = word_find(of, value);

    if (w == WORD_NONE)
        sheet_escaped(b, value);
    else
        buf_text(b, word(l, w));
}

/* A time to the second, in UTC. */
void
sheet_time(struct buf *b, struct slice text)
{
    if (text.len < 19)
        return;
    sheet_escaped(b, slice_sub(text, 0, 10));
    buf_char(b, ' ');
    sheet_escaped(b, slice_sub(text, 11, 8));
}

void
sheet_places_end(struct sheet_places *p)
{
    buf_release(&p->text);
}

/* What was written into its room since the last is the next argument. */
void
sheet_next(struct sheet_places *p)
{
    if (p->count < SHEET_PLACES)
        p->end[p->count++] = p->text.len;
}

void
sheet_add_text(struct sheet_places *p, struct slice value)
{
    sheet_text(&p->text, value);
    sheet_next(p);
}

void
sheet_add_number(struct sheet_places *p, int64_t n)
{
    buf_i64(&p->text, n);
    sheet_next(p);
}

void
sheet_add_span(struct sheet_places *p, const struct sheet *s, int64_t seconds)
{
    verdicts_put_span(&p->text, s->language, seconds);
    sheet_next(p);
}

/* A value that has a name here, or is put as it is. */
void
sheet_add_named(struct sheet_places *p, const struct sheet *s, const char *of,
                struct slice value)
{
    sheet_named(&p->text, s->language, of, value);
    sheet_next(p);
}

void
sheet_say_with(struct sheet *s, enum word w, const struct sheet_places *p)
{
    struct slice args[SHEET_PLACES];

    for (unsigned i = 0; i < p->count; i++) {
        size_t start = i == 0 ? 0 : p->end[i - 1];

        args[i] = slice_sub(buf_get(&p->text), start, p->end[i] - start);
    }
    if (buf_error(&p->text) == 0)
        word_put(s->to, s->language, w, args, p->count);
}

void
sheet_say(struct sheet *s, enum word w)
{
    buf_text(s->to, word(s->language, w));
}

void
sheet_say_text(struct sheet *s, enum word w, struct slice value)
{
    AUTO_PLACES(p);

    sheet_add_text(&p, value);
    sheet_say_with(s, w, &p);
}

/* ---- tables ------------------------------------------------------------------------------ */

void
sheet_begin_table(struct sheet *s)
{
    buf_text(s->to, "<div class=wide><table><thead><tr>");
}

void
sheet_head(struct sheet *s, enum word w, bool number)
{
    buf_text(s->to, number ? "<th class=n scope=col>" : "<th scope=col>");
    sheet_say(s, w);
}

void
sheet_end_table(struct sheet *s)
{
    buf_text(s->to, "</table></div>\n");
}
