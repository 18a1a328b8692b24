/* A pact of aland and bland and their annexes, made from templates with keys of their own, and
 * the node of aland that adopts them. */
#ifndef DETENTE_TESTS_ROLE_TREATY_SET_H
#define DETENTE_TESTS_ROLE_TREATY_SET_H

#include "unit.h"

#include "ledger/ledger.h"
#include "note/note.h"
#include "role/node.h"
#include "role/node_keys.h"
#include "role/treaty.h"

enum { TEXT_MAX = 1 << 16, DOCUMENTS = 8 };

struct treaty_keys {
    struct skey aland;
    struct skey bland;
    struct skey eve;
    struct skey bland_message;
};

struct scratch {
    char dir[64];
    struct node n;
    struct node_keys keys;
    struct treaty t;
    struct buf note[DOCUMENTS];
    struct treaty_document document[DOCUMENTS];
    unsigned documents;
    struct treaty_done done;
    struct errinfo ei;
    bool refused;
};

extern struct treaty_keys keys;
extern int64_t now_us;
struct utime now_wall(void *self);

/* Reads the templates; exits when they are not there. */
void treaty_set(const char *pact, const char *annex);
void replace(char *text, const char *from, const char *into);
void fill(char *text, bool late);
void draft(const char *what, char *to);
void sign(const char *text, const char *by, struct buf *to);
void make(const char *what, const char *by, struct buf *to);
void begin(struct scratch *s);
void end(struct scratch *s);
void put(struct scratch *s, const char *what, const char *by);
int adopt(struct scratch *s);
void expect(struct scratch *s, uint32_t pacts, uint32_t own, uint32_t others, uint32_t ends,
            uint32_t seen);
uint64_t leaves(const struct scratch *s);
void put_base(struct scratch *s);
struct book *load(struct scratch *s);
void name(const char *what, const char *value);
const char *value_of(const char *what);

#endif
