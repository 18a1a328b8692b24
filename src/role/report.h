/* The joint report of a pact: what the parties put on the table when they consult.
 *
 * What both logs hold comes first and is the same from either node, of a period that is over
 * while both are in contact: incidents with their times, response times, precision, and a word
 * for each obligation and direction (`joint`).  Beside it stand this node's verdict (`period`),
 * which rests on figures of its own too, and the other side's as far as its log tells
 * (`theirs`).  What only one log holds is counted by no joint figure.
 *
 * As JSON (docs/api.md, report), and as one HTML page that needs nothing else, without script:
 * all text in it is escaped.  10 ms and 0.1 ms for each incident. */
#ifndef DETENTE_ROLE_REPORT_H
#define DETENTE_ROLE_REPORT_H

#include "role/verdicts.h"

enum { REPORT_INCIDENTS = 1000 /* that are listed, the newest; the rest is counted */ };

/* As verdicts_json(). */
MUST_USE int report_json(const struct verdicts_ask *a, struct buf *ret);

/* From canonical JSON of report_json(), in that language.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int report_html(struct slice json, enum language language, struct buf *ret);

#endif
