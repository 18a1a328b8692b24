#include "role/depends.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "depend/answers.h"
#include "depend/suppliers.h"
#include "depend/zone.h"
#include "role/certificates.h"
#include "role/topologies.h"
#include "role/unpack.h"

enum { PATHS = 4096, PEM_BYTES = 1 << 20, PEM_FILES = 1 << 14 };

void
depends_init(struct depends *d, uint64_t secret)
{
    *d = (struct depends){0};
    facts_init(&d->facts, secret);
}

void
depends_release(struct depends *d)
{
    services_release(&d->services);
    facts_release(&d->facts);
    home_release(&d->home);
    (void)attrib_close(d->attrib);
    (void)topology_free(d->topology);
    for (unsigned i = 0; i < d->texts; i++)
        buf_release(&d->text[i]);
    d->texts = 0;
}

int
depends_open(struct depends *d, const char *dir, struct errinfo *ei)
{
    return depends_open_date(d, dir, NULL, ei);
}

int
depends_open_date(struct depends *d, const char *dir, const char *date, struct errinfo *ei)
{
    static char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    struct snapshot_about about;
    char path[PATHS];
    struct hash hash;
    struct stat st;
    int r = 0;

    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", dir);
    if (stat(path, &st) == 0 || errno != ENOENT)
        r = attrib_open(path, &d->attrib, ei);
    if (r < 0)
        return r;
    (void)snprintf(path, sizeof path, "%s/topology", dir);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 0;
    r = topologies_dates(dir, dates, ei);
    if (r > 0)
        r = topologies_load(dir, date, &d->topology, &about, &hash, ei);
    if (r == 0 && d->topology != NULL)
        memcpy(d->topology_date, about.date, sizeof d->topology_date);
    return r;
}

uint16_t
depends_country_of(const void *self, uint32_t asn)
{
    const struct topology *t = self;
    uint32_t i = topology_find(t, asn);

    return i == TOPOLOGY_NONE ? COUNTRY_UNKNOWN : t->country[i];
}

static int
load(const char *path, struct buf *to, struct errinfo *ei)
{
    struct hash sum;
    int r;

    err_file(ei, path);
    r = unpack_file(path, to, &sum, ei);
    err_file(ei, path); /* it may have been named by its last part */
    return r;
}

/* A file's text, kept until the end. */
static int
take(struct depends *d, const char *path, size_t max, struct buf **ret, struct errinfo *ei)
{
    err_file(ei, path);
    if (d->texts == DEPENDS_TEXTS) {
        (void)err_set(ei, ERR_LIMIT, "is one file too many: at most %d", DEPENDS_TEXTS);
        return ERR_LIMIT;
    }
    *ret = &d->text[d->texts++];
    buf_init(*ret, max);
    return load(path, *ret, ei);
}

/* The file's day: of what zones and certificates say nothing else is known. */
static int
put_source(struct depends *d, const char *path, uint16_t *ret)
{
    struct utime date = {0};
    struct stat st;

    if (stat(path, &st) == 0)
        date.us = (int64_t)st.st_mtim.tv_sec * TIME_US_PER_S;
    return facts_source(&d->facts, path, date, ret);
}

int
depends_rows(struct depends *d, const char *path, struct diff_rows *ret, bool *ret_audit,
             struct errinfo *ei)
{
    struct buf *text;
    int r = take(d, path, DEPENDS_BYTES, &text, ei);

    if (r < 0)
        return r;
    *ret_audit = diff_is_audit(buf_get(text));
    return *ret_audit ? diff_read(text->ptr, text->len, ret, ei)
                      : services_read(text->ptr, text->len, &d->services, ei);
}

int
depends_services(struct depends *d, const char *path, struct errinfo *ei)
{
    struct buf *text;
    int r = take(d, path, DEPENDS_BYTES, &text, ei);

    return r < 0 ? r : services_read(text->ptr, text->len, &d->services, ei);
}

static int
take_home(struct depends *d, const char *path,
          int (*f)(struct home *, struct slice, struct errinfo *), struct errinfo *ei)
{
    AUTO_BUF(text, 1 << 24);
    int r = load(path, &text, ei);

    return r < 0 ? r : f(&d->home, buf_get(&text), ei);
}

int
depends_home(struct depends *d, const char *path, struct errinfo *ei)
{
    return take_home(d, path, home_read, ei);
}

int
depends_scenario(struct depends *d, const char *path, struct errinfo *ei)
{
    return take_home(d, path, home_read_scenario, ei);
}

int
depends_zone(struct depends *d, const char *path, struct errinfo *ei)
{
    const char *mark = strchr(path, '=');
    struct slice origin = {"", 0};
    struct zone_counts counts = {0};
    uint16_t source;
    AUTO_BUF(text, DEPENDS_BYTES);
    int r;

    if (mark != NULL && access(path, F_OK) < 0) {
        origin = (struct slice){path, (size_t)(mark - path)};
        path = mark + 1;
    }
    r = load(path, &text, ei);
    if (r == 0)
        r = put_source(d, path, &source);
    if (r == 0)
        r = zone_read(&d->facts, buf_get(&text), origin, source, &counts, ei);
    return r;
}

int
depends_answers(struct depends *d, const char *path, bool services, struct errinfo *ei)
{
    uint16_t source;
    struct buf *text;
    int r = take(d, path, DEPENDS_BYTES, &text, ei);

    if (r == 0)
        r = put_source(d, path, &source);
    if (r == 0)
        r = answers_read(&d->facts, text->ptr, text->len, source,
                         services ? &d->services : NULL, ei);
    return r;
}

int
depends_suppliers(struct depends *d, const char *path, struct errinfo *ei)
{
    uint16_t source = 0;
    struct buf *text;
    int r = take(d, path, DEPENDS_BYTES, &text, ei);

    if (r == 0)
        r = put_source(d, path, &source);
    return r < 0 ? r : suppliers_read(&d->facts, text->ptr, text->len, source, ei);
}

int
depends_sbom(struct depends *d, const char *path, struct sbom_counts *ret, struct errinfo *ei)
{
    const char *mark = strchr(path, '=');
    struct sbom_of of = {.service = {"", 0}};
    struct buf *text;
    int r;

    if (mark != NULL && access(path, F_OK) < 0) {
        of.service = (struct slice){path, (size_t)(mark - path)};
        path = mark + 1;
    }
    of.fallback = slice_of(strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1);
    r = take(d, path, DEPENDS_BYTES, &text, ei);
    if (r == 0)
        r = put_source(d, path, &of.source);
    if (r < 0)
        return r;
    of.text = text->ptr;
    of.len = text->len;
    return sbom_read(&d->facts, &d->services, &of, ret, ei);
}

static int
take_pem(struct depends *d, const char *path, struct errinfo *ei)
{
    struct certificates_counts counts = {0};
    uint16_t source;
    AUTO_BUF(text, PEM_BYTES);
    int r = load(path, &text, ei);

    if (r == 0)
        r = put_source(d, path, &source);
    if (r == 0)
        r = certificates_read(&d->facts, buf_get(&text), source, &counts, ei);
    return r;
}

static int
is_pem(const struct dirent *e)
{
    static const char *const end[] = {".pem", ".crt", ".cer", ".crl"};
    const char *dot = strrchr(e->d_name, '.');

    for (unsigned i = 0; dot != NULL && i < sizeof end / sizeof end[0]; i++) {
        if (strcmp(dot, end[i]) == 0)
            return 1;
    }
    return 0;
}

int
depends_certificates(struct depends *d, const char *path, struct errinfo *ei)
{
    struct dirent **list = NULL;
    struct stat st;
    char one[PATHS];
    int r = 0;
    int count;

    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return take_pem(d, path, ei);
    err_file(ei, path);
    count = scandir(path, &list, is_pem, alphasort);
    if (count < 0)
        return err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
    if (count > PEM_FILES)
        r = err_set(ei, ERR_LIMIT, "more than %d files", PEM_FILES);
    for (int i = 0; i < count; i++) {
        if (r == 0 && snprintf(one, sizeof one, "%s/%s", path, list[i]->d_name) >= PATHS)
            r = err_set(ei, ERR_LIMIT, "the name is too long");
        if (r == 0)
            r = take_pem(d, one, ei);
        free(list[i]);
    }
    free(list);
    return r;
}
