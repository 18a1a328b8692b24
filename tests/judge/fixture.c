#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

const char *const class_exploit[] = {"intrusion-attempts:exploit",
                                     "intrusion-attempts:ids-alert", NULL};
const char *const class_brute[] = {"intrusion-attempts:brute-force", NULL};
const char *const class_scan[] = {"information-gathering:scanner", NULL};
const char *const class_dos[] = {"availability:dos", "availability:ddos", NULL};
const char *const class_any[] = {"*", NULL};
const char *const protected_cert[] = {"protected:cert", NULL};

static const char *const all_classes[] = {"intrusion-attempts:exploit",
                                          "intrusion-attempts:ids-alert",
                                          "intrusion-attempts:brute-force",
                                          "information-gathering:scanner",
                                          "availability:dos",
                                          "availability:ddos",
                                          "vulnerable:ddos-amplifier",
                                          "vulnerable:vulnerable-system",
                                          "test:test",
                                          NULL};

struct addr
fixture_addr(const char *text)
{
    struct addr a;

    if (addr_parse(slice_of(text), &a) < 0)
        abort();
    return a;
}

struct prefix
fixture_prefix(const char *text)
{
    struct prefix p;

    if (prefix_parse(slice_of(text), &p) < 0)
        abort();
    return p;
}

struct pact_texts
fixture_texts(const char *const *list)
{
    struct pact_texts t = {list, 0};

    while (list[t.count] != NULL)
        t.count++;
    return t;
}

static void
make_party(struct fixture *f, int i)
{
    static const char *const id[] = {"north", "south", "east"};
    static const char *const v4[] = {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"};
    static const char *const v6[] = {"2001:db8:a::/48", "2001:db8:b::/48", "2001:db8:c::/48"};
    static const char *const cert[] = {"192.0.2.240/28", "198.51.100.240/28",
                                       "203.0.113.240/28"};
    static const char *const cert6[] = {"2001:db8:a:c::/64", "2001:db8:b:c::/64",
                                        "2001:db8:c:c::/64"};
    static const uint32_t asn[] = {64496, 64500, 64510};

    f->party[i].id = id[i];
    f->v4[i] = fixture_prefix(v4[i]);
    f->v6[i] = fixture_prefix(v6[i]);
    f->cert[i] = fixture_prefix(cert[i]);
    f->cert6[i] = fixture_prefix(cert6[i]);
    f->asn[i] = asn[i];
    f->label[i] =
        (struct annex_label){.label = "cert", .v4 = {&f->cert[i], 1}, .v6 = {&f->cert6[i], 1}};
    f->annex[i] = (struct annex){.party = id[i],
                                 .sequence = 1,
                                 .valid_from = {T0 - 30 * DAY},
                                 .asns = {&f->asn[i], 1},
                                 .v4 = {&f->v4[i], 1},
                                 .v6 = {&f->v6[i], 1},
                                 .protected_ = &f->label[i],
                                 .labels = 1};
    f->known[i] = (struct space_annex){&f->annex[i], {T0 - 30 * DAY}};
    f->history[i] = (struct space_history){&f->known[i], 1};
}

void
fixture_init(struct fixture *f)
{
    static const int64_t hours[][4] = {{1, 4, 24, 48}, {1, 24, 72, 168}, {1, 72, 168, 336}};
    static const char *const names[] = {"critical", "high", "normal"};

    *f = (struct fixture){0};
    for (int i = 0; i < PARTIES; i++)
        make_party(f, i);
    for (int i = 0; i < 3; i++) {
        f->severity[i].id = names[i];
        for (int d = 0; d < 4; d++)
            f->severity[i].times.due[d] = (struct span){hours[i][d] * H};
    }
    f->pact = (struct pact){.from = {T0 - 30 * DAY},
                            .classes = fixture_texts(all_classes),
                            .party = f->party,
                            .parties = PARTIES,
                            .origin_v4 = 32,
                            .origin_v6 = 64,
                            .gap = {12 * H},
                            .severity = f->severity,
                            .severities = 3,
                            .obligation = f->obligation,
                            .exclusion = f->exclusion,
                            .open_per_obligation = 1000};
}

struct pact_obligation *
fixture_oblige(struct fixture *f, const char *id, int severity, const char *const *classes)
{
    struct pact_obligation *o = &f->obligation[f->pact.obligations++];

    *o = (struct pact_obligation){.id = id,
                                  .kind = PACT_REFRAIN,
                                  .classes = fixture_texts(classes),
                                  .severity = severity,
                                  .has_threshold = true,
                                  .threshold = {.events = 1, .window = {H}},
                                  .grade_min = 1};
    return o;
}

struct pact_exclusion *
fixture_exclude(struct fixture *f)
{
    struct pact_exclusion *x = &f->exclusion[f->pact.exclusions++];

    *x = (struct pact_exclusion){.id = "x", .why = "y", .until = "", .origin_role = ""};
    return x;
}

void
fixture_space(struct fixture *f)
{
    struct errinfo ei = {0};

    f->space = space_free(f->space);
    if (space_new(&f->pact, f->history, &f->space, &ei) < 0) {
        (void)fprintf(stderr, "%s\n", ei.text);
        abort();
    }
}

void
fixture_release(struct fixture *f)
{
    f->space = space_free(f->space);
}
