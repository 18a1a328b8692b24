/* What is told of sources: their files are opened here and read by the gate, which cannot open
 * the folder itself: passwords of other servers stand in it too. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/exchange_json.h"
#include "role/link.h"
#include "role/parent_priv.h"

#define FOLDER "exchange/sources"

static int
is_state(const struct dirent *e)
{
    size_t n = strspn(e->d_name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n > 0 && n < SENSOR_MAX && strcmp(e->d_name + n, ".json") == 0;
}

static int
give_one(const struct parent *p, const char *path, const struct dirent *e, struct link_msg *m)
{
    char name[4600];
    struct stat st;
    int fd;
    int r;

    (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
    (void)snprintf(m->u.feed.name, sizeof m->u.feed.name, "%.*s",
                   (int)(strlen(e->d_name) - strlen(".json")), e->d_name);
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        (void)close(fd);
        fd = -1;
    }
    r = link_send(p->gate.link, m, &fd, fd >= 0, false);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

void
parent_give_sources(struct parent *p)
{
    struct dirent **list = NULL;
    int64_t now = parent_mono(p);
    char path[4200];
    struct stat st;
    struct timespec changed = {0};
    int n = 0;
    int r = 0;

    if (now < p->sources_next || p->gate.pid <= 0)
        return;
    p->sources_next = now + SOURCES_LOOK_US;
    (void)snprintf(path, sizeof path, "%s/" FOLDER, p->house.dir);
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
        changed = st.st_mtim; /* each file comes there under its name when it is whole */
    if (changed.tv_sec == p->sources_changed.tv_sec &&
        changed.tv_nsec == p->sources_changed.tv_nsec && p->sources_given == p->gate.started)
        return;
    if (changed.tv_sec != 0)
        n = scandir(path, &list, is_state, alphasort);
    for (int i = 0; r == 0 && i < (n == 0 ? 1 : n) && i < EXCHANGE_SOURCES; i++) {
        struct link_msg m = {
            .op = LINK_SOURCE, .slot = (uint32_t)i, .count = n < 0 ? 0 : (uint32_t)n};

        r = n <= 0 ? link_send(p->gate.link, &m, NULL, 0, false)
                   : give_one(p, path, list[i], &m);
    }
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
    if (r < 0)
        return; /* what finds no room comes at the next */
    p->sources_changed = changed;
    p->sources_given = p->gate.started;
}
