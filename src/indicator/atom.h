/* What is looked for, one of each: an address, a prefix, a name, a URL, a hash of a file.
 *
 * Read from text into bytes that are equal when the things are: addresses as numbers, names in
 * small letters without the last dot, URLs with scheme and host in small letters, without the
 * default port and the fragment (RFC 3986, 6.2.2.1 and 6.2.3; percent signs stay as they are),
 * hashes as bytes.  Names beyond ASCII are taken as they stand: xn-- forms are not made of
 * them. Pure; some 50 ns. */
#ifndef DETENTE_INDICATOR_ATOM_H
#define DETENTE_INDICATOR_ATOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/addr.h"

enum atom_kind {
    ATOM_ADDRESS,
    ATOM_PREFIX, /* also of all bits, where it is to be found as one that lies in a prefix */
    ATOM_DOMAIN,
    ATOM_BELOW, /* all names below it, not itself */
    ATOM_URL,
    ATOM_MD5,
    ATOM_SHA1,
    ATOM_SHA256,
    ATOM_SHA512,
    ATOM_KINDS
};
const char *atom_kind_name(enum atom_kind kind); /* "address" … "sha-512" */

enum { ATOM_BYTES = 2048, ATOM_NAME = 253 /* bytes of a name, RFC 1035, 2.3.4 */ };

/* Bytes of what buf_atom() writes: at most. */
enum { ATOM_TEXT = ATOM_BYTES + 8 };

struct atom {
    enum atom_kind kind;
    uint16_t len;
    char byte[ATOM_BYTES];
};

/* All false: the text is none.  ret is then undefined. */

/* An address, or a prefix whose host bits are let be; one of all bits is an address. */
bool atom_read_address(struct slice text, struct atom *ret);
/* Labels of 1 to 63 bytes: letters, digits, - and _, and bytes beyond ASCII; the last is no
 * number, so no address is a name. */
bool atom_read_domain(struct slice text, struct atom *ret);
/* http, https, ftp or any other scheme behind which // and a host stand. */
bool atom_read_url(struct slice text, struct atom *ret);
/* By its length, or only of one kind. */
bool atom_read_hash(struct slice text, struct atom *ret);
bool atom_read_hash_of(enum atom_kind kind, struct slice text, struct atom *ret);

void atom_of_address(const struct addr *a, struct atom *ret);
void atom_of_prefix(const struct prefix *p, struct atom *ret);
/* Of ADDRESS and PREFIX; of an address all bits. */
struct prefix atom_prefix(enum atom_kind kind, struct slice bytes);
/* The host of a URL that atom_read_url() gave, without its port; brackets stay. */
struct slice atom_url_host(struct slice url);

/* As it is written: `198.51.100.0/24`, `*.example.org`, hex. */
void buf_atom(struct buf *to, enum atom_kind kind, struct slice bytes);

#endif
