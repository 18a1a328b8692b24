#include "depend/sbom.h"

#include <stdlib.h>

#include "depend/suppliers.h"
#include "wire/bill.h"

enum { LICENCES = 8 /* of one component */, NAME = 1024 /* bytes of name and version */ };

enum form { FORM_NONE, FORM_CYCLONEDX, FORM_SPDX };

struct reader {
    struct walk w;
    struct facts *f;
    struct services *s;
    const struct sbom_of *of;
    struct sbom_counts *counts;
    struct texts seen;   /* name, version and supplier */
    struct texts shared; /* kind and supplier, of licences and clouds */
    uint32_t *shared_part;
    uint32_t shared_room;
    uint32_t first; /* part of the chain, + 1; 0 none */
    uint32_t last;
    enum form form;
    unsigned form_line; /* where it says its version */
    struct slice version;
    struct slice name; /* of what it is about */
};

struct licence {
    struct slice licensor;
    struct slice expires;
};

struct component {
    struct slice name;
    struct slice version;
    struct slice
        supplier[3]; /* the best first: supplier or provider, manufacturer, publisher */
    struct licence licence[LICENCES];
    unsigned licences;
    unsigned line;
    bool service;
};

/* ---- parts ------------------------------------------------------------------------------- */

static struct slice
supplier_of(const struct component *c)
{
    for (unsigned i = 0; i < 3; i++) {
        if (c->supplier[i].len > 0 && c->supplier[i].len < FACTS_NAME)
            return c->supplier[i];
    }
    return (struct slice){"", 0};
}

static int
chain(struct reader *r, const struct part *part)
{
    int e = services_add_part(r->s, part);

    if (e < 0)
        return e;
    if (r->last == 0)
        r->first = r->s->parts;
    else
        r->s->part[r->last - 1].next = r->s->parts;
    r->last = r->s->parts;
    return 0;
}

/* One of each supplier; of several that end, what ends first. */
static int
put_shared(struct reader *r, const struct part *part)
{
    AUTO_BUF(key, (size_t)2 * NAME + 8);
    uint32_t known = r->shared.count;
    uint32_t at;
    struct part *twin;
    int e;

    buf_char(&key, (char)('A' + part->kind));
    if (part->supplier.len > 0) {
        char folded[FACTS_NAME];
        int n = facts_fold(part->supplier, folded);

        buf_add(&key, folded, n < 0 ? 0 : (size_t)n);
    } else { /* who knows whose it is */
        buf_char(&key, '\0');
        buf_slice(&key, texts_get(&r->s->part_names, part->what));
    }
    e = buf_error(&key) < 0 ? buf_error(&key) : texts_put(&r->shared, buf_get(&key), &at);
    if (e < 0)
        return e;
    if (at < known) {
        twin = &r->s->part[r->shared_part[at]];
        if (part->lease.us > 0 && (twin->lease.us == 0 || part->lease.us < twin->lease.us))
            twin->lease = part->lease;
        return 0;
    }
    if (at == r->shared_room) {
        uint32_t room = r->shared_room * 2 + 64;
        uint32_t *more = realloc(r->shared_part, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        r->shared_part = more;
        r->shared_room = room;
    }
    r->shared_part[at] = r->s->parts;
    return chain(r, part);
}

/* Commercial licences, as the bill has them. */
static int
put_licences(struct reader *r, const struct component *c, struct part part)
{
    int e = 0;

    part.kind = DEPEND_LICENCE;
    for (unsigned i = 0; e == 0 && i < c->licences; i++) {
        const struct licence *l = &c->licence[i];

        part.supplier =
            l->licensor.len > 0 && l->licensor.len < FACTS_NAME ? l->licensor : supplier_of(c);
        if (time_parse_any(l->expires, &part.lease) < 0)
            part.lease = (struct utime){0};
        e = put_shared(r, &part);
    }
    return e;
}

static int
put_parts(struct reader *r, const struct component *c, uint32_t what)
{
    struct part part = {
        .supplier = supplier_of(c), .what = what, .line = c->line, .source = r->of->source};
    bool any = false;
    int e = put_licences(r, c, part);

    for (int k = DEPEND_SOFTWARE; e == 0 && k <= DEPEND_CLOUD; k++) {
        if (part.supplier.len == 0 ||
            suppliers_find(r->f, part.supplier, (enum depend_kind)k) == FACTS_NONE)
            continue;
        any |= k == DEPEND_SOFTWARE || k == DEPEND_CLOUD || !c->service;
        part.kind = (uint8_t)k;
        e = k == DEPEND_SOFTWARE ? chain(r, &part) : put_shared(r, &part);
    }
    if (e < 0 || any)
        return e;
    part.kind = c->service ? DEPEND_CLOUD : DEPEND_SOFTWARE;
    return c->service ? put_shared(r, &part) : chain(r, &part);
}

static void
put_what(struct buf *to, const struct component *c)
{
    buf_slice(to, c->name);
    buf_text(to, c->version.len > 0 ? " " : "");
    buf_slice(to, c->version);
}

static int
put_component(struct reader *r, const struct component *c)
{
    AUTO_BUF(key, (size_t)4 * NAME);
    uint32_t known = r->seen.count;
    uint32_t what;
    uint32_t seen;
    int e;

    if (c->name.len == 0 || c->name.len + c->version.len >= NAME) {
        r->counts->nameless++;
        return 0;
    }
    put_what(&key, c);
    e = buf_error(&key) < 0 ? buf_error(&key)
                            : texts_put(&r->s->part_names, buf_get(&key), &what);
    buf_char(&key, '\0');
    buf_slice(&key, supplier_of(c));
    buf_char(&key, c->service ? '+' : '-');
    if (e == 0)
        e = buf_error(&key) < 0 ? buf_error(&key) : texts_put(&r->seen, buf_get(&key), &seen);
    if (e < 0)
        return e;
    if (seen < known) {
        r->counts->duplicates++;
        return 0;
    }
    if (r->counts->components + r->counts->services >= SBOM_PARTS)
        return err_at(r->w.ei, ERR_LIMIT, c->line, 1, "more than %d components", SBOM_PARTS);
    r->counts->components += !c->service;
    r->counts->services += c->service;
    r->counts->versionless += c->version.len == 0;
    r->counts->supplierless += supplier_of(c).len == 0;
    return put_parts(r, c, what);
}

/* ---- CycloneDX --------------------------------------------------------------------------- */

/* `organization` or `individual` of a licensor. */
static int
take_licensor(struct reader *r, struct slice *ret)
{
    struct slice key = {"", 0};
    bool first = true;
    int n = walk_enter(&r->w, '{');

    while (n == 1 && (n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "organization") || slice_is(key, "individual")
                ? bill_named(&r->w, ret)
                : walk_skip(&r->w);
        n = n < 0 ? n : 1;
    }
    return n;
}

static int
take_licensing(struct reader *r, struct component *c)
{
    struct licence l = {{"", 0}, {"", 0}};
    struct slice key = {"", 0};
    bool first = true;
    int n = walk_enter(&r->w, '{');

    if (n != 1)
        return n;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "licensor")     ? take_licensor(r, &l.licensor)
            : slice_is(key, "expiration") ? walk_string(&r->w, &l.expires)
                                          : walk_skip(&r->w);
        if (n < 0)
            return n;
    }
    if (n == 0 && c->licences < LICENCES)
        c->licence[c->licences++] = l;
    return n;
}

static int
take_license(struct reader *r, struct component *c)
{
    struct slice key = {"", 0};
    bool first = true;
    int n = walk_enter(&r->w, '{');

    while (n == 1 && (n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "licensing") ? take_licensing(r, c) : walk_skip(&r->w);
        n = n < 0 ? n : 1;
    }
    return n;
}

static int
take_licences(struct reader *r, struct component *c)
{
    bool first = true;
    int n = walk_enter(&r->w, '[');

    while (n == 1 && (n = walk_item(&r->w, &first)) == 1) {
        struct slice key = {"", 0};
        bool inner = true;

        n = walk_enter(&r->w, '{');
        while (n == 1 && (n = walk_member(&r->w, &inner, &key)) == 1) {
            n = slice_is(key, "license") ? take_license(r, c) : walk_skip(&r->w);
            n = n < 0 ? n : 1;
        }
        n = n < 0 ? n : 1;
    }
    return n;
}

static int take_components(struct reader *r, bool service, unsigned depth);

/* NOLINTBEGIN(misc-no-recursion): SBOM_DEPTH levels at most */
static int
take_member(struct reader *r, struct component *c, struct slice key, unsigned depth)
{
    if (slice_is(key, "name"))
        return walk_string(&r->w, &c->name);
    if (slice_is(key, "version"))
        return walk_string(&r->w, &c->version);
    if (slice_is(key, c->service ? "provider" : "supplier"))
        return bill_named(&r->w, &c->supplier[0]);
    if (slice_is(key, "manufacturer"))
        return bill_named(&r->w, &c->supplier[1]);
    if (slice_is(key, "publisher"))
        return walk_string(&r->w, &c->supplier[2]);
    if (slice_is(key, "licenses"))
        return take_licences(r, c);
    if (slice_is(key, "components") || slice_is(key, "services"))
        return take_components(r, slice_is(key, "services"), depth + 1);
    return walk_skip(&r->w);
}

static int
take_component(struct reader *r, bool service, unsigned depth)
{
    struct component c = {.line = walk_line(&r->w), .service = service};
    struct slice key = {"", 0};
    bool first = true;
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_wrong(&r->w,
                          service ? "a service is an object" : "a component is an object");
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = take_member(r, &c, key, depth);
        if (n < 0)
            return n;
    }
    return n < 0 ? n : put_component(r, &c);
}

static int
take_components(struct reader *r, bool service, unsigned depth)
{
    bool first = true;
    int n;

    if (depth > SBOM_DEPTH)
        return walk_wrong(&r->w, "components stand inside each other more than 32 deep");
    if (walk_peek(&r->w) != '[')
        return walk_wrong(&r->w, "is no list of components");
    r->w.at++;
    while ((n = walk_item(&r->w, &first)) == 1) {
        n = take_component(r, service, depth);
        if (n < 0)
            return n;
    }
    return n;
}
/* NOLINTEND(misc-no-recursion) */

static void
put_date(struct reader *r, struct slice when)
{
    struct utime t;

    if (time_parse_any(when, &t) == 0)
        r->f->source[r->of->source].date = t;
}

static int
take_metadata(struct reader *r)
{
    struct slice key = {"", 0};
    struct slice when = {"", 0};
    bool first = true;
    int n = walk_enter(&r->w, '{');

    while (n == 1 && (n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "component") ? bill_named(&r->w, &r->name)
            : slice_is(key, "timestamp") || slice_is(key, "created") ? walk_string(&r->w, &when)
                                                                     : walk_skip(&r->w);
        n = n < 0 ? n : 1;
    }
    put_date(r, when);
    return n;
}

/* ---- SPDX -------------------------------------------------------------------------------- */

static int
take_package(struct reader *r)
{
    struct component c = {.line = walk_line(&r->w)};
    struct slice key = {"", 0};
    bool first = true;
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_wrong(&r->w, "a package is an object");
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "name")          ? walk_string(&r->w, &c.name)
            : slice_is(key, "versionInfo") ? walk_string(&r->w, &c.version)
            : slice_is(key, "supplier")    ? walk_string(&r->w, &c.supplier[0])
            : slice_is(key, "originator")  ? walk_string(&r->w, &c.supplier[1])
                                           : walk_skip(&r->w);
        if (n < 0)
            return n;
    }
    c.supplier[0] = bill_spdx_name(c.supplier[0]);
    c.supplier[1] = bill_spdx_name(c.supplier[1]);
    return n < 0 ? n : put_component(r, &c);
}

static int
take_packages(struct reader *r)
{
    bool first = true;
    int n;

    if (walk_peek(&r->w) != '[')
        return walk_wrong(&r->w, "is no list of packages");
    r->w.at++;
    while ((n = walk_item(&r->w, &first)) == 1) {
        n = take_package(r);
        if (n < 0)
            return n;
    }
    return n;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int
take_version(struct reader *r, enum form form)
{
    r->form = form;
    r->form_line = walk_line(&r->w);
    return walk_string(&r->w, &r->version);
}

static int
take_top_member(struct reader *r, struct slice key)
{
    if (slice_is(key, "specVersion"))
        return take_version(r, FORM_CYCLONEDX);
    if (slice_is(key, "spdxVersion"))
        return take_version(r, FORM_SPDX);
    if (slice_is(key, "metadata") || slice_is(key, "creationInfo"))
        return take_metadata(r);
    if (slice_is(key, "name"))
        return walk_string(&r->w, &r->name);
    if (slice_is(key, "components") || slice_is(key, "services"))
        return take_components(r, slice_is(key, "services"), 1);
    if (slice_is(key, "packages"))
        return take_packages(r);
    return walk_skip(&r->w);
}

static int
check_form(struct reader *r)
{
    static const char *const known[] = {"1.4", "1.5", "1.6"};
    struct slice v = slice_sub(r->version, 0, 32);

    if (r->form == FORM_NONE)
        return err_at(r->w.ei, ERR_INVALID, 1, 1,
                      "has neither `specVersion` (CycloneDX) nor `spdxVersion` (SPDX): no bill "
                      "of materials in a form that is known");
    if (r->form == FORM_SPDX)
        return slice_is(v, "SPDX-2.3")
                   ? 0
                   : err_at(r->w.ei, ERR_INVALID, r->form_line, 1,
                            "is of version `%.*s`: of SPDX 2.3 is read, as JSON", (int)v.len,
                            v.ptr);
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_is(v, known[i]))
            return 0;
    }
    return err_at(r->w.ei, ERR_INVALID, r->form_line, 1,
                  "is of version `%.*s`: of CycloneDX 1.4, 1.5 and 1.6 are read, as JSON",
                  (int)v.len, v.ptr);
}

static int
take_top(struct reader *r)
{
    struct slice key = {"", 0};
    bool first = true;
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_wrong(&r->w, "a bill of materials is a JSON object");
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = take_top_member(r, key);
        if (n < 0)
            return n;
    }
    if (n == 0 && r->w.at < r->w.t.count)
        return walk_wrong(&r->w, "something stands behind the object");
    return n < 0 ? n : check_form(r);
}

/* Behind what other bills say of the service. */
static void
append(struct reader *r, struct service *s)
{
    uint32_t at = s->part;

    while (at != 0 && r->s->part[at - 1].next != 0)
        at = r->s->part[at - 1].next;
    if (at == 0)
        s->part = r->first;
    else
        r->s->part[at - 1].next = r->first;
}

static int
attach(struct reader *r)
{
    struct slice id = r->of->service.len > 0 ? r->of->service
                      : r->name.len > 0      ? r->name
                                             : r->of->fallback;
    struct service fresh = {.id = id,
                            .name = id,
                            .owner = {"", 0},
                            .domain = {"", 0},
                            .home_alternative = {"", 0},
                            .source = (uint16_t)(r->of->source + 1),
                            .criticality = 1};
    int e;

    for (uint32_t i = 0; i < r->s->count; i++) {
        if (slice_eq(r->s->service[i].id, id)) {
            append(r, &r->s->service[i]);
            return 0;
        }
    }
    e = services_add(r->s, &fresh);
    if (e == 0)
        append(r, &r->s->service[r->s->count - 1]);
    return e;
}

int
sbom_read(struct facts *f, struct services *s, const struct sbom_of *of,
          struct sbom_counts *ret, struct errinfo *ei)
{
    struct reader r = {.f = f, .s = s, .of = of, .counts = ret};
    int e;

    *ret = (struct sbom_counts){0};
    texts_init(&r.seen, f->names.secret);
    texts_init(&r.shared, f->names.secret);
    s->part_names.secret = s->part_names.count == 0 ? f->names.secret : s->part_names.secret;
    e = walk_open(&r.w, of->text, of->len, ei);
    if (e == 0)
        e = take_top(&r);
    if (e == 0)
        e = attach(&r);
    if ((e == ERR_NOMEM || e == ERR_LIMIT) && ei->text[0] == '\0')
        (void)err_set(ei, e, "%s", err_text(e));
    walk_close(&r.w);
    texts_release(&r.seen);
    texts_release(&r.shared);
    free(r.shared_part);
    return e;
}
