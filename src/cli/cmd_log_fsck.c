/* detente log fsck: everything read and hashed again (role/fsck.h). */
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "ledger/ledger.h"
#include "role/fsck.h"
#include "role/view.h"
#include "wire/hex.h"

static void
tell_leaf(void *arg, uint64_t leaf, const char *what, const char *why)
{
    (void)arg;
    cli_say("leaf %llu: %s: %s", (unsigned long long)leaf, what, why);
}

static void
print_good(const struct fsck_result *f, uint64_t signed_size, bool json)
{
    char root[2 * SHA256_SIZE + 1] = "";

    hex_encode(f->log.head.root.byte, SHA256_SIZE, root);
    printf(json ? "{\"leaves\":%llu,\"tiles\":%llu,\"root\":\"%s\",\"signed\":%llu,"
                  "\"blocks\":%llu,\"events\":%llu"
                : "good: %llu leaves, %llu tiles, root %s, signed up to %llu; %llu blocks, "
                  "%llu events hashed again",
           (unsigned long long)f->log.entries, (unsigned long long)f->log.tiles, root,
           (unsigned long long)signed_size, (unsigned long long)f->blocks,
           (unsigned long long)f->events);
    if (json || f->ended > 0)
        printf(json ? ",\"ended\":%llu" : "; %llu leaves of the log before it",
               (unsigned long long)f->ended);
    if (json || f->raw_erased + f->erased > 0)
        printf(json ? ",\"raw_erased\":%llu,\"erased\":%llu"
                    : "; %llu blocks without raw bytes, %llu erased",
               (unsigned long long)f->raw_erased, (unsigned long long)f->erased);
    printf(json ? "}\n" : "\n");
}

int
cli_log_fsck(struct cli *cli)
{
    struct fsck_result res;
    struct fsck_of of = {.tell = tell_leaf};
    struct errinfo ei = {0};
    struct view *v;
    const char *dir;
    uint64_t threads = 1;
    int r = cli_dir(cli, &dir);

    if (r == 0)
        r = cli_number(cli, "threads", cli_cores(), &threads);
    if (r < 0)
        return err_exit(r);
    v = calloc(1, sizeof *v);
    if (v == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = view_open(dir, v, &ei);
    if (r == 0) {
        r = view_refresh(v, &ei); /* all of one moment, also beside a running node */
        if (r < 0)
            view_close(v);
    }
    if (r < 0) {
        r = cli_fail_at(r, &ei);
        free(v);
        return r;
    }
    ei = (struct errinfo){0};
    of.store = v->node.store;
    of.reader = cli_option(cli, "events") != NULL ? v->reader : NULL;
    of.dict = &v->dict;
    of.threads = threads > 64 ? 64 : (unsigned)threads;
    of.log = &v->node.vkey;
    r = view_refresh(v, &ei); /* all of one moment, though the node may run */
    if (r == 0)
        r = fsck_run(&of, ledger_size(v->ledger), &res, &ei);
    store_settle(v->node.store);
    if (r == 0)
        print_good(&res, ledger_signed_size(v->ledger), cli_option(cli, "json") != NULL);
    else
        r = cli_fail(r, "%s: %s", dir, ei.text[0] == '\0' ? err_text(r) : ei.text);
    view_close(v);
    free(v);
    return r;
}
