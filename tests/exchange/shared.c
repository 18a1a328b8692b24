#include "shared.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wire/hex.h"
#include "wire/jcs.h"

static char root[2048];
unsigned checks;

/* What was read stays for the program's life; from here it can be reached. */
static const void **kept;
static size_t kept_count;

static void
keep(const void *bytes)
{
    kept = realloc((void *)kept, (kept_count + 1) * sizeof *kept);
    check(kept != NULL, "no memory", SLICE(""));
    kept[kept_count++] = bytes;
}

void
check(bool ok, const char *what, struct slice more)
{
    checks++;
    if (ok)
        return;
    fprintf(stderr, "%s: %.*s\n", what, (int)(more.len > 400 ? 400 : more.len), more.ptr);
    exit(1);
}

void
shared_open(int argc, char **argv)
{
    const char *named = getenv("DETENTE_SHARED");

    (void)snprintf(root, sizeof root, "%s/formats/vectors",
                   named != NULL ? named
                   : argc > 1    ? argv[1]
                                 : ".");
    if (access(root, R_OK) != 0) {
        printf("SKIP: no vectors in %s\n", root);
        exit(77);
    }
    check(key_init() == 0, "libsodium", SLICE(""));
}

struct slice
shared_file(const char *fmt, ...)
{
    char name[4096];
    char *bytes = NULL;
    FILE *f;
    long n = -1;
    int at = snprintf(name, sizeof name, "%s/", root);
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(name + at, sizeof name - (size_t)at, fmt, args);
    va_end(args);
    f = fopen(name, "rb");
    check(f != NULL, "cannot be read", slice_of(name));
    if (fseek(f, 0, SEEK_END) == 0)
        n = ftell(f);
    rewind(f);
    check(n >= 0 && (bytes = malloc((size_t)n + 1)) != NULL &&
              fread(bytes, 1, (size_t)n, f) == (size_t)n,
          "cannot be read", slice_of(name));
    (void)fclose(f);
    keep(bytes);
    return (struct slice){bytes, (size_t)n};
}

struct slice
shared_json(const char *path)
{
    struct slice file = shared_file("%s", path);
    struct buf b;

    buf_init(&b, file.len * 2 + 64);
    check(jcs_canonical(file, &b, NULL) == JCS_OK, "no JSON", slice_of(path));
    keep(b.ptr);
    return buf_get(&b);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

unsigned
shared_list(const char *folder, char names[][128], unsigned room)
{
    char path[4096];
    DIR *dir;
    struct dirent *e;
    unsigned n = 0;

    (void)snprintf(path, sizeof path, "%s/%s", root, folder);
    dir = opendir(path);
    check(dir != NULL, "cannot be read", slice_of(path));
    while ((e = readdir(dir)) != NULL && n < room) {
        if (e->d_name[0] != '.')
            (void)snprintf(names[n++], 128, "%.127s", e->d_name);
    }
    (void)closedir(dir);
    qsort(names, n, 128, by_name);
    return n;
}

struct slice
get(struct slice object, const char *name)
{
    struct slice value = {NULL, 0};

    check(jcs_find(object, name, &value), "no such member", slice_of(name));
    return value;
}

struct slice
text_of(struct slice value)
{
    struct buf b;

    buf_init(&b, value.len + 1);
    check(jcs_string(value, &b) == 0 && buf_reserve(&b, 1) != NULL, "no text", value);
    keep(b.ptr);
    return buf_get(&b);
}

struct slice
get_text(struct slice object, const char *name)
{
    return text_of(get(object, name));
}

struct slice
get_hex(struct slice object, const char *name)
{
    struct slice hex = get_text(object, name);
    char *bytes = malloc(hex.len / 2 + 1);

    check(bytes != NULL && hex_decode(hex, bytes, hex.len / 2) == 0, "no hex", hex);
    keep(bytes);
    return (struct slice){bytes, hex.len / 2};
}

struct vkey
shared_vkey(const char *party, const char *role)
{
    struct slice text = get_text(get(get(shared_json("keys.json"), party), role), "vkey");
    struct vkey key;

    check(vkey_parse(text, &key) == 0, "no key", text);
    return key;
}

void
shared_skey(const char *party, const char *role, struct skey *ret)
{
    struct slice o = get(get(shared_json("keys.json"), party), role);
    struct vkey v = shared_vkey(party, role);
    struct slice seed = get_hex(o, "seed");

    check(skey_make(vkey_name(&v), (enum key_alg)v.alg, (const uint8_t *)seed.ptr, ret) == 0,
          "no key", seed);
}

struct role_keys
shared_keys(const char *role)
{
    struct role_key *k = calloc(2, sizeof *k);

    check(k != NULL, "no memory", SLICE(""));
    keep(k);
    k[0] = (struct role_key){SLICE("northland"), shared_vkey("northland", role), {0}, {0}};
    k[1] = (struct role_key){SLICE("southmark"), shared_vkey("southmark", role), {0}, {0}};
    return (struct role_keys){k, 2};
}
