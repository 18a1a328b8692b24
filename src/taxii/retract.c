#include "taxii/retract.h"

#include <stdlib.h>

#include "stix/marking.h"
#include "wire/dom.h"
#include "wire/hex.h"

enum { BODY_MOST = 2 << 20 };

int
retraction_write(struct buf *to, const struct retraction *r)
{
    const char *type = r->of.len > 0 ? REMOVAL_TYPE : RETRACTION_TYPE;
    char at[TIME_TEXT];

    time_format(r->at, at);
    buf_printf(to, "{\"created\":\"%.*s\"", TIME_TEXT, at);
    if (r->by.len > 0) {
        buf_text(to, ",\"created_by_ref\":");
        buf_json(to, r->by);
    }
    buf_printf(to, ",\"extensions\":{\"%s\":{\"extension_type\":\"new-sdo\"}}",
               r->of.len > 0 ? REMOVAL_EXTENSION : RETRACTION_EXTENSION);
    buf_text(to, ",\"id\":");
    buf_json(to, r->id);
    buf_printf(to, ",\"modified\":\"%.*s\"", TIME_TEXT, at);
    if (r->tlp != TLP_NONE)
        buf_printf(to, ",\"object_marking_refs\":[\"%s\"]", tlp_id(r->tlp));
    buf_text(to, ",\"object_refs\":[");
    for (uint32_t i = 0; i < r->count; i++) {
        if (i > 0)
            buf_char(to, ',');
        buf_json(to, r->ids[i]);
    }
    buf_printf(to, "],\"%s\":\"%.*s\"", r->of.len > 0 ? "removed" : "retracted", TIME_TEXT, at);
    if (r->of.len > 0) {
        buf_text(to, ",\"retraction_ref\":");
        buf_json(to, r->of);
    }
    buf_printf(to, ",\"spec_version\":\"2.1\",\"type\":\"%s\"", type);
    for (uint32_t i = 0; i < r->onlys; i++) {
        buf_text(to, i == 0 ? ",\"version_hashes\":[\"" : "\",\"");
        buf_hex(to, r->only[i].byte, SHA256_SIZE);
    }
    buf_text(to, r->onlys > 0 ? "\"]}" : "}");
    return buf_error(to);
}

static int
tell_versions(const struct dom *d, const struct retraction_seen *s)
{
    const struct dom *list = dom_get(d, SLICE("version_hashes"));
    uint32_t n = 0;
    int r = 0;

    if (list == NULL || s->only == NULL)
        return 0;
    if (list->kind != DOM_ARRAY || list->first == NULL)
        return ERR_INVALID;
    for (const struct dom *x = list->first; r == 0 && x != NULL; x = x->next) {
        struct hash h;

        if (n++ == RETRACT_HASHES)
            return ERR_LIMIT;
        r = hex_decode(dom_text(x), h.byte, SHA256_SIZE) < 0 ? ERR_INVALID
                                                             : s->only(s->arg, &h);
    }
    return r;
}

static int
tell(const struct dom *d, const struct retraction_seen *s)
{
    const struct dom *refs = dom_get(d, SLICE("object_refs"));
    bool removal = slice_is(dom_text(dom_get(d, SLICE("type"))), REMOVAL_TYPE);
    struct slice of = dom_text(dom_get(d, SLICE("retraction_ref")));
    struct slice when = dom_text(dom_get(d, removal ? SLICE("removed") : SLICE("retracted")));
    struct utime at;
    uint32_t n = 0;
    int r;

    if (refs == NULL || refs->kind != DOM_ARRAY || (removal && of.len == 0) ||
        time_parse_any(when, &at) < 0)
        return ERR_INVALID;
    r = s->begin == NULL ? 0 : s->begin(s->arg, of, at);
    if (r == 0)
        r = tell_versions(d, s);
    for (const struct dom *x = refs->first; r == 0 && s->each != NULL && x != NULL;
         x = x->next) {
        if (n++ == RETRACT_IDS)
            return ERR_LIMIT;
        r = dom_text(x).len == 0 ? ERR_INVALID : s->each(s->arg, dom_text(x));
    }
    return r;
}

int
retraction_read(struct slice body, const struct retraction_seen *s)
{
    struct arena arena = {0};
    struct errinfo ei = {0};
    const struct dom *d;
    char *text = body.len > BODY_MOST ? NULL : malloc(body.len + 1);
    int r = body.len > BODY_MOST ? ERR_LIMIT : text == NULL ? ERR_NOMEM : 0;

    if (r == 0)
        r = arena_init(&arena, body.len * DOM_ROOM + DOM_LEAST);
    if (r == 0) {
        memcpy(text, body.ptr, body.len);
        r = dom_read(text, body.len, &arena, &d, &ei);
    }
    if (r == 0)
        r = tell(d, s);
    arena_release(&arena);
    free(text);
    return r;
}
