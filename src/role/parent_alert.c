/* What people are told of that only the parent sees: which roles run. */
#include <stdarg.h>
#include <stdio.h>

#include "role/parent_priv.h"

void
parent_tell(struct parent *p, enum alert_rule rule, const char *subject, bool holds,
            enum word what, const char *fmt, ...)
{
    struct condition c = condition_of(rule, subject, holds);
    va_list ap;

    va_start(ap, fmt);
    word_vpack(c.text, sizeof c.text, what, fmt, ap);
    va_end(ap);
    if (condition_clean(&c))
        board_put(&p->board, &c, BOARD_PARENT);
}

void
parent_watch(struct parent *p)
{
    parent_tell(p, ALERT_ENGINE_DOWN, "", p->engine.pid == 0, WORD_ALERT_ENGINE_DOWN, "%s", "");
    parent_tell(p, ALERT_GATE_DOWN, "", p->gate.pid == 0, WORD_ALERT_GATE_DOWN, "%s", "");
    for (unsigned i = 0; i < p->sensors; i++) {
        const struct child *c = &p->sensor[i];

        if (c->used && !c->finite)
            parent_tell(p, ALERT_SENSOR_DOWN, c->name, c->pid == 0, WORD_ALERT_SENSOR_DOWN,
                        "%s", c->name);
    }
    if (p->courier.pid > 0 && board_flush(&p->board, p->courier.link) < 0)
        return; /* it is gone: its end is heard of */
}
