/* detente exchange: what is given to others, and what they give. */
#include "cli/exchange.h"
#include "cli/json_file.h"
#include "cli/output.h"
#include "stix/object.h"

struct told {
    struct output *o;
    const char *file;
    struct slice id;
    uint64_t at; /* of its list */
    uint64_t objects;
    uint64_t faults;
};

static const struct column columns[] = {
    {"file", false}, {"object", true}, {"id", false}, {"path", false}, {"reason", false}};

static void
tell(void *arg, const struct stix_fault *f)
{
    struct told *t = arg;

    output_str(t->o, t->file);
    output_u64(t->o, t->at);
    output_text(t->o, t->id);
    output_text(t->o, f->path);
    output_str(t->o, f->reason);
    output_end(t->o);
    t->faults++;
}

static void
check_one(struct told *t, const struct dom *d)
{
    t->id = dom_text(dom_get(d, SLICE("id")));
    t->objects++;
    (void)stix_check(d, tell, t);
}

/* What holds a bundle together, and each of its objects. */
static void
check_bundle(struct told *t, const struct dom *d)
{
    static const struct stix_fault no_id = {{"id", 2}, "is bundle-- and a UUID of RFC 4122"};
    static const struct stix_fault no_list = {{"objects", 7},
                                              "is a list, or it is left out where it is empty"};
    static const struct stix_fault twice = {{"", 0}, "has a name twice"};
    const struct dom *list = dom_get(d, SLICE("objects"));

    t->at = 0;
    t->id = dom_text(dom_get(d, SLICE("id")));
    if (!stix_is_id(t->id, SLICE("bundle")))
        tell(t, &no_id);
    if (dom_is_twice(d, false))
        tell(t, &twice);
    if (list != NULL && (list->kind != DOM_ARRAY || list->first == NULL))
        tell(t, &no_list);
    for (const struct dom *x = list == NULL || list->kind != DOM_ARRAY ? NULL : list->first;
         x != NULL; x = x->next) {
        t->at++;
        check_one(t, x);
    }
}

static void
check_all(struct told *t, const struct dom *d)
{
    if (slice_is(dom_text(dom_get(d, SLICE("type"))), "bundle")) {
        check_bundle(t, d);
        return;
    }
    t->at = 0;
    for (const struct dom *x = d->kind == DOM_ARRAY ? d->first : d; x != NULL;
         x = d->kind == DOM_ARRAY ? x->next : NULL) {
        t->at++;
        check_one(t, x);
    }
}

static int
check_file(struct told *t, const char *path)
{
    struct json_file j = {.root = NULL};
    int r = json_file_read(path, &j);

    if (r == 0) {
        t->file = path;
        check_all(t, j.root);
    }
    json_file_release(&j);
    return r;
}

static int
run_check(struct cli *cli)
{
    struct told t = {.o = NULL};
    int r = 0;

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "exchange check takes files of STIX, or `-`");
    if (output_open(cli, columns, sizeof columns / sizeof columns[0], &t.o) < 0)
        return err_exit(ERR_USAGE);
    for (int i = 0; i < cli->argc; i++) {
        int code = check_file(&t, cli->argv[i]); /* one that is none costs only itself */

        r = code != 0 ? code : r;
    }
    if (output_close(t.o, t.faults) < 0)
        return err_exit(ERR_IO);
    cli_say("%llu objects, %llu faults", (unsigned long long)t.objects,
            (unsigned long long)t.faults);
    return r != 0 ? r : t.faults > 0;
}

static const struct cmd_option options[] = {CMD_FORMAT_OPTION, {0}};
static const struct cmd_option user_options[] = {
    {"password-file", "FILE", "one line, the password", 0},
    {"party", "PARTY", "for which party they act; without it, this node's own", 0},
    {0},
};
static const struct cmd_option add_options[] = {
    {"title", "TEXT", "what it is, for people", 0},
    {"description", "TEXT", "what it is for", 0},
    {"alias", "NAME", "a short name for its address: a-z 0-9 -, a letter first", 0},
    {"pact", "PACT", "its other parties may read it, as far as markings let them", 0},
    {"from", "PARTY", "whose objects come here; without it, they are this node's own", 0},
    {"reader", "NAME", "a user or token that may read; more than once", 0},
    {"writer", "NAME", "one that may add objects; with --reader too, also delete", 0},
    {0},
};
static const struct cmd_option explain_options[] = {
    {"to", "PARTY", "who would get it", 0},
    CMD_FORMAT_OPTION,
    {0},
};
static const struct cmd_option offer_options[] = {
    {"to", "PARTY", "all that may go to that party now, or of the named what may", 0},
    {0},
};
static const struct cmd_option publish_options[] = {
    {"tlp", "TLP", "how they are marked; TLP:AMBER without it", 0},
    {0},
};
static const struct cmd_option permit_options[] = {
    {"reader", "NAME", "a user or token that may read from now on; more than once", 0},
    {"writer", "NAME", "one that may write; name it twice for both", 0},
    {"nobody", "NAME", "one that may do neither any more", 0},
    {0},
};

static const struct cmd_option source_options[] = {
    {"url", "URL", "of the server (https://HOST/taxii2/), an API root or a collection", 0},
    {"collection", "ID", "which of the server's: id or alias; without it, the only one", 0},
    {"into", "COLLECTION", "of this node: id or alias", 0},
    {"user", "NAME", "as whom to ask there, with --password-file", 0},
    {"password-file", "FILE", "one line, the password; it is copied", 0},
    {"token-file", "FILE", "one line, a token to show instead; it is copied", 0},
    {"type", "TYPE", "only objects of that type, as `indicator`; more than once", 0},
    {"ca", "FILE", "certificates to trust, PEM, instead of the system's; it is copied", 0},
    {"certificate", "FILE", "to show to the server, PEM, with its chain; it is copied", 0},
    {"key", "FILE", "its key, where it does not stand with it; it is copied", 0},
    {"counterpart", "PARTY",
     "it is that party's listener for counterparts: shown the certificate that this node's "
     "annex names, and known by the key that its own does",
     0},
    {"every", "SPAN", "pull it by itself so often while the node runs, as `15m`; 0 never", 0},
    {"sightings", "COLLECTION",
     "what is met of its indicators goes there, as sightings, at each pull; `-` nowhere", 0},
    CMD_FORMAT_OPTION,
    {0},
};
static const struct cmd_option pull_options[] = {
    {"due", NULL, "only those that say how often, and whose time has come", 0},
    CMD_FORMAT_OPTION,
    {0},
};
static const struct cmd_option set_options[] = {
    {"user", "NAME", "as whom to ask there, with --password-file", 0},
    {"password-file", "FILE", "one line, the password; it is copied", 0},
    {"token-file", "FILE", "one line, a token to show instead; it is copied", 0},
    {"ca", "FILE", "certificates to trust, PEM, instead of the system's; it is copied", 0},
    {"certificate", "FILE", "to show to the server, PEM, with its chain; it is copied", 0},
    {"key", "FILE", "its key, where it does not stand with it; it is copied", 0},
    {"every", "SPAN", "pull it by itself so often while the node runs, as `15m`; 0 never", 0},
    {"sightings", "COLLECTION",
     "what is met of its indicators goes there, as sightings, at each pull; `-` nowhere", 0},
    {0},
};
static const struct cmd_option import_options[] = {
    {"into", "COLLECTION", "of this node: id or alias", 0},
    CMD_FORMAT_OPTION,
    {0},
};
static const struct cmd_option export_options[] = {
    {"output", "FILE", "where to write it (default: standard output)", 'o'},
    {"all", NULL, "all versions of each object (default: the newest)", 0},
    {"to", "PARTY", "what may go to that party alone; it is logged before it is written", 0},
    {0},
};

const struct cmd cmd_exchange[] = {
    {"exchange", "check", "FILE…",
     "are these bundles or objects STIX 2.1: what is wrong, and where; exit 1 when something "
     "is",
     options, run_check},
    {"exchange", "user add", "NAME",
     "let a program of one's own or of another party get and give objects by TAXII",
     user_options, exchange_user_add},
    {"exchange", "collection add", "",
     "make a collection of objects, and print its id; nobody else may read or write it",
     add_options, exchange_collection_add},
    {"exchange", "collection permit", "COLLECTION",
     "say what somebody may do with a collection from now on", permit_options,
     exchange_collection_permit},
    {"exchange", "collection list", "", "collections, who may read and write them", options,
     exchange_collection_list},
    {"exchange", "publish", "COLLECTION [INCIDENT…]",
     "put incidents into a collection, as objects of STIX; again as often as they change",
     publish_options, exchange_publish},
    {"exchange", "retractions", "",
     "what was taken back of what other parties may read, and whether they removed it; exit 1 "
     "when somebody is overdue",
     options, exchange_retractions},
    {"exchange", "removals", "",
     "remove what other parties took back, and say so; `exchange pull` does it too", NULL,
     exchange_removals},
    {"exchange", "explain", "OBJECT",
     "why an object goes to a party, or stays, in each collection; exit 1 when it stays "
     "somewhere",
     explain_options, exchange_explain},
    {"exchange", "offer", "COLLECTION [OBJECT…]",
     "put objects behind all others of the collection, for those who ask for what is new and "
     "may have them only now; exit 1 when there are none",
     offer_options, exchange_offer},
    {"exchange", "source add", "NAME",
     "name a collection of another server of TAXII 2.1, to get its objects from now on",
     source_options, exchange_source_add},
    {"exchange", "source set", "NAME",
     "change how a source is asked; how far it has come stays", set_options,
     exchange_source_set},
    {"exchange", "source list", "", "sources, and where their objects go", options,
     exchange_source_list},
    {"exchange", "source remove", "NAME", "forget a source; its objects stay", NULL,
     exchange_source_remove},
    {"exchange", "pull", "[NAME…]",
     "get what is new at these sources, or at all; exit 4 when one could not be reached",
     pull_options, exchange_pull},
    {"exchange", "status", "", "how far each source has come, and since when one has a fault",
     options, exchange_status},
    {"exchange", "import", "FILE…",
     "take bundles of STIX into a collection; exit 1 when objects were refused", import_options,
     exchange_import},
    {"exchange", "export", "COLLECTION", "a collection as a bundle of STIX, byte by byte",
     export_options, exchange_export},
    {"exchange", "root", "COLLECTION",
     "one hash over all that a collection holds, the same at whoever holds the same", NULL,
     exchange_root},
    {0},
};
