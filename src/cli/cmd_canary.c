/* detente canary: harmless test packets, announced before they are sent, and what became of
 * them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/blocks.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/book.h"
#include "role/canary.h"
#include "role/view.h"
#include "store/erase.h"
#include "wire/hex.h"

/* ---- announce ---------------------------------------------------------------------------- */

struct target {
    struct addr address;
    uint16_t port;
    bool asked;
};

/* `192.0.2.10:9`, `[2001:db8::1]:9` */
static bool
parse_target(const char *text, struct target *ret)
{
    const char *colon = strrchr(text, ':');
    struct slice host;
    uint64_t port;

    if (colon == NULL || text_number(slice_of(colon + 1), 65535, &port) < 0 || port == 0)
        return false;
    host = (struct slice){text, (size_t)(colon - text)};
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = slice_sub(host, 1, host.len - 2);
    ret->port = (uint16_t)port;
    ret->asked = true;
    return addr_parse(host, &ret->address) == 0;
}

static bool
is_own(const struct conf_prefixes *own, const struct addr *a)
{
    for (unsigned i = 0; i < own->count; i++) {
        if (prefix_covers(&own->at[i], a))
            return true;
    }
    return false;
}

/* The pact that was named, or the only one this node is a party of. */
static int
choose_pact(const struct cli *cli, const struct book *b, struct keep_ask *a)
{
    const char *name = cli_option(cli, "pact");
    unsigned found = 0;

    for (unsigned i = 0; i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];

        if (p->self < 0 || (name != NULL && strcmp(name, p->pact->name) != 0))
            continue;
        (void)snprintf(a->pact, sizeof a->pact, "%s", p->pact->name);
        found++;
    }
    if (found == 1)
        return 0;
    return cli_fail(found == 0 ? ERR_NOTFOUND : ERR_USAGE,
                    found == 0 ? "this node is a party of no such pact: see `detente pact list`"
                               : "this node has several pacts: name one with --pact");
}

/* Only to one's own network: a test of one's own sensors is no packet to somebody else. */
static int
check_target(const struct conf *c, const struct target *t)
{
    char text[ADDR_TEXT];

    if (!t->asked || is_own(&c->networks, &t->address))
        return 0;
    (void)addr_format(&t->address, text);
    return cli_fail(ERR_CONF,
                    "%s is not in `networks` of detente.yaml: a canary goes to one's own "
                    "network only",
                    text);
}

static int
look(struct cli *cli, const struct target *t, struct keep_ask *a)
{
    struct errinfo ei = {0};
    struct book *b = NULL;
    struct view v;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = book_load(v.node.store, v.node.conf->party, &b, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : choose_pact(cli, b, a);
    if (r == 0)
        r = check_target(v.node.conf, t);
    (void)book_free(b);
    view_close(&v);
    return r;
}

static int
send_packet(const struct target *t, const char *payload)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(t->port)};
    struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(t->port)};
    bool v4 = addr_is_v4(&t->address);
    ssize_t n = -1;
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memcpy(&to.sin6_addr, t->address.byte, sizeof to.sin6_addr);
    memcpy(&to4.sin_addr, t->address.byte + 12, sizeof to4.sin_addr);
    if (fd >= 0)
        n = sendto(fd, payload, CANARY_PAYLOAD, 0,
                   v4 ? (const struct sockaddr *)&to4 : (const struct sockaddr *)&to,
                   v4 ? sizeof to4 : sizeof to);
    if (n != CANARY_PAYLOAD)
        n = cli_fail(ERR_IO,
                     "the packet cannot be sent: %s (it is announced: send it another way)",
                     strerror(errno));
    else
        n = 0;
    if (fd >= 0)
        (void)close(fd);
    return (int)n;
}

static int
take_options(struct cli *cli, struct keep_ask *a, struct target *t)
{
    const char *within = cli_option(cli, "within");
    const char *to = cli_option(cli, "send");
    struct span span;
    uint8_t random[16];

    if (cli->argc != 1 || !text_is_sensor(slice_of(cli->argv[0])))
        return cli_fail(ERR_USAGE,
                        "canary announce takes the name of a sensor, as `sensors` of "
                        "detente.yaml has it");
    if (span_parse(slice_of(within == NULL ? "10m" : within), &span) < 0 || span.us <= 0 ||
        span.us > CANARY_WITHIN_MAX)
        return cli_fail(ERR_USAGE, "--within takes a time of at most a day, such as 10m");
    if (to != NULL && !parse_target(to, t))
        return cli_fail(ERR_USAGE, "--send takes an address and a port, 192.0.2.10:9 or "
                                   "[2001:db8::1]:9");
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return cli_fail(ERR_IO, "no random bytes: %s", strerror(errno));
    (void)snprintf(a->name, sizeof a->name, "%s", cli->argv[0]);
    canary_payload(random, a->payload);
    a->until = span.us;
    return 0;
}

static int
run_announce(struct cli *cli)
{
    struct keep_ask a = {.what = KEEP_CANARY};
    struct target t = {.asked = false};
    struct keeper *k = NULL;
    AUTO_BUF(out, 256);
    int r = take_options(cli, &a, &t);

    if (r == 0)
        r = look(cli, &t, &a);
    if (r == 0)
        r = cli_keeper(cli, &k);
    if (r == 0)
        r = cli_keep(k, &a);
    k = keeper_close(k);
    if (r == 0 && t.asked)
        r = send_packet(&t, a.payload);
    if (r != 0)
        return r;
    if (t.asked)
        cli_say("Announced to the log, and sent.");
    else
        cli_say("Announced to the log. Send these bytes as one packet that %s watches, such as "
                "with: printf %%s %s | nc -u -w1 ADDRESS PORT",
                a.name, a.payload);
    buf_text(&out, a.payload);
    return cli_print(&out);
}

/* ---- list -------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"announced", false}, {"sensor", false}, {"state", false}, {"found", false},
    {"event", false},     {"until", false},  {"pact", false},  {"leaf", true},
    {"payload", false},   {"salt", false},   {"opened", false}};

struct list {
    struct output *o;
    struct store *store;
    struct utime now;
    uint64_t most; /* 0: all */
    uint64_t count;
};

/* What opens the leaf, once it is over: before, the payload is nobody's to know. */
static void
put_opening(struct list *l, uint64_t leaf, bool over)
{
    AUTO_BUF(hex, (size_t)2 * LEAF_SALT);
    struct slice salt;
    struct slice opened;

    if (!over || store_get_opening(l->store, leaf, &salt, &opened) < 0) {
        output_str(l->o, "");
        output_str(l->o, "");
        return;
    }
    buf_hex(&hex, salt.ptr, salt.len);
    output_text(l->o, buf_get(&hex));
    output_text(l->o, opened);
}

static int
put_canary(void *arg, const struct store_canary *c)
{
    struct list *l = arg;
    bool found = c->found.us != 0;
    bool over = found || c->until.us < l->now.us;
    char event[EVENT_ID_TEXT] = "";

    l->count++;
    if (l->most > 0 && l->count > l->most)
        return 0;
    if (found)
        (void)event_id_format(c->event, event);
    output_time(l->o, c->at);
    output_text(l->o, c->sensor);
    output_str(l->o, found ? "found" : over ? "missed" : "waiting");
    if (found)
        output_time(l->o, c->found);
    else
        output_str(l->o, "");
    output_str(l->o, event);
    output_time(l->o, c->until);
    output_text(l->o, c->pact);
    output_u64(l->o, c->leaf);
    output_text(l->o, c->payload);
    put_opening(l, c->leaf, over);
    output_end(l->o);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct list l = {.now = cli_now()};
    struct errinfo ei = {0};
    struct utime since = {0};
    struct view v;
    const char *dir = NULL;
    int r = cli_number(cli, "limit", 100, &l.most);

    if (r == 0)
        r = cli_time(cli, "since", (struct utime){l.now.us - 7 * INT64_C(86400000000)}, &since);
    if (r == 0)
        r = cli_dir(cli, &dir);
    if (r == 0)
        r = output_open(cli, columns, sizeof columns / sizeof columns[0], &l.o);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0) {
        output_drop(l.o);
        return cli_fail_at(r, &ei);
    }
    l.store = v.node.store;
    r = store_each_canary(l.store, since, put_canary, &l);
    if (r < 0) {
        output_drop(l.o);
        r = cli_fail(r, "%s: %s", dir, err_text(r));
    } else if (output_close(l.o, l.count) < 0) {
        r = err_exit(ERR_IO);
    }
    view_close(&v);
    return r;
}

static const struct cmd_option announce_options[] = {
    {"pact", "NAME", "for this pact; needed when there are several", 0},
    {"within", "SPAN", "how long it may take to be found (default 10m, at most 1d)", 0},
    {"send", "ADDRESS:PORT", "send it too, as one UDP datagram to an address of `networks`", 0},
    {0}};
static const struct cmd_option list_options[] = {
    CMD_FORMAT_OPTION,
    {"since", "WHEN", "those announced since then (default 7d)", 0},
    {"limit", "N", "rows at most (default 100, 0 all)", 0},
    {0}};

const struct cmd cmd_canary[] = {
    {"canary", "announce", "SENSOR",
     "commit to a harmless test packet before it is sent, and print its payload",
     announce_options, run_announce},
    {"canary", "list", "", "test packets, found or missed, and what opens their leaves",
     list_options, run_list},
    {0},
};
