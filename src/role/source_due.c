/* When a source is pulled by itself. */
#include <stdlib.h>

#include "role/source.h"

enum { DOUBLED = 20 };

/* Rows of one server do not all come at one time, and a file says the same each time. */
static int64_t
spread(const struct source *s, int64_t from, int64_t within)
{
    uint64_t h = (uint64_t)from ^ UINT64_C(0xcbf29ce484222325);

    for (const char *c = s->name; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    h ^= h >> 32;
    return within <= 0 ? 0 : (int64_t)(h % (uint64_t)within);
}

static int64_t
pause_s(const struct source *s)
{
    int64_t most = s->every_s > SOURCE_PAUSE ? s->every_s : SOURCE_PAUSE;
    int64_t first = s->every_s < SOURCE_SOON ? s->every_s : SOURCE_SOON;
    uint32_t times = s->failures - 1;

    first = first << (times < DOUBLED ? times : DOUBLED);
    return first < most ? first : most;
}

/* From when the wait is counted: the last pull, also one that did not end. */
static struct utime
base(const struct source *s)
{
    return s->begun.us > 0 ? s->begun : s->tried;
}

struct utime
source_next(const struct source *s)
{
    int64_t wait = s->more ? 0 : s->failures > 0 ? pause_s(s) : s->every_s;
    struct utime from = base(s);
    struct utime next;

    if (s->every_s == 0)
        return (struct utime){0};
    if (from.us == 0)
        return (struct utime){1}; /* ever since */
    next.us = from.us + wait * TIME_US_PER_S;
    next.us += spread(s, from.us, wait * TIME_US_PER_S / 10);
    if (s->not_before.us > next.us &&
        s->not_before.us <= from.us + CLIENT_WAIT_DAY_S * TIME_US_PER_S)
        next = s->not_before;
    return next;
}

bool
source_is_due(const struct source *s, struct utime now)
{
    struct utime next = source_next(s);

    return next.us > 0 && (next.us <= now.us || base(s).us > now.us);
}

bool
source_is_long_faulty(const struct source *s, struct utime now)
{
    return s->every_s > 0 && s->fault[0] != '\0' && s->fault_since.us > 0 &&
           time_since(now, s->fault_since).us >= SOURCE_LONG_S * TIME_US_PER_S;
}

struct due {
    struct utime next;
    char name[SOURCE_NAME];
};

static int
by_wait(const void *a, const void *b)
{
    const struct due *x = a;
    const struct due *y = b;

    return x->next.us < y->next.us   ? -1
           : x->next.us > y->next.us ? 1
                                     : strcmp(x->name, y->name);
}

/* Those that are due into due, which has room for all. */
static int
gather(const char *dir, struct utime now, const char names[SOURCES_MOST][SOURCE_NAME],
       int count, struct due *due, struct utime *ret_next)
{
    struct source s;
    int n = 0;

    for (int i = 0; i < count; i++) {
        struct errinfo none = {0};
        struct utime next;

        if (source_get(dir, names[i], &s, &none) < 0)
            continue;
        next = source_next(&s);
        if (source_is_due(&s, now)) {
            due[n].next = next;
            memcpy(due[n++].name, s.name, sizeof s.name);
        } else if (next.us > 0 && (ret_next->us == 0 || next.us < ret_next->us)) {
            *ret_next = next;
        }
    }
    qsort(due, (size_t)n, sizeof *due, by_wait);
    return n;
}

int
sources_due(const char *dir, struct utime now, char ret[SOURCES_MOST][SOURCE_NAME],
            struct utime *ret_next, struct errinfo *ei)
{
    struct due due[SOURCES_MOST];
    int count = sources_names(dir, ret, ei);
    int n;

    ret_next->us = 0;
    if (count < 0)
        return count;
    n = gather(dir, now, (const char(*)[SOURCE_NAME])ret, count, due, ret_next);
    for (int i = 0; i < n; i++)
        memcpy(ret[i], due[i].name, sizeof due[i].name);
    return n;
}
