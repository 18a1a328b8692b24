/* detente vuln report: what was found, as documents (cli/vuln_report.h). */
#include <stdio.h>
#include <string.h>

#include "cli/language.h"
#include "cli/vuln.h"
#include "cli/vuln_report.h"

enum { REPORT_BYTES = 1 << 30 };

const struct cmd_option vuln_report_options[] = {
    {"format", "FORMAT", "sarif, openvex (of one --asset) or html", 0},
    VULN_FINDINGS_OPTIONS,
    {"author", "NAME", "of an OpenVEX document: who says it; `detente` unless told", 0},
    {"lang", "LANG",
     "en, ru or zh: language of the page (default: `language` of the configuration)", 0},
    {0}};

enum format { SARIF, OPENVEX, HTML, FORMATS };

static int
read_format(const struct cli *cli, enum format *ret)
{
    static const char *const names[FORMATS] = {"sarif", "openvex", "html"};
    const char *name = cli_option(cli, "format");

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln report takes no arguments");
    for (unsigned i = 0; name != NULL && i < FORMATS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret = (enum format)i;
            return *ret == OPENVEX && cli_option(cli, "asset") == NULL
                       ? cli_fail(ERR_USAGE, "an OpenVEX document is of one asset: --asset")
                       : 0;
        }
    }
    return cli_fail(ERR_USAGE, "--format takes sarif, openvex or html%s%s%s",
                    name == NULL ? "" : ", not `", name == NULL ? "" : name,
                    name == NULL ? "" : "`");
}

static int
write_report(struct vuln_report *r, enum format format, const char *author,
             enum language language)
{
    int code = format == SARIF     ? vuln_sarif(r)
               : format == OPENVEX ? vuln_openvex(r, author)
                                   : vuln_html(r, language);

    if (code < 0 && r->ei->text[0] != '\0')
        return cli_fail_at(code, r->ei);
    if (code < 0)
        return cli_fail(code, "the report: %s (%s)", err_text(code), vulndb_error(r->f->db));
    return cli_print(r->to);
}

int
vuln_run_report(struct cli *cli)
{
    struct findings f = {.figures = true, .options = {.fixed = true}};
    AUTO_BUF(to, REPORT_BYTES);
    struct errinfo ei = {0};
    struct vuln_report report = {&f, &to, &ei};
    const char *author = cli_option(cli, "author");
    enum language language = LANGUAGE_EN;
    enum format format = SARIF;
    int r = read_format(cli, &format);

    if (r == 0 && format == HTML)
        r = cli_language(cli, &language);
    if (r != 0)
        return r;
    r = findings_open(cli, &f);
    if (r == 0)
        r = write_report(&report, format, author == NULL ? "detente" : author, language);
    findings_close(&f);
    return r;
}
