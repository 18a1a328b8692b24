/* Files that tests write: a folder of their own, CSV text, a small MMDB. */
#ifndef DETENTE_TESTS_ATTRIB_FIXTURE_H
#define DETENTE_TESTS_ATTRIB_FIXTURE_H

#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum { FIXTURE_PATH = 256 };

/* A fresh folder under TMPDIR; its name without a slash behind. */
const char *fixture_folder(void);
/* Write <folder>/<name>, give its path in a static slot (16 of them, reused in turn). */
const char *fixture_write(const char *name, struct slice bytes);
const char *fixture_path(const char *name);
void fixture_remove(void);

struct fixture_network {
    uint8_t addr[16];
    unsigned len;
    uint32_t asn;    /* 0: none */
    const char *iso; /* country.iso_code; NULL: none */
};
/* An IPv6 MMDB (24-bit records) with IPv4 under ::/96 and an alias to it at 2002::/16. */
struct slice fixture_mmdb(const struct fixture_network *list, unsigned count, uint64_t epoch);

#endif
