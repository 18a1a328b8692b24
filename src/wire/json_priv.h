/* Inside the JSON index: simdjson's first stage, which runs everywhere, and ours. */
#ifndef DETENTE_WIRE_JSON_PRIV_H
#define DETENTE_WIRE_JSON_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* wire/json_simd.cpp */
struct json_simd;
struct json_simd *json_simd_new(size_t max); /* NULL when out of memory */
struct json_simd *json_simd_free(struct json_simd *s);
/* An enum json_fault.  *ret_at is valid until the next run. */
int json_simd_run(struct json_simd *s, const char *text, size_t len, const uint32_t **ret_at,
                  uint32_t *ret_count);
bool json_simd_utf8(const char *text, size_t len);

#ifdef __cplusplus
}
#else

#include "wire/json.h"

/* Where the tokens are put: room for as many as the text has bytes, and JSON_PAD more. */
struct json_room {
    uint32_t *at;
    char *first;
    struct json_line *line;
};

/* wire/json_wide.c: 64 bytes at a time, with AVX-512.  Asks the processor. */
bool json_wide_can(void);
/* JSON_FINE and JSON_STRING; *ret_ascii tells whether UTF-8 needs no look.  Without the end
 * that json_tokens promises behind the last token and line. */
enum json_fault json_wide_run(const struct json_room *room, const char *text, size_t len,
                              struct json_tokens *ret, bool *ret_ascii);
#endif
#endif
