/* A cut as pictures and as one page, from the JSON of survey.h and outlast.h: HTML with the
 * pictures in it, that needs nothing else and has no script, and each picture as SVG by itself.
 * In ink and paper alone, so that it prints and files well; what a picture shows stands in a
 * table beside it. */
#ifndef DETENTE_ROLE_CUTOFF_PAGE_H
#define DETENTE_ROLE_CUTOFF_PAGE_H

#include "base/buf.h"
#include "words/words.h"

struct cutoff_page {
    struct slice country;  /* survey_country.file */
    struct slice world;    /* SURVEY_WORLD of the same snapshot; empty: not there */
    struct slice services; /* OUTLAST_FILE; empty: not there */
    struct slice title;    /* how the country is called here: its code */
    struct slice at;       /* when the page is made */
};

enum cutoff_picture {
    PICTURE_REACH,   /* before and after, as ranges */
    PICTURE_ISLANDS, /* into which it falls */
    PICTURE_WORLD,   /* all countries by what still reaches each other; needs `world` */
    PICTURE_BREAKS,  /* what breaks when; this and the next need `services` */
    PICTURE_MOVES,   /* what to move home, as a curve */
    PICTURES
};
const char *cutoff_picture_name(enum cutoff_picture p); /* "reach" … */
/* Is there something to be shown? */
bool cutoff_has(const struct cutoff_page *page, enum cutoff_picture p);

/* One picture as a file of SVG.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int cutoff_svg(const struct cutoff_page *page, enum cutoff_picture p, enum language l,
                        struct buf *to);
/* All of it.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int cutoff_html(const struct cutoff_page *page, enum language l, struct buf *to);

enum { CUTOFF_PAGE = 1 << 22 /* bytes of the page at most */ };

#endif
