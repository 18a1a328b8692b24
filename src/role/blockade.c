#include "role/blockade.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT_NAMES = 53, PORT_NAMES_TLS = 853, ADDRESS = 2 /* where it stands in connect() */ };

/* ---- inside ------------------------------------------------------------------------------ */

static bool
write_once(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* As root a network alone; else with users of its own, of whom this one stays who it is. */
static bool
make_namespace(void)
{
    unsigned uid = geteuid();
    unsigned gid = getegid();
    char map[48];

    if (unshare(CLONE_NEWNET) == 0)
        return true;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return false;
    (void)snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
    if (!write_once("/proc/self/uid_map", map) || !write_once("/proc/self/setgroups", "deny"))
        return false;
    (void)snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
    return write_once("/proc/self/gid_map", map);
}

/* Tried in a process that ends with it: half of one could not be given back. */
static bool
may_make_namespace(void)
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(make_namespace() ? 0 : 1);
    if (pid < 0)
        return false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
show_calls(int *ret_watch)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    int r = ctx == NULL ? -ENOMEM : 0;

    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0);
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(sendto), 1,
                             SCMP_A4(SCMP_CMP_NE, 0, 0));
    if (r == 0)
        r = seccomp_load(ctx);
    if (r == 0) {
        *ret_watch = fcntl(seccomp_notify_fd(ctx), F_DUPFD_CLOEXEC, 0);
        (void)close(seccomp_notify_fd(ctx));
        r = *ret_watch < 0 ? -errno : 0;
    }
    if (ctx != NULL)
        seccomp_release(ctx);
    return r;
}

int
blockade_enter(bool namespace, enum blockade_way *ret, int *ret_watch, struct errinfo *ei)
{
    int r;

    *ret = BLOCKADE_FILTER;
    if (namespace && may_make_namespace()) {
        if (!make_namespace())
            return err_set(ei, ERR_IO, "no network namespace: %s: try --no-namespace",
                           strerror(errno));
        *ret = BLOCKADE_NAMESPACE;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(ei, ERR_IO, "no new privileges: %s", strerror(errno));
    *ret_watch = -1;
    r = show_calls(ret_watch);
    if (r < 0 && *ret == BLOCKADE_NAMESPACE)
        return 0;
    return r < 0 ? err_set(ei, ERR_IO,
                           "the filter that shows calls to the outside cannot be put up: %s",
                           strerror(-r))
                 : 0;
}

/* ---- outside ----------------------------------------------------------------------------- */

struct blockade_call *
blockade_note(struct blockade *b, const char *role, const char *to, struct utime now)
{
    struct blockade_call *c = NULL;

    for (unsigned i = 0; i < b->calls && c == NULL; i++) {
        if (strcmp(b->call[i].role, role) == 0 && strcmp(b->call[i].to, to) == 0)
            c = &b->call[i];
    }
    if (c == NULL && b->calls == BLOCKADE_CALLS) {
        b->unlisted++;
        return NULL;
    }
    if (c == NULL) {
        c = &b->call[b->calls++];
        *c = (struct blockade_call){.first = now};
        (void)snprintf(c->role, sizeof c->role, "%s", role);
        (void)snprintf(c->to, sizeof c->to, "%s", to);
    }
    c->count++;
    c->last = now;
    return c;
}

/* Threads have the name of their process. */
static void
role_of(unsigned pid, char to[BLOCKADE_ROLE])
{
    static const char prefix[] = "detente-";
    char path[48];
    char name[BLOCKADE_ROLE + 1] = "";
    ssize_t n = 0;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%u/comm", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, name, sizeof name - 1);
        (void)close(fd);
    }
    name[n > 0 ? n : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    (void)snprintf(to, BLOCKADE_ROLE, "%s",
                   strncmp(name, prefix, sizeof prefix - 1) == 0 ? name + sizeof prefix - 1
                                                                 : "parent");
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un file;
    struct sockaddr_storage room;
};

/* Whom it is about to call; false when that cannot be read. */
static bool
read_address(const struct seccomp_notif *q, union address *ret)
{
    bool with_data = q->data.nr == SCMP_SYS(sendto);
    uint64_t at = q->data.args[with_data ? 4 : 1];
    size_t len = (size_t)(uint32_t)q->data.args[with_data ? 5 : ADDRESS];
    struct iovec here = {ret, len < sizeof *ret ? len : sizeof *ret};
    struct iovec there = {NULL, here.iov_len};

    memset(ret, 0, sizeof *ret);
    memcpy(&there.iov_base, &at, sizeof there.iov_base);
    return process_vm_readv((pid_t)q->pid, &here, 1, &there, 1, 0) == (ssize_t)here.iov_len;
}

/* Those who look up names for others. */
static bool
is_lookup_file(const union address *a)
{
    char path[sizeof a->file.sun_path + 1];

    memcpy(path, a->file.sun_path, sizeof a->file.sun_path);
    path[sizeof path - 1] = '\0';
    return strstr(path, "/nscd/") != NULL || strstr(path, "/resolve/") != NULL ||
           strstr(path, "/dbus/") != NULL;
}

static void
format(const union address *a, char to[BLOCKADE_TO], unsigned *ret_port)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (a->any.sa_family == AF_INET) {
        *ret_port = ntohs(a->v4.sin_port);
        (void)inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof text);
        (void)snprintf(to, BLOCKADE_TO, "%s:%u", text, *ret_port);
    } else if (a->any.sa_family == AF_INET6) {
        *ret_port = ntohs(a->v6.sin6_port);
        (void)inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof text);
        (void)snprintf(to, BLOCKADE_TO, "[%s]:%u", text, *ret_port);
    } else {
        *ret_port = 0;
        (void)snprintf(to, BLOCKADE_TO, "family %u", a->any.sa_family);
    }
}

/* The errno for it; 0: it may. */
static int
judge(struct blockade *b, const struct seccomp_notif *q, struct utime now)
{
    char role[BLOCKADE_ROLE];
    char to[BLOCKADE_TO];
    struct blockade_call *c;
    union address a;
    unsigned port = 0;

    if (read_address(q, &a) && a.any.sa_family == AF_UNIX)
        return is_lookup_file(&a) ? ECONNREFUSED : 0;
    if (a.any.sa_family == AF_UNSPEC && q->data.nr == SCMP_SYS(connect))
        return ECONNREFUSED; /* which only takes an address off a socket that had none */
    role_of(q->pid, role);
    format(&a, to, &port);
    c = blockade_note(b, role, to, now);
    if (c != NULL) {
        c->lookup = port == PORT_NAMES || port == PORT_NAMES_TLS;
        c->error = ENETUNREACH;
    }
    return ENETUNREACH;
}

bool
blockade_answer(struct blockade *b, struct utime now, int timeout_ms)
{
    struct pollfd p = {b->watch, POLLIN, 0};
    struct seccomp_notif_resp *answer = NULL;
    struct seccomp_notif *asked = NULL;
    bool got = false;
    int refused;

    if (poll(&p, 1, timeout_ms) <= 0 || (p.revents & POLLIN) == 0 ||
        seccomp_notify_alloc(&asked, &answer) < 0)
        return false;
    if (seccomp_notify_receive(b->watch, asked) == 0) { /* else its caller is gone */
        got = true;
        refused = judge(b, asked, now);
        answer->id = asked->id;
        answer->error = -refused;
        answer->val = refused == 0 ? 0 : -1;
        answer->flags = refused == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
        (void)seccomp_notify_respond(b->watch, answer);
    }
    seccomp_notify_free(asked, answer);
    return got;
}
