#include <stdlib.h>
#include <sys/mman.h>

#include "base/map.h"
#include "indicator/list_priv.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "wire/hex.h"

struct indicators_build {
    struct set_build *set;
    struct texts texts;
    struct row *row;
    int64_t *modified; /* microseconds */
    uint32_t rows;
    uint32_t room;
    struct map latest; /* id and authority to the place in `place` */
    uint32_t authority;
    uint32_t *place; /* of the latest version */
    uint32_t place_room;
    uint8_t *old; /* by row: a newer version came */
};

struct latest_key {
    uint8_t id[16];
    uint32_t authority;
};
_Static_assert(sizeof(struct latest_key) == 20, "a key has no holes");

enum { DEFINITIONS = 64 };

/* ---- to build ------------------------------------------------------------------------------
 */

int
indicators_build_new(uint64_t secret, struct indicators_build **ret)
{
    struct indicators_build *b = calloc(1, sizeof *b);

    *ret = b;
    if (b == NULL)
        return ERR_NOMEM;
    texts_init(&b->texts, secret);
    map_init(&b->latest, sizeof(struct latest_key), INDICATORS_MOST, secret);
    if (set_build_new(secret, &b->set) < 0) {
        *ret = indicators_build_free(b);
        return ERR_NOMEM;
    }
    return 0;
}

struct indicators_build *
indicators_build_free(struct indicators_build *b)
{
    if (b != NULL) {
        (void)set_build_free(b->set);
        texts_release(&b->texts);
        map_release(&b->latest);
        free(b->row);
        free(b->modified);
        free(b->place);
        free(b->old);
    }
    free(b);
    return NULL;
}

static int
resize(void **p, size_t n, size_t size)
{
    void *q = realloc(*p, n * size);

    if (q == NULL)
        return ERR_NOMEM;
    *p = q;
    return 0;
}

static int
more_rows(struct indicators_build *b)
{
    uint32_t room = b->room == 0 ? 256 : b->room + b->room / 2;
    void *row = b->row;
    void *modified = b->modified;
    void *old = b->old;
    int r = resize(&row, room, sizeof *b->row);

    b->row = row;
    if (r == 0)
        r = resize(&modified, room, sizeof *b->modified);
    b->modified = modified;
    if (r == 0)
        r = resize(&old, room, 1);
    b->old = old;
    if (r == 0)
        b->room = room;
    return r;
}

/* ---- one indicator -------------------------------------------------------------------------
 */

struct reading {
    struct indicators_build *b;
    struct indicators_counts *counts;
    indicators_tell *tell;
    void *arg;
    uint32_t row;                              /* whose atoms come */
    const struct dom *definition[DEFINITIONS]; /* of markings, in the same bundle */
    unsigned definitions;
};

static void
tell(struct reading *g, struct slice id, enum compile_reason reason, const char *text)
{
    if (g->tell != NULL)
        g->tell(g->arg, slice_cut(id, 250), reason, text);
}

static bool
read_id(struct slice id, uint8_t ret[16])
{
    char digits[32];
    size_t n = 0;

    if (!stix_is_id(id, SLICE("indicator")))
        return false;
    for (size_t i = 11; i < id.len; i++) {
        if (id.ptr[i] != '-' && n < sizeof digits)
            digits[n++] =
                id.ptr[i] >= 'A' && id.ptr[i] <= 'F' ? (char)(id.ptr[i] + 32) : id.ptr[i];
    }
    return n == sizeof digits && hex_decode((struct slice){digits, n}, ret, 16) == 0;
}

/* Of a property that is a time; false: it is none. */
static bool
read_time(const struct dom *d, struct slice name, struct utime *ret)
{
    const struct dom *v = dom_get(d, name);

    return v == NULL || time_parse_any(dom_text(v), ret) == 0;
}

static uint8_t
read_confidence(const struct dom *d)
{
    const struct dom *v = dom_get(d, SLICE("confidence"));
    unsigned n = 0;

    if (v == NULL || v->kind != DOM_NUMBER || v->text.len > 3)
        return INDICATOR_UNSURE;
    for (size_t i = 0; i < v->text.len; i++) {
        if (v->text.ptr[i] < '0' || v->text.ptr[i] > '9')
            return INDICATOR_UNSURE;
        n = n * 10 + (unsigned)(v->text.ptr[i] - '0');
    }
    return n <= 100 ? (uint8_t)n : INDICATOR_UNSURE;
}

/* TEXTS_NONE for nothing. */
static int
put_text(struct indicators_build *b, struct slice text, uint32_t *ret)
{
    *ret = TEXTS_NONE;
    return text.len == 0 ? 0 : texts_put(&b->texts, text, ret);
}

static struct slice
text_of(const struct texts *t, uint32_t n)
{
    return n == TEXTS_NONE ? (struct slice){"", 0} : texts_get(t, n);
}

static int
put_labels(struct indicators_build *b, const struct dom *d, uint32_t *ret)
{
    const struct dom *list = dom_get(d, SLICE("labels"));
    char text[INDICATOR_NAME];
    size_t n = 0;

    if (list == NULL)
        list = dom_get(d, SLICE("indicator_types"));
    for (const struct dom *x = list == NULL || list->kind != DOM_ARRAY ? NULL : list->first;
         x != NULL; x = x->next) {
        struct slice s = slice_cut(dom_text(x), INDICATOR_NAME - 1 - n);

        if (s.len == 0)
            continue;
        if (n > 0)
            text[n++] = ',';
        memcpy(text + n, s.ptr, s.len);
        n += s.len;
        if (n >= INDICATOR_NAME - 1)
            break;
    }
    return put_text(b, (struct slice){text, n}, ret);
}

/* Is there a newer version, or this one?  Else it is the latest from now on. */
static int
become_latest(struct indicators_build *b, const struct latest_key *key, int64_t modified,
              bool *ret_new)
{
    int is_new;
    int64_t at = map_put(&b->latest, key, &is_new);
    void *place = b->place;

    if (at < 0)
        return b->latest.count == b->latest.max ? ERR_LIMIT : ERR_NOMEM;
    *ret_new = is_new || modified > b->modified[b->place[at]];
    if (!*ret_new)
        return 0;
    if (is_new && b->latest.count > b->place_room) {
        uint32_t room = b->latest.count + b->latest.count / 2 + 64;

        if (resize(&place, room, sizeof *b->place) < 0)
            return ERR_NOMEM;
        b->place = place;
        b->place_room = room;
    }
    if (!is_new)
        b->old[b->place[at]] = 1;
    b->place[at] = b->rows;
    return 0;
}

static int
take_atom(void *arg, const struct atom *a)
{
    struct reading *g = arg;

    return set_add(g->b->set, a, g->row);
}

static int
compile(struct reading *g, const struct dom *d, struct row *row)
{
    struct slice language = dom_text(dom_get(d, SLICE("pattern_type")));
    struct slice id = dom_text(dom_get(d, SLICE("id")));
    struct compiled c = {0};
    struct errinfo ei = {0};
    int r = 0;

    if (language.len > 0 && !slice_is(language, "stix"))
        c.reasons = 1U << REASON_LANGUAGE;
    else
        r = compile_pattern(dom_text(dom_get(d, SLICE("pattern"))), take_atom, g, &c, &ei);
    if (r == ERR_INVALID || (r == ERR_LIMIT && ei.text[0] != '\0')) {
        c = (struct compiled){.reasons = 1U << REASON_MALFORMED};
        r = 0;
    }
    g->counts->whole += c.reasons == 0;
    g->counts->in_part += c.reasons != 0 && c.atoms > 0;
    g->counts->none += c.reasons != 0 && c.atoms == 0;
    for (unsigned i = 0; i < REASONS; i++) {
        if ((c.reasons >> i & 1) == 0)
            continue;
        g->counts->by_reason[i]++;
        tell(g, id, (enum compile_reason)i, ei.text);
    }
    row->until |= (uint64_t)c.reasons << MS_BITS;
    if (c.atoms > 0)
        row->from |= (uint64_t)MARK_LOOKED_FOR << (MS_BITS + 8);
    return r;
}

static uint64_t
ms_of(struct utime t)
{
    return (uint64_t)(t.us / 1000) & MS_MASK;
}

/* What this node has from its own sources is not another's to change. */
static bool
is_our_own(const struct indicators_build *b, const struct latest_key *key)
{
    struct latest_key own = *key;

    own.authority = 0;
    return key->authority > 0 && map_find(&b->latest, &own) != MAP_NONE;
}

static const struct dom *
find_definition(void *arg, struct slice id)
{
    const struct reading *g = arg;

    for (unsigned i = 0; i < g->definitions; i++) {
        if (slice_eq(dom_text(dom_get(g->definition[i], SLICE("id"))), id))
            return g->definition[i];
    }
    return NULL;
}

/* What is not known counts as the strictest. */
static enum tlp
read_tlp(struct reading *g, const struct dom *d)
{
    struct marking m = {.tlp = TLP_NONE};

    marking_of(d, find_definition, g, &m);
    return m.unknown > 0 ? TLP_RED : m.tlp;
}

static int
fill_row(struct reading *g, const struct dom *d, struct utime from, struct utime until)
{
    struct indicators_build *b = g->b;
    const struct dom *revoked = dom_get(d, SLICE("revoked"));
    struct row *row = &b->row[b->rows];
    int r;

    row->from = ms_of(from) | (uint64_t)read_confidence(d) << MS_BITS;
    row->until = ms_of(until);
    if (b->authority > 0)
        row->from |= (uint64_t)MARK_FOREIGN << (MS_BITS + 8);
    row->from |= (uint64_t)read_tlp(g, d) << (MS_BITS + 8 + MARK_TLP);
    r = put_text(b, slice_cut(dom_text(dom_get(d, SLICE("name"))), INDICATOR_NAME), &row->name);
    if (r == 0)
        r = put_labels(b, d, &row->labels);
    g->row = b->rows;
    if (revoked != NULL && revoked->kind == DOM_TRUE) {
        row->from |= (uint64_t)MARK_REVOKED << (MS_BITS + 8);
        g->counts->revoked++;
    } else if (r == 0) {
        r = compile(g, d, row);
    }
    return r;
}

static int
read_indicator(struct reading *g, const struct dom *d)
{
    struct indicators_build *b = g->b;
    struct slice id = dom_text(dom_get(d, SLICE("id")));
    struct utime from = {0};
    struct utime until = TIME_MAX;
    struct utime modified = {0};
    struct latest_key key = {.authority = b->authority};
    bool is_new = false;
    int r = 0;

    g->counts->indicators++;
    if (!read_id(id, key.id) || !read_time(d, SLICE("created"), &modified) ||
        !read_time(d, SLICE("modified"), &modified) ||
        !read_time(d, SLICE("valid_from"), &from) ||
        !read_time(d, SLICE("valid_until"), &until)) {
        g->counts->odd++;
        tell(g, id, REASONS, "left out: its id is none, or one of its times");
        return 0;
    }
    if (is_our_own(b, &key)) {
        g->counts->foreign++;
        return 0;
    }
    if (b->rows == INDICATORS_MOST)
        return ERR_LIMIT;
    if (b->rows == b->room)
        r = more_rows(b);
    if (r == 0)
        r = become_latest(b, &key, modified.us, &is_new);
    if (r < 0 || !is_new) {
        g->counts->older += r == 0;
        return r;
    }
    b->row[b->rows] = (struct row){0};
    memcpy(b->row[b->rows].id, key.id, sizeof key.id);
    b->modified[b->rows] = modified.us;
    b->old[b->rows] = 0;
    r = fill_row(g, d, from, until);
    b->rows++;
    return r;
}

static int
read_objects(struct reading *g, const struct dom *list)
{
    int r = 0;

    g->definitions = 0;
    for (const struct dom *x = list; x != NULL && g->definitions < DEFINITIONS; x = x->next) {
        if (slice_is(dom_text(dom_get(x, SLICE("type"))), "marking-definition"))
            g->definition[g->definitions++] = x;
    }

    for (const struct dom *x = list; r == 0 && x != NULL; x = x->next) {
        g->counts->objects++;
        if (slice_is(dom_text(dom_get(x, SLICE("type"))), "indicator"))
            r = read_indicator(g, x);
    }
    return r;
}

/* A bundle's objects, or the one that it is. */
static int
read_one(struct reading *g, const struct dom *d)
{
    const struct dom *list = dom_get(d, SLICE("objects"));
    const struct dom alone = {
        .kind = d->kind, .first = d->first, .name = d->name, .text = d->text};

    if (slice_is(dom_text(dom_get(d, SLICE("type"))), "bundle"))
        return list == NULL || list->kind != DOM_ARRAY ? 0 : read_objects(g, list->first);
    return read_objects(g, &alone);
}

void
indicators_from(struct indicators_build *b, uint32_t authority)
{
    b->authority = authority;
}

int
indicators_read(struct indicators_build *b, const struct dom *d,
                struct indicators_counts *counts, indicators_tell *tell_, void *arg)
{
    struct reading g = {.b = b, .counts = counts, .tell = tell_, .arg = arg};
    int r = 0;

    if (d->kind != DOM_ARRAY)
        return read_one(&g, d);
    for (const struct dom *x = d->first; r == 0 && x != NULL; x = x->next)
        r = read_one(&g, x);
    return r;
}

/* ---- frozen --------------------------------------------------------------------------------
 */

int
indicators_freeze(struct indicators_build *b, struct indicators **ret)
{
    struct indicators *x = calloc(1, sizeof *x);
    uint32_t *as = malloc(((size_t)b->rows + 1) * sizeof *as);
    uint32_t kept = 0;
    uint32_t sought = 0;
    int r = x == NULL || as == NULL ? ERR_NOMEM : 0;

    map_release(&b->latest);
    for (uint32_t i = 0; r == 0 && i < b->rows; i++) {
        as[i] = b->old[i] ? SET_GONE : kept;
        if (b->old[i])
            continue;
        sought += row_is_sought(&b->row[i]);
        b->row[kept++] = b->row[i];
    }
    free(b->modified);
    free(b->place);
    free(b->old);
    b->modified = NULL;
    b->place = NULL;
    b->old = NULL;
    if (r == 0)
        r = set_freeze(b->set, as, &x->set);
    free(as);
    if (r == 0) {
        void *row = realloc(b->row, ((size_t)kept + 1) * sizeof *b->row);

        x->row = row == NULL ? b->row : row;
        x->rows = kept;
        x->sought = sought;
        b->row = NULL;
        x->texts = b->texts;
        /* texts are not looked for any more, only got */
        free(x->texts.slots);
        x->texts.slots = NULL;
        x->texts.slot_count = 0;
        texts_init(&b->texts, 0);
    }
    b->rows = 0;
    b->room = 0;
    *ret = r < 0 ? indicators_free(x) : x;
    return r;
}

struct indicators *
indicators_free(struct indicators *x)
{
    if (x != NULL) {
        if (x->order == NULL) {
            texts_release(&x->texts);
            free(x->row);
        }
        if (x->map != NULL)
            (void)munmap(x->map, x->map_size);
        (void)set_free(x->set);
    }
    free(x);
    return NULL;
}

uint32_t
indicators_count(const struct indicators *x)
{
    return x->rows;
}

void
indicators_set_number(struct indicators *x, uint64_t number)
{
    x->number = number;
}

uint64_t
indicators_number(const struct indicators *x)
{
    return x->number;
}

uint32_t
indicators_sought(const struct indicators *x)
{
    return x->sought;
}

static struct utime
time_of(uint64_t packed)
{
    uint64_t ms = packed & MS_MASK;

    return (struct utime){(int64_t)ms * 1000};
}

/* The end of time is written to the millisecond. */
static struct utime
end_of(uint64_t packed)
{
    struct utime t = time_of(packed);

    return t.us / 1000 == TIME_MAX.us / 1000 ? TIME_MAX : t;
}

static unsigned
marks_of(const struct row *r)
{
    return (unsigned)(r->from >> (MS_BITS + 8));
}

void
indicator_id_text(const uint8_t id[16], char ret[INDICATOR_ID])
{
    char hex[32];
    size_t n = 11;

    memcpy(ret, "indicator--", n);
    hex_encode(id, 16, hex);
    for (unsigned k = 0; k < sizeof hex; k++) {
        if (k == 8 || k == 12 || k == 16 || k == 20)
            ret[n++] = '-';
        ret[n++] = hex[k];
    }
}

const uint8_t *
indicators_id(const struct indicators *x, uint32_t i)
{
    return x->row[i].id;
}

uint32_t
indicators_find(const struct indicators *x, const uint8_t id[16])
{
    uint32_t from = 0;
    uint32_t to = x->order == NULL ? 0 : x->rows;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int c = memcmp(x->row[x->order[middle]].id, id, 16);

        if (c < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (x->order == NULL || from == x->rows || memcmp(x->row[x->order[from]].id, id, 16) != 0)
        return SET_GONE;
    return x->order[from];
}

void
indicators_get(const struct indicators *x, uint32_t i, struct indicator *ret)
{
    const struct row *r = &x->row[i];

    indicator_id_text(r->id, ret->id);
    ret->name = text_of(&x->texts, r->name);
    ret->labels = text_of(&x->texts, r->labels);
    ret->from = time_of(r->from);
    ret->until = end_of(r->until);
    ret->confidence = (uint8_t)(r->from >> MS_BITS);
    ret->revoked = (marks_of(r) & MARK_REVOKED) != 0;
    ret->looked_for = (marks_of(r) & MARK_LOOKED_FOR) != 0;
    ret->foreign = (marks_of(r) & MARK_FOREIGN) != 0;
    ret->tlp = (enum tlp)(marks_of(r) >> MARK_TLP & MARK_TLPS);
    ret->reasons = (uint32_t)(r->until >> MS_BITS);
}

bool
indicators_in_force(const struct indicators *x, uint32_t i, struct utime at)
{
    const struct row *r = &x->row[i];

    return (marks_of(r) & MARK_REVOKED) == 0 && at.us >= time_of(r->from).us &&
           at.us < end_of(r->until).us;
}

bool
indicators_revoked(const struct indicators *x, uint32_t i)
{
    return (marks_of(&x->row[i]) & MARK_REVOKED) != 0;
}

const struct set *
indicators_set(const struct indicators *x)
{
    return x->set;
}

size_t
indicators_bytes(const struct indicators *x)
{
    return sizeof *x + set_bytes(x->set) + x->rows * sizeof *x->row + x->texts.used +
           x->texts.count * sizeof *x->texts.at;
}
