/* Where the tokens of JSON text stand, and where its lines end: Langdale, Lemire: "Parsing
 * Gigabytes of JSON per Second", VLDB Journal 28(6), first stage.
 *
 * A token is each brace, bracket, colon and comma outside strings, each string and each other
 * scalar.  Text may hold many documents, one a line: a newline is white space to this stage.
 * UTF-8 is checked on the way.  An index belongs to one thread. */
#ifndef DETENTE_WIRE_JSON_H
#define DETENTE_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_index; /* opaque */

enum json_fault {
    JSON_FINE = 0,
    JSON_UTF8,   /* not valid UTF-8 somewhere */
    JSON_STRING, /* a string without end, or with a raw control character */
    JSON_MEMORY, /* longer than the index was made for, or out of memory */
};

struct json_line {
    uint32_t tokens;  /* of the text up to the line's end */
    uint32_t end;     /* offset of its newline, or of the text's end */
    uint32_t escapes; /* true when a backslash is in it */
};

enum { JSON_PAD = 64 };

/* What stands in a text, in order. */
struct json_tokens {
    const uint32_t *at; /* offsets of the tokens' first bytes; at[count] is the text's length */
    /* Their first bytes, where those of numbers (- to 9) are all '0', and t and f both 't', so
     * that records of one make look the same; JSON_PAD zeroes behind them. */
    const char *first;
    uint32_t count;
    const struct json_line *line;
    uint32_t lines; /* what is behind the last newline is one, unless empty */
};

/* For text of up to max bytes; NULL when out of memory.  Takes up to 17 bytes a byte of text
 * once there is a long one, 2 of which are written to as a rule. */
struct json_index *json_index_new(size_t max);
struct json_index *json_index_free(struct json_index *ji); /* NULL is fine; gives NULL */
/* Use what runs everywhere from now on, not what this processor does best.  For tests. */
void json_index_plain(struct json_index *ji);

/* Index len bytes.  On JSON_FINE *ret is filled and valid until the next run.  Faults concern
 * the whole text; to know which line has it, run the lines one by one.  Reads no byte outside
 * the text.  3 to 10 GB/s. */
enum json_fault json_index_run(struct json_index *ji, const char *text, size_t len,
                               struct json_tokens *ret);

#endif
