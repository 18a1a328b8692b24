#include "role/witness.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "store/witnessed.h"

int
witness_open(struct witness *w, const struct conf *conf, struct store *s, const struct env *env,
             const struct skey *key, struct errinfo *ei)
{
    *w = (struct witness){.store = s, .env = env, .key = key};
    for (unsigned i = 0; i < conf->witness_logs.count && i < WITNESS_LOGS; i++) {
        if (vkey_parse(slice_of(conf->witness_logs.at[i]), &w->log[w->logs]) < 0 ||
            w->log[w->logs].alg != KEY_ED25519)
            return err_set(ei, ERR_CONF, "witness.logs: `%.100s` is no log's key",
                           conf->witness_logs.at[i]);
        w->logs++;
    }
    w->configured = w->logs;
    return 0;
}

static void
add_log(struct witness *w, const struct vkey *key)
{
    for (unsigned i = 0; i < w->logs; i++) {
        if (w->log[i].id == key->id && strcmp(w->log[i].name, key->name) == 0)
            return;
    }
    if (w->logs < WITNESS_LOGS)
        w->log[w->logs++] = *key;
}

void
witness_book(struct witness *w, const struct book *b)
{
    struct utime now = w->env->now_wall(w->env->self);

    w->logs = w->configured;
    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        const struct role_keys *keys = &p->keys[ANNEX_LOG];

        for (unsigned k = 0; p->self >= 0 && k < keys->count; k++) {
            const struct role_key *key = &keys->key[k];

            if (!slice_eq(key->party, p->party[p->self].id) && key->from.us <= now.us &&
                (key->until.us == 0 || now.us < key->until.us))
                add_log(w, &key->key);
        }
    }
}

static void
tell(struct witness_told *ret, unsigned status, const char *text)
{
    ret->status = status;
    (void)snprintf(ret->text, sizeof ret->text, "%s\n", text);
}

/* With the lines of its log alone: the others were not checked, and would be kept for ever. */
static int
strip(const struct witness *w, struct slice origin, struct slice note, struct buf *ret)
{
    struct vkey own[8];
    struct vkeys keys = {own, 0};
    struct note n;
    int r = note_parse(note, NOTE_MAX, &n, NULL);

    for (unsigned i = 0; i < w->logs && keys.count < 8; i++) {
        if (slice_eq(origin, vkey_name(&w->log[i])))
            own[keys.count++] = w->log[i];
    }
    if (r == 0)
        note_only(&n, keys, ret);
    return r < 0 ? r : buf_error(ret);
}

/* The note with our line behind its own, and that line alone. */
static int
cosign(const struct witness *w, const struct witness_verdict *v, struct slice note,
       struct utime now, struct buf *ret_note, struct buf *ret_line)
{
    AUTO_BUF(own, NOTE_MAX);
    struct errinfo ei;
    int r = checkpoint_cosign(v->text, w->key, (uint64_t)(now.us / TIME_US_PER_S), ret_line);

    if (r == 0)
        r = strip(w, v->what.origin, note, &own);
    return r < 0 ? r : note_merge(buf_get(&own), buf_get(ret_line), ret_note, &ei);
}

static int
commit(struct witness *w, bool fork, struct slice origin, const struct store_witnessed *row)
{
    int r = store_begin(w->store);

    if (r == 0)
        r = fork ? store_put_forked(w->store, origin, row, STORE_FORKED_MOST)
                 : store_put_witnessed(w->store, origin, row);
    if (r == 0)
        r = store_commit(w->store);
    if (r < 0)
        store_rollback(w->store);
    return r;
}

/* A full disk is no end: nothing was promised yet. */
static int
fail(struct witness_told *ret, int r)
{
    tell(ret, 503, r == ERR_FULL ? "the disk is full" : "the node does not answer now");
    return r == ERR_FULL || r == ERR_BUSY || r == ERR_NOMEM ? 0 : r;
}

static int
promise(struct witness *w, const struct witness_request *q, const struct witness_verdict *v,
        struct witness_told *ret)
{
    struct store_witnessed row = {.head = {v->what.size, v->what.root},
                                  .at = w->env->now_wall(w->env->self)};
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(line, WITNESS_ANSWER);
    int r = cosign(w, v, q->note, row.at, &note, &line);

    if (r < 0)
        return fail(ret, r);
    row.note = buf_get(&note);
    r = commit(w, false, v->what.origin, &row);
    if (r < 0)
        return fail(ret, r);
    ret->status = WITNESS_COSIGN;
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", (int)line.len, line.ptr);
    return 0;
}

static struct witness_pace *
pace_of(struct witness *w, struct slice origin)
{
    struct hash log = sha256_of(origin.ptr, origin.len);
    struct witness_pace *oldest = &w->pace[0];

    for (unsigned i = 0; i < WITNESS_LOGS; i++) {
        struct witness_pace *p = &w->pace[i];

        if (hash_eq(&p->log, &log))
            return p;
        if (p->grows + p->repeats < oldest->grows + oldest->repeats)
            oldest = p;
    }
    *oldest = (struct witness_pace){.log = log};
    return oldest;
}

static bool
may(const struct witness *w, int64_t *free_at)
{
    int64_t now = w->env->now_mono(w->env->self);
    int64_t at = *free_at > now ? *free_at : now;

    if (at - now > (int64_t)(WITNESS_BURST - 1) * WITNESS_EVERY_US)
        return false;
    *free_at = at + WITNESS_EVERY_US;
    return true;
}

/* The cosignature that there is. */
static int
tell_last(struct witness *w, struct slice origin, struct witness_told *ret)
{
    struct store_witnessed last;
    struct note note;
    int r = store_get_witnessed(w->store, origin, &last);

    if (r == 0)
        r = note_parse(last.note, NOTE_MAX, &note, NULL);
    tell(ret, 503, "the node does not answer now");
    for (unsigned i = 0; r == 0 && i < note.count; i++) {
        const struct note_line *line = &note.line[i];

        if (line->id != w->key->vkey.id || !slice_eq(line->name, vkey_name(&w->key->vkey)))
            continue;
        ret->status = WITNESS_COSIGN;
        (void)snprintf(ret->text, sizeof ret->text, "\xe2\x80\x94 %.*s %.*s\n",
                       (int)line->name.len, line->name.ptr, (int)line->base64.len,
                       line->base64.ptr);
    }
    store_settle(w->store);
    return r < 0 ? fail(ret, r) : 0;
}

/* At its log's pace. */
static int
answer(struct witness *w, const struct witness_request *q, const struct witness_state *state,
       const struct witness_verdict *v, struct witness_told *ret)
{
    struct witness_pace *p = pace_of(w, v->what.origin);
    bool again = state->known && v->what.size == state->head.size;

    if (may(w, again ? &p->repeats : &p->grows))
        return promise(w, q, v, ret);
    if (again)
        return tell_last(w, v->what.origin, ret);
    tell(ret, WITNESS_SLOWER,
         "this log grows more often than it is cosigned: again in a second");
    return 0;
}

static int
keep_fork(struct witness *w, const struct witness_request *q, const struct witness_verdict *v,
          struct witness_told *ret)
{
    struct store_witnessed row = {.head = {v->what.size, v->what.root},
                                  .at = w->env->now_wall(w->env->self)};
    AUTO_BUF(own, NOTE_MAX);
    int r = strip(w, v->what.origin, q->note, &own);

    w->env->log(
        w->env->self, ENV_ERROR,
        "a log that is witnessed here signed two trees of one size: both notes are kept");
    row.note = buf_get(&own);
    if (r == 0)
        r = commit(w, true, v->what.origin, &row);
    return r < 0 ? fail(ret, r) : 0;
}

int
witness_ask(struct witness *w, struct slice body, struct witness_told *ret)
{
    struct store_witnessed last;
    struct witness_state state = {0};
    struct witness_request q;
    struct witness_verdict v;
    int r;

    *ret = (struct witness_told){0};
    if (w->key == NULL) {
        tell(ret, 503, "the witness has no key yet: the disk was full");
        return 0;
    }
    if (witness_parse(body, &q) < 0) {
        tell(ret, WITNESS_MALFORMED, "this is no add-checkpoint request");
        return 0;
    }
    r = store_get_witnessed(w->store, q.origin, &last);
    if (r < 0 && r != ERR_NOTFOUND)
        return fail(ret, r);
    if (r == 0)
        state = (struct witness_state){last.head, true};
    store_settle(w->store);
    witness_judge(&q, (struct vkeys){w->log, w->logs}, &state, &v);
    if (v.status == WITNESS_COSIGN)
        return answer(w, &q, &state, &v, ret);
    tell(ret, v.status, v.why);
    ret->size = state.head.size;
    return v.fork ? keep_fork(w, &q, &v, ret) : 0;
}
