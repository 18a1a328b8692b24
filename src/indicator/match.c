#include "indicator/match.h"

#include <stdlib.h>

enum { TOGETHER = SET_ASKED / 2 /* records whose addresses are asked at once */ };

struct matching {
    const struct indicators *x;
    const struct set *set;
    bool any_time;
    uint32_t most; /* 0: no limit */
    match_tell *tell;
    void *arg;
    struct match_stats stats;
    struct json_index *index;
    char *copy; /* which is unescaped, while the record stays as it came */
    unsigned held;
    struct shown shown[TOGETHER];
    struct slice record[TOGETHER];
    uint64_t line[TOGETHER];
};

int
matching_new(const struct indicators *x, bool any_time, match_tell *tell, void *arg,
             struct matching **ret)
{
    struct matching *m = calloc(1, sizeof *m);

    *ret = m;
    if (m == NULL)
        return ERR_NOMEM;
    m->x = x;
    m->any_time = any_time;
    m->set = indicators_set(x);
    m->tell = tell;
    m->arg = arg;
    m->index = json_index_new(MATCH_CHUNK);
    m->copy = malloc(MATCH_CHUNK);
    if (m->index == NULL || m->copy == NULL) {
        *ret = matching_free(m);
        return ERR_NOMEM;
    }
    return 0;
}

struct matching *
matching_free(struct matching *m)
{
    if (m != NULL) {
        (void)json_index_free(m->index);
        free(m->copy);
    }
    free(m);
    return NULL;
}

void
matching_limit(struct matching *m, uint32_t most)
{
    m->most = most;
}

const struct match_stats *
matching_stats(const struct matching *m)
{
    return &m->stats;
}

/* ---- what is found -------------------------------------------------------------------------
 */

static int
tell_owners(struct matching *m, struct match_hit *hit)
{
    uint32_t n;
    const uint32_t *own = set_owners(m->set, hit->atom, &n);
    bool any = false;

    if (m->most > 0 && n > m->most) {
        m->stats.beyond += n - m->most;
        n = m->most;
    }
    for (uint32_t k = 0; k < n; k++) {
        int r;

        if (m->any_time ? indicators_revoked(m->x, own[k])
                        : !indicators_in_force(m->x, own[k], hit->time))
            continue;
        any = true;
        hit->indicator = own[k];
        m->stats.hits++;
        r = m->tell(m->arg, hit);
        if (r < 0)
            return r;
    }
    m->stats.over += !any;
    return 0;
}

static int
tell_found(struct matching *m, struct match_hit *hit, enum shown_field field,
           const struct set_found *f)
{
    int r = 0;

    hit->field = field;
    for (unsigned i = 0; r == 0 && i < f->count; i++) {
        hit->atom = f->atom[i];
        r = tell_owners(m, hit);
    }
    return r;
}

static int
ask_text(struct matching *m, struct match_hit *hit, const struct shown_text *t)
{
    struct set_found f = {.count = 0};
    struct addr addr;
    struct atom a;

    if (t->field == SHOWN_FILE) {
        if (atom_read_hash(t->text, &a))
            set_find_atom(m->set, &a, &f);
    } else if (addr_parse(t->text, &addr) == 0) {
        set_find_address(m->set, &addr, &f);
    } else {
        set_find_domain(m->set, t->text, &f);
    }
    return tell_found(m, hit, t->field, &f);
}

/* A URL as those write it who saw it: with the port when it is not the usual one. */
static int
ask_url(struct matching *m, struct match_hit *hit, const struct shown *s)
{
    char text[ATOM_BYTES];
    struct buf b = {.ptr = text, .room = sizeof text, .max = sizeof text};
    struct slice port = s->port.len > 0 ? s->port : s->dest_port;
    struct set_found f = {.count = 0};
    struct atom a;
    int r;

    /* in a request to a proxy the whole of it stands there */
    if (s->path.len == 0 || s->path.ptr[0] == '/') {
        buf_text(&b, "http://");
        buf_slice(&b, s->host);
        if (port.len > 0 && memchr(s->host.ptr, ':', s->host.len) == NULL) {
            buf_char(&b, ':');
            buf_slice(&b, port);
        }
    }
    buf_slice(&b, s->path);
    if (buf_error(&b) < 0 || !atom_read_url(buf_get(&b), &a))
        return 0;
    set_find_atom(m->set, &a, &f);
    r = tell_found(m, hit, SHOWN_URL, &f);
    if (r < 0 || port.len == 0 || f.count > 0)
        return r;
    b.len = 0;
    buf_text(&b, "http://");
    buf_slice(&b, s->host);
    buf_slice(&b, s->path);
    if (buf_error(&b) == 0 && atom_read_url(buf_get(&b), &a))
        set_find_atom(m->set, &a, &f);
    return tell_found(m, hit, SHOWN_URL, &f);
}

static int
ask_host(struct matching *m, struct match_hit *hit, const struct shown *s)
{
    struct slice host = s->host;
    const char *colon =
        host.len == 0 || host.ptr[0] == '[' ? NULL : memchr(host.ptr, ':', host.len);
    struct shown_text t = {SHOWN_HOST, host};
    int r;

    if (host.len == 0)
        return 0;
    if (colon != NULL)
        t.text.len = (size_t)(colon - host.ptr);
    r = ask_text(m, hit, &t);
    return r < 0 ? r : ask_url(m, hit, s);
}

static int
ask_record(struct matching *m, unsigned i, unsigned addresses)
{
    const struct shown *s = &m->shown[i];
    struct match_hit hit = {.time = s->time, .line = m->line[i], .record = m->record[i]};
    struct set_found f;
    int r = 0;

    for (unsigned k = 0; r == 0 && k < 2; k++) {
        if ((addresses >> k & 1) == 0 || !s->has_address[k])
            continue;
        hit.address = s->address[k];
        set_find_address(m->set, &s->address[k], &f);
        r = tell_found(m, &hit, k == 0 ? SHOWN_SOURCE : SHOWN_TARGET, &f);
    }
    for (unsigned k = 0; r == 0 && k < s->count; k++)
        r = ask_text(m, &hit, &s->text[k]);
    return r < 0 ? r : ask_host(m, &hit, s);
}

/* All that are held. */
static int
ask(struct matching *m)
{
    struct addr pair[SET_ASKED];
    uint64_t some;
    int r = 0;

    for (size_t i = 0; i < m->held; i++) {
        pair[2 * i] = m->shown[i].address[0];
        pair[2 * i + 1] = m->shown[i].address[1];
    }
    some = set_some(m->set, pair, 2 * m->held);
    for (unsigned i = 0; r == 0 && i < m->held; i++) {
        unsigned addresses = some >> 2 * i & 3;

        if (addresses != 0 || m->shown[i].count > 0 || m->shown[i].host.len > 0)
            r = ask_record(m, i, addresses);
    }
    m->held = 0;
    return r;
}

/* ---- lines ---------------------------------------------------------------------------------
 */

static void
odd(struct matching *m)
{
    m->stats.odd++;
    if (m->stats.first_odd == 0)
        m->stats.first_odd = m->stats.lines;
}

void
matching_skip_line(struct matching *m)
{
    m->stats.lines++;
    odd(m);
}

/* What was read is a record, of the line that is counted. */
static int
hold(struct matching *m, struct slice record)
{
    const struct shown *s = &m->shown[m->held];

    if (!s->has_time) {
        odd(m);
        return 0;
    }
    m->stats.more += s->more;
    m->record[m->held] = record;
    m->line[m->held++] = m->stats.lines;
    return m->held == TOGETHER ? ask(m) : 0;
}

/* The tokens from w->at to `behind` are one line. */
static int
take_line(struct matching *m, struct walk *w, uint32_t behind, struct slice record)
{
    m->stats.lines++;
    if (w->at == behind) {
        m->stats.blank++;
        return 0;
    }
    if (shown_read(w, &m->shown[m->held]) < 0 || w->at != behind) {
        odd(m);
        return 0;
    }
    return hold(m, record);
}

/* One after the other, since one of them is no JSON. */
static int
take_one_by_one(struct matching *m, struct slice lines)
{
    struct slice rest = lines;
    struct slice line;
    int r = 0;

    while (r == 0 && slice_line(&rest, &line)) {
        struct walk w = {.text = m->copy + (line.ptr - lines.ptr), .index = m->index};

        enum json_fault fault = json_index_run(m->index, w.text, line.len, &w.t);

        if (fault == JSON_MEMORY)
            r = ERR_NOMEM;
        else if (fault == JSON_FINE)
            r = take_line(m, &w, w.t.count, line);
        else
            matching_skip_line(m);
    }
    return r;
}

/* The objects in w, whose text is a copy of `part`. */
static int
take_objects(struct matching *m, struct walk *w, struct slice part)
{
    int r = 0;

    while (r == 0 && w->at < w->t.count) {
        size_t from = walk_place(w);

        if (walk_peek(w) != '{') {
            w->at++;
            continue;
        }
        m->stats.lines++;
        if (shown_read(w, &m->shown[m->held]) < 0) {
            odd(m); /* and where the next begins is not known */
            break;
        }
        r = hold(m, slice_sub(part, from, walk_behind(w) - from));
    }
    return r;
}

int
matching_take_elements(struct matching *m, struct slice part)
{
    struct walk w = {.text = m->copy, .index = m->index};
    struct slice rest = part;
    struct slice line;
    enum json_fault fault;
    int r = 0;

    BUG_ON(part.len > MATCH_CHUNK);
    if (part.len == 0)
        return 0;
    memcpy(m->copy, part.ptr, part.len);
    fault = json_index_run(m->index, m->copy, part.len, &w.t);
    if (fault == JSON_FINE)
        r = take_objects(m, &w, part);
    /* one of them is no JSON: where each has its own line, the others are not lost with it */
    while (r == 0 && fault != JSON_FINE && fault != JSON_MEMORY && slice_line(&rest, &line)) {
        enum json_fault own;

        w = (struct walk){.text = m->copy + (line.ptr - part.ptr), .index = m->index};
        own = json_index_run(m->index, w.text, line.len, &w.t);
        if (own == JSON_MEMORY)
            r = ERR_NOMEM;
        else if (own == JSON_FINE)
            r = take_objects(m, &w, line);
        else
            matching_skip_line(m);
    }
    if (fault == JSON_MEMORY)
        r = ERR_NOMEM;
    return r < 0 ? r : ask(m);
}

int
matching_take(struct matching *m, struct slice lines)
{
    struct walk w = {.text = m->copy, .index = m->index};
    enum json_fault fault;
    uint32_t from = 0;
    int r = 0;

    BUG_ON(lines.len > MATCH_CHUNK);
    if (lines.len == 0)
        return 0;
    memcpy(m->copy, lines.ptr, lines.len);
    fault = json_index_run(m->index, m->copy, lines.len, &w.t);
    if (fault == JSON_MEMORY) {
        r = ERR_NOMEM;
    } else if (fault != JSON_FINE) {
        r = take_one_by_one(m, lines);
    } else {
        for (uint32_t i = 0; r == 0 && i < w.t.lines; i++) {
            const struct json_line *l = &w.t.line[i];

            w.at = i == 0 ? 0 : w.t.line[i - 1].tokens;
            r = take_line(m, &w, l->tokens, slice_sub(lines, from, l->end - from));
            from = l->end + 1;
        }
    }
    /* texts lie in the copy, which the next lines take */
    return r < 0 ? r : ask(m);
}
