#include "vuln/osv.h"

#include <stdlib.h>

#include "vuln/purl.h"
#include "wire/walk.h"

bool
osv_scheme(struct slice ecosystem, enum version_scheme *ret)
{
    static const struct {
        const char *name;
        enum version_scheme scheme;
    } list[] = {
#define ECOSYSTEM(name, scheme) {name, VERSION_##scheme},
#include "vuln/ecosystem.def"
    };
    struct slice name = slice_part(&ecosystem, ':');

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (slice_is(name, list[i].name)) {
            *ret = list[i].scheme;
            return true;
        }
    }
    return false;
}

/* ---- a package --------------------------------------------------------------------------- */

/* Its events come before or behind its name and ecosystem, whose rules they go by: so they are
 * kept until its end. */
enum { EVENTS = 4096 };
struct event {
    enum affected_event event;
    bool ends_range;
    bool single; /* of `versions` */
    struct slice version;
};
struct package {
    struct slice ecosystem;
    struct slice name;
    unsigned events;
    bool cut;
    struct event event[EVENTS];
};

struct reader { /* too large for a stack */
    struct walk w;
    struct osv_counts *counts;
    osv_take *take;
    void *arg;
    struct package package;
    struct osv_record record;
};

static void
add_event(struct package *p, struct event e)
{
    if (p->events < EVENTS)
        p->event[p->events++] = e;
    else
        p->cut = true;
}

static int
read_one_event(struct walk *w, struct package *p)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        struct event e = {.event = slice_is(key, "fixed")           ? AFFECTED_FIXED
                                   : slice_is(key, "last_affected") ? AFFECTED_LAST
                                                                    : AFFECTED_INTRODUCED};
        bool known = e.event != AFFECTED_INTRODUCED || slice_is(key, "introduced");

        r = known ? walk_string(w, &e.version) : walk_skip(w);
        if (r < 0)
            return r;
        if (known)
            add_event(p, e);
        r = 1;
    }
    return r;
}

static int
read_events(struct walk *w, struct package *p)
{
    bool first = true;
    int r = walk_enter(w, '[');

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = read_one_event(w, p);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_range(struct reader *rd, struct package *p)
{
    struct walk *w = &rd->w;
    unsigned from = p->events;
    bool first = true;
    bool git = false;
    struct slice key;
    struct slice type;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        if (slice_is(key, "events")) {
            r = read_events(w, p);
        } else if (slice_is(key, "type")) {
            r = walk_string(w, &type);
            git = r == 0 && slice_is(type, "GIT");
        } else {
            r = walk_skip(w);
        }
        if (r < 0)
            return r;
        r = 1;
    }
    if (git) {
        p->events = from;
        rd->counts->git++;
    } else if (p->events > from) {
        p->event[p->events - 1].ends_range = true;
    }
    return r;
}

static int
read_ranges(struct reader *rd, struct package *p)
{
    bool first = true;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = read_range(rd, p);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_versions(struct walk *w, struct package *p)
{
    bool first = true;
    struct event e = {.single = true};
    int r = walk_enter(w, '[');

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = walk_string(w, &e.version);
        if (r < 0)
            return r;
        add_event(p, e);
        r = 1;
    }
    return r;
}

static int
read_name(struct walk *w, struct package *p)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "ecosystem") ? walk_string(w, &p->ecosystem)
            : slice_is(key, "name")    ? walk_string(w, &p->name)
                                       : walk_skip(w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static void
keep_package(struct reader *rd, const struct package *p)
{
    struct osv_record *rec = &rd->record;
    struct affected_builder b;
    struct osv_package *to;
    enum version_scheme scheme;
    size_t from = rec->affected.len;
    struct slice name = p->name;

    if (p->name.len == 0 || p->name.len > OSV_TEXT || p->ecosystem.len > OSV_TEXT ||
        !osv_scheme(p->ecosystem, &scheme)) {
        rd->counts->unknown_ecosystem++;
        return;
    }
    if (rec->packages == OSV_PACKAGES) {
        rd->counts->cut++;
        return;
    }
    affected_begin(&b, scheme, &rec->affected);
    name.len = purl_fold(p->ecosystem, rd->w.text + (name.ptr - rd->w.text), name.len);
    for (unsigned i = 0; i < p->events; i++) {
        const struct event *e = &p->event[i];

        if (e->single) {
            affected_version(&b, e->version);
            continue;
        }
        affected_event(&b, e->event, e->version);
        if (e->ends_range)
            affected_end_range(&b);
    }
    rd->counts->cut += b.full || p->cut;
    to = &rec->package[rec->packages++];
    *to = (struct osv_package){p->ecosystem, name, scheme, from, rec->affected.len - from};
    rd->counts->packages++;
}

static int
read_package(struct reader *rd)
{
    struct walk *w = &rd->w;
    struct package *p = &rd->package;
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    p->ecosystem = p->name = (struct slice){"", 0};
    p->events = 0;
    p->cut = false;
    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "package")    ? read_name(w, p)
            : slice_is(key, "ranges")   ? read_ranges(rd, p)
            : slice_is(key, "versions") ? read_versions(w, p)
                                        : walk_skip(w);
        if (r < 0)
            return r;
        r = 1;
    }
    if (r == 0)
        keep_package(rd, p);
    return r;
}

static int
read_packages(struct reader *rd)
{
    bool first = true;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = read_package(rd);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* ---- a record ---------------------------------------------------------------------------- */

/* `CVE-2021-44228`, or that behind a database's own name: `DEBIAN-CVE-2021-44228`. */
static void
add_cve(struct reader *rd, struct slice name)
{
    struct osv_record *rec = &rd->record;
    unsigned at = rec->cves;
    cve_id id = 0;

    for (size_t i = 0; id == 0 && i + 4 < name.len; i++) {
        if (i == 0 || name.ptr[i - 1] == '-')
            id = cve_parse(slice_sub(name, i, name.len));
    }
    if (id == 0)
        return;
    while (at > 0 && rec->cve[at - 1] > id)
        at--;
    if (at > 0 && rec->cve[at - 1] == id)
        return;
    if (rec->cves == OSV_CVES) {
        rd->counts->cut++;
        return;
    }
    for (unsigned i = rec->cves++; i > at; i--)
        rec->cve[i] = rec->cve[i - 1];
    rec->cve[at] = id;
}

static int
read_aliases(struct reader *rd)
{
    bool first = true;
    struct slice name;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = walk_string(&rd->w, &name);
        if (r < 0)
            return r;
        add_cve(rd, name);
        r = 1;
    }
    return r;
}

static int
read_time(struct reader *rd, struct utime *ret)
{
    struct walk at = rd->w; /* for the place of what is wrong */
    struct slice text;
    int r = walk_string(&rd->w, &text);

    if (r == 0 && time_parse_any(text, ret) < 0)
        return walk_wrong(&at, "`modified` is a time, as 2026-01-02T03:04:05Z");
    return r;
}

static int
read_member(struct reader *rd, struct slice key, bool *dated)
{
    struct walk *w = &rd->w;
    struct osv_record *rec = &rd->record;
    struct slice text;
    int r;

    if (slice_is(key, "id"))
        return walk_string(w, &rec->id);
    if (slice_is(key, "modified")) {
        *dated = true;
        return read_time(rd, &rec->modified);
    }
    if (slice_is(key, "withdrawn")) {
        r = walk_string(w, &text);
        rec->withdrawn = text.len > 0;
        return r;
    }
    if (slice_is(key, "aliases") || slice_is(key, "upstream"))
        return read_aliases(rd);
    return slice_is(key, "affected") ? read_packages(rd) : walk_skip(w);
}

static int
read_record(struct reader *rd)
{
    struct osv_record *rec = &rd->record;
    struct walk *w = &rd->w;
    struct walk start = *w;
    bool first = true;
    bool dated = false;
    struct slice key;
    int r;

    rec->line = walk_line(w);
    rec->id = (struct slice){"", 0};
    rec->modified = (struct utime){0};
    rec->withdrawn = false;
    rec->cves = rec->packages = 0;
    buf_reset(&rec->affected);
    if (walk_peek(w) != '{')
        return walk_wrong(w, "a record is an object");
    r = walk_enter(w, '{');
    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = read_member(rd, key, &dated);
        if (r < 0)
            return r;
        r = 1;
    }
    if (r < 0)
        return r;
    if (rec->id.len == 0 || rec->id.len > OSV_TEXT || !dated)
        return walk_wrong(&start, "a record of OSV has `id` and `modified`");
    add_cve(rd, rec->id);
    rd->counts->records++;
    return buf_error(&rec->affected) < 0 ? buf_error(&rec->affected) : rd->take(rd->arg, rec);
}

/* One behind the other, or in an array. */
static int
read_all(struct reader *rd)
{
    struct walk *w = &rd->w;
    bool first = true;
    int r = 0;

    if (walk_peek(w) != '[') {
        while (r == 0 && walk_peek(w) != '\0')
            r = read_record(rd);
        return r;
    }
    r = walk_enter(w, '[');
    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = read_record(rd);
        if (r < 0)
            return r;
        r = 1;
    }
    return r == 0 && walk_peek(w) != '\0' ? walk_wrong(w, "behind the records stands more") : r;
}

int
osv_read(char *text, size_t len, osv_take *take, void *arg, struct osv_counts *counts,
         struct errinfo *ei)
{
    struct reader *rd = malloc(sizeof *rd);
    int r;

    *counts = (struct osv_counts){0};
    if (rd == NULL)
        return ERR_NOMEM;
    rd->counts = counts;
    rd->take = take;
    rd->arg = arg;
    buf_init(&rd->record.affected, OSV_BYTES);
    r = walk_open(&rd->w, text, len, ei);
    if (r == 0)
        r = read_all(rd);
    walk_close(&rd->w);
    buf_release(&rd->record.affected);
    free(rd);
    return r;
}
