/* What a request asks for, strictly: paths, queries, and the headers that decide.  Pure. */
#ifndef DETENTE_WEB_REQUEST_H
#define DETENTE_WEB_REQUEST_H

#include <stdbool.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "model/event.h"
#include "model/text.h"
#include "store/objects.h"
#include "store/query.h"
#include "words/words.h"

enum web_what {
    WEB_ASSET, /* whatever is no other: looked up among the page's files */
    WEB_NODE,
    WEB_NOW,
    WEB_LIVE,
    WEB_TOP,
    WEB_EVENTS,
    WEB_EVENT,
    WEB_EVENT_RAW,
    WEB_EVENT_PROOF,
    WEB_CHECKPOINT,
    WEB_TILE,
    WEB_METRICS,
    WEB_LIVEZ,
    WEB_READYZ,
    WEB_SESSION,  /* who am I, sign in, sign out */
    WEB_PASSWORD, /* set it */
    WEB_ALERTS,
    WEB_ALERT_ACK,
    WEB_ADD_CHECKPOINT, /* C2SP tlog-witness */
    WEB_INCIDENTS,
    WEB_INCIDENT,        /* one, with all that was said */
    WEB_SAY,             /* something in it */
    WEB_PACT_PROOF,      /* a file of evidence that a counterpart gave */
    WEB_VERDICT,         /* is the pact kept */
    WEB_COVERAGE,        /* what own sensors see of own space */
    WEB_SERIES,          /* attack events of seven days, for the timeline */
    WEB_VULNERABILITIES, /* what is exploited now, and what of it is one's own; or one of them
                          */
    WEB_EXCHANGE,        /* how the exchange of objects stands … */
    WEB_EXPLAIN,         /* … and why one goes to a party or not */
    WEB_CUTOFF, /* what cuts do to reach: all countries, one, or what services outlast */
    WEB_REPORT, /* /report: the joint report as HTML … */
    WEB_REPORT_JSON,
    WEB_PACTS,     /* … what stands in it */
    WEB_PEERS,     /* how it stands with counterparts … */
    WEB_WORLD,     /* what others publish of it */
    WEB_WITNESSES, /* … and with witnesses of this log */
    WEB_SHELF,     /* /pact/…, /holder/…: what counterparts fetch */
    WEB_WITNESSED  /* the last that was cosigned of a log */
};

enum web_cutoff { WEB_CUTOFF_WORLD, WEB_CUTOFF_COUNTRY, WEB_CUTOFF_SERVICES };

enum web_method { WEB_GET = 1, WEB_HEAD = 2, WEB_POST = 4, WEB_PUT = 8, WEB_DELETE = 16 };

enum { WEB_WORD = 65 /* bytes of a parameter that is a word, with NUL */ };
enum { WEB_LIMIT = 100, WEB_LIMIT_MAX = 10000 /* rows */ };

/* The parameters of `top` and `events`. */
struct web_query {
    struct query filter;
    uint64_t limit;        /* rows, 1..WEB_LIMIT_MAX */
    enum top_by by;        /* top only */
    bool targets;          /* top only: count targets, not origins */
    bool sectors;          /* … by their sector; only with TOP_GROUP */
    char asset[WEB_WORD];  /* targets in that group, `-` in none; "" any … */
    char sector[WEB_WORD]; /* … or in those of that sector */
    char party[WEB_WORD];  /* origins that are that party's, `-` nobody's; "" any */
};

/* The parameters of `verdict`, `report` and `alerts`; "" where none is given. */
struct web_verdict {
    char pact[WEB_WORD];
    char party[WEB_WORD];
    char period[WEB_WORD];
    enum language language; /* of report and alerts; LANGUAGES: not said */
};

/* The parameters of `exchange/explain`, both needed. */
enum { WEB_OBJECT = OBJECT_ID_MAX + 1 };
struct web_explain {
    char object[WEB_OBJECT];
    char to[WEB_WORD];
};

/* The parameters of `live`: a stream of the past. */
struct web_replay {
    bool wanted;
    bool has_speed;
    struct utime at;
    unsigned speed; /* how many times faster than it was; 0: that one moment */
};

struct web_route {
    enum web_what what;
    struct event_id event; /* WEB_EVENT… */
    struct tile_path tile; /* WEB_TILE */
    uint64_t alert;        /* WEB_ALERT_ACK: its number */
    struct slice pact;     /* WEB_INCIDENT, WEB_SAY; borrowed from the path … */
    struct slice incident;
    struct slice word;          /* … type of the message that is to be said */
    struct slice vulnerability; /* "" all */
    enum web_cutoff cutoff;
    char country[3]; /* WEB_CUTOFF_COUNTRY */
    struct hash
        origin; /* WEB_WITNESSED: SHA-256 of the log's origin; WEB_PACT_PROOF: of the file */
    bool dry;   /* WEB_SAY: only what would be said */
    struct web_verdict verdict;
    struct web_explain explain;
    struct web_replay replay; /* WEB_LIVE */
    struct web_query query;   /* WEB_TOP, WEB_EVENTS: the defaults of this path */
};

/* 0; ERR_INVALID with one line in ei for a path whose form is wrong below /log/ or
 * /api/v1/events/; ERR_NOTFOUND for any other below /api/ and /log/. */
MUST_USE int web_route(struct slice path, struct web_route *ret, struct errinfo *ei);

/* Does it take pact, party and period? */
bool web_is_verdict(enum web_what what);
/* May a listener for counterparts give that? */
bool web_is_for_peers(enum web_what what);

/* The method, 0 for any other. */
unsigned web_method(struct slice name);
/* The methods that a path takes: GET and HEAD, for all but few. */
unsigned web_methods(struct slice path);
/* The same as text, for the Allow header. */
const char *web_methods_text(struct slice path);
/* True when a request of that method says by a body what it wants. */
bool web_takes_body(struct slice path, unsigned method);

/* One parameter of the query.  Times as a person or program writes them: `2h` before now, a
 * date, RFC 3339.  ERR_INVALID with one line in ei, packed as word_unpack() takes it: unknown
 * for this path, twice (*seen holds what was given), or out of form. */
MUST_USE int web_query_take(struct web_route *route, struct slice name, struct slice value,
                            struct utime now, unsigned *seen, struct errinfo *ei);

/* Do the parameters of `live` fit together, at that time?  ERR_INVALID with one line in ei. */
MUST_USE int web_replay_check(const struct web_replay *r, struct utime now, struct errinfo *ei);

/* Host header: a loopback name with this port, or one of the hosts with any or no port.  Keeps
 * a page of elsewhere from reading the node by pointing its own name here. */
bool web_host_allowed(struct slice host, unsigned port, const char *const *hosts,
                      unsigned count);
/* Origin header, when there is one: http:// or https:// and an allowed host. */
bool web_origin_allowed(struct slice origin, unsigned port, const char *const *hosts,
                        unsigned count);
/* If-None-Match against one entity tag (with quotes; weak comparison, RFC 9110 13.1.2). */
bool web_etag_matches(struct slice header, struct slice etag);
/* Accept-Encoding names gzip (or *) and does not forbid it. */
bool web_accepts_gzip(struct slice header);

#endif
