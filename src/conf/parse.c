#include <stdio.h>
#include <stdlib.h>

#include "conf/schema_priv.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as the key table, whatever the input is */

enum { ARENA = YAML_ARENA + (3 << 20) };

/* What conf_free() gets back: the values, and the memory all their pointers point into. */
struct owner {
    struct conf conf;
    struct arena arena;
};

static int
refuse_unknown(struct parser *p, const struct key *keys, const struct yaml_node *key)
{
    enum { KEYS = 64 };
    const char *names[KEYS];
    const char *near;
    unsigned count = 0;

    for (unsigned i = 0; keys == schema_top && schema_later[i] != NULL; i++) {
        if (slice_is(key->text, schema_later[i]))
            return refuse_node(
                p, key, "`%s` is a key of a later version and is not used yet: remove it",
                schema_later[i]);
    }
    for (const struct key *k = keys; k->name != NULL && count < KEYS; k++)
        names[count++] = k->name;
    near = yaml_nearest(key->text.ptr, names, count);
    if (near != NULL)
        return refuse_node(p, key, "unknown key \"%.64s\" (did you mean \"%s\"?)",
                           key->text.ptr, near);
    return refuse_node(p, key, "unknown key \"%.64s\"", key->text.ptr);
}

static const struct yaml_node *
find(const struct yaml_node *map, const char *name)
{
    const struct yaml_node *n = map == NULL ? NULL : map->first;

    while (n != NULL && !slice_is(n->key->text, name))
        n = n->next;
    return n;
}

static int
parse_sensors(struct parser *p, const struct yaml_node *list)
{
    struct conf_sensor *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned count = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, count++) {
        int r = parse_map(p, schema_sensor, n, &at[count]);

        if (r < 0)
            return r;
        for (unsigned i = 0; i < count; i++) {
            if (strcmp(at[i].name, at[count].name) == 0)
                return refuse_node(p, find(n, "name"), "two sensors are named \"%s\"",
                                   at[i].name);
        }
    }
    p->conf->sensors = at;
    p->conf->sensor_count = count;
    return 0;
}

/* Whoever is on the way would read passwords and change what is shown. */
static int
check_listen(struct parser *p, const struct conf_listen *l, const struct yaml_node *map)
{
    if (addr_kind(&l->address) == ADDR_LOOPBACK || l->tls)
        return 0;
    return refuse_node(p, find(map, "address"),
                       "beyond loopback the node listens with TLS and sign-in only: add "
                       "`tls: true` here and let people in with `detente user add`, or use "
                       "127.0.0.1 or \"[::1]\"");
}

/* Who they are is known by their certificate alone. */
static int
check_what(struct parser *p, const struct conf_listen *l, const struct yaml_node *map)
{
    if (l->what != CONF_WHAT_PEERS || l->tls)
        return 0;
    return refuse_node(p, find(map, "what"),
                       "counterparts are served with TLS only: add `tls: true` here");
}

static int
parse_listens(struct parser *p, const struct yaml_node *list)
{
    struct conf_listen *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned count = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, count++) {
        int r = parse_map(p, schema_listen, n, &at[count]);

        if (r == 0)
            r = check_what(p, &at[count], n);
        if (r == 0)
            r = check_listen(p, &at[count], n);
        if (r < 0)
            return r;
        for (unsigned i = 0; i < count; i++) {
            if (at[i].port == at[count].port && at[i].port != 0 &&
                addr_eq(&at[i].address, &at[count].address))
                return refuse_node(p, find(n, "address"), "this address stands twice");
        }
    }
    p->conf->listen = at;
    p->conf->listen_count = count;
    return 0;
}

static int
parse_notifies(struct parser *p, const struct yaml_node *list)
{
    struct conf_notify *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned count = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, count++) {
        int r = parse_map(p, schema_notify, n, &at[count]);

        if (r == 0)
            r = check_notify(p, &at[count], n);
        if (r < 0)
            return r;
        for (unsigned i = 0; i < count; i++) {
            if (strcmp(at[i].name, at[count].name) == 0)
                return refuse_node(p, find(n, "name"), "two receivers are named \"%s\"",
                                   at[i].name);
        }
    }
    p->conf->notify = at;
    p->conf->notify_count = count;
    return 0;
}

static int
parse_peers(struct parser *p, const struct yaml_node *list)
{
    struct conf_peer *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned count = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, count++) {
        int r = parse_map(p, schema_peer, n, &at[count]);

        if (r < 0)
            return r;
        for (unsigned i = 0; i < count; i++) {
            if (strcmp(at[i].party, at[count].party) == 0)
                return refuse_node(p, find(n, "party"), "party \"%s\" stands twice",
                                   at[i].party);
        }
    }
    p->conf->peers = at;
    p->conf->peer_count = count;
    return 0;
}

/* A name once, and a prefix once: whose is an address else? */
static int
check_asset(struct parser *p, const struct conf_asset *at, unsigned count,
            const struct yaml_node *map)
{
    const struct conf_asset *a = &at[count];

    if (a->networks.count == 0)
        return refuse_node(p, find(map, "networks"), "a group has at least one prefix");
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(at[i].name, a->name) == 0)
            return refuse_node(p, find(map, "name"), "two groups are named \"%s\"", a->name);
    }
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < at[i].networks.count * a->networks.count; k++) {
            const struct prefix *x = &at[i].networks.at[k / a->networks.count];
            const struct prefix *y = &a->networks.at[k % a->networks.count];

            if (x->len == y->len && addr_eq(&x->addr, &y->addr))
                return refuse_node(p, find(map, "networks"),
                                   "a prefix of it stands in \"%s\" too", at[i].name);
        }
    }
    return 0;
}

static int
parse_assets(struct parser *p, const struct yaml_node *list)
{
    struct conf_asset *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned count = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, count++) {
        int r = parse_map(p, schema_asset, n, &at[count]);

        if (r == 0)
            r = check_asset(p, at, count, n);
        if (r < 0)
            return r;
    }
    p->conf->assets = at;
    p->conf->asset_count = count;
    return 0;
}

/* A value of any type.  Members of nested maps have their place in struct conf itself. */
static int
parse_any(struct parser *p, const struct key *key, const struct yaml_node *n, void *base)
{
    bool maps = key->type == T_SENSORS || key->type == T_LISTENS || key->type == T_NOTIFIES ||
                key->type == T_PEERS || key->type == T_ASSETS;

    if (maps && (n->kind != YAML_LIST || n->count > key->most))
        return refuse_node(p, n, "`%s` takes a list of at most %lld maps", key->name,
                           (long long)key->most);
    if (key->type == T_SENSORS)
        return parse_sensors(p, n);
    if (key->type == T_LISTENS)
        return parse_listens(p, n);
    if (key->type == T_NOTIFIES)
        return parse_notifies(p, n);
    if (key->type == T_PEERS)
        return parse_peers(p, n);
    if (key->type == T_ASSETS)
        return parse_assets(p, n);
    if (key->type == T_RETENTION)
        return parse_map(p, schema_retention, n, base);
    if (key->type == T_TABLES)
        return parse_map(p, schema_tables, n, base);
    if (key->type == T_WITNESS)
        return parse_map(p, schema_witness, n, base);
    if (key->type == T_TOTALS)
        return parse_map(p, schema_totals, n, base);
    if (key->type == T_EGRESS)
        return parse_map(p, schema_egress, n, base);
    if (key->type == T_BLOCK)
        return parse_map(p, schema_block, n, base);
    if (key->type == T_VULNERABILITIES)
        return parse_map(p, schema_vulnerabilities, n, base);
    if (key->type == T_WEIGHTS)
        return parse_map(p, schema_weight, n, base);
    if (key->type == T_STALES)
        return parse_map(p, schema_stale, n, base);
    return parse_value(p, key, n, (char *)base + key->offset);
}

static int
parse_default(struct parser *p, const struct key *key, const struct yaml_node *map, void *base)
{
    const struct yaml_node *n;
    int r;

    if (key->fallback == NULL)
        return refuse_node(p, map, "`%s` is missing here", key->name);
    r = yaml_parse(p->arena, slice_of(key->fallback), &n, p->ei);
    if (r == 0)
        r = parse_any(p, key, n, base);
    BUG_ON(r == ERR_CONF || r == ERR_INVALID); /* keys.def is wrong */
    return r;
}

int
parse_map(struct parser *p, const struct key *keys, const struct yaml_node *map, void *to)
{
    if (map->kind != YAML_MAP)
        return refuse_node(p, map, "a map was expected here (`key: value`), not %s",
                           yaml_kind_name(map->kind));
    for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
        const struct key *k = keys;
        int r;

        while (k->name != NULL && !slice_is(n->key->text, k->name))
            k++;
        r = k->name == NULL ? refuse_unknown(p, keys, n->key) : parse_any(p, k, n, to);
        if (r < 0)
            return r;
    }
    for (const struct key *k = keys; k->name != NULL; k++) {
        int r = find(map, k->name) == NULL ? parse_default(p, k, map, to) : 0;

        if (r < 0)
            return r;
    }
    return 0;
}

/* Is that prefix this party's own?  Yes, as long as it did not say which are. */
static bool
is_own(const struct conf *c, const struct prefix *x)
{
    for (unsigned i = 0; i < c->networks.count; i++) {
        if (c->networks.at[i].len <= x->len && prefix_covers(&c->networks.at[i], &x->addr))
            return true;
    }
    return c->networks.count == 0;
}

static int
check_own(struct parser *p, const struct yaml_node *root)
{
    const struct conf *c = p->conf;

    for (unsigned i = 0; i < c->asset_count; i++) {
        for (unsigned k = 0; k < c->assets[i].networks.count; k++) {
            if (!is_own(c, &c->assets[i].networks.at[k]))
                return refuse_node(p, find(root, "assets"),
                                   "\"%s\" has a prefix that lies outside `networks`",
                                   c->assets[i].name);
        }
    }
    return 0;
}

/* More of anything never gives less risk. */
static int
check_weights(struct parser *p, const struct yaml_node *root)
{
    const struct yaml_node *map = find(find(root, "vulnerabilities"), "weights");
    const struct conf *c = p->conf;
    const struct {
        const char *less, *more;
        uint32_t a, b;
    } pairs[] = {{"small", "controlled", c->vulnerabilities.weights.small,
                  c->vulnerabilities.weights.controlled},
                 {"controlled", "open", c->vulnerabilities.weights.controlled,
                  c->vulnerabilities.weights.open},
                 {"kev", "ransomware", c->vulnerabilities.weights.kev,
                  c->vulnerabilities.weights.ransomware}};

    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct yaml_node *n = find(map, pairs[i].less);

        if (pairs[i].a > pairs[i].b)
            return refuse_node(p, n == NULL ? find(map, pairs[i].more) : n,
                               "`%s` must not weigh more than `%s`", pairs[i].less,
                               pairs[i].more);
    }
    return 0;
}

/* What no single value shows. */
static int
check_together(struct parser *p, const struct yaml_node *root)
{
    const struct conf *c = p->conf;

    if (c->retention.events.us < c->retention.raw.us) {
        const struct yaml_node *map = find(root, "retention");
        const struct yaml_node *n = find(map, "events");

        return refuse_node(p, n == NULL ? find(map, "raw") : n,
                           "`events` must be kept at least as long as `raw`");
    }
    for (unsigned i = 0; i < c->listen_count; i++) {
        if (c->listen[i].what == CONF_WHAT_PAGE && addr_is_any(&c->listen[i].address) &&
            c->hosts.count == 0)
            return refuse_node(p, find(root, "listen"),
                               "who listens on all addresses must say by which names browsers "
                               "may come: add `hosts: [node.example]`");
    }
    return 0;
}

static int
parse_root(struct owner *o, struct slice yaml, struct errinfo *ei)
{
    struct parser p = {.conf = &o->conf, .arena = &o->arena, .ei = ei};
    const struct yaml_node *root;
    int r = arena_init(&o->arena, ARENA);

    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = yaml_parse(&o->arena, yaml, &root, ei);
    if (r < 0)
        return r == ERR_NOMEM ? r : ERR_CONF;
    r = parse_map(&p, schema_top, root, &o->conf);
    if (r == 0)
        r = check_own(&p, root);
    if (r == 0)
        r = check_weights(&p, root);
    return r == 0 ? check_together(&p, root) : r;
}

int
conf_parse(struct slice yaml, struct conf **ret, struct errinfo *ei)
{
    struct owner *o = calloc(1, sizeof *o);
    struct errinfo own;
    int r;

    if (o == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = parse_root(o, yaml, ei == NULL ? &own : ei);
    if (r < 0) {
        (void)conf_free(&o->conf);
        return r;
    }
    *ret = &o->conf;
    return 0;
}

int
conf_default(struct conf **ret)
{
    return conf_parse((struct slice){"", 0}, ret, NULL);
}

struct conf *
conf_free(struct conf *c)
{
    struct owner *o = (void *)c; /* the first member */

    if (o != NULL)
        arena_release(&o->arena);
    free(o);
    return NULL;
}

void
conf_path(const char *dir, const char *name, char to[CONF_PATH])
{
    bool whole = name[0] == '/' || name[0] == '\0';

    (void)snprintf(to, CONF_PATH, "%s%s%s", whole ? "" : dir, whole ? "" : "/", name);
}
/* NOLINTEND(misc-no-recursion) */
