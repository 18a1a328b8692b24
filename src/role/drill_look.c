/* How the node was before a drill, and how it is at its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "role/drill_priv.h"
#include "role/lists.h"
#include "role/status.h"
#include "role/topologies.h"
#include "store/alerts.h"

static int
count(struct view *v, struct drill_counts *ret, struct errinfo *ei)
{
    static const char failed[] = "the store: %s";
    struct status s;
    int r = status_take(v, &s);

    if (r < 0)
        return err_set(ei, r, failed, store_error(v->node.store));
    *ret = (struct drill_counts){s.lines, s.events, s.attacks, s.head.size};
    return 0;
}

static int64_t
size_of(const char *dir, const char *name)
{
    char path[CONF_PATH];
    struct stat st;

    conf_path(dir, name, path);
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void
look_at_receivers(struct drill *d, struct alerts *a, bool before)
{
    for (unsigned i = 0; i < d->place_count; i++) {
        struct drill_place *p = &d->place[i];
        struct receiver known;

        if (strcmp(p->role, "courier") != 0 || alerts_receiver(a, p->name, &known) < 0)
            continue;
        if (before) {
            p->tries = known.failed;
            continue;
        }
        p->tries = known.failed - p->tries;
        p->waiting = known.waiting;
        if (known.failing.us != 0)
            (void)snprintf(p->error, sizeof p->error, "%s", known.error);
    }
}

int
drill_before(struct drill *d, const char *dir, int64_t *size, struct errinfo *ei)
{
    struct alerts *alerts = NULL;
    struct errinfo why;
    struct view v;
    int r = view_open(dir, &v, ei);

    if (r < 0)
        return r;
    (void)snprintf(d->party, sizeof d->party, "%s",
                   v.node.conf->party[0] == '\0' ? "local" : v.node.conf->party);
    (void)snprintf(d->origin, sizeof d->origin, "%s", v.node.vkey.name);
    d->sources = v.node.conf->sensor_count;
    for (unsigned i = 0; i < d->sources; i++)
        size[i] = size_of(dir, v.node.conf->sensors[i].path);
    r = count(&v, &d->before, ei);
    if (r == 0)
        r = drill_places(d, &v, ei);
    if (r == 0 && alerts_open(dir, STORE_READ, &alerts, &why) == 0)
        look_at_receivers(d, alerts, true);
    (void)alerts_close(alerts);
    view_close(&v);
    return r;
}

void
drill_grown(struct drill *d, const char *dir, const int64_t *size)
{
    struct errinfo ei;
    struct conf *c = NULL;

    if (node_conf(dir, &c, &ei) < 0)
        return;
    for (unsigned i = 0; i < c->sensor_count && i < d->sources; i++)
        d->grew += size_of(dir, c->sensors[i].path) > size[i];
    (void)conf_free(c);
}

/* ---- the end ----------------------------------------------------------------------------- */

/* Those that were told of since it began; resolved ones too. */
static int
take_alert(void *arg, const struct alert *a)
{
    const struct alert_about *about = alert_about(a->rule);
    struct drill *d = arg;
    struct drill_alert *to = &d->alert[d->alert_count];
    AUTO_BUF(text, 8192);

    if (about == NULL || d->alert_count == DRILL_ALERTS || a->since.us < d->began.us)
        return 0;
    *to = (struct drill_alert){.severity = about->severity, .open = a->state != ALERT_RESOLVED};
    alert_key(a->rule, a->subject, to->key);
    word_unpack(&text, LANGUAGE_EN, a->text);
    (void)snprintf(to->text, sizeof to->text, "%.*s", (int)text.len, text.ptr);
    d->died += a->rule == ALERT_CRASH;
    d->alert_count++;
    return 0;
}

static void
take_peer(void *arg, const struct status_peer *s)
{
    struct drill *d = arg;

    for (unsigned i = 0; i < d->place_count; i++) {
        struct drill_place *p = &d->place[i];

        if (strcmp(p->kind, "counterpart") != 0 || !slice_is(s->party, p->name))
            continue;
        p->waiting = d->after.log_size > s->held ? d->after.log_size - s->held : 0;
        if (s->silent.us != 0)
            p->silent = s->silent;
    }
}

static void
add_data(struct drill *d, const char *kind, const char *name, struct utime date, bool stale)
{
    struct drill_data *to = &d->data[d->data_count];

    if (d->data_count == DRILL_DATA)
        return;
    *to = (struct drill_data){.kind = kind, .date = date, .stale = stale};
    (void)snprintf(to->name, sizeof to->name, "%.63s", name);
    d->data_count++;
}

/* The newest snapshot, by which networks are placed and cuts are reckoned. */
static void
look_at_topology(struct drill *d, struct utime now, const char *dir)
{
    static char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    struct errinfo ei;
    struct utime date;
    int n = topologies_dates(dir, dates, &ei);

    if (n > 0 && time_parse_human(slice_of(dates[n - 1]), now, &date) == 0)
        add_data(d, "topology", dates[n - 1], date, false);
}

static void
look_at_data(struct drill *d, const struct view *v, const char *dir)
{
    const struct node *n = &v->node;
    struct utime now = n->env.now_wall(n->env.self);
    char names[LISTS_MOST][LISTS_NAME];
    struct errinfo ei;
    int lists;

    for (unsigned i = 0; i < attrib_datasets(n->attrib); i++) {
        const struct attrib_dataset *t = attrib_dataset(n->attrib, i);

        add_data(d, "table", t->name, t->date, now.us - t->date.us > n->conf->tables.stale.us);
    }
    lists = lists_names(dir, names, &ei);
    for (int i = 0; i < lists; i++) {
        struct hostlist list = {0};
        struct list_about about = {0};

        if (lists_get(dir, names[i], &about, &list, &ei) == 0)
            add_data(d, "list", names[i], about.date.us != 0 ? about.date : about.taken, false);
        hostlist_release(&list);
    }
    look_at_topology(d, now, dir);
}

/* Any of them may have been meant. */
static void
name_lookups(struct drill *d, const struct blockade_call *c)
{
    for (unsigned i = 0; i < d->place_count; i++) {
        struct drill_place *p = &d->place[i];

        if (p->named && p->error[0] == '\0' && strcmp(p->role, c->role) == 0)
            (void)snprintf(p->error, sizeof p->error, "its name cannot be looked up");
    }
}

/* Receivers are counted by the courier, the others by the calls themselves. */
static void
count_calls(struct drill *d)
{
    for (unsigned i = 0; i < d->seen.calls; i++) {
        const struct blockade_call *c = &d->seen.call[i];
        const struct drill_place *known = drill_place_of(d, c);
        struct drill_place *p = known == NULL ? NULL : &d->place[known - d->place];

        if (c->lookup)
            name_lookups(d, c);
        if (p == NULL || strcmp(p->role, "courier") == 0)
            continue;
        p->tries += c->count;
        if (!c->lookup)
            (void)snprintf(p->error, sizeof p->error, "%s", strerror(c->error));
    }
}

int
drill_after(struct drill *d, const char *dir, struct errinfo *ei)
{
    struct alerts *alerts = NULL;
    struct errinfo why;
    struct view v;
    int r = view_open(dir, &v, ei);

    if (r < 0)
        return r;
    r = count(&v, &d->after, ei);
    if (r == 0)
        r = status_peers(&v, take_peer, d, ei);
    if (r == 0 && alerts_open(dir, STORE_READ, &alerts, &why) == 0) {
        look_at_receivers(d, alerts, false);
        r = alerts_each(alerts, true, 256, take_alert, d);
        if (r < 0)
            (void)err_set(ei, r, "the alerts: %s", alerts_error(alerts));
    }
    if (r == 0)
        look_at_data(d, &v, dir);
    count_calls(d);
    (void)alerts_close(alerts);
    view_close(&v);
    return r;
}
