#include "role/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/text.h"
#include "role/engine.h"

enum { CONF_FILE_MAX = 1 << 20, KEY_FILE_MAX = 4096 };

static int
path_of(const char *dir, const char *name, char out[4096], struct errinfo *ei)
{
    if (snprintf(out, 4096, "%s/%s", dir, name) >= 4096)
        return err_set(ei, ERR_USAGE, "%s: the directory's name is too long", dir);
    err_file(ei, out);
    return 0;
}

/* A whole file of the node's, at most max bytes; ERR_NOTFOUND when there is none. */
static int
read_file(const char *dir, const char *name, size_t max, struct buf *ret, struct errinfo *ei)
{
    char path[4096];
    int r = path_of(dir, name, path, ei);
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

/* A new file, durable but for its name; nothing stays of one that cannot be written. */
static int
write_file(const char *dir, const char *name, struct slice bytes, struct errinfo *ei)
{
    char path[4096];
    int r = path_of(dir, name, path, ei);
    int fd;

    if (r < 0)
        return r;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    if (write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len || fsync(fd) < 0) {
        r = err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
        (void)unlink(path);
    }
    (void)close(fd);
    return r;
}

static int
make_folder(const char *dir, const char *name, struct errinfo *ei)
{
    char path[4096];
    int r = path_of(dir, name, path, ei);

    if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
        r = err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    return r;
}

static int
make_key(const char *dir, const struct node_init *how, const struct env *env,
         struct errinfo *ei)
{
    uint8_t seed[KEY_SEED];
    char host[256] = "localhost";
    char origin[512];
    struct skey key;
    AUTO_BUF(text, KEY_FILE_MAX);
    int r;

    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(origin, sizeof origin, "%s/detente/log", host);
    env->random(env->self, seed, sizeof seed);
    r = skey_make(slice_of(how->origin == NULL ? origin : how->origin), KEY_ED25519, seed,
                  &key);
    explicit_bzero(seed, sizeof seed);
    if (r < 0)
        return err_set(ei, ERR_USAGE,
                       "`%s` cannot be a log's origin: at most 256 bytes, no space, no `+`",
                       how->origin == NULL ? origin : how->origin);
    buf_skey(&text, &key);
    r = write_file(dir, "keys/log.key", buf_get(&text), ei);
    explicit_bzero(text.ptr, text.len);
    skey_clear(&key);
    return r;
}

static int
make_conf(const char *dir, const struct node_init *how, struct errinfo *ei)
{
    AUTO_BUF(text, 4096);

    buf_text(&text, "# detente.yaml(5) lists all keys; every one has a default.\n");
    if (how->party != NULL)
        buf_printf(&text, "party: %s\n", how->party);
    if (how->origin != NULL)
        buf_printf(&text, "origin: %s\n", how->origin);
    buf_text(&text, "# networks: [192.0.2.0/24]   # your own address space\n");
    return write_file(dir, "detente.yaml", buf_get(&text), ei);
}

/* Before anything is made. */
static int
check_names(const struct node_init *how, struct errinfo *ei)
{
    if (how->party != NULL && !text_is_party(slice_of(how->party)))
        return err_set(ei, ERR_USAGE,
                       "`%s` cannot be a party: 2 to 32 bytes of a-z, 0-9 and single hyphens, "
                       "a letter first",
                       how->party);
    if (how->origin != NULL && !text_is_origin(slice_of(how->origin)))
        return err_set(ei, ERR_USAGE,
                       "`%s` cannot be a log's origin: at most 256 bytes of ASCII with a "
                       "slash, no space, no `+`",
                       how->origin);
    return 0;
}

/* The files that an init makes, each once the one before is there. */
enum made { MADE_NOTHING, MADE_KEY, MADE_CONF, MADE_STORE, MADE_LOG };

/* Of an init that failed nothing stays, so that the next one can begin anew: nothing was
 * signed for anybody yet. */
static void
undo_init(const char *dir, enum made made, bool conf_kept)
{
    static const struct {
        enum made from;
        const char *name;
    } files[] = {{MADE_KEY, "keys/log.key"},     {MADE_CONF, "detente.yaml"},
                 {MADE_STORE, "detente.db"},     {MADE_STORE, "detente.db-wal"},
                 {MADE_STORE, "detente.db-shm"}, {MADE_LOG, "mark"},
                 {MADE_LOG, "mark.new"}};
    char path[4096];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].from <= made && !(conf_kept && files[i].from == MADE_CONF) &&
            path_of(dir, files[i].name, path, NULL) == 0)
            (void)unlink(path);
    }
}

/* Key, configuration, store and log in folders that are there. */
static int
make_node(const char *dir, const struct node_init *how, enum made *made, struct errinfo *ei)
{
    struct node n;
    struct stat st;
    char path[4096];
    int fd;
    int r = env_posix_open(&n.posix, dir, &n.env, ei);

    if (r != 0)
        return r;
    r = make_key(dir, how, &n.env, ei);
    if (r == 0) {
        *made = MADE_KEY;
        fd = n.env.open(n.env.self, "keys", ENV_DIR); /* the key's name is durable too */
        r = fd < 0 ? fd : n.env.sync(n.env.self, fd);
        if (fd >= 0)
            n.env.close(n.env.self, fd);
        if (r < 0)
            (void)err_set(ei, r, "its folder cannot be written: %s", err_text(r));
    }
    env_posix_close(&n.posix);
    if (r == 0)
        r = path_of(dir, "detente.yaml", path, ei);
    if (r == 0 && stat(path, &st) < 0)
        r = make_conf(dir, how, ei);
    if (r < 0)
        return r;
    *made = MADE_STORE;
    r = store_open(dir, STORE_CREATE, &n.store, ei);
    if (r < 0)
        return r;
    (void)store_close(n.store);
    r = node_open(dir, NODE_WRITE, &n, ei);
    if (r < 0)
        return r;
    *made = MADE_LOG;
    r = engine_start_log(n.engine, how->test, ei);
    node_close(&n);
    return r;
}

int
node_init(const char *dir, const struct node_init *how, struct errinfo *ei)
{
    static const char *const folders[] = {"", "keys", "evidence", "tables"};
    enum made made = MADE_NOTHING;
    char path[4096];
    struct stat st;
    bool conf_kept;
    int r = check_names(how, ei);

    if (r == 0)
        r = path_of(dir, "detente.db", path, ei);
    if (r == 0 && stat(path, &st) == 0)
        r = err_set(ei, ERR_CONF, "a node is here already");
    for (size_t i = 0; r == 0 && i < sizeof folders / sizeof folders[0]; i++)
        r = make_folder(dir, folders[i], ei);
    if (r == 0)
        r = key_init();
    if (r == 0)
        r = path_of(dir, "detente.yaml", path, ei);
    if (r < 0)
        return r;
    conf_kept = stat(path, &st) == 0;
    r = make_node(dir, how, &made, ei);
    if (r < 0)
        undo_init(dir, made, conf_kept);
    return r;
}

static int
take_lock(struct node *n, struct errinfo *ei)
{
    char path[4096];
    int r = path_of(n->dir, "lock", path, ei);

    if (r < 0)
        return r;
    n->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (n->lock < 0)
        return err_set(ei, err_own(errno), "cannot be opened: %s", strerror(errno));
    if (flock(n->lock, LOCK_EX | LOCK_NB) < 0)
        return err_set(ei, ERR_BUSY, "another process writes to this node");
    return 0;
}

static int
read_conf(struct node *n, struct errinfo *ei)
{
    AUTO_BUF(text, CONF_FILE_MAX + 8192);
    int r;

    r = read_file(n->dir, "detente.yaml", CONF_FILE_MAX, &text, ei);
    if (r == ERR_NOTFOUND)
        return conf_default(&n->conf);
    return r < 0 ? r : conf_parse(buf_get(&text), &n->conf, ei);
}

static int
read_key(struct node *n, enum node_mode mode, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)KEY_FILE_MAX * 4);
    int r;

    r = read_file(n->dir, "keys/log.key", KEY_FILE_MAX, &text, ei);
    if (r == 0 && skey_parse(buf_get(&text), &n->key) < 0)
        r = err_set(ei, ERR_CONF, "is no key file");
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.len);
    if (r < 0)
        return r == ERR_NOTFOUND ? err_set(ei, ERR_CONF, "the log's key is missing") : r;
    n->vkey = n->key.vkey;
    if (mode == NODE_READ)
        skey_clear(&n->key);
    return 0;
}

int
node_reload_tables(struct node *n, struct errinfo *ei)
{
    struct attrib *a = NULL;
    char path[4096];
    struct stat st;
    AUTO_BUF(json, 1 << 16);
    struct hash id;
    int r = path_of(n->dir, "tables/tables.bin", path, ei);

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

int
node_open(const char *dir, enum node_mode mode, struct node *ret, struct errinfo *ei)
{
    struct node n = {.dir = dir, .lock = -1, .posix = {.dir = -1}};
    int r = key_init();

    *ei = (struct errinfo){0};
    if (r == 0)
        r = store_open(dir, mode == NODE_WRITE ? STORE_WRITE : STORE_READ, &n.store, ei);
    if (r == 0)
        r = env_posix_open(&n.posix, dir, &n.env, ei);
    if (r == 0 && mode == NODE_WRITE)
        r = take_lock(&n, ei);
    if (r == 0)
        r = read_conf(&n, ei);
    if (r == 0)
        r = read_key(&n, mode, ei);
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

void
node_close(struct node *n)
{
    n->engine = engine_close(n->engine);
    n->store = store_close(n->store);
    n->attrib = attrib_close(n->attrib);
    n->conf = conf_free(n->conf);
    skey_clear(&n->key);
    env_posix_close(&n->posix);
    if (n->lock >= 0)
        (void)close(n->lock);
    n->lock = -1;
}
