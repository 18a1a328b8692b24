/* detente pact key, sign, verify: who signed it. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_pact.h"
#include "cli/secret.h"

int
run_pact_key(struct cli *cli)
{
    const char *out = cli_option(cli, "output");
    uint8_t seed[KEY_SEED];
    uint8_t salt[KEYFILE_SALT];
    uint8_t nonce[KEYFILE_NONCE];
    AUTO_BUF(phrase, PASSPHRASE_MAX);
    AUTO_BUF(file, KEYFILE_MAX);
    char vkey[VKEY_TEXT];
    struct errinfo ei = {0};
    struct skey key;
    int r;

    if (cli->argc != 1 || out == NULL)
        return cli_fail(ERR_USAGE,
                        "pact key takes one name, as northland.example/detente/party, "
                        "and -o FILE");
    if (key_init() < 0)
        return cli_fail(ERR_IO, "no randomness");
    randombytes_buf(seed, sizeof seed);
    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    if (skey_make(slice_of(cli->argv[0]), KEY_ED25519, seed, &key) < 0)
        return cli_fail(ERR_USAGE, "`%s` cannot be a key's name: no space, no `+`",
                        cli->argv[0]);
    sodium_memzero(seed, sizeof seed);
    r = secret_passphrase(cli, out, true, &phrase);
    if (r == 0)
        r = keyfile_seal(&key, buf_get(&phrase), salt, nonce, KEYFILE_OPS, KEYFILE_MEMORY,
                         &file);
    secret_wipe(&phrase);
    (void)vkey_format(&key.vkey, vkey);
    skey_clear(&key);
    if (r == ERR_USAGE)
        return err_exit(r);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = cli_write_file(out, buf_get(&file), 0600, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    printf("%s\n", vkey);
    cli_say("The key is in %s: keep it outside the node, and a copy. Above is what others know "
            "it by.",
            out);
    return 0;
}

/* ---- signing ---------------------------------------------------------------------------- */

/* Whose key it is, in a pact; NULL when it is nobody's. */
static const struct pact_party *
owner_of(const struct pact *p, const struct vkey *key)
{
    for (unsigned i = 0; i < p->parties; i++) {
        if (p->party[i].key_text[0] != '\0' && vkey_eq(&p->party[i].key, key))
            return &p->party[i];
    }
    return NULL;
}

/* before: the version that a new one follows, whose parties sign too; or NULL. */
static int
may_sign(const struct document *d, const struct pact *pact, const struct pact *before,
         const struct vkey *key)
{
    const struct pact_party *party = owner_of(pact, key);

    if (party == NULL && before != NULL && d->pact != NULL)
        party = owner_of(before, key);
    if (pact->draft)
        return cli_fail(ERR_CONF, "%s: a party has no key yet: a draft cannot be signed",
                        d->name);
    if (party == NULL)
        return cli_fail(ERR_CONF, "%s: this key is no party's of the pact%s", d->name,
                        d->pact != NULL && d->pact->version > 1 && before == NULL
                            ? " (of the version before? --before names it)"
                            : "");
    if (d->denunciation != NULL && strcmp(d->denunciation->party, party->id) != 0)
        return cli_fail(ERR_CONF, "%s: is of %s, and the key of %s", d->name,
                        d->denunciation->party, party->id);
    if (d->annex != NULL && strcmp(d->annex->party, party->id) != 0)
        return cli_fail(ERR_CONF, "%s: is of %s, and the key of %s", d->name, d->annex->party,
                        party->id);
    if (d->annex != NULL && d->annex->draft)
        return cli_fail(ERR_CONF, "%s: a key is missing: a draft cannot be signed", d->name);
    return 0;
}

static int
write_signed(struct cli *cli, const struct document *d, const struct skey *key)
{
    const char *out = cli_option(cli, "output");
    AUTO_BUF(note, NOTE_PACT_MAX);
    AUTO_BUF(line, 1024);
    struct errinfo ei = {0};
    int r = 0;

    if (d->is_note) {
        note_line_sign(d->text, key, 0, &line);
        r = note_merge((struct slice){d->bytes, d->len}, buf_get(&line), &note, &ei);
    } else {
        r = note_sign(d->text, key, &note);
    }
    if (r < 0)
        return cli_fail(r, "%s: cannot be signed: %s", d->name,
                        ei.text[0] == '\0' ? err_text(r) : ei.text);
    r = cli_write_file(out == NULL ? d->name : out, buf_get(&note), 0644, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%s is signed by %s.", out == NULL ? d->name : out, key->vkey.name);
    return 0;
}

static int
open_key(struct cli *cli, struct skey *ret)
{
    int r = secret_key(cli, cli_option(cli, "key"), ret);

    return r < 0 ? err_exit(r) : 0;
}

static int
sign_with(struct cli *cli, struct document *d, struct document *of)
{
    const char *before = cli_option(cli, "before");
    struct document *old = calloc(1, sizeof *old);
    struct skey key = {0};
    int r;

    if (old == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = before != NULL ? pact_find(cli, before, old) : 0;
    if (r == 0)
        r = open_key(cli, &key);
    if (r == 0)
        r = may_sign(d, d->pact != NULL ? d->pact : of->pact, old->pact, &key.vkey);
    if (r == 0)
        r = write_signed(cli, d, &key);
    skey_clear(&key);
    pact_close(old);
    free(old);
    return r;
}

/* The document, and for an annex the pact that it belongs to. */
static int
open_both(struct cli *cli, struct document *d, struct document *of)
{
    const char *pact = cli_option(cli, "pact");
    int r = document_open(cli->argv[0], d);

    if (r != 0 || d->pact != NULL)
        return r;
    if (pact == NULL && cli->dir == NULL)
        return cli_fail(ERR_USAGE, "%s: is %s: --pact names the pact it belongs to",
                        cli->argv[0], d->annex != NULL ? "an annex" : "a denunciation");
    if (pact == NULL)
        pact = d->annex != NULL ? d->annex->pact : d->denunciation->pact;
    r = pact_find(cli, pact, of);
    if (r == 0) {
        struct errinfo ei = {0};

        if ((d->annex != NULL ? annex_fits(d->annex, of->pact, &ei)
                              : denunciation_fits(d->denunciation, of->pact, &ei)) < 0)
            r = cli_fail(ERR_CONF, "%s: %s", d->name, ei.text);
    }
    return r;
}

static int
with_both(struct cli *cli, int (*run)(struct cli *cli, struct document *d, struct document *of))
{
    struct document *d = calloc(2, sizeof *d);
    int r;

    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = open_both(cli, &d[0], &d[1]);
    if (r == 0)
        r = run(cli, &d[0], &d[1]);
    pact_close(&d[0]);
    pact_close(&d[1]);
    free(d);
    return r;
}

int
run_pact_sign(struct cli *cli)
{
    if (cli->argc != 1 || cli_option(cli, "key") == NULL)
        return cli_fail(ERR_USAGE, "pact %s takes one file, and --key FILE", cli->cmd->verb);
    return with_both(cli, sign_with);
}

/* ---- verifying -------------------------------------------------------------------------- */

/* A pact is signed by all of its parties, an annex by its own. */
static int
verify(struct cli *cli, struct document *d, struct document *of)
{
    const struct pact *p = d->pact != NULL ? d->pact : of->pact;
    const char *whose = d->annex != NULL          ? d->annex->party
                        : d->denunciation != NULL ? d->denunciation->party
                                                  : "";
    struct vkey keys[PACT_PARTIES];
    struct note_signers signers = {0};
    struct errinfo ei = {0};
    unsigned n = 0;
    unsigned missing = 0;

    (void)cli;
    if (p->draft || !d->is_note)
        return cli_fail(ERR_PROOF, "%s: nobody signed it", d->name);
    for (unsigned i = 0; i < p->parties; i++) {
        if (d->pact != NULL || strcmp(whose, p->party[i].id) == 0)
            keys[n++] = p->party[i].key;
    }
    if (note_check(&d->note, (struct vkeys){keys, n}, &signers, &ei) < 0)
        return cli_fail(ERR_PROOF, "%s: %s", d->name, ei.text);
    for (unsigned i = 0; i < n; i++) {
        bool there = note_signed_by(&signers, &keys[i]);

        printf("%s  %s\n", there ? "signed " : "MISSING", keys[i].name);
        missing += !there;
    }
    if (missing > 0)
        return cli_fail(ERR_PROOF, "%s: %u of %u signatures are missing", d->name, missing, n);
    cli_say("%s: every signature verifies. Compare the keys with what each party told you "
            "itself.",
            d->name);
    return 0;
}

int
run_pact_verify(struct cli *cli)
{
    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "pact verify takes one file");
    return with_both(cli, verify);
}

/* ---- denouncing ------------------------------------------------------------------------- */

static int
write_denunciation(struct cli *cli, const struct document *of, const struct skey *key)
{
    const struct pact_party *party = owner_of(of->pact, &key->vkey);
    const char *reason = cli_option(cli, "reason");
    const char *out = cli_option(cli, "output");
    struct denunciation *made = NULL;
    AUTO_BUF(text, NOTE_MAX);
    AUTO_BUF(note, NOTE_MAX);
    struct errinfo ei = {0};
    int r;

    if (party == NULL)
        return cli_fail(ERR_CONF, "%s: this key is no party's of the pact", of->name);
    denunciation_write(&text, of->pact, party->id, cli_now(), reason == NULL ? "" : reason);
    r = buf_error(&text);
    if (r == 0)
        r = denunciation_read(buf_get(&text), &made, &ei);
    (void)denunciation_free(made);
    if (r == 0)
        r = note_sign(buf_get(&text), key, &note);
    if (r < 0)
        return cli_fail(r, "it cannot be denounced: %s",
                        ei.text[0] == '\0' ? err_text(r) : ei.text);
    r = cli_write_file(out == NULL ? "-" : out, buf_get(&note), 0644, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say(
        "Nothing has happened yet: `detente pact adopt` of this file, by every party, starts "
        "the clock of %lld days.",
        (long long)(of->pact->denunciation.us / (86400 * TIME_US_PER_S)));
    return 0;
}

int
run_pact_denounce(struct cli *cli)
{
    struct document *of;
    struct skey key = {0};
    int r;

    if (cli->argc != 1 || cli_option(cli, "key") == NULL)
        return cli_fail(ERR_USAGE, "pact denounce takes one pact, and --key FILE");
    of = calloc(1, sizeof *of);
    if (of == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = pact_find(cli, cli->argv[0], of);
    if (r == 0 && of->pact->draft)
        r = cli_fail(ERR_CONF, "%s: nobody signed it", of->name);
    if (r == 0)
        r = open_key(cli, &key);
    if (r == 0)
        r = write_denunciation(cli, of, &key);
    skey_clear(&key);
    pact_close(of);
    free(of);
    return r;
}
