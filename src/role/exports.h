/* What went to other parties, as the log keeps it: one leaf for each party and way out, some
 * seconds of it at a time, so that nobody fills the log by asking (docs/formats/log.md,
 * `export`). */
#ifndef DETENTE_ROLE_EXPORTS_H
#define DETENTE_ROLE_EXPORTS_H

#include "base/buf.h"
#include "model/person.h"
#include "model/tlp.h"
#include "role/engine.h"
#include "store/objects.h"

enum {
    EXPORT_EXIT = 8,        /* bytes of its name, with NUL */
    EXPORT_LINES = 4 << 20, /* bytes of what is kept before it is told */
    EXPORT_PARTIES = 64,
    EXPORT_US = 5000000 /* as long as it waits for more */
};

/* The fixed form in which it passes to the engine. */
struct export_told {
    char party[PERSON_NAME];
    char exit[EXPORT_EXIT]; /* as leaf.def has it: "taxii", "cli" … */
    uint32_t tlp;           /* the strictest */
    uint64_t objects;
    struct hash list; /* SHA-256 of the lines "id version SHA-256 of bytes\n", sorted */
};
bool export_told_ok(const struct export_told *t);

/* ---- in the gate, or in a command ---- */

/* What went to one party. */
struct export_list {
    char party[PERSON_NAME];
    enum tlp tlp;
    uint64_t objects;
    struct buf lines;
    int64_t since; /* mono */
};
void export_add(struct export_list *l, const struct store_object *o);
/* Its told form; the lines are sorted.  ERR_NOMEM. */
MUST_USE int export_tell(const struct export_list *l, const char *exit,
                         struct export_told *ret);

struct exports {
    struct export_list list[EXPORT_PARTIES];
    unsigned count;
};
void exports_close(struct exports *x);
/* Take l's, which is empty afterwards.  ERR_LIMIT: too much waits, so that this must not go. */
MUST_USE int exports_take(struct exports *x, struct export_list *l, int64_t mono);
/* Tell what has waited long enough, by `tell`, whose errors keep it for the next time. */
void exports_step(struct exports *x, int64_t mono,
                  int (*tell)(void *arg, const struct export_told *t), void *arg);

/* ---- in the engine ---- */

/* Errors as of engine_change(). */
MUST_USE int exports_put(struct engine *e, const struct export_told *t, struct errinfo *ei);

#endif
