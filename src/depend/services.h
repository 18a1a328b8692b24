/* Services and what each depends on, as an operator lists them: one row a service
 * (docs/formats/depend.md). */
#ifndef DETENTE_DEPEND_SERVICES_H
#define DETENTE_DEPEND_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/texts.h"
#include "base/time.h"

enum {
    SERVICES_MOST = 1 << 20,
    SERVICES_VALUES = 64, /* in one list */
    SERVICES_PARTS = 1 << 22
};

/* What a service can depend on, in the order of output. */
enum depend_kind {
#define DEPEND(name, text, help) DEPEND_##name,
#include "depend/kind.def"
    DEPEND_KINDS
};
const char *depend_kind_name(enum depend_kind kind);

struct service {
    struct slice id;
    struct slice name;
    struct slice owner;
    struct slice domain; /* "" none */
    struct slice home_alternative;
    uint64_t cost;                       /* hundredths; 0 nobody says */
    uint32_t lead_days;                  /* 0 nobody says */
    uint32_t line;                       /* in the file */
    struct utime measured;               /* 0 nobody says */
    uint32_t value_at[DEPEND_KINDS + 1]; /* of each kind: services.value[from..to] */
    uint32_t part;       /* its first part, as services.part[part - 1]; 0 none */
    uint16_t source;     /* what names it, in facts, + 1; 0: the list */
    uint8_t criticality; /* 1..5; 1 where nobody says */
};

/* What a bill of materials says that a service is made of (depend/sbom.h). */
struct part {
    struct slice supplier; /* "" nobody says */
    struct utime lease;    /* of a licence: when it ends, as the bill has it; 0 nobody says */
    uint32_t what;         /* in services.part_names: name and version */
    uint32_t line;         /* of the bill */
    uint32_t next;         /* of the same service, as service.part; 0 none */
    uint16_t source;       /* the bill, in facts */
    uint8_t kind;          /* software, licence or cloud */
};

struct services {
    struct service *service;
    uint32_t count;
    uint32_t room;
    struct slice *value;
    uint32_t values;
    uint32_t values_room;
    struct part *part;
    uint32_t parts;
    uint32_t part_room;
    struct texts part_names;
};

/* text is written to and must outlive the services.  The first row names the columns, in any
 * order; `id` and `name` are needed, each at most once; ids are unique.  ERR_INVALID with line
 * and column, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int services_read(char *text, size_t len, struct services *ret, struct errinfo *ei);
/* One more by hand; lists are empty, and its slices borrowed.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int services_add(struct services *s, const struct service *service);
/* Its `next` is the caller's to set, and so is the service's `part`.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int services_add_part(struct services *s, const struct part *part);
void services_release(struct services *s);

#endif
