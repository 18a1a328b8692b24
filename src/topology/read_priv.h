/* Inside reading: parts of lines. */
#ifndef DETENTE_TOPOLOGY_READ_PRIV_H
#define DETENTE_TOPOLOGY_READ_PRIV_H

#include "topology/build.h"

/* A number at the start of *rest, which is moved behind it; false when there is none below
 * 2^63. */
static inline bool
take_number(struct slice *rest, uint64_t *ret)
{
    uint64_t n = 0;
    size_t i = 0;

    while (i < rest->len && i < 19 && rest->ptr[i] >= '0' && rest->ptr[i] <= '9')
        n = n * 10 + (uint64_t)(rest->ptr[i++] - '0');
    *ret = n;
    *rest = slice_sub(*rest, i, rest->len);
    return i > 0 && (rest->len == 0 || rest->ptr[0] < '0' || rest->ptr[0] > '9');
}

/* The same of an AS number (RFC 6793: 32 bits; 0 is none, RFC 7607). */
static inline bool
take_asn(struct slice *rest, uint32_t *ret)
{
    uint64_t n;

    if (!take_number(rest, &n) || n == 0 || n >= UINT32_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

static inline bool
take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = slice_sub(*rest, 1, rest->len);
    return true;
}

static inline struct slice
without_cr(struct slice line)
{
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? slice_sub(line, 0, line.len - 1)
                                                          : line;
}

/* read.c: each line that is not empty and no comment, with its number. */
typedef int read_line(void *arg, struct slice line, unsigned number, struct errinfo *ei);
MUST_USE int read_lines(struct slice text, read_line *f, void *arg, uint64_t *ret_lines,
                        struct errinfo *ei);

#endif
