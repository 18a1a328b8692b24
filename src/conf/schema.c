#include "conf/schema_priv.h"

#define IN_CONF(name, type, member, least, most, fallback, help) \
    {#name, T_##type, offsetof(struct conf, member), (least), (most), (fallback), (help)},
#define END                                  \
    {                                        \
        NULL, KEY_TYPES, 0, 0, 0, NULL, NULL \
    }

const struct key schema_top[] = {
#define TOP IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_sensor[] = {
#define SENSOR(name, type, member, least, most, fallback, help)                   \
    {#name,      T_##type, offsetof(struct conf_sensor, member), (least), (most), \
     (fallback), (help)},
#include "conf/keys.def"
    END};

const struct key schema_listen[] = {
#define LISTEN(name, type, member, least, most, fallback, help)                   \
    {#name,      T_##type, offsetof(struct conf_listen, member), (least), (most), \
     (fallback), (help)},
#include "conf/keys.def"
    END};

const struct key schema_notify[] = {
#define NOTIFY(name, type, member, least, most, fallback, help)                   \
    {#name,      T_##type, offsetof(struct conf_notify, member), (least), (most), \
     (fallback), (help)},
#include "conf/keys.def"
    END};

const struct key schema_peer[] = {
#define PEER(name, type, member, least, most, fallback, help) \
    {#name, T_##type, offsetof(struct conf_peer, member), (least), (most), (fallback), (help)},
#include "conf/keys.def"
    END};

const struct key schema_asset[] = {
#define ASSET(name, type, member, least, most, fallback, help) \
    {#name, T_##type, offsetof(struct conf_asset, member), (least), (most), (fallback), (help)},
#include "conf/keys.def"
    END};

const struct key schema_retention[] = {
#define RETENTION IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_tables[] = {
#define TABLES IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_witness[] = {
#define WITNESS IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_totals[] = {
#define TOTALS IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_egress[] = {
#define EGRESS IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_block[] = {
#define BLOCK IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_vulnerabilities[] = {
#define VULNERABILITIES IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_weight[] = {
#define WEIGHT IN_CONF
#include "conf/keys.def"
    END};

const struct key schema_stale[] = {
#define STALE IN_CONF
#include "conf/keys.def"
    END};

const char *const schema_later[] = {
#define LATER(name) #name,
#include "conf/keys.def"
    NULL};

const char *
schema_type_name(enum key_type type)
{
    static const char *const names[] = {[T_PARTY] = "party",
                                        [T_ORIGIN] = "log origin",
                                        [T_COUNTRY] = "country",
                                        [T_PREFIXES] = "prefixes",
                                        [T_SENSORS] = "list of maps",
                                        [T_NAME] = "name",
                                        [T_PATH] = "path",
                                        [T_FORMAT] = "format",
                                        [T_KIND] = "name",
                                        [T_LISTENS] = "list of maps",
                                        [T_ENDPOINT] = "address:port",
                                        [T_WHAT] = "service",
                                        [T_NOTIFIES] = "list of maps",
                                        [T_URL] = "URL",
                                        [T_PEERS] = "list of maps",
                                        [T_ASSETS] = "list of maps",
                                        [T_LABEL] = "text",
                                        [T_HTTPS] = "https URL",
                                        [T_MAILBOX] = "mail address",
                                        [T_MAILBOXES] = "mail addresses",
                                        [T_TEXT] = "text",
                                        [T_WITNESS] = "map",
                                        [T_TOTALS] = "map",
                                        [T_EGRESS] = "map",
                                        [T_TLP] = "TLP marking",
                                        [T_VKEYS] = "verifier keys",
                                        [T_NAMES] = "names",
                                        [T_SEVERITY] = "severity",
                                        [T_LANGUAGE] = "language",
                                        [T_HOSTS] = "host names",
                                        [T_RETENTION] = "map",
                                        [T_SPAN] = "span",
                                        [T_TABLES] = "map",
                                        [T_DATASETS] = "names",
                                        [T_BOOL] = "true or false",
                                        [T_BLOCK] = "map",
                                        [T_COUNT] = "number",
                                        [T_VULNERABILITIES] = "map",
                                        [T_WEIGHTS] = "map",
                                        [T_STALES] = "map",
                                        [T_FACTOR] = "factor"};

    return names[type];
}

/* All rows with their full names, in the order of keys.def. */
static const struct conf_key rows[] = {
#define ROW(prefix, name, type, fallback, help)              {prefix #name, #type, (fallback), (help)},
#define TOP(name, type, member, least, most, fallback, help) ROW("", name, type, fallback, help)
#define SENSOR(name, type, member, least, most, fallback, help) \
    ROW("sensors[].", name, type, fallback, help)
#define LISTEN(name, type, member, least, most, fallback, help) \
    ROW("listen[].", name, type, fallback, help)
#define NOTIFY(name, type, member, least, most, fallback, help) \
    ROW("notify[].", name, type, fallback, help)
#define PEER(name, type, member, least, most, fallback, help) \
    ROW("peers[].", name, type, fallback, help)
#define ASSET(name, type, member, least, most, fallback, help) \
    ROW("assets[].", name, type, fallback, help)
#define RETENTION(name, type, member, least, most, fallback, help) \
    ROW("retention.", name, type, fallback, help)
#define TABLES(name, type, member, least, most, fallback, help) \
    ROW("tables.", name, type, fallback, help)
#define WITNESS(name, type, member, least, most, fallback, help) \
    ROW("witness.", name, type, fallback, help)
#define TOTALS(name, type, member, least, most, fallback, help) \
    ROW("totals.", name, type, fallback, help)
#define EGRESS(name, type, member, least, most, fallback, help) \
    ROW("egress.", name, type, fallback, help)
#define BLOCK(name, type, member, least, most, fallback, help) \
    ROW("block.", name, type, fallback, help)
#define VULNERABILITIES(name, type, member, least, most, fallback, help) \
    ROW("vulnerabilities.", name, type, fallback, help)
#define WEIGHT(name, type, member, least, most, fallback, help) \
    ROW("vulnerabilities.weights.", name, type, fallback, help)
#define STALE(name, type, member, least, most, fallback, help) \
    ROW("vulnerabilities.stale.", name, type, fallback, help)
#include "conf/keys.def"
};

const struct conf_key *
conf_key(unsigned i)
{
    return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}
