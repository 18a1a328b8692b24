/* How a set is made. */
#include <stdlib.h>
#include <sys/mman.h>

#include "indicator/set_priv.h"

struct set_build {
    uint64_t secret;
    char *value;
    size_t used;
    size_t value_room;
    uint32_t *at; /* of rows */
    uint32_t *owner;
    uint32_t rows;
    uint32_t rows_room;
};

int
set_build_new(uint64_t secret, struct set_build **ret)
{
    *ret = calloc(1, sizeof **ret);
    if (*ret == NULL)
        return ERR_NOMEM;
    (*ret)->secret = secret;
    return 0;
}

struct set_build *
set_build_free(struct set_build *b)
{
    if (b != NULL) {
        free(b->value);
        free(b->at);
        free(b->owner);
    }
    free(b);
    return NULL;
}

static int
more_rows(struct set_build *b)
{
    uint32_t room = b->rows_room == 0 ? 1024 : b->rows_room + b->rows_room / 2;
    uint32_t *at = realloc(b->at, (room + 1) * sizeof *at);
    uint32_t *owner = at == NULL ? NULL : realloc(b->owner, room * sizeof *owner);

    b->at = at == NULL ? b->at : at;
    b->owner = owner == NULL ? b->owner : owner;
    if (owner == NULL)
        return ERR_NOMEM;
    b->rows_room = room;
    return 0;
}

static int
more_values(struct set_build *b)
{
    size_t room = b->value_room == 0 ? 65536 : b->value_room + b->value_room / 2;
    char *value = realloc(b->value, room);

    if (value == NULL)
        return ERR_NOMEM;
    b->value = value;
    b->value_room = room;
    return 0;
}

int
set_add(struct set_build *b, const struct atom *a, uint32_t owner)
{
    int r = 0;

    if (b->rows == SET_ATOMS || owner >= SET_OWNERS ||
        b->used + a->len + 1 > (size_t)UINT32_MAX - ATOM_BYTES)
        return ERR_LIMIT;
    if (b->rows == b->rows_room)
        r = more_rows(b);
    if (r == 0 && b->value_room - b->used < (size_t)ATOM_BYTES + 1)
        r = more_values(b);
    if (r < 0)
        return r;
    b->at[b->rows] = (uint32_t)b->used;
    b->owner[b->rows++] = owner;
    b->value[b->used] = (char)a->kind;
    memcpy(b->value + b->used + 1, a->byte, a->len);
    b->used += a->len + 1U;
    b->at[b->rows] = (uint32_t)b->used;
    return 0;
}

/* ---- lines ---------------------------------------------------------------------------------
 */

/* Large pages: with small ones most looks would miss the processor's table of pages too. */
static void *
take_pages(size_t size)
{
    size_t page = size >= (size_t)1 << 22 ? (size_t)1 << 21 : 64;
    void *p = aligned_alloc(page, (size + page - 1) / page * page);

    if (p != NULL) {
        if (page > 64)
            (void)madvise(p, size, MADV_HUGEPAGE);
        memset(p, 0, size);
    }
    return p;
}

static void
put_line(struct set *s, uint64_t hash, uint32_t atom)
{
    uint32_t i = set_line_of(s, hash);
    unsigned k = 0;

    while (s->line[i].print[k] != 0) {
        if (++k < LINE_ATOMS)
            continue;
        s->line[i].over = 1;
        i = i + 1 == s->lines ? 0 : i + 1;
        k = 0;
    }
    s->line[i].atom[k] = atom;
    s->line[i].print[k] = set_print_of(hash);
}

/* Each atom once: values move down to where they stay; row[i] becomes its atom. */
static void
take_atoms(struct set *s, struct set_build *b, const uint32_t *as, uint32_t *row)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < b->rows; i++) {
        uint32_t from = b->at[i];
        uint32_t len = b->at[i + 1] - from;
        struct slice bytes = {b->value + from + 1, len - 1};
        enum atom_kind kind = (enum atom_kind)b->value[from];
        uint64_t hash;

        row[i] = SET_GONE;
        if (as != NULL && as[b->owner[i]] == SET_GONE)
            continue;
        hash = set_hash(s->secret, kind, bytes);
        row[i] = set_look(s, hash, kind, bytes);
        if (row[i] != SET_GONE)
            continue;
        row[i] = s->atoms;
        memmove(s->value + used, b->value + from, len);
        s->at[s->atoms] = used;
        used += len;
        s->at[s->atoms + 1] = used;
        put_line(s, hash, s->atoms++);
        s->has_below |= kind == ATOM_BELOW;
        s->nets += kind == ATOM_PREFIX;
    }
}

/* ---- owners --------------------------------------------------------------------------------
 */

/* The owners of an atom, in list[from..to), each once; rows come in their order, so the same
 * owner's are neighbours but for what is renumbered. */
static uint32_t
unique(uint32_t *list, uint32_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    }
    return kept;
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* list: the owners by atom, first[a] to first[a + 1]. */
static int
keep_owners(struct set *s, uint32_t *list, const uint32_t *first)
{
    size_t many = 0;

    for (uint32_t a = 0; a < s->atoms; a++) {
        uint32_t n = first[a + 1] - first[a];

        many += n > 1 ? n + 1U : 0;
    }
    if (many >= SET_MANY)
        return ERR_LIMIT;
    s->many = malloc((many + 1) * sizeof *s->many);
    if (s->many == NULL)
        return ERR_NOMEM;
    for (uint32_t a = 0; a < s->atoms; a++) {
        uint32_t *mine = list + first[a];
        uint32_t n = first[a + 1] - first[a];

        if (n > 1)
            qsort(mine, n, sizeof *mine, compare_numbers);
        n = unique(mine, n);
        s->own[a] = n == 1 ? mine[0] : SET_MANY | s->many_count;
        if (n == 1)
            continue;
        s->many[s->many_count++] = n;
        memcpy(s->many + s->many_count, mine, n * sizeof *mine);
        s->many_count += n;
    }
    return 0;
}

static int
take_owners(struct set *s, const struct set_build *b, const uint32_t *as, const uint32_t *row)
{
    uint32_t *first = calloc((size_t)s->atoms + 2, sizeof *first);
    uint32_t *list = malloc(((size_t)b->rows + 1) * sizeof *list);
    int r = first == NULL || list == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; r == 0 && i < b->rows; i++) {
        if (row[i] != SET_GONE)
            first[row[i] + 2]++;
    }
    for (uint32_t a = 0; r == 0 && a < s->atoms; a++)
        first[a + 2] += first[a + 1];
    for (uint32_t i = 0; r == 0 && i < b->rows; i++) {
        if (row[i] != SET_GONE)
            list[first[row[i] + 1]++] = as == NULL ? b->owner[i] : as[b->owner[i]];
    }
    if (r == 0)
        r = keep_owners(s, list, first);
    free(first);
    free(list);
    return r;
}

/* ---- all of it -----------------------------------------------------------------------------
 */

/* The builder's memory becomes the set's where it can. */
static int
begin(struct set *s, struct set_build *b)
{
    size_t rows = b->rows == 0 ? 1 : b->rows;

    s->secret = b->secret;
    s->lines = (uint32_t)(rows / LINE_FILL + 1);
    s->line = take_pages(s->lines * sizeof *s->line);
    s->own = malloc(rows * sizeof *s->own);
    s->at = b->at == NULL ? calloc(2, sizeof *s->at) : malloc((rows + 1) * sizeof *s->at);
    s->value = b->value;
    if (s->line == NULL || s->own == NULL || s->at == NULL) {
        s->value = NULL;
        return ERR_NOMEM;
    }
    return 0;
}

static void
shrink(struct set *s)
{
    size_t used = s->atoms == 0 ? 0 : s->at[s->atoms];
    void *p;

    /* what realloc() cannot make smaller stays as it is */
    p = realloc(s->value, used + 1);
    s->value = p == NULL ? s->value : p;
    p = realloc(s->at, ((size_t)s->atoms + 1) * sizeof *s->at);
    s->at = p == NULL ? s->at : p;
    p = realloc(s->own, ((size_t)s->atoms + 1) * sizeof *s->own);
    s->own = p == NULL ? s->own : p;
}

static void
forget(struct set_build *b)
{
    uint64_t secret = b->secret;

    free(b->at);
    free(b->owner);
    *b = (struct set_build){.secret = secret};
}

int
set_freeze(struct set_build *b, const uint32_t *as, struct set **ret)
{
    struct set *s = calloc(1, sizeof *s);
    uint32_t *row = malloc(((size_t)b->rows + 1) * sizeof *row);
    int r = s == NULL || row == NULL ? ERR_NOMEM : begin(s, b);

    if (r == 0) {
        take_atoms(s, b, as, row);
        r = take_owners(s, b, as, row);
        forget(b);
    }
    free(row);
    if (r == 0)
        shrink(s);
    if (r == 0)
        r = set_order_nets(s);
    *ret = r < 0 ? set_free(s) : s;
    return r;
}

struct set *
set_free(struct set *s)
{
    if (s != NULL && !s->borrowed) {
        free(s->line);
        free(s->value);
        free(s->at);
        free(s->own);
        free(s->many);
        free(s->net);
        free(s->near4);
        free(s->near6);
        free(s->from4);
    }
    free(s);
    return NULL;
}
