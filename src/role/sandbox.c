#include "role/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define CALL(name) SCMP_SYS(name)

/* Memory (mmap is added with its argument: never to be executed), the end, a stop and go on,
 * and the clock, which is a call where the kernel has no other way. */
#define COMMON \
    CALL(brk), CALL(munmap), CALL(exit_group), CALL(restart_syscall), CALL(clock_gettime)
/* SQLite sleeps while another process has the lock that it wants. */
#define DATABASE CALL(clock_nanosleep), CALL(nanosleep)

/* A sensor reads its source, talks over its two links, and waits. */
static const int sensor_calls[] = {COMMON,        CALL(pread64), CALL(newfstatat),
                                   CALL(recvmsg), CALL(sendmsg), CALL(poll),
                                   CALL(close),   CALL(mremap)};

/* The engine keeps files; it has no socket but its links. */
static const int engine_calls[] = {
    COMMON,        DATABASE,        CALL(pread64),  CALL(pwrite64),   CALL(read),
    CALL(write),   CALL(openat),    CALL(close),    CALL(newfstatat), CALL(lseek),
    CALL(fcntl),   CALL(fdatasync), CALL(fsync),    CALL(ftruncate),  CALL(fallocate),
    CALL(fstatfs), CALL(renameat),  CALL(unlinkat), CALL(unlink),     CALL(access),
    CALL(recvmsg), CALL(sendmsg),   CALL(poll),     CALL(getrandom),  CALL(getpid),
    CALL(geteuid), CALL(mremap),    CALL(madvise),  CALL(futex) /* of the threads that seal */};

/* They work on memory that the engine gave them. */
static const int sealer_calls[] = {COMMON, CALL(futex), CALL(mremap), CALL(madvise)};

/* The gate serves clients that were accepted by it, and reads the node. */
static const int gate_calls[] = {
    COMMON,           DATABASE,           CALL(accept4),   CALL(recvfrom),   CALL(sendto),
    CALL(sendmsg),    CALL(recvmsg),      CALL(writev),    CALL(setsockopt), CALL(getsockopt),
    CALL(shutdown),   CALL(epoll_wait),   CALL(epoll_ctl), CALL(poll),       CALL(pread64),
    CALL(pwrite64),   CALL(read),         CALL(write),     CALL(openat),     CALL(close),
    CALL(newfstatat), CALL(lseek),        CALL(fcntl),     CALL(ftruncate),  CALL(unlink),
    CALL(access),     CALL(getpid),       CALL(geteuid),   CALL(mremap),     CALL(madvise),
    CALL(getrandom),  CALL(memfd_create), /* what is larger than a message */
    CALL(getcwd),     CALL(readlink),     /* of alerts that are there later than we are */
    CALL(futex) /* of TLS, which does things once */};

/* The courier speaks to receivers over the network, and keeps its own folder.  Names are looked
 * up in threads by the C library; threads are all that clone() gives it (allow_network()). */
static const int courier_calls[] = {COMMON,
                                    DATABASE,
                                    CALL(connect),
                                    CALL(recvfrom),
                                    CALL(recvmsg),
                                    CALL(sendto),
                                    CALL(sendmsg),
                                    CALL(sendmmsg),
                                    CALL(getsockopt),
                                    CALL(setsockopt),
                                    CALL(getsockname),
                                    CALL(getpeername),
                                    CALL(shutdown),
                                    CALL(ioctl),
                                    CALL(poll),
                                    CALL(socketpair),
                                    CALL(pipe2),
                                    CALL(eventfd2),
                                    CALL(read),
                                    CALL(write),
                                    CALL(pread64),
                                    CALL(pwrite64),
                                    CALL(openat),
                                    CALL(close),
                                    CALL(newfstatat),
                                    CALL(lseek),
                                    CALL(fcntl),
                                    CALL(ftruncate),
                                    CALL(fdatasync),
                                    CALL(fsync),
                                    CALL(unlink),
                                    CALL(access),
                                    CALL(getpid),
                                    CALL(gettid),
                                    CALL(geteuid),
                                    CALL(getuid),
                                    CALL(getgid),
                                    CALL(getegid),
                                    CALL(getrandom),
                                    CALL(futex),
                                    CALL(mremap),
                                    CALL(madvise),
                                    CALL(exit),
                                    CALL(set_robust_list),
                                    CALL(rseq),
                                    CALL(uname),
                                    CALL(sysinfo),
                                    CALL(rt_sigprocmask),
                                    CALL(rt_sigaction),
                                    CALL(readlink),
                                    CALL(fchmod),
                                    CALL(fchown),
                                    CALL(fallocate)};

/* The peer speaks to counterparts over the network and keeps nothing: no file is written, and
 * the only memory with a name is that in which answers go to the engine. */
static const int peer_calls[] = {COMMON,
                                 CALL(connect),
                                 CALL(recvfrom),
                                 CALL(recvmsg),
                                 CALL(sendto),
                                 CALL(sendmsg),
                                 CALL(sendmmsg),
                                 CALL(getsockopt),
                                 CALL(setsockopt),
                                 CALL(getsockname),
                                 CALL(getpeername),
                                 CALL(shutdown),
                                 CALL(ioctl),
                                 CALL(poll),
                                 CALL(socketpair),
                                 CALL(pipe2),
                                 CALL(eventfd2),
                                 CALL(read),
                                 CALL(write),
                                 CALL(pread64),
                                 CALL(openat),
                                 CALL(close),
                                 CALL(newfstatat),
                                 CALL(lseek),
                                 CALL(fcntl),
                                 CALL(access),
                                 CALL(getpid),
                                 CALL(gettid),
                                 CALL(geteuid),
                                 CALL(getuid),
                                 CALL(getgid),
                                 CALL(getegid),
                                 CALL(getrandom),
                                 CALL(futex),
                                 CALL(mremap),
                                 CALL(madvise),
                                 CALL(exit),
                                 CALL(uname),
                                 CALL(set_robust_list),
                                 CALL(rseq),
                                 CALL(sysinfo),
                                 CALL(readlink),
                                 CALL(rt_sigprocmask),
                                 CALL(rt_sigaction),
                                 CALL(memfd_create)};

/* A puller has the courier's network, and keeps the state of sources: files that are written
 * aside and renamed, under locks. What it got goes to the engine through memory with a name. */
static const int puller_calls[] = {COMMON,
                                   DATABASE,
                                   CALL(connect),
                                   CALL(recvfrom),
                                   CALL(recvmsg),
                                   CALL(sendto),
                                   CALL(sendmsg),
                                   CALL(sendmmsg),
                                   CALL(getsockopt),
                                   CALL(setsockopt),
                                   CALL(getsockname),
                                   CALL(getpeername),
                                   CALL(shutdown),
                                   CALL(ioctl),
                                   CALL(poll),
                                   CALL(socketpair),
                                   CALL(pipe2),
                                   CALL(eventfd2),
                                   CALL(read),
                                   CALL(write),
                                   CALL(pread64),
                                   CALL(pwrite64),
                                   CALL(openat),
                                   CALL(close),
                                   CALL(newfstatat),
                                   CALL(getdents64),
                                   CALL(lseek),
                                   CALL(fcntl),
                                   CALL(flock),
                                   CALL(ftruncate),
                                   CALL(fsync),
                                   CALL(rename),
                                   CALL(mkdir),
                                   CALL(unlink),
                                   CALL(access),
                                   CALL(getpid),
                                   CALL(gettid),
                                   CALL(geteuid),
                                   CALL(getuid),
                                   CALL(getgid),
                                   CALL(getegid),
                                   CALL(getrandom),
                                   CALL(futex),
                                   CALL(mremap),
                                   CALL(madvise),
                                   CALL(exit),
                                   CALL(uname),
                                   CALL(set_robust_list),
                                   CALL(rseq),
                                   CALL(sysinfo),
                                   CALL(getcwd),
                                   CALL(readlink),
                                   CALL(rt_sigprocmask),
                                   CALL(rt_sigaction),
                                   CALL(memfd_create)};

/* A lister reads the store and bundles, and writes one file aside, under a lock. */
static const int lister_calls[] = {
    COMMON,         DATABASE,      CALL(read),     CALL(write),      CALL(pread64),
    CALL(pwrite64), CALL(openat),  CALL(close),    CALL(newfstatat), CALL(getdents64),
    CALL(lseek),    CALL(fcntl),   CALL(flock),    CALL(ftruncate),  CALL(fsync),
    CALL(rename),   CALL(mkdir),   CALL(unlink),   CALL(access),     CALL(getpid),
    CALL(geteuid),  CALL(getcwd),  CALL(readlink), CALL(getrandom),  CALL(sendmsg),
    CALL(mremap),   CALL(madvise), CALL(futex)};

/* The parent starts the others, and a list of its own would bind them too: it holds what none
 * of them ever needs, and all of them inherit that. */
static const int never_calls[] = {CALL(execve),
                                  CALL(execveat),
                                  CALL(ptrace),
                                  CALL(process_vm_readv),
                                  CALL(process_vm_writev),
                                  CALL(bind),
                                  CALL(listen),
                                  CALL(mount),
                                  CALL(umount2),
                                  CALL(pivot_root),
                                  CALL(chroot),
                                  CALL(setns),
                                  CALL(unshare),
                                  CALL(bpf),
                                  CALL(perf_event_open),
                                  CALL(userfaultfd),
                                  CALL(io_uring_setup),
                                  CALL(init_module),
                                  CALL(finit_module),
                                  CALL(kexec_load),
                                  CALL(keyctl),
                                  CALL(add_key),
                                  CALL(request_key),
                                  CALL(open_by_handle_at),
                                  CALL(reboot),
                                  CALL(swapon),
                                  CALL(settimeofday),
                                  CALL(clock_settime),
                                  CALL(personality)};

static const struct {
    const char *name;
    const int *calls;
    unsigned count;
} roles[ROLES] = {
    [ROLE_SENSOR] = {"sensor", sensor_calls, sizeof sensor_calls / sizeof sensor_calls[0]},
    [ROLE_ENGINE] = {"engine", engine_calls, sizeof engine_calls / sizeof engine_calls[0]},
    [ROLE_GATE] = {"gate", gate_calls, sizeof gate_calls / sizeof gate_calls[0]},
    [ROLE_SEALER] = {"sealer", sealer_calls, sizeof sealer_calls / sizeof sealer_calls[0]},
    [ROLE_COURIER] = {"courier", courier_calls, sizeof courier_calls / sizeof courier_calls[0]},
    [ROLE_PEER] = {"peer", peer_calls, sizeof peer_calls / sizeof peer_calls[0]},
    [ROLE_PULLER] = {"puller", puller_calls, sizeof puller_calls / sizeof puller_calls[0]},
    [ROLE_LISTER] = {"lister", lister_calls, sizeof lister_calls / sizeof lister_calls[0]},
    [ROLE_PARENT] = {"parent", never_calls, sizeof never_calls / sizeof never_calls[0]},
};

const char *
role_name(enum role r)
{
    return roles[r].name;
}

unsigned
sandbox_calls(enum role r)
{
    return roles[r].count;
}

bool
sandbox_counts(void)
{
    return !SANITIZED;
}

static int
by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

void
sandbox_keep(const int *keep, unsigned count)
{
    int list[64];
    unsigned kept = 0;
    unsigned from = STDERR_FILENO + 1;

    BUG_ON(count > sizeof list / sizeof list[0]);
    for (unsigned i = 0; i < count; i++) {
        if (keep[i] > STDERR_FILENO)
            list[kept++] = keep[i];
    }
    qsort(list, kept, sizeof list[0], by_number);
    for (unsigned i = 0; i < kept; i++) {
        if ((unsigned)list[i] > from)
            (void)close_range(from, (unsigned)list[i] - 1, 0);
        from = (unsigned)list[i] + 1;
    }
    (void)close_range(from, ~0U, 0);
}

/* ---- the list of calls ---------------------------------------------------------------- */

/* Memory, but none that can be run. */
static int
allow_memory(scmp_filter_ctx ctx)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* Sockets of the internet and of this machine; threads, no processes; and what a name service
 * of the system would load as code is refused, so that it is passed over. */
static int
allow_network(scmp_filter_ctx ctx)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof families / sizeof families[0]; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(socket), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
    for (int family = 0; r == 0 && family < AF_MAX; family++) {
        if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
            r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
    }
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), CALL(mmap), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, CALL(mprotect), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return r;
}

/* SQLite gives what it opens the owner and mode of the database beside it, and goes on where it
 * may not. */
static int
refuse_owners(scmp_filter_ctx ctx)
{
    int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), CALL(fchown), 0);

    return r < 0 ? r : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), CALL(fchmod), 0);
}

/* A tracer that makes a call fail puts -1 in its place, which no kernel has: it may, so that
 * the tests' failing calls reach us and not the end. */
static int
allow_skipped(scmp_filter_ctx ctx)
{
    int r = seccomp_attr_set(ctx, SCMP_FLTATR_API_TSKIP, 1);

    return r < 0 ? r : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, -1, 0);
}

static int
filter_calls(enum role role)
{
    bool never = role == ROLE_PARENT;
    scmp_filter_ctx ctx = seccomp_init(never ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
    int r = ctx == NULL ? -ENOMEM : 0;

    for (unsigned i = 0; r == 0 && i < roles[role].count; i++)
        r = seccomp_rule_add(ctx, never ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW,
                             roles[role].calls[i], 0);
    if (r == 0 && !never)
        r = allow_memory(ctx);
    if (r == 0 && !never)
        r = allow_skipped(ctx);
    if (r == 0 && (role == ROLE_COURIER || role == ROLE_PEER || role == ROLE_PULLER))
        r = allow_network(ctx);
    if (r == 0 && (role == ROLE_GATE || role == ROLE_PULLER || role == ROLE_LISTER))
        r = refuse_owners(ctx);
    if (r == 0)
        r = seccomp_load(ctx);
    if (ctx != NULL)
        seccomp_release(ctx);
    return r;
}

/* ---- the folders ----------------------------------------------------------------------- */

enum {
    MAY_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    MAY_OPEN = LANDLOCK_ACCESS_FS_READ_FILE, /* of what is no folder */
    MAY_LIST = LANDLOCK_ACCESS_FS_READ_DIR,
    MAY_WRITE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
    MAY_KEEP =
        MAY_READ | MAY_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE,
    MAY_ALL = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 /* all that the first version knows */
};

struct grant {
    const char *name; /* in the node's directory, or from the root */
    enum role role;
    unsigned access;
};

static const struct grant grants[] = {
    {".", ROLE_ENGINE, MAY_KEEP},
    {"evidence", ROLE_GATE, MAY_READ},
    {"tables", ROLE_GATE, MAY_READ},
    {"lists", ROLE_GATE, MAY_READ},
    {"cutoff", ROLE_GATE, MAY_READ},
    {"detente.db", ROLE_GATE, MAY_WRITE},
    {"detente.db-wal", ROLE_GATE, MAY_WRITE},
    {"detente.db-shm", ROLE_GATE, MAY_WRITE},
    {"alerts", ROLE_GATE, MAY_WRITE | LANDLOCK_ACCESS_FS_READ_DIR},
    {"vuln", ROLE_GATE, MAY_WRITE | LANDLOCK_ACCESS_FS_READ_DIR},
    {"alerts", ROLE_COURIER, MAY_KEEP},
    /* names, and who is trusted with TLS */
    {"/etc", ROLE_COURIER, MAY_READ},
    {"/run/systemd/resolve", ROLE_COURIER, MAY_READ},
    {"/run/resolvconf", ROLE_COURIER, MAY_READ},
    {"/run/NetworkManager", ROLE_COURIER, MAY_READ},
    {"/usr/share/ca-certificates", ROLE_COURIER, MAY_READ},
    {"/usr/local/share/ca-certificates", ROLE_COURIER, MAY_READ},
    {"/etc", ROLE_PEER, MAY_READ}, /* names */
    {"/run/systemd/resolve", ROLE_PEER, MAY_READ},
    {"/run/resolvconf", ROLE_PEER, MAY_READ},
    {"/run/NetworkManager", ROLE_PEER, MAY_READ},
    {".", ROLE_PULLER, MAY_LIST},
    {"exchange", ROLE_PULLER, MAY_KEEP},
    {"detente.yaml", ROLE_PULLER, MAY_OPEN},
    {"tables", ROLE_PULLER, MAY_READ},
    {"indicators", ROLE_PULLER, MAY_READ},
    {"keys/tls.pem", ROLE_PULLER, MAY_OPEN}, /* it is shown to counterparts */
    {"detente.db", ROLE_PULLER, MAY_WRITE},
    {"detente.db-wal", ROLE_PULLER, MAY_WRITE},
    {"detente.db-shm", ROLE_PULLER, MAY_WRITE},
    {"lock", ROLE_PULLER, MAY_WRITE},
    {"/etc", ROLE_PULLER, MAY_READ},
    {"/run/systemd/resolve", ROLE_PULLER, MAY_READ},
    {"/run/resolvconf", ROLE_PULLER, MAY_READ},
    {"/run/NetworkManager", ROLE_PULLER, MAY_READ},
    {"/usr/share/ca-certificates", ROLE_PULLER, MAY_READ},
    {"/usr/local/share/ca-certificates", ROLE_PULLER, MAY_READ},
    {".", ROLE_LISTER, MAY_LIST},
    {"indicators", ROLE_LISTER, MAY_KEEP},
    {"detente.yaml", ROLE_LISTER, MAY_OPEN},
    {"tables", ROLE_LISTER, MAY_READ},
    {"detente.db", ROLE_LISTER, MAY_WRITE},
    {"detente.db-wal", ROLE_LISTER, MAY_WRITE},
    {"detente.db-shm", ROLE_LISTER, MAY_WRITE},
    {"lock", ROLE_LISTER, MAY_WRITE},
};

static void
grant(int rules, const char *dir, const struct grant *g)
{
    struct landlock_path_beneath_attr attr = {.allowed_access = g->access};
    char path[4096];

    (void)snprintf(path, sizeof path, g->name[0] == '/' ? "%.0s%s" : "%s/%s", dir, g->name);
    attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (attr.parent_fd < 0)
        return; /* what is not there is not granted */
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
    (void)close(attr.parent_fd);
}

/* True when the kernel does it. */
static bool
restrict_folders(enum role role, const char *dir)
{
    struct landlock_ruleset_attr attr = {.handled_access_fs = MAY_ALL};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    long r;

    if (rules < 0)
        return false;
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
        if (grants[i].role == role)
            grant(rules, dir, &grants[i]);
    }
    r = syscall(SYS_landlock_restrict_self, rules, 0);
    (void)close(rules);
    return r == 0;
}

/* The C library's qsort() asks once how much memory the machine has, when the first array of
 * over 1 KiB is sorted: here, so that no list need name that call. */
static void
sort_once(void)
{
    enum { MANY = 1024 };
    int *array = calloc(MANY, sizeof *array);

    if (array != NULL)
        qsort(array, MANY, sizeof *array, by_number);
    free(array);
}

int
sandbox_enter(enum role role, const char *dir, bool *ret_landlock, struct errinfo *ei)
{
    bool folders = false;
    int r = 0;

    sort_once();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(ei, ERR_IO, "no new privileges: %s", strerror(errno));
    if (role != ROLE_PARENT)
        folders = restrict_folders(role, dir);
    if (ret_landlock != NULL)
        *ret_landlock = folders;
    if (sandbox_counts())
        r = filter_calls(role);
    return r < 0 ? err_set(ei, ERR_IO, "the %s's list of system calls: %s", role_name(role),
                           strerror(-r))
                 : 0;
}
