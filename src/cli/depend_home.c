/* What is home, as the options and the node's own documents say. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd_pact.h"
#include "cli/depend.h"
#include "conf/conf.h"
#include "model/text.h"

enum { PATHS = 4096 };

static int
add_prefixes(struct home *h, const struct pact_prefixes *p, struct slice why,
             struct errinfo *ei)
{
    char text[PREFIX_TEXT];
    int r = 0;

    for (unsigned i = 0; r == 0 && i < p->count; i++) {
        (void)prefix_format(&p->at[i], text);
        r = home_add(h, slice_of(text), why, 0, ei);
    }
    return r;
}

/* The space and networks of an annex. */
static int
add_annex(struct home *h, const struct annex *a, struct errinfo *ei)
{
    char why[PARTY_MAX + 64];
    char text[16];
    int r;

    (void)snprintf(why, sizeof why, "annex %lld of %s", (long long)a->sequence, a->party);
    r = add_prefixes(h, &a->v4, slice_of(why), ei);
    if (r == 0)
        r = add_prefixes(h, &a->v6, slice_of(why), ei);
    for (unsigned i = 0; r == 0 && i < a->asns.count; i++) {
        (void)snprintf(text, sizeof text, "AS%u", a->asns.at[i]);
        r = home_add(h, slice_of(text), slice_of(why), 0, ei);
    }
    return r;
}

static int
add_party(struct home *h, const struct book *b, struct slice party)
{
    struct errinfo ei = {0};
    bool any = false;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < b->pacts; i++) {
        int k = book_party(&b->pact[i], party);
        const struct annex *a = k < 0 ? NULL : book_annex(&b->pact[i], k);

        if (a != NULL)
            r = add_annex(h, a, &ei);
        any |= a != NULL;
    }
    if (r < 0)
        return cli_fail_at(r, &ei);
    return any ? 0
               : cli_fail(ERR_NOTFOUND, "--home: no annex of party `%.*s` was adopted",
                          (int)party.len, party.ptr);
}

/* What the newest annexes of a party declare, in the pacts of this node. */
static int
take_party(struct asked_audit *q, struct slice party)
{
    struct adopted *a = calloc(1, sizeof *a);
    int r;

    if (a == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = adopted_open(q->cli, a);
    if (r == 0)
        r = add_party(&q->d.home, a->book, party);
    adopted_close(a);
    free(a);
    return r;
}

static int
take_rules(struct asked_audit *q)
{
    const char *given;

    for (unsigned i = 0; (given = cli_option_nth(q->cli, "home", i)) != NULL; i++) {
        struct slice rest = slice_of(given);

        while (rest.len > 0) {
            struct slice rule = slice_part(&rest, ',');
            struct errinfo ei = {0};
            int r;

            if (slice_is(slice_sub(rule, 0, 6), "party:")) {
                r = take_party(q, slice_sub(rule, 6, rule.len));
                if (r != 0)
                    return r;
                continue;
            }
            r = rule.len == 0 ? 0 : home_add(&q->d.home, rule, SLICE("--home"), 0, &ei);
            if (r < 0)
                return cli_fail(r == ERR_INVALID ? ERR_USAGE : r, "--home: %s", ei.text);
        }
    }
    return 0;
}

/* What the node's configuration says of its own. */
static int
take_conf(struct asked_audit *q)
{
    struct conf *conf = NULL;
    char path[PATHS];
    char *bytes = NULL;
    size_t len = 0;
    struct errinfo ei = {0};
    struct stat st;
    char text[PREFIX_TEXT];
    int r;

    (void)snprintf(path, sizeof path, "%s/detente.yaml", q->cli->dir);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 0;
    r = cli_read_own(path, 1 << 20, &bytes, &len, &ei);
    if (r == 0)
        r = conf_parse((struct slice){bytes, len}, &conf, &ei);
    free(bytes);
    if (r < 0 || conf == NULL)
        return cli_fail_at(r, &ei);
    if (conf->country != COUNTRY_UNKNOWN) {
        country_format(conf->country, text);
        r = home_add(&q->d.home, slice_of(text), SLICE("the node's country"), 0, &ei);
    }
    for (unsigned i = 0; r == 0 && i < conf->networks.count; i++) {
        (void)prefix_format(&conf->networks.at[i], text);
        r = home_add(&q->d.home, slice_of(text), SLICE("the party's own networks"), 0, &ei);
    }
    (void)conf_free(conf);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static bool
has_country(const struct topology *t, uint16_t country)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->country[i] == country)
            return true;
    }
    return false;
}

/* What is cut off is of the snapshot: a country, where that knows countries, or a network. */
static int
check_segment(const struct depends *d, uint32_t from, const char *file, struct errinfo *ei)
{
    const struct topology *t = d->topology;
    bool known = false;

    for (uint32_t i = 0; t != NULL && !known && i < t->count; i++)
        known = t->country[i] != COUNTRY_UNKNOWN;
    for (uint32_t i = from; t != NULL && i < d->home.count; i++) {
        const struct home_rule *rule = &d->home.rule[i];
        bool country = rule->kind == HOME_COUNTRY && known && !has_country(t, rule->country);
        bool network =
            rule->kind == HOME_NETWORK && topology_find(t, rule->asn) == TOPOLOGY_NONE;

        if (!country && !network)
            continue;
        err_file(ei, file);
        return err_at(ei, ERR_NOTFOUND, rule->line, rule->line > 0,
                      country ? "`%s`: no network of the snapshot is of that country"
                              : "`%s`: the snapshot has no such network",
                      rule->text);
    }
    return 0;
}

/* A scenario, or a segment by its name: a country, a network. */
static int
take_cut(struct depends *d, const char *what, struct errinfo *ei)
{
    struct slice name = slice_of(what);
    bool is_file = access(what, F_OK) == 0;
    uint32_t from = d->home.count;
    struct home_rule rule;
    int r;

    if (!is_file && home_rule_parse(name, &rule) &&
        (rule.kind == HOME_COUNTRY || rule.kind == HOME_NETWORK))
        r = home_add(&d->home, name, SLICE("--cut"), 0, ei);
    else
        r = depends_scenario(d, what, ei);
    return r < 0 ? r : check_segment(d, from, is_file ? what : "--cut", ei);
}

static bool
is_home(const struct home *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (!h->rule[i].away)
            return true;
    }
    return false;
}

int
depend_home(struct asked_audit *q)
{
    int r = take_rules(q);

    if (r == 0)
        r = depend_each(q, "home-file", depends_home);
    if (r == 0)
        r = depend_each(q, "cut", take_cut);
    if (r == 0 && q->d.home.count == 0 && q->country != NULL) {
        struct errinfo ei = {0};

        r = home_add(&q->d.home, slice_of(q->country), SLICE("the country that is cut off"), 0,
                     &ei);
        if (r < 0)
            return cli_fail_at(r, &ei);
    }
    if (r == 0 && q->d.home.count == 0 && q->cli->dir != NULL)
        r = take_conf(q);
    return r;
}

int
depend_need_home(const struct asked_audit *q)
{
    const char *cut = cli_option(q->cli, "cut");

    if (is_home(&q->d.home))
        return 0;
    if (cut != NULL)
        return cli_fail(ERR_USAGE,
                        "what is home? %s has neither a country nor a network, and links do "
                        "not say: add --home or --home-file",
                        cut);
    return cli_fail(ERR_USAGE, "what is home? --home XA,AS64500,192.0.2.0/24 or --home-file "
                               "FILE, or country and networks in the node's detente.yaml");
}
