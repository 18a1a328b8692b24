#include <stdio.h>

#include "notify/message.h"

void
notice_id(const struct notice *n, char to[NOTICE_ID])
{
    if (n->step == ALERT_REMIND)
        (void)snprintf(to, NOTICE_ID, "%llu-%s-%u", (unsigned long long)n->alert.number,
                       alert_step_name(n->step), n->nth);
    else
        (void)snprintf(to, NOTICE_ID, "%llu-%s", (unsigned long long)n->alert.number,
                       alert_step_name(n->step));
}

void
notice_dedup_key(const struct notice_from *from, const struct notice *n, struct buf *to)
{
    char key[ALERT_KEY];

    alert_key(n->alert.rule, n->alert.subject, key);
    buf_text(to, from->node);
    buf_char(to, ' ');
    buf_text(to, key);
}
