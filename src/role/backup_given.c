/* What others gave and files hold: which of it a backup takes, and may bring back. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/uuid.h"
#include "role/backup_priv.h"
#include "role/source.h"

#define SOURCES    "exchange/sources/"
#define INDICATORS "indicators/"
#define CARRIED    "exchange/carried/"

enum { GIVEN_NAME = BACKUP_NAME - sizeof INDICATORS };

static const struct {
    const char *name;
    bool secret;
} endings[] = {{"json", false}, {"ca", false}, {"secret", true}, {"pem", true}};

static bool
ends_in_json(const char *name)
{
    size_t n = strlen(name);

    return n > 5 && strcmp(name + n - 5, ".json") == 0;
}

/* A line of MANIFEST and a name in an archive, in every locale. */
static bool
is_indicators(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~' || *c == '/')
            return false;
    }
    return name[0] != '.' && strlen(name) < GIVEN_NAME && ends_in_json(name);
}

static bool
is_of_source(const char *name)
{
    const char *dot = strchr(name, '.');
    char source[SOURCE_NAME];

    if (dot == NULL || (size_t)(dot - name) >= sizeof source)
        return false;
    (void)snprintf(source, sizeof source, "%.*s", (int)(dot - name), name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (strcmp(dot + 1, endings[i].name) == 0)
            return source_is_name(source);
    }
    return false;
}

/* The id of a collection. */
static bool
is_carried(const char *name)
{
    for (unsigned i = 0; i < UUID_TEXT; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23
                ? name[i] != '-'
                : strchr("0123456789abcdef", name[i]) == NULL || name[i] == '\0')
            return false;
    }
    return name[UUID_TEXT] == '\0';
}

bool
backup_given_is(const char *name)
{
    if (strncmp(name, CARRIED, sizeof CARRIED - 1) == 0)
        return is_carried(name + sizeof CARRIED - 1);
    if (strncmp(name, SOURCES, sizeof SOURCES - 1) == 0)
        return is_of_source(name + sizeof SOURCES - 1);
    return strncmp(name, INDICATORS, sizeof INDICATORS - 1) == 0 &&
           is_indicators(name + sizeof INDICATORS - 1);
}

static bool
is_there(const char *dir, const char *name)
{
    char path[4096 + BACKUP_NAME];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
each_source(const struct backup_given *g, struct errinfo *ei)
{
    char names[SOURCES_MOST][SOURCE_NAME];
    int count = sources_names(g->dir, names, ei);
    int r = count < 0 ? count : 0;

    for (int i = 0; r == 0 && i < count; i++) {
        for (size_t k = 0; r == 0 && k < sizeof endings / sizeof endings[0]; k++) {
            char name[BACKUP_NAME];

            (void)snprintf(name, sizeof name, SOURCES "%.*s.%s", SOURCE_NAME, names[i],
                           endings[k].name);
            if (!is_there(g->dir, name))
                continue;
            if (endings[k].secret && !g->secrets)
                g->ret->secret++;
            else
                r = g->each(g->arg, name);
        }
    }
    return r;
}

/* A folder's files that `wanted` takes, by name; *ret is NULL where there is no folder. */
static int
list(const struct backup_given *g, const char *folder, int (*wanted)(const struct dirent *),
     struct dirent ***ret, struct errinfo *ei)
{
    char path[4096];
    int n;

    *ret = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", g->dir, folder);
    n = scandir(path, ret, wanted, alphasort);
    return n >= 0 ? n
           : errno == ENOENT
               ? 0
               : err_set(ei, err_own(errno), "%s cannot be read: %s", path, strerror(errno));
}

static int
is_place(const struct dirent *e)
{
    return is_carried(e->d_name);
}

static int
each_carried(const struct backup_given *g, struct errinfo *ei)
{
    struct dirent **at = NULL;
    int n = list(g, CARRIED, is_place, &at, ei);
    int r = n < 0 ? n : 0;

    for (int i = 0; i < n; i++) {
        char name[sizeof CARRIED + sizeof at[i]->d_name];

        (void)snprintf(name, sizeof name, CARRIED "%s", at[i]->d_name);
        if (r == 0 && is_there(g->dir, name))
            r = g->each(g->arg, name);
        free(at[i]);
    }
    free(at);
    return r;
}

static int
is_bundle(const struct dirent *e)
{
    return ends_in_json(e->d_name);
}

static int
each_indicators(const struct backup_given *g, struct errinfo *ei)
{
    struct dirent **at = NULL;
    int n = list(g, INDICATORS, is_bundle, &at, ei);
    int r = n < 0 ? n : 0;

    if (n > BACKUP_INDICATORS)
        r = err_set(ei, ERR_LIMIT,
                    "%s/indicators holds %d lists, and a backup up to %d: put some of them "
                    "into one, or take away those that are over",
                    g->dir, n, BACKUP_INDICATORS);
    for (int i = 0; i < n; i++) {
        char name[sizeof INDICATORS + sizeof at[i]->d_name];

        (void)snprintf(name, sizeof name, INDICATORS "%s", at[i]->d_name);
        if (!is_indicators(at[i]->d_name))
            g->ret->odd++;
        else if (r == 0 && is_there(g->dir, name))
            r = g->each(g->arg, name);
        free(at[i]);
    }
    free(at);
    return r;
}

int
backup_given_each(const struct backup_given *g, struct errinfo *ei)
{
    int r = each_source(g, ei);

    if (r == 0)
        r = each_carried(g, ei);
    return r == 0 ? each_indicators(g, ei) : r;
}

int
backup_given_folder(const char *dir, const char *name, struct errinfo *ei)
{
    char path[4096 + BACKUP_NAME];

    if (!backup_given_is(name))
        return 0;
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(path, sizeof path, "%s/%.*s", dir, (int)(slash - name), name);
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return err_set(ei, err_own(errno), "%s cannot be made: %s", path, strerror(errno));
    }
    return 0;
}
