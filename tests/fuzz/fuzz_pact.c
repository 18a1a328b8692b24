/* Any bytes as a pact: refused with a place and a reason, or what a judge and a fold can be
 * made of without asking again. */
#include <stdint.h>

#include "judge/judge.h"
#include "pact/denounce.h"
#include "pact/diff.h"
#include "pact/pact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
opened(void *arg, const struct judge_opened *o)
{
    (void)arg;
    (void)o;
}

static void
more(void *arg, const struct judge_more *m)
{
    (void)arg;
    (void)m;
}

static void
check_obligation(const struct pact *p, const struct pact_obligation *o)
{
    BUG_ON(o->severity < -1 || o->severity >= (int)p->severities);
    BUG_ON(pact_obligation(p, slice_of(o->id)) != o); /* no name twice */
    BUG_ON(o->kind == PACT_REFRAIN && (o->classes.count == 0 || !o->has_threshold));
    BUG_ON(o->grade_min < 0 || o->grade_min > 4);
}

static void
check_terms(const struct pact *p)
{
    struct pact_terms t;

    pact_terms(p, &t);
    for (unsigned i = 0; i < p->severities; i++) {
        const struct incident_times *s = &p->severity[i].times;

        for (int due = DUE_RECEIPT; due < DUE_ACT; due++)
            BUG_ON(s->due[due].us > s->due[due + 1].us);
        BUG_ON(t.name[i] != p->severity[i].id);
    }
}

/* Without annexes nothing is anybody's, and the rules are made all the same. */
static void
judge_by(const struct pact *p)
{
    struct space_history none[PACT_PARTIES] = {{NULL, 0}};
    struct judge_output out = {opened, more, NULL, NULL};
    struct space *s = NULL;
    struct judge *j = NULL;
    struct errinfo ei = {0};

    if (space_new(p, none, &s, &ei) < 0 ||
        judge_new(p, s, &(struct judge_limits){.windows = 16}, &out, &j, &ei) < 0)
        BUG_ON(ei.text[0] == '\0');
    (void)judge_free(j);
    (void)space_free(s);
}

static void
end_by(const struct pact *p)
{
    struct denunciation *d = NULL;
    struct errinfo ei = {0};
    AUTO_BUF(b, 1 << 16);

    denunciation_write(&b, p, p->party[0].id, p->from, "Said by a \"test\":\n it is one.");
    if (buf_error(&b) == 0) {
        BUG_ON(denunciation_read(buf_get(&b), &d, &ei) < 0);
        BUG_ON(denunciation_fits(d, p, &ei) < 0);
    }
    (void)denunciation_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct errinfo ei = {0};
    struct pact *p = NULL;

    if (pact_read(in, &p, NULL, NULL, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0' || ei.line == 0 || ei.column == 0);
        return 0;
    }
    BUG_ON(p->parties < 2 || p->parties > PACT_PARTIES);
    for (unsigned i = 0; i < p->parties; i++)
        BUG_ON(pact_party(p, slice_of(p->party[i].id)) != &p->party[i]);
    for (unsigned i = 0; i < p->obligations; i++)
        check_obligation(p, &p->obligation[i]);
    check_terms(p);
    BUG_ON(pact_follows(p, p, &ei) == 0); /* no version follows itself */
    BUG_ON(pact_diff(in, in, NULL, NULL, &ei) != 0);
    judge_by(p);
    end_by(p);
    (void)pact_free(p);
    return 0;
}
