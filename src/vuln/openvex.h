/* OpenVEX 0.2.0 (openvex/spec, OPENVEX-SPEC.md): who says of which product that a vulnerability
 * does not matter there, does, is mended, or is being looked at.
 *
 * Reading takes what 0.0.1 wrote too: a vulnerability and products that are plain strings.
 * What the specification demands and people forget is counted, not refused; a status or a
 * justification that is none is refused, as nobody could act on it.
 *
 * Writing gives canonical bytes (RFC 8785): the same statements in any order are the same
 * document.  Pure. */
#ifndef DETENTE_VULN_OPENVEX_H
#define DETENTE_VULN_OPENVEX_H

#include "base/buf.h"
#include "base/time.h"
#include "vuln/cve.h"

enum {
    OPENVEX_PRODUCTS = 4096, /* of one statement */
    OPENVEX_SUBCOMPONENTS = 16384,
    OPENVEX_ALIASES = 64,
    OPENVEX_TEXT = 1024, /* bytes of names and identifiers; longer ones are refused */
    OPENVEX_LONG = 4096, /* of what is said in words; longer texts are cut at a character */
    OPENVEX_STATEMENTS = 1 << 17, /* of a document that is written */
    OPENVEX_BYTES = 1 << 26
};

enum openvex_status {
    OPENVEX_NOT_AFFECTED,
    OPENVEX_AFFECTED,
    OPENVEX_FIXED,
    OPENVEX_UNDER_INVESTIGATION
};
enum { OPENVEX_STATUSES = 4 };
enum openvex_justification {
    OPENVEX_NO_JUSTIFICATION,
    OPENVEX_COMPONENT_NOT_PRESENT,
    OPENVEX_CODE_NOT_PRESENT,
    OPENVEX_CODE_NOT_IN_EXECUTE_PATH,
    OPENVEX_CODE_NOT_CONTROLLABLE,
    OPENVEX_INLINE_MITIGATIONS
};
enum { OPENVEX_JUSTIFICATIONS = 6 };
const char *openvex_status_name(enum openvex_status s); /* "not_affected" */
/* "vulnerable_code_not_present"; "" of none. */
const char *openvex_justification_name(enum openvex_justification j);
/* False: it is none.  The name of no justification is none. */
bool openvex_status_parse(struct slice name, enum openvex_status *ret);
bool openvex_justification_parse(struct slice name, enum openvex_justification *ret);

struct openvex_component {
    struct slice id;   /* "" not said, so are the others */
    struct slice purl; /* of `identifiers`, else the id where it is one */
    struct slice cpe;  /* 2.3, or 2.2 where that alone is there */
};
struct openvex_product {
    struct openvex_component is;
    unsigned sub; /* the first of its subcomponents */
    unsigned subs;
};

struct openvex_head {
    struct slice id; /* to write: "" is made of the document's hash */
    struct slice author;
    struct slice role;
    struct utime at; /* 0: not said, or none */
    uint64_t version;
};

struct openvex_statement {      /* as read, borrowed until take() returns */
    struct slice vulnerability; /* its name, or its id where it has none */
    cve_id cve;                 /* the first CVE of name and aliases; 0: none.  Not written */
    const struct slice *alias;
    unsigned aliases;
    const struct openvex_product *product;
    unsigned products;
    const struct openvex_component *sub;
    enum openvex_status status;
    enum openvex_justification justification;
    struct slice impact; /* words: why it is not affected */
    struct slice action; /* what to do where it is */
    struct slice notes;
    struct utime at; /* its own, else the document's */
    unsigned line;
};

struct openvex_counts {
    uint64_t documents;
    uint64_t statements;
    uint64_t status[OPENVEX_STATUSES];
    uint64_t no_product; /* statements that are passed over: of what they are, the document does
                            not say */
    uint64_t no_reason;  /* not_affected with neither justification nor impact_statement */
    uint64_t no_action;  /* affected without action_statement */
    uint64_t odd_head;   /* documents without @id, author, timestamp or version */
    uint64_t odd_time;
    uint64_t cut; /* texts and aliases; products for which there was no room, which have no name
                     or a subcomponent without one: they are left out */
};

/* The head belongs to the statement's document.  0, or an error that ends the reading. */
typedef int openvex_take(void *arg, const struct openvex_head *head,
                         const struct openvex_statement *s);

/* One document or several behind each other; the text is written to.  ERR_INVALID with line and
 * column; what came before was taken.  ERR_NOMEM, and what take() gives. */
MUST_USE int openvex_read(char *text, size_t len, openvex_take *take, void *arg,
                          struct openvex_counts *counts, struct errinfo *ei);

struct openvex_document {
    struct openvex_head head;
    const struct openvex_statement *statement;
    unsigned statements;
};

/* Append it, without a line feed.  Statements are put in the order of vulnerability, first
 * product and status; products stay as they are given.  An id that is made is
 * `https://openvex.dev/docs/public/vex-` and the SHA-256 of the document without it.
 * ERR_INVALID: the specification does not allow it, ei says which statement and why; ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE int openvex_write(const struct openvex_document *d, struct buf *to,
                           struct errinfo *ei);

#endif
