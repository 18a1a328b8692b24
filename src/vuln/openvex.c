#include "vuln/openvex.h"

#include <stdlib.h>

#include "wire/walk.h"

static const char *const statuses[OPENVEX_STATUSES] = {"not_affected", "affected", "fixed",
                                                       "under_investigation"};
static const char *const justifications[OPENVEX_JUSTIFICATIONS] = {
    "",
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist"};

const char *
openvex_status_name(enum openvex_status s)
{
    return statuses[s];
}

const char *
openvex_justification_name(enum openvex_justification j)
{
    return justifications[j];
}

bool
openvex_status_parse(struct slice name, enum openvex_status *ret)
{
    for (unsigned i = 0; i < OPENVEX_STATUSES; i++) {
        if (slice_is(name, statuses[i])) {
            *ret = (enum openvex_status)i;
            return true;
        }
    }
    return false;
}

bool
openvex_justification_parse(struct slice name, enum openvex_justification *ret)
{
    for (unsigned i = 1; i < OPENVEX_JUSTIFICATIONS; i++) {
        if (slice_is(name, justifications[i])) {
            *ret = (enum openvex_justification)i;
            return true;
        }
    }
    return false;
}

struct reader { /* too large for a stack */
    struct walk w;
    struct openvex_counts *counts;
    openvex_take *take;
    void *arg;
    struct openvex_head head;
    struct openvex_statement statement;
    struct slice alias[OPENVEX_ALIASES];
    struct openvex_product product[OPENVEX_PRODUCTS];
    struct openvex_component sub[OPENVEX_SUBCOMPONENTS];
    unsigned subs;
};

typedef int member(struct reader *rd, struct slice key, void *arg);
typedef int item(struct reader *rd, void *arg);

static int
members(struct reader *rd, member *each, void *arg)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(&rd->w, '{');

    while (r > 0 && (r = walk_member(&rd->w, &first, &key)) > 0) {
        r = each(rd, key, arg);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
items(struct reader *rd, item *each, void *arg)
{
    bool first = true;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = each(rd, arg);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_name(struct reader *rd, struct slice *ret)
{
    struct walk at = rd->w; /* for the place of what is wrong */
    int r = walk_string(&rd->w, ret);

    return r == 0 && ret->len > OPENVEX_TEXT ? walk_wrong(&at, "is longer than 1024 bytes") : r;
}

static int
read_long(struct reader *rd, struct slice *ret)
{
    int r = walk_string(&rd->w, ret);

    if (ret->len <= OPENVEX_LONG)
        return r;
    *ret = slice_cut(*ret, OPENVEX_LONG);
    rd->counts->cut++;
    return r;
}

static int
read_time(struct reader *rd, struct utime *ret)
{
    struct slice text;
    int r = walk_string(&rd->w, &text);

    if (r == 0 && time_parse_any(text, ret) < 0) {
        ret->us = 0;
        rd->counts->odd_time++;
    }
    return r;
}

/* ---- products ---------------------------------------------------------------------------- */

static bool
is_purl(struct slice s)
{
    return slice_is(slice_sub(s, 0, 4), "pkg:");
}

static int
read_identifier(struct reader *rd, struct slice key, void *arg)
{
    struct openvex_component *c = arg;
    struct slice old = {"", 0};
    int r;

    if (slice_is(key, "purl"))
        return read_name(rd, &c->purl);
    if (slice_is(key, "cpe23"))
        return read_name(rd, &c->cpe);
    if (!slice_is(key, "cpe22"))
        return walk_skip(&rd->w);
    r = read_name(rd, &old);
    if (c->cpe.len == 0)
        c->cpe = old;
    return r;
}

static int
read_component_member(struct reader *rd, struct slice key, void *arg)
{
    struct openvex_component *c = arg;

    return slice_is(key, "@id")           ? read_name(rd, &c->id)
           : slice_is(key, "identifiers") ? members(rd, read_identifier, c)
                                          : walk_skip(&rd->w);
}

static void
settle(struct openvex_component *c)
{
    if (c->purl.len == 0 && is_purl(c->id))
        c->purl = c->id;
}

static bool
is_nameless(const struct openvex_component *c)
{
    return c->id.len == 0 && c->purl.len == 0 && c->cpe.len == 0;
}

/* A product that lost subcomponents would be said to be not affected as a whole. */
struct reading {
    struct openvex_product p;
    bool broken;
};

static int
read_sub(struct reader *rd, void *arg)
{
    struct reading *to = arg;
    struct openvex_component c = {{"", 0}, {"", 0}, {"", 0}};
    int r = walk_peek(&rd->w) == '"' ? read_name(rd, &c.id)
                                     : members(rd, read_component_member, &c);

    if (r < 0)
        return r;
    settle(&c);
    if (!is_nameless(&c) && rd->subs < OPENVEX_SUBCOMPONENTS)
        rd->sub[rd->subs++] = c;
    else
        to->broken = true;
    return 0;
}

static int
read_product_member(struct reader *rd, struct slice key, void *arg)
{
    struct reading *to = arg;

    if (!slice_is(key, "subcomponents"))
        return read_component_member(rd, key, &to->p.is);
    to->broken = walk_peek(&rd->w) != '[';
    return items(rd, read_sub, to);
}

static int
read_product(struct reader *rd, void *arg)
{
    struct openvex_statement *s = &rd->statement;
    struct reading to = {.p = {.is = {{"", 0}, {"", 0}, {"", 0}}, .sub = rd->subs}};
    int r = walk_peek(&rd->w) == '"' ? read_name(rd, &to.p.is.id)
                                     : members(rd, read_product_member, &to);

    (void)arg;
    if (r < 0)
        return r;
    settle(&to.p.is);
    to.p.subs = rd->subs - to.p.sub;
    if (!to.broken && !is_nameless(&to.p.is) && s->products < OPENVEX_PRODUCTS)
        rd->product[s->products++] = to.p;
    else
        rd->counts->cut++;
    return 0;
}

/* ---- statements -------------------------------------------------------------------------- */

static int
read_alias(struct reader *rd, void *arg)
{
    struct openvex_statement *s = &rd->statement;
    struct slice name;
    int r = read_name(rd, &name);

    (void)arg;
    if (r < 0 || name.len == 0)
        return r;
    if (s->aliases < OPENVEX_ALIASES)
        rd->alias[s->aliases++] = name;
    else
        rd->counts->cut++;
    return 0;
}

static int
read_vulnerability_member(struct reader *rd, struct slice key, void *arg)
{
    struct slice *id = arg;

    return slice_is(key, "name")      ? read_name(rd, &rd->statement.vulnerability)
           : slice_is(key, "@id")     ? read_name(rd, id)
           : slice_is(key, "aliases") ? items(rd, read_alias, NULL)
                                      : walk_skip(&rd->w);
}

static int
read_vulnerability(struct reader *rd)
{
    struct openvex_statement *s = &rd->statement;
    struct slice id = {"", 0};
    int r = walk_peek(&rd->w) == '"' ? read_name(rd, &s->vulnerability)
                                     : members(rd, read_vulnerability_member, &id);

    if (s->vulnerability.len == 0)
        s->vulnerability = id;
    return r;
}

static int
read_status(struct reader *rd, bool *stated)
{
    struct walk at = rd->w;
    struct slice text;
    int r = walk_string(&rd->w, &text);

    *stated = true;
    return r == 0 && !openvex_status_parse(text, &rd->statement.status)
               ? walk_wrong(&at, "`status` is not_affected, affected, fixed or "
                                 "under_investigation")
               : r;
}

static int
read_justification(struct reader *rd)
{
    struct walk at = rd->w;
    struct slice text;
    int r = walk_string(&rd->w, &text);

    return r == 0 && text.len > 0 &&
                   !openvex_justification_parse(text, &rd->statement.justification)
               ? walk_wrong(&at, "`justification` is none that OpenVEX has")
               : r;
}

static int
read_statement_member(struct reader *rd, struct slice key, void *arg)
{
    struct openvex_statement *s = &rd->statement;

    if (slice_is(key, "vulnerability"))
        return read_vulnerability(rd);
    if (slice_is(key, "products"))
        return items(rd, read_product, NULL);
    if (slice_is(key, "status"))
        return read_status(rd, arg);
    if (slice_is(key, "justification"))
        return read_justification(rd);
    if (slice_is(key, "impact_statement"))
        return read_long(rd, &s->impact);
    if (slice_is(key, "action_statement"))
        return read_long(rd, &s->action);
    if (slice_is(key, "status_notes"))
        return read_long(rd, &s->notes);
    return slice_is(key, "timestamp") ? read_time(rd, &s->at) : walk_skip(&rd->w);
}

static void
find_cve(struct openvex_statement *s)
{
    s->cve = cve_parse(s->vulnerability);
    for (unsigned i = 0; s->cve == 0 && i < s->aliases; i++)
        s->cve = cve_parse(s->alias[i]);
}

static void
count_statement(struct openvex_counts *c, const struct openvex_statement *s)
{
    c->statements++;
    c->status[s->status]++;
    c->no_reason += s->status == OPENVEX_NOT_AFFECTED &&
                    s->justification == OPENVEX_NO_JUSTIFICATION && s->impact.len == 0;
    c->no_action += s->status == OPENVEX_AFFECTED && s->action.len == 0;
}

static int
read_statement(struct reader *rd, void *arg)
{
    struct openvex_statement *s = &rd->statement;
    struct walk start;
    bool stated = false;
    int r;

    (void)arg;
    *s = (struct openvex_statement){.vulnerability = {"", 0},
                                    .alias = rd->alias,
                                    .product = rd->product,
                                    .sub = rd->sub,
                                    .impact = {"", 0},
                                    .action = {"", 0},
                                    .notes = {"", 0},
                                    .line = walk_line(&rd->w)};
    rd->subs = 0;
    start = rd->w;
    r = members(rd, read_statement_member, &stated);
    if (r < 0)
        return r;
    if (s->vulnerability.len == 0 || !stated)
        return walk_wrong(&start, "a statement has `vulnerability` and `status`");
    if (s->at.us == 0)
        s->at = rd->head.at;
    find_cve(s);
    if (s->products == 0) {
        rd->counts->no_product++;
        return 0;
    }
    count_statement(rd->counts, s);
    return rd->take(rd->arg, &rd->head, s);
}

/* ---- documents --------------------------------------------------------------------------- */

struct place {
    struct walk statements; /* where they stand */
    bool has_statements;
    bool is_vex;
};

static int
read_version(struct reader *rd)
{
    struct slice text;
    int r = walk_scalar(&rd->w, &text);

    rd->head.version = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || rd->head.version > UINT32_MAX) {
            rd->head.version = 0;
            break;
        }
        rd->head.version = rd->head.version * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return r;
}

/* The head may stand behind the statements: so these are passed over at first. */
static int
read_head(struct reader *rd, struct slice key, void *arg)
{
    static const char context[] = "https://openvex.dev/ns";
    struct place *p = arg;
    struct slice text;
    int r;

    if (slice_is(key, "@context")) {
        r = walk_string(&rd->w, &text);
        p->is_vex = slice_is(slice_sub(text, 0, sizeof context - 1), context);
        return r;
    }
    if (slice_is(key, "statements")) {
        p->statements = rd->w;
        p->has_statements = walk_peek(&rd->w) == '[';
        return walk_skip(&rd->w);
    }
    if (slice_is(key, "@id"))
        return read_name(rd, &rd->head.id);
    if (slice_is(key, "author"))
        return read_name(rd, &rd->head.author);
    if (slice_is(key, "role"))
        return read_name(rd, &rd->head.role);
    if (slice_is(key, "timestamp"))
        return read_time(rd, &rd->head.at);
    return slice_is(key, "version") ? read_version(rd) : walk_skip(&rd->w);
}

static int
read_document(struct reader *rd)
{
    struct openvex_head *h = &rd->head;
    struct place p = {.is_vex = false};
    struct walk start;
    struct walk end;
    int r;

    *h = (struct openvex_head){.id = {"", 0}, .author = {"", 0}, .role = {"", 0}};
    (void)walk_line(&rd->w);
    start = rd->w;
    if (walk_peek(&rd->w) != '{')
        return walk_wrong(&rd->w, "a document is an object");
    r = members(rd, read_head, &p);
    if (r < 0)
        return r;
    if (!p.is_vex)
        return walk_wrong(&start, "is no OpenVEX: `@context` is https://openvex.dev/ns/v0.2.0");
    if (!p.has_statements)
        return walk_wrong(&start, "a document has `statements`, a list");
    rd->counts->documents++;
    rd->counts->odd_head +=
        h->id.len == 0 || h->author.len == 0 || h->at.us == 0 || h->version == 0;
    (void)walk_line(&rd->w); /* before escapes in the statements become line feeds */
    end = rd->w;
    rd->w = p.statements;
    r = items(rd, read_statement, NULL);
    if (r == 0)
        rd->w = end;
    return r;
}

int
openvex_read(char *text, size_t len, openvex_take *take, void *arg,
             struct openvex_counts *counts, struct errinfo *ei)
{
    struct reader *rd = malloc(sizeof *rd);
    int r;

    *counts = (struct openvex_counts){.documents = 0};
    if (rd == NULL)
        return ERR_NOMEM;
    rd->counts = counts;
    rd->take = take;
    rd->arg = arg;
    r = walk_open(&rd->w, text, len, ei);
    while (r == 0 && walk_peek(&rd->w) != '\0')
        r = read_document(rd);
    walk_close(&rd->w);
    free(rd);
    return r;
}
