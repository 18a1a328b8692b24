#include "cli/outline.h"

#include "cli/cmd.h"

void
outline_begin(struct outline *o, bool json)
{
    *o = (struct outline){.json = json, .out = {.max = OUTLINE_BYTES}};
    if (json)
        buf_char(&o->out, '{');
}

/* Data cannot move the cursor. */
static void
put_clean(struct buf *to, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        buf_char(to, c < 0x20 || c == 0x7f ? ' ' : (char)c);
    }
}

static void
put_key(struct outline *o, const char *key)
{
    if (o->json) {
        buf_text(&o->out, o->some[o->depth] ? "," : "");
        if (key != NULL)
            buf_printf(&o->out, "\"%s\":", key);
    } else {
        unsigned indent = 2 * o->depth;

        if (o->out.len > 0)
            buf_char(&o->out, '\n');
        if (o->item)
            buf_printf(&o->out, "%*s- ", (int)indent - 2, "");
        else
            buf_printf(&o->out, "%*s%s", (int)indent, "", o->list[o->depth] ? "- " : "");
        o->item = false;
        for (const char *c = key; c != NULL && *c != '\0'; c++)
            buf_char(&o->out, *c == '_' ? ' ' : *c);
        buf_text(&o->out, key != NULL ? ":" : "");
    }
    o->some[o->depth] = true;
}

static void
descend(struct outline *o, const char *key, bool list)
{
    BUG_ON(o->depth + 1 >= OUTLINE_DEPTH);
    if (o->json || key != NULL)
        put_key(o, key);
    else
        o->item = true;
    o->some[o->depth] = true;
    if (o->json)
        buf_char(&o->out, list ? '[' : '{');
    o->depth++;
    o->some[o->depth] = false;
    o->list[o->depth] = list;
}

void
outline_map(struct outline *o, const char *key)
{
    descend(o, key, false);
}

void
outline_list(struct outline *o, const char *key)
{
    descend(o, key, true);
}

void
outline_close(struct outline *o)
{
    if (o->json)
        buf_char(&o->out, o->list[o->depth] ? ']' : '}');
    else if (!o->some[o->depth] && !o->item)
        buf_text(&o->out, " none");
    o->item = false;
    o->depth--;
}

static void
put(struct outline *o, const char *key, struct slice text, bool quoted)
{
    put_key(o, key);
    if (o->json && quoted) {
        buf_json(&o->out, text);
    } else {
        buf_text(&o->out, o->json || key == NULL ? "" : " ");
        put_clean(&o->out, text);
    }
}

void
outline_text(struct outline *o, const char *key, struct slice text)
{
    if (text.len > 0)
        put(o, key, text, true);
}

void
outline_str(struct outline *o, const char *key, const char *text)
{
    if (text != NULL)
        outline_text(o, key, slice_of(text));
}

void
outline_bool(struct outline *o, const char *key, bool yes)
{
    if (o->json)
        put(o, key, yes ? SLICE("true") : SLICE("false"), false);
    else
        put(o, key, yes ? SLICE("yes") : SLICE("no"), false);
}

void
outline_u64(struct outline *o, const char *key, uint64_t n)
{
    AUTO_BUF(text, 32);

    buf_u64(&text, n);
    put(o, key, buf_get(&text), false);
}

void
outline_decimal(struct outline *o, const char *key, uint64_t n, unsigned digits)
{
    AUTO_BUF(text, 48);
    uint64_t unit = 1;

    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    buf_printf(&text, "%llu.%0*llu", (unsigned long long)(n / unit), (int)digits,
               (unsigned long long)(n % unit));
    put(o, key, buf_get(&text), false);
}

void
outline_time(struct outline *o, const char *key, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us == 0)
        return;
    time_format(t, text);
    put(o, key, (struct slice){text, sizeof text}, true);
}

void
outline_day(struct outline *o, const char *key, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us == 0)
        return;
    time_format(t, text);
    put(o, key, (struct slice){text, 10}, true);
}

void
outline_say(struct outline *o, const char *text)
{
    if (!o->json)
        put(o, NULL, slice_of(text), true);
}

void
outline_drop(struct outline *o)
{
    buf_release(&o->out);
}

int
outline_end(struct outline *o)
{
    int r;

    if (o->json)
        buf_char(&o->out, '}');
    r = cli_print(&o->out);
    buf_release(&o->out);
    return r;
}
