#include "role/control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
peer_is_us(int fd)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
           (cred.uid == 0 || cred.uid == geteuid());
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
    if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return false;
    memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
    if (n == (ssize_t)sizeof *ret && ret->version == CONTROL_VERSION && ret->what == 1 &&
        memchr(ret->sensor, '\0', sizeof ret->sensor) != NULL &&
        text_is_sensor(slice_of(ret->sensor)))
        return true;
    (void)close(*ret_fd);
    return false;
}

int
control_accept(int fd, struct control_request *ret, int *ret_peer, int *ret_fd)
{
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    if (peer < 0)
        return 0;
    if (!peer_is_us(peer) || !receive(peer, ret, ret_fd)) {
        (void)close(peer);
        return 0;
    }
    *ret_peer = peer;
    return 1;
}

void
control_reply(int peer, const struct control_answer *a)
{
    /* A client that is gone does not matter: what was taken is durable. */
    struct iovec iov = {(void *)(uintptr_t)a, sizeof *a};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n = sendmsg(peer, &msg, MSG_NOSIGNAL);

    (void)n;
    (void)close(peer);
}

static int
send_request(int fd, int input, const char *sensor)
{
    struct control_request req = {.version = CONTROL_VERSION, .what = 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {&req, sizeof req};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    (void)snprintf(req.sensor, sizeof req.sensor, "%s", sensor);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof input);
    memcpy(CMSG_DATA(c), &input, sizeof input);
    return sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof req ? 0 : ERR_IO;
}

static int
read_answer(int fd, struct control_answer *ret)
{
    size_t done = 0;

    while (done < sizeof *ret) {
        ssize_t n = read(fd, (char *)ret + done, sizeof *ret - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        done += (size_t)n;
    }
    return ret->version == CONTROL_VERSION ? 0 : ERR_IO;
}

int
control_ingest(const char *dir, int fd, const char *sensor, struct ingest_result *ret,
               struct errinfo *ei)
{
    struct sockaddr_un sa;
    struct control_answer answer = {0};
    int to;
    int r = address_of(dir, &sa, ei);

    if (r < 0)
        return r;
    to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (to < 0)
        return err_set(ei, ERR_IO, "%s", strerror(errno));
    if (connect(to, (struct sockaddr *)&sa, sizeof sa) < 0)
        r = err_set(ei, ERR_BUSY, "another command writes to this node: wait for its end");
    if (r == 0)
        r = send_request(to, fd, sensor);
    if (r == 0)
        r = read_answer(to, &answer);
    if (r == ERR_IO)
        (void)err_set(ei, ERR_IO, "the node went away; what it acknowledged is kept");
    (void)close(to);
    if (r < 0)
        return r;
    *ret = answer.result;
    *ei = answer.ei;
    return answer.status;
}
