/* Walks an MMDB's whole tree.  libmaxminddb looks single addresses up and offers no walk, so
 * the nodes are read one by one; each is visited once, because files alias the IPv4 part of the
 * tree under ::ffff:0:0/96, 2002::/16 and others, and a damaged one might run in circles. */
#include <maxminddb.h>
#include <stdlib.h>

#include "attrib/rows_priv.h"

bool
mmdb_is(struct slice bytes)
{
    static const char marker[] = "\xab\xcd\xefMaxMind.com";
    const size_t far = (size_t)128 * 1024; /* as the format says */
    size_t tail = bytes.len < far ? bytes.len : far;

    return tail > 0 &&
           memmem(bytes.ptr + bytes.len - tail, tail, marker, sizeof marker - 1) != NULL;
}

static int
open_mmdb(const char *path, MMDB_s *ret, struct errinfo *ei)
{
    int status = MMDB_open(path, MMDB_MODE_MMAP, ret);

    if (status == MMDB_SUCCESS)
        return 0;
    return err_set(ei, status == MMDB_OUT_OF_MEMORY_ERROR ? ERR_NOMEM : ERR_INVALID,
                   "is no usable MMDB: %s", MMDB_strerror(status));
}

/* What a record said, by its offset in the data section: many networks share one. */
struct record {
    struct value value;
    struct slice name;
};

struct walk {
    MMDB_s *mmdb;
    struct rows *rows;
    uint8_t *seen;     /* a bit per node */
    struct map offset; /* of records */
    struct record *record;
    size_t room;
};

static struct slice
text_at(MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s d;

    if (MMDB_aget_value(entry, &d, path) != MMDB_SUCCESS || !d.has_data ||
        d.type != MMDB_DATA_TYPE_UTF8_STRING)
        return (struct slice){NULL, 0};
    return (struct slice){d.utf8_string, d.data_size};
}

/* A number, or text as `AS123`. */
static uint32_t
number_at(MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s d;
    uint64_t n = 0;
    size_t i = 0;

    if (MMDB_aget_value(entry, &d, path) != MMDB_SUCCESS || !d.has_data)
        return 0;
    if (d.type == MMDB_DATA_TYPE_UINT32)
        return d.uint32;
    if (d.type == MMDB_DATA_TYPE_UINT16)
        return d.uint16;
    if (d.type != MMDB_DATA_TYPE_UTF8_STRING)
        return 0;
    if (d.data_size > 2 && memcmp(d.utf8_string, "AS", 2) == 0)
        i = 2;
    for (; i < d.data_size && n <= UINT32_MAX; i++) {
        if (d.utf8_string[i] < '0' || d.utf8_string[i] > '9')
            return 0;
        n = n * 10 + (uint64_t)(d.utf8_string[i] - '0');
    }
    return n > UINT32_MAX ? 0 : (uint32_t)n;
}

static struct record
read_record(MMDB_entry_s *entry)
{
    static const char *const asn[][3] = {{"autonomous_system_number"}, {"asn"}};
    static const char *const name[][3] = {
        {"autonomous_system_organization"}, {"as_name"}, {"organization"}, {"org"}};
    static const char *const country[][3] = {
        {"country", "iso_code"}, {"country_code"}, {"country"}};
    struct record r = {0};

    for (size_t i = 0; i < sizeof asn / sizeof asn[0] && r.value.asn == 0; i++)
        r.value.asn = number_at(entry, asn[i]);
    for (size_t i = 0; i < sizeof name / sizeof name[0] && r.name.len == 0; i++)
        r.name = text_at(entry, name[i]);
    for (size_t i = 0; i < sizeof country / sizeof country[0] && r.value.country == 0; i++)
        (void)country_code(text_at(entry, country[i]), &r.value.country);
    return r;
}

static int
find_record(struct walk *w, MMDB_entry_s entry, struct record *ret)
{
    int fresh;
    int64_t i;

    if (w->offset.count == w->room) {
        size_t room = w->room == 0 ? 1024 : w->room * 2;
        struct record *at = realloc(w->record, room * sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        w->record = at;
        w->room = room;
    }
    i = map_put(&w->offset, &entry.offset, &fresh);
    if (i < 0)
        return ERR_LIMIT;
    if (fresh)
        w->record[i] = read_record(&entry);
    *ret = w->record[i];
    return 0;
}

static int
take_record(struct walk *w, MMDB_entry_s entry, u128 from, unsigned len)
{
    u128 rest = len == 0 ? ~(u128)0 : ((u128)1 << (128 - len)) - 1;
    struct record r;
    int err = find_record(w, entry, &r);

    if (err < 0)
        return err;
    if (r.value.asn == 0 && r.value.country == 0)
        return 0;
    return rows_add(w->rows, from, from | rest, r.value, r.name);
}

/* A node that is still to be visited. */
struct todo {
    u128 from;
    uint64_t record;
    MMDB_entry_s entry;
    unsigned len; /* bits */
    uint8_t type;
};

/* A node's left record is taken before its right one, so that rows come in order. */
static int
walk_from(struct walk *w, struct todo start)
{
    struct todo stack[130];
    unsigned n = 0;

    stack[n++] = start;
    while (n > 0) {
        struct todo t = stack[--n];
        MMDB_search_node_s node;

        if (t.type == MMDB_RECORD_TYPE_DATA) {
            int err = take_record(w, t.entry, t.from, t.len);

            if (err < 0)
                return err;
            continue;
        }
        if (t.type == MMDB_RECORD_TYPE_INVALID)
            return ERR_INVALID;
        if (t.type != MMDB_RECORD_TYPE_SEARCH_NODE || t.len == 128 ||
            t.record >= w->mmdb->metadata.node_count ||
            (w->seen[t.record / 8] & 1U << t.record % 8) != 0)
            continue;
        w->seen[t.record / 8] |= (uint8_t)(1U << t.record % 8);
        if (MMDB_read_node(w->mmdb, (uint32_t)t.record, &node) != MMDB_SUCCESS)
            return ERR_INVALID;
        stack[n++] = (struct todo){t.from | (u128)1 << (127 - t.len), node.right_record,
                                   node.right_record_entry, t.len + 1, node.right_record_type};
        stack[n++] = (struct todo){t.from, node.left_record, node.left_record_entry, t.len + 1,
                                   node.left_record_type};
    }
    return 0;
}

/* The node or record 96 zero bits below the root of an IPv6 tree: where its IPv4 stands. */
static struct todo
v4_start(const struct walk *w)
{
    struct todo t = {.from = V4_FROM, .len = 96, .type = MMDB_RECORD_TYPE_SEARCH_NODE};
    MMDB_search_node_s node;

    for (unsigned i = 0; i < 96 && w->mmdb->metadata.ip_version == 6; i++) {
        if (t.type != MMDB_RECORD_TYPE_SEARCH_NODE ||
            MMDB_read_node(w->mmdb, (uint32_t)t.record, &node) != MMDB_SUCCESS)
            break;
        t.record = node.left_record;
        t.type = node.left_record_type;
        t.entry = node.left_record_entry;
    }
    return t;
}

int
mmdb_read(const char *path, struct rows *r, struct errinfo *ei)
{
    MMDB_s mmdb;
    struct walk w = {.mmdb = &mmdb, .rows = r};
    struct todo root = {.type = MMDB_RECORD_TYPE_SEARCH_NODE};
    int err = open_mmdb(path, &mmdb, ei);

    if (err < 0)
        return err;
    map_init(&w.offset, sizeof(uint32_t), 1 << 24, 0);
    w.seen = calloc(mmdb.metadata.node_count / 8 + 1, 1);
    err = w.seen == NULL ? ERR_NOMEM : walk_from(&w, v4_start(&w));
    if (err == 0 && mmdb.metadata.ip_version == 6)
        err = walk_from(&w, root);
    free(w.seen);
    free(w.record);
    map_release(&w.offset);
    MMDB_close(&mmdb);
    return err < 0 ? err_set(ei, err, "%s",
                             err == ERR_INVALID ? "is a damaged MMDB" : err_text(err))
                   : 0;
}

int
mmdb_date(const char *path, struct utime *ret, struct errinfo *ei)
{
    MMDB_s mmdb;
    int err = open_mmdb(path, &mmdb, ei);

    if (err < 0)
        return err;
    if (mmdb.metadata.build_epoch > (uint64_t)(TIME_MAX.us / TIME_US_PER_S))
        err = err_set(ei, ERR_INVALID, "has a build date out of range");
    else
        ret->us = (int64_t)mmdb.metadata.build_epoch * TIME_US_PER_S;
    MMDB_close(&mmdb);
    return err;
}
