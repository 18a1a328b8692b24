#include "ledger/witness.h"

#include "model/text.h"
#include "wire/base64.h"

/* A size as a checkpoint has it. */
static int
take_size(struct slice text, uint64_t *ret)
{
    return text_number(text, TREE_SIZE_MAX, ret);
}

/* A line with its LF: what has none is no line of this form. */
static bool
take_line(struct slice *rest, struct slice *ret)
{
    const char *lf = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);

    if (lf == NULL)
        return false;
    *ret = slice_sub(*rest, 0, (size_t)(lf - rest->ptr));
    *rest = slice_sub(*rest, ret->len + 1, rest->len);
    return true;
}

int
witness_parse(struct slice body, struct witness_request *ret)
{
    struct slice rest = body;
    struct slice line;
    struct checkpoint what;
    struct note note;

    *ret = (struct witness_request){0};
    if (body.len > WITNESS_BODY_MAX || !take_line(&rest, &line) ||
        !slice_is(slice_sub(line, 0, 4), "old ") ||
        take_size(slice_sub(line, 4, line.len), &ret->old) < 0)
        return ERR_INVALID;
    for (;;) {
        if (!take_line(&rest, &line))
            return ERR_INVALID;
        if (line.len == 0)
            break;
        if (ret->path.count == WITNESS_HASHES ||
            base64_exact(line, ret->path.hash[ret->path.count].byte, SHA256_SIZE) < 0)
            return ERR_INVALID;
        ret->path.count++;
    }
    ret->note = rest;
    if (note_parse(rest, NOTE_MAX, &note, NULL) < 0 || checkpoint_parse(note.text, &what) < 0)
        return ERR_INVALID; /* before anybody asks whose it is */
    ret->origin = what.origin;
    return 0;
}

static void
say(struct witness_verdict *v, enum witness_status status, const char *why)
{
    v->status = status;
    v->why = why;
}

/* Proof and root, once sizes and state fit. */
static void
judge_tree(const struct witness_request *q, const struct witness_state *state,
           struct witness_verdict *v)
{
    struct tree_head latest = {v->what.size, v->what.root};
    struct tree_head old = state->head;
    struct hash empty = tree_empty();

    if (latest.size == 0 && !hash_eq(&latest.root, &empty)) {
        say(v, WITNESS_WRONG, "the root of an empty tree is another");
    } else if (q->old == 0) {
        if (q->path.count > 0)
            say(v, WITNESS_WRONG, "from nothing there is nothing to prove");
    } else if (latest.size == old.size && !hash_eq(&latest.root, &old.root)) {
        v->fork = true;
        say(v, WITNESS_WRONG, "this size was cosigned with another root: the log has forked");
    } else if (tree_check_consistency(&old, &latest, &q->path) < 0) {
        say(v, WITNESS_WRONG, "the proof does not lead from the old tree to the new one");
    }
}

void
witness_judge(const struct witness_request *q, struct vkeys logs,
              const struct witness_state *state, struct witness_verdict *ret)
{
    struct checkpoint_keys keys = {0};
    struct checkpoint_signed c;
    struct vkey own[8];
    unsigned n = 0;
    int r;

    *ret = (struct witness_verdict){.status = WITNESS_COSIGN, .why = ""};
    for (unsigned i = 0; i < logs.count && n < 8; i++) {
        if (slice_eq(q->origin, vkey_name(&logs.key[i])))
            own[n++] = logs.key[i];
    }
    if (n == 0) {
        say(ret, WITNESS_UNKNOWN, "no log of that origin is witnessed here");
        return;
    }
    keys.log = (struct vkeys){own, n};
    r = checkpoint_verify(q->note, &keys, &c, NULL);
    if (r < 0) {
        say(ret, r == ERR_PROOF ? WITNESS_UNTRUSTED : WITNESS_MALFORMED,
            r == ERR_PROOF ? "no key of that log signed it" : "this is no checkpoint");
        return;
    }
    ret->what = c.checkpoint;
    ret->text = c.note.text;
    if (q->old > c.checkpoint.size)
        say(ret, WITNESS_MALFORMED, "the old tree is larger than the new one");
    else if (q->old != (state->known ? state->head.size : 0))
        say(ret, WITNESS_STALE, "another size was cosigned last");
    else
        judge_tree(q, state, ret);
}

void
witness_write(struct buf *to, uint64_t old, const struct tree_path *path, struct slice note)
{
    buf_text(to, "old ");
    buf_u64(to, old);
    buf_char(to, '\n');
    for (unsigned i = 0; i < path->count; i++) {
        buf_base64(to, path->hash[i].byte, SHA256_SIZE);
        buf_char(to, '\n');
    }
    buf_char(to, '\n');
    buf_slice(to, note);
}
