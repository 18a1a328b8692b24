/* nftables and response policy zones. */
#include "indicator/export_priv.h"

/* ---- nftables ------------------------------------------------------------------------------
 */

int
export_nftables_item(struct export *e, const struct item *i)
{
    return i->kind <= ATOM_PREFIX ? export_keep_net(e, i) : 0;
}

static void
put_set(struct export *e, bool v4)
{
    buf_printf(&e->out[0], "\tset addresses%c {\n\t\ttype %s\n\t\tflags interval\n",
               v4 ? '4' : '6', v4 ? "ipv4_addr" : "ipv6_addr");
}

static int
put_elements(struct export *e, bool v4)
{
    struct buf *b = &e->out[0];
    bool any = false;
    int r = 0;

    put_set(e, v4);
    for (uint32_t i = 0; r == 0 && i < e->nets; i++) {
        char text[PREFIX_TEXT];
        struct prefix *p = &e->net[i];

        if ((addr_is_v4(&p->addr) && p->len >= 96) != v4)
            continue;
        buf_text(b, any ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t");
        any = true;
        if (p->len == 128)
            buf_addr(b, &p->addr);
        else
            buf_add(b, text, prefix_format(p, text));
        if (b->len > OUT_FLUSH)
            r = export_flush(e, 0);
    }
    buf_text(b, any ? "\n\t\t}\n\t}\n" : "\t}\n");
    return r;
}

/* First the sets as they may not be there yet, then without what was in them, then filled: one
 * file is one transaction, so no packet meets them empty. */
int
export_nftables_end(struct export *e)
{
    struct buf *b = &e->out[0];
    int r;

    export_order_nets(e);
    buf_text(b, "table inet detente {\n");
    put_set(e, true);
    buf_text(b, "\t}\n");
    put_set(e, false);
    buf_text(b, "\t}\n}\nflush set inet detente addresses4\n"
                "flush set inet detente addresses6\ntable inet detente {\n");
    r = put_elements(e, true);
    if (r == 0)
        r = put_elements(e, false);
    buf_text(b, "}\n");
    return r;
}

/* ---- zones ---------------------------------------------------------------------------------
 */

int
export_rpz_begin(struct export *e)
{
    /* An SOA needs names; nobody is to be asked or written to. */
    buf_printf(&e->out[0],
               "$TTL 300\n@ IN SOA localhost. root.localhost. %u 3600 600 86400 300\n"
               "@ IN NS localhost.\n",
               (unsigned)((uint64_t)(e->options->at.us / TIME_US_PER_S) & UINT32_MAX));
    return 0;
}

/* RFC 1035, 5.1: \DDD is a byte. */
static void
put_owner(struct buf *b, struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
            c == '.')
            buf_char(b, c);
        else
            buf_printf(b, "\\%03u", (unsigned char)c);
    }
}

int
export_rpz_item(struct export *e, const struct item *i)
{
    struct buf *b = &e->out[0];

    if ((i->kind != ATOM_DOMAIN && i->kind != ATOM_BELOW) || i->bytes.len > EXPORT_ZONED)
        return 0;
    if (i->kind == ATOM_BELOW)
        buf_text(b, "*.");
    put_owner(b, i->bytes);
    buf_text(b, " CNAME .\n");
    return 1;
}
