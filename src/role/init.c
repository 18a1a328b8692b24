/* Making a node, in steps that a kill may end after any of them.
 *
 * DIR/init.unfinished is the first file and the last to go.  While it is there nobody has seen
 * the key and the node opens for nobody, so the next init takes away what the one before made
 * and begins anew.  It holds the configuration that init writes: a detente.yaml that differs is
 * a person's, and stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/text.h"
#include "role/engine.h"
#include "role/node_priv.h"

enum { KEY_FILE_MAX = 4096, CONF_MADE_MAX = 4096 };

/* A new file, durable but for its name; nothing stays of one that cannot be written. */
static int
write_file(const char *dir, const char *name, struct slice bytes, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, name, path, ei);
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
    char path[NODE_PATH];
    int r = node_path(dir, name, path, ei);

    struct stat st;

    if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
        r = err_set(ei, errno == ENOENT || errno == ENOTDIR ? ERR_CONF : err_own(errno),
                    "cannot be made: %s", strerror(errno));
    if (r == 0 && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
        r = err_set(ei, ERR_CONF, "is there, and no directory");
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
    r = buf_error(&text) < 0 ? err_set(ei, buf_error(&text), "%s", err_text(buf_error(&text)))
                             : write_file(dir, "keys/log.key", buf_get(&text), ei);
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.len);
    skey_clear(&key);
    return r;
}

static void
put_conf(const struct node_init *how, struct buf *to)
{
    buf_text(to, "# detente.yaml(5) lists all keys; every one has a default.\n");
    if (how->party != NULL)
        buf_printf(to, "party: %s\n", how->party);
    if (how->origin != NULL)
        buf_printf(to, "origin: %s\n", how->origin);
    buf_text(to, "# networks: [192.0.2.0/24]   # your own address space\n");
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

static bool
stands(const char *dir, const char *name)
{
    char path[NODE_PATH];

    return node_path(dir, name, path, NULL) == 0 && access(path, F_OK) == 0;
}

static void
drop(const char *dir, const char *name)
{
    char path[NODE_PATH];

    if (node_path(dir, name, path, NULL) == 0)
        (void)unlink(path);
}

/* So that names in it are durable too. */
static int
sync_folder(const char *dir, const char *name, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, name, path, ei);
    int fd = r < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (r == 0 && (fd < 0 || fsync(fd) < 0))
        r = err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* Take away what an init made, or began to: conf is what it wrote as detente.yaml. */
static void
take_back(const char *dir, struct slice conf)
{
    static const char *const files[] = {"keys/log.key",   "detente.db", "detente.db-wal",
                                        "detente.db-shm", "mark",       "mark.new"};
    AUTO_BUF(there, (size_t)CONF_MADE_MAX * 4);

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        drop(dir, files[i]);
    if (node_read_file(dir, "detente.yaml", CONF_MADE_MAX, &there, NULL) == 0 &&
        there.len <= conf.len &&
        slice_eq(buf_get(&there), slice_sub(conf, 0, there.len))) /* a part of it: killed */
        drop(dir, "detente.yaml");
}

static int
check_free(const char *dir, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, "detente.db", path, ei);

    if (r == 0 && access(path, F_OK) == 0)
        return err_set(ei, ERR_CONF, "a node is here already");
    if (r == 0)
        r = node_path(dir, "keys/log.key", path, ei);
    if (r == 0 && access(path, F_OK) == 0)
        return err_set(ei, ERR_CONF,
                       "a log's key is here without its database: put the database back, or "
                       "remove the key if nobody was ever given its verifier key");
    return r;
}

static const char before[] = "# An init did not end here: run it again.\n";
static const char behind[] = "# end\n";

/* What the marker of an earlier init says that it wrote as configuration; false when that one
 * came to nothing: without the marker's last line nothing else was begun. */
static bool
read_marker(const char *dir, struct buf *text, struct slice *ret)
{
    size_t rest;

    if (node_read_file(dir, NODE_UNFINISHED, CONF_MADE_MAX, text, NULL) < 0 ||
        text->len < sizeof before + sizeof behind - 2)
        return false;
    rest = text->len - (sizeof behind - 1);
    *ret = slice_sub(buf_get(text), sizeof before - 1, rest);
    return slice_is(slice_sub(buf_get(text), rest, text->len), behind);
}

static int
write_marker(const char *dir, int fd, struct slice conf, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)CONF_MADE_MAX * 2);

    buf_text(&text, before);
    buf_slice(&text, conf);
    buf_text(&text, behind);
    if (buf_error(&text) < 0)
        return buf_error(&text);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text.ptr, text.len, 0) != (ssize_t)text.len ||
        fsync(fd) < 0)
        return err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    return sync_folder(dir, "", ei);
}

/* The marker, held: nothing is here, or what an earlier init left was taken back. */
static int
begin(const char *dir, struct slice conf, int *ret, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)CONF_MADE_MAX * 4);
    char path[NODE_PATH];
    struct slice was;
    struct stat st;
    int r = stands(dir, NODE_UNFINISHED) ? 0 : check_free(dir, ei);
    int fd;

    if (r == 0)
        r = node_path(dir, NODE_UNFINISHED, path, ei);
    if (r < 0)
        return r;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0 || st.st_nlink == 0) {
        (void)close(fd);
        return err_set(ei, ERR_BUSY, "another init is at work here");
    }
    if (read_marker(dir, &text, &was)) {
        take_back(dir, was);
    } else {
        r = check_free(dir, ei); /* another one ended between the first look and the lock */
        if (r < 0)
            drop(dir, NODE_UNFINISHED);
    }
    if (r == 0)
        r = write_marker(dir, fd, conf, ei);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    *ret = fd;
    return 0;
}

/* Key, configuration, store and log in folders that are there. */
static int
make_node(const char *dir, const struct node_init *how, struct slice conf, struct errinfo *ei)
{
    struct node n;
    int r = env_posix_open(&n.posix, dir, &n.env, ei);

    if (r != 0)
        return r;
    r = make_key(dir, how, &n.env, ei);
    env_posix_close(&n.posix);
    if (r == 0)
        r = sync_folder(dir, "keys", ei);
    if (r == 0 && !stands(dir, "detente.yaml"))
        r = write_file(dir, "detente.yaml", conf, ei);
    if (r == 0)
        r = store_open(dir, STORE_CREATE, &n.store, ei);
    if (r < 0)
        return r;
    (void)store_close(n.store);
    r = node_open_any(dir, NODE_WRITE, &n, ei);
    if (r < 0)
        return r;
    r = engine_start_log(n.engine, how->test, ei);
    node_close(&n);
    return r;
}

int
node_init(const char *dir, const struct node_init *how, struct errinfo *ei)
{
    static const char *const folders[] = {"keys", "evidence", "tables"};
    AUTO_BUF(conf, CONF_MADE_MAX);
    int marker = -1;
    int r = check_names(how, ei);

    if (r == 0)
        r = key_init();
    if (r == 0)
        r = make_folder(dir, "", ei);
    put_conf(how, &conf);
    if (r == 0 && buf_error(&conf) < 0)
        r = err_set(ei, buf_error(&conf), "%s", err_text(buf_error(&conf)));
    if (r == 0)
        r = begin(dir, buf_get(&conf), &marker, ei);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < sizeof folders / sizeof folders[0]; i++)
        r = make_folder(dir, folders[i], ei);
    if (r == 0)
        r = make_node(dir, how, buf_get(&conf), ei);
    if (r < 0)
        take_back(dir, buf_get(&conf));
    drop(dir, NODE_UNFINISHED);
    if (r == 0 && stands(dir, NODE_UNFINISHED))
        r = err_set(ei, ERR_IO, NODE_UNFINISHED " cannot be removed");
    if (r == 0)
        r = sync_folder(dir, "", ei);
    (void)close(marker);
    return r;
}
