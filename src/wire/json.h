/* Where the tokens of JSON text stand: simdjson's first stage, behind a C interface.
 *
 * The index holds, in order, the offset of each brace, bracket, colon and comma outside
 * strings, of each string's opening quote and of each other scalar's first byte.  Text may
 * hold many documents, one a line: a newline is white space to this stage.  UTF-8 is checked
 * on the way.  Langdale, Lemire: "Parsing Gigabytes of JSON per Second", VLDB Journal 28(6).
 * This is the only C++ in the tree.  An index belongs to one thread. */
#ifndef DETENTE_WIRE_JSON_H
#define DETENTE_WIRE_JSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_index; /* opaque */

enum json_fault {
    JSON_FINE = 0,
    JSON_UTF8,   /* not valid UTF-8 somewhere */
    JSON_STRING, /* a string without end, or with a raw control character */
    JSON_MEMORY, /* longer than the index was made for, or out of memory */
};

/* For text of up to max bytes; NULL when out of memory.  Takes 4 bytes a byte of text. */
struct json_index *json_index_new(size_t max);
struct json_index *json_index_free(struct json_index *ji); /* NULL is fine; gives NULL */

/* Index len bytes.  On JSON_FINE *ret_at points to *ret_count offsets, valid until the next
 * run.  Faults concern the whole text; to know which line has it, run the lines one by one.
 * Reads no byte outside the text.  3 to 6 GB/s. */
enum json_fault json_index_run(struct json_index *ji, const char *text, size_t len,
                               const uint32_t **ret_at, uint32_t *ret_count);

#ifdef __cplusplus
}
#endif

#endif
