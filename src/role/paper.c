#include "role/paper.h"

#include "wire/utf8.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .6rem .25rem 0;"
    "border-bottom:1px solid #8886}"
    "th{font-weight:600}td.n,th.n{text-align:end;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}"
    ".wide{overflow-x:auto}.mark{background:#fa02}.note{opacity:.8;max-width:60rem}"
    "code{overflow-wrap:anywhere}"
    ".sign{display:flex;gap:3rem;margin-top:4rem}.sign div{flex:1;border-top:1px "
    "solid;padding-top:.3rem}"
    "@page{size:A4;margin:15mm}"
    "@media print{body{margin:0;max-width:none;padding:0;font-size:10px}.wide{overflow:visible}"
    "td.t,td.n{white-space:normal}th,td{padding-inline-end:.4rem}tr,li,.sign{break-inside:"
    "avoid}"
    "h2{break-after:avoid}.page{break-before:page}thead{display:table-header-group}}";

/* ---- escaping ---------------------------------------------------------------------------- */

/* Characters that change how others are read: shown as what is not known (Trojan Source). */
static bool
is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x61c ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
put_html(struct buf *b, char c)
{
    switch (c) {
    case '<': buf_text(b, "&lt;"); break;
    case '>': buf_text(b, "&gt;"); break;
    case '&': buf_text(b, "&amp;"); break;
    case '"': buf_text(b, "&quot;"); break;
    case '\'': buf_text(b, "&#39;"); break;
    default: buf_char(b, c);
    }
}

/* CommonMark: any ASCII punctuation may stand behind a backslash. */
static void
put_markdown(struct buf *b, char c)
{
    if (strchr("\\`*_[]<>#|&~!$", c) != NULL)
        buf_char(b, '\\');
    buf_char(b, c);
}

/* What would begin a list or a line where a text begins. */
static struct slice
put_beginning(struct buf *b, struct slice s)
{
    size_t n = 0;

    while (n < s.len && n < 9 && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    if (n == s.len || (n == 0 ? strchr("-+=", s.ptr[0]) : strchr(".)", s.ptr[n])) == NULL ||
        (n > 0 && n + 1 < s.len && s.ptr[n + 1] != ' '))
        return s;
    buf_add(b, s.ptr, n);
    buf_char(b, '\\');
    buf_char(b, s.ptr[n]);
    return slice_sub(s, n + 1, s.len);
}

static void
put_escaped(struct buf *b, bool markdown, struct slice s)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    const unsigned char *end = at + s.len;

    while (at < end) {
        uint32_t c = 0;
        unsigned n = utf8_next(at, end, &c);

        if (n == 0 || (is_hidden(c) && c != '\t' && c != '\n' && c != '\r'))
            buf_text(b, "\xef\xbf\xbd");
        else if (c < 0x20)
            buf_char(b, ' ');
        else if (n > 1)
            buf_add(b, at, n);
        else if (markdown)
            put_markdown(b, (char)c);
        else
            put_html(b, (char)c);
        at += n == 0 ? 1 : n;
    }
}

static void
put_text(struct buf *b, const struct paper *s, struct slice text)
{
    if (text.len == 0)
        return;
    buf_text(b, s->markdown ? "" : "<bdi>");
    if (s->markdown && text.ptr[0] != '\0')
        text = put_beginning(b, text);
    put_escaped(b, s->markdown, text);
    buf_text(b, s->markdown ? "" : "</bdi>");
}

static void
put_code(struct buf *b, const struct paper *s, struct slice text)
{
    if (!s->markdown) {
        buf_text(b, "<code>");
        put_escaped(b, false, text);
        buf_text(b, "</code>");
        return;
    }
    if (memchr(text.ptr, '`', text.len) != NULL || memchr(text.ptr, '|', text.len) != NULL) {
        put_escaped(b, true, text);
        return;
    }
    buf_char(b, '`');
    buf_slice(b, text);
    buf_char(b, '`');
}

/* ---- arguments --------------------------------------------------------------------------- */

void
paper_args_release(struct paper_args *a)
{
    buf_release(&a->text);
}

void
paper_arg(struct paper_args *a)
{
    if (a->count < WORD_ARGS)
        a->end[a->count++] = a->text.len;
}

void
paper_arg_text(struct paper *s, struct paper_args *a, struct slice text)
{
    put_text(&a->text, s, text);
    paper_arg(a);
}

void
paper_arg_code(struct paper *s, struct paper_args *a, struct slice text)
{
    put_code(&a->text, s, text);
    paper_arg(a);
}

void
paper_arg_number(struct paper_args *a, uint64_t n)
{
    buf_u64(&a->text, n);
    paper_arg(a);
}

/* ---- inside ------------------------------------------------------------------------------ */

void
paper_text(struct paper *s, struct slice text)
{
    put_text(s->to, s, text);
}

void
paper_code(struct paper *s, struct slice text)
{
    put_code(s->to, s, text);
}

void
paper_word(struct paper *s, enum word w)
{
    buf_text(s->to, word(s->language, w));
}

void
paper_say(struct paper *s, enum word w, const struct paper_args *a)
{
    struct slice args[WORD_ARGS];

    for (unsigned i = 0; i < a->count; i++) {
        size_t start = i == 0 ? 0 : a->end[i - 1];

        args[i] = slice_sub(buf_get(&a->text), start, a->end[i] - start);
    }
    if (buf_error(&a->text) == 0)
        word_put(s->to, s->language, w, args, a->count);
}

void
paper_strong(struct paper *s, enum word w)
{
    buf_text(s->to, s->markdown ? "**" : "<strong>");
    paper_word(s, w);
    buf_text(s->to, s->markdown ? "**" : "</strong>");
}

/* ---- blocks ------------------------------------------------------------------------------ */

void
paper_begin(struct paper *s, struct slice title)
{
    struct buf *b = s->to;

    if (s->markdown) {
        buf_text(b, "# ");
        paper_text(s, title);
        buf_text(b, "\n");
        return;
    }
    buf_text(b, "<!doctype html>\n<html lang=");
    buf_text(b, language_name(s->language));
    buf_text(b, ">\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n"
                "<title>");
    put_escaped(b, false, title);
    buf_text(b, "</title>\n<style>");
    buf_text(b, style);
    buf_text(b, "</style>\n<main>\n<h1>");
    paper_text(s, title);
    buf_text(b, "</h1>\n");
}

void
paper_end(struct paper *s)
{
    buf_text(s->to, s->markdown ? "" : "</main>\n");
}

void
paper_heading(struct paper *s, enum word w)
{
    buf_text(s->to, s->markdown ? "\n## " : "<h2>");
    paper_word(s, w);
    buf_text(s->to, s->markdown ? "\n" : "</h2>\n");
}

void
paper_page(struct paper *s, enum word w)
{
    if (s->markdown) {
        buf_text(s->to, "\n---\n");
        paper_heading(s, w);
        return;
    }
    buf_text(s->to, "<h2 class=page>");
    paper_word(s, w);
    buf_text(s->to, "</h2>\n");
}

void
paper_paragraph(struct paper *s, bool quiet)
{
    buf_text(s->to, s->markdown ? "\n" : quiet ? "<p class=note>" : "<p>");
}

void
paper_end_paragraph(struct paper *s)
{
    buf_text(s->to, s->markdown ? "\n" : "</p>\n");
}

void
paper_list(struct paper *s, bool numbered)
{
    buf_text(s->to, s->markdown ? "\n" : numbered ? "<ol>\n" : "<ul>\n");
    s->first_cell = numbered;
}

void
paper_item(struct paper *s, unsigned number)
{
    if (!s->markdown)
        buf_text(s->to, "<li>");
    else if (s->first_cell)
        buf_printf(s->to, "%u. ", number);
    else
        buf_text(s->to, "- ");
}

void
paper_end_item(struct paper *s)
{
    buf_char(s->to, '\n');
}

void
paper_end_list(struct paper *s)
{
    buf_text(s->to, s->markdown ? "" : s->first_cell ? "</ol>\n" : "</ul>\n");
}

void
paper_sign(struct paper *s, enum word w, const struct paper_args *a)
{
    buf_text(s->to,
             s->markdown ? "\n\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_ " : "<div class=sign><div>");
    paper_say(s, w, a);
    buf_text(s->to, s->markdown ? "\n" : "</div><div></div></div>\n");
}

/* ---- tables ------------------------------------------------------------------------------ */

void
paper_table(struct paper *s, const struct paper_column *column, unsigned count)
{
    buf_text(s->to, s->markdown ? "\n|" : "<div class=wide><table><thead><tr>");
    for (unsigned i = 0; i < count; i++) {
        buf_text(s->to, s->markdown        ? " "
                        : column[i].number ? "<th class=n scope=col>"
                                           : "<th scope=col>");
        paper_word(s, column[i].head);
        buf_text(s->to, s->markdown ? " |" : "");
    }
    if (!s->markdown) {
        buf_text(s->to, "<tbody>\n");
        return;
    }
    buf_text(s->to, "\n|");
    for (unsigned i = 0; i < count; i++)
        buf_text(s->to, column[i].number ? " ---: |" : " --- |");
    buf_text(s->to, "\n");
}

void
paper_row(struct paper *s, bool marked)
{
    buf_text(s->to, s->markdown ? "|" : marked ? "<tr class=mark>" : "<tr>");
    s->first_cell = true;
}

void
paper_cell(struct paper *s, bool number)
{
    if (!s->markdown)
        buf_text(s->to, number ? "<td class=n>" : "<td>");
    else
        buf_text(s->to, s->first_cell ? " " : " | ");
    s->first_cell = false;
}

void
paper_end_row(struct paper *s)
{
    buf_text(s->to, s->markdown ? " |\n" : "\n");
}

void
paper_end_table(struct paper *s)
{
    buf_text(s->to, s->markdown ? "" : "</table></div>\n");
}
