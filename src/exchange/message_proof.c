#include "exchange/message_proof.h"

static void
put_text(struct buf *b, const char *name, struct slice text)
{
    buf_printf(b, "\"%s\":", name);
    buf_json(b, text);
}

int
message_proof_write(struct buf *b, struct slice envelope, const struct message_proof_side *sent,
                    const struct message_proof_side *received)
{
    size_t before = b->len;

    buf_char(b, '{');
    put_text(b, "entry", sent->entry);
    buf_char(b, ',');
    put_text(b, "envelope", envelope);
    buf_text(b, ",\"format\":\"detente-message-proof/1\",");
    put_text(b, "origin", sent->origin);
    buf_char(b, ',');
    if (received != NULL) {
        buf_text(b, "\"received\":{");
        put_text(b, "entry", received->entry);
        buf_char(b, ',');
        put_text(b, "origin", received->origin);
        buf_char(b, ',');
        put_text(b, "tlog_proof", received->tlog_proof);
        buf_text(b, "},");
    }
    put_text(b, "tlog_proof", sent->tlog_proof);
    buf_text(b, "}\n");
    if (buf_error(b) == 0 && b->len - before <= PROOF_MAX)
        return 0;
    b->len = before;
    return buf_error(b) != 0 ? buf_error(b) : ERR_LIMIT;
}

/* The earliest second of a role's cosignatures, if it is earlier. */
static void
earliest(const struct note_signers *signers, struct utime *ret)
{
    for (unsigned i = 0; i < signers->count; i++) {
        uint64_t s = signers->signer[i].time;

        if (s > (uint64_t)(TIME_MAX.us / TIME_US_PER_S))
            continue;
        if (ret->us == 0 || (int64_t)s * TIME_US_PER_S < ret->us)
            ret->us = (int64_t)s * TIME_US_PER_S;
    }
}

int
message_proof_check(struct slice file, struct proof_parties parties,
                    const struct envelope_terms *terms, struct message_proved *ret,
                    struct errinfo *ei)
{
    struct message_proof *p = &ret->proof;
    const char *why = "";
    enum message_code code;
    int err = message_proof_verify(file, parties, p, ei);

    if (err < 0)
        return err;
    ret->witnessed = (struct utime){0};
    earliest(&p->signed_.witness, &ret->witnessed);
    earliest(&p->signed_.holder, &ret->witnessed);
    ret->delivered = p->received || p->signed_.holder.count > 0;
    code = envelope_read(p->envelope, &ret->envelope, &why);
    if (code == MESSAGE_FINE)
        code = envelope_authentic(&ret->envelope, terms,
                                  ret->witnessed.us != 0 ? ret->witnessed : ret->envelope.at);
    if (code == MESSAGE_FINE)
        return 0;
    message_proof_release(p);
    return err_set(ei, ERR_PROOF, "the envelope does not verify: %s %s",
                   message_code_name(code), why);
}
