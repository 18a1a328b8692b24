/* OpenVEX documents into the database: a feed each, a row of each product of a statement. */
#include <stdio.h>
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "role/statements.h"
#include "vulndb/differ.h"
#include "wire/hex.h"

enum { NAME_SHOWN = 90, WORDS = VEX_WORDS };

struct own { /* the document that is read */
    struct feeding *f;
    struct feed feed;
    struct openvex_head head; /* to know it by: its slices are the text's */
    struct statement_product product;
    bool open;
    bool skipped;           /* older than what is here … */
    bool same;              /* … or the same bytes */
    struct differ_rows was; /* its statements before */
    unsigned documents;
    unsigned older;
    char why[512]; /* of the last that was older */
    uint64_t unknown;
    uint64_t nameless;
    uint64_t subs;
};

static int
broken(struct own *o, int code)
{
    if (code < 0)
        o->f->failed = code;
    return code;
}

/* A name that is too long is told by its hash from others that begin alike. */
static void
name_document(struct own *o, struct slice id)
{
    struct hash h = id.len > 0 ? sha256_of(id.ptr, id.len) : o->f->result->feed.sha256;
    AUTO_BUF(hex, 80);
    struct feed *f = &o->feed;

    buf_hex(&hex, h.byte, 8);
    if (id.len > 0 && id.len + sizeof "openvex/" <= sizeof f->name)
        (void)snprintf(f->name, sizeof f->name, "openvex/%.*s", (int)id.len, id.ptr);
    else if (id.len > 0)
        (void)snprintf(f->name, sizeof f->name, "openvex/%.*s~%.*s", NAME_SHOWN, id.ptr,
                       (int)hex.len, hex.ptr);
    else if (o->f->what->name != NULL)
        (void)snprintf(f->name, sizeof f->name, "%s", o->f->what->name);
    else
        (void)snprintf(f->name, sizeof f->name, "openvex/%.*s", (int)hex.len, hex.ptr);
}

/* Is what is here of the same name newer?  By its version, then by its time. */
static bool
is_older(struct own *o, const struct feed *old)
{
    const struct feed *f = &o->feed;
    unsigned long long is = strtoull(f->version, NULL, 10);
    unsigned long long was = strtoull(old->version, NULL, 10);
    char a[TIME_TEXT];
    char b[TIME_TEXT];

    if (is > was || (is == was && (f->date.us == 0 || f->date.us >= old->date.us)))
        return false;
    time_format(f->date, a);
    time_format(old->date, b);
    (void)snprintf(
        o->why, sizeof o->why,
        "is version %llu of %.19sZ, and what is in force as `%.128s` is version %llu "
        "of %.19sZ: an older one is not taken in",
        is, a, f->name, was, b);
    return true;
}

static int
begin_document(struct own *o, const struct openvex_head *head)
{
    struct feed old;
    uint64_t gone = 0;
    int r;

    o->head = *head;
    o->open = true;
    o->documents++;
    o->feed = (struct feed){.kind = FEED_OPENVEX,
                            .date = head->at.us != 0 ? head->at : o->f->made,
                            .taken = o->f->what->now,
                            .sha256 = o->f->result->feed.sha256,
                            .bytes = o->f->bytes};
    (void)snprintf(o->feed.version, sizeof o->feed.version, "%llu",
                   (unsigned long long)head->version);
    if (o->f->what->signer != NULL)
        (void)snprintf(o->feed.signer, sizeof o->feed.signer, "%s", o->f->what->signer);
    name_document(o, head->id);
    r = vulndb_feed(o->f->db, o->feed.name, &old);
    o->skipped = r == 0 && is_older(o, &old);
    o->older += o->skipped;
    o->same = r == 0 && memcmp(&old.sha256, &o->feed.sha256, sizeof old.sha256) == 0;
    if (r < 0 && r != ERR_NOTFOUND)
        return broken(o, r);
    if (o->same)
        o->feed.records = old.records;
    if (o->skipped || o->same)
        return 0;
    r = vulndb_vex_rows(o->f->db, o->feed.name, &o->was);
    if (r == 0)
        r = vulndb_vex_drop_feed(o->f->db, o->feed.name, false, &gone);
    return broken(o, r == ERR_NOTFOUND ? 0 : r);
}

static int
count(struct own *o)
{
    struct differ_rows is = {.row = NULL};
    int r = vulndb_vex_rows(o->f->db, o->feed.name, &is);

    differ_sort(&o->was);
    differ_sort(&is);
    if (r == 0)
        r = differ_count(o->f->db, &o->was, &is, &o->f->result->counts);
    differ_release(&is);
    differ_release(&o->was);
    return r;
}

static int
end_document(struct own *o)
{
    int r = 0;

    if (!o->open || o->skipped)
        return 0;
    o->open = false;
    o->f->result->feed = o->feed;
    if (!o->same)
        r = count(o);
    if (r == 0)
        r = vulndb_feed_put(o->f->db, &o->feed);
    return broken(o, r);
}

static bool
is_same(const struct openvex_head *a, const struct openvex_head *b)
{
    return slice_eq(a->id, b->id) && slice_eq(a->author, b->author) &&
           a->version == b->version && a->at.us == b->at.us;
}

static int
put_product(struct own *o, const struct openvex_statement *s, const struct openvex_product *p,
            uint64_t vuln)
{
    struct vex v = {.feed = slice_of(o->feed.name),
                    .vuln = vuln,
                    .status = (enum vex_status)s->status,
                    .justification = s->justification,
                    .words = slice_cut(s->impact.len > 0   ? s->impact
                                       : s->action.len > 0 ? s->action
                                                           : s->notes,
                                       WORDS),
                    .author = o->head.author,
                    .at = s->at};
    int64_t id;
    int r = statement_product(&p->is, &o->product);

    o->subs += p->subs > 0;
    o->unknown += r == 0 && !o->product.known;
    o->nameless += r == ERR_INVALID;
    if (r == 0) {
        v.space = o->product.space;
        v.name = o->product.name;
        v.version = o->product.version;
        r = vulndb_vex_put(o->f->db, &v, &id);
        o->feed.records++;
    }
    statement_product_release(&o->product);
    return r == ERR_INVALID ? 0 : broken(o, r);
}

static int
take(void *arg, const struct openvex_head *head, const struct openvex_statement *s)
{
    struct own *o = arg;
    uint64_t vuln = s->cve;
    int r = feeds_says_date(o->f, head->at);

    if (r == 0)
        r = feeds_dated(o->f, head->at, SLICE("the document"), s->line);
    if (r == 0)
        r = feeds_dated(o->f, s->at, s->vulnerability, s->line);
    if (r < 0)
        return r;
    if (o->documents == 0 || !is_same(head, &o->head)) {
        r = end_document(o);
        if (r == 0)
            r = begin_document(o, head);
    }
    o->f->records++;
    if (r == 0 && o->same)
        o->f->result->counts.same += s->products;
    if (r < 0 || o->skipped || o->same)
        return r;
    if (vuln == 0) {
        r = vulndb_id(o->f->db, s->vulnerability, &vuln);
        if (r == ERR_NOTFOUND)
            r = vulndb_alias(o->f->db, s->vulnerability, &vuln);
        r = broken(o, r);
    }
    for (unsigned i = 0; r == 0 && i < s->products; i++)
        r = put_product(o, s, &s->product[i], vuln);
    return r;
}

static void
say_odd(struct feeding *f, const struct own *o, const struct openvex_counts *c)
{
    feeds_odd(f, "products that no inventory here could name: kept, and never matched",
              o->unknown);
    feeds_odd(f, "products without a name", o->nameless);
    feeds_odd(f, "statements of which no product is said: passed over", c->no_product);
    feeds_odd(f, "statements of a part of a product: they count for that product", o->subs);
    feeds_odd(f, "not affected, and nobody says why", c->no_reason);
    feeds_odd(f, "affected, and nobody says what to do", c->no_action);
    feeds_odd(f, "documents without id, author, time or version", c->odd_head);
    feeds_odd(f, "times that are none", c->odd_time);
    feeds_odd(f, "texts and products that were left out", c->cut);
    feeds_odd(f, "documents older than what is here: passed over", o->older);
}

int
feed_whole_openvex(struct feeding *f, struct slice text, struct errinfo *ei)
{
    struct own *o = calloc(1, sizeof *o);
    struct openvex_counts c = {.documents = 0};
    int r;

    if (o == NULL)
        return ERR_NOMEM;
    f->own = o;
    o->f = f;
    /* It is the reading's own buffer, and done with. */
    r = openvex_read((char *)(uintptr_t)text.ptr, text.len, take, o, &c, ei);
    if (r == 0)
        r = end_document(o);
    differ_release(&o->was);
    if (r == 0 && o->older == o->documents && o->documents > 0)
        return err_set(ei, ERR_GONE, "%s", o->why);
    if (r == 0 && o->documents - o->older > 1)
        (void)snprintf(f->result->feed.name, sizeof f->result->feed.name,
                       "openvex, %u documents", o->documents - o->older);
    say_odd(f, o, &c);
    return r;
}
