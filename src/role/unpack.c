#include "role/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 1 << 16 };

struct source {
    int fd;
    struct utime changed;
    int error;     /* errno of a read that failed */
    uint64_t read; /* bytes */
    bool ended;    /* and there are no more */
    struct sha256 sum;
    char bytes[STEP];
};

static la_ssize_t
give(struct archive *a, void *arg, const void **ret)
{
    struct source *s = arg;
    ssize_t n;

    do
        n = read(s->fd, s->bytes, sizeof s->bytes);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        s->error = errno;
        archive_set_error(a, s->error, "cannot be read: %s", strerror(s->error));
        return -1;
    }
    s->read += (uint64_t)n;
    s->ended |= n == 0;
    sha256_add(&s->sum, s->bytes, (size_t)n);
    *ret = s->bytes;
    return n;
}

static int
refuse(const struct source *s, struct archive *a, struct errinfo *ei)
{
    const char *why = archive_error_string(a);

    /* Whatever the library makes of it: it asked for more, and there was none. */
    if (s->error == 0 && s->ended && archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE)
        return err_set(ei, ERR_INVALID,
                       "ends too early: it is packed, and truncated after %llu bytes",
                       (unsigned long long)s->read);
    return err_set(ei, s->error != 0 ? ERR_IO : ERR_INVALID, "%s",
                   why == NULL ? "is packed and broken" : why);
}

static int
take_all(struct source *s, struct archive *a, unpack_take *take, void *arg, struct errinfo *ei)
{
    struct archive_entry *entry;
    char piece[STEP];
    la_ssize_t n = 1;
    int code = archive_read_next_header(a, &entry);
    int r = 0;

    if (code == ARCHIVE_EOF && s->read == 0)
        return 0; /* an empty file is no archive, and nothing is in it */
    if (code < ARCHIVE_WARN)
        return refuse(s, a, ei);
    while (n > 0 && r == 0) {
        n = archive_read_data(a, piece, STEP);
        if (n > 0)
            r = take(arg, (struct slice){piece, (size_t)n}, ei);
    }
    return n < 0 ? refuse(s, a, ei) : r;
}

/* One without a time, as 1970 is taken for, is older than any other. */
static struct utime
changed(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return (struct utime){0};
    if (st.st_mtim.tv_sec <= 0)
        return (struct utime){1};
    if (st.st_mtim.tv_sec >= (TIME_MAX).us / TIME_US_PER_S)
        return TIME_MAX;
    return (struct utime){(int64_t)st.st_mtim.tv_sec * TIME_US_PER_S +
                          st.st_mtim.tv_nsec / 1000};
}

typedef int read_archive(struct source *s, struct archive *a, void *arg, struct errinfo *ei);

/* Opened, whatever packed it, and read by f; its formats are enabled by `tar`. */
static int
with_archive(const char *path, bool tar, read_archive *f, void *arg, struct hash *ret_sha256,
             struct errinfo *ei)
{
    bool in = strcmp(path, "-") == 0;
    struct source s = {.fd = in ? dup(STDIN_FILENO)
                                : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    struct archive *a;
    int r;

    err_file(ei, in ? "(standard input)" : path);
    if (s.fd < 0)
        return err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
    s.changed = changed(s.fd);
    sha256_init(&s.sum);
    a = archive_read_new();
    r = a == NULL ? ERR_NOMEM : 0;
    if (r == 0) {
        (void)archive_read_support_filter_gzip(a);
        (void)archive_read_support_filter_bzip2(a);
        (void)archive_read_support_filter_xz(a);
        (void)archive_read_support_filter_zstd(a);
        (void)archive_read_support_format_raw(a);
        (void)archive_read_support_format_empty(a);
        if (tar)
            (void)archive_read_support_format_tar(a);
        r = archive_read_open(a, &s, NULL, give, NULL) != ARCHIVE_OK ? refuse(&s, a, ei)
                                                                     : f(&s, a, arg, ei);
    }
    (void)archive_read_free(a);
    (void)close(s.fd);
    sha256_end(&s.sum, ret_sha256);
    return r;
}

struct stream {
    unpack_take *take;
    void *arg;
    struct utime changed;
};

static int
read_stream(struct source *s, struct archive *a, void *arg, struct errinfo *ei)
{
    struct stream *to = arg;

    to->changed = s->changed;
    return take_all(s, a, to->take, to->arg, ei);
}

int
unpack_stream(const char *path, unpack_take *take, void *arg, struct hash *ret_sha256,
              struct utime *ret_changed, struct errinfo *ei)
{
    struct stream to = {.take = take, .arg = arg};
    int r = with_archive(path, false, read_stream, &to, ret_sha256, ei);

    if (ret_changed != NULL)
        *ret_changed = to.changed;
    return r;
}

static int
add(void *arg, struct slice piece, struct errinfo *ei)
{
    struct buf *to = arg;

    buf_slice(to, piece);
    return buf_error(to) == 0 ? 0 : err_set(ei, buf_error(to), "%s", err_text(buf_error(to)));
}

int
unpack_file(const char *path, struct buf *to, struct hash *ret_sha256, struct errinfo *ei)
{
    return unpack_stream(path, add, to, ret_sha256, NULL, ei);
}

/* ---- archives ---------------------------------------------------------------------------- */

struct members {
    const char *path;
    const char *const *endings;
    unpack_member *take;
    void *arg;
};

static bool
ends_so(const char *name, const char *const *endings)
{
    size_t len = strlen(name);

    for (; *endings != NULL; endings++) {
        size_t n = strlen(*endings);

        if (len >= n && memcmp(name + len - n, *endings, n) == 0)
            return true;
    }
    return false;
}

static int
read_member(struct source *s, struct archive *a, struct buf *to, struct errinfo *ei)
{
    la_ssize_t n;

    do {
        char *room = buf_reserve(to, STEP);

        if (room == NULL)
            return buf_error(to) == ERR_LIMIT
                       ? err_set(ei, ERR_LIMIT, "is longer than %d bytes", UNPACK_MEMBER)
                       : err_set(ei, buf_error(to), "%s", err_text(buf_error(to)));
        n = archive_read_data(a, room, STEP);
        if (n > 0)
            buf_wrote(to, (size_t)n);
    } while (n > 0);
    return n < 0 ? refuse(s, a, ei) : 0;
}

/* One that is taken; a file that is no archive is one member, which has no name. */
static int
take_member(struct source *s, struct archive *a, struct archive_entry *entry,
            const struct members *m, struct errinfo *ei)
{
    bool raw = archive_format(a) == ARCHIVE_FORMAT_RAW;
    const char *name = raw ? m->path : archive_entry_pathname(entry);
    struct utime changed = {0};
    AUTO_BUF(text, UNPACK_MEMBER + STEP);
    int r;

    if (!raw && (name == NULL || archive_entry_filetype(entry) != AE_IFREG ||
                 !ends_so(name, m->endings)))
        return 0;
    if (!raw && archive_entry_mtime(entry) > 0 &&
        archive_entry_mtime(entry) < (TIME_MAX).us / TIME_US_PER_S)
        changed.us = (int64_t)archive_entry_mtime(entry) * TIME_US_PER_S;
    err_file(ei, name);
    r = read_member(s, a, &text, ei);
    if (r == 0)
        r = m->take(m->arg, name, changed, text.ptr, text.len, ei);
    if (r == 0)
        err_file(ei, m->path);
    return r;
}

static int
read_members(struct source *s, struct archive *a, void *arg, struct errinfo *ei)
{
    const struct members *m = arg;
    struct archive_entry *entry;
    unsigned count = 0;
    int code;
    int r = 0;

    while (r == 0 && (code = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
        if (code < ARCHIVE_WARN)
            return refuse(s, a, ei);
        if (count++ == UNPACK_MEMBERS)
            return err_set(ei, ERR_LIMIT, "has more than %d files", UNPACK_MEMBERS);
        r = take_member(s, a, entry, m, ei);
    }
    return r;
}

int
unpack_members(const char *path, const char *const *endings, unpack_member *take, void *arg,
               struct hash *ret_sha256, struct errinfo *ei)
{
    struct members m = {path, endings, take, arg};

    return with_archive(path, true, read_members, &m, ret_sha256, ei);
}
