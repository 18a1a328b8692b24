/* Input files: mapping them, and the day they were made. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attrib/rows_priv.h"

int
mapped_open(const char *path, struct mapped *ret, struct errinfo *ei)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    void *map;
    int r = 0;

    *ret = (struct mapped){{NULL, 0}, {0}};
    if (fd < 0 || fstat(fd, &st) < 0)
        r = err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        r = err_set(ei, ERR_INVALID, "is no regular file");
    else if (st.st_size > 0) {
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            r = err_set(ei, ERR_IO, "cannot be mapped: %s", strerror(errno));
        else
            ret->bytes = (struct slice){map, (size_t)st.st_size};
    }
    ret->modified.us = (int64_t)st.st_mtim.tv_sec * TIME_US_PER_S;
    if (fd >= 0)
        (void)close(fd);
    return r;
}

void
mapped_close(struct mapped *m)
{
    union {
        const char *in;
        void *out;
    } ptr = {m->bytes.ptr};

    if (m->bytes.ptr != NULL)
        (void)munmap(ptr.out, m->bytes.len);
    m->bytes = (struct slice){NULL, 0};
}

/* `"version": "2.3.2026061719"` in the package.json beside path: its last part as a day. */
static int
package_date(const char *path, struct utime *ret)
{
    const char *slash = strrchr(path, '/');
    char name[4096];
    char day[11];
    struct mapped m;
    const char *at;
    const char *end;
    int r = ERR_NOTFOUND;

    if (snprintf(name, sizeof name, "%.*spackage.json",
                 slash == NULL ? 0 : (int)(slash - path) + 1, path) >= (int)sizeof name ||
        mapped_open(name, &m, NULL) < 0)
        return ERR_NOTFOUND;
    at = m.bytes.len == 0 ? NULL : memmem(m.bytes.ptr, m.bytes.len, "\"version\"", 9);
    if (at != NULL) {
        size_t left = m.bytes.len - (size_t)(at + 9 - m.bytes.ptr);
        const char *open = memchr(at + 9, '"', left);

        end = open == NULL ? NULL : memchr(open + 1, '"', left - (size_t)(open + 1 - (at + 9)));
        if (end != NULL && end - open > 11 && end[-11] == '.') {
            (void)snprintf(day, sizeof day, "%.4s-%.2s-%.2s", end - 10, end - 6, end - 4);
            if (time_parse_human(slice_of(day), (struct utime){0}, ret) == 0)
                r = 0;
        }
    }
    mapped_close(&m);
    return r;
}

int
attrib_date(const char *path, struct utime *ret, struct errinfo *ei)
{
    const int64_t day = 86400 * TIME_US_PER_S;
    struct utime t = {0};
    struct mapped m;
    int r;

    err_file(ei, path);
    r = mapped_open(path, &m, ei);
    if (r < 0)
        return r;
    t = m.modified;
    if (mmdb_is(m.bytes))
        r = mmdb_date(path, &t, ei);
    else if (csv_date(m.bytes, &t) < 0)
        (void)package_date(path, &t);
    mapped_close(&m);
    if (r == 0 && (t.us < 0 || t.us > TIME_MAX.us))
        r = err_set(ei, ERR_INVALID, "has a date out of range; give one with --date");
    if (r == 0)
        ret->us = t.us - t.us % day;
    return r;
}
