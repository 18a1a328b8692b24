#include <stdlib.h>
#include <zstd.h>

#include "store/objects_priv.h"

enum { CHUNK = 65536, LEVEL = 1, CHUNK_MAX = OBJECT_BODY_MAX + CHUNK };

static int
begin(struct store *s)
{
    uint64_t next;
    int r = s->chunk.number != 0 ? 0 : store_number(s, ST_CHUNK_NEXT, &next);

    if (r < 0 || s->chunk.number != 0)
        return r;
    s->chunk.number = (int64_t)next;
    buf_init(&s->chunk.bytes, CHUNK_MAX);
    return 0;
}

static int
put(struct store *s, int64_t number, struct slice bytes)
{
    size_t bound = ZSTD_compressBound(bytes.len);
    char *packed = malloc(bound);
    sqlite3_stmt *st;
    size_t n;
    int r;

    if (s->chunk.pack == NULL)
        s->chunk.pack = ZSTD_createCCtx();
    if (packed == NULL || s->chunk.pack == NULL) {
        free(packed);
        return ERR_NOMEM;
    }
    n = ZSTD_compressCCtx(s->chunk.pack, packed, bound, bytes.ptr, bytes.len, LEVEL);
    if (ZSTD_isError(n)) {
        free(packed);
        return ERR_NOMEM;
    }
    st = store_statement(s, ST_CHUNK_PUT);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, number);
        bind_u64(st, 2, bytes.len);
        bind_blob(st, 3, (struct slice){packed, n});
    }
    r = store_run(s, st);
    free(packed);
    return r;
}

int
chunk_settle(struct store *s)
{
    int r = !s->chunk.blanked ? 0
                              : put(s, s->chunk.kept_number,
                                    (struct slice){s->chunk.kept, s->chunk.kept_size});

    s->chunk.blanked &= r < 0;
    return r;
}

int
chunk_flush(struct store *s)
{
    int r = s->chunk.number == 0 ? 0 : put(s, s->chunk.number, buf_get(&s->chunk.bytes));

    if (r == 0 && s->chunk.number != 0) {
        buf_release(&s->chunk.bytes);
        s->chunk.number = 0;
    }
    return r;
}

int
chunk_add(struct store *s, struct slice body, int64_t *ret_number, uint64_t *ret_offset)
{
    int r = begin(s);

    if (r < 0)
        return r;
    *ret_number = s->chunk.number;
    *ret_offset = s->chunk.bytes.len;
    buf_slice(&s->chunk.bytes, body);
    r = buf_error(&s->chunk.bytes);
    return r == 0 && s->chunk.bytes.len >= CHUNK ? chunk_flush(s) : r;
}

/* The bytes of a row into memory of its own, which replaces what was kept. */
static int
unpack(struct store *s, struct slice packed, uint64_t size)
{
    char *bytes = size > CHUNK_MAX ? NULL : malloc(size + 1);
    size_t n;

    if (s->chunk.unpack == NULL)
        s->chunk.unpack = ZSTD_createDCtx();
    if (bytes == NULL || s->chunk.unpack == NULL) {
        free(bytes);
        return size > CHUNK_MAX ? ERR_IO : ERR_NOMEM;
    }
    n = ZSTD_decompressDCtx(s->chunk.unpack, bytes, size, packed.ptr, packed.len);
    if (ZSTD_isError(n) || n != size) {
        free(bytes);
        return ERR_IO;
    }
    free(s->chunk.kept);
    s->chunk.kept = bytes;
    s->chunk.kept_size = size;
    return 0;
}

static int
load(struct store *s, int64_t number)
{
    sqlite3_stmt *st;
    int r = s->chunk.kept_number == number ? 0 : chunk_settle(s);

    if (r < 0 || s->chunk.kept_number == number)
        return r;
    s->chunk.kept_number = 0;
    st = store_statement(s, ST_CHUNK_GET);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, number);
    r = store_row(s, st);
    if (r <= 0)
        return r < 0 ? r : ERR_IO;
    r = unpack(s, column_blob(st, 1), (uint64_t)sqlite3_column_int64(st, 0));
    (void)sqlite3_reset(st);
    if (r == 0)
        s->chunk.kept_number = number;
    return r;
}

int
chunk_get(struct store *s, int64_t number, uint64_t offset, uint64_t size, struct slice *ret)
{
    struct slice all;
    int r = 0;

    if (number == s->chunk.number && number != 0) {
        all = buf_get(&s->chunk.bytes);
    } else {
        r = load(s, number);
        all = (struct slice){s->chunk.kept, r < 0 ? 0 : s->chunk.kept_size};
    }
    if (r == 0 && (offset > all.len || size > all.len - offset))
        r = ERR_IO;
    *ret = r == 0 ? slice_sub(all, offset, size) : (struct slice){"", 0};
    return r;
}

int
chunk_blank(struct store *s, int64_t number, uint64_t offset, uint64_t size)
{
    struct slice there;
    int r = number == s->chunk.number ? chunk_flush(s) : 0;

    if (r == 0)
        r = chunk_get(s, number, offset, size, &there);
    if (r < 0)
        return r;
    memset(s->chunk.kept + offset, 0, size);
    s->chunk.blanked = true;
    return 0;
}

void
chunk_forget(struct store *s)
{
    if (s->chunk.number != 0)
        buf_release(&s->chunk.bytes);
    s->chunk.number = 0;
    s->chunk.kept_number = 0;
    s->chunk.blanked = false;
    s->chunk.type = 0;
    s->chunk.read_type = 0;
    keys_forget(s);
    s->run = (struct store_run_of){.ahead = false};
}

void
chunk_close(struct store *s)
{
    chunk_forget(s);
    keys_close(s);
    free(s->chunk.kept);
    (void)ZSTD_freeCCtx(s->chunk.pack);
    (void)ZSTD_freeDCtx(s->chunk.unpack);
}
