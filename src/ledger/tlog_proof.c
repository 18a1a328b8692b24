/* C2SP tlog-proof: index, path and checkpoint of one entry, as text. */
#include "ledger/proof.h"

#include "model/text.h"
#include "wire/base64.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1\n";

void
tlog_proof_write(struct buf *b, uint64_t index, const struct tree_path *path,
                 struct slice checkpoint)
{
    buf_text(b, first_line);
    buf_text(b, "index ");
    buf_u64(b, index);
    buf_char(b, '\n');
    for (unsigned i = 0; i < path->count; i++) {
        buf_base64(b, path->hash[i].byte, SHA256_SIZE);
        buf_char(b, '\n');
    }
    buf_char(b, '\n');
    buf_slice(b, checkpoint);
}

int
tlog_proof_parse(struct slice text, struct tlog_proof *ret)
{
    static const char index[] = "index ";
    struct slice rest = text;
    struct slice line;

    ret->path.count = 0;
    if (!slice_is(slice_sub(text, 0, sizeof first_line - 1), first_line))
        return ERR_INVALID;
    rest = slice_sub(text, sizeof first_line - 1, text.len);
    if (!slice_line(&rest, &line) || !slice_is(slice_sub(line, 0, sizeof index - 1), index) ||
        text_number(slice_sub(line, sizeof index - 1, line.len), TREE_SIZE_MAX, &ret->index) <
            0)
        return ERR_INVALID;
    for (;;) {
        if (!slice_line(&rest, &line))
            return ERR_INVALID; /* the empty line is missing */
        if (line.len == 0)
            break;
        if (ret->path.count == TREE_PATH_MAX ||
            base64_exact(line, ret->path.hash[ret->path.count++].byte, SHA256_SIZE) < 0)
            return ERR_INVALID;
    }
    ret->checkpoint = rest; /* the note's parser refuses an empty one */
    return 0;
}

int
tlog_proof_verify(struct slice text, const struct hash *leaf,
                  const struct checkpoint_keys *keys, struct tlog_proof *ret,
                  struct checkpoint_signed *ret_signed, struct errinfo *ei)
{
    const struct checkpoint *c = &ret_signed->checkpoint;
    int err;

    if (tlog_proof_parse(text, ret) < 0)
        return err_set(ei, ERR_PROOF, "the tlog-proof is malformed");
    err = checkpoint_verify(ret->checkpoint, keys, ret_signed, ei);
    if (err < 0)
        return err == ERR_NOMEM ? err : ERR_PROOF;
    if (tree_check_inclusion(ret->index, c->size, leaf, &ret->path, &c->root) < 0)
        return err_set(ei, ERR_PROOF,
                       "the path does not lead from the entry to the checkpoint");
    return 0;
}
