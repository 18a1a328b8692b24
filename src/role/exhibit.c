#include "role/exhibit.h"

#include <stdlib.h>
#include <string.h>

#include "role/engine_priv.h"
#include "store/cosigned.h"
#include "store/proofs.h"
#include "wire/hex.h"
#include "wire/jcs.h"

int
exhibits_open(struct exhibits *x, struct engine *e, const struct attrib *attrib)
{
    *x = (struct exhibits){.d = {.store = e->store,
                                 .dict = engine_dict(e),
                                 .attrib = attrib,
                                 .ledger = engine_ledger(e),
                                 .key = &e->key->vkey}};
    buf_init(&x->references, EXHIBIT_REFERENCES_MAX);
    buf_init(&x->files, EXHIBIT_FILES_MAX);
    x->commit = malloc(sizeof *x->commit);
    x->d.commits = malloc(sizeof *x->d.commits);
    if (x->commit == NULL || x->d.commits == NULL)
        return ERR_NOMEM;
    x->d.commits->there = false;
    return reader_open(e->store, e->env, &x->d.reader);
}

void
exhibits_close(struct exhibits *x)
{
    x->d.reader = reader_close(x->d.reader);
    free(x->commit);
    free(x->d.commits);
    x->commit = NULL;
    x->d.commits = NULL;
    buf_release(&x->references);
    buf_release(&x->files);
}

int
exhibits_show(const struct pact *p)
{
    for (unsigned i = 0; i < p->minimise.count; i++) {
        if (strcmp(p->minimise.at[i], "mask-target-hosts") == 0)
            return PROOF_PRIVATE;
    }
    return PROOF_TARGET;
}

int
exhibits_cosigned(struct exhibits *x, struct event_id id, bool *ret)
{
    struct store_block row;
    uint64_t size;
    int r = store_get_block(x->d.store, id.block, &row);

    if (r == 0)
        r = store_cosigned_cover(x->d.store, row.leaf, &size);
    *ret = r == 0;
    return r == ERR_NOTFOUND ? 0 : r;
}

/* The file, when there is one that is not too large. */
static int
add_file(struct exhibits *x, const struct found *f, int show, const char **ret,
         char hex[2 * SHA256_SIZE + 1], struct errinfo *ei)
{
    struct exhibit *to = &x->file[x->count];
    AUTO_BUF(file, EXHIBIT_FILE_MAX);
    int r = describe_proof(&x->d, f, show, &file, ei);

    *ret = "";
    if (r == ERR_NOTFOUND || r == ERR_LIMIT || buf_error(&file) == ERR_LIMIT ||
        x->files.len + file.len > EXHIBIT_FILES_MAX)
        return 0;
    if (r < 0)
        return r;
    *to = (struct exhibit){.id = sha256_of(file.ptr, file.len),
                           .event = f->id,
                           .leaf = f->row.leaf,
                           .commitment = x->commit->commitment,
                           .at = x->files.len,
                           .len = file.len};
    buf_slice(&x->files, buf_get(&file));
    hex_encode(to->id.byte, SHA256_SIZE, hex);
    hex[(size_t)2 * SHA256_SIZE] = '\0';
    *ret = hex;
    x->count++;
    return buf_error(&x->files);
}

int
exhibits_add(struct exhibits *x, struct event_id id, int show, struct found *f,
             struct errinfo *ei)
{
    char hex[2 * SHA256_SIZE + 1] = "";
    const char *proof = "";
    int r = x->events == EXHIBITS ? ERR_LIMIT : describe_find(&x->d, id, f);

    if (r == 0)
        r = describe_commit(&x->d, f, x->commit);
    if (r == 0 && show >= 0)
        r = add_file(x, f, show, &proof, hex, ei);
    if (r < 0)
        return r;
    buf_printf(&x->references, "%s{\"block\":%llu,\"commitment\":\"",
               x->references.len == 0 ? "" : ",", (unsigned long long)id.block);
    buf_hex(&x->references, x->commit->commitment.byte, SHA256_SIZE);
    buf_printf(&x->references, "\",\"index\":%u,\"leaf\":%llu,\"proof\":\"%s\"}", id.index,
               (unsigned long long)ledger_index(f->row.leaf), proof);
    x->events++;
    return buf_error(&x->references);
}

int
exhibits_keep(void *arg, struct store *s, const struct case_file *c)
{
    const struct exhibits *x = arg;
    unsigned other;
    int r = 0;

    if (x->count == 0)
        return 0; /* and of a channel there is no case */
    other = (int)c->notifier == c->pact->self ? c->responder : c->notifier;
    for (unsigned i = 0; r == 0 && i < x->count; i++) {
        const struct exhibit *e = &x->file[i];

        r = store_put_proof(s, &(struct store_proof){.id = e->id,
                                                     .pact = slice_of(c->pact->pact->name),
                                                     .party = c->pact->party[other].id,
                                                     .state = PROOF_GIVEN,
                                                     .event = e->event,
                                                     .leaf = e->leaf,
                                                     .commitment = e->commitment,
                                                     .named = c->message[c->count - 1].here,
                                                     .file = {x->files.ptr + e->at, e->len}});
    }
    return r;
}

/* ---- what there is of them --------------------------------------------------------------- */

bool
exhibit_is_inside(struct slice addr, struct slice prefix)
{
    struct prefix p;
    struct addr a;

    if (addr.len == 0 || prefix.len == 0)
        return true;
    return prefix_parse(prefix, &p) == 0 && addr_parse(addr, &a) == 0 && prefix_covers(&p, &a);
}

static bool
number_is(struct slice reference, const char *name, uint64_t n)
{
    struct slice value;
    int64_t there;

    return jcs_find(reference, name, &value) && jcs_int(value, &there) == 0 &&
           (uint64_t)there == n;
}

static bool
hash_at(struct slice reference, const char *name, struct hash *ret)
{
    struct slice value;
    struct slice hex;

    return jcs_find(reference, name, &value) && jcs_plain(value, &hex) == 0 &&
           hex.len == 2 * (size_t)SHA256_SIZE && hex_decode(hex, ret->byte, SHA256_SIZE) == 0;
}

const char *
exhibit_state(struct store *s, const struct case_file *c, bool ours, struct slice origin,
              struct slice reference)
{
    unsigned other = (int)c->notifier == c->pact->self ? c->responder : c->notifier;
    struct hash commitment;
    struct hash id;
    struct store_proof p;

    if (!hash_at(reference, "proof", &id) ||
        store_get_proof(s, &id, c->pact->party[other].id, ours, &p) < 0)
        return "";
    if (ours)
        return p.file.len == 0 ? "erased" : proof_state_name(p.state);
    if (!number_is(reference, "block", p.event.block) ||
        !number_is(reference, "index", p.event.index) ||
        !number_is(reference, "leaf", ledger_index(p.leaf)) ||
        !hash_at(reference, "commitment", &commitment) ||
        !hash_eq(&commitment, &p.commitment) ||
        (p.state == PROOF_HOLDS && !exhibit_is_inside(p.origin, origin)))
        return proof_state_name(PROOF_WRONG); /* another message named the same file */
    return proof_state_name(p.state);
}
