#include "role/source_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "role/folder.h"
#include "role/node_priv.h"

#define FOLDER "exchange/sources"

enum { FILE_NAME = 96, FILE_MOST = 1 << 16, HOLD_TRIES = 100, HOLD_NS = 100000000 };

static const char *const auths[] = {"", "basic", "bearer"};

bool
source_is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < SOURCE_NAME && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int
file_of(const char *name, const char *ending, char to[FILE_NAME], struct errinfo *ei)
{
    if (!source_is_name(name))
        return err_set(ei, ERR_USAGE,
                       "`%.40s` is no name of a source: at most %d of a-z, 0-9 and `-`, a "
                       "letter first",
                       name, SOURCE_NAME - 1);
    (void)snprintf(to, FILE_NAME, FOLDER "/%s.%s", name, ending);
    return 0;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void
put_text(struct buf *to, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_printf(to, ",\n  \"%s\": ", name);
    buf_json(to, slice_of(text));
}

static void
put_time(struct buf *to, const char *name, struct utime t, int64_t none)
{
    char text[TIME_TEXT];

    if (t.us <= none)
        return;
    time_format(t, text);
    buf_printf(to, ",\n  \"%s\": \"%.*s\"", name, TIME_TEXT, text);
}

static void
put_settings(struct buf *to, const struct source *s)
{
    buf_text(to, "{\n  \"url\": ");
    buf_json(to, slice_of(s->url));
    put_text(to, "title", s->title);
    put_text(to, "into", s->into);
    if (s->sightings[0] != '\0')
        put_text(to, "sightings", s->sightings);
    put_text(to, "auth", auths[s->auth]);
    put_text(to, "user", s->user);
    if (s->ca)
        buf_text(to, ",\n  \"ca\": true");
    if (s->pem)
        buf_text(to, ",\n  \"certificate\": true");
    put_text(to, "counterpart", s->party);
    put_text(to, "endpoint", s->endpoint);
    if (s->every_s > 0)
        buf_printf(to, ",\n  \"every_s\": %u", s->every_s);
    for (unsigned i = 0; i < s->types; i++) {
        buf_text(to, i == 0 ? ",\n  \"types\": [" : ", ");
        buf_json(to, slice_of(s->type[i]));
    }
    if (s->types > 0)
        buf_char(to, ']');
}

static void
put_state(struct buf *to, const struct source *s)
{
    put_time(to, "after", s->mark.after, -1);
    put_time(to, "last", s->mark.last, -1);
    put_text(to, "next", s->mark.next);
    buf_printf(to, ",\n  \"added\": %llu,\n  \"refused\": %llu", (unsigned long long)s->added,
               (unsigned long long)s->refused);
    put_time(to, "tried", s->tried, 0);
    put_time(to, "succeeded", s->succeeded, 0);
    put_time(to, "fault_since", s->fault_since, 0);
    put_time(to, "not_before", s->not_before, 0);
    put_text(to, "fault", s->fault);
    put_time(to, "begun", s->begun, 0);
    if (s->failures > 0)
        buf_printf(to, ",\n  \"failures\": %u", s->failures);
    if (s->more)
        buf_text(to, ",\n  \"more\": true");
    buf_text(to, "\n}\n");
}

static int
make_folder(const char *dir, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, "exchange", path, ei);

    if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
        r = err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    return r;
}

int
source_put(const char *dir, const struct source *s, struct errinfo *ei)
{
    char file[FILE_NAME];
    AUTO_BUF(text, FILE_MOST);
    int r = file_of(s->name, "json", file, ei);

    put_settings(&text, s);
    put_state(&text, s);
    if (r == 0 && buf_error(&text) < 0)
        r = err_set(ei, buf_error(&text), "%s", err_text(buf_error(&text)));
    if (r == 0)
        r = make_folder(dir, ei);
    return r < 0 ? r : folder_put_secret(dir, file, buf_get(&text), ei);
}

static int
put_or_drop(const char *dir, const char *file, struct slice bytes, struct errinfo *ei)
{
    int r =
        bytes.len > 0 ? folder_put_secret(dir, file, bytes, ei) : folder_drop(dir, file, ei);

    return r == ERR_NOTFOUND ? 0 : r;
}

int
source_put_secrets(const char *dir, const char *name, const struct source_secrets *given,
                   struct errinfo *ei)
{
    const struct {
        const char *ending;
        const struct slice *bytes;
    } all[] = {{"secret", given->secret}, {"ca", given->ca}, {"pem", given->pem}};
    char file[FILE_NAME];
    int r = make_folder(dir, ei);

    for (unsigned i = 0; r == 0 && i < sizeof all / sizeof *all; i++) {
        if (all[i].bytes == NULL)
            continue;
        r = file_of(name, all[i].ending, file, ei);
        if (r == 0)
            r = put_or_drop(dir, file, *all[i].bytes, ei);
    }
    return r;
}

int
source_hold_now(const char *dir, const char *name, int *ret, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = source_path(dir, name, "lock", path, ei);

    if (r < 0)
        return r;
    *ret = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*ret < 0)
        return err_set(ei, err_own(errno), "cannot be opened: %s", strerror(errno));
    if (flock(*ret, LOCK_EX | LOCK_NB) == 0)
        return 0;
    (void)close(*ret);
    *ret = -1;
    return err_set(ei, ERR_BUSY, "it is being pulled already");
}

int
source_hold(const char *dir, const char *name, int *ret, struct errinfo *ei)
{
    int r = source_hold_now(dir, name, ret, ei);

    for (unsigned i = 0; r == ERR_BUSY && i < HOLD_TRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = HOLD_NS}, NULL);
        r = source_hold_now(dir, name, ret, ei);
    }
    return r;
}

static int
drop_files(const char *dir, const char *name, struct errinfo *ei)
{
    static const char *const endings[] = {"json", "secret", "ca", "pem", "lock"};
    char file[FILE_NAME];
    int r = 0;

    for (unsigned i = 0; r == 0 && i < sizeof endings / sizeof *endings; i++) {
        r = file_of(name, endings[i], file, ei);
        if (r == 0)
            r = folder_drop(dir, file, ei);
        r = r == ERR_NOTFOUND ? 0 : r;
    }
    return r;
}

int
source_drop(const char *dir, const char *name, struct errinfo *ei)
{
    struct source s;
    int lock = -1;
    int r = source_get(dir, name, &s, ei);

    if (r < 0 && r != ERR_CONF && r != ERR_INVALID) /* one that is broken goes too */
        return r;
    r = source_hold_now(dir, name, &lock, ei);
    if (r < 0)
        return r;
    r = drop_files(dir, name, ei);
    (void)close(lock);
    return r;
}

/* ---- reading ----------------------------------------------------------------------------- */

static bool
take_text(const struct dom *d, const char *name, char *to, size_t room)
{
    struct slice s = dom_text(dom_get(d, slice_of(name)));

    if (s.len >= room || memchr(s.ptr, '\0', s.len) != NULL)
        return false;
    (void)snprintf(to, room, "%.*s", (int)s.len, s.ptr);
    return true;
}

static bool
take_time(const struct dom *d, const char *name, struct utime *to)
{
    struct slice s = dom_text(dom_get(d, slice_of(name)));

    return s.len == 0 || time_parse(s, to) == 0;
}

static bool
take_number(const struct dom *d, const char *name, uint64_t *to)
{
    const struct dom *n = dom_get(d, slice_of(name));
    uint64_t sum = 0;

    for (size_t i = 0; n != NULL && i < n->text.len; i++) {
        if (n->text.ptr[i] < '0' || n->text.ptr[i] > '9' || sum > UINT64_MAX / 10 - 1)
            return false;
        sum = sum * 10 + (uint64_t)(n->text.ptr[i] - '0');
    }
    *to = sum;
    return true;
}

static bool
take_small(const struct dom *d, const char *name, uint64_t most, uint32_t *to)
{
    uint64_t n;

    if (!take_number(d, name, &n) || n > most)
        return false;
    *to = (uint32_t)n;
    return true;
}

static bool
take_settings(const struct dom *d, struct source *s)
{
    const struct dom *ca = dom_get(d, SLICE("ca"));
    const struct dom *pem = dom_get(d, SLICE("certificate"));
    const struct dom *types = dom_get(d, SLICE("types"));
    struct slice auth = dom_text(dom_get(d, SLICE("auth")));
    struct taxii_link l;

    s->ca = ca != NULL && ca->kind == DOM_TRUE;
    s->pem = pem != NULL && pem->kind == DOM_TRUE;
    s->auth = slice_is(auth, "basic")    ? SOURCE_BASIC
              : slice_is(auth, "bearer") ? SOURCE_BEARER
                                         : SOURCE_NOBODY;
    for (const struct dom *t = types == NULL ? NULL : types->first; t != NULL; t = t->next) {
        if (s->types == SOURCE_TYPES || dom_text(t).len == 0 || dom_text(t).len >= SOURCE_TYPE)
            return false;
        (void)snprintf(s->type[s->types++], SOURCE_TYPE, "%.*s", (int)t->text.len, t->text.ptr);
    }
    return take_text(d, "url", s->url, sizeof s->url) &&
           link_read(slice_of(s->url), &l, NULL) == 0 &&
           take_text(d, "title", s->title, sizeof s->title) &&
           take_text(d, "into", s->into, sizeof s->into) &&
           take_text(d, "sightings", s->sightings, sizeof s->sightings) &&
           take_text(d, "user", s->user, sizeof s->user) &&
           take_text(d, "counterpart", s->party, sizeof s->party) &&
           take_text(d, "endpoint", s->endpoint, sizeof s->endpoint) &&
           take_small(d, "every_s", SOURCE_EVERY, &s->every_s) && s->into[0] != '\0';
}

static bool
take_state(const struct dom *d, struct source *s)
{
    const struct dom *more = dom_get(d, SLICE("more"));

    s->more = more != NULL && more->kind == DOM_TRUE;
    return take_time(d, "after", &s->mark.after) && take_time(d, "last", &s->mark.last) &&
           take_text(d, "next", s->mark.next, sizeof s->mark.next) &&
           take_number(d, "added", &s->added) && take_number(d, "refused", &s->refused) &&
           take_time(d, "tried", &s->tried) && take_time(d, "succeeded", &s->succeeded) &&
           take_time(d, "fault_since", &s->fault_since) &&
           take_time(d, "not_before", &s->not_before) && take_time(d, "begun", &s->begun) &&
           take_small(d, "failures", UINT32_MAX / 2, &s->failures) &&
           take_text(d, "fault", s->fault, sizeof s->fault);
}

int
source_get(const char *dir, const char *name, struct source *ret, struct errinfo *ei)
{
    const struct dom *d = NULL;
    char file[FILE_NAME];
    char own[SOURCE_NAME];
    AUTO_BUF(text, FILE_MOST + 4096);
    AUTO_ARENA(arena);
    int r = file_of(name, "json", file, ei);

    if (r == 0)
        r = node_read_file(dir, file, FILE_MOST, &text, ei);
    if (r == ERR_NOTFOUND)
        return err_set(ei, r, "there is no source `%s`: `detente exchange source list`", name);
    (void)snprintf(own, sizeof own, "%s", name); /* it may stand in *ret */
    *ret = (struct source){.auth = SOURCE_NOBODY};
    client_mark_init(&ret->mark);
    memcpy(ret->name, own, sizeof own);
    if (r == 0)
        r = arena_init(&arena, text.len * DOM_ROOM + DOM_LEAST);
    if (r == 0)
        r = dom_read(text.ptr, text.len, &arena, &d, ei);
    if (r == 0 && (!take_settings(d, ret) || !take_state(d, ret)))
        r = err_set(ei, ERR_CONF, "is not what `detente exchange source add` writes");
    return r;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
sources_names(const char *dir, char ret[SOURCES_MOST][SOURCE_NAME], struct errinfo *ei)
{
    static const char behind[] = ".json";
    char path[NODE_PATH];
    const struct dirent *e;
    DIR *d;
    int count = 0;
    int r = node_path(dir, FOLDER, path, ei);

    if (r < 0)
        return r;
    d = opendir(path);
    if (d == NULL)
        return errno == ENOENT
                   ? 0
                   : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    while (count < SOURCES_MOST && (e = readdir(d)) != NULL) {
        size_t len = strlen(e->d_name);
        size_t end = sizeof behind - 1;

        if (len <= end || len - end >= SOURCE_NAME ||
            strcmp(e->d_name + len - end, behind) != 0)
            continue;
        (void)snprintf(ret[count], SOURCE_NAME, "%.*s", (int)(len - end), e->d_name);
        count += source_is_name(ret[count]);
    }
    (void)closedir(d);
    qsort(ret, (size_t)count, SOURCE_NAME, by_name);
    return count;
}
