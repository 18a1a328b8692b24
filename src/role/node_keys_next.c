/* Keys that are to follow: made beside those in use, named by the party's next annex with a
 * time, and in use from that time on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/node_keys_priv.h"

void
node_key_next_name(enum node_key which, char to[32])
{
    (void)snprintf(to, 32, "%s.next", node_key_name(which));
}

/* When the file came; 0: there is none. */
static int64_t
file_time(const char *dir, enum node_key which)
{
    char name[32];
    char path[NODE_KEY_PATH];
    struct stat st;

    node_key_next_name(which, name);
    node_key_path(dir, name, "", path);
    return stat(path, &st) < 0
               ? 0
               : (int64_t)st.st_mtim.tv_sec * TIME_US_PER_S + st.st_mtim.tv_nsec / 1000;
}

int
node_keys_next(struct node *n, enum node_key which, struct vkey *ret, struct errinfo *ei)
{
    AUTO_BUF(text, NODE_KEY_FILE);
    uint8_t seed[KEY_SEED];
    struct skey key;
    char name[32];
    char path[NODE_KEY_PATH];
    int r;

    node_key_next_name(which, name);
    node_key_path(n->dir, name, "", path);
    if (file_time(n->dir, which) != 0) {
        err_file(ei, path);
        return err_set(ei, ERR_BUSY, "is there already: name it in an annex, or remove it");
    }
    n->env.random(n->env.self, seed, sizeof seed);
    r = node_key_make(&n->vkey, which, seed, &key);
    explicit_bzero(seed, sizeof seed);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    *ret = key.vkey;
    buf_skey(&text, &key);
    skey_clear(&key);
    return node_key_write(n->dir, name, &text, ei);
}

int
node_keys_look_next(const char *dir, enum node_key which, struct vkey *ret, struct errinfo *ei)
{
    struct skey key = {0};
    char name[32];
    int r;

    node_key_next_name(which, name);
    r = node_key_read(dir, which, name, &key, ei);
    if (r == 0)
        *ret = key.vkey;
    skey_clear(&key);
    return r;
}

/* Does every annex of this node's party name it, for now?  One that does not would make what is
 * signed with it nobody's. */
static bool
is_due(const struct book *b, enum node_key which, const struct vkey *key, struct utime now)
{
    static const enum annex_role roles[NODE_KEYS] = {[NODE_WITNESS] = ANNEX_WITNESS,
                                                     [NODE_HOLDER] = ANNEX_HOLDER,
                                                     [NODE_MESSAGE] = ANNEX_MESSAGE};
    unsigned annexes = 0;

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        const struct annex *a = p->self < 0 ? NULL : book_annex(p, p->self);
        bool named = false;

        if (a == NULL)
            continue;
        annexes++;
        for (unsigned k = 0; k < a->keys[roles[which]]; k++) {
            const struct annex_key *at = &a->key[roles[which]][k];

            named |= vkey_eq(&at->key, key) && at->from.us <= now.us &&
                     (at->until.us == 0 || at->until.us > now.us);
        }
        if (!named)
            return false;
    }
    return annexes > 0;
}

bool
node_keys_due(const struct node_keys *k, const struct book *b, struct utime now)
{
    for (unsigned i = 0; i < NODE_KEYS; i++) {
        if (k->next[i].came != 0 && is_due(b, (enum node_key)i, &k->next[i].key, now))
            return true;
    }
    return false;
}

bool
node_keys_came(const char *dir, const struct node_keys *k)
{
    for (unsigned i = 0; i < NODE_KEYS; i++) {
        if (file_time(dir, (enum node_key)i) != k->next[i].came)
            return true;
    }
    return false;
}

/* The name is the other's from then on; what is cut off before or behind it is done again, or
 * was done. */
static int
take_place(const char *dir, enum node_key which, struct errinfo *ei)
{
    char name[32];
    char from[NODE_KEY_PATH];
    char to[NODE_KEY_PATH];
    char folder[NODE_KEY_PATH];
    int fd;
    bool good;

    node_key_next_name(which, name);
    node_key_path(dir, name, "", from);
    node_key_path(dir, node_key_name(which), "", to);
    (void)snprintf(folder, sizeof folder, "%s/keys", dir);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && rename(from, to) == 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    err_file(ei, to);
    return good ? 0 : err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
}

int
node_keys_turn(struct node *n, struct node_keys *k, struct errinfo *ei)
{
    struct utime now = n->env.now_wall(n->env.self);
    struct book *b = NULL;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < NODE_KEYS; i++) {
        enum node_key which = (enum node_key)i;

        k->next[i].came = file_time(n->dir, which);
        if (k->next[i].came == 0)
            continue;
        if (node_keys_look_next(n->dir, which, &k->next[i].key, ei) < 0) {
            n->env.log(n->env.self, ENV_WARN, ei->text); /* the one in use is good */
            continue;
        }
        if (b == NULL)
            r = book_load(n->store, n->conf->party, &b, ei);
        if (r < 0 || !is_due(b, which, &k->next[i].key, now))
            continue;
        r = take_place(n->dir, which, ei);
        k->next[i].came = 0;
    }
    (void)book_free(b);
    return r;
}
