/* Puts notes of a pact straight into the store of a node: adopt DIR FILE...  Nothing is
 * checked. Also beside a running node, which no program but this one does. */
#include <stdio.h>

#include "note/note.h"
#include "pact/annex.h"
#include "pact/pact.h"
#include "store/pacts.h"

static int
read_file(const char *name, struct buf *to)
{
    FILE *f = fopen(name, "rb");
    char *at = buf_reserve(to, NOTE_PACT_MAX);
    size_t n = f == NULL || at == NULL ? 0 : fread(at, 1, NOTE_PACT_MAX, f);

    if (f != NULL)
        (void)fclose(f);
    buf_wrote(to, n);
    return n > 0 ? 0 : ERR_IO;
}

static int
take(struct store *s, const char *name, struct errinfo *ei)
{
    AUTO_BUF(bytes, 2 * NOTE_PACT_MAX);
    struct store_pact_note row = {
        .leaf = PACT_LEAF_NONE, .party = {"", 0}, .by = {"", 0}, .taken = {1000000}};
    struct annex *annex = NULL;
    struct pact *pact = NULL;
    struct note note;
    int r = read_file(name, &bytes);

    if (r == 0)
        r = note_parse(buf_get(&bytes), NOTE_PACT_MAX, &note, ei);
    if (r < 0)
        return r;
    row.note = buf_get(&bytes);
    row.sha256 = sha256_of(note.text.ptr, note.text.len);
    if (pact_read(note.text, &pact, NULL, NULL, ei) == 0) {
        row.kind = PACT_NOTE_PACT;
        row.pact = slice_of(pact->name);
        row.sequence = (uint64_t)pact->version;
    } else if (annex_read(note.text, &annex, NULL, NULL, ei) == 0) {
        row.kind = PACT_NOTE_ANNEX;
        row.pact = slice_of(annex->pact);
        row.party = slice_of(annex->party);
        row.sequence = (uint64_t)annex->sequence;
    } else {
        r = ERR_CONF;
    }
    if (r == 0)
        r = store_put_pact_note(s, &row);
    (void)pact_free(pact);
    (void)annex_free(annex);
    return r;
}

int
main(int argc, char **argv)
{
    struct errinfo ei = {0};
    struct store *s = NULL;
    int r = argc < 3 ? ERR_USAGE : store_open(argv[1], STORE_WRITE, &s, &ei);

    if (r < 0) {
        (void)fprintf(stderr, "adopt: %s\n", ei.text);
        return 1;
    }
    r = store_begin(s);
    for (int i = 2; r == 0 && i < argc; i++)
        r = take(s, argv[i], &ei);
    if (r == 0)
        r = store_commit(s);
    if (r < 0)
        (void)fprintf(stderr, "adopt: %d %s\n", r, ei.text);
    s = store_close(s);
    return r < 0;
}
