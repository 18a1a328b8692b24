#include "conf/schema_priv.h"
#include "model/event.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as the key table, whatever the input is */

const char *
conf_format_name(enum conf_format f)
{
    static const char *const names[] = {"auto", "eve"};

    return names[f];
}

const char *
conf_what_name(enum conf_what w)
{
    static const char *const names[] = {"page", "peers"};

    return names[w];
}

void
print_span(struct buf *to, struct span s)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"d", 86400000000}, {"h", 3600000000}, {"m", 60000000},
                 {"s", 1000000},     {"ms", 1000},      {"us", 1}};
    unsigned i = 0;

    if (s.us == 0)
        i = 3; /* 0s */
    while (s.us % units[i].us != 0)
        i++;
    buf_i64(to, s.us / units[i].us);
    buf_text(to, units[i].unit);
}

void
conf_span(struct buf *to, struct span s)
{
    print_span(to, s);
}

static void
print_item(struct buf *to, unsigned indent)
{
    buf_printf(to, "\n%*s- ", (int)indent, "");
}

static void
print_prefixes(struct buf *to, const struct conf_prefixes *list, unsigned indent)
{
    char text[PREFIX_TEXT];

    for (unsigned i = 0; i < list->count; i++) {
        print_item(to, indent);
        yaml_print(to, (struct slice){text, prefix_format(&list->at[i], text)});
    }
    if (list->count == 0)
        buf_text(to, " []");
}

static void
print_texts(struct buf *to, const struct conf_texts *list, unsigned indent)
{
    for (unsigned i = 0; i < list->count; i++) {
        print_item(to, indent);
        yaml_print(to, slice_of(list->at[i]));
    }
    if (list->count == 0)
        buf_text(to, " []");
}

static void
print_endpoint(struct buf *to, const struct conf_listen *l)
{
    bool v4 = addr_is_v4(&l->address);

    buf_text(to, v4 ? "" : "\"[");
    buf_addr(to, &l->address);
    buf_printf(to, v4 ? ":%u" : "]:%u\"", l->port);
}

static void
print_country(struct buf *to, uint16_t country)
{
    char text[3];

    country_format(country, text);
    yaml_print(to, slice_of(text));
}

static void
print_factor(struct buf *to, uint32_t millionths)
{
    unsigned digits = 6;
    uint32_t part = millionths % 1000000;

    buf_u64(to, millionths / 1000000);
    while (part != 0 && part % 10 == 0) {
        part /= 10;
        digits--;
    }
    if (part != 0)
        buf_printf(to, ".%0*u", (int)digits, part);
}

static void
print_text(struct buf *to, const void *from)
{
    const char *text;

    memcpy(&text, from, sizeof text);
    yaml_print(to, slice_of(text));
}

/* A value behind `key: `. */
static void
print_scalar(struct buf *to, const struct key *key, const void *from)
{
    switch (key->type) {
    case T_PARTY:
    case T_ORIGIN:
    case T_NAME:
    case T_KIND:
    case T_URL:
    case T_HTTPS:
    case T_MAILBOX:
    case T_TEXT:
    case T_LABEL:
    case T_PATH: print_text(to, from); return;
    case T_SEVERITY:
        buf_text(to, alert_severity_name(*(const enum alert_severity *)from));
        return;
    case T_LANGUAGE:
        if (*(const enum language *)from == LANGUAGES)
            buf_text(to, "\"\"");
        else
            buf_text(to, language_name(*(const enum language *)from));
        return;
    case T_COUNTRY: print_country(to, *(const uint16_t *)from); return;
    case T_FORMAT: buf_text(to, conf_format_name(*(const enum conf_format *)from)); return;
    case T_WHAT: buf_text(to, conf_what_name(*(const enum conf_what *)from)); return;
    case T_SPAN: print_span(to, *(const struct span *)from); return;
    case T_BOOL: buf_text(to, *(const bool *)from ? "true" : "false"); return;
    case T_COUNT: buf_u64(to, *(const unsigned *)from); return;
    case T_FACTOR: print_factor(to, *(const uint32_t *)from); return;
    case T_ENDPOINT:
        print_endpoint(
            to, (const void *)((const char *)from - offsetof(struct conf_listen, address)));
        return;
    case T_PREFIXES:
    case T_HOSTS:
    case T_VKEYS:
    case T_NAMES:
    case T_WITNESS:
    case T_MAILBOXES:
    case T_DATASETS:
    case T_SENSORS:
    case T_LISTENS:
    case T_NOTIFIES:
    case T_PEERS:
    case T_ASSETS:
    case T_RETENTION:
    case T_TABLES:
    case T_TLP:
        buf_text(to, *(const enum tlp *)from == TLP_NONE ? "\"\""
                                                         : tlp_name(*(const enum tlp *)from));
        return;
    case T_EGRESS:
    case T_TOTALS:
    case T_BLOCK:
    case T_VULNERABILITIES:
    case T_WEIGHTS:
    case T_STALES:
    case KEY_TYPES: break;
    }
    BUG_ON("no scalar" != NULL);
}

static void print_map(struct buf *to, const struct key *keys, const void *base,
                      unsigned indent);

/* Maps of a list: the first key stands behind the hyphen. */
static void
print_maps(struct buf *to, const struct key *keys, const void *base, unsigned count,
           size_t size)
{
    for (unsigned i = 0; i < count; i++) {
        print_item(to, 2);
        print_map(to, keys, (const char *)base + i * size, 4);
    }
    if (count == 0)
        buf_text(to, " []");
}

static void
print_value(struct buf *to, const struct key *key, const void *base, unsigned indent)
{
    const struct conf *c = base; /* for those types that occur at the top only */
    const void *from = (const char *)base + key->offset;
    const struct key *nested = key->type == T_RETENTION         ? schema_retention
                               : key->type == T_TABLES          ? schema_tables
                               : key->type == T_WITNESS         ? schema_witness
                               : key->type == T_TOTALS          ? schema_totals
                               : key->type == T_EGRESS          ? schema_egress
                               : key->type == T_BLOCK           ? schema_block
                               : key->type == T_VULNERABILITIES ? schema_vulnerabilities
                               : key->type == T_WEIGHTS         ? schema_weight
                               : key->type == T_STALES          ? schema_stale
                                                                : NULL;

    if (key->type == T_PREFIXES) {
        print_prefixes(to, from, indent + 2);
    } else if (key->type == T_HOSTS || key->type == T_DATASETS || key->type == T_MAILBOXES ||
               key->type == T_VKEYS || key->type == T_NAMES) {
        print_texts(to, from, indent + 2);
    } else if (key->type == T_SENSORS) {
        print_maps(to, schema_sensor, c->sensors, c->sensor_count, sizeof *c->sensors);
    } else if (key->type == T_LISTENS) {
        print_maps(to, schema_listen, c->listen, c->listen_count, sizeof *c->listen);
    } else if (key->type == T_NOTIFIES) {
        print_maps(to, schema_notify, c->notify, c->notify_count, sizeof *c->notify);
    } else if (key->type == T_PEERS) {
        print_maps(to, schema_peer, c->peers, c->peer_count, sizeof *c->peers);
    } else if (key->type == T_ASSETS) {
        print_maps(to, schema_asset, c->assets, c->asset_count, sizeof *c->assets);
    } else if (nested != NULL) {
        buf_printf(to, "\n%*s", (int)indent + 2, "");
        print_map(to, nested, base, indent + 2);
    } else {
        buf_char(to, ' ');
        print_scalar(to, key, from);
    }
}

static void
print_map(struct buf *to, const struct key *keys, const void *base, unsigned indent)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        if (k != keys)
            buf_printf(to, "\n%*s", (int)indent, "");
        buf_printf(to, "%s:", k->name);
        print_value(to, k, base, indent);
    }
}

void
conf_print(const struct conf *c, struct buf *to)
{
    print_map(to, schema_top, c, 0);
    buf_char(to, '\n');
}
/* NOLINTEND(misc-no-recursion) */
