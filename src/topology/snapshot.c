#include "topology/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/read_priv.h"
#include "topology/topology_priv.h"

/* The second form has who stays where, the third also how many prefixes a network has; without
 * either the first is written. */
enum { FORMS = 3 };
static const char first_line[FORMS][20] = {"detente-topology/1\n", "detente-topology/2\n",
                                           "detente-topology/3\n"};

static unsigned
form_of(const struct topology *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->prefixes[i] > 0)
            return 2;
    }
    return t->stays_count > 0;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void
put_hex(struct buf *to, const struct hash *h)
{
    for (unsigned i = 0; i < sizeof h->byte; i++)
        buf_printf(to, "%02x", h->byte[i]);
}

static void
put_head(const struct topology *t, const struct snapshot_about *about, unsigned form,
         struct buf *to)
{
    const struct topology_counts *c = &about->counts;

    buf_text(to, first_line[form]);
    buf_printf(to, "date %s\n", about->date);
    for (uint32_t i = 0; i < about->sources; i++) {
        const struct snapshot_source *s = &about->source[i];

        buf_printf(to, "source %s ", s->kind);
        put_hex(to, &s->sha256);
        buf_printf(to, " %llu %s\n", (unsigned long long)s->lines, s->name);
    }
    buf_printf(to, "left-out %llu %llu %llu %llu %llu %llu\n", (unsigned long long)c->twice,
               (unsigned long long)c->contradictory, (unsigned long long)c->with_itself,
               (unsigned long long)c->cycles, (unsigned long long)c->unlinked,
               (unsigned long long)c->unknown_country);
    buf_printf(to, "size %u %u %u %u", t->count, t->transit_links, t->peer_links,
               t->clique_count);
    if (form > 0)
        buf_printf(to, " %u", t->stays_count);
    buf_text(to, "\n\n");
}

/* Arrays begin at multiples of eight. */
static void
put_padding(struct buf *to)
{
    while (to->len % 8 != 0 && buf_error(to) == 0)
        buf_char(to, '\0');
}

/* Little-endian, whatever this machine is: at and to are arrays of n numbers of that size. */
static void
copy_numbers(char *to, const char *at, size_t n, size_t size)
{
    const size_t turn = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : size - 1;

    for (size_t i = 0; i < n * size; i += size) {
        for (size_t k = 0; k < size; k++)
            to[i + k] = at[i + (k ^ turn)];
    }
}

static void
put_array(struct buf *to, const void *at, size_t n, size_t size)
{
    char *room = buf_reserve(to, n * size);

    if (room == NULL)
        return;
    copy_numbers(room, at, n, size);
    buf_wrote(to, n * size);
    put_padding(to);
}

int
snapshot_write(const struct topology *t, const struct snapshot_about *about, struct buf *to)
{
    unsigned form = form_of(t);
    struct hash h;

    put_head(t, about, form, to);
    put_padding(to);
    put_array(to, t->addresses, t->count, sizeof *t->addresses);
    put_array(to, t->asn, t->count, sizeof *t->asn);
    put_array(to, t->provider.at, (size_t)t->count + 1, sizeof *t->provider.at);
    put_array(to, t->provider.to, t->transit_links, sizeof *t->provider.to);
    put_array(to, t->peer.at, (size_t)t->count + 1, sizeof *t->peer.at);
    put_array(to, t->peer.to, (size_t)t->peer_links * 2, sizeof *t->peer.to);
    put_array(to, t->clique, t->clique_count, sizeof *t->clique);
    put_array(to, t->country, t->count, sizeof *t->country);
    put_array(to, t->stays, t->stays_count, sizeof *t->stays);
    if (form == 2)
        put_array(to, t->prefixes, t->count, sizeof *t->prefixes);
    h = sha256_of(to->ptr, to->len);
    buf_add(to, &h, sizeof h);
    return buf_error(to);
}

/* ---- reading ----------------------------------------------------------------------------- */

static int
broken(struct errinfo *ei, const char *what)
{
    return err_set(ei, ERR_INVALID, "this is no snapshot of a topology: %s", what);
}

static bool
take_hex(struct slice *rest, struct hash *to)
{
    for (unsigned i = 0; i < sizeof to->byte; i++) {
        unsigned v = 0;

        for (unsigned k = 0; k < 2; k++) {
            char c = rest->len > 0 ? rest->ptr[0] : '\0';

            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
                return false;
            v = v << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
            *rest = slice_sub(*rest, 1, rest->len);
        }
        to->byte[i] = (uint8_t)v;
    }
    return true;
}

static bool
take_text(struct slice s, char *to, size_t room)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    }
    if (s.len == 0 || s.len >= room)
        return false;
    memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return true;
}

static bool
take_source(struct slice line, struct snapshot_about *about)
{
    struct snapshot_source *s = &about->source[about->sources];

    return about->sources++ < SNAPSHOT_SOURCES &&
           take_text(slice_part(&line, ' '), s->kind, sizeof s->kind) &&
           take_hex(&line, &s->sha256) && take_char(&line, ' ') &&
           take_number(&line, &s->lines) && take_char(&line, ' ') &&
           take_text(line, s->name, sizeof s->name);
}

static bool
take_numbers(struct slice line, uint64_t *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if ((i > 0 && !take_char(&line, ' ')) || !take_number(&line, &to[i]))
            return false;
    }
    return line.len == 0;
}

static bool
take_head_line(struct slice line, struct snapshot_about *about, unsigned form, uint64_t size[5])
{
    struct slice what = slice_part(&line, ' ');
    uint64_t n[6];

    if (slice_is(what, "date"))
        return line.len == SNAPSHOT_DATE - 1 && take_text(line, about->date, SNAPSHOT_DATE);
    if (slice_is(what, "source"))
        return about->sources < SNAPSHOT_SOURCES && take_source(line, about);
    if (slice_is(what, "size"))
        return take_numbers(line, size, 4 + (form > 0)) && size[0] <= TOPOLOGY_NETWORKS &&
               size[1] <= TOPOLOGY_LINKS && size[2] <= TOPOLOGY_LINKS &&
               size[3] <= TOPOLOGY_CLIQUE && size[4] <= TOPOLOGY_STAYS;
    if (!slice_is(what, "left-out") || !take_numbers(line, n, 6))
        return false;
    about->counts = (struct topology_counts){.twice = n[0],
                                             .contradictory = n[1],
                                             .with_itself = n[2],
                                             .cycles = n[3],
                                             .unlinked = n[4],
                                             .unknown_country = n[5]};
    return true;
}

static bool
take_head(struct slice *rest, struct snapshot_about *about, unsigned *ret_form,
          uint64_t size[5])
{
    const size_t first = sizeof first_line[0] - 1;
    struct slice start = slice_sub(*rest, 0, first);
    unsigned form = 0;
    struct slice line;

    while (form < FORMS && !slice_is(start, first_line[form]))
        form++;
    if (form == FORMS)
        return false;
    *ret_form = form;
    *rest = slice_sub(*rest, first, rest->len);
    while (slice_line(rest, &line) && line.len > 0) {
        if (!take_head_line(line, about, form, size))
            return false;
    }
    return about->date[0] != '\0' && size[0] != UINT64_MAX;
}

struct reader {
    const char *start;
    size_t len;
    size_t at;
};

/* False: it ends before. */
static bool
get_array(struct reader *r, void *to, size_t n, size_t size)
{
    const char *at = r->start + r->at;
    size_t bytes = (n * size + 7) / 8 * 8;

    if (bytes > r->len - r->at)
        return false;
    r->at += bytes;
    copy_numbers(to, at, n, size);
    return true;
}

/* Providers come first, peers are others, ends are networks. */
static bool
is_sound(const struct topology *t, const struct topology_list *l, size_t links, bool before)
{
    if (l->at[0] != 0 || l->at[t->count] != links)
        return false;
    for (uint32_t i = 0; i < t->count; i++) {
        if (l->at[i + 1] < l->at[i] || l->at[i + 1] > links)
            return false;
        for (uint32_t k = l->at[i]; k < l->at[i + 1]; k++) {
            if (l->to[k] >= (before ? i : t->count) || l->to[k] == i ||
                (k > l->at[i] && l->to[k] <= l->to[k - 1]))
                return false;
        }
    }
    return true;
}

struct numbered {
    uint32_t asn;
    uint32_t index;
};

static int
compare_numbered(const void *a, const void *b)
{
    const struct numbered *x = a;
    const struct numbered *y = b;

    return x->asn < y->asn ? -1 : x->asn > y->asn;
}

/* ERR_INVALID: one stands there twice. */
static int
order_numbers(const struct topology *t, uint32_t *by_asn)
{
    struct numbered *list = malloc(((size_t)t->count + 1) * sizeof *list);
    int r = list == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; r == 0 && i < t->count; i++)
        list[i] = (struct numbered){t->asn[i], i};
    if (r == 0 && t->count > 0)
        qsort(list, t->count, sizeof *list, compare_numbered);
    for (uint32_t i = 0; r == 0 && i < t->count; i++) {
        by_asn[i] = list[i].index;
        if (i > 0 && list[i].asn == list[i - 1].asn)
            r = ERR_INVALID;
    }
    free(list);
    return r;
}

static int
read_arrays(struct reader *in, unsigned form, struct topology *t, struct topology_room *room)
{
    size_t n = t->count;

    if (!get_array(in, room->addresses, n, sizeof *room->addresses) ||
        !get_array(in, room->asn, n, sizeof *room->asn) ||
        !get_array(in, room->provider_at, n + 1, sizeof *room->provider_at) ||
        !get_array(in, room->provider, t->transit_links, sizeof *room->provider) ||
        !get_array(in, room->peer_at, n + 1, sizeof *room->peer_at) ||
        !get_array(in, room->peer, (size_t)t->peer_links * 2, sizeof *room->peer) ||
        !get_array(in, room->clique, t->clique_count, sizeof *room->clique) ||
        !get_array(in, room->country, n, sizeof *room->country) ||
        !get_array(in, room->stays, t->stays_count, sizeof *room->stays) ||
        (form == 2 && !get_array(in, room->prefixes, n, sizeof *room->prefixes)) ||
        in->at != in->len)
        return ERR_INVALID;
    if (!is_sound(t, &t->provider, t->transit_links, true) ||
        !is_sound(t, &t->peer, (size_t)t->peer_links * 2, false))
        return ERR_INVALID;
    for (uint32_t i = 0; i < t->clique_count; i++) {
        if (t->clique[i] >= t->count)
            return ERR_INVALID;
    }
    for (uint32_t i = 0; i < t->stays_count; i++) {
        if ((uint32_t)t->stays[i] >= t->count || t->stays[i] >> 48 != 0 ||
            (i > 0 && t->stays[i] <= t->stays[i - 1]))
            return ERR_INVALID;
    }
    return order_numbers(t, room->by_asn);
}

int
snapshot_read(struct slice bytes, struct topology **ret, struct snapshot_about *about,
              struct hash *ret_hash, struct errinfo *ei)
{
    uint64_t size[5] = {UINT64_MAX};
    struct slice body = slice_sub(bytes, 0, bytes.len < 32 ? 0 : bytes.len - 32);
    struct slice rest = body;
    struct topology_room room;
    struct reader in;
    unsigned form;
    int r;

    *ret = NULL;
    memset(about, 0, sizeof *about);
    if (!take_head(&rest, about, &form, size))
        return broken(ei, "its head is not one");
    *ret_hash = sha256_of(body.ptr, body.len);
    if (memcmp(ret_hash, bytes.ptr + body.len, sizeof *ret_hash) != 0)
        return broken(ei, "its bytes are not those that were written");
    in = (struct reader){body.ptr, body.len, (size_t)(rest.ptr - body.ptr + 7) / 8 * 8};
    if (in.at > in.len)
        return broken(ei, "it ends behind its head");
    r = topology_make((uint32_t)size[0], (uint32_t)size[1], (uint32_t)size[2],
                      (uint32_t)size[4], ret, &room);
    if (r < 0)
        return r;
    (*ret)->clique_count = (uint32_t)size[3];
    r = read_arrays(&in, form, *ret, &room);
    if (r < 0)
        *ret = topology_free(*ret);
    return r == ERR_INVALID ? broken(ei, "its numbers contradict each other") : r;
}
