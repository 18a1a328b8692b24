/* detente pact show, diff: what stands in it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd_pact.h"
#include "model/text.h"
#include "pact/diff.h"
#include "wire/hex.h"

static void
put_hash(struct buf *to, const struct hash *h)
{
    buf_hex(to, h->byte, sizeof h->byte);
}

void
pact_when(struct buf *to, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us == 0)
        return;
    time_format(t, text);
    buf_printf(to, "%.19sZ", text);
}

static void
put_threshold(struct buf *to, const struct pact_threshold *t)
{
    static const char *const units[] = {"events", "targets", "sensors", "bytes/s"};
    const int64_t figures[] = {t->events, t->targets, t->sensors, t->bytes_per_s};
    bool more = false;

    for (int i = 0; i < 4; i++) {
        if (figures[i] == 0)
            continue;
        buf_printf(to, "%s%lld %s", more ? ", " : "", (long long)figures[i], units[i]);
        more = true;
    }
    buf_printf(
        to, " in %lld s",
        (long long)((t->bytes_per_s > 0 ? t->sustained.us : t->window.us) / TIME_US_PER_S));
}

static void
show_obligation(const struct pact *p, const struct pact_obligation *o, struct buf *to)
{
    buf_printf(to, "  %-24s %s", o->id, pact_kind_name(o->kind));
    if (o->kind == PACT_REFRAIN) {
        buf_printf(to, ", %s, O%d: ", p->severity[o->severity].id, o->grade_min);
        put_threshold(to, &o->threshold);
    }
    if (o->kind == PACT_NOTIFY && pact_watches(o))
        buf_printf(to, ", %s: to the owner, within %lld h", p->severity[o->severity].id,
                   (long long)(o->within.us / TIME_US_PER_S / 3600));
    buf_char(to, '\n');
}

static void
show_pact(const struct pact *p, struct buf *to)
{
    buf_printf(to, "pact      %s, version %lld%s\n          %s\nsha256    ", p->name,
               (long long)p->version, p->draft ? ", unsigned draft" : "", p->title);
    put_hash(to, &p->sha256);
    buf_text(to, "\nin force  from ");
    pact_when(to, p->from);
    buf_text(to, p->until.us == 0 ? ", until denounced" : " until ");
    pact_when(to, p->until);
    buf_char(to, '\n');
    for (unsigned i = 0; i < p->parties; i++)
        buf_printf(to, "party     %s, %s\n          log %s, key %s\n", p->party[i].id,
                   p->party[i].name, p->party[i].log_origin,
                   p->party[i].key_text[0] == '\0' ? "none yet" : p->party[i].key_text);
    buf_printf(to, "obligations (%u)\n", p->obligations);
    for (unsigned i = 0; i < p->obligations; i++)
        show_obligation(p, &p->obligation[i], to);
    buf_printf(to, "exclusions (%u)\n", p->exclusions);
    for (unsigned i = 0; i < p->exclusions; i++)
        buf_printf(to, "  %-24s %s%s\n", p->exclusion[i].id,
                   p->exclusion[i].until[0] == '\0' ? "" : "until ", p->exclusion[i].until);
}

static void
show_prefixes(const struct pact_prefixes *list, struct buf *to)
{
    for (unsigned i = 0; i < list->count; i++) {
        char text[PREFIX_TEXT];

        (void)prefix_format(&list->at[i], text);
        buf_printf(to, " %s", text);
    }
}

static void
show_annex(const struct annex *a, struct buf *to)
{
    buf_printf(to, "annex     %lld of %s, pact %s%s\nsha256    ", (long long)a->sequence,
               a->party, a->pact, a->draft ? ", keys are missing" : "");
    put_hash(to, &a->sha256);
    buf_text(to, "\nfrom      ");
    pact_when(to, a->valid_from);
    buf_text(to, "\nspace    ");
    show_prefixes(&a->v4, to);
    show_prefixes(&a->v6, to);
    for (unsigned i = 0; i < a->asns.count; i++)
        buf_printf(to, " AS%u", a->asns.at[i]);
    buf_printf(to, "\nsensors   %u%s\nendpoint  %s\n", a->sensors,
               a->sensors_hidden[0] == '\0' ? "" : ", as a commitment", a->endpoint);
    for (unsigned r = 0; r < ANNEX_ROLES; r++) {
        for (unsigned i = 0; i < a->keys[r]; i++)
            buf_printf(to, "%-9s %s\n", annex_role_name((enum annex_role)r),
                       a->key[r][i].text[0] == '\0' ? "none yet" : a->key[r][i].text);
    }
}

static void
show_denunciation(const struct denunciation *d, struct buf *to)
{
    buf_printf(to, "denounced %s, version %lld, by %s\nat        ", d->pact,
               (long long)d->version, d->party);
    pact_when(to, d->at);
    buf_printf(to, "\nreason    %s\nsha256    ", d->reason[0] == '\0' ? "none" : d->reason);
    put_hash(to, &d->sha256);
    buf_char(to, '\n');
}

static void
put_json(const struct document *d, struct buf *to)
{
    const struct pact *p = d->pact;

    if (d->denunciation != NULL) {
        buf_printf(
            to, "{\"denunciation\":\"%s\",\"version\":%lld,\"party\":\"%s\",\"sha256\":\"",
            d->denunciation->pact, (long long)d->denunciation->version, d->denunciation->party);
        put_hash(to, &d->denunciation->sha256);
        buf_text(to, "\"}");
        return;
    }
    if (p == NULL) {
        buf_printf(
            to, "{\"annex\":%lld,\"pact\":\"%s\",\"party\":\"%s\",\"draft\":%s,\"sha256\":\"",
            (long long)d->annex->sequence, d->annex->pact, d->annex->party,
            d->annex->draft ? "true" : "false");
        put_hash(to, &d->annex->sha256);
        buf_text(to, "\"}");
        return;
    }
    buf_printf(to, "{\"pact\":\"%s\",\"title\":", p->name);
    buf_json(to, slice_of(p->title));
    buf_printf(to, ",\"version\":%lld,\"draft\":%s,\"sha256\":\"", (long long)p->version,
               p->draft ? "true" : "false");
    put_hash(to, &p->sha256);
    buf_text(to, "\",\"parties\":[");
    for (unsigned i = 0; i < p->parties; i++)
        buf_printf(to, "%s{\"id\":\"%s\",\"log_origin\":\"%s\",\"key\":\"%s\"}",
                   i > 0 ? "," : "", p->party[i].id, p->party[i].log_origin,
                   p->party[i].key_text);
    buf_text(to, "],\"obligations\":[");
    for (unsigned i = 0; i < p->obligations; i++)
        buf_printf(to, "%s{\"id\":\"%s\",\"kind\":\"%s\"}", i > 0 ? "," : "",
                   p->obligation[i].id, pact_kind_name(p->obligation[i].kind));
    buf_text(to, "]}");
}

int
run_pact_show(struct cli *cli)
{
    struct document *d = calloc(1, sizeof *d);
    AUTO_BUF(text, 1 << 22);
    int r;

    if (cli->argc == 1 && cli->dir != NULL && access(cli->argv[0], F_OK) < 0 &&
        text_is_name(slice_of(cli->argv[0]))) {
        free(d);
        return show_adopted(cli);
    }
    if (d == NULL || cli->argc != 1) {
        free(d);
        return cli_fail(cli->argc != 1 ? ERR_USAGE : ERR_NOMEM,
                        "pact show takes one file, or the name of an adopted pact");
    }
    r = document_open(cli->argv[0], d);
    if (r == 0 && cli_option(cli, "json") != NULL)
        put_json(d, &text);
    else if (r == 0 && d->pact != NULL)
        show_pact(d->pact, &text);
    else if (r == 0 && d->annex != NULL)
        show_annex(d->annex, &text);
    else if (r == 0)
        show_denunciation(d->denunciation, &text);
    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (r == 0)
        r = cli_print(&text);
    pact_close(d);
    free(d);
    return r;
}

static void
print_one(void *arg, enum diff_what what, struct slice path, struct slice before,
          struct slice after)
{
    (void)arg;
    switch (what) {
    case DIFF_ADDED:
        printf("+ %.*s%s%.*s\n", (int)path.len, path.ptr, after.len > 0 ? ": " : "",
               (int)after.len, after.ptr);
        break;
    case DIFF_REMOVED:
        printf("- %.*s%s%.*s\n", (int)path.len, path.ptr, before.len > 0 ? ": " : "",
               (int)before.len, before.ptr);
        break;
    case DIFF_CHANGED:
        printf("~ %.*s: %.*s -> %.*s\n", (int)path.len, path.ptr, (int)before.len, before.ptr,
               (int)after.len, after.ptr);
        break;
    }
}

int
run_pact_diff(struct cli *cli)
{
    struct document *d;
    struct errinfo ei = {0};
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "pact diff takes two files");
    d = calloc(2, sizeof *d);
    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = document_open(cli->argv[0], &d[0]);
    if (r == 0)
        r = document_open(cli->argv[1], &d[1]);
    if (r == 0) {
        r = pact_diff(d[0].text, d[1].text, print_one, NULL, &ei);
        r = r < 0 ? cli_fail(r, "%s", ei.text) : r > 0;
    }
    pact_close(&d[0]);
    pact_close(&d[1]);
    free(d);
    return r;
}
