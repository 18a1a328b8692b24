/* Bills of materials: what a service is made of, by whom.  CycloneDX 1.4 to 1.6 and SPDX 2.3,
 * both as JSON (docs/formats/depend.md).
 *
 * Taken are components, with those inside them, and services that they call (CycloneDX), by
 * name, version and supplier; of commercial licences the licensor and when they expire; of SPDX
 * the packages.  Files, hashes, relationships and findings are passed over.  Each component
 * needs of its supplier what the rows of suppliers.h say that this one supplies: software, a
 * licence, a cloud; without a row a component is software and a service a cloud. */
#ifndef DETENTE_DEPEND_SBOM_H
#define DETENTE_DEPEND_SBOM_H

#include "depend/facts.h"
#include "depend/services.h"

enum {
    SBOM_PARTS = 1 << 20, /* of one bill */
    SBOM_DEPTH = 32       /* components inside components */
};

struct sbom_counts {
    uint32_t components; /* that were taken */
    uint32_t services;   /* … and services that they call */
    uint32_t duplicates; /* same name, version and supplier: taken once */
    uint32_t nameless;   /* passed over */
    uint32_t versionless;
    uint32_t supplierless; /* nobody says who supplies it */
};

/* The service that the bill is of is that with the id `service`; "": with the name that the
 * bill gives itself, else `fallback`.  One that is not there is added, with that id and name.
 * text is written to and must outlive the services; the source's date becomes the bill's.
 * Suppliers are to be read before.  ERR_INVALID with line and column: no JSON, of a form or
 * version that is not known; ERR_LIMIT, ERR_NOMEM. */
struct sbom_of {
    char *text;
    size_t len;
    struct slice service;
    struct slice fallback;
    uint16_t source;
};
MUST_USE int sbom_read(struct facts *f, struct services *s, const struct sbom_of *of,
                       struct sbom_counts *ret, struct errinfo *ei);

#endif
