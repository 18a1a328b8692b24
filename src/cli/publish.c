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
                struct buf *all, struct publish_counts *n, struct errinfo *ei)
{
    const struct taxii_ground g = {.store = s, .now = cli_now()};
    struct objects_told told = {.answer = {.status = 0}};
    struct load l;
    const char *dir;
    int r = cli_dir(cli, &dir);

    buf_text(all, "]}");
    load_init(&l);
    if (r == 0)
        r = buf_error(all);
    if (r == 0)
        r = load_read(&g, c, buf_get(all), &l, ei);
    store_settle(s);
    if (r == 0 && l.ask.count > 0)
        r = objects_hand_in(dir, &l, &told, ei);
    if (r == 0 && told.answer.status < 0) {
        *ei = told.ei;
        r = told.answer.status;
    }
    n->added += told.answer.done;
    n->same += l.ask.same_count;
    n->refused += l.ask.failed_count;
    load_release(&l);
    buf_reset(all);
    return r;
}

void
publish_say(const struct publish_counts *n)
{
    cli_say("%llu objects are new, %llu are there already, %llu were refused",
            (unsigned long long)n->added, (unsigned long long)n->same,
            (unsigned long long)n->refused);
}
