/* A judge on the fixture's pact, and what it told. */
#ifndef DETENTE_TESTS_JUDGE_BENCH_H
#define DETENTE_TESTS_JUDGE_BENCH_H

#include "unit.h"

#include "fixture.h"

enum { OPENED_MAX = 64 };

struct told {
    struct judge_opened opened[OPENED_MAX];
    uint16_t also[OPENED_MAX][8];
    struct event_id evidence[OPENED_MAX][JUDGE_EVIDENCE];
    unsigned count;
    struct judge_totals last; /* of the newest incident's newest `more` */
    uint64_t last_number;
    unsigned last_also;
    unsigned mores;
};

struct bench {
    struct fixture f;
    struct judge *j;
    struct told told;
    uint64_t block;
};

void on_opened(void *arg, const struct judge_opened *o);
void on_more(void *arg, const struct judge_more *m);
void start_with(struct bench *b, const struct judge_limits *limits);
void start(struct bench *b);
void stop(struct bench *b);
struct event event(const char *origin, const char *target, int64_t when);
void push(struct bench *b, struct event e);
struct pact_obligation *oblige_exploit(struct bench *b);
struct pact_obligation *oblige_certs(struct bench *b);

#endif
