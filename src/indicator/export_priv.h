/* Between the files of export. */
#ifndef DETENTE_INDICATOR_EXPORT_PRIV_H
#define DETENTE_INDICATOR_EXPORT_PRIV_H

#include "indicator/export.h"

enum { OUT_BYTES = 1 << 20, OUT_FLUSH = 1 << 16 };

enum { FILE_RULES, FILE_DOMAINS, FILE_MD5, FILE_SHA1, FILE_SHA256 };

struct item {
    enum atom_kind kind;
    struct slice bytes;
    uint32_t atom;
    uint32_t owner; /* the first that is in force */
};

struct export
{
    const struct indicators *x;
    const struct export_options *options;
    export_put *put;
    void *arg;
    struct export_counts *counts;
    struct buf out[EXPORT_FILES];
    uint64_t sid;
    struct prefix *net; /* that are written at the end */
    uint32_t nets;
    uint32_t net_room;
    uint64_t names; /* in the file of names */
    uint32_t files; /* a bit for each that has a value */
};

/* 1 written (or kept for the end), 0 the format has no word for it, an error. */
typedef int export_item(struct export *e, const struct item *i);
typedef int export_end(struct export *e);

int export_flush(struct export *e, unsigned file);
int export_keep_net(struct export *e, const struct item *i);
/* In their order, without those that lie in another. */
void export_order_nets(struct export *e);

export_item export_suricata_item;
export_end export_suricata_begin;
export_item export_dataset_item;
export_end export_dataset_end;
export_end export_nftables_end;
export_item export_nftables_item;
export_end export_rpz_begin;
export_item export_rpz_item;

#endif
