/* Documents about cables, one a line, behind a line of our own file or nothing: the first byte
 * says which.  What was built from them is read again, and every failure is looked at. */
#include <stdlib.h>
#include <string.h>

#include "cutoff/cables.h"
#include "wire/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ranked failures and what is left after them are two ways to the same. */
static void
fail_one(const struct cables *c, const struct cable_state *before,
         const struct cable_failure *f)
{
    uint8_t *mark = calloc((size_t)c->cables + c->points + 1, 1);
    struct cable_cut cut = {f->point ? NULL : mark, f->point ? mark : NULL};
    struct cable_state after;
    uint32_t last = 0;

    if (mark == NULL)
        return;
    mark[f->index] = 1;
    if (cable_state_make(c, &cut, &after) == 0) {
        for (uint32_t i = 0; i < c->countries; i++)
            last += before->land[i].abroad > 0 && after.land[i].abroad == 0;
        BUG_ON(last != f->last || after.parts - before->parts != f->parts);
        cable_state_release(&after);
    }
    free(mark);
}

static void
look(const struct cables *c)
{
    const struct cable_cut none = {NULL, NULL};
    struct cable_failure *rows = NULL;
    struct cable_state s;
    uint32_t count = 0;

    if (cable_state_make(c, &none, &s) < 0)
        return;
    if (cable_rank(c, &rows, &count) == 0) {
        for (uint32_t i = 0; i < count && i < 64; i++)
            fail_one(c, &s, &rows[i]);
    }
    free(rows);
    cable_state_release(&s);
}

static void
read_file(struct slice bytes, bool ours)
{
    struct errinfo ei = {0};
    struct cables *c;
    int r = cables_read(bytes, &c, &ei);

    BUG_ON(ours && r == ERR_INVALID);
    BUG_ON(r < 0 && ei.text[0] == '\0');
    if (r == 0)
        look(c);
    (void)cables_free(c);
}

/* The hash at its end hides all before it from a fuzzer: it is made right here. */
static void
read_resealed(struct slice bytes)
{
    struct hash h = sha256_of(bytes.ptr, bytes.len);
    AUTO_BUF(b, 1 << 20);

    buf_slice(&b, bytes);
    buf_text(&b, "sha256 ");
    buf_hex(&b, h.byte, sizeof h.byte);
    buf_char(&b, '\n');
    if (buf_error(&b) == 0)
        read_file(buf_get(&b), false);
}

static void
build(struct slice rest)
{
    struct snapshot_source source = {.name = "fuzz"};
    AUTO_BUF(bytes, CABLES_MAX);
    struct errinfo ei = {0};
    struct cables_build *b;
    struct slice line;

    if (cables_build_new(&b) < 0)
        return;
    while (slice_line(&rest, &line)) {
        char *text = malloc(line.len + 1);
        int r;

        if (text == NULL)
            break;
        memcpy(text, line.ptr, line.len);
        ei.text[0] = '\0';
        r = line.len > 0 && text[0] == 'n' ? cables_build_codes(b, text, line.len, &ei)
                                           : cables_build_add(b, text, line.len, &ei);
        BUG_ON(r < 0 && ei.text[0] == '\0');
        free(text);
    }
    if (cables_build_write(b, "2021-06-29", &source, 1, &bytes, &ei) == 0)
        read_file(buf_get(&bytes), true);
    (void)cables_build_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};

    if (size > 0 && data[0] == 'd')
        read_resealed(text);
    else
        build(text);
    return 0;
}
