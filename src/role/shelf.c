#include "role/shelf.h"

#include <string.h>

#include "model/text.h"
#include "role/peers.h"
#include "role/totals.h"
#include "store/messages.h"
#include "store/pacts.h"
#include "store/proofs.h"
#include "wire/hex.h"

enum { PARTS = 5, HEX = 64 };
#define SECOND_MAX (UINT64_C(1) << 48)

static int
tell(struct buf *ret, int status, const char *text)
{
    buf_reset(ret);
    buf_printf(ret, "%s\n", text);
    return buf_error(ret) < 0 ? buf_error(ret) : status;
}

static int
not_there(struct buf *ret)
{
    return tell(ret, 404, "no such thing");
}

/* The path by its slashes; 0 when it has more parts than any that is answered. */
static unsigned
split(struct slice path, struct slice part[PARTS])
{
    unsigned n = 0;

    for (;;) {
        const char *slash = memchr(path.ptr, '/', path.len);
        size_t len = slash == NULL ? path.len : (size_t)(slash - path.ptr);

        if (n == PARTS || len == 0)
            return 0;
        part[n++] = (struct slice){path.ptr, len};
        if (slash == NULL)
            return n;
        path = (struct slice){slash + 1, path.len - len - 1};
    }
}

static bool
is_hash(struct slice s, struct hash *ret)
{
    return s.len == HEX && hex_is(s) && hex_decode(s, ret->byte, sizeof ret->byte) == 0;
}

/* ---- what is held ------------------------------------------------------------------------ */

static int
get_holder(struct store *s, struct slice hex, struct buf *ret)
{
    AUTO_BUF(missing, 128);
    char name[PEERS_META];
    struct hash h;
    int r;

    if (!is_hash(hex, &h))
        return tell(ret, 400, "holder/<64 hex digits: SHA-256 of the log's origin>/checkpoint");
    buf_reset(ret);
    (void)snprintf(name, sizeof name, "withheld.%.64s", hex.ptr);
    r = store_get_meta(s, name, &missing);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (missing.len > 0) {
        buf_printf(ret, "withheld %.*s\n", (int)missing.len, missing.ptr);
        return buf_error(ret) < 0 ? buf_error(ret) : 409;
    }
    (void)snprintf(name, sizeof name, "holder.%.64s", hex.ptr);
    r = store_get_meta(s, name, ret);
    if (r == ERR_NOTFOUND)
        return tell(ret, 404, "nothing is held of that log");
    return r < 0 ? r : 200;
}

/* ---- what a pact's parties may have ------------------------------------------------------ */

/* What is for the asker, and what the asker said to this node: it may have lost it. */
static bool
is_between(const struct book_pact *p, const struct store_message *m, int asker)
{
    struct slice theirs = p->party[asker].id;
    struct slice ours = p->party[p->self].id;

    return (slice_eq(m->to, theirs) && slice_eq(m->from, ours)) ||
           (slice_eq(m->to, ours) && slice_eq(m->from, theirs));
}

static int
get_message(struct store *s, const struct book_pact *p, int asker, struct slice hex,
            struct buf *ret)
{
    struct store_message m;
    struct hash id;
    int r;

    if (!is_hash(hex, &id))
        return tell(ret, 400, "message/<64 hex digits>");
    r = store_get_message(s, &id, &m);
    if (r < 0)
        return r == ERR_NOTFOUND ? not_there(ret) : r;
    if (!slice_eq(m.pact, slice_of(p->pact->name)) || !is_between(p, &m, asker))
        return not_there(ret);
    buf_slice(ret, m.bytes);
    return buf_error(ret) < 0 ? buf_error(ret) : 200;
}

static int
get_proof(struct store *s, const struct book_pact *p, int asker, struct slice hex,
          struct buf *ret)
{
    struct store_proof given;
    struct hash id;
    int r;

    if (!is_hash(hex, &id))
        return tell(ret, 400, "proof/<64 hex digits>");
    r = store_get_proof(s, &id, p->party[asker].id, true, &given);
    if (r < 0)
        return r == ERR_NOTFOUND ? not_there(ret) : r;
    if (!slice_eq(given.pact, slice_of(p->pact->name)))
        return not_there(ret);
    if (given.file.len == 0)
        return tell(ret, 410, "erased here");
    buf_slice(ret, given.file);
    return buf_error(ret) < 0 ? buf_error(ret) : 200;
}

static int
get_note(struct store *s, const struct store_pact_note *which, struct buf *ret)
{
    struct store_pact_note n;
    int r = store_get_pact_note(s, which, &n);

    if (r < 0)
        return r == ERR_NOTFOUND ? not_there(ret) : r;
    buf_slice(ret, n.note);
    return buf_error(ret) < 0 ? buf_error(ret) : 200;
}

static int
get_numbered(struct store *s, const struct book_pact *p, const struct slice *part,
             struct buf *ret)
{
    struct store_pact_note which = {.kind = slice_is(part[2], "annex")  ? PACT_NOTE_ANNEX
                                            : slice_is(part[2], "seen") ? PACT_NOTE_SEEN
                                                                        : PACT_NOTE_SUCCESSOR,
                                    .pact = part[1],
                                    .party = part[3],
                                    .by = {"", 0}};

    if (text_number(part[4], UINT32_MAX, &which.sequence) < 0)
        return tell(ret, 400,
                    "annex/<party>/<sequence>, seen/<party>/<sequence>, "
                    "successor/<party>/<generation>");
    if (which.kind == PACT_NOTE_SEEN)
        which.by = p->party[p->self].id; /* what this node says it has seen */
    return get_note(s, &which, ret);
}

/* Those of this node alone: of another's its own node is asked. */
static int
get_totals(struct store *s, const struct book_pact *p, const struct slice *part,
           struct buf *ret)
{
    struct totals_which which = {part[1], part[3], 0};
    int r;

    if (text_number(part[4], SECOND_MAX, &which.until) < 0)
        return tell(ret, 400, "totals/<party>/<second since 1970 in which their period ends>");
    if (which.until == 0 || !slice_eq(part[3], p->party[p->self].id))
        return not_there(ret);
    r = totals_get(s, &which, ret);
    return r == ERR_NOTFOUND ? not_there(ret) : r < 0 ? r : 200;
}

/* NOLINTBEGIN(readability-function-size): a path, its asker, and what comes of it */
static int
get_pact(struct store *s, const struct book *b, const struct shelf_ask *a,
         const struct slice *part, unsigned parts, struct buf *ret, bool *ret_json)
/* NOLINTEND(readability-function-size) */
{
    const struct book_pact *p = b == NULL ? NULL : book_pact(b, part[1]);
    int asker;

    if (a->spki == NULL)
        return tell(ret, 401, "a party's certificate is needed here");
    asker = p == NULL || p->self < 0 ? -1 : book_pinned(p, a->spki, a->now);
    if (asker < 0)
        return not_there(ret);
    if (parts == 3 && slice_is(part[2], "pact"))
        return get_note(s,
                        &(struct store_pact_note){.kind = PACT_NOTE_PACT,
                                                  .pact = part[1],
                                                  .party = {"", 0},
                                                  .by = {"", 0},
                                                  .sequence = (uint64_t)p->pact->version},
                        ret);
    *ret_json = parts == 4 && (slice_is(part[2], "message") || slice_is(part[2], "proof"));
    if (*ret_json)
        return (slice_is(part[2], "message") ? get_message : get_proof)(s, p, asker, part[3],
                                                                        ret);
    if (parts == 5 && (slice_is(part[2], "annex") || slice_is(part[2], "seen") ||
                       slice_is(part[2], "successor")))
        return get_numbered(s, p, part, ret);
    if (parts == 5 && slice_is(part[2], "totals"))
        return get_totals(s, p, part, ret);
    return not_there(ret);
}

/* ---- a log that went on under another origin --------------------------------------------- */

static int
read_ended(const struct ledger_storage *storage, uint64_t size, struct slice path,
           struct buf *ret)
{
    struct ledger *l = NULL;
    struct tile_path tile;
    struct errinfo ei;
    int r;

    if (slice_is(path, "checkpoint"))
        return storage->get_note(storage->self, LEDGER_NEWEST, ret);
    if (tile_path_parse(path, &tile) < 0)
        return ERR_NOTFOUND;
    r = ledger_open(storage, size, &l, &ei);
    if (r == 0) {
        const struct ledger_tile_ref t = {tile.level, tile.width, tile.n};

        r = tile.entries ? ledger_bundle(l, t, ledger_signed_size(l), ret)
                         : ledger_tile(l, t, ledger_signed_size(l), ret);
    }
    (void)ledger_free(l);
    return r;
}

/* `<generation>/checkpoint`, `<generation>/tile/…`: a counterpart reads it to its end. */
static int
get_ended(struct store *s, struct slice path, struct buf *ret)
{
    struct ledger_storage storage;
    struct store_log keep;
    struct slice number = slice_part(&path, '/');
    uint64_t generation;
    uint64_t size;
    int r = text_number(number, LEDGER_GENERATIONS, &generation) < 0
                ? ERR_NOTFOUND
                : store_ledger_of(s, (unsigned)generation, &keep, &storage, &size);

    if (r == 0)
        r = read_ended(&storage, size, path, ret);
    return r == ERR_NOTFOUND ? not_there(ret) : r < 0 ? r : 200;
}

int
shelf_get(struct store *s, const struct book *b, const struct shelf_ask *a, struct buf *ret,
          bool *ret_json)
{
    struct slice part[PARTS];
    unsigned parts = split(a->path, part);

    *ret_json = false;
    if (slice_is(slice_sub(a->path, 0, 4), "log/"))
        return get_ended(s, slice_sub(a->path, 4, a->path.len), ret);
    if (parts == 3 && slice_is(part[0], "holder") && slice_is(part[2], "checkpoint"))
        return get_holder(s, part[1], ret);
    if (parts >= 3 && slice_is(part[0], "pact"))
        return get_pact(s, b, a, part, parts, ret, ret_json);
    return not_there(ret);
}
