#include "role/systemd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
manager_open(struct manager *m)
{
    const char *path = getenv("NOTIFY_SOCKET");
    const char *every = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");

    *m = (struct manager){.fd = -1};
    if (path != NULL && (path[0] == '/' || path[0] == '@') && strlen(path) < sizeof m->path) {
        (void)snprintf(m->path, sizeof m->path, "%s", path);
        m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
    if (m->fd >= 0 && every != NULL && (pid == NULL || strtol(pid, NULL, 10) == getpid()))
        m->every_us = strtoll(every, NULL, 10) / 2;
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
}

void
manager_close(struct manager *m)
{
    if (m->fd >= 0)
        (void)close(m->fd);
    m->fd = -1;
}

void
manager_say(const struct manager *m, const char *text)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(m->path);
    ssize_t n;

    if (m->fd < 0)
        return;
    memcpy(to.sun_path, m->path, len);
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0';
    n = sendto(m->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    (void)n;
}

void
manager_alive(struct manager *m, int64_t now)
{
    if (m->every_us <= 0 || now - m->said < m->every_us / 2)
        return;
    m->said = now;
    manager_say(m, "WATCHDOG=1");
}
