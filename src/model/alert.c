#include "model/alert.h"

#include <stdio.h>

static const struct alert_about rules[ALERT_RULES] = {
#define ALERT(id, number, name, severity, wait, clear, latched)                         \
    [number] = {(name),  ALERT_##severity, (wait)*TIME_US_PER_S, (clear)*TIME_US_PER_S, \
                latched, WORD_TODO_##id},
#include "model/alert.def"
};

const struct alert_about *
alert_about(enum alert_rule rule)
{
    return rule > ALERT_NO_RULE && rule < ALERT_RULES ? &rules[rule] : NULL;
}

void
alert_key(enum alert_rule rule, const char *subject, char to[ALERT_KEY])
{
    const struct alert_about *about = alert_about(rule);

    (void)snprintf(to, ALERT_KEY, "%s%s%s", about == NULL ? "" : about->name,
                   subject[0] == '\0' ? "" : ":", subject);
}

static const char *const severities[ALERT_SEVERITIES] = {"info", "warning", "critical"};

const char *
alert_severity_name(enum alert_severity s)
{
    return s < ALERT_SEVERITIES ? severities[s] : "";
}

int
alert_severity_find(struct slice name)
{
    for (int i = 0; i < ALERT_SEVERITIES; i++) {
        if (slice_is(name, severities[i]))
            return i;
    }
    return -1;
}

const char *
alert_state_name(enum alert_state s)
{
    static const char *const names[] = {"", "firing", "acknowledged", "resolved"};

    return s >= ALERT_FIRING && s <= ALERT_RESOLVED ? names[s] : "";
}

const char *
alert_step_name(enum alert_step s)
{
    static const char *const names[] = {"", "trigger", "remind", "acknowledge", "resolve"};

    return s >= ALERT_TRIGGER && s < ALERT_STEPS ? names[s] : "";
}
