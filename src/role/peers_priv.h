/* Inside the peers: one counterpart, what is asked of it, and what is done with the answer. */
#ifndef DETENTE_ROLE_PEERS_PRIV_H
#define DETENTE_ROLE_PEERS_PRIV_H

#include "note/checkpoint.h"
#include "role/peers.h"
#include "role/submit.h"

/* What one round asks, in this order. */
enum peer_doing {
    DOING_NOTHING,
    DOING_WITNESS, /* of a carried round: what it wants cosigned */
    DOING_SUBMIT,
    DOING_MONITOR, /* what it cosigned of ours, when it claims more than we have */
    DOING_CHECKPOINT,
    DOING_SUCCESSOR, /* its log goes on under another origin: what says so */
    DOING_BUNDLE,
    DOING_WANTED,
    DOING_PROOF, /* files that messages promised */
    DOING_HOLDER
};

struct peer {
    char party[PARTY_MAX + 1];
    char origin[KEY_NAME_MAX + 1];
    bool known;             /* by the book that was loaded last */
    struct fetch_peer told; /* to the fetcher */
    struct mirror *mirror;  /* NULL: it could not be opened yet */
    enum peer_doing doing;
    uint32_t id;   /* of the question that is out */
    int64_t asked; /* when; 0: none is */
    int64_t next;  /* round */
    int64_t pause;
    enum peer_fault fault; /* of this round so far */
    struct peer_state state;
    struct submit submit;
    bool checked; /* it was asked what it cosigned of ours, since the start */
    /* a log that went on: numbers of leaves count over all of them */
    uint64_t first; /* number of its first leaf */
    bool ended;     /* in this round: what ended is read to its end … */
    bool all_read;  /* … and there is no more of it */
    bool recalled;  /* what this node said to it before its disk was lost is back */
    /* what is pulled */
    struct tree_head target;
    struct buf note;
    struct store_wanted want; /* asked for; texts below */
    char want_pact[65];
    char want_party[PARTY_MAX + 1];
    uint64_t want_after; /* leaves up to this were tried in this round */
    bool want_any;
    bool want_own; /* what this node said itself comes before all else */
    /* proofs, a few before they are written */
    struct proof_batch *proofs; /* NULL: none yet */
    uint64_t proof_after;       /* those up to this number were tried in this round */
    unsigned proofs_asked;      /* in this round */
    uint64_t proof_bytes;       /* … and since: */
    int64_t proof_since;
    /* what is held */
    struct tree_head signed_; /* by our holder key … */
    int64_t signed_at;        /* … and when */
    int64_t crossed_at;
    bool crossed;
};

struct peers {
    struct peers_open o;
    char dir[4096];
    struct peer peer[FETCH_PEERS];
    unsigned count;
    uint32_t ids;
    struct peers_carried carried; /* while `by` is a counterpart's */
    struct carried got;           /* … of it so far */
    struct peer *waits;           /* for its own round to end, NULL none */
    struct peer *by;              /* whose round goes over that; NULL none */
    char own[KEY_NAME_MAX + 1];   /* origin of this node's log */
    bool lost;                    /* words of this node may be lost: they are asked back … */
    uint64_t lost_first;          /* … by their places in the log with this first leaf */
};

/* Keys of one role of a party, of all pacts, that hold at `now`. */
enum { PEER_KEYS = 64 };
struct peer_keys {
    struct vkey key[PEER_KEYS];
    unsigned count;
};
void peer_keys(const struct peers *p, const struct peer *peer, enum annex_role role,
               struct utime now, struct peer_keys *ret);

/* Name what is wrong; the worst of a round stays. */
void peer_fault(struct peer *peer, enum peer_fault f, const char *fmt, ...) PRINTF(3, 4);
struct utime peers_now(const struct peers *p);
int64_t peers_mono(const struct peers *p);

/* peers_take.c: what came, with status 200 or without.  0, or the engine's end. */
MUST_USE int peer_took_submit(struct peers *p, struct peer *peer, uint32_t status,
                              struct slice body, struct errinfo *ei);
MUST_USE int peer_took_checkpoint(struct peers *p, struct peer *peer, struct slice body,
                                  struct errinfo *ei);
MUST_USE int peer_took_successor(struct peers *p, struct peer *peer, struct slice body,
                                 struct errinfo *ei);
/* The pact by which it is known under its present origin, and its index there. */
const struct book_pact *peer_pact(const struct peers *p, const struct peer *peer,
                                  unsigned *ret_party);
MUST_USE int peer_took_bundle(struct peers *p, struct peer *peer, struct slice body,
                              struct errinfo *ei);
MUST_USE int peer_took_wanted(struct peers *p, struct peer *peer, struct slice body,
                              struct errinfo *ei);
MUST_USE int peer_took_monitor(struct peers *p, struct peer *peer, struct slice body,
                               struct errinfo *ei);
MUST_USE int peer_took_holder(struct peers *p, struct peer *peer, struct slice body,
                              struct errinfo *ei);
/* A note of theirs that fits no history that we hold. */
MUST_USE int peer_keep_fork(struct peers *p, struct slice origin, const struct tree_head *head,
                            struct slice note, struct errinfo *ei);
/* … that its entries do not give: none that is held is another. */
MUST_USE int peer_keep_doubted(struct peers *p, const struct peer *peer,
                               const struct tree_head *head, struct slice note,
                               struct errinfo *ei);
/* peers_want.c: the next that its leaves name and that is not here; false: there is none. */
MUST_USE int peer_ask_wanted(struct peers *p, struct peer *peer, bool *ret_asked);
/* peers_proof.c: the next proof that is wanted; false: there is none for now. */
MUST_USE int peer_ask_proof(struct peers *p, struct peer *peer, bool *ret_asked,
                            struct errinfo *ei);
MUST_USE int peer_took_proof(struct peers *p, struct peer *peer, uint32_t status,
                             struct slice body, struct errinfo *ei);
void peer_drop_proofs(struct peer *peer);
void peer_ask(struct peers *p, struct peer *peer, const char *path, uint32_t limit,
              struct slice body);
/* peers_hold.c: say what is held of its log, when it is time to. */
MUST_USE int peer_hold(struct peers *p, struct peer *peer, struct errinfo *ei);
/* peers_beat.c: heartbeats of what is held, into the node's store; some at a time. */
MUST_USE int peer_take_beats(struct peers *p, struct peer *peer, struct errinfo *ei);
/* Back in contact after so long that clocks stopped: say so in each pact. */
MUST_USE int peer_gap(struct peers *p, struct peer *peer, struct utime from, struct utime until,
                      struct errinfo *ei);
MUST_USE int peer_cross(struct peers *p, struct peer *peer, struct errinfo *ei);
/* Cosignatures in a note over this node's log, those of that role: kept when they are good. */
MUST_USE int peer_keep_cosignatures(struct peers *p, struct peer *peer, enum annex_role role,
                                    const struct checkpoint_signed *c, struct errinfo *ei);

#endif
