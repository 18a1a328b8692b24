/* Inside ingest: the input as a stream with a remembered beginning. */
#ifndef DETENTE_ROLE_INGEST_PRIV_H
#define DETENTE_ROLE_INGEST_PRIV_H

#include "role/ingest.h"
#include "store/store.h"

struct input {
    int fd;
    bool seekable;
    uint64_t total; /* bytes, 0 unknown */
    uint64_t at;    /* bytes given so far */
    char *head;     /* the first SOURCE_PREFIX bytes, as far as seen */
    size_t head_len;
    size_t head_at; /* of them, given again after the look at them (pipes) */
};

MUST_USE int input_open(struct input *in, int fd);
void input_release(struct input *in);
/* Fewer than n bytes only at the end of the input. */
int64_t input_read(struct input *in, char *to, size_t n);
/* Move to byte `at`, which is not behind the present place. */
MUST_USE int input_skip(struct input *in, uint64_t at);
/* Fill in what of the beginning came meanwhile, and the source's prefix from it. */
MUST_USE int input_identify(struct input *in, struct store_source *src);

#endif
