#include "indicator/shown.h"

const char *
shown_field_name(enum shown_field f)
{
    static const char *const names[SHOWN_FIELDS] = {"source", "target", "query", "answer",
                                                    "host",   "url",    "sni",   "file"};

    return names[f];
}

static void
put(struct shown *s, enum shown_field field, struct slice text)
{
    if (text.len == 0)
        return;
    for (unsigned i = 0; i < s->count; i++) {
        if (s->text[i].field == field && slice_eq(s->text[i].text, text))
            return; /* an answer stands in `answers` and in `grouped` */
    }
    if (s->count == SHOWN_MOST)
        s->more++;
    else
        s->text[s->count++] = (struct shown_text){field, text};
}

static int
take(struct walk *w, struct shown *s, enum shown_field field)
{
    struct slice text;
    int r = walk_string(w, &text);

    if (r == 0)
        put(s, field, text);
    return r;
}

/* What a member of an object means here; 0 or an error. */
typedef int member_reader(struct walk *w, struct shown *s, struct slice key);

static int
read_object(struct walk *w, struct shown *s, member_reader *reader)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    if (r <= 0)
        return r;
    while ((r = walk_member(w, &first, &key)) > 0) {
        r = reader(w, s, key);
        if (r < 0)
            break;
    }
    return r;
}

static int
read_objects(struct walk *w, struct shown *s, member_reader *reader)
{
    bool first = true;
    int r = walk_enter(w, '[');

    if (r <= 0)
        return r;
    while ((r = walk_item(w, &first)) > 0) {
        r = read_object(w, s, reader);
        if (r < 0)
            break;
    }
    return r;
}

/* ---- dns -----------------------------------------------------------------------------------
 */

static int
read_query(struct walk *w, struct shown *s, struct slice key)
{
    return slice_is(key, "rrname") ? take(w, s, SHOWN_QUERY) : walk_skip(w);
}

static int
read_answer(struct walk *w, struct shown *s, struct slice key)
{
    return slice_is(key, "rrname") || slice_is(key, "rdata") ? take(w, s, SHOWN_ANSWER)
                                                             : walk_skip(w);
}

static int
read_grouped(struct walk *w, struct shown *s, struct slice key)
{
    bool first = true;
    int r;

    (void)key;
    r = walk_enter(w, '[');
    if (r <= 0)
        return r;
    while ((r = walk_item(w, &first)) > 0) {
        r = take(w, s, SHOWN_ANSWER);
        if (r < 0)
            break;
    }
    return r;
}

static int
read_dns(struct walk *w, struct shown *s, struct slice key)
{
    if (slice_is(key, "rrname"))
        return take(w, s, SHOWN_QUERY);
    if (slice_is(key, "query") || slice_is(key, "queries"))
        return walk_peek(w) == '{' ? read_object(w, s, read_query)
                                   : read_objects(w, s, read_query);
    if (slice_is(key, "answers") || slice_is(key, "authorities"))
        return read_objects(w, s, read_answer);
    if (slice_is(key, "answer"))
        return read_object(w, s, read_dns);
    if (slice_is(key, "rdata"))
        return take(w, s, SHOWN_ANSWER);
    return slice_is(key, "grouped") ? read_object(w, s, read_grouped) : walk_skip(w);
}

/* ---- the others ----------------------------------------------------------------------------
 */

static int
read_http(struct walk *w, struct shown *s, struct slice key)
{
    if (slice_is(key, "hostname"))
        return walk_string(w, &s->host);
    if (slice_is(key, "url"))
        return walk_string(w, &s->path);
    return slice_is(key, "http_port") ? walk_scalar(w, &s->port) : walk_skip(w);
}

static int
read_tls(struct walk *w, struct shown *s, struct slice key)
{
    return slice_is(key, "sni") ? take(w, s, SHOWN_SNI) : walk_skip(w);
}

static int
read_file(struct walk *w, struct shown *s, struct slice key)
{
    return slice_is(key, "md5") || slice_is(key, "sha1") || slice_is(key, "sha256")
               ? take(w, s, SHOWN_FILE)
               : walk_skip(w);
}

static int
read_address(struct walk *w, struct shown *s, unsigned which)
{
    struct slice text;
    int r = walk_string(w, &text);

    if (r == 0)
        s->has_address[which] = addr_parse(text, &s->address[which]) == 0;
    return r;
}

static int
read_time(struct walk *w, struct shown *s)
{
    struct slice text;
    int r = walk_string(w, &text);

    if (r == 0)
        s->has_time = time_parse_any(text, &s->time) == 0;
    return r;
}

static int
read_member(struct walk *w, struct shown *s, struct slice key)
{
    switch (key.len) {
    case 3:
        if (slice_is(key, "dns"))
            return read_object(w, s, read_dns);
        if (slice_is(key, "tls"))
            return read_object(w, s, read_tls);
        break;
    case 4:
        if (slice_is(key, "http"))
            return read_object(w, s, read_http);
        if (slice_is(key, "quic"))
            return read_object(w, s, read_tls);
        break;
    case 5:
        if (slice_is(key, "files"))
            return read_objects(w, s, read_file);
        break;
    case 6:
        if (slice_is(key, "src_ip"))
            return read_address(w, s, 0);
        break;
    case 7:
        if (slice_is(key, "dest_ip"))
            return read_address(w, s, 1);
        break;
    case 8:
        if (slice_is(key, "fileinfo"))
            return read_object(w, s, read_file);
        break;
    case 9:
        if (slice_is(key, "timestamp"))
            return read_time(w, s);
        if (slice_is(key, "dest_port"))
            return walk_scalar(w, &s->dest_port);
        break;
    default: break;
    }
    return walk_skip(w);
}

int
shown_read(struct walk *w, struct shown *ret)
{
    ret->has_time = false;
    ret->has_address[0] = ret->has_address[1] = 0;
    ret->host = ret->path = ret->port = ret->dest_port = (struct slice){"", 0};
    ret->count = 0;
    ret->more = 0;
    if (walk_peek(w) != '{')
        return walk_wrong(w, "a record is an object");
    return read_object(w, ret, read_member);
}
