#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "role/source_priv.h"

enum {
    SAY_EVERY_S = 5,
    LINE = 256,
    KEPT = 16000,
    KEPT_BYTES = PARCEL_PART - (1 << 20),
    KEPT_S = 5
};

struct pulling {
    struct source_pull *p;
    struct utime until; /* 0: as long as it takes */
    struct source *s;
    struct taxii_link link;
    struct client client;
    struct source_line line;
    struct taking taking;
    struct utime said;
    struct buf objects; /* pages that were not handed in yet, as one envelope without its end */
    size_t kept;        /* objects in it */
    struct utime since;
};

static void
say(struct pulling *x, const char *line)
{
    if (x->p->say != NULL)
        x->p->say(x->p->arg, line);
}

static void
say_wait(struct pulling *x, const struct client_answer *a, uint32_t wait_s)
{
    char line[LINE];

    if (a->status == 0)
        (void)snprintf(line, sizeof line, "%s: %.120s; again in %u s", x->s->name, a->why,
                       wait_s);
    else
        (void)snprintf(line, sizeof line, "%s: the server answered %u; again in %u s",
                       x->s->name, a->status, wait_s);
    say(x, line);
}

static void
say_page(struct pulling *x)
{
    struct utime now = env_posix_now();
    char line[LINE];

    if (time_since(now, x->said).us < SAY_EVERY_S * TIME_US_PER_S)
        return;
    x->said = now;
    (void)snprintf(line, sizeof line, "%s: %llu new, %llu the same, %llu refused so far",
                   x->s->name, (unsigned long long)x->taking.added,
                   (unsigned long long)x->taking.same, (unsigned long long)x->taking.refused);
    say(x, line);
}

/* Objects first, then how far it has come: what is cut off between them comes again. */
static int
hand_in(struct pulling *x, struct errinfo *ei)
{
    uint64_t added = x->taking.added;
    uint64_t refused = x->taking.refused;
    struct parcel all = {.at = NULL};
    int r;

    if (x->kept == 0)
        return 0;
    buf_text(&x->objects, "]}");
    r = buf_error(&x->objects);
    if (r == 0)
        r = parcel_read(x->objects.ptr, x->objects.len, PARCEL_TAXII, SIZE_MAX, &all, ei);
    if (r == 0)
        r = taking_put(&x->taking, &all, ei);
    parcel_release(&all);
    buf_reset(&x->objects);
    x->kept = 0;
    x->s->added += x->taking.added - added;
    x->s->refused += x->taking.refused - refused;
    if (r < 0)
        return r;
    client_keep(&x->client, &x->s->mark);
    say_page(x);
    return source_put(x->p->dir, x->s, ei);
}

/* Small pages wait for others, as each time that something becomes durable costs as much as
 * some hundred objects. */
static int
take_page(struct pulling *x, const struct parcel *page, enum client_next *ret,
          struct errinfo *ei)
{
    struct utime now = env_posix_now();

    if (x->kept == 0)
        x->since = now;
    for (size_t i = 0; i < page->count; i++) {
        buf_text(&x->objects, x->kept++ == 0 ? "{\"objects\":[" : ",");
        buf_slice(&x->objects, page->at[i]);
    }
    *ret = client_took(&x->client);
    if (x->kept == 0)
        client_keep(&x->client, &x->s->mark);
    return x->kept >= KEPT || x->objects.len >= KEPT_BYTES || *ret == CLIENT_DONE ||
                   time_since(now, x->since).us > KEPT_S * TIME_US_PER_S
               ? hand_in(x, ei)
               : 0;
}

/* Nobody knows how long the server keeps it waiting, or whether it goes on. */
static int
stop_and_go(struct pulling *x, const struct client_answer *a, struct client_told *told,
            enum client_next next, struct errinfo *ei)
{
    int r = hand_in(x, ei);

    if (r < 0)
        return r;
    if (next == CLIENT_WAIT && x->p->due && (a->status == 0 || told->wait_s > SOURCE_BRIEF_S)) {
        told->err = client_refused(a, &told->ei);
        told->wait_s = a->retry_s > 0 ? told->wait_s : 0; /* ours is no wish of the server */
        next = CLIENT_OVER;
    }
    if (next == CLIENT_WAIT) {
        say_wait(x, a, told->wait_s);
        (void)nanosleep(&(struct timespec){.tv_sec = told->wait_s}, NULL);
        return 0;
    }
    client_keep(&x->client, &x->s->mark);
    *ei = told->ei;
    if (told->wait_s > 0)
        x->s->not_before.us = env_posix_now().us + told->wait_s * TIME_US_PER_S;
    return told->err;
}

static int
step(struct pulling *x, enum client_next *ret, struct errinfo *ei)
{
    struct client_answer answer;
    struct client_told told;
    AUTO_BUF(url, SOURCE_URL + CLIENT_ASK_MAX);
    int r = 0;

    buf_printf(&url, "%s://%s", x->link.tls ? "https" : "http", x->link.host);
    client_ask(&x->client, &url);
    buf_char(&url, '\0');
    if (buf_error(&url) < 0)
        return err_set(ei, buf_error(&url), "%s", err_text(buf_error(&url)));
    source_line_ask(&x->line, url.ptr, client_is_once(&x->client), &answer);
    *ret = client_hear(&x->client, &answer, &told);
    if (*ret == CLIENT_TAKE)
        r = take_page(x, &told.page, ret, ei);
    else if (*ret != CLIENT_ASK)
        r = stop_and_go(x, &answer, &told, *ret, ei);
    parcel_release(&told.page);
    return r;
}

/* Where it stops, the next pull must be able to go on; and an error that is tried again comes
 * to its end first, else it would pass for none. */
static bool
is_late(const struct pulling *x, enum client_next next)
{
    return next != CLIENT_WAIT && x->until.us > 0 && env_posix_now().us > x->until.us &&
           !client_is_once(&x->client);
}

static int
run(struct pulling *x, struct errinfo *ei)
{
    struct slice types[SOURCE_TYPES];
    AUTO_BUF(path, LINK_PATH + 16);
    struct client_source source = {
        .type = types, .types = x->s->types, .older = x->s->party[0] != '\0'};
    enum client_next next = CLIENT_ASK;
    int r = link_read(slice_of(x->s->url), &x->link, ei);

    for (unsigned i = 0; i < x->s->types; i++)
        types[i] = slice_of(x->s->type[i]);
    buf_printf(&path, "%sobjects/", x->link.path);
    source.path = buf_get(&path);
    buf_init(&x->objects, (size_t)CLIENT_BODY + PARCEL_PART);
    client_init(&x->client, &source, &x->s->mark);
    while (r == 0 && next != CLIENT_DONE && !is_late(x, next))
        r = step(x, &next, ei);
    if (r == 0)
        r = hand_in(x, ei);
    x->s->more = r == 0 && next != CLIENT_DONE;
    buf_release(&x->objects);
    x->p->requests = x->client.requests;
    x->p->undated = x->client.undated;
    return r;
}

static int
check_time(const struct source *s, struct utime now, struct errinfo *ei)
{
    char at[TIME_TEXT];

    /* A clock that was put back does not hold it up for ever. */
    if (s->not_before.us <= now.us ||
        s->not_before.us > now.us + CLIENT_WAIT_DAY_S * TIME_US_PER_S)
        return 0;
    time_format(s->not_before, at);
    return err_set(ei, ERR_BUSY, "the server asks not to come before %.*s", TIME_TEXT, at);
}

/* As text that a file of JSON can hold, also where a sentence was cut. */
static void
keep_fault(struct source *s, const char *why)
{
    (void)snprintf(s->fault, sizeof s->fault, "%s", why);
    for (char *c = s->fault; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
}

/* What it came to stays with the source. */
static int
conclude(struct pulling *x, int r, struct errinfo *ei)
{
    struct source *s = x->s;
    struct errinfo other = {0};
    int err;

    s->begun.us = 0;
    if (r == ERR_BUSY && x->p->due) { /* this node, not the source */
        s->failures -= s->failures > 0;
        err = source_put(x->p->dir, s, &other);
        return err < 0 ? err : r;
    }
    s->tried = env_posix_now();
    if (r == 0) {
        s->succeeded = s->tried;
        s->fault_since.us = s->not_before.us = 0;
        s->fault[0] = '\0';
        s->failures = 0;
    } else {
        if (s->fault_since.us == 0)
            s->fault_since = s->tried;
        keep_fault(s, ei->text[0] == '\0' ? err_text(r) : ei->text);
    }
    err = source_put(x->p->dir, s, r == 0 ? ei : &other);
    return r < 0 ? r : err;
}

/* Written down before, so that what ends this process is not asked for again at once. */
static int
begin(struct pulling *x, struct errinfo *ei)
{
    struct source *s = x->s;
    struct utime now = env_posix_now();

    if (x->p->within.us > 0)
        x->until.us = now.us + x->p->within.us;
    s->begun = now;
    s->failures += s->failures < UINT32_MAX / 2;
    return source_put(x->p->dir, s, ei);
}

static void
follow(struct pulling *x)
{
    char line[LINE];

    if (x->s->party[0] == '\0' || !source_follow(x->s, &x->line.party))
        return;
    (void)snprintf(line, sizeof line, "%s: %s answers at %.150s now", x->s->name, x->s->party,
                   x->s->endpoint);
    say(x, line);
}

static int
pull(struct pulling *x, struct errinfo *ei)
{
    int r = taking_open(x->p->dir, x->s->into, &x->taking, ei);

    if (r < 0)
        return r;
    x->taking.tell = x->p->tell;
    x->taking.arg = x->p->arg;
    r = source_line_open(x->p->dir, x->s, &x->line, ei);
    if (r == 0)
        follow(x);
    if (r == 0)
        r = run(x, ei);
    source_line_close(&x->line);
    taking_close(&x->taking);
    return r;
}

int
source_pull(struct source_pull *p, struct source *s, struct errinfo *ei)
{
    struct pulling x = {.p = p, .s = s, .said = env_posix_now()};
    int lock = -1;
    int r = source_hold_now(p->dir, s->name, &lock, ei);

    if (r == 0)
        r = source_get(p->dir, s->name, s, ei); /* as it is now that nobody else pulls */
    p->idle = r == 0 && p->due && !source_is_due(s, env_posix_now());
    if (r == 0 && !p->idle)
        r = check_time(s, env_posix_now(), ei);
    if (r == 0 && !p->idle)
        r = begin(&x, ei);
    if (r == 0 && !p->idle)
        r = conclude(&x, pull(&x, ei), ei);
    p->added = x.taking.added;
    p->same = x.taking.same;
    p->refused = x.taking.refused;
    p->removed = x.taking.removed;
    if (lock >= 0)
        (void)close(lock);
    return r;
}
