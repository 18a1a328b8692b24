#include "cli/vuln_sights.h"

#include <stdlib.h>

#include "role/exploited.h"
#include "role/view.h"
#include "vulndb/rule_cves.h"
#include "vulndb/sighting.h"

struct sights {
    struct sightings *peers;
    struct outcomes *outcomes;
    struct rule_cves *rules;
    struct exploited seen;
    struct view view;
    bool opened;
};

static struct risk_sight
sight(const void *arg, uint64_t vuln)
{
    const struct sights *s = arg;

    return (struct risk_sight){.here = exploited_last(&s->seen, vuln),
                               .peer = sightings_last(s->peers, vuln)};
}

static struct utime
hit(const void *arg, int64_t asset, uint64_t vuln)
{
    const struct sights *s = arg;

    return exploited_hit(&s->seen, asset, vuln);
}

static int
read_own(const struct cli *cli, struct vulndb *db, struct sights *s, struct utime since)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (store_there(dir, &ei) < 0)
        return 0; /* feeds and inventories alone */
    r = view_open(dir, &s->view, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    s->opened = true;
    r = outcomes_open(db, cli_now(), &s->outcomes);
    if (r == 0)
        r = rule_cves_open(db, &s->rules);
    if (r == 0)
        r = exploited_read(&s->seen, &s->view, s->rules, s->outcomes, since);
    if (r == 0)
        r = exploited_index(&s->seen, s->outcomes);
    return r < 0 ? cli_fail(r, "the alerts: %s", err_text(r)) : 0;
}

int
sights_open(const struct cli *cli, struct vulndb *db, bool own, struct risk *r,
            struct sights **ret)
{
    struct sights *s = calloc(1, sizeof *s);
    struct utime since = {r->now.us - EXPLOITED_DAYS * INT64_C(86400) * TIME_US_PER_S};
    int code;

    *ret = s;
    if (s == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    exploited_init(&s->seen);
    code = sightings_open(db, since, &s->peers);
    if (code < 0)
        return cli_fail(code, "the database: %s (%s)", err_text(code), vulndb_error(db));
    if (own && (code = read_own(cli, db, s, since)) != 0)
        return code;
    r->sight = sight;
    r->hit = hit;
    r->arg = s;
    return 0;
}

struct sights *
sights_close(struct sights *s)
{
    if (s == NULL)
        return NULL;
    exploited_release(&s->seen);
    (void)sightings_close(s->peers);
    (void)outcomes_close(s->outcomes);
    (void)rule_cves_close(s->rules);
    if (s->opened)
        view_close(&s->view);
    free(s);
    return NULL;
}
