/* What people are told of that only the parent sees: which roles run. */
#include <stdarg.h>
#include <stdio.h>

#include "role/parent_priv.h"

void
parent_tell(struct parent *p, enum alert_rule rule, const char *subject, bool holds,
            const char *fmt, ...)
{
    struct condition c = condition_of(rule, subject, holds);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(c.text, sizeof c.text, fmt, ap);
    va_end(ap);
    if (condition_clean(&c))
        board_put(&p->board, &c, false);
}

void
parent_watch(struct parent *p)
{
    parent_tell(p, ALERT_ENGINE_DOWN, "", p->engine.pid == 0,
                "the engine does not run: nothing is taken in");
    parent_tell(p, ALERT_GATE_DOWN, "", p->gate.pid == 0,
                "the gate does not run: there is no page");
    for (unsigned i = 0; i < p->sensors; i++) {
        const struct child *c = &p->sensor[i];

        if (c->used && !c->finite)
            parent_tell(p, ALERT_SENSOR_DOWN, c->name, c->pid == 0,
                        "the process that reads sensor %s does not run", c->name);
    }
    if (p->courier.pid > 0 && board_flush(&p->board, p->courier.link) < 0)
        return; /* it is gone: its end is heard of */
}
