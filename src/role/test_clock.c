#include "role/test_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "store/store.h"

enum { TEXT = 64, YEARS = 100 };

static const char bound[] = "test-clock"; /* in the node's directory */

static int
read_short(const char *path, char *to, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, to, room - 1);
    int why = errno;

    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return -why;
    to[n] = '\0';
    to[strcspn(to, "\r\n")] = '\0';
    return 0;
}

int
test_clock_read(const char *path, int64_t *ret_us, struct errinfo *ei)
{
    char text[TEXT] = "";
    char *end = text;
    double s = 0;
    int r = read_short(path, text, sizeof text);

    if (r < 0) {
        err_file(ei, path);
        return err_set(ei, ERR_CONF, "the test clock cannot be read: %s", strerror(-r));
    }
    if (text[0] != '\0' && strspn(text, "+-.0123456789") == strlen(text))
        s = strtod(text, &end);
    if (end == text || *end != '\0' || s > YEARS * 366.0 * 86400 ||
        s < YEARS * -366.0 * 86400) {
        err_file(ei, path);
        return err_set(ei, ERR_CONF,
                       "the test clock is one number of seconds, such as 864000 or -3.5");
    }
    *ret_us = (int64_t)(s * (double)TIME_US_PER_S);
    return 0;
}

void
test_clock_move(struct test_clock *c, int64_t us)
{
    atomic_store_explicit(&c->wall, us, memory_order_relaxed);
    if (us > atomic_load_explicit(&c->mono, memory_order_relaxed))
        atomic_store_explicit(&c->mono, us, memory_order_relaxed);
}

int
test_clock_of(const char *dir, char *ret, size_t room, struct errinfo *ei)
{
    char path[PATH_MAX];
    int r;

    (void)snprintf(path, sizeof path, "%s/%s", dir, bound);
    r = read_short(path, ret, room);
    if (r == -ENOENT || r == -ENOTDIR)
        return ERR_NOTFOUND;
    if (r == 0 && ret[0] != '\0')
        return 0;
    err_file(ei, path);
    return err_set(ei, ERR_CONF, "says no test clock: %s",
                   r < 0 ? strerror(-r) : "it is empty");
}

static int
check_made_for_tests(const char *dir, struct errinfo *ei)
{
    AUTO_BUF(text, 16);
    struct store *s = NULL;
    int r = store_open(dir, STORE_READ, &s, ei);

    if (r < 0)
        return r;
    r = store_get_meta(s, "test", &text);
    (void)store_close(s);
    err_file(ei, dir);
    return r == ERR_NOTFOUND
               ? err_set(ei, ERR_CONF,
                         "this node was not made for tests: only one of `init --test` takes a "
                         "test clock")
               : r;
}

int
test_clock_bind(const char *dir, const char *path, struct errinfo *ei)
{
    char whole[PATH_MAX];
    char at[PATH_MAX];
    int64_t us;
    FILE *f;
    int r = check_made_for_tests(dir, ei);

    if (r == 0)
        r = test_clock_read(path, &us, ei);
    if (r < 0)
        return r;
    (void)snprintf(at, sizeof at, "%s/%s", dir, bound);
    f = realpath(path, whole) == NULL ? NULL : fopen(at, "we");
    if (f == NULL || fprintf(f, "%s\n", whole) < 0 || fflush(f) != 0)
        r = ERR_IO;
    if (f != NULL && fclose(f) != 0)
        r = ERR_IO;
    err_file(ei, r < 0 ? at : "");
    return r < 0 ? err_set(ei, r, "cannot be written: %s", strerror(errno)) : 0;
}
