/* The operator's part of a contingency plan: triggers, who decides, contacts, what is done in
 * the first hour, day and month, what is moved home, and drills with their dates
 * (docs/formats/contingency.md, docs/contingency.yaml).
 *
 * YAML as for the configuration: an unknown key, a missing one, a day that is none is an error
 * with line and column.  Pure. */
#ifndef DETENTE_ROLE_CONTINGENCY_H
#define DETENTE_ROLE_CONTINGENCY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

enum {
    CONTINGENCY_BYTES = 1 << 20,
    CONTINGENCY_ITEMS = 200, /* of one part */
    CONTINGENCY_TEXT = 2000  /* bytes of one text */
};

enum contingency_part {
#define PART(id, key) CONTINGENCY_##id,
#include "role/contingency.def"
    CONTINGENCY_PARTS
};

struct contingency_item {
    struct slice what;
    struct slice who;  /* "" nobody is named */
    struct slice more; /* "" nothing more is said */
    struct utime day;  /* 0 none */
    struct utime done; /* 0 not yet */
};

struct contingency {
    struct arena arena; /* that all texts stand in */
    struct slice title;
    struct slice organisation; /* "" nobody says */
    struct utime review;       /* day on which the plan is looked at again */
    struct {
        const struct contingency_item *item;
        unsigned count;
    } part[CONTINGENCY_PARTS];
};

/* ERR_CONF with line and column, ERR_NOMEM.  Release it in any case. */
MUST_USE int contingency_read(struct slice text, struct contingency *ret, struct errinfo *ei);
void contingency_release(struct contingency *c);

#endif
