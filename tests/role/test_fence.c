/* The fence of each role: a call that is not on its list kills, the gate cannot read keys, a
 * sensor no file at all; and what crosses the boundary in shared memory is checked. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/sandbox.h"
#include "role/slots.h"

static char dir[64];

static void
make_dir(void)
{
    static const char *const names[] = {"keys", "evidence", "tables"};
    char path[128];

    (void)snprintf(dir, sizeof dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < 3; i++) {
        FILE *f;

        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(path, sizeof path, "%s/%s/one", dir, names[i]);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fclose(f), 0);
    }
}

static void
remove_dir(void)
{
    char command[160];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static int
try_open(const char *name, int flags)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return open(path, flags) < 0 ? errno : 0;
}

/* What a process in the fence does; its result becomes the exit status. */
typedef int act(void);

static int
act_nothing(void)
{
    char *p = malloc(1 << 16);

    /* Memory that grows and shrinks, by whatever calls the library makes for that. */
    for (size_t n = 1 << 17; p != NULL && n <= 1 << 25; n *= 2)
        p = realloc(p, n);
    p = p == NULL ? NULL : realloc(p, 1000);
    if (p == NULL)
        return 1;
    free(p);
    return 0;
}

static int
act_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int
act_connect(void)
{
    struct sockaddr to = {.sa_family = AF_INET};

    return connect(0, &to, sizeof to);
}

static int
act_bind(void)
{
    struct sockaddr to = {.sa_family = AF_INET};

    return bind(0, &to, sizeof to);
}

static int
act_listen(void)
{
    return listen(0, 1);
}

static int
act_netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) < 0 ? errno : 0;
}

static void *
nothing(void *arg)
{
    return arg;
}

/* As libcurl looks up names. */
static int
act_thread(void)
{
    pthread_t t;

    return pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0;
}

static int
act_exec(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static int
act_fork(void)
{
    return fork() < 0;
}

static int
act_ptrace(void)
{
    return ptrace(PTRACE_TRACEME, 0, 0, 0) < 0;
}

static int
act_run_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED;
}

static int
act_write(void)
{
    return write(STDERR_FILENO, "", 0) < 0;
}

static int
backwards(const void *a, const void *b)
{
    return *(const int *)b - *(const int *)a;
}

/* Over a kilobyte: the first such sort asks the system how much memory there is. */
static int
act_sort(void)
{
    int many[1000];

    for (int i = 0; i < 1000; i++)
        many[i] = i;
    qsort(many, 1000, sizeof many[0], backwards);
    return many[0] != 999;
}

static int
act_hash_password(void)
{
    char hashed[crypto_pwhash_STRBYTES];

    return crypto_pwhash_str(hashed, "correct horse", 13, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) < 0 ||
           crypto_pwhash_str_verify(hashed, "correct horse", 13) < 0;
}

static int
act_read_key(void)
{
    return try_open("keys/one", O_RDONLY);
}

static int
act_read_evidence(void)
{
    return try_open("evidence/one", O_RDONLY);
}

static int
act_write_evidence(void)
{
    return try_open("evidence/one", O_WRONLY);
}

static int
act_read_outside(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

/* The wait status of a process that enters the fence of a role and acts. */
static int
fenced(enum role role, act *what)
{
    struct rlimit none = {0, 0};
    int status = -1;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct errinfo ei;

        (void)setrlimit(RLIMIT_CORE, &none);
        _exit(sandbox_enter(role, dir, NULL, &ei) < 0 ? 99 : what());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
dies(enum role role, act *what)
{
    int status = fenced(role, what);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void
gives(enum role role, act *what, int want)
{
    int status = fenced(role, what);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), want);
}

static void
forbidden_calls_kill(void **state)
{
    (void)state;
    if (!sandbox_counts())
        skip();
    make_dir();
    for (int r = 0; r < ROLES; r++) {
        gives((enum role)r, act_nothing, 0);
        gives((enum role)r, act_sort, 0);
        dies((enum role)r, act_exec);
        dies((enum role)r, act_bind);
        dies((enum role)r, act_ptrace);
    }
    for (int r = 0; r < ROLE_COURIER; r++) {
        dies((enum role)r, act_socket);
        dies((enum role)r, act_connect);
        dies((enum role)r, act_fork);
        dies((enum role)r, act_run_memory);
    }
    for (int r = ROLE_COURIER; r <= ROLE_PULLER; r++) {
        gives((enum role)r, act_socket, 0);
        gives((enum role)r, act_netlink, EAFNOSUPPORT);
        gives((enum role)r, act_thread, 0);
        gives((enum role)r, act_run_memory, 1); /* refused: what a name service would load */
        dies((enum role)r, act_fork);
        dies((enum role)r, act_listen);
    }
    dies(ROLE_LISTER, act_socket);
    dies(ROLE_LISTER, act_connect);
    dies(ROLE_LISTER, act_fork);
    dies(ROLE_LISTER, act_run_memory);
    gives(ROLE_ENGINE, act_hash_password, 0);
    dies(ROLE_SENSOR, act_write);
    dies(ROLE_SENSOR, act_read_key);
    dies(ROLE_SENSOR, act_read_outside);
    dies(ROLE_SEALER, act_write);
    dies(ROLE_SEALER, act_read_key);
    remove_dir();
}

static void
only_its_own_files(void **state)
{
    bool landlock = false;
    struct errinfo ei;
    int status;
    pid_t pid;

    (void)state;
    make_dir();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(sandbox_enter(ROLE_GATE, dir, &landlock, &ei) < 0 ? 99 : landlock);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    if (WEXITSTATUS(status) == 1) {
        gives(ROLE_GATE, act_read_key, EACCES);
        gives(ROLE_GATE, act_read_outside, EACCES);
        gives(ROLE_GATE, act_write_evidence, EACCES);
        gives(ROLE_ENGINE, act_read_outside, EACCES);
        gives(ROLE_COURIER, act_read_key, EACCES);
        gives(ROLE_COURIER, act_read_evidence, EACCES);
        gives(ROLE_PEER, act_read_key, EACCES);
        gives(ROLE_PEER, act_read_evidence, EACCES);
        gives(ROLE_PULLER, act_read_key, EACCES);
        gives(ROLE_PULLER, act_read_evidence, EACCES);
        gives(ROLE_LISTER, act_read_key, EACCES);
        gives(ROLE_LISTER, act_read_evidence, EACCES);
        gives(ROLE_LISTER, act_write_evidence, EACCES);
    }
    gives(ROLE_GATE, act_read_evidence, 0);
    gives(ROLE_ENGINE, act_read_key, 0);
    gives(ROLE_ENGINE, act_write_evidence, 0);
    remove_dir();
    if (WEXITSTATUS(status) == 0)
        skip(); /* a kernel without Landlock */
}

/* The design's figures, and what was added with a reason (docs/decisions/0008). */
static void
short_lists(void **state)
{
    (void)state;
    assert_true(sandbox_calls(ROLE_SENSOR) + 1 <= 14);
    assert_true(sandbox_calls(ROLE_ENGINE) + 1 <= 35);
    assert_true(sandbox_calls(ROLE_SEALER) + 1 <= 9);
    assert_true(sandbox_calls(ROLE_GATE) + 1 <= 42);
    assert_true(sandbox_calls(ROLE_COURIER) + 1 <= 60);
    assert_true(sandbox_calls(ROLE_PEER) + 1 <= 51);
    assert_true(sandbox_calls(ROLE_PULLER) + 1 <= 61);
    assert_true(sandbox_calls(ROLE_LISTER) + 1 <= 34);
}

static void
keeps_what_it_is_told(void **state)
{
    int keep = dup(STDERR_FILENO);
    int drop = dup(STDERR_FILENO);
    int status;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        sandbox_keep(&keep, 1);
        _exit(fcntl(keep, F_GETFD) < 0 || fcntl(drop, F_GETFD) >= 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    (void)close(keep);
    (void)close(drop);
}

/* ---- slots ----------------------------------------------------------------------------- */

struct heard {
    unsigned rules;
    char name[16];
    cve_id cve;
};

static int
hear(void *arg, const struct rule *rule)
{
    struct heard *h = arg;

    h->rules++;
    h->cve = rule->cves == NULL ? 0 : rule->cves->at[0].id;
    (void)snprintf(h->name, sizeof h->name, "%.*s", (int)rule->name.len, rule->name.ptr);
    return 0;
}

static void
fill(struct slot *s)
{
    memset(s, 0, sizeof *s);
    s->rules = 1;
    s->rule[0] = (struct slot_rule){1, 2, 3, 4, CVE_PACKED};
    memcpy(s->names, "rule\xe5\x07\x2a\0\0\0\1", 4 + CVE_PACKED); /* CVE-2021-0042 */
    memcpy(s->raw, "{}\n{}", 5);
    s->frame.raw.len = 5;
    s->frame.count = 2;
    for (uint32_t i = 0; i < 2; i++)
        s->frame.event[i] = (struct event){.time = {1000000},
                                           .count = 1,
                                           .rule = 1,
                                           .raw_at = i * 3,
                                           .raw_len = 2,
                                           .raw_count = 1,
                                           .raw_kind = RAW_LINE};
    s->stats = (struct decode_stats){.lines = 2, .bytes = 5, .events = 2, .attacks = 2};
}

/* One value at a time is wrong, and nothing of the frame is taken. */
static void
frames_are_checked(void **state)
{
    static struct slot s;
    static struct taken t;
    struct heard h = {0};
    struct event *ev = &s.frame.event[1];

    (void)state;
    fill(&s);
    assert_int_equal(slots_take(&s, 1, hear, &h, &t), 0);
    assert_int_equal(h.rules, 1);
    assert_string_equal(h.name, "rule");
    assert_true(h.cve == cve_parse(SLICE("CVE-2021-0042")));
    assert_int_equal(t.frame.count, 2);
    assert_memory_equal(t.frame.raw.ptr, "{}\n{}", 5);
    assert_int_equal(t.stats.lines, 2);

#define WRONG(change)                                                   \
    do {                                                                \
        fill(&s);                                                       \
        change;                                                         \
        assert_int_equal(slots_take(&s, 1, hear, &h, &t), ERR_INVALID); \
    } while (0)
    WRONG(s.frame.count = FRAME_EVENTS + 1);
    WRONG(s.frame.raw.len = SLOT_RAW + 1);
    WRONG(s.rules = SLOT_RULES + 1);
    WRONG(s.rule[0].name = DECODE_UNIT_MAX + 1);
    WRONG(s.names[1] = (char)0xff);
    WRONG(s.names[1] = '\0');
    WRONG(s.rule[0].cves = CVE_PACKED - 1);
    WRONG(s.rule[0].cves = UINT32_MAX);
    WRONG(s.names[5] = 0);  /* a year before the first */
    WRONG(s.names[10] = 0); /* nobody says so */
    WRONG(s.stats.lines = 3);
    WRONG(s.stats.attacks = 3);
    WRONG(s.stats.rejected[0] = UINT64_MAX);
    WRONG(s.lag_us = -1);
    WRONG(s.source.prefix_len = SOURCE_PREFIX + 1);
    WRONG(s.source.offset = UINT64_MAX);
    WRONG(ev->time.us = -1);
    WRONG(ev->time.us = TIME_MAX.us + 1);
    WRONG(ev->kind = EVENT_KINDS);
    WRONG(ev->class_ = CLASSES);
    WRONG(ev->grade = 5);
    WRONG(ev->raw_kind = RAW_PACKET + 1);
    WRONG(ev->flags = FLAG_DUPLICATE);
    WRONG(ev->flags = 1 << EVENT_FLAGS);
    WRONG(ev->rule = 2);
    WRONG(ev->count = 0);
    WRONG(ev->raw_at = 6);
    WRONG(ev->raw_len = 3);
    WRONG(ev->raw_index = 1);
    WRONG(ev->origin_asn = 1);
    WRONG(ev->target_asn = 1);
    WRONG(ev->origin_country = COUNTRY('D', 'E'));
    WRONG(ev->target_country = COUNTRY('D', 'E'));
    WRONG(ev->pad[0] = 1);
#undef WRONG
}

static void
memory_is_sealed(void **state)
{
    struct slots *s = NULL;
    int other = memfd_create("other", MFD_ALLOW_SEALING);
    int fd = -1;

    (void)state;
    assert_int_equal(slots_new(&fd), 0);
    assert_int_equal(slots_map(fd, &s), 0);
    assert_true(ftruncate(fd, 1) < 0);
    assert_true(ftruncate(fd, 1 << 30) < 0);
    s = slots_unmap(s);
    assert_int_equal(ftruncate(other, sizeof(struct slots)), 0);
    assert_int_equal(slots_map(other, &s), ERR_INVALID); /* not sealed */
    assert_null(s);
    (void)close(other);
    (void)close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbidden_calls_kill), cmocka_unit_test(only_its_own_files),
        cmocka_unit_test(short_lists),          cmocka_unit_test(keeps_what_it_is_told),
        cmocka_unit_test(frames_are_checked),   cmocka_unit_test(memory_is_sealed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
