/* Any bytes as a dataset to import, CSV or MMDB: refused with a reason, or rows that become
 * ascending segments. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attrib/rows_priv.h"

static int
read_mmdb(struct slice bytes, struct rows *r, struct errinfo *ei)
{
    int fd = memfd_create("mmdb", MFD_CLOEXEC);
    char path[64];
    int err = ERR_IO;

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len)
        err = mmdb_read(path, r, ei);
    (void)close(fd);
    return err;
}

static void
check(struct rows *r)
{
    struct buf segments;
    const struct segment *s;
    size_t n;

    buf_init(&segments, 1 << 28);
    BUG_ON(rows_segments(r, &segments) < 0);
    s = (const void *)segments.ptr;
    n = segments.len / sizeof *s;
    BUG_ON(n == 0 || n > 2 * r->count + 1 || s[0].from != 0);
    for (size_t i = 1; i < n; i++)
        BUG_ON(s[i].from <= s[i - 1].from || s[i].value == s[i - 1].value);
    BUG_ON(s[n - 1].value != 0 && r->count == 0);
    buf_release(&segments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {(const char *)data, size};
    struct names names;
    struct rows r = {.sorted = true, .names = &names, .kind = ATTRIB_ASN | ATTRIB_COUNTRY};
    struct errinfo ei = {0};
    int err;

    if (names_init(&names) < 0)
        return 0;
    err = mmdb_is(bytes) ? read_mmdb(bytes, &r, &ei) : csv_read(bytes, &r, &ei);
    if (err == 0)
        check(&r);
    else
        BUG_ON(ei.text[0] == '\0');
    BUG_ON(r.rejected > 0 && r.first.text[0] == '\0');
    rows_release(&r);
    names_release(&names);
    return 0;
}
