/* Preloaded by alloc.py: the n-th allocation of a program gives NULL, and with FAILALLOC_FROM
 * all that follow too.  How many there were is written to FAILALLOC_COUNT when it ends.  What
 * happens before main() is not counted: that is the loader's. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static atomic_ulong count;
static unsigned long at; /* 0: none */
static int from;
static int counts;

static int
fails(void)
{
    unsigned long n = counts ? atomic_fetch_add(&count, 1) + 1 : 0;

    if (n == 0 || at == 0 || (from ? n < at : n != at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *
malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
    return fails() ? NULL : __libc_memalign(align, n);
}

int
posix_memalign(void **ret, size_t align, size_t n)
{
    void *p = fails() ? NULL : __libc_memalign(align, n);

    if (p == NULL)
        return ENOMEM;
    *ret = p;
    return 0;
}

static void
report(void)
{
    const char *path = getenv("FAILALLOC_COUNT");
    char text[32];
    int fd;

    counts = 0;
    if (path == NULL || (fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) < 0)
        return;
    (void)snprintf(text, sizeof text, "%lu\n", atomic_load(&count));
    (void)!write(fd, text, strlen(text));
    (void)close(fd);
}

static int (*real_main)(int, char **, char **);

static int
first(int argc, char **argv, char **env)
{
    const char *n = getenv("FAILALLOC_AT");

    at = n == NULL ? 0 : strtoul(n, NULL, 10);
    from = getenv("FAILALLOC_FROM") != NULL;
    (void)atexit(report);
    counts = 1;
    return real_main(argc, argv, env);
}

typedef int start(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                  void (*)(void), void *);

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld)(void), void *stack);
int
__libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                  void (*init)(void), void (*fini)(void), void (*rtld)(void), void *stack)
{
    void *next = dlsym(RTLD_NEXT, "__libc_start_main");
    start *real;

    memcpy(&real, &next, sizeof real);
    real_main = program;
    return real(first, argc, argv, init, fini, rtld, stack);
}
