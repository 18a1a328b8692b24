/* What happens to a disk at rest, while the node is down: a bit flips, an old copy is put back.
 * Each is looked at by itself, without other faults, and then made good again, as from a
 * witness's copy: a node that refuses to start must find nothing destroyed by its refusal. */
#include <string.h>

#include "world.h"

static const char *
pick_file(struct world *w)
{
    static const char *const name[] = {"detente.db", "detente.db-wal", "evidence/000001.zst",
                                       "mark"};
    const char *path = name[chance(w, 4)];

    return disk_bytes(&w->disk, path).len > 0 ? path : NULL;
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
look_for_it(struct world *w, struct errinfo *ei)
{
    int r = node_open(w, ei);

    if (r == 0)
        model_holds(w);
    if (r == 0 && !violated(w))
        r = model_check_all(w, true);
    node_close(w);
    return r;
}

void
flip_a_bit(struct world *w)
{
    struct disk_image image;
    struct errinfo ei;
    const char *path;
    uint64_t bit;
    int r;

    disk_settle(&w->disk);
    disk_kill(&w->disk, true);
    path = pick_file(w);
    if (path == NULL)
        return;
    w->calm = true;
    w->disk.limit = 0;
    disk_save(&w->disk, &image);
    bit = chance(w, disk_bytes(&w->disk, path).len * 8);
    disk_flip(&w->disk, path, bit);
    r = look_for_it(w, &ei);
    tell(w, "bit %llu of %s flipped: %s", (unsigned long long)bit, path,
         r < 0    ? ei.text
         : r > 0 ? "something is missing"
                 : "nothing was found");
    w->some[r != 0 ? found_in(path) : SOME_FLIP_HARMLESS]++;
    if (violated(w))
        tell(w, "... of %zu bytes", disk_bytes(&w->disk, path).len);
    disk_restore(&w->disk, &image, NULL);
    disk_image_release(&image);
    w->calm = false;
}

void
remember_disk(struct world *w)
{
    disk_settle(&w->disk);
    disk_kill(&w->disk, true);
    disk_image_release(&w->old);
    disk_save(&w->disk, &w->old);
    w->old_size = w->model.told.size;
}

void
put_back(struct world *w)
{
    struct disk_image newest;
    struct errinfo ei;
    int r;

    if (w->old_size == 0 || w->old_size == w->model.told.size)
        return;
    disk_settle(&w->disk);
    disk_kill(&w->disk, true);
    w->calm = true;
    w->disk.limit = 0;
    disk_save(&w->disk, &newest);
    disk_restore(&w->disk, &w->old, "mark");
    r = node_open(w, &ei);
    if (r == ERR_PROOF)
        w->some[SOME_ROLLBACK]++;
    else if (r == 0)
        model_holds(w); /* an old copy may have held a commit that nobody was told of */
    if (r < 0 && r != ERR_PROOF)
        violate(w, "a store of %llu leaves in place of %llu was not refused: %s",
                (unsigned long long)w->old_size, (unsigned long long)w->model.told.size,
                ei.text);
    node_close(w);
    disk_restore(&w->disk, &newest, NULL);
    disk_image_release(&newest);
    w->calm = false;
}
