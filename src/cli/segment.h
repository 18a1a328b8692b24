/* What is cut off: a segment of the world's networks, who stays there, and links that fail. */
#ifndef DETENTE_CLI_SEGMENT_H
#define DETENTE_CLI_SEGMENT_H

#include "cli/cmd.h"
#include "topology/snapshot.h"

enum { SEGMENT_LINKS = 4096, SEGMENT_TEXT = 128 };

/* What pairs are weighed by: weight.c. */
enum segment_weight { SEGMENT_ADDRESSES, SEGMENT_PREFIXES, SEGMENT_SERVICES, SEGMENT_WEIGHTS };
extern const char *const segment_weights[SEGMENT_WEIGHTS]; /* "addresses" … */

struct segment {
    struct topology *t; /* owned */
    struct snapshot_about about;
    struct hash hash; /* of the snapshot */
    uint8_t *in;      /* 1: of the segment; owned */
    uint8_t *stays;   /* 1: foreign, and stays there; owned */
    uint32_t networks;
    uint64_t *cut; /* links that fail, as net_filter has them; owned */
    uint32_t cuts;
    char name[SEGMENT_TEXT];
    const char *weighed_by; /* of segment_weights */
    uint64_t *weights;      /* that the topology has not; owned, NULL: none */
};

/* Of --weight; addresses where it says nothing. */
enum segment_weight segment_weight(const struct cli *cli);

#define SEGMENT_DATE_OPTION                                                 \
    {                                                                       \
        "date", "DATE", "the snapshot of that day (default: the newest)", 0 \
    }

#define SEGMENT_WEIGHT_OPTIONS                                                               \
    {"weight", "KIND",                                                                       \
     "what pairs are weighed by: addresses (default), prefixes, or services that addresses " \
     "reach",                                                                                \
     0},                                                                                     \
        {"services", "FILE", "with --weight services: a list of them, as of `depend audit`", \
         0},                                                                                 \
        {"zone", "[ORIGIN=]FILE", "… a zone file with their addresses; may be given again",  \
         0},                                                                                 \
    {                                                                                        \
        "answers", "FILE", "… recorded answers with their addresses; may be given again", 0  \
    }

/* An AS number as people write it: `AS64500`, `64500`. */
bool segment_asn(struct slice text, uint32_t *ret);

/* Each gives 0, or an exit status (reported).  Release it in any case. */
/* The snapshot of --date, with an empty segment. */
int segment_open(struct cli *cli, struct segment *s);
/* The same of that date; NULL: the newest. */
int segment_open_date(struct cli *cli, const char *date, struct segment *s);
/* … weighed as --weight says; for verbs with SEGMENT_WEIGHT_OPTIONS. */
int segment_open_weighed(struct cli *cli, const char *date, struct segment *s);
/* `XA`, `AS64500`, `64500-64501` or `AS64500-AS64501`. */
int segment_add(struct segment *s, const char *what);
/* The same; what is not in the snapshot is passed over. */
int segment_add_there(struct segment *s, const char *what);
/* A file of lines: `country XA`, `as 64500`, `stays 64501`, `link 64500-64501`, `# …`. */
int segment_add_file(struct segment *s, const char *path);
/* What is neither a country nor an AS number nor a link is a file. */
bool segment_is_file(const char *what);
int segment_add_any(struct segment *s, const char *what);
/* Links are looked up by their order: after the last was added. */
void segment_close(struct segment *s);
void segment_release(struct segment *s);

#endif
