/* detente report: the joint report of a pact, for whoever consults. */
#include "cli/language.h"
#include "cli/output.h"
#include "cli/verdict_ask.h"
#include "role/report.h"

static int
write_html(const char *path, enum language language, struct slice json)
{
    AUTO_BUF(html, (size_t)VERDICTS_JSON * 2);
    struct errinfo ei = {0};
    int r = report_html(json, language, &html);

    if (r < 0)
        return cli_fail(r, "the report: %s", err_text(r));
    r = cli_write_file(path, buf_get(&html), 0644, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
run(struct cli *cli)
{
    const char *html = cli_option(cli, "html");
    const char *format = cli_option(cli, "output");
    AUTO_BUF(json, VERDICTS_JSON);
    enum language language;
    int r;

    if (format == NULL && cli_option(cli, "json") != NULL)
        format = "json";
    if (format != NULL && strcmp(format, "json") != 0)
        return cli_fail(ERR_USAGE, "a report is --html FILE or --output json, not `%s`",
                        format);
    if (html == NULL && format == NULL)
        html = "-";
    r = cli_language(cli, &language);
    if (r == 0)
        r = cli_verdicts(cli, report_json, &json);
    if (r == 0 && html != NULL)
        r = write_html(html, language, buf_get(&json));
    if (r == 0 && format != NULL)
        r = cli_print(&json);
    return r;
}

static const struct cmd_option options[] = {
    VERDICT_OPTIONS,
    {"html", "FILE", "write it as one HTML page, to be printed (default: to standard output)",
     0},
    {"lang", "LANG",
     "en, ru or zh: language of the page (default: `language` of the configuration)", 0},
    {"output", "FORMAT", "json: all of it as one JSON object", 'o'},
    {"json", NULL, "the same", 0},
    {0}};

const struct cmd cmd_report[] = {
    {"report", NULL, "",
     "the joint report of a pact: what both logs hold, and both verdicts side by side", options,
     run},
    {0},
};
