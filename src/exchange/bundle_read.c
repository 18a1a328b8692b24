#include "exchange/bundle_priv.h"

#include "exchange/form_priv.h"
#include "exchange/statement.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum step { READ_HEADER, READ_DATA, READ_PAD, READ_SECOND_ZERO, READ_TAIL };

static int
refuse(struct errinfo *ei, int err, const char *what)
{
    return err_set(ei, err, "bundle: %s", what);
}

void
bundle_reader_init(struct bundle_reader *r, const struct bundle_terms *terms, bundle_take *take,
                   void *arg)
{
    *r = (struct bundle_reader){.terms = *terms, .take = take, .arg = arg};
    buf_init(&r->block, BUNDLE_BLOCK);
    buf_init(&r->manifest, BUNDLE_MANIFEST_MAX);
    buf_init(&r->member, BUNDLE_MEMBER_MAX);
}

void
bundle_reader_release(struct bundle_reader *r)
{
    buf_release(&r->block);
    buf_release(&r->manifest);
    buf_release(&r->member);
}

/* ---- The manifest ---- */

/* [path, size, hash]; paths are ASCII, so that none has an escape. */
static bool
read_row(struct slice row, struct bundle_file *ret)
{
    struct jcs_iter it = jcs_iter(row);
    struct slice cell[3];
    struct slice extra;
    struct slice text;
    int64_t size;

    if (jcs_kind(row) != JCS_ARRAY)
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (!jcs_item(&it, &cell[i]))
            return false;
    }
    if (jcs_item(&it, &extra) || jcs_plain(cell[0], &ret->path) < 0 ||
        jcs_int(cell[1], &size) < 0 || size < 0 || jcs_plain(cell[2], &text) < 0 ||
        hex_decode(text, ret->sha256.byte, SHA256_SIZE) < 0)
        return false;
    ret->size = (uint64_t)size;
    return true;
}

static int
check_rows(struct bundle_reader *r, struct slice rows, struct errinfo *ei)
{
    struct jcs_iter it = jcs_iter(rows);
    struct slice last = {NULL, 0};
    struct slice row;

    while (jcs_item(&it, &row)) {
        struct bundle_file f;
        const char *fault;

        if (!read_row(row, &f))
            return refuse(ei, ERR_INVALID, "a row of the manifest is malformed");
        fault = bundle_file_fault(&f, r->head.pact);
        if (fault != NULL)
            return refuse(ei, ERR_INVALID, fault);
        if (last.ptr != NULL && slice_order(last, f.path) >= 0)
            return refuse(ei, ERR_INVALID, "the manifest is not sorted, or names one twice");
        last = f.path;
        r->head.bytes += f.size;
        if (++r->head.files > BUNDLE_FILES_MAX || r->head.bytes > BUNDLE_BYTES_MAX)
            return refuse(ei, ERR_LIMIT, "too many files, or too large");
    }
    r->rows = jcs_iter(rows).rest;
    return 0;
}

/* It says when it was made, and no witness does: the key must hold at that time.  Trust comes
 * from the parts. */
static int
read_manifest(struct bundle_reader *r, struct errinfo *ei)
{
    struct bundle_head *h = &r->head;
    struct statement s;
    struct slice rows = {NULL, 0};
    int err = statement_read(buf_get(&r->manifest), STATEMENT_BUNDLE, &s, ei);

    if (err == 0)
        err = statement_verify(buf_get(&r->manifest), STATEMENT_BUNDLE, r->terms.message, s.at,
                               &s, ei);
    if (err < 0)
        return err;
    if (statement_text(&s, "pact", &h->pact) < 0 || statement_text(&s, "from", &h->from) < 0 ||
        statement_text(&s, "to", &h->to) < 0 || !jcs_find(s.body, "files", &rows))
        return refuse(ei, ERR_INVALID, "the manifest is malformed");
    if (!slice_eq(h->pact, r->terms.pact) || !slice_eq(h->to, r->terms.to))
        return refuse(ei, ERR_AUTH, "it is for another party, or of another pact");
    h->at = s.at;
    h->by = s.by;
    err = check_rows(r, rows, ei);
    r->has_head = err == 0;
    return err;
}

/* ---- Members ---- */

/* A header: it must be that of the manifest, or of the next file in it. */
static int
start_member(struct bundle_reader *r, struct errinfo *ei)
{
    char room[BUNDLE_PATH_MAX + 1];
    struct jcs_iter it = {r->rows};
    struct bundle_file f;
    struct slice path;
    struct slice row;
    const char *fault = ustar_read(r->block.ptr, room, &path, &r->left);

    if (fault != NULL)
        return refuse(ei, ERR_INVALID, fault);
    r->pad = (BUNDLE_BLOCK - r->left % BUNDLE_BLOCK) % BUNDLE_BLOCK;
    buf_reset(&r->member);
    if (!r->has_head) {
        if (!slice_is(path, "manifest"))
            return refuse(ei, ERR_INVALID, "it does not begin with its manifest");
        return r->left > BUNDLE_MANIFEST_MAX
                   ? refuse(ei, ERR_LIMIT, "the manifest is too large")
                   : 0;
    }
    if (!jcs_item(&it, &row) || !read_row(row, &f) || !slice_eq(path, f.path))
        return refuse(ei, ERR_INVALID, "a member is not the next of the manifest");
    if (r->left != f.size)
        return refuse(ei, ERR_INVALID, "a member is of another size than the manifest says");
    r->rows = it.rest;
    r->path = f.path; /* of the manifest's bytes, which stay */
    r->sha256 = f.sha256;
    return 0;
}

static int
end_member(struct bundle_reader *r, struct errinfo *ei)
{
    struct hash hash;
    int err;

    if (!r->has_head)
        return read_manifest(r, ei);
    hash = sha256_of(r->member.len == 0 ? "" : r->member.ptr, r->member.len);
    if (!hash_eq(&hash, &r->sha256))
        return refuse(ei, ERR_INVALID, "a member is another than the manifest says");
    err = r->take(r->arg, r->path, buf_get(&r->member));
    return err < 0 ? err : 0;
}

/* ---- The stream ---- */

static int
read_block(struct bundle_reader *r, struct errinfo *ei)
{
    bool zero = ustar_is_zero(r->block.ptr, BUNDLE_BLOCK);
    int err;

    if (r->step == READ_SECOND_ZERO) {
        r->step = READ_TAIL;
        return zero ? 0 : refuse(ei, ERR_INVALID, "something stands behind its end");
    }
    if (!zero) {
        err = start_member(r, ei);
        r->step = READ_DATA;
        return err;
    }
    if (!r->has_head || r->rows.len > 0)
        return refuse(ei, ERR_INVALID, "files of its manifest are missing");
    r->step = READ_SECOND_ZERO;
    return 0;
}

/* Part of a header, or of the second zero block. */
static int
push_block(struct bundle_reader *r, struct slice *rest, struct errinfo *ei)
{
    struct slice part = slice_sub(*rest, 0, BUNDLE_BLOCK - r->block.len);
    int err;

    buf_slice(&r->block, part);
    *rest = slice_sub(*rest, part.len, rest->len);
    if (buf_error(&r->block) != 0)
        return buf_error(&r->block);
    if (r->block.len < BUNDLE_BLOCK)
        return 0;
    err = read_block(r, ei);
    buf_reset(&r->block);
    return err;
}

static int
push_data(struct bundle_reader *r, struct slice *rest, struct errinfo *ei)
{
    struct buf *to = r->has_head ? &r->member : &r->manifest;
    struct slice part = slice_sub(*rest, 0, r->left < rest->len ? (size_t)r->left : rest->len);

    buf_slice(to, part);
    *rest = slice_sub(*rest, part.len, rest->len);
    r->left -= part.len;
    if (buf_error(to) != 0)
        return buf_error(to);
    if (r->left > 0)
        return 0;
    r->step = READ_PAD;
    return end_member(r, ei);
}

static int
push_pad(struct bundle_reader *r, struct slice *rest, struct errinfo *ei)
{
    struct slice part = slice_sub(*rest, 0, r->pad < rest->len ? (size_t)r->pad : rest->len);

    if (!ustar_is_zero(part.ptr, part.len))
        return refuse(ei, ERR_INVALID, "something stands behind a member's end");
    *rest = slice_sub(*rest, part.len, rest->len);
    r->pad -= part.len;
    if (r->pad == 0)
        r->step = READ_HEADER;
    return 0;
}

static int
push_some(struct bundle_reader *r, struct slice *rest, struct errinfo *ei)
{
    struct slice tail = *rest;

    switch ((enum step)r->step) {
    case READ_HEADER:
    case READ_SECOND_ZERO: return push_block(r, rest, ei);
    case READ_DATA: return push_data(r, rest, ei);
    case READ_PAD: return push_pad(r, rest, ei);
    case READ_TAIL: break;
    }
    *rest = (struct slice){NULL, 0};
    return ustar_is_zero(tail.ptr, tail.len)
               ? 0
               : refuse(ei, ERR_INVALID, "something stands behind its end");
}

/* What takes no bytes must be done before more come: an empty member, no padding. */
static bool
is_due(const struct bundle_reader *r)
{
    return (r->step == READ_DATA && r->left == 0) || (r->step == READ_PAD && r->pad == 0);
}

int
bundle_push(struct bundle_reader *r, struct slice bytes, struct errinfo *ei)
{
    r->total += bytes.len;
    if (r->failed == 0 && r->total > BUNDLE_BYTES_MAX)
        r->failed = refuse(ei, ERR_LIMIT, "more than 1 GiB");
    while (r->failed == 0 && (bytes.len > 0 || is_due(r)))
        r->failed = push_some(r, &bytes, ei);
    return r->failed;
}

int
bundle_end(struct bundle_reader *r, struct errinfo *ei)
{
    if (r->failed == 0 && r->step != READ_TAIL)
        r->failed = refuse(ei, ERR_INVALID, "the archive is cut");
    return r->failed;
}
