/* Bundles (docs/formats/bundle.md): what a party would serve over HTTP, in one tar archive that
 * can be carried; zstd around it is the caller's.
 *
 * A bundle begins with a manifest that its sender signed: it fixes what was packed, so that a
 * loss on the way is seen.  Trust in a bundle is never more than in its parts: each file still
 * stands on its own signatures.  Paths match a closed grammar and are never names of files.
 *
 * Both ways stream: at most the manifest and one member are in memory.  Pure; one thread. */
#ifndef DETENTE_EXCHANGE_BUNDLE_H
#define DETENTE_EXCHANGE_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "exchange/keys.h"

enum {
    BUNDLE_BLOCK = 512,
    BUNDLE_MANIFEST_MAX = 32 * 1024 * 1024, /* bytes */
    BUNDLE_MEMBER_MAX = 256 * (2 + 65535),  /* bytes: a full bundle of entries */
    BUNDLE_ABOUT_MAX = 16 * 1024,           /* bytes of what is said of a collection */
    BUNDLE_FILES_MAX = 100000,
    BUNDLE_PATH_MAX = 200 /* bytes */
};
#define BUNDLE_BYTES_MAX ((uint64_t)1 << 30) /* of the archive */

/* ---- Reading ---- */

struct bundle_terms {
    struct slice pact;
    struct slice to; /* one's own party */
    struct role_keys message;
};

/* What the manifest says; borrows from the reader. */
struct bundle_head {
    struct utime at;
    struct slice pact;
    struct slice from;
    struct slice to;
    const struct role_key *by; /* who signed; of the terms */
    unsigned files;
    uint64_t bytes; /* of all files */
};

/* Takes a member whose size and hash are the manifest's; path and bytes are valid for the call.
 * What is taken counts only when bundle_end() gives 0: keep it apart until then.  A negative
 * ERR_* ends the reading with it. */
typedef int bundle_take(void *arg, struct slice path, struct slice bytes);

struct bundle_reader {
    struct bundle_terms terms;
    bundle_take *take;
    void *arg;
    struct bundle_head head; /* once has_head */
    bool has_head;
    /* Its own: */
    unsigned step;
    uint64_t total; /* bytes pushed */
    uint64_t left;  /* of what is being read */
    uint64_t pad;   /* behind it */
    struct buf block;
    struct buf manifest; /* stays: head and rows borrow from it */
    struct buf member;
    struct slice rows;  /* of the manifest that are still to come */
    struct slice path;  /* of the member being read … */
    struct hash sha256; /* … and its hash */
    int failed;
};

/* Values in terms are borrowed.  To be released whatever comes. */
void bundle_reader_init(struct bundle_reader *r, const struct bundle_terms *terms,
                        bundle_take *take, void *arg);
void bundle_reader_release(struct bundle_reader *r);
/* The next bytes of the archive, cut anywhere.  The first error stays: ERR_INVALID: no such
 * archive, or members that are not the manifest's; ERR_LIMIT; ERR_PROOF: the manifest is not
 * signed by `from`; ERR_AUTH: it is of another pact, or to another party; ERR_NOMEM; what
 * take() gave.  ei says what. */
MUST_USE int bundle_push(struct bundle_reader *r, struct slice bytes, struct errinfo *ei);
/* No more bytes: ERR_INVALID when the archive is cut. */
MUST_USE int bundle_end(struct bundle_reader *r, struct errinfo *ei);

/* ---- Writing ---- */

struct bundle_file {
    struct slice path;
    uint64_t size;
    struct hash sha256;
};

struct bundle_make {
    struct utime at;
    struct slice pact;
    struct slice from;
    struct slice to;
    const struct bundle_file *file; /* in any order */
    unsigned files;
    const struct skey *key; /* message key of `from` */
    /* Append the bytes of a file to b; ERR_* ends the writing with it. */
    int (*get)(void *arg, const struct bundle_file *f, struct buf *b);
    /* Take the next bytes of the archive. */
    int (*put)(void *arg, struct slice bytes);
    void *arg;
};

/* Same content, same bytes.  ERR_INVALID: a path or size that no bundle has, one twice, or a
 * file that is not what it was said to be; ERR_LIMIT; ERR_NOMEM; what get() or put() gave. */
MUST_USE int bundle_write(const struct bundle_make *m, struct errinfo *ei);

#endif
