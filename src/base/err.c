#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct err_row {
    int value;
    int status;
    const char *name;
    const char *text;
} rows[] = {
#define ERR(name, value, exit_, text) {value, exit_, #name, text},
#include "base/err.def"
};

static const struct err_row *
find(int err)
{
    static const struct err_row ok = {0, 0, "ERR_OK", "success"};
    static const struct err_row unknown = {0, 4, "ERR_?", "unknown error"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value == err)
            return &rows[i];
    }
    return err >= 0 ? &ok : &unknown;
}

const char *
err_name(int err)
{
    return find(err)->name;
}

const char *
err_text(int err)
{
    return find(err)->text;
}

int
err_exit(int err)
{
    return find(err)->status;
}

int
err_named(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case EEXIST:
    case EBADF: /* a standard input that is closed */
    case ENAMETOOLONG: return ERR_CONF;
    case ENOSPC:
    case EDQUOT: return ERR_FULL;
    default: return ERR_IO;
    }
}

int
err_own(int errnum)
{
    if (errnum == EACCES || errnum == EPERM)
        return ERR_AUTH;
    return errnum == ENOSPC || errnum == EDQUOT ? ERR_FULL : ERR_IO;
}

static int __attribute__((format(printf, 3, 0)))
fill(struct errinfo *ei, int err, const char *fmt, va_list ap)
{
    if (ei != NULL)
        (void)vsnprintf(ei->text, sizeof ei->text, fmt, ap);
    return err;
}

int
err_at(struct errinfo *ei, int err, unsigned line, unsigned column, const char *fmt, ...)
{
    va_list ap;

    if (ei != NULL) {
        ei->line = line;
        ei->column = column;
    }
    va_start(ap, fmt);
    err = fill(ei, err, fmt, ap);
    va_end(ap);
    return err;
}

int
err_set(struct errinfo *ei, int err, const char *fmt, ...)
{
    va_list ap;

    if (ei != NULL)
        ei->line = ei->column = 0;
    va_start(ap, fmt);
    err = fill(ei, err, fmt, ap);
    va_end(ap);
    return err;
}

void
err_file(struct errinfo *ei, const char *file)
{
    if (ei == NULL)
        return;
    (void)snprintf(ei->file, sizeof ei->file, "%s", file);
}

void
err_bug(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "detente: bug: %s:%d: %s\n", file, line, what);
    abort();
}
