/* What stands in a bundle: which files, and how the archive writes them down. */
#include "exchange/bundle_priv.h"

#include <stdio.h>

#include "exchange/envelope.h"
#include "ledger/proof.h"
#include "model/text.h"
#include "note/note.h"
#include "wire/hex.h"

/* ---- Files ---- */

enum { TILE_WIDTH = 256, ADD_CHECKPOINT_MORE = 4096 /* old size and 63 hashes */ };

static bool
is_named_by_hash(const struct bundle_file *f, struct slice name)
{
    struct hash named;

    return hex_decode(name, named.byte, SHA256_SIZE) == 0 && hash_eq(&named, &f->sha256);
}

/* Below log/. */
static bool
log_size_ok(struct slice rest, uint64_t size)
{
    struct tile_path tile;

    if (tile_path_parse(rest, &tile) < 0)
        return size <= NOTE_MAX; /* the checkpoint */
    if (!tile.entries)
        return size == (uint64_t)tile.width * SHA256_SIZE;
    return size <= (uint64_t)tile.width * (BUNDLE_MEMBER_MAX / TILE_WIDTH);
}

/* Below pact/<name>/collection/. */
static const char *
collection_file_fault(const struct bundle_file *f, struct slice rest)
{
    bool about;

    (void)slice_part(&rest, '/');
    about = slice_is(rest, "about");
    return f->size <= (about ? (uint64_t)BUNDLE_ABOUT_MAX : (uint64_t)BUNDLE_MEMBER_MAX)
               ? NULL
               : "a file of a collection is too large";
}

/* Below pact/<name>/. */
static const char *
pact_file_fault(const struct bundle_file *f, struct slice rest)
{
    struct slice what = slice_part(&rest, '/');
    bool small = slice_is(what, "seen") || slice_is(what, "totals");
    uint64_t max = NOTE_MAX;

    if (slice_is(what, "message"))
        max = ENVELOPE_MAX;
    else if (slice_is(what, "proof"))
        max = PROOF_MAX;
    else if (slice_is(what, "collection"))
        return collection_file_fault(f, rest);
    else if (!small)
        return f->size <= NOTE_PACT_MAX ? NULL : "a pact or annex is too large";
    if (!small && !is_named_by_hash(f, rest))
        return "a message or proof is named by another hash";
    return f->size <= max ? NULL : "a file is larger than its kind may be";
}

const char *
bundle_file_fault(const struct bundle_file *f, struct slice pact)
{
    struct slice rest = f->path;
    struct slice top = slice_part(&rest, '/');
    bool fits = f->size <= NOTE_MAX; /* a checkpoint as it was cosigned */

    if (f->path.len > BUNDLE_PATH_MAX || !text_is_bundle_path(f->path))
        return "a path that no bundle has";
    if (slice_is(top, "pact"))
        return slice_eq(slice_part(&rest, '/'), pact) ? pact_file_fault(f, rest)
                                                      : "a file of another pact";
    if (slice_is(top, "log"))
        fits = log_size_ok(rest, f->size);
    else if (slice_is(rest, "add-checkpoint"))
        fits = f->size <= NOTE_MAX + ADD_CHECKPOINT_MORE;
    return fits ? NULL : "a file is of a size that its kind cannot have";
}

/* ---- The archive ---- */

/* Where the fields of a header begin, and how long they are. */
enum {
    NAME_AT = 0,
    NAME_LEN = 100,
    MODE_AT = 100,
    UID_AT = 108,
    GID_AT = 116,
    SIZE_AT = 124,
    SIZE_LEN = 12,
    MTIME_AT = 136,
    SUM_AT = 148,
    SUM_LEN = 8,
    TYPE_AT = 156,
    LINK_AT = 157,
    LINK_LEN = 100,
    MAGIC_AT = 257,
    MAGIC_LEN = 8,
    PREFIX_AT = 345,
    PREFIX_LEN = 155,
    REST_AT = 500
};

static const char magic[MAGIC_LEN] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};

bool
ustar_is_zero(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != '\0')
            return false;
    }
    return true;
}

/* With its own field read as spaces. */
static unsigned
sum_of(const char block[BUNDLE_BLOCK])
{
    unsigned sum = 0;

    for (unsigned i = 0; i < BUNDLE_BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : (unsigned char)block[i];
    return sum;
}

static void
put_octal(char *to, unsigned digits, uint64_t n)
{
    for (unsigned i = digits; i-- > 0; n /= 8)
        to[i] = (char)('0' + n % 8);
}

void
ustar_write(struct slice path, uint64_t size, char ret[BUNDLE_BLOCK])
{
    size_t split = 0; /* length of the prefix */

    memset(ret, 0, BUNDLE_BLOCK);
    while (path.len - split > NAME_LEN + (split > 0)) {
        const char *slash = memchr(path.ptr + split + 1, '/', path.len - split - 1);

        BUG_ON(slash == NULL); /* no path of a bundle has such a part */
        split = (size_t)(slash - path.ptr);
    }
    memcpy(ret + PREFIX_AT, path.ptr, split);
    if (split > 0)
        path = slice_sub(path, split + 1, path.len);
    memcpy(ret + NAME_AT, path.ptr, path.len);
    put_octal(ret + MODE_AT, 7, 0644);
    put_octal(ret + UID_AT, 7, 0);
    put_octal(ret + GID_AT, 7, 0);
    put_octal(ret + SIZE_AT, SIZE_LEN - 1, size);
    put_octal(ret + MTIME_AT, 11, 0);
    ret[TYPE_AT] = '0';
    memcpy(ret + MAGIC_AT, magic, MAGIC_LEN);
    put_octal(ret + SUM_AT, 6, sum_of(ret));
    ret[SUM_AT + 7] = ' ';
}

/* Digits, and only NUL or spaces behind them. */
static bool
get_octal(const char *from, unsigned len, uint64_t *ret)
{
    unsigned i = 0;

    *ret = 0;
    for (; i < len && from[i] >= '0' && from[i] <= '7'; i++)
        *ret = *ret * 8 + (uint64_t)(from[i] - '0');
    if (i == 0 || i == len)
        return false;
    for (; i < len; i++) {
        if (from[i] != '\0' && from[i] != ' ')
            return false;
    }
    return true;
}

/* Text up to a NUL, and nothing hidden behind it. */
static bool
get_text(const char *from, size_t len, struct slice *ret)
{
    *ret = (struct slice){from, strnlen(from, len)};
    return ustar_is_zero(from + ret->len, len - ret->len);
}

const char *
ustar_read(const char block[BUNDLE_BLOCK], char room[BUNDLE_PATH_MAX + 1],
           struct slice *ret_path, uint64_t *ret_size)
{
    struct slice prefix;
    struct slice name;
    uint64_t sum;
    int n;

    if (!get_octal(block + SUM_AT, SUM_LEN, &sum) || sum != sum_of(block))
        return "the archive is damaged: a header's sum is wrong";
    if (memcmp(block + MAGIC_AT, magic, MAGIC_LEN) != 0)
        return "not a ustar archive";
    if (block[TYPE_AT] != '0' || !ustar_is_zero(block + LINK_AT, LINK_LEN))
        return "a member that is no regular file";
    if (!get_octal(block + SIZE_AT, SIZE_LEN, ret_size))
        return "a member without a size";
    if (!get_text(block + PREFIX_AT, PREFIX_LEN, &prefix) ||
        !get_text(block + NAME_AT, NAME_LEN, &name) || name.len == 0 ||
        !ustar_is_zero(block + REST_AT, BUNDLE_BLOCK - REST_AT))
        return "a header with something behind its end";
    n = snprintf(room, BUNDLE_PATH_MAX + 1, "%.*s%s%.*s", (int)prefix.len, prefix.ptr,
                 prefix.len > 0 ? "/" : "", (int)name.len, name.ptr);
    if (n > BUNDLE_PATH_MAX)
        return "a path that is too long";
    *ret_path = (struct slice){room, (size_t)n};
    return NULL;
}
