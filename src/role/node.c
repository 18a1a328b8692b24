#include "role/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indicator/pack.h"
#include "role/engine.h"
#include "role/node_priv.h"

enum { CONF_FILE_MAX = 1 << 20, KEY_FILE_MAX = 4096 };

int
node_path(const char *dir, const char *name, char out[NODE_PATH], struct errinfo *ei)
{
    if (snprintf(out, NODE_PATH, "%s/%s", dir, name) >= NODE_PATH)
        return err_set(ei, ERR_USAGE, "%s: the directory's name is too long", dir);
    err_file(ei, out);
    return 0;
}

int
node_read_file(const char *dir, const char *name, size_t max, struct buf *ret,
               struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, name, path, ei);
    int fd;
    ssize_t n = 0;

    if (r < 0)
        return r;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(ei, errno == ENOENT ? ERR_NOTFOUND : err_own(errno),
                       "cannot be read: %s", strerror(errno));
    while (r == 0 && ret->len <= max) {
        char *to = buf_reserve(ret, 4096);

        if (to == NULL) {
            r = err_set(ei, buf_error(ret), "%s", err_text(buf_error(ret)));
            break;
        }
        n = read(fd, to, 4096);
        if (n < 0)
            r = err_set(ei, ERR_IO, "cannot be read: %s", strerror(errno));
        if (n <= 0)
            break;
        buf_wrote(ret, (size_t)n);
    }
    (void)close(fd);
    return r;
}

/* The log's verifier key, for those who must not see the other half.  By another key than that
 * nobody would take this log for itself. */
static int
remember_key(struct node *n, const struct vkey *key, bool put, struct errinfo *ei)
{
    char text[VKEY_TEXT];
    struct slice want = {text, vkey_format(key, text)};
    AUTO_BUF(have, VKEY_TEXT);
    int r = store_get_meta(n->store, "vkey", &have);

    if (r == 0 && !slice_eq(buf_get(&have), want))
        return err_set(ei, ERR_CONF, "is not the key of this log, %.*s: put that one back",
                       (int)have.len, have.ptr);
    if (r == ERR_NOTFOUND)
        r = put ? store_put_meta(n->store, "vkey", want) : 0;
    return r < 0 ? err_set(ei, r, "%s", store_error(n->store)) : 0;
}

int
node_lock(const char *dir, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = store_there(dir, ei); /* no lock is left where no node is */
    int fd;

    if (r == 0)
        r = node_path(dir, "lock", path, ei);
    if (r < 0)
        return r;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ei, err_own(errno), "cannot be opened: %s", strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    (void)close(fd);
    return err_set(ei, ERR_BUSY, "another process writes to this node");
}

int
node_is_taken(const char *dir, struct errinfo *ei)
{
    int lock = node_lock(dir, ei);

    if (lock < 0)
        return lock == ERR_BUSY ? 1 : lock;
    (void)close(lock);
    return 0;
}

int
node_conf(const char *dir, struct conf **ret, struct errinfo *ei)
{
    AUTO_BUF(text, CONF_FILE_MAX + 8192);
    int r;

    r = node_read_file(dir, "detente.yaml", CONF_FILE_MAX, &text, ei);
    if (r == ERR_NOTFOUND)
        return conf_default(ret);
    return r < 0 ? r : conf_parse(buf_get(&text), ret, ei);
}

static int
read_secret(const struct node *n, struct skey *ret, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)KEY_FILE_MAX * 4);
    int r = node_read_file(n->dir, "keys/log.key", KEY_FILE_MAX, &text, ei);

    if (r == 0 && skey_parse(buf_get(&text), ret) < 0)
        r = err_set(ei, ERR_CONF, "is no key file");
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.len);
    return r == ERR_NOTFOUND ? err_set(ei, ERR_CONF, "the log's key is missing") : r;
}

/* The name is the other's from then on; what is cut off before or behind it is done again, or
 * was done. */
int
node_turn_log_key(const char *dir, const struct vkey *log, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)KEY_FILE_MAX * 4);
    char from[NODE_PATH];
    char to[NODE_PATH];
    struct skey key = {0};
    bool it;
    int fd;
    int r = node_read_file(dir, "keys/" NODE_LOG_NEXT ".key", KEY_FILE_MAX, &text, ei);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    it = skey_parse(buf_get(&text), &key) == 0 && vkey_eq(&key.vkey, log);
    skey_clear(&key);
    explicit_bzero(text.ptr, text.len);
    if (!it) /* of a log that did not begin: it is written over by the next that does */
        return 0;
    r = node_path(dir, "keys/" NODE_LOG_NEXT ".key", from, ei);
    if (r == 0)
        r = node_path(dir, "keys/log.key", to, ei);
    if (r < 0)
        return r;
    if (rename(from, to) < 0)
        return err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    r = node_path(dir, "keys", to, ei);
    fd = r < 0 ? -1 : open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r == 0 && (fd < 0 || fsync(fd) < 0))
        r = err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int
read_key(struct node *n, enum node_mode mode, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)KEY_FILE_MAX * 4);
    bool known = store_get_meta(n->store, "vkey", &text) == 0 &&
                 vkey_parse(buf_get(&text), &n->vkey) == 0;
    int r;

    if (mode == NODE_READ && known)
        return 0;
    r = known ? node_turn_log_key(n->dir, &n->vkey, ei) : 0;
    if (r == 0)
        r = read_secret(n, &n->key, ei);
    if (r < 0)
        return r;
    n->vkey = n->key.vkey;
    if (mode == NODE_WRITE)
        return remember_key(n, &n->vkey, true, ei);
    skey_clear(&n->key);
    return 0;
}

int
node_check_key(struct node *n, struct errinfo *ei)
{
    struct skey key = {0};
    int r = read_secret(n, &key, ei);

    if (r == 0)
        r = remember_key(n, &key.vkey, false, ei);
    skey_clear(&key);
    return r;
}

int
node_origin(const char *dir, char *ret, size_t room, struct errinfo *ei)
{
    AUTO_BUF(text, VKEY_TEXT);
    struct store *s = NULL;
    struct vkey key;
    int r = store_open(dir, STORE_READ, &s, ei);

    if (r < 0)
        return r;
    r = store_get_meta(s, "vkey", &text);
    if (r == 0)
        r = vkey_parse(buf_get(&text), &key);
    if (r == 0)
        (void)snprintf(ret, room, "%.*s", (int)vkey_name(&key).len, vkey_name(&key).ptr);
    else
        r = err_set(ei, ERR_CONF, "the log's key is not in the store");
    (void)store_close(s);
    return r;
}

int
node_tables_age(const struct node *n, struct utime now, bool *ret_stale)
{
    int oldest = -1;

    *ret_stale = false;
    for (unsigned i = 0; i < attrib_datasets(n->attrib); i++) {
        int64_t age = now.us - attrib_dataset(n->attrib, i)->date.us;
        int days = (int)(age / (86400 * TIME_US_PER_S));

        if (days > oldest)
            oldest = days;
        *ret_stale |= age > n->conf->tables.stale.us;
    }
    return oldest;
}

static int64_t
mtime_of(const char *dir, const char *name)
{
    char path[4096];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return stat(path, &st) < 0 ? 0
                               : (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

int64_t
node_tables_mtime(const char *dir)
{
    return mtime_of(dir, "tables/tables.bin");
}

int64_t
node_lookout_mtime(const char *dir)
{
    return mtime_of(dir, LOOKOUT_FILE);
}

/* What fails here costs the hits, and nothing else. */
static int
open_lookout(struct node *n, struct lookout **ret, struct errinfo *ei)
{
    struct indicators *x = NULL;
    char path[NODE_PATH];
    uint64_t secret;
    int r = node_path(n->dir, LOOKOUT_FILE, path, ei);

    if (r == 0)
        r = indicators_map(path, &x, ei);
    if (r < 0)
        return r;
    n->env.random(n->env.self, &secret, sizeof secret);
    r = lookout_open(x, secret, ret);
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
}

int
node_reload_lookout(struct node *n, struct errinfo *ei)
{
    struct lookout *l = NULL;
    struct errinfo why = {0};
    char text[NODE_PATH + 512] = "";
    int r = open_lookout(n, &l, &why);

    if (r < 0 && r != ERR_NOTFOUND) {
        (void)snprintf(text, sizeof text, "%s: %s", LOOKOUT_FILE, why.text);
        n->env.log(n->env.self, ENV_ERROR, text);
    }
    if (r == 0 || r == ERR_NOTFOUND) {
        engine_set_lookout(n->engine, l);
        n->lookout = lookout_close(n->lookout);
        n->lookout = l;
    }
    r = lookout_settle(n->store, l, slice_of(text));
    return r < 0 ? err_set(ei, r, "%s", store_error(n->store)) : 0;
}

int
node_reload_tables(struct node *n, struct errinfo *ei)
{
    struct attrib *a = NULL;
    char path[NODE_PATH];
    struct stat st;
    AUTO_BUF(json, 1 << 16);
    struct hash id;
    int r = node_path(n->dir, "tables/tables.bin", path, ei);

    if (r < 0 || (stat(path, &st) < 0 && errno == ENOENT))
        return r;
    r = attrib_open(path, &a, ei);
    if (r < 0)
        return r;
    if (n->engine != NULL)
        engine_set_attrib(n->engine, a);
    n->attrib = attrib_close(n->attrib);
    n->attrib = a;
    if (n->lock < 0)
        return 0;
    node_tables_json(a, &json);
    id = attrib_id(a);
    r = buf_error(&json);
    if (r == 0)
        r = store_put_tables(n->store, &id, buf_get(&json));
    return r < 0 ? err_set(ei, r, "%s", store_error(n->store)) : 0;
}

void
node_tables_json(const struct attrib *a, struct buf *ret)
{
    buf_char(ret, '[');
    for (unsigned i = 0; i < attrib_datasets(a); i++) {
        const struct attrib_dataset *d = attrib_dataset(a, i);
        char date[TIME_TEXT];

        time_format(d->date, date);
        buf_text(ret, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_json(ret, slice_of(d->name));
        buf_printf(ret, ",\"date\":\"%.10s\",\"kind\":%u,\"source\":", date, d->kind);
        buf_json(ret, slice_of(d->source));
        buf_char(ret, '}');
    }
    buf_char(ret, ']');
}

static int
read_test(struct node *n, struct errinfo *ei)
{
    AUTO_BUF(text, 16);
    int r = store_get_meta(n->store, "test", &text);

    n->test = r == 0;
    return r < 0 && r != ERR_NOTFOUND ? err_set(ei, r, "%s", store_error(n->store)) : 0;
}

/* lock: held, or -1 to be taken. */
static int
open_node(const char *dir, enum node_mode mode, int lock, struct node *ret, struct errinfo *ei)
{
    struct node n = {.dir = dir, .lock = lock, .posix = {.dir = -1}};
    int r = key_init();

    *ei = (struct errinfo){0};
    if (r == 0)
        r = store_open(dir, mode == NODE_WRITE ? STORE_WRITE : STORE_READ, &n.store, ei);
    if (r == 0)
        r = env_posix_open(&n.posix, dir, &n.env, ei);
    if (r == 0 && mode == NODE_WRITE && lock < 0) {
        n.lock = node_lock(dir, ei);
        r = n.lock < 0 ? n.lock : 0;
    }
    if (r == 0)
        r = node_conf(dir, &n.conf, ei);
    if (r == 0)
        r = read_key(&n, mode, ei);
    if (r == 0)
        r = read_test(&n, ei);
    if (r == 0)
        r = node_reload_tables(&n, ei);
    *ret = n;
    if (r == 0 && mode == NODE_WRITE) {
        struct engine_open o = {&ret->env, n.conf, n.store, n.attrib, &ret->key};

        ret->env.self = &ret->posix;
        r = engine_open(&o, &ret->engine, ei);
    }
    ret->env.self = &ret->posix;
    if (r < 0)
        node_close(ret);
    return r;
}

int
node_open_any(const char *dir, enum node_mode mode, struct node *ret, struct errinfo *ei)
{
    return open_node(dir, mode, -1, ret, ei);
}

static int
open_finished(const char *dir, enum node_mode mode, int lock, struct node *ret,
              struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, NODE_UNFINISHED, path, ei);

    *ret = (struct node){.dir = dir, .lock = -1, .posix = {.dir = -1}};
    if (r == 0 && access(path, F_OK) == 0)
        r = err_set(ei, ERR_CONF, "the `init` of this node did not end: run it again");
    return r < 0 ? r : open_node(dir, mode, lock, ret, ei);
}

int
node_open(const char *dir, enum node_mode mode, struct node *ret, struct errinfo *ei)
{
    return open_finished(dir, mode, -1, ret, ei);
}

int
node_open_under(const char *dir, int lock, struct node *ret, struct errinfo *ei)
{
    return open_finished(dir, NODE_WRITE, lock, ret, ei);
}

void
node_close(struct node *n)
{
    n->engine = engine_close(n->engine);
    n->store = store_close(n->store);
    n->lookout = lookout_close(n->lookout);
    n->attrib = attrib_close(n->attrib);
    n->conf = conf_free(n->conf);
    skey_clear(&n->key);
    env_posix_close(&n->posix);
    if (n->lock >= 0)
        (void)close(n->lock);
    n->lock = -1;
}
