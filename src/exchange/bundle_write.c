#include "exchange/bundle_priv.h"

#include <stdlib.h>

#include "exchange/form_priv.h"
#include "exchange/statement.h"
#include "wire/hex.h"

enum { RECORD = 20 * BUNDLE_BLOCK }; /* the archive's length is a multiple of it */

struct writer {
    const struct bundle_make *m;
    unsigned *order; /* of the files, by path */
    uint64_t total;
    struct errinfo *ei;
};

static const struct bundle_file *
file_at(const struct writer *w, unsigned i)
{
    return &w->m->file[w->order[i]];
}

static int
by_path(const void *a, const void *b, void *arg)
{
    const struct bundle_file *file = arg;

    return slice_order(file[*(const unsigned *)a].path, file[*(const unsigned *)b].path);
}

static int
sort_files(struct writer *w)
{
    const struct bundle_make *m = w->m;

    for (unsigned i = 0; i < m->files; i++) {
        const char *fault = bundle_file_fault(&m->file[i], m->pact);

        if (fault != NULL)
            return err_set(w->ei, ERR_INVALID, "bundle: %s: %.*s", fault,
                           (int)slice_sub(m->file[i].path, 0, 100).len, m->file[i].path.ptr);
        w->order[i] = i;
    }
    qsort_r(w->order, m->files, sizeof *w->order, by_path, (void *)(uintptr_t)m->file);
    for (unsigned i = 1; i < m->files; i++) {
        struct slice path = file_at(w, i)->path;

        if (slice_eq(path, file_at(w, i - 1)->path))
            return err_set(w->ei, ERR_INVALID, "bundle: twice: %.*s", (int)path.len, path.ptr);
    }
    return 0;
}

static int
put(struct writer *w, struct slice bytes)
{
    w->total += bytes.len;
    if (w->total > BUNDLE_BYTES_MAX)
        return err_set(w->ei, ERR_LIMIT, "bundle: more than 1 GiB: pack less at once");
    return w->m->put(w->m->arg, bytes);
}

static int
put_zeros(struct writer *w, uint64_t n)
{
    static const char zeros[BUNDLE_BLOCK];
    int err = 0;

    while (err >= 0 && n > 0) {
        struct slice part = {zeros, n < sizeof zeros ? (size_t)n : sizeof zeros};

        err = put(w, part);
        n -= part.len;
    }
    return err < 0 ? err : 0;
}

static int
put_member(struct writer *w, struct slice path, struct slice bytes)
{
    char header[BUNDLE_BLOCK];
    int err;

    ustar_write(path, bytes.len, header);
    err = put(w, (struct slice){header, sizeof header});
    if (err >= 0 && bytes.len > 0)
        err = put(w, bytes);
    if (err < 0)
        return err;
    return put_zeros(w, (BUNDLE_BLOCK - bytes.len % BUNDLE_BLOCK) % BUNDLE_BLOCK);
}

static int
put_manifest(struct writer *w)
{
    const struct bundle_make *m = w->m;
    AUTO_BUF(rows, BUNDLE_MANIFEST_MAX);
    AUTO_BUF(note, BUNDLE_MANIFEST_MAX);
    int err;

    buf_char(&rows, '[');
    for (unsigned i = 0; i < m->files; i++) {
        const struct bundle_file *f = file_at(w, i);

        buf_text(&rows, i == 0 ? "[" : ",[");
        buf_json(&rows, f->path);
        buf_char(&rows, ',');
        buf_u64(&rows, f->size);
        buf_text(&rows, ",\"");
        buf_hex(&rows, f->sha256.byte, SHA256_SIZE);
        buf_text(&rows, "\"]");
    }
    buf_char(&rows, ']');
    if (buf_error(&rows) != 0)
        return err_set(w->ei, buf_error(&rows), "bundle: the manifest is too large");
    {
        const struct leaf_value value[] = {LEAF_TEXT("pact", m->pact),
                                           LEAF_TEXT("from", m->from), LEAF_TEXT("to", m->to),
                                           LEAF_JSON("files", buf_get(&rows))};

        err = statement_write(&note, STATEMENT_BUNDLE, m->at,
                              (struct leaf_values){value, sizeof value / sizeof value[0]},
                              m->key, w->ei);
    }
    return err < 0 ? err : put_member(w, SLICE("manifest"), buf_get(&note));
}

static int
put_file(struct writer *w, const struct bundle_file *f)
{
    AUTO_BUF(bytes, BUNDLE_MEMBER_MAX);
    struct hash hash;
    int err = w->m->get(w->m->arg, f, &bytes);

    if (err >= 0)
        err = buf_error(&bytes);
    if (err < 0)
        return err;
    hash = sha256_of(bytes.len == 0 ? "" : bytes.ptr, bytes.len);
    if (bytes.len != f->size || !hash_eq(&hash, &f->sha256))
        return err_set(w->ei, ERR_INVALID, "bundle: changed while it was packed: %.*s",
                       (int)f->path.len, f->path.ptr);
    return put_member(w, f->path, buf_get(&bytes));
}

static int
write_all(struct writer *w)
{
    int err = sort_files(w);

    if (err == 0)
        err = put_manifest(w);
    for (unsigned i = 0; err == 0 && i < w->m->files; i++)
        err = put_file(w, file_at(w, i));
    if (err == 0)
        err = put_zeros(w, (uint64_t)2 * BUNDLE_BLOCK);
    if (err == 0)
        err = put_zeros(w, (RECORD - w->total % RECORD) % RECORD);
    return err;
}

int
bundle_write(const struct bundle_make *m, struct errinfo *ei)
{
    struct writer w = {.m = m, .ei = ei};
    int err;

    if (m->files > BUNDLE_FILES_MAX)
        return err_set(ei, ERR_LIMIT, "bundle: more than %d files", BUNDLE_FILES_MAX);
    w.order = calloc((size_t)m->files + 1, sizeof *w.order);
    if (w.order == NULL)
        return ERR_NOMEM;
    err = write_all(&w);
    free(w.order);
    return err;
}
