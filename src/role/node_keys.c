#include "role/node_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"

enum { FILE_MAX = 1024, PATH_ROOM = 4096 };

static const struct {
    const char *name;
    enum key_alg alg;
} kinds[NODE_KEYS] = {[NODE_WITNESS] = {"witness", KEY_COSIGN},
                      [NODE_HOLDER] = {"holder", KEY_COSIGN},
                      [NODE_MESSAGE] = {"message", KEY_ED25519}};

const char *
node_key_name(enum node_key which)
{
    return kinds[which].name;
}

static void
path_of(const char *dir, enum node_key which, const char *more, char to[PATH_ROOM])
{
    (void)snprintf(to, PATH_ROOM, "%s/keys/%s.key%s", dir, kinds[which].name, more);
}

/* ERR_NOTFOUND when there is none. */
static int
read_key(const char *dir, enum node_key which, struct skey *ret, struct errinfo *ei)
{
    char path[PATH_ROOM];
    char text[FILE_MAX];
    ssize_t n;
    int fd;
    int r;

    path_of(dir, which, "", path);
    err_file(ei, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? ERR_NOTFOUND
                   : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    n = read(fd, text, sizeof text);
    (void)close(fd);
    r = n > 0 && skey_parse((struct slice){text, (size_t)n}, ret) == 0 &&
                ret->vkey.alg == kinds[which].alg
            ? 0
            : err_set(ei, ERR_CONF, "is no key of role %s", kinds[which].name);
    explicit_bzero(text, sizeof text);
    return r;
}

/* Its name: the log's origin without what says that it is a log. */
static void
name_of(const struct vkey *log, enum node_key which, char to[KEY_NAME_MAX + 1])
{
    const char *end = strstr(log->name, "/log");
    int base = (int)(end == NULL ? strlen(log->name) : (size_t)(end - log->name));

    (void)snprintf(to, KEY_NAME_MAX + 1, "%.*s/%s", base > 240 ? 240 : base, log->name,
                   kinds[which].name);
}

static int
write_key(const char *dir, enum node_key which, const struct skey *key, struct errinfo *ei)
{
    AUTO_BUF(text, FILE_MAX);
    char path[PATH_ROOM];
    char part[PATH_ROOM];
    bool good;
    int fd;

    buf_skey(&text, key);
    path_of(dir, which, "", path);
    path_of(dir, which, ".part", part);
    fd = buf_error(&text) < 0 ? -1 : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    good = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.room);
    if (good)
        good = rename(part, path) == 0;
    if (good) { /* the name too */
        (void)snprintf(part, sizeof part, "%s/keys", dir);
        fd = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        good = fd >= 0 && fsync(fd) == 0;
        if (fd >= 0)
            (void)close(fd);
    }
    err_file(ei, path);
    return good ? 0 : err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
}

static int
make_key(struct node *n, enum node_key which, struct skey *ret, struct errinfo *ei)
{
    uint8_t seed[KEY_SEED];
    char name[KEY_NAME_MAX + 1];
    int r;

    name_of(&n->vkey, which, name);
    n->env.random(n->env.self, seed, sizeof seed);
    r = skey_make(slice_of(name), kinds[which].alg, seed, ret);
    explicit_bzero(seed, sizeof seed);
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : write_key(n->dir, which, ret, ei);
}

/* ---- leaves ------------------------------------------------------------------------------ */

struct fresh {
    const struct node_keys *keys;
    bool known[NODE_KEYS];
    char before[NODE_KEYS][VKEY_TEXT]; /* another key of that role; "" none */
};

static void
meta_name(enum node_key which, char to[32])
{
    (void)snprintf(to, 32, "key.%s", kinds[which].name);
}

static int
put_revoke(struct engine *e, enum node_key which, const char *vkey, struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct leaf_key leaf = {.revoke = true,
                            .role = slice_of(kinds[which].name),
                            .key = slice_of(vkey),
                            .until = {-1}};
    uint64_t index;
    int r;

    leaf.from = engine_next_time(e);
    r = leaf_write_key(&entry, leaf.from, &leaf, ei);
    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &index);
}

static int
put_leaves(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct fresh *f = arg;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < NODE_KEYS; i++) {
        AUTO_BUF(entry, LEAF_WRITE_MAX);
        char text[VKEY_TEXT];
        struct slice vkey = {text, vkey_format(&f->keys->key[i].vkey, text)};
        struct leaf_key leaf = {.role = slice_of(kinds[i].name), .key = vkey, .until = {-1}};
        struct utime at;
        uint64_t index;
        char meta[32];

        if (f->known[i])
            continue;
        if (f->before[i][0] != '\0')
            r = put_revoke(e, (enum node_key)i, f->before[i], ei);
        at = leaf.from = engine_next_time(e);
        meta_name((enum node_key)i, meta);
        if (r == 0)
            r = leaf_write_key(&entry, at, &leaf, ei);
        if (r == 0)
            r = ledger_append(e->ledger, buf_get(&entry), &index);
        if (r == 0)
            r = store_put_meta(e->store, meta, vkey);
    }
    return r;
}

/* The log says of each key whose it is, before anybody can meet its signature. */
static int
log_keys(struct node *n, const struct node_keys *k, struct errinfo *ei)
{
    struct fresh f = {.keys = k};
    bool all = true;

    for (unsigned i = 0; i < NODE_KEYS; i++) {
        AUTO_BUF(have, VKEY_TEXT);
        char text[VKEY_TEXT];
        struct slice vkey = {text, vkey_format(&k->key[i].vkey, text)};
        char meta[32];
        int r;

        meta_name((enum node_key)i, meta);
        r = store_get_meta(n->store, meta, &have);
        if (r < 0 && r != ERR_NOTFOUND)
            return err_set(ei, r, "the store: %s", store_error(n->store));
        f.known[i] = r == 0 && slice_eq(buf_get(&have), vkey);
        if (r == 0 && !f.known[i])
            (void)snprintf(f.before[i], VKEY_TEXT, "%.*s", (int)have.len, have.ptr);
        all &= f.known[i];
    }
    if (all)
        return 0;
    if (engine_check_room(n->engine, 0) < 0)
        return ERR_FULL;
    return engine_change(n->engine, put_leaves, &f, NULL, ei);
}

int
node_keys_open(struct node *n, struct node_keys *ret, struct errinfo *ei)
{
    int r = 0;

    *ret = (struct node_keys){0};
    for (unsigned i = 0; r == 0 && i < NODE_KEYS; i++) {
        r = read_key(n->dir, (enum node_key)i, &ret->key[i], ei);
        if (r == ERR_NOTFOUND)
            r = make_key(n, (enum node_key)i, &ret->key[i], ei);
    }
    if (r == 0)
        r = log_keys(n, ret, ei);
    if (r < 0)
        node_keys_clear(ret);
    return r;
}

void
node_keys_clear(struct node_keys *k)
{
    for (unsigned i = 0; i < NODE_KEYS; i++)
        skey_clear(&k->key[i]);
}

int
node_keys_read(const char *dir, enum node_key which, struct skey *ret, struct errinfo *ei)
{
    int r = read_key(dir, which, ret, ei);

    return r == ERR_NOTFOUND ? err_set(ei, r, "there is no such key yet: run the node once")
                             : r;
}

int
node_keys_look(const char *dir, enum node_key which, struct vkey *ret, struct errinfo *ei)
{
    struct skey key;
    int r = read_key(dir, which, &key, ei);

    if (r == 0)
        *ret = key.vkey;
    skey_clear(&key);
    return r;
}
