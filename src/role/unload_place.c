/* Which collection here takes those of another party, and how far it has come. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.h"
#include "model/text.h"
#include "role/folder.h"
#include "role/keep.h"
#include "role/node_priv.h"
#include "role/unload_priv.h"

#define FOLDER "exchange/carried"

enum { FILE_NAME = 96, FILE_MOST = 256 };

/* ---- how far: a file of two lines, their id and the place -------------------------------- */

static void
file_of(const char *into, char to[FILE_NAME])
{
    (void)snprintf(to, FILE_NAME, FOLDER "/%.*s", COLLECTION_ID, into);
}

static int
read_place(const char *dir, const char *into, const char *theirs, struct utime *ret,
           struct errinfo *ei)
{
    char file[FILE_NAME];
    AUTO_BUF(text, FILE_MOST + 4096);
    struct slice rest;
    struct slice line;
    int r;

    ret->us = -1;
    file_of(into, file);
    r = node_read_file(dir, file, FILE_MOST, &text, ei);
    rest = buf_get(&text);
    if (r == 0 && slice_line(&rest, &line) && slice_is(line, theirs) &&
        (!slice_line(&rest, &line) || time_parse(line, ret) < 0))
        ret->us = -1; /* a file that is damaged: what comes again is the same */
    return r == ERR_NOTFOUND ? 0 : r;
}

int
unload_place(const char *dir, const char *into, const char *theirs, struct utime *ret)
{
    struct errinfo ei = {0};

    return read_place(dir, into, theirs, ret, &ei);
}

static int
write_place(const struct landing *l, struct errinfo *ei)
{
    char path[NODE_PATH];
    char file[FILE_NAME];
    char at[TIME_TEXT];
    AUTO_BUF(text, FILE_MOST);
    int r = node_path(l->dir, "exchange", path, ei);

    if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
        r = err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    file_of(l->taking.collection.id, file);
    time_format(l->after, at);
    buf_printf(&text, "%s\n%.*s\n", l->theirs, TIME_TEXT, at);
    return r < 0 ? r : folder_put_secret(l->dir, file, buf_get(&text), ei);
}

int
landing_reach(struct landing *l, struct utime last, struct errinfo *ei)
{
    struct client_mark *m = &l->source.mark;
    const struct taking *t = &l->taking;

    if (last.us <= l->after.us)
        return 0;
    l->after = last;
    if (!l->pulled)
        return write_place(l, ei);
    if (last.us <= m->last.us)
        return 0; /* the pages of a pull that was cut off have come further */
    l->source.added += t->added - l->added;
    l->source.refused += t->refused - l->refused;
    l->added = t->added;
    l->refused = t->refused;
    m->after = m->last = last;
    m->next[0] = '\0';
    return source_put(l->dir, &l->source, ei);
}

/* ---- which: that of a source ------------------------------------------------------------- */

/* Its address ends in `/<id>/`.  One that takes some types alone is none. */
static bool
pulls(const struct source *s, const char *id)
{
    size_t len = strlen(s->url);
    size_t end = strlen(id) + 2;

    return s->types == 0 && len > end && s->url[len - 1] == '/' && s->url[len - end] == '/' &&
           strncmp(s->url + len - end + 1, id, end - 2) == 0;
}

static bool
is_of(const struct landing *l, struct slice from)
{
    return slice_is(from, l->taking.collection.party);
}

/* As it is now that nobody else pulls it. */
static int
hold_source(struct landing *l, const char *name, struct errinfo *ei)
{
    int r = source_hold(l->dir, name, &l->lock, ei);

    if (r == ERR_BUSY)
        return err_set(ei, r, "source %s is being pulled: import it again", name);
    if (r == 0)
        r = source_get(l->dir, name, &l->source, ei);
    l->pulled = r == 0;
    l->after = l->source.mark.after;
    return r;
}

/* 1: found; 0: none. */
static int
try_source(struct landing *l, const char *name, struct slice from, struct errinfo *ei)
{
    struct errinfo other = {0};
    int r;

    /* One that is broken, or whose collection is gone, is the pull's to tell. */
    if (source_get(l->dir, name, &l->source, &other) < 0 || !pulls(&l->source, l->theirs))
        return 0;
    r = taking_open(l->dir, l->source.into, &l->taking, &other);
    if (r == ERR_NOTFOUND)
        return 0;
    if (r < 0) {
        *ei = other;
        return r;
    }
    r = is_of(l, from) ? hold_source(l, name, ei) : 0;
    if (!l->pulled)
        taking_close(&l->taking);
    return r < 0 ? r : l->pulled;
}

static int
find_source(struct landing *l, struct slice from, struct errinfo *ei)
{
    char names[SOURCES_MOST][SOURCE_NAME];
    int count = sources_names(l->dir, names, ei);
    int r = count < 0 ? count : 0;

    for (int i = 0; r == 0 && i < count; i++)
        r = try_source(l, names[i], from, ei);
    return r;
}

/* ---- which: one of its own --------------------------------------------------------------- */

/* From both, so that no party can take what is another's, or one's own. */
static void
name_own(struct slice from, struct slice theirs, char ret[UUID_TEXT + 1])
{
    struct sha256 h;
    struct hash hash;

    sha256_init(&h);
    sha256_add(&h, "detente collection by bundle\n", 29);
    sha256_add(&h, from.ptr, from.len);
    sha256_add(&h, "\n", 1);
    sha256_add(&h, theirs.ptr, theirs.len);
    sha256_end(&h, &hash);
    uuid_random(hash.byte, ret);
}

struct counting {
    struct slice party;
    unsigned count;
};

static int
count_one(void *arg, const struct store_collection *c)
{
    struct counting *x = arg;

    x->count += slice_eq(c->party, x->party);
    return 0;
}

/* Whoever names ever new ones fills no node. */
static int
check_room(const char *dir, struct slice from, struct errinfo *ei)
{
    struct counting x = {.party = from};
    struct node n;
    int r = node_open(dir, NODE_READ, &n, ei);

    if (r < 0)
        return r;
    r = store_each_collection(n.store, count_one, &x);
    node_close(&n);
    if (r == 0 && x.count >= CARGO_COLLECTIONS)
        r = err_set(ei, ERR_LIMIT, "there are %u collections of %.*s here already", x.count,
                    (int)from.len, from.ptr);
    return r;
}

static void
put_line(struct buf *to, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_char(to, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
}

/* 0, ERR_CONF: such an alias is there. */
static int
make_named(struct keeper *k, const struct keep_ask *ask, struct errinfo *ei)
{
    struct keep_answer answer = {0};
    int r = keeper_do(k, ask, &answer, ei);

    if (r == 0 && answer.status < 0)
        *ei = answer.ei;
    return r < 0 ? r : answer.status;
}

static int
make_own(struct landing *l, struct slice from, const struct cargo_about *a, const char *id,
         struct errinfo *ei)
{
    struct keep_ask ask = {.what = KEEP_COLLECTION};
    struct keeper *k = NULL;
    int r = check_room(l->dir, from, ei);

    if (r == 0)
        r = keeper_open(l->dir, &k, ei);
    if (r < 0)
        return r;
    (void)snprintf(ask.name, sizeof ask.name, "%s", id);
    (void)snprintf(ask.payload, sizeof ask.payload, "%.*s", (int)from.len, from.ptr);
    r = ERR_CONF;
    for (unsigned i = 0; r == ERR_CONF && i < 2; i++) {
        AUTO_BUF(text, sizeof ask.text - 1);
        bool plain = i == 0 && from.len + 1 + a->alias.len <= PACT_NAME_MAX;

        if (plain)
            buf_printf(&text, "%.*s-%.*s\n", (int)from.len, from.ptr, (int)a->alias.len,
                       a->alias.ptr);
        else
            buf_printf(&text, "%.*s-c-%.8s\n", (int)from.len, from.ptr, id);
        put_line(&text, a->title);
        buf_char(&text, '\n');
        put_line(&text, a->description);
        buf_char(&text, '\0');
        r = buf_error(&text);
        if (r == 0) {
            memcpy(ask.text, text.ptr, text.len);
            r = make_named(k, &ask, ei);
        }
    }
    k = keeper_close(k);
    return r;
}

static int
find_own(struct landing *l, struct slice from, const struct cargo_about *a, struct errinfo *ei)
{
    char id[UUID_TEXT + 1];
    struct errinfo other = {0};
    int r;

    name_own(from, a->id, id);
    r = taking_open(l->dir, id, &l->taking, &other);
    if (r == ERR_NOTFOUND) {
        r = make_own(l, from, a, id, ei);
        if (r == 0)
            r = taking_open(l->dir, id, &l->taking, ei);
    } else if (r < 0)
        *ei = other;
    if (r < 0)
        return r;
    r = is_of(l, from) ? read_place(l->dir, id, l->theirs, &l->after, ei)
                       : err_set(ei, ERR_CONF, "collection %s is not of %.*s: remove it", id,
                                 (int)from.len, from.ptr);
    if (r < 0)
        taking_close(&l->taking);
    return r;
}

/* ------------------------------------------------------------------------------------------ */

int
landing_open(const char *dir, struct slice from, const struct cargo_about *a,
             struct landing *ret, struct errinfo *ei)
{
    int r;

    *ret = (struct landing){.dir = dir, .lock = -1, .after = {-1}};
    (void)snprintf(ret->theirs, sizeof ret->theirs, "%.*s", (int)a->id.len, a->id.ptr);
    r = find_source(ret, from, ei);
    if (r == 0)
        r = find_own(ret, from, a, ei);
    else if (r > 0)
        r = 0;
    if (r < 0 && ret->lock >= 0)
        (void)close(ret->lock);
    return r;
}

void
landing_close(struct landing *l)
{
    taking_close(&l->taking);
    if (l->lock >= 0)
        (void)close(l->lock);
}
