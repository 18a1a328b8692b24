#include "vuln/cve5_priv.h"

#include <stdio.h>
#include <stdlib.h>

int
cve5_members(struct cve5_reader *rd, cve5_member *each, void *arg)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(&rd->w, '{');

    while (r > 0 && (r = walk_member(&rd->w, &first, &key)) > 0) {
        r = each(rd, key, arg);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

int
cve5_items(struct cve5_reader *rd, cve5_item *each, void *arg)
{
    bool first = true;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = each(rd, arg);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

int
cve5_text(struct cve5_reader *rd, size_t most, struct slice *ret)
{
    int r = walk_string(&rd->w, ret);

    if (ret->len <= most)
        return r;
    *ret = slice_cut(*ret, most);
    rd->counts->cut++;
    return r;
}

int
cve5_time(struct cve5_reader *rd, struct utime *ret)
{
    enum { DATE = 10 };
    char day[32];
    struct slice text;
    int r = walk_string(&rd->w, &text);

    ret->us = 0;
    if (text.len == DATE) {
        (void)snprintf(day, sizeof day, "%.*sT00:00:00Z", DATE, text.ptr);
        text = slice_of(day);
    }
    if (r == 0 && time_parse_any(text, ret) < 0)
        rd->counts->odd_time++;
    return r;
}

/* ---- containers -------------------------------------------------------------------------- */

struct said {
    struct slice lang;
    struct slice value;
};

static int
read_said(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct said *s = arg;

    return slice_is(key, "lang")    ? walk_string(&rd->w, &s->lang)
           : slice_is(key, "value") ? walk_string(&rd->w, &s->value)
                                    : walk_skip(&rd->w);
}

/* The first in English. */
static int
read_description(struct cve5_reader *rd, void *arg)
{
    struct slice *to = arg;
    struct said s = {{"", 0}, {"", 0}};
    int r = cve5_members(rd, read_said, &s);

    if (r < 0 || to->len > 0 || !slice_is(slice_sub(s.lang, 0, 2), "en"))
        return r;
    *to = s.value;
    if (to->len > CVE5_DESCRIPTION) {
        *to = slice_cut(*to, CVE5_DESCRIPTION);
        rd->counts->cut++;
    }
    return r;
}

static void
add_cwe(struct cve5_reader *rd, struct slice name)
{
    enum { DIGITS = 6 };
    struct cve5_record *rec = &rd->record;
    struct slice digits = slice_sub(name, 4, name.len);
    unsigned at = rec->cwes;
    unsigned n = 0;

    if (!slice_is(slice_sub(name, 0, 4), "CWE-") || digits.len == 0 || digits.len > DIGITS)
        return;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return;
        n = n * 10 + (unsigned)(digits.ptr[i] - '0');
    }
    while (at > 0 && rec->cwe[at - 1] > n)
        at--;
    if (n == 0 || (at > 0 && rec->cwe[at - 1] == n))
        return;
    if (rec->cwes == CVE5_CWES) {
        rd->counts->cut++;
        return;
    }
    for (unsigned i = rec->cwes++; i > at; i--)
        rec->cwe[i] = rec->cwe[i - 1];
    rec->cwe[at] = n;
}

static int
read_weakness_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct slice name;
    int r;

    (void)arg;
    if (!slice_is(key, "cweId"))
        return walk_skip(&rd->w);
    r = walk_string(&rd->w, &name);
    add_cwe(rd, name);
    return r;
}

static int
read_weakness(struct cve5_reader *rd, void *arg)
{
    return cve5_members(rd, read_weakness_member, arg);
}

static int
read_problem_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    return slice_is(key, "descriptions") ? cve5_items(rd, read_weakness, arg)
                                         : walk_skip(&rd->w);
}

static int
read_problem(struct cve5_reader *rd, void *arg)
{
    return cve5_members(rd, read_problem_member, arg);
}

static int
read_container_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct cve5_record *rec = &rd->record;

    (void)arg;
    if (slice_is(key, "metrics"))
        return cve5_metrics(rd);
    if (slice_is(key, "affected"))
        return cve5_affected(rd);
    if (slice_is(key, "problemTypes"))
        return cve5_items(rd, read_problem, NULL);
    if (rd->container == CVE5_ADP) /* its title is the container's own */
        return walk_skip(&rd->w);
    if (slice_is(key, "title"))
        return cve5_text(rd, CVE5_TITLE, &rec->title);
    if (slice_is(key, "descriptions") || slice_is(key, "rejectedReasons"))
        return cve5_items(rd, read_description, &rec->description);
    return walk_skip(&rd->w);
}

static int
read_adp(struct cve5_reader *rd, void *arg)
{
    rd->container = CVE5_ADP;
    return cve5_members(rd, read_container_member, arg);
}

static int
read_containers(struct cve5_reader *rd, struct slice key, void *arg)
{
    if (slice_is(key, "adp"))
        return cve5_items(rd, read_adp, arg);
    if (!slice_is(key, "cna"))
        return walk_skip(&rd->w);
    rd->container = CVE5_CNA;
    return cve5_members(rd, read_container_member, arg);
}

/* ---- records ----------------------------------------------------------------------------- */

static int
read_metadata(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct cve5_record *rec = &rd->record;
    bool *stated = arg;
    struct walk at = rd->w; /* for the place of what is wrong */
    struct slice text;
    int r;

    if (slice_is(key, "datePublished"))
        return cve5_time(rd, &rec->published);
    if (slice_is(key, "dateUpdated"))
        return cve5_time(rd, &rec->updated);
    if (slice_is(key, "cveId")) {
        r = walk_string(&rd->w, &text);
        rec->cve = cve_parse(text);
        return r == 0 && rec->cve == 0 ? walk_wrong(&at, "`cveId` is no CVE") : r;
    }
    if (!slice_is(key, "state"))
        return walk_skip(&rd->w);
    r = walk_string(&rd->w, &text);
    *stated = true;
    rec->state = slice_is(text, "REJECTED") ? CVE5_REJECTED : CVE5_PUBLISHED;
    return r == 0 && rec->state == CVE5_PUBLISHED && !slice_is(text, "PUBLISHED")
               ? walk_wrong(&at, "`state` is PUBLISHED or REJECTED")
               : r;
}

static int
read_record_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct walk at = rd->w;
    struct slice text;
    int r;

    if (slice_is(key, "containers"))
        return cve5_members(rd, read_containers, NULL);
    if (slice_is(key, "cveMetadata"))
        return cve5_members(rd, read_metadata, arg);
    if (!slice_is(key, "dataVersion"))
        return walk_skip(&rd->w);
    r = walk_string(&rd->w, &text);
    return r == 0 && !slice_is(slice_sub(text, 0, 2), "5.")
               ? walk_wrong(&at, "`dataVersion` is not 5.0 or a later one")
               : r;
}

static void
begin_record(struct cve5_record *rec)
{
    rec->cve = 0;
    rec->state = CVE5_PUBLISHED;
    rec->published = rec->updated = rec->kev_added = (struct utime){0};
    rec->title = rec->description = (struct slice){"", 0};
    rec->cvss = (struct cve5_cvss){.vector = {"", 0}};
    rec->ssvc = (struct cve5_ssvc){.there = false};
    rec->in_kev = false;
    rec->cwes = rec->products = rec->versions = rec->changes = rec->cpes = rec->packages = 0;
    buf_reset(&rec->affected);
}

static int
read_record(struct cve5_reader *rd, void *arg)
{
    struct cve5_record *rec = &rd->record;
    struct walk *w = &rd->w;
    struct walk start;
    bool stated = false;
    int r;

    (void)arg;
    begin_record(rec);
    rec->line = walk_line(w);
    start = *w;
    if (walk_peek(w) != '{')
        return walk_wrong(w, "a record is an object");
    r = cve5_members(rd, read_record_member, &stated);
    if (r < 0)
        return r;
    if (rec->cve == 0 || !stated)
        return walk_wrong(&start,
                          "a record of a CVE has `cveMetadata` with `cveId` and `state`");
    rd->counts->records++;
    rd->counts->rejected += rec->state == CVE5_REJECTED;
    rd->counts->ssvc += rec->ssvc.there;
    rd->counts->kev += rec->in_kev;
    return buf_error(&rec->affected) == ERR_NOMEM ? ERR_NOMEM : rd->take(rd->arg, rec);
}

/* One behind the other, or in an array. */
static int
read_all(struct cve5_reader *rd)
{
    struct walk *w = &rd->w;
    int r = 0;

    if (walk_peek(w) != '[') {
        while (r == 0 && walk_peek(w) != '\0')
            r = read_record(rd, NULL);
        return r;
    }
    r = cve5_items(rd, read_record, NULL);
    return r == 0 && walk_peek(w) != '\0' ? walk_wrong(w, "behind the records stands more") : r;
}

int
cve5_read(char *text, size_t len, cve5_take *take, void *arg, struct cve5_counts *counts,
          struct errinfo *ei)
{
    struct cve5_reader *rd = malloc(sizeof *rd);
    int r;

    *counts = (struct cve5_counts){.records = 0};
    if (rd == NULL)
        return ERR_NOMEM;
    rd->counts = counts;
    rd->take = take;
    rd->arg = arg;
    buf_init(&rd->record.affected, CVE5_BYTES);
    r = walk_open(&rd->w, text, len, ei);
    if (r == 0)
        r = read_all(rd);
    walk_close(&rd->w);
    buf_release(&rd->record.affected);
    free(rd);
    return r;
}
