/* detente incident stix, exchange publish: incidents as objects of STIX 2.1. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd_incident.h"
#include "cli/exchange.h"
#include "cli/publish.h"
#include "role/incident_stix.h"
#include "role/view.h"

enum { BUNDLE = 64 << 20, ENVELOPE = 6 << 20 };

struct telling {
    struct view view;
    struct book *book;
    struct case_known known;
    struct case_shown shown;
    struct case_name *names;
    unsigned count;
    enum tlp tlp;
    struct errinfo ei;
};

static void
release(struct telling *t)
{
    free(t->names);
    (void)book_free(t->book);
    view_close(&t->view);
}

/* The incidents that are named, or all. */
static int
choose(struct cli *cli, struct telling *t, bool all, char **name, int n)
{
    unsigned kept = 0;
    int r = case_names(t->view.node.store, false, &t->names, &t->count);

    if (r < 0)
        return cli_fail(r, "the incidents: %s", err_text(r));
    for (unsigned i = 0; !all && i < t->count; i++) {
        bool wanted = false;

        for (int k = 0; k < n; k++)
            wanted |= strcmp(name[k], t->names[i].name) == 0;
        if (wanted)
            t->names[kept++] = t->names[i];
    }
    if (all)
        return 0;
    t->count = kept;
    for (int k = 0; k < n; k++) {
        unsigned i = 0;

        while (i < kept && strcmp(name[k], t->names[i].name) != 0)
            i++;
        if (i == kept)
            return cli_fail(ERR_NOTFOUND, "there is no incident %s (`incident list --all`)",
                            name[k]);
    }
    (void)cli;
    return 0;
}

static int
prepare(struct cli *cli, struct telling *t)
{
    const char *tlp = cli_option(cli, "tlp");
    const char *dir;
    int r = cli_dir(cli, &dir);

    *t = (struct telling){.tlp = tlp == NULL ? TLP_AMBER : tlp_find(slice_of(tlp))};
    if (r < 0)
        return err_exit(r);
    if (t->tlp == TLP_NONE)
        return cli_fail(ERR_USAGE,
                        "--tlp takes TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or "
                        "TLP:RED, not `%s`",
                        tlp);
    r = view_open(dir, &t->view, &t->ei);
    if (r < 0)
        return cli_fail_at(r, &t->ei);
    r = book_load(t->view.node.store, t->view.node.conf->party, &t->book, &t->ei);
    if (r < 0) {
        view_close(&t->view);
        return cli_fail_at(r, &t->ei);
    }
    t->shown = (struct case_shown){
        .store = t->view.node.store, .book = t->book, .look = {cli_now(), &t->known}};
    return 0;
}

static int
fail(const struct telling *t, const char *incident, int r)
{
    return cli_fail(r, "incident %s: %s", incident,
                    t->ei.text[0] != '\0' ? t->ei.text : err_text(r));
}

/* ---- as a bundle ------------------------------------------------------------------------- */

static int
print_bundle(struct telling *t)
{
    AUTO_BUF(out, BUNDLE);
    uint8_t random[UUID_SIZE];
    struct map seen;
    struct emit e = {.out = &out, .seen = &seen, .ei = &t->ei};
    struct stix_id id;
    uint64_t secret;
    int r;

    randombytes_buf(random, sizeof random);
    randombytes_buf(&secret, sizeof secret);
    map_init(&seen, EMIT_SEEN_KEY, 1 << 20, secret);
    id = stix_id_random(SLICE("bundle"), random);
    r = emit_bundle_open(&e, stix_id_slice(&id));
    for (unsigned i = 0; r == 0 && i < t->count; i++) {
        r = incident_stix_of(&t->shown, &t->names[i], &e, t->tlp);
        if (r < 0)
            r = fail(t, t->names[i].name, r);
    }
    map_release(&seen);
    if (r > 0)
        return r;
    if (r == 0)
        r = emit_bundle_close(&e);
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : cli_print(&out);
}

int
incident_stix_print(struct cli *cli)
{
    bool all = cli_option(cli, "all") != NULL;
    struct telling t;
    int r;

    if (all == (cli->argc > 0))
        return cli_fail(ERR_USAGE, "incident stix takes names of incidents, or --all");
    r = prepare(cli, &t);
    if (r != 0)
        return r;
    r = choose(cli, &t, all, cli->argv, cli->argc);
    if (r == 0)
        r = print_bundle(&t);
    release(&t);
    return r;
}

/* ---- into a collection ------------------------------------------------------------------- */

static int
publish(struct cli *cli, struct telling *t, const struct taxii_collection *c,
        struct objects_counts *n)
{
    AUTO_BUF(all, BUNDLE);
    struct emit e = {.out = &all, .ei = &t->ei};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < t->count; i++) {
        if (all.len == 0) {
            e.count = 0;
            buf_text(&all, "{\"objects\":[");
        }
        r = incident_stix_of(&t->shown, &t->names[i], &e, t->tlp);
        if (r < 0)
            return fail(t, t->names[i].name, r);
        if (all.len > ENVELOPE || i + 1 == t->count)
            r = publish_hand_in(cli, t->view.node.store, c, &all, n, &t->ei);
    }
    return r < 0 ? cli_fail(r, "%s", t->ei.text[0] != '\0' ? t->ei.text : err_text(r)) : 0;
}

int
exchange_publish(struct cli *cli)
{
    struct taxii_collection c = {.number = 0};
    struct objects_counts n = {0};
    struct telling t;
    int r;

    if (cli->argc < 1)
        return cli_fail(ERR_USAGE, "exchange publish takes a collection, and incidents, or "
                                   "none for all");
    r = prepare(cli, &t);
    if (r != 0)
        return r;
    r = publish_collection(t.view.node.store, cli->argv[0], &c);
    if (r == 0)
        r = choose(cli, &t, cli->argc == 1, cli->argv + 1, cli->argc - 1);
    if (r == 0)
        r = publish(cli, &t, &c, &n);
    release(&t);
    if (r == 0)
        publish_say(&n);
    return r != 0 ? r : n.refused > 0;
}
