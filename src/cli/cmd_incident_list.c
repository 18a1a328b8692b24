/* detente incident list, show: how incidents between the parties stand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cmd_incident.h"
#include "cli/output.h"
#include "role/cases.h"
#include "role/view.h"
#include "store/proofs.h"
#include "wire/hex.h"
#include "wire/jcs.h"

static const struct column columns[] = {
    {"incident", false}, {"pact", false},   {"role", false},     {"state", false},
    {"severity", false}, {"class", false},  {"origin", false},   {"count", true},
    {"targets", true},   {"opened", false}, {"next_due", false}, {"overdue", false}};
enum {
    COLUMNS = sizeof columns / sizeof columns[0],
    STATE = CASE_JSON * 4,
    WHOLE = CASE_JSON * 8
};

struct list {
    struct output *o;
    struct case_shown shown;
    struct case_known known;
    uint64_t most; /* 0: all */
    uint64_t count;
    struct buf state; /* of one, canonical */
};

static int
state_of(const struct case_shown *x, const struct case_name *name, struct buf *ret)
{
    const struct store_incident i = {.pact = slice_of(name->pact),
                                     .name = slice_of(name->name)};
    AUTO_BUF(json, STATE);
    int r = case_state(x, &i, &json);

    if (r < 0)
        return r;
    return jcs_canonical(buf_get(&json), ret, NULL) == JCS_OK ? 0 : ERR_INVALID;
}

static void
put_value(struct output *o, struct slice value, const char *name)
{
    AUTO_BUF(text, CASE_JSON);
    struct jcs_iter it;
    struct slice item;
    int64_t n;

    if (jcs_kind(value) == JCS_INT && jcs_int(value, &n) == 0) {
        output_i64(o, n);
        return;
    }
    if (jcs_kind(value) == JCS_STRING) {
        (void)!jcs_string(value, &text);
        output_text(o, buf_get(&text));
        output_need(o, &text);
        return;
    }
    (void)name;
    it = jcs_iter(value);
    while (jcs_item(&it, &item)) {
        if (text.len > 0)
            buf_char(&text, ' ');
        (void)!jcs_string(item, &text);
    }
    output_json(o, value, buf_get(&text));
    output_need(o, &text);
}

static void
put_cell(struct output *o, struct slice state, const struct column *c)
{
    struct slice value;

    if (jcs_find(state, c->name, &value))
        put_value(o, value, c->name);
    else if (c->number)
        output_u64(o, 0);
    else
        output_str(o, "");
}

static int
put_rows(struct list *l, const struct case_name *names, unsigned count)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < count && (l->most == 0 || i < l->most); i++) {
        buf_reset(&l->state);
        r = state_of(&l->shown, &names[i], &l->state);
        for (unsigned k = 0; r == 0 && k < COLUMNS; k++)
            put_cell(l->o, buf_get(&l->state), &columns[k]);
        if (r == 0)
            output_end(l->o);
    }
    return r;
}

static int
open_book(struct cli *cli, struct view *v, struct book **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = book_load(v->node.store, v->node.conf->party, ret, &ei);
    if (r == 0)
        return 0;
    view_close(v);
    return cli_fail_at(r, &ei);
}

int
incident_list(struct cli *cli)
{
    struct list l = {.shown.look = {cli_now(), &l.known}};
    struct case_name *names = NULL;
    unsigned count = 0;
    struct book *b = NULL;
    struct view v = {.ledger = NULL};
    int r = open_book(cli, &v, &b);

    if (r != 0)
        return r;
    buf_init(&l.state, STATE);
    l.shown.store = v.node.store;
    l.shown.book = b;
    r = cli_number(cli, "limit", 100, &l.most);
    if (r == 0)
        r = case_names(v.node.store, cli_option(cli, "all") == NULL, &names, &count);
    if (r == 0)
        r = output_open(cli, columns, COLUMNS, &l.o);
    if (r == 0)
        r = put_rows(&l, names, count);
    if (r < 0) {
        output_drop(l.o);
        r = r == ERR_USAGE ? err_exit(r) : cli_fail(r, "the incidents: %s", err_text(r));
    } else {
        r = output_close(l.o, count) < 0 ? err_exit(ERR_IO) : 0;
    }
    free(names);
    buf_release(&l.state);
    (void)book_free(b);
    view_close(&v);
    return r;
}

/* ---- one --------------------------------------------------------------------------------- */

static void
print_words(struct buf *out, struct slice state, const char *name, const char *label)
{
    AUTO_BUF(text, CASE_JSON);
    struct slice value;
    struct jcs_iter it;
    struct slice item;
    struct slice key;
    int64_t n;

    if (!jcs_find(state, name, &value))
        return;
    switch (jcs_kind(value)) {
    case JCS_STRING: (void)!jcs_string(value, &text); break;
    case JCS_INT:
        if (jcs_int(value, &n) == 0)
            buf_i64(&text, n);
        break;
    case JCS_ARRAY:
        it = jcs_iter(value);
        while (jcs_item(&it, &item)) {
            if (text.len > 0)
                buf_text(&text, ", ");
            (void)!jcs_string(item, &text);
        }
        break;
    case JCS_OBJECT:
        it = jcs_iter(value);
        while (jcs_member(&it, &key, &item)) {
            buf_printf(&text, "%s%.*s ", text.len > 0 ? ", " : "", (int)key.len, key.ptr);
            (void)!jcs_string(item, &text);
        }
        break;
    case JCS_BOOL: buf_slice(&text, value); break;
    }
    if (text.len > 0)
        buf_printf(out, "%-11s %.*s\n", label, (int)text.len, text.ptr);
}

static void
print_messages(struct buf *out, struct slice state)
{
    static const char *const names[] = {"at", "from", "type", "passed_over", "id"};
    struct slice list;
    struct slice m;
    struct jcs_iter it;

    if (!jcs_find(state, "conversation", &list))
        return;
    it = jcs_iter(list);
    while (jcs_item(&it, &m)) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            struct slice value;
            struct slice text = {"", 0};

            if (jcs_find(m, names[i], &value))
                (void)!jcs_plain(value, &text);
            if (i == 3 && text.len > 0)
                buf_printf(out, " [passed over: %.*s]", (int)text.len, text.ptr);
            else if (i != 3)
                buf_printf(out, "%s%.*s", i == 0 ? "  " : " ",
                           (int)(i == 4 && text.len > 12 ? 12 : text.len), text.ptr);
        }
        buf_char(out, '\n');
    }
}

static void
print_state(struct buf *out, struct slice state)
{
    static const char *const lines[][2] = {
        {"incident", "incident"}, {"pact", "pact"},
        {"notifier", "notifier"}, {"responder", "responder"},
        {"state", "state"},       {"severity", "severity"},
        {"class", "class"},       {"obligation", "obligation"},
        {"origin", "origin"},     {"first", "first"},
        {"last", "last"},         {"count", "count"},
        {"targets", "targets"},   {"opened", "opened"},
        {"finding", "finding"},   {"action", "action"},
        {"result", "result"},     {"owed", "owed"},
        {"overdue", "overdue"},   {"overdue_notifier", "notifier"},
        {"late", "late"}};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        print_words(out, state, lines[i][0], lines[i][1]);
    print_messages(out, state);
}

/* ---- proofs ------------------------------------------------------------------------------ */

static struct slice
text_of(struct slice object, const char *name)
{
    struct slice value;
    struct slice text = {"", 0};

    if (jcs_find(object, name, &value))
        (void)!jcs_plain(value, &text);
    return text;
}

struct files {
    struct store *store;
    struct slice other; /* party */
    bool ours;          /* this message's evidence */
    const char *dir;
    unsigned count;
};

static int
write_one(struct files *f, struct slice reference, struct errinfo *ei)
{
    struct slice hex = text_of(reference, "proof");
    struct store_proof p;
    struct hash id;
    char path[4096];
    int r;

    if (hex.len != (size_t)2 * SHA256_SIZE || hex_decode(hex, id.byte, SHA256_SIZE) < 0)
        return 0; /* on request only */
    r = store_get_proof(f->store, &id, f->other, f->ours, &p);
    if (r < 0 || p.file.len == 0)
        return r == ERR_NOTFOUND ? 0 : r;
    if ((size_t)snprintf(path, sizeof path, "%s/%llu-%u-%.8s.detente-proof", f->dir,
                         (unsigned long long)p.event.block, p.event.index,
                         hex.ptr) >= sizeof path)
        return err_set(ei, ERR_LIMIT, "the path is too long");
    f->count++;
    return cli_write_file(path, p.file, 0600, ei);
}

static int
write_proofs(const struct cli *cli, struct store *s, struct slice state)
{
    bool notifies = slice_is(text_of(state, "role"), "notifier");
    struct slice self = text_of(state, notifies ? "notifier" : "responder");
    struct files f = {.store = s,
                      .other = text_of(state, notifies ? "responder" : "notifier"),
                      .dir = cli_option(cli, "proofs")};
    struct errinfo ei = {0};
    struct slice list = {0};
    struct slice message;
    struct jcs_iter it;
    int r = 0;

    if (mkdir(f.dir, 0777) < 0 && errno != EEXIST)
        return cli_fail(err_named(errno), "%s: cannot be made: %s", f.dir, strerror(errno));
    if (!jcs_find(state, "conversation", &list))
        return 0;
    it = jcs_iter(list);
    while (r == 0 && jcs_item(&it, &message)) {
        struct slice evidence;
        struct slice reference;
        struct jcs_iter each;

        if (!jcs_find(message, "body", &evidence) || !jcs_find(evidence, "evidence", &evidence))
            continue;
        f.ours = slice_eq(text_of(message, "from"), self);
        each = jcs_iter(evidence);
        while (r == 0 && jcs_item(&each, &reference))
            r = write_one(&f, reference, &ei);
    }
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%u proofs in %s: `log verify FILE` checks each", f.count, f.dir);
    return 0;
}

int
incident_show(struct cli *cli)
{
    AUTO_BUF(state, WHOLE);
    AUTO_BUF(out, WHOLE);
    struct case_name *names = NULL;
    struct case_name *found = NULL;
    unsigned count = 0;
    struct book *b = NULL;
    struct view v = {.ledger = NULL};
    const char *pact = cli_option(cli, "pact");
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "incident show takes an incident, such as aland-7");
    r = open_book(cli, &v, &b);
    if (r != 0)
        return r;
    r = case_names(v.node.store, false, &names, &count);
    for (unsigned i = 0; r == 0 && i < count; i++) {
        if (strcmp(names[i].name, cli->argv[0]) == 0 &&
            (pact == NULL || strcmp(names[i].pact, pact) == 0))
            found = &names[i];
    }
    if (r == 0)
        r = found == NULL ? ERR_NOTFOUND
                          : state_of(&(struct case_shown){.store = v.node.store,
                                                          .book = b,
                                                          .look = {cli_now(), NULL},
                                                          .whole = true},
                                     found, &state);
    if (r == 0 && cli_option(cli, "proofs") != NULL) {
        r = write_proofs(cli, v.node.store, buf_get(&state));
    } else if (r == 0 && cli_option(cli, "json") != NULL) {
        r = cli_print(&state);
    } else if (r == 0) {
        print_state(&out, buf_get(&state));
        if (out.len > 0)
            out.len--; /* cli_print() ends the line */
        r = cli_print(&out);
    } else {
        r = cli_fail(r, "%s: %s", cli->argv[0],
                     r == ERR_NOTFOUND ? "no such incident here" : err_text(r));
    }
    free(names);
    (void)book_free(b);
    view_close(&v);
    return r;
}
