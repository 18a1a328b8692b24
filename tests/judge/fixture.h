/* A pact and annexes made by hand, after the example: three parties, and the obligations a test
 * asks for. */
#ifndef DETENTE_TESTS_JUDGE_FIXTURE_H
#define DETENTE_TESTS_JUDGE_FIXTURE_H

#include "judge/judge.h"

#define S   TIME_US_PER_S
#define MIN (60 * S)
#define H   (3600 * S)
#define DAY (24 * H)
#define T0  (INT64_C(1772323200) * S) /* 2026-03-01 */

enum { CRITICAL, HIGH, NORMAL };
enum { NORTH, SOUTH, EAST, PARTIES };

struct fixture {
    struct pact pact;
    struct pact_party party[PARTIES];
    struct pact_severity severity[3];
    struct pact_obligation obligation[PACT_OBLIGATIONS];
    struct pact_exclusion exclusion[8];
    struct annex annex[PARTIES];
    struct prefix v4[PARTIES];
    struct prefix v6[PARTIES];
    struct prefix cert[PARTIES];
    struct prefix cert6[PARTIES];
    struct annex_label label[PARTIES];
    uint32_t asn[PARTIES];
    struct space_annex known[PARTIES];
    struct space_history history[PARTIES];
    struct space *space;
};

/* NORTH 192.0.2.0/24 2001:db8:a::/48 AS64496, SOUTH 198.51.100.0/24 2001:db8:b::/48 AS64500,
 * EAST 203.0.113.0/24 2001:db8:c::/48 AS64510; cert: .240/28 and :c::/64 of each; in force
 * since 30 days before T0.  No obligations yet. */
void fixture_init(struct fixture *f);
/* Adds one; classes is a literal list that ends with NULL. */
struct pact_obligation *fixture_oblige(struct fixture *f, const char *id, int severity,
                                       const char *const *classes);
struct pact_exclusion *fixture_exclude(struct fixture *f);
void fixture_space(struct fixture *f); /* compile it, from history */
void fixture_release(struct fixture *f);

struct addr fixture_addr(const char *text);
struct prefix fixture_prefix(const char *text);
struct pact_texts fixture_texts(const char *const *list);

extern const char *const class_exploit[];
extern const char *const class_brute[];
extern const char *const class_scan[];
extern const char *const class_dos[];
extern const char *const class_any[];
extern const char *const protected_cert[];

#endif
