/* detente key: what this node is known by. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "role/node.h"
#include "role/node_keys.h"
#include "role/tls.h"
#include "wire/hex.h"

static const struct column columns[] = {{"name", false},
                                        {"what", false},
                                        {"until", false},
                                        {"fingerprint", false},
                                        {"leaf", false}};

static int
list_certificate(struct output *out, const char *dir, const char *name, const char *what)
{
    struct tls_certificate cert = {0};
    struct errinfo ei = {0};
    char hex[TLS_FINGERPRINT];
    char key[2 * SHA256_SIZE + 1] = "";
    char file[32];
    int r;

    (void)snprintf(file, sizeof file, "keys/%s.pem", name);
    r = tls_look_at(dir, file, &cert, &ei);
    if (r == ERR_NOTFOUND)
        return 0;
    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    tls_fingerprint(&cert.fingerprint, hex);
    output_str(out, name);
    output_str(out, what);
    output_time(out, cert.until);
    output_str(out, hex);
    hex_encode(cert.key.byte, SHA256_SIZE, key);
    output_str(out, key);
    output_end(out);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct errinfo ei = {0};
    char vkey[VKEY_TEXT];
    struct output *out;
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0 || (r = output_open(cli, columns, 5, &out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(out);
        return cli_fail_at(r, &ei);
    }
    (void)vkey_format(&n.vkey, vkey);
    node_close(&n);
    output_str(out, "log");
    output_str(out, "signs the log (verifier key)");
    output_str(out, "");
    output_str(out, vkey);
    output_str(out, vkey);
    output_end(out);
    r = list_certificate(out, dir, "ca", "TLS authority (SHA-256)");
    if (r == 0)
        r = list_certificate(out, dir, "tls", "TLS of the page (SHA-256)");
    if (r < 0) {
        output_drop(out);
        return err_exit(r);
    }
    r = output_close(out, 0);
    return r < 0 ? err_exit(r) : 0;
}

/* ---- rotate ----------------------------------------------------------------------------- */

static int
run_rotate(struct cli *cli)
{
    struct errinfo ei = {0};
    unsigned which = 0;
    char text[VKEY_TEXT];
    struct vkey key;
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    while (cli->argc == 1 && which < NODE_KEYS &&
           strcmp(cli->argv[0], node_key_name((enum node_key)which)) != 0)
        which++;
    if (cli->argc != 1 || which == NODE_KEYS)
        return cli_fail(ERR_USAGE, "key rotate takes a role: witness, holder or message");
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = node_keys_next(&n, (enum node_key)which, &key, &ei);
    node_close(&n);
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)vkey_format(&key, text);
    printf("%s\n", text);
    cli_say(
        "It is in use from the time that the next annex gives it: `pact annex new` names it.");
    return 0;
}

static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_key[] = {
    {"key", "list", "", "keys and certificates of this node, with fingerprints", list_options,
     run_list},
    {"key", "rotate", "ROLE",
     "make the key that is to follow: of the witness, holder or messages", NULL, run_rotate},
    {0},
};
