/* The pacts of this node as documents, for whoever shows them: the text's parts, and the newest
 * annexes of each party. */
#include <stdio.h>

#include "role/answers.h"
#include "role/treaty_look.h"
#include "store/pacts.h"
#include "wire/hex.h"

enum {
    ANNEXES_SHOWN = 2, /* the one in force, and one that is to follow */
    PREFIXES_SHOWN = 64
};

static void
put_text(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, slice_of(value));
}

static void
put_time(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    buf_printf(b, ",\"%s\":\"", name);
    if (t.us != 0) {
        time_format(t, text);
        buf_add(b, text, TIME_TEXT);
    }
    buf_char(b, '"');
}

static void
put_number(struct buf *b, const char *name, int64_t n)
{
    buf_printf(b, ",\"%s\":%lld", name, (long long)n);
}

static void
put_seconds(struct buf *b, const char *name, struct span s)
{
    put_number(b, name, s.us / TIME_US_PER_S);
}

static void
put_hash(struct buf *b, const struct hash *h)
{
    buf_text(b, ",\"sha256\":\"");
    buf_hex(b, h->byte, sizeof h->byte);
    buf_char(b, '"');
}

static void
put_texts(struct buf *b, const char *name, const struct pact_texts *list)
{
    buf_printf(b, ",\"%s\":[", name);
    for (unsigned i = 0; i < list->count; i++) {
        buf_text(b, i > 0 ? "," : "");
        buf_json(b, slice_of(list->at[i]));
    }
    buf_char(b, ']');
}

/* At most PREFIXES_SHOWN of both lists. */
static void
put_prefixes(struct buf *b, const char *name, const struct pact_prefixes *v4,
             const struct pact_prefixes *v6)
{
    const struct pact_prefixes *lists[] = {v4, v6};
    unsigned n = 0;

    buf_printf(b, ",\"%s\":[", name);
    for (int l = 0; l < 2; l++) {
        for (unsigned i = 0; lists[l] != NULL && i < lists[l]->count && n < PREFIXES_SHOWN;
             i++) {
            char text[PREFIX_TEXT];

            (void)prefix_format(&lists[l]->at[i], text);
            buf_printf(b, "%s\"%s\"", n++ > 0 ? "," : "", text);
        }
    }
    buf_char(b, ']');
}

/* ---- the text ---------------------------------------------------------------------------- */

static void
put_severities(const struct pact *p, struct buf *b)
{
    buf_text(b, ",\"severities\":[");
    for (unsigned i = 0; i < p->severities; i++) {
        const struct incident_times *t = &p->severity[i].times;

        buf_text(b, i > 0 ? ",{\"id\":" : "{\"id\":");
        buf_json(b, slice_of(p->severity[i].id));
        put_seconds(b, "receipt_s", t->due[DUE_RECEIPT]);
        put_seconds(b, "acknowledge_s", t->due[DUE_ACKNOWLEDGE]);
        put_seconds(b, "answer_s", t->due[DUE_ANSWER]);
        put_seconds(b, "act_s", t->due[DUE_ACT]);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

static void
put_threshold(const struct pact_obligation *o, struct buf *b)
{
    const struct pact_threshold *t = &o->threshold;

    if (!o->has_threshold || o->kind != PACT_REFRAIN) { /* else it is not the pact's own */
        buf_text(b, ",\"threshold\":null");
        return;
    }
    buf_printf(b, ",\"threshold\":{\"events\":%lld,\"targets\":%lld,\"sensors\":%lld",
               (long long)t->events, (long long)t->targets, (long long)t->sensors);
    put_number(b, "bytes_per_s", t->bytes_per_s);
    put_seconds(b, "window_s", t->bytes_per_s > 0 ? t->sustained : t->window);
    buf_char(b, '}');
}

/* What an obligation's kind asks for, by one name each for all kinds. */
static void
put_spans(const struct pact_obligation *o, struct buf *b)
{
    put_seconds(b, "within_s", o->within.us > 0 ? o->within : o->extra_within);
    put_seconds(b, "every_s", o->every.us > 0 ? o->every : o->ping_every);
    put_seconds(b, "answer_s", o->answer.us > 0 ? o->answer : o->receipt);
    put_seconds(b, "keep_s", o->keep_for);
}

static void
put_obligations(const struct pact *p, struct buf *b)
{
    buf_text(b, ",\"obligations\":[");
    for (unsigned i = 0; i < p->obligations; i++) {
        const struct pact_obligation *o = &p->obligation[i];

        buf_text(b, i > 0 ? ",{\"id\":" : "{\"id\":");
        buf_json(b, slice_of(o->id));
        put_text(b, "article", o->article);
        put_text(b, "text", o->text);
        put_text(b, "kind", pact_kind_name(o->kind));
        put_text(b, "severity", o->severity < 0 ? "" : p->severity[o->severity].id);
        put_number(b, "grade", o->grade_min);
        put_texts(b, "classes", &o->classes);
        put_threshold(o, b);
        put_spans(o, b);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

static void
put_exclusions(const struct pact *p, struct buf *b)
{
    buf_text(b, ",\"exclusions\":[");
    for (unsigned i = 0; i < p->exclusions; i++) {
        const struct pact_exclusion *e = &p->exclusion[i];

        buf_text(b, i > 0 ? ",{\"id\":" : "{\"id\":");
        buf_json(b, slice_of(e->id));
        put_text(b, "why", e->why);
        put_text(b, "until", e->until);
        put_prefixes(b, "origins", &e->origin, NULL);
        put_prefixes(b, "targets", &e->target, NULL);
        put_texts(b, "classes", &e->classes);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

/* ---- its parties ------------------------------------------------------------------------- */

/* Who of the other parties said that they saw it. */
static int
put_seen(struct store *s, const struct book_pact *p, int party, const struct annex *a,
         struct buf *b)
{
    struct store_pact_note want = {.kind = PACT_NOTE_SEEN,
                                   .pact = slice_of(p->pact->name),
                                   .party = p->party[party].id,
                                   .sequence = (uint64_t)a->sequence};
    struct store_pact_note found;
    bool any = false;

    buf_text(b, ",\"seen_by\":[");
    for (unsigned i = 0; i < p->pact->parties; i++) {
        int r;

        want.by = p->party[i].id;
        r = (int)i == party ? ERR_NOTFOUND : store_get_pact_note(s, &want, &found);
        if (r == ERR_NOTFOUND)
            continue;
        if (r < 0)
            return r;
        buf_text(b, any ? "," : "");
        buf_json(b, p->party[i].id);
        any = true;
    }
    buf_char(b, ']');
    return 0;
}

static int
put_annex(struct store *s, const struct book_pact *p, int party, unsigned n, struct buf *b)
{
    const struct book_annex *x = &p->party[party].annex[n];
    const struct annex *a = x->annex;
    int r;

    buf_printf(b, "{\"sequence\":%lld", (long long)a->sequence);
    put_hash(b, &x->sha256);
    put_number(b, "leaf", x->leaf == PACT_LEAF_NONE ? -1 : (int64_t)x->leaf);
    put_time(b, "valid_from", a->valid_from);
    put_time(b, "witnessed", x->witnessed);
    buf_text(b, ",\"asns\":[");
    for (unsigned i = 0; i < a->asns.count; i++)
        buf_printf(b, "%s%u", i > 0 ? "," : "", a->asns.at[i]);
    buf_char(b, ']');
    put_prefixes(b, "prefixes", &a->v4, &a->v6);
    put_number(b, "prefix_count", (int64_t)a->v4.count + a->v6.count);
    put_number(b, "sensors", a->sensors);
    buf_printf(b, ",\"sensors_hidden\":%s", a->sensors_hidden[0] == '\0' ? "false" : "true");
    r = put_seen(s, p, party, a, b);
    buf_char(b, '}');
    return r;
}

static int
put_party(const struct answers *a, const struct book_pact *p, int party, struct buf *b)
{
    const struct env *env = &a->view->node.env;
    const struct book_party *of = &p->party[party];
    const struct pact_party *by = &p->pact->party[party];
    unsigned n = of->annexes > ANNEXES_SHOWN ? of->annexes - ANNEXES_SHOWN : 0;
    int r = 0;

    buf_text(b, party > 0 ? ",{\"id\":" : "{\"id\":");
    buf_json(b, of->id);
    put_text(b, "name", by->name);
    buf_printf(b, ",\"self\":%s", party == p->self ? "true" : "false");
    put_text(b, "state", treaty_state(p, party, env->now_wall(env->self)));
    buf_text(b, ",\"log_origin\":");
    buf_json(b, of->origin);
    put_text(b, "key", by->key_text);
    put_time(b, "denounced", of->denounced);
    put_time(b, "ends", of->ends);
    put_number(b, "annex_count", of->annexes);
    buf_text(b, ",\"annexes\":[");
    for (bool first = true; r == 0 && n < of->annexes; n++, first = false) {
        buf_text(b, first ? "" : ",");
        r = put_annex(a->view->node.store, p, party, n, b);
    }
    buf_text(b, "]}");
    return r;
}

static int
put_pact(const struct answers *a, const struct book_pact *p, struct buf *b)
{
    const struct pact *t = p->pact;
    int r = 0;

    buf_text(b, "{\"pact\":");
    buf_json(b, slice_of(t->name));
    put_text(b, "title", t->title);
    put_number(b, "version", t->version);
    put_hash(b, &t->sha256);
    put_text(b, "signed_on", t->signed_on);
    put_time(b, "from", t->from);
    put_time(b, "until", t->until);
    put_seconds(b, "denunciation_s", t->denunciation);
    put_text(b, "statement", t->statement);
    put_text(b, "third_parties", t->third_parties);
    put_seconds(b, "witness_within_s", t->witness_within);
    put_severities(t, b);
    put_obligations(t, b);
    put_exclusions(t, b);
    buf_text(b, ",\"parties\":[");
    for (unsigned i = 0; r == 0 && i < t->parties; i++)
        r = put_party(a, p, (int)i, b);
    buf_text(b, "]}");
    return r;
}

int
answer_pacts(void *self, struct buf *to)
{
    const struct answers *a = self;
    int r = 0;

    buf_text(to, "{\"pacts\":[");
    for (unsigned i = 0; r == 0 && a->book != NULL && i < a->book->pacts; i++) {
        buf_text(to, i > 0 ? "," : "");
        r = put_pact(a, &a->book->pact[i], to);
    }
    buf_text(to, "]}");
    return r < 0 ? r : buf_error(to);
}
