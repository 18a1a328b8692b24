#include "role/answers.h"

#include "ledger/ledger.h"
#include "role/cases.h"
#include "role/coverage.h"
#include "role/exchange_json.h"
#include "role/grounds.h"
#include "role/lists.h"
#include "role/outlast.h"
#include "role/report.h"
#include "role/shelf.h"
#include "role/survey.h"
#include "role/totals.h"
#include "role/verdicts.h"
#include "store/witnessed.h"
#include "wire/jcs.h"

int
answers_open(struct answers *a, struct view *view)
{
    *a = (struct answers){.view = view};
    owners_make(&a->owners, NULL);
    view->describer.owners = &a->owners;
    week_open(&a->week, view->node.store, view->reader);
    buf_init(&a->snapshot, 1 << 22);
    buf_init(&a->verdict, VERDICTS_JSON);
    buf_init(&a->coverage, COVERAGE_JSON);
    buf_init(&a->exchange, EXCHANGE_JSON);
    return assets_open(&a->assets, view->node.conf);
}

void
answers_close(struct answers *a)
{
    buf_release(&a->snapshot);
    buf_release(&a->verdict);
    buf_release(&a->coverage);
    buf_release(&a->exchange);
    free(a->source);
    assets_close(&a->assets);
    a->alerts = alerts_close(a->alerts);
}

static void
put_datasets(const struct node *n, struct buf *to)
{
    struct utime now = n->env.now_wall(n->env.self);

    buf_text(to, ",\"datasets\":[");
    for (unsigned i = 0; i < attrib_datasets(n->attrib); i++) {
        const struct attrib_dataset *d = attrib_dataset(n->attrib, i);
        int64_t age = now.us - d->date.us;
        char date[TIME_TEXT];

        time_format(d->date, date);
        buf_text(to, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_json(to, slice_of(d->name));
        buf_printf(to, ",\"date\":\"%.10s\",\"age_days\":%lld,\"stale\":%s,\"source\":", date,
                   (long long)(age / (86400 * TIME_US_PER_S)),
                   age > n->conf->tables.stale.us ? "true" : "false");
        buf_json(to, slice_of(d->source));
        buf_char(to, '}');
    }
    buf_char(to, ']');
}

enum { NETWORKS_SHOWN = 16 /* of a group */ };

static void
put_assets(const struct conf *c, struct buf *to)
{
    buf_text(to, ",\"assets\":[");
    for (unsigned i = 0; i < c->asset_count; i++) {
        const struct conf_asset *x = &c->assets[i];

        buf_text(to, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_json(to, slice_of(x->name));
        buf_text(to, ",\"sector\":");
        buf_json(to, slice_of(x->sector));
        buf_printf(to, ",\"network_count\":%u,\"networks\":[", x->networks.count);
        for (unsigned k = 0; k < x->networks.count && k < NETWORKS_SHOWN; k++) {
            char prefix[PREFIX_TEXT];

            (void)prefix_format(&x->networks.at[k], prefix);
            buf_printf(to, "%s\"%s\"", k > 0 ? "," : "", prefix);
        }
        buf_text(to, "]}");
    }
    buf_char(to, ']');
}

static int
answer_node(void *self, struct buf *to)
{
    struct answers *a = self;
    const struct conf *c = a->view->node.conf;
    char vkey[VKEY_TEXT];
    char country[3];

    (void)vkey_format(&a->view->node.vkey, vkey);
    country_format(c->country, country);
    buf_text(to, "{\"party\":");
    buf_json(to, slice_of(c->party[0] == '\0' ? "local" : c->party));
    buf_text(to, ",\"origin\":");
    buf_json(to, vkey_name(&a->view->node.vkey));
    buf_text(to, ",\"vkey\":");
    buf_json(to, slice_of(vkey));
    buf_printf(to,
               ",\"version\":\"" DETENTE_VERSION "\",\"demo\":%s,\"test\":%s,\"automatic\":%s,"
               "\"country\":\"%s\",\"networks\":[",
               c->demo ? "true" : "false", a->view->node.test ? "true" : "false",
               c->automatic ? "true" : "false", country);
    for (unsigned i = 0; i < c->networks.count; i++) {
        char prefix[PREFIX_TEXT];

        (void)prefix_format(&c->networks.at[i], prefix);
        buf_printf(to, "%s\"%s\"", i > 0 ? "," : "", prefix);
    }
    buf_char(to, ']');
    put_assets(c, to);
    buf_text(to, ",\"chips\":[");
    for (unsigned i = 0; i < CHIPS; i++) {
        buf_text(to, i > 0 ? "," : "");
        buf_json(to, slice_of(event_chip_name((enum event_chip)i)));
    }
    buf_char(to, ']');
    put_datasets(&a->view->node, to);
    buf_char(to, '}');
    return buf_error(to);
}

static int
answer_now(void *self, struct buf *to, uint64_t *ret_pos)
{
    struct answers *a = self;

    *ret_pos = a->pos;
    buf_slice(to, buf_get(&a->snapshot));
    return buf_error(to);
}

static void
put_network(struct answers *a, uint32_t asn, struct buf *to)
{
    buf_printf(to, "\"asn\":%u,\"name\":", asn);
    buf_json(to, attrib_name(a->view->describer.attrib, asn));
    buf_char(to, ',');
}

/* "" is what is in no group, or in one of no sector. */
static void
put_group(const struct answers *a, unsigned number, bool sectors, struct buf *to)
{
    const struct conf_asset *x = assets_at(&a->assets, number);

    if (!sectors) {
        buf_text(to, "\"asset\":");
        buf_json(to, slice_of(x == NULL ? "" : x->name));
        buf_char(to, ',');
    }
    buf_text(to, "\"sector\":");
    buf_json(to, slice_of(x == NULL ? "" : x->sector));
    buf_char(to, ',');
}

/* The key of a row, each member followed by a comma. */
static void
put_key(struct answers *a, enum top_by by, bool sectors, const struct top_row *row,
        struct buf *to)
{
    const struct dict_rule *rule = dict_rule(a->view->describer.dict, row->number);
    char country[3];

    country_format(row->country, country);
    switch (by) {
    case TOP_ADDRESS:
        buf_text(to, "\"address\":\"");
        buf_addr(to, &row->address);
        buf_text(to, "\",");
        put_network(a, row->asn, to);
        buf_printf(to, "\"country\":\"%s\",", country);
        break;
    case TOP_ASN:
        put_network(a, row->asn, to);
        buf_printf(to, "\"country\":\"%s\",", country);
        break;
    case TOP_COUNTRY: buf_printf(to, "\"country\":\"%s\",", country); break;
    case TOP_PARTY: buf_printf(to, "\"party\":\"%s\",", a->owners.name[row->number]); break;
    case TOP_CLASS:
        buf_printf(to, "\"class\":\"%s\",\"chip\":%d,",
                   event_class_name((enum event_class)row->number),
                   (int)event_class_chip((enum event_class)row->number));
        break;
    case TOP_RULE:
        buf_printf(to, "\"rule\":\"%s\",\"name\":", rule->text);
        buf_json(to, rule->rule.name);
        buf_char(to, ',');
        break;
    case TOP_SENSOR:
        buf_text(to, "\"sensor\":");
        buf_json(to, dict_sensor(a->view->describer.dict, row->number));
        buf_char(to, ',');
        break;
    case TOP_GROUP: put_group(a, row->number, sectors, to); break;
    case TOP_CHIP: buf_printf(to, "\"chip\":%u,", row->number); break;
    }
}

/* One moment for the whole answer: an event that is shown can be proven, a checkpoint that is
 * given has its tiles. */
static int
refresh(struct answers *a)
{
    struct errinfo ei;

    return view_refresh(a->view, &ei);
}

/* ERR_NOTFOUND: there is none of that name. */
static int
with_owners(const struct answers *a, const char *party, struct query *q)
{
    unsigned n = party[0] == '\0' ? OWNERS : owners_named(&a->owners, slice_of(party));

    q->owner = owners_find;
    q->owner_arg = &a->owners;
    if (party[0] == '\0')
        return 0;
    if (n == OWNERS)
        return ERR_NOTFOUND;
    q->owners = UINT64_C(1) << n;
    return 0;
}

/* What is asked of groups and parties; the query borrows them.  ERR_NOTFOUND: there is none of
 * that name. */
static int
with_groups(struct answers *a, const struct web_query *q, struct query *ret)
{
    uint64_t named = assets_named(&a->assets, slice_of(q->asset));
    uint64_t sector = assets_of_sector(&a->assets, slice_of(q->sector));

    *ret = q->filter;
    ret->group = assets_find;
    ret->group_arg = &a->assets;
    ret->fold = q->sectors ? a->assets.sector : NULL;
    if (with_owners(a, q->party, ret) < 0)
        return ERR_NOTFOUND;
    if ((q->asset[0] != '\0' && named == 0) || (q->sector[0] != '\0' && sector == 0))
        return ERR_NOTFOUND;
    if (q->asset[0] == '\0' && q->sector[0] == '\0')
        return 0;
    ret->groups = q->asset[0] == '\0' ? sector : q->sector[0] == '\0' ? named : named & sector;
    return ret->groups == 0 ? ERR_NOTFOUND : 0;
}

static int
answer_top(void *self, const struct web_query *q, struct buf *to)
{
    struct answers *a = self;
    struct top top = {0};
    struct query filter;
    int r = refresh(a);

    if (r == 0)
        r = with_groups(a, q, &filter);
    if (r == 0)
        r = query_top(a->view->describer.reader, &filter, q->by, q->targets, &top);

    if (r < 0)
        return r;
    buf_text(to, "{\"rows\":[");
    for (uint32_t i = 0; i < top.count && i < q->limit; i++) {
        const struct top_row *row = &top.row[i];
        char first[TIME_TEXT];
        char last[TIME_TEXT];

        time_format(row->first, first);
        time_format(row->last, last);
        buf_text(to, i > 0 ? ",{" : "{");
        put_key(a, q->by, q->sectors, row, to);
        buf_printf(to,
                   "\"events\":%llu,\"addresses\":%llu,\"networks\":%llu,"
                   "\"first\":\"%.27s\",\"last\":\"%.27s\"}",
                   (unsigned long long)row->events, (unsigned long long)row->addresses,
                   (unsigned long long)row->networks, first, last);
    }
    buf_printf(to, "],\"events\":%llu,\"total\":%u}", (unsigned long long)top.events,
               top.count);
    top_release(&top);
    return buf_error(to);
}

struct listing {
    struct answers *a;
    struct buf *to;
    uint64_t limit;
    uint64_t matched;
};

static int
list_event(void *arg, const struct query_hit *hit)
{
    struct listing *l = arg;

    if (l->matched++ >= l->limit)
        return 0;
    if (l->matched > 1)
        buf_char(l->to, ',');
    return describe_event(&l->a->view->describer, hit, l->to);
}

static int
answer_events(void *self, const struct web_query *q, struct buf *to)
{
    struct listing l = {.a = self, .to = to, .limit = q->limit};
    struct query filter;
    int r = refresh(l.a);

    if (r == 0)
        r = with_groups(l.a, q, &filter);
    buf_text(to, "{\"events\":[");
    if (r == 0)
        r = query_each(l.a->view->describer.reader, &filter, true, list_event, &l);
    if (r < 0)
        return r;
    buf_printf(to, "],\"matched\":%llu}", (unsigned long long)l.matched);
    return buf_error(to);
}

static int
answer_event(void *self, struct event_id id, struct buf *to)
{
    struct answers *a = self;
    struct found f = {0};
    int r = refresh(a);

    if (r == 0)
        r = describe_find(&a->view->describer, id, &f);
    return r < 0 ? r : describe_json(&a->view->describer, &f, to);
}

static int
answer_raw(void *self, struct event_id id, struct buf *to)
{
    struct answers *a = self;
    struct found f = {0};
    int r = refresh(a);

    if (r == 0)
        r = describe_find(&a->view->describer, id, &f);
    if (r == 0 && f.evidence.raw_erased)
        r = ERR_GONE;
    if (r < 0)
        return r;
    buf_slice(to, f.raw);
    return buf_error(to);
}

static int
answer_proof(void *self, struct event_id id, struct buf *to)
{
    struct answers *a = self;
    struct errinfo ei;
    struct found f = {0};
    int r = refresh(a);

    if (r == 0)
        r = describe_find(&a->view->describer, id, &f);
    return r < 0 ? r : describe_proof(&a->view->describer, &f, 0, to, &ei);
}

static int
answer_checkpoint(void *self, struct buf *to)
{
    struct answers *a = self;
    struct ledger_storage storage;
    int r = refresh(a);

    store_ledger(a->view->node.store, &storage);
    return r < 0 ? r : storage.get_note(storage.self, LEDGER_NEWEST, to);
}

enum { INCIDENTS_SHOWN = 500 };

/* Those that are open first, then the newest that are closed. */
static int
answer_incidents(void *self, struct buf *to)
{
    struct answers *a = self;
    struct store *s = a->view->node.store;
    struct case_known known = {.pact = NULL};
    const struct case_shown x = {
        .store = s,
        .book = a->book,
        .look = {a->view->node.env.now_wall(a->view->node.env.self), &known}};
    struct case_name *names = NULL;
    unsigned count = 0;
    int r = case_names(s, false, &names, &count);

    buf_text(to, "{\"incidents\":[");
    for (unsigned i = 0, shown = 0; r == 0 && i < count && shown < INCIDENTS_SHOWN; i++) {
        const struct store_incident row = {.pact = slice_of(names[i].pact),
                                           .name = slice_of(names[i].name)};

        if (shown > 0)
            buf_char(to, ',');
        r = case_state(&x, &row, to);
        shown++;
    }
    buf_printf(to, "],\"count\":%u}", count);
    free(names);
    return r < 0 ? r : buf_error(to);
}

static int
answer_incident(void *self, struct slice pact, struct slice name, struct buf *to)
{
    struct answers *a = self;
    const struct store_incident row = {.pact = pact, .name = name};
    const struct case_shown x = {
        .store = a->view->node.store,
        .book = a->book,
        .look = {a->view->node.env.now_wall(a->view->node.env.self), NULL},
        .whole = true};
    const struct grounds_ask grounds = {.d = &a->view->describer,
                                        .assets = &a->assets,
                                        .pact =
                                            a->book == NULL ? NULL : book_pact(a->book, pact),
                                        .incident = name};
    AUTO_BUF(evidence, CASE_JSON);
    int r = refresh(a);

    if (r == 0)
        r = case_state(&x, &row, to);
    if (r < 0)
        return r;
    r = grounds_json(&grounds, &evidence);
    if (r == ERR_NOTFOUND)
        return 0;
    to->len--; /* one more member of that object */
    buf_text(to, ",\"evidence\":");
    buf_slice(to, buf_get(&evidence));
    buf_char(to, '}');
    return r < 0 ? r : buf_error(to);
}

/* A file that a counterpart gave, with what a message said of it found true. */
static int
answer_pact_proof(void *self, struct slice pact, const struct hash *id, struct buf *to)
{
    struct answers *a = self;
    const struct book_pact *p = a->book == NULL ? NULL : book_pact(a->book, pact);

    return p == NULL ? ERR_NOTFOUND : grounds_proof(a->view->node.store, p, id, to);
}

enum { VERDICT_KEPT_US = 1000000 };

/* Many pages ask for the same, and a year of incidents is not read for each of them. */
static int
answer_verdict(void *self, const struct web_verdict *v, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    int64_t mono = env->now_mono(env->self);
    struct verdicts_ask ask = {.store = a->view->node.store,
                               .book = a->book,
                               .now = env->now_wall(env->self),
                               .pact = slice_of(v->pact),
                               .party = slice_of(v->party)};
    int r = verdicts_period(slice_of(v->period[0] == '\0' ? "30d" : v->period), ask.now,
                            &ask.from, &ask.until);

    if (r < 0)
        return r;
    if (a->verdict.len == 0 || mono - a->judged >= VERDICT_KEPT_US ||
        strcmp(v->pact, a->asked.pact) != 0 || strcmp(v->party, a->asked.party) != 0 ||
        strcmp(v->period, a->asked.period) != 0) {
        buf_reset(&a->verdict);
        r = verdicts_json(&ask, &a->verdict);
        a->judged = mono;
        a->asked = *v;
    }
    if (r < 0)
        buf_reset(&a->verdict);
    else
        buf_slice(to, buf_get(&a->verdict));
    return r < 0 ? r : buf_error(to);
}

static int
answer_coverage(void *self, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    int64_t mono = env->now_mono(env->self);
    const struct coverage_ask ask = {
        .store = a->view->node.store, .book = a->book, .now = env->now_wall(env->self)};
    int r = 0;

    if (a->coverage.len == 0 || mono - a->covered >= VERDICT_KEPT_US) {
        buf_reset(&a->coverage);
        r = coverage_json(&ask, &a->coverage);
        a->covered = mono;
    }
    if (r < 0)
        buf_reset(&a->coverage);
    else
        buf_slice(to, buf_get(&a->coverage));
    return r < 0 ? r : buf_error(to);
}

static int
answer_series(void *self, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    int r = refresh(a);

    return r < 0 ? r : week_json(&a->week, env->now_wall(env->self), to);
}

/* A file of the node's that somebody else makes, whole. */
static int
put_file(const struct env *env, const char *name, size_t max, struct buf *to)
{
    int fd = env->open(env->self, name, ENV_READ);
    int64_t n = fd < 0 ? fd : env->size(env->self, fd);
    size_t size = n < 0 || (uint64_t)n > max ? max : (size_t)n;
    char *room;

    if (n > 0) {
        room = buf_reserve(to, size);
        n = room == NULL ? ERR_NOMEM : env->pread(env->self, fd, room, size, 0);
    }
    if (fd >= 0)
        env->close(env->self, fd);
    if (n >= 0)
        buf_wrote(to, (size_t)n);
    return n < 0 ? (int)n : buf_error(to);
}

/* Lists and the catalogue, as the last change of them was counted. */
static int
put_published(const struct env *env, struct buf *to)
{
    int r = put_file(env, LISTS_WORLD, LISTS_WORLD_MAX, to);

    if (r != ERR_NOTFOUND)
        return r;
    buf_text(to, "{\"lists\":[],\"addresses\":0,\"networks\":[],\"network_unknown\":0,"
                 "\"economies\":[],\"economy_unknown\":0}");
    return buf_error(to);
}

/* Nothing is reckoned here, where streams would wait for it: what was kept last is given out.
 */
static int
answer_cutoff(void *self, enum web_cutoff what, const char *country, struct buf *to)
{
    struct answers *a = self;
    char name[32];

    (void)snprintf(name, sizeof name, SURVEY_FOLDER "/%.2s.json", country);
    switch (what) {
    case WEB_CUTOFF_WORLD: return put_file(&a->view->node.env, SURVEY_WORLD, SURVEY_JSON, to);
    case WEB_CUTOFF_COUNTRY: return put_file(&a->view->node.env, name, SURVEY_JSON, to);
    case WEB_CUTOFF_SERVICES:
        return put_file(&a->view->node.env, OUTLAST_FILE, OUTLAST_JSON, to);
    }
    return ERR_NOTFOUND;
}

/* What others publish: none of it is evidence. */
static int
answer_world(void *self, struct buf *to)
{
    struct answers *a = self;
    int r = put_published(&a->view->node.env, to);

    if (r < 0)
        return r;
    while (to->len > 0 && to->ptr[to->len - 1] != '}')
        to->len--;
    to->len -= to->len > 0; /* its last brace comes behind the totals */
    buf_text(to, ",\"totals\":");
    r = totals_json(a->view->node.store, a->book, a->view->describer.attrib, to);
    buf_text(to, "}\n");
    return r < 0 ? r : buf_error(to);
}

static int
answer_report(void *self, const struct web_verdict *v, bool html, struct buf *to)
{
    const struct answers *a = self;
    const struct env *env = &a->view->node.env;
    struct verdicts_ask ask = {.store = a->view->node.store,
                               .book = a->book,
                               .now = env->now_wall(env->self),
                               .pact = slice_of(v->pact),
                               .party = slice_of(v->party)};
    AUTO_BUF(json, VERDICTS_JSON);
    AUTO_BUF(canonical, VERDICTS_JSON);
    int r = verdicts_period(slice_of(v->period[0] == '\0' ? "30d" : v->period), ask.now,
                            &ask.from, &ask.until);

    if (r == 0)
        r = report_json(&ask, html ? &json : to);
    if (r < 0 || !html)
        return r;
    if (jcs_canonical(buf_get(&json), &canonical, NULL) != JCS_OK)
        return ERR_LIMIT;
    return report_html(buf_get(&canonical), answer_language(a, v->language), to);
}

static int
answer_tile(void *self, const struct tile_path *p, struct buf *to)
{
    struct answers *a = self;
    struct ledger_tile_ref ref = {.level = p->level, .width = p->width, .n = p->n};
    struct ledger *l;
    uint64_t size;
    int r = refresh(a);

    if (r < 0)
        return r;
    l = a->view->ledger;
    size = ledger_signed_size(l);
    return p->entries ? ledger_bundle(l, ref, size, to) : ledger_tile(l, ref, size, to);
}

/* The note that was cosigned last, if that is the log of the hash.  1: it is another. */
static int
put_witnessed(struct answers *a, const struct vkey *key, const struct hash *origin,
              struct buf *to)
{
    struct hash h = sha256_of(key->name, strlen(key->name));
    struct store_witnessed last;
    int r;

    if (!hash_eq(&h, origin))
        return 1;
    r = store_get_witnessed(a->view->node.store, vkey_name(key), &last);
    if (r == 0)
        buf_slice(to, last.note);
    return r < 0 ? r : buf_error(to);
}

/* Origins are few: those of the configuration and of the pacts are tried. */
static int
answer_witnessed(void *self, const struct hash *origin, struct buf *to)
{
    struct answers *a = self;
    const struct conf *c = a->view->node.conf;
    const struct book *b = a->book;
    int r = refresh(a);

    if (r < 0)
        return r;
    r = 1;
    for (unsigned i = 0; r == 1 && i < c->witness_logs.count; i++) {
        struct vkey key;

        if (vkey_parse(slice_of(c->witness_logs.at[i]), &key) == 0)
            r = put_witnessed(a, &key, origin, to);
    }
    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct role_keys *keys = &b->pact[i].keys[ANNEX_LOG];

        for (unsigned k = 0; r == 1 && k < keys->count; k++)
            r = put_witnessed(a, &keys->key[k].key, origin, to);
    }
    return r == 1 ? ERR_NOTFOUND : r;
}

static int
answer_shelf(void *self, struct slice path, const struct hash *spki, struct buf *to,
             bool *ret_json)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    struct shelf_ask ask = {path, spki, env->now_wall(env->self)};

    return shelf_get(a->view->node.store, a->book, &ask, to, ret_json);
}

static bool
answer_ready(void *self)
{
    struct answers *a = self;

    return a->alive && ledger_signed_size(a->view->ledger) > 0;
}

void
answers_source(struct answers *a, struct web_source *ret)
{
    *ret = (struct web_source){.self = a,
                               .node = answer_node,
                               .now = answer_now,
                               .top = answer_top,
                               .events = answer_events,
                               .event = answer_event,
                               .event_raw = answer_raw,
                               .event_proof = answer_proof,
                               .alerts = answer_alerts,
                               .incidents = answer_incidents,
                               .incident = answer_incident,
                               .pact_proof = answer_pact_proof,
                               .verdict = answer_verdict,
                               .coverage = answer_coverage,
                               .series = answer_series,
                               .cutoff = answer_cutoff,
                               .exchange = answer_exchange,
                               .explain = answer_explain,
                               .vulnerabilities = answer_vulnerabilities,
                               .world = answer_world,
                               .report = answer_report,
                               .witnessed = answer_witnessed,
                               .pacts = answer_pacts,
                               .peers = answer_peers,
                               .witnesses = answer_witnesses,
                               .shelf = answer_shelf,
                               .checkpoint = answer_checkpoint,
                               .tile = answer_tile,
                               .metrics = answer_metrics,
                               .ready = answer_ready};
}
