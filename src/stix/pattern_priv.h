/* Between the files of the module: a pattern's tree. */
#ifndef DETENTE_STIX_PATTERN_PRIV_H
#define DETENTE_STIX_PATTERN_PRIV_H

#include "model/addr.h"
#include "stix/pattern_walk.h"
#include "stix/regex.h"

enum { PATTERN_REGEXES = 64, PATTERN_ARENA = 1 << 21 };

enum value_kind { VALUE_INT, VALUE_FLOAT, VALUE_STRING, VALUE_BOOL, VALUE_BINARY, VALUE_TIME };

struct value {
    enum value_kind kind;
    int64_t number;    /* INT; BOOL 0 or 1 */
    double real;       /* INT too */
    struct slice text; /* STRING, BINARY */
    struct utime time;
    const struct value *next; /* of a set */
};

enum step_kind { STEP_NAME, STEP_INDEX, STEP_ANY };

struct step {
    enum step_kind kind;
    struct slice name;
    int64_t index;
    const struct step *next;
};

enum node_kind {
    /* of observations */
    NODE_OBSERVED, /* left: what one observation satisfies */
    NODE_ALL,
    NODE_EITHER,
    NODE_FOLLOWED,
    NODE_WITHIN,
    NODE_BETWEEN,
    NODE_REPEATS,
    /* of one object */
    NODE_AND,
    NODE_OR,
    NODE_TEST
};

struct node {
    enum node_kind kind;
    const struct node *left;
    const struct node *right;
    /* of a test */
    struct slice type;
    const struct step *path;
    enum test_op op;
    bool negated;
    const struct value *value; /* a set's first; NULL it is empty */
    struct regex *regex;
    bool binary;       /* its path ends in bytes, _hex or _bin */
    struct prefix net; /* of SUBSET, SUPERSET */
    /* of qualifiers */
    double seconds;
    struct utime from;
    struct utime until;
    uint32_t times;
    unsigned leaf; /* of OBSERVED: its number, from 0 */
};

struct pattern {
    struct arena arena;
    const struct node *root;
    struct regex *regexes[PATTERN_REGEXES]; /* to be released */
    unsigned regex_count;
    unsigned leaves;
};

/* ---- tokens --------------------------------------------------------------------------------
 */

/* Does an object satisfy what stands in brackets? */
struct asking {
    const struct observed *all;
    const struct observation *of;
    bool no_memory;
};
bool pattern_holds(struct asking *a, const struct node *n, const struct dom *object);

/* An address or a prefix, host bits let be; false: it is none. */
bool pattern_net(struct slice text, struct prefix *ret);

enum token_kind {
    TOKEN_END,
    TOKEN_WORD, /* a keyword or a name */
    TOKEN_SIGN, /* = != < > <= >= [ ] ( ) , . : * */
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_STRING, /* between its quotes */
    TOKEN_HEX,
    TOKEN_BINARY,
    TOKEN_TIME
};

struct token {
    enum token_kind kind;
    struct slice text;
    size_t at;
};

struct lexer {
    struct slice text;
    size_t at;
    struct token token; /* that comes next */
    struct errinfo *ei;
};

MUST_USE int lexer_next(struct lexer *l);
/* ERR_INVALID, there. */
int lexer_wrong(struct lexer *l, size_t at, const char *what);

#endif
