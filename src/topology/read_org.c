/* Networks and their organisations, for the country in which those are registered. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "topology/read_priv.h"

enum { ORGANISATIONS = 1 << 20, KEY = 64, FIELDS = 8 };

/* What stands where in lines of one kind. */
struct form {
    int organisation;
    int country; /* of an organisation's line, else -1 */
    int network; /* of a network's line, else -1 */
    int fields;
};

struct organisations {
    struct build *b;
    struct form form;
    struct map known;  /* id, NUL-padded */
    uint16_t *country; /* by index in `known` */
    struct {
        uint32_t asn;
        char organisation[KEY];
    } * network; /* to be looked up at the end: organisations may come behind */
    uint32_t networks;
    uint32_t room;
};

static int
field_of(struct slice line, const char *name)
{
    int n = 0;

    while (line.len > 0) {
        if (slice_is(slice_part(&line, '|'), name))
            return n;
        n++;
    }
    return -1;
}

static void
take_form(struct organisations *o, struct slice line)
{
    static const char mark[] = "# format:";

    if (!slice_is(slice_sub(line, 0, sizeof mark - 1), mark))
        return;
    line = slice_sub(line, sizeof mark - 1, line.len);
    o->form = (struct form){field_of(line, "org_id"), field_of(line, "country"),
                            field_of(line, "aut"), 1};
    for (size_t i = 0; i < line.len; i++)
        o->form.fields += line.ptr[i] == '|';
}

static void
key_of(struct slice id, char key[KEY])
{
    memset(key, 0, KEY);
    if (id.len > 0)
        memcpy(key, id.ptr, id.len < KEY ? id.len : KEY);
}

static int
add_organisation(struct organisations *o, struct slice id, struct slice country)
{
    char key[KEY];
    int64_t at;
    int fresh = 0;

    key_of(id, key);
    at = map_put(&o->known, key, &fresh);
    if (at < 0)
        return at == MAP_FULL && o->known.count >= ORGANISATIONS ? ERR_LIMIT : ERR_NOMEM;
    if (fresh || country_parse(country) != COUNTRY_UNKNOWN)
        o->country[at] = country_parse(country);
    return 0;
}

static int
add_network(struct organisations *o, uint32_t asn, struct slice id)
{
    if (o->networks == o->room) {
        uint32_t more = o->room == 0 ? 4096 : o->room * 2;
        void *moved = more > TOPOLOGY_NETWORKS * 2
                          ? NULL
                          : realloc(o->network, more * sizeof *o->network);

        if (moved == NULL)
            return more > TOPOLOGY_NETWORKS * 2 ? ERR_LIMIT : ERR_NOMEM;
        o->network = moved;
        o->room = more;
    }
    o->network[o->networks].asn = asn;
    key_of(id, o->network[o->networks++].organisation);
    return 0;
}

static int
take_line(struct organisations *o, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice field[FIELDS] = {0};
    struct slice rest = line;
    uint32_t asn = 0;
    int n = 0;

    while (rest.len > 0 && n < FIELDS)
        field[n++] = slice_part(&rest, '|');
    if (o->form.organisation < 0 || o->form.organisation >= FIELDS ||
        o->form.country >= FIELDS || o->form.network >= FIELDS)
        return err_at(ei, ERR_INVALID, number, 1,
                      "no line `# format:` before it names its fields, org_id with country or "
                      "aut among them");
    if (n + 1 < o->form.fields || n > o->form.fields)
        return err_at(ei, ERR_INVALID, number, 1, "has %d fields, its form %d", n,
                      o->form.fields);
    if (o->form.network < 0)
        return o->form.country < 0
                   ? 0
                   : add_organisation(o, field[o->form.organisation], field[o->form.country]);
    if (!take_asn(&field[o->form.network], &asn) || field[o->form.network].len > 0)
        return err_at(ei, ERR_INVALID, number, 1, "aut is no AS number");
    return add_network(o, asn, field[o->form.organisation]);
}

static int
settle(struct organisations *o)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < o->networks; i++) {
        int64_t at = map_find(&o->known, o->network[i].organisation);

        if (at >= 0 && o->country[at] != COUNTRY_UNKNOWN)
            r = build_country(o->b, o->network[i].asn, o->country[at]);
    }
    return r;
}

int
build_read_organisations(struct build *b, struct slice text, uint64_t *ret_lines,
                         struct errinfo *ei)
{
    struct organisations o = {.b = b, .form = {-1, -1, -1, 0}};
    unsigned number = 0;
    struct slice line;
    int r;

    *ret_lines = 0;
    map_init(&o.known, KEY, ORGANISATIONS, 0x6465746e74656f72);
    o.country = calloc(ORGANISATIONS, sizeof *o.country);
    r = o.country == NULL ? ERR_NOMEM : 0;
    while (r == 0 && slice_line(&text, &line)) {
        number++;
        line = without_cr(line);
        if (line.len == 0)
            continue;
        if (line.ptr[0] == '#') {
            take_form(&o, line);
            continue;
        }
        r = take_line(&o, line, number, ei);
        *ret_lines += r == 0;
    }
    if (r == 0)
        r = settle(&o);
    map_release(&o.known);
    free(o.country);
    free(o.network);
    return r == ERR_NOMEM || r == ERR_LIMIT ? err_at(ei, r, number, 1, "%s", err_text(r)) : r;
}
