/* Lower-case hex, the form of every hash, salt and signature in JSON (docs/formats/ground.md).
 * Pure; no allocation but in the buffer's own growth. */
#ifndef DETENTE_WIRE_HEX_H
#define DETENTE_WIRE_HEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* 2 * n characters into out, no NUL. */
void hex_encode(const void *bytes, size_t n, char *out);
void buf_hex(struct buf *b, const void *bytes, size_t n);
/* Exactly n bytes from exactly 2 * n lower-case digits: ERR_INVALID otherwise, and to is then
 * undefined. */
MUST_USE int hex_decode(struct slice s, void *to, size_t n);
/* An even number of lower-case digits, also none. */
bool hex_is(struct slice s);

#endif
