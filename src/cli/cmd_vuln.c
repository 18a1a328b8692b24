/* detente vuln: what is exploited, and what of it is one's own (version/version.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "version/version.h"

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

const struct cmd cmd_vuln[] = {
    {"vuln", "compare", "ECOSYSTEM A B|-",
     "which of two versions is older, by the ecosystem's own rules: -1, 0 or 1; `-`: of each "
     "line",
     NULL, run_compare},
    {0},
};
