/* See bench.h. */
#include "bench.h"

#include <string.h>

void
on_opened(void *arg, const struct judge_opened *o)
{
    struct told *t = arg;
    unsigned i = t->count++;

    assert_true(i < OPENED_MAX);
    t->opened[i] = *o;
    memcpy(t->also[i], o->also, sizeof *o->also * (o->also_count < 8 ? o->also_count : 8));
    memcpy(t->evidence[i], o->evidence, sizeof *o->evidence * o->evidence_count);
}

void
on_more(void *arg, const struct judge_more *m)
{
    struct told *t = arg;

    if (m->number < t->last_number)
        return;
    t->last = m->totals;
    t->last_number = m->number;
    t->last_also = m->also_count;
    t->mores++;
}

void
start_with(struct bench *b, const struct judge_limits *limits)
{
    struct judge_output out = {on_opened, on_more, NULL, &b->told};
    struct errinfo ei = {0};

    fixture_space(&b->f);
    b->told = (struct told){0};
    b->j = judge_free(b->j);
    assert_int_equal(judge_new(&b->f.pact, b->f.space, limits, &out, &b->j, &ei), 0);
}

void
start(struct bench *b)
{
    start_with(b, &(struct judge_limits){.windows = 1024, .secret = 7});
}

void
stop(struct bench *b)
{
    b->j = judge_free(b->j);
    fixture_release(&b->f);
}

struct event
event(const char *origin, const char *target, int64_t when)
{
    return (struct event){.time = {when},
                          .time_seen = {when},
                          .origin = fixture_addr(origin),
                          .target = fixture_addr(target),
                          .count = 1,
                          .rule = 1,
                          .origin_port = 40000,
                          .target_port = 443,
                          .sensor = 1,
                          .protocol = 6,
                          .class_ = CLASS_EXPLOIT,
                          .grade = 1};
}

void
push(struct bench *b, struct event e)
{
    struct judge_item item = {.event = &e, .id = {++b->block, 5}};

    judge_events(b->j, &item, 1);
}

/* The example's refrain-exploit: 5 events on 2 targets within an hour. */
struct pact_obligation *
oblige_exploit(struct bench *b)
{
    struct pact_obligation *o = fixture_oblige(&b->f, "refrain-exploit", HIGH, class_exploit);

    o->threshold = (struct pact_threshold){.events = 5, .targets = 2, .window = {H}};
    return o;
}

struct pact_obligation *
oblige_certs(struct bench *b)
{
    struct pact_obligation *o = fixture_oblige(&b->f, "protect-certs", CRITICAL, class_any);

    o->targets = fixture_texts(protected_cert);
    o->threshold = (struct pact_threshold){.events = 1, .window = {DAY}};
    return o;
}
