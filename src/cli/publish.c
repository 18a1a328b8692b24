#include "cli/publish.h"

#include "role/objects.h"

int
publish_collection(struct store *s, const char *wanted, struct taxii_collection *ret)
{
    int r = taxii_look(s, slice_of(wanted), ret);

    if (r < 0)
        return cli_fail(r, "there is no collection %s", wanted);
    if (ret->party[0] != '\0')
        return cli_fail(ERR_CONF, "collection %s has objects of %s: own ones go to another",
                        wanted, ret->party);
    return 0;
}

int
publish_hand_in(const struct cli *cli, struct store *s, const struct taxii_collection *c,
                struct buf *all, struct objects_counts *n, struct errinfo *ei)
{
    const struct taxii_ground g = {.store = s, .now = cli_now()};
    const char *dir;
    int r = cli_dir(cli, &dir);

    return r < 0 ? r : objects_publish(dir, &g, c, all, n, ei);
}

void
publish_say(const struct objects_counts *n)
{
    cli_say("%llu objects are new, %llu are there already, %llu were refused",
            (unsigned long long)n->added, (unsigned long long)n->same,
            (unsigned long long)n->refused);
}
