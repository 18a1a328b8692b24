/* Sources that say how often they are pulled: a process for each pull, one at a time. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/parent_priv.h"

#define LOOK_US INT64_C(1000000)    /* how often it is looked whether one is due */
#define LONG_US INT64_C(3600000000) /* a pull that takes longer is cut off */

static void
hear(struct parent *p)
{
    struct link_msg m;
    int fds[LINK_FDS];

    while (p->puller.link >= 0 && link_recv(p->puller.link, &m, fds, false) == 1) {
        link_drop(fds);
        /* it speaks with servers of others: nothing else is heard of it */
        if (m.op == LINK_CONDITION && m.u.condition.rule == ALERT_SOURCE_FAULT &&
            condition_clean(&m.u.condition))
            board_put(&p->board, &m.u.condition, BOARD_PULLER);
        if (m.op == LINK_DUE) {
            p->pull_next = m.u.due.next;
            p->pull_changed = (struct timespec){.tv_sec = (time_t)m.u.due.changed_s,
                                                .tv_nsec = (long)m.u.due.changed_ns};
            p->puller.given = true;
            board_synced(&p->board, BOARD_PULLER);
        }
        if (m.op == LINK_FAILED) {
            m.u.ei.text[sizeof m.u.ei.text - 1] = '\0';
            parent_say(p, ENV_WARN, "sources are not pulled: %s", m.u.ei.text);
        }
    }
}

static bool
is_wanted(struct parent *p)
{
    char path[4200];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/exchange/sources", p->house.dir);
    if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return false;
    if (st.st_mtim.tv_sec == p->pull_changed.tv_sec &&
        st.st_mtim.tv_nsec == p->pull_changed.tv_nsec &&
        (p->pull_next.us == 0 || p->env.now_wall(p->env.self).us < p->pull_next.us))
        return false;
    p->pull_changed = st.st_mtim;
    return true;
}

void
parent_pull(struct parent *p)
{
    struct child *c = &p->puller;
    int64_t now = parent_mono(p);
    struct errinfo ei = {0};

    if (c->pid > 0) {
        hear(p);
        if (now - c->started > LONG_US)
            (void)kill(c->pid, SIGKILL);
        return;
    }
    /* in a drill nobody outside is asked */
    if (now < p->pull_look || now < c->again || p->ends || p->engine.pid <= 0 ||
        p->house.o->shut != NULL)
        return;
    p->pull_look = now + LOOK_US;
    if (is_wanted(p) && parent_start_puller(p, &ei) < 0) {
        parent_say(p, ENV_WARN, "sources are not pulled: %s", ei.text);
        c->again = now + BACKOFF_MAX_US;
    }
}

void
parent_pulled(struct parent *p, int status)
{
    struct child *c = &p->puller;

    hear(p);
    c->backoff = c->given                          ? 0 /* it said all it had to */
                 : c->backoff == 0                 ? BACKOFF_US
                 : c->backoff * 2 > BACKOFF_MAX_US ? BACKOFF_MAX_US
                                                   : c->backoff * 2;
    c->again = c->backoff == 0 ? 0 : parent_mono(p) + c->backoff;
    if (WIFSIGNALED(status) && !p->stopped) {
        parent_say(p, ENV_ERROR, "the puller died: %s%s", strsignal(WTERMSIG(status)),
                   WTERMSIG(status) == SIGSYS ? " (a system call that is not on its list)"
                                              : "");
        parent_tell(p, ALERT_CRASH, role_name(ROLE_PULLER), true, WORD_ALERT_CRASH,
                    "%s" WORD_AND "%s", role_name(ROLE_PULLER), strsignal(WTERMSIG(status)));
    }
    (void)close(c->link);
    c->link = -1;
    c->pid = 0;
}

/* Whatever it is busy with comes again. */
void
parent_pull_stop(struct parent *p)
{
    int status = 0;

    if (p->puller.pid <= 0)
        return;
    (void)kill(p->puller.pid, SIGKILL);
    while (waitpid(p->puller.pid, &status, 0) < 0 && errno == EINTR)
        ;
    parent_pulled(p, status);
}
