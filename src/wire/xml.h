/* XML read piece by piece: as much of XML 1.0 as tools write, and nothing that reaches out of
 * the text.  Elements, attributes, text, CDATA; comments and processing instructions are passed
 * over, and a document type without declarations of its own.  Entities are the five that XML
 * has and characters by number; others are a fault, so that nothing can grow.  UTF-8 only.
 * Namespaces are not resolved.
 *
 * Text and values are decoded where they stand, so the text is written to.  Faults have line
 * and column of the piece they are in.  Nothing is allocated. */
#ifndef DETENTE_WIRE_XML_H
#define DETENTE_WIRE_XML_H

#include "base/err.h"
#include "base/slice.h"

enum { XML_DEPTH = 64, XML_ATTRIBUTES = 64 };
enum xml_event { XML_END = 0, XML_OPEN, XML_CLOSE, XML_TEXT };

struct xml_attribute {
    struct slice name;
    struct slice value;
};

struct xml {
    char *text;
    size_t len;
    size_t at;
    size_t line_start;
    unsigned line;         /* of `at` */
    unsigned piece_line;   /* of what xml_next() gave last */
    unsigned piece_column; /* in bytes, from 1 */
    unsigned depth;
    bool rooted; /* the one outermost element has begun */
    bool empty;  /* <x/>: its close comes next */
    struct slice open[XML_DEPTH];
    struct xml_attribute attribute[XML_ATTRIBUTES];
    unsigned attributes;
    struct slice name;  /* of what was opened or closed */
    struct slice chars; /* of XML_TEXT, which may come in several pieces */
    struct errinfo *ei;
};

/* text must outlive x.  ERR_INVALID: it is no UTF-8. */
MUST_USE int xml_open(struct xml *x, char *text, size_t len, struct errinfo *ei);
/* What comes next (enum xml_event), or ERR_INVALID; at most XML_DEPTH elements stand inside
 * each other.  Some 0.2 GB/s. */
MUST_USE int xml_next(struct xml *x);
/* Of the element that was opened; "": it has none. */
struct slice xml_get(const struct xml *x, const char *attribute);
/* ERR_INVALID where the piece begins that xml_next() gave last. */
int xml_wrong(struct xml *x, const char *what);

#endif
