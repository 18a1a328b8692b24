#include "stix/object_priv.h"

#include <stdlib.h>

#include "model/addr.h"
#include "stix/pattern.h"
#include "wire/base64.h"
#include "wire/hex.h"

enum kind {
    KIND_TEXT,
    KIND_TEXTS,
    KIND_TIME,
    KIND_FLAG,
    KIND_WHOLE,
    KIND_NATURAL,
    KIND_PORT,
    KIND_OBSERVED,
    KIND_SIGHTINGS,
    KIND_CONFIDENCE,
    KIND_REAL,
    KIND_LATITUDE,
    KIND_LONGITUDE,
    KIND_REF,
    KIND_REFS,
    KIND_LIST,
    KIND_DICTIONARY,
    KIND_HASHES,
    KIND_HEX,
    KIND_BINARY,
    KIND_ADDRESS,
    KIND_OPINION,
    KIND_PHASES,
    KIND_EXTERNAL,
    KIND_GRANULAR
};

struct property {
    const char *name;
    enum kind kind;
    bool needed;
};

#define TYPE(id, type, class, ...) static const struct property of_##id[] = {__VA_ARGS__{0}};
#include "stix/types.def"

enum class { DOMAIN_OBJECT, OBSERVABLE, META, META_FIXED, CUSTOM };

static const struct type {
    const char *name;
    enum class class;
    const struct property *own;
} types[] = {
#define TYPE(id, type, class, ...) {(type), (class), of_##id},
#include "stix/types.def"
};

/* What they have in common, and by class which of it must be there. */
static const struct {
    struct property is;
    unsigned needed; /* bits of classes */
} common[] = {
    {{"type", KIND_TEXT, false}, 31},
    {{"id", KIND_TEXT, false}, 31},
    {{"spec_version", KIND_TEXT, false}, 1U << DOMAIN_OBJECT | 1U << META | 1U << META_FIXED},
    {{"created", KIND_TIME, false}, 1U << DOMAIN_OBJECT | 1U << META | 1U << META_FIXED},
    {{"modified", KIND_TIME, false}, 1U << DOMAIN_OBJECT | 1U << META},
    {{"created_by_ref", KIND_REF, false}, 0},
    {{"revoked", KIND_FLAG, false}, 0},
    {{"labels", KIND_TEXTS, false}, 0},
    {{"confidence", KIND_CONFIDENCE, false}, 0},
    {{"lang", KIND_TEXT, false}, 0},
    {{"external_references", KIND_EXTERNAL, false}, 0},
    {{"object_marking_refs", KIND_REFS, false}, 0},
    {{"granular_markings", KIND_GRANULAR, false}, 0},
    {{"extensions", KIND_DICTIONARY, false}, 0},
    {{"defanged", KIND_FLAG, false}, 0},
};

struct checking {
    const struct dom *object;
    const struct type *type; /* NULL custom */
    stix_tell *tell;
    void *arg;
    unsigned faults;
    unsigned steps; /* that selectors may still take */
    struct buf path;
};

enum { SELECT_STEPS = 100000, FEW = 48 /* properties that are compared with each other */ };

/* Most names that are compared differ in their first letter. */
static inline bool
is_named(struct slice s, const char *name)
{
    return s.len > 0 && s.ptr[0] == name[0] && slice_is(s, name);
}

/* ---- telling -------------------------------------------------------------------------------
 */

static void
wrong(struct checking *c, const char *reason)
{
    struct stix_fault f = {buf_get(&c->path), reason};

    c->faults++;
    c->tell(c->arg, &f);
}

static size_t
enter(struct checking *c, struct slice name)
{
    size_t was = c->path.len;

    if (was > 0)
        buf_char(&c->path, '.');
    buf_slice(&c->path, slice_cut(name, 250));
    return was;
}

static size_t
enter_item(struct checking *c, unsigned i)
{
    size_t was = c->path.len;
    char text[16];
    size_t at = sizeof text;

    text[--at] = ']';
    do
        text[--at] = (char)('0' + i % 10);
    while ((i /= 10) > 0);
    text[--at] = '[';
    buf_add(&c->path, text + at, sizeof text - at);
    return was;
}

static void
leave(struct checking *c, size_t was)
{
    c->path.len = was;
    c->path.error = 0; /* it was too long to be told */
}

/* ---- values by kind ------------------------------------------------------------------------
 */

static void
check_number(struct checking *c, enum kind kind, const struct dom *d)
{
    static const struct {
        enum kind kind;
        double least, most;
        const char *reason;
    } ranges[] = {
        {KIND_WHOLE, -9007199254740991.0, 9007199254740991.0, "is a whole number below 2^53"},
        {KIND_NATURAL, 0, 9007199254740991.0, "is a whole number from 0, below 2^53"},
        {KIND_PORT, 0, 65535, "is a port: 0 to 65535"},
        {KIND_OBSERVED, 1, 999999999, "is a whole number from 1 to 999999999"},
        {KIND_SIGHTINGS, 0, 999999999, "is a whole number from 0 to 999999999"},
        {KIND_CONFIDENCE, 0, 100, "is a whole number from 0 to 100"},
        {KIND_REAL, -1e308, 1e308, "is a number"},
        {KIND_LATITUDE, -90, 90, "is a number from -90 to 90"},
        {KIND_LONGITUDE, -180, 180, "is a number from -180 to 180"}};
    bool real = kind >= KIND_REAL && kind <= KIND_LONGITUDE;
    char text[64];
    double v = 0;
    char *end = text;

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (ranges[i].kind != kind)
            continue;
        if (d->kind == DOM_NUMBER && d->text.len < sizeof text) {
            memcpy(text, d->text.ptr, d->text.len);
            text[d->text.len] = '\0';
            v = strtod(text, &end);
        }
        if (end == text || *end != '\0' || (!real && strpbrk(text, ".eE") != NULL) ||
            !(v >= ranges[i].least && v <= ranges[i].most))
            wrong(c, ranges[i].reason);
    }
}

static void
check_hashes(struct checking *c, const struct dom *d)
{
    static const struct {
        const char *name;
        unsigned digits;
    } known[] = {{"MD5", 32},      {"SHA-1", 40},    {"SHA-256", 64},
                 {"SHA-512", 128}, {"SHA3-256", 64}, {"SHA3-512", 128}};

    if (d->kind != DOM_OBJECT || d->first == NULL) {
        wrong(c, "has hashes by the name of their function");
        return;
    }
    for (const struct dom *h = d->first; h != NULL; h = h->next) {
        struct slice text = dom_text(h);
        size_t was = enter(c, h->name);

        if (text.len == 0)
            wrong(c, "is a hash, as text");
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            if (text.len > 0 && slice_is(h->name, known[i].name) &&
                (text.len != known[i].digits || !stix_all_of(text, "", true) ||
                 text.len % 2 != 0))
                wrong(c, "is not as long as such a hash");
        }
        if (h->name.len < 3 || h->name.len > 250 || !stix_all_of(h->name, "-_", true))
            wrong(c, "a hash's name has letters, digits, - and _");
        leave(c, was);
    }
}

static void
check_external(struct checking *c, const struct dom *d)
{
    if (dom_text(dom_get(d, SLICE("source_name"))).len == 0) {
        wrong(c, "needs `source_name`");
        return;
    }
    if (dom_get(d, SLICE("description")) == NULL && dom_get(d, SLICE("url")) == NULL &&
        dom_get(d, SLICE("external_id")) == NULL)
        wrong(c, "needs one of `description`, `url`, `external_id`");
}

static void
check_phase(struct checking *c, const struct dom *d)
{
    if (dom_text(dom_get(d, SLICE("kill_chain_name"))).len == 0 ||
        dom_text(dom_get(d, SLICE("phase_name"))).len == 0)
        wrong(c, "needs `kill_chain_name` and `phase_name`");
}

static const struct dom *
step(struct checking *c, const struct dom *d)
{
    c->steps -= c->steps > 0;
    return c->steps > 0 ? d->next : NULL;
}

static const struct dom *
member(struct checking *c, const struct dom *d, struct slice name)
{
    const struct dom *found = NULL;

    for (d = d->kind == DOM_OBJECT ? d->first : NULL; d != NULL; d = step(c, d))
        found = slice_eq(d->name, name) ? d : found;
    return found;
}

/* Does `name.[2].name` lead somewhere in the object? */
static bool
selects(struct checking *c, struct slice selector)
{
    const struct dom *d = c->object;

    while (selector.len > 0 && d != NULL) {
        struct slice part = slice_part(&selector, '.');
        unsigned at = 0;

        if (part.len > 2 && part.ptr[0] == '[') {
            if (part.ptr[part.len - 1] != ']' || !stix_digits(part, 1, part.len - 2, &at) ||
                d->kind != DOM_ARRAY)
                return false;
            d = d->first;
            while (d != NULL && at-- > 0)
                d = step(c, d);
        } else {
            d = member(c, d, part);
        }
    }
    return d != NULL;
}

static void
check_granular(struct checking *c, const struct dom *d)
{
    const struct dom *selectors = dom_get(d, SLICE("selectors"));
    struct slice ref = dom_text(dom_get(d, SLICE("marking_ref")));
    struct slice lang = dom_text(dom_get(d, SLICE("lang")));
    size_t was;

    if ((ref.len == 0) == (lang.len == 0))
        wrong(c, "has either `marking_ref` or `lang`");
    if (ref.len > 0 && !stix_is_id(ref, SLICE("marking-definition")))
        wrong(c, "its `marking_ref` is the id of a marking-definition");
    was = enter(c, SLICE("selectors"));
    if (selectors == NULL || selectors->kind != DOM_ARRAY || selectors->first == NULL)
        wrong(c, "is a list of selectors");
    for (const struct dom *s = selectors == NULL ? NULL : selectors->first; s != NULL;
         s = s->next) {
        if (c->steps == 0)
            break;
        if (dom_text(s).len == 0 || !selects(c, dom_text(s)))
            wrong(c, c->steps == 0 ? "has more selectors, or longer ways, than are followed"
                                   : "selects what is not there");
    }
    leave(c, was);
}

/* NOLINTBEGIN(misc-no-recursion): a list holds no lists here, and a tree is DOM_DEPTH deep */

static void check(struct checking *c, enum kind kind, const struct dom *d);

/* Each of a list, which is not empty. */
static void
check_list(struct checking *c, const struct dom *d, enum kind item)
{
    unsigned i = 0;

    if (d->kind != DOM_ARRAY) {
        wrong(c, "is a list");
        return;
    }
    for (const struct dom *x = d->first; x != NULL; x = x->next, i++) {
        size_t was = enter_item(c, i);

        check(c, item, x);
        leave(c, was);
    }
}

static void
check_string(struct checking *c, enum kind kind, const struct dom *d)
{
    static const char *const opinions[] = {"strongly-disagree", "disagree", "neutral", "agree",
                                           "strongly-agree"};
    struct slice s = dom_text(d);
    bool known = false;

    if (d->kind != DOM_STRING) {
        wrong(c, kind == KIND_TIME ? "is a time, as text" : "is text");
        return;
    }
    switch ((int)kind) {
    case KIND_TIME:
        if (!stix_is_time(s))
            wrong(c, "is a time in UTC, as 2026-01-02T03:04:05.678Z");
        break;
    case KIND_REF:
        if (!stix_is_id(s, SLICE("")))
            wrong(c, "is an id, as identity--<UUID>");
        break;
    case KIND_HEX:
        if (s.len % 2 != 0 || !hex_is(s))
            wrong(c, "has pairs of hex digits");
        break;
    case KIND_OPINION:
        for (size_t i = 0; i < sizeof opinions / sizeof *opinions; i++)
            known |= slice_is(s, opinions[i]);
        if (!known)
            wrong(c, "is strongly-disagree, disagree, neutral, agree or strongly-agree");
        break;
    default: break;
    }
}

static bool
is_base64(struct slice s)
{
    char *to = malloc(s.len + 1);
    size_t n;
    bool good = to != NULL && base64_decode(s, to, s.len, &n) == 0;

    free(to);
    return good;
}

/* An address or a prefix of the type's family. */
static bool
is_address(const struct checking *c, struct slice s)
{
    const char *slash = memchr(s.ptr, '/', s.len);
    struct addr a;

    return addr_parse(slice_sub(s, 0, slash == NULL ? s.len : (size_t)(slash - s.ptr)), &a) ==
               0 &&
           addr_is_v4(&a) == (c->type != NULL && strcmp(c->type->name, "ipv4-addr") == 0);
}

static void
check(struct checking *c, enum kind kind, const struct dom *d)
{
    switch (kind) {
    case KIND_TEXT:
    case KIND_TIME:
    case KIND_REF:
    case KIND_HEX:
    case KIND_OPINION: check_string(c, kind, d); break;
    case KIND_TEXTS: check_list(c, d, KIND_TEXT); break;
    case KIND_REFS: check_list(c, d, KIND_REF); break;
    case KIND_FLAG:
        if (d->kind != DOM_TRUE && d->kind != DOM_FALSE)
            wrong(c, "is true or false");
        break;
    case KIND_WHOLE:
    case KIND_NATURAL:
    case KIND_PORT:
    case KIND_OBSERVED:
    case KIND_SIGHTINGS:
    case KIND_CONFIDENCE:
    case KIND_REAL:
    case KIND_LATITUDE:
    case KIND_LONGITUDE: check_number(c, kind, d); break;
    case KIND_LIST:
        if (d->kind != DOM_ARRAY)
            wrong(c, "is a list");
        break;
    case KIND_DICTIONARY:
        if (d->kind != DOM_OBJECT)
            wrong(c, "is an object");
        break;
    case KIND_HASHES: check_hashes(c, d); break;
    case KIND_BINARY:
        if (d->kind != DOM_STRING || !is_base64(d->text))
            wrong(c, "is base64");
        break;
    case KIND_ADDRESS:
        if (!is_address(c, dom_text(d)))
            wrong(c, "is an address, or a prefix, of that family");
        break;
    case KIND_PHASES:
        if (d->kind == DOM_OBJECT)
            check_phase(c, d);
        else
            check_list(c, d, KIND_PHASES);
        break;
    case KIND_EXTERNAL:
        if (d->kind == DOM_OBJECT)
            check_external(c, d);
        else
            check_list(c, d, KIND_EXTERNAL);
        break;
    case KIND_GRANULAR:
        if (d->kind == DOM_OBJECT)
            check_granular(c, d);
        else
            check_list(c, d, KIND_GRANULAR);
        break;
    }
}

/* What the standard allows nowhere: null, and lists of nothing. */
static void
check_empty(struct checking *c, const struct dom *d)
{
    unsigned i = 0;

    if (d->kind == DOM_NULL)
        wrong(c, "is null: what has no value is left out");
    if (d->kind == DOM_ARRAY && d->first == NULL)
        wrong(c, "is an empty list: it is left out");
    for (const struct dom *x = d->first; x != NULL; x = x->next, i++) {
        size_t was = d->kind == DOM_OBJECT ? enter(c, x->name) : enter_item(c, i);

        check_empty(c, x);
        leave(c, was);
    }
}

/* NOLINTEND(misc-no-recursion) */

/* ---- what several properties say together --------------------------------------------------
 */

static void
check_orders(struct checking *c)
{
    static const struct {
        const char *before, *behind;
        bool apart; /* and not the same */
        const char *reason;
    } list[] = {
        {"created", "modified", false, "lies before `created`"},
        {"first_seen", "last_seen", false, "lies before `first_seen`"},
        {"first_observed", "last_observed", false, "lies before `first_observed`"},
        {"valid_from", "valid_until", true, "is not behind `valid_from`"},
        {"start_time", "stop_time", true, "is not behind `start_time`"},
        {"start", "end", false, "lies before `start`"},
        {"analysis_started", "analysis_ended", false, "lies before `analysis_started`"}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dom *b = dom_get(c->object, slice_of(list[i].behind));
        const struct dom *a = b == NULL ? NULL : dom_get(c->object, slice_of(list[i].before));
        bool good = false;
        int order = a == NULL ? 0 : stix_time_compare(dom_text(a), dom_text(b), &good);
        size_t was;

        if (!good || order < 0 || (order == 0 && !list[i].apart))
            continue;
        was = enter(c, slice_of(list[i].behind));
        wrong(c, list[i].reason);
        leave(c, was);
    }
}

/* At least one of these. */
static void
check_choices(struct checking *c)
{
    static const struct {
        const char *type;
        const char *one[4];
        const char *reason;
    } list[] = {{"file", {"hashes", "name"}, "needs `hashes` or `name`"},
                {"network-traffic", {"src_ref", "dst_ref"}, "needs `src_ref` or `dst_ref`"},
                {"malware-analysis",
                 {"result", "analysis_sco_refs"},
                 "needs `result` or `analysis_sco_refs`"},
                {"location",
                 {"region", "country", "latitude"},
                 "needs `region`, `country` or `latitude` and `longitude`"},
                {"artifact", {"payload_bin", "url"}, "needs `payload_bin` or `url`"},
                {"observed-data", {"objects", "object_refs"}, "needs `object_refs`"},
                {"marking-definition",
                 {"definition", "extensions"},
                 "needs `definition` or `extensions`"}};

    for (size_t i = 0; c->type != NULL && i < sizeof list / sizeof *list; i++) {
        bool there = strcmp(list[i].type, c->type->name) != 0;

        for (unsigned k = 0; !there && k < 4 && list[i].one[k] != NULL; k++)
            there = dom_get(c->object, slice_of(list[i].one[k])) != NULL;
        if (!there)
            wrong(c, list[i].reason);
    }
}

static const struct dom *
get(const struct checking *c, const char *name)
{
    return dom_get(c->object, slice_of(name));
}

static void
check_pattern(struct checking *c)
{
    struct pattern *p = NULL;
    struct errinfo ei = {0};
    char reason[400];
    size_t was;
    int r;

    if (!slice_is(dom_text(get(c, "pattern_type")), "stix") || get(c, "pattern") == NULL)
        return;
    r = pattern_read(dom_text(get(c, "pattern")), &p, &ei);
    (void)pattern_free(p);
    if (r == 0)
        return;
    was = enter(c, SLICE("pattern"));
    (void)snprintf(reason, sizeof reason, "is no STIX pattern: %u:%u: %s", ei.line, ei.column,
                   ei.text);
    wrong(c, reason);
    leave(c, was);
}

/* The marks of TLP 1 are objects of the standard, and no others (8.2.2). */
static void
check_tlp(struct checking *c)
{
    static const char *const marks[][2] = {
        {"white", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"},
        {"green", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"},
        {"amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
        {"red", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}};
    struct slice what = dom_text(get(c, "definition_type"));
    struct slice tlp = dom_text(dom_get(get(c, "definition"), SLICE("tlp")));
    bool fits = false;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        fits |= slice_is(tlp, marks[i][0]) && slice_is(dom_text(get(c, "id")), marks[i][1]);
    if (slice_is(what, "tlp") && !fits)
        wrong(c, "is none of the four marks of TLP 1 that STIX has");
    if (slice_is(what, "statement") &&
        dom_text(dom_get(get(c, "definition"), SLICE("statement"))).len == 0)
        wrong(c, "needs `definition.statement`");
}

static void
check_refs_of(struct checking *c, const char *name, const char *type, const char *reason)
{
    const struct dom *d = get(c, name);
    size_t was = enter(c, slice_of(name));

    for (const struct dom *x = d != NULL && d->kind == DOM_ARRAY ? d->first : d; x != NULL;
         x = d->kind == DOM_ARRAY ? x->next : NULL) {
        if (stix_is_id(dom_text(x), SLICE("")) && !stix_is_id(dom_text(x), slice_of(type)))
            wrong(c, reason);
    }
    leave(c, was);
}

/* What is sighted is a domain object, as an indicator; what was seen is `observed_data_refs`
 * (STIX 2.1, 5.2.1). */
static void
check_sighted(struct checking *c)
{
    struct slice id = dom_text(get(c, "sighting_of_ref"));
    size_t was = enter(c, slice_of("sighting_of_ref"));

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].class == OBSERVABLE && stix_is_id(id, slice_of(types[i].name)))
            wrong(c, "is the id of a domain object, and an observable is none");
    }
    leave(c, was);
}

static void
check_together(struct checking *c)
{
    const char *name = c->type == NULL ? "" : c->type->name;

    check_orders(c);
    check_choices(c);
    check_refs_of(c, "created_by_ref", "identity", "is the id of an identity");
    check_refs_of(c, "object_marking_refs", "marking-definition",
                  "is the id of a marking-definition");
    if (strcmp(name, "indicator") == 0)
        check_pattern(c);
    if (strcmp(name, "marking-definition") == 0)
        check_tlp(c);
    if (strcmp(name, "sighting") == 0)
        check_sighted(c);
    if (strcmp(name, "observed-data") == 0 && get(c, "objects") != NULL &&
        get(c, "object_refs") != NULL)
        wrong(c, "has `objects` or `object_refs`, not both");
    if (strcmp(name, "location") == 0 &&
        (get(c, "latitude") == NULL) != (get(c, "longitude") == NULL))
        wrong(c, "has `latitude` and `longitude`, or neither");
    if (strcmp(name, "malware") == 0 && get(c, "name") == NULL && get(c, "is_family") != NULL &&
        get(c, "is_family")->kind == DOM_TRUE)
        wrong(c, "is a family, so it needs `name`");
}

/* ---- an object -----------------------------------------------------------------------------
 */

static const struct type *
type_of(struct slice name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (is_named(name, types[i].name))
            return &types[i];
    }
    return NULL;
}

/* An observable of one's own has neither a creator nor versions. */
static enum class class_of(const struct checking *c) {
    if (c->type != NULL) return c->type->class;
    return get(c, "created") == NULL && get(c, "modified") == NULL ? CUSTOM : DOMAIN_OBJECT;
}

static void
check_needed(struct checking *c)
{
    enum class class = class_of(c);
    char reason[96];

    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if ((common[i].needed >> class & 1) == 0 || get(c, common[i].is.name) != NULL)
            continue;
        (void)snprintf(reason, sizeof reason, "needs `%s`", common[i].is.name);
        wrong(c, reason);
    }
    for (const struct property *p = c->type == NULL ? NULL : c->type->own;
         p != NULL && p->name != NULL; p++) {
        if (!p->needed || get(c, p->name) != NULL)
            continue;
        (void)snprintf(reason, sizeof reason, "needs `%s`", p->name);
        wrong(c, reason);
    }
}

static void
check_property(struct checking *c, const struct dom *d, bool few)
{
    const struct property *found = NULL;
    size_t was = enter(c, d->name);

    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        found = is_named(d->name, common[i].is.name) ? &common[i].is : found;
    for (const struct property *p = c->type == NULL ? NULL : c->type->own;
         p != NULL && p->name != NULL; p++)
        found = is_named(d->name, p->name) ? p : found;
    if (found != NULL)
        check(c, found->kind, d);
    else if (d->name.len < 3 || d->name.len > 250 || !stix_all_of(d->name, "_", false))
        wrong(c, "a property's name has a to z, 0 to 9 and _, 3 to 250 of them");
    check_empty(c, d);
    for (const struct dom *x = few ? c->object->first : d; x != d; x = x->next) {
        if (slice_eq(x->name, d->name))
            wrong(c, "stands here twice");
    }
    if (dom_is_twice(d, true))
        wrong(c, "has a name twice within it");
    leave(c, was);
}

static int
compare_names(const void *a, const void *b)
{
    const struct dom *x = *(const struct dom *const *)a;
    const struct dom *y = *(const struct dom *const *)b;
    int c =
        memcmp(x->name.ptr, y->name.ptr, x->name.len < y->name.len ? x->name.len : y->name.len);

    return c != 0 ? c : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

/* Of many properties, those that stand there twice. */
static void
check_twice(struct checking *c, unsigned count)
{
    const struct dom **all = malloc(count * sizeof(void *));
    unsigned n = 0;

    if (all == NULL) {
        wrong(c, "has more properties than there is memory for");
        return;
    }
    for (const struct dom *d = c->object->first; d != NULL; d = d->next)
        all[n++] = d;
    qsort(all, n, sizeof(void *), compare_names);
    for (unsigned i = 1; i < n; i++) {
        if (slice_eq(all[i - 1]->name, all[i]->name)) {
            size_t was = enter(c, all[i]->name);

            wrong(c, "stands here twice");
            leave(c, was);
        }
    }
    free(all);
}

/* Up to one more than there may be. */
static unsigned
count_properties(const struct dom *object)
{
    unsigned n = 0;

    for (const struct dom *d = object->first; d != NULL && n <= STIX_PROPERTIES; d = d->next)
        n++;
    return n;
}

unsigned
stix_check(const struct dom *object, stix_tell *tell, void *arg)
{
    struct checking c = {.object = object, .tell = tell, .arg = arg, .steps = SELECT_STEPS};
    struct slice type = dom_text(dom_get(object, SLICE("type")));
    struct slice version = dom_text(dom_get(object, SLICE("spec_version")));
    unsigned count;

    buf_init(&c.path, STIX_PATH);
    if (object->kind != DOM_OBJECT) {
        wrong(&c, "is no object");
        return c.faults;
    }
    count = count_properties(object);
    if (count > STIX_PROPERTIES) {
        wrong(&c, "has more than 4,096 properties");
        buf_release(&c.path);
        return c.faults;
    }
    c.type = type_of(type);
    if (type.len > 0 && !stix_is_type_name(type))
        wrong(&c, "its `type` has a to z, 0 to 9 and single hyphens, 3 to 250 of them");
    if (slice_is(type, "bundle"))
        wrong(&c, STIX_NO_OBJECT);
    if (version.len > 0 && !slice_is(version, "2.1"))
        wrong(&c, "its `spec_version` is 2.1");
    if (dom_get(object, SLICE("id")) != NULL &&
        !stix_is_id(dom_text(dom_get(object, SLICE("id"))), type))
        wrong(&c, "its `id` is its type, -- and a UUID of RFC 4122");
    check_needed(&c);
    for (const struct dom *d = object->first; d != NULL; d = d->next)
        check_property(&c, d, count <= FEW);
    if (count > FEW)
        check_twice(&c, count);
    check_together(&c);
    buf_release(&c.path);
    return c.faults;
}
