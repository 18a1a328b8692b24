/* detente indicator import, list: what the node looks for. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "cli/indicator.h"
#include "cli/output.h"
#include "indicator/lines.h"
#include "stix/object.h"
#include "wire/hex.h"

enum { FILE_MOST = 1 << 28, TREE_MOST = 1 << 30, NAMED = 3 };

const struct cmd_option indicator_import_options[] = {
    {"kind", "KIND", "of a plain list, one a line: addresses, domains, urls or hashes", 0},
    {"name", "NAME", "what a plain list is called; else its file's name", 0},
    {"confidence", "N", "of a plain list: 0 to 100", 0},
    {"valid-from", "TIME", "of a plain list; else from now on", 0},
    {"valid-until", "TIME", "of a plain list; else it has no end", 0},
    {0}};

/* ---- what is told --------------------------------------------------------------------------
 */

struct told {
    const char *path;
    uint64_t faults; /* of objects that are none of STIX 2.1 */
    struct buf named[REASONS + 1];
    uint64_t count[REASONS + 1];
};

static void
tell_reason(void *arg, struct slice id, enum compile_reason reason, const char *text)
{
    struct told *t = arg;
    struct buf *b = &t->named[reason];

    if (++t->count[reason] > NAMED)
        return;
    buf_text(b, t->count[reason] == 1 ? ": " : ", ");
    buf_slice(b, id);
    if (reason == REASON_MALFORMED && text[0] != '\0')
        buf_printf(b, " (%s)", text);
}

static void
tell_fault(void *arg, const struct stix_fault *f)
{
    struct told *t = arg;

    if (++t->faults <= NAMED)
        cli_say("%s: an indicator is not as STIX 2.1 has it: `%.*s` %s", t->path,
                (int)f->path.len, f->path.ptr, f->reason);
}

static void
check_faults(struct told *t, const struct dom *d)
{
    const struct dom *list = dom_get(d, SLICE("objects"));

    list = list == NULL || list->kind != DOM_ARRAY ? NULL : list->first;
    for (const struct dom *x = list; x != NULL; x = x->next) {
        if (slice_is(dom_text(dom_get(x, SLICE("type"))), "indicator"))
            (void)stix_check(x, tell_fault, t);
    }
}

static void
say(struct told *t, const struct indicators_counts *c)
{
    cli_say("%s: %llu objects, %llu indicators: %llu are looked for, %llu in part, %llu not; "
            "%llu revoked, %llu not newer than others of the same id",
            t->path, (unsigned long long)c->objects, (unsigned long long)c->indicators,
            (unsigned long long)c->whole, (unsigned long long)c->in_part,
            (unsigned long long)c->none, (unsigned long long)c->revoked,
            (unsigned long long)c->older);
    for (unsigned i = 0; i <= REASONS; i++) {
        if (t->count[i] == 0)
            continue;
        cli_say("%s: %llu not, or in part: %s%.*s%s", t->path, (unsigned long long)t->count[i],
                i == REASONS ? "left out, an id or a time is none"
                             : compile_reason_text((enum compile_reason)i),
                (int)t->named[i].len, t->named[i].ptr, t->count[i] > NAMED ? ", …" : "");
    }
    if (t->faults > NAMED)
        cli_say("%s: %llu faults in all: see `detente exchange check`", t->path,
                (unsigned long long)t->faults);
}

/* ---- a bundle ------------------------------------------------------------------------------
 */

static int
keep(const struct cli *cli, const char *from, struct slice bytes)
{
    struct hash h = sha256_of(bytes.ptr, bytes.len);
    char name[2 * SHA256_SIZE + 6] = "";
    char path[INDICATOR_PATH];
    struct errinfo ei = {0};
    int r = indicator_path(cli, NULL, path);

    if (r != 0)
        return r;
    if (mkdir(path, 0700) < 0 && access(path, W_OK) < 0)
        return cli_fail(err_own(errno), "%s cannot be made or written: %s", path,
                        strerror(errno));
    hex_encode(h.byte, sizeof h.byte, name);
    memcpy(name + sizeof name - 6, ".json", 6);
    r = indicator_path(cli, name, path);
    if (r != 0)
        return r;
    if (access(path, R_OK) == 0) {
        cli_say("%s: the same bytes are here already", from);
        return 0;
    }
    r = cli_write_file(path, bytes, 0600, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* Is it one that can be kept; what it says is told. */
static int
judge(struct told *t, const struct dom *d, struct indicators_counts *counts)
{
    struct indicators_build *b = NULL;
    int r;

    if (!slice_is(dom_text(dom_get(d, SLICE("type"))), "bundle"))
        return cli_fail(ERR_INVALID, "%s: is no bundle of STIX", t->path);
    if (dom_is_twice(d, false))
        return cli_fail(ERR_INVALID, "%s: the bundle has a name twice", t->path);
    r = indicators_build_new(indicator_secret(), &b);
    for (unsigned i = 0; i <= REASONS; i++)
        buf_init(&t->named[i], 4096);
    if (r == 0)
        r = indicators_read(b, d, counts, tell_reason, t);
    if (r == 0)
        check_faults(t, d);
    (void)indicators_build_free(b);
    if (r == 0)
        say(t, counts);
    for (unsigned i = 0; i <= REASONS; i++)
        buf_release(&t->named[i]);
    if (r == 0 && counts->indicators == 0)
        return cli_fail(ERR_INVALID, "%s: has no indicators", t->path);
    return r < 0 ? cli_fail(r, "%s: %s", t->path, err_text(r)) : 0;
}

/* bytes stay as they are: the tree is of a copy. */
static int
take_bundle(const struct cli *cli, const char *path, struct slice bytes)
{
    struct told t = {.path = path};
    struct indicators_counts counts = {0};
    struct errinfo ei = {0};
    const struct dom *d = NULL;
    char *copy = malloc(bytes.len + 1);
    int e = copy == NULL ? ERR_NOMEM : 0;
    int r;
    AUTO_ARENA(arena);

    err_file(&ei, path);
    if (e == 0)
        e = arena_init(&arena, bytes.len < TREE_MOST / DOM_ROOM
                                   ? DOM_ROOM * bytes.len + DOM_LEAST
                                   : TREE_MOST);
    if (e == 0) {
        memcpy(copy, bytes.ptr, bytes.len);
        e = dom_read(copy, bytes.len, &arena, &d, &ei);
    }
    r = e < 0 ? cli_fail_at(e, &ei) : judge(&t, d, &counts);
    if (r == 0)
        r = keep(cli, path, bytes);
    free(copy);
    return r;
}

/* ---- a plain list --------------------------------------------------------------------------
 */

static int
lines_of(const struct cli *cli, struct lines_options *ret)
{
    uint64_t confidence;

    if (!lines_kind_find(slice_of(cli_option(cli, "kind")), &ret->kind))
        return cli_fail(ERR_USAGE, "`%s` is no kind: addresses, domains, urls, hashes",
                        cli_option(cli, "kind"));
    if (cli_number(cli, "confidence", 101, &confidence) < 0 ||
        cli_time(cli, "valid-from", cli_now(), &ret->from) < 0 ||
        cli_time(cli, "valid-until", (struct utime){0}, &ret->until) < 0)
        return err_exit(ERR_USAGE);
    if (confidence > 101 || (confidence == 101 && cli_option(cli, "confidence") != NULL))
        return cli_fail(ERR_USAGE, "--confidence is 0 to 100");
    ret->confidence = (unsigned)confidence;
    ret->now = cli_now();
    return 0;
}

static int
take_lines(const struct cli *cli, const char *path, struct slice text)
{
    struct lines_options o = {.name = slice_of(cli_option(cli, "name"))};
    struct lines_counts counts = {0};
    const char *slash = strrchr(path, '/');
    int r = lines_of(cli, &o);
    AUTO_BUF(bundle, FILE_MOST);

    if (o.name.len == 0)
        o.name = slice_of(slash == NULL ? path : slash + 1);
    while (r == 0 && lines_bundle(&text, &o, &bundle, &counts) > 0) {
        if (buf_error(&bundle) < 0)
            return cli_fail(buf_error(&bundle), "%s: %s", path, err_text(buf_error(&bundle)));
        r = take_bundle(cli, path, buf_get(&bundle));
        buf_reset(&bundle);
    }
    if (r != 0)
        return r;
    cli_say("%s: %llu lines, %llu taken, %llu remarks or empty", path,
            (unsigned long long)counts.lines, (unsigned long long)counts.taken,
            (unsigned long long)counts.remarks);
    if (counts.odd > 0)
        cli_say("%s:%llu: is none of the kind (%llu in all)", path,
                (unsigned long long)counts.first_odd, (unsigned long long)counts.odd);
    return counts.taken == 0 ? cli_fail(ERR_INVALID, "%s: has none of the kind", path) : 0;
}

static int
take_file(const struct cli *cli, const char *path)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, FILE_MOST, &text, &len, &ei);

    if (r < 0)
        r = cli_fail_at(r, &ei);
    else if (cli_option(cli, "kind") != NULL)
        r = take_lines(cli, path, (struct slice){text, len});
    else
        r = take_bundle(cli, path, (struct slice){text, len});
    free(text);
    return r;
}

int
indicator_run_import(struct cli *cli)
{
    int good = 0;
    int r = 0;

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "indicator import takes files: bundles of STIX, or plain "
                                   "lists with --kind; or `-`");
    for (int i = 0; i < cli->argc; i++) {
        int code = take_file(cli, cli->argv[i]); /* one that is none costs only itself */

        good += code == 0;
        r = code != 0 ? code : r;
    }
    if (good > 0) {
        int code = indicator_compile(cli);

        r = code != 0 ? code : r;
    }
    return r;
}

/* ---- list ----------------------------------------------------------------------------------
 */

const struct cmd_option indicator_list_options[] = {CMD_FORMAT_OPTION, INDICATORS_OPTION, {0}};

static const struct column columns[] = {
    {"id", false},    {"name", false},      {"state", false},
    {"found", false}, {"confidence", true}, {"labels", false},
    {"from", false},  {"until", false},     {"reasons", false}};

static const char *
state_of(const struct indicators *x, uint32_t i, const struct indicator *one, struct utime now)
{
    if (one->revoked)
        return "revoked";
    if (indicators_in_force(x, i, now))
        return "in-force";
    return one->from.us > now.us ? "not-yet" : "over";
}

static void
put_reasons(struct output *o, uint32_t reasons)
{
    AUTO_BUF(text, 4096);

    for (unsigned i = 0; i < REASONS; i++) {
        if ((reasons >> i & 1) == 0)
            continue;
        if (text.len > 0)
            buf_text(&text, "; ");
        buf_text(&text, compile_reason_text((enum compile_reason)i));
    }
    output_need(o, &text);
    output_text(o, buf_get(&text));
}

static void
put_indicator(struct output *o, const struct indicators *x, uint32_t i, struct utime now)
{
    struct indicator one;

    indicators_get(x, i, &one);
    output_text(o, (struct slice){one.id, sizeof one.id});
    output_text(o, one.name);
    output_str(o, state_of(x, i, &one, now));
    output_str(o, !one.looked_for ? "no" : one.reasons != 0 ? "part" : "yes");
    if (one.confidence == INDICATOR_UNSURE)
        output_str(o, "");
    else
        output_u64(o, one.confidence);
    output_text(o, one.labels);
    output_time(o, one.from);
    if (one.until.us == TIME_MAX.us)
        output_str(o, "");
    else
        output_time(o, one.until);
    put_reasons(o, one.reasons);
    output_end(o);
}

int
indicator_run_list(struct cli *cli)
{
    struct indicators *x = NULL;
    struct output *o = NULL;
    struct utime now = cli_now();
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "indicator list takes no arguments");
    r = indicator_load(cli, &x);
    if (r == 0)
        r = err_exit(output_open(cli, columns, sizeof columns / sizeof *columns, &o));
    if (r == 0) {
        for (uint32_t i = 0; i < indicators_count(x); i++)
            put_indicator(o, x, i, now);
        r = err_exit(output_close(o, 0));
    }
    (void)indicators_free(x);
    return r;
}
