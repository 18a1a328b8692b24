/* The pact: what parties promised, as all of them signed it (docs/pact.md).
 *
 * A pact is the text of a signed note, strict YAML.  Reading gives one immutable handle; all
 * pointers in it live as long as it does, text is UTF-8 with NUL, "" when absent.  What is
 * refused is refused with line and column, and the nearest known word.  A pact without keys is
 * a draft: it reads, and warns.  Pure. */
#ifndef DETENTE_PACT_PACT_H
#define DETENTE_PACT_PACT_H

#include <stdbool.h>

#include "base/sha256.h"
#include "model/addr.h"
#include "note/key.h"
#include "pact/incident.h"

enum {
    PACT_PARTIES = 32,
    PACT_CLASSES = 64,
    PACT_SEVERITIES = 16,
    PACT_OBLIGATIONS = 256,
    PACT_EXCLUSIONS = 256,
    PACT_WITNESSES = 16,
    PACT_PREFIXES = 1024, /* of one exclusion */
    PACT_LIST = 64        /* any other list */
};

struct pact_texts {
    const char *const *at;
    unsigned count;
};

struct pact_prefixes {
    const struct prefix *at;
    unsigned count;
};

struct pact_party {
    const char *id;
    const char *name;
    const char *role;
    struct pact_texts countries;
    const char *key_text; /* "" a draft */
    struct vkey key;      /* when there is one */
    const char *log_origin;
    const char *annex; /* file name, for people */
    unsigned line;     /* where it stands */
};

struct pact_severity {
    const char *id;
    struct incident_times times;
    unsigned line;
};

enum pact_kind {
    PACT_REFRAIN,
    PACT_RESPOND,
    PACT_NOTIFY,
    PACT_CONTACT,
    PACT_VISIBILITY,
    PACT_PRESERVE,
    PACT_PROTECT,
    PACT_CONSULT,
    PACT_HYGIENE,
    PACT_KINDS
};

/* What must be seen for an incident, within a sliding window; 0: not asked for. */
struct pact_threshold {
    int64_t events;
    int64_t targets; /* distinct addresses */
    int64_t sensors; /* distinct */
    int64_t bytes_per_s;
    struct span window;
    struct span sustained; /* with bytes_per_s */
};

struct pact_obligation {
    const char *id;
    const char *article;
    const char *text;
    enum pact_kind kind;
    struct pact_texts classes; /* of a refrain: never empty; "*": pact_is_any() */
    struct pact_texts targets; /* "protected:<label>"; none: all declared space */
    int severity;       /* index, -1 none; of a notify with classes without one: the mildest */
    bool has_threshold; /* a notify with classes has that of one event */
    struct pact_threshold threshold;
    int grade_min; /* 0 O0 … 4 O4 */
    const char *digest;
    struct pact_texts answers; /* of respond */
    struct pact_texts actions;
    struct pact_texts reason_required;
    bool has_extensions;
    int64_t extensions;
    struct span extension;
    struct span within; /* notify */
    struct span ping_every;
    struct span answer;  /* contact */
    struct span receipt; /* preserve */
    struct span keep_for;
    struct span extend_by;
    struct pact_texts refusal_reasons;
    struct span every; /* consult */
    struct span extra_within;
    bool self_reported; /* hygiene */
    struct span kev_patch;
    int64_t roa_coverage_ppm;
    unsigned line;
};

struct pact_exclusion {
    const char *id;
    const char *why;
    const char *until; /* a day, "" open */
    struct pact_prefixes origin;
    struct pact_prefixes target;
    struct pact_texts classes;
    const char *origin_role; /* "transit" or "" */
    unsigned line;
};

struct pact_witness {
    const char *cosign; /* verifier keys */
    const char *message;
};

struct pact {
    const char *format;
    const char *name;
    const char *title;
    int64_t version;
    const char *supersedes; /* hex or "" */
    const char *signed_on;
    struct utime from;
    struct utime until; /* 0 open */
    struct span denunciation;
    struct pact_texts survives;
    const char *covers;
    const char *taxonomy;
    struct pact_texts classes;
    struct pact_texts never;
    const char *statement;
    const char *third_parties;
    const struct pact_party *party;
    unsigned parties;
    struct span clock_skew_max;
    const char *clock_starts;
    struct span undelivered_after;
    struct span checkpoint_every;
    struct span witness_within;
    struct span evidence_waits;
    const struct pact_witness *witness;
    unsigned witnesses;
    struct span heartbeat_every;
    struct span sensor_late_after;
    int64_t max_drop_ppm;
    int64_t min_coverage_ppm;
    int64_t canaries_per_day;
    struct span canary_window;
    int64_t min_recall_ppm;
    const char *cross_canaries;
    int64_t cross_canary_max;
    struct pact_texts key;
    int64_t origin_v4; /* bits */
    int64_t origin_v6;
    struct span gap;
    struct span reopen_within;
    const struct pact_severity *severity;
    unsigned severities;
    const struct pact_obligation *obligation;
    unsigned obligations;
    const struct pact_exclusion *exclusion;
    unsigned exclusions;
    const char *tlp_default;
    const char *tlp_verdicts;
    const char *tlp_published;
    struct pact_texts publish;
    const char *pap_default;
    const char *onward_transfer;
    struct pact_texts minimise;
    struct span keep_events;
    struct span keep_evidence;
    const char *keep_log;
    struct span out_of_contact_after;
    const char *on_out_of_contact;
    struct span resume_grace;
    struct span max_suspended;
    const char *bundles;
    int64_t notices_per_day;
    int64_t open_per_obligation;
    const char *severity_rule;
    struct pact_texts steps;
    const char *observer;
    struct hash sha256; /* of the text, with its last LF */
    bool draft;         /* a party has no key yet */
};

/* A warning: what is no error, and should be known. */
typedef void pact_warn(void *arg, unsigned line, const char *text);

/* text: the note's text, or an unsigned file.  ERR_CONF with line, column and reason;
 * ERR_NOMEM. warn may be NULL. */
MUST_USE int pact_read(struct slice text, struct pact **ret, pact_warn *warn, void *arg,
                       struct errinfo *ei);
struct pact *pact_free(struct pact *p); /* NULL is fine; gives NULL */

/* The next version of the same pact: number, and the hash of the one before.  before NULL: the
 * first that is known here.  ERR_CONF, ei without a place. */
MUST_USE int pact_follows(const struct pact *next, const struct pact *before,
                          struct errinfo *ei);

/* The figures that a fold of its incidents needs; ret points into p. */
struct pact_terms {
    struct incident_terms terms;
    struct incident_times times[PACT_SEVERITIES];
    const char *name[PACT_SEVERITIES];
};
void pact_terms(const struct pact *p, struct pact_terms *ret);

const struct pact_party *pact_party(const struct pact *p, struct slice id); /* NULL */
const struct pact_obligation *pact_obligation(const struct pact *p, struct slice id);
bool pact_has_class(const struct pact *p, struct slice name);
/* Does `*` stand for that class of the pact?  For all that is done to a target: not for
 * test:test, nor for a weakness that is seen (vulnerable:…, but for an amplifier, whose traffic
 * came). */
bool pact_is_any(struct slice class_name);
/* Does seeing something of its classes open an incident?  Of kind refrain; of kind notify when
 * it names classes: what is seen of the other party is told to it (docs/pact.md, Telling). */
bool pact_watches(const struct pact_obligation *o);
/* Below 0 when severity a (an index) is stricter than b: shorter acknowledge, answer, act,
 * receipt; of equal ones the first. */
int pact_strictness(const struct pact *p, int a, int b);
const char *pact_kind_name(enum pact_kind k);

#endif
