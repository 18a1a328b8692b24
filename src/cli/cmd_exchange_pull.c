/* detente exchange pull, exchange status: what sources have that is new (role/source.h). */
#include <stdio.h>

#include "cli/exchange.h"
#include "cli/output.h"
#include "role/removals.h"
#include "role/returns.h"
#include "role/source.h"

enum { REFUSED_SAID = 20 /* of one source; all are counted */ };

struct pulled {
    uint64_t removed;
    uint64_t sighted;
    struct cli *cli;
    const char *dir;
    bool due; /* only those that are */
    struct output *o;
    const char *name;
    unsigned said;
    uint64_t rows;
    int code;
};

static void
say(void *arg, const char *line)
{
    (void)arg;
    cli_say("%s", line);
}

static void
say_refused(void *arg, const struct taking_refused *x)
{
    struct pulled *p = arg;

    if (p->said++ < REFUSED_SAID)
        cli_say("%s: refused %.*s %.*s: %.*s", p->name, (int)x->id.len, x->id.ptr,
                (int)x->version.len, x->version.ptr, (int)x->reason.len, x->reason.ptr);
}

static const struct column columns[] = {{"source", false},  {"new", true},
                                        {"same", true},     {"refused", true},
                                        {"requests", true}, {"fault", false}};

static void
give_sightings(struct pulled *p, const struct source *s)
{
    const struct returns_ask a = {
        .dir = p->dir, .from = s->into, .into = s->sightings, .now = cli_now()};
    struct returns_done done = {.added = 0};
    struct errinfo ei = {0};

    if (s->sightings[0] != '\0' && returns_put(&a, &done, &ei) < 0)
        cli_say("%s: its sightings: %s", p->name, ei.text);
    p->sighted += done.added;
}

static void
pull_one(struct pulled *p)
{
    struct source_pull x = {
        .dir = p->dir, .say = say, .tell = say_refused, .arg = p, .due = p->due};
    struct errinfo ei = {0};
    struct source s = {.name = ""};
    int code;
    int r = source_get(p->dir, p->name, &s, &ei);

    p->said = 0;
    if (r == 0)
        r = source_pull(&x, &s, &ei);
    if (x.idle || (p->due && r == ERR_BUSY && x.requests == 0))
        return; /* somebody else does it */
    p->rows++;
    p->removed += x.removed;
    if (s.name[0] != '\0')
        give_sightings(p, &s);
    if (p->said > REFUSED_SAID)
        cli_say("%s: %llu were refused in all", p->name, (unsigned long long)x.refused);
    if (x.undated > 0)
        cli_say("%s: the server does not say when it added objects: the next pull asks for "
                "them again",
                p->name);
    output_str(p->o, p->name);
    output_u64(p->o, x.added);
    output_u64(p->o, x.same);
    output_u64(p->o, x.refused);
    output_u64(p->o, x.requests);
    output_str(p->o, r == 0 ? "" : ei.text[0] != '\0' ? ei.text : err_text(r));
    output_end(p->o);
    code = r < 0 ? err_exit(r) : 0;
    if (p->code == 0 || code == err_exit(ERR_IO)) /* one that was not reached outweighs */
        p->code = code == 0 ? p->code : code;
}

static int
names_of(const struct pulled *p, char names[SOURCES_MOST][SOURCE_NAME], struct errinfo *ei)
{
    struct utime next;

    return p->due ? sources_due(p->dir, cli_now(), names, &next, ei)
                  : sources_names(p->dir, names, ei);
}

int
exchange_pull(struct cli *cli)
{
    char names[SOURCES_MOST][SOURCE_NAME];
    struct pulled p = {.cli = cli, .due = cli_option(cli, "due") != NULL};
    struct removals_done gone;
    struct errinfo ei = {0};
    int count;
    int r = cli_dir(cli, &p.dir);

    if (r < 0)
        return err_exit(r);
    if (p.due && cli->argc > 0)
        return cli_fail(ERR_USAGE, "exchange pull takes names, or --due");
    count = cli->argc > 0 ? cli->argc : names_of(&p, names, &ei);
    if (count < 0)
        return cli_fail_at(count, &ei);
    if (output_open(cli, columns, sizeof columns / sizeof *columns, &p.o) < 0)
        return err_exit(ERR_USAGE);
    for (int i = 0; i < count; i++) {
        p.name = cli->argc > 0 ? cli->argv[i] : names[i];
        pull_one(&p);
    }
    if (output_close(p.o, p.rows) < 0)
        return err_exit(ERR_IO);
    if (count == 0 && !p.due)
        cli_say("There is no source yet: `detente exchange source add`.");
    r = removals_do(p.dir, &gone, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (p.sighted > 0)
        cli_say("%llu sightings are new", (unsigned long long)p.sighted);
    p.removed += gone.objects;
    if (p.removed > 0)
        cli_say("%llu objects were removed, as others took them back",
                (unsigned long long)p.removed);
    return p.code;
}

/* ---- status ------------------------------------------------------------------------------ */

static const struct column status_columns[] = {
    {"source", false},     {"tried", false},  {"succeeded", false}, {"newest", false},
    {"objects", true},     {"refused", true}, {"fault", false},     {"fault_since", false},
    {"not_before", false}, {"every_s", true}, {"next", false}};

static void
put_time(struct output *o, struct utime t)
{
    if (t.us <= 0)
        output_str(o, "");
    else
        output_time(o, t);
}

static void
show_one(struct output *o, const struct source *s)
{
    struct utime now = cli_now();
    struct utime next;

    output_str(o, s->name);
    put_time(o, s->tried);
    put_time(o, s->succeeded);
    put_time(o, s->mark.last);
    output_u64(o, s->added);
    output_u64(o, s->refused);
    output_str(o, s->fault);
    put_time(o, s->fault_since);
    put_time(o, s->not_before);
    output_u64(o, s->every_s);
    next = source_next(s);
    put_time(o, next.us > 0 && next.us < now.us ? now : next);
    output_end(o);
}

int
exchange_status(struct cli *cli)
{
    return exchange_each_source(cli, status_columns,
                                sizeof status_columns / sizeof *status_columns, show_one);
}
