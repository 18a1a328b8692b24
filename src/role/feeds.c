#include "role/feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/feeds_priv.h"
#include "role/unpack.h"
#include "wire/batch.h"

struct span
feeds_stale(const struct conf *conf, enum feed_kind kind)
{
    const struct span all[FEED_KINDS] = {[FEED_KEV] = conf->vulnerabilities.stale.kev,
                                         [FEED_EPSS] = conf->vulnerabilities.stale.epss,
                                         [FEED_NVD] = conf->vulnerabilities.stale.nvd,
                                         [FEED_CVE5] = conf->vulnerabilities.stale.cve5,
                                         [FEED_OSV] = conf->vulnerabilities.stale.osv,
                                         [FEED_DEBIAN] = conf->vulnerabilities.stale.debian,
                                         [FEED_OPENVEX] = conf->vulnerabilities.stale.openvex,
                                         [FEED_RULES] = conf->vulnerabilities.stale.rules,
                                         [FEED_SEEN] = conf->vulnerabilities.stale.seen};

    return all[kind];
}

struct utime
feeds_latest(struct utime now)
{
    return (struct utime){now.us + FEEDS_AHEAD_DAYS * INT64_C(86400) * TIME_US_PER_S};
}

int
feeds_dated(const struct feeding *f, struct utime at, struct slice name, unsigned line)
{
    char text[TIME_TEXT];

    if (at.us <= f->latest.us)
        return 0;
    time_format(at, text);
    return err_at(f->ei, ERR_INVALID, line, 1,
                  "%.*s is of %.19sZ, more than %d days ahead of this node's clock",
                  (int)slice_sub(name, 0, VULNDB_FIRST_TEXT).len, name.ptr, text,
                  FEEDS_AHEAD_DAYS);
}

int
feeds_dated_cve(const struct feeding *f, struct utime at, uint64_t cve, unsigned line)
{
    char text[CVE_TEXT];

    if (at.us <= f->latest.us)
        return 0;
    return feeds_dated(f, at, (struct slice){text, (size_t)cve_format(cve, text)}, line);
}

int
feeds_says_date(const struct feeding *f, struct utime at)
{
    char text[TIME_TEXT];

    if (at.us == 0 || f->what->date.us == 0 || f->what->signer != NULL)
        return 0;
    time_format(at, text);
    return err_set(f->ei, ERR_USAGE,
                   "says itself that it is of %.19sZ: a date is given to what does not", text);
}

void
feeds_part(struct feeding *f, struct slice part)
{
    size_t n = part.len < sizeof f->part - 16 ? part.len : sizeof f->part - 16;

    if (f->part[0] == '\0' && !f->parts)
        (void)snprintf(f->part, sizeof f->part, "%.*s", (int)n, part.ptr);
    else if (strlen(f->part) != n || memcmp(f->part, part.ptr, n) != 0)
        f->parts = true;
}

void
feeds_odd(struct feeding *f, const char *what, uint64_t n)
{
    struct feeds_result *r = f->result;

    for (unsigned i = 0; i < r->odds; i++) {
        if (strcmp(r->odd[i].what, what) == 0) {
            r->odd[i].n += n;
            return;
        }
    }
    if (n == 0 || r->odds == FEEDS_ODD)
        return;
    r->odd[r->odds].what = what;
    r->odd[r->odds++].n = n;
}

/* ---- one file ------------------------------------------------------------------------------
 */

struct reading {
    struct feeding f;
    struct batch batch;
    struct buf text; /* of what is read whole */
    const struct feed_reader *reader;
};

static int
take_batch(void *arg, char *text, size_t len, struct errinfo *ei)
{
    struct reading *r = arg;

    return r->reader->take(&r->f, text, len, ei);
}

static int
take_piece(void *arg, struct slice piece, struct errinfo *ei)
{
    struct reading *r = arg;

    r->f.bytes += piece.len;
    if (r->reader->piece != NULL)
        return piece.len == 0 ? 0 : r->reader->piece(&r->f, piece, false, ei);
    if (r->reader->whole == NULL)
        return batch_feed(&r->batch, piece, ei);
    buf_slice(&r->text, piece);
    return buf_error(&r->text) == ERR_LIMIT
               ? err_set(ei, ERR_LIMIT, "is larger than %d MB", FEED_WHOLE_BYTES >> 20)
               : buf_error(&r->text);
}

static int
read_head(struct reading *r, struct errinfo *ei)
{
    struct slice head = batch_head(&r->batch);

    if (r->reader->head == NULL || head.len == 0)
        return 0;
    /* It is the batch's own, and done with. */
    return r->reader->head(&r->f, (char *)(uintptr_t)head.ptr, head.len, ei);
}

/* What is left to do behind the last piece. */
static int
finish(struct reading *r, struct errinfo *ei)
{
    int code;

    if (r->reader->piece != NULL)
        return r->reader->piece(&r->f, (struct slice){NULL, 0}, true, ei);
    if (r->reader->whole != NULL)
        return r->reader->whole(&r->f, buf_get(&r->text), ei);
    code = batch_end(&r->batch, ei);
    return code == 0 ? read_head(r, ei) : code;
}

static int
read_file(struct reading *r, const struct feeds_import *what, struct errinfo *ei)
{
    int code;

    r->text.max = FEED_WHOLE_BYTES;
    batch_init(&r->batch, r->reader->member, r->reader->members, take_batch, r);
    code = r->reader->take == NULL ? 0 : feeds_haul_begin(&r->f);
    if (code == 0)
        code =
            unpack_stream(what->path, take_piece, r, &r->f.result->feed.sha256, &r->f.made, ei);
    if (what->date.us != 0)
        r->f.made = what->date;
    else if (r->f.made.us == 0)
        r->f.made = what->now;
    if (code == 0)
        code = finish(r, ei);
    if (feeds_haul_end(&r->f) < 0)
        code = r->f.failed;
    batch_release(&r->batch);
    buf_release(&r->text);
    free(r->f.own);
    if (r->f.failed < 0)
        return err_set(ei, r->f.failed, "the database: %s (%s)", err_text(r->f.failed),
                       vulndb_error(r->f.db));
    if (code == ERR_NOMEM)
        return err_set(ei, code, "%s", err_text(code));
    return code == 0 && r->f.records == 0
               ? err_set(ei, ERR_INVALID, "holds no record of the kind `%s`",
                         feed_kind_name(what->kind))
               : code;
}

/* ---- what it is, as a whole ----------------------------------------------------------------
 */

static void
name_it(const struct reading *r, const struct feeds_import *what)
{
    struct feed *f = &r->f.result->feed;

    if (what->name != NULL)
        (void)snprintf(f->name, sizeof f->name, "%s", what->name);
    else if (r->f.part[0] != '\0' && !r->f.parts)
        (void)snprintf(f->name, sizeof f->name, "%s/%.100s", feed_kind_name(what->kind),
                       r->f.part);
    else
        (void)snprintf(f->name, sizeof f->name, "%s", feed_kind_name(what->kind));
}

/* By its numbers: 2025.8.9 is before 2025.08.25. */
static int
version_order(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        char *end_a;
        char *end_b;
        unsigned long long x = strtoull(a, &end_a, 10);
        unsigned long long y = strtoull(b, &end_b, 10);

        if (end_a == a || end_b == b) {
            if (*a != *b)
                return *a < *b ? -1 : 1;
            a++;
            b++;
            continue;
        }
        if (x != y)
            return x < y ? -1 : 1;
        a = end_a;
        b = end_b;
    }
    return (*a != '\0') - (*b != '\0');
}

/* What is here may be older than this check, or of a day when the clock was wrong. */
static bool
is_ahead(const struct reading *r, const struct feed *f)
{
    return f->date.us > r->f.latest.us ||
           (f->kind == FEED_KEV && feed_kev_day(f->version).us > r->f.latest.us);
}

static int
compare_with_old(struct reading *r, const struct feed *old, bool stated, struct errinfo *ei)
{
    const struct vulndb_counts *c = &r->f.result->counts;
    struct feed *f = &r->f.result->feed;
    char is[TIME_TEXT];
    char was[TIME_TEXT];

    if (is_ahead(r, old))
        return 0;
    if (memcmp(&f->sha256, &old->sha256, sizeof f->sha256) == 0 && f->date.us < old->date.us)
        f->date = old->date; /* of the file, not of what is in it */
    time_format(f->date, is);
    time_format(old->date, was);
    if (f->kind == FEED_KEV && version_order(f->version, old->version) < 0)
        return err_set(ei, ERR_GONE,
                       "is version %.40s, and what is in force as `%s` is %.40s: an older one "
                       "is not taken in",
                       f->version, f->name, old->version);
    if (stated && f->date.us < old->date.us)
        return err_set(ei, ERR_GONE,
                       "is of %.19sZ, and what is in force as `%s` is of %.19sZ: an older one "
                       "is not taken in",
                       is, f->name, was);
    if (c->older > 0 && c->fresh + c->changed == 0)
        return err_set(ei, ERR_GONE,
                       "is older than what is in force as `%s`: %llu of its records have an "
                       "earlier date than those here, and none is new",
                       f->name, (unsigned long long)c->older);
    r->f.result->revised = feed_kind_whole(f->kind) && f->version[0] != '\0' &&
                           strcmp(f->version, old->version) == 0 &&
                           f->date.us == old->date.us && c->fresh + c->changed + c->gone > 0;
    if (!feed_kind_whole(r->f.result->feed.kind)) {
        f->records = old->records; /* and those that are new are added */
        f->date = f->date.us < old->date.us ? old->date : f->date;
    }
    return 0;
}

static int
ahead(struct utime date, struct errinfo *ei)
{
    char text[TIME_TEXT];

    time_format(date, text);
    return err_set(ei, ERR_INVALID,
                   "is of %.19sZ, more than %d days ahead of this node's clock", text,
                   FEEDS_AHEAD_DAYS);
}

static int
settle(struct reading *r, const struct feeds_import *what, struct errinfo *ei)
{
    struct feeds_result *res = r->f.result;
    struct feed *f = &res->feed;
    bool stated = f->date.us != 0;
    struct feed old;
    int code;

    if (r->reader->own_feeds)
        return 0;
    f->kind = what->kind;
    f->taken = what->now;
    f->bytes = r->f.bytes;
    code = feeds_says_date(&r->f, f->date);
    if (code < 0)
        return code;
    /* Of what is merged the date is its records', whoever passes it on. */
    if (!stated)
        f->date = r->f.newest.us == 0 || (what->date.us != 0 && what->signer == NULL)
                      ? r->f.made
                      : r->f.newest;
    stated |= r->f.newest.us == 0 && feed_kind_whole(what->kind);
    if (f->date.us > r->f.latest.us)
        return ahead(f->date, ei);
    if (what->signer != NULL)
        (void)snprintf(f->signer, sizeof f->signer, "%s", what->signer);
    name_it(r, what);
    feeds_odd(&r->f, "records of an id that was there before: they count with that one",
              res->counts.twice);
    code = vulndb_feed(r->f.db, f->name, &old);
    if (code == 0 && !what->try_only)
        code = compare_with_old(r, &old, stated, ei);
    else if (code == ERR_NOTFOUND)
        code = 0;
    if (code < 0)
        return code;
    f->records = feed_kind_whole(what->kind) ? r->f.records - res->counts.twice
                                             : f->records + res->counts.fresh;
    return vulndb_feed_put(r->f.db, f);
}

int
feeds_import(struct vulndb *db, const struct feeds_import *what, struct feeds_result *ret,
             struct errinfo *ei)
{
    struct reading r = {.f = {.db = db,
                              .what = what,
                              .result = ret,
                              .ei = ei,
                              .latest = feeds_latest(what->now)},
                        .reader = &feed_readers[what->kind]};
    int code;

    *ret = (struct feeds_result){.odds = 0};
    err_file(ei, what->path);
    if (r.reader->take == NULL && r.reader->piece == NULL && r.reader->whole == NULL)
        return err_set(ei, ERR_USAGE, "%s is not taken in by this", feed_kind_name(what->kind));
    code = vulndb_begin(db);
    if (code < 0)
        return err_set(ei, code, "the database: %s (%s)", err_text(code), vulndb_error(db));
    vulndb_file_begin(db);
    vulndb_believe(db, r.f.latest);
    code = read_file(&r, what, ei);
    if (code == 0) {
        ei->text[0] = '\0';
        code = settle(&r, what, ei);
        if (code == 0 && !r.reader->own_feeds)
            code = vulndb_file_end(db, what->kind, &ret->counts);
        if (code == 0 && !what->try_only)
            code = vulndb_commit(db);
        if (code < 0 && ei->text[0] == '\0')
            (void)err_set(ei, code, "the database: %s (%s)", err_text(code), vulndb_error(db));
    }
    if (code < 0 || what->try_only)
        vulndb_rollback(db);
    return code;
}
