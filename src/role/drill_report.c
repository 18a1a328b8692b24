/* What a drill found, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "role/drill.h"

static void
json_text(struct buf *to, const char *name, const char *text)
{
    buf_printf(to, ",\"%s\":", name);
    buf_json(to, slice_of(text));
}

static void
json_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, t.us == 0 ? 0 : TIME_TEXT, text);
}

static const char *
way_of(const struct drill *d)
{
    return d->way == BLOCKADE_NAMESPACE ? "namespace" : "filter";
}

static long long
seconds(struct utime from, struct utime until)
{
    return (long long)((until.us - from.us) / TIME_US_PER_S);
}

static int
days(const struct drill *d, struct utime t)
{
    return t.us == 0 ? -1 : (int)((d->ended.us - t.us) / (86400 * TIME_US_PER_S));
}

static const char *
comma(unsigned i)
{
    return i > 0 ? "," : "";
}

/* ---- for programs ------------------------------------------------------------------------ */

static void
json_calls(const struct drill *d, struct buf *to)
{
    buf_printf(to, ",\"listed\":%s,\"calls\":[", d->listed ? "true" : "false");
    for (unsigned i = 0; i < d->seen.calls; i++) {
        const struct blockade_call *c = &d->seen.call[i];
        const struct drill_place *p = drill_place_of(d, c);

        buf_printf(to, "%s{\"role\":\"%s\"", comma(i), c->role);
        json_text(to, "to", c->to);
        json_text(to, "purpose", c->lookup ? "name look-up" : p == NULL ? "" : p->kind);
        json_text(to, "name", p == NULL ? "" : p->name);
        buf_printf(to, ",\"count\":%llu", (unsigned long long)c->count);
        json_text(to, "error", strerror(c->error));
        json_time(to, "first", c->first);
        json_time(to, "last", c->last);
        buf_char(to, '}');
    }
    buf_printf(to, "],\"calls_unlisted\":%llu", (unsigned long long)d->seen.unlisted);
}

static void
json_places(const struct drill *d, struct buf *to)
{
    buf_text(to, ",\"places\":[");
    for (unsigned i = 0; i < d->place_count; i++) {
        const struct drill_place *p = &d->place[i];

        buf_printf(to, "%s{\"kind\":\"%s\"", comma(i), p->kind);
        json_text(to, "name", p->name);
        json_text(to, "where", p->where);
        buf_printf(to, ",\"tries\":%llu,\"waiting\":%llu", (unsigned long long)p->tries,
                   (unsigned long long)p->waiting);
        json_text(to, "error", p->error);
        json_time(to, "silent_since", p->silent);
        buf_printf(to, ",\"clocks_stand_after_s\":%lld}",
                   (long long)(p->patience.us / TIME_US_PER_S));
    }
    buf_char(to, ']');
}

static void
json_degraded(const struct drill *d, struct buf *to)
{
    static const char *const bools[] = {"false", "true"};

    buf_text(to, ",\"alerts\":[");
    for (unsigned i = 0; i < d->alert_count; i++) {
        const struct drill_alert *a = &d->alert[i];

        buf_printf(to, "%s{\"severity\":\"%s\",\"open\":%s", comma(i),
                   alert_severity_name(a->severity), bools[a->open]);
        json_text(to, "key", a->key);
        json_text(to, "text", a->text);
        buf_char(to, '}');
    }
    buf_text(to, "],\"data\":[");
    for (unsigned i = 0; i < d->data_count; i++) {
        const struct drill_data *x = &d->data[i];

        buf_printf(to, "%s{\"kind\":\"%s\"", comma(i), x->kind);
        json_text(to, "name", x->name);
        json_time(to, "date", x->date);
        buf_printf(to, ",\"age_days\":%d,\"stale\":%s}", days(d, x->date), bools[x->stale]);
    }
    buf_char(to, ']');
}

static void
json_counts(struct buf *to, const char *name, uint64_t before, uint64_t after)
{
    buf_printf(to, ",\"%s\":[%llu,%llu]", name, (unsigned long long)before,
               (unsigned long long)after);
}

static void
json_kept(const struct drill *d, struct buf *to)
{
    buf_printf(to, ",\"kept\":{\"sources\":%u,\"grew\":%u", d->sources, d->grew);
    json_counts(to, "lines", d->before.lines, d->after.lines);
    json_counts(to, "events", d->before.events, d->after.events);
    json_counts(to, "attacks", d->before.attacks, d->after.attacks);
    json_counts(to, "log_size", d->before.log_size, d->after.log_size);
    buf_printf(to, ",\"page_asked\":%llu,\"page_answered\":%llu,\"roles_died\":%u}",
               (unsigned long long)d->pages, (unsigned long long)d->answers, d->died);
    buf_text(to, ",\"failed\":[");
    for (unsigned i = 0; i < d->why_count; i++) {
        buf_text(to, comma(i));
        buf_json(to, slice_of(d->why[i]));
    }
    buf_char(to, ']');
}

void
drill_json(const struct drill *d, struct buf *to)
{
    buf_text(to, "{\"drill\":\"cutoff\"");
    json_text(to, "party", d->party);
    json_text(to, "origin", d->origin);
    json_time(to, "began", d->began);
    json_time(to, "ended", d->ended);
    buf_printf(to, ",\"asked_s\":%lld,\"way\":\"%s\",\"held\":%s",
               (long long)(d->asked.us / TIME_US_PER_S), way_of(d),
               d->why_count == 0 ? "true" : "false");
    json_calls(d, to);
    json_places(d, to);
    json_degraded(d, to);
    json_kept(d, to);
    buf_text(to, "}\n");
}

/* ---- for people -------------------------------------------------------------------------- */

static void
text_calls(const struct drill *d, struct buf *to)
{
    if (!d->listed)
        buf_text(to, "\nThis kernel shows no calls: who called is not known.\n");
    else if (d->seen.calls == 0)
        buf_text(to, "\nNobody called outside.\n");
    else
        buf_text(to, "\nCalls to the outside, all of which failed\n");
    for (unsigned i = 0; i < d->seen.calls; i++) {
        const struct blockade_call *c = &d->seen.call[i];
        const struct drill_place *p = drill_place_of(d, c);

        buf_printf(to, "  %-8s %-28s ", c->role, c->to);
        if (c->lookup)
            buf_printf(to, "name look-up%s%s", p == NULL ? "" : " for ",
                       p == NULL ? "" : p->name);
        else if (p != NULL)
            buf_printf(to, "%s %s", p->kind, p->name);
        else
            buf_text(to, "not in the configuration by this address");
        buf_printf(to, ", %llu times: %s\n", (unsigned long long)c->count, strerror(c->error));
    }
    if (d->seen.unlisted > 0)
        buf_printf(to, "  and %llu more that found no room here\n",
                   (unsigned long long)d->seen.unlisted);
}

static void
text_place(const struct drill_place *p, struct buf *to)
{
    bool pact = strcmp(p->kind, "counterpart") == 0;

    buf_printf(to, "  %s %s, %s: ", p->kind, p->name, p->where);
    if (p->tries == 0 && p->error[0] == '\0')
        buf_text(to, "not called");
    else if (p->tries == 0)
        buf_printf(to, "not reached: %s", p->error);
    else
        buf_printf(to, "not reached in %llu tries: %s", (unsigned long long)p->tries, p->error);
    if (p->waiting > 0)
        buf_printf(to,
                   pact ? "; %llu leaves of the log wait to be held there"
                        : "; %llu messages wait",
                   (unsigned long long)p->waiting);
    if (p->silent.us != 0) {
        char since[TIME_TEXT];

        time_format(p->silent, since);
        buf_printf(to, "; out of contact since %.16sZ, its clocks stand", since);
    } else if (p->patience.us > 0) {
        buf_printf(to, "; clocks stand after %lld s without contact",
                   (long long)(p->patience.us / TIME_US_PER_S));
    }
    buf_char(to, '\n');
}

static void
text_degraded(const struct drill *d, struct buf *to)
{
    buf_text(to, "\nWhat degraded\n");
    for (unsigned i = 0; i < d->place_count; i++)
        text_place(&d->place[i], to);
    for (unsigned i = 0; i < d->alert_count; i++)
        buf_printf(to, "  alert %s (%s): %s\n", d->alert[i].key,
                   alert_severity_name(d->alert[i].severity), d->alert[i].text);
    for (unsigned i = 0; i < d->data_count; i++) {
        const struct drill_data *x = &d->data[i];

        buf_printf(to, "  %s %s: ", x->kind, x->name);
        if (x->date.us == 0)
            buf_text(to, "of no date, as it is here\n");
        else
            buf_printf(to, "%d days old%s, and none newer comes\n", days(d, x->date),
                       x->stale ? ", stale" : "");
    }
    if (d->place_count + d->alert_count == 0)
        buf_text(to,
                 d->data_count == 0
                     ? "  nothing; there are no tables, lists and snapshots that could age\n"
                     : "  nothing else\n");
}

static void
text_counts(struct buf *to, const char *name, uint64_t before, uint64_t after)
{
    buf_printf(to, "  %-9s %llu, before %llu\n", name, (unsigned long long)after,
               (unsigned long long)before);
}

static void
text_kept(const struct drill *d, struct buf *to)
{
    buf_text(to, "\nWhat went on\n");
    text_counts(to, "lines", d->before.lines, d->after.lines);
    text_counts(to, "events", d->before.events, d->after.events);
    text_counts(to, "attacks", d->before.attacks, d->after.attacks);
    text_counts(to, "log", d->before.log_size, d->after.log_size);
    buf_printf(to, "  page      there %llu of %llu times\n", (unsigned long long)d->answers,
               (unsigned long long)d->pages);
    if (d->grew == 0 && d->after.lines == d->before.lines)
        buf_printf(to,
                   "  none of %u sensors wrote anything: whether events are taken was not "
                   "seen\n",
                   d->sources);
}

void
drill_text(const struct drill *d, struct buf *to)
{
    char at[TIME_TEXT];

    time_format(d->began, at);
    buf_printf(to, "Drill of %s: cut off from %.19sZ for %lld s, by %s\n", d->party, at,
               seconds(d->began, d->ended),
               d->way == BLOCKADE_FILTER ? "a filter of calls alone"
               : d->listed               ? "a network namespace and a filter of calls"
                                         : "a network namespace");
    text_calls(d, to);
    text_degraded(d, to);
    text_kept(d, to);
    buf_text(to, d->why_count == 0 ? "\nThe node's main work went on.\n"
                                   : "\nThe node's main work did not go on:\n");
    for (unsigned i = 0; i < d->why_count; i++)
        buf_printf(to, "  %s\n", d->why[i]);
}
