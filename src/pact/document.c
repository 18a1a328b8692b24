/* The pact's keys, in the order in which they stand in one. */
#include <stdlib.h>
#include <string.h>

#include "model/event.h"
#include "model/text.h"
#include "pact/read_priv.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as the tables */

enum { ARENA = YAML_ARENA + (4 << 20), DAY = 86400, MONTH = 30 * DAY, YEAR = 365 * DAY };

/* ---- forms ------------------------------------------------------------------------------ */

static bool
is_day(struct slice s)
{
    struct utime t;

    return s.len == 10 && time_parse_human(s, (struct utime){0}, &t) == 0 && s.ptr[4] == '-' &&
           s.ptr[7] == '-';
}

static bool
is_hash(struct slice s)
{
    if (s.len != 64)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!(s.ptr[i] >= '0' && s.ptr[i] <= '9') && !(s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))
            return false;
    }
    return true;
}

static bool
is_vkey(struct slice s)
{
    struct vkey key;

    return vkey_parse(s, &key) == 0;
}

static bool
is_country(struct slice s)
{
    return country_parse(s) != 0;
}

/* A class, or a whole group of them. */
static bool
is_class_or_group(struct slice s)
{
    return text_is_class(s) || text_is_name(s);
}

static bool
is_class_or_all(struct slice s)
{
    return slice_is(s, "*") || text_is_class(s);
}

static bool
is_target(struct slice s)
{
    return s.len > 10 && slice_is(slice_sub(s, 0, 10), "protected:") &&
           text_is_name(slice_sub(s, 10, s.len));
}

static bool
is_any(struct slice s)
{
    return s.len > 0;
}

/* ---- words ------------------------------------------------------------------------------ */

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const kinds[PACT_KINDS + 1] = {
    "refrain",  "respond", "notify",  "contact", "visibility",
    "preserve", "protect", "consult", "hygiene", NULL};
static const char *const findings[] = {
#define FINDING(id, name) (name),
#include "pact/incident.def"
    NULL};
static const char *const actions[] = {
#define ACTION(id, name) (name),
#include "pact/incident.def"
    NULL};
static const char *const reasons[] = {
#define FINDING(id, name) (name),
#define ACTION(id, name)  (name),
#include "pact/incident.def"
    NULL};
static const char *const grades[] = {"O0", "O1", "O2", "O3", "O4", NULL};
static const char *const tlps[] = {"TLP:CLEAR",        "TLP:GREEN", "TLP:AMBER",
                                   "TLP:AMBER+STRICT", "TLP:RED",   NULL};

const char *
pact_kind_name(enum pact_kind k)
{
    return kinds[k];
}

/* ---- rows ------------------------------------------------------------------------------- */

#define AT(holder, member) offsetof(struct holder, member)
#define END          \
    {                \
        .name = NULL \
    }
#define TEXT(key, holder, member, need, max)                                       \
    {                                                                              \
        .name = (key), .type = F_TEXT, .at = AT(holder, member), .needed = (need), \
        .least = (need), .most = (max)                                             \
    }
#define WORD(key, holder, member, need, list)                                                  \
    {                                                                                          \
        .name = (key), .type = F_WORD, .at = AT(holder, member), .needed = (need), .least = 1, \
        .words = (list)                                                                        \
    }
#define FORM(key, holder, member, need, must, is, text)                            \
    {                                                                              \
        .name = (key), .type = F_FORM, .at = AT(holder, member), .needed = (need), \
        .least = (must), .form = (is), .what = (text)                              \
    }
#define SPAN(key, holder, member, need, min, max)                                  \
    {                                                                              \
        .name = (key), .type = F_SPAN, .at = AT(holder, member), .needed = (need), \
        .least = (min), .most = (max)                                              \
    }
#define INT(key, holder, member, need, min, max)                                  \
    {                                                                             \
        .name = (key), .type = F_INT, .at = AT(holder, member), .needed = (need), \
        .least = (min), .most = (max)                                             \
    }
#define PERCENT(key, holder, member, need)                                           \
    {                                                                                \
        .name = (key), .type = F_PERCENT, .at = AT(holder, member), .needed = (need) \
    }
#define TEXTS(key, holder, member, need, min, max, is, list, text)                   \
    {                                                                                \
        .name = (key), .type = F_TEXTS, .at = AT(holder, member), .needed = (need),  \
        .least = (min), .most = (max), .form = (is), .words = (list), .what = (text) \
    }
#define PREFIXES(key, holder, member)                                                      \
    {                                                                                      \
        .name = (key), .type = F_PREFIXES, .at = AT(holder, member), .most = PACT_PREFIXES \
    }
#define SELF(key, f, need)                                           \
    {                                                                \
        .name = (key), .type = F_SELF, .needed = (need), .take = (f) \
    }
#define MAP(key, table, need)                                          \
    {                                                                  \
        .name = (key), .type = F_MAP, .needed = (need), .map = (table) \
    }

#define A_PARTY "a party's name: 2 to 32 of a-z 0-9, words joined by single hyphens"
#define A_NAME  "a name: a-z 0-9, words joined by single hyphens, at most 64"
#define A_CLASS "a class of the taxonomy, as intrusion-attempts:exploit"
#define A_VKEY  "a verifier key, as `detente log key` prints one"
#define A_DAY   "a day, as 2026-01-15"

static const struct field validity[] = {
    FORM("signed_on", pact, signed_on, true, 1, is_day, A_DAY),
    {.name = "in_force_from", .type = F_TIME, .at = AT(pact, from), .needed = true, .least = 1},
    {.name = "in_force_until", .type = F_TIME, .at = AT(pact, until)},
    SPAN("denunciation", pact, denunciation, true, DAY, 10LL * YEAR),
    TEXTS("survives", pact, survives, false, 0, PACT_LIST, text_is_name, NULL, A_NAME),
    END};

static const struct field scope[] = {
    WORD("covers", pact, covers, true, WORDS("attack technology")),
    TEXT("taxonomy", pact, taxonomy, true, 64),
    TEXTS("classes", pact, classes, true, 1, PACT_CLASSES, text_is_class, NULL, A_CLASS),
    TEXTS("never", pact, never, false, 0, PACT_LIST, is_class_or_group, NULL,
          "a class or a group of the taxonomy"),
    TEXT("statement", pact, statement, false, 4000),
    WORD("third_parties", pact, third_parties, true, WORDS("statistics-only", "none")),
    END};

static const struct field party_fields[] = {
    FORM("id", pact_party, id, true, 1, text_is_party, A_PARTY),
    TEXT("name", pact_party, name, true, 256),
    TEXT("role", pact_party, role, true, 64),
    TEXTS("countries", pact_party, countries, false, 0, PACT_LIST, is_country, NULL,
          "countries: two capital letters each"),
    FORM("key", pact_party, key_text, true, 0, is_vkey, A_VKEY),
    FORM("log_origin", pact_party, log_origin, true, 1, text_is_origin,
         "a log's origin: a host name, a slash and a path"),
    TEXT("annex", pact_party, annex, false, 256),
    END};

static const struct field witness_fields[] = {
    FORM("cosign", pact_witness, cosign, true, 1, is_vkey, A_VKEY),
    FORM("message", pact_witness, message, true, 1, is_vkey, A_VKEY), END};

static int
take_parties(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact *p = base;
    void *at = NULL;
    int e = read_maps(r, party_fields, n, sizeof *p->party, AT(pact_party, line), PACT_PARTIES,
                      &at, &p->parties);

    p->party = at;
    return e;
}

static int
take_witnesses(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact *p = base;
    void *at = NULL;
    int e = read_maps(r, witness_fields, n, sizeof *p->witness, SIZE_MAX, PACT_WITNESSES, &at,
                      &p->witnesses);

    p->witness = at;
    return e;
}

static const struct field time_fields[] = {
    SPAN("clock_skew_max", pact, clock_skew_max, true, 1, DAY),
    WORD("clock_starts", pact, clock_starts, true, WORDS("receipt")),
    SPAN("undelivered_after", pact, undelivered_after, true, 60, MONTH), END};

static const struct field log_fields[] = {
    SPAN("checkpoint_every", pact, checkpoint_every, true, 1, DAY),
    SPAN("witness_within", pact, witness_within, true, 1, MONTH),
    SPAN("evidence_waits", pact, evidence_waits, true, 0, MONTH),
    SELF("further_witnesses", take_witnesses, false), END};

static const struct field visibility[] = {
    SPAN("heartbeat_every", pact, heartbeat_every, true, 1, DAY),
    SPAN("sensor_late_after", pact, sensor_late_after, true, 1, DAY),
    PERCENT("max_drop_percent", pact, max_drop_ppm, true),
    PERCENT("min_coverage_percent", pact, min_coverage_ppm, true),
    INT("canaries_per_sensor_per_day", pact, canaries_per_day, true, 0, 100000),
    SPAN("canary_window", pact, canary_window, true, DAY, YEAR),
    PERCENT("min_canary_recall_percent", pact, min_recall_ppm, true),
    WORD("cross_canaries", pact, cross_canaries, true, WORDS("off", "by-consent")),
    INT("cross_canary_max_per_day", pact, cross_canary_max, false, 0, 100000),
    END};

static const struct field aggregation[] = {
    TEXTS("key", pact, key, true, 1, 3, NULL, WORDS("class", "origin-prefix", "target-party"),
          NULL),
    INT("origin_v4", pact, origin_v4, true, 8, 32),
    INT("origin_v6", pact, origin_v6, true, 19, 128),
    SPAN("gap", pact, gap, true, 60, YEAR),
    SPAN("reopen_within", pact, reopen_within, true, 0, 10LL * YEAR),
    END};

#define DUE(key, which) SPAN(key, pact_severity, times.due[which], true, 60, 10LL * YEAR)
static const struct field severity_fields[] = {
    FORM("id", pact_severity, id, true, 1, text_is_name, A_NAME),
    DUE("receipt", DUE_RECEIPT),
    DUE("acknowledge", DUE_ACKNOWLEDGE),
    DUE("answer", DUE_ANSWER),
    DUE("act", DUE_ACT),
    SPAN("quiet_for", pact_severity, times.quiet_for, true, 10, 10LL * YEAR),
    DUE("evidence", DUE_EVIDENCE),
    DUE("confirm", DUE_CONFIRM),
    SPAN("escalate_after", pact_severity, times.escalate_after, true, 60, 10LL * YEAR),
    END};

static int
take_severities(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact *p = base;
    void *at = NULL;
    int e = read_maps(r, severity_fields, n, sizeof *p->severity, AT(pact_severity, line),
                      PACT_SEVERITIES, &at, &p->severities);

    p->severity = at;
    return e;
}

/* ---- obligations ------------------------------------------------------------------------ */

static int
take_kind(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact_obligation *o = base;
    const char *near;

    for (unsigned k = 0; n->kind == YAML_SCALAR && k < PACT_KINDS; k++) {
        if (slice_is(n->text, kinds[k])) {
            o->kind = (enum pact_kind)k;
            return 0;
        }
    }
    near = n->kind == YAML_SCALAR ? yaml_nearest(n->text.ptr, kinds, PACT_KINDS) : NULL;
    return near == NULL ? read_refuse(r, n,
                                      "`kind` takes refrain, respond, notify, contact, "
                                      "visibility, preserve, protect, consult or hygiene")
                        : read_refuse(r, n, "`kind` takes no \"%.40s\" (did you mean \"%s\"?)",
                                      n->text.ptr, near);
}

static int
take_grade(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact_obligation *o = base;

    for (int g = 0; n->kind == YAML_SCALAR && grades[g] != NULL; g++) {
        if (slice_is(n->text, grades[g])) {
            o->grade_min = g;
            return 0;
        }
    }
    return read_refuse(r, n, "`origin_grade_min` takes O0 to O4");
}

static const struct field threshold_fields[] = {
    INT("events", pact_obligation, threshold.events, false, 1, 1000000000),
    INT("targets", pact_obligation, threshold.targets, false, 1, 1000000),
    INT("sensors", pact_obligation, threshold.sensors, false, 1, 10000),
    INT("bytes_per_s", pact_obligation, threshold.bytes_per_s, false, 1,
        INT64_C(1000000000000)),
    SPAN("window", pact_obligation, threshold.window, false, 1, MONTH),
    SPAN("sustained", pact_obligation, threshold.sustained, false, 1, DAY),
    END};

static int
take_threshold(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact_obligation *o = base;

    o->has_threshold = true;
    return read_map(r, threshold_fields, n, base);
}

static const struct field extension_fields[] = {
    INT("max", pact_obligation, extensions, true, 0, 100),
    SPAN("each", pact_obligation, extension, true, 60, YEAR), END};

static int
take_extensions(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact_obligation *o = base;

    o->has_extensions = true;
    return read_map(r, extension_fields, n, base);
}

/* By its name, which is known by then: `severities` stands in front, or it is looked for. */
static int
take_severity(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact_obligation *o = base;
    const struct pact *p = r->pact;
    const char *names[PACT_SEVERITIES];
    const char *near;

    for (unsigned i = 0; i < p->severities; i++) {
        names[i] = p->severity[i].id;
        if (n->kind == YAML_SCALAR && slice_is(n->text, names[i]))
            o->severity = (int)i + 1; /* 0 is none, until all is read */
    }
    if (o->severity != 0)
        return 0;
    near = n->kind == YAML_SCALAR ? yaml_nearest(n->text.ptr, names, p->severities) : NULL;
    return near == NULL
               ? read_refuse(r, n, "\"%.40s\" is no severity of this pact (`severities`)",
                             n->kind == YAML_SCALAR ? n->text.ptr : "")
               : read_refuse(r, n,
                             "\"%.40s\" is no severity of this pact (did you mean "
                             "\"%s\"?)",
                             n->text.ptr, near);
}

static const struct field obligation_fields[] = {
    FORM("id", pact_obligation, id, true, 1, text_is_name, A_NAME),
    TEXT("article", pact_obligation, article, false, 256),
    SELF("kind", take_kind, true),
    TEXT("text", pact_obligation, text, true, 4000),
    TEXTS("classes", pact_obligation, classes, false, 1, PACT_CLASSES, is_class_or_all, NULL,
          A_CLASS),
    TEXTS("targets", pact_obligation, targets, false, 1, PACT_LIST, is_target, NULL,
          "protected:<label>, as the annexes name them"),
    SELF("severity", take_severity, false),
    SELF("threshold", take_threshold, false),
    SELF("origin_grade_min", take_grade, false),
    WORD("digest", pact_obligation, digest, false, WORDS("daily")),
    TEXTS("answers", pact_obligation, answers, false, 1, PACT_LIST, NULL, findings, NULL),
    TEXTS("actions", pact_obligation, actions, false, 1, PACT_LIST, NULL, actions, NULL),
    TEXTS("reason_required", pact_obligation, reason_required, false, 0, PACT_LIST, NULL,
          reasons, NULL),
    SELF("extensions", take_extensions, false),
    SPAN("within", pact_obligation, within, false, 60, YEAR),
    SPAN("ping_every", pact_obligation, ping_every, false, 60, YEAR),
    SPAN("answer", pact_obligation, answer, false, 60, YEAR),
    SPAN("receipt", pact_obligation, receipt, false, 60, YEAR),
    SPAN("keep_for", pact_obligation, keep_for, false, 60LL * DAY, 100LL * YEAR),
    SPAN("extend_by", pact_obligation, extend_by, false, DAY, 100LL * YEAR),
    TEXTS("refusal_reasons", pact_obligation, refusal_reasons, false, 1, PACT_LIST,
          text_is_name, NULL, A_NAME),
    SPAN("every", pact_obligation, every, false, DAY, 10LL * YEAR),
    SPAN("extra_within", pact_obligation, extra_within, false, 60, YEAR),
    {.name = "self_reported", .type = F_BOOL, .at = AT(pact_obligation, self_reported)},
    SPAN("kev_patch", pact_obligation, kev_patch, false, 60, YEAR),
    PERCENT("roa_coverage_percent", pact_obligation, roa_coverage_ppm, false),
    END};

/* What is to be told is an incident as any other, as mild as the pact knows them unless it says
 * how severe; one event is enough. */
static void
complete_notify(const struct pact *p, struct pact_obligation *o)
{
    o->has_threshold = true;
    o->threshold = (struct pact_threshold){.events = 1, .window = {DAY * TIME_US_PER_S}};
    for (int i = 0; o->severity < 0 && i < (int)p->severities; i++) {
        bool milder = true;

        for (int k = 0; k < (int)p->severities; k++)
            milder &= k == i || pact_strictness(p, i, k) > 0;
        if (milder)
            o->severity = i;
    }
}

static int
take_obligations(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact *p = base;
    struct pact_obligation *at;
    void *made = NULL;
    int e = read_maps(r, obligation_fields, n, sizeof *p->obligation, AT(pact_obligation, line),
                      PACT_OBLIGATIONS, &made, &p->obligations);

    at = made;
    p->obligation = at;
    for (unsigned i = 0; e == 0 && i < p->obligations; i++)
        at[i].severity--;
    for (unsigned i = 0; e == 0 && i < p->obligations; i++) {
        if (pact_watches(&at[i]) && at[i].kind == PACT_NOTIFY)
            complete_notify(p, &at[i]);
    }
    return e;
}

/* ---- exclusions, and what is left -------------------------------------------------------- */

static const struct field match_fields[] = {
    PREFIXES("origin", pact_exclusion, origin), PREFIXES("target", pact_exclusion, target),
    TEXTS("classes", pact_exclusion, classes, false, 1, PACT_CLASSES, text_is_class, NULL,
          A_CLASS),
    WORD("origin_role", pact_exclusion, origin_role, false, WORDS("transit")), END};

static const struct field exclusion_fields[] = {
    FORM("id", pact_exclusion, id, true, 1, text_is_name, A_NAME),
    MAP("match", match_fields, true),
    FORM("until", pact_exclusion, until, false, 0, is_day, A_DAY),
    TEXT("why", pact_exclusion, why, false, 4000), END};

static int
take_exclusions(struct reader *r, const struct yaml_node *n, void *base)
{
    struct pact *p = base;
    void *at = NULL;
    int e = read_maps(r, exclusion_fields, n, sizeof *p->exclusion, AT(pact_exclusion, line),
                      PACT_EXCLUSIONS, &at, &p->exclusions);

    p->exclusion = at;
    return e;
}

static const struct field keep_fields[] = {
    SPAN("events", pact, keep_events, true, DAY, 100LL * YEAR),
    SPAN("evidence", pact, keep_evidence, true, DAY, 100LL * YEAR),
    WORD("log", pact, keep_log, true, WORDS("forever-hashes-only")), END};

static const struct field sharing[] = {
    WORD("tlp_default", pact, tlp_default, true, tlps),
    WORD("tlp_verdicts", pact, tlp_verdicts, true, tlps),
    WORD("tlp_published", pact, tlp_published, true, tlps),
    TEXTS("publish", pact, publish, false, 0, PACT_LIST, NULL,
          WORDS("incident-counts-by-class", "answer-times", "coverage"), NULL),
    WORD("pap_default", pact, pap_default, false,
         WORDS("PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED")),
    WORD("onward_transfer", pact, onward_transfer, true, WORDS("signed-consent", "never")),
    TEXTS("minimise", pact, minimise, false, 0, PACT_LIST, is_any, NULL, NULL),
    MAP("retention", keep_fields, true),
    END};

static const struct field cutoff_fields[] = {
    SPAN("out_of_contact_after", pact, out_of_contact_after, true, 10, YEAR),
    WORD("on_out_of_contact", pact, on_out_of_contact, true, WORDS("suspend-deadlines")),
    SPAN("resume_grace", pact, resume_grace, true, 60, YEAR),
    SPAN("max_suspended", pact, max_suspended, true, 60, 10LL * YEAR),
    WORD("bundles", pact, bundles, true, WORDS("accepted", "refused")),
    END};

static const struct field limit_fields[] = {
    INT("notices_per_day", pact, notices_per_day, true, 1, 1000000),
    INT("open_incidents_per_obligation", pact, open_per_obligation, true, 1, 1000000),
    WORD("severity", pact, severity_rule, true, WORDS("by-obligation")), END};

static const struct field dispute_fields[] = {
    TEXTS("steps", pact, steps, true, 1, PACT_LIST, text_is_name, NULL, A_NAME),
    FORM("observer", pact, observer, false, 0, is_vkey, A_VKEY), END};

static const struct field top[] = {
    WORD("format", pact, format, true, WORDS("detente-pact/1")),
    FORM("name", pact, name, true, 1, text_is_name, A_NAME),
    TEXT("title", pact, title, true, 256),
    INT("version", pact, version, true, 1, 1000000),
    FORM("supersedes", pact, supersedes, true, 0, is_hash,
         "the SHA-256 of the text that this one replaces, 64 hex digits"),
    MAP("validity", validity, true),
    MAP("scope", scope, true),
    SELF("parties", take_parties, true),
    MAP("time", time_fields, true),
    MAP("log", log_fields, true),
    MAP("visibility", visibility, true),
    MAP("aggregation", aggregation, true),
    SELF("severities", take_severities, true),
    SELF("obligations", take_obligations, true),
    SELF("exclusions", take_exclusions, false),
    MAP("sharing", sharing, true),
    MAP("cutoff", cutoff_fields, true),
    MAP("limits", limit_fields, true),
    MAP("dispute", dispute_fields, false),
    END};

/* ---- all of it -------------------------------------------------------------------------- */

struct owner {
    struct pact pact;
    struct arena arena;
};

static void
take_keys(struct pact *p)
{
    for (unsigned i = 0; i < p->parties; i++) {
        struct pact_party *party = (struct pact_party *)(uintptr_t)&p->party[i];

        if (party->key_text[0] == '\0')
            p->draft = true;
        else
            BUG_ON(vkey_parse(slice_of(party->key_text), &party->key) < 0);
    }
}

/* Severities may be named by obligations that stand in front of them. */
static int
read_severities_first(struct reader *r, const struct yaml_node *root)
{
    const struct yaml_node *n = read_find(root, "severities");

    return n == NULL ? 0 : take_severities(r, n, r->pact);
}

int
pact_read(struct slice text, struct pact **ret, pact_warn *warn, void *arg, struct errinfo *ei)
{
    struct owner *o = calloc(1, sizeof *o);
    struct reader r = {.ei = ei, .warn = warn, .warn_arg = arg};
    const struct yaml_node *root;
    int e = o == NULL ? ERR_NOMEM : arena_init(&o->arena, ARENA);

    if (e < 0) {
        free(o);
        return err_set(ei, e, "%s", err_text(e));
    }
    r.arena = &o->arena;
    r.pact = &o->pact;
    o->pact.sha256 = sha256_of(text.ptr, text.len);
    e = read_yaml(&r, text, &root);
    if (e == 0)
        e = read_severities_first(&r, root);
    if (e == 0)
        e = read_map(&r, top, root, &o->pact);
    if (e == 0) {
        take_keys(&o->pact);
        e = pact_check(&r, root);
    }
    if (e < 0) {
        (void)pact_free(&o->pact);
        return e;
    }
    *ret = &o->pact;
    return 0;
}

struct pact *
pact_free(struct pact *p)
{
    struct owner *o = (void *)p; /* the first member */

    if (o != NULL)
        arena_release(&o->arena);
    free(o);
    return NULL;
}
/* NOLINTEND(misc-no-recursion) */

const struct pact_party *
pact_party(const struct pact *p, struct slice id)
{
    for (unsigned i = 0; i < p->parties; i++) {
        if (slice_is(id, p->party[i].id))
            return &p->party[i];
    }
    return NULL;
}

const struct pact_obligation *
pact_obligation(const struct pact *p, struct slice id)
{
    for (unsigned i = 0; i < p->obligations; i++) {
        if (slice_is(id, p->obligation[i].id))
            return &p->obligation[i];
    }
    return NULL;
}

bool
pact_is_any(struct slice class_name)
{
    static const char weak[] = "vulnerable:";

    bool is_weak = class_name.len >= sizeof weak - 1 &&
                   memcmp(class_name.ptr, weak, sizeof weak - 1) == 0 &&
                   !slice_is(class_name, "vulnerable:ddos-amplifier");

    return !is_weak && !slice_is(class_name, "test:test");
}

bool
pact_watches(const struct pact_obligation *o)
{
    return o->kind == PACT_REFRAIN || (o->kind == PACT_NOTIFY && o->classes.count > 0);
}

int
pact_strictness(const struct pact *p, int a, int b)
{
    static const unsigned by[] = {DUE_ACKNOWLEDGE, DUE_ANSWER, DUE_ACT, DUE_RECEIPT};

    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
        int64_t x = p->severity[a].times.due[by[i]].us;
        int64_t y = p->severity[b].times.due[by[i]].us;

        if (x != y)
            return x < y ? -1 : 1;
    }
    return a - b;
}

bool
pact_has_class(const struct pact *p, struct slice name)
{
    for (unsigned i = 0; i < p->classes.count; i++) {
        if (slice_is(name, p->classes.at[i]))
            return true;
    }
    return false;
}

void
pact_terms(const struct pact *p, struct pact_terms *ret)
{
    *ret = (struct pact_terms){.terms = {.severities = p->severities,
                                         .reopen_within = p->reopen_within,
                                         .coverage_ppm = (uint32_t)p->min_coverage_ppm}};
    ret->terms.severity = ret->times;
    for (unsigned i = 0; i < p->severities; i++) {
        ret->times[i] = p->severity[i].times;
        ret->name[i] = p->severity[i].id;
    }
    for (unsigned i = 0; i < p->obligations; i++) {
        const struct pact_obligation *o = &p->obligation[i];

        if (o->kind != PACT_RESPOND)
            continue;
        ret->terms.extensions = (unsigned)o->extensions;
        ret->terms.extension = o->extension;
        for (unsigned k = 0; k < o->reason_required.count; k++) {
            struct slice word = slice_of(o->reason_required.at[k]);
            enum incident_finding f = incident_finding_find(word);
            enum incident_action a = incident_action_find(word);

            ret->terms.finding_reason |= f < FINDINGS ? 1U << f : 0;
            ret->terms.action_reason |= a < ACTIONS ? 1U << a : 0;
        }
    }
}
