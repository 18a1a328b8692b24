/* Pacts and annexes as the command line reads them. */
#ifndef DETENTE_CLI_CMD_PACT_H
#define DETENTE_CLI_CMD_PACT_H

#include "cli/cmd.h"
#include "note/note.h"
#include "pact/annex.h"
#include "pact/denounce.h"
#include "role/treaty_look.h"
#include "role/view.h"

struct document {
    char *bytes; /* the whole file */
    size_t len;
    struct slice text; /* what is signed */
    bool is_note;      /* note holds its signature lines */
    struct note note;
    struct pact *pact; /* one of these */
    struct annex *annex;
    struct denunciation *denunciation;
    const char *name;
};

/* Read a pact or an annex, signed or not; warnings go to stderr.  0, or an exit status with all
 * said.  pact_close() in any case. */
MUST_USE int document_open(const char *name, struct document *d);
/* The same, but a pact. */
MUST_USE int pact_open(const char *name, struct document *d);
/* Of a file, or by its name one that the node of --dir adopted; NULL: the only one of that. */
MUST_USE int pact_find(struct cli *cli, const char *name, struct document *d);
void pact_close(struct document *d);

/* What the node of --dir adopted.  0, or an exit status with all said; adopted_close() in any
 * case. */
struct adopted {
    struct view view;
    bool open;
    struct book *book;
};
MUST_USE int adopted_open(struct cli *cli, struct adopted *a);
void adopted_close(struct adopted *a);
/* Text of a YAML document with other values of keys at its top; NULL ends the list.  ERR_CONF:
 * a key is not there, in one line. */
struct edit {
    const char *key;
    const char *value;
};
MUST_USE int document_edit(struct slice text, const struct edit *edits, struct buf *to);

/* A time as documents have it, by the second; of none nothing. */
void pact_when(struct buf *to, struct utime t);

/* cmd_pact_new.c, cmd_pact_sign.c, cmd_pact_show.c, cmd_pact_annex.c, cmd_pact_adopt.c,
 * cmd_pact_list.c */
int run_annex_new(struct cli *cli);
int run_annex_seen(struct cli *cli);
int run_pact_adopt(struct cli *cli);
int run_pact_amend(struct cli *cli);
int run_pact_denounce(struct cli *cli);
int run_pact_list(struct cli *cli);
int show_adopted(struct cli *cli);
int run_pact_new(struct cli *cli);
int run_pact_key(struct cli *cli);
int run_pact_sign(struct cli *cli);
int run_pact_verify(struct cli *cli);
int run_pact_show(struct cli *cli);
int run_pact_diff(struct cli *cli);

#endif
