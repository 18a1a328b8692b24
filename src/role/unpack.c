#include "role/unpack.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 1 << 16 };

struct source {
    int fd;
    int error; /* errno of a read that failed */
    bool any;
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
    s->any |= n > 0;
    sha256_add(&s->sum, s->bytes, (size_t)n);
    *ret = s->bytes;
    return n;
}

static int
refuse(const struct source *s, struct archive *a, struct errinfo *ei)
{
    const char *why = archive_error_string(a);

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

    if (code == ARCHIVE_EOF && !s->any)
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

int
unpack_stream(const char *path, unpack_take *take, void *arg, struct hash *ret_sha256,
              struct errinfo *ei)
{
    struct source s = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    struct archive *a;
    int r;

    err_file(ei, path);
    if (s.fd < 0)
        return err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
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
        r = archive_read_open(a, &s, NULL, give, NULL) != ARCHIVE_OK
                ? refuse(&s, a, ei)
                : take_all(&s, a, take, arg, ei);
    }
    (void)archive_read_free(a);
    (void)close(s.fd);
    sha256_end(&s.sum, ret_sha256);
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
    return unpack_stream(path, add, to, ret_sha256, ei);
}
