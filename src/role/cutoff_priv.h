/* Inside the page of a cut: pictures, and what they and the tables have in common. */
#ifndef DETENTE_ROLE_CUTOFF_PRIV_H
#define DETENTE_ROLE_CUTOFF_PRIV_H

#include "role/cutoff_page.h"
#include "role/sheet.h"

struct cutoff_sheet {
    struct sheet s;
    const struct cutoff_page *page;
};

/* A share under all assumptions: of the members of `presence`, or one. */
struct cutoff_range {
    int64_t least;
    int64_t most;
};
struct cutoff_range cutoff_range(struct slice country, const char *name);
void cutoff_put_range(struct buf *to, struct cutoff_range r); /* `59.1–92.0 %` */

/* The four rows of reach. */
struct cutoff_reach {
    enum word name;
    int64_t before;
    struct cutoff_range after;
};
enum { CUTOFF_REACH_ROWS = 4 };
void cutoff_reach_row(struct slice country, unsigned row, struct cutoff_reach *ret);
/* Neighbours that the widest assumption asks for. */
int64_t cutoff_neighbours(struct slice country);
/* When a service breaks, in words. */
void cutoff_put_when(struct sheet *s, struct slice service);

/* cutoff_draw.c: `<svg …>` of a picture; with its own style when it stands alone. */
void cutoff_draw(struct cutoff_sheet *c, enum cutoff_picture p, bool alone);
extern const char cutoff_style[]; /* of pictures */

enum { CUTOFF_BARS = 40 /* services in a picture */, CUTOFF_STEPS = 20 /* of a curve */ };

#endif
