#include "role/mark.h"

#include "base/buf.h"
#include "model/text.h"
#include "wire/hex.h"

enum { MARK_MAX = 128 };
#define MARK_SIZE_MAX (UINT64_C(1) << 53)

static int
sync_folder(const struct env *env)
{
    int fd = env->open(env->self, ".", ENV_DIR);
    int r;

    if (fd < 0)
        return fd;
    r = env->sync(env->self, fd);
    env->close(env->self, fd);
    return r;
}

int
mark_reserve(const struct env *env)
{
    static const char nothing[MARK_MAX];
    int fd = env->open(env->self, "mark.new", ENV_WRITE | ENV_CREATE);
    int64_t size;
    int r = 0;

    if (fd < 0)
        return fd;
    size = env->size(env->self, fd);
    if (size < (int64_t)sizeof nothing)
        r = size < 0 ? (int)size : env->pwrite(env->self, fd, nothing, sizeof nothing, 0);
    env->close(env->self, fd);
    return r;
}

int
mark_write(const struct env *env, const struct tree_head *head)
{
    AUTO_BUF(text, MARK_MAX);
    int fd;
    int r;

    buf_printf(&text, "%llu ", (unsigned long long)head->size);
    buf_hex(&text, head->root.byte, sizeof head->root.byte);
    buf_char(&text, '\n');
    if (buf_error(&text) < 0)
        return buf_error(&text);
    fd = env->open(env->self, "mark.new", ENV_WRITE | ENV_CREATE);
    if (fd < 0)
        return fd;
    r = env->pwrite(env->self, fd, text.ptr, text.len, 0);
    if (r == 0)
        r = env->truncate(env->self, fd, text.len);
    if (r == 0)
        r = env->sync(env->self, fd);
    env->close(env->self, fd);
    if (r == 0)
        r = env->rename(env->self, "mark.new", "mark");
    return r < 0 ? r : sync_folder(env);
}

/* `<size> <root>` and LF. */
static int
parse(struct slice text, struct tree_head *ret)
{
    const char *space = text.len == 0 ? NULL : memchr(text.ptr, ' ', text.len);
    size_t at = space == NULL ? 0 : (size_t)(space - text.ptr);

    if (at == 0 || text.ptr[text.len - 1] != '\n')
        return ERR_INVALID;
    ret->size = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || ret->size > MARK_SIZE_MAX)
            return ERR_INVALID;
        ret->size = ret->size * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return hex_decode(slice_sub(text, at + 1, text.len - at - 2), ret->root.byte,
                      sizeof ret->root.byte);
}

int
mark_read(const struct env *env, struct tree_head *ret)
{
    char text[MARK_MAX];
    int64_t n;
    int fd = env->open(env->self, "mark", ENV_READ);

    if (fd < 0)
        return fd;
    n = env->pread(env->self, fd, text, sizeof text, 0);
    env->close(env->self, fd);
    return n < 0 ? (int)n : parse((struct slice){text, (size_t)n}, ret);
}

int
mark_check(const struct env *env, struct ledger *l, struct errinfo *ei)
{
    struct tree_head mark;
    struct hash root;
    int r = mark_read(env, &mark);

    if (r == ERR_NOTFOUND)
        return 0;
    err_file(ei, "mark");
    if (r < 0)
        return err_set(ei, r,
                       "cannot be read: it guards against a store that was put "
                       "back; look why before you remove it");
    if (mark.size < ledger_first(l))
        return 0; /* of a generation before: killed when this one had begun */
    if (mark.size > ledger_first(l) + ledger_size(l))
        return err_set(
            ei, ERR_PROOF,
            "the store was put back: it has %llu leaves, %llu were signed; signing on "
            "would make a second history. Put the newest store in place, or let the log go on "
            "under another origin: `detente log successor`",
            (unsigned long long)ledger_size(l), (unsigned long long)ledger_index(mark.size));
    mark.size -= ledger_first(l);
    r = ledger_root(l, mark.size, &root);
    if (r < 0)
        return err_set(ei, r, "the marked tree cannot be computed: %s", err_text(r));
    if (!hash_eq(&root, &mark.root))
        return err_set(ei, ERR_PROOF,
                       "the store is of another history than the %llu leaves that were signed: "
                       "put the right store in place",
                       (unsigned long long)mark.size);
    return 0;
}

int
mark_follow(const struct env *env, struct ledger *l)
{
    struct tree_head mark;
    struct tree_head now = {.size = ledger_signed_size(l)};
    int r = mark_read(env, &mark);

    if (now.size == 0)
        return 0;
    if (r == 0 && mark.size == ledger_first(l) + now.size)
        return sync_folder(env); /* it was renamed, perhaps by somebody who was killed then */
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    r = ledger_root(l, now.size, &now.root);
    now.size += ledger_first(l);
    return r < 0 ? r : mark_write(env, &now);
}

static bool
is_there(const struct env *env, const char *name)
{
    int fd = env->open(env->self, name, ENV_READ);

    if (fd >= 0)
        env->close(env->self, fd);
    return fd >= 0;
}

int
restored_check(const struct env *env, struct errinfo *ei)
{
    if (!is_there(env, MARK_RESTORED))
        return 0;
    if (!is_there(env, "mark"))
        return err_set(ei, ERR_PROOF,
                       "this node was restored from a backup and may be behind what it signed: "
                       "put the lost node's `mark` into its directory, or give the newest "
                       "checkpoint that others have seen to `detente restore --seen FILE`");
    return env->unlink(env->self, MARK_RESTORED) < 0
               ? err_set(ei, ERR_IO, "DIR/" MARK_RESTORED " cannot be removed")
               : 0;
}
