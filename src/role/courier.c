#include "role/courier.h"

#include <stdio.h>
#include <string.h>

enum { LOOK_US = 1000000 };

static int64_t
mono(const struct courier *c)
{
    return c->env->now_mono(c->env->self);
}

static struct utime
wall(const struct courier *c)
{
    return c->env->now_wall(c->env->self);
}

/* A full or busy disk is no end: what was not written down is not done, and is tried again. */
static int
settle(struct courier *c, int r)
{
    if (r == 0)
        r = alerts_commit(c->alerts);
    if (r < 0)
        alerts_rollback(c->alerts);
    return r;
}

static int
bear(int r)
{
    return r == ERR_FULL || r == ERR_BUSY ? 0 : r;
}

/* ---- conditions ------------------------------------------------------------------------- */

static int
row_of(const struct courier *c, const struct condition *is)
{
    for (int i = 0; i < COURIER_ROWS; i++) {
        if (c->row[i].used && condition_same(&c->row[i].is, is))
            return i;
    }
    return -1;
}

static int
new_row(struct courier *c, const struct condition *is)
{
    for (int i = 0; i < COURIER_ROWS; i++) {
        if (!c->row[i].used) {
            c->row[i].used = true;
            c->row[i].is = *is;
            c->row[i].told = false;
            c->row[i].since = mono(c);
            c->row[i].open = 0;
            return i;
        }
    }
    return -1;
}

void
courier_hear(struct courier *c, const struct condition *is)
{
    int at = row_of(c, is);

    if (at < 0 && is->holds == 0)
        return;
    if (at < 0)
        at = new_row(c, is);
    if (at < 0)
        return; /* as many as can be open are */
    if (c->row[at].is.holds != is->holds)
        c->row[at].since = mono(c);
    c->row[at].is = *is;
    c->row[at].told = true;
}

void
courier_synced(struct courier *c)
{
    for (unsigned i = 0; i < COURIER_ROWS; i++) {
        if (c->row[i].used && !c->row[i].told && c->row[i].is.rule != ALERT_NOTIFY_FAILING) {
            c->row[i].is.holds = 0;
            c->row[i].since = mono(c);
        }
    }
    c->synced = true;
}

static bool
is_failing(const struct courier *c, const char *receiver)
{
    for (unsigned i = 0; i < c->conf->notify_count; i++) {
        if (strcmp(c->conf->notify[i].name, receiver) == 0)
            return c->to[i].failing.us != 0;
    }
    return false;
}

static int
take_up(void *arg, const struct alert *alert)
{
    struct courier *c = arg;
    struct condition is = condition_of(alert->rule, alert->subject, true);
    int at;

    (void)snprintf(is.text, sizeof is.text, "%s", alert->text);
    at = new_row(c, &is);
    if (at >= 0)
        c->row[at].open = alert->number;
    return 0;
}

int
courier_open(struct courier *c, struct alerts *a, const struct env *env,
             const struct conf *conf)
{
    const char *names[CONF_NOTIFY];
    int r;

    *c = (struct courier){.alerts = a, .env = env, .conf = conf};
    for (unsigned i = 0; i < conf->notify_count; i++)
        names[i] = conf->notify[i].name;
    r = alerts_begin(a);
    if (r == 0)
        r = settle(c, alerts_keep_receivers(a, names, conf->notify_count));
    r = bear(r);
    for (unsigned i = 0; r == 0 && i < conf->notify_count; i++) {
        struct receiver known;

        r = alerts_receiver(a, names[i], &known);
        c->to[i].failing = known.failing;
    }
    if (r == 0)
        r = alerts_each(a, false, 0, take_up, c);
    for (unsigned i = 0; r == 0 && i < COURIER_ROWS; i++) {
        if (c->row[i].used && c->row[i].is.rule == ALERT_NOTIFY_FAILING)
            c->row[i].is.holds = is_failing(c, c->row[i].is.subject);
    }
    return r;
}

/* ---- steps of an alert ------------------------------------------------------------------ */

static bool
is_for(const struct courier *c, unsigned receiver, const struct alert *a)
{
    const struct conf_notify *n = &c->conf->notify[receiver];

    if (a->rule == ALERT_NOTIFY_FAILING && strcmp(a->subject, n->name) == 0)
        return false; /* it would be the last to know */
    return alert_about(a->rule)->severity >= n->least;
}

static int
add_sending(struct courier *c, unsigned receiver, const struct alert *a, enum alert_step step,
            uint32_t nth)
{
    const struct conf_notify *n = &c->conf->notify[receiver];
    bool gather = conf_notify_kind(n) == CONF_NOTIFY_MAIL &&
                  alert_about(a->rule)->severity != ALERT_CRITICAL;
    struct sending s = {.alert = a->number, .step = step, .nth = nth, .made = wall(c)};

    (void)snprintf(s.receiver, sizeof s.receiver, "%s", n->name);
    s.due.us = s.made.us + (gather ? COURIER_GATHER_US : 0);
    return alerts_add_sending(c->alerts, &s);
}

/* The alert as it is now, and what is told of it, in one transaction. */
static int
put(struct courier *c, struct alert *a, enum alert_step step)
{
    int r = alerts_begin(c->alerts);

    if (r < 0)
        return r;
    r = alerts_put(c->alerts, a);
    for (unsigned i = 0; r == 0 && i < c->conf->notify_count; i++) {
        if (is_for(c, i, a))
            r = add_sending(c, i, a, step, 0);
    }
    return settle(c, r);
}

static int
fire(struct courier *c, unsigned at)
{
    const struct condition *is = &c->row[at].is;
    struct alert a = {
        .rule = (enum alert_rule)is->rule, .state = ALERT_FIRING, .told = wall(c)};
    int r;

    a.since.us = a.told.us - (mono(c) - c->row[at].since);
    (void)snprintf(a.subject, sizeof a.subject, "%s", is->subject);
    (void)snprintf(a.text, sizeof a.text, "%s", is->text);
    r = put(c, &a, ALERT_TRIGGER);
    if (r == ERR_LIMIT) {
        if (!c->full)
            c->env->log(c->env->self, ENV_WARN, "too many alerts are open: no more are kept");
        c->full = true;
        return 0;
    }
    if (r == 0)
        c->row[at].open = a.number;
    return r;
}

static int
resolve(struct courier *c, unsigned at)
{
    struct alert a;
    int r = alerts_get(c->alerts, c->row[at].open, &a);

    if (r == 0) {
        a.state = ALERT_RESOLVED;
        a.resolved = wall(c);
        r = put(c, &a, ALERT_RESOLVE);
    }
    if (r == 0 || r == ERR_NOTFOUND) {
        c->row[at].open = 0;
        c->full = false;
        return 0;
    }
    return r;
}

int
courier_ack(struct courier *c, uint64_t number, const char *user)
{
    struct alert a;
    int r = alerts_get(c->alerts, number, &a);
    bool latched;

    if (r < 0 || a.state != ALERT_FIRING)
        return r == ERR_NOTFOUND ? 0 : r;
    latched = alert_about(a.rule)->latched;
    (void)snprintf(a.by, sizeof a.by, "%s", user);
    a.acked = wall(c);
    a.state = latched ? ALERT_RESOLVED : ALERT_ACKED;
    if (latched)
        a.resolved = a.acked;
    r = put(c, &a, latched ? ALERT_RESOLVE : ALERT_ACKNOWLEDGE);
    for (unsigned i = 0; r == 0 && latched && i < COURIER_ROWS; i++) {
        if (c->row[i].used && c->row[i].open == number)
            c->row[i].used = false;
    }
    return r;
}

static int
step_row(struct courier *c, unsigned at)
{
    const struct alert_about *about = alert_about((enum alert_rule)c->row[at].is.rule);
    int64_t for_us = mono(c) - c->row[at].since;
    bool sure = c->row[at].told || c->synced || c->row[at].is.rule == ALERT_NOTIFY_FAILING;

    if (c->row[at].is.holds != 0)
        return c->row[at].open == 0 && for_us >= about->wait_us ? fire(c, at) : 0;
    if (c->row[at].open == 0)
        c->row[at].used = false;
    else if (sure && !about->latched && for_us >= about->clear_us)
        return resolve(c, at);
    return 0;
}

/* ---- reminders -------------------------------------------------------------------------- */

struct reminders {
    struct courier *c;
    struct alert due[16]; /* the rest comes with the next look */
    unsigned count;
};

/* How many times its span went by. */
static int64_t
nth_of(const struct conf_notify *n, const struct alert *a, struct utime t)
{
    return n->remind.us == 0 || t.us <= a->since.us ? 0 : (t.us - a->since.us) / n->remind.us;
}

static int
find_due(void *arg, const struct alert *a)
{
    struct reminders *list = arg;
    struct courier *c = list->c;

    for (unsigned i = 0; a->state == ALERT_FIRING && i < c->conf->notify_count; i++) {
        const struct conf_notify *n = &c->conf->notify[i];

        if (nth_of(n, a, wall(c)) > nth_of(n, a, a->told)) {
            list->due[list->count++] = *a;
            break;
        }
    }
    return list->count == sizeof list->due / sizeof list->due[0];
}

/* A receiver that has not taken what it was told gets no more of the same. */
static int
remind(struct courier *c, struct alert *a)
{
    struct utime before = a->told;
    int r = alerts_begin(c->alerts);

    a->told = wall(c);
    if (r < 0)
        return r;
    r = alerts_put(c->alerts, a);
    for (unsigned i = 0; r == 0 && i < c->conf->notify_count; i++) {
        const struct conf_notify *n = &c->conf->notify[i];
        int64_t nth = nth_of(n, a, a->told);
        struct receiver known;

        if (!is_for(c, i, a) || nth <= nth_of(n, a, before))
            continue;
        r = alerts_receiver(c->alerts, n->name, &known);
        if (r == 0 && known.waiting == 0)
            r = add_sending(c, i, a, ALERT_REMIND, (uint32_t)nth);
    }
    return settle(c, r);
}

static int
look(struct courier *c)
{
    struct reminders list = {.c = c};
    struct utime old = {wall(c).us - COURIER_KEPT_DAYS * INT64_C(86400) * TIME_US_PER_S};
    int r = alerts_each(c->alerts, false, 0, find_due, &list);

    c->looked = mono(c);
    for (unsigned i = 0; r >= 0 && i < list.count; i++)
        r = remind(c, &list.due[i]);
    return r < 0 ? r : alerts_forget(c->alerts, old);
}

/* ---- sending ---------------------------------------------------------------------------- */

static void
say_failing(struct courier *c, unsigned i, const struct receiver *known)
{
    struct condition is =
        condition_of(ALERT_NOTIFY_FAILING, c->conf->notify[i].name, known->failing.us != 0);
    bool held = c->to[i].failing.us != 0;
    int at;

    word_pack(is.text, sizeof is.text, WORD_ALERT_NOTIFY_FAILING, "%.32s" WORD_AND "%s",
              is.subject, known->error);
    (void)condition_clean(&is);
    c->to[i].failing = known->failing;
    courier_hear(c, &is);
    at = row_of(c, &is);
    if (at >= 0 && is.holds != 0 && !held)
        c->row[at].since = mono(c);
}

static int
write_success(struct courier *c, unsigned i, struct receiver *known)
{
    int r = 0;

    for (unsigned k = 0; r == 0 && k < c->to[i].count; k++)
        r = alerts_drop_sending(c->alerts, c->to[i].sending[k].id);
    known->sent = c->to[i].count;
    known->sent_at = wall(c);
    known->failing.us = 0;
    return r < 0 ? r : alerts_count(c->alerts, known);
}

static int64_t
pause_us(uint32_t tries)
{
    int64_t pause = COURIER_PAUSE_US;

    for (uint32_t i = 1; i < tries && pause < COURIER_PAUSE_MAX_US; i++)
        pause *= 2;
    return pause < COURIER_PAUSE_MAX_US ? pause : COURIER_PAUSE_MAX_US;
}

static int
write_failure(struct courier *c, unsigned i, struct receiver *known)
{
    struct utime now = wall(c);
    int r = 0;

    for (unsigned k = 0; r == 0 && k < c->to[i].count; k++) {
        const struct sending *s = &c->to[i].sending[k];
        uint32_t tries = s->tries + 1;
        bool old = now.us - s->made.us > COURIER_DAYS * INT64_C(86400) * TIME_US_PER_S;

        if (old || (c->to[i].result.refused && tries >= COURIER_REFUSED)) {
            known->dropped++;
            r = alerts_drop_sending(c->alerts, s->id);
        } else {
            r = alerts_put_off(c->alerts, s->id, tries,
                               (struct utime){now.us + pause_us(tries)});
        }
    }
    known->failed = 1;
    known->failed_at = now;
    if (known->failing.us == 0)
        known->failing = now;
    (void)snprintf(known->error, sizeof known->error, "%s", c->to[i].result.text);
    return r < 0 ? r : alerts_count(c->alerts, known);
}

static int
write_result(struct courier *c, unsigned i)
{
    struct receiver known = {0};
    int r = alerts_begin(c->alerts);

    if (r == 0)
        r = alerts_receiver(c->alerts, c->conf->notify[i].name, &known);
    known.sent = known.failed = known.dropped = 0; /* these are added */
    if (r == 0)
        r = c->to[i].result.status == 0 ? write_success(c, i, &known)
                                        : write_failure(c, i, &known);
    r = settle(c, r);
    if (r == 0) {
        c->to[i].busy = c->to[i].finished = false;
        say_failing(c, i, &known);
    }
    return r;
}

/* The alert as it was at that step, so that a second try says the same. */
static struct notice
notice_of(const struct sending *s, const struct alert *a)
{
    struct notice n = {.alert = *a, .step = s->step, .at = s->made, .nth = s->nth};

    n.alert.state = s->step == ALERT_RESOLVE       ? ALERT_RESOLVED
                    : s->step == ALERT_ACKNOWLEDGE ? ALERT_ACKED
                                                   : ALERT_FIRING;
    if (s->step == ALERT_TRIGGER || s->step == ALERT_REMIND)
        n.alert.by[0] = '\0';
    return n;
}

/* Nothing waits for longer than a pause: of what does, a clock was set back since. */
static bool
is_early(const struct courier *c, const struct sending *s)
{
    int64_t left = s->due.us - wall(c).us;

    return left > 0 && left <= COURIER_PAUSE_MAX_US;
}

/* The first of what waits there, and for a mail all that wait behind it. */
static int
start(struct courier *c, unsigned i, const struct sender *s)
{
    const struct conf_notify *to = &c->conf->notify[i];
    unsigned most = conf_notify_kind(to) == CONF_NOTIFY_MAIL ? NOTICE_MAX : 1;
    struct notice notice[NOTICE_MAX];
    struct sending *sending = c->to[i].sending;
    int n = alerts_sendings(c->alerts, to->name, sending, most);

    c->to[i].count = 0;
    if (n <= 0 || is_early(c, &sending[0]))
        return n < 0 ? n : 0;
    for (int k = 0; k < n; k++) {
        struct alert a;
        int r = alerts_get(c->alerts, sending[k].alert, &a);

        if (r == 0) {
            notice[c->to[i].count] = notice_of(&sending[k], &a);
            sending[c->to[i].count++] = sending[k];
        } else if (r == ERR_NOTFOUND) { /* also one that only a newer version knows */
            r = alerts_drop_sending(c->alerts, sending[k].id);
        }
        if (r < 0)
            return r;
    }
    if (c->to[i].count > 0) {
        c->to[i].busy = true;
        s->start(s->self, i, notice, c->to[i].count);
    }
    return 0;
}

static int
step_receiver(struct courier *c, unsigned i, const struct sender *s)
{
    int r = 0;

    if (c->to[i].busy && !c->to[i].finished)
        c->to[i].finished = s->result(s->self, i, &c->to[i].result);
    if (c->to[i].finished)
        r = write_result(c, i);
    if (r == 0 && !c->to[i].busy)
        r = start(c, i, s);
    return r;
}

int
courier_step(struct courier *c, const struct sender *s)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < COURIER_ROWS; i++) {
        if (c->row[i].used)
            r = bear(step_row(c, i));
    }
    if (r == 0 && mono(c) - c->looked >= LOOK_US)
        r = bear(look(c));
    for (unsigned i = 0; r == 0 && i < c->conf->notify_count; i++)
        r = bear(step_receiver(c, i, s));
    return r;
}

bool
courier_busy(struct courier *c)
{
    for (unsigned i = 0; i < c->conf->notify_count; i++) {
        struct sending s;

        if (c->to[i].busy)
            return true;
        if (alerts_sendings(c->alerts, c->conf->notify[i].name, &s, 1) == 1 && s.tries == 0)
            return true;
    }
    return false;
}
