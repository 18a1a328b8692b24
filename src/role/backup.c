/* Writing a backup. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "role/backup_priv.h"
#include "store/evidence.h"
#include "vulndb/vulndb.h"
#include "wire/hex.h"

enum { PIECE = 1 << 20 };
#define ALL UINT64_MAX

struct writer {
    struct archive *archive;
    struct buf manifest;
    char *piece; /* PIECE */
    const char *dir;
    struct backup_result *ret;
    struct errinfo *ei;
};

static int
archive_fail(struct writer *w)
{
    int saved = archive_errno(w->archive);

    return err_set(w->ei, err_own(saved), "the backup cannot be written: %s",
                   archive_error_string(w->archive));
}

static int
put_header(struct writer *w, const char *name, uint64_t size)
{
    struct archive_entry *e = archive_entry_new();
    int r;

    if (e == NULL)
        return err_set(w->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)size);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0600);
    r = archive_write_header(w->archive, e) == ARCHIVE_OK ? 0 : archive_fail(w);
    archive_entry_free(e);
    return r;
}

static int
put_bytes(struct writer *w, const char *bytes, size_t n)
{
    return archive_write_data(w->archive, bytes, n) == (la_ssize_t)n ? 0 : archive_fail(w);
}

/* The first size bytes, which have been there. */
static int
put_open(struct writer *w, int fd, const char *name, uint64_t size)
{
    struct sha256 h;
    struct hash hash;
    int r = put_header(w, name, size);

    sha256_init(&h);
    for (uint64_t at = 0; r == 0 && at < size;) {
        size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE;
        ssize_t n = pread(fd, w->piece, want, (off_t)at);

        if (n <= 0) {
            r = err_set(w->ei, ERR_IO, "%s ends at byte %llu, and had %llu", name,
                        (unsigned long long)at, (unsigned long long)size);
            break;
        }
        sha256_add(&h, w->piece, (size_t)n);
        r = put_bytes(w, w->piece, (size_t)n);
        at += (uint64_t)n;
    }
    if (r == 0) {
        sha256_end(&h, &hash);
        buf_hex(&w->manifest, hash.byte, sizeof hash.byte);
        buf_printf(&w->manifest, " %llu %s\n", (unsigned long long)size, name);
        w->ret->files++;
        w->ret->bytes += size;
    }
    return r;
}

/* size bytes from the start of a file; all of it when size is ALL. */
static int
put_file(struct writer *w, const char *path, const char *name, uint64_t size)
{
    struct stat st = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r;

    if (fd < 0 || fstat(fd, &st) < 0) /* of the file that is read, whatever takes its name */
        r = err_set(w->ei, err_own(errno), "%s cannot be read: %s", name, strerror(errno));
    else
        r = put_open(w, fd, name, size == ALL ? (uint64_t)st.st_size : size);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* A file of the node's under its own name, if it is there. */
static int
put_own(struct writer *w, const char *name)
{
    char path[4096];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", w->dir, name);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 0;
    return put_file(w, path, name, ALL);
}

static int
put_given(void *arg, const char *name)
{
    return put_own(arg, name);
}

struct ends {
    uint64_t end[BACKUP_SEGMENTS]; /* by segment number */
    uint32_t most;
};

static int
note_end(void *arg, const struct store_block *b)
{
    struct ends *e = arg;

    if (b->segment >= BACKUP_SEGMENTS)
        return ERR_LIMIT;
    if (b->at + b->len > e->end[b->segment])
        e->end[b->segment] = b->at + b->len;
    if (b->segment > e->most)
        e->most = b->segment;
    return 0;
}

/* Of each segment the bytes that the snapshot's rows point into. */
static int
put_evidence(struct writer *w, struct store *snapshot)
{
    struct store_range all = {{0}, TIME_MAX, false, NULL};
    struct ends *e = calloc(1, sizeof *e);
    int r = e == NULL ? ERR_NOMEM : store_each_block(snapshot, &all, note_end, e);

    if (r < 0)
        (void)err_set(w->ei, r, "the snapshot: %s", err_text(r));
    for (uint32_t i = 1; r == 0 && i <= e->most; i++) {
        char name[SEGMENT_NAME];
        char path[4096];

        if (e->end[i] == 0)
            continue;
        segment_name(i, name);
        (void)snprintf(path, sizeof path, "%s/%s", w->dir, name);
        r = put_file(w, path, name, e->end[i]);
    }
    free(e);
    return r;
}

/* The tree that the snapshot has. */
static int
head_of(struct store *s, struct tree_head *ret, struct errinfo *ei)
{
    struct ledger_storage storage;
    struct ledger *l = NULL;
    uint64_t size = 0;
    int r = store_ledger_size(s, &size);

    store_ledger(s, &storage);
    if (r < 0)
        return err_set(ei, r, "the snapshot: %s", err_text(r));
    r = ledger_open(&storage, size, &l, ei);
    if (r == 0)
        ledger_head(l, ret);
    l = ledger_free(l);
    return r;
}

static int
put_manifest(struct writer *w, const struct view *v)
{
    struct slice name = vkey_name(&v->node.vkey);
    AUTO_BUF(text, BACKUP_MANIFEST_MAX);
    int r;

    buf_printf(&text, BACKUP_FORMAT " %.*s %llu ", (int)name.len, name.ptr,
               (unsigned long long)w->ret->head.size);
    buf_hex(&text, w->ret->head.root.byte, sizeof w->ret->head.root.byte);
    buf_char(&text, '\n');
    buf_slice(&text, buf_get(&w->manifest));
    if (buf_error(&text) < 0)
        return err_set(w->ei, buf_error(&text), "%s", err_text(buf_error(&text)));
    r = put_header(w, BACKUP_MANIFEST, text.len);
    return r < 0 ? r : put_bytes(w, text.ptr, text.len);
}

/* While somebody reads the state of now, no evidence that it has is erased. */
static int
hold_moment(struct store *s)
{
    uint64_t size;
    int r = store_snapshot(s);

    return r < 0 ? r : store_ledger_size(s, &size);
}

/* Inventories, statements and feeds, where there are any. */
static int
put_vulnerabilities(struct writer *w, const char *part)
{
    struct vulndb *db = NULL;
    char path[4096];
    int r = vulndb_open(w->dir, false, &db, w->ei);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    (void)snprintf(path, sizeof path, "%s/vuln.db", part);
    r = vulndb_copy(db, path);
    if (r < 0)
        (void)err_set(w->ei, r, "vuln/vuln.db cannot be copied: %s", vulndb_error(db));
    (void)vulndb_close(db);
    return r < 0 ? r : put_file(w, path, "vuln/vuln.db", ALL);
}

/* Everything into the open archive; part holds the snapshot. */
static int
put_all(struct writer *w, struct view *v, const char *part, bool keys)
{
    static const char *const own[] = {"detente.yaml", "tables/tables.bin"};
    static const char *const secret[] = {BACKUP_KEY_FILES};
    const struct backup_given given = {w->dir, keys, put_given, w, w->ret};
    struct store *snapshot = NULL;
    char path[4096];
    int r = backup_given_each(&given, w->ei);

    if (r < 0)
        return r;
    (void)snprintf(path, sizeof path, "%s/detente.db", part);
    r = hold_moment(v->node.store);
    if (r == 0)
        r = store_copy(v->node.store, path);
    if (r < 0)
        return err_set(w->ei, r, "the store cannot be copied: %s", store_error(v->node.store));
    r = store_open(part, STORE_READ, &snapshot, w->ei);
    if (r == 0)
        r = head_of(snapshot, &w->ret->head, w->ei);
    if (r == 0)
        r = put_file(w, path, "detente.db", ALL);
    for (size_t i = 0; r == 0 && i < sizeof own / sizeof own[0]; i++)
        r = put_own(w, own[i]);
    for (size_t i = 0; r == 0 && keys && i < sizeof secret / sizeof secret[0]; i++)
        r = put_own(w, secret[i]);
    if (r == 0)
        r = put_vulnerabilities(w, part);
    if (r == 0)
        r = put_evidence(w, snapshot);
    snapshot = store_close(snapshot);
    store_settle(v->node.store);
    return r < 0 ? r : put_manifest(w, v);
}

static void
remove_part(const char *part)
{
    static const char *const names[] = {"detente.db", "detente.db-wal",  "detente.db-shm",
                                        "vuln.db",    "vuln.db-journal", "out"};
    char path[4096];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", part, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(part);
}

/* The archive to an open file, synced. */
static int
write_archive(struct writer *w, struct view *v, const char *part, bool keys, int fd)
{
    int r = 0;

    w->archive = archive_write_new();
    w->piece = malloc(PIECE);
    buf_init(&w->manifest, BACKUP_MANIFEST_MAX);
    if (w->archive == NULL || w->piece == NULL)
        r = err_set(w->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (r == 0 && (archive_write_set_format_pax_restricted(w->archive) != ARCHIVE_OK ||
                   archive_write_add_filter_zstd(w->archive) != ARCHIVE_OK ||
                   archive_write_open_fd(w->archive, fd) != ARCHIVE_OK))
        r = archive_fail(w);
    if (r == 0)
        r = put_all(w, v, part, keys);
    if (r == 0 && archive_write_close(w->archive) != ARCHIVE_OK)
        r = archive_fail(w);
    if (w->archive != NULL)
        (void)archive_write_free(w->archive);
    free(w->piece);
    buf_release(&w->manifest);
    if (r == 0 && fsync(fd) < 0)
        r = err_set(w->ei, err_own(errno), "the backup cannot be written: %s", strerror(errno));
    return r;
}

int
backup_write(struct view *v, const char *file, bool keys, struct backup_result *ret,
             struct errinfo *ei)
{
    struct writer w = {.dir = v->node.dir, .ret = ret, .ei = ei};
    char part[4000];
    char out[4096];
    int fd = -1;
    int r = 0;

    *ret = (struct backup_result){0};
    *ei = (struct errinfo){0};
    if (snprintf(part, sizeof part, "%s.part", file) >= (int)sizeof part)
        return err_set(ei, ERR_USAGE, "the file's name is too long");
    err_file(ei, file);
    remove_part(part); /* of one that was killed */
    (void)snprintf(out, sizeof out, "%s/out", part);
    if (mkdir(part, 0700) == 0)
        fd = open(out, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        r = err_set(ei, errno == ENOSPC ? ERR_FULL : ERR_CONF, "cannot be made: %s",
                    strerror(errno));
    if (r == 0)
        r = write_archive(&w, v, part, keys, fd);
    if (r == 0 && rename(out, file) < 0)
        r = err_set(ei, ERR_IO, "cannot be put in place: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    remove_part(part);
    return r;
}
