/* detente log successor: the log goes on under another origin (role/successor.h). */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "cli/secret.h"
#include "note/note.h"
#include "role/successor.h"
#include "wire/hex.h"

static void
say_made(const struct successor_made *m)
{
    uint64_t lost = m->old.size > m->here ? m->old.size - m->here : 0;

    printf("%s\n", m->key);
    cli_say("the log goes on as generation %u under that verifier key", m->generation);
    if (lost > 0)
        cli_say("%llu leaves that were signed are not here: what parties hold of them stays, "
                "and words that they hold come back from them",
                (unsigned long long)lost);
    if (m->pacts > 0)
        cli_say("the parties of %u pact%s take it when they ask next; then give them an annex "
                "with the new log key: `detente pact annex new`",
                m->pacts, m->pacts == 1 ? "" : "s");
    else
        cli_say("give the verifier key to whoever trusted the one before");
}

static void
print_json(const struct successor_made *m)
{
    char root[2 * SHA256_SIZE + 1] = "";

    hex_encode(m->old.root.byte, SHA256_SIZE, root);
    printf("{\"generation\":%u,\"key\":\"%s\",\"old_size\":%llu,\"old_root\":\"%s\","
           "\"here\":%llu,\"pacts\":%u}\n",
           m->generation, m->key, (unsigned long long)m->old.size, root,
           (unsigned long long)m->here, m->pacts);
}

static int
succeed(struct cli *cli, const char *dir, struct successor *how)
{
    struct successor_made made;
    struct errinfo ei = {0};
    int r = successor_make(dir, how, &made, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    if (cli_option(cli, "json") != NULL)
        print_json(&made);
    else
        say_made(&made);
    return 0;
}

int
cli_log_successor(struct cli *cli)
{
    const char *reason = cli_option(cli, "reason");
    const char *key_file = cli_option(cli, "key");
    const char *seen_file = cli_option(cli, "seen");
    struct successor how = {.reason = slice_of(reason == NULL ? "" : reason)};
    struct errinfo ei = {0};
    struct skey key = {0};
    char *seen = NULL;
    size_t len = 0;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "log successor takes options only");
    if (r < 0)
        return err_exit(r);
    if (seen_file != NULL) {
        r = cli_read_file(seen_file, NOTE_MAX, &seen, &len, &ei);
        if (r < 0)
            return cli_fail_at(r, &ei);
        how.seen = (struct slice){seen, len};
    }
    if (key_file != NULL) {
        r = secret_key(cli, key_file, &key);
        how.key = &key;
    }
    r = r < 0 ? err_exit(r) : succeed(cli, dir, &how);
    skey_clear(&key);
    free(seen);
    return r;
}
