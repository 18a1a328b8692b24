/* Pacts and annexes as the command line reads them. */
#ifndef DETENTE_CLI_CMD_PACT_H
#define DETENTE_CLI_CMD_PACT_H

#include "cli/cmd.h"
#include "note/note.h"
#include "pact/annex.h"

struct document {
    char *bytes; /* the whole file */
    size_t len;
    struct slice text; /* what is signed */
    bool is_note;      /* note holds its signature lines */
    struct note note;
    struct pact *pact; /* one of both */
    struct annex *annex;
    const char *name;
};

/* Read a pact or an annex, signed or not; warnings go to stderr.  0, or an exit status with all
 * said.  pact_close() in any case. */
MUST_USE int document_open(const char *name, struct document *d);
/* The same, but a pact. */
MUST_USE int pact_open(const char *name, struct document *d);
void pact_close(struct document *d);

/* cmd_pact_new.c, cmd_pact_sign.c, cmd_pact_show.c */
int run_pact_new(struct cli *cli);
int run_pact_key(struct cli *cli);
int run_pact_sign(struct cli *cli);
int run_pact_verify(struct cli *cli);
int run_pact_show(struct cli *cli);
int run_pact_diff(struct cli *cli);

#endif
