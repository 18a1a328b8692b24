/* A sum in each page of the database, for SQLite keeps none: what stands in a page and no leaf
 * commits to (a counter, the place of a source, a person's role) could change unseen.
 *
 * The last 8 bytes of a page, reserved by the header's byte 20, hold a sum over the others and
 * the page's number; docs/formats/evidence.md has it.  It is made when a page is written to the
 * database and looked at when one is read from it, some 1 us each; frames of the write-ahead
 * log have SQLite's own.  It finds what broke, not what somebody changed on purpose.
 *
 * The methods of an open database file are replaced, so it goes over any VFS and nothing is
 * registered. */
#ifndef DETENTE_STORE_SUMS_H
#define DETENTE_STORE_SUMS_H

#include <sqlite3.h>
#include <stdbool.h>

enum { SUMS_PAGE = 4096, SUMS_RESERVE = 8 };

struct sums {
    sqlite3_io_methods methods; /* first: the file points to it */
    const sqlite3_io_methods *base;
    bool on; /* the database has sums */
    unsigned char page[SUMS_PAGE];
};

/* From here on, for the database that db has just opened; s stays until db is closed.  on: it
 * gets sums whatever it has now.  An SQLite code. */
int sums_begin(struct sums *s, sqlite3 *db, bool on);
/* A database without pages gets sums with its first one, and one with pages by the next VACUUM.
 * Before anything else is done with db.  An SQLite code. */
int sums_reserve(sqlite3 *db);

#endif
