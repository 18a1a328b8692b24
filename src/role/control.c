#include "role/control.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "role/node.h"
#include "role/objects.h"
#include "role/people.h"
#include "role/treaty_order.h"

static int
address_of(const char *dir, struct sockaddr_un *ret, struct errinfo *ei)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (snprintf(ret->sun_path, sizeof ret->sun_path, "%s/control", dir) >=
        (int)sizeof ret->sun_path)
        return err_set(ei, ERR_CONF, "%s: the directory's name is too long for a socket", dir);
    err_file(ei, ret->sun_path);
    return 0;
}

int
control_listen(const char *dir, int *ret_fd, struct errinfo *ei)
{
    struct sockaddr_un sa;
    mode_t mask;
    int fd;
    int r = address_of(dir, &sa, ei);

    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(ei, ERR_IO, "%s", strerror(errno));
    (void)unlink(sa.sun_path);
    mask = umask(0177);
    r = bind(fd, (struct sockaddr *)&sa, sizeof sa);
    (void)umask(mask);
    if (r < 0 || listen(fd, 8) < 0) {
        r = err_set(ei, ERR_IO, "cannot listen: %s", strerror(errno));
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

static bool
peer_is_us(int fd, uint32_t *ret_uid)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return false;
    *ret_uid = cred.uid;
    return cred.uid == 0 || cred.uid == geteuid();
}

static bool
is_good(const struct control_request *r, bool with_fd)
{
    if (r->version != CONTROL_VERSION)
        return false;
    if (r->what == CONTROL_ORDER)
        return !with_fd && person_ask_ok(&r->order);
    if (r->what == CONTROL_KEEP || r->what == CONTROL_SAY)
        return !with_fd;
    if (r->what == CONTROL_TREATY)
        return with_fd && r->bytes <= TREATY_PACKED;
    if (r->what == CONTROL_OBJECTS)
        return with_fd && r->bytes <= OBJECTS_ALL;
    return (r->what == CONTROL_INGEST || r->what == CONTROL_CARRY) && with_fd &&
           memchr(r->sensor, '\0', sizeof r->sensor) != NULL &&
           text_is_sensor(slice_of(r->sensor));
}

/* A request and its descriptor, which come in one piece. */
static bool
receive(int peer, struct control_request *ret, int *ret_fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {ret, sizeof *ret};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct timeval limit = {.tv_sec = 1};
    struct cmsghdr *c;
    ssize_t n;

    (void)setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    n = recvmsg(peer, &msg, MSG_CMSG_CLOEXEC);
    c = CMSG_FIRSTHDR(&msg);
    *ret_fd = -1;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
    if (n == (ssize_t)sizeof *ret && is_good(ret, *ret_fd >= 0))
        return true;
    if (*ret_fd >= 0)
        (void)close(*ret_fd);
    return false;
}

int
control_accept(int fd, struct control_request *ret, int *ret_peer, int *ret_fd)
{
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    uint32_t uid = 0;

    if (peer < 0)
        return 0;
    if (!peer_is_us(peer, &uid) || !receive(peer, ret, ret_fd)) {
        (void)close(peer);
        return 0;
    }
    ret->uid = uid;
    *ret_peer = peer;
    return 1;
}

/* A client that is gone does not matter: what was taken is durable. */
static void
reply(int peer, const void *record, size_t n)
{
    struct iovec iov = {(void *)(uintptr_t)record, n};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    (void)!sendmsg(peer, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(peer);
}

void
control_reply(int peer, const struct control_answer *a)
{
    reply(peer, a, sizeof *a);
}

void
control_tell(int peer, const struct control_told *t)
{
    reply(peer, t, sizeof *t);
}

/* All of it, which came with the request. */
static int
take_record(int peer, void *ret, size_t size)
{
    struct iovec iov = {ret, size};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    return recvmsg(peer, &msg, MSG_DONTWAIT) == (ssize_t)size ? 0 : ERR_INVALID;
}

int
control_take_keep(int peer, struct keep_ask *ret)
{
    int r = take_record(peer, ret, sizeof *ret);

    return r == 0 && !keep_ask_ok(ret) ? ERR_INVALID : r;
}

int
control_take_say(int peer, struct speech_ask *ret)
{
    int r = take_record(peer, ret, sizeof *ret);

    return r == 0 && !speech_ask_ok(ret) ? ERR_INVALID : r;
}

void
control_tell_keep(int peer, const struct keep_answer *a)
{
    reply(peer, a, sizeof *a);
}

void
control_tell_say(int peer, struct speech_answer *a)
{
    a->version = CONTROL_VERSION;
    reply(peer, a, sizeof *a);
}

void
control_tell_treaty(int peer, const struct treaty_told *t)
{
    reply(peer, t, sizeof *t);
}

void
control_tell_objects(int peer, const struct objects_told *t)
{
    reply(peer, t, sizeof *t);
}

void
control_user(uint32_t uid, char to[PERSON_USER])
{
    const struct passwd *pw = uid == 0 ? NULL : getpwuid(uid);

    if (uid == 0)
        (void)snprintf(to, PERSON_USER, "root");
    else if (pw != NULL && strlen(pw->pw_name) <= PERSON_NAME_MAX &&
             text_is_sensor(slice_of(pw->pw_name))) /* it is committed to */
        (void)snprintf(to, PERSON_USER, "%s", pw->pw_name);
    else
        (void)snprintf(to, PERSON_USER, "uid-%u", uid);
}

/* A request and its descriptor, in one piece. */
static int
send_with(int fd, struct control_request *req, int input)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {req, sizeof *req};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof input);
    memcpy(CMSG_DATA(c), &input, sizeof input);
    return sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *req ? 0 : ERR_IO;
}

/* A record that begins with its version. */
static int
read_answer(int fd, void *ret, size_t size)
{
    size_t done = 0;
    uint32_t version;

    while (done < size) {
        ssize_t n = read(fd, (char *)ret + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        done += (size_t)n;
    }
    memcpy(&version, ret, sizeof version);
    return version == CONTROL_VERSION ? 0 : ERR_IO;
}

/* A connection to the node that runs there. */
static int
reach(const char *dir, struct errinfo *ei)
{
    struct sockaddr_un sa;
    int to;
    int r = address_of(dir, &sa, ei);

    if (r < 0)
        return r;
    to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (to < 0)
        return err_set(ei, ERR_IO, "%s", strerror(errno));
    if (connect(to, (struct sockaddr *)&sa, sizeof sa) == 0)
        return to;
    (void)close(to);
    return err_set(ei, ERR_BUSY, "another command writes to this node: wait for its end");
}

int
control_ingest(const char *dir, int fd, const char *sensor, struct ingest_result *ret,
               struct errinfo *ei)
{
    struct control_request req = {.version = CONTROL_VERSION, .what = CONTROL_INGEST};
    struct control_answer answer = {0};
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    (void)snprintf(req.sensor, sizeof req.sensor, "%s", sensor);
    r = send_with(to, &req, fd);
    if (r == 0)
        r = read_answer(to, &answer, sizeof answer);
    (void)close(to);
    if (r < 0)
        return err_set(ei, ERR_IO, "the node went away; what it acknowledged is kept");
    *ret = answer.result;
    *ei = answer.ei;
    return answer.status;
}

int
control_carry(const char *dir, int link, const char *party, struct errinfo *ei)
{
    struct control_request req = {.version = CONTROL_VERSION, .what = CONTROL_CARRY};
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    (void)snprintf(req.sensor, sizeof req.sensor, "%s", party);
    r = send_with(to, &req, link);
    (void)close(to);
    return r < 0 ? err_set(ei, ERR_IO, "the node went away: try it again") : 0;
}

static int
order_running(const char *dir, const struct person_ask *ask, struct person_answer *ret,
              struct errinfo *ei)
{
    struct control_request req = {
        .version = CONTROL_VERSION, .what = CONTROL_ORDER, .order = *ask};
    struct control_told told = {0};
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    r = send(to, &req, sizeof req, MSG_NOSIGNAL) == (ssize_t)sizeof req
            ? read_answer(to, &told, sizeof told)
            : ERR_IO;
    (void)close(to);
    if (r < 0)
        return err_set(ei, ERR_IO,
                       "the node went away: look whether it was done, then ask again");
    *ret = told.answer;
    *ei = told.ei;
    return told.status;
}

/* A request with a record behind it, and a record for an answer. */
static int
ask_running(const char *dir, uint32_t what, struct slice record, void *ret, size_t size,
            struct errinfo *ei)
{
    struct control_request req = {.version = CONTROL_VERSION, .what = what};
    struct iovec iov[2] = {{&req, sizeof req}, {(void *)(uintptr_t)record.ptr, record.len}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    r = sendmsg(to, &msg, MSG_NOSIGNAL) == (ssize_t)(sizeof req + record.len)
            ? read_answer(to, ret, size)
            : ERR_IO;
    (void)close(to);
    return r < 0 ? err_set(ei, ERR_IO,
                           "the node went away: look whether it was done, then ask again")
                 : 0;
}

int
control_keep(const char *dir, const struct keep_ask *ask, struct keep_answer *ret,
             struct errinfo *ei)
{
    return ask_running(dir, CONTROL_KEEP, (struct slice){(const char *)ask, sizeof *ask}, ret,
                       sizeof *ret, ei);
}

int
control_say(const char *dir, const struct speech_ask *ask, struct speech_answer *ret,
            struct errinfo *ei)
{
    return ask_running(dir, CONTROL_SAY, (struct slice){(const char *)ask, sizeof *ask}, ret,
                       sizeof *ret, ei);
}

enum { TRIES = 10 };

/* 0 when it was answered; ERR_IO when the node went away. */
static int
ask_treaty(const char *dir, int fd, struct control_request *req, struct treaty_told *ret,
           struct errinfo *ei)
{
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    r = send_with(to, req, fd);
    if (r == 0)
        r = read_answer(to, ret, sizeof *ret);
    (void)close(to);
    return r < 0 ? ERR_IO : 0;
}

int
control_treaty(const char *dir, int fd, size_t bytes, bool seen, struct treaty_told *ret,
               struct errinfo *ei)
{
    struct control_request req = {.version = CONTROL_VERSION,
                                  .what = CONTROL_TREATY,
                                  .bytes = (uint32_t)bytes,
                                  .seen = seen};
    const struct timespec pause = {.tv_nsec = 500000000};
    int r;

    /* Its engine may just begin anew, for what was adopted before: adopting twice is adopting
     * once, so it is asked again. */
    for (unsigned i = 0; (r = ask_treaty(dir, fd, &req, ret, ei)) == ERR_IO && i < TRIES; i++)
        (void)nanosleep(&pause, NULL);
    return r == ERR_IO
               ? err_set(ei, r, "the node went away: look whether it was done, then ask again")
               : r;
}

int
control_objects(const char *dir, int fd, size_t bytes, struct objects_told *ret,
                struct errinfo *ei)
{
    struct control_request req = {
        .version = CONTROL_VERSION, .what = CONTROL_OBJECTS, .bytes = (uint32_t)bytes};
    int to = reach(dir, ei);
    int r;

    if (to < 0)
        return to;
    r = send_with(to, &req, fd);
    if (r == 0)
        r = read_answer(to, ret, sizeof *ret);
    (void)close(to);
    return r < 0 ? err_set(ei, ERR_IO,
                           "the node went away: look whether it was done, then ask again")
                 : 0;
}

int
control_order_live(const char *dir, const struct person_ask *ask, struct person_answer *ret,
                   struct errinfo *ei)
{
    int lock = node_lock(dir, ei);

    if (lock == ERR_BUSY)
        return order_running(dir, ask, ret, ei);
    if (lock < 0)
        return lock;
    (void)close(lock);
    return err_set(ei, ERR_NOTFOUND, "the node does not run: start it with `detente serve`");
}

int
control_order(const char *dir, const struct person_ask *ask, struct person_answer *ret,
              struct errinfo *ei)
{
    char user[PERSON_USER];
    struct people *people;
    struct node n;
    int r = node_open(dir, NODE_WRITE, &n, ei);

    if (r == ERR_BUSY)
        return order_running(dir, ask, ret, ei);
    if (r < 0)
        return r;
    people = calloc(1, sizeof *people);
    if (people == NULL) {
        r = err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    } else {
        control_user(geteuid(), user);
        people_open(people, n.engine, n.store, &n.env, NULL);
        r = people_order(people, user, ask, ret, ei);
    }
    free(people);
    node_close(&n);
    return r;
}
