/* The shared golden vectors, for the programs that check them: files, JSON, keys. */
#ifndef DETENTE_TESTS_SHARED_H
#define DETENTE_TESTS_SHARED_H

#include "base/buf.h"
#include "exchange/keys.h"

/* Opens the vectors: env DETENTE_SHARED, else the argument.  Ends with 77 (skipped) when they
 * are not there. */
void shared_open(int argc, char **argv);
/* A file below formats/vectors, named as by printf; ends the program when it cannot be read.
 * Never freed. */
struct slice shared_file(const char *fmt, ...) PRINTF(1, 2);
/* The same, and its canonical JSON. */
struct slice shared_json(const char *path);
/* The names in a folder, sorted; gives their number. */
unsigned shared_list(const char *folder, char names[][128], unsigned room);

/* Member of a canonical object: JSON, text, bytes of hex. */
struct slice get(struct slice object, const char *name);
struct slice text_of(struct slice value);
struct slice get_text(struct slice object, const char *name);
struct slice get_hex(struct slice object, const char *name);

/* Keys of keys.json, valid for ever: role "message", "log", …, of the two parties. */
struct vkey shared_vkey(const char *party, const char *role);
void shared_skey(const char *party, const char *role, struct skey *ret);
struct role_keys shared_keys(const char *role);

/* Ends the program with 1, naming what. */
void check(bool ok, const char *what, struct slice more);
extern unsigned checks;

#endif
