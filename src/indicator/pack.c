#include "indicator/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "indicator/list_priv.h"
#include "indicator/set_priv.h"

#define MAGIC "detente look 01\n"
#define ORDER UINT32_C(0x01020304)
#define SEED  UINT64_C(0x5851f42d4c957f2d) /* of the checksum, which is against accidents */
#define AGAIN "make it anew with `detente indicator compile`"

enum { ALIGN = 64, SUM_CHUNK = 1 << 24 };

enum part {
    PART_LINE,
    PART_AT,
    PART_OWN,
    PART_MANY,
    PART_NET,
    PART_NEAR4,
    PART_NEAR6,
    PART_FROM4,
    PART_ROW,
    PART_ORDER,
    PART_TEXT_AT,
    PART_TEXT,
    PART_VALUE,
    PARTS
};

static const size_t element[PARTS] = {[PART_LINE] = sizeof(struct line),
                                      [PART_AT] = sizeof(uint32_t),
                                      [PART_OWN] = sizeof(uint32_t),
                                      [PART_MANY] = sizeof(uint32_t),
                                      [PART_NET] = sizeof(struct set_net),
                                      [PART_NEAR4] = sizeof(uint64_t),
                                      [PART_NEAR6] = sizeof(uint64_t),
                                      [PART_FROM4] = sizeof(uint32_t),
                                      [PART_ROW] = sizeof(struct row),
                                      [PART_ORDER] = sizeof(uint32_t),
                                      [PART_TEXT_AT] = sizeof(uint32_t),
                                      [PART_TEXT] = 1,
                                      [PART_VALUE] = 1};

struct header {
    char magic[16];
    uint32_t order;
    uint32_t has_below;
    uint64_t size;
    uint64_t sum; /* of everything behind the header */
    uint64_t secret;
    uint64_t count[PARTS];
    uint64_t number; /* the caller's */
    uint64_t pad[4];
};
_Static_assert(sizeof(struct header) % ALIGN == 0, "parts begin where a line does");

static size_t
aligned(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static uint64_t
sum_of(const char *bytes, size_t len)
{
    uint64_t sum = SEED;

    for (size_t at = 0; at < len; at += SUM_CHUNK)
        sum =
            map_hash(bytes + at, (uint32_t)(len - at < SUM_CHUNK ? len - at : SUM_CHUNK), sum);
    return sum;
}

/* ---- to pack ----------------------------------------------------------------------------- */

static int
by_id(const void *a, const void *b, void *arg)
{
    const struct row *row = arg;
    uint32_t i = *(const uint32_t *)a;
    uint32_t k = *(const uint32_t *)b;
    int c = memcmp(row[i].id, row[k].id, 16);

    if (c == 0) /* whose state is told where one id is there several times */
        c = row_is_sought(&row[k]) - row_is_sought(&row[i]);
    return c != 0 ? c : (i > k) - (i < k);
}

static uint32_t *
order_rows(const struct indicators *x)
{
    uint32_t *order = malloc(((size_t)x->rows + 1) * sizeof *order);

    for (uint32_t i = 0; order != NULL && i < x->rows; i++)
        order[i] = i;
    if (order != NULL)
        qsort_r(order, x->rows, sizeof *order, by_id, x->row);
    return order;
}

static void
list_parts(const struct indicators *x, const uint32_t *order, struct slice part[PARTS])
{
    static const uint32_t nothing; /* where texts, or values, begin: there are none */
    const struct set *s = x->set;
    size_t firsts = s->nets == 0 ? 0 : SET_FIRSTS;
    const void *at[PARTS] = {s->line,
                             s->atoms == 0 ? &nothing : s->at,
                             s->own,
                             s->many,
                             s->net,
                             s->near4,
                             s->near6,
                             s->from4,
                             x->row,
                             order,
                             x->texts.count == 0 ? &nothing : x->texts.at,
                             x->texts.text,
                             s->value};
    const size_t count[PARTS] = {s->lines,
                                 (size_t)s->atoms + 1,
                                 s->atoms,
                                 s->many_count,
                                 s->nets,
                                 firsts / 64,
                                 firsts / 64,
                                 firsts == 0 ? 0 : firsts + 1,
                                 x->rows,
                                 x->rows,
                                 (size_t)x->texts.count + 1,
                                 x->texts.used,
                                 s->atoms == 0 ? 0 : s->at[s->atoms]};

    for (unsigned i = 0; i < PARTS; i++)
        part[i] = (struct slice){at[i], count[i] * element[i]};
}

int
indicators_pack(const struct indicators *x, char **ret, size_t *ret_len)
{
    struct header h = {.magic = MAGIC,
                       .order = ORDER,
                       .has_below = x->set->has_below,
                       .secret = x->set->secret,
                       .number = x->number,
                       .size = sizeof h};
    uint32_t *order = order_rows(x);
    struct slice part[PARTS];
    size_t at = sizeof h;
    char *to;

    *ret = NULL;
    if (order == NULL)
        return ERR_NOMEM;
    list_parts(x, order, part);
    for (unsigned i = 0; i < PARTS; i++) {
        h.count[i] = part[i].len / element[i];
        h.size += aligned(part[i].len);
    }
    to = calloc(1, h.size);
    for (unsigned i = 0; to != NULL && i < PARTS; i++) {
        if (part[i].len > 0)
            memcpy(to + at, part[i].ptr, part[i].len);
        at += aligned(part[i].len);
    }
    free(order);
    if (to == NULL)
        return ERR_NOMEM;
    h.sum = sum_of(to + sizeof h, h.size - sizeof h);
    memcpy(to, &h, sizeof h);
    *ret = to;
    *ret_len = h.size;
    return 0;
}

/* ---- to map ------------------------------------------------------------------------------ */

static int
unusable(struct errinfo *ei, const char *what)
{
    return err_set(ei, ERR_INVALID, "what is looked for cannot be used (%s): " AGAIN, what);
}

/* Where the parts are; as all of these, NULL or what is wrong. */
static const char *
find_parts(struct slice bytes, void *at[PARTS])
{
    const struct header *h = (const void *)bytes.ptr;
    size_t from = sizeof *h;

    if (bytes.len < sizeof *h || memcmp(h->magic, MAGIC, sizeof h->magic) != 0 ||
        h->order != ORDER)
        return "of another version";
    if (h->size != bytes.len)
        return "cut or longer than it says";
    for (unsigned i = 0; i < PARTS; i++) {
        if (h->count[i] > (bytes.len - from) / element[i])
            return "a part lies outside";
        at[i] = (void *)(uintptr_t)(bytes.ptr + from);
        from += aligned(h->count[i] * element[i]);
        if (from > bytes.len)
            return "a part lies outside";
    }
    if (sum_of(bytes.ptr + sizeof *h, bytes.len - sizeof *h) != h->sum)
        return "its checksum is wrong";
    return NULL;
}

static bool
rises(const uint32_t *at, uint64_t count, uint64_t least, uint64_t end)
{
    for (uint64_t i = 1; i < count; i++) {
        if (at[i] < at[i - 1] + least || at[i] < at[i - 1])
            return false;
    }
    return count > 0 && at[0] == 0 && at[count - 1] == end;
}

static bool
lines_are_fine(const struct set *s)
{
    bool some_free = false; /* a look ends at a line that was never full */

    for (uint32_t i = 0; i < s->lines; i++) {
        some_free |= s->line[i].over == 0;
        for (unsigned k = 0; k < LINE_ATOMS; k++) {
            if (s->line[i].print[k] != 0 && s->line[i].atom[k] >= s->atoms)
                return false;
        }
    }
    return some_free;
}

static bool
owners_are_fine(const struct set *s, uint32_t rows)
{
    for (uint32_t a = 0; a < s->atoms; a++) {
        uint32_t own = s->own[a];

        if ((own & SET_MANY) == 0 && own >= rows)
            return false;
        own &= ~SET_MANY;
        if ((s->own[a] & SET_MANY) != 0 &&
            (own >= s->many_count || s->many[own] > s->many_count - own - 1))
            return false;
    }
    for (uint32_t a = 0; a < s->atoms; a++) {
        uint32_t n;
        const uint32_t *own = set_owners(s, a, &n);

        for (uint32_t k = 0; k < n; k++) {
            if (own[k] >= rows)
                return false;
        }
    }
    return true;
}

static bool
values_are_fine(const struct set *s)
{
    for (uint32_t a = 0; a < s->atoms; a++) {
        const char *value = s->value + s->at[a];
        uint32_t len = s->at[a + 1] - s->at[a] - 1;
        unsigned kind = (unsigned char)value[0];

        if (kind >= ATOM_KINDS || len > ATOM_BYTES ||
            (kind == ATOM_ADDRESS && len != 4 && len != 16) ||
            (kind == ATOM_PREFIX && (len != 17 || (unsigned char)value[17] > 128)))
            return false;
    }
    return true;
}

static bool
nets_are_fine(const struct set *s, const uint64_t count[PARTS])
{
    uint64_t firsts = s->nets == 0 ? 0 : SET_FIRSTS;

    if (count[PART_NEAR4] != firsts / 64 || count[PART_NEAR6] != firsts / 64 ||
        count[PART_FROM4] != (firsts == 0 ? 0 : firsts + 1))
        return false;
    for (uint32_t i = 0; i < s->nets; i++) {
        const struct set_net *n = &s->net[i];

        if (n->atom >= s->atoms || n->around > i || n->len > 128)
            return false;
    }
    for (uint64_t i = 0; i < count[PART_FROM4]; i++) {
        if (s->from4[i] > s->nets || (i > 0 && s->from4[i] < s->from4[i - 1]))
            return false;
    }
    return true;
}

/* As many prefixes may cover an address as an answer has room for. */
static bool
nets_are_few(const struct set *s)
{
    uint8_t *deep = calloc((size_t)s->nets + 1, 1);
    bool few = deep != NULL;

    for (uint32_t i = 0; few && i < s->nets; i++) {
        deep[i] = s->net[i].around == 0 ? 1 : (uint8_t)(deep[s->net[i].around - 1] + 1);
        few = deep[i] <= SET_HITS - 3;
    }
    free(deep);
    return few;
}

static bool
rows_are_fine(const struct indicators *x, uint32_t *ret_sought)
{
    for (uint32_t i = 0; i < x->rows; i++) {
        if ((x->row[i].name != TEXTS_NONE && x->row[i].name >= x->texts.count) ||
            (x->row[i].labels != TEXTS_NONE && x->row[i].labels >= x->texts.count) ||
            x->order[i] >= x->rows)
            return false;
        *ret_sought += row_is_sought(&x->row[i]);
    }
    return true;
}

static const char *
check(struct indicators *x, const uint64_t count[PARTS])
{
    const struct set *s = x->set;

    if (s->lines == 0 || !lines_are_fine(s))
        return "lines";
    if (count[PART_AT] != s->atoms + UINT64_C(1) ||
        !rises(s->at, count[PART_AT], 1, count[PART_VALUE]) || !values_are_fine(s))
        return "values";
    if (!owners_are_fine(s, x->rows))
        return "owners";
    if (!nets_are_fine(s, count) || !nets_are_few(s))
        return "prefixes";
    if (count[PART_ORDER] != x->rows ||
        !rises(x->texts.at, count[PART_TEXT_AT], 0, count[PART_TEXT]) ||
        !rows_are_fine(x, &x->sought))
        return "indicators";
    return NULL;
}

static const char *
fill(struct indicators *x, const struct header *h, void *const at[PARTS])
{
    struct set *s = x->set;

    if (h->count[PART_LINE] > UINT32_MAX || h->count[PART_OWN] > SET_ATOMS ||
        h->count[PART_MANY] >= SET_MANY || h->count[PART_NET] > SET_ATOMS ||
        h->count[PART_ROW] > INDICATORS_MOST || h->count[PART_TEXT_AT] == 0 ||
        h->count[PART_TEXT_AT] > (uint64_t)TEXTS_MOST + 1)
        return "too many";
    *s = (struct set){.line = at[PART_LINE],
                      .lines = (uint32_t)h->count[PART_LINE],
                      .atoms = (uint32_t)h->count[PART_OWN],
                      .secret = h->secret,
                      .value = at[PART_VALUE],
                      .at = at[PART_AT],
                      .own = at[PART_OWN],
                      .many = at[PART_MANY],
                      .many_count = (uint32_t)h->count[PART_MANY],
                      .has_below = h->has_below != 0,
                      .net = at[PART_NET],
                      .nets = (uint32_t)h->count[PART_NET],
                      .near4 = at[PART_NEAR4],
                      .near6 = at[PART_NEAR6],
                      .from4 = at[PART_FROM4],
                      .borrowed = true};
    x->texts = (struct texts){.text = at[PART_TEXT],
                              .used = h->count[PART_TEXT],
                              .at = at[PART_TEXT_AT],
                              .count = (uint32_t)h->count[PART_TEXT_AT] - 1};
    x->row = at[PART_ROW];
    x->rows = (uint32_t)h->count[PART_ROW];
    x->number = h->number;
    x->order = at[PART_ORDER];
    return check(x, h->count);
}

int
indicators_map_bytes(struct slice bytes, struct indicators **ret, struct errinfo *ei)
{
    struct indicators *x;
    void *at[PARTS] = {NULL};
    const char *wrong = find_parts(bytes, at);

    *ret = NULL;
    if (wrong != NULL)
        return unusable(ei, wrong);
    x = calloc(1, sizeof *x);
    if (x != NULL)
        x->set = calloc(1, sizeof *x->set);
    if (x == NULL || x->set == NULL) {
        free(x);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    wrong = fill(x, (const void *)bytes.ptr, at);
    if (wrong != NULL) {
        free(x->set);
        free(x);
        return unusable(ei, wrong);
    }
    *ret = x;
    return 0;
}

int
indicators_peek(const char *path, uint64_t *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct header h = {.order = 0};
    ssize_t n = fd < 0 ? -1 : pread(fd, &h, sizeof h, 0);

    if (fd >= 0)
        (void)close(fd);
    *ret = 0;
    if (n != (ssize_t)sizeof h)
        return ERR_IO;
    if (memcmp(h.magic, MAGIC, sizeof h.magic) != 0 || h.order != ORDER)
        return ERR_INVALID;
    *ret = h.number;
    return 0;
}

int
indicators_map(const char *path, struct indicators **ret, struct errinfo *ei)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    void *map;
    int r;

    *ret = NULL;
    err_file(ei, path);
    if (fd < 0 || fstat(fd, &st) < 0) {
        r = err_set(ei, errno == ENOENT ? ERR_NOTFOUND : err_own(errno), "cannot be read: %s",
                    strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    if (st.st_size < (off_t)sizeof(struct header) || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return unusable(ei, "cut");
    }
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    (void)close(fd);
    if (map == MAP_FAILED)
        return err_set(ei, ERR_IO, "cannot be mapped: %s", strerror(errno));
    r = indicators_map_bytes((struct slice){map, (size_t)st.st_size}, ret, ei);
    if (*ret == NULL) {
        (void)munmap(map, (size_t)st.st_size);
        return r;
    }
    (*ret)->map = map;
    (*ret)->map_size = (size_t)st.st_size;
    return 0;
}
