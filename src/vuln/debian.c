#include "vuln/debian.h"

#include <stdlib.h>

#include "wire/walk.h"

const char *
debian_ecosystem(struct slice codename)
{
    static const struct {
        const char *codename, *ecosystem;
    } list[] = {
#define DEBIAN(codename, ecosystem) {codename, ecosystem},
#include "vuln/debian.def"
    };

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (slice_is(codename, list[i].codename))
            return list[i].ecosystem;
    }
    return NULL;
}

const char *
debian_status_name(enum debian_status s)
{
    static const char *const names[DEBIAN_STATUSES] = {"open", "resolved", "not-affected",
                                                       "undetermined"};

    return names[s];
}

static const char *const urgencies[] = {"not yet assigned", "unimportant", "low",
                                        "medium",           "high",        "end-of-life"};

const char *
debian_urgency_name(enum debian_urgency u)
{
    return urgencies[u];
}

struct reader {
    struct walk w;
    struct debian_counts *counts;
    debian_take *take;
    void *arg;
    struct slice package;
    struct slice id;
    unsigned line; /* of the issue */
    struct slice description;
    struct debian_row row[DEBIAN_RELEASES];
    unsigned rows;
    struct buf affected;
};

/* ---- members ----------------------------------------------------------------------------- */

typedef int member(struct reader *rd, struct slice key, void *arg);

/* Each member of the object that comes next; anything else is wrong. */
static int
members(struct reader *rd, member *each, void *arg, const char *wrong)
{
    bool first = true;
    struct slice key;
    int r = walk_peek(&rd->w) == '{' ? walk_enter(&rd->w, '{') : walk_wrong(&rd->w, wrong);

    while (r > 0 && (r = walk_member(&rd->w, &first, &key)) > 0) {
        r = each(rd, key, arg);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_long(struct reader *rd, struct slice *ret)
{
    int r = walk_string(&rd->w, ret);

    if (ret->len <= DEBIAN_LONG)
        return r;
    *ret = slice_cut(*ret, DEBIAN_LONG);
    rd->counts->cut++;
    return r;
}

/* ---- a release --------------------------------------------------------------------------- */

static enum debian_urgency
urgency_of(struct reader *rd, struct slice text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == '*') /* "low**": taken over from NVD */
        text.len--;
    for (unsigned i = 0; i < sizeof urgencies / sizeof urgencies[0]; i++) {
        if (slice_is(text, urgencies[i]))
            return (enum debian_urgency)i;
    }
    rd->counts->odd_urgency++;
    return DEBIAN_NOT_ASSIGNED;
}

struct release {
    struct debian_row row;
    bool stated;
};

static int
read_status(struct reader *rd, struct release *to)
{
    struct walk at = rd->w; /* for the place of what is wrong */
    struct slice text;
    int r = walk_string(&rd->w, &text);

    to->stated = true;
    if (slice_is(text, "open"))
        to->row.status = DEBIAN_OPEN;
    else if (slice_is(text, "resolved"))
        to->row.status = DEBIAN_RESOLVED;
    else if (slice_is(text, "undetermined"))
        to->row.status = DEBIAN_UNDETERMINED;
    else if (r == 0)
        r = walk_wrong(&at, "`status` is open, resolved or undetermined");
    return r;
}

static int
read_release_member(struct reader *rd, struct slice key, void *arg)
{
    struct release *to = arg;
    struct slice text;
    int r;

    if (slice_is(key, "status"))
        return read_status(rd, to);
    if (slice_is(key, "fixed_version"))
        return walk_string(&rd->w, &to->row.fixed);
    if (slice_is(key, "nodsa"))
        return read_long(rd, &to->row.nodsa);
    if (slice_is(key, "nodsa_reason"))
        return read_long(rd, &to->row.nodsa_reason);
    if (!slice_is(key, "urgency"))
        return walk_skip(&rd->w);
    r = walk_string(&rd->w, &text);
    to->row.urgency = urgency_of(rd, text);
    return r;
}

/* What `resolved` says depends on its version. */
static void
settle(struct reader *rd, struct debian_row *row)
{
    size_t at;

    if (row->status != DEBIAN_RESOLVED) {
        row->fixed = (struct slice){"", 0};
    } else if (slice_is(row->fixed, "0")) {
        row->status = DEBIAN_NOT_AFFECTED;
        row->fixed = (struct slice){"", 0};
    } else if (row->fixed.len == 0 || row->fixed.len > DEBIAN_TEXT ||
               version_wrong(VERSION_DPKG, row->fixed, &at) != NULL) {
        row->status = DEBIAN_UNDETERMINED;
        row->fixed = (struct slice){"", 0};
        rd->counts->odd_version++;
    }
}

static int
read_release(struct reader *rd, struct slice key, void *arg)
{
    struct walk start = rd->w;
    struct release to = {.row = {.release = key,
                                 .ecosystem = debian_ecosystem(key),
                                 .fixed = {"", 0},
                                 .nodsa = {"", 0},
                                 .nodsa_reason = {"", 0}}};
    int r = members(rd, read_release_member, &to, "a release is an object");

    (void)arg;
    if (r < 0)
        return r;
    if (!to.stated)
        return walk_wrong(&start, "a release has a `status`");
    if (to.row.ecosystem == NULL) {
        rd->counts->other_release++;
        return 0;
    }
    if (rd->rows == DEBIAN_RELEASES) {
        rd->counts->cut++;
        return 0;
    }
    settle(rd, &to.row);
    rd->row[rd->rows++] = to.row;
    return 0;
}

/* ---- an issue ---------------------------------------------------------------------------- */

static void
put_affected(struct reader *rd, const struct debian_row *row)
{
    struct affected_builder b;

    buf_reset(&rd->affected);
    affected_begin(&b, VERSION_DPKG, &rd->affected);
    if (row->status == DEBIAN_UNDETERMINED)
        affected_unknown(&b);
    if (row->status == DEBIAN_NOT_AFFECTED || row->status == DEBIAN_UNDETERMINED)
        return;
    affected_event(&b, AFFECTED_INTRODUCED, SLICE("0"));
    if (row->status == DEBIAN_RESOLVED)
        affected_event(&b, AFFECTED_FIXED, row->fixed);
    affected_end_range(&b);
}

static int
give_rows(struct reader *rd)
{
    cve_id cve = cve_parse(rd->id);

    rd->counts->issues++;
    rd->counts->without_cve += cve == 0;
    for (unsigned i = 0; i < rd->rows; i++) {
        struct debian_row *row = &rd->row[i];
        int r;

        put_affected(rd, row);
        if (buf_error(&rd->affected) < 0)
            return buf_error(&rd->affected);
        row->package = rd->package;
        row->id = rd->id;
        row->cve = cve;
        row->description = rd->description;
        row->affected = buf_get(&rd->affected);
        row->line = rd->line;
        rd->counts->rows++;
        rd->counts->status[row->status]++;
        r = rd->take(rd->arg, row);
        if (r != 0)
            return r;
    }
    return 0;
}

static int
read_issue_member(struct reader *rd, struct slice key, void *arg)
{
    if (slice_is(key, "releases"))
        return members(rd, read_release, arg, "`releases` is an object");
    return slice_is(key, "description") ? read_long(rd, &rd->description) : walk_skip(&rd->w);
}

static bool
is_name(struct slice s)
{
    return s.len > 0 && s.len <= DEBIAN_TEXT && memchr(s.ptr, '\\', s.len) == NULL;
}

static int
read_issue(struct reader *rd, struct slice key, void *arg)
{
    int r;

    if (!is_name(key))
        return walk_wrong(&rd->w, "the key before it is no issue, as CVE-2099-0001");
    rd->id = key;
    rd->line = walk_line(&rd->w);
    rd->description = (struct slice){"", 0};
    rd->rows = 0;
    r = members(rd, read_issue_member, arg, "an issue is an object");
    return r < 0 ? r : give_rows(rd);
}

static int
read_package(struct reader *rd, struct slice key, void *arg)
{
    if (!is_name(key))
        return walk_wrong(&rd->w, "the key before it is no name of a package");
    rd->package = key;
    rd->counts->packages++;
    return members(rd, read_issue, arg, "a package is an object of issues");
}

int
debian_read(char *text, size_t len, debian_take *take, void *arg, struct debian_counts *counts,
            struct errinfo *ei)
{
    struct reader *rd = malloc(sizeof *rd);
    int r;

    *counts = (struct debian_counts){.packages = 0};
    if (rd == NULL)
        return ERR_NOMEM;
    rd->counts = counts;
    rd->take = take;
    rd->arg = arg;
    buf_init(&rd->affected, AFFECTED_BYTES);
    r = walk_open(&rd->w, text, len, ei);
    while (r == 0 && walk_peek(&rd->w) != '\0')
        r = members(rd, read_package, NULL, "the tracker's data is an object of packages");
    walk_close(&rd->w);
    buf_release(&rd->affected);
    free(rd);
    return r;
}
