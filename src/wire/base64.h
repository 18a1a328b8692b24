/* Base64 (RFC 4648 section 4): the standard alphabet with padding, as C2SP notes, verifier
 * keys and tlog proofs have it.  One text per value: padding must be right and the unused
 * bits of the last character zero, else two texts would decode to one signature. */
#ifndef DETENTE_WIRE_BASE64_H
#define DETENTE_WIRE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define BASE64_TEXT(n) (((n) + 2) / 3 * 4) /* characters for n bytes */

/* BASE64_TEXT(n) characters into out, no NUL. */
void base64_encode(const void *bytes, size_t n, char *out);
void buf_base64(struct buf *b, const void *bytes, size_t n);
/* The bytes and their number.  ERR_INVALID: not canonical; ERR_LIMIT: more than room.  With
 * to NULL and room SIZE_MAX it only checks and counts. */
MUST_USE int base64_decode(struct slice s, void *to, size_t room, size_t *ret_n);
/* Exactly n bytes, ERR_INVALID otherwise. */
MUST_USE int base64_exact(struct slice s, void *to, size_t n);

/* The same with the alphabet of URLs and without padding (RFC 4648 section 5), for secrets in
 * links, cookies and headers; n is at most BASE64URL_MAX. */
enum { BASE64URL_MAX = 96 };
#define BASE64URL_TEXT(n) (((n)*8 + 5) / 6) /* characters for n bytes */
void buf_base64url(struct buf *b, const void *bytes, size_t n);
MUST_USE int base64url_exact(struct slice s, void *to, size_t n);

#endif
