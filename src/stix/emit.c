#include "stix/emit.h"

#include "stix/emit_priv.h"
#include "stix/object.h"

/* ---- bundles -------------------------------------------------------------------------------
 */

int
emit_bundle_open(struct emit *e, struct slice id)
{
    if (!stix_is_id(id, SLICE("bundle")))
        return err_set(e->ei, ERR_INVALID, "`id` is no id of a bundle");
    buf_text(e->out, "{\"id\":");
    buf_json(e->out, id);
    e->count = 0;
    e->bundled = true;
    return buf_error(e->out);
}

/* One of nothing has no `objects`, as no list is empty. */
int
emit_bundle_close(struct emit *e)
{
    buf_text(e->out, e->count > 0 ? "],\"type\":\"bundle\"}" : ",\"type\":\"bundle\"}");
    e->bundled = false;
    return buf_error(e->out);
}

/* ---- parties and marks ---------------------------------------------------------------------
 */

int
emit_identity(struct emit *e, const struct emit_common *c, const struct emit_identity *i)
{
    struct made m = {.e = e};
    const char *key = c->id.len < EMIT_SEEN_KEY ? NULL : c->id.ptr + c->id.len - EMIT_SEEN_KEY;
    int added = 1;

    if (e->seen != NULL && key != NULL && map_put(e->seen, key, &added) >= 0 && added == 0)
        return 0;
    made_common(&m, "identity", c);
    made_text(&m, "name", i->name, NEEDED);
    made_text(&m, "description", i->description, OPTIONAL);
    made_text(&m, "identity_class", i->class_, OPTIONAL);
    made_texts(&m, "sectors", i->sectors);
    made_texts(&m, "roles", i->roles);
    made_text(&m, "contact_information", i->contact, OPTIONAL);
    return made_write(&m);
}

/* `{"NAME":inner}` with a property-extension in it. */
static void
made_extension(struct made *m, struct buf *b, const char *name, struct made *inner)
{
    made_text(inner, "extension_type", SLICE("property-extension"), NEEDED);
    buf_printf(b, "{\"%s\":", name);
    made_put(inner, b);
    buf_char(b, '}');
    if (m->error == 0)
        m->error = inner->error != 0 ? inner->error : buf_error(b);
    made_raw(m, "extensions", buf_get(b));
}

int
emit_tlp(struct emit *e, enum tlp tlp)
{
    static const struct utime published = {1664582400000000}; /* 2022-10-01 */
    static const char *const value[TLPS] = {"",      "clear",        "green",
                                            "amber", "amber+strict", "red"};
    struct made m = {.e = e};
    struct made inner = {.e = e};
    AUTO_BUF(b, 1024);

    made_text(&m, "type", SLICE("marking-definition"), NEEDED);
    made_text(&m, "spec_version", SLICE("2.1"), NEEDED);
    made_ref(&m, "id", slice_of(tlp_id(tlp)), "marking-definition", NEEDED);
    made_millis(&m, "created", published);
    made_text(&m, "name", slice_of(tlp_name(tlp)), NEEDED);
    made_text(&inner, "tlp_2_0", slice_of(value[tlp]), NEEDED);
    made_extension(&m, &b, TLP_EXTENSION, &inner);
    return made_write(&m);
}

/* ---- observables ---------------------------------------------------------------------------
 */

static const char *
seen_key(const struct stix_id *id)
{
    return id->text + id->len - EMIT_SEEN_KEY;
}

/* ret may be NULL. */
static bool
is_seen(const struct emit *e, const struct stix_id *id, struct stix_id *ret)
{
    if (ret != NULL)
        *ret = *id;
    return e->seen != NULL && map_find(e->seen, seen_key(id)) != MAP_NONE;
}

static int
write_observable(struct made *m, const struct stix_id *id)
{
    int added;
    int r = made_write(m);

    /* Where the map is full, some are written again, which is no fault. */
    if (r == 0 && m->e->seen != NULL)
        (void)map_put(m->e->seen, seen_key(id), &added);
    return r;
}

int
emit_addr(struct emit *e, const struct addr *a, struct emit_list belongs_to,
          const struct emit_marks *m, struct stix_id *ret)
{
    struct made o = {.e = e};
    struct stix_id id = sco_id_addr(a);
    char text[ADDR_TEXT];
    size_t n = addr_format(a, text);

    if (is_seen(e, &id, ret))
        return 0;
    made_observable(&o, &id, m);
    made_text(&o, "value", (struct slice){text, n}, NEEDED);
    made_refs(&o, "belongs_to_refs", belongs_to, "autonomous-system", OPTIONAL);
    return write_observable(&o, &id);
}

int
emit_as(struct emit *e, uint32_t number, struct slice name, const struct emit_marks *m,
        struct stix_id *ret)
{
    struct made o = {.e = e};
    struct stix_id id = sco_id_as(number);

    if (is_seen(e, &id, ret))
        return 0;
    made_observable(&o, &id, m);
    made_number(&o, "number", number);
    made_text(&o, "name", name, OPTIONAL);
    return write_observable(&o, &id);
}

static void
made_traffic(struct made *o, const struct sco_traffic *t)
{
    static const char sides[] = "ipv4-addr ipv6-addr mac-addr domain-name";

    made_texts(o, "protocols", (struct emit_list){t->protocols, t->protocol_count});
    if (t->protocol_count == 0 || t->protocol_count > SCO_PROTOCOLS)
        (void)made_wrong(o, "protocols", "is needed, and no more than 16 of them");
    made_ref(o, "src_ref", t->src, sides, OPTIONAL);
    made_ref(o, "dst_ref", t->dst, sides, OPTIONAL);
    if (t->src.len == 0 && t->dst.len == 0)
        (void)made_wrong(o, "src_ref", "or `dst_ref` is needed");
    if (t->has_src_port)
        made_number(o, "src_port", t->src_port);
    if (t->has_dst_port)
        made_number(o, "dst_port", t->dst_port);
    if (t->start != NULL)
        made_time(o, "start", *t->start);
    if (t->end != NULL)
        made_time(o, "end", *t->end);
    if (t->start != NULL && t->end != NULL && t->end->us < t->start->us)
        (void)made_wrong(o, "end", "lies before `start`");
}

int
emit_traffic(struct emit *e, const struct sco_traffic *t, const struct emit_marks *m,
             struct stix_id *ret)
{
    struct made o = {.e = e};
    struct stix_id id;
    int r;

    made_traffic(&o, t);
    if (o.error != 0)
        return o.error;
    r = sco_id_traffic(t, &id);
    if (r < 0 || is_seen(e, &id, ret))
        return r;
    made_observable(&o, &id, m);
    return write_observable(&o, &id);
}

/* ---- what was seen -------------------------------------------------------------------------
 */

/* As the registry of IANA has them in small letters; "" for one that has no name here. */
static struct slice
protocol_name(uint8_t number)
{
    static const struct {
        uint8_t number;
        const char *name;
    } names[] = {{1, "icmp"},  {2, "igmp"},   {6, "tcp"},      {17, "udp"},       {33, "dccp"},
                 {47, "gre"},  {50, "esp"},   {51, "ah"},      {58, "ipv6-icmp"}, {89, "ospf"},
                 {103, "pim"}, {132, "sctp"}, {136, "udplite"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == number)
            return slice_of(names[i].name);
    }
    return (struct slice){"", 0};
}

/* Ids of what an observed-data names. */
struct seen_objects {
    struct stix_id id[5];
    struct slice ref[5];
    unsigned count;
};

static struct stix_id *
next_object(struct seen_objects *s)
{
    return &s->id[s->count++];
}

/* An address and its network; *ret its id. */
static int
emit_side(struct emit *e, const struct addr *a, uint32_t asn, const struct emit_marks *m,
          struct seen_objects *to, struct slice *ret)
{
    struct emit_list belongs_to = {NULL, 0};
    struct slice network;
    struct stix_id *id;
    int r = 0;

    if (asn != 0) {
        id = next_object(to);
        r = emit_as(e, asn, SLICE(""), m, id);
        network = stix_id_slice(id);
        belongs_to = (struct emit_list){&network, 1};
    }
    if (r < 0)
        return r;
    id = next_object(to);
    r = emit_addr(e, a, belongs_to, m, id);
    *ret = stix_id_slice(id);
    return r;
}

static int
emit_observables(struct emit *e, const struct emit_event *o, const struct emit_marks *m,
                 struct seen_objects *to)
{
    const struct event *v = o->event;
    struct slice protocols[2] = {addr_is_v4(&v->origin) ? SLICE("ipv4") : SLICE("ipv6"),
                                 protocol_name(v->protocol)};
    struct sco_traffic t = {.protocols = protocols,
                            .protocol_count = 1 + (protocols[1].len > 0),
                            .has_src_port = v->origin_port != 0,
                            .has_dst_port = v->target_port != 0,
                            .src_port = v->origin_port,
                            .dst_port = v->target_port};
    int r = emit_side(e, &v->origin, v->origin_asn, m, to, &t.src);

    if (r == 0 && !o->mask_target && !addr_is_any(&v->target))
        r = emit_side(e, &v->target, v->target_asn, m, to, &t.dst);
    if (r == 0)
        r = emit_traffic(e, &t, m, next_object(to));
    return r;
}

/* Both sides may be one address, or in one network: each is named once. */
static struct emit_list
refs_of(struct seen_objects *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->count; i++) {
        unsigned k = 0;

        while (k < n && !slice_eq(s->ref[k], stix_id_slice(&s->id[i])))
            k++;
        if (k == n)
            s->ref[n++] = stix_id_slice(&s->id[i]);
    }
    return (struct emit_list){s->ref, n};
}

int
emit_event(struct emit *e, const struct emit_common *c, const struct emit_event *o)
{
    struct made m = {.e = e};
    struct seen_objects objects = {.count = 0};
    struct utime first = event_when(o->event);
    struct utime last = o->until != NULL && o->until->us > first.us ? *o->until : first;
    size_t before = e->out->len;
    unsigned count = e->count;
    uint32_t n = o->event->count;
    int r;

    made_common(&m, "observed-data", c);
    made_time(&m, "first_observed", first);
    made_time(&m, "last_observed", last);
    made_number(&m, "number_observed", n == 0 ? 1 : n > EMIT_MOST_SEEN ? EMIT_MOST_SEEN : n);
    if (addr_is_any(&o->event->origin))
        (void)made_wrong(&m, "origin", "is needed");
    if (m.error != 0)
        return m.error;
    r = emit_observables(e, o, &c->marks, &objects);
    if (r == 0) {
        made_refs(&m, "object_refs", refs_of(&objects), "", NEEDED);
        r = made_write(&m);
    }
    if (r < 0) {
        e->out->len = before;
        e->count = count;
    }
    return r;
}

/* ---- what is said of it --------------------------------------------------------------------
 */

int
emit_incident(struct emit *e, const struct emit_common *c, const struct emit_incident *i)
{
    static const char *const determinations[] = {"suspected",      "blocked",
                                                 "failed-attempt", "successful-attempt",
                                                 "low-value",      "false-positive"};
    static const char *const investigations[] = {"new", "open", "closed"};
    struct made m = {.e = e};
    struct made inner = {.e = e};
    AUTO_BUF(b, (size_t)1 << 28);

    made_common(&m, "incident", c);
    made_text(&m, "name", i->name, NEEDED);
    made_text(&m, "description", i->description, OPTIONAL);
    inner.error = m.error; /* the first fault is the one that is told */
    made_text(&inner, "determination", slice_of(determinations[i->determination]), NEEDED);
    made_text(&inner, "investigation_status", slice_of(investigations[i->investigation]),
              NEEDED);
    made_texts(&inner, "incident_types", i->types);
    made_texts(&inner, "detection_methods", i->detection_methods);
    made_extension(&m, &b, "extension-definition--ef765651-680c-498d-9894-99799f2fa126",
                   &inner);
    return made_write(&m);
}

int
emit_sighting(struct emit *e, const struct emit_common *c, const struct emit_sighting *s)
{
    /* 5.2.1: any domain object; but not campaign, intrusion-set and threat-actor, see emit.h.
     */
    static const char seen[] =
        "attack-pattern course-of-action grouping identity incident indicator infrastructure "
        "location malware malware-analysis note observed-data opinion report tool "
        "vulnerability";
    struct made m = {.e = e};

    made_common(&m, "sighting", c);
    made_ref(&m, "sighting_of_ref", s->of, seen, NEEDED);
    made_text(&m, "description", s->description, OPTIONAL);
    if (s->count != NULL)
        made_number(&m, "count", *s->count);
    if (s->count != NULL && *s->count > EMIT_MOST_SEEN)
        (void)made_wrong(&m, "count", "is above 999999999");
    if (s->first != NULL)
        made_time(&m, "first_seen", *s->first);
    if (s->last != NULL)
        made_time(&m, "last_seen", *s->last);
    if (s->first != NULL && s->last != NULL && s->last->us < s->first->us)
        (void)made_wrong(&m, "last_seen", "lies before `first_seen`");
    made_refs(&m, "observed_data_refs", s->observed, "observed-data", OPTIONAL);
    made_refs(&m, "where_sighted_refs", s->sighted_by, "identity location", OPTIONAL);
    made_true(&m, "summary", s->summary);
    return made_write(&m);
}

int
emit_opinion(struct emit *e, const struct emit_common *c, const struct emit_opinion *o)
{
    static const char *const steps[] = {"strongly-disagree", "disagree", "neutral", "agree",
                                        "strongly-agree"};
    struct made m = {.e = e};

    made_common(&m, "opinion", c);
    made_text(&m, "opinion", slice_of(steps[o->opinion]), NEEDED);
    made_text(&m, "explanation", o->explanation, OPTIONAL);
    made_texts(&m, "authors", o->authors);
    made_refs(&m, "object_refs", o->objects, "", NEEDED);
    return made_write(&m);
}

int
emit_note(struct emit *e, const struct emit_common *c, const struct emit_note *n)
{
    struct made m = {.e = e};

    made_common(&m, "note", c);
    made_text(&m, "abstract", n->abstract, OPTIONAL);
    made_text(&m, "content", n->content, NEEDED);
    made_texts(&m, "authors", n->authors);
    made_refs(&m, "object_refs", n->objects, "", NEEDED);
    return made_write(&m);
}
