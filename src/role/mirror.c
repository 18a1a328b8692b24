#include "role/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "ledger/leaf.h"
#include "note/checkpoint.h"
#include "wire/hex.h"

enum { PATH_ROOM = 4096 };

struct mirror {
    struct store *store;
    struct ledger_storage storage;
    struct ledger *ledger;
    struct tree_head held;
    uint64_t taken; /* with those of the transaction that is open */
    unsigned batch; /* entries of the transaction that is open; 0: none is */
    bool begun;
    bool own_words;
    char party[40];
    char self[40];
};

/* ---- opening ----------------------------------------------------------------------------- */

static int
make_place(const struct mirror_open *o, char path[PATH_ROOM], struct errinfo *ei)
{
    struct hash h = sha256_of(o->origin.ptr, o->origin.len);
    char name[2 * sizeof h.byte + 1] = "";

    hex_encode(h.byte, sizeof h.byte, name);
    (void)snprintf(path, PATH_ROOM, "%s/mirror", o->dir);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(ei, err_own(errno), "%s: cannot be made: %s", path, strerror(errno));
    if (snprintf(path, PATH_ROOM, "%s/mirror/%.64s", o->dir, name) >= PATH_ROOM)
        return err_set(ei, ERR_USAGE, "%s: the directory's name is too long", o->dir);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(ei, err_own(errno), "%s: cannot be made: %s", path, strerror(errno));
    return 0;
}

/* The newest checkpoint is what is held. */
static int
read_held(struct mirror *m, struct errinfo *ei)
{
    AUTO_BUF(bytes, NOTE_MAX);
    struct checkpoint c;
    struct note note;
    int r = m->storage.get_note(m->storage.self, LEDGER_NEWEST, &bytes);

    m->held = (struct tree_head){0, tree_empty()};
    if (r == ERR_NOTFOUND)
        return 0;
    if (r == 0)
        r = note_parse(buf_get(&bytes), NOTE_MAX, &note, ei);
    if (r == 0)
        r = checkpoint_parse(note.text, &c);
    if (r == 0)
        m->held = (struct tree_head){c.size, c.root};
    return r;
}

static int
open_ledger(struct mirror *m, struct errinfo *ei)
{
    int r = store_ledger_size(m->store, &m->taken);

    m->ledger = ledger_free(m->ledger);
    if (r == 0)
        r = ledger_open(&m->storage, m->taken, &m->ledger, ei);
    return r == 0 ? read_held(m, ei) : r;
}

int
mirror_open(const struct mirror_open *o, struct mirror **ret, struct errinfo *ei)
{
    struct mirror *m = calloc(1, sizeof *m);
    char path[PATH_ROOM];
    int r = m == NULL ? ERR_NOMEM : make_place(o, path, ei);

    if (r == 0)
        r = store_open(path, STORE_CREATE, &m->store, ei);
    if (r == 0)
        r = store_make_durable(m->store);
    if (r == 0) {
        store_ledger(m->store, &m->storage);
        (void)snprintf(m->party, sizeof m->party, "%.*s", (int)o->party.len, o->party.ptr);
        m->own_words = o->own_words;
        (void)snprintf(m->self, sizeof m->self, "%.*s", (int)o->self.len, o->self.ptr);
        r = open_ledger(m, ei);
    }
    if (r < 0) {
        (void)mirror_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

int
mirror_look(const char *dir, struct slice origin, struct mirror **ret, struct errinfo *ei)
{
    struct mirror *m = calloc(1, sizeof *m);
    struct hash h = sha256_of(origin.ptr, origin.len);
    char name[2 * sizeof h.byte + 1] = "";
    char path[PATH_ROOM];
    int r = m == NULL ? ERR_NOMEM : 0;

    hex_encode(h.byte, sizeof h.byte, name);
    if (r == 0 && snprintf(path, PATH_ROOM, "%s/mirror/%.64s", dir, name) >= PATH_ROOM)
        r = err_set(ei, ERR_USAGE, "%s: the directory's name is too long", dir);
    if (r == 0 && access(path, F_OK) < 0)
        r = err_set(ei, ERR_NOTFOUND, "%s: nothing is held here of the log %.*s", dir,
                    (int)origin.len, origin.ptr);
    if (r == 0)
        r = store_open(path, STORE_READ, &m->store, ei);
    if (r == 0) {
        store_ledger(m->store, &m->storage);
        r = read_held(m, ei);
    }
    if (r == 0)
        r = ledger_open(&m->storage, m->held.size, &m->ledger, ei);
    if (r < 0) {
        (void)mirror_close(m);
        return r;
    }
    m->taken = m->held.size;
    *ret = m;
    return 0;
}

struct mirror *
mirror_close(struct mirror *m)
{
    if (m == NULL)
        return NULL;
    m->ledger = ledger_free(m->ledger);
    if (m->begun)
        store_rollback(m->store);
    m->store = store_close(m->store);
    free(m);
    return NULL;
}

uint64_t
mirror_taken(const struct mirror *m)
{
    return m->taken;
}

struct tree_head
mirror_held(const struct mirror *m)
{
    return m->held;
}

struct ledger *
mirror_ledger(struct mirror *m)
{
    return m->ledger;
}

struct store *
mirror_store(struct mirror *m)
{
    return m->store;
}

/* ---- entries ----------------------------------------------------------------------------- */

static int
begin(struct mirror *m)
{
    int r = m->begun ? 0 : store_begin(m->store);

    m->begun |= r == 0;
    return r;
}

static int
end(struct mirror *m)
{
    int r = m->begun ? store_commit(m->store) : 0;

    if (r < 0)
        return r;
    m->begun = false;
    m->batch = 0;
    ledger_commit(m->ledger);
    return 0;
}

/* What was not committed is to be asked for again. */
static int
give_up(struct mirror *m, int r)
{
    struct errinfo ei = {0};

    if (m->begun)
        store_rollback(m->store);
    m->begun = false;
    m->batch = 0;
    ledger_rollback(m->ledger);
    if (store_ledger_size(m->store, &m->taken) < 0 || open_ledger(m, &ei) < 0)
        return ERR_IO;
    return r;
}

/* Does this leaf name something that this node must have? */
static bool
names(const struct mirror *m, const struct leaf *l, struct store_wanted *ret)
{
    struct slice who;

    if (l->reading != LEAF_KNOWN || leaf_text(l, "pact", &ret->pact) < 0 ||
        leaf_hash(l, "sha256", &ret->sha256) < 0)
        return false;
    if (l->type == LEAF_MESSAGE) {
        ret->kind = WANTED_MESSAGE;
        return leaf_text(l, "to", &who) == 0 && slice_eq(who, slice_of(m->self));
    }
    if (l->type == LEAF_RECEIVED) {
        ret->kind = WANTED_OWN;
        return m->own_words && leaf_number(l, "index", &ret->sequence) == 0 &&
               leaf_text(l, "from", &who) == 0 && slice_eq(who, slice_of(m->self));
    }
    if (l->type == LEAF_TOTALS) {
        struct utime until;

        ret->kind = WANTED_TOTALS;
        ret->party = slice_of(m->party);
        if (leaf_time(l, "until", &until) < 0)
            return false;
        ret->sequence = (uint64_t)(until.us / TIME_US_PER_S);
        return true;
    }
    if ((l->type != LEAF_ANNEX && l->type != LEAF_ANNEX_SEEN) ||
        leaf_text(l, "party", &ret->party) < 0 ||
        leaf_number(l, "sequence", &ret->sequence) < 0)
        return false;
    ret->kind = l->type == LEAF_ANNEX ? WANTED_ANNEX : WANTED_SEEN;
    return slice_eq(ret->party, slice_of(l->type == LEAF_ANNEX ? m->party : m->self));
}

static int
take_entry(struct mirror *m, struct slice entry)
{
    struct store_wanted want = {0};
    struct leaf leaf;
    int r = begin(m);

    if (r == 0)
        r = ledger_append(m->ledger, entry, &want.leaf);
    if (r < 0)
        return r;
    leaf_read(entry, &leaf);
    if (names(m, &leaf, &want)) {
        if (want.kind == WANTED_TOTALS) /* who was away for long wants the newest alone */
            r = store_drop_wanted_kind(m->store, WANTED_TOTALS, want.pact);
        if (r == 0)
            r = store_put_wanted(m->store, &want);
    }
    m->batch++;
    return r == 0 && m->batch >= MIRROR_BATCH ? end(m) : r;
}

/* Entries of a bundle, one after the other; false at its end or when it is none. */
static bool
next_entry(struct slice *bytes, struct slice *ret)
{
    size_t len;

    if (bytes->len < 2)
        return false;
    len = (size_t)(uint8_t)bytes->ptr[0] << 8 | (uint8_t)bytes->ptr[1];
    if (bytes->len - 2 < len)
        return false;
    *ret = (struct slice){bytes->ptr + 2, len};
    *bytes = (struct slice){bytes->ptr + 2 + len, bytes->len - 2 - len};
    return true;
}

int
mirror_take(struct mirror *m, const struct mirror_bundle *b, struct errinfo *ei)
{
    struct slice rest = b->bytes;
    struct tree_head head;
    struct slice entry;
    uint64_t at = b->first;
    int r = 0;

    ledger_head(m->ledger, &head);
    while (r == 0 && at < b->until && next_entry(&rest, &entry)) {
        if (at == head.size) {
            if (at - m->held.size >= MIRROR_AHEAD)
                r = ERR_LIMIT;
            if (r == 0)
                r = take_entry(m, entry);
            head.size += r == 0;
        }
        at++;
    }
    if (r == 0 && (at < b->until || head.size < b->until))
        r = ERR_INVALID;
    if (r < 0) {
        r = give_up(m, r);
        return err_set(ei, r, "entries from %llu of the log of %s: %s",
                       (unsigned long long)b->first, m->party,
                       r == ERR_LIMIT ? "too many before a checkpoint" : err_text(r));
    }
    m->taken = head.size;
    return 0;
}

/* ---- checkpoints ------------------------------------------------------------------------- */

/* They are not the log's: back to what is held. */
static int
throw_away(struct mirror *m, struct errinfo *ei)
{
    int r = give_up(m, 0);

    if (r == 0)
        r = store_begin(m->store);
    m->begun = r == 0;
    if (r == 0)
        r = store_cut_mirror(m->store, m->held.size);
    if (r == 0)
        r = store_commit(m->store);
    if (r < 0)
        return give_up(m, r);
    m->begun = false;
    r = open_ledger(m, ei);
    return r < 0 ? r
                 : err_set(ei, ERR_PROOF,
                           "the entries of the log of %s do not give the root of its "
                           "checkpoint",
                           m->party);
}

int
mirror_settle(struct mirror *m, const struct tree_head *head, struct slice note,
              struct errinfo *ei)
{
    struct tree_head all;
    int r;

    ledger_head(m->ledger, &all);
    if (all.size != head->size || !hash_eq(&all.root, &head->root))
        return throw_away(m, ei);
    r = begin(m);
    if (r == 0)
        r = m->storage.put_note(m->storage.self, head->size, note);
    if (r == 0)
        r = end(m);
    if (r < 0)
        return err_set(ei, give_up(m, r), "the mirror of the log of %s cannot be written",
                       m->party);
    m->held = *head;
    return 0;
}

int
mirror_have(struct mirror *m, uint64_t leaf)
{
    int r = begin(m);

    if (r == 0)
        r = store_drop_wanted(m->store, leaf);
    if (r == 0)
        r = end(m);
    return r < 0 ? give_up(m, r) : 0;
}
