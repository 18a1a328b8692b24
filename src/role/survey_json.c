/* A survey as JSON. */
#include "role/survey_priv.h"
#include "wire/hex.h"

static unsigned
ppm(weight part, weight all)
{
    return (unsigned)(inside_share(part, all) * 1e6 + 0.5);
}

static void
put_country(struct buf *to, const char *name, uint16_t country)
{
    char code[16];

    country_format(country, code);
    buf_printf(to, "\"%s\":\"%s\"", name, country == COUNTRY_UNKNOWN ? "" : code);
}

static void
put_snapshot(const struct survey *s, struct buf *to)
{
    char hex[65] = "";
    char at[TIME_TEXT];

    hex_encode(s->hash.byte, sizeof s->hash.byte, hex);
    time_format(s->at, at);
    buf_printf(to, "\"made\":\"%.*s\",\"date\":\"%s\",\"sha256\":\"%.64s\"", TIME_TEXT, at,
               s->about->date, hex);
}

static void
put_sources(const struct survey *s, struct buf *to)
{
    buf_text(to, ",\"sources\":[");
    for (uint32_t i = 0; i < s->about->sources; i++) {
        const struct snapshot_source *x = &s->about->source[i];
        char hex[65] = "";

        hex_encode(x->sha256.byte, sizeof x->sha256.byte, hex);
        buf_text(to, i > 0 ? ",{\"kind\":" : "{\"kind\":");
        buf_json(to, slice_of(x->kind));
        buf_text(to, ",\"name\":");
        buf_json(to, slice_of(x->name));
        buf_printf(to, ",\"sha256\":\"%.64s\",\"lines\":%llu}", hex,
                   (unsigned long long)x->lines);
    }
    buf_char(to, ']');
}

/* ---- a row of all ------------------------------------------------------------------------ */

struct shares {
    unsigned strict[SIMULATE_PRESENCE];
    unsigned addresses[SIMULATE_PRESENCE];
    unsigned component[SIMULATE_PRESENCE];
};

static void
put_list(struct buf *to, const char *name, const unsigned *n, unsigned count)
{
    buf_printf(to, ",\"%s\":[", name);
    for (unsigned i = 0; i < count; i++)
        buf_printf(to, "%s%u", i > 0 ? "," : "", n[i]);
    buf_char(to, ']');
}

void
survey_put_row(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    const struct simulate_cut *c = &f->cut;
    const struct survey_failure *worst = f->failures > 0 ? &f->failure[0] : NULL;
    struct shares all = {{0}, {0}, {0}};

    (void)s;
    for (unsigned i = 0; i < c->cases; i++) {
        const struct inside *in = &c->presence[i].inside;

        all.strict[i] = ppm(in->strict, in->pairs);
        all.addresses[i] = ppm(in->strict_weights, in->weights);
        all.component[i] = ppm(in->component, in->pairs);
    }
    buf_char(to, '{');
    put_country(to, "country", f->country);
    buf_printf(to, ",\"networks\":%u,\"before_ppm\":%u", c->before.networks,
               ppm(c->before.strict, c->before.pairs));
    put_list(to, "strict_pairs_ppm", all.strict, c->cases);
    put_list(to, "strict_addresses_ppm", all.addresses, c->cases);
    put_list(to, "component_pairs_ppm", all.component, c->cases);
    buf_printf(to,
               ",\"islands\":%u,\"singleton_islands\":%u,\"largest_island\":%u,"
               "\"stranded_abroad\":%u,\"worst_ppm\":%u}",
               c->presence[0].inside.islands, c->presence[0].inside.singles,
               c->presence[0].inside.largest, c->stranded_count,
               worst == NULL ? 0 : ppm(worst->stranded, c->before.networks));
}

/* ---- a country --------------------------------------------------------------------------- */

static void
put_inside(const struct inside *i, struct buf *to)
{
    buf_printf(to,
               "\"strict_pairs_ppm\":%u,\"strict_addresses_ppm\":%u,\"component_pairs_ppm\":%u,"
               "\"component_addresses_ppm\":%u",
               ppm(i->strict, i->pairs), ppm(i->strict_weights, i->weights),
               ppm(i->component, i->pairs), ppm(i->component_weights, i->weights));
}

/* `{"asn":64500,"name":"…","country":"XA"` */
static void
put_network(const struct survey *s, const char *before, uint32_t network, struct buf *to)
{
    uint32_t asn = s->t->asn[network];

    buf_printf(to, "{%s\"asn\":%u,\"name\":", before, asn);
    buf_json(to, s->attrib == NULL ? SLICE("") : attrib_name(s->attrib, asn));
    buf_char(to, ',');
    put_country(to, "country", s->t->country[network]);
}

static void
put_reach(const struct survey_found *f, struct buf *to)
{
    const struct simulate_cut *c = &f->cut;

    buf_text(to, ",\"before\":{");
    put_inside(&c->before, to);
    buf_printf(to, ",\"across_ppm\":%u},\"presence\":[", ppm(f->across, f->across_all));
    for (unsigned i = 0; i < c->cases; i++) {
        const struct inside *in = &c->presence[i].inside;

        buf_printf(to, "%s{\"neighbours\":%u,\"stay\":%u,", i > 0 ? "," : "",
                   c->presence[i].neighbours, c->presence[i].kept);
        put_inside(in, to);
        buf_printf(to, ",\"islands\":%u,\"singleton_islands\":%u,\"largest_island\":%u}",
                   in->islands, in->singles, in->largest);
    }
    buf_printf(to,
               "],\"links_cut\":{\"transit\":%u,\"peers\":%u},\"outside_before_ppm\":%u,"
               "\"outside_ppm\":%u",
               c->transit_cut, c->peers_cut,
               ppm(c->outside_before.strict, c->outside_before.pairs),
               ppm(c->outside.strict, c->outside.pairs));
}

static void
put_neighbours(const struct survey_found *f, struct buf *to)
{
    buf_text(to, ",\"neighbours\":[");
    for (uint32_t i = 0; i < f->neighbours; i++) {
        const struct survey_neighbour *n = &f->neighbour[i];

        buf_text(to, i > 0 ? ",{" : "{");
        put_country(to, "country", n->country);
        buf_printf(to, ",\"transit\":%u,\"peers\":%u}", n->transit, n->peers);
    }
    buf_char(to, ']');
}

static void
put_islands(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    buf_text(to, ",\"islands\":[");
    for (uint32_t i = 0; i < f->islands; i++) {
        const struct survey_island *is = &f->island[i];

        buf_printf(to, "%s{\"networks\":%u,\"addresses\":%llu,\"members\":[", i > 0 ? "," : "",
                   is->networks, (unsigned long long)is->addresses);
        for (uint32_t k = 0; k < is->members; k++) {
            buf_text(to, k > 0 ? "," : "");
            put_network(s, "", is->member[k], to);
            buf_char(to, '}');
        }
        buf_text(to, "]}");
    }
    buf_char(to, ']');
}

static void
put_stranded(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    buf_printf(to, ",\"stranded_count\":%u,\"stranded\":[", f->cut.stranded_count);
    for (uint32_t i = 0; i < f->cut.stranded_count && i < SURVEY_STRANDED; i++) {
        buf_text(to, i > 0 ? "," : "");
        put_network(s, "", f->cut.stranded[i], to);
        buf_char(to, '}');
    }
    buf_char(to, ']');
}

static void
put_failures(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    buf_text(to, ",\"critical\":[");
    for (uint32_t i = 0; i < f->failures; i++) {
        const struct survey_failure *x = &f->failure[i];
        bool link = x->carrier != TOPOLOGY_NONE;

        buf_text(to, i > 0 ? "," : "");
        put_network(s, link ? "\"kind\":\"link\"," : "\"kind\":\"network\",",
                    link ? x->carrier : x->network, to);
        if (link)
            buf_printf(to, ",\"carries\":%u", s->t->asn[x->network]);
        buf_printf(to, ",\"stranded\":%u,\"stranded_ppm\":%u,\"cure\":%u}", x->stranded,
                   ppm(x->stranded, f->cut.before.networks), x->cure);
    }
    buf_char(to, ']');
}

static void
put_links(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    const struct links_plan *p = &f->plan;
    weight reached = p->reached;

    buf_text(to, ",\"links\":[");
    for (uint32_t i = 0; i < p->steps; i++) {
        reached += p->step[i].gain;
        buf_text(to, i > 0 ? ",{\"a\":" : "{\"a\":");
        put_network(s, "", p->step[i].a, to);
        buf_text(to, "},\"b\":");
        put_network(s, "", p->step[i].b, to);
        buf_printf(to, "},\"gain\":%llu,\"share_ppm\":%u}",
                   (unsigned long long)weight_u64(p->step[i].gain), ppm(reached, p->all));
    }
    buf_char(to, ']');
}

void
survey_put_file(const struct survey *s, const struct survey_found *f, struct buf *to)
{
    buf_text(to, "{\"format\":\"detente-cutoff/1\",");
    put_country(to, "country", f->country);
    buf_char(to, ',');
    put_snapshot(s, to);
    buf_printf(to, ",\"networks\":%u,\"world\":%u", f->cut.before.networks, s->t->count);
    put_sources(s, to);
    put_reach(f, to);
    put_neighbours(f, to);
    put_islands(s, f, to);
    put_stranded(s, f, to);
    put_failures(s, f, to);
    put_links(s, f, to);
    buf_text(to, "}\n");
}

/* ---- the world --------------------------------------------------------------------------- */

void
survey_world(const struct survey *s, const struct survey_country *c, uint32_t count,
             uint32_t least, struct buf *to)
{
    buf_text(to, "{\"format\":\"detente-cutoff/1\",");
    put_snapshot(s, to);
    buf_printf(to, ",\"networks\":%u,\"transit_links\":%u,\"peer_links\":%u,", s->t->count,
               s->t->transit_links, s->t->peer_links);
    put_country(to, "home", s->home);
    put_sources(s, to);
    buf_printf(to, ",\"least\":%u", least);
    put_list(to, "neighbours", simulate_usual, SIMULATE_USUAL);
    buf_text(to, ",\"countries\":[");
    for (uint32_t i = 0; i < count; i++) {
        buf_text(to, i > 0 ? "," : "");
        buf_slice(to, buf_get(&c[i].row));
    }
    buf_text(to, "]}\n");
}
