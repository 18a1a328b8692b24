/* EPSS into the database, in pieces as they come. */
#include <stdio.h>
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "vuln/epss.h"

struct own {
    struct feeding *f;
    struct epss epss;
};

static int
take(void *arg, const struct epss_row *row)
{
    struct feeding *f = arg;
    int r = vulndb_epss_put(f->db, row->cve, row->epss, row->percentile);

    f->records++;
    if (r < 0)
        f->failed = r;
    return r;
}

int
feed_piece_epss(struct feeding *f, struct slice piece, bool last, struct errinfo *ei)
{
    struct feed *feed = &f->result->feed;
    struct own *own = f->own;
    int r = 0;

    if (own == NULL) {
        own = calloc(1, sizeof *own);
        if (own == NULL)
            return ERR_NOMEM;
        f->own = own;
        epss_open(&own->epss, take, f, ei);
        vulndb_epss_begin(f->db);
    }
    if (r == 0)
        r = epss_feed(&own->epss, piece, last);
    if (r == 0 && !last)
        return 0;
    (void)snprintf(feed->version, sizeof feed->version, "%s", own->epss.model);
    feed->date = own->epss.scored;
    feeds_odd(f, "CVEs that were there before, passed over", own->epss.twice);
    epss_close(&own->epss);
    if (r == 0)
        r = feeds_dated(f, feed->date, SLICE("`score_date`"), 1);
    if (r == 0) {
        f->failed = vulndb_epss_end(f->db, &f->result->counts);
        r = f->failed;
    }
    return r;
}
