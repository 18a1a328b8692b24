/* What is written, and the plain formats. */
#include <stdlib.h>

#include "indicator/export_priv.h"
#include "wire/csv.h"

const char *
export_format_name(enum export_format f)
{
    static const char *const names[EXPORT_FORMATS] = {"suricata", "suricata-dataset",
                                                      "nftables", "rpz", "csv"};

    return names[f];
}

bool
export_format_find(struct slice name, enum export_format *ret)
{
    for (unsigned i = 0; i < EXPORT_FORMATS; i++) {
        *ret = (enum export_format)i;
        if (slice_is(name, export_format_name(*ret)))
            return true;
    }
    return false;
}

const char *
export_file_name(unsigned file)
{
    static const char *const names[EXPORT_FILES] = {"detente.rules", "detente-domains.lst",
                                                    "detente-md5.lst", "detente-sha1.lst",
                                                    "detente-sha256.lst"};

    return names[file];
}

int
export_flush(struct export *e, unsigned file)
{
    struct buf *b = &e->out[file];
    int r = buf_error(b);

    if (r == 0 && b->len > 0)
        r = e->put(e->arg, file, buf_get(b));
    buf_reset(b);
    return r;
}

/* ---- nets ----------------------------------------------------------------------------------
 */

int
export_keep_net(struct export *e, const struct item *i)
{
    struct prefix p = atom_prefix(i->kind, i->bytes);

    if (e->nets == e->net_room) {
        uint32_t room = e->net_room == 0 ? 1024 : e->net_room * 2;
        struct prefix *net = realloc(e->net, room * sizeof *net);

        if (net == NULL)
            return ERR_NOMEM;
        e->net = net;
        e->net_room = room;
    }
    e->net[e->nets++] = p;
    return 1;
}

static int
compare_nets(const void *a, const void *b)
{
    const struct prefix *x = a;
    const struct prefix *y = b;
    int c = memcmp(&x->addr, &y->addr, sizeof x->addr);

    return c != 0 ? c : (int)x->len - (int)y->len;
}

void
export_order_nets(struct export *e)
{
    uint32_t kept = 0;

    if (e->nets > 0)
        qsort(e->net, e->nets, sizeof *e->net, compare_nets);
    for (uint32_t i = 0; i < e->nets; i++) {
        if (kept > 0 && prefix_covers(&e->net[kept - 1], &e->net[i].addr))
            continue;
        e->net[kept++] = e->net[i];
    }
    e->counts->inside += e->nets - kept;
    e->counts->written -= e->nets - kept;
    e->nets = kept;
}

/* ---- CSV -----------------------------------------------------------------------------------
 */

static int
csv_begin(struct export *e)
{
    buf_text(&e->out[0],
             "kind,value,indicator,name,confidence,labels,valid_from,valid_until\r\n");
    return 0;
}

static void
put_time(struct buf *b, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_add(b, text, sizeof text);
}

static void
put_row(struct export *e, const struct item *i, const struct indicator *one)
{
    struct buf *b = &e->out[0];
    char text[ATOM_TEXT];
    struct buf value = {.ptr = text, .room = sizeof text, .max = sizeof text};

    buf_atom(&value, i->kind, i->bytes);
    buf_text(b, atom_kind_name(i->kind));
    buf_char(b, ',');
    buf_csv(b, buf_get(&value));
    buf_char(b, ',');
    buf_add(b, one->id, sizeof one->id);
    buf_char(b, ',');
    buf_csv(b, one->name);
    buf_char(b, ',');
    if (one->confidence != INDICATOR_UNSURE)
        buf_u64(b, one->confidence);
    buf_char(b, ',');
    buf_csv(b, one->labels);
    buf_char(b, ',');
    put_time(b, one->from);
    buf_char(b, ',');
    if (one->until.us != TIME_MAX.us)
        put_time(b, one->until);
    buf_text(b, "\r\n");
}

static int
csv_item(struct export *e, const struct item *i)
{
    uint32_t n;
    const uint32_t *own = set_owners(indicators_set(e->x), i->atom, &n);

    for (uint32_t k = 0; k < n; k++) {
        struct indicator one;
        int r = 0;

        if (!indicators_in_force(e->x, own[k], e->options->at))
            continue;
        indicators_get(e->x, own[k], &one);
        put_row(e, i, &one);
        if (e->out[0].len > OUT_FLUSH)
            r = export_flush(e, 0);
        if (r < 0)
            return r;
    }
    return 1;
}

/* ---- all of it -----------------------------------------------------------------------------
 */

static int
nothing(struct export *e)
{
    (void)e;
    return 0;
}

static const struct {
    export_end *begin;
    export_item *item;
    export_end *end;
} formats[EXPORT_FORMATS] = {
    [EXPORT_SURICATA] = {export_suricata_begin, export_suricata_item, nothing},
    [EXPORT_DATASET] = {export_suricata_begin, export_dataset_item, export_dataset_end},
    [EXPORT_NFTABLES] = {nothing, export_nftables_item, export_nftables_end},
    [EXPORT_RPZ] = {export_rpz_begin, export_rpz_item, nothing},
    [EXPORT_CSV] = {csv_begin, csv_item, nothing},
};

/* The first owner that is in force; SET_GONE none. */
static uint32_t
owner_of(const struct export *e, uint32_t atom)
{
    uint32_t n;
    const uint32_t *own = set_owners(indicators_set(e->x), atom, &n);

    for (uint32_t k = 0; k < n; k++) {
        if (indicators_in_force(e->x, own[k], e->options->at))
            return own[k];
    }
    return SET_GONE;
}

static bool
is_everybody(const struct item *i)
{
    struct prefix p;

    if (i->kind != ATOM_PREFIX)
        return false;
    p = atom_prefix(i->kind, i->bytes);
    return p.len == 0 || (p.len == 96 && addr_is_v4(&p.addr));
}

static int
write_atom(struct export *e, uint32_t atom)
{
    const struct set *s = indicators_set(e->x);
    struct item i = {set_kind(s, atom), set_value(s, atom), atom, owner_of(e, atom)};
    uint32_t list = WARNING_NONE;
    int r;

    if (i.owner == SET_GONE) {
        e->counts->over++;
        return 0;
    }
    if (e->options->warnings != NULL)
        list = warnings_find(e->options->warnings, i.kind, i.bytes);
    if (list != WARNING_NONE) {
        e->counts->common++;
        e->counts->by_list[list]++;
        if (!e->options->common_too)
            return 0;
    }
    r = is_everybody(&i) ? 0 : formats[e->options->format].item(e, &i);
    if (r < 0)
        return r;
    if (r > 0)
        e->counts->written++;
    else
        e->counts->unsaid[i.kind]++;
    for (unsigned f = 0; f < EXPORT_FILES; f++) {
        if (e->out[f].len > OUT_FLUSH && (r = export_flush(e, f)) < 0)
            return r;
    }
    return e->sid > (uint64_t)UINT32_MAX + 1 ? ERR_LIMIT : 0;
}

int
export_write(const struct indicators *x, const struct export_options *options, export_put *put,
             void *arg, struct export_counts *ret)
{
    struct export e = {
        .x = x, .options = options, .put = put, .arg = arg, .counts = ret, .sid = options->sid};
    uint32_t atoms = set_count(indicators_set(x));
    int r;

    *ret = (struct export_counts){0};
    for (unsigned f = 0; f < EXPORT_FILES; f++)
        buf_init(&e.out[f], OUT_BYTES);
    r = formats[options->format].begin(&e);
    for (uint32_t a = 0; r >= 0 && a < atoms; a++)
        r = write_atom(&e, a);
    if (r >= 0)
        r = formats[options->format].end(&e);
    if (r >= 0 && e.sid > (uint64_t)UINT32_MAX + 1)
        r = ERR_LIMIT;
    for (unsigned f = 0; f < EXPORT_FILES; f++) {
        if (r >= 0)
            r = export_flush(&e, f);
        buf_release(&e.out[f]);
    }
    free(e.net);
    return r < 0 ? r : 0;
}
