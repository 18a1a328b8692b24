/* The list of address datasets a node compiles: DIR/tables/inputs.tsv.
 *
 * One line each, in voting order: name, kind (asn, country, both), day (YYYY-MM-DD, or - for
 * the files' own), source, then up to four files; separated by tabs.  Imported files are copied
 * beside the list and stand there without a folder; the default data stays where it is. */
#ifndef DETENTE_CLI_TABLES_LIST_H
#define DETENTE_CLI_TABLES_LIST_H

#include "attrib/build.h"
#include "base/arena.h"
#include "conf/conf.h"

struct tables_list {
    const char *dir; /* the node's */
    struct arena arena;
    struct attrib_input input[ATTRIB_DATASETS];
    unsigned count;
};

/* Empty when the node has no list yet.  Release in any case. */
MUST_USE int tables_list_open(struct tables_list *l, const char *dir, struct errinfo *ei);
void tables_list_release(struct tables_list *l);
MUST_USE int tables_list_write(struct tables_list *l, struct errinfo *ei);

/* A copy in the list's memory; NULL when full. */
const char *tables_list_text(struct tables_list *l, const char *fmt, ...) PRINTF(2, 3);
/* Replace the one of this name, or append; ERR_LIMIT. */
MUST_USE int tables_list_put(struct tables_list *l, const struct attrib_input *in,
                             struct errinfo *ei);
/* The default data: below data (NULL: node_modules above the working folder and above the
 * program) and in /usr/share/tor.  Gives how many of the three sets were found. */
MUST_USE int tables_list_defaults(struct tables_list *l, const char *data, struct errinfo *ei);
/* Datasets of `order` first. */
void tables_list_sort(struct tables_list *l, const struct conf_texts *order);
/* DIR/tables/tables.bin. */
MUST_USE int tables_list_compile(struct tables_list *l, struct attrib_report *ret,
                                 struct errinfo *ei);

const char *tables_kind_name(unsigned kind); /* "asn", "country", "both" */
/* Of a name; 0 when it is none. */
unsigned tables_kind_find(const char *name);

#endif
