/* Goldens: golden/x.in.yaml printed is x.out.yaml, or the error is x.err; what is printed
 * parses to the same print.  With -update the results are written instead.  The example and the
 * manual are held against the schema.  Arguments: [-update] folder of goldens, example, manual.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "conf/conf.h"

enum { MAX = 1 << 20 };

static unsigned failures;

static void
fail(const char *what, const char *name)
{
    printf("FAIL %s: %s\n", name, what);
    failures++;
}

static bool
slurp(const char *path, struct buf *to)
{
    FILE *f = fopen(path, "rb");
    char piece[4096];
    size_t n;

    buf_reset(to);
    buf_add(to, "", 0);
    if (f == NULL)
        return false;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(to, piece, n);
    (void)fclose(f);
    return true;
}

/* The print, or the error as the command line shows it. */
static int
result(struct slice yaml, struct buf *to)
{
    struct errinfo ei = {0};
    struct conf *c = NULL;
    int r = conf_parse(yaml, &c, &ei);

    buf_reset(to);
    if (r == 0)
        conf_print(c, to);
    else
        buf_printf(to, "%u:%u: %s\n", ei.line, ei.column, ei.text);
    (void)conf_free(c);
    return r;
}

static void
check_golden(const char *folder, const char *name, bool update)
{
    AUTO_BUF(in, MAX);
    AUTO_BUF(got, MAX);
    AUTO_BUF(want, MAX);
    char path[4096];
    int stem = (int)strlen(name) - 8; /* .in.yaml */
    int r;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!slurp(path, &in))
        fail("cannot be read", name);
    r = result(buf_get(&in), &got);
    (void)snprintf(path, sizeof path, "%s/%.*s%s", folder, stem, name,
                   r == 0 ? ".out.yaml" : ".err");
    if (update) {
        FILE *f = fopen(path, "wb");

        if (f == NULL || fwrite(got.ptr, 1, got.len, f) != got.len || fclose(f) != 0)
            fail("cannot be written", path);
        return;
    }
    if (!slurp(path, &want) || !slice_eq(buf_get(&got), buf_get(&want))) {
        fail("differs from the golden", name);
        printf("got:\n%.*s", (int)got.len, got.ptr);
    }
    if (r == 0) {
        (void)result(buf_get(&got), &want);
        if (!slice_eq(buf_get(&got), buf_get(&want)))
            fail("print after parse is not the same", name);
    }
}

static void
check_example(const char *path)
{
    AUTO_BUF(in, MAX);
    AUTO_BUF(got, MAX);

    if (!slurp(path, &in) || result(buf_get(&in), &got) < 0)
        fail("does not parse", path);
    if (failures > 0)
        printf("%.*s", (int)got.len, got.ptr);
}

/* The manual names every key with its default and its help. */
static void
check_manual(const char *path)
{
    AUTO_BUF(in, MAX);

    if (!slurp(path, &in))
        fail("cannot be read", path);
    buf_char(&in, '\0');
    for (unsigned i = 0; buf_error(&in) == 0 && conf_key(i) != NULL; i++) {
        const struct conf_key *k = conf_key(i);
        const char *dot = strrchr(k->name, '.');
        char item[128];
        const char *at;

        (void)snprintf(item, sizeof item, "\n.It Cm %s ", dot == NULL ? k->name : dot + 1);
        at = strstr(in.ptr, item);
        if (at == NULL)
            fail("is not in the manual", k->name);
        (void)snprintf(item, sizeof item, "\n%.100s", k->help);
        if (strstr(in.ptr, item) == NULL)
            fail("its help is not in the manual", k->name);
    }
}

static void
check_defaults(void)
{
    struct conf *c = NULL;

    if (conf_default(&c) < 0 || c->listen_count != 1 || c->listen[0].port != 8080 ||
        c->block.events != 4096 || c->block.interval.us != 250000 || c->party[0] != '\0')
        fail("are wrong", "defaults");
    (void)conf_free(c);
    if (conf_free(NULL) != NULL)
        fail("conf_free", "NULL");
}

int
main(int argc, char **argv)
{
    bool update = argc > 1 && strcmp(argv[1], "-update") == 0;
    DIR *dir;
    struct dirent *e;
    unsigned count = 0;

    argv += update;
    if (argc - update != 4)
        return 2;
    dir = opendir(argv[1]);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        size_t n = strlen(e->d_name);

        if (n > 8 && strcmp(e->d_name + n - 8, ".in.yaml") == 0) {
            check_golden(argv[1], e->d_name, update);
            count++;
        }
    }
    if (dir != NULL)
        (void)closedir(dir);
    check_defaults();
    check_example(argv[2]);
    check_manual(argv[3]);
    printf("%u goldens, %u failures\n", count, failures);
    return failures > 0 || count == 0;
}
