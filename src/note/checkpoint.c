#include "note/checkpoint.h"

#include "wire/base64.h"

/* tlog-checkpoint: decimal without leading zeros; we stop at 2^63-1. */
static int
parse_size(struct slice s, uint64_t *ret)
{
    uint64_t n = 0;

    if (s.len == 0 || s.len > 19 || (s.len > 1 && s.ptr[0] == '0'))
        return ERR_INVALID;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return ERR_INVALID;
        n = n * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *ret = n;
    return n > CHECKPOINT_SIZE_MAX ? ERR_INVALID : 0;
}

int
checkpoint_parse(struct slice text, struct checkpoint *ret)
{
    struct slice rest = text;
    struct slice size;
    struct slice root;
    struct slice line;

    if (text.len == 0 || text.ptr[text.len - 1] != '\n' || !slice_line(&rest, &ret->origin) ||
        !slice_line(&rest, &size) || !slice_line(&rest, &root))
        return ERR_INVALID;
    if (ret->origin.len == 0 || parse_size(size, &ret->size) < 0 ||
        base64_exact(root, ret->root.byte, SHA256_SIZE) < 0)
        return ERR_INVALID;
    ret->extension = rest;
    while (slice_line(&rest, &line)) {
        if (line.len == 0)
            return ERR_INVALID;
    }
    return 0;
}

void
buf_checkpoint(struct buf *b, struct slice origin, uint64_t size, const struct hash *root)
{
    buf_slice(b, origin);
    buf_char(b, '\n');
    buf_u64(b, size);
    buf_char(b, '\n');
    buf_base64(b, root->byte, SHA256_SIZE);
    buf_char(b, '\n');
}

/* Keep the signers whose key is of that kind: a list handed for one job proves no other. */
static void
keep_alg(struct note_signers *s, uint8_t alg)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < s->count; i++) {
        if (s->signer[i].key->alg == alg)
            s->signer[kept++] = s->signer[i];
    }
    s->count = kept;
}

static uint64_t
lines_of(const struct note_signers *s)
{
    uint64_t lines = 0;

    for (unsigned i = 0; i < s->count; i++)
        lines |= UINT64_C(1) << s->signer[i].line;
    return lines;
}

_Static_assert(NOTE_LINES <= 64, "a bit for each line");

int
checkpoint_verify(struct slice note, const struct checkpoint_keys *keys,
                  struct checkpoint_signed *ret, struct errinfo *ei)
{
    struct note_signers log;
    uint64_t known;
    int err = note_parse(note, NOTE_MAX, &ret->note, ei);

    if (err < 0)
        return err;
    if (checkpoint_parse(ret->note.text, &ret->checkpoint) < 0)
        return err_set(ei, ERR_INVALID, "the note is no checkpoint");
    if (ret->checkpoint.extension.len > 0)
        return err_set(ei, ERR_INVALID, "a checkpoint with extension lines");
    err = note_check(&ret->note, keys->log, &log, ei);
    if (err == 0)
        err = note_check(&ret->note, keys->witness, &ret->witness, ei);
    if (err == 0)
        err = note_check(&ret->note, keys->holder, &ret->holder, ei);
    if (err < 0)
        return err;
    keep_alg(&log, KEY_ED25519);
    keep_alg(&ret->witness, KEY_COSIGN);
    keep_alg(&ret->holder, KEY_COSIGN);
    ret->log = NULL;
    for (unsigned i = 0; i < log.count; i++) {
        if (slice_is(ret->checkpoint.origin, log.signer[i].key->name))
            ret->log = log.signer[i].key;
    }
    if (ret->log == NULL)
        return err_set(ei, ERR_PROOF, "not signed by a known key of the log it names");
    known = lines_of(&log) | lines_of(&ret->witness) | lines_of(&ret->holder);
    ret->unchecked = ret->note.count - (unsigned)__builtin_popcountll(known);
    return 0;
}

int
checkpoint_sign(const struct skey *log, uint64_t size, const struct hash *root, struct buf *ret)
{
    int err;
    AUTO_BUF(text, NOTE_MAX);

    if (log->vkey.alg != KEY_ED25519 || size > CHECKPOINT_SIZE_MAX)
        return ERR_USAGE;
    buf_checkpoint(&text, vkey_name(&log->vkey), size, root);
    err = buf_error(&text);
    return err < 0 ? err : note_sign(buf_get(&text), log, ret);
}

int
checkpoint_cosign(struct slice text, const struct skey *cosigner, uint64_t time,
                  struct buf *ret)
{
    struct checkpoint c;

    if (cosigner->vkey.alg != KEY_COSIGN || time > INT64_MAX)
        return ERR_USAGE;
    if (checkpoint_parse(text, &c) < 0)
        return ERR_INVALID;
    note_line_sign(text, cosigner, time, ret);
    return buf_error(ret);
}
