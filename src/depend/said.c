/* Where it stands. */
#include "depend/audit.h"

static struct audit_said
said_fact(const struct facts *f, uint32_t fact)
{
    return (struct audit_said){&f->source[f->fact[fact].source], f->fact[fact].line};
}

struct audit_said
audit_said_service(const struct audit_input *in, const struct service *s)
{
    return (struct audit_said){s->source == 0 ? NULL : &in->facts->source[s->source - 1],
                               s->line};
}

/* What names a need, or its l-th link. */
static struct audit_said
said_name(const struct audit_input *in, const struct audit *a, const struct service *s,
          const struct need *n, uint32_t l)
{
    const struct part *p = n->part == 0 ? NULL : &in->services->part[n->part - 1];

    if (p != NULL)
        return (struct audit_said){&in->facts->source[p->source], p->line};
    if (l < n->links && a->said[n->link_at + l] != FACTS_NONE)
        return said_fact(in->facts, a->said[n->link_at + l]);
    return audit_said_service(in, s);
}

struct audit_said
audit_said_need(const struct audit_input *in, const struct audit *a, const struct service *s,
                const struct need *n)
{
    return n->fact == FACTS_NONE ? said_name(in, a, s, n, 0) : said_fact(in->facts, n->fact);
}

struct audit_said
audit_said_link(const struct audit_input *in, const struct audit *a, const struct service *s,
                const struct need *n, uint32_t l)
{
    uint32_t fact = a->place[a->link[n->link_at + l]].fact;

    return fact == FACTS_NONE ? said_name(in, a, s, n, l) : said_fact(in->facts, fact);
}
