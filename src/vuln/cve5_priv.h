/* Between the files of the reader of CVE records. */
#ifndef DETENTE_VULN_CVE5_PRIV_H
#define DETENTE_VULN_CVE5_PRIV_H

#include "vuln/cve5.h"
#include "wire/walk.h"

struct cve5_reader { /* too large for a stack */
    struct walk w;
    struct cve5_counts *counts;
    cve5_take *take;
    void *arg;
    enum cve5_container container; /* that is being read */
    struct cve5_record record;
    struct slice point[CVE5_POINTS];
    unsigned points;
    uint8_t status[2 * CVE5_POINTS + 1]; /* enum cve5_status of each place, see cve5_match.c */
};

typedef int cve5_member(struct cve5_reader *rd, struct slice key, void *arg);
typedef int cve5_item(struct cve5_reader *rd, void *arg);
/* Each member of the object, each item of the array that comes next; anything else is passed
 * over. */
MUST_USE int cve5_members(struct cve5_reader *rd, cve5_member *each, void *arg);
MUST_USE int cve5_items(struct cve5_reader *rd, cve5_item *each, void *arg);

/* A text of at most that many bytes. */
MUST_USE int cve5_text(struct cve5_reader *rd, size_t most, struct slice *ret);
/* A time or a date; what is none is 0 and counted. */
MUST_USE int cve5_time(struct cve5_reader *rd, struct utime *ret);
/* The items of `metrics`. */
MUST_USE int cve5_metrics(struct cve5_reader *rd);
/* The items of `affected`. */
MUST_USE int cve5_affected(struct cve5_reader *rd);
/* The product that was read, as packages. */
void cve5_match(struct cve5_reader *rd, struct cve5_product *p);

#endif
