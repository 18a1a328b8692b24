#include "ledger/proof.h"

#include <stdio.h>

#include "ledger/commit.h"
#include "ledger/leaf.h"
#include "ledger/leaf_priv.h"
#include "wire/hex.h"
#include "wire/jcs.h"

/* ---- The fields, in the order of their names ---- */

enum field {
    F_ENTRY,
    F_EVENTS,
    F_FORMAT,
    F_INDEX,
    F_ORIGIN,
    F_PATH,
    F_PRIVATE,
    F_PRIVATE_HASH,
    F_PUBLIC,
    F_RAW,
    F_SALT_PRIVATE,
    F_SALT_PUBLIC,
    F_SALT_RAW,
    F_SALT_TARGET,
    F_TARGET,
    F_TLOG_PROOF,
    FIELDS
};

static const struct {
    const char *name;
    bool required;
    enum jcs_kind kind;
} fields[FIELDS] = {
    [F_ENTRY] = {"entry", true, JCS_STRING},
    [F_EVENTS] = {"events", true, JCS_INT},
    [F_FORMAT] = {"format", true, JCS_STRING},
    [F_INDEX] = {"index", true, JCS_INT},
    [F_ORIGIN] = {"origin", true, JCS_STRING},
    [F_PATH] = {"path", true, JCS_ARRAY},
    [F_PRIVATE] = {"private", false, JCS_STRING},
    [F_PRIVATE_HASH] = {"private_hash", false, JCS_STRING},
    [F_PUBLIC] = {"public", true, JCS_STRING},
    [F_RAW] = {"raw", false, JCS_STRING},
    [F_SALT_PRIVATE] = {"salt_private", false, JCS_STRING},
    [F_SALT_PUBLIC] = {"salt_public", true, JCS_STRING},
    [F_SALT_RAW] = {"salt_raw", false, JCS_STRING},
    [F_SALT_TARGET] = {"salt_target", false, JCS_STRING},
    [F_TARGET] = {"target", false, JCS_STRING},
    [F_TLOG_PROOF] = {"tlog_proof", true, JCS_STRING},
};

/* ---- Writing ---- */

struct writer {
    struct buf *b;
    char sep;
};

static void
put_name(struct writer *w, enum field f)
{
    buf_char(w->b, w->sep);
    w->sep = ',';
    buf_json(w->b, slice_of(fields[f].name));
    buf_char(w->b, ':');
}

static void
put_text(struct writer *w, enum field f, struct slice text)
{
    put_name(w, f);
    buf_json(w->b, text);
}

static void
put_number(struct writer *w, enum field f, uint64_t n)
{
    put_name(w, f);
    buf_u64(w->b, n);
}

static void
put_hex(struct writer *w, enum field f, const void *bytes, size_t n)
{
    put_name(w, f);
    buf_char(w->b, '"');
    buf_hex(w->b, bytes, n);
    buf_char(w->b, '"');
}

static void
put_path(struct writer *w, const struct tree_path *path)
{
    put_name(w, F_PATH);
    buf_char(w->b, '[');
    for (unsigned i = 0; i < path->count; i++) {
        buf_text(w->b, i == 0 ? "\"" : ",\"");
        buf_hex(w->b, path->hash[i].byte, SHA256_SIZE);
        buf_char(w->b, '"');
    }
    buf_char(w->b, ']');
}

/* What of an event is shown: asked for, and still there. */
struct shown {
    bool private_;
    bool target;
    bool raw;
};

static struct shown
what_is_shown(const struct proof_make *m)
{
    const struct proof_event *e = &m->event;
    bool inner = m->show != PROOF_PUBLIC && e->private_.len > 0 && e->salt_private != NULL;

    return (struct shown){
        .private_ = inner,
        .target = inner && (m->show == PROOF_RAW || m->show == PROOF_TARGET) &&
                  e->target.len > 0 && e->salt_target != NULL,
        .raw = inner && (m->show == PROOF_RAW || m->show == PROOF_MASKED) && e->raw.len > 0 &&
               e->salt_raw != NULL,
    };
}

/* H(salt || private), computed or as it was kept. */
static int
private_hash(const struct proof_event *e, struct hash *ret)
{
    if (e->private_.len > 0 && e->salt_private != NULL)
        *ret = sha256_of2(e->salt_private, SHA256_SIZE, e->private_.ptr, e->private_.len);
    else if (e->private_hash != NULL)
        *ret = *e->private_hash;
    else
        return ERR_NOTFOUND;
    return 0;
}

int
proof_write(struct buf *b, const struct proof_make *m)
{
    const struct proof_event *e = &m->event;
    struct writer w = {b, '{'};
    struct shown show = what_is_shown(m);
    struct hash closed;
    struct tree_path path;
    size_t before = b->len;

    if (e->public_.len == 0 || e->salt_public == NULL || private_hash(e, &closed) < 0)
        return ERR_NOTFOUND;
    if (m->index >= m->events)
        return ERR_USAGE;
    tree_path_of(m->commitments, m->events, m->index, &path);
    put_text(&w, F_ENTRY, m->entry);
    put_number(&w, F_EVENTS, m->events);
    put_text(&w, F_FORMAT, SLICE("detente-event-proof/1"));
    put_number(&w, F_INDEX, m->index);
    put_text(&w, F_ORIGIN, m->origin);
    put_path(&w, &path);
    if (show.private_)
        put_text(&w, F_PRIVATE, e->private_);
    else
        put_hex(&w, F_PRIVATE_HASH, closed.byte, SHA256_SIZE);
    put_text(&w, F_PUBLIC, e->public_);
    if (show.raw)
        put_hex(&w, F_RAW, e->raw.ptr, e->raw.len);
    if (show.private_)
        put_hex(&w, F_SALT_PRIVATE, e->salt_private, SHA256_SIZE);
    put_hex(&w, F_SALT_PUBLIC, e->salt_public, SHA256_SIZE);
    if (show.raw)
        put_hex(&w, F_SALT_RAW, e->salt_raw, SHA256_SIZE);
    if (show.target)
        put_hex(&w, F_SALT_TARGET, e->salt_target, SHA256_SIZE);
    if (show.target)
        put_text(&w, F_TARGET, e->target);
    put_text(&w, F_TLOG_PROOF, m->tlog_proof);
    buf_text(b, "}\n");
    if (buf_error(b) != 0)
        return buf_error(b);
    return b->len - before > PROOF_MAX ? ERR_LIMIT : 0;
}

/* ---- Verifying ---- */

struct reader {
    const struct checkpoint_keys *keys;
    struct proof *p;
    struct errinfo *ei;
    struct slice value[FIELDS]; /* JSON; ptr NULL when absent */
    struct hash hash[FIELDS];   /* of the fields that are one */
};

static bool
has(const struct reader *r, enum field f)
{
    return r->value[f].ptr != NULL;
}

static int
refuse(struct reader *r, const char *what, const char *which)
{
    return err_set(r->ei, ERR_PROOF, "%s%s%s", what, which[0] == '\0' ? "" : " ", which);
}

static int
read_members(struct reader *r, struct slice object)
{
    struct jcs_iter it = jcs_iter(object);
    struct slice key;
    struct slice value;
    int f = 0;

    if (jcs_kind(object) != JCS_OBJECT)
        return refuse(r, "a proof is one object", "");
    while (jcs_member(&it, &key, &value)) {
        while (f < FIELDS && !slice_is(key, fields[f].name))
            f++; /* members are sorted as the table is */
        if (f == FIELDS)
            return refuse(r, "a field that no proof has", "");
        if (jcs_kind(value) != fields[f].kind)
            return refuse(r, "wrong kind of", fields[f].name);
        r->value[f] = value;
    }
    for (f = 0; f < FIELDS; f++) {
        if (fields[f].required && !has(r, (enum field)f))
            return refuse(r, "missing field", fields[f].name);
    }
    return 0;
}

/* Which optional fields may stand together. */
static int
check_presence(struct reader *r)
{
    if (has(r, F_PRIVATE) == has(r, F_PRIVATE_HASH) ||
        has(r, F_PRIVATE) != has(r, F_SALT_PRIVATE))
        return refuse(r, "the private part, or its hash alone", "");
    if (has(r, F_TARGET) != has(r, F_SALT_TARGET) || (has(r, F_TARGET) && !has(r, F_PRIVATE)))
        return refuse(r, "target and salt stand together, behind the private part", "");
    if (has(r, F_RAW) != has(r, F_SALT_RAW) || (has(r, F_RAW) && !has(r, F_PRIVATE)))
        return refuse(r, "raw and salt stand together, behind the private part", "");
    return 0;
}

/* A string's bytes, kept in the proof's store; which has room for all of them. */
static struct slice
keep(struct reader *r, enum field f)
{
    struct buf *store = &r->p->store;
    size_t from = store->len;

    if (!has(r, f) || jcs_string(r->value[f], store) < 0 || store->ptr == NULL)
        return (struct slice){NULL, 0};
    return (struct slice){store->ptr + from, store->len - from};
}

static int
read_hashes(struct reader *r)
{
    static const enum field which[] = {F_PRIVATE_HASH, F_SALT_PRIVATE, F_SALT_PUBLIC,
                                       F_SALT_RAW, F_SALT_TARGET};
    struct slice text;

    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        enum field f = which[i];

        if (has(r, f) && (jcs_plain(r->value[f], &text) < 0 ||
                          hex_decode(text, r->hash[f].byte, SHA256_SIZE) < 0))
            return refuse(r, "wrong form of", fields[f].name);
    }
    return 0;
}

static int
read_numbers(struct reader *r)
{
    int64_t index;
    int64_t events;

    if (jcs_int(r->value[F_INDEX], &index) < 0 || jcs_int(r->value[F_EVENTS], &events) < 0 ||
        events < 1 || events > EVENTS_PER_BLOCK || index < 0 || index >= events)
        return refuse(r, "index and events do not fit", "");
    r->p->index = (uint32_t)index;
    r->p->events = (uint32_t)events;
    return 0;
}

static int
read_raw(struct reader *r)
{
    struct buf *store = &r->p->store;
    struct slice text;
    char *to;

    if (!has(r, F_RAW))
        return 0;
    if (jcs_plain(r->value[F_RAW], &text) < 0 || !hex_is(text) ||
        text.len > (size_t)2 * UINT16_MAX)
        return refuse(r, "wrong form of", "raw");
    to = text.len == 0 ? store->ptr : buf_reserve(store, text.len / 2);
    if (to == NULL || hex_decode(text, to, text.len / 2) < 0)
        return ERR_NOMEM;
    r->p->raw = (struct slice){to, text.len / 2};
    r->p->has_raw = true;
    buf_wrote(store, text.len / 2);
    return 0;
}

/* Fields to values; their forms. */
static int
read_values(struct reader *r)
{
    struct proof *p = r->p;
    int err = read_hashes(r);

    if (err == 0)
        err = read_numbers(r);
    if (err == 0)
        err = read_raw(r);
    if (err < 0)
        return err;
    if (!slice_is(keep(r, F_FORMAT), "detente-event-proof/1"))
        return refuse(r, "not the format detente-event-proof/1", "");
    p->origin = keep(r, F_ORIGIN);
    p->entry = keep(r, F_ENTRY);
    p->public_ = keep(r, F_PUBLIC);
    p->private_ = keep(r, F_PRIVATE);
    p->target = keep(r, F_TARGET);
    if (!part_ok(PART_PUBLIC, p->public_))
        return refuse(r, "the public part is malformed", "");
    if (has(r, F_PRIVATE) && !part_ok(PART_PRIVATE, p->private_))
        return refuse(r, "the private part is malformed", "");
    if (has(r, F_TARGET) && !part_ok(PART_TARGET, p->target))
        return refuse(r, "the target is malformed", "");
    return 0;
}

static struct hash
salted(const struct reader *r, enum field salt, struct slice part)
{
    return sha256_of2(r->hash[salt].byte, SHA256_SIZE, part.ptr, part.len);
}

/* Is the hash the text at that place of the private part? */
static bool
stands_in_private(const struct proof *p, unsigned at, const struct hash *h)
{
    char text[2 * SHA256_SIZE];

    hex_encode(h->byte, SHA256_SIZE, text);
    return slice_eq(part_item(p->private_, at), (struct slice){text, sizeof text});
}

/* Target and raw inside the private part, and both parts in c. */
static int
check_parts(struct reader *r)
{
    struct proof *p = r->p;
    struct hash public_hash = salted(r, F_SALT_PUBLIC, p->public_);
    struct hash closed = r->hash[F_PRIVATE_HASH];
    struct hash inner;

    if (has(r, F_TARGET)) {
        inner = salted(r, F_SALT_TARGET, p->target);
        if (!stands_in_private(p, PART_PRIVATE_TARGET, &inner))
            return refuse(r, "the target is not the one committed to", "");
    }
    if (has(r, F_RAW)) {
        inner = salted(r, F_SALT_RAW, p->raw);
        if (!stands_in_private(p, PART_PRIVATE_RAW, &inner))
            return refuse(r, "the raw bytes are not those committed to", "");
    }
    if (has(r, F_PRIVATE))
        closed = salted(r, F_SALT_PRIVATE, p->private_);
    p->commitment = commit_of(&public_hash, &closed);
    return 0;
}

static int
read_path(struct reader *r, struct tree_path *ret)
{
    struct jcs_iter it = jcs_iter(r->value[F_PATH]);
    struct slice item;
    struct slice text;

    ret->count = 0;
    while (jcs_item(&it, &item)) {
        if (ret->count == TREE_PATH_MAX || jcs_plain(item, &text) < 0 ||
            hex_decode(text, ret->hash[ret->count++].byte, SHA256_SIZE) < 0)
            return refuse(r, "wrong form of", "path");
    }
    return 0;
}

/* The block's leaf, and the commitment in its tree. */
static int
check_block(struct reader *r)
{
    struct proof *p = r->p;
    struct tree_path path;
    struct leaf leaf;
    struct hash root;
    uint64_t events;

    leaf_read(p->entry, &leaf);
    if (leaf.reading != LEAF_KNOWN || leaf.type != LEAF_BLOCK ||
        leaf_hash(&leaf, "root", &root) < 0 || leaf_number(&leaf, "block", &p->block) < 0 ||
        leaf_number(&leaf, "events", &events) < 0)
        return refuse(r, "the entry is no block of version 1", "");
    if (events != p->events)
        return refuse(r, "the block has another number of events", "");
    if (read_path(r, &path) < 0)
        return ERR_PROOF;
    if (tree_check_inclusion(p->index, p->events, &p->commitment, &path, &root) < 0)
        return refuse(r, "the path does not lead from the event to the block", "");
    p->leaf = tree_leaf(p->entry);
    return 0;
}

static void
name_signers(struct proof *p, const struct note_signers *s, const char *role, size_t *at)
{
    for (unsigned i = 0; i < s->count && *at < sizeof p->grade; i++) {
        struct utime t = {(int64_t)s->signer[i].time * TIME_US_PER_S};
        char when[TIME_TEXT];
        bool good = s->signer[i].time <= (uint64_t)(TIME_MAX.us / TIME_US_PER_S);
        int n;

        time_format(good ? t : TIME_MAX, when);
        n = snprintf(p->grade + *at, sizeof p->grade - *at, "%s%s as %s at %.19sZ",
                     p->e_grade == 1 ? "E2: cosigned by " : ", ", s->signer[i].key->name, role,
                     when);
        *at += n < 0 ? 0 : (size_t)n;
        p->e_grade = 2;
    }
}

static int
check_log(struct reader *r)
{
    struct proof *p = r->p;
    struct slice text = keep(r, F_TLOG_PROOF);
    struct tlog_proof tlog;
    size_t at = 0;
    int err = tlog_proof_verify(text, &p->leaf, r->keys, &tlog, &p->signed_, r->ei);

    if (err < 0)
        return err;
    if (!slice_eq(p->origin, p->signed_.checkpoint.origin))
        return refuse(r, "the checkpoint is of another log", "");
    p->leaf_index = tlog.index;
    p->e_grade = 1;
    (void)snprintf(p->grade, sizeof p->grade, "E1: signed by the log alone");
    name_signers(p, &p->signed_.witness, "witness", &at);
    name_signers(p, &p->signed_.holder, "holder", &at);
    return 0;
}

static int
verify(struct reader *r, struct slice file)
{
    struct slice object = slice_sub(file, 0, file.len == 0 ? 0 : file.len - 1);
    enum jcs_fault fault;
    int err;

    if (file.len > PROOF_MAX)
        return refuse(r, "larger than a proof may be", "");
    if (file.len == 0 || file.ptr[file.len - 1] != '\n')
        return refuse(r, "no LF at the end", "");
    fault = jcs_check(object, NULL);
    if (fault != JCS_OK)
        return refuse(r, "not canonical JSON:", jcs_fault_name(fault));
    /* Room for every string at once: slices into the store stay where they are. */
    if (buf_reserve(&r->p->store, file.len) == NULL)
        return ERR_NOMEM;
    err = read_members(r, object);
    if (err == 0)
        err = check_presence(r);
    if (err == 0)
        err = read_values(r);
    if (err == 0)
        err = check_parts(r);
    if (err == 0)
        err = check_block(r);
    return err < 0 ? err : check_log(r);
}

int
proof_verify(struct slice file, const struct checkpoint_keys *keys, struct proof *ret,
             struct errinfo *ei)
{
    struct reader r = {.keys = keys, .p = ret, .ei = ei};
    int err;

    *ret = (struct proof){.store = {.max = PROOF_MAX}};
    err = verify(&r, file);
    if (err < 0)
        proof_release(ret);
    return err;
}

void
proof_release(struct proof *p)
{
    buf_release(&p->store);
}

static bool
is_line_of(const struct note_signers *s, unsigned line)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (s->signer[i].line == line)
            return true;
    }
    return false;
}

void
proof_unchecked(const struct proof *p, struct buf *b)
{
    const struct note *n = &p->signed_.note;

    for (unsigned i = 0; i < n->count; i++) {
        const struct note_line *line = &n->line[i];
        bool log = line->id == p->signed_.log->id && slice_is(line->name, p->signed_.log->name);

        if (log || is_line_of(&p->signed_.witness, i) || is_line_of(&p->signed_.holder, i))
            continue;
        buf_text(b, "\xe2\x80\x94 ");
        buf_slice(b, line->name);
        buf_char(b, ' ');
        buf_slice(b, line->base64);
        buf_char(b, '\n');
    }
}
