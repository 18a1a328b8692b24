#include "pact/denounce.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "pact/read_priv.h"
#include "wire/hex.h"

/* What a party's key signs begins so (docs/formats/keys-and-notes.md). */
#define FORMAT "detente-pact/denunciation/1"

enum { REASON_MAX = 4000 };

static bool
is_hash(struct slice s)
{
    return s.len == 64 && hex_is(s);
}

#define AT(member) offsetof(struct denunciation, member)
#define FORM(key, member, is, text)                                                  \
    {                                                                                \
        .name = (key), .type = F_FORM, .at = AT(member), .needed = true, .least = 1, \
        .form = (is), .what = (text)                                                 \
    }

static const struct field top[] = {
    {.name = "format",
     .type = F_WORD,
     .at = AT(format),
     .needed = true,
     .least = 1,
     .words = (const char *const[]){FORMAT, NULL}},
    FORM("pact", pact, text_is_name,
         "a name: a-z 0-9, words joined by single hyphens, at most 64"),
    {.name = "version",
     .type = F_INT,
     .at = AT(version),
     .needed = true,
     .least = 1,
     .most = 1000000000},
    FORM("sha256", of, is_hash, "the SHA-256 of the version's text, 64 hex digits"),
    FORM("party", party, text_is_party, "a party's name"),
    {.name = "at", .type = F_TIME, .at = AT(at), .needed = true, .least = 1},
    {.name = "reason", .type = F_TEXT, .at = AT(reason), .most = REASON_MAX},
    {.name = NULL}};

struct owner {
    struct denunciation d;
    struct arena arena;
};

int
denunciation_read(struct slice text, struct denunciation **ret, struct errinfo *ei)
{
    struct owner *o = calloc(1, sizeof *o);
    struct reader r = {.ei = ei};
    const struct yaml_node *root;
    int e = o == NULL ? ERR_NOMEM : arena_init(&o->arena, YAML_ARENA);

    if (e < 0) {
        free(o);
        return err_set(ei, e, "%s", err_text(e));
    }
    r.arena = &o->arena;
    o->d.sha256 = sha256_of(text.ptr, text.len);
    o->d.reason = "";
    e = read_yaml(&r, text, &root);
    if (e == 0)
        e = read_map(&r, top, root, &o->d);
    if (e < 0) {
        (void)denunciation_free(&o->d);
        return e;
    }
    *ret = &o->d;
    return 0;
}

struct denunciation *
denunciation_free(struct denunciation *d)
{
    struct owner *o = (void *)d; /* the first member */

    if (o != NULL)
        arena_release(&o->arena);
    free(o);
    return NULL;
}

int
denunciation_fits(const struct denunciation *d, const struct pact *p, struct errinfo *ei)
{
    struct hash of;

    if (strcmp(d->pact, p->name) != 0)
        return err_set(ei, ERR_CONF, "it ends the pact %s, not %s", d->pact, p->name);
    if (d->version != p->version)
        return err_set(ei, ERR_CONF, "it ends version %lld, and %lld is the newest",
                       (long long)d->version, (long long)p->version);
    if (hex_decode(slice_of(d->of), of.byte, sizeof of.byte) < 0 || !hash_eq(&of, &p->sha256))
        return err_set(ei, ERR_CONF, "`sha256` is not that of version %lld",
                       (long long)p->version);
    if (pact_party(p, slice_of(d->party)) == NULL)
        return err_set(ei, ERR_CONF, "%s is no party of %s", d->party, p->name);
    return 0;
}

void
denunciation_write(struct buf *b, const struct pact *p, const char *party, struct utime at,
                   const char *reason)
{
    char when[TIME_TEXT];

    time_format(at, when);
    buf_printf(
        b,
        "# %s will be bound no longer by this pact: `validity.denunciation` after others "
        "saw this.\nformat: " FORMAT "\npact: %s\nversion: %lld\nsha256: \"",
        party, p->name, (long long)p->version);
    buf_hex(b, p->sha256.byte, sizeof p->sha256.byte);
    buf_printf(b, "\"\nparty: %s\nat: %.19sZ\nreason: ", party, when);
    buf_json(b, slice_of(reason));
    buf_char(b, '\n');
}

enum pact_text
pact_text(struct slice text)
{
    struct slice line;

    while (slice_line(&text, &line)) {
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (slice_is(slice_sub(line, 0, 22), "format: detente-annex/"))
            return PACT_TEXT_ANNEX;
        return slice_is(slice_sub(line, 0, 34), "format: detente-pact/denunciation/")
                   ? PACT_TEXT_DENUNCIATION
                   : PACT_TEXT_PACT;
    }
    return PACT_TEXT_PACT;
}
