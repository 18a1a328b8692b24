#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/env_posix.h"
#include "wire/utf8.h"

enum { MESSAGE = 1 << 15 /* bytes, with NUL */ };

const char *
cli_option(const struct cli *cli, const char *name)
{
    const struct cmd_option *row = cli->cmd->options;

    for (unsigned i = 0; row != NULL && row[i].name != NULL; i++) {
        if (strcmp(row[i].name, name) == 0)
            return cli->option[i];
    }
    BUG_ON("an option that its verb does not declare" != NULL);
    return NULL;
}

const char *
cli_option_nth(const struct cli *cli, const char *name, unsigned n)
{
    if (cli_option(cli, name) == NULL)
        return NULL;
    for (unsigned i = 0; i < cli->givens; i++) {
        if (strcmp(cli->cmd->options[cli->given[i].at].name, name) == 0 && n-- == 0)
            return cli->given[i].value;
    }
    return NULL;
}

unsigned
cli_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : (unsigned)n;
}

int
cli_number(const struct cli *cli, const char *name, uint64_t fallback, uint64_t *ret)
{
    const char *text = cli_option(cli, name);
    char *end;
    unsigned long long n;

    *ret = fallback;
    if (text == NULL)
        return 0;
    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] < '0' || text[0] > '9') {
        (void)cli_fail(ERR_USAGE, "--%s takes a whole number, not `%s`", name, text);
        return ERR_USAGE;
    }
    *ret = n;
    return 0;
}

int
cli_time(const struct cli *cli, const char *name, struct utime fallback, struct utime *ret)
{
    const char *text = cli_option(cli, name);

    *ret = fallback;
    if (text == NULL)
        return 0;
    if (time_parse_human(slice_of(text), cli_now(), ret) < 0) {
        (void)cli_fail(ERR_USAGE,
                       "--%s takes a span before now (15m, 2h, 7d), a day or a time "
                       "(2026-03-01, 2026-03-01T12:00, UTC unless it has a zone), not `%s`",
                       name, text);
        return ERR_USAGE;
    }
    return 0;
}

int
cli_dir(const struct cli *cli, const char **ret)
{
    struct stat st;

    if (cli->dir == NULL) {
        (void)cli_fail(ERR_USAGE, "which node? give --dir DIR or set DETENTE_DIR");
        return ERR_USAGE;
    }
    if (stat(cli->dir, &st) < 0 ? errno == EACCES : access(cli->dir, R_OK | X_OK) < 0) {
        (void)cli_fail(ERR_AUTH, "%s: permission denied: it belongs to another user", cli->dir);
        return ERR_AUTH;
    }
    if (stat(cli->dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
        (void)cli_fail(ERR_CONF,
                       "%s: no such directory (make a node there with `detente --dir %s init`)",
                       cli->dir, cli->dir);
        return ERR_CONF;
    }
    *ret = cli->dir;
    return 0;
}

/* No controls, and nothing that turns the direction of what stands beside it. */
static bool
is_visible(uint32_t c)
{
    return c == '\n' || c == '\t' ||
           (c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && !(c >= 0x200e && c <= 0x200f) &&
            !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069));
}

/* Messages quote files and arguments, which must not speak to the terminal. */
static void
put_visible(struct slice s)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    const unsigned char *end = at + s.len;

    while (at < end) {
        uint32_t c = 0;
        unsigned n = utf8_next(at, end, &c);
        bool as_it_is = n > 0 && is_visible(c);

        for (n = n == 0 ? 1 : n; n > 0; n--, at++) {
            if (as_it_is)
                (void)fputc(*at, stderr);
            else
                (void)fprintf(stderr, "\\x%02x", *at);
        }
    }
}

static void __attribute__((format(printf, 1, 0))) put_message(const char *fmt, va_list ap)
{
    char text[MESSAGE];
    int n = vsnprintf(text, sizeof text, fmt, ap);

    put_visible(slice_of(text));
    (void)fputs(n < 0 || (size_t)n >= sizeof text ? "...\n" : "\n", stderr);
}

int
cli_fail(int err, const char *fmt, ...)
{
    va_list ap;

    (void)fflush(stdout);
    (void)fputs("detente: ", stderr);
    va_start(ap, fmt);
    put_message(fmt, ap);
    va_end(ap);
    return err_exit(err);
}

int
cli_fail_at(int err, const struct errinfo *ei)
{
    const char *text = ei->text[0] == '\0' ? err_text(err) : ei->text;

    if (ei->file[0] == '\0')
        return cli_fail(err, "%s", text);
    if (ei->line == 0)
        return cli_fail(err, "%s: %s", ei->file, text);
    return cli_fail(err, "%s:%u:%u: %s", ei->file, ei->line, ei->column, text);
}

int
cli_print(const struct buf *b)
{
    if (buf_error(b) < 0)
        return cli_fail(buf_error(b), "%s", err_text(buf_error(b)));
    printf("%.*s\n", (int)b->len, b->ptr);
    return 0;
}

void
cli_say(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_message(fmt, ap);
    va_end(ap);
}

struct utime
cli_now(void)
{
    return env_posix_now();
}

int
cli_open(const char *path, int *ret_fd, struct errinfo *ei)
{
    bool in = strcmp(path, "-") == 0;
    int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    int why = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;

    if (why == 0 && S_ISDIR(st.st_mode))
        why = EISDIR;
    err_file(ei, in ? "(standard input)" : path);
    if (why == 0) {
        *ret_fd = fd;
        return 0;
    }
    if (!in && fd >= 0)
        (void)close(fd);
    return err_set(ei, err_named(why), "cannot be read: %s", strerror(why));
}

int
cli_read_file(const char *path, size_t max, char **ret, size_t *ret_len, struct errinfo *ei)
{
    bool in = strcmp(path, "-") == 0;
    size_t room = 1 << 16;
    size_t len = 0;
    char *bytes = NULL;
    FILE *f;
    int fd = -1;
    int r = cli_open(path, &fd, ei);

    if (r < 0)
        return r;
    f = in ? stdin : fdopen(fd, "rb");
    if (f == NULL) {
        (void)close(fd);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    for (;;) {
        char *more = realloc(bytes, room + 1);

        if (more == NULL) {
            r = ERR_NOMEM;
            (void)err_set(ei, r, "%s", err_text(r));
            break;
        }
        bytes = more;
        len += fread(bytes + len, 1, room - len, f);
        if (ferror(f))
            r = err_set(ei, ERR_IO, "cannot be read: %s", strerror(errno));
        else if (len > max)
            r = err_set(ei, ERR_LIMIT, "is larger than %zu bytes", max);
        if (r < 0 || len < room)
            break;
        room *= 2;
    }
    if (!in)
        (void)fclose(f);
    if (r < 0) {
        free(bytes);
        return r;
    }
    bytes[len] = '\0';
    *ret = bytes;
    *ret_len = len;
    return 0;
}

int
cli_read_own(const char *path, size_t max, char **ret, size_t *ret_len, struct errinfo *ei)
{
    err_file(ei, path);
    if (access(path, R_OK) < 0 && err_own(errno) == ERR_AUTH)
        return err_set(ei, ERR_AUTH, "cannot be read: %s", strerror(errno));
    return cli_read_file(path, max, ret, ret_len, ei);
}

static int
write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_own(errno);
        bytes = slice_sub(bytes, (size_t)n, bytes.len);
    }
    return 0;
}

/* Into what is no file of its own: a terminal, /dev/null, a pipe; nothing is put in its place.
 */
static int
write_special(const char *path, struct slice bytes)
{
    bool out = strcmp(path, "-") == 0;
    int fd = out ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
    int r = fd < 0 ? err_named(errno) : write_all(fd, bytes);

    if (!out && fd >= 0)
        (void)close(fd);
    return r;
}

/* Durable under its name, or not there at all. */
static int
write_whole(const char *path, struct slice bytes, unsigned mode)
{
    char temp[4096];
    int saved;
    int fd;
    int r;

    if (snprintf(temp, sizeof temp, "%s.tmp", path) >= (int)sizeof temp) {
        errno = ENAMETOOLONG;
        return err_named(errno);
    }
    fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return err_named(errno);
    r = write_all(fd, bytes);
    if (r == 0 && fsync(fd) < 0)
        r = err_own(errno);
    if (close(fd) < 0 && r == 0)
        r = err_own(errno);
    if (r == 0 && rename(temp, path) < 0)
        r = err_named(errno);
    if (r < 0) {
        saved = errno;
        (void)unlink(temp);
        errno = saved;
    }
    return r;
}

int
cli_write_file(const char *path, struct slice bytes, unsigned mode, struct errinfo *ei)
{
    struct stat st;
    int r;

    err_file(ei, path);
    if (strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
        r = write_special(path, bytes);
    else
        r = write_whole(path, bytes, mode);
    return r < 0 ? err_set(ei, r, "cannot be written: %s", strerror(errno)) : 0;
}
