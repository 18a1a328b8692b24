#include "store/alerts.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCHEMA = 1, BUSY_MS = 5000, PATH_ROOM = 4096 };

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE alert(number INTEGER PRIMARY KEY AUTOINCREMENT, rule INTEGER NOT NULL,"
    " state INTEGER NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, who TEXT NOT NULL,"
    " since INTEGER NOT NULL, acked INTEGER NOT NULL, resolved INTEGER NOT NULL,"
    " told INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX alert_open ON alert(rule,subject) WHERE state<3;"
    "CREATE INDEX alert_resolved ON alert(resolved) WHERE state=3;"
    "CREATE TABLE sending(id INTEGER PRIMARY KEY AUTOINCREMENT, alert INTEGER NOT NULL,"
    " step INTEGER NOT NULL, nth INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " receiver TEXT NOT NULL, made INTEGER NOT NULL, due INTEGER NOT NULL);"
    "CREATE INDEX sending_receiver ON sending(receiver,id);"
    "CREATE TABLE receiver(name TEXT PRIMARY KEY, sent INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, dropped INTEGER NOT NULL, sent_at INTEGER NOT NULL,"
    " failed_at INTEGER NOT NULL, failing INTEGER NOT NULL, error TEXT NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;"
    "COMMIT";

#define ALERT_COLUMNS "number,rule,state,subject,text,who,since,acked,resolved,told"

enum statement {
    ST_BEGIN,
    ST_COMMIT,
    ST_ROLLBACK,
    ST_VERSION,
    ST_OPEN_COUNT,
    ST_INSERT,
    ST_UPDATE,
    ST_GET,
    ST_EACH,
    ST_FORGET,
    ST_FORGET_MANY,
    ST_SENDING_ADD,
    ST_SENDING_MANY,
    ST_SENDINGS,
    ST_PUT_OFF,
    ST_SENDING_DROP,
    ST_WAITING,
    ST_RECEIVER,
    ST_COUNT,
    ST_NAMES,
    ST_NAME_DROP,
    STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [ST_BEGIN] = "BEGIN IMMEDIATE",
    [ST_COMMIT] = "COMMIT",
    [ST_ROLLBACK] = "ROLLBACK",
    [ST_VERSION] = "PRAGMA data_version",
    [ST_OPEN_COUNT] = "SELECT count(*) FROM alert WHERE state<3",
    [ST_INSERT] = "INSERT INTO alert(" ALERT_COLUMNS ") VALUES(nullif(?1,0),?2,?3,?4,?5,?6,?7,"
                  "?8,?9,?10)",
    [ST_UPDATE] =
        "UPDATE alert SET rule=?2,state=?3,subject=?4,text=?5,who=?6,since=?7,acked=?8,"
        "resolved=?9,told=?10 WHERE number=?1",
    [ST_GET] = "SELECT " ALERT_COLUMNS " FROM alert WHERE number=?1",
    [ST_EACH] = "SELECT " ALERT_COLUMNS " FROM alert WHERE state<3 OR ?1 ORDER BY number DESC "
                "LIMIT ?2",
    [ST_FORGET] = "DELETE FROM alert WHERE state=3 AND resolved<?1",
    [ST_FORGET_MANY] = "DELETE FROM alert WHERE state=3 AND number<=(SELECT number FROM alert "
                       "WHERE state=3 ORDER BY number DESC LIMIT 1 OFFSET ?1)",
    [ST_SENDING_ADD] = "INSERT INTO sending(alert,step,nth,tries,receiver,made,due) "
                       "VALUES(?1,?2,?3,?4,?5,?6,?7)",
    [ST_SENDING_MANY] = "DELETE FROM sending WHERE receiver=?1 AND id<=(SELECT id FROM sending "
                        "WHERE receiver=?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    [ST_SENDINGS] = "SELECT id,alert,step,nth,tries,made,due FROM sending WHERE receiver=?1 "
                    "ORDER BY id LIMIT ?2",
    [ST_PUT_OFF] = "UPDATE sending SET tries=?2,due=?3 WHERE id=?1",
    [ST_SENDING_DROP] = "DELETE FROM sending WHERE id=?1",
    [ST_WAITING] = "SELECT count(*) FROM sending WHERE receiver=?1",
    [ST_RECEIVER] = "SELECT sent,failed,dropped,sent_at,failed_at,failing,error FROM receiver "
                    "WHERE name=?1",
    [ST_COUNT] =
        "INSERT INTO receiver(name,sent,failed,dropped,sent_at,failed_at,failing,error) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT(name) DO UPDATE SET "
        "sent=sent+?2,failed=failed+?3,dropped=dropped+?4,sent_at=?5,failed_at=?6,"
        "failing=?7,error=?8",
    [ST_NAMES] = "SELECT DISTINCT receiver FROM sending",
    [ST_NAME_DROP] = "DELETE FROM sending WHERE receiver=?1",
};

struct alerts {
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
    char error[RECEIVER_ERROR];
};

static int
fail(struct alerts *a, int code)
{
    (void)snprintf(a->error, sizeof a->error, "%s", sqlite3_errmsg(a->db));
    switch (code & 0xff) {
    case SQLITE_NOMEM: return ERR_NOMEM;
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    case SQLITE_CONSTRAINT: return ERR_CONF;
    default: return ERR_IO;
    }
}

const char *
alerts_error(const struct alerts *a)
{
    return a->error;
}

static sqlite3_stmt *
prepare(struct alerts *a, enum statement which)
{
    if (a->st[which] != NULL) {
        (void)sqlite3_reset(a->st[which]);
        (void)sqlite3_clear_bindings(a->st[which]);
    } else if (sqlite3_prepare_v3(a->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &a->st[which], NULL) != SQLITE_OK) {
        (void)fail(a, SQLITE_ERROR);
    }
    return a->st[which];
}

/* 1 a row, 0 the end (the statement is reset), or an error. */
static int
row(struct alerts *a, sqlite3_stmt *st)
{
    int code = st == NULL ? SQLITE_ERROR : sqlite3_step(st);

    if (code == SQLITE_ROW)
        return 1;
    code = code == SQLITE_DONE ? 0 : fail(a, code);
    if (st != NULL)
        (void)sqlite3_reset(st);
    return code;
}

static int
run(struct alerts *a, sqlite3_stmt *st)
{
    int r = row(a, st);

    if (r == 1)
        (void)sqlite3_reset(st);
    return r > 0 ? 0 : r;
}

/* The number in the one row. */
static int
number(struct alerts *a, sqlite3_stmt *st, uint64_t *ret)
{
    int r = row(a, st);

    if (r != 1)
        return r < 0 ? r : ERR_IO;
    *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

static void
bind_text(sqlite3_stmt *st, int at, const char *text)
{
    (void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

static void
column_text(sqlite3_stmt *st, int at, char *to, size_t room)
{
    const unsigned char *text = sqlite3_column_text(st, at);

    (void)snprintf(to, room, "%s", text == NULL ? "" : (const char *)text);
}

static struct utime
column_time(sqlite3_stmt *st, int at)
{
    return (struct utime){sqlite3_column_int64(st, at)};
}

/* ---- beginning and end ------------------------------------------------------------------ */

static int
setup(struct alerts *a, enum store_mode mode, struct errinfo *ei)
{
    sqlite3_stmt *st = NULL;
    int version = 0;
    int code = sqlite3_busy_timeout(a->db, BUSY_MS);

    if (code == SQLITE_OK && mode != STORE_READ)
        code = sqlite3_exec(a->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL,
                            NULL, NULL);
    else if (code == SQLITE_OK)
        code = sqlite3_exec(a->db, "PRAGMA query_only=ON", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(a->db, "PRAGMA cache_size=-1000; PRAGMA trusted_schema=OFF", NULL,
                            NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(a->db, "PRAGMA user_version", -1, &st, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(st);
        version = code == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
        code = sqlite3_finalize(st);
    }
    if (code == SQLITE_OK && version == 0 && mode == STORE_CREATE) {
        code = sqlite3_exec(a->db, schema, NULL, NULL, NULL);
        version = SCHEMA;
    }
    if (code != SQLITE_OK) {
        int r = fail(a, code);

        return err_set(ei, r, "%s", a->error);
    }
    if (version == 0)
        return ERR_NOTFOUND; /* its maker has not come so far */
    return version == SCHEMA
               ? 0
               : err_set(ei, ERR_CONF, "was written by another version: schema %d", version);
}

int
alerts_open(const char *dir, enum store_mode mode, struct alerts **ret, struct errinfo *ei)
{
    struct alerts *a = calloc(1, sizeof *a);
    char path[PATH_ROOM];
    int flags = SQLITE_OPEN_NOMUTEX;
    int r = 0;

    if (a == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    (void)snprintf(path, sizeof path, "%s/alerts/alerts.db", dir);
    err_file(ei, path);
    if (mode == STORE_CREATE) { /* SQLite would make it readable by all */
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0)
            r = err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
        else
            (void)close(fd);
    } else if (access(path, F_OK) < 0) {
        r = errno == ENOENT
                ? ERR_NOTFOUND
                : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    }
    /* A reader too marks its place in the shared index, where it may. */
    flags |= mode == STORE_READ && access(path, W_OK) < 0 ? SQLITE_OPEN_READONLY
                                                          : SQLITE_OPEN_READWRITE;
    if (r == 0 && sqlite3_open_v2(path, &a->db, flags, NULL) != SQLITE_OK)
        r = err_set(ei, ERR_IO, "%s", a->db == NULL ? "out of memory" : sqlite3_errmsg(a->db));
    if (r == 0)
        r = setup(a, mode, ei);
    if (r < 0) {
        (void)alerts_close(a);
        return r;
    }
    *ret = a;
    return 0;
}

struct alerts *
alerts_close(struct alerts *a)
{
    if (a == NULL)
        return NULL;
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(a->st[i]);
    (void)sqlite3_close(a->db);
    free(a);
    return NULL;
}

int
alerts_version(struct alerts *a, uint64_t *ret)
{
    return number(a, prepare(a, ST_VERSION), ret);
}

int
alerts_begin(struct alerts *a)
{
    return run(a, prepare(a, ST_BEGIN));
}

int
alerts_commit(struct alerts *a)
{
    return run(a, prepare(a, ST_COMMIT));
}

void
alerts_rollback(struct alerts *a)
{
    if (!sqlite3_get_autocommit(a->db) && run(a, prepare(a, ST_ROLLBACK)) < 0)
        (void)fail(a, SQLITE_ERROR);
}

/* ---- alerts ----------------------------------------------------------------------------- */

int
alerts_put(struct alerts *a, struct alert *alert)
{
    bool fresh = alert->number == 0;
    uint64_t open = 0;
    sqlite3_stmt *st;
    int r = fresh ? number(a, prepare(a, ST_OPEN_COUNT), &open) : 0;

    if (r == 0 && open >= ALERTS_OPEN_MAX)
        r = ERR_LIMIT;
    if (r < 0)
        return r;
    st = prepare(a, fresh ? ST_INSERT : ST_UPDATE);
    if (st != NULL) {
        const struct utime times[] = {alert->since, alert->acked, alert->resolved, alert->told};

        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)alert->number);
        (void)sqlite3_bind_int(st, 2, (int)alert->rule);
        (void)sqlite3_bind_int(st, 3, (int)alert->state);
        bind_text(st, 4, alert->subject);
        bind_text(st, 5, alert->text);
        bind_text(st, 6, alert->by);
        for (int i = 0; i < 4; i++)
            (void)sqlite3_bind_int64(st, 7 + i, times[i].us);
    }
    r = run(a, st);
    if (r == 0 && fresh)
        alert->number = (uint64_t)sqlite3_last_insert_rowid(a->db);
    return r;
}

static void
read_alert(sqlite3_stmt *st, struct alert *ret)
{
    *ret = (struct alert){.number = (uint64_t)sqlite3_column_int64(st, 0),
                          .rule = (enum alert_rule)sqlite3_column_int(st, 1),
                          .state = (enum alert_state)sqlite3_column_int(st, 2),
                          .since = column_time(st, 6),
                          .acked = column_time(st, 7),
                          .resolved = column_time(st, 8),
                          .told = column_time(st, 9)};
    column_text(st, 3, ret->subject, sizeof ret->subject);
    column_text(st, 4, ret->text, sizeof ret->text);
    column_text(st, 5, ret->by, sizeof ret->by);
}

int
alerts_get(struct alerts *a, uint64_t n, struct alert *ret)
{
    sqlite3_stmt *st = prepare(a, ST_GET);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)n);
    r = row(a, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_alert(st, ret);
    (void)sqlite3_reset(st);
    return alert_about(ret->rule) == NULL ? ERR_NOTFOUND : 0;
}

int
alerts_each(struct alerts *a, bool all, uint64_t most,
            int (*each)(void *arg, const struct alert *alert), void *arg)
{
    sqlite3_stmt *st = prepare(a, ST_EACH);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, all);
        (void)sqlite3_bind_int64(st, 2, most == 0 ? -1 : (sqlite3_int64)most);
    }
    while ((r = row(a, st)) == 1) {
        struct alert alert;

        read_alert(st, &alert);
        /* one of a rule that only a newer version knows is not for us */
        r = alert_about(alert.rule) == NULL ? 0 : each(arg, &alert);
        if (r != 0) {
            (void)sqlite3_reset(st);
            break;
        }
    }
    return r;
}

int
alerts_forget(struct alerts *a, struct utime before)
{
    sqlite3_stmt *st = prepare(a, ST_FORGET);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, before.us);
    r = run(a, st);
    if (r < 0)
        return r;
    st = prepare(a, ST_FORGET_MANY);
    if (st != NULL)
        (void)sqlite3_bind_int(st, 1, ALERTS_KEPT);
    return run(a, st);
}

/* ---- sendings --------------------------------------------------------------------------- */

static int
count_dropped(struct alerts *a, const char *name, uint64_t n)
{
    struct receiver c;
    int r = n == 0 ? 0 : alerts_receiver(a, name, &c);

    if (r < 0 || n == 0)
        return r;
    c.sent = c.failed = 0;
    c.dropped = n;
    return alerts_count(a, &c);
}

int
alerts_add_sending(struct alerts *a, const struct sending *s)
{
    sqlite3_stmt *st = prepare(a, ST_SENDING_ADD);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)s->alert);
        (void)sqlite3_bind_int(st, 2, (int)s->step);
        (void)sqlite3_bind_int64(st, 3, s->nth);
        (void)sqlite3_bind_int64(st, 4, s->tries);
        bind_text(st, 5, s->receiver);
        (void)sqlite3_bind_int64(st, 6, s->made.us);
        (void)sqlite3_bind_int64(st, 7, s->due.us);
    }
    r = run(a, st);
    if (r < 0)
        return r;
    st = prepare(a, ST_SENDING_MANY);
    if (st != NULL) {
        bind_text(st, 1, s->receiver);
        (void)sqlite3_bind_int(st, 2, SENDINGS_MAX);
    }
    r = run(a, st);
    return r < 0 ? r : count_dropped(a, s->receiver, (uint64_t)sqlite3_changes64(a->db));
}

int
alerts_sendings(struct alerts *a, const char *receiver, struct sending *ret, unsigned most)
{
    sqlite3_stmt *st = prepare(a, ST_SENDINGS);
    unsigned n = 0;
    int r;

    if (st != NULL) {
        bind_text(st, 1, receiver);
        (void)sqlite3_bind_int64(st, 2, most);
    }
    while ((r = row(a, st)) == 1) {
        struct sending *s = &ret[n++];

        *s = (struct sending){.id = sqlite3_column_int64(st, 0),
                              .alert = (uint64_t)sqlite3_column_int64(st, 1),
                              .step = (enum alert_step)sqlite3_column_int(st, 2),
                              .nth = (uint32_t)sqlite3_column_int64(st, 3),
                              .tries = (uint32_t)sqlite3_column_int64(st, 4),
                              .made = column_time(st, 5),
                              .due = column_time(st, 6)};
        (void)snprintf(s->receiver, sizeof s->receiver, "%s", receiver);
    }
    return r < 0 ? r : (int)n;
}

int
alerts_put_off(struct alerts *a, int64_t id, uint32_t tries, struct utime due)
{
    sqlite3_stmt *st = prepare(a, ST_PUT_OFF);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        (void)sqlite3_bind_int64(st, 2, tries);
        (void)sqlite3_bind_int64(st, 3, due.us);
    }
    return run(a, st);
}

int
alerts_drop_sending(struct alerts *a, int64_t id)
{
    sqlite3_stmt *st = prepare(a, ST_SENDING_DROP);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, id);
    return run(a, st);
}

/* The first that is to be given up; 1 with its name. */
static int
find_unknown(struct alerts *a, const char *const *names, unsigned count,
             char ret[RECEIVER_NAME])
{
    sqlite3_stmt *st = prepare(a, ST_NAMES);
    int r;

    while ((r = row(a, st)) == 1) {
        bool known = false;

        column_text(st, 0, ret, RECEIVER_NAME);
        for (unsigned i = 0; i < count; i++)
            known |= strcmp(names[i], ret) == 0;
        if (!known) {
            (void)sqlite3_reset(st);
            return 1;
        }
    }
    return r;
}

int
alerts_keep_receivers(struct alerts *a, const char *const *names, unsigned count)
{
    char name[RECEIVER_NAME];
    int r;

    while ((r = find_unknown(a, names, count, name)) == 1) {
        sqlite3_stmt *st = prepare(a, ST_NAME_DROP);

        if (st != NULL)
            bind_text(st, 1, name);
        r = run(a, st);
        if (r == 0)
            r = count_dropped(a, name, (uint64_t)sqlite3_changes64(a->db));
        if (r < 0)
            break;
    }
    return r;
}

int
alerts_receiver(struct alerts *a, const char *name, struct receiver *ret)
{
    sqlite3_stmt *st = prepare(a, ST_WAITING);
    int r;

    *ret = (struct receiver){0};
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    if (st != NULL)
        bind_text(st, 1, name);
    r = number(a, st, &ret->waiting);
    if (r < 0)
        return r;
    st = prepare(a, ST_RECEIVER);
    if (st != NULL)
        bind_text(st, 1, name);
    r = row(a, st);
    if (r != 1)
        return r;
    ret->sent = (uint64_t)sqlite3_column_int64(st, 0);
    ret->failed = (uint64_t)sqlite3_column_int64(st, 1);
    ret->dropped = (uint64_t)sqlite3_column_int64(st, 2);
    ret->sent_at = column_time(st, 3);
    ret->failed_at = column_time(st, 4);
    ret->failing = column_time(st, 5);
    column_text(st, 6, ret->error, sizeof ret->error);
    (void)sqlite3_reset(st);
    return 0;
}

int
alerts_count(struct alerts *a, const struct receiver *add)
{
    sqlite3_stmt *st = prepare(a, ST_COUNT);

    if (st != NULL) {
        bind_text(st, 1, add->name);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)add->sent);
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)add->failed);
        (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)add->dropped);
        (void)sqlite3_bind_int64(st, 5, add->sent_at.us);
        (void)sqlite3_bind_int64(st, 6, add->failed_at.us);
        (void)sqlite3_bind_int64(st, 7, add->failing.us);
        bind_text(st, 8, add->error);
    }
    return run(a, st);
}
