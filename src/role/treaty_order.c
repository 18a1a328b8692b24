#include "role/treaty_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "role/control.h"
#include "role/node_keys.h"
#include "wire/utf8.h"

enum { HEAD = 8 };

static void
put_u32(struct buf *b, uint32_t n)
{
    const uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                              (uint8_t)n};

    buf_add(b, bytes, sizeof bytes);
}

static uint32_t
get_u32(const char *p)
{
    const uint8_t *b = (const uint8_t *)p;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void
pack(const struct treaty_ask *ask, struct buf *to)
{
    for (unsigned i = 0; i < ask->count; i++) {
        const struct treaty_document *d = &ask->document[i];

        put_u32(to, (uint32_t)strlen(d->name));
        put_u32(to, (uint32_t)d->bytes.len);
        buf_text(to, d->name);
        buf_slice(to, d->bytes);
    }
}

static int
unpack(struct slice s, struct treaty_document to[TREATY_DOCUMENTS], unsigned *ret)
{
    *ret = 0;
    while (s.len > 0) {
        struct treaty_document *d = &to[*ret];
        size_t name;
        size_t len;

        if (s.len < HEAD || *ret == TREATY_DOCUMENTS)
            return ERR_INVALID;
        name = get_u32(s.ptr);
        len = get_u32(s.ptr + 4);
        s = slice_sub(s, HEAD, s.len);
        if (name >= TREATY_NAME || name > s.len || len > s.len - name ||
            !utf8_ok(slice_sub(s, 0, name)) || memchr(s.ptr, '\0', name) != NULL)
            return ERR_INVALID;
        (void)snprintf(d->name, sizeof d->name, "%.*s", (int)name, s.ptr);
        d->bytes = slice_sub(s, name, len);
        s = slice_sub(s, name + len, s.len);
        ++*ret;
    }
    return *ret > 0 ? 0 : ERR_INVALID;
}

/* ---- in the engine ---------------------------------------------------------------------- */

/* 0, with told->status, or the engine's end. */
static int
adopt(struct treaty *t, struct treaty_ask *ask, const char *user, struct treaty_told *told)
{
    char who[PERSON_USER + 8];
    bool refused = false;
    int r;

    (void)snprintf(who, sizeof who, "local:%s", user);
    ask->user = slice_of(who);
    ask->role = SLICE("operator");
    r = treaty_adopt(t, ask, &told->done, &refused, &told->ei);
    told->status = r;
    ask->user = (struct slice){NULL, 0}; /* it ends here */
    return refused || r == ERR_FULL || r == ERR_NOMEM ? 0 : r;
}

int
treaty_serve(struct treaty *t, const struct treaty_serve *s, struct errinfo *ei)
{
    struct treaty_document *document = calloc(TREATY_DOCUMENTS, sizeof *document);
    char *bytes = s->bytes > TREATY_PACKED ? NULL : malloc(s->bytes + 1);
    struct treaty_told told = {.version = CONTROL_VERSION};
    struct treaty_ask ask = {.document = document, .seen = s->seen};
    int r = 0;

    told.status = document == NULL || bytes == NULL ? ERR_NOMEM : 0;
    if (told.status == 0 && (pread(s->fd, bytes, s->bytes, 0) != (ssize_t)s->bytes ||
                             unpack((struct slice){bytes, s->bytes}, document, &ask.count) < 0))
        told.status = ERR_INVALID;
    if (told.status < 0)
        (void)err_set(&told.ei, told.status, "%s", err_text(told.status));
    else
        r = adopt(t, &ask, s->user, &told);
    if (r < 0)
        *ei = told.ei;
    control_tell_treaty(s->peer, &told);
    free(bytes);
    free(document);
    return r;
}

/* ---- at the other end ------------------------------------------------------------------- */

static int
hand_over(const char *dir, const struct treaty_ask *ask, struct treaty_told *ret,
          struct errinfo *ei)
{
    AUTO_BUF(bytes, TREATY_PACKED);
    int fd = memfd_create("documents", MFD_CLOEXEC);
    int r;

    pack(ask, &bytes);
    r = fd < 0 ? ERR_IO : buf_error(&bytes);
    if (r == 0 && write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len)
        r = ERR_NOMEM; /* a memory file */
    r = r < 0 ? err_set(ei, r, "%s", err_text(r))
              : control_treaty(dir, fd, bytes.len, ask->seen, ret, ei);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int
adopt_here(struct node *n, struct treaty_ask *ask, struct treaty_told *ret, struct errinfo *ei)
{
    struct node_keys *keys = calloc(1, sizeof *keys);
    char user[PERSON_USER];
    struct treaty t = {
        .engine = n->engine, .store = n->store, .env = &n->env, .self = n->conf->party};
    int r = keys == NULL ? ERR_NOMEM : node_keys_open(n, keys, ei);

    if (r == 0) {
        t.key = &keys->key[NODE_MESSAGE];
        control_user(geteuid(), user);
        r = adopt(&t, ask, user, ret);
        if (r < 0)
            *ei = ret->ei;
        node_keys_clear(keys);
    } else if (ei->text[0] == '\0') {
        (void)err_set(ei, r, "%s", err_text(r));
    }
    free(keys);
    return r;
}

int
treaty_order(const char *dir, struct treaty_ask *ask, struct treaty_told *ret,
             struct errinfo *ei)
{
    struct node n;
    int r = node_open(dir, NODE_WRITE, &n, ei);

    *ret = (struct treaty_told){0};
    if (r == ERR_BUSY)
        return hand_over(dir, ask, ret, ei);
    if (r < 0)
        return r;
    r = adopt_here(&n, ask, ret, ei);
    node_close(&n);
    return r;
}
