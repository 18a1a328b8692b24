/* Inside the watch. */
#ifndef DETENTE_ROLE_WATCH_PRIV_H
#define DETENTE_ROLE_WATCH_PRIV_H

#include "role/watch.h"

/* Tell it when it is news; its words as for word_pack(). */
void PRINTF(7, 8)
    watch_say(struct watch *w, const struct watch_view *v, enum alert_rule rule,
              const char *subject, bool holds, enum word what, const char *fmt, ...);
/* watch_incidents.c */
void watch_incidents(struct watch *w, const struct watch_view *v);

/* watch_space.c: declared space without a healthy sensor, at the pace of incidents … */
void watch_space(struct watch *w, const struct watch_view *v);
/* … and sensors that drop too much, by the newest heartbeat. */
void watch_drops(struct watch *w, const struct watch_view *v);

#endif
