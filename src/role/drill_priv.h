/* Inside the drill: what is looked at before and after. */
#ifndef DETENTE_ROLE_DRILL_PRIV_H
#define DETENTE_ROLE_DRILL_PRIV_H

#include "role/drill.h"
#include "role/view.h"

/* drill_places.c: what of the outside is configured.  ERR_NOMEM, ERR_CONF. */
MUST_USE int drill_places(struct drill *d, struct view *v, struct errinfo *ei);

/* drill_look.c: who this is, the counts before, and the files of sensors, whose sizes go to
 * size[CONF_SENSORS]. */
MUST_USE int drill_before(struct drill *d, const char *dir, int64_t *size, struct errinfo *ei);
/* Which of them grew since. */
void drill_grown(struct drill *d, const char *dir, const int64_t *size);
/* While the node still runs: counts, alerts, receivers, counterparts, data. */
MUST_USE int drill_after(struct drill *d, const char *dir, struct errinfo *ei);

#endif
