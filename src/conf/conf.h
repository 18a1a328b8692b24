/* The node's configuration, detente.yaml: every key has a default, so an empty file is one.
 *
 * Keys, types, limits, defaults and help stand in keys.def and nowhere else; the parser, the
 * printer, `detente check -p` and the tables of detente.yaml(5) come from there.  Errors
 * carry line and column, and the nearest known name for an unknown one.  print after parse
 * gives the effective configuration, and parsing that again gives the same text.
 *
 * A struct conf is one immutable handle; all pointers in it live as long as it does.  Text is
 * UTF-8 with NUL, never NULL, "" when unset.  Pure: bytes in, values out. */
#ifndef DETENTE_CONF_CONF_H
#define DETENTE_CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"
#include "model/alert.h"
#include "model/tlp.h"
#include "words/words.h"

enum {
    CONF_NETWORKS = 4096, /* prefixes in one list */
    CONF_SENSORS = 256,
    CONF_LISTEN = 16,
    CONF_NOTIFY = 16,
    CONF_PEERS = 64,
    CONF_ASSETS = 63, /* and what is in none of them */
    CONF_HOSTS = 64,
    CONF_ORDER = 16,
    CONF_TEXT = 4096 /* bytes at most of one text */
};

struct conf_prefixes {
    const struct prefix *at;
    unsigned count;
};

struct conf_texts {
    const char *const *at;
    unsigned count;
};

enum conf_format { CONF_FORMAT_AUTO, CONF_FORMAT_EVE };

struct conf_sensor {
    const char *name; /* [a-z0-9][a-z0-9.-]*, at most 64 bytes, unique */
    const char *path; /* the file that is followed */
    enum conf_format format;
    const char *kind;              /* suricata, zeek, … as an annex names it; "" unset */
    struct conf_prefixes prefixes; /* what it watches; none: the node's networks */
    struct span silent;            /* 0: never an alert */
};

enum conf_what {
    CONF_WHAT_PAGE, /* the page, the REST interface, the live stream, the log */
    CONF_WHAT_PEERS /* what counterparts fetch; always with tls */
};

struct conf_listen {
    struct addr address; /* beyond loopback only with tls */
    uint16_t port;       /* 0: any free one */
    enum conf_what what;
    bool tls;
};

enum conf_notify_kind { CONF_NOTIFY_MAIL, CONF_NOTIFY_WEBHOOK, CONF_NOTIFY_SYSLOG };

/* Its kind is its URL's scheme.  Beyond loopback there is no smtp:// without STARTTLS and no
 * http:// at all. */
struct conf_notify {
    const char *name; /* unique */
    const char *url;
    const char *from;     /* of a mail, never "" there */
    struct conf_texts to; /* of a mail, never empty there */
    const char *user;     /* "" none */
    const char *secret;   /* path, never "" of a webhook */
    const char *ca;       /* path, "" the system's */
    enum alert_severity least;
    enum language language; /* LANGUAGES: the node's */
    struct span remind;     /* 0: never */
};

/* Own addresses that people speak of by one name.  Of several that hold an address the one with
 * the longest prefix counts; no prefix stands in two. */
struct conf_asset {
    const char *name;   /* UTF-8, at most 64 bytes, unique */
    const char *sector; /* "energy"; "" none */
    struct conf_prefixes networks;
};

/* How a counterpart is reached, where that differs from its annex. */
struct conf_peer {
    const char *party;    /* unique */
    const char *endpoint; /* "": as its annex says */
    enum tlp ceiling;     /* TLP_NONE: as egress.ceiling */
    bool inside;          /* may be on loopback, private and link-local addresses */
};

struct conf {
    const char *party;  /* "": none given; events of one's own are shown as `local` */
    const char *origin; /* of the log; "": the caller makes <hostname>/detente/log */
    uint16_t country;   /* COUNTRY(), where the node stands on the map; 0 unset */
    struct conf_prefixes networks; /* own address space */
    const struct conf_asset *assets;
    unsigned asset_count;
    const struct conf_sensor *sensors;
    unsigned sensor_count;
    struct span blind; /* declared space may go unwatched for so long; 0: never an alert */
    const struct conf_listen *listen; /* default one: 127.0.0.1:8080, page */
    unsigned listen_count;
    const struct conf_notify *notify;
    unsigned notify_count;
    const struct conf_peer *peers;
    unsigned peer_count;
    struct conf_texts witness_logs; /* verifier keys, in form; whose is the caller's to read */
    const char *witness_policy;     /* path, "" none */
    const char *witness_ca;         /* path, "" the system's */
    struct conf_texts witness_inside;
    struct conf_texts hosts; /* Host names allowed beside the loopback ones, without port */
    struct {
        struct span raw;    /* bytes as the sensor wrote them */
        struct span events; /* at least raw */
    } retention;
    struct {
        struct span stale;               /* older address data warns */
        struct conf_texts country_order; /* datasets that vote first; the rest follow */
    } tables;
    enum language language; /* of what is written for people, never LANGUAGES */
    struct {
        enum tlp ceiling;
        enum tlp unmarked;
        struct span removal;
    } egress;
    struct {
        bool publish;
        struct span every;
        unsigned least; /* events of a row */
    } totals;
    struct {
        struct { /* vuln/priority.h; factors in millionths */
            uint32_t peer, unproved, small, controlled, open, kev, ransomware, hit;
            uint32_t no_epss, no_severity, no_criticality;
            struct span seen, half_life;
        } weights;
        struct { /* a feed that is older is stale */
            struct span kev, epss, nvd, cve5, osv, debian, openvex, rules, seen;
        } stale;
    } vulnerabilities;
    bool automatic; /* notices and updates go out without a person */
    bool demo;      /* the page says DEMO */
    struct {
        struct span interval; /* a block is closed after this … */
        unsigned events;      /* … or when it has so many */
    } block;
};

/* ERR_CONF with line, column and text in ei (the file's name is the caller's to set:
 * err_file()), ERR_NOMEM.  On failure *ret is untouched. */
MUST_USE int conf_parse(struct slice yaml, struct conf **ret, struct errinfo *ei);
/* All defaults: what an empty file gives. */
MUST_USE int conf_default(struct conf **ret);
struct conf *conf_free(struct conf *c); /* NULL is fine; gives NULL */

/* The effective configuration as YAML, every key, ending in a line end. */
void conf_print(const struct conf *c, struct buf *to);

/* A span as it stands in the configuration: `30d`. */
void conf_span(struct buf *to, struct span s);

/* One row of keys.def, for manuals and help. */
struct conf_key {
    const char *name;     /* "retention.raw"; "sensors[].path" */
    const char *type;     /* "span" */
    const char *fallback; /* as written in YAML; "" none */
    const char *help;     /* one line */
};
/* NULL past the end. */
const struct conf_key *conf_key(unsigned i);

const char *conf_format_name(enum conf_format f);
const char *conf_what_name(enum conf_what w);

enum conf_notify_kind conf_notify_kind(const struct conf_notify *n);
/* The host of a receiver is this machine: nobody is on the way. */
bool conf_notify_is_near(const struct conf_notify *n);

/* A file that the configuration names: relative to the node's directory. */
enum { CONF_PATH = 4096 };
void conf_path(const char *dir, const char *name, char to[CONF_PATH]);

#endif
