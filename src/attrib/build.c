/* Compiles datasets: read each into segments, lay the segments over each other, write. */
#include "attrib/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "attrib/merge_priv.h"
#include "attrib/rows_priv.h"
#include "attrib/table_priv.h"
#include "attrib/text_priv.h"

static int
check_input(const struct attrib_input *in, unsigned count, struct errinfo *ei)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

    if (count == 0 || count > ATTRIB_DATASETS)
        return err_set(ei, ERR_USAGE, "1 to %u datasets can be compiled, not %u",
                       ATTRIB_DATASETS, count);
    for (unsigned i = 0; i < count; i++) {
        const char *n = in[i].name;

        if (n[0] == '\0' || n[0] == '.' || n[0] == '-' || strlen(n) >= ATTRIB_NAME ||
            n[strspn(n, good)] != '\0')
            return err_set(ei, ERR_USAGE,
                           "`%.40s` is no name for a dataset: up to %u of a-z 0-9 . -", n,
                           ATTRIB_NAME - 1);
        if (in[i].source != NULL && strlen(in[i].source) >= ATTRIB_SOURCE)
            return err_set(ei, ERR_USAGE, "the source of %s is longer than %u bytes", n,
                           ATTRIB_SOURCE - 1);
        if (in[i].source != NULL && !text_is_visible(in[i].source, strlen(in[i].source)))
            return err_set(ei, ERR_USAGE,
                           "the source of %s has bytes that are no UTF-8, or invisible", n);
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(n, in[k].name) == 0)
                return err_set(ei, ERR_USAGE, "two datasets are named `%s`", n);
        }
    }
    return 0;
}

/* One file of a dataset into its rows. */
static int
read_file(const char *path, struct rows *r, struct sha256 *sum, struct errinfo *ei)
{
    struct errinfo before = r->first;
    uint64_t rejected = r->rejected;
    struct mapped m;
    int err;

    err_file(ei, path);
    err = mapped_open(path, &m, ei);
    if (err < 0)
        return err;
    sha256_add(sum, m.bytes.ptr, m.bytes.len);
    err = mmdb_is(m.bytes) ? mmdb_read(path, r, ei) : csv_read(m.bytes, r, ei);
    mapped_close(&m);
    if (rejected == 0 && r->rejected > 0)
        err_file(&r->first, path);
    else
        r->first = before;
    return err;
}

/* The latest day of its files stands for the dataset. */
static int
dataset_date(const struct attrib_input *in, struct utime *ret, struct errinfo *ei)
{
    *ret = in->date;
    for (unsigned i = 0; in->date.us == 0 && i < ATTRIB_FILES && in->path[i] != NULL; i++) {
        struct utime t;
        int err = attrib_date(in->path[i], &t, ei);

        if (err < 0)
            return err;
        if (t.us > ret->us)
            *ret = t;
    }
    return 0;
}

static int
read_dataset(const struct attrib_input *in, struct rows *r, struct attrib_dataset *ret,
             struct errinfo *ei)
{
    struct sha256 sum;
    int err = 0;

    *ret = (struct attrib_dataset){0};
    sha256_init(&sum);
    for (unsigned i = 0; err == 0 && i < ATTRIB_FILES && in->path[i] != NULL; i++)
        err = read_file(in->path[i], r, &sum, ei);
    if (err == 0)
        err = dataset_date(in, &ret->date, ei);
    if (err < 0)
        return err;
    sha256_end(&sum, &ret->sha256);
    ret->kind = r->holds & r->kind;
    if (ret->kind == 0) {
        if (r->rejected > 0 && ei != NULL)
            *ei = r->first;
        return r->rejected > 0
                   ? ERR_INVALID
                   : err_set(ei, ERR_INVALID, "has no usable row of the wanted kind");
    }
    ret->rows = r->usable;
    ret->rejected = r->rejected;
    memcpy(ret->name, in->name, strlen(in->name));
    if (in->source != NULL)
        memcpy(ret->source, in->source, strlen(in->source));
    return 0;
}

static int
read_all(const struct attrib_input *in, unsigned count, struct merge *m,
         struct attrib_report *report, struct errinfo *ei)
{
    for (unsigned i = 0; i < count; i++) {
        struct rows r = {.sorted = true,
                         .names = &m->names,
                         .kind = in[i].kind == 0 ? ATTRIB_ASN | ATTRIB_COUNTRY : in[i].kind};
        int err = read_dataset(&in[i], &r, &m->dataset[i], ei);

        if (err == 0)
            err = rows_segments(&r, &m->segments[i]);
        report->of[i].rows = r.usable;
        report->of[i].rejected = r.rejected;
        report->of[i].outside = r.outside;
        report->of[i].first = r.first;
        rows_release(&r);
        if (err < 0)
            return err == ERR_NOMEM ? err_set(ei, err, "%s", err_text(err)) : err;
    }
    return 0;
}

static int
write_all(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t n = write(fd, s.ptr, s.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        s = slice_sub(s, (size_t)n, s.len);
    }
    return 0;
}

/* So that the new name is durable too. */
static int
sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char name[4096];
    int fd;
    int r;

    (void)snprintf(name, sizeof name, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                   slash == NULL ? "." : path);
    fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    r = fsync(fd) < 0 ? ERR_IO : 0;
    (void)close(fd);
    return r;
}

static int
write_file(const char *path, struct slice bytes, struct errinfo *ei)
{
    char temp[4096];
    int fd;
    int r;

    err_file(ei, path);
    if (snprintf(temp, sizeof temp, "%s.tmp", path) >= (int)sizeof temp)
        return err_set(ei, ERR_USAGE, "the name is too long");
    fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(ei, ERR_IO, "cannot be written: %s", strerror(errno));
    r = write_all(fd, bytes);
    if (r == 0 && fsync(fd) < 0)
        r = ERR_IO;
    if (close(fd) < 0)
        r = ERR_IO;
    if (r == 0 && (rename(temp, path) < 0 || sync_folder(path) < 0))
        r = ERR_IO;
    if (r < 0) {
        r = err_set(ei, r, "cannot be written: %s", strerror(errno));
        (void)unlink(temp);
    }
    return r;
}

int
attrib_build(const struct attrib_input *in, unsigned count, const char *out,
             struct attrib_report *ret, struct errinfo *ei)
{
    struct merge *m;
    int r;

    *ret = (struct attrib_report){.datasets = count};
    r = check_input(in, count, ei);
    if (r < 0)
        return r;
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = merge_init(m, count);
    if (r == 0)
        r = read_all(in, count, m, ret, ei);
    if (r == 0) {
        r = merge_compile(m, ret);
        if (r < 0)
            (void)err_set(ei, r, "%s", err_text(r));
    }
    if (r == 0)
        r = write_file(out, buf_get(&m->file), ei);
    merge_release(m);
    free(m);
    return r;
}
