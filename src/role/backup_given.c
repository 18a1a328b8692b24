/* What others gave and files hold: which of it a backup takes, and may bring back. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "role/backup_priv.h"
#include "role/source.h"

#define SOURCES    "exchange/sources/"
#define INDICATORS "indicators/"

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

bool
backup_given_is(const char *name)
{
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

static int
is_bundle(const struct dirent *e)
{
    return ends_in_json(e->d_name);
}

static int
each_indicators(const struct backup_given *g, struct errinfo *ei)
{
    struct dirent **list = NULL;
    char path[4096];
    int n;
    int r = 0;

    (void)snprintf(path, sizeof path, "%s/indicators", g->dir);
    n = scandir(path, &list, is_bundle, alphasort);
    if (n < 0)
        return errno == ENOENT ? 0
                               : err_set(ei, err_own(errno), "%s cannot be read: %s", path,
                                         strerror(errno));
    if (n > BACKUP_INDICATORS)
        r = err_set(ei, ERR_LIMIT,
                    "%s holds %d lists, and a backup up to %d: put some of them into one, or "
                    "take away those that are over",
                    path, n, BACKUP_INDICATORS);
    for (int i = 0; i < n; i++) {
        char name[sizeof INDICATORS + sizeof list[i]->d_name];

        (void)snprintf(name, sizeof name, INDICATORS "%s", list[i]->d_name);
        if (!is_indicators(list[i]->d_name))
            g->ret->odd++;
        else if (r == 0 && is_there(g->dir, name))
            r = g->each(g->arg, name);
        free(list[i]);
    }
    free(list);
    return r;
}

int
backup_given_each(const struct backup_given *g, struct errinfo *ei)
{
    int r = each_source(g, ei);

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
