#include "role/feed_bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/hex.h"

#define FORMAT "detente-feeds/1"

enum { FIRST_LINE = 4 }; /* of the note, with a feed */

const char *
feed_same_name(enum feed_same s)
{
    static const char *const name[] = {"equal", "differs", "older", "taken"};

    return name[s];
}

static void
put_time(struct utime t, struct buf *to)
{
    char text[TIME_TEXT];

    time_format(t, text);
    if (t.us == 0)
        buf_char(to, '-');
    else
        buf_add(to, text, sizeof text);
}

/* A field: blanks stand between fields, and a note has no control characters. */
static void
put_field(const char *text, struct buf *to)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= ' ' || c == '%' || c == 0x7f)
            buf_printf(to, "%%%02X", c);
        else
            buf_char(to, (char)c);
    }
    buf_char(to, ' ');
}

void
feed_bundle_text(const struct feed_bundle *b, struct buf *to)
{
    buf_text(to, FORMAT "\nparty ");
    put_field(b->party, to);
    to->len -= to->len > 0;
    buf_text(to, "\nat ");
    put_time(b->at, to);
    buf_char(to, '\n');
    for (unsigned i = 0; i < b->files; i++) {
        const struct feed *f = &b->file[i].feed;

        put_field(feed_kind_name(f->kind), to);
        put_field(f->name, to);
        put_field(f->version[0] == '\0' ? "-" : f->version, to);
        put_time(f->date, to);
        buf_printf(to, " %llu ", (unsigned long long)f->records);
        buf_hex(to, f->sha256.byte, sizeof f->sha256.byte);
        buf_char(to, ' ');
        put_field(b->file[i].file, to);
        to->len -= to->len > 0; /* the blank */
        buf_char(to, '\n');
    }
}

/* ---- reading -------------------------------------------------------------------------------
 */

static int
digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Into at most `room` bytes with NUL. */
static bool
copy_to(struct slice s, char *to, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len && n + 1 < room; i++) {
        char c = s.ptr[i];

        if (c == '%') {
            int high = i + 2 < s.len ? digit(s.ptr[i + 1]) : -1;
            int low = i + 2 < s.len ? digit(s.ptr[i + 2]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        to[n++] = c;
        if (n + 1 == room && i + 1 < s.len)
            return false;
    }
    to[n] = '\0';
    return n > 0;
}

/* A name in a folder and nothing else. */
static bool
is_file_name(const char *name)
{
    return name[0] != '.' && strchr(name, '/') == NULL;
}

static bool
read_number(struct slice s, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || *ret > UINT64_MAX / 16)
            return false;
        *ret = *ret * 10 + (uint64_t)(s.ptr[i] - '0');
    }
    return s.len > 0;
}

static bool
read_date(struct slice s, struct utime *ret)
{
    *ret = (struct utime){0};
    return slice_is(s, "-") || time_parse(s, ret) == 0;
}

static bool
read_file_line(struct slice line, struct feed_file *ret)
{
    struct feed *f = &ret->feed;
    struct slice kind = slice_part(&line, ' ');
    struct slice name = slice_part(&line, ' ');
    struct slice version = slice_part(&line, ' ');
    struct slice date = slice_part(&line, ' ');
    struct slice records = slice_part(&line, ' ');
    struct slice sha = slice_part(&line, ' ');

    *ret = (struct feed_file){.file = ""};
    if (slice_is(version, "-"))
        version = SLICE("");
    return feed_kind_parse(kind, &f->kind) && copy_to(name, f->name, sizeof f->name) &&
           (version.len == 0 || copy_to(version, f->version, sizeof f->version)) &&
           read_date(date, &f->date) && read_number(records, &f->records) &&
           hex_decode(sha, f->sha256.byte, sizeof f->sha256.byte) == 0 &&
           copy_to(line, ret->file, sizeof ret->file) && is_file_name(ret->file);
}

static int
read_head(struct slice *rest, struct feed_bundle *ret, struct errinfo *ei)
{
    struct slice line;

    if (!slice_line(rest, &line) || !slice_is(line, FORMAT))
        return err_at(ei, ERR_INVALID, 1, 1, "is no note over feeds: it begins with " FORMAT);
    if (!slice_line(rest, &line) || !slice_is(slice_part(&line, ' '), "party") ||
        !copy_to(line, ret->party, sizeof ret->party))
        return err_at(ei, ERR_INVALID, 2, 1, "the second line is `party NAME`");
    if (!slice_line(rest, &line) || !slice_is(slice_part(&line, ' '), "at") ||
        time_parse(line, &ret->at) < 0)
        return err_at(ei, ERR_INVALID, 3, 1, "the third line is `at TIME`");
    return 0;
}

int
feed_bundle_parse(struct slice text, struct feed_bundle *ret, struct errinfo *ei)
{
    struct slice line;
    unsigned number = 3;
    int r;

    *ret = (struct feed_bundle){.files = 0};
    ret->file = calloc(FEED_BUNDLE_FILES, sizeof *ret->file);
    if (ret->file == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = read_head(&text, ret, ei);
    while (r == 0 && slice_line(&text, &line)) {
        number++;
        if (ret->files == FEED_BUNDLE_FILES)
            return err_at(ei, ERR_LIMIT, number, 1, "has more than %d files",
                          FEED_BUNDLE_FILES);
        if (!read_file_line(line, &ret->file[ret->files++]))
            return err_at(
                ei, ERR_INVALID, number, 1,
                "a feed is kind, name, version, date, records, SHA-256 and file, with "
                "blanks between");
    }
    return r == 0 && ret->files == 0 ? err_set(ei, ERR_INVALID, "names no feed") : r;
}

void
feed_bundle_release(struct feed_bundle *b)
{
    free(b->file);
    b->file = NULL;
    b->files = 0;
}

/* ---- taking --------------------------------------------------------------------------------
 */

int
feed_bundle_check(const struct feed_bundle *b, struct utime now, struct errinfo *ei)
{
    const struct utime latest = feeds_latest(now);
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/" FEED_BUNDLE_NOTE, b->folder);
    err_file(ei, path);
    if (b->at.us > latest.us)
        return err_at(ei, ERR_INVALID, 3, 1,
                      "is of a time that is more than %d days ahead of this node's clock",
                      FEEDS_AHEAD_DAYS);
    for (unsigned i = 0; i < b->files; i++) {
        const struct feed *f = &b->file[i].feed;
        char text[TIME_TEXT];

        time_format(f->date, text);
        if (f->date.us > latest.us)
            return err_at(ei, ERR_INVALID, FIRST_LINE + i, 1,
                          "`%s` is of %.19sZ, more than %d days ahead of this node's clock",
                          f->name, text, FEEDS_AHEAD_DAYS);
    }
    return 0;
}

/* The same version here and there: what would change if theirs was taken? */
static int
compare(struct vulndb *db, struct feeds_import *what, struct feed_taken *ret,
        struct errinfo *ei)
{
    struct feeds_result result;
    int r;

    what->try_only = true;
    r = feeds_import(db, what, &result, ei);
    if (r < 0)
        return r;
    ret->counts = result.counts;
    ret->records =
        ret->counts.fresh + ret->counts.changed + ret->counts.older + ret->counts.gone;
    ret->same = ret->records > 0 ? FEED_DIFFERS : FEED_EQUAL;
    ret->rewritten = ret->records == 0;
    return 0;
}

static bool
same_version(const struct feed *a, const struct feed *b)
{
    return strcmp(a->version, b->version) == 0 && a->date.us == b->date.us;
}

int
feed_bundle_take(struct vulndb *db, const struct feed_bundle *b, const struct feed_file *f,
                 struct utime now, struct feed_taken *ret, struct errinfo *ei)
{
    char path[4096];
    struct feeds_import what = {.kind = f->feed.kind,
                                .path = path,
                                .name = f->feed.name,
                                .signer = b->party,
                                .now = now,
                                .date = f->feed.date.us != 0 ? f->feed.date : b->at};
    struct vulndb_peer_feed peer = {.feed = f->feed, .taken = now};
    struct feeds_result result;
    struct feed own;
    int r = vulndb_feed(db, f->feed.name, &own);

    *ret = (struct feed_taken){.same = FEED_TAKEN};
    (void)snprintf(path, sizeof path, "%s/%s", b->folder, f->file);
    /* Nobody says what another party saw. */
    if (f->feed.kind == FEED_SEEN &&
        (strncmp(f->feed.name, "seen/", 5) != 0 || strcmp(f->feed.name + 5, b->party) != 0))
        return err_set(ei, ERR_PROOF, "`%s` is not what %s saw", f->feed.name, b->party);
    if (r == 0 && memcmp(own.sha256.byte, f->feed.sha256.byte, sizeof own.sha256.byte) == 0)
        ret->same = FEED_EQUAL;
    else if (r == 0 && same_version(&own, &f->feed))
        r = compare(db, &what, ret, ei);
    else if (r == 0 && f->feed.date.us < own.date.us &&
             own.date.us <= feeds_latest(now).us) /* else ours was never believable */
        ret->same = FEED_OLDER;
    else if (r == 0 || r == ERR_NOTFOUND)
        r = feeds_import(db, &what, &result, ei);
    if (r < 0)
        return r;
    (void)snprintf(peer.party, sizeof peer.party, "%s", b->party);
    peer.state = ret->same == FEED_TAKEN ? FEED_EQUAL : ret->same;
    peer.differs = ret->records;
    r = vulndb_peer_feed_put(db, &peer);
    return r < 0 ? err_set(ei, r, "the database: %s (%s)", err_text(r), vulndb_error(db)) : 0;
}
