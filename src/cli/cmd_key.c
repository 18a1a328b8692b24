/* detente key: what this node is known by. */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "role/node.h"
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

static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_key[] = {
    {"key", "list", "", "keys and certificates of this node, with fingerprints", list_options,
     run_list},
    {0},
};
