#include "note/policy.h"

struct parser {
    struct policy *p;
    struct errinfo *ei;
    unsigned line;
    uint64_t taken; /* nodes that are members of some group */
    bool quorum;
};

static int
fail(const struct parser *ps, int err, const char *what)
{
    return err_at(ps->ei, err, ps->line, 0, "%s", what);
}

/* The next word of a line; empty at its end. */
static struct slice
take_word(struct slice *rest)
{
    size_t from = 0;
    size_t to;

    while (from < rest->len && (rest->ptr[from] == ' ' || rest->ptr[from] == '\t'))
        from++;
    for (to = from; to < rest->len && rest->ptr[to] != ' ' && rest->ptr[to] != '\t';)
        to++;
    struct slice word = slice_sub(*rest, from, to - from);

    *rest = slice_sub(*rest, to, rest->len);
    return word;
}

static int
find_node(const struct policy *p, struct slice name)
{
    for (unsigned i = 0; i < p->nodes; i++) {
        if (slice_is(name, p->node[i].name))
            return (int)i;
    }
    return -1;
}

/* A new node of that name, or NULL with the error in *ret_err. */
static struct policy_node *
add_node(struct parser *ps, struct slice name, int *ret_err)
{
    struct policy *p = ps->p;
    struct policy_node *n = &p->node[p->nodes];

    *ret_err = 0;
    if (name.len == 0 || name.len >= POLICY_NAME || slice_is(name, "none") ||
        find_node(p, name) >= 0)
        *ret_err = fail(ps, ERR_INVALID, "a name is missing, too long, or used before");
    else if (p->nodes == POLICY_NODES)
        *ret_err = fail(ps, ERR_LIMIT, "too many witnesses and groups");
    if (*ret_err < 0)
        return NULL;
    *n = (struct policy_node){.threshold = 1};
    memcpy(n->name, name.ptr, name.len);
    p->nodes++;
    return n;
}

static int
take_log(struct parser *ps, struct slice rest)
{
    struct policy *p = ps->p;

    if (p->logs == POLICY_LOGS)
        return fail(ps, ERR_LIMIT, "too many logs");
    if (vkey_parse(take_word(&rest), &p->log[p->logs]) < 0 ||
        p->log[p->logs].alg != KEY_ED25519)
        return fail(ps, ERR_INVALID, "not a log's verifier key");
    p->logs++;
    return 0;
}

static int
take_witness(struct parser *ps, struct slice rest)
{
    struct policy *p = ps->p;
    struct slice url;
    int err;
    struct policy_node *n = add_node(ps, take_word(&rest), &err);

    if (n == NULL)
        return err;
    if (vkey_parse(take_word(&rest), &p->witness[p->witnesses]) < 0 ||
        p->witness[p->witnesses].alg != KEY_COSIGN)
        return fail(ps, ERR_INVALID, "not a witness's verifier key");
    url = take_word(&rest);
    if (url.len >= POLICY_URL)
        return fail(ps, ERR_LIMIT, "the address of a witness is too long");
    if (url.len > 0)
        memcpy(p->url[p->witnesses], url.ptr, url.len);
    n->key = p->witnesses++;
    return 0;
}

static int
take_members(struct parser *ps, struct slice rest, uint64_t *ret)
{
    struct slice word;

    *ret = 0;
    while ((word = take_word(&rest)).len > 0) {
        int member = find_node(ps->p, word);
        uint64_t bit = member < 0 ? 0 : UINT64_C(1) << member;

        if (bit == 0 || (ps->taken & bit) != 0)
            return fail(ps, ERR_INVALID, "a member is unknown, or in a group already");
        ps->taken |= bit;
        *ret |= bit;
    }
    return *ret == 0 ? fail(ps, ERR_INVALID, "a group without members") : 0;
}

/* `all`, `any` or a number of members; 0 when it is none of them. */
static unsigned
threshold_of(struct slice word, unsigned count)
{
    unsigned n = 0;

    if (slice_is(word, "all"))
        return count;
    if (slice_is(word, "any"))
        return 1;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' || n > POLICY_NODES)
            return 0;
        n = n * 10 + (unsigned)(word.ptr[i] - '0');
    }
    return n > count ? 0 : n;
}

static int
take_group(struct parser *ps, struct slice rest)
{
    struct slice name = take_word(&rest);
    struct slice threshold = take_word(&rest);
    struct policy_node *n;
    uint64_t members;
    int err = take_members(ps, rest, &members);

    if (err < 0)
        return err;
    n = add_node(ps, name, &err);
    if (n == NULL)
        return err;
    n->members = members;
    n->threshold = threshold_of(threshold, (unsigned)__builtin_popcountll(members));
    return n->threshold == 0 ? fail(ps, ERR_INVALID, "the threshold of a group") : 0;
}

static int
take_quorum(struct parser *ps, struct slice rest)
{
    struct slice name = take_word(&rest);

    if (ps->quorum)
        return fail(ps, ERR_INVALID, "a second quorum");
    ps->quorum = true;
    ps->p->quorum = find_node(ps->p, name);
    if (ps->p->quorum < 0 && !slice_is(name, "none"))
        return fail(ps, ERR_INVALID, "the quorum names nothing known");
    return 0;
}

static int
take_line(struct parser *ps, struct slice line)
{
    struct slice word = take_word(&line);

    if (word.len == 0 || word.ptr[0] == '#')
        return 0;
    if (slice_is(word, "log"))
        return take_log(ps, line);
    if (slice_is(word, "witness"))
        return take_witness(ps, line);
    if (slice_is(word, "group"))
        return take_group(ps, line);
    if (slice_is(word, "quorum"))
        return take_quorum(ps, line);
    return fail(ps, ERR_INVALID, "a line begins with log, witness, group, quorum or #");
}

int
policy_parse(struct slice text, struct policy *ret, struct errinfo *ei)
{
    struct parser ps = {.p = ret, .ei = ei};
    struct vkeys lists[2];
    struct slice line;

    *ret = (struct policy){.quorum = -1};
    if (text.len > POLICY_MAX)
        return fail(&ps, ERR_LIMIT, "too long for a policy");
    while (slice_line(&text, &line)) {
        int err;

        ps.line++;
        err = take_line(&ps, line);
        if (err < 0)
            return err;
    }
    if (!ps.quorum)
        return fail(&ps, ERR_INVALID, "no quorum");
    lists[0] = (struct vkeys){ret->log, ret->logs};
    lists[1] = (struct vkeys){ret->witness, ret->witnesses};
    return vkeys_distinct(lists, 2, ei);
}

struct checkpoint_keys
policy_keys(const struct policy *p)
{
    return (struct checkpoint_keys){{p->log, p->logs}, {p->witness, p->witnesses}, {NULL, 0}};
}

/* by: bits of the witnesses, by their number. */
static bool
met(const struct policy *p, uint64_t by)
{
    uint64_t yes = 0;

    for (unsigned i = 0; i < p->nodes; i++) {
        const struct policy_node *n = &p->node[i];
        bool good = n->members == 0
                        ? (by >> n->key & 1) != 0
                        : (unsigned)__builtin_popcountll(n->members & yes) >= n->threshold;

        yes |= good ? UINT64_C(1) << i : 0;
    }
    return p->quorum < 0 || (yes >> p->quorum & 1) != 0;
}

bool
policy_met(const struct policy *p, const struct note_signers *witnesses)
{
    uint64_t by = 0;

    for (unsigned i = 0; i < p->witnesses; i++) {
        for (unsigned s = 0; s < witnesses->count; s++) {
            if (vkey_eq(witnesses->signer[s].key, &p->witness[i]))
                by |= UINT64_C(1) << i;
        }
    }
    return met(p, by);
}

uint64_t
policy_reach(const struct policy *p, const uint64_t size[POLICY_NODES])
{
    uint64_t reach = 0;

    if (p->quorum < 0)
        return UINT64_MAX;
    for (unsigned i = 0; i < p->witnesses; i++) {
        uint64_t by = 0;

        for (unsigned k = 0; k < p->witnesses; k++)
            by |= size[k] >= size[i] ? UINT64_C(1) << k : 0;
        if (size[i] > reach && met(p, by))
            reach = size[i];
    }
    return reach;
}

const char *
policy_witness(const struct policy *p, unsigned number)
{
    for (unsigned i = 0; i < p->nodes; i++) {
        if (p->node[i].members == 0 && p->node[i].key == number && number < p->witnesses)
            return p->node[i].name;
    }
    return NULL;
}
