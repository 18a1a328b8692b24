/* nmap's XML.  It is read by wire/xml.h and not by libxml2, which nothing here needs otherwise
 * and whose readers of document types and entities would only have to be kept shut. */
#include "vuln/package_priv.h"

#include "wire/xml.h"

enum { CPES = 16 /* of one port */ };

struct scan {
    struct xml x;
    struct package_reader r;
    bool in_host; /* not in a hosthint, which is about all that was asked for */
    bool in_port;
    bool in_service;
    bool in_cpe;
    bool open;
    struct slice address;
    struct slice asked;    /* name that was asked for */
    struct slice resolved; /* … that the address has */
    struct slice protocol;
    struct slice port;
    struct slice product;
    struct slice version;
    struct slice cpe[CPES];
    unsigned cpes;
    unsigned line;
};

static uint16_t
port_number(struct slice s)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s.len && i < 6; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return 0;
        n = n * 10 + (uint32_t)(s.ptr[i] - '0');
    }
    return n <= UINT16_MAX ? (uint16_t)n : 0;
}

/* The version is the service's own: a CPE of the system below it is not of that version. */
static int
end_port(struct scan *s)
{
    struct package p = {.name = s->product,
                        .version = s->version,
                        .scheme = VERSION_SEMVER,
                        .line = s->line,
                        .asset = s->asked.len > 0      ? s->asked
                                 : s->resolved.len > 0 ? s->resolved
                                                       : s->address,
                        .address = s->address,
                        .protocol = s->protocol,
                        .port = port_number(s->port),
                        .ecosystem = SLICE(PACKAGE_NO_ECOSYSTEM)};
    int e = 0;

    s->in_port = false;
    if (!s->open)
        return 0;
    if (s->cpes == 0)
        return package_give(&s->r, &p);
    for (unsigned i = 0; e == 0 && i < s->cpes; i++) {
        struct package one = p;

        one.cpe = s->cpe[i];
        if (slice_is(slice_sub(one.cpe, 0, 6), "cpe:/o") ||
            slice_is(slice_sub(one.cpe, 0, 6), "cpe:/h"))
            one.version = SLICE("");
        e = package_give(&s->r, &one);
    }
    return e;
}

static void
begin_port(struct scan *s)
{
    s->in_port = true;
    s->open = false;
    s->cpes = 0;
    s->line = s->x.piece_line;
    s->product = s->version = (struct slice){"", 0};
    s->protocol = xml_get(&s->x, "protocol");
    s->port = xml_get(&s->x, "portid");
}

static void
begin_host(struct scan *s)
{
    s->in_host = true;
    s->address = s->asked = s->resolved = (struct slice){"", 0};
}

static void
look_at_host(struct scan *s)
{
    struct slice type = xml_get(&s->x, "type");

    if (slice_is(s->x.name, "address") && s->address.len == 0 &&
        !slice_is(xml_get(&s->x, "addrtype"), "mac"))
        s->address = xml_get(&s->x, "addr");
    if (slice_is(s->x.name, "hostname") && slice_is(type, "user") && s->asked.len == 0)
        s->asked = xml_get(&s->x, "name");
    else if (slice_is(s->x.name, "hostname") && s->resolved.len == 0)
        s->resolved = xml_get(&s->x, "name");
}

static int
on_open(struct scan *s)
{
    struct slice name = s->x.name;

    if (s->x.depth == 1 && !slice_is(name, "nmaprun"))
        return xml_wrong(&s->x, "is no XML of nmap: its outermost element is `nmaprun`");
    if (s->in_cpe)
        return xml_wrong(&s->x, "a `cpe` is text");
    if (slice_is(name, "host"))
        begin_host(s);
    else if (s->in_host && slice_is(name, "port"))
        begin_port(s);
    else if (s->in_host && !s->in_port)
        look_at_host(s);
    else if (s->in_port && slice_is(name, "state"))
        s->open = slice_is(xml_get(&s->x, "state"), "open");
    if (s->in_port && slice_is(name, "service")) {
        s->in_service = true;
        s->product = xml_get(&s->x, "product");
        s->version = xml_get(&s->x, "version");
    }
    s->in_cpe = s->in_service && slice_is(name, "cpe");
    return 0;
}

static void
on_text(struct scan *s)
{
    struct slice cpe = package_trim(s->x.chars);

    if (!s->in_cpe)
        return;
    if (!package_shown(cpe, PACKAGE_REFERENCE) || !slice_is(slice_sub(cpe, 0, 5), "cpe:/"))
        s->r.counts->wrong_cpes++;
    else if (s->cpes == CPES)
        s->r.counts->more_references++;
    else
        s->cpe[s->cpes++] = cpe;
}

static int
on_close(struct scan *s)
{
    s->in_cpe = false;
    if (slice_is(s->x.name, "service"))
        s->in_service = false;
    if (slice_is(s->x.name, "host"))
        s->in_host = false;
    return s->in_port && slice_is(s->x.name, "port") ? end_port(s) : 0;
}

int
package_read_nmap(char *text, size_t len, package_take *take, void *arg,
                  struct package_counts *counts, struct errinfo *ei)
{
    struct scan s = {.r = {take, arg, counts, ei}};
    int e;
    int n;

    *counts = (struct package_counts){0};
    e = xml_open(&s.x, text, len, ei);
    while (e == 0) {
        n = xml_next(&s.x);
        if (n == XML_END)
            break;
        if (n == XML_OPEN)
            e = on_open(&s);
        else if (n == XML_CLOSE)
            e = on_close(&s);
        else if (n == XML_TEXT)
            on_text(&s);
        else
            e = n;
    }
    return e;
}
