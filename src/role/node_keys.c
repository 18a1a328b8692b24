#include "role/node_keys_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/tls.h"

enum {
    FILE_MAX = NODE_KEY_FILE,
    PATH_ROOM = NODE_KEY_PATH,
    LOGGED = NODE_KEYS + 1 /* with that to seal to */
};

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

void
node_key_path(const char *dir, const char *name, const char *more, char to[PATH_ROOM])
{
    (void)snprintf(to, PATH_ROOM, "%s/keys/%s.key%s", dir, name, more);
}

/* The text of a key; ERR_NOTFOUND when there is none.  The caller wipes it. */
static int
read_text(const char *dir, const char *name, char text[FILE_MAX], struct slice *ret,
          struct errinfo *ei)
{
    char path[PATH_ROOM];
    ssize_t n;
    int fd;

    node_key_path(dir, name, "", path);
    err_file(ei, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? ERR_NOTFOUND
                   : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    n = read(fd, text, FILE_MAX);
    (void)close(fd);
    *ret = (struct slice){text, n < 0 ? 0 : (size_t)n};
    return 0;
}

int
node_key_read(const char *dir, enum node_key which, const char *name, struct skey *ret,
              struct errinfo *ei)
{
    char text[FILE_MAX];
    struct slice s = {NULL, 0};
    int r = read_text(dir, name, text, &s, ei);

    if (r == 0 && (skey_parse(s, ret) < 0 || ret->vkey.alg != kinds[which].alg))
        r = err_set(ei, ERR_CONF, "is no key of role %s", kinds[which].name);
    explicit_bzero(text, sizeof text);
    return r;
}

static int
read_key(const char *dir, enum node_key which, struct skey *ret, struct errinfo *ei)
{
    return node_key_read(dir, which, kinds[which].name, ret, ei);
}

static int
read_seal(const char *dir, struct seal_key *ret, struct errinfo *ei)
{
    char text[FILE_MAX];
    struct slice s = {NULL, 0};
    int r = read_text(dir, "seal", text, &s, ei);

    if (r == 0 && seal_key_parse(s, ret) < 0)
        r = err_set(ei, ERR_CONF, "is no key of role seal");
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

/* Whoever makes it as root: it is for who runs the node. */
static int
give_to_node(int fd, const char *dir)
{
    char path[PATH_ROOM];
    struct stat st;

    if (geteuid() != 0)
        return 0;
    (void)snprintf(path, sizeof path, "%s/keys", dir);
    return stat(path, &st) < 0 ? -1 : fchown(fd, st.st_uid, st.st_gid);
}

int
node_key_write(const char *dir, const char *name, struct buf *text, struct errinfo *ei)
{
    char path[PATH_ROOM];
    char part[PATH_ROOM];
    bool good;
    int fd;

    node_key_path(dir, name, "", path);
    node_key_path(dir, name, ".part", part);
    fd = buf_error(text) < 0 ? -1 : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    good = fd >= 0 && write(fd, text->ptr, text->len) == (ssize_t)text->len &&
           give_to_node(fd, dir) == 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (text->ptr != NULL)
        explicit_bzero(text->ptr, text->room);
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

int
node_key_make(const struct vkey *log, enum node_key which, const uint8_t seed[KEY_SEED],
              struct skey *ret)
{
    char name[KEY_NAME_MAX + 1];

    name_of(log, which, name);
    return skey_make(slice_of(name), kinds[which].alg, seed, ret);
}

static int
make_key(struct node *n, enum node_key which, struct skey *ret, struct errinfo *ei)
{
    AUTO_BUF(text, FILE_MAX);
    uint8_t seed[KEY_SEED];
    int r;

    n->env.random(n->env.self, seed, sizeof seed);
    r = node_key_make(&n->vkey, which, seed, ret);
    explicit_bzero(seed, sizeof seed);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    buf_skey(&text, ret);
    return node_key_write(n->dir, kinds[which].name, &text, ei);
}

static int
make_seal(struct node *n, struct seal_key *ret, struct errinfo *ei)
{
    AUTO_BUF(text, FILE_MAX);
    uint8_t seed[SEAL_KEY];

    n->env.random(n->env.self, seed, sizeof seed);
    seal_key_make(seed, ret);
    explicit_bzero(seed, sizeof seed);
    buf_seal_key(&text, ret);
    return node_key_write(n->dir, "seal", &text, ei);
}

/* ---- leaves ------------------------------------------------------------------------------ */

struct fresh {
    char now[LOGGED][VKEY_TEXT]; /* as a leaf writes it */
    bool known[LOGGED];
    char before[LOGGED][VKEY_TEXT]; /* another key of that role; "" none */
};

static const char *
role_of(unsigned i)
{
    return i == NODE_KEYS ? "seal" : kinds[i].name;
}

static void
meta_name(unsigned i, char to[32])
{
    (void)snprintf(to, 32, "key.%s", role_of(i));
}

static int
put_leaf(struct engine *e, struct leaf_key *leaf, struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t index;
    int r;

    leaf->from = engine_next_time(e);
    leaf->until = (struct utime){-1};
    r = leaf_write_key(&entry, leaf->from, leaf, ei);
    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &index);
}

static int
put_leaves(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct fresh *f = arg;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < LOGGED; i++) {
        struct leaf_key old = {
            .revoke = true, .role = slice_of(role_of(i)), .key = slice_of(f->before[i])};
        struct leaf_key new = {.role = slice_of(role_of(i)), .key = slice_of(f->now[i])};
        char meta[32];

        if (f->known[i])
            continue;
        if (f->before[i][0] != '\0')
            r = put_leaf(e, &old, ei);
        meta_name(i, meta);
        if (r == 0)
            r = put_leaf(e, &new, ei);
        if (r == 0)
            r = store_put_meta(e->store, meta, slice_of(f->now[i]));
    }
    return r;
}

/* The log says of each key whose it is, before anybody can meet its signature. */
static int
log_keys(struct node *n, const struct node_keys *k, struct errinfo *ei)
{
    struct fresh f = {0};
    bool all = true;

    for (unsigned i = 0; i < NODE_KEYS; i++)
        (void)vkey_format(&k->key[i].vkey, f.now[i]);
    seal_key_hex(&k->seal, f.now[NODE_KEYS]);
    for (unsigned i = 0; i < LOGGED; i++) {
        AUTO_BUF(have, VKEY_TEXT);
        char meta[32];
        int r;

        meta_name(i, meta);
        r = store_get_meta(n->store, meta, &have);
        if (r < 0 && r != ERR_NOTFOUND)
            return err_set(ei, r, "the store: %s", store_error(n->store));
        f.known[i] = r == 0 && slice_is(buf_get(&have), f.now[i]);
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
    int r;

    *ret = (struct node_keys){0};
    r = node_keys_turn(n, ret, ei);
    for (unsigned i = 0; r == 0 && i < NODE_KEYS; i++) {
        r = read_key(n->dir, (enum node_key)i, &ret->key[i], ei);
        if (r == ERR_NOTFOUND)
            r = make_key(n, (enum node_key)i, &ret->key[i], ei);
    }
    if (r == 0)
        r = read_seal(n->dir, &ret->seal, ei);
    if (r == ERR_NOTFOUND)
        r = make_seal(n, &ret->seal, ei);
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
    explicit_bzero(&k->seal, sizeof k->seal);
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

static int
get_text(struct store *s, const char *name, char *to, size_t room)
{
    AUTO_BUF(text, 4096);
    int r = store_get_meta(s, name, &text);

    if (r == 0)
        (void)snprintf(to, room, "%.*s", (int)text.len, text.ptr == NULL ? "" : text.ptr);
    return r;
}

int
node_keys_known(struct node *n, struct node_known *ret)
{
    char tls[2 * TLS_OWN * SHA256_SIZE + 1] = "";
    char meta[32];
    int r = 0;

    *ret = (struct node_known){0};
    (void)vkey_format(&n->vkey, ret->log);
    for (unsigned i = 0; r == 0 && i < LOGGED; i++) {
        bool seal = i == NODE_KEYS;

        meta_name(i, meta);
        r = get_text(n->store, meta, seal ? ret->seal : ret->key[i],
                     seal ? sizeof ret->seal : sizeof ret->key[i]);
    }
    if (r < 0)
        return r;
    r = get_text(n->store, "tls_keys", tls, sizeof tls); /* the authority's first */
    if (r == 0 && strlen(tls) == sizeof tls - 1)
        (void)snprintf(ret->tls, sizeof ret->tls, "%s", tls + SEAL_HEX);
    return r == ERR_NOTFOUND ? 0 : r;
}
