/* What the engine looks for is behind: a process that makes it anew, one at a time. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/parent_priv.h"

#define PAUSE_US INT64_C(2000000)    /* between two, … */
#define LONG_US  INT64_C(1200000000) /* one that takes longer is cut off */
#define FIRST_US INT64_C(60000000)   /* the engine waits for the first one, not for longer */
enum { PAUSES = 8 /* … and so many times as long as the last one took */, LOOK_MS = 20 };

static void
hear(struct parent *p)
{
    struct link_msg m;
    int fds[LINK_FDS];

    while (p->lister.link >= 0 && link_recv(p->lister.link, &m, fds, false) == 1) {
        link_drop(fds);
        if (m.op != LINK_FAILED) /* it reads what others wrote: nothing else is heard of it */
            continue;
        m.u.ei.text[sizeof m.u.ei.text - 1] = '\0';
        parent_say(p, ENV_WARN, "what is looked for is not up to date: %s", m.u.ei.text);
    }
}

void
parent_list_first(struct parent *p)
{
    struct pollfd fd = {p->signals, POLLIN, 0};
    int64_t until = parent_mono(p) + FIRST_US;
    struct signalfd_siginfo info;
    struct errinfo ei = {0};
    int status = 0;

    if (parent_start_lister(p, &ei) < 0) {
        parent_say(p, ENV_WARN, "what is looked for is not up to date: %s", ei.text);
        return;
    }
    while (p->lister.pid > 0 && !p->ends && parent_mono(p) < until) {
        (void)poll(&fd, 1, LOOK_MS);
        while (read(p->signals, &info, sizeof info) > 0)
            p->ends |= info.ssi_signo != SIGCHLD;
        if (waitpid(p->lister.pid, &status, WNOHANG) == p->lister.pid)
            parent_listed(p, status);
    }
}

void
parent_list(struct parent *p)
{
    struct child *c = &p->lister;
    int64_t now = parent_mono(p);
    struct errinfo ei = {0};
    char path[4200];

    if (c->pid > 0) {
        hear(p);
        if (now - c->started > LONG_US)
            (void)kill(c->pid, SIGKILL);
        return;
    }
    if (!p->list_wanted || now < c->again || p->ends || p->engine.pid <= 0)
        return;
    (void)snprintf(path, sizeof path, "%s/indicators", p->house.dir);
    (void)mkdir(path, 0700); /* there before the fence is */
    p->list_wanted = false;
    if (parent_start_lister(p, &ei) < 0) {
        parent_say(p, ENV_WARN, "what is looked for is not up to date: %s", ei.text);
        p->list_wanted = true;
        c->again = now + BACKOFF_MAX_US;
    }
}

void
parent_listed(struct parent *p, int status)
{
    struct child *c = &p->lister;
    int64_t now = parent_mono(p);
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    hear(p);
    c->backoff = good                              ? 0
                 : c->backoff == 0                 ? BACKOFF_US
                 : c->backoff * 2 > BACKOFF_MAX_US ? BACKOFF_MAX_US
                                                   : c->backoff * 2;
    c->again = now + PAUSE_US + PAUSES * (now - c->started) + c->backoff;
    p->list_wanted |= !good;
    if (WIFSIGNALED(status) && !p->stopped) {
        parent_say(p, ENV_ERROR, "the lister died: %s%s", strsignal(WTERMSIG(status)),
                   WTERMSIG(status) == SIGSYS ? " (a system call that is not on its list)"
                                              : "");
        parent_tell(p, ALERT_CRASH, role_name(ROLE_LISTER), true, WORD_ALERT_CRASH,
                    "%s" WORD_AND "%s", role_name(ROLE_LISTER), strsignal(WTERMSIG(status)));
    }
    (void)close(c->link);
    c->link = -1;
    c->pid = 0;
}

/* What it was busy with comes again: the engine asks for it when it starts. */
void
parent_list_stop(struct parent *p)
{
    int status = 0;

    if (p->lister.pid <= 0)
        return;
    (void)kill(p->lister.pid, SIGKILL);
    while (waitpid(p->lister.pid, &status, 0) < 0 && errno == EINTR)
        ;
    parent_listed(p, status);
}
