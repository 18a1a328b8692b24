/* detente log fsck: everything read and hashed again (role/fsck.h), and said in words. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
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
print_json(const struct fsck_result *f, const char *root, uint64_t signed_)
{
    printf("{\"leaves\":%llu,\"tiles\":%llu,\"root\":\"%s\",\"signed\":%llu,\"blocks\":%llu,"
           "\"events\":%llu,\"raw_erased\":%llu,\"erased\":%llu,\"unkeyed\":%llu}\n",
           (unsigned long long)f->log.entries, (unsigned long long)f->log.tiles, root,
           (unsigned long long)signed_, (unsigned long long)f->blocks,
           (unsigned long long)f->events, (unsigned long long)f->raw_erased,
           (unsigned long long)f->erased, (unsigned long long)f->unkeyed);
}

static void
print_words(const struct fsck_result *f, const char *root, uint64_t signed_)
{
    printf("good: %llu leaves, %llu tiles, root %s, signed up to %llu; %llu blocks, "
           "%llu events hashed again",
           (unsigned long long)f->log.entries, (unsigned long long)f->log.tiles, root,
           (unsigned long long)signed_, (unsigned long long)f->blocks,
           (unsigned long long)f->events);
    if (f->raw_erased + f->erased > 0)
        printf("; %llu blocks without raw bytes, %llu erased",
               (unsigned long long)f->raw_erased, (unsigned long long)f->erased);
    if (f->unkeyed > 0)
        printf("; %llu blocks without a key, not hashed", (unsigned long long)f->unkeyed);
    putchar('\n');
}

int
cli_log_fsck(struct cli *cli)
{
    char root[2 * SHA256_SIZE + 1] = "";
    struct fsck_result res = {0};
    struct errinfo ei = {0};
    struct fsck_of of;
    struct view v;
    const char *dir;
    uint64_t signed_;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    of = (struct fsck_of){.store = v.node.store,
                          .reader = cli_option(cli, "events") != NULL ? v.reader : NULL,
                          .dict = &v.dict,
                          .log = &v.node.vkey,
                          .tell = tell_leaf};
    signed_ = ledger_signed_size(v.ledger);
    r = fsck_run(&of, ledger_size(v.ledger), &res, &ei);
    hex_encode(res.log.head.root.byte, SHA256_SIZE, root);
    if (r < 0)
        r = cli_fail(r, "%s: %s", dir, ei.text[0] == '\0' ? err_text(r) : ei.text);
    else if (cli_option(cli, "json") != NULL)
        print_json(&res, root, signed_);
    else
        print_words(&res, root, signed_);
    view_close(&v);
    return r;
}
