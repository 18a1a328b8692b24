/* detente vuln bundle: feeds from party to party, in a folder under a signed note
 * (role/feed_bundle.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/vuln.h"
#include "role/exploited.h"
#include "role/feed_bundle.h"
#include "role/node_keys.h"
#include "role/view.h"
#include "vulndb/rule_cves.h"
#include "wire/hex.h"

enum { PATHS = 4096, PIECE = 1 << 16, NOTE_BYTES = 1 << 17 };

const struct cmd_option vuln_bundle_options[] = {
    {"key", "VKEY", "whose signature it must have, when no pact names the party's key", 0},
    {0}};

/* A file as it is; to >= 0: copied there. */
static int
hash_file(const char *path, int to, struct hash *ret, struct errinfo *ei)
{
    char piece[PIECE];
    struct sha256 sum;
    ssize_t n = 0;
    int fd;
    int r = cli_open(path, &fd, ei);

    if (r < 0)
        return r;
    sha256_init(&sum);
    while (r == 0 && (n = read(fd, piece, sizeof piece)) > 0) {
        sha256_add(&sum, piece, (size_t)n);
        if (to >= 0 && write(to, piece, (size_t)n) != n)
            r = err_set(ei, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot be copied: %s",
                        strerror(errno));
    }
    if (n < 0)
        r = err_set(ei, ERR_IO, "cannot be read: %s", strerror(errno));
    (void)close(fd);
    sha256_end(&sum, ret);
    return r;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* ---- what was seen ---------------------------------------------------------------------- */

const struct cmd_option vuln_bundle_create_options[] = {
    {"seen", NULL,
     "also what this node's own alerts were about: totals by vulnerability, hour and origin "
     "network of the last seven days, nothing of own machines",
     0},
    {0}};

struct totals {
    struct buf text;
    struct feed feed;
};

static int
put_total(void *arg, const struct exploited_total *t)
{
    struct totals *to = arg;
    struct utime hour = {(int64_t)t->hour * 3600 * TIME_US_PER_S};
    char cve[CVE_TEXT];
    char at[TIME_TEXT];
    char country[3];

    (void)cve_format(t->vuln, cve);
    time_format(hour, at);
    country_format(t->country, country);
    buf_printf(&to->text,
               "{\"cve\":\"%s\",\"hour\":\"%.27s\",\"asn\":%u,\"country\":\"%s\","
               "\"alerts\":%llu}\n",
               cve, at, t->asn, country, (unsigned long long)t->alerts);
    to->feed.records++;
    if (hour.us > to->feed.date.us)
        to->feed.date = hour;
    return 0;
}

/* Nothing when no alert was about any. */
static int
write_totals(struct vulndb *db, struct view *v, const char *path, struct totals *to,
             struct errinfo *ei)
{
    struct utime since = {cli_now().us - 7 * INT64_C(86400) * TIME_US_PER_S};
    struct outcomes *outcomes = NULL;
    struct rule_cves *rules = NULL;
    struct exploited x;
    int r = outcomes_open(db, cli_now(), &outcomes);

    exploited_init(&x);
    if (r == 0)
        r = rule_cves_open(db, &rules);
    if (r == 0)
        r = exploited_read(&x, v, rules, outcomes, since);
    if (r == 0)
        r = exploited_totals(&x, since, put_total, to);
    if (r == 0)
        r = buf_error(&to->text);
    exploited_release(&x);
    (void)rule_cves_close(rules);
    (void)outcomes_close(outcomes);
    if (r < 0)
        return err_set(ei, r, "the alerts: %s", err_text(r));
    to->feed.kind = FEED_SEEN;
    to->feed.sha256 = sha256_of(to->text.ptr, to->text.len);
    return to->feed.records == 0 ? 0 : cli_write_file(path, buf_get(&to->text), 0644, ei);
}

/* ---- create ------------------------------------------------------------------------------ */

struct making {
    struct vulndb *db;
    struct view view;
    struct feed_bundle bundle;
    struct hash want;
    struct feed *found;
    bool is_there;
};

static int
look_for(void *arg, const struct feed *f)
{
    struct making *m = arg;

    if (memcmp(f->sha256.byte, m->want.byte, sizeof m->want.byte) == 0) {
        *m->found = *f;
        m->is_there = true;
    }
    return 0;
}

/* What is in force here is what one can vouch for. */
static int
add_file(struct making *m, const char *folder, const char *path, struct errinfo *ei)
{
    struct feed_file *f = &m->bundle.file[m->bundle.files];
    const char *name = base_name(path);
    char to[PATHS];
    struct hash sum;
    int fd;
    int r;

    if (m->bundle.files == FEED_BUNDLE_FILES || strlen(name) >= sizeof f->file ||
        name[0] == '.')
        return err_set(ei, ERR_LIMIT, "%s: too many files, or a name that cannot be used",
                       path);
    (void)snprintf(to, sizeof to, "%s/%s", folder, name);
    fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        err_file(ei, to);
        return err_set(ei, err_named(errno), "cannot be made: %s", strerror(errno));
    }
    r = hash_file(path, fd, &sum, ei);
    if (close(fd) < 0 && r == 0)
        r = err_set(ei, ERR_IO, "cannot be written: %s", strerror(errno));
    m->want = sum;
    m->found = &f->feed;
    m->is_there = false;
    if (r == 0)
        r = vulndb_feeds(m->db, look_for, m);
    if (r == 0 && !m->is_there) {
        err_file(ei, path);
        r = err_set(ei, ERR_NOTFOUND, "is no feed that is in force here: import it first");
    }
    if (r < 0) {
        (void)unlink(to);
        return r;
    }
    (void)snprintf(f->file, sizeof f->file, "%s", name);
    m->bundle.files++;
    return 0;
}

static int
add_seen(struct making *m, const char *folder, struct errinfo *ei)
{
    struct totals t = {.text = {.max = 1 << 26}};
    struct feed_file *f = &m->bundle.file[m->bundle.files];
    char path[PATHS];
    int r;

    if (m->bundle.files == FEED_BUNDLE_FILES)
        return err_set(ei, ERR_LIMIT, "too many files");
    (void)snprintf(path, sizeof path, "%s/seen.jsonl", folder);
    r = write_totals(m->db, &m->view, path, &t, ei);
    buf_release(&t.text);
    if (r < 0 || t.feed.records == 0)
        return r;
    f->feed = t.feed;
    (void)snprintf(f->feed.name, sizeof f->feed.name, "seen/%s", m->bundle.party);
    (void)snprintf(f->file, sizeof f->file, "seen.jsonl");
    m->bundle.files++;
    return 0;
}

static int
sign(struct making *m, const char *folder, struct errinfo *ei)
{
    AUTO_BUF(text, NOTE_BYTES);
    AUTO_BUF(note, NOTE_BYTES);
    struct skey key;
    char path[PATHS];
    int r = node_keys_read(m->view.node.dir, NODE_MESSAGE, &key, ei);

    if (r == ERR_NOTFOUND)
        return err_set(ei, r, "this node has no message key yet: `detente serve` makes it");
    if (r < 0)
        return r;
    feed_bundle_text(&m->bundle, &text);
    r = buf_error(&text);
    if (r == 0)
        r = note_sign(buf_get(&text), &key, &note);
    skey_clear(&key);
    (void)snprintf(path, sizeof path, "%s/" FEED_BUNDLE_NOTE, folder);
    if (r == 0)
        r = buf_error(&note);
    return r < 0 ? err_set(ei, r, "%s", err_text(r))
                 : cli_write_file(path, buf_get(&note), 0644, ei);
}

static int
create(struct making *m, const struct cli *cli, struct errinfo *ei)
{
    const char *folder = cli->argv[0];
    int r = 0;

    if (m->view.node.conf->party[0] == '\0')
        return err_set(ei, ERR_CONF, "this node is of no party: set `party` in detente.yaml");
    m->bundle.file = calloc(FEED_BUNDLE_FILES, sizeof *m->bundle.file);
    if (m->bundle.file == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    (void)snprintf(m->bundle.party, sizeof m->bundle.party, "%s", m->view.node.conf->party);
    m->bundle.at = cli_now();
    if (mkdir(folder, 0755) < 0) {
        err_file(ei, folder);
        return err_set(ei, err_named(errno), "cannot be made: %s", strerror(errno));
    }
    for (int i = 1; r == 0 && i < cli->argc; i++)
        r = add_file(m, folder, cli->argv[i], ei);
    if (r == 0 && cli_option(cli, "seen") != NULL)
        r = add_seen(m, folder, ei);
    return r == 0 ? sign(m, folder, ei) : r;
}

int
vuln_run_bundle_create(struct cli *cli)
{
    struct making m = {.db = NULL};
    struct errinfo ei = {0};
    const char *dir;
    int r;

    if (cli->argc < (cli_option(cli, "seen") != NULL ? 1 : 2))
        return cli_fail(ERR_USAGE,
                        "vuln bundle create takes a new folder and the files of feeds "
                        "that are in force here");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &m.view, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = vuln_open(cli, false, &m.db);
    if (r == 0) {
        r = create(&m, cli, &ei);
        r = r < 0 ? cli_fail_at(r, &ei) : 0;
    }
    if (r == 0)
        cli_say("%s: %u feeds, signed by %s", cli->argv[0], m.bundle.files, m.bundle.party);
    feed_bundle_release(&m.bundle);
    (void)vulndb_close(m.db);
    view_close(&m.view);
    return r;
}

/* ---- verify, import ---------------------------------------------------------------------- */

struct opened {
    char *bytes;
    struct note note;
    struct feed_bundle bundle;
};

/* By the key that was given, or the message keys of the pacts. */
static int
check_signature(const struct cli *cli, const char *dir, const struct opened *o,
                struct errinfo *ei)
{
    const char *text = cli_option(cli, "key");
    struct book *book = NULL;
    struct view v;
    bool good = false;
    int r;

    if (text != NULL) {
        struct note_signers signers;
        struct vkey key;

        if (vkey_parse(slice_of(text), &key) < 0)
            return err_set(ei, ERR_USAGE, "--key is no verifier key: name+id+base64");
        return note_require(&o->note, (struct vkeys){&key, 1}, &signers, ei);
    }
    r = view_open(dir, &v, ei);
    if (r < 0)
        return r;
    r = book_load(v.node.store, v.node.conf->party, &book, ei);
    for (unsigned i = 0; r == 0 && !good && i < book->pacts; i++) {
        const struct role_key *key = NULL;

        r = role_keys_signed(book->pact[i].keys[ANNEX_MESSAGE], &o->note, cli_now(), &key, ei);
        good = key != NULL && slice_is(key->party, o->bundle.party);
    }
    (void)book_free(book);
    view_close(&v);
    return r < 0 || good ? r
                         : err_set(ei, ERR_PROOF,
                                   "no pact here has a message key of %s that signed it; give "
                                   "--key to say which must have",
                                   o->bundle.party);
}

static int
check_files(const char *folder, const struct feed_bundle *b, struct errinfo *ei)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < b->files; i++) {
        char path[PATHS];
        struct hash sum;

        (void)snprintf(path, sizeof path, "%s/%s", folder, b->file[i].file);
        err_file(ei, path);
        r = hash_file(path, -1, &sum, ei);
        if (r == 0 && memcmp(sum.byte, b->file[i].feed.sha256.byte, sizeof sum.byte) != 0)
            r = err_set(ei, ERR_PROOF, "is not the file that %s signed for", b->party);
    }
    return r;
}

static int
open_bundle(const struct cli *cli, struct opened *o, struct errinfo *ei)
{
    char path[PATHS];
    const char *dir;
    size_t len = 0;
    int r = cli_dir(cli, &dir);

    (void)snprintf(path, sizeof path, "%s/" FEED_BUNDLE_NOTE, cli->argv[0]);
    if (r == 0)
        r = cli_read_file(path, NOTE_BYTES, &o->bytes, &len, ei);
    err_file(ei, path);
    if (r == 0)
        r = note_parse((struct slice){o->bytes, len}, NOTE_BYTES, &o->note, ei);
    if (r == 0)
        r = feed_bundle_parse(o->note.text, &o->bundle, ei);
    o->bundle.folder = cli->argv[0];
    if (r == 0)
        r = check_signature(cli, dir, o, ei);
    return r < 0 ? r : check_files(cli->argv[0], &o->bundle, ei);
}

static void
close_bundle(struct opened *o)
{
    feed_bundle_release(&o->bundle);
    free(o->bytes);
}

int
vuln_run_bundle_verify(struct cli *cli)
{
    struct opened o = {.bytes = NULL};
    struct errinfo ei = {0};
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "vuln bundle verify takes a folder");
    r = open_bundle(cli, &o, &ei);
    if (r < 0)
        r = cli_fail_at(r, &ei);
    else
        cli_say("%s: %u feeds, signed by %s", cli->argv[0], o.bundle.files, o.bundle.party);
    close_bundle(&o);
    return r;
}

static void
say_taken(const struct opened *o, const struct feed_file *f, const struct feed_taken *got)
{
    AUTO_BUF(which, 1024);

    vuln_put_first(&got->counts, got->records, &which);
    if (got->same == FEED_DIFFERS)
        cli_say("%s: %s's copy of the same version differs in %llu records%.*s; ours stays in "
                "force",
                f->feed.name, o->bundle.party, (unsigned long long)got->records, (int)which.len,
                which.ptr);
    else
        cli_say("%s: %s", f->feed.name,
                got->rewritten            ? "the same records as ours, in another file"
                : got->same == FEED_EQUAL ? "the same copy as ours"
                : got->same == FEED_OLDER ? "older than ours, which stays in force"
                                          : "taken in");
}

static int
take(struct vulndb *db, const struct opened *o, struct errinfo *ei)
{
    int r = feed_bundle_check(&o->bundle, cli_now(), ei);

    for (unsigned i = 0; r == 0 && i < o->bundle.files; i++) {
        const struct feed_file *f = &o->bundle.file[i];
        struct feed_taken got;

        r = feed_bundle_take(db, &o->bundle, f, cli_now(), &got, ei);
        if (r < 0)
            break;
        say_taken(o, f, &got);
    }
    return r;
}

int
vuln_run_bundle_import(struct cli *cli)
{
    struct opened o = {.bytes = NULL};
    struct vulndb *db = NULL;
    struct errinfo ei = {0};
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "vuln bundle import takes a folder");
    r = open_bundle(cli, &o, &ei);
    if (r < 0) {
        r = cli_fail_at(r, &ei);
    } else {
        r = vuln_open(cli, true, &db);
        if (r == 0) {
            r = take(db, &o, &ei);
            r = r < 0 ? cli_fail_at(r, &ei) : 0;
        }
        (void)vulndb_close(db);
    }
    close_bundle(&o);
    return r;
}
