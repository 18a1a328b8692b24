#include "role/watch.h"

#include <stdarg.h>
#include <stdio.h>

#include "role/link.h"
#include "role/offset.h"
#include "role/parley.h"
#include "role/watch_priv.h"

static int64_t
mono(const struct watch_view *v)
{
    return v->node->env.now_mono(v->node->env.self);
}

static unsigned
held_at(const struct watch *w, enum alert_rule rule, const char *subject)
{
    unsigned i = 0;

    while (i < w->rows && (w->held[i].rule != rule || strcmp(w->held[i].subject, subject) != 0))
        i++;
    return i;
}

/* NOLINTBEGIN(readability-function-size): what a sentence is made of follows it */
void
watch_say(struct watch *w, const struct watch_view *v, enum alert_rule rule,
          const char *subject, bool holds, enum word what, const char *fmt, ...)
/* NOLINTEND(readability-function-size) */
{
    struct link_msg m = {.op = LINK_CONDITION};
    unsigned at = held_at(w, rule, subject);
    va_list ap;

    if (holds == (at < w->rows) || (holds && w->rows == WATCH_ROWS))
        return;
    m.u.condition = condition_of(rule, subject, holds);
    va_start(ap, fmt);
    word_vpack(m.u.condition.text, sizeof m.u.condition.text, what, fmt, ap);
    va_end(ap);
    if (link_send(v->parent, &m, NULL, 0, false) < 0)
        return;
    if (!holds) {
        w->held[at] = w->held[--w->rows];
        return;
    }
    w->held[w->rows].rule = rule;
    (void)snprintf(w->held[w->rows++].subject, ALERT_SUBJECT, "%s", subject);
}

static void
look_at_disk(struct watch *w, const struct watch_view *v)
{
    const struct env *env = &v->node->env;
    bool full = role_blocked(v->role);
    uint64_t room = 0;
    uint64_t all = 0;

    if (env->room == NULL || env->room(env->self, &room, &all) < 0)
        room = all = 0;
    watch_say(w, v, ALERT_DISK_FULL, "", full, WORD_ALERT_DISK_FULL, "%llu" WORD_AND "%llu",
              (unsigned long long)(room >> 20),
              (unsigned long long)(engine_reserve(all) >> 20));
    watch_say(w, v, ALERT_DISK_LOW, "", !full && room < all / 10, WORD_ALERT_DISK_LOW, "%llu",
              (unsigned long long)(room >> 20));
}

static void
look_at_clock(struct watch *w, const struct watch_view *v)
{
    struct utime now = v->node->env.now_wall(v->node->env.self);
    int64_t behind = v->role->signed_at.us - now.us;

    watch_say(w, v, ALERT_CLOCK_BEHIND, "", behind > WATCH_CLOCK_US, WORD_ALERT_CLOCK_BEHIND,
              "%lld", (long long)(behind / TIME_US_PER_S));
}

/* By those who cosign: off by more than a pact allows, for sure. */
static void
look_at_offset(struct watch *w, const struct watch_view *v)
{
    struct span most = {0};
    struct clock_estimate e;
    bool known = offset_allowed(v->parley->book, &most);
    long long s;

    offset_look(v->parley, v->node->env.now_wall(v->node->env.self), &e);
    s = (long long)(e.offset.us / TIME_US_PER_S);
    watch_say(w, v, ALERT_CLOCK_OFFSET, "", known && clock_is_off(&e, most),
              s < 0 ? WORD_ALERT_CLOCK_AHEAD : WORD_ALERT_CLOCK_OFFSET,
              "%lld" WORD_AND "%u" WORD_AND "%lld", s < 0 ? -s : s, e.count,
              (long long)(most.us / TIME_US_PER_S));
}

static void
look_at_tables(struct watch *w, const struct watch_view *v)
{
    struct utime now = v->node->env.now_wall(v->node->env.self);
    int days = -1;
    bool stale = false;

    for (unsigned i = 0; i < attrib_datasets(v->node->attrib); i++) {
        int64_t age = now.us - attrib_dataset(v->node->attrib, i)->date.us;

        if (age / (86400 * TIME_US_PER_S) > days)
            days = (int)(age / (86400 * TIME_US_PER_S));
        stale |= age > v->node->conf->tables.stale.us;
    }
    watch_say(w, v, ALERT_TABLES_MISSING, "", attrib_datasets(v->node->attrib) == 0,
              WORD_ALERT_TABLES_MISSING, "%s", "");
    watch_say(w, v, ALERT_TABLES_STALE, "", stale, WORD_ALERT_TABLES_STALE, "%d", days);
}

/* How long it may write nothing; 0 for ever, also when the configuration does not name it. */
static int64_t
silence_of(const struct conf *c, const char *name)
{
    for (unsigned i = 0; i < c->sensor_count; i++) {
        if (strcmp(c->sensors[i].name, name) == 0)
            return c->sensors[i].silent.us;
    }
    return 0;
}

bool
watch_hears(const struct feed *f, const struct node *n, const struct book *book)
{
    const struct env *env = &n->env;
    int64_t most = silence_of(n->conf, f->name);
    int64_t quiet = f->counts.heard.us > 0 ? env->now_wall(env->self).us - f->counts.heard.us
                                           : env->now_mono(env->self) - f->started;

    for (unsigned i = 0; book != NULL && i < book->pacts; i++) {
        int64_t late = book->pact[i].pact->sensor_late_after.us;

        if (most == 0 || (late > 0 && late < most))
            most = late;
    }
    return f->link >= 0 && !f->missing && (most == 0 || quiet <= most);
}

static void
look_at_sensor(struct watch *w, const struct watch_view *v, unsigned i)
{
    const struct feed *f = v->feed[i];
    int64_t silence = silence_of(v->node->conf, f->name);
    int64_t now = mono(v);

    if (w->sensor[i].since == 0 || w->sensor[i].lines != f->source.lines) {
        w->sensor[i].lines = f->source.lines;
        w->sensor[i].since = now;
    }
    watch_say(w, v, ALERT_SOURCE_MISSING, f->name, f->missing, WORD_ALERT_SOURCE_MISSING, "%s",
              f->name);
    watch_say(w, v, ALERT_SENSOR_SILENT, f->name,
              !f->missing && silence > 0 && now - w->sensor[i].since > silence,
              WORD_ALERT_SENSOR_SILENT, "%s" WORD_AND "%lld", f->name,
              (long long)((now - w->sensor[i].since) / TIME_US_PER_S));
    watch_say(w, v, ALERT_LAG, f->name, !f->missing && f->live && f->lag_us > WATCH_LAG_US,
              WORD_ALERT_LAG, "%s" WORD_AND "%lld", f->name,
              (long long)(f->lag_us / TIME_US_PER_S));
}

/* How long a fault may last that can pass by itself: less where a pact says so. */
static int64_t
patience(const struct parley *p, struct slice party)
{
    int64_t us = WATCH_PEER_US;

    for (unsigned i = 0; p->book != NULL && i < p->book->pacts; i++) {
        const struct book_pact *b = &p->book->pact[i];

        if (book_party(b, party) >= 0 && b->pact->out_of_contact_after.us > 0 &&
            b->pact->out_of_contact_after.us < us)
            us = b->pact->out_of_contact_after.us;
    }
    return us;
}

/* What tells of a lie, or of a log that is not one, waits for nothing. */
static bool
is_grave(enum peer_fault f)
{
    return f == PEER_FALSE_COSIGNATURE || f == PEER_FALSE_PROOF || f == PEER_FLOODS ||
           f == PEER_ENTRIES || f == PEER_ROLLBACK || f == PEER_FORK;
}

static void
look_at_peer(struct watch *w, const struct watch_view *v, unsigned number)
{
    struct utime now = v->node->env.now_wall(v->node->env.self);
    struct peer_state s;
    bool lasts;

    peers_state(v->parley->peers, number, &s);
    lasts = s.fault != PEER_FINE && s.since.us != 0 &&
            now.us - s.since.us > patience(v->parley, s.party);
    for (unsigned f = PEER_FINE + 1; f < PEER_FAULTS; f++) {
        char subject[ALERT_SUBJECT];

        (void)snprintf(subject, sizeof subject, "%.*s %s", (int)s.party.len, s.party.ptr,
                       peer_fault_name((enum peer_fault)f));
        watch_say(w, v, ALERT_PEER_FAULT, subject,
                  s.fault == (enum peer_fault)f && (lasts || is_grave(s.fault)),
                  s.why[0] == '\0' ? WORD_ALERT_PEER_FAULT : WORD_ALERT_PEER_FAULT_WHY,
                  "%.*s" WORD_AND WORD_NAME "fault.%s" WORD_AND "%s", (int)s.party.len,
                  s.party.ptr, peer_fault_name((enum peer_fault)f), s.why);
    }
}

static void
look_at_witnesses(struct watch *w, const struct watch_view *v)
{
    const struct cosigners *c = v->parley->cosigners;

    watch_say(w, v, ALERT_WITNESS_POLICY, "", c != NULL && !cosigners_meet(c),
              WORD_ALERT_WITNESS_POLICY, "%s", "");
}

void
watch_step(struct watch *w, const struct watch_view *v)
{
    struct link_msg synced = {.op = LINK_SYNCED};

    if (w->looked != 0 && mono(v) - w->looked < WATCH_US)
        return;
    w->looked = mono(v);
    look_at_disk(w, v);
    look_at_clock(w, v);
    look_at_offset(w, v);
    look_at_tables(w, v);
    for (unsigned i = 0; i < v->feeds && i < sizeof w->sensor / sizeof w->sensor[0]; i++) {
        if (!v->feed[i]->finite)
            look_at_sensor(w, v, i);
    }
    for (unsigned i = 0; v->parley->peers != NULL && i < peers_count(v->parley->peers); i++)
        look_at_peer(w, v, i);
    if (w->incidents == 0 || mono(v) - w->incidents >= WATCH_INCIDENTS_US) {
        w->incidents = mono(v);
        watch_incidents(w, v);
        watch_space(w, v);
        watch_drops(w, v);
    }
    look_at_witnesses(w, v);
    if (!w->synced)
        w->synced = link_send(v->parent, &synced, NULL, 0, false) == 0;
}
