/* detente indicator: what to look for, and whether it was there. */
#include "cli/indicator.h"
#include "cli/json_file.h"
#include "stix/pattern.h"

static int
match(const struct pattern *p, const char *path, const struct dom *d)
{
    struct observed o;
    struct errinfo ei = {0};
    bool matched = false;
    int r;

    err_file(&ei, path);
    r = observed_read(d, &o, &ei);
    if (r == 0) {
        r = pattern_match(p, &o, &matched);
        if (r == ERR_LIMIT)
            (void)err_set(&ei, r, "was not decided in %d steps: too many observations fit",
                          PATTERN_STEPS);
    }
    observed_release(&o);
    return r < 0 ? cli_fail_at(r, &ei) : !matched;
}

static bool
is_object(const struct dom *d)
{
    const struct dom *list = dom_get(d, SLICE("objects"));

    if (dom_text(dom_get(d, SLICE("type"))).len == 0)
        return false;
    return !slice_is(dom_text(dom_get(d, SLICE("type"))), "bundle") || list == NULL ||
           list->kind == DOM_ARRAY;
}

static bool
is_data(const struct dom *d)
{
    if (d->kind != DOM_ARRAY)
        return is_object(d);
    for (const struct dom *x = d->first; x != NULL; x = x->next) {
        if (!is_object(x))
            return false;
    }
    return true;
}

static int
read_data(const struct pattern *p, const char *path)
{
    struct json_file j = {.root = NULL};
    int r = json_file_read(path, &j);

    if (r == 0 && !is_data(j.root))
        r = cli_fail(ERR_INVALID, "%s: is no bundle, object of STIX or list of such", path);
    if (r == 0)
        r = match(p, path, j.root);
    json_file_release(&j);
    return r;
}

static int
run_pattern(struct cli *cli)
{
    struct pattern *p = NULL;
    struct errinfo ei = {0};
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "indicator pattern takes a pattern and a file of "
                                   "observed-data, or `-`");
    err_file(&ei, "pattern");
    r = pattern_read(slice_of(cli->argv[0]), &p, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : read_data(p, cli->argv[1]);
    (void)pattern_free(p);
    return r;
}

const struct cmd cmd_indicator[] = {
    {"indicator", "pattern", "PATTERN FILE|-",
     "does a STIX pattern match observed-data: exit 0, or 1 when it does not, 3 when either is "
     "none",
     NULL, run_pattern},
    {"indicator", "import", "FILE…|-",
     "take in bundles of STIX, or plain lists with --kind, and say what of them is not looked "
     "for",
     indicator_import_options, indicator_run_import},
    {"indicator", "follow", "COLLECTION",
     "look for the indicators of a collection, as they come and go there, from now on",
     indicator_follow_options, indicator_run_follow},
    {"indicator", "list", "", "the indicators that the node has", indicator_list_options,
     indicator_run_list},
    {"indicator", "match", "FILE|-",
     "what a sensor's records show of what is looked for; exit 1 when nothing",
     indicator_match_options, indicator_run_match},
    {"indicator", "sightings", "",
     "what the recorded events show of what is looked for, by indicator; exit 1 when nothing",
     indicator_sightings_options, indicator_run_sightings},
    {"indicator", "hits", "",
     "what the node met of what it looks for, as events came, by indicator; exit 1 when "
     "nothing",
     indicator_hits_options, indicator_run_hits},
    {"indicator", "compile", "",
     "make anew what the node looks for, as `indicator import` does: after bundles were "
     "removed "
     "from its folder, or an upgrade",
     NULL, indicator_run_compile},
    {"indicator", "export", "",
     "what is looked for as rules of Suricata, sets of nftables, a response policy zone or CSV",
     indicator_export_options, indicator_run_export},
    {0},
};
