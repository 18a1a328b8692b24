/* What an audit of dependencies is made from: files that the operator names, the node's tables
 * and its newest snapshot of the world's networks.  Nothing is asked of anybody. */
#ifndef DETENTE_ROLE_DEPENDS_H
#define DETENTE_ROLE_DEPENDS_H

#include "base/buf.h"
#include "depend/audit.h"
#include "depend/diff.h"
#include "depend/sbom.h"
#include "topology/snapshot.h"

enum { DEPENDS_TEXTS = 260, DEPENDS_BYTES = 1 << 30 };

struct depends {
    struct services services;
    struct facts facts;
    struct home home;
    struct attrib *attrib;
    struct topology *topology;
    char topology_date[SNAPSHOT_DATE]; /* "" none */
    struct buf text[DEPENDS_TEXTS];    /* that services and facts point into */
    unsigned texts;
};

void depends_init(struct depends *d, uint64_t secret);
void depends_release(struct depends *d);

/* DIR/tables/tables.bin, and the newest topology; what is not there is passed over, what is
 * broken an error. */
MUST_USE int depends_open(struct depends *d, const char *dir, struct errinfo *ei);
/* The same with the topology of that date (NULL: the newest).  ERR_NOTFOUND: there is none. */
MUST_USE int depends_open_date(struct depends *d, const char *dir, const char *date,
                               struct errinfo *ei);
/* Files, packed or not.  ei names file, line and column.  ERR_CONF, ERR_INVALID, ERR_LIMIT,
 * ERR_IO, ERR_NOMEM. */
MUST_USE int depends_services(struct depends *d, const char *path, struct errinfo *ei);
MUST_USE int depends_home(struct depends *d, const char *path, struct errinfo *ei);
MUST_USE int depends_scenario(struct depends *d, const char *path, struct errinfo *ei);
/* A saved audit (ret_audit), or a list of services. */
MUST_USE int depends_rows(struct depends *d, const char *path, struct diff_rows *ret,
                          bool *ret_audit, struct errinfo *ei);
/* `ORIGIN=FILE`, or a file whose names are whole or that has $ORIGIN. */
MUST_USE int depends_zone(struct depends *d, const char *path, struct errinfo *ei);
/* services too: each entry becomes one. */
MUST_USE int depends_answers(struct depends *d, const char *path, bool services,
                             struct errinfo *ei);
/* Before bills of materials are read. */
MUST_USE int depends_suppliers(struct depends *d, const char *path, struct errinfo *ei);
/* `SERVICE=FILE`, or a file that names what it is of itself; after the services. */
MUST_USE int depends_sbom(struct depends *d, const char *path, struct sbom_counts *ret,
                          struct errinfo *ei);
/* A file, or a folder: of which *.pem, *.crt, *.cer and *.crl are read. */
MUST_USE int depends_certificates(struct depends *d, const char *path, struct errinfo *ei);

/* Adds to each network of the topology the services that have an address in it; one of several
 * networks counts in each of them.  ret_found: how many were counted at all.  ERR_NOMEM,
 * ERR_LIMIT. */
MUST_USE int depends_weigh(const struct depends *d, const struct topology *t, uint64_t *weights,
                           uint32_t *ret_found);

/* For audit_input.country_of; self is the topology. */
uint16_t depends_country_of(const void *self, uint32_t asn);

#endif
