#include "role/incident_stix.h"

#include <stdio.h>

#include "pact/incident.h"
#include "wire/jcs.h"

#define NAMED_SINCE \
    ((struct utime){INT64_C(1767225600000000)}) /* 2026-01-01, for all parties */

enum { TEXT = 4096, NAME = 640, WHOLE = CASE_JSON * 8 };

struct telling {
    struct emit *e;
    struct slice state;
    enum tlp tlp;
    struct slice pact;
    struct slice incident;
    struct slice notifier;
    struct slice responder;
    struct stix_id by[2]; /* notifier, responder */
    struct stix_id incident_id;
    struct stix_id observed_id; /* "" none */
    struct utime opened;
    struct utime modified;
};

/* ---- reading ----------------------------------------------------------------------------- */

static struct slice
plain(struct slice object, const char *name)
{
    struct slice value;
    struct slice text = {"", 0};

    if (jcs_find(object, name, &value) && jcs_plain(value, &text) < 0)
        text = (struct slice){"", 0};
    return text;
}

static struct utime
moment(struct slice object, const char *name)
{
    struct utime t = {0};

    return time_parse(plain(object, name), &t) < 0 ? (struct utime){0} : t;
}

static int64_t
number(struct slice object, const char *name)
{
    struct slice value;
    int64_t n = 0;

    return jcs_find(object, name, &value) && jcs_int(value, &n) == 0 ? n : 0;
}

/* ---- ids --------------------------------------------------------------------------------- */

static struct slice
id_of(const struct stix_id *id)
{
    return slice_of(id->text);
}

static struct stix_id
name_of(const struct telling *t, const char *type, const char *what)
{
    char name[NAME];

    (void)snprintf(name, sizeof name, "%.*s/%.*s%s%s", (int)t->pact.len, t->pact.ptr,
                   (int)t->incident.len, t->incident.ptr, what[0] == '\0' ? "" : "/", what);
    return stix_id_named(slice_of(type), slice_of(name));
}

static struct emit_common
common(const struct telling *t, const struct stix_id *id, const struct stix_id *by)
{
    return (struct emit_common){.id = id_of(id),
                                .created_by = id_of(by),
                                .created = t->opened,
                                .modified = t->modified,
                                .marks = {.tlp = t->tlp}};
}

/* ---- objects ----------------------------------------------------------------------------- */

static int
tell_party(struct telling *t, unsigned which, struct slice party)
{
    struct stix_id *id = &t->by[which];
    struct emit_common c = {.created = NAMED_SINCE, .modified = NAMED_SINCE};
    const struct emit_identity i = {.name = party, .class_ = SLICE("organization")};

    *id = stix_id_named(SLICE("identity"), party);
    c.id = id_of(id);
    return emit_identity(t->e, &c, &i);
}

/* What was seen, as one observation: only where the origin is one address. */
static int
tell_observed(struct telling *t)
{
    struct event ev = {.time = moment(t->state, "first")};
    const struct utime until = moment(t->state, "last");
    const struct emit_event o = {.event = &ev, .until = &until, .mask_target = true};
    struct stix_id id = name_of(t, "observed-data", "");
    struct emit_common c = common(t, &id, &t->by[0]);
    struct prefix p;
    int64_t count = number(t->state, "count");

    if (prefix_parse(plain(t->state, "origin"), &p) < 0 || p.len != 128 || ev.time.us == 0)
        return 0;
    ev.time_seen = ev.time;
    ev.origin = p.addr;
    ev.count = count < 1 ? 1 : count > EMIT_MOST_SEEN ? EMIT_MOST_SEEN : (uint32_t)count;
    t->observed_id = id;
    return emit_event(t->e, &c, &o);
}

static enum emit_determination
determined(const struct telling *t)
{
    struct slice finding = plain(t->state, "finding");
    struct slice result = plain(t->state, "result");

    if (slice_is(finding, "false-positive") || slice_is(result, "withdrawn"))
        return DETERMINED_FALSE_POSITIVE;
    return slice_is(finding, "benign-authorised") ? DETERMINED_LOW_VALUE : DETERMINED_SUSPECTED;
}

/* RSIT's groups in the words of STIX's incident-type-ov (Incident Core, 2.0). */
static const char *type_of(struct slice class)
{
    static const struct {
        const char *group;
        const char *type;
    } list[] = {{"abusive-content:", "spam"},
                {"malicious-code:", "malware"},
                {"information-gathering:", "scan-probe"},
                {"intrusion-attempts:", "attempted-compromise"},
                {"intrusions:", "compromised-system"},
                {"availability:", "denial-of-service"},
                {"information-content-security:", "data-breach"},
                {"fraud:", "fraud"},
                {"vulnerable:", "vulnerability"}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(slice_sub(class, 0, strlen(list[i].group)), list[i].group))
            return list[i].type;
    }
    return "other";
}

static int
tell_incident(struct telling *t)
{
    struct slice class = plain(t->state, "class");
    struct slice closed = plain(t->state, "closed");
    struct slice state = plain(t->state, "state");
    struct slice type = slice_of(type_of(class));
    struct slice method = SLICE("automated-tool");
    char text[TEXT];
    const struct slice labels[] = {class, plain(t->state, "obligation"),
                                   plain(t->state, "severity")};
    struct emit_common c = common(t, &t->incident_id, &t->by[0]);
    struct emit_incident i = {.name = t->incident,
                              .determination = determined(t),
                              .types = {&type, 1},
                              .detection_methods = {&method, 1}};

    (void)snprintf(text, sizeof text,
                   "%lld events of class %.*s from the origin network %.*s to %.*s's declared "
                   "space; the state is %.*s. This says where packets came from, not who sent "
                   "them.",
                   (long long)number(t->state, "count"), (int)class.len, class.ptr,
                   (int)plain(t->state, "origin").len, plain(t->state, "origin").ptr,
                   (int)t->notifier.len, t->notifier.ptr, (int)state.len, state.ptr);
    i.description = slice_of(text);
    i.investigation = closed.len > 0                ? INVESTIGATION_CLOSED
                      : slice_is(state, "NOTIFIED") ? INVESTIGATION_NEW
                                                    : INVESTIGATION_OPEN;
    c.labels = (struct emit_list){labels, labels[0].len == 0 ? 0 : 3};
    for (unsigned k = 0; k < 3; k++)
        c.labels.count = labels[k].len == 0 ? 0 : c.labels.count;
    return emit_incident(t->e, &c, &i);
}

static int
tell_sighting(struct telling *t)
{
    struct stix_id id = name_of(t, "sighting", "");
    struct emit_common c = common(t, &id, &t->by[0]);
    struct utime first = moment(t->state, "first");
    struct utime last = moment(t->state, "last");
    int64_t count = number(t->state, "count");
    uint32_t times =
        count > EMIT_MOST_SEEN ? EMIT_MOST_SEEN : (uint32_t)(count < 0 ? 0 : count);
    struct slice observed = id_of(&t->observed_id);
    struct slice by = id_of(&t->by[0]);
    const struct emit_sighting s = {.of = id_of(&t->incident_id),
                                    .count = &times,
                                    .first = first.us > 0 ? &first : NULL,
                                    .last = last.us > 0 ? &last : NULL,
                                    .observed = {&observed, observed.len > 0},
                                    .sighted_by = {&by, 1}};

    return emit_sighting(t->e, &c, &s);
}

/* ---- what was said ----------------------------------------------------------------------- */

static enum emit_agreement
agreement(struct slice finding)
{
    enum incident_finding f = incident_finding_find(finding);

    if (f == FINDING_CORROBORATED)
        return OPINION_AGREE;
    if (f == FINDING_FALSE_POSITIVE || f == FINDING_NOT_OUR_SPACE)
        return OPINION_STRONGLY_DISAGREE;
    return f == FINDING_SPOOFED || f == FINDING_BENIGN_AUTHORISED ? OPINION_DISAGREE
                                                                  : OPINION_NEUTRAL;
}

static int
tell_opinion(struct telling *t, const struct emit_common *c, enum emit_agreement a,
             struct slice words)
{
    struct slice of = id_of(&t->incident_id);
    const struct emit_opinion o = {.opinion = a, .explanation = words, .objects = {&of, 1}};

    return emit_opinion(t->e, c, &o);
}

static int
tell_note(struct telling *t, const struct emit_common *c, struct slice words)
{
    struct slice of = id_of(&t->incident_id);
    const struct emit_note n = {
        .abstract = SLICE("what was done"), .content = words, .objects = {&of, 1}};

    return emit_note(t->e, c, &n);
}

static int
tell_message(struct telling *t, struct slice m)
{
    struct slice type = plain(m, "type");
    struct slice id = plain(m, "id");
    struct slice from = plain(m, "from");
    struct slice body = {"", 0};
    struct slice word;
    struct emit_common c;
    struct stix_id own;
    char words[TEXT];
    char key[128];
    bool answer = slice_is(type, "answer");
    bool dispute = slice_is(type, "dispute");

    if ((!answer && !dispute && !slice_is(type, "action")) || plain(m, "passed_over").len > 0 ||
        !jcs_find(m, "body", &body))
        return 0;
    (void)snprintf(key, sizeof key, "%.*s", (int)slice_cut(id, 100).len, id.ptr);
    own = name_of(t, answer || dispute ? "opinion" : "note", key);
    c = common(t, &own, &t->by[slice_eq(from, t->notifier) ? 0 : 1]);
    c.created = c.modified = moment(m, "at");
    word = plain(body, answer ? "finding" : "action");
    (void)snprintf(words, sizeof words, "%.*s%s%.*s", (int)word.len, word.ptr,
                   word.len > 0 && plain(body, "reason").len > 0 ? ": " : "",
                   (int)slice_cut(plain(body, "reason"), TEXT / 2).len,
                   plain(body, "reason").ptr);
    if (words[0] == '\0')
        (void)snprintf(words, sizeof words, "%.*s", (int)type.len, type.ptr);
    if (answer || dispute)
        return tell_opinion(t, &c, dispute ? OPINION_DISAGREE : agreement(word),
                            slice_of(words));
    return tell_note(t, &c, slice_of(words));
}

static int
tell_conversation(struct telling *t)
{
    struct slice list;
    struct slice m;
    struct jcs_iter it;
    int r = 0;

    if (!jcs_find(t->state, "conversation", &list))
        return 0;
    it = jcs_iter(list);
    while (r == 0 && jcs_item(&it, &m))
        r = tell_message(t, m);
    return r;
}

/* The newest message's time: that is when it became what it is. */
static struct utime
last_said(const struct telling *t)
{
    struct utime newest = t->opened;
    struct slice list;
    struct slice m;
    struct jcs_iter it;

    if (!jcs_find(t->state, "conversation", &list))
        return newest;
    it = jcs_iter(list);
    while (jcs_item(&it, &m)) {
        struct utime at = moment(m, "at");

        newest = at.us > newest.us ? at : newest;
    }
    return newest;
}

int
incident_stix(struct emit *e, struct slice state, enum tlp tlp)
{
    struct telling t = {.e = e,
                        .state = state,
                        .tlp = tlp,
                        .pact = plain(state, "pact"),
                        .incident = plain(state, "incident"),
                        .notifier = plain(state, "notifier"),
                        .responder = plain(state, "responder"),
                        .opened = moment(state, "opened")};
    int r;

    if (t.pact.len == 0 || t.incident.len == 0 || t.notifier.len == 0 || t.opened.us == 0)
        return ERR_INVALID;
    t.modified = last_said(&t);
    t.incident_id = name_of(&t, "incident", "");
    r = tell_party(&t, 0, t.notifier);
    if (r == 0)
        r = tell_party(&t, 1, t.responder);
    if (r == 0)
        r = tell_observed(&t);
    if (r == 0)
        r = tell_incident(&t);
    if (r == 0)
        r = tell_sighting(&t);
    return r < 0 ? r : tell_conversation(&t);
}

int
incident_stix_of(struct case_shown *x, const struct case_name *name, struct emit *e,
                 enum tlp tlp)
{
    const struct store_incident i = {.pact = slice_of(name->pact),
                                     .name = slice_of(name->name)};
    AUTO_BUF(json, WHOLE);
    AUTO_BUF(state, WHOLE);
    int r;

    x->whole = true;
    r = case_state(x, &i, &json);
    if (r < 0)
        return r;
    if (jcs_canonical(buf_get(&json), &state, NULL) != JCS_OK)
        return ERR_INVALID;
    return incident_stix(e, buf_get(&state), tlp);
}
