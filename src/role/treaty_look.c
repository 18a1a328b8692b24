#include "role/treaty_look.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SOON_DAYS = 30, TEXT = 512 };

struct looking {
    const struct book_pact *p;
    const struct node_known *known;
    struct utime now;
    void (*each)(void *arg, const struct treaty_finding *f);
    void *arg;
    unsigned found;
};

static void PRINTF(5, 6) find(struct looking *l, const char *key, bool grave, const char *to_do,
                              const char *fmt, ...)
{
    struct treaty_finding f = {key, grave, NULL, to_do};
    char text[TEXT];
    int n = snprintf(text, sizeof text, "pact %s: ", l->p->pact->name);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    va_end(ap);
    f.text = text;
    l->found++;
    l->each(l->arg, &f);
}

const char *
treaty_state(const struct book_pact *p, int party, struct utime now)
{
    if (now.us < p->pact->from.us)
        return "not yet";
    if (!book_binds(p, party, now))
        return "ended";
    return p->party[party].denounced.us != 0 ? "denounced" : "in force";
}

/* The keys that the node works with stand in its annex, and hold. */
static void
look_at_key(struct looking *l, const struct annex *own, enum annex_role role, const char *text)
{
    const char *name = annex_role_name(role);

    if (text[0] == '\0')
        return;
    for (unsigned i = 0; i < own->keys[role]; i++) {
        const struct annex_key *k = &own->key[role][i];
        int64_t left = k->until.us - l->now.us;

        if (strcmp(k->text, text) != 0)
            continue;
        if (k->from.us > l->now.us)
            find(l, "pact-key-early", true, "wait, or adopt an annex in which it holds",
                 "the %s key of this node does not hold yet", name);
        else if (k->until.us != 0 && left <= 0)
            find(l, "pact-key-expired", true,
                 "adopt an annex that says how long it holds now, or has its successor",
                 "the %s key of this node is past its time", name);
        else if (k->until.us != 0 && left < SOON_DAYS * INT64_C(86400) * TIME_US_PER_S)
            find(l, "pact-key-ends", false, "adopt the next annex before",
                 "the %s key of this node ends in %lld days", name,
                 (long long)(left / (86400 * TIME_US_PER_S)));
        return;
    }
    find(l, "pact-key-missing", true,
         "adopt an annex with it: `detente pact annex new` fills it in",
         "the %s key of this node is not in its annex: nobody takes it for this party's", name);
}

static void
look_at_own(struct looking *l)
{
    const struct annex *own = book_annex(l->p, l->p->self);
    static const enum annex_role roles[NODE_KEYS] = {[NODE_WITNESS] = ANNEX_WITNESS,
                                                     [NODE_HOLDER] = ANNEX_HOLDER,
                                                     [NODE_MESSAGE] = ANNEX_MESSAGE};
    if (own == NULL) {
        find(l, "pact-annex-missing", true,
             "make one with `detente pact annex new`, sign it, and adopt it",
             "this party has no annex: its counterparts do not know its keys and space");
        return;
    }
    if (l->known == NULL)
        return;
    look_at_key(l, own, ANNEX_LOG, l->known->log);
    for (unsigned i = 0; i < NODE_KEYS; i++)
        look_at_key(l, own, roles[i], l->known->key[i]);
    look_at_key(l, own, ANNEX_TLS, l->known->tls);
    look_at_key(l, own, ANNEX_SEAL, l->known->seal);
}

static void
look_at_party(struct looking *l, int party)
{
    const struct book_party *b = &l->p->party[party];
    const struct book_annex *newest = b->annexes == 0 ? NULL : &b->annex[b->annexes - 1];

    if (newest == NULL && party != l->p->self)
        find(l, "pact-annex-missing", true, "ask that party for its signed annex, and adopt it",
             "%.*s has no annex here: it cannot be reached or judged", (int)b->id.len,
             b->id.ptr);
    else if (newest != NULL && newest->witnessed.us == 0)
        find(l, "pact-annex-unwitnessed", false,
             "it counts once a witness of the pact cosigned its leaf: see that the parties "
             "reach each other",
             "annex %lld of %.*s is not witnessed yet", (long long)newest->annex->sequence,
             (int)b->id.len, b->id.ptr);
}

unsigned
treaty_look(const struct book *b, const struct node_known *known, struct utime now,
            void (*each)(void *arg, const struct treaty_finding *f), void *arg)
{
    struct looking l = {.known = known, .now = now, .each = each, .arg = arg};

    for (unsigned i = 0; i < b->pacts; i++) {
        l.p = &b->pact[i];
        if (l.p->self < 0) {
            find(&l, "pact-party", true, "put `party` in detente.yaml right",
                 "this node's party is none of it");
            continue;
        }
        if (strcmp(treaty_state(l.p, l.p->self, now), "ended") == 0)
            continue;
        look_at_own(&l);
        for (unsigned k = 0; k < l.p->pact->parties; k++)
            look_at_party(&l, (int)k);
    }
    return l.found;
}
