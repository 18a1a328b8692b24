/* detente pact annex new: what a party says of itself, from what its node knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_pact.h"
#include "model/addr.h"
#include "role/engine.h"
#include "role/tls.h"
#include "store/pacts.h"

enum { TEXT_MAX = 1 << 20 };

struct making {
    struct cli *cli;
    const char *dir;
    struct document of; /* the pact */
    struct conf *conf;
    struct node_known known;
    char from[TIME_TEXT]; /* `YYYY-MM-DDTHH:MM:SSZ` */
    uint64_t sequence;
    char old_log[VKEY_TEXT]; /* the log key of the one before that has no end; "" none */
    struct buf before;       /* the text of the annex it goes on from */
    unsigned left_out;
};

/* ---- keys ------------------------------------------------------------------------------- */

static int
look_keys(struct making *m, struct errinfo *ei)
{
    struct node n;
    int r = node_open(m->dir, NODE_READ, &n, ei);

    if (r < 0)
        return r;
    r = node_keys_known(&n, &m->known);
    node_close(&n);
    return r;
}

/* A node that never ran has not made them yet. */
static int
make_keys(const char *dir, struct errinfo *ei)
{
    struct node_keys *keys = calloc(1, sizeof *keys);
    struct tls_certificate own[TLS_OWN];
    struct node n;
    int r = keys == NULL ? err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                         : node_open(dir, NODE_WRITE, &n, ei);

    if (r == 0) {
        r = node_keys_open(&n, keys, ei);
        if (r == 0)
            r = tls_prepare(dir, n.conf, cli_now(), ei);
        if (r == 0)
            r = tls_own(dir, own, ei);
        if (r == 0)
            r = engine_tls_keys(n.engine, own, TLS_OWN, ei);
        node_keys_clear(keys);
        node_close(&n);
    }
    free(keys);
    return r;
}

static int
take_keys(struct making *m)
{
    struct errinfo ei = {0};
    int r = look_keys(m, &ei);

    if (r == ERR_NOTFOUND || (r == 0 && m->known.tls[0] == '\0')) {
        int made = make_keys(m->dir, &ei);

        if (made < 0 && made != ERR_BUSY)
            return cli_fail_at(made, &ei);
        r = look_keys(m, &ei);
    }
    if (r == ERR_NOTFOUND)
        return cli_fail(ERR_BUSY, "%s: the node has not made its keys yet: try again", m->dir);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* ---- the first annex, from the configuration -------------------------------------------- */

static void
put_one(struct buf *to, const struct prefix *p, bool *any)
{
    char text[PREFIX_TEXT];

    (void)prefix_format(p, text);
    buf_printf(to, "%s%s%s%s", *any ? ", " : "", addr_is_v4(&p->addr) ? "" : "\"", text,
               addr_is_v4(&p->addr) ? "" : "\"");
    *any = true;
}

/* v4, v6: which of both; space that is nobody's is no party's. */
static void
put_prefixes(struct making *m, struct buf *to, const struct conf_prefixes *list, bool v4,
             bool v6)
{
    bool any = false;

    buf_char(to, '[');
    for (unsigned i = 0; i < list->count; i++) {
        const struct prefix *p = &list->at[i];

        if (!(addr_is_v4(&p->addr) ? v4 : v6))
            continue;
        if (addr_kind(&p->addr) == ADDR_GLOBAL)
            put_one(to, p, &any);
        else
            m->left_out++;
    }
    buf_char(to, ']');
}

static void
put_space(struct making *m, struct buf *to)
{
    const char *asns = cli_option(m->cli, "asn");
    const char *proof = cli_option(m->cli, "proof");

    buf_printf(to, "\nspace:\n  asns: [%s]\n  v4: ", asns == NULL ? "" : asns);
    put_prefixes(m, to, &m->conf->networks, true, false);
    buf_text(to, "\n  v6: ");
    put_prefixes(m, to, &m->conf->networks, false, true);
    buf_printf(
        to,
        "\n  proof: %s                        # roa | irr | letter: how the other side may "
        "check it\n"
        "  protected: []                     # {label: cert, v4: [192.0.2.240/28]}: never "
        "a target\n",
        proof == NULL ? "roa" : proof);
}

static void
put_sensors(struct making *m, struct buf *to)
{
    const struct conf *c = m->conf;

    buf_text(to, c->sensor_count == 0 ? "\nsensors: []\n" : "\nsensors:\n");
    for (unsigned i = 0; i < c->sensor_count; i++) {
        const struct conf_sensor *s = &c->sensors[i];

        buf_printf(to, "  - {id: %s, kind: %s, watches: ", s->name,
                   s->kind[0] == '\0' ? "suricata" : s->kind);
        put_prefixes(m, to, s->prefixes.count > 0 ? &s->prefixes : &c->networks, true, true);
        buf_text(to, "}\n");
    }
}

static void
put_key(struct making *m, struct buf *to, const char *role, const char *form, const char *text,
        const char *comment)
{
    buf_printf(to, "  %-8s [{%s: \"%s\", from: %s, until: \"\"}]%s%s\n", role, form, text,
               m->from, comment[0] == '\0' ? "" : " # ", comment);
}

static void
put_keys(struct making *m, struct buf *to)
{
    const struct node_known *k = &m->known;

    buf_text(to, "\nkeys:                               # each with its validity; a key never "
                 "changes its job\n");
    put_key(m, to, "log:", "vkey", k->log, "");
    put_key(m, to, "witness:", "vkey", k->key[NODE_WITNESS], "");
    put_key(m, to, "holder:", "vkey", k->key[NODE_HOLDER],
            "cosigns only what it holds: every entry, and every message to it");
    put_key(m, to, "message:", "vkey", k->key[NODE_MESSAGE], "");
    put_key(m, to, "tls:", "spki", k->tls, "");
    put_key(m, to, "seal:", "x25519", k->seal, "evidence packages are encrypted to it");
}

static void
put_contacts(struct making *m, struct buf *to)
{
    struct slice rest = slice_of(cli_option(m->cli, "contact"));
    struct slice name = slice_part(&rest, ',');
    struct slice email = slice_part(&rest, ',');

    if (name.len == 0) {
        buf_text(to, "\ncontacts: []                        # {purpose: incident, name: Duty "
                     "desk, hours: 24/7, email: duty@host.example}\n");
        return;
    }
    buf_text(to, "\ncontacts:\n  - {purpose: incident, name: ");
    buf_json(to, name);
    buf_text(to, ", hours: 24/7, email: ");
    buf_json(to, email);
    if (rest.len > 0) {
        buf_text(to, ", phone: ");
        buf_json(to, rest);
    }
    buf_text(to, "}\n");
}

static void
put_channel(struct making *m, struct buf *to)
{
    const char *endpoint = cli_option(m->cli, "endpoint");
    struct slice origin = slice_of(m->known.log);
    struct slice host = slice_part(&origin, '/');

    buf_text(to, "\nchannel:\n  endpoint: ");
    if (endpoint != NULL)
        buf_text(to, endpoint);
    else
        buf_printf(to, "https://%.*s:8443/", (int)host.len, host.ptr);
    buf_text(to, "\n  fallback: [bundle]\n");
}

static void
put_all(struct making *m, struct buf *to)
{
    buf_printf(
        to,
        "# Annex of one party: a signed note with that party's signature alone, numbered "
        "in sequence. Others acknowledge it by a note\n"
        "# of their own: seen, not agreed. In force for judging from the later of "
        "valid_from and the time at which a witness first\n"
        "# cosigned its leaf.\n"
        "format: detente-annex/1\npact: %s\nparty: %s\nsequence: %llu\nvalid_from: %s\n",
        m->of.pact->name, m->conf->party, (unsigned long long)m->sequence, m->from);
    put_space(m, to);
    put_sensors(m, to);
    put_keys(m, to);
    put_contacts(m, to);
    put_channel(m, to);
}

/* ---- the next one ----------------------------------------------------------------------- */

static int
take_before(struct making *m, const struct adopted *a)
{
    const struct book_pact *p = book_pact(a->book, slice_of(m->of.pact->name));
    const struct annex *own = p == NULL || p->self < 0 ? NULL : book_annex(p, p->self);
    struct store_pact_note which = {.kind = PACT_NOTE_ANNEX, .by = {"", 0}};
    struct store_pact_note row;
    struct note note;
    struct errinfo ei = {0};
    int r;

    m->sequence = own == NULL ? 1 : (uint64_t)own->sequence + 1;
    if (own == NULL)
        return 0;
    for (unsigned i = 0; i < own->keys[ANNEX_LOG]; i++) {
        if (own->key[ANNEX_LOG][i].until.us == 0)
            (void)snprintf(m->old_log, sizeof m->old_log, "%s", own->key[ANNEX_LOG][i].text);
    }
    which.pact = slice_of(own->pact);
    which.party = slice_of(own->party);
    which.sequence = (uint64_t)own->sequence;
    r = store_get_pact_note(a->view.node.store, &which, &row);
    if (r == 0)
        r = note_parse(row.note, NOTE_PACT_MAX, &note, &ei);
    if (r == 0)
        buf_slice(&m->before, note.text);
    return r < 0 ? cli_fail(r, "%s: %s", m->dir, err_text(r)) : 0;
}

/* Its number, and the text of the one before. */
static int
look_before(struct making *m)
{
    struct adopted *a = calloc(1, sizeof *a);
    int r;

    if (a == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = adopted_open(m->cli, a);
    if (r == 0)
        r = take_before(m, a);
    adopted_close(a);
    free(a);
    return r;
}

static int
go_on(struct making *m, struct buf *to)
{
    char sequence[24];
    const struct edit edits[] = {{"sequence", sequence}, {"valid_from", m->from}, {NULL, NULL}};

    (void)snprintf(sequence, sizeof sequence, "%llu", (unsigned long long)m->sequence);
    return document_edit(buf_get(&m->before), edits, to);
}

/* ---- keys that are to follow ------------------------------------------------------------- */

struct following {
    char old[VKEY_TEXT];
    char next[VKEY_TEXT];
    char from[TIME_TEXT + 1]; /* the next one … */
    char until[TIME_TEXT +
               1]; /* the old one, a day later: clocks differ, and answers are late */
};

/* Behind the entry of the key in use, `{vkey: OLD, …, until: ""}`: that one ends, the other
 * begins.  All else stays as it stands.  False: it does not stand there like that. */
static bool
put_next(struct slice text, const struct following *f, struct buf *to)
{
    static const char open_end[] = "until: \"\"";
    const char *at = memmem(text.ptr, text.len, f->old, strlen(f->old));
    const char *end = at == NULL ? NULL : memchr(at, '}', text.len - (size_t)(at - text.ptr));
    const char *until =
        end == NULL ? NULL : memmem(at, (size_t)(end - at), open_end, sizeof open_end - 1);
    const char *brace = at;
    const char *line;

    if (until == NULL)
        return false;
    while (brace > text.ptr && *brace != '{')
        brace--;
    line = brace;
    while (line > text.ptr && line[-1] != '\n')
        line--;
    buf_slice(to, (struct slice){text.ptr, (size_t)(until - text.ptr)});
    buf_printf(to, "until: %s", f->until);
    until += sizeof open_end - 1;
    buf_slice(to, (struct slice){until, (size_t)(end + 1 - until)});
    if (memchr(line, '-', (size_t)(brace - line)) != NULL && /* a list by lines */
        strspn(line, " ") + 2 == (size_t)(brace - line))
        buf_printf(to, "\n%.*s", (int)(brace - line), line);
    else
        buf_text(to, ", ");
    buf_printf(to, "{vkey: \"%s\", from: %s, until: \"\"}", f->next, f->from);
    buf_slice(to, (struct slice){end + 1, (size_t)(text.ptr + text.len - end - 1)});
    return true;
}

static void
whole_second(struct utime t, char to[TIME_TEXT + 1])
{
    time_format(t, to);
    to[19] = 'Z';
    to[20] = '\0';
}

static int
follow_one(struct making *m, enum node_key which, struct following *f, struct buf *text)
{
    AUTO_BUF(changed, TEXT_MAX);
    struct errinfo ei = {0};
    struct vkey key;
    int r = node_keys_look_next(m->dir, which, &key, &ei);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : cli_fail_at(r, &ei);
    (void)vkey_format(&key, f->next);
    memcpy(f->old, m->known.key[which], sizeof f->old);
    if (memmem(text->ptr, text->len, f->next, strlen(f->next)) != NULL)
        return 0; /* the one before named it */
    if (!put_next(buf_get(text), f, &changed)) {
        cli_say("detente: warning: the %s key that is to follow is not in it: end the one "
                "before, and add %s",
                node_key_name(which), f->next);
        return 0;
    }
    buf_reset(text);
    buf_slice(text, buf_get(&changed));
    return buf_error(text) < 0 ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)) : 0;
}

static void
switch_at(struct utime at, struct following *f)
{
    whole_second(at, f->from);
    at.us += INT64_C(86400) * TIME_US_PER_S;
    whole_second(at, f->until);
}

/* The log went on under another key since the annex before: that one counts from now on. */
static int
follow_log(struct making *m, struct buf *text)
{
    AUTO_BUF(changed, TEXT_MAX);
    struct following f;

    if (m->old_log[0] == '\0' ||
        memmem(text->ptr, text->len, m->known.log, strlen(m->known.log)) != NULL)
        return 0;
    if (strcspn(m->old_log, "+") == strcspn(m->known.log, "+") &&
        memcmp(m->old_log, m->known.log, strcspn(m->old_log, "+")) == 0)
        return cli_fail(
            ERR_CONF, "the annex names another key for this log: two logs of one name prove a "
                      "fork; `detente log successor --seen` lets it go on under the next one");
    switch_at(cli_now(), &f);
    (void)snprintf(f.old, sizeof f.old, "%s", m->old_log);
    (void)snprintf(f.next, sizeof f.next, "%s", m->known.log);
    if (!put_next(buf_get(text), &f, &changed))
        return 0; /* say_missing() says so */
    buf_reset(text);
    buf_slice(text, buf_get(&changed));
    return buf_error(text) < 0 ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)) : 0;
}

static int
follow(struct making *m, struct buf *text)
{
    struct utime at = {cli_now().us + 7 * INT64_C(86400) * TIME_US_PER_S};
    struct following f;
    int r = cli_time(m->cli, "switch", at, &at);

    if (r < 0)
        return err_exit(r);
    switch_at(at, &f);
    r = follow_log(m, text);
    for (unsigned i = 0; r == 0 && i < NODE_KEYS; i++)
        r = follow_one(m, (enum node_key)i, &f, text);
    return r;
}

/* ---- all of it -------------------------------------------------------------------------- */

static void
warn(void *arg, unsigned line, const char *text)
{
    const struct making *m = arg;
    const char *out = cli_option(m->cli, "output");

    cli_say("detente: %s:%u: warning: %s", out == NULL ? "annex" : out, line, text);
}

static bool
stands_in(const struct annex *a, enum annex_role role, const char *text)
{
    for (unsigned i = 0; i < a->keys[role]; i++) {
        if (strcmp(a->key[role][i].text, text) == 0)
            return true;
    }
    return text[0] == '\0';
}

/* The one before may name keys that the node has no more. */
static void
say_missing(const struct making *m, const struct annex *a)
{
    const char *const keys[ANNEX_ROLES] = {[ANNEX_LOG] = m->known.log,
                                           [ANNEX_WITNESS] = m->known.key[NODE_WITNESS],
                                           [ANNEX_HOLDER] = m->known.key[NODE_HOLDER],
                                           [ANNEX_MESSAGE] = m->known.key[NODE_MESSAGE],
                                           [ANNEX_TLS] = m->known.tls,
                                           [ANNEX_SEAL] = m->known.seal};

    for (unsigned r = 0; r < ANNEX_ROLES; r++) {
        if (!stands_in(a, (enum annex_role)r, keys[r]))
            cli_say("detente: warning: the node's %s key is not in it: add %s",
                    annex_role_name((enum annex_role)r), keys[r]);
    }
}

static int
finish(struct making *m, struct slice text)
{
    const char *out = cli_option(m->cli, "output");
    struct errinfo ei = {0};
    struct annex *a = NULL;
    int r = annex_read(text, &a, warn, m, &ei);

    if (r == 0)
        r = annex_fits(a, m->of.pact, &ei);
    if (r == 0)
        say_missing(m, a);
    (void)annex_free(a);
    if (r < 0 && m->conf->networks.count == m->left_out)
        return cli_fail(
            ERR_CONF,
            "%s: `networks` in detente.yaml names no public address space: an annex "
            "declares some",
            m->dir);
    if (r < 0)
        return cli_fail(ERR_CONF, "this makes no annex: %s", ei.text);
    if (m->left_out > 0)
        cli_say("detente: warning: private and other space that is nobody's is left out");
    r = cli_write_file(out == NULL ? "-" : out, text, 0644, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("Read it, edit it, then: detente pact annex sign --key FILE ANNEX");
    return 0;
}

static int
make(struct making *m)
{
    bool fresh = cli_option(m->cli, "fresh") != NULL;
    AUTO_BUF(text, TEXT_MAX);
    struct errinfo ei = {0};
    int r = pact_find(m->cli, cli_option(m->cli, "pact"), &m->of);

    if (r != 0)
        return r;
    r = node_conf(m->dir, &m->conf, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (m->conf->party[0] == '\0' || pact_party(m->of.pact, slice_of(m->conf->party)) == NULL)
        return cli_fail(ERR_CONF, "%s: `party` in detente.yaml, `%s`, is no party of %s",
                        m->dir, m->conf->party, m->of.pact->name);
    r = take_keys(m);
    if (r == 0)
        r = look_before(m);
    if (r != 0)
        return r;
    if (m->before.len == 0 || fresh)
        put_all(m, &text);
    else
        r = go_on(m, &text);
    if (r == 0)
        r = buf_error(&text);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = follow(m, &text);
    return r != 0 ? r : finish(m, buf_get(&text));
}

int
run_annex_new(struct cli *cli)
{
    struct utime from = {cli_now().us / (86400 * TIME_US_PER_S) * (86400 * TIME_US_PER_S)};
    struct making *m;
    const char *dir = NULL;
    char text[TIME_TEXT];
    int r = cli_time(cli, "from", from, &from);

    if (r == 0)
        r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "pact annex new takes options alone");
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    m->cli = cli;
    m->dir = dir;
    buf_init(&m->before, NOTE_PACT_MAX);
    time_format(from, text);
    (void)snprintf(m->from, sizeof m->from, "%.19sZ", text);
    r = make(m);
    buf_release(&m->before);
    m->conf = conf_free(m->conf);
    pact_close(&m->of);
    free(m);
    return r;
}
