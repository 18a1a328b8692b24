/* detente log: what stands in the log, proofs out of it, and checks of both. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "cli/output.h"
#include "cli/secret.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "model/text.h"
#include "note/checkpoint.h"
#include "note/policy.h"
#include "role/quorum.h"
#include "role/view.h"
#include "store/erase.h"
#include "wire/hex.h"
#include "wire/jcs.h"

int
cli_log_open(const struct cli *cli, struct view *v)
{
    struct errinfo ei = {.text = ""};
    const char *dir;
    int r = cli_dir(cli, &dir);

    *v = (struct view){.node = {.lock = -1}};
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, v, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
cli_log_open_at(const struct cli *cli, struct view *v)
{
    struct errinfo ei = {.text = ""};
    uint64_t generation;
    int r = cli_number(cli, "generation", 0, &generation);

    *v = (struct view){.node = {.lock = -1}};
    if (r < 0)
        return err_exit(r);
    r = cli_log_open(cli, v);
    if (r != 0 || cli_option(cli, "generation") == NULL)
        return r;
    r = view_generation(v, generation > LEDGER_GENERATIONS ? 0 : (unsigned)generation, &ei);
    if (r == 0)
        return 0;
    view_close(v);
    return cli_fail_at(r, &ei);
}

int
cli_log_fail(const struct view *v, int err)
{
    return cli_fail(err, "the log: %s (%s)", err_text(err), store_error(v->node.store));
}

/* ---- list and show ---- */

static const struct column columns[] = {{"index", true},  {"at", false},   {"type", false},
                                        {"state", false}, {"bytes", true}, {"hash", false}};

static int
put_leaf(void *arg, uint64_t index, struct slice entry)
{
    struct output *o = arg;
    struct hash h = tree_leaf(entry);
    char hex[2 * SHA256_SIZE];
    struct leaf l;

    leaf_read(entry, &l);
    hex_encode(h.byte, SHA256_SIZE, hex);
    output_u64(o, index);
    if (l.reading == LEAF_KNOWN)
        output_time(o, l.at);
    else
        output_str(o, "");
    output_text(o, l.type_name);
    output_str(o, leaf_reading_name(l.reading));
    output_u64(o, entry.len);
    output_text(o, (struct slice){hex, sizeof hex});
    output_end(o);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct ledger_storage s;
    struct output *o;
    struct view v;
    uint64_t limit;
    uint64_t size;
    int r;

    if (cli_number(cli, "limit", 30, &limit) < 0 ||
        output_open(cli, columns, sizeof columns / sizeof columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    r = cli_log_open_at(cli, &v);
    if (r != 0) {
        output_drop(o);
        return r;
    }
    store_ledger(v.node.store, &s);
    size = ledger_size(v.ledger);
    if (limit == 0 || limit > size)
        limit = size;
    r = limit == 0 ? 0 : s.get_entries(s.self, size - limit, limit, put_leaf, o);
    if (r < 0) {
        output_drop(o);
        r = cli_log_fail(&v, r);
    } else if (output_close(o, size) < 0)
        r = err_exit(ERR_IO);
    view_close(&v);
    return r;
}

static int
print_entry(void *arg, uint64_t index, struct slice entry)
{
    (void)arg;
    (void)index;
    return fwrite(entry.ptr, 1, entry.len, stdout) == entry.len && putchar('\n') != EOF
               ? 0
               : ERR_IO;
}

/* What opens the leaf's commitment, kept here alone. */
static int
print_opening(struct view *v, uint64_t leaf)
{
    AUTO_BUF(out, 1 << 20);
    struct slice salt;
    struct slice opened;
    int r = store_get_opening(v->node.store, leaf, &salt, &opened);

    if (r == ERR_NOTFOUND)
        return cli_fail(r, "leaf %llu commits to nothing that is kept to be opened",
                        (unsigned long long)ledger_index(leaf));
    if (r < 0)
        return cli_log_fail(v, r);
    buf_text(&out, "{\"salt\":\"");
    buf_hex(&out, salt.ptr, salt.len);
    buf_text(&out, "\",\"opened\":");
    buf_slice(&out, opened);
    buf_char(&out, '}');
    return cli_print(&out);
}

static int
run_show(struct cli *cli)
{
    struct ledger_storage s;
    struct view v;
    uint64_t index;
    int r;

    if (cli->argc != 1 || text_number(slice_of(cli->argv[0]), NUMBER_MAX, &index) < 0)
        return cli_fail(ERR_USAGE, "log show takes the index of one leaf");
    r = cli_log_open_at(cli, &v);
    if (r != 0)
        return r;
    store_ledger(v.node.store, &s);
    if (index >= ledger_size(v.ledger))
        r = cli_fail(ERR_NOTFOUND, "the log has %llu leaves",
                     (unsigned long long)ledger_size(v.ledger));
    else if (cli_option(cli, "opening") != NULL)
        r = print_opening(&v, ledger_first(v.ledger) + index);
    else {
        r = s.get_entries(s.self, index, 1, print_entry, NULL);
        r = r < 0 ? cli_log_fail(&v, r) : 0;
    }
    view_close(&v);
    return r;
}

static int
run_key(struct cli *cli)
{
    char text[VKEY_TEXT];
    struct view v;
    int r = cli_log_open_at(cli, &v);

    if (r != 0)
        return r;
    (void)vkey_format(&v.node.vkey, text);
    printf("%s\n", text);
    view_close(&v);
    return 0;
}

/* ---- prove ---- */

static const char *const shows[] = {"raw", "target", "private", "public", "masked"};

_Static_assert(PROOF_MASKED == 4, "a name for each proof_show");

static int
find_show(const char *name)
{
    for (int i = 0; i < (int)(sizeof shows / sizeof shows[0]); i++) {
        if (name == NULL || strcmp(name, shows[i]) == 0)
            return i;
    }
    return ERR_USAGE;
}

/* `entry` and `NAME.tlog-proof` for other tools. */
static int
split_proof(const struct view *v, struct slice file, const char *dir, const char *name,
            struct errinfo *ei)
{
    struct checkpoint_keys keys = {{&v->node.vkey, 1}, {NULL, 0}, {NULL, 0}};
    struct proof *p = malloc(sizeof *p);
    char path[4096];
    AUTO_BUF(tlog, PROOF_MAX);
    struct tree_path up;
    int r = p == NULL ? ERR_NOMEM : proof_verify(file, &keys, p, ei);

    if (r < 0) {
        free(p);
        return r;
    }
    r = ledger_prove_inclusion(v->ledger, p->leaf_index, p->signed_.checkpoint.size, &up);
    if (r == 0) {
        struct slice text = p->signed_.note.text;

        tlog_proof_write(&tlog, p->leaf_index, &up,
                         (struct slice){text.ptr, text.len + 1 + p->signed_.note.lines.len});
        (void)snprintf(path, sizeof path, "%s/%s.tlog-proof", dir, name);
        r = buf_error(&tlog) != 0 ? buf_error(&tlog)
                                  : cli_write_file(path, buf_get(&tlog), 0644, ei);
    }
    (void)snprintf(path, sizeof path, "%s/entry", dir);
    if (r == 0)
        r = cli_write_file(path, p->entry, 0644, ei);
    proof_release(p);
    free(p);
    return r;
}

static int
prove(struct cli *cli, const struct view *v, struct event_id id, int show)
{
    const char *out = cli_option(cli, "out");
    const char *split = cli_option(cli, "split");
    struct errinfo ei = {.text = ""};
    struct found f;
    AUTO_BUF(file, PROOF_MAX);
    int r = describe_find(&v->describer, id, &f);

    if (r < 0)
        return cli_fail(r, "%s: %s", cli->argv[0], err_text(r));
    r = describe_proof(&v->describer, &f, show, &file, &ei);
    if (r < 0)
        return cli_fail(r, "%s: %s", cli->argv[0], ei.text[0] ? ei.text : err_text(r));
    if (split != NULL && mkdir(split, 0777) < 0 && errno != EEXIST)
        return cli_fail(err_named(errno), "%s: cannot be made: %s", split, strerror(errno));
    if (split != NULL)
        r = split_proof(v, buf_get(&file), split, cli->argv[0], &ei);
    if (r == 0 && (out != NULL || split == NULL))
        r = cli_write_file(out == NULL ? "-" : out, buf_get(&file), 0600, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
run_prove(struct cli *cli)
{
    int show = find_show(cli_option(cli, "show"));
    struct event_id id;
    struct hash message;
    bool is_message;
    struct view v;
    int r;

    is_message = cli->argc == 1 && strlen(cli->argv[0]) == (size_t)2 * SHA256_SIZE &&
                 hex_decode(slice_of(cli->argv[0]), message.byte, SHA256_SIZE) == 0;
    if (!is_message && (cli->argc != 1 || event_id_parse(slice_of(cli->argv[0]), &id) < 0))
        return cli_fail(ERR_USAGE,
                        "log prove takes one event id, <block>-<index>, or the id of "
                        "a message, 64 hex digits");
    if (show < 0)
        return cli_fail(ERR_USAGE, "--show takes raw, target, private, public or masked");
    r = cli_log_open(cli, &v);
    if (r != 0)
        return r;
    r = is_message ? cli_log_prove_message(cli, &v, &message) : prove(cli, &v, id, show);
    view_close(&v);
    return r;
}

/* ---- verify: trust comes from outside the file ---- */

struct trust {
    struct log_keys log;
    struct checkpoint_keys keys;
    struct policy policy;
    bool has_policy;
};

/* Keys of one option, separated by commas; 0 or an exit status. */
static int
take_keys(const struct cli *cli, const char *option, struct vkey *room, struct vkeys *ret)
{
    struct slice rest = slice_of(cli_option(cli, option));

    *ret = (struct vkeys){room, 0};
    while (rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t n = comma == NULL ? rest.len : (size_t)(comma - rest.ptr);

        if (ret->count == LOG_KEYS ||
            vkey_parse(slice_sub(rest, 0, n), &room[ret->count++]) < 0)
            return cli_fail(ERR_USAGE, "--%s takes verifier keys, separated by commas", option);
        rest = slice_sub(rest, n + 1, rest.len);
    }
    return 0;
}

static int
take_policy(const char *file, struct trust *t)
{
    struct errinfo ei = {.text = ""};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(file, POLICY_MAX, &text, &len, &ei);

    if (r == 0) {
        r = policy_parse((struct slice){text, len}, &t->policy, &ei);
        err_file(&ei, file);
    }
    free(text);
    t->keys = policy_keys(&t->policy);
    t->has_policy = true;
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* What a proof says of itself: whose log it is of. */
static bool
origin_of(struct slice file, struct buf *ret)
{
    struct slice value;

    if (file.len > 0 && file.ptr[file.len - 1] == '\n')
        file.len--;
    return jcs_check(file, NULL) == JCS_OK && jcs_find(file, "origin", &value) &&
           jcs_string(value, ret) == 0;
}

/* Of all its generations: what an earlier one signed holds. */
static int
own_keys(struct view *v, struct log_keys *ret)
{
    AUTO_BUF(text, VKEY_TEXT);
    unsigned count = 0;
    int r = 0;

    ret->log[count++] = v->node.vkey;
    for (unsigned g = store_generation(v->node.store) - 1; g > 0 && count < LOG_KEYS; g--) {
        r = store_get_log_key(v->node.store, g, &text);
        if (r == 0 && vkey_parse(buf_get(&text), &ret->log[count++]) < 0)
            r = ERR_IO;
        buf_reset(&text);
        if (r < 0)
            break;
    }
    ret->keys.log = (struct vkeys){ret->log, count};
    return r;
}

/* This node's own log, and what its pacts say: who may sign that log, and who cosigns it. */
static int
take_own(const struct cli *cli, struct slice file, struct trust *t)
{
    struct errinfo ei = {.text = ""};
    struct book *b = NULL;
    AUTO_BUF(origin, KEY_NAME_MAX);
    struct view v;
    int r = cli_log_open(cli, &v);

    if (r != 0)
        return r;
    r = v.node.conf == NULL ? ERR_CONF : book_load(v.node.store, v.node.conf->party, &b, &ei);
    if (r == 0 && origin_of(file, &origin))
        cli_log_keys(b, buf_get(&origin), &t->log);
    if (r == 0 && t->log.keys.log.count == 0)
        r = own_keys(&v, &t->log);
    t->keys = t->log.keys;
    (void)book_free(b);
    view_close(&v);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* The keys that were given; without a log's, those that this node knows. */
static int
take_trust(const struct cli *cli, struct slice file, struct trust *t)
{
    struct errinfo ei = {.text = ""};
    const char *policy = cli_option(cli, "policy");
    int r = key_init() < 0 ? err_exit(ERR_IO) : 0;

    if (r == 0 && policy != NULL)
        return take_policy(policy, t);
    if (r == 0 && cli_option(cli, "key") == NULL)
        r = take_own(cli, file, t);
    else if (r == 0)
        r = take_keys(cli, "key", t->log.log, &t->keys.log);
    if (r == 0 && cli_option(cli, "witness") != NULL)
        r = take_keys(cli, "witness", t->log.witness, &t->keys.witness);
    if (r == 0 && cli_option(cli, "holder") != NULL)
        r = take_keys(cli, "holder", t->log.holder, &t->keys.holder);
    if (r == 0 && vkeys_distinct((struct vkeys[]){t->keys.log, t->keys.witness, t->keys.holder},
                                 3, &ei) < 0)
        return cli_fail(ERR_USAGE, "%s", ei.text);
    return r;
}

static void
print_part(const char *name, struct slice part)
{
    if (part.len > 0)
        printf("  %-8s %.*s\n", name, (int)part.len, part.ptr);
}

static int
print_proof(const struct proof *p)
{
    AUTO_BUF(lines, NOTE_MAX);

    printf("%s\n", p->grade);
    printf("  event    %llu-%u of %u events, leaf %llu of %.*s at size %llu\n",
           (unsigned long long)p->block, p->index, p->events, (unsigned long long)p->leaf_index,
           (int)p->origin.len, p->origin.ptr, (unsigned long long)p->signed_.checkpoint.size);
    print_part("public", p->public_);
    print_part("private", p->private_);
    print_part("target", p->target);
    if (p->has_raw)
        printf("  raw      %zu bytes, as committed\n", p->raw.len);
    proof_unchecked(p, &lines);
    if (buf_error(&lines) < 0)
        return cli_fail(buf_error(&lines), "%s", err_text(buf_error(&lines)));
    if (lines.len > 0)
        printf("not checked, no key given:\n%.*s", (int)lines.len, lines.ptr);
    printf("This says where packets came from, not who sent them.\n");
    return 0;
}

static int
verify_message(const struct cli *cli, struct slice file)
{
    struct errinfo ei = {.text = ""};
    struct book *b = NULL;
    struct view v = {.ledger = NULL};
    int r = cli_log_open(cli, &v);

    if (r != 0)
        return r;
    r = v.node.conf == NULL ? ERR_CONF : book_load(v.node.store, v.node.conf->party, &b, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : cli_log_verify_message(cli, b, file);
    (void)book_free(b);
    view_close(&v);
    return r;
}

static int
verify_event(const struct cli *cli, struct slice file, struct trust *t, struct proof *p)
{
    struct errinfo ei = {.text = ""};
    int r = take_trust(cli, file, t);

    if (r != 0)
        return r;
    r = proof_verify(file, &t->keys, p, &ei);
    if (r < 0)
        return cli_fail(r, "%s: does not verify: %s", cli->argv[0], ei.text);
    if (t->has_policy && !policy_met(&t->policy, &p->signed_.witness))
        r = cli_fail(ERR_PROOF, "%s: too few of the policy's witnesses cosigned", cli->argv[0]);
    else
        r = print_proof(p);
    proof_release(p);
    return r;
}

static int
verify(const struct cli *cli, struct trust *t, struct proof *p)
{
    struct errinfo ei = {.text = ""};
    char *file = NULL;
    size_t len = 0;
    struct slice bytes;
    int r = cli_read_file(cli->argv[0], PROOF_MAX, &file, &len, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    bytes = (struct slice){file, len};
    r = cli_log_is_message_proof(bytes) ? verify_message(cli, bytes)
                                        : verify_event(cli, bytes, t, p);
    free(file);
    return r;
}

static int
run_verify(struct cli *cli)
{
    struct trust *t;
    struct proof *p;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "log verify takes one proof file, or -");
    t = calloc(1, sizeof *t);
    p = calloc(1, sizeof *p);
    r = t == NULL || p == NULL ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                               : verify(cli, t, p);
    free(p);
    free(t);
    return r;
}

/* ---- head ---- */

/* How many of the policy's witnesses cosigned it; NULL without a policy.  The caller frees. */
static struct quorum *
take_quorum(const struct view *v)
{
    struct quorum *q = malloc(sizeof *q);

    if (q != NULL && quorum_look(v->node.store, q) == 0)
        return q;
    free(q);
    return NULL;
}

static void
print_head_json(const struct view *v, const struct tree_head *head, const struct quorum *q)
{
    char root[2 * SHA256_SIZE];

    hex_encode(head->root.byte, SHA256_SIZE, root);
    printf("{\"origin\":\"%s\",\"size\":%llu,\"root\":\"%.64s\"", v->node.vkey.name,
           (unsigned long long)head->size, root);
    if (q != NULL)
        printf(",\"cosigned\":%u,\"witnesses\":%u,\"policy_met\":%s", q->now,
               q->policy.witnesses, q->reach >= head->size ? "true" : "false");
    printf("}\n");
}

static int
run_head(struct cli *cli)
{
    struct ledger_storage s;
    struct tree_head head;
    struct quorum *q;
    struct view v;
    AUTO_BUF(note, NOTE_MAX);
    int r = cli_log_open_at(cli, &v);

    if (r != 0)
        return r;
    store_ledger(v.node.store, &s);
    r = s.get_note(s.self, ledger_signed_size(v.ledger), &note);
    ledger_head(v.ledger, &head);
    q = take_quorum(&v);
    if (r < 0) {
        r = cli_log_fail(&v, r);
    } else if (cli_option(cli, "json") != NULL) {
        print_head_json(&v, &head, q);
    } else {
        printf("%.*s", (int)note.len, note.ptr);
        if (q != NULL)
            cli_say("%u of %u witnesses cosigned it; the policy is %smet", q->now,
                    q->policy.witnesses, q->reach >= head.size ? "" : "not yet ");
    }
    free(q);
    view_close(&v);
    return r;
}

#define GENERATION_OPTION                                                                      \
    {                                                                                          \
        "generation", "N", "of the log before it went on under another origin: 1 the first", 0 \
    }
static const struct cmd_option list_options[] = {
    {"limit", "N", "the newest N leaves (30; 0 all)", 0},
    GENERATION_OPTION,
    CMD_FORMAT_OPTION,
    {0}};
static const struct cmd_option show_options[] = {
    {"opening", NULL, "what opens its commitment: salt and bytes, as JSON", 0},
    GENERATION_OPTION,
    {0}};
static const struct cmd_option generation_options[] = {GENERATION_OPTION, {0}};
static const struct cmd_option successor_options[] = {
    {"reason", "REASON", "disk-lost, key-lost, key-stolen or rename", 0},
    {"key", "FILE", "the party's key, which signs that its log goes on so", 0},
    {"seen", "FILE", "the newest checkpoint that others hold, when this node has less", 0},
    PASSPHRASE_OPTION,
    CMD_JSON_OPTION,
    {0}};
static const struct cmd_option prove_options[] = {
    {"show", "WHAT", "raw (all), target, private, public, or masked (all but the target)", 0},
    {"out", "FILE", "write the proof there, not to standard output", 'o'},
    {"split", "DIR", "write entry and <id>.tlog-proof there, for other tools", 0},
    {0}};
static const struct cmd_option fork_options[] = {
    {"key", "VKEY", "the verifier key of that log", 0},
    {"output", "FILE", "where to (default: standard output)", 'o'},
    {0}};

static const struct cmd_option verify_fork_options[] = {
    {"key", "VKEY", "the verifier key of the log it accuses", 0}, {0}};

static const struct cmd_option verify_options[] = {
    {"key", "VKEY", "verifier key of the log (default: this node's own)", 0},
    {"policy", "FILE", "logs, witnesses and quorum from a tlog-policy file instead", 0},
    {"witness", "VKEY[,VKEY]", "keys that count as witnesses", 0},
    {"holder", "VKEY[,VKEY]", "keys that count as holders", 0},
    {0}};

static const struct cmd_option export_options[] = {
    {"of", "ORIGIN", "that counterpart's log, as far as it is held here", 0},
    GENERATION_OPTION,
    {0}};

static const struct cmd_option head_options[] = {GENERATION_OPTION, CMD_JSON_OPTION, {0}};
static const struct cmd_option fsck_options[] = {
    {"events", NULL, "also the evidence: every event's commitment, every block's root", 0},
    {"threads", "N", "cores to use (default: all)", 0},
    CMD_JSON_OPTION,
    {0}};

const struct cmd cmd_log[] = {
    {"log", "head", "", "the newest signed checkpoint", head_options, run_head},
    {"log", "show", "INDEX", "one leaf, its bytes as they stand", show_options, run_show},
    {"log", "key", "", "the log's verifier key, for others", generation_options, run_key},
    {"log", "witness", "key", "the verifier key by which this node cosigns the logs of others",
     NULL, cli_log_witness},
    {"log", "prove", "ID", "a proof file of one event or message, to be checked offline",
     prove_options, run_prove},
    {"log", "verify", "FILE|-", "check a proof file with keys from outside it", verify_options,
     run_verify},
    {"log", "prove-fork", "", "a proof that the log of another signed two histories",
     fork_options, cli_log_prove_fork},
    {"log", "verify-fork", "FILE|-", "check such a proof", verify_fork_options,
     cli_log_verify_fork},
    {"log", "export", "DIR", "the log as tiles and checkpoint, for any verifier",
     export_options, cli_log_export},
    {"log", "successor", "", "let the log go on under another origin and key",
     successor_options, cli_log_successor},
    {"log", "fsck", "", "read and hash everything again, with --events the evidence too",
     fsck_options, cli_log_fsck},
    {"log", NULL, "", "list the newest leaves", list_options, run_list},
    {0},
};
