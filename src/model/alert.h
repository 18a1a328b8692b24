/* Alerts: what the people who run a node are told of, by a key that stays the same.
 *
 * An alert is a rule and a subject: `sensor-silent:north`.  While one is open (firing or
 * acknowledged) its key opens no other; it is told, acknowledged and resolved once each.  After
 * that the key may open a new one, which has a number of its own.  Pure. */
#ifndef DETENTE_MODEL_ALERT_H
#define DETENTE_MODEL_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"
#include "model/person.h"
#include "words/words.h"

enum {
    ALERT_SUBJECT = 80, /* bytes, with NUL */
    ALERT_KEY = 104,    /* of `rule:subject` or `rule`, with NUL */
    ALERT_TEXT = 256
};

enum alert_severity { ALERT_INFO, ALERT_WARNING, ALERT_CRITICAL, ALERT_SEVERITIES };

enum alert_rule {
    ALERT_NO_RULE = 0,
#define ALERT(id, number, name, severity, wait, clear, latched) ALERT_##id = (number),
#include "model/alert.def"
    ALERT_RULES
};

struct alert_about {
    const char *name;
    enum alert_severity severity;
    int64_t wait_us;  /* the condition must hold for so long … */
    int64_t clear_us; /* … and be away for so long */
    bool latched;
    enum word to_do; /* one sentence */
};

/* The numbers are stored. */
enum alert_state { ALERT_FIRING = 1, ALERT_ACKED = 2, ALERT_RESOLVED = 3 };

/* What is told of an alert.  The numbers are stored. */
enum alert_step {
    ALERT_TRIGGER = 1,
    ALERT_REMIND = 2, /* nobody acknowledged it */
    ALERT_ACKNOWLEDGE = 3,
    ALERT_RESOLVE = 4,
    ALERT_STEPS
};

struct alert {
    uint64_t number; /* from 1, never used again */
    enum alert_rule rule;
    enum alert_state state;
    char subject[ALERT_SUBJECT]; /* "" when the rule has but one */
    char text[ALERT_TEXT];       /* one sentence, packed (words/words.h) */
    char by[PERSON_USER];        /* who acknowledged it; "" nobody */
    struct utime since;
    struct utime acked; /* 0: not */
    struct utime resolved;
    struct utime told; /* last, or reminded of */
};

/* NULL for a number that is none. */
const struct alert_about *alert_about(enum alert_rule rule);
void alert_key(enum alert_rule rule, const char *subject, char to[ALERT_KEY]);

const char *alert_severity_name(enum alert_severity s); /* "warning" */
/* -1 when there is none. */
int alert_severity_find(struct slice name);
const char *alert_state_name(enum alert_state s); /* "firing" */
const char *alert_step_name(enum alert_step s);   /* "trigger" */

#endif
