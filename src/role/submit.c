#include "role/submit.h"

#include "ledger/witness.h"
#include "model/text.h"
#include "role/engine_priv.h"

void
submit_open(struct submit *s)
{
    *s = (struct submit){.old = 0};
    buf_init(&s->note, NOTE_MAX);
}

void
submit_close(struct submit *s)
{
    buf_release(&s->note);
}

/* Our newest checkpoint, as it was signed; ERR_NOTFOUND before the first. */
static int
take_newest(struct submit *s, struct engine *e)
{
    struct ledger_storage storage;
    struct checkpoint c;
    struct note note;
    struct errinfo ei;
    int r;

    store_ledger(e->store, &storage);
    buf_reset(&s->note);
    r = storage.get_note(storage.self, LEDGER_NEWEST, &s->note);
    if (r < 0)
        return r == ERR_NOTFOUND ? r : ERR_IO;
    if (note_parse(buf_get(&s->note), NOTE_MAX, &note, &ei) < 0 ||
        checkpoint_parse(note.text, &c) < 0)
        return ERR_IO;
    s->head = (struct tree_head){c.size, c.root};
    return 0;
}

int
submit_ask(struct submit *s, struct engine *e, const struct env *env, struct buf *body,
           bool *ret_due)
{
    int64_t mono = env->now_mono(env->self);
    struct tree_path path;
    int r = take_newest(s, e);

    *ret_due = false;
    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    if (s->head.size == s->shown.size && hash_eq(&s->head.root, &s->shown.root) &&
        mono - s->shown_at < SUBMIT_FRESH_US && s->shown_at != 0)
        return 0;
    if (mono < s->waits_until)
        return 0;
    if (s->old > s->head.size)
        s->old = 0;
    r = ledger_prove_consistency(e->ledger, s->old, s->head.size, &path);
    if (r < 0)
        return r;
    witness_write(body, s->old, &path, buf_get(&s->note));
    s->asked = env->now_wall(env->self);
    s->asked_mono = mono;
    *ret_due = buf_error(body) == 0;
    return 0;
}

/* The size that a witness names when ours is not what it cosigned last. */
static bool
stale_size(struct slice body, uint64_t *ret)
{
    if (body.len > 0 && body.ptr[body.len - 1] == '\n')
        body.len--;
    return text_number(body, CHECKPOINT_SIZE_MAX, ret) == 0;
}

static void
put_off(struct submit *s, int64_t mono)
{
    if (s->waits_since == 0)
        s->waits_since = mono;
    s->pause = s->pause == 0 ? SUBMIT_PAUSE_US : s->pause * 2;
    if (s->pause > SUBMIT_MOST_US)
        s->pause = SUBMIT_MOST_US;
    s->waits_until = mono + s->pause;
}

bool
submit_is_put_off(const struct submit *s, int64_t mono)
{
    return s->waits_since != 0 && mono - s->waits_since > SUBMIT_FRESH_US;
}

enum submit_answer
submit_took(struct submit *s, uint32_t status, struct slice body, int64_t mono,
            struct buf *ret_note, struct errinfo *ei)
{
    uint64_t size;

    if (status == WITNESS_SLOWER) {
        put_off(s, mono);
        return SUBMIT_WAIT;
    }

    if (status == WITNESS_STALE && stale_size(body, &size) && ++s->tries < SUBMIT_TRIES) {
        s->old = size > s->head.size ? 0 : size;
        return size > s->head.size ? SUBMIT_SHOW : SUBMIT_AGAIN;
    }
    if (status == WITNESS_WRONG) {
        s->old = 0;
        return SUBMIT_SHOW;
    }
    if (status != WITNESS_COSIGN)
        return SUBMIT_REFUSED;
    return note_merge(buf_get(&s->note), body, ret_note, ei) < 0 ? SUBMIT_NONSENSE
                                                                 : SUBMIT_COSIGNED;
}

void
submit_measure(const struct submit *s, const struct env *env, struct utime stated,
               struct utime last, struct clock_offset *ret)
{
    const struct clock_said said = {.asked = s->asked,
                                    .told = env->now_wall(env->self),
                                    .took_us = env->now_mono(env->self) - s->asked_mono,
                                    .stated = stated};
    struct clock_offset now;

    if (s->asked_mono != 0 && stated.us > last.us && clock_measure(&said, &now))
        *ret = now;
}

void
submit_done(struct submit *s, int64_t mono)
{
    s->shown = s->head;
    s->shown_at = mono;
    s->old = s->head.size;
    s->waits_since = s->waits_until = s->pause = 0;
}

int
submit_is_ours(struct engine *e, const struct checkpoint *c, const char *whose,
               struct errinfo *ei)
{
    struct hash root;

    if (ledger_root(engine_ledger(e), c->size, &root) == 0 && hash_eq(&root, &c->root))
        return 0;
    return err_set(
        ei, ERR_PROOF,
        "%s holds a tree of this log with %llu entries, signed by its key, that is not in it: "
        "the store was put back or the key copied. Put the newest store in place, or begin a "
        "new log (ROLLBACK in detente(1))",
        whose, (unsigned long long)c->size);
}
