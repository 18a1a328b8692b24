#include "cli/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "exchange/bundle.h"
#include "ledger/witness.h"
#include "model/text.h"
#include "role/egress.h"
#include "role/node_keys.h"
#include "role/shelf.h"
#include "role/totals.h"
#include "store/cosigned.h"
#include "store/messages.h"
#include "store/pacts.h"
#include "store/proofs.h"
#include "store/witnessed.h"
#include "wire/hex.h"

struct packed {
    char path[BUNDLE_PATH_MAX + 1];
    struct bundle_file file;
};

struct packing {
    struct view *v;
    const struct book_pact *pact;
    struct book book; /* of that pact alone, for the shelf */
    unsigned party;
    struct hash spki; /* of a key that the party has: what it may fetch */
    struct skey key;
    uint64_t size; /* of the log */
    uint64_t since;
    struct utime at;
    struct egress_to to;
    struct crates_ask crating;
    struct crates *crates; /* NULL: none */
    struct packed *file;
    unsigned count;
    unsigned room;
};

/* ---- what a path holds ------------------------------------------------------------------- */

static int
get_note(struct packing *p, struct buf *ret)
{
    struct ledger_storage storage;

    store_ledger(p->v->node.store, &storage);
    return storage.get_note(storage.self, p->size, ret);
}

/* What our log wants cosigned, from the size that they cosigned last. */
static int
get_request(struct packing *p, struct buf *ret)
{
    const struct role_keys keys = p->pact->keys[ANNEX_WITNESS];
    struct tree_path path;
    AUTO_BUF(note, NOTE_MAX);
    uint64_t old = 0;
    int r;

    for (unsigned i = 0; i < keys.count; i++) {
        struct utime at;
        uint64_t size;

        if (slice_eq(keys.key[i].party, p->pact->party[p->party].id) &&
            store_newest_cosigned(p->v->node.store, COSIGNER_WITNESS,
                                  slice_of(keys.key[i].key.name), &size, &at) == 0 &&
            size > old && size <= p->size)
            old = size;
    }
    r = ledger_prove_consistency(p->v->ledger, old, p->size, &path);
    if (r == 0)
        r = get_note(p, &note);
    if (r == 0)
        witness_write(ret, old, &path, buf_get(&note));
    return r < 0 ? r : buf_error(ret);
}

static int
get_witnessed(struct packing *p, struct buf *ret)
{
    struct store_witnessed w;
    int r = store_get_witnessed(p->v->node.store, p->pact->party[p->party].origin, &w);

    if (r == 0)
        buf_slice(ret, w.note);
    return r < 0 ? r : buf_error(ret);
}

static int
get(void *arg, struct slice path, struct buf *ret)
{
    struct packing *p = arg;
    const struct shelf_ask ask = {path, &p->spki, p->at};
    struct tile_path t;
    bool json;
    int r;

    if (slice_is(path, "log/checkpoint"))
        return get_note(p, ret);
    if (slice_is(slice_sub(path, 0, 4), "log/"))
        return tile_path_parse(slice_sub(path, 4, path.len), &t) < 0
                   ? ERR_INVALID
                   : ledger_bundle(p->v->ledger,
                                   (struct ledger_tile_ref){.n = t.n, .width = t.width},
                                   p->size, ret);
    if (slice_is(path, "witness/add-checkpoint"))
        return get_request(p, ret);
    if (slice_is(slice_sub(path, 0, 8), "witness/"))
        return get_witnessed(p, ret);
    r = p->crates == NULL ? ERR_NOTFOUND : crates_get(p->crates, path, ret);
    if (r != ERR_NOTFOUND)
        return r;
    r = shelf_get(p->v->node.store, &p->book, &ask, ret, &json);
    return r == 200 ? 0 : r < 0 ? r : ERR_NOTFOUND;
}

/* ---- the list ---------------------------------------------------------------------------- */

static int
list(struct packing *p, const char *path, uint64_t size, const struct hash *sha256)
{
    struct packed *f;

    if (p->count == p->room) {
        unsigned room = p->room == 0 ? 256 : p->room * 2;
        struct packed *more = realloc(p->file, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        p->file = more;
        p->room = room;
    }
    f = &p->file[p->count++];
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    f->file.size = size;
    f->file.sha256 = *sha256;
    return 0;
}

static int
add(struct packing *p, const char *path)
{
    AUTO_BUF(bytes, BUNDLE_MEMBER_MAX);
    struct hash sha256;
    int r = get(p, slice_of(path), &bytes);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    sha256 = sha256_of(bytes.ptr, bytes.len);
    return list(p, path, bytes.len, &sha256);
}

static int
add_log(struct packing *p)
{
    char path[8 + TILE_PATH_TEXT] = "log/";
    int r = add(p, "log/checkpoint");

    for (uint64_t n = p->since / LEDGER_TILE; r == 0 && n * LEDGER_TILE < p->size; n++) {
        uint64_t rest = p->size - n * LEDGER_TILE;
        const struct tile_path t = {.n = n,
                                    .width = rest < LEDGER_TILE ? (unsigned)rest : LEDGER_TILE,
                                    .entries = true};

        (void)tile_path_format(&t, path + 4);
        r = add(p, path);
    }
    return r;
}

/* Names first: adding one asks the store for others. */
struct names {
    char (*at)[BUNDLE_PATH_MAX];
    unsigned count;
    unsigned room;
    struct packing *p;
};

static int
keep_name(struct names *n, const char *path)
{
    if (n->count == n->room) {
        unsigned room = n->room == 0 ? 64 : n->room * 2;
        char(*more)[BUNDLE_PATH_MAX] = realloc(n->at, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        n->at = more;
        n->room = room;
    }
    (void)snprintf(n->at[n->count++], BUNDLE_PATH_MAX, "%s", path);
    return 0;
}

static int
name_message(void *arg, const struct store_message *m)
{
    struct names *n = arg;
    const struct packing *p = n->p;
    char hex[2 * SHA256_SIZE + 1] = "";
    char path[BUNDLE_PATH_MAX];

    if (!slice_eq(m->to, p->pact->party[p->party].id) ||
        !slice_eq(m->from, p->pact->party[p->pact->self].id) ||
        m->leaf < ledger_first(p->v->ledger) + p->since)
        return 0;
    hex_encode(m->id.byte, SHA256_SIZE, hex);
    (void)snprintf(path, sizeof path, "pact/%s/message/%s", p->pact->pact->name, hex);
    return keep_name(n, path);
}

static int
name_proof(void *arg, const struct hash *id)
{
    struct names *n = arg;
    char hex[2 * SHA256_SIZE + 1] = "";
    char path[BUNDLE_PATH_MAX];

    hex_encode(id->byte, SHA256_SIZE, hex);
    (void)snprintf(path, sizeof path, "pact/%s/proof/%s", n->p->pact->pact->name, hex);
    return keep_name(n, path);
}

static int
name_note(void *arg, const struct store_pact_note *note)
{
    struct names *n = arg;
    const struct packing *p = n->p;
    struct slice self = p->pact->party[p->pact->self].id;
    char path[BUNDLE_PATH_MAX];

    if (!slice_eq(note->pact, slice_of(p->pact->pact->name)))
        return 0;
    if (note->kind == PACT_NOTE_PACT)
        (void)snprintf(path, sizeof path, "pact/%s/pact", p->pact->pact->name);
    else if (note->kind == PACT_NOTE_ANNEX && slice_eq(note->party, self))
        (void)snprintf(path, sizeof path, "pact/%s/annex/%.*s/%llu", p->pact->pact->name,
                       (int)self.len, self.ptr, (unsigned long long)note->sequence);
    else if (note->kind == PACT_NOTE_SEEN && slice_eq(note->by, self))
        (void)snprintf(path, sizeof path, "pact/%s/seen/%.*s/%llu", p->pact->pact->name,
                       (int)note->party.len, note->party.ptr,
                       (unsigned long long)note->sequence);
    else if (note->kind == PACT_NOTE_SUCCESSOR && slice_eq(note->party, self))
        (void)snprintf(path, sizeof path, "pact/%s/successor/%.*s/%llu", p->pact->pact->name,
                       (int)self.len, self.ptr, (unsigned long long)note->sequence);
    else
        return 0;
    for (unsigned i = 0; i < n->count; i++) {
        if (strcmp(n->at[i], path) == 0)
            return 0; /* another version of the pact */
    }
    return keep_name(n, path);
}

/* The newest: nobody wants the ones before. */
static int
name_totals(struct names *n)
{
    const struct packing *p = n->p;
    struct slice self = p->pact->party[p->pact->self].id;
    char path[BUNDLE_PATH_MAX];
    uint64_t until;
    int r = totals_newest(p->v->node.store, slice_of(p->pact->pact->name), self, &until);

    if (r < 0 || until == 0)
        return r;
    (void)snprintf(path, sizeof path, "pact/%s/totals/%.*s/%llu", p->pact->pact->name,
                   (int)self.len, self.ptr, (unsigned long long)until);
    return keep_name(n, path);
}

static int
add_pact(struct packing *p)
{
    struct names n = {.p = p};
    int r = store_each_pact_note(p->v->node.store, name_note, &n);

    if (r == 0)
        r = name_totals(&n);
    if (r == 0)
        r = store_each_message_from(p->v->node.store, 0, name_message, &n);
    if (r == 0)
        r = store_each_given(p->v->node.store, p->pact->party[p->party].id,
                             ledger_first(p->v->ledger) + p->since, name_proof, &n);
    for (unsigned i = 0; r == 0 && i < n.count; i++)
        r = add(p, n.at[i]);
    free(n.at);
    return r;
}

/* What may go of the pact's own collections, by the same gate as on the listener for
 * counterparts (role/taxii.c). */
static int
add_objects(struct packing *p, const struct packing_ask *a, struct errinfo *ei)
{
    const struct node *n = &p->v->node;
    int r;

    egress_recipient(a->book, n->conf, n->store, p->pact->party[p->party].id, p->at, &p->to);
    p->crating = (struct crates_ask){&p->to, slice_of(p->pact->pact->name), a->after};
    r = crates_open(&p->crating, &p->crates, ei);
    for (unsigned i = 0; r == 0 && i < crates_count(p->crates); i++) {
        const struct bundle_file *f = crates_file(p->crates, i);

        r = list(p, f->path.ptr, f->size, &f->sha256);
    }
    return r < 0 ? r : crates_record(p->crates, n->dir, ei);
}

static int
add_all(struct packing *p)
{
    struct slice origin = p->pact->party[p->party].origin;
    struct hash h = sha256_of(origin.ptr, origin.len);
    char hex[2 * SHA256_SIZE + 1] = "";
    char path[BUNDLE_PATH_MAX];
    int r = add_log(p);

    hex_encode(h.byte, SHA256_SIZE, hex);
    if (r == 0)
        r = add_pact(p);
    (void)snprintf(path, sizeof path, "witness/%s/checkpoint", hex);
    if (r == 0)
        r = add(p, path);
    (void)snprintf(path, sizeof path, "holder/%s/checkpoint", hex);
    if (r == 0)
        r = add(p, path);
    return r < 0 ? r : add(p, "witness/add-checkpoint");
}

/* What they hold, by their holder's word. */
static uint64_t
what_they_hold(const struct packing *p)
{
    const struct role_keys keys = p->pact->keys[ANNEX_HOLDER];
    uint64_t held = 0;

    for (unsigned i = 0; i < keys.count; i++) {
        struct utime at;
        uint64_t size;

        if (slice_eq(keys.key[i].party, p->pact->party[p->party].id) &&
            store_newest_cosigned(p->v->node.store, COSIGNER_HOLDER,
                                  slice_of(keys.key[i].key.name), &size, &at) == 0 &&
            size > held)
            held = size;
    }
    return held;
}

int
packing_open(struct view *v, const struct packing_ask *a, struct packing **ret,
             struct errinfo *ei)
{
    const struct book_pact *pact = a->pact;
    unsigned party = a->party;
    struct packing *p = calloc(1, sizeof *p);
    int r = p == NULL ? ERR_NOMEM : view_refresh(v, ei); /* of one moment from here */

    if (r == 0) {
        *p = (struct packing){.v = v,
                              .pact = pact,
                              .book = {.pact = (struct book_pact *)(uintptr_t)pact, .pacts = 1},
                              .party = party,
                              .size = ledger_signed_size(v->ledger),
                              .at = cli_now()};
        for (unsigned i = 0; i < pact->pins; i++) {
            if (pact->pin[i].party == party &&
                book_pinned(pact, &pact->pin[i].spki, p->at) == (int)party)
                p->spki = pact->pin[i].spki;
        }
        p->since = a->since == UINT64_MAX ? what_they_hold(p) : a->since;
        r = node_keys_read(v->node.dir, NODE_MESSAGE, &p->key, ei);
    }
    if (r == 0)
        r = add_all(p);
    if (r == 0 && a->objects)
        r = add_objects(p, a, ei);
    if (r < 0) {
        (void)packing_close(p);
        return ei->text[0] != '\0' ? r : err_set(ei, r, "%s", err_text(r));
    }
    *ret = p;
    return 0;
}

unsigned
packing_files(const struct packing *p)
{
    return p->count;
}

void
packing_objects(const struct packing *p, struct crates_sum *ret)
{
    *ret = (struct crates_sum){.objects = 0};
    if (p->crates != NULL)
        crates_sum(p->crates, ret);
}

struct packing *
packing_close(struct packing *p)
{
    if (p == NULL)
        return NULL;
    skey_clear(&p->key);
    p->crates = crates_close(p->crates);
    store_settle(p->v->node.store);
    free(p->file);
    free(p);
    return NULL;
}

/* ---- writing ----------------------------------------------------------------------------- */

struct pass {
    struct packing *p;
    int (*put)(void *arg, struct slice bytes);
    void *arg;
};

static int
get_file(void *arg, const struct bundle_file *f, struct buf *b)
{
    struct pass *x = arg;

    return get(x->p, f->path, b);
}

static int
put_bytes(void *arg, struct slice bytes)
{
    struct pass *x = arg;

    return x->put(x->arg, bytes);
}

int
packing_write(struct packing *p, int (*put)(void *arg, struct slice bytes), void *arg,
              struct errinfo *ei)
{
    struct pass x = {p, put, arg};
    struct bundle_file *file = calloc(p->count, sizeof *file);
    const struct bundle_make m = {.at = p->at,
                                  .pact = slice_of(p->pact->pact->name),
                                  .from = p->pact->party[p->pact->self].id,
                                  .to = p->pact->party[p->party].id,
                                  .file = file,
                                  .files = p->count,
                                  .key = &p->key,
                                  .get = get_file,
                                  .put = put_bytes,
                                  .arg = &x};
    int r;

    if (file == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (unsigned i = 0; i < p->count; i++) {
        file[i] = p->file[i].file;
        file[i].path = slice_of(p->file[i].path);
    }
    r = bundle_write(&m, ei);
    free(file);
    return r;
}
