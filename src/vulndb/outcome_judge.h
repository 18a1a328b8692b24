/* Inside outcome.h: of one asset and one vulnerability, by all records about it. */
#ifndef DETENTE_VULNDB_OUTCOME_JUDGE_H
#define DETENTE_VULNDB_OUTCOME_JUDGE_H

#include "vulndb/outcome.h"
#include "vulndb/vex.h"

struct scan_names;

struct judging {
    struct vulndb *db;
    const struct scan *scan;
    struct vexes *vexes;
    struct utime now;
    uint32_t asset;
    uint64_t vuln;
    struct scan_names *names; /* room; NULL: made when it is needed, the caller frees it */
    /* what came of it */
    bool installed;  /* something that it is in, in a version that does not have it */
    bool stated;     /* … or that a statement says does not */
    bool vulnerable; /* has it */
    bool doubtful;   /* something that may have it: nobody can tell */
    bool spoken;     /* a feed names what it is in, in terms of a list that is complete */
};

/* ERR_NOMEM, ERR_IO, ERR_BUSY. */
MUST_USE int outcome_judge(struct judging *j);

#endif
