/* Inside cutoff cable: what fails, and what is before and after. */
#ifndef DETENTE_CLI_CUTOFF_CABLE_H
#define DETENTE_CLI_CUTOFF_CABLE_H

#include "cli/cables.h"
#include "cutoff/cables.h"

struct cable_case {
    struct cables *c;
    uint8_t *cable; /* that fail … */
    uint8_t *point;
    struct cable_state before;
    struct cable_state after;
    uint32_t *list; /* room for all countries, and for the points of any cable */
};

/* No result goes out without it: what the data is, of when, and what is not in it. */
void cable_put_note(struct buf *to, const struct cables *c);
/* Below a table, where it is read; beside what programs read. */
void cable_say(const struct cli *cli, const struct buf *text);
bool cable_loses_last(const struct cable_case *x, uint32_t country);
/* Countries that it shared a cable with, and no longer does, into x->list; their number. */
uint32_t cable_lost(struct cable_case *x, uint32_t country);

/* cmd_cutoff_cable_rank.c: an exit status. */
int cable_show_rank(struct cli *cli, struct cable_case *x);
int cable_show_of(struct cli *cli, struct cable_case *x, const char *name);

#endif
