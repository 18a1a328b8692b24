#include "role/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/text.h"
#include "role/control.h"
#include "role/exports.h"
#include "role/node.h"
#include "role/objects.h"
#include "role/sign_document.h"
#include "wire/hex.h"
#include "wire/utf8.h"

static bool
is_rule(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    }
    return s.len > 0;
}

static bool
is_hash(struct slice s)
{
    struct hash h;

    return s.len == (size_t)2 * SHA256_SIZE && hex_decode(s, h.byte, SHA256_SIZE) == 0;
}

static bool
spans_ok(const struct keep_ask *a)
{
    for (uint32_t i = 0; i < a->spans; i++) {
        const struct hold_span *s = &a->span[i];

        if (s->last.block < s->first.block ||
            (i > 0 && s->first.block <= a->span[i - 1].last.block) ||
            (a->what == KEEP_ERASE && s->last.block != s->first.block))
            return false;
    }
    return true;
}

bool
keep_ask_ok(const struct keep_ask *a)
{
    if (memchr(a->name, '\0', sizeof a->name) == NULL ||
        memchr(a->text, '\0', sizeof a->text) == NULL || !utf8_ok(slice_of(a->text)))
        return false;
    switch ((enum keep_what)a->what) {
    case KEEP_ERASE:
        return is_rule(slice_of(a->name)) && a->spans > 0 && a->spans <= ERASE_BLOCKS &&
               (a->scope == ERASURE_RAW || a->scope == ERASURE_BLOCK) && spans_ok(a);
    case KEEP_PLACE:
        return text_is_name(slice_of(a->name)) && a->spans > 0 && a->spans <= HOLD_SPANS &&
               a->until <= TIME_MAX.us && spans_ok(a);
    case KEEP_CANARY:
        return text_is_sensor(slice_of(a->name)) && a->spans == 0 &&
               memchr(a->pact, '\0', sizeof a->pact) != NULL &&
               text_is_name(slice_of(a->pact)) &&
               memchr(a->payload, '\0', sizeof a->payload) != NULL &&
               canary_payload_ok(slice_of(a->payload));
    case KEEP_COLLECTION:
        return a->spans == 0 && memchr(a->pact, '\0', sizeof a->pact) != NULL &&
               memchr(a->payload, '\0', sizeof a->payload) != NULL &&
               (a->payload[0] == '\0' || text_is_party(slice_of(a->payload))) &&
               (a->pact[0] == '\0' || text_is_name(slice_of(a->pact)));
    case KEEP_EXPORT:
        return a->spans == 0 && memchr(a->payload, '\0', sizeof a->payload) != NULL &&
               a->until > 0 && is_hash(slice_of(a->text)) && strlen(a->payload) < EXPORT_EXIT &&
               text_is_party(slice_of(a->name));
    case KEEP_RIGHT:
        return a->spans == 0 && a->scope <= (RIGHT_READ | RIGHT_WRITE) &&
               memchr(a->payload, '\0', sizeof a->payload) != NULL &&
               person_is_name(slice_of(a->payload));
    case KEEP_FOLLOW: return a->spans == 0 && a->scope <= 1 && a->name[0] != '\0';
    case KEEP_DRILL:
    case KEEP_DOCUMENT: return is_hash(slice_of(a->name)) && a->spans == 0;
    case KEEP_EXTEND:
    case KEEP_RELEASE:
        return text_is_name(slice_of(a->name)) && a->spans == 0 && a->until <= TIME_MAX.us;
    }
    return false;
}

static int
do_erase(struct eraser *x, struct utime now, const struct erase_person *who,
         const struct keep_ask *a, struct errinfo *ei, bool *ret_refused)
{
    uint64_t block[ERASE_BLOCKS];
    uint64_t bad;
    struct erase_order o = {.block = block,
                            .count = a->spans,
                            .scope = (enum erasure)a->scope,
                            .rule = slice_of(a->name),
                            .who = who,
                            .now = now};
    int r;

    for (uint32_t i = 0; i < a->spans; i++)
        block[i] = a->span[i].first.block;
    r = erase_blocks(x, &o, &bad, ei);
    *ret_refused = r < 0 && eraser_refused(x);
    return r;
}

static int
do_hold(struct engine *e, const struct erase_person *who, const struct keep_ask *a,
        struct errinfo *ei, bool *ret_refused)
{
    static const enum leaf_hold_action actions[] = {[KEEP_PLACE] = LEAF_HOLD_PLACE,
                                                    [KEEP_EXTEND] = LEAF_HOLD_EXTEND,
                                                    [KEEP_RELEASE] = LEAF_HOLD_RELEASE};
    const struct hold_order o = {.name = slice_of(a->name),
                                 .action = actions[a->what],
                                 .until = {a->what == KEEP_RELEASE ? -1 : a->until},
                                 .span = a->span,
                                 .spans = a->spans,
                                 .text = slice_of(a->text),
                                 .who = *who};

    return hold_do(e, &o, ret_refused, ei);
}

static int
do_canary(struct engine *e, const struct erase_person *who, const struct keep_ask *a,
          struct errinfo *ei, bool *ret_refused)
{
    const struct canary_order o = {.pact = slice_of(a->pact),
                                   .sensor = slice_of(a->name),
                                   .payload = slice_of(a->payload),
                                   .within = {a->until},
                                   .user = who->user,
                                   .role = who->role};

    return canary_announce(e, &o, ret_refused, ei);
}

static int
do_document(struct engine *e, const struct erase_person *who, const struct keep_ask *a,
            struct errinfo *ei, bool *ret_refused)
{
    *ret_refused = false;
    return sign_document(e, a->what == KEEP_DRILL ? DOCUMENT_DRILL : DOCUMENT_PLAN,
                         slice_of(a->name), who, ei);
}

static int
do_collection(struct engine *e, struct slice user, const struct keep_ask *a, struct errinfo *ei,
              bool *ret_refused)
{
    struct slice rest = slice_of(a->text);
    struct objects_collection c = {.user = user};

    c.collection.id = slice_of(a->name);
    c.collection.pact = slice_of(a->pact);
    c.collection.party = slice_of(a->payload);
    c.collection.name = slice_part(&rest, '\n');
    c.collection.title = slice_part(&rest, '\n');
    c.collection.description = rest;
    return objects_collect(e, &c, ret_refused, ei);
}

static int
do_export(struct engine *e, const struct keep_ask *a, struct errinfo *ei, bool *ret_refused)
{
    struct export_told t = {.tlp = a->scope, .objects = (uint64_t)a->until};

    (void)snprintf(t.party, sizeof t.party, "%.*s", PERSON_NAME - 1, a->name);
    (void)snprintf(t.exit, sizeof t.exit, "%.*s", EXPORT_EXIT - 1, a->payload);
    *ret_refused = hex_decode(slice_of(a->text), t.list.byte, sizeof t.list.byte) < 0 ||
                   !export_told_ok(&t);
    return *ret_refused ? err_set(ei, ERR_INVALID, "%s", err_text(ERR_INVALID))
                        : exports_put(e, &t, ei);
}

static int
do_right(struct engine *e, struct slice user, const struct keep_ask *a, struct errinfo *ei,
         bool *ret_refused)
{
    const struct objects_right right = {.collection = slice_of(a->name),
                                        .person = a->payload,
                                        .rights = a->scope,
                                        .user = user};

    return objects_permit(e, &right, ret_refused, ei);
}

static int
do_follow(struct engine *e, struct slice user, const struct keep_ask *a, struct errinfo *ei,
          bool *ret_refused)
{
    const struct objects_follow x = {
        .collection = slice_of(a->name), .ends = a->scope == 0, .user = user};

    return objects_follow(e, &x, ret_refused, ei);
}

int
keep_do(const struct keep_place *p, struct slice user, const struct keep_ask *a,
        struct keep_answer *ret)
{
    struct erase_person who = {user, SLICE("operator")};
    bool refused = true;
    int r;

    *ret = (struct keep_answer){0};
    if (!keep_ask_ok(a))
        r = err_set(&ret->ei, ERR_INVALID, "%s", err_text(ERR_INVALID));
    else if (a->what == KEEP_ERASE)
        r = do_erase(p->eraser, p->env->now_wall(p->env->self), &who, a, &ret->ei, &refused);
    else if (a->what == KEEP_CANARY)
        r = do_canary(p->engine, &who, a, &ret->ei, &refused);
    else if (a->what == KEEP_COLLECTION)
        r = do_collection(p->engine, user, a, &ret->ei, &refused);
    else if (a->what == KEEP_EXPORT)
        r = do_export(p->engine, a, &ret->ei, &refused);
    else if (a->what == KEEP_RIGHT)
        r = do_right(p->engine, user, a, &ret->ei, &refused);
    else if (a->what == KEEP_FOLLOW)
        r = do_follow(p->engine, user, a, &ret->ei, &refused);
    else if (a->what == KEEP_DOCUMENT || a->what == KEEP_DRILL)
        r = do_document(p->engine, &who, a, &ret->ei, &refused);
    else
        r = do_hold(p->engine, &who, a, &ret->ei, &refused);
    ret->status = r;
    return refused || r == ERR_FULL ? 0 : r;
}

/* ---- here, or by the node that runs there ---- */

struct keeper {
    const char *dir;
    bool running;
    struct node n;
    struct eraser *eraser;
    char user[PERSON_USER + 8];
};

int
keeper_open(const char *dir, struct keeper **ret, struct errinfo *ei)
{
    struct keeper *k = calloc(1, sizeof *k);
    char user[PERSON_USER];
    int r;

    if (k == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    k->dir = dir;
    r = node_is_taken(dir, ei);
    if (r == 0)
        r = node_open(dir, NODE_WRITE, &k->n, ei);
    k->running = r == ERR_BUSY || r == 1;
    if (r < 0 && !k->running) {
        free(k);
        return r;
    }
    control_user(geteuid(), user);
    (void)snprintf(k->user, sizeof k->user, "local:%s", user);
    if (!k->running && eraser_open(k->n.engine, &k->eraser) < 0) {
        (void)keeper_close(k);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    *ret = k;
    return 0;
}

int
keeper_do(struct keeper *k, const struct keep_ask *a, struct keep_answer *ret,
          struct errinfo *ei)
{
    const struct keep_place here = {k->n.engine, k->eraser, &k->n.env};
    int r;

    if (k->running)
        return control_keep(k->dir, a, ret, ei);
    r = keep_do(&here, slice_of(k->user), a, ret);
    if (r < 0)
        *ei = ret->ei;
    return r;
}

int
keeper_finish(struct keeper *k, struct errinfo *ei)
{
    uint64_t before;
    uint64_t from = 0;
    int r = k->running ? 0 : erase_scrub(k->eraser, &before, ei);

    if (r < 0 || k->running)
        return r;
    do
        r = erase_destroy(k->eraser, before, &from, ei);
    while (r == 1);
    return r;
}

struct keeper *
keeper_close(struct keeper *k)
{
    if (k == NULL)
        return NULL;
    k->eraser = eraser_close(k->eraser);
    if (!k->running)
        node_close(&k->n);
    free(k);
    return NULL;
}
