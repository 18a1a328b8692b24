#include "role/exports.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "model/text.h"
#include "role/engine_priv.h"
#include "store/erase.h"
#include "wire/hex.h"

bool
export_told_ok(const struct export_told *t)
{
    static const char *const exits[] = {"taxii", "bundle", "page", "rest", "cli"};
    bool known = false;

    if (memchr(t->party, '\0', sizeof t->party) == NULL ||
        memchr(t->exit, '\0', sizeof t->exit) == NULL)
        return false;
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        known |= strcmp(exits[i], t->exit) == 0;
    return known && text_is_party(slice_of(t->party)) && t->tlp > TLP_NONE && t->tlp < TLPS &&
           t->objects > 0;
}

/* ---- lists ------------------------------------------------------------------------------- */

void
export_add(struct export_list *l, const struct store_object *o)
{
    if (l->lines.max == 0)
        buf_init(&l->lines, EXPORT_LINES);
    buf_slice(&l->lines, o->id);
    buf_char(&l->lines, ' ');
    buf_slice(&l->lines, o->version);
    buf_char(&l->lines, ' ');
    buf_hex(&l->lines, o->hash.byte, sizeof o->hash.byte);
    buf_char(&l->lines, '\n');
    l->objects++;
}

static int
by_text(const void *a, const void *b)
{
    const struct slice *x = a;
    const struct slice *y = b;

    return slice_order(*x, *y);
}

int
export_tell(const struct export_list *l, const char *exit, struct export_told *ret)
{
    struct slice *line = malloc(l->objects * sizeof *line);
    struct slice rest = buf_get(&l->lines);
    struct sha256 h;
    size_t n = 0;

    if (line == NULL)
        return ERR_NOMEM;
    while (n < l->objects && slice_line(&rest, &line[n]))
        n++;
    qsort(line, n, sizeof *line, by_text);
    *ret = (struct export_told){.tlp = l->tlp, .objects = l->objects};
    (void)snprintf(ret->party, sizeof ret->party, "%s", l->party);
    (void)snprintf(ret->exit, sizeof ret->exit, "%s", exit);
    sha256_init(&h);
    for (size_t i = 0; i < n; i++)
        sha256_add(&h, line[i].ptr, line[i].len + 1); /* with its LF */
    sha256_end(&h, &ret->list);
    free(line);
    return 0;
}

static void
empty(struct export_list *l)
{
    buf_release(&l->lines);
    *l = (struct export_list){.objects = 0};
}

void
exports_close(struct exports *x)
{
    for (unsigned i = 0; i < x->count; i++)
        empty(&x->list[i]);
    x->count = 0;
}

int
exports_take(struct exports *x, struct export_list *l, int64_t mono)
{
    struct export_list *to = x->list;
    struct export_list *end = x->list + x->count;

    if (l->objects == 0)
        return 0;
    while (to < end && strcmp(to->party, l->party) != 0)
        to++;
    if (to == end) {
        if (x->count == EXPORT_PARTIES)
            return ERR_LIMIT;
        x->count++;
        *to = (struct export_list){.since = mono};
        (void)snprintf(to->party, sizeof to->party, "%s", l->party);
        buf_init(&to->lines, EXPORT_LINES);
    }
    if (to->lines.len + l->lines.len > EXPORT_LINES)
        return ERR_LIMIT;
    buf_slice(&to->lines, buf_get(&l->lines));
    if (buf_error(&to->lines) < 0)
        return buf_error(&to->lines);
    to->objects += l->objects;
    to->tlp = l->tlp > to->tlp ? l->tlp : to->tlp;
    empty(l);
    return 0;
}

void
exports_step(struct exports *x, int64_t mono,
             int (*tell)(void *arg, const struct export_told *t), void *arg)
{
    for (unsigned i = 0; i < x->count;) {
        struct export_list *l = &x->list[i];
        struct export_told t;

        if ((mono - l->since < EXPORT_US && l->lines.len < EXPORT_LINES / 2) ||
            export_tell(l, "taxii", &t) < 0 || tell(arg, &t) < 0) {
            i++;
            continue;
        }
        empty(l);
        *l = x->list[--x->count];
        x->list[x->count] = (struct export_list){.objects = 0};
    }
}

/* ---- the leaf ---------------------------------------------------------------------------- */

static int
put_leaf(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct export_told *t = arg;
    AUTO_BUF(opened, 256);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint8_t salt[LEAF_SALT];
    struct hash detail;
    uint64_t index = 0;
    int r;

    e->env->random(e->env->self, salt, sizeof salt);
    buf_text(&opened, "[\"export\",\"");
    buf_hex(&opened, t->list.byte, sizeof t->list.byte);
    buf_text(&opened, "\"]");
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    detail = leaf_commit(salt, buf_get(&opened));
    {
        const struct leaf_value values[] = {
            LEAF_HASH("detail", &detail), LEAF_TEXT("exit", slice_of(t->exit)),
            LEAF_NUMBER("objects", t->objects),
            LEAF_TEXT("tlp", slice_of(tlp_name((enum tlp)t->tlp))),
            LEAF_TEXT("to", slice_of(t->party))};

        r = leaf_write(&entry, LEAF_EXPORT, engine_next_time(e),
                       (struct leaf_values){values, 5}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    return r < 0 ? r
                 : store_put_opening(e->store, index,
                                     (struct slice){(const char *)salt, sizeof salt},
                                     buf_get(&opened));
}

int
exports_put(struct engine *e, const struct export_told *t, struct errinfo *ei)
{
    struct export_told copy = *t;
    int r = engine_check_room(e, 0);

    return r < 0 ? r : engine_change(e, put_leaf, &copy, NULL, ei);
}
