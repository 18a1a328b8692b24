/* What all who read bills of materials (CycloneDX, SPDX) share. */
#ifndef DETENTE_WIRE_BILL_H
#define DETENTE_WIRE_BILL_H

#include "wire/walk.h"

/* `name` of the object that comes next: CycloneDX's organisations and components. */
MUST_USE int bill_named(struct walk *w, struct slice *ret);
/* SPDX 2.3, 7.5: `Organization: NAME (mail)` or `Person: NAME`; "" for anything else, as
 * `NOASSERTION`. */
struct slice bill_spdx_name(struct slice s);

#endif
