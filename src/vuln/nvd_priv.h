/* What the reader of NVD's records has of one record's configurations before they are bytes. */
#ifndef DETENTE_VULN_NVD_PRIV_H
#define DETENTE_VULN_NVD_PRIV_H

#include "vuln/nvd.h"
#include "wire/walk.h"

struct nvd_branch { /* a configuration or a node */
    unsigned flags; /* of vuln/config.h */
    uint32_t from;  /* its nodes or matches */
    uint32_t count;
};

struct nvd_match {
    uint32_t product; /* its number, or CONFIG_NO_PRODUCT */
    uint32_t at;      /* of `entries` */
    uint32_t len;
    bool vulnerable;
};

struct nvd_tree {
    struct nvd_counts *counts;
    struct cpe cpe;     /* the one that is being read */
    struct buf names;   /* of products, one behind the other */
    struct buf entries; /* of matches, as they come */
    struct buf bytes;   /* what the record is given */
    uint32_t name_at[NVD_PRODUCTS + 1];
    uint16_t sorted[NVD_PRODUCTS];     /* numbers of products in the order of their names */
    uint32_t entries_at[NVD_PRODUCTS]; /* of `bytes` */
    uint32_t products;
    uint32_t last; /* product of the match before: the next one's as a rule */
    struct nvd_match match[NVD_MATCHES];
    uint32_t matches;
    struct nvd_branch node[NVD_NODES];
    uint32_t nodes;
    struct nvd_branch config[NVD_CONFIGS];
    uint32_t configs;
    bool cut;
};

void nvd_tree_init(struct nvd_tree *t, struct nvd_counts *counts);
void nvd_tree_release(struct nvd_tree *t);
void nvd_tree_reset(struct nvd_tree *t);
/* The value of `configurations`; ERR_INVALID at what in it is of another type. */
MUST_USE int nvd_tree_read(struct nvd_tree *t, struct walk *w);
/* Products and configurations of a record, valid until the next reset. */
MUST_USE int nvd_tree_give(struct nvd_tree *t, struct nvd_record *to);

#endif
