#include "role/describe.h"

#include <stdlib.h>

#include "ledger/proof.h"
#include "role/inclusion.h"
#include "store/erase.h"
#include "wire/hex.h"

void
describe_flags(uint16_t flags, struct buf *json, struct buf *words)
{
    bool comma = false;

    if (json != NULL)
        buf_char(json, '[');
    for (unsigned i = 0; i < EVENT_FLAGS; i++) {
        if (!(flags & 1U << i))
            continue;
        if (json != NULL) {
            buf_text(json, comma ? "," : "");
            buf_json(json, slice_of(event_flag_name(i)));
        }
        if (words != NULL) {
            buf_text(words, comma ? " " : "");
            buf_text(words, event_flag_name(i));
        }
        comma = true;
    }
    if (json != NULL)
        buf_char(json, ']');
}

int
describe_find(const struct describer *d, struct event_id id, struct found *ret)
{
    int r = reader_find(d->reader, id.block, true, &ret->row, &ret->evidence);

    ret->id = id;
    if (r == ERR_GONE && id.index >= ret->row.events)
        return ERR_NOTFOUND;
    if (r < 0)
        return r;
    if (id.index >= ret->evidence.count)
        return ERR_NOTFOUND;
    ret->event = &ret->evidence.event[id.index];
    ret->raw = slice_sub(ret->evidence.raw, ret->event->raw_at, ret->event->raw_len);
    return 0;
}

/* From the block's key, or from what was kept of it. */
static int
commit_input(const struct describer *d, const struct found *f, struct commit_names *names,
             struct commit_block *ret)
{
    struct slice kept;
    int r;

    dict_names((struct dict *)(uintptr_t)d->dict, names);
    *ret = (struct commit_block){.events = f->evidence.event,
                                 .count = f->evidence.count,
                                 .raw = f->evidence.raw,
                                 .names = names};
    if (f->row.key.len == COMMIT_KEY) {
        ret->key = (const uint8_t *)f->row.key.ptr;
        return 0;
    }
    r = store_get_kept(d->store, f->row.block, f->row.erased, &kept);
    if (r == 0 && kept.len != f->evidence.count * sizeof *ret->kept)
        r = ERR_INVALID;
    ret->kept =
        (const struct commit_kept *)(const void *)kept.ptr; /* bytes: any place will do */
    return r;
}

int
describe_commit(const struct describer *d, const struct found *f, struct commit_event *ret)
{
    struct commit_names names;
    struct commit_block b;

    int r = commit_input(d, f, &names, &b);

    return r < 0 ? r : commit_event(&b, f->id.index, ret);
}

static void
put_hash(struct buf *b, const char *name, const struct hash *h)
{
    char hex[2 * sizeof h->byte];

    hex_encode(h->byte, sizeof h->byte, hex);
    buf_printf(b, ",\"%s\":\"%.*s\"", name, (int)sizeof hex, hex);
}

static void
put_time(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, "\"%s\":\"%.*s\"", name, TIME_TEXT, text);
}

/* A side: address, port, network, country. */
static void
put_side(struct buf *b, const struct describer *d, const struct event *ev, bool origin)
{
    const struct addr *a = origin ? &ev->origin : &ev->target;
    char country[3];
    uint32_t asn = origin ? ev->origin_asn : ev->target_asn;

    country_format(origin ? ev->origin_country : ev->target_country, country);
    buf_text(b, "{\"address\":\"");
    buf_addr(b, a);
    buf_printf(b, "\",\"port\":%u,\"asn\":%u,\"name\":",
               origin ? ev->origin_port : ev->target_port, asn);
    buf_json(b, attrib_name(d->attrib, asn));
    buf_printf(b, ",\"country\":\"%s\",\"kind\":\"%s\"", country, addr_kind_name(addr_kind(a)));
}

/* Who knows the origin's place.  Tables that were replaced cannot tell their prefix. */
static int
put_place(struct buf *b, const struct describer *d, const struct hash *tables,
          const struct event *ev)
{
    struct describe_place place;
    char prefix[PREFIX_TEXT] = "";
    int r = describe_place(d, tables, ev, &place);

    if (r < 0)
        return r;
    if (place.current)
        (void)prefix_format(&place.now.prefix, prefix);
    buf_printf(b,
               ",\"prefix\":\"%s\",\"dataset\":\"%s\",\"date\":\"%s\","
               "\"country_dataset\":\"%s\",\"country_date\":\"%s\",\"disputed\":%s",
               prefix, place.asn_by, place.asn_date, place.country_by, place.country_date,
               ev->flags & FLAG_DISPUTED ? "true" : "false");
    return 0;
}

/* The signed tree head that a proof would be given against, and when it was signed. */
static int
put_head(struct buf *b, const struct describer *d)
{
    struct hash root;
    AUTO_BUF(at, 64);
    int r = ledger_root(d->ledger, ledger_signed_size(d->ledger), &root);

    if (r == 0)
        r = store_get_meta(d->store, "last_at", &at);
    if (r < 0)
        return r;
    buf_printf(b, ",\"signed\":\"%.*s\"", (int)at.len, at.ptr);
    put_hash(b, "root", &root);
    return 0;
}

/* Where the event stands in the log. */
static int
put_log(struct buf *b, const struct describer *d, const struct found *f)
{
    struct commit_event *c = malloc(sizeof *c);
    int r = c == NULL ? ERR_NOMEM : describe_commit(d, f, c);

    buf_printf(b, ",\"log\":{\"leaf\":%llu,\"block\":%llu,\"index\":%u,\"events\":%u",
               (unsigned long long)ledger_index(f->row.leaf), (unsigned long long)f->id.block,
               f->id.index, f->evidence.count);
    buf_printf(b, ",\"size\":%llu", (unsigned long long)ledger_signed_size(d->ledger));
    if (r == 0)
        r = put_head(b, d);
    put_hash(b, "block_root", &f->row.root);
    if (f->row.tables.byte[0] != 0 || f->row.tables.byte[1] != 0)
        put_hash(b, "tables", &f->row.tables);
    if (r == 0)
        put_hash(b, "commitment", &c->commitment);
    buf_char(b, '}');
    free(c);
    return r == ERR_NOTFOUND ? 0 : r;
}

int
describe_erasure(const struct describer *d, const struct store_block *row, struct buf *ret)
{
    struct store_erasure e;
    char at[TIME_TEXT];
    int r = store_get_erasure(d->store, row->block, &e);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    time_format(e.at, at);
    buf_printf(ret, "erased by %.*s at %.27s", (int)e.rule.len, e.rule.ptr, at);
    return buf_error(ret);
}

/* What was erased of an event that is still there. */
static int
put_erasure(struct buf *b, const struct describer *d, const struct store_block *row)
{
    struct store_erasure e;
    int r = row->erased == ERASURE_NONE ? ERR_NOTFOUND
                                        : store_get_erasure(d->store, row->block, &e);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    buf_text(b, ",\"erased\":{\"scope\":\"raw\",");
    put_time(b, "at", e.at);
    buf_text(b, ",\"rule\":");
    buf_json(b, e.rule);
    buf_printf(b, ",\"leaf\":%llu}", (unsigned long long)ledger_index(e.leaf));
    return 0;
}

int
describe_origin(const struct describer *d, const struct query_hit *hit, struct buf *ret)
{
    int r;

    put_side(ret, d, hit->event, true);
    r = put_place(ret, d, &hit->block->tables, hit->event);
    buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}

/* By the annexes of today: "" nobody's. */
static const char *
party_of(const struct describer *d, const struct event *ev)
{
    return d->owners == NULL ? "" : d->owners->name[owners_of(d->owners, ev)];
}

/* All of an event but the closing brace. */
static int
put_event(const struct describer *d, const struct query_hit *hit, struct buf *b)
{
    const struct event *ev = hit->event;
    const struct dict_rule *rule = dict_rule(d->dict, ev->rule);
    char id[EVENT_ID_TEXT];
    int r;

    (void)event_id_format(hit->id, id);
    buf_printf(b, "{\"id\":\"%s\",", id);
    put_time(b, "time", ev->time);
    buf_char(b, ',');
    put_time(b, "time_seen", ev->time_seen);
    buf_printf(b, ",\"kind\":\"%s\",\"class\":\"%s\",\"chip\":%d,\"severity\":%u,\"count\":%u",
               event_kind_name((enum event_kind)ev->kind),
               event_class_name((enum event_class)ev->class_),
               (int)event_class_chip((enum event_class)ev->class_), ev->severity, ev->count);
    buf_text(b, ",\"origin\":");
    r = describe_origin(d, hit, b);
    buf_text(b, ",\"target\":");
    put_side(b, d, ev, false);
    buf_printf(b, "},\"party\":\"%s\",\"protocol\":%u,\"rule\":\"%s\",\"rule_name\":",
               party_of(d, ev), ev->protocol, rule->text);
    buf_json(b, rule->rule.name);
    buf_text(b, ",\"sensor\":");
    buf_json(b, dict_sensor(d->dict, ev->sensor));
    buf_printf(b, ",\"grade\":%u,\"flags\":", ev->grade);
    describe_flags(ev->flags, b, NULL);
    buf_printf(b, ",\"raw_kind\":\"%s\",\"raw_bytes\":%u",
               raw_kind_name((enum raw_kind)ev->raw_kind), ev->raw_len);
    return r;
}

int
describe_json(const struct describer *d, const struct found *f, struct buf *b)
{
    struct query_hit hit = {f->id, f->event, &f->row};
    int r = put_event(d, &hit, b);

    if (r == 0)
        r = put_erasure(b, d, &f->row);
    if (r == 0)
        r = put_log(b, d, f);
    buf_char(b, '}');
    return r < 0 ? r : buf_error(b);
}

int
describe_event(const struct describer *d, const struct query_hit *hit, struct buf *ret)
{
    int r = put_event(d, hit, ret);

    buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}

static void
proof_parts(const struct commit_event *c, const struct event *ev, struct proof_event *ret)
{
    bool raw = ev->raw_kind != RAW_NONE && c->raw.len > 0; /* not erased */

    *ret = (struct proof_event){.public_ = {c->public_, c->public_len},
                                .private_ = {c->private_, c->private_len},
                                .target = {c->target, c->target_len},
                                .raw = raw ? c->raw : (struct slice){0},
                                .salt_public = &c->salt[COMMIT_PUBLIC],
                                .salt_private = &c->salt[COMMIT_PRIVATE],
                                .salt_target = &c->salt[COMMIT_TARGET],
                                .salt_raw = raw ? &c->salt[COMMIT_RAW] : NULL,
                                .private_hash = &c->private_hash};
}

/* All commitments of the event's block, compared with the root that its leaf has. */
static int
commit_all(const struct describer *d, const struct found *f, struct describe_commits *to,
           struct errinfo *ei)
{
    struct commit_names names;
    struct commit_block block;
    struct hash root;
    int r;

    if (to->there && to->block == f->id.block)
        return 0;
    to->there = false;
    r = commit_input(d, f, &names, &block);
    if (r == 0)
        r = commit_block(&block, to->commitment, &root);
    if (r == 0 && !hash_eq(&root, &f->row.root))
        r = err_set(ei, ERR_PROOF, "the evidence does not give the block's root any more");
    to->block = f->id.block;
    to->there = r == 0;
    return r;
}

struct proof_work {
    struct commit_event event;
    struct describe_commits commits;
};

int
describe_proof(const struct describer *d, const struct found *f, int show, struct buf *ret,
               struct errinfo *ei)
{
    struct proof_work *w = malloc(sizeof *w);
    struct describe_commits *commits = d->commits;
    struct proof_make make;
    AUTO_BUF(entry, LEDGER_ENTRY_MAX);
    AUTO_BUF(tlog, INCLUSION_MAX);
    struct vkey key;
    int r = w == NULL ? ERR_NOMEM : describe_commit(d, f, &w->event);

    if (r == 0 && commits == NULL) {
        commits = &w->commits;
        commits->there = false;
    }
    if (r == 0)
        r = commit_all(d, f, commits, ei);
    if (r == 0)
        r = inclusion_prove(d->store, d->ledger, f->row.leaf, &entry, &tlog);
    if (r == 0)
        r = inclusion_key(d->store, f->row.leaf, &key);
    if (r == 0) {
        make = (struct proof_make){.origin = vkey_name(&key),
                                   .entry = buf_get(&entry),
                                   .index = f->id.index,
                                   .events = f->evidence.count,
                                   .commitments = commits->commitment,
                                   .show = (enum proof_show)show,
                                   .tlog_proof = buf_get(&tlog)};
        proof_parts(&w->event, f->event, &make.event);
        r = proof_write(ret, &make);
    }
    free(w);
    return r;
}
