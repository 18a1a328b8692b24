/* The outside, shut for this process and for all that it starts, and who calls there all the
 * same: for drills (role/drill.h).
 *
 * Two things at once.  A network namespace of its own (unshare(2)), in which there is no
 * network at all, where one may be made without being root.  And a seccomp filter that shows
 * each connect(2), and each sendto(2) with an address, to a process that watches
 * (seccomp_unotify(2)), and waits for its answer: what is of the internet gets ENETUNREACH,
 * this machine's own loopback too, because a forwarder of names or a relay of mails that stands
 * there goes on to the outside; sockets in files stay, but for those that look up names.  Where
 * there is no namespace the filter alone shuts: what it does not show, an address in
 * sendmsg(2), no role of this program uses.
 *
 * Listeners that were bound before stay as they were: people of the house still see the page.
 * Neither can be undone in the process that entered. */
#ifndef DETENTE_ROLE_BLOCKADE_H
#define DETENTE_ROLE_BLOCKADE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

enum blockade_way {
    BLOCKADE_NAMESPACE = 1, /* and the filter */
    BLOCKADE_FILTER
};

/* For good, in a process with one thread.  namespace: make one where it may be made; false: the
 * filter alone.  *ret_watch: what blockade_answer() takes in another process, outside; to be
 * closed here; -1: there is a namespace, and this kernel shows no calls.  ERR_IO: it has no
 * such filter, or another watches already, and no namespace either. */
MUST_USE int blockade_enter(bool namespace, enum blockade_way *ret, int *ret_watch,
                            struct errinfo *ei);

enum { BLOCKADE_CALLS = 64, BLOCKADE_TO = 64, BLOCKADE_ROLE = 16 };

struct blockade_call {
    char role[BLOCKADE_ROLE]; /* "peer"; of the first process "parent" */
    char to[BLOCKADE_TO];     /* `192.0.2.1:443`, `[2001:db8::1]:443` */
    bool lookup;              /* of a name, by its port */
    uint64_t count;
    int error; /* errno that it got */
    struct utime first;
    struct utime last;
};

struct blockade {
    int watch; /* -1: none */
    unsigned calls;
    struct blockade_call call[BLOCKADE_CALLS];
    uint64_t unlisted; /* refused, and no row was left for them */
};
/* Answer one call when one waits; at most timeout_ms is waited.  False: none did. */
bool blockade_answer(struct blockade *b, struct utime now, int timeout_ms);
/* The row of that call, or a new one; NULL when there is no more room.  For tests too. */
struct blockade_call *blockade_note(struct blockade *b, const char *role, const char *to,
                                    struct utime now);

#endif
