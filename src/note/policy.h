/* Whom a verifier trusts (C2SP tlog-policy): logs, witnesses, and how many of which witnesses
 * must have cosigned.
 *
 *     # comment
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <witness or group>…
 *     quorum <name>|none
 *
 * Names must stand before they are used, each is member of one group at most, and the quorum
 * must be said.  An address is kept as it stands; whoever asks there judges it.  A value
 * without pointers; pure. */
#ifndef DETENTE_NOTE_POLICY_H
#define DETENTE_NOTE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "note/checkpoint.h"
#include "note/key.h"
#include "note/note.h"

enum {
    POLICY_MAX = 64 * 1024, /* bytes */
    POLICY_LOGS = 16,
    POLICY_NODES = 64, /* witnesses and groups together */
    POLICY_NAME = 64,  /* bytes, with NUL */
    POLICY_URL = 256
};

/* A witness (no members) or a group. */
struct policy_node {
    char name[POLICY_NAME];
    uint64_t members; /* bits of earlier nodes */
    unsigned threshold;
    unsigned key; /* of a witness: its place in policy.witness */
};

struct policy {
    unsigned logs;
    unsigned witnesses;
    unsigned nodes;
    int quorum; /* node, -1: none is asked for */
    struct vkey log[POLICY_LOGS];
    struct vkey witness[POLICY_NODES];
    char url[POLICY_NODES][POLICY_URL]; /* of the witness of that number; "" none */
    struct policy_node node[POLICY_NODES];
};

/* ERR_INVALID, ERR_LIMIT: ei names the line. */
MUST_USE int policy_parse(struct slice text, struct policy *ret, struct errinfo *ei);
/* The keys, borrowed from p. */
struct checkpoint_keys policy_keys(const struct policy *p);
/* Did enough of its witnesses sign? */
bool policy_met(const struct policy *p, const struct note_signers *witnesses);
/* How far did enough of them get?  size: what each witness cosigned last, 0 nothing.  Whoever
 * cosigned a larger tree stands for all before it.  UINT64_MAX: no quorum is asked for. */
uint64_t policy_reach(const struct policy *p, const uint64_t size[POLICY_NODES]);
/* The name of a witness; NULL: there is none of that number. */
const char *policy_witness(const struct policy *p, unsigned number);

#endif
