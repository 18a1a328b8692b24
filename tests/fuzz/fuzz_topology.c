/* Files about networks: the first byte says of which kind.  What was built from them is sound:
 * its snapshot is read again, and is the same. */
#include <string.h>

#include "topology/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(const struct topology *t, const struct topology_counts *counts)
{
    struct snapshot_about about = {.date = "2024-01-01", .counts = *counts};
    struct snapshot_about about2;
    struct errinfo ei = {0};
    struct topology *t2;
    struct hash hash;
    AUTO_BUF(one, SNAPSHOT_MAX);
    AUTO_BUF(two, SNAPSHOT_MAX);

    if (snapshot_write(t, &about, &one) < 0)
        return;
    BUG_ON(snapshot_read(buf_get(&one), &t2, &about2, &hash, &ei) < 0);
    if (snapshot_write(t2, &about2, &two) == 0)
        BUG_ON(!slice_eq(buf_get(&one), buf_get(&two)));
    (void)topology_free(t2);
}

static void
read_snapshot(struct slice bytes)
{
    struct snapshot_about about;
    struct errinfo ei = {0};
    struct topology *t;
    struct hash hash;

    if (snapshot_read(bytes, &t, &about, &hash, &ei) == 0)
        (void)topology_free(t);
}

/* The hash at its end hides all behind it from a fuzzer: it is made right here. */
static void
read_resealed(struct slice bytes)
{
    struct hash h = sha256_of(bytes.ptr, bytes.len);
    AUTO_BUF(b, 1 << 20);

    buf_slice(&b, bytes);
    buf_add(&b, &h, sizeof h);
    if (buf_error(&b) == 0)
        read_snapshot(buf_get(&b));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int (*const read[])(struct build *, struct slice, uint64_t *, struct errinfo *) = {
        build_read_as_rel,        build_read_countries, build_read_addresses,
        build_read_organisations, build_read_prefixes,  build_read_presence};
    struct slice text = {(const char *)data + 1, size - 1};
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;
    uint64_t lines;

    if (size == 0 || build_new(&b) < 0)
        return 0;
    if (data[0] % 8 == 7)
        read_snapshot(text);
    else if (data[0] % 8 == 6)
        read_resealed(text);
    else if (data[0] % 8 < 6 && read[data[0] % 8](b, text, &lines, &ei) == 0) {
        int r = 0; /* links as well, so that what was read is of somebody */

        for (uint32_t i = 1; r == 0 && i < 8; i++)
            r = build_link(b, i, i + 1, i % 2 ? TIE_PEER : TIE_TRANSIT);
        if (r == 0 && build_finish(b, (data[0] & 64) != 0, &t, &counts, &ei) == 0)
            again(t, &counts);
    }
    (void)topology_free(t);
    (void)build_free(b);
    return 0;
}
