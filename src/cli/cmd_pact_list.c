/* detente pact list, show NAME: what this node adopted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_pact.h"
#include "cli/output.h"
#include "ledger/ledger.h"
#include "store/pacts.h"
#include "wire/hex.h"

enum { TEXT_MAX = 1 << 22 };

/* Who said that they saw an annex. */
struct seers {
    const char *pact;
    struct slice party;
    uint64_t sequence;
    struct buf *to;
    bool json;
};

static int
put_seer(void *arg, const struct store_pact_note *n)
{
    struct seers *s = arg;

    if (n->kind != PACT_NOTE_SEEN || !slice_is(n->pact, s->pact) ||
        !slice_eq(n->party, s->party) || n->sequence != s->sequence)
        return 0;
    if (s->to->len > 0)
        buf_char(s->to, s->json ? ',' : ' ');
    if (s->json)
        buf_json(s->to, n->by);
    else
        buf_slice(s->to, n->by);
    return 0;
}

static int
seen_by(const struct adopted *a, const struct book_pact *p, int party, uint64_t sequence,
        bool json, struct buf *to)
{
    struct seers s = {p->pact->name, p->party[party].id, sequence, to, json};

    buf_text(to, "");
    return store_each_pact_note(a->view.node.store, put_seer, &s);
}

/* ---- list ------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"pact", false},  {"version", true},    {"party", false},  {"self", false},
    {"state", false}, {"from", false},      {"until", false},  {"annex", true},
    {"leaf", true},   {"witnessed", false}, {"seen_by", false}};

static void
put_when(struct output *o, struct utime t)
{
    if (t.us == 0)
        output_str(o, "");
    else
        output_time(o, t);
}

static struct utime
end_of(const struct book_pact *p, int party)
{
    struct utime ends = p->party[party].ends;

    return ends.us != 0 && (p->pact->until.us == 0 || ends.us < p->pact->until.us)
               ? ends
               : p->pact->until;
}

static int
put_row(const struct adopted *a, struct output *o, const struct book_pact *p, int party)
{
    const struct book_party *b = &p->party[party];
    const struct book_annex *n = b->annexes == 0 ? NULL : &b->annex[b->annexes - 1];
    AUTO_BUF(seen, 1 << 16);
    int r = n == NULL ? 0 : seen_by(a, p, party, (uint64_t)n->annex->sequence, false, &seen);

    output_str(o, p->pact->name);
    output_i64(o, p->pact->version);
    output_text(o, b->id);
    output_bool(o, party == p->self);
    output_str(o, treaty_state(p, party, cli_now()));
    put_when(o, p->pact->from);
    put_when(o, end_of(p, party));
    output_i64(o, n == NULL ? 0 : n->annex->sequence);
    output_i64(o, n == NULL || n->leaf == PACT_LEAF_NONE ? -1 : (int64_t)ledger_index(n->leaf));
    put_when(o, n == NULL ? (struct utime){0} : n->witnessed);
    output_need(o, &seen);
    output_text(o, buf_get(&seen));
    output_end(o);
    return r;
}

static int
put_rows(const struct adopted *a, struct output *o)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < a->book->pacts; i++) {
        const struct book_pact *p = &a->book->pact[i];

        for (unsigned k = 0; r == 0 && k < p->pact->parties; k++)
            r = put_row(a, o, p, (int)k);
    }
    return r;
}

int
run_pact_list(struct cli *cli)
{
    struct adopted *a;
    struct output *o = NULL;
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "pact list takes options alone");
    r = output_open(cli, columns, sizeof columns / sizeof columns[0], &o);
    if (r < 0)
        return err_exit(r);
    a = calloc(1, sizeof *a);
    if (a == NULL) {
        output_drop(o);
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    r = adopted_open(cli, a);
    if (r == 0) {
        r = put_rows(a, o);
        if (r < 0)
            r = cli_fail(r, "%s: %s", cli->dir, err_text(r));
    }
    if (r != 0)
        output_drop(o);
    else if (output_close(o, output_rows(o)) < 0)
        r = err_exit(ERR_IO);
    adopted_close(a);
    free(a);
    return r;
}

/* ---- show ------------------------------------------------------------------------------- */

static void
show_keys(struct buf *to, const struct annex *a)
{
    for (unsigned r = 0; r < ANNEX_ROLES; r++) {
        for (unsigned i = 0; i < a->keys[r]; i++) {
            const struct annex_key *k = &a->key[r][i];

            buf_printf(to, "    %-8s %s\n             from ",
                       annex_role_name((enum annex_role)r), k->text);
            pact_when(to, k->from);
            buf_text(to, k->until.us == 0 ? "" : " until ");
            pact_when(to, k->until);
            buf_char(to, '\n');
        }
    }
}

static int
show_annexes(const struct adopted *a, const struct book_pact *p, int party, struct buf *to)
{
    const struct book_party *b = &p->party[party];
    int r = 0;

    for (unsigned i = 0; r == 0 && i < b->annexes; i++) {
        const struct book_annex *n = &b->annex[i];
        AUTO_BUF(seen, 1 << 16);

        r = seen_by(a, p, party, (uint64_t)n->annex->sequence, false, &seen);
        buf_printf(to, "  annex %lld valid from ", (long long)n->annex->sequence);
        pact_when(to, n->annex->valid_from);
        if (n->leaf == PACT_LEAF_NONE)
            buf_text(to, ", its leaf is not known yet");
        else
            buf_printf(to, ", leaf %llu", (unsigned long long)ledger_index(n->leaf));
        if (n->leaf != PACT_LEAF_NONE && ledger_generation(n->leaf) > 1)
            buf_printf(to, " of generation %u", ledger_generation(n->leaf));
        buf_text(to, n->witnessed.us == 0 ? ", not witnessed" : ", witnessed ");
        pact_when(to, n->witnessed);
        buf_printf(to, "%s%.*s\n", seen.len == 0 ? ", seen by nobody yet" : ", seen by ",
                   (int)seen.len, seen.ptr == NULL ? "" : seen.ptr);
        if (i + 1 == b->annexes)
            show_keys(to, n->annex);
    }
    return r;
}

static int
show(const struct adopted *a, const struct book_pact *p, struct buf *to)
{
    int r = 0;

    buf_printf(to, "pact %s, version %lld of %u: %s\nin force from ", p->pact->name,
               (long long)p->pact->version, p->texts, p->pact->title);
    pact_when(to, p->pact->from);
    buf_text(to, p->pact->until.us == 0 ? " until denounced" : " until ");
    pact_when(to, p->pact->until);
    for (unsigned k = 0; r == 0 && k < p->pact->parties; k++) {
        const struct book_party *b = &p->party[k];

        buf_printf(to, "\n%.*s%s: %s", (int)b->id.len, b->id.ptr,
                   (int)k == p->self ? " (this node)" : "", treaty_state(p, (int)k, cli_now()));
        if (b->denounced.us != 0) {
            buf_text(to, ", since ");
            pact_when(to, b->denounced);
            buf_text(to, ", bound until ");
            pact_when(to, b->ends);
            for (unsigned i = 0; i < p->pact->survives.count; i++)
                buf_printf(to, "%s%s", i == 0 ? "; beyond that: " : ", ",
                           p->pact->survives.at[i]);
        }
        buf_printf(to, "\n  log %.*s\n", (int)b->origin.len, b->origin.ptr);
        r = show_annexes(a, p, (int)k, to);
    }
    return r;
}

static void
json_when(struct buf *to, const char *name, struct utime t)
{
    buf_printf(to, ",\"%s\":\"", name);
    pact_when(to, t);
    buf_char(to, '"');
}

static void
json_keys(struct buf *to, const struct annex *a)
{
    bool any = false;

    buf_text(to, ",\"keys\":[");
    for (unsigned r = 0; r < ANNEX_ROLES; r++) {
        for (unsigned i = 0; i < a->keys[r]; i++) {
            buf_printf(to, "%s{\"role\":\"%s\",\"key\":\"%s\"", any ? "," : "",
                       annex_role_name((enum annex_role)r), a->key[r][i].text);
            json_when(to, "from", a->key[r][i].from);
            json_when(to, "until", a->key[r][i].until);
            buf_char(to, '}');
            any = true;
        }
    }
    buf_char(to, ']');
}

static int
json_annexes(const struct adopted *a, const struct book_pact *p, int party, struct buf *to)
{
    const struct book_party *b = &p->party[party];
    int r = 0;

    buf_text(to, ",\"annexes\":[");
    for (unsigned i = 0; r == 0 && i < b->annexes; i++) {
        const struct book_annex *n = &b->annex[i];
        AUTO_BUF(seen, 1 << 16);

        r = seen_by(a, p, party, (uint64_t)n->annex->sequence, true, &seen);
        buf_printf(to, "%s{\"sequence\":%lld,\"sha256\":\"", i > 0 ? "," : "",
                   (long long)n->annex->sequence);
        buf_hex(to, n->sha256.byte, sizeof n->sha256.byte);
        buf_printf(to, "\",\"leaf\":%lld,\"generation\":%u",
                   n->leaf == PACT_LEAF_NONE ? -1 : (long long)ledger_index(n->leaf),
                   n->leaf == PACT_LEAF_NONE ? 0 : ledger_generation(n->leaf));
        json_when(to, "valid_from", n->annex->valid_from);
        json_when(to, "witnessed", n->witnessed);
        buf_printf(to, ",\"endpoint\":\"%s\",\"seen_by\":[%.*s]", n->annex->endpoint,
                   (int)seen.len, seen.ptr == NULL ? "" : seen.ptr);
        json_keys(to, n->annex);
        buf_char(to, '}');
    }
    buf_char(to, ']');
    return r;
}

static int
json(const struct adopted *a, const struct book_pact *p, struct buf *to)
{
    int r = 0;

    buf_printf(to, "{\"pact\":\"%s\",\"title\":", p->pact->name);
    buf_json(to, slice_of(p->pact->title));
    buf_printf(to, ",\"version\":%lld,\"versions\":[", (long long)p->pact->version);
    for (unsigned i = 0; i < p->texts; i++) {
        buf_text(to, i > 0 ? ",\"" : "\"");
        buf_hex(to, p->text[i].byte, sizeof p->text[i].byte);
        buf_char(to, '"');
    }
    buf_char(to, ']');
    json_when(to, "from", p->pact->from);
    json_when(to, "until", p->pact->until);
    buf_printf(to, ",\"denunciation_s\":%lld,\"parties\":[",
               (long long)(p->pact->denunciation.us / TIME_US_PER_S));
    for (unsigned k = 0; r == 0 && k < p->pact->parties; k++) {
        const struct book_party *b = &p->party[k];

        buf_printf(to,
                   "%s{\"id\":\"%s\",\"self\":%s,\"state\":\"%s\",\"log_origin\":\"%s\","
                   "\"key\":\"%s\"",
                   k > 0 ? "," : "", p->pact->party[k].id, (int)k == p->self ? "true" : "false",
                   treaty_state(p, (int)k, cli_now()), p->pact->party[k].log_origin,
                   p->pact->party[k].key_text);
        json_when(to, "denounced", b->denounced);
        json_when(to, "ends", b->ends);
        r = json_annexes(a, p, (int)k, to);
        buf_char(to, '}');
    }
    buf_text(to, "]}");
    return r;
}

static int
show_of(struct cli *cli, const struct adopted *a)
{
    const struct book_pact *p = book_pact(a->book, slice_of(cli->argv[0]));
    AUTO_BUF(text, TEXT_MAX);
    int r;

    if (p == NULL)
        return cli_fail(ERR_NOTFOUND, "%s: no pact `%s` was adopted, and there is no such file",
                        cli->dir, cli->argv[0]);
    r = cli_option(cli, "json") != NULL ? json(a, p, &text) : show(a, p, &text);
    if (r < 0)
        return cli_fail(r, "%s: %s", cli->dir, err_text(r));
    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    return cli_print(&text);
}

int
show_adopted(struct cli *cli)
{
    struct adopted *a = calloc(1, sizeof *a);
    int r;

    if (a == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = adopted_open(cli, a);
    if (r == 0)
        r = show_of(cli, a);
    adopted_close(a);
    free(a);
    return r;
}
