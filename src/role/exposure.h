/* The page's view of vulnerabilities (docs/api.md, vulnerabilities): what alerts are about,
 * what of it one's own machines have, and until when it is to be mended.
 *
 * Feeds and inventories are in DIR/vuln/vuln.db, which others write; when it changed a scan of
 * all machines is made anew, some 15 µs a package, with the next question.  Alerts are counted
 * as they come, and those of the last EXPLOITED_DAYS newest blocks first, some milliseconds in
 * each turn of whoever answers.  One thread. */
#ifndef DETENTE_ROLE_EXPOSURE_H
#define DETENTE_ROLE_EXPOSURE_H

#include "attrib/attrib.h"
#include "role/dict.h"
#include "role/exploited.h"
#include "role/risk.h"
#include "store/query.h"
#include "vulndb/rule_cves.h"
#include "vulndb/sighting.h"
#include "vulndb/vex.h"

enum { EXPOSURE_LIST = 100, EXPOSURE_MACHINES = 50, EXPOSURE_JSON = 1 << 22 };

struct exposure {
    const char *dir;
    struct store *store;
    struct reader *reader;
    const struct dict *dict;
    struct exploited seen;
    uint64_t block; /* the next that is counted, downwards; 0: all are */
    uint64_t end;   /* blocks from here on are added as they come */
    bool begun;
    struct vulndb *db; /* NULL: nothing was taken in yet */
    uint64_t version;
    struct outcomes *outcomes;
    struct rule_cves *rules;
    struct sightings *peers;
    struct vexes *vexes;
    const struct conf *conf; /* its weights; NULL the usual ones */
    struct risk risk;
    bool risky;
    struct buf json; /* the newest answer … */
    struct utime made;
};

/* Nothing is read yet.  All outlive it; dir too. */
void exposure_init(struct exposure *e, const char *dir, const struct conf *conf,
                   struct store *s, struct reader *r, const struct dict *d);
void exposure_release(struct exposure *e);
/* An event that came, of that block. */
void exposure_add(struct exposure *e, uint64_t block, const struct event *ev);
/* Count until the monotonic clock says `stop`: 1 when there is more to do. */
int exposure_step(struct exposure *e, const struct env *env, int64_t stop);
/* Appended.  a may be NULL.  ERR_IO, ERR_NOMEM, ERR_LIMIT. */
MUST_USE int exposure_json(struct exposure *e, const struct attrib *a, struct utime now,
                           struct buf *to);
/* Of one; ERR_NOTFOUND: no feed and no alert speaks of it. */
MUST_USE int exposure_one(struct exposure *e, const struct attrib *a, struct slice id,
                          struct utime now, struct buf *to);

#endif
