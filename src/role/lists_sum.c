/* All lists as one: who of the world they name, counted once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/event.h"
#include "role/folder.h"
#include "role/kev.h"
#include "role/lists.h"

enum { ROWS = 50 };

struct summing {
    const char *dir;
    const struct attrib *a;
    struct buf text; /* prefixes of all, one a line */
    struct buf *out;
};

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, t.us == 0 ? 0 : TIME_TEXT, text);
}

static int
put_list(struct summing *s, const char *name, bool first, struct errinfo *ei)
{
    struct list_about about;
    struct hostlist list;
    int r = lists_get(s->dir, name, &about, &list, ei);

    if (r < 0)
        return r;
    buf_text(s->out, first ? "{\"name\":" : ",{\"name\":");
    buf_json(s->out, slice_of(about.name));
    buf_text(s->out, ",\"source\":");
    buf_json(s->out, slice_of(about.source));
    put_time(s->out, "date", about.date);
    put_time(s->out, "taken", about.taken);
    buf_printf(s->out, ",\"prefixes\":%u,\"addresses\":%llu}", list.count,
               (unsigned long long)hostlist_addresses(&list));
    hostlist_write(&list, &s->text);
    hostlist_release(&list);
    return 0;
}

static int
put_rows(struct summing *s, const struct hostlist *all, bool by_country)
{
    struct hostlist_row *rows;
    uint64_t unknown = 0;
    uint32_t count;
    unsigned shown = 0;
    int r = hostlist_count(all, s->a, by_country, &rows, &count);

    if (r < 0)
        return r;
    buf_text(s->out, by_country ? ",\"economies\":[" : ",\"networks\":[");
    for (uint32_t i = 0; i < count; i++) {
        char economy[3];

        if (rows[i].key == 0)
            unknown = rows[i].addresses;
        if (rows[i].key == 0 || shown == ROWS)
            continue;
        buf_text(s->out, shown++ == 0 ? "{" : ",{");
        country_format((uint16_t)rows[i].key, economy);
        if (by_country)
            buf_printf(s->out, "\"country\":\"%s\"", economy);
        else
            buf_printf(s->out, "\"asn\":%u,\"name\":", rows[i].key);
        if (!by_country)
            buf_json(s->out, attrib_name(s->a, rows[i].key));
        buf_printf(s->out, ",\"addresses\":%llu}", (unsigned long long)rows[i].addresses);
    }
    buf_printf(s->out, "],\"%s\":%llu", by_country ? "economy_unknown" : "network_unknown",
               (unsigned long long)unknown);
    free(rows);
    return 0;
}

static int
put_all(struct summing *s, bool any, struct errinfo *ei)
{
    struct hostlist all = {.count = 0};
    int r = buf_error(&s->text);

    if (r == 0 && any)
        r = hostlist_read(buf_get(&s->text), &all, ei);
    if (r == 0)
        buf_printf(s->out, "],\"addresses\":%llu",
                   (unsigned long long)hostlist_addresses(&all));
    if (r == 0)
        r = put_rows(s, &all, false);
    if (r == 0)
        r = put_rows(s, &all, true);
    hostlist_release(&all);
    return r;
}

/* What is newly known to be exploited, when a catalogue was taken in. */
static int
put_kev(struct summing *s, struct errinfo *ei)
{
    struct kev k;
    int r = kev_get(s->dir, &k, ei);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    buf_text(s->out, ",\"kev\":");
    kev_json(&k, s->out);
    kev_release(&k);
    return 0;
}

int
lists_all(const char *dir, struct hostlist *ret, struct errinfo *ei)
{
    char names[LISTS_MOST][LISTS_NAME];
    int count = lists_names(dir, names, ei);
    struct buf text;
    int r = count < 0 ? count : 0;

    if (count == 0)
        return err_set(
            ei, ERR_NOTFOUND,
            "there is no list yet: take one in with `detente lists import FILE|URL`");
    buf_init(&text, (size_t)HOSTLIST_PREFIXES * PREFIX_TEXT);
    for (int i = 0; r == 0 && i < count; i++) {
        struct list_about about;
        struct hostlist list;

        r = lists_get(dir, names[i], &about, &list, ei);
        if (r < 0)
            break;
        hostlist_write(&list, &text);
        hostlist_release(&list);
    }
    if (r == 0)
        r = buf_error(&text);
    if (r == 0)
        r = hostlist_read(buf_get(&text), ret, ei);
    buf_release(&text);
    return r;
}

int
lists_sum(const char *dir, const struct attrib *a, struct errinfo *ei)
{
    char names[LISTS_MOST][LISTS_NAME];
    AUTO_BUF(out, LISTS_WORLD_MAX);
    struct summing s = {.dir = dir, .a = a, .out = &out};
    int count = lists_names(dir, names, ei);
    int r = count < 0 ? count : 0;

    buf_init(&s.text, (size_t)HOSTLIST_PREFIXES * PREFIX_TEXT);
    buf_text(&out, "{\"lists\":[");
    for (int i = 0; r == 0 && i < count; i++)
        r = put_list(&s, names[i], i == 0, ei);
    if (r == 0)
        r = put_all(&s, count > 0, ei);
    if (r == 0)
        r = put_kev(&s, ei);
    buf_text(&out, "}\n");
    if (r == 0 && buf_error(&out) < 0)
        r = err_set(ei, buf_error(&out), "%s", err_text(buf_error(&out)));
    buf_release(&s.text);
    return r < 0 ? r : folder_put(dir, LISTS_WORLD, buf_get(&out), ei);
}
