/* Events of a file as `origin port target port gid sid rev grade` lines, then one line of
 * figures; or, with `each`, one line for each line of the input: event, flow, ignored or the
 * reason.  For comparing with other readers. */
#include <stdio.h>
#include <stdlib.h>

#include "feed.h"

static void
show(const struct taken *t)
{
    char origin[ADDR_TEXT];
    char target[ADDR_TEXT];

    (void)addr_format(&t->ev.origin, origin);
    (void)addr_format(&t->ev.target, target);
    printf("%s %u %s %u %u %u %u %u %u\n", origin, t->ev.origin_port, target, t->ev.target_port,
           t->gid, t->sid, t->rev, t->ev.severity, t->ev.grade);
}

static void
each(struct slice in)
{
    struct slice line;

    while (slice_line(&in, &line)) {
        struct slice with = {line.ptr, line.len + 1}; /* every line of the input has its LF */
        struct feed f;

        feed_run(&f, with, (struct feed_how){.step = with.len, .start = FEED_MORE_LINES});
        if (f.stats.attacks > 0)
            show(&f.at[0]);
        else if (f.stats.events > 0)
            puts("flow");
        else if (f.stats.ignored > 0)
            puts("ignored");
        for (int i = 0; i < REJECTS; i++) {
            if (f.stats.rejected[i] > 0)
                puts(reject_name((enum reject)i));
        }
        feed_release(&f);
    }
}

static void
all(struct slice in)
{
    struct feed f;

    feed_run(&f, in, (struct feed_how){.step = 100000});
    for (size_t i = 0; i < f.count; i++) {
        if (event_is_attack(&f.at[i].ev))
            show(&f.at[i]);
    }
    printf("%llu %llu %llu %llu %llu\n", (unsigned long long)f.stats.lines,
           (unsigned long long)f.stats.events, (unsigned long long)f.stats.attacks,
           (unsigned long long)f.stats.ignored, (unsigned long long)decode_rejected(&f.stats));
    feed_release(&f);
}

int
main(int argc, char **argv)
{
    static char bytes[64 << 20];
    size_t n = fread(bytes, 1, sizeof bytes - 1, stdin);

    if (argc > 1 && strcmp(argv[1], "each") == 0)
        each((struct slice){bytes, n});
    else
        all((struct slice){bytes, n});
    return 0;
}
