/* How many vulnerabilities that are known to be exploited one's own machines still have: what
 * an obligation `hygiene` with kev_patch is measured by.  Only numbers, and only for oneself.
 */
#ifndef DETENTE_ROLE_HYGIENE_H
#define DETENTE_ROLE_HYGIENE_H

#include "vulndb/scan.h"

struct hygiene {
    struct utime *added; /* of each machine and vulnerability: when KEV took it up; owned */
    uint32_t count;
    uint32_t machines;      /* that have one */
    uint32_t known;         /* machines in all */
    struct utime catalogue; /* KEV's date; 0: none was taken in, and nothing is known */
};

/* From a scan of all machines.  ERR_NOMEM, ERR_IO, ERR_BUSY.  Release in any case. */
MUST_USE int hygiene_count(struct vulndb *db, const struct scan *s, struct hygiene *ret);
/* The same from DIR; ERR_NOTFOUND: nothing was taken in there. */
MUST_USE int hygiene_read(const char *dir, struct hygiene *ret, struct errinfo *ei);
void hygiene_release(struct hygiene *h);
/* Those that KEV has had for longer than the span. */
uint32_t hygiene_late(const struct hygiene *h, struct span patch, struct utime now);

#endif
