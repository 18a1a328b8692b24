/* What a person wants to say in an incident: the words that they give, and what follows from
 * the case, become a message.
 *
 * The fixed form in which it passes to whoever has the engine: the node that runs there (by
 * DIR/control or the gate), or the command itself under the node's lock.  Fields are those of
 * the message's body (docs/formats/messages.md); what is left out is filled in from the
 * incident: the notice, the last inquiry or request, the deadline that is overdue, now. */
#ifndef DETENTE_ROLE_SPEECH_H
#define DETENTE_ROLE_SPEECH_H

#include "model/person.h"
#include "role/exhibit.h"
#include "role/talk.h"
#include "role/witness.h"

enum {
    SPEECH_FIELDS = 49152, /* bytes of JSON */
    SPEECH_THEN = 8192,    /* bytes of a state; a longer one is not told */
    SPEECH_TOLD = 81920    /* bytes of the answer to a dry run over HTTP */
};

struct speech_ask {
    uint32_t type; /* enum message_type */
    uint32_t dry;  /* 1: only what would be said */
    uint32_t size; /* bytes of fields */
    /* 1: who asks can take the draft of a consultation's record (role/consult.h) in place of a
     * message */
    uint32_t draft;
    char pact[65];     /* "" when the incident is of one pact alone */
    char incident[65]; /* "" the channel; of a notice: the one it opens */
    char to[33];       /* party; "" the other one of the incident */
    char tlp[32];      /* "" the pact's default */
    char fields[SPEECH_FIELDS];
};

struct speech_answer {
    uint32_t version; /* of the control socket's records */
    int32_t status;   /* 0, or what it was refused with */
    struct hash id;
    struct errinfo ei;
    char code[24];      /* for what it does not fit (docs/formats/messages.md); "" else */
    uint32_t size;      /* bytes of the message */
    uint32_t then_size; /* of a dry run: how the incident would stand, as JSON; 0 not told */
    char bytes[ENVELOPE_MAX];
    char then[SPEECH_THEN];
};

/* The same from the gate, for whoever shows that: the engine finds out who it is. */
struct speech_web {
    struct person_credential with;
    struct speech_ask ask;
};

/* True when all texts in it end and its numbers are some of the above. */
bool speech_ask_ok(const struct speech_ask *a);

/* The body of a message of that type: fields, an object, with what they leave out.  c NULL: not
 * in an incident.  ERR_INVALID: fields are none, or one is needed that is not there (ei). */
MUST_USE int speech_body(struct store *s, const struct case_file *c, enum message_type type,
                         struct slice fields, struct utime now, struct buf *ret,
                         struct errinfo *ei);

/* The same fields with `evidence` in full: event ids (or references of them) become references
 * with proofs, of which `show` says how much they show (the default: what the pact lets its
 * parties see); an `evidence` message without any shows what the notice named.  c: the case.
 * ERR_INVALID, ERR_LIMIT, ERR_NOTFOUND, ERR_GONE: it cannot be shown (ei says why). */
MUST_USE int speech_evidence(struct exhibits *x, const struct case_file *c,
                             enum message_type type, struct slice fields, struct buf *ret,
                             struct errinfo *ei);

/* MESSAGE_TYPES: no such type. */
enum message_type speech_type(struct slice name);

/* What is answered over HTTP, as the page has words for it; status: 200, or why nothing was
 * said. */
void speech_tell(const struct speech_answer *a, unsigned status, struct witness_told *ret);
/* A dry run says more than a message of ours holds: it goes into the file that it came in;
 * gives its bytes, or 0 and the status in *ret. */
uint32_t speech_rehearse(const struct speech_answer *a, int fd, struct witness_told *ret);

/* Say it.  user, role: as an act's opening names them.  ret->status says what came of it; the
 * result is 0 unless the engine must end. */
MUST_USE int speech_do(struct talk *t, struct slice user, struct slice role,
                       const struct speech_ask *a, struct speech_answer *ret);

#endif
