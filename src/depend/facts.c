#include "depend/facts.h"

#include <stdio.h>
#include <stdlib.h>

void
facts_init(struct facts *f, uint64_t secret)
{
    *f = (struct facts){0};
    texts_init(&f->names, secret);
}

void
facts_release(struct facts *f)
{
    texts_release(&f->names);
    free(f->fact);
    free(f->of);
    free(f->source);
    *f = (struct facts){0};
}

int
facts_source(struct facts *f, const char *name, struct utime date, uint16_t *ret)
{
    struct fact_source *more;

    if (f->sources >= FACTS_SOURCES)
        return ERR_LIMIT;
    more = realloc(f->source, (f->sources + 1) * sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    f->source = more;
    f->source[f->sources].date = date;
    (void)snprintf(f->source[f->sources].name, FACTS_SOURCE_NAME, "%s", name);
    *ret = (uint16_t)f->sources++;
    return 0;
}

int
facts_fold(struct slice name, char to[FACTS_NAME])
{
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (name.len > FACTS_NAME)
        return -1;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        to[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (int)name.len;
}

/* Room for what is known of each name. */
static int
grow_of(struct facts *f)
{
    uint32_t room = f->of_room * 2 + 1024;
    void *of;

    if (f->names.count <= f->of_room)
        return 0;
    of = realloc(f->of, room * sizeof *f->of);
    if (of == NULL)
        return ERR_NOMEM;
    f->of = of;
    for (uint32_t i = f->of_room; i < room; i++) {
        f->of[i].first = f->of[i].last = FACTS_NONE;
        f->of[i].count = 0;
    }
    f->of_room = room;
    return 0;
}

int
facts_name(struct facts *f, struct slice name, uint32_t *ret)
{
    char folded[FACTS_NAME];
    int n = facts_fold(name, folded);
    int r;

    if (n < 0)
        return ERR_INVALID;
    r = texts_put(&f->names, (struct slice){folded, (size_t)n}, ret);
    return r < 0 ? r : grow_of(f);
}

int
facts_text(struct facts *f, struct slice text, uint32_t *ret)
{
    int r = texts_put(&f->names, text, ret);

    return r < 0 ? r : grow_of(f);
}

uint32_t
facts_find(const struct facts *f, struct slice name)
{
    char folded[FACTS_NAME];
    int n = facts_fold(name, folded);

    return n < 0 ? TEXTS_NONE : texts_find(&f->names, (struct slice){folded, (size_t)n});
}

static uint32_t
of_kind(const struct facts *f, uint32_t at, enum fact_kind kind)
{
    while (at != FACTS_NONE && f->fact[at].kind != kind)
        at = f->fact[at].next;
    return at;
}

uint32_t
facts_first(const struct facts *f, uint32_t name, enum fact_kind kind)
{
    return name == TEXTS_NONE ? FACTS_NONE : of_kind(f, f->of[name].first, kind);
}

uint32_t
facts_next(const struct facts *f, uint32_t fact)
{
    return of_kind(f, f->fact[fact].next, (enum fact_kind)f->fact[fact].kind);
}

static int
grow(struct facts *f)
{
    uint32_t room = f->room * 2 + 1024;
    struct fact *more;

    if (f->count >= FACTS_MOST)
        return ERR_LIMIT;
    if (f->count < f->room)
        return 0;
    more = realloc(f->fact, room * sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    f->fact = more;
    f->room = room;
    return 0;
}

/* True when that of the zone is there already; the earlier one of both is. */
static bool
earlier(struct facts *f, const struct fact *fact)
{
    uint32_t there = facts_first(f, fact->name, FACT_SIGNED);
    uint32_t next;

    if (fact->kind != FACT_SIGNED || there == FACTS_NONE)
        return false;
    next = f->fact[there].next;
    if (fact->until.us < f->fact[there].until.us) {
        f->fact[there] = *fact;
        f->fact[there].next = next;
    }
    return true;
}

int
facts_add(struct facts *f, const struct fact *fact)
{
    int r = grow(f);

    if (r < 0)
        return r;
    if (earlier(f, fact))
        return 0;
    if (f->of[fact->name].count >= FACTS_OF_NAME) {
        f->left_out++;
        return 0;
    }
    f->fact[f->count] = *fact;
    f->fact[f->count].next = FACTS_NONE;
    if (f->of[fact->name].first == FACTS_NONE)
        f->of[fact->name].first = f->count;
    else
        f->fact[f->of[fact->name].last].next = f->count;
    f->of[fact->name].last = f->count++;
    f->of[fact->name].count++;
    return 0;
}
