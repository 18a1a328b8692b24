/* Error codes and error context.
 *
 * A function that can fail returns int: 0 (or a count) for success or one negative ERR_*
 * code.  Nothing below src/role/ logs; the caller at the top decides what a failure means
 * and writes exactly one line about it.
 */
#ifndef DETENTE_BASE_ERR_H
#define DETENTE_BASE_ERR_H

#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

enum err {
    ERR_OK = 0,
#define ERR(name, value, exit_, text) name = (value),
#include "base/err.def"
};

/* Where and why, for a human.  Filled only on failure. */
struct errinfo {
    char file[128];  /* "" when the input has no name */
    unsigned line;   /* 1-based; 0 when the input has no lines */
    unsigned column; /* 1-based byte column */
    char text[256];  /* one sentence, no trailing newline */
};

const char *err_name(int err);
const char *err_text(int err);
int err_exit(int err); /* exit status of the command line: 0 to 6, 130 */

/* What a file is that could not be opened or made, by errno.  One that a person named is wrong
 * input (ERR_CONF): not there, a folder, not readable.  One of the node's own that may not be
 * touched is ERR_AUTH.  A full disk is ERR_FULL in both, all else ERR_IO. */
int err_named(int errnum);
int err_own(int errnum);

/* Fill ei (which may be NULL) and give err back, so that one can write
 * return err_at(ei, ERR_INVALID, line, col, "...").  The file name stays as it was. */
int err_at(struct errinfo *ei, int err, unsigned line, unsigned column, const char *fmt, ...)
    PRINTF(5, 6);
/* The same without a place. */
int err_set(struct errinfo *ei, int err, const char *fmt, ...) PRINTF(3, 4);
/* Name the file an error was found in; cuts what is too long. */
void err_file(struct errinfo *ei, const char *file);

/* A condition that no input can cause is false: the process ends with a core. */
#define BUG_ON(cond)                            \
    do {                                        \
        if (__builtin_expect(!!(cond), 0))      \
            err_bug(__FILE__, __LINE__, #cond); \
    } while (0)
_Noreturn void err_bug(const char *file, int line, const char *what);

#endif
