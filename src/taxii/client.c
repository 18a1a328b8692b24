#include "taxii/client.h"

#include <stdio.h>

#include "taxii/request.h"

enum { MS = 1000, WHY = 160 };

void
client_mark_init(struct client_mark *m)
{
    *m = (struct client_mark){.after = {-1}, .last = {-1}};
}

void
client_init(struct client *c, const struct client_source *source, const struct client_mark *m)
{
    *c = (struct client){
        .source = source, .mark = *m, .hash_until = 1, .names = m->next[0] != '\0'};
}

/* ---- what to ask ------------------------------------------------------------------------- */

/* RFC 3986, 2.3 and 2.1. */
static void
put_escaped(struct buf *to, struct slice s)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\0' && strchr(plain, s.ptr[i]) != NULL)
            buf_char(to, s.ptr[i]);
        else
            buf_printf(to, "%%%02X", (unsigned char)s.ptr[i]);
    }
}

void
client_ask(struct client *c, struct buf *to)
{
    const struct client_source *s = c->source;
    char at[TIME_TEXT];

    c->requests++;
    buf_slice(to, s->path);
    buf_printf(to, "?limit=%d&match%%5Bversion%%5D=all", CLIENT_LIMIT);
    if (s->older)
        buf_text(to, "&match%5Bspec_version%5D=2.0,2.1");
    for (unsigned i = 0; i < s->types; i++) {
        buf_text(to, i == 0 ? "&match%5Btype%5D=" : ",");
        put_escaped(to, s->type[i]);
    }
    if (c->mark.after.us >= 0) {
        time_format(c->mark.after, at);
        buf_text(to, "&added_after=");
        buf_add(to, at, sizeof at);
    }
    if (c->mark.next[0] != '\0') {
        buf_text(to, "&next=");
        put_escaped(to, slice_of(c->mark.next));
    }
}

/* ---- answers that are no page ------------------------------------------------------------ */

bool
client_may_pass(const struct client_answer *a)
{
    return a->status == 0 || a->status == 429 || a->status == 500 ||
           (a->status >= 502 && a->status <= 504);
}

int
client_refused(const struct client_answer *a, struct errinfo *ei)
{
    unsigned s = a->status;

    if (a->is_cut)
        return err_set(ei, ERR_LIMIT, "the server's answer has more than %d MiB",
                       CLIENT_BODY >> 20);
    if (s == 0)
        return err_set(ei, ERR_IO, "the server was not reached: %.*s", WHY,
                       a->why == NULL ? "it did not answer" : a->why);
    if (s == 401 || s == 403)
        return err_set(ei, ERR_AUTH, "the server answered %u: %s", s,
                       s == 401 ? "what is shown does not count there"
                                : "who asks may not read there");
    if (s == 404 || s == 410)
        return err_set(ei, ERR_NOTFOUND,
                       "the server answered %u: there is nothing of that name, for who asks",
                       s);
    if (s >= 300 && s < 400)
        return err_set(ei, ERR_CONF,
                       "the server answered %u: it has moved, and redirects are not followed; "
                       "add the source with its new address",
                       s);
    if (s == 406 || s == 415)
        return err_set(ei, ERR_CONF, "the server answered %u: it does not speak TAXII 2.1", s);
    return err_set(ei, client_may_pass(a) ? ERR_IO : ERR_INVALID, "the server answered %u", s);
}

static enum client_next
over(struct client_told *ret, int err)
{
    parcel_release(&ret->page);
    ret->err = err;
    return CLIENT_OVER;
}

static void
begin_anew(struct client_mark *m)
{
    m->next[0] = '\0';
    m->last = m->after;
}

/* False: it did so too often. */
static bool
turn_back(struct client *c)
{
    if (c->anew == CLIENT_ANEW)
        return false;
    c->anew++;
    c->has_hash = c->names = false;
    c->still = 0;
    begin_anew(&c->mark);
    return true;
}

bool
client_is_once(const struct client *c)
{
    return c->mark.next[0] != '\0' && !c->names;
}

/* May the page be lost that was asked for?  A server that says it is busy has not begun. */
static bool
is_astray(const struct client *c, const struct client_answer *a)
{
    return client_is_once(c) && a->status != 429 && a->status != 503;
}

static enum client_next
wait_or_end(struct client *c, const struct client_answer *a, struct client_told *ret)
{
    unsigned most = a->status == 0 ? CLIENT_TRIES_LINK : CLIENT_TRIES;
    unsigned doubled = c->tries < 6 ? 1U << c->tries : CLIENT_WAIT_MOST_S;
    int64_t wait = doubled < CLIENT_WAIT_MOST_S ? doubled : CLIENT_WAIT_MOST_S;

    if ((a->status == 429 || a->status == 503) && a->retry_s > 0)
        wait = a->retry_s < CLIENT_WAIT_DAY_S ? a->retry_s : CLIENT_WAIT_DAY_S;
    ret->wait_s = (uint32_t)wait;
    if (++c->tries < most && wait <= CLIENT_WAIT_MOST_S && (!is_astray(c, a) || turn_back(c)))
        return CLIENT_WAIT;
    if (wait <= CLIENT_WAIT_MOST_S)
        ret->wait_s = 0;
    return over(ret, client_refused(a, &ret->ei));
}

/* ---- pages ------------------------------------------------------------------------------- */

/* Date-Added-Last of the page, negative: not said.  ERR_INVALID: it cannot be so.  Servers
 * that cut what they are asked for to milliseconds give the last object once more; some give
 * one date alone for one object. */
static int
read_dates(const struct client *c, const struct client_answer *a, size_t count,
           struct utime *ret, struct errinfo *ei)
{
    const struct client_mark *m = &c->mark;
    struct slice said = a->last.len == 0 && count == 1 ? a->first : a->last;
    struct utime first = {-1};
    char text[TIME_TEXT];

    ret->us = -1;
    if (said.len == 0)
        return 0;
    if (time_parse_any(said, ret) < 0 ||
        (a->first.len > 0 && time_parse_any(a->first, &first) < 0))
        return err_set(ei, ERR_INVALID, "the server's X-TAXII-Date-Added-%s is no time",
                       ret->us < 0 ? "Last" : "First");
    if (first.us > ret->us)
        return err_set(ei, ERR_INVALID,
                       "dates go backwards: a page's X-TAXII-Date-Added-First is behind its "
                       "-Last");
    if (m->last.us < 0 || ret->us >= m->last.us - m->last.us % MS)
        return 0;
    time_format(m->last, text);
    return err_set(ei, ERR_INVALID,
                   "dates go backwards: the server gives what was added before %.*s, which was "
                   "taken already; where it was made anew, remove the source and add it again",
                   TIME_TEXT, text);
}

/* The page's objects as one piece: they stand one behind the other. */
static struct hash
hash_page(const struct parcel *e)
{
    const char *from = e->at[0].ptr;
    const struct slice *last = &e->at[e->count - 1];

    return sha256_of(from, (size_t)(last->ptr + last->len - from));
}

/* Brent: a page is remembered until twice as many have come, so every circle is seen. */
static bool
comes_again(struct client *c, const struct parcel *e)
{
    struct hash h = hash_page(e);
    bool again = c->has_hash && hash_eq(&h, &c->hash);

    if (c->pages >= c->hash_until || !c->has_hash) {
        c->hash = h;
        c->has_hash = true;
        c->hash_until = c->pages * 2;
    }
    return again;
}

static int
check_next(struct client *c, const struct parcel *e, struct errinfo *ei)
{
    bool same = slice_is(e->next, c->mark.next);

    c->names |= c->mark.next[0] != '\0' && !same;
    c->still = same ? c->still + 1 : 0;
    if (same && (e->count == 0 || c->still > CLIENT_STILL))
        return err_set(ei, ERR_INVALID,
                       "the server's `next` does not change, on %u pages one behind the other",
                       c->still + 1);
    return 0;
}

/* Is there a way from this page to one that is not the same? */
static int
check_more(struct client *c, const struct parcel *e, struct utime last, struct errinfo *ei)
{
    char text[TIME_TEXT];

    if (memchr(e->next.ptr, '\0', e->next.len) != NULL)
        return err_set(ei, ERR_INVALID, "the server's `next` has a NUL in it");
    c->empty = e->count == 0 ? c->empty + 1 : 0;
    if (c->empty > CLIENT_EMPTY || (e->count == 0 && e->next.len == 0))
        return err_set(ei, ERR_INVALID, "the server says `more` on pages that have no objects");
    if (e->count > 0 && comes_again(c, e))
        return err_set(ei, ERR_INVALID, "the server gives the same page again and again");
    if (e->next.len > 0)
        return check_next(c, e, ei);
    if (last.us < 0)
        return err_set(ei, ERR_INVALID,
                       "the server says `more`, but neither `next` nor "
                       "X-TAXII-Date-Added-Last");
    if (last.us > c->mark.after.us)
        return 0;
    time_format(last, text);
    return err_set(ei, ERR_INVALID,
                   "more objects than a page holds were added at %.*s, and the server gives no "
                   "`next`",
                   TIME_TEXT, text);
}

static void
set_then(struct client *c, const struct parcel *e, struct utime last)
{
    struct client_mark *t = &c->then;

    *t = c->mark;
    if (last.us > t->last.us)
        t->last = last;
    if (!e->more || e->next.len == 0) {
        t->after = t->last;
        t->next[0] = '\0';
    } else {
        (void)snprintf(t->next, sizeof t->next, "%.*s", (int)e->next.len, e->next.ptr);
    }
}

static enum client_next
hear_page(struct client *c, const struct client_answer *a, struct client_told *ret)
{
    struct parcel *e = &ret->page;
    struct utime last = {-1};
    int r = 0;

    if (a->is_cut)
        return over(ret, client_refused(a, &ret->ei));
    if (!taxii_is_content(a->media))
        return over(ret, err_set(&ret->ei, ERR_INVALID,
                                 "the server's answer is not " TAXII_MEDIA ", but %.*s",
                                 (int)slice_cut(a->media, WHY / 2).len, a->media.ptr));
    if (c->pages++ == CLIENT_PAGES)
        r = err_set(&ret->ei, ERR_LIMIT, "more than %d pages: the next pull goes on from here",
                    CLIENT_PAGES);
    if (r == 0)
        r = parcel_read(a->body, a->bytes, PARCEL_TAXII, CLIENT_OBJECTS, e, &ret->ei);
    if (r == 0 && e->count > 0)
        r = read_dates(c, a, e->count, &last, &ret->ei);
    if (r == 0 && e->more)
        r = check_more(c, e, last, &ret->ei);
    if (r < 0)
        return over(ret, r);
    c->undated += e->count > 0 && last.us < 0;
    set_then(c, e, last);
    c->goes_on = e->more;
    return CLIENT_TAKE;
}

static enum client_next
hear(struct client *c, const struct client_answer *a, struct client_told *ret)
{
    bool forgotten = a->status == 400 || a->status == 404 || a->status == 410;

    *ret = (struct client_told){.err = 0};
    if (client_may_pass(a) && !a->is_cut)
        return wait_or_end(c, a, ret);
    c->tries = 0;
    if (forgotten && c->mark.next[0] != '\0' && turn_back(c))
        return CLIENT_ASK;
    return a->status == 200 ? hear_page(c, a, ret) : over(ret, client_refused(a, &ret->ei));
}

/* A `next` of an earlier pull that leads to nothing good would do so for ever. */
static bool
is_spoilt(const struct client *c, const struct client_answer *a)
{
    unsigned s = a->status;

    return c->taken == 0 && c->mark.next[0] != '\0' && s != 0 && s != 401 && s != 403 &&
           s != 429 && (s < 502 || s > 504);
}

enum client_next
client_hear(struct client *c, const struct client_answer *a, struct client_told *ret)
{
    enum client_next next = hear(c, a, ret);

    if (next == CLIENT_OVER && is_spoilt(c, a))
        begin_anew(&c->mark);
    return next;
}

enum client_next
client_took(struct client *c)
{
    c->mark = c->then;
    c->names &= c->mark.next[0] != '\0';
    c->taken++;
    return c->goes_on ? CLIENT_ASK : CLIENT_DONE;
}

void
client_keep(const struct client *c, struct client_mark *ret)
{
    *ret = c->mark;
    if (ret->next[0] != '\0' && !c->names)
        begin_anew(ret);
}
