/* A server over made-up answers, for blackbox.py: prints its port, publishes a delta each 50 ms
 * until standard input ends.  Argument: bytes of padding in each delta. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "web/assets.h"
#include "web/web.h"

static const unsigned char html[] = "<!doctype html><title>stub</title>";
static const unsigned char script[] = "console.log('a long enough text to be worth packing');";
static const unsigned char packed[] = {0x1f, 0x8b, 8, 0, 1, 2, 3};

const struct web_asset web_assets[] = {
    {"/", "text/html; charset=utf-8", "\"h\"", 0, html, sizeof html - 1, NULL, 0},
    {"/assets/app.1.js", "text/javascript; charset=utf-8", "\"s\"", 1, script,
     sizeof script - 1, packed, sizeof packed}};
const size_t web_assets_count = 2;

static uint64_t position = 100;

static int
node(void *self, struct buf *to)
{
    (void)self;
    buf_text(to, "{\"party\":\"stub\"}");
    return 0;
}

static int
now(void *self, struct buf *to, uint64_t *ret_pos)
{
    (void)self;
    *ret_pos = position;
    buf_printf(to, "{\"pos\":%llu,\n\"whole\":true}", (unsigned long long)position);
    return 0;
}

static int
top(void *self, const struct web_query *q, struct buf *to)
{
    (void)self;
    buf_printf(to, "{\"by\":%d,\"limit\":%llu}", (int)q->by, (unsigned long long)q->limit);
    return 0;
}

static int
events(void *self, const struct web_query *q, struct buf *to)
{
    (void)self;
    buf_printf(to, "{\"asn\":%u,\"since\":%lld}", q->filter.asn, (long long)q->filter.since.us);
    return 0;
}

static int
event(void *self, struct event_id id, struct buf *to)
{
    (void)self;
    if (id.block != 17)
        return id.block == 18 ? ERR_IO : ERR_NOTFOUND;
    buf_printf(to, "{\"id\":\"17-%u\"}", id.index);
    return 0;
}

static int
raw(void *self, struct event_id id, struct buf *to)
{
    (void)self;
    (void)id;
    buf_text(to, "<script>raw</script>");
    return 0;
}

static int
checkpoint(void *self, struct buf *to)
{
    (void)self;
    buf_text(to, "stub/log\n100\n");
    return 0;
}

static int
tile(void *self, const struct tile_path *p, struct buf *to)
{
    (void)self;
    if (p->n > 0)
        return ERR_NOTFOUND;
    for (unsigned i = 0; i < p->width; i++)
        buf_text(to, p->entries ? "e" : "................................");
    return 0;
}

static struct utime
wall(void *self)
{
    (void)self;
    return (struct utime){INT64_C(1790000000) * TIME_US_PER_S};
}

/* A secret of zeros is ann's. */
static int
look(void *self, const struct person_credential *with, struct person_answer *ret)
{
    (void)self;
    for (int i = 0; i < PERSON_SECRET; i++) {
        if (with->secret[i] != 0)
            return ERR_AUTH;
    }
    *ret = (struct person_answer){.role = PERSON_VIEWER, .name = "ann"};
    return 0;
}

/* What was asked, to be answered in the next turn. */
static struct {
    uint32_t number;
    struct person_answer answer;
} asked[WEB_ASKS];
static unsigned asked_count;

/* By the name: `busy`, `full`, `silent` (never answered), `away`; all else succeeds. */
static int
ask(void *self, uint32_t number, const struct person_ask *a)
{
    struct person_answer to = {.role = PERSON_ANALYST};

    (void)self;
    if (strcmp(a->name, "away") == 0)
        return ERR_NOTFOUND;
    if (strcmp(a->name, "silent") == 0)
        return 0;
    (void)snprintf(to.name, sizeof to.name, "%s", a->name);
    to.status = strcmp(a->name, "busy") == 0   ? ERR_BUSY
                : strcmp(a->name, "full") == 0 ? ERR_FULL
                                               : 0;
    to.wait_s = to.status == ERR_BUSY ? 7 : 0;
    asked[asked_count].number = number;
    asked[asked_count++].answer = to;
    return 0;
}

static int64_t speed = 1;
static int64_t period = 50000; /* us of real time, 0 none */

static int64_t
mono(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return ((int64_t)ts.tv_sec * TIME_US_PER_S + ts.tv_nsec / 1000) * speed;
}

static void
publish(struct web_server *s, const char *padding)
{
    AUTO_BUF(delta, 1 << 20);

    position++;
    buf_printf(&delta, "{\"pos\":%llu,\"pad\":\"%s\"}", (unsigned long long)position, padding);
    if (web_publish(s, position, buf_get(&delta)) < 0)
        abort();
}

static void
run(struct web_server *s, const char *padding)
{
    int64_t tick = period == 0 ? INT64_MAX : mono();
    bool open = true;

    while (open) {
        struct pollfd fds[2] = {{.fd = web_fd(s), .events = POLLIN},
                                {.fd = STDIN_FILENO, .events = POLLIN}};
        int64_t next;
        char c;

        for (unsigned i = 0; i < asked_count; i++)
            web_answered(s, asked[i].number, &asked[i].answer);
        asked_count = 0;
        web_step(s, mono(), &next);
        if (asked_count > 0)
            next = 0;
        if (next > tick)
            next = tick;
        next = next > mono() ? (next - mono()) / 1000 / speed + 1 : 0;
        if (next > 1000)
            next = 1000;
        if (poll(fds, 2, (int)next) < 0)
            break;
        if (fds[1].revents != 0)
            open = read(STDIN_FILENO, &c, 1) > 0;
        if (mono() >= tick) {
            publish(s, padding);
            tick = mono() + period * speed;
        }
    }
}

int
main(int argc, char **argv)
{
    static const char *const hosts[] = {"node.example"};
    struct web_listen at[] = {
        {.address = {{[10] = 0xff, 0xff, 127, 0, 0, 1}}, .port = 0, .fd = -1},
        {.address = {{[10] = 0xff, 0xff, 127, 0, 0, 1}}, .port = 0, .fd = -1, .closed = true}};
    struct web_options o = {
        .listen = at, .listen_count = 2, .hosts = hosts, .host_count = 1, .now = wall};
    struct web_source source = {.node = node,
                                .now = now,
                                .top = top,
                                .events = events,
                                .event = event,
                                .event_raw = raw,
                                .checkpoint = checkpoint,
                                .tile = tile,
                                .look = look,
                                .ask = ask};
    struct web_server *s = NULL;
    struct errinfo ei = {0};
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    char *padding = calloc(n + 1, 1);
    struct web_stats stats;

    if (argc > 3) {
        period = (int64_t)strtoul(argv[2], NULL, 10) * 1000;
        speed = (int64_t)strtoul(argv[3], NULL, 10);
    }
    if (padding == NULL || web_open(&o, &source, &s, &ei) < 0) {
        (void)fprintf(stderr, "%s\n", ei.text);
        return 1;
    }
    memset(padding, 'x', n);
    printf("%u %u\n", web_port(s, 0), web_port(s, 1));
    (void)fflush(stdout);
    run(s, padding);
    stats = web_stats(s);
    s = web_close(s);
    printf("requests %llu refused %llu failed %llu frames %llu snapshots %llu viewers %u\n",
           (unsigned long long)stats.requests, (unsigned long long)stats.refused,
           (unsigned long long)stats.failed, (unsigned long long)stats.frames,
           (unsigned long long)stats.snapshots, stats.viewers);
    free(padding);
    return 0;
}
