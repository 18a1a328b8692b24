/* What happens to a disk at rest, while the node is down: a bit flips, an old copy is put back.
 * Each is looked at by itself, without other faults, and then made good again, as from a
 * witness's copy: a node that refuses to start must find nothing destroyed by its refusal. */
#include <string.h>

#include "role/mark.h"
#include "world.h"

static const char *
pick_file(struct world *w)
{
    static const char *const name[] = {"detente.db",     "detente.db",          "detente.db",
                                       "detente.db-wal", "evidence/000001.zst", "mark"};
    const char *path = name[chance(w, 6)];

    return disk_bytes(&w->disk, path).len > 0 ? path : NULL;
}

/* Half of the time in what no leaf commits to. */
static uint64_t
pick_bit(struct world *w, const char *path)
{
    static const char *const word[] = {"lines",   "attacks",      "ignored", "duplicates",
                                       "last_at", "retain_clock", "ann",     "feed"};
    struct slice all = disk_bytes(&w->disk, path);
    size_t from = chance(w, all.len);
    const char *what = word[chance(w, sizeof word / sizeof word[0])];
    const char *at =
        one_in(w, 2) ? memmem(all.ptr + from, all.len - from, what, strlen(what)) : NULL;

    if (at != NULL)
        from = (size_t)(at - all.ptr) + chance(w, strlen(what) + 8);
    return (from < all.len ? from : 0) * 8 + chance(w, 8);
}

/* Long enough that all is on the disk, and nothing of it in a cache alone. */
static void
rest(struct world *w)
{
    struct disk_loss loss;

    gate_close(w);
    disk_settle(&w->disk);
    disk_kill(&w->disk, true, &loss);
}

static enum sometimes
found_in(const char *path)
{
    return strcmp(path, "mark") == 0             ? SOME_FLIP_MARK
           : strcmp(path, "detente.db") == 0     ? SOME_FLIP_DB
           : strcmp(path, "detente.db-wal") == 0 ? SOME_FLIP_WAL
                                                 : SOME_FLIP_EVIDENCE;
}

/* Start and scrub: 0 when nothing was found. */
static int
look_for_it(struct world *w, bool *ret_refused, struct errinfo *ei)
{
    int r = node_begin(w, ei);

    *ret_refused = r < 0 && w->engine == NULL; /* else it ran, and may write */
    if (r == 0)
        model_holds(w);
    if (r == 0 && !violated(w))
        r = model_check_all(w, true);
    if (r == 0 && !violated(w))
        model_count(w);
    if (r == 0 && !violated(w))
        people_check(w, w->store, true);
    node_end(w);
    return r;
}

/* A start that was refused destroyed nothing: with that bit put right all is there. */
static void
mend(struct world *w, const char *path, uint64_t bit)
{
    struct errinfo ei;

    if (disk_bytes(&w->disk, path).len * 8 <= bit) {
        violate(w, "%s was cut by a start that was refused", path);
        return;
    }
    disk_flip(&w->disk, path, bit);
    if (node_begin(w, &ei) < 0)
        violate(w, "mended, but the start is refused: %s", ei.text);
    else
        model_holds(w);
    node_end(w);
}

void
flip_a_bit(struct world *w)
{
    struct disk_image image;
    struct errinfo ei;
    const char *path;
    uint64_t bit;
    bool refused;
    int r;

    gate_close(w);
    w->calm = true;
    w->disk.limit = 0;
    if (one_in(w, 2)) {
        /* Once up and down again, so that what is hot is in the database too. */
        if (node_begin(w, &ei) < 0)
            violate(w, "the start is refused: %s", ei.text);
        node_end(w);
    }
    rest(w);
    path = pick_file(w);
    if (path == NULL || violated(w)) {
        w->calm = false;
        return;
    }
    disk_save(&w->disk, &image);
    bit = pick_bit(w, path);
    disk_flip(&w->disk, path, bit);
    r = look_for_it(w, &refused, &ei);
    tell(w, "bit %llu of %s flipped: %s", (unsigned long long)bit, path,
         r < 0   ? ei.text
         : r > 0 ? "something is missing"
                 : "nothing was found");
    w->some[r != 0 ? found_in(path) : SOME_FLIP_HARMLESS]++;
    if (violated(w))
        tell(w, "... of %zu bytes", disk_bytes(&w->disk, path).len);
    if (refused)
        mend(w, path, bit);
    disk_restore(&w->disk, &image, NULL);
    disk_image_release(&image);
    w->calm = false;
}

void
remember_disk(struct world *w)
{
    rest(w);
    disk_image_release(&w->old);
    disk_save(&w->disk, &w->old);
    w->old_size = w->model.told.size;
}

void
put_back(struct world *w)
{
    struct disk_image newest;
    struct tree_head mark;
    struct errinfo ei;
    bool lags;
    int r;

    if (w->old_size == 0 || w->old_size == w->model.told.size)
        return;
    rest(w);
    w->calm = true;
    w->disk.limit = 0;
    /* What a full disk had no room to mark, no mark guards. */
    lags = w->mark_lags && mark_read(&w->env, &mark) == 0 && mark.size < w->model.told.size;
    disk_save(&w->disk, &newest);
    disk_restore(&w->disk, &w->old, "mark");
    r = node_begin(w, &ei);
    if (r == ERR_PROOF)
        w->some[SOME_ROLLBACK]++;
    else if (r == 0 && !lags)
        model_holds(w); /* an old copy may have held a commit that nobody was told of */
    if (r < 0 && r != ERR_PROOF)
        violate(w, "a store of %llu leaves in place of %llu was not refused: %s",
                (unsigned long long)w->old_size, (unsigned long long)w->model.told.size,
                ei.text);
    node_end(w);
    disk_restore(&w->disk, &newest, NULL);
    disk_image_release(&newest);
    w->calm = false;
}
