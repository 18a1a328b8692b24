/* Alerts, as the page asks for them. */
#include "role/answers.h"
#include "words/words.h"

enum { RESOLVED_SHOWN = 50 };

struct listing {
    struct buf *to;
    enum language language;
    unsigned resolved;
    unsigned count;
};

static void
put_text(struct buf *to, const char *name, const char *text)
{
    buf_printf(to, ",\"%s\":", name);
    buf_json(to, slice_of(text));
}

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, t.us == 0 ? 0 : TIME_TEXT, text);
}

static int
put_alert(void *arg, const struct alert *a)
{
    const struct alert_about *about = alert_about(a->rule);
    struct listing *l = arg;
    AUTO_BUF(text, 8192);
    char key[ALERT_KEY];

    if (a->state == ALERT_RESOLVED && l->resolved++ >= RESOLVED_SHOWN)
        return 0;
    alert_key(a->rule, a->subject, key);
    buf_printf(l->to, "%s{\"number\":%llu", l->count++ > 0 ? "," : "",
               (unsigned long long)a->number);
    put_text(l->to, "key", key);
    put_text(l->to, "rule", about->name);
    put_text(l->to, "subject", a->subject);
    put_text(l->to, "severity", alert_severity_name(about->severity));
    put_text(l->to, "state", alert_state_name(a->state));
    word_unpack(&text, l->language, a->text);
    buf_text(l->to, ",\"text\":");
    buf_json(l->to, buf_get(&text));
    put_text(l->to, "to_do", word(l->language, about->to_do));
    put_text(l->to, "acknowledged_by", a->by);
    put_time(l->to, "since", a->since);
    put_time(l->to, "acknowledged", a->acked);
    put_time(l->to, "resolved", a->resolved);
    buf_char(l->to, '}');
    return buf_error(l->to);
}

/* Whoever keeps them makes them, which may not be done yet. */
static bool
are_there(struct answers *a)
{
    struct errinfo ei;

    if (a->alerts == NULL && alerts_open(a->view->node.dir, STORE_READ, &a->alerts, &ei) < 0)
        a->alerts = NULL;
    return a->alerts != NULL;
}

int
answer_alerts(void *self, enum language language, struct buf *to)
{
    struct answers *a = self;
    struct listing l = {.to = to, .language = answer_language(a, language)};
    int r = 0;

    buf_text(to, "{\"alerts\":[");
    if (are_there(a))
        r = alerts_each(a->alerts, true, 0, put_alert, &l);
    buf_text(to, "]}");
    return r < 0 ? r : buf_error(to);
}

enum language
answer_language(const struct answers *a, enum language asked)
{
    return asked < LANGUAGES ? asked : a->view->node.conf->language;
}

static int
count(void *arg, const struct alert *a)
{
    struct live_honesty *h = arg;

    h->alerts_firing += a->state == ALERT_FIRING;
    h->alerts_acked += a->state == ALERT_ACKED;
    return 0;
}

void
answers_look_at_alerts(struct answers *a, struct live_honesty *h)
{
    if (!are_there(a) || alerts_version(a->alerts, &h->alerts_seq) < 0)
        return;
    if (h->alerts_seq != a->alerts_seen.alerts_seq) {
        struct live_honesty now = {.alerts_seq = h->alerts_seq};

        if (alerts_each(a->alerts, false, 0, count, &now) == 0)
            a->alerts_seen = now;
    }
    h->alerts_firing = a->alerts_seen.alerts_firing;
    h->alerts_acked = a->alerts_seen.alerts_acked;
}
