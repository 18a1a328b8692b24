#include "indicator/warning.h"

#include <stdlib.h>

#include "stix/regex.h"

struct part {
    uint32_t list;
    uint32_t at; /* in text */
    uint32_t len;
};

struct pattern_of {
    uint32_t list;
    struct regex *regex;
};

struct warnings {
    struct warning_list *list;
    uint32_t lists;
    struct set_build *build;
    struct set *set;
    struct part *part;
    uint32_t parts;
    uint32_t part_room;
    struct buf text;
    struct pattern_of regex[WARNING_REGEXES];
    uint32_t regexes;
};

#define BIT(kind) (1U << (kind))
enum {
    ADDRESSES = BIT(ATOM_ADDRESS) | BIT(ATOM_PREFIX),
    NAMES = BIT(ATOM_DOMAIN) | BIT(ATOM_BELOW),
    EVERYTHING = BIT(ATOM_KINDS) - 1
};

int
warnings_new(uint64_t secret, struct warnings **ret)
{
    struct warnings *w = calloc(1, sizeof *w);

    *ret = w;
    if (w == NULL)
        return ERR_NOMEM;
    buf_init(&w->text, (size_t)WARNING_PARTS * WARNING_TEXT);
    w->list = calloc(WARNING_LISTS, sizeof *w->list);
    if (w->list == NULL || set_build_new(secret, &w->build) < 0) {
        *ret = warnings_free(w);
        return ERR_NOMEM;
    }
    return 0;
}

struct warnings *
warnings_free(struct warnings *w)
{
    for (uint32_t i = 0; w != NULL && i < w->regexes; i++)
        (void)regex_free(w->regex[i].regex);
    if (w != NULL) {
        (void)set_build_free(w->build);
        (void)set_free(w->set);
        buf_release(&w->text);
        free(w->part);
        free(w->list);
    }
    free(w);
    return NULL;
}

/* ---- a list --------------------------------------------------------------------------------
 */

/* What an attribute's type is of ours; `filename|md5` is of both. */
static uint32_t
kinds_of(struct slice attribute)
{
    static const struct {
        const char *name;
        uint32_t kinds;
    } list[] = {
        {"ip-src", ADDRESSES},        {"ip-dst", ADDRESSES},       {"domain", NAMES},
        {"hostname", NAMES},          {"url", BIT(ATOM_URL)},      {"uri", BIT(ATOM_URL)},
        {"link", BIT(ATOM_URL)},      {"md5", BIT(ATOM_MD5)},      {"sha1", BIT(ATOM_SHA1)},
        {"sha256", BIT(ATOM_SHA256)}, {"sha512", BIT(ATOM_SHA512)}};
    uint32_t kinds = 0;

    while (attribute.len > 0) {
        struct slice part = slice_part(&attribute, '|');

        for (size_t i = 0; i < sizeof list / sizeof *list; i++)
            kinds |= slice_is(part, list[i].name) ? list[i].kinds : 0;
    }
    return kinds;
}

static uint32_t
read_kinds(const struct dom *d)
{
    const struct dom *list = dom_get(d, SLICE("matching_attributes"));
    uint32_t kinds = 0;

    if (list == NULL || list->kind != DOM_ARRAY || list->first == NULL)
        return EVERYTHING;
    for (const struct dom *x = list->first; x != NULL; x = x->next)
        kinds |= kinds_of(dom_text(x));
    return kinds;
}

static int
read_type(struct slice text, enum warning_type *ret)
{
    static const char *const names[WARNING_TYPES] = {"cidr", "hostname", "string", "substring",
                                                     "regex"};

    for (unsigned i = 0; i < WARNING_TYPES; i++) {
        if (slice_is(text, names[i])) {
            *ret = (enum warning_type)i;
            return 0;
        }
    }
    return ERR_INVALID;
}

/* ---- its entries ---------------------------------------------------------------------------
 */

static int
add(struct warnings *w, const struct atom *a)
{
    return set_add(w->build, a, w->lists);
}

static int
add_cidr(struct warnings *w, struct slice text, bool *ret_good)
{
    struct atom a;
    struct prefix p;

    *ret_good = (w->list[w->lists].kinds & ADDRESSES) != 0 && atom_read_address(text, &a);
    if (!*ret_good)
        return 0;
    p = atom_prefix(a.kind, (struct slice){a.byte, a.len});
    atom_of_prefix(&p, &a); /* so that it is found inside a prefix too */
    return add(w, &a);
}

static int
add_hostname(struct warnings *w, struct slice text, bool *ret_good)
{
    struct atom a;
    int r;

    if (text.len > 0 && text.ptr[0] == '.')
        text = slice_sub(text, 1, text.len);
    *ret_good = atom_read_domain(text, &a);
    if (!*ret_good)
        return 0;
    r = add(w, &a);
    a.kind = ATOM_BELOW;
    return r < 0 ? r : add(w, &a);
}

static int
add_string(struct warnings *w, struct slice text, bool *ret_good)
{
    struct warning_list *l = &w->list[w->lists];
    struct atom a;

    if ((l->kinds & NAMES) != 0 && text.len > 1 && text.ptr[0] == '.') {
        l->dotted++;
        return add_hostname(w, text, ret_good);
    }
    if ((l->kinds & ADDRESSES) != 0 && atom_read_address(text, &a))
        return add_cidr(w, text, ret_good);
    if (atom_read_hash(text, &a)) /* a name could look like it too */
        *ret_good = (l->kinds & BIT(a.kind)) != 0;
    else
        *ret_good = ((l->kinds & BIT(ATOM_URL)) != 0 && atom_read_url(text, &a)) ||
                    ((l->kinds & NAMES) != 0 && atom_read_domain(text, &a));
    return *ret_good ? add(w, &a) : 0;
}

static int
add_substring(struct warnings *w, struct slice text, bool *ret_good)
{
    uint32_t at = (uint32_t)w->text.len;

    *ret_good = text.len > 0 && text.len <= WARNING_TEXT;
    if (!*ret_good)
        return 0;
    if (w->parts == WARNING_PARTS)
        return ERR_LIMIT;
    if (w->parts == w->part_room) {
        uint32_t room = w->part_room == 0 ? 64 : w->part_room * 2;
        struct part *more = realloc(w->part, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        w->part = more;
        w->part_room = room;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        buf_char(&w->text, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
    w->part[w->parts++] = (struct part){w->lists, at, (uint32_t)text.len};
    return buf_error(&w->text);
}

/* `/…/i` as PHP has it, or the expression alone. */
static int
add_regex(struct warnings *w, struct slice text, bool *ret_good)
{
    const char *end = text.len < 2 ? NULL : memrchr(text.ptr, '/', text.len);
    char plain[WARNING_TEXT + 8];
    char why[160];
    struct buf b = {.ptr = plain, .room = sizeof plain, .max = sizeof plain};
    struct regex *regex;

    *ret_good = false;
    if (text.len == 0 || text.len > WARNING_TEXT)
        return 0;
    if (w->regexes == WARNING_REGEXES)
        return ERR_LIMIT;
    if (text.ptr[0] == '/' && end != NULL && end > text.ptr) {
        size_t n = (size_t)(end - text.ptr);

        if (memchr(end, 'i', text.len - n) != NULL)
            buf_text(&b, "(?i)");
        text = slice_sub(text, 1, n - 1);
    }
    buf_slice(&b, text);
    regex = regex_new(plain, b.len, true, why, sizeof why);
    if (regex == NULL)
        return 0;
    w->regex[w->regexes++] = (struct pattern_of){w->lists, regex};
    *ret_good = true;
    return 0;
}

static int
read_entries(struct warnings *w, const struct dom *first)
{
    static int (*const adders[WARNING_TYPES])(struct warnings *, struct slice, bool *) = {
        add_cidr, add_hostname, add_string, add_substring, add_regex};
    struct warning_list *l = &w->list[w->lists];
    int r = 0;

    for (const struct dom *x = first; r == 0 && x != NULL; x = x->next) {
        bool good = false;

        if (l->kinds != 0)
            r = adders[l->type](w, dom_text(x), &good);
        l->entries += good;
        l->odd += !good;
    }
    return r;
}

int
warnings_read(struct warnings *w, const struct dom *d, uint32_t *ret_list, struct errinfo *ei)
{
    const struct dom *entries = dom_get(d, SLICE("list"));
    struct slice name = slice_cut(dom_text(dom_get(d, SLICE("name"))), WARNING_NAME - 1);
    struct warning_list l = {.kinds = read_kinds(d)};
    int r;

    if (name.len == 0)
        return err_set(ei, ERR_INVALID, "is no warning list: it has no `name`");
    if (entries == NULL || entries->kind != DOM_ARRAY)
        return err_set(ei, ERR_INVALID, "is no warning list: its `list` is none");
    if (read_type(dom_text(dom_get(d, SLICE("type"))), &l.type) < 0)
        return err_set(ei, ERR_INVALID,
                       "is no warning list: its `type` is none of cidr, "
                       "hostname, string, substring, regex");
    if (w->lists == WARNING_LISTS)
        return err_set(ei, ERR_LIMIT, "there are at most %d warning lists", WARNING_LISTS);
    memcpy(l.name, name.ptr, name.len);
    w->list[w->lists] = l;
    r = read_entries(w, entries->first);
    if (r < 0) /* what was taken of it belongs to no list any more */
        w->list[w->lists].kinds = 0;
    *ret_list = w->lists++;
    return r == ERR_LIMIT ? err_set(ei, r, "has more entries than are taken") : r;
}

int
warnings_freeze(struct warnings *w)
{
    return set_freeze(w->build, NULL, &w->set);
}

uint32_t
warnings_count(const struct warnings *w)
{
    return w->lists;
}

const struct warning_list *
warnings_list(const struct warnings *w, uint32_t i)
{
    return &w->list[i];
}

/* ---- questions -----------------------------------------------------------------------------
 */

struct question {
    const struct warnings *w;
    uint32_t kind;    /* the list is about it: a bit */
    bool as_hostname; /* only lists of names and all below */
    uint32_t best;
};

static void
offer(struct question *q, uint32_t list)
{
    const struct warning_list *l = &q->w->list[list];

    if ((l->kinds & q->kind) != 0 && (!q->as_hostname || l->type == WARNING_HOSTNAME) &&
        list < q->best)
        q->best = list;
}

static void
offer_atoms(struct question *q, const uint32_t *atom, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t count;
        const uint32_t *own = set_owners(q->w->set, atom[i], &count);

        for (uint32_t k = 0; k < count; k++)
            offer(q, own[k]);
    }
}

static void
ask_name(struct question *q, struct slice name)
{
    struct set_found f;

    set_find_domain(q->w->set, name, &f);
    offer_atoms(q, f.atom, f.count);
}

static void
ask_same(struct question *q, enum atom_kind kind, struct slice bytes)
{
    struct set_found f;
    struct atom a = {.kind = kind, .len = (uint16_t)bytes.len};

    memcpy(a.byte, bytes.ptr, bytes.len);
    set_find_atom(q->w->set, &a, &f);
    offer_atoms(q, f.atom, f.count);
}

/* Lists of parts and expressions, over the text as it is written. */
static void
ask_texts(struct question *q, enum atom_kind kind, struct slice bytes)
{
    char room[ATOM_TEXT];
    struct buf b = {.ptr = room, .room = sizeof room, .max = sizeof room};

    if (q->w->parts == 0 && q->w->regexes == 0)
        return;
    buf_atom(&b, kind, bytes);
    for (uint32_t i = 0; i < q->w->regexes; i++) {
        if (regex_finds(q->w->regex[i].regex, b.ptr, b.len))
            offer(q, q->w->regex[i].list);
    }
    for (size_t i = 0; i < b.len; i++)
        b.ptr[i] = b.ptr[i] >= 'A' && b.ptr[i] <= 'Z' ? (char)(b.ptr[i] + 32) : b.ptr[i];
    for (uint32_t i = 0; i < q->w->parts; i++) {
        const struct part *p = &q->w->part[i];

        if (memmem(b.ptr, b.len, q->w->text.ptr + p->at, p->len) != NULL)
            offer(q, p->list);
    }
}

uint32_t
warnings_find(const struct warnings *w, enum atom_kind kind, struct slice bytes)
{
    struct question q = {.w = w, .kind = BIT(kind), .best = WARNING_NONE};
    struct prefix p;
    uint32_t atom;

    switch (kind) {
    case ATOM_ADDRESS:
    case ATOM_PREFIX:
        p = atom_prefix(kind, bytes);
        atom = set_find_touching(w->set, &p);
        offer_atoms(&q, &atom, atom != SET_GONE);
        break;
    case ATOM_DOMAIN:
    case ATOM_BELOW: ask_name(&q, bytes); break;
    case ATOM_URL:
        ask_same(&q, kind, bytes);
        q.as_hostname = true;
        ask_name(&q, atom_url_host(bytes));
        q.as_hostname = false;
        break;
    case ATOM_MD5:
    case ATOM_SHA1:
    case ATOM_SHA256:
    case ATOM_SHA512: ask_same(&q, kind, bytes); break;
    case ATOM_KINDS: return WARNING_NONE;
    }
    ask_texts(&q, kind, bytes);
    return q.best;
}
