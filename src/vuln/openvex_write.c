/* Members stand in the order of RFC 8785: that of their keys' code units. */
#include <stdlib.h>

#include "base/sha256.h"
#include "vuln/openvex.h"
#include "wire/hex.h"

/* ---- what is allowed --------------------------------------------------------------------- */

static bool
is_nameless(const struct openvex_component *c)
{
    return c->id.len == 0 && c->purl.len == 0 && c->cpe.len == 0;
}

/* OPENVEX-SPEC, statement fields; NULL: nothing is wrong. */
static const char *
wrong(const struct openvex_statement *s)
{
    if (s->vulnerability.len == 0)
        return "has no vulnerability";
    if (s->products == 0)
        return "has no product";
    for (unsigned i = 0; i < s->products; i++) {
        if (is_nameless(&s->product[i].is))
            return "has a product without a name";
        for (unsigned k = 0; k < s->product[i].subs; k++) {
            if (is_nameless(&s->sub[s->product[i].sub + k]))
                return "has a subcomponent without a name";
        }
    }
    if (s->status == OPENVEX_NOT_AFFECTED && s->justification == OPENVEX_NO_JUSTIFICATION &&
        s->impact.len == 0)
        return "is not_affected, which takes a justification or an impact statement";
    if (s->status == OPENVEX_AFFECTED && s->action.len == 0)
        return "is affected, which takes an action statement";
    return s->at.us < 0 || s->at.us > TIME_MAX.us ? "has a time before 1970" : NULL;
}

static int
check(const struct openvex_document *d, struct errinfo *ei)
{
    if (d->head.author.len == 0 || d->head.version == 0 || d->head.version > UINT32_MAX ||
        d->head.at.us <= 0 || d->head.at.us > TIME_MAX.us)
        return err_set(ei, ERR_INVALID, "a document has an author, a time and a version");
    if (d->statements == 0)
        return err_set(ei, ERR_INVALID, "a document has a statement at least");
    if (d->statements > OPENVEX_STATEMENTS)
        return err_set(ei, ERR_LIMIT, "has more than %d statements", OPENVEX_STATEMENTS);
    for (unsigned i = 0; i < d->statements; i++) {
        const char *why = wrong(&d->statement[i]);

        if (why != NULL)
            return err_set(ei, ERR_INVALID, "statement %u, of %.*s, %s", i + 1,
                           (int)slice_sub(d->statement[i].vulnerability, 0, 64).len,
                           d->statement[i].vulnerability.ptr, why);
    }
    return 0;
}

/* ---- order ------------------------------------------------------------------------------- */

static struct slice
name_of(const struct openvex_component *c)
{
    return c->purl.len > 0 ? c->purl : c->id.len > 0 ? c->id : c->cpe;
}

static int
compare_statements(const void *a, const void *b, void *arg)
{
    const struct openvex_document *d = arg;
    const struct openvex_statement *x = &d->statement[*(const unsigned *)a];
    const struct openvex_statement *y = &d->statement[*(const unsigned *)b];
    int r = slice_order(x->vulnerability, y->vulnerability);

    if (r == 0)
        r = slice_order(name_of(&x->product[0].is), name_of(&y->product[0].is));
    if (r == 0)
        r = (int)x->status - (int)y->status;
    return r != 0 ? r : (x > y) - (x < y);
}

/* ---- bytes ------------------------------------------------------------------------------- */

/* `,"key":` where something stands before it. */
static void
put_key(struct buf *to, const char *key)
{
    char before = to->len == 0 ? '{' : to->ptr[to->len - 1];

    if (before != '{' && before != '[')
        buf_char(to, ',');
    buf_printf(to, "\"%s\":", key);
}

static void
put_text(struct buf *to, const char *key, struct slice text)
{
    if (text.len == 0)
        return;
    put_key(to, key);
    buf_json(to, text);
}

static void
put_time(struct buf *to, const char *key, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us == 0)
        return;
    time_format(t, text);
    put_key(to, key);
    buf_json(to, (struct slice){text, TIME_TEXT});
}

static void
put_component(struct buf *to, const struct openvex_component *c)
{
    bool new = slice_is(slice_sub(c->cpe, 0, 8), "cpe:2.3:");
    bool purl = c->purl.len > 0 && !slice_eq(c->purl, c->id);

    put_text(to, "@id", c->id);
    if (c->cpe.len == 0 && !purl)
        return;
    put_key(to, "identifiers");
    buf_char(to, '{');
    put_text(to, new ? "cpe23" : "cpe22", c->cpe);
    if (purl)
        put_text(to, "purl", c->purl);
    buf_char(to, '}');
}

static void
put_product(struct buf *to, const struct openvex_product *p,
            const struct openvex_component *sub)
{
    buf_char(to, '{');
    put_component(to, &p->is);
    for (unsigned i = 0; i < p->subs; i++) {
        if (i == 0) {
            put_key(to, "subcomponents");
            buf_char(to, '[');
        } else {
            buf_char(to, ',');
        }
        buf_char(to, '{');
        put_component(to, &sub[p->sub + i]);
        buf_text(to, i + 1 == p->subs ? "}]" : "}");
    }
    buf_char(to, '}');
}

static void
put_vulnerability(struct buf *to, const struct openvex_statement *s)
{
    put_key(to, "vulnerability");
    buf_char(to, '{');
    for (unsigned i = 0; i < s->aliases; i++) {
        if (i == 0)
            put_key(to, "aliases");
        buf_char(to, i == 0 ? '[' : ',');
        buf_json(to, s->alias[i]);
        if (i + 1 == s->aliases)
            buf_char(to, ']');
    }
    put_text(to, "name", s->vulnerability);
    buf_char(to, '}');
}

static void
put_statement(struct buf *to, const struct openvex_statement *s)
{
    buf_char(to, '{');
    put_text(to, "action_statement", s->action);
    put_text(to, "impact_statement", s->impact);
    put_text(to, "justification", slice_of(openvex_justification_name(s->justification)));
    put_key(to, "products");
    for (unsigned i = 0; i < s->products; i++) {
        buf_char(to, i == 0 ? '[' : ',');
        put_product(to, &s->product[i], s->sub);
    }
    buf_char(to, ']');
    put_text(to, "status", slice_of(openvex_status_name(s->status)));
    put_text(to, "status_notes", s->notes);
    put_time(to, "timestamp", s->at);
    put_vulnerability(to, s);
    buf_char(to, '}');
}

static void
put_document(struct buf *to, const struct openvex_document *d, struct slice id,
             const unsigned *order)
{
    buf_char(to, '{');
    put_text(to, "@context", SLICE("https://openvex.dev/ns/v0.2.0"));
    put_text(to, "@id", id);
    put_text(to, "author", d->head.author);
    put_text(to, "role", d->head.role);
    put_key(to, "statements");
    for (unsigned i = 0; i < d->statements; i++) {
        buf_char(to, i == 0 ? '[' : ',');
        put_statement(to, &d->statement[order[i]]);
    }
    buf_char(to, ']');
    put_time(to, "timestamp", d->head.at);
    put_key(to, "version");
    buf_u64(to, d->head.version);
    buf_char(to, '}');
}

static int
put_all(struct buf *to, const struct openvex_document *d, const unsigned *order)
{
    AUTO_BUF(body, OPENVEX_BYTES);
    AUTO_BUF(id, 128);
    struct hash h;

    if (d->head.id.len > 0) {
        put_document(&body, d, d->head.id, order);
    } else {
        put_document(&body, d, (struct slice){"", 0}, order);
        h = sha256_of(body.ptr, body.len);
        buf_text(&id, "https://openvex.dev/docs/public/vex-");
        buf_hex(&id, h.byte, sizeof h.byte);
        buf_reset(&body);
        put_document(&body, d, buf_get(&id), order);
    }
    if (buf_error(&body) < 0)
        return buf_error(&body);
    buf_slice(to, buf_get(&body));
    return buf_error(to);
}

int
openvex_write(const struct openvex_document *d, struct buf *to, struct errinfo *ei)
{
    struct openvex_document copy = *d;
    unsigned *order;
    int r = check(d, ei);

    if (r < 0)
        return r;
    order = calloc(d->statements, sizeof *order);
    if (order == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (unsigned i = 0; i < d->statements; i++)
        order[i] = i;
    qsort_r(order, d->statements, sizeof *order, compare_statements, &copy);
    r = put_all(to, d, order);
    free(order);
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
}
