/* What pairs of a segment are weighed by. */
#include "cli/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "role/depends.h"

const char *const segment_weights[SEGMENT_WEIGHTS] = {"addresses", "prefixes", "services"};

enum segment_weight
segment_weight(const struct cli *cli)
{
    const char *kind = cli_option(cli, "weight");
    unsigned i = SEGMENT_WEIGHTS;

    while (i-- > 1 && (kind == NULL || strcmp(kind, segment_weights[i]) != 0))
        ;
    return (enum segment_weight)i;
}

static bool
is_known(const struct topology *t, const uint64_t *weights)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (weights[i] > 0)
            return true;
    }
    return false;
}

static int
read_services(const struct cli *cli, struct depends *d, const char *path)
{
    struct errinfo ei = {0};
    const char *dir;
    const char *file;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = depends_open(d, dir, &ei);
    if (r == 0)
        r = depends_services(d, path, &ei);
    for (unsigned i = 0; r == 0 && (file = cli_option_nth(cli, "zone", i)) != NULL; i++)
        r = depends_zone(d, file, &ei);
    for (unsigned i = 0; r == 0 && (file = cli_option_nth(cli, "answers", i)) != NULL; i++)
        r = depends_answers(d, file, false, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
count_services(const struct depends *d, struct segment *s, const char *path)
{
    uint32_t found;
    int r = depends_weigh(d, s->t, s->weights, &found);

    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (found == 0)
        return cli_fail(ERR_INVALID,
                        "no service of %s has an address in a network of the snapshot: name "
                        "addresses, a --zone or --answers, and have address tables (`detente "
                        "tables build`)",
                        path);
    if (found < d->services.count)
        cli_say("%u of %u services have no address in a known network, and count for nothing",
                d->services.count - found, d->services.count);
    topology_weigh(s->t, s->t->addresses, s->weights);
    return 0;
}

static int
weigh_services(struct cli *cli, struct segment *s)
{
    const char *path = cli_option(cli, "services");
    struct depends d;
    uint64_t secret;
    int r;

    if (path == NULL)
        return cli_fail(ERR_USAGE, "--weight services takes --services FILE");
    s->weights = calloc((size_t)s->t->count + 1, sizeof *s->weights);
    if (s->weights == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return cli_fail(ERR_IO, "no random bytes: %s", strerror(errno));
    depends_init(&d, secret);
    r = read_services(cli, &d, path);
    if (r == 0)
        r = count_services(&d, s, path);
    depends_release(&d);
    return r;
}

static int
weigh(struct cli *cli, struct segment *s)
{
    const char *kind = cli_option(cli, "weight");

    s->weighed_by = segment_weights[segment_weight(cli)];
    if (cli_option(cli, "services") != NULL && segment_weight(cli) != SEGMENT_SERVICES)
        return cli_fail(ERR_USAGE, "--services is for --weight services");
    if (kind == NULL)
        return 0;
    if (strcmp(kind, s->weighed_by) != 0)
        return cli_fail(ERR_USAGE, "--weight takes addresses, prefixes or services, not `%s`",
                        kind);
    if (segment_weight(cli) == SEGMENT_PREFIXES) {
        topology_weigh(s->t, s->t->prefixes, s->t->prefixes);
        return is_known(s->t, s->t->prefixes)
                   ? 0
                   : cli_fail(ERR_NOTFOUND,
                              "the snapshot has no prefixes: import it with --pfx2as or --mrt");
    }
    if (!is_known(s->t, s->t->addresses))
        return cli_fail(ERR_NOTFOUND, "the snapshot has no addresses: import it with --pfx2as, "
                                      "--as-ipv4 or --mrt");
    return segment_weight(cli) == SEGMENT_SERVICES ? weigh_services(cli, s) : 0;
}

int
segment_open_weighed(struct cli *cli, const char *date, struct segment *s)
{
    int r = segment_open_date(cli, date, s);

    return r == 0 ? weigh(cli, s) : r;
}
