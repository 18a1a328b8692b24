#include <stdlib.h>

#include "cli/vuln_report.h"
#include "vuln/openvex.h"

/* ---- package URLs -------------------------------------------------------------------------
 */

static void
put_encoded(struct buf *to, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-._~:", c) != NULL)
            buf_char(to, (char)c);
        else
            buf_printf(to, "%%%02X", c);
    }
}

void
vuln_put_purl(struct buf *to, struct slice space, struct slice name, struct slice version,
              struct slice architecture)
{
    static const struct {
        const char *ecosystem, *prefix, *distro;
    } all[] = {{"Debian", "pkg:deb/debian/", "debian"},
               {"Ubuntu", "pkg:deb/ubuntu/", "ubuntu"},
               {"Alpine", "pkg:apk/alpine/", "alpine"},
               {"Rocky Linux", "pkg:rpm/rocky/", "rocky"},
               {"AlmaLinux", "pkg:rpm/almalinux/", "almalinux"},
               {"Red Hat", "pkg:rpm/redhat/", "rhel"}};
    struct slice release = space;
    struct slice ecosystem = slice_part(&release, ':');

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!slice_is(ecosystem, all[i].ecosystem))
            continue;
        buf_text(to, all[i].prefix);
        put_encoded(to, name);
        buf_char(to, '@');
        put_encoded(to, version);
        buf_text(to, architecture.len > 0 ? "?arch=" : "?");
        put_encoded(to, architecture);
        buf_printf(to, "%sdistro=%s", architecture.len > 0 ? "&" : "", all[i].distro);
        buf_char(to, '-');
        put_encoded(to, release.len > 0 && release.ptr[0] == 'v'
                            ? slice_sub(release, 1, release.len)
                            : release);
        return;
    }
}

/* ---- what each item is called elsewhere ---------------------------------------------------
 */

enum { TEXT = 1 << 28 };

struct called { /* of an installed package; texts are in vex.text */
    uint32_t name, name_len;
    uint32_t version_len; /* behind the name */
    uint32_t cpe_len;     /* behind the version */
    uint32_t id_len;      /* behind that; 0 it has no purl */
};

struct export
{
    struct vuln_report *r;
    struct utime newest;
    struct buf text;
    struct called *called;
    uint32_t count, room;
};

static int
keep_called(void *arg, const struct installed *i)
{
    struct export *v = arg;
    struct called *c;
    size_t before;

    if (v->count == v->room) {
        uint32_t room = v->room == 0 ? 1024 : 2 * v->room;
        struct called *more = realloc(v->called, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        v->called = more;
        v->room = room;
    }
    c = &v->called[v->count++];
    *c = (struct called){.name = (uint32_t)v->text.len,
                         .name_len = (uint32_t)i->name.len,
                         .version_len = (uint32_t)i->version.len,
                         .cpe_len = (uint32_t)i->cpe.len};
    buf_slice(&v->text, i->name);
    buf_slice(&v->text, i->version);
    buf_slice(&v->text, i->cpe);
    before = v->text.len;
    if (i->purl.len > 0)
        buf_slice(&v->text, i->purl);
    else
        vuln_put_purl(&v->text, i->space, i->name, i->version, i->architecture);
    c->id_len = (uint32_t)(v->text.len - before);
    return buf_error(&v->text);
}

static int
take_listing(void *arg, const struct listing *l)
{
    struct export *v = arg;

    if (!l->current)
        return 0;
    if (l->taken.us > v->newest.us)
        v->newest = l->taken;
    return vulndb_installed(v->r->f->db, l->id, keep_called, v);
}

static int
take_feed(void *arg, const struct feed *f)
{
    struct export *v = arg;

    if (f->taken.us > v->newest.us)
        v->newest = f->taken;
    return 0;
}

static struct slice
text_of(const struct export *v, const struct called *c, unsigned which)
{
    const char *at = v->text.ptr + c->name;
    uint32_t len[] = {c->name_len, c->version_len, c->cpe_len, c->id_len};

    for (unsigned i = 0; i < which; i++)
        at += len[i];
    return (struct slice){at, len[which]};
}

static int
by_called(const void *a, const void *b, void *arg)
{
    const struct export *v = arg;
    int c = 0;

    for (unsigned i = 0; c == 0 && i < 4; i++)
        c = slice_order(text_of(v, a, i), text_of(v, b, i));
    return c;
}

/* Those of an item, one behind the other: the same package may be there for several machines'
 * kinds. */
static uint32_t
find_called(const struct export *v, const struct scan_item *i, uint32_t *ret_count)
{
    const struct slice want[] = {i->name, i->version, i->cpe};
    uint32_t low = 0;
    uint32_t high = v->count;

    *ret_count = 0;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = 0;

        for (unsigned k = 0; c == 0 && k < 3; k++)
            c = slice_order(text_of(v, &v->called[mid], k), want[k]);
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    while (low + *ret_count < v->count) {
        for (unsigned k = 0; k < 3; k++) {
            if (slice_order(text_of(v, &v->called[low + *ret_count], k), want[k]) != 0)
                return low;
        }
        ++*ret_count;
    }
    return low;
}

/* ---- statements ---------------------------------------------------------------------------
 */

struct stated {
    uint64_t vuln;
    enum openvex_status status;
    struct slice id;
    struct slice cpe;
    struct slice name;
    struct slice fixed;
};

struct statements {
    struct export *v;
    struct stated *stated;
    uint32_t count, room;
    struct openvex_product *product;
    struct openvex_statement *statement;
    uint32_t statements;
    struct buf text; /* ids and what to do; slices have offsets until all is there */
};

static bool
status_of(enum finding_state s, enum openvex_status *ret)
{
    *ret = s == FINDING_AFFECTED ? OPENVEX_AFFECTED
           : s == FINDING_FIXED  ? OPENVEX_FIXED
                                 : OPENVEX_UNDER_INVESTIGATION;
    return s != FINDING_NOT_AFFECTED && s != FINDING_EXCEPTED;
}

static int
add_stated(struct statements *s, const struct stated *what)
{
    if (s->count == s->room) {
        uint32_t room = s->room == 0 ? 1024 : 2 * s->room;
        struct stated *more = realloc(s->stated, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->stated = more;
        s->room = room;
    }
    s->stated[s->count++] = *what;
    return 0;
}

static int
state_finding(struct statements *s, const struct finding *f)
{
    const struct scan *scan = &s->v->r->f->scan;
    const struct scan_finding *x = &scan->finding[f->at];
    const struct scan_item *i = &scan->item[x->item];
    struct stated one = {.vuln = x->vuln, .cpe = i->cpe, .name = i->name, .fixed = x->fixed};
    uint32_t n;
    uint32_t at = find_called(s->v, i, &n);
    int r = 0;

    if (!status_of(f->state, &one.status))
        return 0;
    for (uint32_t k = 0; r == 0 && k < n; k++) {
        one.id = text_of(s->v, &s->v->called[at + k], 3);
        if (one.id.len == 0)
            one.id = i->cpe;
        r = one.id.len == 0 ? 0 : add_stated(s, &one);
    }
    return r;
}

static int
by_statement(const void *a, const void *b)
{
    const struct stated *x = a;
    const struct stated *y = b;
    int c = (x->vuln > y->vuln) - (x->vuln < y->vuln);

    if (c == 0)
        c = (x->status > y->status) - (x->status < y->status);
    return c != 0 ? c : slice_order(x->id, y->id);
}

static struct slice
offset(const struct statements *s, size_t from)
{
    return (struct slice){(const char *)(uintptr_t)(from + 1), s->text.len - from};
}

/* What to do: the versions that are mended, each package once. */
static void
put_action(struct buf *b, const struct stated *x, uint32_t n)
{
    bool any = false;

    for (uint32_t i = 0; i < n; i++) {
        if (x[i].fixed.len == 0 || (i > 0 && slice_eq(x[i].name, x[i - 1].name) &&
                                    slice_eq(x[i].fixed, x[i - 1].fixed)))
            continue;
        buf_text(b, any ? ", " : "Update ");
        buf_slice(b, x[i].name);
        buf_text(b, " to ");
        buf_slice(b, x[i].fixed);
        any = true;
    }
    buf_text(b, any ? " or later." : "No mended version is known; see the advisories.");
}

static int
make_statement(struct statements *s, const struct stated *x, uint32_t n)
{
    struct openvex_statement *to = &s->statement[s->statements];
    size_t at = s->text.len;
    uint32_t first = (uint32_t)(x - s->stated);
    unsigned products = 0;
    int r = vulndb_id_text(s->v->r->f->db, x->vuln, &s->text);

    *to = (struct openvex_statement){
        .vulnerability = offset(s, at), .product = s->product + first, .status = x->status};
    for (uint32_t i = 0; i < n && products < OPENVEX_PRODUCTS; i++) {
        bool purl = slice_is(slice_sub(x[i].id, 0, 4), "pkg:");

        if (i > 0 && slice_eq(x[i].id, x[i - 1].id))
            continue;
        s->product[first + products++] = (struct openvex_product){
            .is = {.id = x[i].id, .purl = purl ? x[i].id : (struct slice){0}, .cpe = x[i].cpe}};
    }
    to->products = products;
    at = s->text.len;
    if (x->status == OPENVEX_AFFECTED)
        put_action(&s->text, x, n);
    to->action = offset(s, at);
    s->statements++;
    return r < 0 ? r : buf_error(&s->text);
}

static int
make_statements(struct statements *s)
{
    int r = 0;

    s->product = calloc(s->count + 1, sizeof *s->product);
    s->statement = calloc(s->count + 1, sizeof *s->statement);
    if (s->product == NULL || s->statement == NULL)
        return ERR_NOMEM;
    if (s->count > 0)
        qsort(s->stated, s->count, sizeof *s->stated, by_statement);
    for (uint32_t i = 0, n; r == 0 && i < s->count; i += n) {
        for (n = 1; i + n < s->count && s->stated[i + n].vuln == s->stated[i].vuln &&
                    s->stated[i + n].status == s->stated[i].status;)
            n++;
        r = make_statement(s, &s->stated[i], n);
    }
    for (uint32_t i = 0; r == 0 && i < s->statements; i++) {
        struct openvex_statement *x = &s->statement[i];

        x->vulnerability.ptr = s->text.ptr + ((uintptr_t)x->vulnerability.ptr - 1);
        x->action.ptr = s->text.ptr + ((uintptr_t)x->action.ptr - 1);
    }
    return r;
}

static int
put_document(struct statements *s, const char *author)
{
    struct findings *f = s->v->r->f;
    struct openvex_document d = {
        .head = {.author = slice_of(author), .at = s->v->newest, .version = 1}};
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < f->count; i++)
        r = state_finding(s, &f->finding[i]);
    if (r == 0)
        r = make_statements(s);
    d.statement = s->statement;
    d.statements = s->statements;
    if (r == 0 && d.statements == 0)
        return err_set(s->v->r->ei, ERR_NOTFOUND,
                       "nothing affects this asset, and OpenVEX has no empty documents");
    return r < 0 ? r : openvex_write(&d, s->v->r->to, s->v->r->ei);
}

int
vuln_openvex(struct vuln_report *r, const char *author)
{
    struct export v = {.r = r, .text = {.max = TEXT}};
    struct statements s = {.v = &v, .text = {.max = TEXT}};
    int code = vulndb_feeds(r->f->db, take_feed, &v);

    if (code == 0)
        code = vulndb_listings(r->f->db, r->f->scan.asset[0].id, take_listing, &v);
    if (code == 0 && v.count > 0)
        qsort_r(v.called, v.count, sizeof *v.called, by_called, &v);
    if (code == 0)
        code = put_document(&s, author);
    free(v.called);
    buf_release(&v.text);
    free(s.stated);
    free(s.product);
    free(s.statement);
    buf_release(&s.text);
    return code;
}
