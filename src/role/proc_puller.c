/* A puller's process: pulls the source that is due for longest, tells the parent when the next
 * one is, and ends.  What a server does to it happens to that source alone: that it was begun
 * is written down before, so one that makes its puller die waits for longer each time while the
 * others have their turn.  It has the network, the folder of sources and the store to read;
 * objects go to the engine by DIR/control, as from the command line. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/env_posix.h"
#include "role/removals.h"
#include "role/returns.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/source.h"

enum { WITHIN_S = 300, LOCKED_S = 5 /* somebody pulls it by hand: looked at again so soon */ };

struct puller {
    const char *dir;
    struct env_posix posix;
    struct env env;
    int parent;
    char name[SOURCES_MOST][SOURCE_NAME];
    struct source source;
    char before[SOURCE_WHY]; /* its fault */
    bool locked; /* one was due that somebody else pulls, or the node was not ready */
};

static void
say(const struct puller *p, enum env_level level, const char *text)
{
    char line[SOURCE_WHY + 128];

    (void)snprintf(line, sizeof line, "exchange: %s: %s", p->source.name, text);
    p->env.log(p->env.self, level, line);
}

/* What is new; a fault once. */
static void
say_result(const struct puller *p, const struct source_pull *x, int r, const struct errinfo *ei)
{
    const char *why = ei->text[0] == '\0' ? err_text(r) : ei->text;
    char text[128];

    if (x->added > 0 || x->refused > 0) {
        (void)snprintf(text, sizeof text, "%llu new objects, %llu refused",
                       (unsigned long long)x->added, (unsigned long long)x->refused);
        say(p, ENV_INFO, text);
    }
    if (r < 0 && strcmp(p->before, p->source.fault) != 0)
        say(p, ENV_WARN, why);
    if (r == 0 && p->before[0] != '\0')
        say(p, ENV_INFO, "answers again");
}

static void
remove_theirs(struct puller *p)
{
    struct removals_done done;
    struct errinfo ei = {0};

    if (removals_do(p->dir, &done, &ei) < 0)
        say(p, ENV_WARN, ei.text);
}

static void
give_sightings(struct puller *p)
{
    const struct returns_ask a = {.dir = p->dir,
                                  .from = p->source.into,
                                  .into = p->source.sightings,
                                  .now = env_posix_now()};
    struct returns_done done;
    struct errinfo ei = {0};
    char text[96];

    if (returns_put(&a, &done, &ei) < 0) {
        say(p, ENV_WARN, ei.text);
    } else if (done.added > 0) {
        (void)snprintf(text, sizeof text, "%llu sightings are new",
                       (unsigned long long)done.added);
        say(p, ENV_INFO, text);
    }
}

/* False: it is another's turn. */
static bool
pull_one(struct puller *p, const char *name)
{
    struct source_pull x = {.dir = p->dir, .due = true, .within = {WITHIN_S * TIME_US_PER_S}};
    struct errinfo ei = {0};
    int lock = -1;
    int r = source_hold_now(p->dir, name, &lock, &ei);

    if (r == ERR_BUSY) {
        p->locked = true;
        return false;
    }
    if (lock >= 0)
        (void)close(lock);
    if (r < 0 || source_get(p->dir, name, &p->source, &ei) < 0)
        return false; /* it went meanwhile */
    memcpy(p->before, p->source.fault, sizeof p->before);
    r = source_pull(&x, &p->source, &ei);
    if (x.idle)
        return false;
    if (r == ERR_BUSY) { /* the node takes nothing yet, as after its start */
        p->locked = true;
        return false;
    }
    say_result(p, &x, r, &ei);
    if (x.added > 0 || x.removed > 0)
        remove_theirs(p);
    if (p->source.sightings[0] != '\0')
        give_sightings(p);
    return true;
}

/* Which of those that are pulled by themselves have failed for SOURCE_LONG_S, so that people
 * are told of them; the parent takes it that all others have not. */
static int
tell_faults(struct puller *p, struct utime now, struct errinfo *ei)
{
    int n = sources_names(p->dir, p->name, ei);
    int r = n < 0 ? n : 0;

    for (int i = 0; r == 0 && i < n; i++) {
        struct link_msg m = {.op = LINK_CONDITION};
        struct errinfo none = {0};

        if (source_get(p->dir, p->name[i], &p->source, &none) < 0 ||
            !source_is_long_faulty(&p->source, now))
            continue;
        m.u.condition = condition_of(ALERT_SOURCE_FAULT, p->source.name, true);
        word_pack(m.u.condition.text, sizeof m.u.condition.text, WORD_ALERT_SOURCE_FAULT,
                  "%s" WORD_AND "%s", p->source.name, p->source.fault);
        r = link_send(p->parent, &m, NULL, 0, true);
    }
    return r;
}

/* As of the folder's state before the files are read: what changes then is looked at again. */
static int
tell_next(struct puller *p, struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_DUE};
    struct utime now = env_posix_now();
    char path[4096 + 32];
    struct stat st = {0};
    int n;

    (void)snprintf(path, sizeof path, "%s/exchange/sources", p->dir);
    if (stat(path, &st) == 0) {
        m.u.due.changed_s = st.st_mtim.tv_sec;
        m.u.due.changed_ns = st.st_mtim.tv_nsec;
    }
    n = tell_faults(p, now, ei);
    if (n == 0)
        n = sources_due(p->dir, now, p->name, &m.u.due.next, ei);
    if (n < 0)
        return n;
    if (n > 0)
        m.u.due.next.us = now.us + (p->locked ? LOCKED_S * TIME_US_PER_S : 0);
    return link_send(p->parent, &m, NULL, 0, true);
}

static int
work(struct puller *p, struct errinfo *ei)
{
    struct utime next;
    int n = sources_due(p->dir, env_posix_now(), p->name, &next, ei);
    bool done = false;

    for (int i = 0; i < n && !done; i++)
        done = pull_one(p, p->name[i]);
    return n < 0 ? n : tell_next(p, ei);
}

int
proc_puller(const struct house *h, int parent)
{
    struct puller *p = calloc(1, sizeof *p);
    struct errinfo ei = {0};
    int r;

    if (p == NULL)
        return proc_fail(parent, ERR_NOMEM, &ei);
    p->dir = h->dir;
    p->parent = parent;
    p->posix.dir = -1;
    r = env_posix_open(&p->posix, h->dir, &p->env, &ei);
    /* further arenas, of many names that are looked up, ask for more than the list names */
    (void)mallopt(M_ARENA_MAX, 1);
    if (r == 0)
        r = sandbox_enter(ROLE_PULLER, h->dir, NULL, &ei);
    if (r == 0)
        r = work(p, &ei);
    return r < 0 ? proc_fail(parent, r, &ei) : 0;
}
