/* A judge that keeps every event and looks at every span: what the real one must agree with. */
#ifndef DETENTE_TESTS_JUDGE_SLOW_H
#define DETENTE_TESTS_JUDGE_SLOW_H

#include "fixture.h"

enum { EVENTS = 2500, WINDOWS = 600, OPENS = 600, NAMES = 16 };

struct slow_window {
    unsigned rule; /* obligation */
    struct prefix key;
    int origin_party;
    int target_party;
    unsigned event[EVENTS];
    unsigned events;
    int64_t last;
    bool open;
    int joined; /* incident, -1 */
};

struct slow_open {
    bool live;
    bool collective;
    unsigned rule;
    unsigned window; /* not of a collective one */
    int origin_party;
    int target_party;
    bool also[NAMES];
    struct judge_totals totals;
    struct addr target[EVENTS];
    int64_t time[EVENTS + 2]; /* what is counted since; and the activity's ends */
    unsigned times;
    int64_t block_first; /* the activity that led to it, one burst */
    int64_t block_last;
};

struct slow {
    struct fixture *f;
    struct event event[EVENTS];
    struct judge_item item[EVENTS];
    uint64_t amount[EVENTS];
    unsigned events;
    unsigned order[NAMES]; /* obligations, the strictest first */
    unsigned rules;
    struct slow_window window[WINDOWS];
    unsigned windows;
    struct slow_open open[OPENS];
    unsigned opens;
    int64_t watermark;
    int64_t lateness;
    int64_t pace; /* µs between events of a flood, at most */
    bool overflow;
};

struct slow_result {
    int opened; /* -1 none */
    struct judge_totals at;
    bool also[NAMES];
};

/* Empty, for a pact with a space. */
void slow_start(struct slow *s, struct fixture *f, int64_t lateness);
/* How many acts event i counts as; before it is judged. */
void slow_weigh(struct slow *s, unsigned i);
void slow_judge(struct slow *s, unsigned i, struct slow_result *ret);
void slow_close(struct slow *s, unsigned n);
unsigned slow_bursts(struct slow_open *o, int64_t gap);
/* A prefix of that many bits. */
struct prefix slow_cut(struct addr a, unsigned len);

#endif
