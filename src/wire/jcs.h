/* Canonical JSON: RFC 8785 narrowed to integers (docs/formats/ground.md).
 *
 * Three tools.  jcs_check() is the entrance check of everything that is signed or hashed: one
 * pass, no memory, some 0.8 GB/s.  jcs_canonical() brings other JSON to the canonical form.
 * The reader walks bytes that passed the check; handed others it gives wrong values but stays
 * inside them.  All are pure.
 *
 * Narrower than RFC 8785: numbers are integers within +-(2^53-1) without fraction or
 * exponent, no null, no U+0000, at most JCS_DEPTH arrays and objects around a scalar. */
#ifndef DETENTE_WIRE_JCS_H
#define DETENTE_WIRE_JCS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum { JCS_DEPTH = 8, JCS_DEPTH_WHOLE = 130 /* what a struct dom has, and two around it */ };
#define JCS_INT_MAX ((INT64_C(1) << 53) - 1)

enum jcs_fault {
    JCS_OK,
    JCS_SYNTAX,
    JCS_NUMBER,
    JCS_NULL,
    JCS_DUPLICATE_KEY,
    JCS_SURROGATE,
    JCS_UTF8,
    JCS_BOM,
    JCS_TRAILING,
    JCS_CONTROL,
    JCS_NUL,
    JCS_TOO_DEEP,
    JCS_FORM /* good JSON, but not its canonical form; jcs_check() only */
};

const char *jcs_fault_name(enum jcs_fault fault); /* "syntax" "number" … "form" */

/* JCS_OK when s is one value in canonical form.  ret_at (may be NULL): the byte offset of the
 * fault. */
enum jcs_fault jcs_check(struct slice s, size_t *ret_at);

/* The same, and where the members of the object s are: the first `max` of them, in their order;
 * *ret_count counts all, 0 when s is no object. */
struct jcs_pair {
    struct slice key; /* between the quotes, escapes as they stand */
    struct slice value;
};
enum jcs_fault jcs_check_members(struct slice s, struct jcs_pair *ret, unsigned max,
                                 unsigned *ret_count);

/* Append the canonical form of s to out.  White space around and between tokens, any key
 * order and any escapes are taken.  On a fault, out is as long as before.  JCS_SYNTAX with
 * buf_error(out) set means no room or memory. */
enum jcs_fault jcs_canonical(struct slice s, struct buf *out, size_t *ret_at);

/* The same for JSON of others, as RFC 8785 has it: any number becomes the double that it is
 * nearest to, as ECMAScript writes it (3.2.2.3; JCS_NUMBER when it is beyond all doubles or
 * would be 0 without being so), null and U+0000 are taken, and JCS_DEPTH_WHOLE is how deep it
 * goes.  The check and the reader are not for what it gives. */
enum jcs_fault jcs_canonical_whole(struct slice s, struct buf *out, size_t *ret_at);

/* ---- Reader: values are slices of canonical bytes ---- */

enum jcs_kind { JCS_OBJECT, JCS_ARRAY, JCS_STRING, JCS_INT, JCS_BOOL };

enum jcs_kind jcs_kind(struct slice value);

/* The members of an object or the items of an array, in their order. */
struct jcs_iter {
    struct slice rest;
};
/* value must be an object or an array; any other has no members. */
struct jcs_iter jcs_iter(struct slice value);
/* key is the text between the quotes, escapes as they stand; false at the end. */
bool jcs_member(struct jcs_iter *it, struct slice *ret_key, struct slice *ret_value);
bool jcs_item(struct jcs_iter *it, struct slice *ret_value);
/* Number of members or items. */
size_t jcs_count(struct slice value);
/* The member of an object with that key (plain ASCII, no escapes). */
bool jcs_find(struct slice object, const char *key, struct slice *ret_value);

/* ERR_INVALID when value is of another kind. */
MUST_USE int jcs_int(struct slice value, int64_t *ret);
MUST_USE int jcs_bool(struct slice value, bool *ret);
/* A string without escapes, borrowed; ERR_INVALID for one with escapes too.  Enough for all
 * identifiers. */
MUST_USE int jcs_plain(struct slice value, struct slice *ret);
/* Any string, its escapes resolved, appended to out; out's own error is sticky. */
MUST_USE int jcs_string(struct slice value, struct buf *out);
/* Bytes the string has when its escapes are resolved. */
size_t jcs_string_len(struct slice value);

#endif
