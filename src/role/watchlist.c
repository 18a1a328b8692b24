#include "role/watchlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indicator/pack.h"
#include "role/folder.h"
#include "role/lookout.h"
#include "role/node_priv.h"
#include "store/objects.h"
#include "store/people.h"

#define FOLDER "indicators"
#define NUMBER "watchlist" /* of the store */

enum { BUNDLE_MOST = 1 << 28, TREE_MOST = 1 << 30 };

int
watchlist_number(struct store *s, uint64_t *ret)
{
    AUTO_BUF(text, 32);
    int r = store_get_meta(s, NUMBER, &text);

    *ret = 0;
    if (r == ERR_NOTFOUND)
        return 0;
    buf_char(&text, '\0');
    if (r == 0 && buf_error(&text) == 0)
        *ret = strtoull(text.ptr, NULL, 10);
    return r;
}

int
watchlist_changed(struct store *s)
{
    uint64_t number = 0;
    char text[24];
    int r = watchlist_number(s, &number);
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)number + 1);

    return r < 0 ? r : store_put_meta(s, NUMBER, (struct slice){text, (size_t)n});
}

/* ---- reading ----------------------------------------------------------------------------- */

struct reading {
    const char *dir;
    struct store *store;
    struct indicators_build *build;
    struct errinfo *ei;
    uint64_t number;
    bool any;
};

static int
read_text(struct reading *x, char *text, size_t len, struct arena *arena, struct errinfo *ei)
{
    struct indicators_counts counts = {0};
    const struct dom *d = NULL;
    int r = dom_read(text, len, arena, &d, ei);

    return r < 0 ? r : indicators_read(x->build, d, &counts, NULL, NULL);
}

static int
read_bundle(struct reading *x, const char *name)
{
    char path[NODE_PATH];
    AUTO_BUF(text, BUNDLE_MOST);
    AUTO_ARENA(arena);
    int r;

    if (snprintf(path, sizeof path, FOLDER "/%s", name) >= (int)sizeof path)
        return err_set(x->ei, ERR_LIMIT, "%s: the name is too long", name);
    r = node_read_file(x->dir, path, BUNDLE_MOST, &text, x->ei);
    if (r == 0)
        r = arena_init(&arena, text.len < TREE_MOST / DOM_ROOM ? DOM_ROOM * text.len + DOM_LEAST
                                                               : TREE_MOST);
    if (r == 0)
        r = read_text(x, text.ptr, text.len, &arena, x->ei);
    return r < 0 && x->ei->text[0] == '\0' ? err_set(x->ei, r, "%s", err_text(r)) : r;
}

static int
is_bundle(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int
read_folder(struct reading *x)
{
    struct dirent **list = NULL;
    char path[NODE_PATH];
    int r = node_path(x->dir, FOLDER, path, x->ei);
    int n = r < 0 ? 0 : scandir(path, &list, is_bundle, alphasort);

    if (n < 0)
        return errno == ENOENT
                   ? 0
                   : err_set(x->ei, err_own(errno), "cannot be read: %s", strerror(errno));
    x->any = r == 0;
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = read_bundle(x, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return r;
}

/* What stands in a collection was looked at when it came: what is no indicator costs itself. */
static int
read_object(void *arg, const struct store_object *o)
{
    struct reading *x = arg;
    struct errinfo none = {0};
    char *copy = malloc(o->body.len + 1);
    AUTO_ARENA(arena);
    int r = copy == NULL ? ERR_NOMEM : arena_init(&arena, DOM_ROOM * o->body.len + DOM_LEAST);

    if (r == 0) {
        memcpy(copy, o->body.ptr, o->body.len);
        r = read_text(x, copy, o->body.len, &arena, &none);
    }
    free(copy);
    return r == ERR_INVALID ? 0 : r;
}

struct followed {
    int64_t number;
    char party[PERSON_NAME]; /* "" this node's own */
};

static int
gather_followed(void *arg, const struct store_collection *c)
{
    struct buf *list = arg;
    struct followed f = {.number = c->number};

    (void)snprintf(f.party, sizeof f.party, "%.*s", (int)c->party.len, c->party.ptr);
    if (c->followed)
        buf_add(list, &f, sizeof f);
    return buf_error(list);
}

static struct followed
followed_at(const struct buf *list, size_t i)
{
    struct followed f;

    memcpy(&f, list->ptr + i * sizeof f, sizeof f);
    return f;
}

/* Each party is an authority of its own: the number of the first of its collections. */
static uint32_t
authority_of(const struct buf *list, size_t i)
{
    struct followed f = followed_at(list, i);

    for (size_t k = 0; k < i && f.party[0] != '\0'; k++) {
        struct followed other = followed_at(list, k);

        if (strcmp(other.party, f.party) == 0)
            return (uint32_t)k + 1;
    }
    return f.party[0] == '\0' ? 0 : (uint32_t)i + 1;
}

/* Those of this node, or those of others. */
static int
read_collections(struct reading *x, const struct buf *list, bool own)
{
    struct object_query *q = calloc(1, sizeof *q);
    int r = q == NULL ? ERR_NOMEM : 0;

    for (size_t i = 0; r == 0 && i < list->len / sizeof(struct followed); i++) {
        struct followed f = followed_at(list, i);

        if ((f.party[0] == '\0') != own)
            continue;
        *q = (struct object_query){.collection = f.number,
                                   .after = {-1},
                                   .type = {.at = {SLICE("indicator")}, .count = 1},
                                   .last = true,
                                   .bodies = true};
        x->any = true;
        indicators_from(x->build, authority_of(list, i));
        r = store_each_object(x->store, q, read_object, x);
    }
    free(q);
    return r < 0 ? err_set(x->ei, r, "the store: %s", err_text(r)) : 0;
}

/* This node's own first, as indicators_from() wants it. */
static int
read_store(struct reading *x)
{
    AUTO_BUF(list, COLLECTIONS_MAX * sizeof(struct followed));
    int r = watchlist_number(x->store, &x->number);

    if (r == 0)
        r = store_each_collection(x->store, gather_followed, &list);
    if (r < 0)
        return err_set(x->ei, r, "the store: %s", err_text(r));
    r = read_collections(x, &list, true);
    if (r == 0) {
        indicators_from(x->build, 0);
        r = read_folder(x);
    }
    return r == 0 ? read_collections(x, &list, false) : r;
}

/* The number before what it is of: what changes meanwhile is read again. */
static int
read_all(struct reading *x)
{
    struct node n;
    char path[NODE_PATH];
    int r = node_path(x->dir, "detente.db", path, x->ei);
    bool has_store = r == 0 && access(path, F_OK) == 0;

    if (r == 0 && has_store)
        r = node_open(x->dir, NODE_READ, &n, x->ei);
    if (r == 0 && has_store) {
        x->store = n.store;
        r = read_store(x);
        node_close(&n);
    } else if (r == 0) {
        r = read_folder(x);
    }
    if (r == 0 && !x->any)
        r = err_set(x->ei, ERR_NOTFOUND,
                    "no indicators were taken in yet: see `detente indicator import` and "
                    "`detente indicator follow`");
    return r;
}

int
watchlist_read(const char *dir, struct indicators **ret, struct errinfo *ei)
{
    struct reading x = {.dir = dir, .ei = ei};
    uint64_t secret = 0;
    int r;

    *ret = NULL;
    BUG_ON(getentropy(&secret, sizeof secret) < 0);
    r = indicators_build_new(secret, &x.build);
    if (r == 0)
        r = read_all(&x);
    if (r == 0)
        r = indicators_freeze(x.build, ret);
    if (r == 0)
        indicators_set_number(*ret, x.number);
    (void)indicators_build_free(x.build);
    return r < 0 && ei->text[0] == '\0' ? err_set(ei, r, "%s", err_text(r)) : r;
}

int
watchlist_is_behind(const char *dir, bool *ret, struct errinfo *ei)
{
    struct node n;
    char path[NODE_PATH];
    uint64_t have = 0;
    uint64_t want = 0;
    int r = node_open(dir, NODE_READ, &n, ei);

    *ret = false;
    if (r < 0)
        return r;
    r = watchlist_number(n.store, &want);
    node_close(&n);
    if (r == 0)
        r = node_path(dir, LOOKOUT_FILE, path, ei);
    if (r == 0)
        (void)!indicators_peek(path, &have); /* none, or none of ours: 0 */
    *ret = r == 0 && have != want;
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
}

/* ---- the file ---------------------------------------------------------------------------- */

static int
lock_folder(const char *dir, int *ret, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, FOLDER, path, ei);

    *ret = -1;
    if (r == 0 && access(path, F_OK) < 0) { /* made only where something will be in it */
        struct indicators *x = NULL;

        r = watchlist_read(dir, &x, ei);
        (void)indicators_free(x);
    }
    if (r < 0)
        return r;
    err_file(ei, path);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    *ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0 || flock(*ret, LOCK_EX) < 0)
        return err_set(ei, err_own(errno), "cannot be locked: %s", strerror(errno));
    return 0;
}

static int
put(const char *dir, const struct indicators *x, struct errinfo *ei)
{
    char *bytes = NULL;
    size_t len = 0;
    int r = indicators_pack(x, &bytes, &len);

    r = r < 0 ? err_set(ei, r, "%s", err_text(r))
              : folder_put_secret(dir, LOOKOUT_FILE, (struct slice){bytes, len}, ei);
    free(bytes);
    return r;
}

int
watchlist_compile(const char *dir, uint32_t *ret_sought, struct errinfo *ei)
{
    struct indicators *x = NULL;
    int fd;
    int r = lock_folder(dir, &fd, ei);

    *ret_sought = 0;
    if (r == 0)
        r = watchlist_read(dir, &x, ei);
    if (r == 0 && indicators_count(x) > 0) {
        r = put(dir, x, ei);
        *ret_sought = r == 0 ? indicators_sought(x) : 0;
    } else if (r == 0) {
        r = folder_drop(dir, LOOKOUT_FILE, ei);
        r = r == ERR_NOTFOUND ? 0 : r;
    }
    (void)indicators_free(x);
    if (fd >= 0)
        (void)close(fd);
    return r;
}
