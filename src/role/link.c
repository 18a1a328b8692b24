#include "role/link.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_room {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int) * LINK_FDS)];
};

int
link_pair(int ret[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0 ? ERR_IO : 0;
}

int
link_send(int fd, const struct link_msg *m, const int *fds, unsigned count, bool wait)
{
    union fd_room control = {0};
    struct iovec iov = {(void *)(uintptr_t)m, sizeof *m};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    BUG_ON(count > LINK_FDS);
    if (count > 0) {
        struct cmsghdr *c;

        msg.msg_control = &control;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
    }
    do {
        n = sendmsg(fd, &msg, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
    } while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof *m)
        return 0;
    return errno == EAGAIN || errno == ENOBUFS ? ERR_BUSY : ERR_NOTFOUND;
}

void
link_drop(int fds[LINK_FDS])
{
    for (int i = 0; i < LINK_FDS; i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]);
        fds[i] = -1;
    }
}

int
link_recv(int fd, struct link_msg *ret, int fds[LINK_FDS], bool wait)
{
    union fd_room control;
    struct iovec iov = {ret, sizeof *ret};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *c;
    ssize_t n;

    for (int i = 0; i < LINK_FDS; i++)
        fds[i] = -1;
    do {
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? 0 : ERR_NOTFOUND;
    c = CMSG_FIRSTHDR(&msg);
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
    if (n == (ssize_t)sizeof *ret && (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
        return 1;
    link_drop(fds);
    return n == 0 ? ERR_NOTFOUND : ERR_INVALID;
}

int
link_say(int fd, enum link_op op)
{
    struct link_msg m = {.op = op};

    return link_send(fd, &m, NULL, 0, true);
}
