/* kills [--power] [--every N] [--from N]: two parties from an attack to a closed incident,
 * killed at the n-th write, sync, truncate, rename or unlink of either node (of SQLite's as
 * well), for each n; started again, they come to the same end: one incident, closed for both,
 * its proofs good, and each holds all of the other's log.  With --power, the machine of one of
 * them, or of both, loses power then: what is not synced is lost, or torn (power.h).  Exit 1
 * when they do not come to that end. */
#include "power.h"
#include "two.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "role/engine_priv.h"
#include "store/proofs.h"
#include "store/wanted.h"
#include "wire/hex.h"

enum { ROUNDS = 400 };

/* ---- counting ---------------------------------------------------------------------------- */

static uint64_t calls;
static uint64_t dies_at; /* 0: never */
static bool power;       /* … and so do their machines */
static const struct two *both;
static struct power_counts *lost; /* shared with the parent */

/* The machine of one, of the other, or of both. */
static void
cut_power(void)
{
    for (unsigned i = 0; i < 2; i++) {
        char below[80];

        if (dies_at % 3 == 1 - i)
            continue;
        (void)snprintf(below, sizeof below, "%s/", both->half[i].dir);
        power_cut(below, dies_at);
    }
    *lost = power_counts;
}

static void
count(void)
{
    if (++calls != dies_at)
        return;
    if (power)
        cut_power();
    (void)raise(SIGKILL);
}

/* A part of what is written when power is lost may be there. */
static ssize_t
count_pwrite(int fd, const void *from, size_t n, off_t at)
{
    ssize_t r;

    if (!power)
        count();
    r = pwrite(fd, from, n, at);
    if (power)
        count();
    return r;
}

static ssize_t
count_write(int fd, const void *from, size_t n)
{
    count();
    return write(fd, from, n);
}

static int
count_truncate(int fd, off_t size)
{
    count();
    return ftruncate(fd, size);
}

static int
count_unlink(const char *path)
{
    count();
    return unlink(path);
}

static struct env kept; /* of either: they are the same functions */

static int
env_pwrite(void *self, int fd, const void *from, size_t n, uint64_t at)
{
    int r;

    if (!power)
        count();
    r = kept.pwrite(self, fd, from, n, at);
    if (power)
        count();
    return r;
}

static int
env_truncate(void *self, int fd, uint64_t size)
{
    count();
    return kept.truncate(self, fd, size);
}

static int
env_sync(void *self, int fd)
{
    count();
    return kept.sync(self, fd);
}

static int
env_rename(void *self, const char *from, const char *to)
{
    count();
    return kept.rename(self, from, to);
}

static int
env_unlink(void *self, const char *path)
{
    count();
    return kept.unlink(self, path);
}

static void
watch_calls(struct two *t)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    (void)vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)count_pwrite);
    (void)vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)count_pwrite);
    (void)vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)count_write);
    (void)vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)count_truncate);
    (void)vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)count_unlink);
    for (unsigned i = 0; i < 2; i++) {
        struct env *env = &t->half[i].n.env;

        if (i == 0)
            kept = *env;
        env->pwrite = env_pwrite;
        env->truncate = env_truncate;
        env->sync = env_sync;
        env->rename = env_rename;
        env->unlink = env_unlink;
    }
}

/* ---- the way to the end ------------------------------------------------------------------ */

/* Whoever is to speak next speaks. */
static void
speak(struct two *t, enum incident_state a, enum incident_state b)
{
    struct half *aland = &t->half[0];
    struct half *bland = &t->half[1];

    if (a != b)
        return; /* it is on its way */
    if (a == INCIDENT_RECEIVED)
        (void)two_say(bland, MESSAGE_INQUIRY, "aland-1",
                      "{\"missing\":[\"flows\"],\"text\":\"\"}", NULL);
    else if (a == INCIDENT_INQUIRY) {
        static struct speech_ask ask = {
            .type = MESSAGE_EVIDENCE, .incident = "aland-1", .fields = "{}", .size = 2};
        static struct speech_answer said;

        (void)!speech_do(&aland->talk, SLICE("local:tester"), SLICE("operator"), &ask, &said);
    } else if (a == INCIDENT_ACKNOWLEDGED)
        (void)two_say(bland, MESSAGE_ACTION, "aland-1",
                      "{\"action\":\"remediated\",\"done_at\":\"2026-09-22T14:00:00.000000Z\","
                      "\"reason\":\"\",\"reference\":\"\"}",
                      NULL);
    else if (a == INCIDENT_ACTED)
        (void)two_say(aland, MESSAGE_WITHDRAW, "aland-1",
                      "{\"cause\":\"other\",\"reason\":\"A test.\"}", NULL);
}

/* Until it is closed for both and all is held; the number of rounds, ROUNDS when it is not. */
static unsigned
go(struct two *t)
{
    unsigned round = 0;

    while (round++ < ROUNDS) {
        enum incident_state a;
        enum incident_state b;

        if (two_incidents(&t->half[0]) == 0)
            two_attack(&t->half[0], "198.51.100.7", 5, 2);
        two_pass(t, 3);
        a = two_state(&t->half[0], "aland-1");
        b = two_state(&t->half[1], "aland-1");
        if (a == INCIDENT_CLOSED && b == INCIDENT_CLOSED)
            break;
        speak(t, a, b);
    }
    two_pass(t, 700); /* what was lost on the way comes again */
    return round;
}

/* ---- the end ----------------------------------------------------------------------------- */

static unsigned bad;

static void
want(bool good, uint64_t n, const char *what)
{
    if (good)
        return;
    printf("killed at call %llu: %s\n", (unsigned long long)n, what);
    bad++;
}

static int
count_good(void *arg, const struct store_message *m)
{
    (void)m;
    ++*(unsigned *)arg;
    return 0;
}

static void
check_end(struct two *t, unsigned rounds, uint64_t n)
{
    unsigned said[2] = {0, 0};

    want(rounds < ROUNDS, n, "it does not come to its end");
    for (unsigned i = 0; i < 2; i++) {
        struct tree_head own;
        struct peer_state s;

        want(t->half[i].ended == 0, n, "a node ended by itself");
        want(two_incidents(&t->half[i]) == 1, n, "not one incident");
        ledger_head(engine_ledger(t->half[!i].n.engine), &own);
        peers_state(t->half[i].peers, 0, &s);
        want(s.fault == PEER_FINE, n, peer_fault_text(s.fault));
        want(s.theirs.size == own.size && hash_eq(&s.theirs.root, &own.root), n,
             "it does not hold the other's log");
        want(s.missing == 0, n, "something is missing");
        (void)!store_each_message(t->half[i].n.store, SLICE("aland-bland"), SLICE("aland-1"),
                                  count_good, &said[i]);
        store_settle(t->half[i].n.store);
    }
    want(said[0] == said[1] && said[0] >= 6, n, "they hold different messages");
}

/* ---- one after the other ----------------------------------------------------------------- */

static void
copy(const struct two *from, struct two *t)
{
    char command[256];

    *t = *from;
    for (unsigned i = 0; i < 2; i++) {
        struct half *h = &t->half[i];

        (void)snprintf(h->dir, sizeof h->dir, "%s.k", from->half[i].dir);
        (void)snprintf(command, sizeof command, "rm -rf %s && cp -r %s %s", h->dir,
                       from->half[i].dir, h->dir);
        if (system(command) != 0)
            exit(2);
        two_adopt(t, i);
    }
}

static void
drop(struct two *t)
{
    for (unsigned i = 0; i < 2; i++) {
        char command[128];

        (void)snprintf(command, sizeof command, "rm -rf %s %s.kept-*", t->half[i].dir,
                       t->half[i].dir);
        if (system(command) != 0)
            exit(2);
    }
}

static void
start(struct two *t)
{
    for (unsigned i = 0; i < 2; i++)
        two_start(t, i);
}

/* What both folders begin with. */
static const char *
watched_prefix(const struct two *t)
{
    static char prefix[64];

    (void)snprintf(prefix, sizeof prefix, "%.*s",
                   (int)(strrchr(t->half[0].dir, '/') + 1 - t->half[0].dir), t->half[0].dir);
    return prefix;
}

/* A child that dies at that call; how many calls there are when it does not. */
static uint64_t
live(struct two *t, uint64_t n)
{
    int pipe_[2];
    uint64_t made = 0;
    pid_t child;

    if (pipe(pipe_) < 0)
        exit(2);
    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        dies_at = n;
        both = t;
        start(t);
        if (power)
            power_watch(watched_prefix(t));
        watch_calls(t);
        (void)go(t);
        if (write(pipe_[1], &calls, sizeof calls) != (ssize_t)sizeof calls)
            _exit(2);
        _exit(0);
    }
    (void)close(pipe_[1]);
    if (child < 0 || read(pipe_[0], &made, sizeof made) < 0)
        exit(2);
    (void)close(pipe_[0]);
    (void)waitpid(child, NULL, 0);
    return made;
}

/* In a child: what does not even start is a fault like another, and its folders are dropped. */
static void
go_on(struct two *t, uint64_t n)
{
    int status = 0;
    pid_t child;

    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        bad = 0;
        start(t);
        t->now += 5000000;
        check_end(t, go(t), n);
        for (unsigned i = 0; i < 2; i++)
            two_kill(t, i);
        (void)fflush(stdout);
        _exit(bad > 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        exit(2);
    bad += status != 0;
}

static void
add_lost(struct power_counts *sum)
{
    sum->writes += lost->writes;
    sum->torn += lost->torn;
    sum->lost += lost->lost;
    sum->names += lost->names;
}

int
main(int argc, char **argv)
{
    uint64_t every = 1;
    uint64_t from = 1;
    uint64_t all = 0;
    unsigned kills = 0;
    struct power_counts sum = {0};
    struct two first;
    struct two t;

    lost = mmap(NULL, sizeof *lost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lost == MAP_FAILED)
        return 2;
    for (int i = 1; i < argc; i++) {
        power |= strcmp(argv[i], "--power") == 0;
        if (strcmp(argv[i], "--lies") == 0)
            power_lies();
        if (strcmp(argv[i], "--every") == 0 && i + 1 < argc)
            every = strtoull(argv[++i], NULL, 10);
        if (strcmp(argv[i], "--from") == 0 && i + 1 < argc)
            from = strtoull(argv[++i], NULL, 10);
    }
    two_begin(&first);
    for (unsigned i = 0; i < 2; i++)
        two_annexes_count(&first.half[i]);
    two_pass(&first, 60);
    for (unsigned i = 0; i < 2; i++)
        two_kill(&first, i);
    for (uint64_t n = from; every > 0 && all == 0; n += every) {
        copy(&first, &t);
        *lost = (struct power_counts){0};
        all = live(&t, n);
        add_lost(&sum);
        go_on(&t, n);
        drop(&t);
        kills += all == 0;
    }
    two_end(&first);
    printf("%u %s at each %llu. of %llu calls, %u faults\n", kills,
           power ? "losses of power" : "kills", (unsigned long long)every,
           (unsigned long long)all, bad);
    if (power)
        printf("%u writes were not synced; %u files torn, %u back to their last sync, %u names "
               "forgotten\n",
               sum.writes, sum.torn, sum.lost, sum.names);
    return bad > 0 || kills == 0 || (power && (sum.torn == 0 || sum.lost == 0));
}
