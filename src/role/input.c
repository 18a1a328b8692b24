#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/ingest_priv.h"

static int64_t
read_some(int fd, char *to, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = read(fd, to + done, n - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

/* The head of a file is read at its place; that of a pipe is kept and given again. */
static int
read_head(struct input *in)
{
    int64_t n = 0;

    if (!in->seekable) {
        n = read_some(in->fd, in->head, SOURCE_PREFIX);
    } else {
        while ((size_t)n < SOURCE_PREFIX) {
            ssize_t got = pread(in->fd, in->head + n, SOURCE_PREFIX - (size_t)n, (off_t)n);

            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return ERR_IO;
            if (got == 0)
                break;
            n += got;
        }
    }
    if (n < 0)
        return ERR_IO;
    in->head_len = (size_t)n;
    return 0;
}

int
input_open(struct input *in, int fd)
{
    struct stat st;

    *in = (struct input){.fd = fd, .head = malloc(SOURCE_PREFIX)};
    if (in->head == NULL)
        return ERR_NOMEM;
    if (fstat(fd, &st) < 0)
        return ERR_IO;
    in->seekable = S_ISREG(st.st_mode);
    in->total = in->seekable ? (uint64_t)st.st_size : 0;
    if (in->seekable && lseek(fd, 0, SEEK_SET) < 0)
        return ERR_IO;
    return read_head(in);
}

void
input_release(struct input *in)
{
    free(in->head);
    *in = (struct input){.fd = -1};
}

int64_t
input_read(struct input *in, char *to, size_t n)
{
    size_t from_head = 0;
    int64_t got;

    if (!in->seekable && in->head_at < in->head_len) {
        from_head = in->head_len - in->head_at;
        if (from_head > n)
            from_head = n;
        memcpy(to, in->head + in->head_at, from_head);
        in->head_at += from_head;
    }
    got = read_some(in->fd, to + from_head, n - from_head);
    if (got < 0)
        return got;
    in->at += from_head + (uint64_t)got;
    return (int64_t)from_head + got;
}

int
input_skip(struct input *in, uint64_t at)
{
    char scratch[4096];

    if (in->seekable) {
        in->at = at;
        return lseek(in->fd, (off_t)at, SEEK_SET) < 0 ? ERR_IO : 0;
    }
    while (in->at < at) {
        size_t want = at - in->at < sizeof scratch ? (size_t)(at - in->at) : sizeof scratch;
        int64_t got = input_read(in, scratch, want);

        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
    }
    return 0;
}

int
input_identify(struct input *in, struct store_source *src)
{
    if (in->seekable && in->head_len < SOURCE_PREFIX && src->offset > in->head_len) {
        int r = read_head(in);

        if (r < 0)
            return r;
    }
    src->prefix_len = (uint32_t)(src->offset < in->head_len ? src->offset : in->head_len);
    src->prefix = sha256_of(in->head, src->prefix_len);
    return 0;
}
