#include "role/statements.h"

static bool
by_purl(struct slice purl, struct statement_product *p)
{
    size_t at;

    if (purl.len == 0 || purl_parse(purl, &p->purl, &at) != NULL ||
        !purl_osv(&p->purl, &p->osv))
        return false;
    p->space = p->osv.ecosystem;
    p->name = p->osv.source.len > 0 ? p->osv.source : p->osv.name;
    p->version = p->osv.version;
    return p->name.len > 0 && p->name.len <= VULNDB_TEXT;
}

static bool
by_cpe(struct slice name, struct statement_product *p)
{
    struct cpe c;

    if (name.len == 0 || cpe_parse(name, &c, NULL) < 0)
        return false;
    if (!cpe_product(&c, &p->product))
        return false;
    cpe_format(&c, &p->cpe);
    p->space = SLICE("cpe");
    p->name = buf_get(&p->product);
    p->version = buf_get(&p->cpe);
    return buf_error(&p->cpe) == 0 && buf_error(&p->product) == 0;
}

int
statement_product(const struct openvex_component *is, struct statement_product *ret)
{
    ret->cpe = (struct buf){.max = CPE_FORMAT};
    ret->product = (struct buf){.max = CPE_FORMAT};
    ret->known = by_purl(is->purl, ret) || by_cpe(is->cpe, ret);
    if (ret->known)
        return 0;
    ret->space = is->purl.len > 0  ? SLICE("purl")
                 : is->cpe.len > 0 ? SLICE("id cpe")
                                   : SLICE("id");
    ret->name = is->purl.len > 0 ? is->purl : is->cpe.len > 0 ? is->cpe : is->id;
    ret->version = SLICE("");
    return buf_error(&ret->cpe) == ERR_NOMEM || buf_error(&ret->product) == ERR_NOMEM
               ? ERR_NOMEM
           : ret->name.len == 0 ? ERR_INVALID
                                : 0;
}

void
statement_product_release(struct statement_product *p)
{
    buf_release(&p->cpe);
    buf_release(&p->product);
}
