#include "vuln/nvd_priv.h"

/* No one product or entry adds as much to names or entries. */
enum { ONE_MOST = 4096 };

void
nvd_tree_init(struct nvd_tree *t, struct nvd_counts *counts)
{
    t->counts = counts;
    buf_init(&t->names, NVD_BYTES);
    buf_init(&t->entries, NVD_BYTES);
    buf_init(&t->bytes, (size_t)NVD_BYTES * 2 + (NVD_MATCHES + NVD_NODES + NVD_CONFIGS) * 8UL);
}

void
nvd_tree_release(struct nvd_tree *t)
{
    buf_release(&t->names);
    buf_release(&t->entries);
    buf_release(&t->bytes);
}

void
nvd_tree_reset(struct nvd_tree *t)
{
    buf_reset(&t->names);
    buf_reset(&t->entries);
    buf_reset(&t->bytes);
    t->products = t->matches = t->nodes = t->configs = 0;
    t->last = CONFIG_NO_PRODUCT;
    t->name_at[0] = 0;
    t->cut = false;
}

/* ---- products ---------------------------------------------------------------------------- */

static struct slice
name_of(const struct nvd_tree *t, uint32_t product)
{
    return slice_sub(buf_get(&t->names), t->name_at[product],
                     t->name_at[product + 1] - t->name_at[product]);
}

static int
order(struct slice a, struct slice b)
{
    int r = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return r != 0 ? r : (a.len > b.len) - (a.len < b.len);
}

/* The number of the name at the end of `names`, which goes if it is there already. */
static uint32_t
number_of(struct nvd_tree *t)
{
    uint32_t start = t->name_at[t->products];
    struct slice name = slice_sub(buf_get(&t->names), start, t->names.len);
    uint32_t from = 0;
    uint32_t to = t->products;

    if (t->last != CONFIG_NO_PRODUCT && slice_eq(name_of(t, t->last), name)) {
        t->names.len = start;
        return t->last;
    }
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int r = order(name_of(t, t->sorted[middle]), name);

        if (r == 0) {
            t->names.len = start;
            return t->sorted[middle];
        }
        if (r < 0)
            from = middle + 1;
        else
            to = middle;
    }
    memmove(t->sorted + from + 1, t->sorted + from, (t->products - from) * sizeof *t->sorted);
    t->sorted[from] = (uint16_t)t->products;
    t->name_at[++t->products] = (uint32_t)t->names.len;
    return t->products - 1;
}

/* False: there is no room for another one. */
static bool
find_product(struct nvd_tree *t, const struct cpe *c, uint32_t *ret)
{
    *ret = CONFIG_NO_PRODUCT;
    if (t->products == NVD_PRODUCTS || t->names.len > NVD_BYTES - ONE_MOST)
        return false;
    if (!cpe_product(c, &t->names))
        t->counts->unindexed++;
    else if (buf_error(&t->names) == 0) /* else there is no record of it */
        *ret = t->last = number_of(t);
    return true;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* As walk_enter(), but what is of another type is wrong: taken for empty it would say that
 * nothing is vulnerable. */
static int
enter(struct walk *w, char open, const char *what)
{
    return walk_peek(w) == open ? walk_enter(w, open) : walk_wrong(w, what);
}

static void
add_match(struct nvd_tree *t, struct slice criterion, struct config_match *m)
{
    struct nvd_match *to = &t->match[t->matches];
    size_t at = t->entries.len;

    t->counts->matches++;
    if (t->matches == NVD_MATCHES || at > NVD_BYTES - ONE_MOST) {
        t->cut = true;
        return;
    }
    to->product = CONFIG_NO_PRODUCT;
    if (cpe_parse(criterion, &t->cpe, NULL) < 0)
        t->counts->bad_cpe++;
    else if (find_product(t, &t->cpe, &to->product))
        m->criterion = to->product == CONFIG_NO_PRODUCT ? NULL : &t->cpe;
    else
        t->cut = true;
    if (!config_put_entry(&t->entries, m))
        t->counts->odd++;
    to->at = (uint32_t)at;
    to->len = (uint32_t)(t->entries.len - at);
    to->vulnerable = m->vulnerable;
    t->matches++;
}

static int
read_bool(struct nvd_tree *t, struct walk *w, bool *ret)
{
    struct slice text;
    int r = walk_scalar(w, &text);

    *ret = slice_is(text, "true");
    t->counts->odd += r == 0 && !*ret && !slice_is(text, "false");
    return r;
}

static int
read_match(struct nvd_tree *t, struct walk *w)
{
    static const char *const bounds[CONFIG_BOUNDS] = {
        [CONFIG_START_INCLUDING] = "versionStartIncluding",
        [CONFIG_START_EXCLUDING] = "versionStartExcluding",
        [CONFIG_END_INCLUDING] = "versionEndIncluding",
        [CONFIG_END_EXCLUDING] = "versionEndExcluding"};
    struct config_match m = {.criterion = NULL};
    struct slice criterion = {"", 0};
    struct slice key;
    bool first = true;
    int r = enter(w, '{', "an entry of `cpeMatch` is an object");

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        unsigned b = 0;

        if (slice_is(key, "criteria") && walk_peek(w) != '"')
            return walk_wrong(w, "`criteria` is a text");

        while (b < CONFIG_BOUNDS && !slice_is(key, bounds[b]))
            b++;
        r = b < CONFIG_BOUNDS             ? walk_string(w, &m.bound[b])
            : slice_is(key, "criteria")   ? walk_string(w, &criterion)
            : slice_is(key, "vulnerable") ? read_bool(t, w, &m.vulnerable)
                                          : walk_skip(w);
        if (r < 0)
            return r;
        r = 1;
    }
    if (r == 0)
        add_match(t, criterion, &m);
    return r;
}

static int
read_matches(struct nvd_tree *t, struct walk *w)
{
    bool first = true;
    int r = enter(w, '[', "`cpeMatch` is a list");

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = read_match(t, w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* `operator` and `negate`, which both have; anything else is passed over. */
static int
read_flag(struct nvd_tree *t, struct walk *w, struct slice key, unsigned *flags)
{
    struct slice text;
    bool yes;
    int r;

    if (slice_is(key, "operator")) {
        r = walk_string(w, &text);
        if (slice_is(text, "AND"))
            *flags |= CONFIG_AND;
        else if (text.len > 0 && !slice_is(text, "OR"))
            t->counts->odd++;
        return r;
    }
    if (!slice_is(key, "negate"))
        return walk_skip(w);
    r = read_bool(t, w, &yes);
    *flags |= yes ? CONFIG_NEGATE : 0;
    return r;
}

static int
read_node(struct nvd_tree *t, struct walk *w)
{
    struct nvd_branch b = {.from = t->matches};
    struct slice key;
    bool first = true;
    int r;

    if (t->nodes == NVD_NODES) {
        t->cut = true;
        return walk_skip(w);
    }
    r = enter(w, '{', "a node of a configuration is an object");
    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "cpeMatch") ? read_matches(t, w) : read_flag(t, w, key, &b.flags);
        if (r < 0)
            return r;
        r = 1;
    }
    b.count = t->matches - b.from;
    t->node[t->nodes++] = b;
    return r;
}

static int
read_nodes(struct nvd_tree *t, struct walk *w)
{
    bool first = true;
    int r = enter(w, '[', "`nodes` is a list");

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = read_node(t, w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* AND of one is OR of one. */
static bool
is_or(const struct nvd_branch *b)
{
    return (b->flags & CONFIG_NEGATE) == 0 && ((b->flags & CONFIG_AND) == 0 || b->count == 1);
}

static bool
is_simple(const struct nvd_tree *t, const struct nvd_branch *config)
{
    bool simple = is_or(config);

    for (uint32_t i = config->from; simple && i < config->from + config->count; i++)
        simple = is_or(&t->node[i]);
    return simple;
}

static int
read_config(struct nvd_tree *t, struct walk *w)
{
    struct nvd_branch b = {.from = t->nodes};
    uint32_t matches = t->matches;
    bool cut = t->cut;
    struct slice key;
    bool first = true;
    int r;

    if (t->configs == NVD_CONFIGS) {
        t->cut = true;
        return walk_skip(w);
    }
    r = enter(w, '{', "a configuration is an object");
    t->cut = false;
    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "nodes") ? read_nodes(t, w) : read_flag(t, w, key, &b.flags);
        if (r < 0)
            return r;
        r = 1;
    }
    b.count = t->nodes - b.from;
    if (t->cut && !is_simple(t, &b)) { /* a condition less would make more of it vulnerable */
        t->nodes = b.from;
        t->matches = matches;
    } else {
        t->config[t->configs++] = b;
    }
    t->cut = t->cut || cut;
    return r;
}

int
nvd_tree_read(struct nvd_tree *t, struct walk *w)
{
    bool first = true;
    int r = enter(w, '[', "`configurations` is a list");

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = read_config(t, w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* ---- giving ------------------------------------------------------------------------------ */

static struct slice
entry_of(const struct nvd_tree *t, const struct nvd_match *m)
{
    return slice_sub(buf_get(&t->entries), m->at, m->len);
}

/* Who can be affected by it. */
static bool
is_searched(const struct nvd_branch *config, const struct nvd_branch *node,
            const struct nvd_match *m)
{
    return m->vulnerable && m->product != CONFIG_NO_PRODUCT &&
           ((config->flags | node->flags) & CONFIG_NEGATE) == 0;
}

/* Moves entries_at of each product behind its entries, which are put there. */
static void
group(struct nvd_tree *t, bool put)
{
    for (uint32_t c = 0; c < t->configs; c++) {
        const struct nvd_branch *config = &t->config[c];

        for (uint32_t n = config->from; n < config->from + config->count; n++) {
            const struct nvd_branch *node = &t->node[n];

            for (uint32_t i = node->from; i < node->from + node->count; i++) {
                const struct nvd_match *m = &t->match[i];

                if (!is_searched(config, node, m))
                    continue;
                if (put)
                    memcpy(t->bytes.ptr + t->entries_at[m->product], entry_of(t, m).ptr,
                           m->len);
                t->entries_at[m->product] += m->len;
            }
        }
    }
}

static void
put_configs(struct nvd_tree *t)
{
    for (uint32_t c = 0; c < t->configs; c++) {
        const struct nvd_branch *config = &t->config[c];

        config_put(&t->bytes, config->flags, config->count);
        for (uint32_t n = config->from; n < config->from + config->count; n++) {
            const struct nvd_branch *node = &t->node[n];

            config_put_node(&t->bytes, node->flags, node->count);
            for (uint32_t i = node->from; i < node->from + node->count; i++)
                config_put_match(&t->bytes, t->match[i].product, entry_of(t, &t->match[i]));
        }
    }
}

int
nvd_tree_give(struct nvd_tree *t, struct nvd_record *to)
{
    size_t used = t->entries.len;
    uint32_t from = 0;

    to->products = t->products;
    to->simple = true;
    for (uint32_t c = 0; to->simple && c < t->configs; c++)
        to->simple = is_simple(t, &t->config[c]);
    for (uint32_t i = 0; i < t->products; i++)
        to->product[i] = (struct nvd_product){name_of(t, i), {"", 0}};
    memset(t->entries_at, 0, t->products * sizeof *t->entries_at);
    group(t, false);
    for (uint32_t i = 0; i < t->products;
         i++) { /* from how long they are to where they begin */
        uint32_t len = t->entries_at[i];

        t->entries_at[i] = from;
        from += len;
    }
    if (buf_reserve(&t->bytes, used + 1) == NULL || buf_error(&t->entries) < 0 ||
        buf_error(&t->names) < 0)
        return ERR_NOMEM;
    buf_wrote(&t->bytes, used);
    group(t, true);
    if (!to->simple)
        put_configs(t);
    from = 0;
    for (uint32_t i = 0; i < t->products; i++) {
        to->product[i].entries = slice_sub(buf_get(&t->bytes), from, t->entries_at[i] - from);
        from = t->entries_at[i];
    }
    to->config = slice_sub(buf_get(&t->bytes), used, t->bytes.len);
    return buf_error(&t->bytes);
}
