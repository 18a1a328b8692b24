#include "vulndb/sighting.h"

#include <stdlib.h>

#include "vulndb/db.h"

enum { KEPT = 1 << 20, HOUR_S = 3600 };

struct sightings {
    struct map vulns;
    struct of_vuln {
        unsigned parties;
        struct sighting at[SIGHTING_PARTIES];
    } * of;
    uint32_t room;
};

int
vulndb_sightings_clear(struct vulndb *db, const char *party)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_SEEN_CLEAR);

    if (st != NULL)
        bind_text(st, 1, slice_of(party));
    return vulndb_run(db, st);
}

int
vulndb_sightings_put(struct vulndb *db, const char *party, const struct seen_row *r)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_SEEN_PUT);

    if (st != NULL) {
        bind_text(st, 1, slice_of(party));
        bind_u64(st, 2, r->cve);
        (void)sqlite3_bind_int64(st, 3, r->hour.us);
        (void)sqlite3_bind_int64(st, 4, r->asn);
        bind_text(st, 5, slice_of(r->country));
        bind_u64(st, 6, r->alerts);
    }
    return vulndb_run(db, st);
}

static int
keep(struct sightings *s, sqlite3_stmt *st)
{
    uint64_t vuln = (uint64_t)sqlite3_column_int64(st, 0);
    int fresh = 0;
    int64_t at = map_put(&s->vulns, &vuln, &fresh);
    struct of_vuln *of;

    if (at < 0)
        return s->vulns.count == s->vulns.max ? 0 : ERR_NOMEM;
    if ((uint32_t)at >= s->room) {
        uint32_t room = s->room == 0 ? 256 : 2 * s->room;
        struct of_vuln *more = realloc(s->of, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->of = more;
        s->room = room;
    }
    of = &s->of[at];
    if (fresh != 0)
        *of = (struct of_vuln){.parties = 0};
    if (of->parties < SIGHTING_PARTIES) {
        struct sighting *to = &of->at[of->parties];

        column_text(st, 1, to->party, sizeof to->party);
        to->last.us = sqlite3_column_int64(st, 2) + HOUR_S * TIME_US_PER_S;
        to->alerts = (uint64_t)sqlite3_column_int64(st, 3);
    }
    of->parties++;
    return 0;
}

int
sightings_open(struct vulndb *db, struct utime since, struct sightings **ret)
{
    struct sightings *s = calloc(1, sizeof *s);
    sqlite3_stmt *st = vulndb_statement(db, ST_SEEN_EACH);
    int r = s == NULL ? ERR_NOMEM : 0;

    *ret = NULL;
    if (r < 0)
        return r;
    map_init(&s->vulns, sizeof(uint64_t), KEPT, db->secret[0]);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, since.us - HOUR_S * TIME_US_PER_S);
    while ((r = vulndb_row(db, st)) == 1) {
        r = keep(s, st);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    *ret = r < 0 ? sightings_close(s) : s;
    return r;
}

struct sightings *
sightings_close(struct sightings *s)
{
    if (s != NULL) {
        map_release(&s->vulns);
        free(s->of);
    }
    free(s);
    return NULL;
}

unsigned
sightings_of(const struct sightings *s, uint64_t vuln, const struct sighting **ret)
{
    int64_t at = s == NULL ? -1 : map_find(&s->vulns, &vuln);

    *ret = NULL;
    if (at < 0)
        return 0;
    *ret = s->of[at].at;
    return s->of[at].parties;
}

struct utime
sightings_last(const struct sightings *s, uint64_t vuln)
{
    const struct sighting *at;
    unsigned n = sightings_of(s, vuln, &at);
    struct utime last = {0};

    for (unsigned i = 0; i < n && i < SIGHTING_PARTIES; i++)
        last = at[i].last.us > last.us ? at[i].last : last;
    return last;
}
