/* detente vuln: what is exploited, and what of it is one's own (version/version.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/vuln.h"
#include "version/version.h"
#include "vuln/alert.h"

/* ---- compare ----------------------------------------------------------------------------- */

enum { COMPARED = 1 << 28 /* bytes of a file */, SAID = 10 /* versions that are none */ };

struct comparing {
    enum version_scheme scheme;
    uint64_t wrong; /* versions that are none */
};

/* It is compared all the same; whoever wrote it should know. */
static void
look_at(struct comparing *c, struct slice v, unsigned line, size_t column)
{
    size_t at;
    const char *why = version_wrong(c->scheme, v, &at);
    int shown = v.len < 80 ? (int)v.len : 80;

    if (why == NULL || c->wrong++ >= SAID)
        return;
    if (line > 0)
        cli_say("-:%u:%zu: `%.*s` is no version of %s: %s", line, column + at, shown, v.ptr,
                version_scheme_name(c->scheme), why);
    else
        cli_say("`%.*s`, character %zu, is no version of %s: %s", shown, v.ptr, at + 1,
                version_scheme_name(c->scheme), why);
}

static int
compare_lines(struct comparing *c, struct slice text)
{
    struct slice line;
    unsigned number = 0;

    while (slice_line(&text, &line)) {
        struct slice rest = line;
        struct slice a = slice_part(&rest, '\t');
        struct slice b = slice_part(&rest, '\t');

        number++;
        if (b.len > 0 && b.ptr[b.len - 1] == '\r')
            b = slice_sub(b, 0, b.len - 1);
        if (a.len == 0 || b.len == 0)
            return cli_fail(ERR_INVALID, "-:%u: a line is two versions with a tab between",
                            number);
        look_at(c, a, number, 1);
        look_at(c, b, number, 1 + (size_t)(b.ptr - line.ptr));
        printf("%d\n", version_compare(c->scheme, a, b));
    }
    if (c->wrong > SAID)
        cli_say("and %llu more that are no versions of %s",
                (unsigned long long)(c->wrong - SAID), version_scheme_name(c->scheme));
    return 0;
}

static int
compare_stdin(struct comparing *c)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file("-", COMPARED, &text, &len, &ei);

    r = r < 0 ? cli_fail_at(r, &ei) : compare_lines(c, (struct slice){text, len});
    free(text);
    return r;
}

static int
run_compare(struct cli *cli)
{
    struct comparing c = {0};
    bool in = cli->argc == 2 && strcmp(cli->argv[1], "-") == 0;
    int r = 0;

    if (cli->argc != 3 && !in)
        return cli_fail(ERR_USAGE, "vuln compare takes an ecosystem and two versions, or `-`");
    if (!version_scheme_parse(slice_of(cli->argv[0]), &c.scheme))
        return cli_fail(ERR_USAGE,
                        "`%s` is no ecosystem: dpkg, rpm, apk, semver, pypi, maven, rubygems",
                        cli->argv[0]);
    if (in) {
        r = compare_stdin(&c);
    } else if (cli->argv[1][0] == '\0' || cli->argv[2][0] == '\0') {
        return cli_fail(ERR_USAGE, "a version is missing");
    } else {
        look_at(&c, slice_of(cli->argv[1]), 0, 0);
        look_at(&c, slice_of(cli->argv[2]), 0, 0);
        printf("%d\n",
               version_compare(c.scheme, slice_of(cli->argv[1]), slice_of(cli->argv[2])));
    }
    return r != 0                ? r
           : fflush(stdout) != 0 ? cli_fail(ERR_IO, "standard output cannot be written")
                                 : 0;
}

/* ---- cves -------------------------------------------------------------------------------- */

enum { READ = 1 << 30 };

static void
put_found(struct buf *b, const struct cve_found *f, bool sources)
{
    char text[CVE_TEXT];
    bool first = true;

    (void)cve_format(f->id, text);
    if (!sources) {
        buf_printf(b, "\"%s\"", text);
        return;
    }
    buf_printf(b, "{\"cve\":\"%s\",\"confidence\":\"%s\",\"sources\":[", text,
               cve_confidence(f->sources));
    for (unsigned i = 0; i < CVE_SOURCES; i++) {
        if ((f->sources >> i & 1) == 0)
            continue;
        buf_printf(b, "%s\"%s\"", first ? "" : ",", cve_source_name(i));
        first = false;
    }
    buf_text(b, "]}");
}

static int
put_cves(const struct cve_set *s, bool sources)
{
    AUTO_BUF(b, 1 << 16);

    buf_char(&b, '[');
    for (unsigned i = 0; i < s->count; i++) {
        buf_text(&b, i > 0 ? "," : "");
        put_found(&b, &s->at[i], sources);
    }
    buf_char(&b, ']');
    return cli_print(&b);
}

/* A line that is no record costs itself. */
static int
cves_of(const char *path, char *text, size_t len, bool sources)
{
    struct slice rest = {text, len};
    struct slice line;
    unsigned number = 0;
    unsigned wrong = 0;
    int r = 0;

    while (r == 0 && slice_line(&rest, &line)) {
        struct errinfo ei = {0};
        struct cve_set found;

        number++;
        if (line.len == 0)
            continue;
        r = alert_cves(text + (line.ptr - text), line.len, &found, &ei);
        if (r == ERR_INVALID) {
            if (wrong++ < SAID)
                cli_say("%s:%u:%u: %s", path, number, ei.column, ei.text);
            r = 0;
        } else if (r < 0) {
            r = cli_fail(r, "%s", err_text(r));
        } else {
            r = r > 0 ? put_cves(&found, sources) : 0;
        }
    }
    if (wrong > SAID)
        cli_say("%s: and %u lines more", path, wrong - SAID);
    return r != 0 ? r : wrong > 0 ? err_exit(ERR_INVALID) : 0;
}

static int
run_cves(struct cli *cli)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "vuln cves takes one file of alerts, or `-`");
    r = cli_read_file(cli->argv[0], READ, &text, &len, &ei);
    r = r < 0 ? cli_fail_at(r, &ei)
              : cves_of(cli->argv[0], text, len, cli_option(cli, "sources") != NULL);
    free(text);
    return r;
}

static const struct cmd_option cves_options[] = {
    {"sources", NULL, "of each who says so, and how sure that is", 0}, {0}};

const struct cmd cmd_vuln[] = {
    {"vuln", "compare", "ECOSYSTEM A B|-",
     "which of two versions is older, by the ecosystem's own rules: -1, 0 or 1; `-`: of each "
     "line",
     NULL, run_compare},
    {"vuln", "cves", "FILE|-",
     "which vulnerabilities alerts are about: of each alert of Suricata's EVE a JSON list",
     cves_options, run_cves},
    {"vuln", "import", "KIND FILE…",
     "take a feed in: kev, epss, nvd, cve5, osv, debian, openvex or a sensor's rules; broken "
     "ones change nothing",
     vuln_import_options, vuln_run_import},
    {"vuln", "scan", "", "which vulnerabilities the party's own machines have",
     vuln_scan_options, vuln_run_scan},
    {"vuln", "diff", "",
     "what came and what went between two moments, by scans with --keep; exit 1 when something "
     "came",
     vuln_diff_options, vuln_run_diff},
    {"vuln", "report", "", "what was found as a document: SARIF, OpenVEX, or a page to print",
     vuln_report_options, vuln_run_report},
    {"vuln", "live", "",
     "which vulnerabilities alerts are about, from where, and what is hit that has them",
     vuln_live_options, vuln_run_live},
    {"vuln", "feeds", "", "what was taken in, how old it is; exit 1 when a feed is stale",
     vuln_feeds_options, vuln_run_feeds},
    {"vuln", "bundle create", "DIR [FILE…]",
     "feeds that are in force here for another party: their files, and a signed note",
     vuln_bundle_create_options, vuln_run_bundle_create},
    {"vuln", "bundle verify", "DIR", "who signed for which feeds, and are these the files",
     vuln_bundle_options, vuln_run_bundle_verify},
    {"vuln", "bundle import", "DIR",
     "take in what is newer than ours, and say where copies of one version differ",
     vuln_bundle_options, vuln_run_bundle_import},
    {"vuln", "show", "CVE", "all that feeds say of a vulnerability, and where it is",
     vuln_show_options, vuln_run_show},
    {"vuln", "explain", "ASSET CVE",
     "why it is to be mended by when: the decision, each factor, versions, statements",
     vuln_explain_options, vuln_run_explain},
    {"vuln", "vex add", "ASSET|--any CVE", "state whether own assets are affected",
     vuln_vex_add_options, vuln_run_vex_add},
    {"vuln", "vex list", "", "statements and exceptions, ended ones too", vuln_vex_list_options,
     vuln_run_vex_list},
    {"vuln", "vex drop", "N|FEED",
     "take back a statement of one's own, or all of a supplier's document", NULL,
     vuln_run_vex_drop},
    {"vuln", "except", "ASSET CVE", "put up with a vulnerability until a day, for a reason",
     vuln_except_options, vuln_run_except},
    {0},
};
