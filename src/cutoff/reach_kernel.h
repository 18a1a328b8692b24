/* One batch of destinations, for the code and the registers that TARGET names.  Included by
 * reach.c once for each: the same text, so that all give the same. */

static TARGET inline void NAME(or)(struct line *to, const struct line *from)
{
    to->w |= from->w;
}

static TARGET inline uint64_t
NAME(ones)(const struct line *l)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < 8; i++)
        sum += (uint64_t)__builtin_popcountll(l->w[i]);
    return sum;
}

/* Sums over the bits of a line: by nibbles, a table for each. */
static TARGET inline uint64_t
NAME(weigh)(const struct line *l, uint64_t (*table)[16])
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < 8; i++) {
        uint64_t w = l->w[i];
        uint64_t(*t)[16] = table + (size_t)i * 16;

        for (unsigned k = 0; k < 16; k++)
            sum += t[k][w >> (k * 4) & 15];
    }
    return sum;
}

/* Cones: whom each destination is a customer of, by whatever chain. */
static TARGET void
NAME(climb)(const struct net *n, struct line *up)
{
    for (uint32_t v = n->transit; v-- > 0;) {
        const uint32_t *to = n->provider.to;

        if (!line_is_set(&up[v]))
            continue;
        for (uint32_t i = n->provider.at[v]; i < n->provider.at[v + 1]; i++)
            NAME(or)(&up[to[i]], &up[v]);
    }
}

/* What a node has of its providers, behind what is its own; true when that is all there is. */
static TARGET inline bool
NAME(take_providers)(const struct net *n, const struct batch *b, uint32_t v, struct line *to)
{
    const uint32_t *to_of = n->provider.to;

    for (uint32_t i = n->provider.at[v]; i < n->provider.at[v + 1]; i++) {
        if (b->full[to_of[i]])
            return true;
    }
    for (uint32_t i = n->provider.at[v]; i < n->provider.at[v + 1]; i++)
        NAME(or)(to, &b->down[to_of[i]]);
    return line_is(to, &b->all);
}

static TARGET inline bool
NAME(take_peers)(const struct net *n, const struct batch *b, uint32_t v, struct line *to)
{
    for (uint32_t i = n->peer.at[v]; i < n->peer.at[v + 1]; i++)
        NAME(or)(to, &b->up[n->peer.to[i]]);
    return line_is(to, &b->all);
}

static TARGET inline void
NAME(count)(const struct batch *b, uint32_t v, const struct line *l)
{
    b->sums->networks[v] += b->many > 0 ? NAME(ones)(l) * b->many : NAME(weigh)(l, b->many_of);
    if (b->sums->addresses != NULL)
        b->sums->addresses[v] += NAME(weigh)(l, b->addresses_of);
}

static TARGET inline void
NAME(count_all)(const struct batch *b, uint32_t v)
{
    b->sums->networks[v] += b->all_many;
    if (b->sums->addresses != NULL)
        b->sums->addresses[v] += b->all_addresses;
}

static TARGET void
NAME(run)(const struct net *n, struct batch *b)
{
    NAME(climb)(n, b->up);
    for (uint32_t v = 0; v < n->transit; v++) {
        struct line l = b->up[v];

        NAME(or)(&l, &b->across[v]);
        b->full[v] = NAME(take_providers)(n, b, v, &l) || NAME(take_peers)(n, b, v, &l);
        b->down[v] = b->full[v] ? b->all : l;
        if (b->full[v])
            NAME(count_all)(b, v);
        else
            NAME(count)(b, v, &l);
    }
    for (uint32_t v = n->transit; v < n->count; v++) {
        struct line l = {{0}};

        if (v >= b->from && v < b->from + b->size)
            line_set(&l, v - b->from);
        if (b->extra[v - n->transit] != 0)
            NAME(or)(&l, &b->pool[b->extra[v - n->transit] - 1]);
        if (NAME(take_providers)(n, b, v, &l) || NAME(take_peers)(n, b, v, &l))
            NAME(count_all)(b, v);
        else
            NAME(count)(b, v, &l);
    }
}

#undef NAME
#undef TARGET
