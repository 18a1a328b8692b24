#include "store/sums.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/slice.h"

enum { HEADER = 100, RESERVED_AT = 20, MAGIC = 16, VERSION = 2 /* no memory mapping */ };

static struct sums *
sums_of(const sqlite3_file *f)
{
    union {
        const sqlite3_io_methods *methods;
        struct sums *sums;
    } of = {.methods = f->pMethods}; /* they stand first; the file has them as constant */

    return of.sums;
}

static uint32_t
word(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void
put_word(unsigned char *p, uint32_t w)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(w >> 8 * i);
}

/* Two sums that feed each other, as those of SQLite's write-ahead log; the page's number first,
 * so that a page in the place of another is found. */
static void
sum(const unsigned char page[SUMS_PAGE], sqlite3_int64 at, unsigned char ret[SUMS_RESERVE])
{
    uint32_t a = (uint32_t)(at / SUMS_PAGE);
    uint32_t b = 0;

    for (int i = 0; i < SUMS_PAGE - SUMS_RESERVE; i += 8) {
        a += word(page + i) + b;
        b += word(page + i + 4) + a;
    }
    put_word(ret, a);
    put_word(ret + 4, b);
}

static bool
is_good(const unsigned char page[SUMS_PAGE], sqlite3_int64 at)
{
    static const unsigned char zero[SUMS_PAGE];
    unsigned char want[SUMS_RESERVE];

    sum(page, at, want);
    /* A hole that nobody wrote to yet. */
    return memcmp(page + SUMS_PAGE - SUMS_RESERVE, want, sizeof want) == 0 ||
           memcmp(page, zero, sizeof zero) == 0;
}

static bool
says_so(const unsigned char header[HEADER])
{
    return memcmp(header, "SQLite format 3", MAGIC) == 0 && header[RESERVED_AT] == SUMS_RESERVE;
}

static void
look(struct sums *s, sqlite3_file *f)
{
    unsigned char header[HEADER];

    s->on |= s->base->xRead(f, header, HEADER, 0) == SQLITE_OK && says_so(header);
}

static bool
is_page(int n, sqlite3_int64 at)
{
    return n == SUMS_PAGE && at % SUMS_PAGE == 0;
}

static int
read_page(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    struct sums *s = sums_of(f);
    int code = s->base->xRead(f, to, n, at);

    if (code != SQLITE_OK || !is_page(n, at))
        return code;
    if (at == 0)
        s->on |= says_so(to);
    else if (!s->on)
        look(s, f);
    return !s->on || is_good(to, at) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

static unsigned
number(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Overflow and freelist pages begin with the number of another page.  A B-tree's kind is such a
 * number in a database of over 128 GB, whose pages are let be; it may be about to grow. */
static bool
is_tree(const unsigned char *page, const unsigned char *header, uint64_t pages)
{
    enum { GROWS = 1 << 20 };
    uint64_t next = (uint64_t)number(page) << 16 | number(page + 2);
    bool kind = *header == 2 || *header == 5 || *header == 10 || *header == 13;

    return kind && (header != page || next > pages + GROWS);
}

/* What a page of a B-tree does not use, between its list of cells and the first of them, may
 * hold what stood there before it was balanced: secure_delete does not know of those copies. */
static void
clear_gap(struct sums *s, sqlite3_file *f, sqlite3_int64 at)
{
    enum { INNER = 12, LEAF = 8 };
    unsigned char *header = s->page + (at == 0 ? HEADER : 0);
    sqlite3_int64 size = 0;
    size_t from;
    size_t to;

    if (s->base->xFileSize(f, &size) != SQLITE_OK ||
        !is_tree(s->page, header, (uint64_t)size / SUMS_PAGE))
        return;
    from = (size_t)(header - s->page) + (*header < 10 ? INNER : LEAF) +
           (size_t)2 * number(header + 3);
    to = number(header + 5);
    if (from < to && to <= SUMS_PAGE - SUMS_RESERVE)
        memset(s->page + from, 0, to - from);
}

static int
write_page(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    struct sums *s = sums_of(f);

    if (is_page(n, at) && at == 0)
        s->on |= says_so(from);
    else if (is_page(n, at) && !s->on)
        look(s, f); /* another process may have written the first one */
    if (!s->on || !is_page(n, at))
        return s->base->xWrite(f, from, n, at);
    memcpy(s->page, from, SUMS_PAGE - SUMS_RESERVE);
    clear_gap(s, f, at);
    sum(s->page, at, s->page + SUMS_PAGE - SUMS_RESERVE);
    return s->base->xWrite(f, s->page, n, at);
}

static int
close_file(sqlite3_file *f)
{
    const sqlite3_io_methods *base = sums_of(f)->base;

    f->pMethods = base;
    return base->xClose(f);
}

static int
file_of(sqlite3 *db, sqlite3_file **ret)
{
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)ret);

    return code == SQLITE_OK && (*ret == NULL || (*ret)->pMethods == NULL) ? SQLITE_CANTOPEN
                                                                           : code;
}

int
sums_begin(struct sums *s, sqlite3 *db, bool on)
{
    sqlite3_file *f = NULL;
    int code = file_of(db, &f);

    if (code != SQLITE_OK)
        return code;
    *s = (struct sums){.methods = *f->pMethods, .base = f->pMethods, .on = on};
    if (s->methods.iVersion > VERSION)
        s->methods.iVersion = VERSION;
    s->methods.xRead = read_page;
    s->methods.xWrite = write_page;
    s->methods.xClose = close_file;
    look(s, f);
    f->pMethods = &s->methods;
    return SQLITE_OK;
}

int
sums_reserve(sqlite3 *db)
{
    int n = SUMS_RESERVE;

    return sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &n);
}
