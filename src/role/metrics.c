/* What the node counts, in the text format that Prometheus reads (exposition format 0.0.4).  No
 * label holds an address, a network or a name of a machine: figures travel far. */
#include <stdio.h>

#include "role/answers.h"
#include "role/peers.h"

static void
put(struct buf *to, const char *name, const char *type, const char *help, uint64_t value)
{
    buf_printf(to, "# HELP detente_%s %s\n# TYPE detente_%s %s\ndetente_%s %llu\n", name, help,
               name, type, name, (unsigned long long)value);
}

static void
put_rejected(struct answers *a, struct buf *to)
{
    buf_text(to, "# HELP detente_rejected_total Records that could not be used, by reason.\n"
                 "# TYPE detente_rejected_total counter\n");
    for (int i = 0; i < REJECTS; i++) {
        uint64_t n = 0;
        char name[64];

        (void)snprintf(name, sizeof name, "rejected.%s", reject_name((enum reject)i));
        if (store_get_counter(a->view->node.store, name, &n) == 0)
            buf_printf(to, "detente_rejected_total{reason=\"%s\"} %llu\n",
                       reject_name((enum reject)i), (unsigned long long)n);
    }
}

static void
put_web(struct answers *a, struct buf *to)
{
    struct web_stats s;

    if (a->web == NULL)
        return;
    s = web_stats(a->web);
    put(to, "http_requests_total", "counter", "Requests.", s.requests);
    put(to, "http_refused_total", "counter",
        "Requests refused for method, host, origin or form.", s.refused);
    put(to, "http_failed_total", "counter", "Requests answered 503.", s.failed);
    put(to, "viewers", "gauge", "Live streams now.", s.viewers);
}

static void
put_peers(struct answers *a, struct buf *to)
{
    uint64_t faults = 0;
    uint64_t missing = 0;

    for (unsigned i = 0; i < a->peers; i++) {
        faults += a->peer[i].fault != PEER_FINE;
        missing += a->peer[i].missing;
    }
    put(to, "counterparts", "gauge", "Counterparts of the pacts.", a->peers);
    put(to, "counterparts_faulty", "gauge", "Of them, those with whom something is wrong.",
        faults);
    put(to, "counterparts_missing", "gauge",
        "Messages and notes that their logs name and that are not here.", missing);
}

static void
put_hits(struct answers *a, struct buf *to)
{
    static const struct {
        const char *counter;
        const char *name;
        const char *help;
    } row[] = {
        {"hits.asked", "indicator_events_total", "Records asked whether they are looked for."},
        {"hits.met", "indicator_events_met_total", "Of them, those that an indicator met."},
        {"hits.over", "indicator_hits_over_total", "Hits not kept for want of rows."},
        {"hits.more", "indicator_owners_over_total",
         "Indicators passed over, behind the first of one address or name."},
        {"hits.failed", "indicator_events_failed_total", "Records that could not be asked."},
        {"hits.unread", "indicator_unread_total",
         "Times that the file of indicators could not be read."},
    };

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint64_t n = 0;

        if (store_get_counter(a->view->node.store, row[i].counter, &n) == 0)
            put(to, row[i].name, "counter", row[i].help, n);
    }
}

int
answer_metrics(void *self, struct buf *to)
{
    struct answers *a = self;
    const struct live_honesty *h = &a->honesty;

    put(to, "up", "gauge", "1 while the engine runs.", h->engine != LIVE_DOWN);
    put(to, "disk_full", "gauge", "1 while nothing is taken for want of room.",
        h->engine == LIVE_FULL);
    put(to, "log_size", "gauge", "Leaves of the log.", h->log_size);
    buf_printf(to,
               "# HELP detente_log_signed_seconds When the newest checkpoint was signed.\n"
               "# TYPE detente_log_signed_seconds gauge\ndetente_log_signed_seconds %.6f\n",
               (double)h->log_signed.us / 1e6);
    put(to, "events_total", "counter", "Events taken, flows included.", h->events);
    put(to, "attacks_total", "counter", "Events of all kinds but flow.", h->attacks);
    put(to, "duplicates_total", "counter", "Attacks flagged as duplicates.", h->duplicates);
    put(to, "skewed_total", "counter", "Attacks whose sensor's clock was off.", h->skewed);
    put_hits(a, to);
    put(to, "quarantined_total", "counter", "Records that made a sensor die.", h->dropped);
    put_rejected(a, to);
    put(to, "sensors", "gauge", "Sensors that are followed.", h->sensors);
    put(to, "sensors_reporting", "gauge", "Of them, those that were heard lately.",
        h->reporting);
    buf_printf(to,
               "# HELP detente_lag_seconds Sensor's time of the newest event to its taking.\n"
               "# TYPE detente_lag_seconds gauge\ndetente_lag_seconds %.6f\n",
               (double)h->lag_us / 1e6);
    buf_printf(to,
               "# HELP detente_tables_age_days Age of the oldest address dataset, -1 without.\n"
               "# TYPE detente_tables_age_days gauge\ndetente_tables_age_days %d\n",
               h->tables_age_days);
    put(to, "alerts_firing", "gauge", "Open alerts that nobody acknowledged.",
        h->alerts_firing);
    put(to, "alerts_acknowledged", "gauge", "Open alerts that somebody did.", h->alerts_acked);
    put_peers(a, to);
    put_web(a, to);
    return buf_error(to);
}
