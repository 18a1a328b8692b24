/* Messages of this node to its counterparts, and theirs to it, in the engine: what is said is
 * signed, a leaf of the log and kept before anybody can fetch it; what is heard is checked in
 * the order of docs/formats/messages.md, a leaf, and kept before anything is answered.
 *
 * What a machine may say is said here: a receipt for a notice, a rejection for what does not
 * fit, a pong.  All else is said by people, by talk_say(), which refuses what the fold of the
 * incident would pass over. */
#ifndef DETENTE_ROLE_TALK_H
#define DETENTE_ROLE_TALK_H

#include "role/book.h"
#include "role/cases.h"
#include "role/engine.h"

enum {
    TALK_CODES = 16, /* enum message_code that are counted */
    /* of one party in one incident: what both say fits into a case */
    TALK_WORDS = CASE_MESSAGES / 2 - 64,
    TALK_CHANNEL = 2048, /* words of one party outside of incidents a day */
    TALK_REJECTS = 64,   /* rejections to one party a day: more is not answered */
    TALK_PARTIES = 64
};

/* What one party got of us, or asked too much of, on one day (UTC). */
struct talk_day {
    char party[PARTY_MAX + 1];
    int64_t day;
    unsigned rejects;
    unsigned over;  /* notices, more than the pact takes */
    unsigned words; /* … and words, more than an incident takes, or the channel in a day … */
    unsigned channel; /* … of which there were so many */
};

struct talk {
    struct engine *engine;
    struct store *store;
    const struct env *env;
    const struct skey *key;      /* of role message; NULL: not yet */
    const struct attrib *attrib; /* NULL: no tables */
    const struct book *book;     /* the newest, set by whoever loads it; NULL: no pact */
    /* Are words of this node to that party lost, and not back yet?  NULL: none are. */
    bool (*lost)(void *arg, struct slice party);
    void *lost_arg;
    uint64_t refused[TALK_CODES]; /* what was not authentic, by code, since the start */
    struct talk_day day[TALK_PARTIES];
    unsigned words; /* instead of TALK_WORDS, for tests; 0 not */
};

struct talk_say {
    struct slice pact;
    struct slice incident; /* "" the channel */
    struct slice to;       /* party */
    enum message_type type;
    struct slice tlp;  /* "" the pact's default */
    struct slice body; /* JSON */
    struct slice user; /* the person, as its act's opening names it; "" the machine */
    struct slice role;
    bool dry;          /* say what would be said, and change nothing … */
    struct buf *then;  /* … and here how the incident would stand, as case_json(); NULL */
    const char **code; /* here, with ERR_CONF, for what it does not fit (fate_name()); NULL */
    /* Changes of the store that belong to it, in its transaction, with the incident's file as
     * it is then; NULL none. */
    int (*also)(void *arg, struct store *s, const struct case_file *c);
    void *arg;
};
/* 0 when it is durable and under a signed checkpoint; its bytes are appended to ret_bytes (may
 * be NULL).  ERR_NOTFOUND: no such pact, party or incident; ERR_CONF: it does not fit (ei says
 * why, with the incident's state); ERR_INVALID: the body is not of its form; ERR_FULL; else as
 * engine_record(). */
MUST_USE int talk_say(struct talk *t, const struct talk_say *say, struct hash *ret_id,
                      struct buf *ret_bytes, struct errinfo *ei);

/* What there was too much of from that party on its day (UTC), as of now. */
struct talk_day talk_over(const struct talk *t, struct slice party, struct utime now);

/* What came from a counterpart under a `message` leaf of its log that this node holds. */
struct talk_heard {
    const struct book_pact *pact;
    unsigned party; /* whose log */
    uint64_t leaf;
    uint64_t size; /* of the checkpoint that covers it */
    struct slice bytes;
};
/* 0: kept, and durable (also when it was here already); ERR_INVALID: not authentic, counted and
 * not kept, nothing is answered; ERR_FULL; else as engine_record(). */
MUST_USE int talk_hear(struct talk *t, const struct talk_heard *h, struct errinfo *ei);

/* A message of this node that was lost with its disk, and that its receiver gave back: the
 * chain goes on behind it.  leaf: of `message` in the log of then.  0: kept, and durable (also
 * when it is here); ERR_INVALID: this node did not say it to that party; ERR_FULL; else the
 * end. */
MUST_USE int talk_recall(struct talk *t, const struct talk_heard *h, struct errinfo *ei);

#endif
