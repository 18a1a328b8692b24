#include "ledger/leaf.h"
#include "ledger/proof.h"
#include "wire/jcs.h"

struct reader {
    struct proof_parties parties;
    struct message_proof *p;
    struct errinfo *ei;
};

static int
refuse(struct reader *r, const char *what)
{
    return err_set(r->ei, ERR_PROOF, "%s", what);
}

/* A string member's bytes, in the store, which has room for all of them. */
static int
take(struct reader *r, struct slice object, const char *name, struct slice *ret)
{
    struct buf *store = &r->p->store;
    size_t from = store->len;
    struct slice value;

    if (!jcs_find(object, name, &value) || jcs_string(value, store) < 0 || store->ptr == NULL)
        return err_set(r->ei, ERR_PROOF, "missing, or no text: %s", name);
    *ret = (struct slice){store->ptr + from, store->len - from};
    return 0;
}

/* Is the leaf's field the same text as the envelope's? */
static bool
same(const struct leaf *l, const char *field, struct slice envelope, const char *member)
{
    struct slice a;
    struct slice value;
    struct slice b;

    return leaf_text(l, field, &a) == 0 && jcs_find(envelope, member, &value) &&
           jcs_plain(value, &b) == 0 && slice_eq(a, b);
}

static const struct proof_party *
find_party(struct reader *r, struct slice name)
{
    for (unsigned i = 0; i < r->parties.count; i++) {
        if (slice_eq(r->parties.party[i].party, name))
            return &r->parties.party[i];
    }
    return NULL;
}

/* One log's side: a leaf of that type about the envelope, under the party's own log key. */
struct side {
    struct slice object; /* with origin, entry, tlog_proof */
    struct slice party;
    enum leaf_type type;
    struct checkpoint_signed *ret_signed;
    uint64_t *ret_index;
};

static int
check_side(struct reader *r, const struct side *s, struct leaf *ret)
{
    const struct proof_party *party = find_party(r, s->party);
    struct slice origin = {NULL, 0};
    struct slice entry = {NULL, 0};
    struct slice text = {NULL, 0};
    struct tlog_proof tlog;
    struct hash leaf;
    struct hash id;
    int err;

    if (party == NULL)
        return refuse(r, "no key of the party's log is known");
    if (take(r, s->object, "origin", &origin) < 0 || take(r, s->object, "entry", &entry) < 0 ||
        take(r, s->object, "tlog_proof", &text) < 0)
        return ERR_PROOF;
    leaf_read(entry, ret);
    if (ret->reading != LEAF_KNOWN || ret->type != s->type || leaf_hash(ret, "sha256", &id) < 0)
        return refuse(r, "the entry is no leaf of its kind");
    if (!hash_eq(&id, &r->p->sha256))
        return refuse(r, "the leaf is of another message");
    leaf = tree_leaf(entry);
    err = tlog_proof_verify(text, &leaf, &party->keys, &tlog, s->ret_signed, r->ei);
    if (err < 0)
        return err;
    if (!slice_eq(origin, s->ret_signed->checkpoint.origin))
        return refuse(r, "the checkpoint is of another log");
    *s->ret_index = tlog.index;
    return 0;
}

static int
check_sent(struct reader *r, struct slice object)
{
    struct message_proof *p = r->p;
    struct side s = {object, p->from, LEAF_MESSAGE, &p->signed_, &p->leaf_index};
    struct leaf leaf;
    int err = check_side(r, &s, &leaf);

    if (err == 0 && (!same(&leaf, "pact", p->envelope, "pact") ||
                     !same(&leaf, "incident", p->envelope, "incident") ||
                     !same(&leaf, "to", p->envelope, "to")))
        err = refuse(r, "leaf and envelope differ in pact, incident or receiver");
    return err;
}

static int
check_received(struct reader *r, struct slice object)
{
    struct message_proof *p = r->p;
    struct side s = {object, p->to, LEAF_RECEIVED, &p->received_signed, &p->received_index};
    struct leaf leaf;
    int err;

    if (jcs_kind(object) != JCS_OBJECT || jcs_count(object) != 3)
        return refuse(r, "`received` has other fields");
    err = check_side(r, &s, &leaf);
    if (err == 0 && (!same(&leaf, "pact", p->envelope, "pact") ||
                     !same(&leaf, "from", p->envelope, "from")))
        err = refuse(r, "leaf and envelope differ in pact or sender");
    p->received = err == 0;
    return err;
}

/* The envelope's bytes, its id and its two parties. */
static int
read_envelope(struct reader *r, struct slice object)
{
    struct message_proof *p = r->p;
    struct slice value;

    if (take(r, object, "envelope", &p->envelope) < 0)
        return ERR_PROOF;
    if (jcs_check(p->envelope, NULL) != JCS_OK || jcs_kind(p->envelope) != JCS_OBJECT)
        return refuse(r, "the envelope is no canonical object");
    if (!jcs_find(p->envelope, "from", &value) || jcs_plain(value, &p->from) < 0 ||
        !jcs_find(p->envelope, "to", &value) || jcs_plain(value, &p->to) < 0 ||
        slice_eq(p->from, p->to))
        return refuse(r, "the envelope does not name two parties");
    p->sha256 = sha256_of(p->envelope.ptr, p->envelope.len);
    return 0;
}

static int
verify(struct reader *r, struct slice file)
{
    struct slice object = slice_sub(file, 0, file.len == 0 ? 0 : file.len - 1);
    struct slice received;
    struct slice text = {NULL, 0};
    bool has_received;
    int err;

    if (file.ptr == NULL || file.len == 0 || file.len > PROOF_MAX ||
        file.ptr[file.len - 1] != '\n' || jcs_check(object, NULL) != JCS_OK ||
        jcs_kind(object) != JCS_OBJECT)
        return refuse(r, "not one canonical object and an LF");
    if (buf_reserve(&r->p->store, file.len) == NULL)
        return ERR_NOMEM;
    has_received = jcs_find(object, "received", &received);
    if (take(r, object, "format", &text) < 0 || !slice_is(text, "detente-message-proof/1"))
        return refuse(r, "not the format detente-message-proof/1");
    if (jcs_count(object) != (has_received ? 6 : 5))
        return refuse(r, "a field that no message proof has");
    err = read_envelope(r, object);
    if (err == 0)
        err = check_sent(r, object);
    if (err == 0 && has_received)
        err = check_received(r, received);
    return err;
}

int
message_proof_verify(struct slice file, struct proof_parties parties, struct message_proof *ret,
                     struct errinfo *ei)
{
    struct reader r = {parties, ret, ei};
    int err;

    *ret = (struct message_proof){.store = {.max = PROOF_MAX}};
    err = verify(&r, file);
    if (err < 0)
        message_proof_release(ret);
    return err;
}

void
message_proof_release(struct message_proof *p)
{
    buf_release(&p->store);
}
