/* Sample traffic: seeded, in real EVE format, with origins drawn from the compiled address
 * tables and targets in documentation space.  For a first look and for tests; the page says
 * DEMO.  All rules are invented and say so. */
#ifndef DETENTE_ROLE_SAMPLE_H
#define DETENTE_ROLE_SAMPLE_H

#include "attrib/attrib.h"
#include "base/buf.h"
#include "base/time.h"

struct sample; /* opaque */

/* attrib NULL: origins come from documentation space.  NULL when out of memory. */
struct sample *sample_new(const struct attrib *a, uint64_t seed);
struct sample *sample_free(struct sample *s); /* NULL is fine; gives NULL */
/* Append one EVE line (with LF) as of time t.  The same seed and times give the same bytes. */
void sample_line(struct sample *s, struct utime t, struct buf *out);
/* Lines that are due per second at time t: quiet nights, busy days, waves. */
double sample_rate(const struct sample *s, struct utime t);

#endif
