/* An envelope as the client of TAXII reads it: objects stand in it one behind the other, its
 * parts hold each of them once, and a page that is taken leads to a question that can be asked.
 */
#include <stdint.h>
#include <stdlib.h>

#include "taxii/client.h"
#include "taxii/discover.h"
#include "taxii/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_parts(const struct parcel *e, const char *text, size_t size)
{
    const char *behind = text;

    for (size_t i = 0; i < e->count; i++) {
        BUG_ON(e->at[i].ptr < behind || e->at[i].len == 0);
        behind = e->at[i].ptr + e->at[i].len;
    }
    BUG_ON(behind > text + size);
    for (size_t from = 0; from < e->count;) {
        AUTO_BUF(part, 1 << 24);
        size_t to = parcel_part(e, from);

        BUG_ON(to <= from || to > e->count);
        parcel_put(e, from, to, &part);
        BUG_ON(buf_error(&part) < 0);
        from = to;
    }
}

static void
hear(char *text, size_t size)
{
    static const struct client_source source = {.path = {"/r/", 3}};
    struct client_answer a = {.status = 200,
                              .media = SLICE(TAXII_MEDIA),
                              .last = SLICE("2026-01-01T00:00:00.000000Z"),
                              .body = text,
                              .bytes = size};
    struct client_mark m;
    struct client_told told;
    struct client c;
    enum client_next next;

    client_mark_init(&m);
    client_init(&c, &source, &m);
    next = client_hear(&c, &a, &told);
    BUG_ON(next != CLIENT_TAKE && next != CLIENT_OVER);
    BUG_ON(next == CLIENT_OVER && told.err >= 0);
    if (next == CLIENT_TAKE) {
        AUTO_BUF(ask, CLIENT_ASK_MAX);

        check_parts(&told.page, text, size);
        if (client_took(&c) == CLIENT_ASK) {
            client_ask(&c, &ask);
            BUG_ON(buf_error(&ask) < 0);
        }
    }
    parcel_release(&told.page);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct parcel e;
    struct discovery d;
    struct errinfo ei = {0};
    AUTO_ARENA(arena);

    if (text == NULL || size > 1 << 16)
        goto end;
    memcpy(text, data, size);
    hear(text, size);
    memcpy(text, data, size);
    if (parcel_read(text, size, PARCEL_STIX, 1000, &e, &ei) == 0)
        check_parts(&e, text, size);
    parcel_release(&e);
    memcpy(text, data, size);
    if (arena_init(&arena, size * DOM_ROOM + DOM_LEAST) == 0 &&
        discover_read(text, size, &arena, &d, &ei) == 0)
        BUG_ON(d.count > DISCOVER_MOST);
end:
    free(text);
    return 0;
}
