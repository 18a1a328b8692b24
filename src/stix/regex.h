/* Regular expressions that are matched in time linear in the text: RE2.  A dependency on C++ is
 * kept behind this. */
#ifndef DETENTE_STIX_REGEX_H
#define DETENTE_STIX_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { REGEX_MEMORY = 8 << 20 /* bytes of a compiled one */ };

struct regex;

/* utf8: of text; else of bytes.  NULL: it is none, and why is in error (of size bytes). */
struct regex *regex_new(const char *text, size_t len, bool utf8, char *error, size_t size);
struct regex *regex_free(struct regex *r); /* NULL is fine; gives NULL */
/* Anywhere in it. */
bool regex_finds(const struct regex *r, const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
