/* A sensor died: the bytes that it was busy with are kept and named, and the next start passes
 * them over. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/parent_priv.h"

/* Deaths that come from outside say nothing of what was read. */
static bool
from_inside(int status)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    return sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT || sig == SIGFPE ||
           sig == SIGILL || sig == SIGSYS || (WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

struct kept {
    unsigned files;
    uint64_t bytes;
    int64_t oldest; /* when it was written, in seconds */
    char name[256]; /* of that one */
};

static int
open_folder(const struct parent *p)
{
    char path[4600];

    (void)snprintf(path, sizeof path, "%s/quarantine", p->house.dir);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Takes the descriptor. */
static void
look(int folder, struct kept *ret)
{
    DIR *d = folder < 0 ? NULL : fdopendir(folder);
    struct dirent *e;
    struct stat st;

    *ret = (struct kept){.oldest = INT64_MAX};
    if (d == NULL) {
        if (folder >= 0)
            (void)close(folder);
        return;
    }
    while ((e = readdir(d)) != NULL) {
        if (fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
            continue;
        ret->files++;
        ret->bytes += (uint64_t)st.st_size;
        if (st.st_mtime < ret->oldest) {
            ret->oldest = st.st_mtime;
            (void)snprintf(ret->name, sizeof ret->name, "%s", e->d_name);
        }
    }
    (void)closedir(d);
}

void
parent_quarantine_age(struct parent *p)
{
    int64_t now = parent_mono(p);
    int64_t until = p->env.now_wall(p->env.self).us - p->house.conf->retention.raw.us;
    struct kept kept;
    int folder;

    if (now < p->quarantine_next)
        return;
    p->quarantine_next = now + QUARANTINE_LOOK_US;
    folder = open_folder(p);
    look(folder < 0 ? -1 : dup(folder), &kept);
    if (kept.files > 0 && kept.oldest < until / TIME_US_PER_S) {
        if (unlinkat(folder, kept.name, 0) == 0)
            parent_say(p, ENV_INFO, "quarantine/%s is older than retention.raw and was erased",
                       kept.name);
        else
            parent_say(p, ENV_WARN, "quarantine/%s cannot be erased: %s", kept.name,
                       strerror(errno));
    }
    if (folder >= 0)
        (void)close(folder);
}

/* Keeps the bytes in DIR/quarantine; *ret_name is where. */
static bool
keep_bytes(struct parent *p, const struct child *c, const char *bytes, uint32_t len,
           uint64_t at, char ret_name[256])
{
    bool kept = false;
    struct kept there;
    char path[4600];
    int fd = -1;

    look(open_folder(p), &there);
    if (there.files >= QUARANTINE_MAX || there.bytes + len > QUARANTINE_BYTES)
        return false; /* what came first tells most */
    (void)snprintf(path, sizeof path, "%s/quarantine", p->house.dir);
    (void)mkdir(path, 0700);
    for (int i = 0; fd < 0 && i < QUARANTINE_MAX; i++) {
        (void)snprintf(ret_name, 256, "quarantine/%.64s-%llu.%d", c->name,
                       (unsigned long long)at, i);
        (void)snprintf(path, sizeof path, "%s/%s", p->house.dir, ret_name);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 && errno != EEXIST)
            return false;
    }
    if (fd < 0)
        return false;
    kept = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    (void)close(fd);
    return kept;
}

bool
parent_quarantine(struct parent *p, struct child *c, int status)
{
    struct slot_work w;
    const char *bytes;
    char name[256];
    bool line;
    bool kept;

    if (c->seen == NULL || !from_inside(status))
        return true;
    w = *(const volatile struct slot_work *)&c->seen->work;
    if (w.busy == 0 || w.slot >= SLOTS || w.len == 0 || w.len > SLOT_RAW)
        return true;
    bytes = c->seen->slot[w.slot].raw;
    line =
        memchr(bytes, '\n', w.len) == NULL || memchr(bytes, '\n', w.len) == bytes + w.len - 1;
    if (!line && w.array == 0 && !(c->care.until > w.at)) {
        /* Once more, line by line: the next death names one. */
        c->care.until = w.at + w.len;
        c->care.skip_len = 0;
        parent_say(p, ENV_WARN, "sensor %s died in bytes %llu to %llu: it goes on line by line",
                   c->name, (unsigned long long)w.at, (unsigned long long)w.at + w.len);
        return true;
    }
    kept = keep_bytes(p, c, bytes, w.len, w.at, name);
    parent_say(p, ENV_ERROR,
               "sensor %s died of the %u bytes at %llu of its source: they are passed over%s%s",
               c->name, w.len, (unsigned long long)w.at,
               kept ? " and kept in " : " and not kept: DIR/quarantine ",
               kept ? name : "is full or cannot be written");
    parent_tell(p, ALERT_QUARANTINE, c->name, true,
                kept ? WORD_ALERT_QUARANTINE_KEPT : WORD_ALERT_QUARANTINE,
                "%s" WORD_AND "%u" WORD_AND "%llu" WORD_AND "%s", c->name, w.len,
                (unsigned long long)w.at, kept ? name : "");
    if (w.array != 0)
        return false; /* what is behind cannot be found without what was in front */
    c->care.skip_at = w.at;
    c->care.skip_len = w.len;
    c->backoff = 0; /* that is dealt with */
    return true;
}
