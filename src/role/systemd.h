/* Telling a service manager how the node is: the datagrams of sd_notify(3), whose protocol is
 * documented there; nothing is said when NOTIFY_SOCKET is not set. */
#ifndef DETENTE_ROLE_SYSTEMD_H
#define DETENTE_ROLE_SYSTEMD_H

#include <stdint.h>

struct manager {
    int fd;           /* -1: nobody listens */
    int64_t every_us; /* how often it wants to hear that all is well; 0 never */
    int64_t said;     /* monotonic */
    char path[108];   /* of its socket, "@" for the abstract ones */
};

/* Reads NOTIFY_SOCKET and WATCHDOG_USEC and takes them out of the environment. */
void manager_open(struct manager *m);
void manager_close(struct manager *m);
/* "READY=1", "STATUS=…", "STOPPING=1"; lost when the manager does not listen. */
void manager_say(const struct manager *m, const char *text);
/* All is well at this monotonic time; said as often as it is wanted. */
void manager_alive(struct manager *m, int64_t now);

#endif
