/* detente pact new: a pact to begin with. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd_pact.h"
#include "model/text.h"
#include "pact/template.h"

enum { TEXT_MAX = 1 << 20 };

struct parts {
    const char *name;
    struct slice title;
    char day[TIME_TEXT];
    char from[TIME_TEXT];
    struct buf parties;
};

/* `id`, `id,origin`, `id,origin,vkey` */
static int
put_party(const char *text, struct buf *to)
{
    struct slice rest = slice_of(text);
    struct slice id = slice_part(&rest, ',');
    struct slice origin = slice_part(&rest, ',');
    char made[128];
    struct vkey key;

    if (!text_is_party(id))
        return cli_fail(ERR_USAGE,
                        "`%s`: a party's name is 2 to 32 of a-z 0-9, words joined by "
                        "single hyphens",
                        text);
    (void)snprintf(made, sizeof made, "%.*s.example/detente/log", (int)id.len, id.ptr);
    if (origin.len == 0)
        origin = slice_of(made);
    if (!text_is_origin(origin))
        return cli_fail(ERR_USAGE, "`%s`: a log's origin is a host name, a slash and a path",
                        text);
    if (rest.len > 0 && vkey_parse(rest, &key) < 0)
        return cli_fail(ERR_USAGE, "`%s`: the key is none that `detente pact key` prints",
                        text);
    buf_printf(
        to,
        "  - id: %.*s\n    name: %.*s\n    role: cert\n    countries: []\n    key: \"%.*s\"\n"
        "    log_origin: %.*s\n",
        (int)id.len, id.ptr, (int)id.len, id.ptr, (int)rest.len, rest.ptr, (int)origin.len,
        origin.ptr);
    return 0;
}

/* The parties' names, when it has no other. */
static void
make_title(struct cli *cli, struct buf *to)
{
    const char *title = cli_option(cli, "title");

    if (title != NULL) {
        buf_json(to, slice_of(title)); /* quoted: a title may hold anything */
        return;
    }
    buf_text(to, "Understanding between");
    for (int i = 1; i < cli->argc; i++) {
        struct slice rest = slice_of(cli->argv[i]);
        struct slice id = slice_part(&rest, ',');

        buf_printf(to, "%s %.*s", i > 1 ? " and" : "", (int)id.len, id.ptr);
    }
}

static void
fill(const struct parts *p, struct buf *to)
{
    const char *at = pact_template;
    const char *mark;

    while ((mark = strchr(at, '@')) != NULL) {
        buf_add(to, at, (size_t)(mark - at));
        at = strchr(mark + 1, '@') + 1;
        if (strncmp(mark, "@NAME@", 6) == 0)
            buf_text(to, p->name);
        else if (strncmp(mark, "@TITLE@", 7) == 0)
            buf_slice(to, p->title);
        else if (strncmp(mark, "@DAY@", 5) == 0)
            buf_add(to, p->day, 10);
        else if (strncmp(mark, "@FROM@", 6) == 0)
            buf_printf(to, "%.10sT00:00:00Z", p->from);
        else
            buf_slice(to, buf_get(&p->parties));
    }
    buf_text(to, at);
}

int
run_pact_new(struct cli *cli)
{
    struct parts p = {.name = cli->argc > 0 ? cli->argv[0] : ""};
    struct utime from = {cli_now().us + 30 * INT64_C(86400) * TIME_US_PER_S};
    const char *out = cli_option(cli, "output");
    AUTO_BUF(title, 4096);
    AUTO_BUF(text, TEXT_MAX);
    struct errinfo ei = {0};
    struct pact *made = NULL;
    int r = cli_time(cli, "from", from, &from);

    if (r < 0)
        return err_exit(r);
    if (cli->argc < 3 || !text_is_name(slice_of(p.name)))
        return cli_fail(ERR_USAGE, "pact new takes a name (a-z 0-9, words joined by single "
                                   "hyphens) and at least two parties");
    time_format(cli_now(), p.day);
    time_format(from, p.from);
    make_title(cli, &title);
    p.title = buf_get(&title);
    buf_init(&p.parties, TEXT_MAX);
    for (int i = 1; r == 0 && i < cli->argc; i++)
        r = put_party(cli->argv[i], &p.parties);
    if (r == 0)
        fill(&p, &text);
    buf_release(&p.parties);
    if (r == 0 && (r = pact_read(buf_get(&text), &made, NULL, NULL, &ei)) < 0)
        r = cli_fail(ERR_USAGE, "this makes no pact: %s", ei.text);
    (void)pact_free(made);
    if (r != 0)
        return r;
    r = cli_write_file(out == NULL ? "-" : out, buf_get(&text), 0644, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}
