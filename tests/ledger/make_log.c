/* make_log DIR SIZE: write a small log in the layout of tlog-tiles, for checkers in other
 * languages, and print its verifier key and that of its witness. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ledger/ledger.h"
#include "mem.h"
#include "model/text.h"
#include "note/checkpoint.h"

enum { ROOM = 1 << 25 };

/* Write DIR/name, making the folders on the way. */
static void
save(const char *dir, const char *name, struct slice bytes)
{
    char path[512];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        BUG_ON(mkdir(path, 0777) < 0 && errno != EEXIST);
        *at = '/';
    }
    f = fopen(path, "wb");
    BUG_ON(f == NULL || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len || fclose(f) != 0);
}

static void
save_tile(struct ledger *l, const char *dir, struct tile_path p)
{
    struct ledger_tile_ref ref = {p.level, p.width, p.n};
    char name[TILE_PATH_TEXT];
    AUTO_BUF(b, ROOM);

    BUG_ON(ledger_tile(l, ref, ledger_size(l), &b) < 0);
    (void)tile_path_format(&p, name);
    save(dir, name, buf_get(&b));
    if (p.level != 0)
        return;
    buf_reset(&b);
    p.entries = true;
    BUG_ON(ledger_bundle(l, ref, ledger_size(l), &b) < 0);
    (void)tile_path_format(&p, name);
    save(dir, name, buf_get(&b));
}

static void
save_tiles(struct ledger *l, const char *dir)
{
    for (unsigned level = 0; level < LEDGER_LEVELS; level++) {
        struct ledger_tile_ref edge;

        ledger_edge_tile(ledger_size(l), level, &edge);
        for (uint64_t n = 0; n < edge.n; n++)
            save_tile(l, dir, (struct tile_path){n, level, LEDGER_TILE, false});
        if (edge.width > 0)
            save_tile(l, dir, (struct tile_path){edge.n, level, edge.width, false});
    }
}

static void
cosign(const struct buf *note, const struct skey *witness, struct buf *ret)
{
    struct note n;
    AUTO_BUF(line, NOTE_MAX);

    BUG_ON(note_parse(buf_get(note), NOTE_MAX, &n, NULL) < 0);
    BUG_ON(checkpoint_cosign(n.text, witness, 1772366400, &line) < 0);
    BUG_ON(note_merge(buf_get(note), buf_get(&line), ret, NULL) < 0);
}

static void
make(const char *dir, uint64_t size, const struct skey *log, const struct skey *witness)
{
    struct mem mem = {.calls = 0};
    struct ledger_storage s = mem_storage(&mem);
    struct ledger *l = NULL;
    uint64_t index = 0;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(cosigned, NOTE_MAX);

    BUG_ON(ledger_open(&s, 0, &l, NULL) < 0);
    for (uint64_t i = 0;; i++) {
        char text[64];

        buf_reset(&note);
        if (i == size || i % 51 == 0) { /* 255, 510 and others between tile bounds */
            BUG_ON(ledger_sign(l, log, &note, NULL) < 0);
            (void)snprintf(text, sizeof text, "checkpoint.%llu", (unsigned long long)i);
            save(dir, text, buf_get(&note));
        }
        if (i == size)
            break;
        (void)snprintf(text, sizeof text, "entry %llu", (unsigned long long)i);
        BUG_ON(ledger_append(l, i == 3 ? SLICE("") : slice_of(text), &index) < 0);
    }
    ledger_commit(l);
    cosign(&note, witness, &cosigned);
    save(dir, "checkpoint", buf_get(&cosigned));
    save_tiles(l, dir);
    l = ledger_free(l);
    mem_release(&mem);
}

int
main(int argc, char **argv)
{
    static const uint8_t seed[2][KEY_SEED] = {{1}, {2}};
    struct skey log;
    struct skey witness;
    char text[VKEY_TEXT];
    uint64_t size;

    if (argc != 3 || text_number(slice_of(argv[2]), 1000000, &size) < 0)
        return 2;
    BUG_ON(key_init() < 0);
    BUG_ON(skey_make(SLICE("a.example/log"), KEY_ED25519, seed[0], &log) < 0);
    BUG_ON(skey_make(SLICE("b.example/witness"), KEY_COSIGN, seed[1], &witness) < 0);
    make(argv[1], size, &log, &witness);
    (void)vkey_format(&log.vkey, text);
    printf("%s ", text);
    (void)vkey_format(&witness.vkey, text);
    printf("%s\n", text);
    return 0;
}
