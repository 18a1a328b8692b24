/* detente log prove, verify: messages between parties, and the keys that the pacts of a node
 * bring to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "exchange/message_proof.h"
#include "ledger/leaf.h"
#include "role/inclusion.h"
#include "store/messages.h"
#include "wire/hex.h"

/* ---- keys -------------------------------------------------------------------------------- */

/* Keys of a role, of whatever time: of that party, or of all others. */
static void
add_keys(const struct role_keys *from, struct slice party, bool of_party, struct vkey *room,
         struct vkeys *ret)
{
    for (unsigned i = 0; i < from->count && ret->count < LOG_KEYS; i++) {
        bool known = false;

        for (unsigned k = 0; k < ret->count; k++)
            known |= vkey_eq(&room[k], &from->key[i].key);
        if (!known && slice_eq(from->key[i].party, party) == of_party)
            room[ret->count++] = from->key[i].key;
    }
    ret->key = room;
}

static void
add_party(const struct book_pact *p, struct slice party, struct log_keys *ret)
{
    add_keys(&p->keys[ANNEX_LOG], party, true, ret->log, &ret->keys.log);
    add_keys(&p->keys[ANNEX_WITNESS], party, false, ret->witness, &ret->keys.witness);
    add_keys(&p->keys[ANNEX_HOLDER], party, false, ret->holder, &ret->keys.holder);
}

/* Of any generation. */
static bool
is_log_of(const struct book_pact *p, unsigned party, struct slice origin)
{
    bool it = false;

    for (unsigned i = 0; i <= p->party[party].logs; i++)
        it |= slice_eq(book_origin(p, (int)party, (uint64_t)i << LEDGER_INDEX_BITS), origin);
    return it;
}

void
cli_log_keys(const struct book *b, struct slice origin, struct log_keys *ret)
{
    for (unsigned i = 0; i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];

        for (unsigned k = 0; k < p->pact->parties; k++) {
            if (is_log_of(p, k, origin))
                add_party(p, p->party[k].id, ret);
        }
    }
}

/* ---- proving ----------------------------------------------------------------------------- */

struct both {
    const struct view *v;
    const struct book_pact *pact;
    struct store_message m;
    struct buf envelope;
    bool ours;
    int other;             /* party */
    struct vkey own;       /* of this node's log with its side of it */
    struct slice origin;   /* of the other's log */
    struct store *mirror;  /* … as it is held here; NULL: it is not */
    struct ledger *ledger; /* of the mirror */
    struct buf entry[2];   /* of the sender's log, of the receiver's */
    struct buf proof[2];
};

static void
close_mirror(struct both *x)
{
    x->ledger = ledger_free(x->ledger);
    x->mirror = store_close(x->mirror);
}

/* The generation of the other's log that holds a leaf. */
static int
open_mirror(struct both *x, uint64_t leaf)
{
    struct hash h;
    char hex[2 * SHA256_SIZE + 1] = "";
    char path[4096];
    struct ledger_storage storage;
    struct errinfo ei;
    uint64_t size;
    int r;

    close_mirror(x);
    x->origin = book_origin(x->pact, x->other, leaf);
    h = sha256_of(x->origin.ptr, x->origin.len);
    hex_encode(h.byte, SHA256_SIZE, hex);
    (void)snprintf(path, sizeof path, "%s/mirror/%s", x->v->node.dir, hex);
    r = store_open(path, STORE_READ, &x->mirror, &ei);
    if (r == 0) {
        store_ledger(x->mirror, &storage);
        r = store_ledger_size(x->mirror, &size);
    }
    if (r == 0)
        r = ledger_open(&storage, size, &x->ledger, &ei);
    if (r < 0)
        close_mirror(x);
    return r;
}

struct finding {
    const struct hash *id;
    uint64_t at;
    bool found;
};

static int
is_received(void *arg, uint64_t index, struct slice entry)
{
    struct finding *f = arg;
    struct leaf l;
    struct hash h;

    leaf_read(entry, &l);
    if (l.reading != LEAF_KNOWN || l.type != LEAF_RECEIVED || leaf_hash(&l, "sha256", &h) < 0 ||
        !hash_eq(&h, f->id))
        return 0;
    f->at = index;
    f->found = true;
    return 1;
}

/* Where the other's log says that it received it; ERR_NOTFOUND: it does not, as far as it is
 * held here. */
static int
find_received(struct both *x, uint64_t *ret)
{
    struct finding f = {.id = &x->m.id};
    struct ledger_storage storage;
    int r = 0;

    for (uint64_t log = x->pact->party[x->other].logs + 1; r == 0 && !f.found && log-- > 0;) {
        uint64_t size;

        if (open_mirror(x, log << LEDGER_INDEX_BITS) < 0)
            continue;
        size = ledger_signed_size(x->ledger);
        store_ledger(x->mirror, &storage);
        r = size == 0 ? 0 : storage.get_entries(storage.self, 0, size, is_received, &f);
    }
    *ret = f.at;
    return r < 0 ? r : f.found ? 0 : ERR_NOTFOUND;
}

/* Both sides, as far as they can be had: 0, or 1 without the receiver's. */
static int
prove_sides(struct both *x)
{
    const uint64_t here = x->ours ? x->m.leaf : x->m.here;
    uint64_t at = ledger_index(x->m.leaf);
    struct store *s = x->v->node.store;
    int ours = x->ours ? 0 : 1;
    int r = inclusion_prove(s, x->v->ledger, here, &x->entry[ours], &x->proof[ours]);

    if (r == 0)
        r = inclusion_key(s, here, &x->own);
    if (r < 0)
        return r;
    r = x->ours ? find_received(x, &at) : open_mirror(x, x->m.leaf) < 0 ? ERR_NOTFOUND : 0;
    if (r == 0)
        r = inclusion_prove_mirror(
            &(struct inclusion_mirror){s, x->origin, x->mirror, x->ledger}, at,
            &x->entry[1 - ours], &x->proof[1 - ours]);
    return r == ERR_NOTFOUND && x->ours ? 1 : r;
}

static int
write_proof(const struct cli *cli, struct both *x, bool received)
{
    const char *out = cli_option(cli, "out");
    struct slice own = vkey_name(&x->own);
    struct slice other = x->origin;
    const struct message_proof_side sent = {x->ours ? own : other, buf_get(&x->entry[0]),
                                            buf_get(&x->proof[0])};
    const struct message_proof_side got = {x->ours ? other : own, buf_get(&x->entry[1]),
                                           buf_get(&x->proof[1])};
    struct errinfo ei = {0};
    AUTO_BUF(file, PROOF_MAX);
    int r = message_proof_write(&file, buf_get(&x->envelope), &sent, received ? &got : NULL);

    if (r == 0)
        r = cli_write_file(out == NULL ? "-" : out, buf_get(&file), 0600, &ei);
    if (r == 0 && !received)
        cli_say("without the receiver's side: its log, as it is held here, does not have it");
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
prove(const struct cli *cli, struct both *x, const struct book *b)
{
    int r;

    x->pact = book_pact(b, x->m.pact);
    if (x->pact == NULL || x->pact->self < 0)
        return cli_fail(ERR_NOTFOUND, "its pact is none of this node's");
    x->ours = slice_eq(x->m.from, x->pact->party[x->pact->self].id);
    x->other = book_party(x->pact, x->ours ? x->m.to : x->m.from);
    if (x->other < 0)
        return cli_fail(ERR_NOTFOUND, "its parties are none of that pact");
    buf_slice(&x->envelope, x->m.bytes);
    r = prove_sides(x);
    if (r < 0)
        return cli_fail(r, "%s: %s", cli->argv[0],
                        r == ERR_NOTFOUND ? "no signed checkpoint that is held covers it yet"
                                          : err_text(r));
    return write_proof(cli, x, r == 0);
}

int
cli_log_prove_message(const struct cli *cli, const struct view *v, const struct hash *id)
{
    struct both *x = calloc(1, sizeof *x);
    struct errinfo ei = {0};
    struct book *b = NULL;
    int r = x == NULL ? ERR_NOMEM : book_load(v->node.store, v->node.conf->party, &b, &ei);

    if (r < 0) {
        free(x);
        return cli_fail(r, "%s", ei.text[0] != '\0' ? ei.text : err_text(r));
    }
    x->v = v;
    buf_init(&x->envelope, ENVELOPE_MAX);
    for (int i = 0; i < 2; i++) {
        buf_init(&x->entry[i], LEDGER_ENTRY_MAX);
        buf_init(&x->proof[i], INCLUSION_MAX);
    }
    r = store_get_message(v->node.store, id, &x->m);
    r = r < 0 ? cli_fail(r, "%s: %s", cli->argv[0],
                         r == ERR_NOTFOUND ? "no such message here" : err_text(r))
              : prove(cli, x, b);
    buf_release(&x->envelope);
    for (int i = 0; i < 2; i++) {
        buf_release(&x->entry[i]);
        buf_release(&x->proof[i]);
    }
    close_mirror(x);
    (void)book_free(b);
    free(x);
    return r;
}

/* ---- verifying --------------------------------------------------------------------------- */

bool
cli_log_is_message_proof(struct slice file)
{
    static const char mark[] = "\"format\":\"detente-message-proof/1\"";

    return memmem(file.ptr, file.len, mark, sizeof mark - 1) != NULL;
}

struct checking {
    struct log_keys keys[PACT_PARTIES];
    struct proof_party party[PACT_PARTIES];
    struct slice id[PACT_PARTIES];
    struct message_proved proved;
};

static void
print_side(const char *what, uint64_t index, const struct checkpoint_signed *c)
{
    printf("  %-8s leaf %llu of %.*s at size %llu", what, (unsigned long long)index,
           (int)c->checkpoint.origin.len, c->checkpoint.origin.ptr,
           (unsigned long long)c->checkpoint.size);
    for (unsigned i = 0; i < c->witness.count; i++)
        printf(", witness %s", c->witness.signer[i].key->name);
    for (unsigned i = 0; i < c->holder.count; i++)
        printf(", holder %s", c->holder.signer[i].key->name);
    printf("\n");
}

static void
print_message(const struct message_proved *m)
{
    const struct envelope *e = &m->envelope;
    char at[TIME_TEXT];

    time_format(e->at, at);
    printf("%s from %.*s to %.*s, pact %.*s, incident %.*s, said to be of %.*s: %s\n",
           message_type_name(e->type), (int)e->from.len, e->from.ptr, (int)e->to.len, e->to.ptr,
           (int)e->pact.len, e->pact.ptr, (int)e->incident.len, e->incident.ptr, TIME_TEXT, at,
           m->delivered ? "sent and received" : "sent");
    print_side("sent", m->proof.leaf_index, &m->proof.signed_);
    if (m->proof.received)
        print_side("received", m->proof.received_index, &m->proof.received_signed);
    if (m->witnessed.us != 0) {
        time_format(m->witnessed, at);
        printf("  witnessed not later than %.*s\n", TIME_TEXT, at);
    } else {
        printf("  witnessed by nobody whose key is known here\n");
    }
    printf("  body     %.*s\n", (int)e->body.len, e->body.ptr);
}

/* By one pact's keys; ERR_PROOF when they are others. */
static int
check_by(struct slice file, const struct book_pact *p, struct checking *c, struct errinfo *ei)
{
    const struct pact *pact = p->pact;
    struct envelope_terms terms = {.pact = slice_of(pact->name),
                                   .party = c->id,
                                   .parties = pact->parties,
                                   .text = p->text,
                                   .texts = p->texts,
                                   .message = p->keys[ANNEX_MESSAGE],
                                   .clock_skew_max = pact->clock_skew_max};

    memset(c->keys, 0, sizeof c->keys);
    for (unsigned i = 0; i < pact->parties; i++) {
        c->id[i] = p->party[i].id;
        add_party(p, c->id[i], &c->keys[i]);
        c->party[i] = (struct proof_party){c->id[i], c->keys[i].keys};
    }
    return message_proof_check(file, (struct proof_parties){c->party, pact->parties}, &terms,
                               &c->proved, ei);
}

int
cli_log_verify_message(const struct cli *cli, const struct book *b, struct slice file)
{
    struct checking *c = calloc(1, sizeof *c);
    struct errinfo ei = {0};
    int r = c == NULL ? ERR_NOMEM : ERR_PROOF;

    for (unsigned i = 0; r == ERR_PROOF && i < b->pacts; i++) {
        ei.text[0] = '\0';
        r = check_by(file, &b->pact[i], c, &ei);
    }
    if (r < 0) {
        free(c);
        return b->pacts == 0
                   ? cli_fail(ERR_CONF,
                              "a message is verified by the keys of its pact, and this "
                              "node has none: `pact adopt` takes one")
                   : cli_fail(r, "%s: does not verify: %s", cli->argv[0],
                              ei.text[0] != '\0' ? ei.text : err_text(r));
    }
    print_message(&c->proved);
    message_proof_release(&c->proved.proof);
    free(c);
    return 0;
}
