/* TAXII's requests: a path, headers, parameters and a body, in lines; the body is all behind an
 * empty one.  What is taken fits its figures, comes out as it stood, and is the same the second
 * time; a cursor that is given is taken. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "taxii/load.h"
#include "wire/dom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One for all inputs, in files that have no name any more; what an input adds is rolled back.
 */
static struct store *
empty_store(void)
{
    static struct store *store;
    char dir[] = "/tmp/detente-fuzz.XXXXXX";
    char command[64];
    struct errinfo ei;
    const struct store_collection c = {.id = SLICE("00000000-0000-4000-8000-000000000000"),
                                       .name = SLICE("box"),
                                       .title = SLICE("Box")};
    int64_t number;

    if (store != NULL)
        return store;
    BUG_ON(mkdtemp(dir) == NULL || store_open(dir, STORE_CREATE, &store, &ei) < 0);
    BUG_ON(store_add_collection(store, &c, &number) < 0);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    BUG_ON(system(command) != 0);
    return store;
}

static void
ask(struct slice *rest, struct taxii_ask *a)
{
    struct slice line = {"", 0};
    struct utime place = {12345};
    struct utime got;
    struct errinfo ei;
    bool good;

    (void)slice_line(rest, &line);
    good = taxii_route(line, a) == 0;
    (void)slice_line(rest, &line);
    (void)taxii_accepts(line);
    BUG_ON(taxii_accepts(line) && taxii_is_content(line) && line.len == 0);
    while (slice_line(rest, &line) && line.len > 0) {
        struct slice name = slice_part(&line, '=');
        int r;

        ei.text[0] = '\0';
        r = taxii_take(a, name, line, &ei);
        BUG_ON(r != 0 && (r != ERR_INVALID || ei.text[0] == '\0'));
        BUG_ON(r == 0 && a->has_limit && a->limit == 0);
        BUG_ON(a->query.id.count > MATCH_VALUES || a->query.type.count > MATCH_VALUES ||
               a->query.spec.count > MATCH_VALUES || a->query.versions > MATCH_VALUES);
    }
    BUG_ON(good && taxii_methods(a->what) == 0);
    if (taxii_read_cursor(a, 7, &got) == 0)
        BUG_ON(got.us < 0 || got.us > TIME_MAX.us);
    {
        AUTO_BUF(cursor, 64);

        taxii_put_cursor(&cursor, a, 7, place);
        a->next = buf_get(&cursor);
        BUG_ON(taxii_read_cursor(a, 7, &got) < 0 || got.us != place.us);
        BUG_ON(taxii_read_cursor(a, 8, &got) == 0);
    }
}

static void
check_figures(const struct load *l)
{
    BUG_ON(l->ask.total != l->ask.count + l->ask.same_count + l->ask.failed_count);
    BUG_ON(l->ask.same != l->same.len || l->ask.failed != l->failed.len);
    BUG_ON(l->ask.bytes != (uint64_t)l->same.len + l->failed.len + l->objects.len);
    BUG_ON(l->ask.failed_count > 0 && l->failed.len == 0);
}

static struct slice
take(struct slice *from, size_t n)
{
    struct slice s = slice_sub(*from, 0, n);

    BUG_ON(s.len != n);
    *from = slice_sub(*from, n, from->len);
    return s;
}

static void
keep(struct store *s, const struct load *l, struct slice body)
{
    struct slice rest = buf_get(&l->objects);

    for (uint32_t i = 0; i < l->ask.count; i++) {
        struct store_object o = {.collection = 1, .added = {1000 + i}};
        struct store_versions v;
        struct load_head h;

        memcpy(&h, take(&rest, sizeof h).ptr, sizeof h);
        o.id = take(&rest, h.id);
        o.type = take(&rest, h.type);
        o.spec = take(&rest, h.spec);
        o.version = take(&rest, h.version);
        o.body = take(&rest, h.body);
        o.version_at.us = h.version_at < 0 ? o.added.us : h.version_at;
        BUG_ON((h.version_at < 0) != (h.version == 0) || h.version_at > TIME_MAX.us);
        BUG_ON(o.body.len < 2 || o.body.ptr[0] != '{' || o.body.ptr[o.body.len - 1] != '}');
        BUG_ON(memmem(body.ptr, body.len, o.body.ptr, o.body.len) == NULL);
        BUG_ON(memchr(o.id.ptr, '"', o.id.len) != NULL || o.id.len > OBJECT_ID_MAX);
        BUG_ON(store_find_versions(s, &o, &v) < 0);
        if (v.same_place == 0)
            BUG_ON(store_put_object(s, &o, &v) < 0);
    }
    BUG_ON(rest.len != 0 || store_end_objects(s) < 0);
}

static void
load(struct slice body)
{
    struct taxii_ground g = {.store = empty_store()};
    struct taxii_collection c = {.number = 1};
    struct errinfo ei = {0};
    struct load first;
    struct load second;
    int r;

    load_init(&first);
    load_init(&second);
    r = load_read(&g, &c, body, &first, &ei);
    BUG_ON(r != 0 && r != ERR_INVALID && r != ERR_CONF && r != ERR_LIMIT);
    BUG_ON(r != 0 && ei.text[0] == '\0');
    if (r == 0) {
        check_figures(&first);
        BUG_ON(store_begin(g.store) < 0);
        keep(g.store, &first, body);
        BUG_ON(load_read(&g, &c, body, &second, &ei) < 0);
        check_figures(&second);
        BUG_ON(second.ask.total != first.ask.total);
        BUG_ON(first.ask.failed_count == 0 && first.ask.count == 1 &&
               second.ask.same_count != second.ask.total);
        store_rollback(g.store);
    }
    load_release(&first);
    load_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct taxii_ask *a = calloc(1, sizeof *a);

    if (a != NULL && size < 1 << 16) {
        ask(&rest, a);
        load(rest);
    }
    free(a);
    return 0;
}
