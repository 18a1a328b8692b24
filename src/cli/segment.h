/* What is cut off: a segment of the world's networks, who stays there, and links that fail. */
#ifndef DETENTE_CLI_SEGMENT_H
#define DETENTE_CLI_SEGMENT_H

#include "cli/cmd.h"
#include "topology/snapshot.h"

enum { SEGMENT_LINKS = 4096, SEGMENT_TEXT = 128 };

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
};

#define SEGMENT_DATE_OPTION                                                 \
    {                                                                       \
        "date", "DATE", "the snapshot of that day (default: the newest)", 0 \
    }

/* An AS number as people write it: `AS64500`, `64500`. */
bool segment_asn(struct slice text, uint32_t *ret);

/* Each gives 0, or an exit status (reported).  Release it in any case. */
/* The snapshot of --date, with an empty segment. */
int segment_open(struct cli *cli, struct segment *s);
/* The same of that date; NULL: the newest. */
int segment_open_date(struct cli *cli, const char *date, struct segment *s);
/* `XA`, `AS64500`, `64500-64501` or `AS64500-AS64501`. */
int segment_add(struct segment *s, const char *what);
/* A file of lines: `country XA`, `as 64500`, `stays 64501`, `link 64500-64501`, `# …`. */
int segment_add_file(struct segment *s, const char *path);
/* Links are looked up by their order: after the last was added. */
void segment_close(struct segment *s);
void segment_release(struct segment *s);

#endif
