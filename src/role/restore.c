/* Reading a backup: to verify it, or to make a node of it. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "note/checkpoint.h"
#include "role/backup_priv.h"
#include "role/fsck.h"
#include "role/mark.h"
#include "store/evidence.h"
#include "wire/hex.h"

struct reading {
    struct archive *archive;
    const char *dir; /* files go there */
    bool whole;      /* … those of evidence and of others too; else they are hashed alone */
    struct buf seen; /* the manifest as it should be */
    struct buf manifest;
    struct backup_result *ret;
    struct errinfo *ei;
};

/* The names that a backup may hold, and no other: no path leads out of the directory. */
static bool
is_ours(const char *name)
{
    static const char *const names[] = {"detente.db", "detente.yaml", "tables/tables.bin",
                                        "vuln/vuln.db", BACKUP_KEY_FILES};
    char again[SEGMENT_NAME];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    if (strncmp(name, "evidence/", 9) != 0)
        return backup_given_is(name);
    segment_name((uint32_t)strtoul(name + 9, NULL, 10), again);
    return strcmp(name, again) == 0;
}

/* A descriptor in *ret, -1 for what is hashed alone. */
static int
open_target(struct reading *rd, const char *name, int *ret)
{
    char path[4096];
    int r;

    *ret = -1;
    if (!rd->whole && (strncmp(name, "evidence/", 9) == 0 || backup_given_is(name)))
        return 0;
    r = backup_given_folder(rd->dir, name, rd->ei);
    if (r < 0)
        return r;
    (void)snprintf(path, sizeof path, "%s/%s", rd->dir, name);
    *ret = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *ret < 0
               ? err_set(rd->ei, err_own(errno), "%s cannot be made: %s", name, strerror(errno))
               : 0;
}

static int
read_fail(struct reading *rd)
{
    return err_set(rd->ei, ERR_PROOF, "the backup is damaged: %s",
                   archive_error_string(rd->archive) == NULL
                       ? "it ends too early"
                       : archive_error_string(rd->archive));
}

/* One file: hashed, and written where it belongs. */
static int
take_file(struct reading *rd, const char *name, int fd)
{
    const void *bytes;
    struct sha256 h;
    struct hash hash;
    uint64_t size = 0;
    la_int64_t at;
    size_t n;
    int code;

    sha256_init(&h);
    while ((code = archive_read_data_block(rd->archive, &bytes, &n, &at)) == ARCHIVE_OK) {
        if ((uint64_t)at != size)
            return read_fail(rd);
        sha256_add(&h, bytes, n);
        size += n;
        if (fd >= 0 && n > 0 && write(fd, bytes, n) != (ssize_t)n)
            return err_set(rd->ei, err_own(errno), "%s cannot be written: %s", name,
                           strerror(errno));
    }
    if (code != ARCHIVE_EOF)
        return read_fail(rd);
    if (fd >= 0 && fsync(fd) < 0)
        return err_set(rd->ei, ERR_IO, "%s cannot be written: %s", name, strerror(errno));
    sha256_end(&h, &hash);
    buf_hex(&rd->seen, hash.byte, sizeof hash.byte);
    buf_printf(&rd->seen, " %llu %s\n", (unsigned long long)size, name);
    rd->ret->files++;
    rd->ret->bytes += size;
    return buf_error(&rd->seen);
}

static int
take_manifest(struct reading *rd)
{
    const void *bytes;
    la_int64_t at;
    size_t n;
    int code;

    while ((code = archive_read_data_block(rd->archive, &bytes, &n, &at)) == ARCHIVE_OK)
        buf_slice(&rd->manifest, (struct slice){bytes, n});
    return code == ARCHIVE_EOF ? buf_error(&rd->manifest) : read_fail(rd);
}

static int
take_entry(struct reading *rd, struct archive_entry *e)
{
    const char *name = archive_entry_pathname(e);
    int fd = -1;
    int r;

    if (name != NULL && strcmp(name, BACKUP_MANIFEST) == 0)
        return take_manifest(rd);
    if (name == NULL || archive_entry_filetype(e) != AE_IFREG || !is_ours(name) ||
        rd->manifest.len > 0)
        return err_set(rd->ei, ERR_CONF, "is no backup of detente: it holds `%.80s`",
                       name == NULL ? "" : name);
    r = open_target(rd, name, &fd);
    if (r == 0)
        r = take_file(rd, name, fd);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* `detente-backup/1 ORIGIN SIZE ROOT`, then the lines that the files gave. */
static int
check_manifest(struct reading *rd)
{
    struct slice all = buf_get(&rd->manifest);
    const char *lf = all.len == 0 ? NULL : memchr(all.ptr, '\n', all.len);
    struct slice head = slice_sub(all, 0, lf == NULL ? 0 : (size_t)(lf - all.ptr));
    struct slice rest = slice_sub(all, head.len + 1, all.len);
    struct slice part[4];
    char size[24] = {0};

    if (lf == NULL)
        return err_set(rd->ei, ERR_PROOF,
                       "the backup has no manifest: it was not written whole");
    for (int i = 0; i < 4; i++) {
        const char *space = head.len == 0 ? NULL : memchr(head.ptr, ' ', head.len);

        part[i] = slice_sub(head, 0, space == NULL ? head.len : (size_t)(space - head.ptr));
        head = slice_sub(head, part[i].len + 1, head.len);
    }
    if (!slice_is(part[0], BACKUP_FORMAT) || part[2].len >= sizeof size || head.len > 0 ||
        hex_decode(part[3], rd->ret->head.root.byte, sizeof rd->ret->head.root.byte) < 0)
        return err_set(rd->ei, ERR_CONF, "is a backup of another form than " BACKUP_FORMAT);
    memcpy(size, part[2].ptr, part[2].len);
    rd->ret->head.size = strtoull(size, NULL, 10);
    if (!slice_eq(rest, buf_get(&rd->seen)))
        return err_set(rd->ei, ERR_PROOF,
                       "the files of the backup are not those of its manifest");
    return 0;
}

/* Compressed as a backup is: then what cannot be read of it is damage. */
static bool
is_compressed(const char *file)
{
    static const char magic[4] = {'\x28', '\xb5', '\x2f', '\xfd'};
    char have[4] = {0};
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool same = fd >= 0 && read(fd, have, sizeof have) == (ssize_t)sizeof have &&
                memcmp(have, magic, sizeof have) == 0;

    if (fd >= 0)
        (void)close(fd);
    return same;
}

static int
read_all(struct reading *rd, const char *file)
{
    struct archive_entry *e;
    int code = ARCHIVE_OK;
    int r = 0;

    rd->archive = archive_read_new();
    if (rd->archive == NULL)
        return err_set(rd->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    buf_init(&rd->seen, BACKUP_MANIFEST_MAX);
    buf_init(&rd->manifest, BACKUP_MANIFEST_MAX);
    (void)archive_read_support_format_tar(rd->archive);
    (void)archive_read_support_filter_zstd(rd->archive);
    if (archive_read_open_filename(rd->archive, file, 1 << 16) != ARCHIVE_OK)
        r = is_compressed(file)
                ? read_fail(rd)
                : err_set(rd->ei, ERR_CONF, "is no backup, or cannot be read: %s",
                          archive_error_string(rd->archive));
    while (r == 0 && (code = archive_read_next_header(rd->archive, &e)) == ARCHIVE_OK)
        r = take_entry(rd, e);
    if (r == 0 && code != ARCHIVE_EOF)
        r = read_fail(rd);
    if (r == 0)
        r = check_manifest(rd);
    (void)archive_read_free(rd->archive);
    buf_release(&rd->seen);
    buf_release(&rd->manifest);
    return r;
}

/* The store that was put into dir holds the log that the manifest tells of, whole. */
static int
check_store(const char *dir, const struct backup_result *want, struct errinfo *ei)
{
    struct fsck_result result;
    struct fsck_of of;
    struct tree_head head;
    struct view v;
    int r = view_open(dir, &v, ei);

    if (r < 0)
        return r;
    of = (struct fsck_of){.store = v.node.store, .dict = &v.dict, .log = &v.node.vkey};
    ledger_head(v.ledger, &head);
    if (head.size != want->head.size || !hash_eq(&head.root, &want->head.root))
        r = err_set(ei, ERR_PROOF, "the store holds another log than the manifest tells of");
    if (r == 0)
        r = fsck_run(&of, head.size, &result, ei);
    view_close(&v);
    return r;
}

static int
make_folders(const char *dir, struct errinfo *ei)
{
    static const char *const names[] = {"", "/keys", "/evidence", "/tables", "/vuln"};
    char path[4096];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", dir, names[i]);
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return err_set(ei, err_own(errno), "%s cannot be made: %s", path, strerror(errno));
    }
    return 0;
}

static void
remove_all(const char *dir)
{
    static const char *const folders[] = {"keys", "evidence", "tables", "vuln", "."};
    char path[4600];

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct dirent *e;
        DIR *d;

        (void)snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        d = opendir(path);
        while (d != NULL && (e = readdir(d)) != NULL) {
            (void)snprintf(path, sizeof path, "%s/%s/%s", dir, folders[i], e->d_name);
            if (e->d_name[0] != '.')
                (void)unlink(path);
        }
        if (d != NULL)
            (void)closedir(d);
        (void)snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        (void)rmdir(i + 1 < sizeof folders / sizeof folders[0] ? path : dir);
    }
}

int
backup_verify(const char *file, struct backup_result *ret, struct errinfo *ei)
{
    const char *tmp = getenv("TMPDIR");
    struct reading rd = {.ret = ret, .ei = ei};
    char dir[4000];
    int r;

    *ret = (struct backup_result){0};
    *ei = (struct errinfo){0};
    (void)snprintf(dir, sizeof dir, "%s/detente-verify.XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(dir) == NULL)
        return err_set(ei, err_own(errno), "%s cannot be made: %s", dir, strerror(errno));
    rd.dir = dir;
    r = make_folders(dir, ei);
    if (r == 0) {
        err_file(ei, file);
        r = read_all(&rd, file);
    }
    if (r == 0)
        r = check_store(dir, ret, ei);
    remove_all(dir);
    if (r < 0)
        err_file(ei, file);
    return r;
}

/* Nothing is there but perhaps the mark of the disk that was lost. */
static int
is_free(const char *dir, struct errinfo *ei)
{
    struct dirent *e;
    DIR *d = opendir(dir);
    int r = 0;

    if (d == NULL && errno == ENOENT)
        return 0;
    if (d == NULL)
        return err_set(ei, err_own(errno), "%s: %s", dir, strerror(errno));
    while (r == 0 && (e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            strcmp(e->d_name, "mark") != 0)
            r = err_set(ei, ERR_CONF,
                        "%s is not empty (`%.80s`): restore into a new directory; only the "
                        "lost node's `mark` may be there",
                        dir, e->d_name);
    }
    (void)closedir(d);
    return r;
}

/* Before anything else, so that a restore that was killed opens for nobody. */
static int
put_restored(const char *dir, struct errinfo *ei)
{
    static const char text[] = "restored from a backup; see restore in detente(1)\n";
    char path[4096];
    bool fine;
    int fd;

    (void)snprintf(path, sizeof path, "%s/" MARK_RESTORED, dir);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    fine = fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1 &&
           fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return fine
               ? 0
               : err_set(ei, err_own(errno), "%s cannot be written: %s", path, strerror(errno));
}

int
backup_restore(const char *file, const char *dir, struct backup_result *ret, struct errinfo *ei)
{
    struct reading rd = {.dir = dir, .whole = true, .ret = ret, .ei = ei};
    int r;

    *ret = (struct backup_result){0};
    *ei = (struct errinfo){0};
    r = is_free(dir, ei);
    if (r == 0)
        r = make_folders(dir, ei);
    if (r == 0)
        r = put_restored(dir, ei);
    if (r < 0)
        return r;
    r = read_all(&rd, file);
    if (r < 0) {
        err_file(ei, file);
        return r;
    }
    return check_store(dir, ret, ei);
}

int
restore_seen(struct view *v, struct slice note, struct errinfo *ei)
{
    const struct env *env = &v->node.env;
    struct tree_head seen;
    int r = view_compare(v, note, ledger_size(v->ledger), &seen, ei);

    if (r < 0 && seen.size == 0)
        return r;
    if (r == ERR_LIMIT)
        return err_set(
            ei, ERR_PROOF,
            "others have seen %llu leaves, this store has %llu: the backup is too "
            "old to go on with; take a newer one, or let the log go on under another "
            "origin: `detente log successor --seen FILE`",
            (unsigned long long)seen.size, (unsigned long long)ledger_size(v->ledger));
    if (r == ERR_PROOF)
        return err_set(ei, r, "that checkpoint is of another history than this store");
    if (r < 0)
        return err_set(ei, r, "the tree cannot be computed: %s", err_text(r));
    seen.size += ledger_first(v->ledger);
    r = mark_write(env, &seen);
    if (r == 0)
        r = restored_check(env, ei);
    return r < 0 ? err_set(ei, r, "the mark cannot be written: %s", err_text(r)) : 0;
}
