/* Walks one EVE record by the offsets of its tokens: checks the grammar and remembers where
 * the members stand that detente reads.  Nothing is converted here, so that records of no
 * interest cost only the walk. */
#include "decode/eve_priv.h"

struct name {
    const char *text;
    enum eve_field field;
};

static const struct name top_names[] = {
    {"timestamp", FIELD_TIME},      {"event_type", FIELD_TYPE},   {"src_ip", FIELD_SRC_IP},
    {"src_port", FIELD_SRC_PORT},   {"dest_ip", FIELD_DEST_IP},   {"dest_port", FIELD_DEST_PORT},
    {"proto", FIELD_PROTO},         {"alert", FIELD_ALERT},       {"flow", FIELD_FLOW},
    {"app_proto", FIELD_APP_PROTO}, {"tcp", FIELD_TCP},           {NULL, FIELD_NONE}};
static const struct name alert_names[] = {
    {"gid", FIELD_GID},           {"signature_id", FIELD_SID},   {"rev", FIELD_REV},
    {"signature", FIELD_SIGNATURE}, {"category", FIELD_CATEGORY}, {"severity", FIELD_SEVERITY},
    {"source", FIELD_SOURCE},     {"target", FIELD_TARGET},      {NULL, FIELD_NONE}};
static const struct name source_names[] = {
    {"ip", FIELD_SOURCE_IP}, {"port", FIELD_SOURCE_PORT}, {NULL, FIELD_NONE}};
static const struct name target_names[] = {
    {"ip", FIELD_TARGET_IP}, {"port", FIELD_TARGET_PORT}, {NULL, FIELD_NONE}};
static const struct name flow_names[] = {{"pkts_toserver", FIELD_PKTS_TOSERVER},
                                         {"pkts_toclient", FIELD_PKTS_TOCLIENT},
                                         {"src_ip", FIELD_FLOW_SRC_IP},
                                         {NULL, FIELD_NONE}};
static const struct name tcp_names[] = {{"state", FIELD_TCP_STATE},
                                        {"syn", FIELD_TCP_SYN},
                                        {"ack", FIELD_TCP_ACK},
                                        {NULL, FIELD_NONE}};

/* The names that count inside the object that is the value of `field`. */
static const struct name *
names_in(enum eve_field field)
{
    switch ((int)field) {
    case FIELD_ALERT: return alert_names;
    case FIELD_FLOW: return flow_names;
    case FIELD_TCP: return tcp_names;
    case FIELD_SOURCE: return source_names;
    case FIELD_TARGET: return target_names;
    default: return NULL;
    }
}

/* Members of an object that comes a second time: the last one counts, as a whole. */
static void
forget(struct eve_walk *w, const struct name *names)
{
    for (; names->text != NULL; names++) {
        w->field[names->field] = (struct token){0};
        if (names_in(names->field) != NULL)
            forget(w, names_in(names->field));
    }
}

static int
hex4(const char *p)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        int c = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9')
            value = value << 4 | (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* True when key, written with escapes, means text; our names are ASCII letters. */
static bool
escaped_is(struct slice key, const char *text)
{
    size_t i = 0;

    for (; *text != '\0'; text++) {
        if (i >= key.len)
            return false;
        if (key.ptr[i] != '\\') {
            if (key.ptr[i++] != *text)
                return false;
            continue;
        }
        if (i + 6 > key.len || key.ptr[i + 1] != 'u' || hex4(key.ptr + i + 2) != *text)
            return false;
        i += 6;
    }
    return i == key.len;
}

static enum eve_field
find_name(const struct name *names, struct slice key)
{
    const struct name *n;

    for (n = names; n->text != NULL; n++) {
        /* First and last bytes tell all our names apart: cheaper than a call per row. */
        size_t len = __builtin_strlen(n->text);

        if (n->text[0] == key.ptr[0] && len == key.len && memcmp(n->text, key.ptr, len) == 0)
            return n->field;
    }
    if (memchr(key.ptr, '\\', key.len) == NULL)
        return FIELD_NONE;
    for (n = names; n->text != NULL; n++) {
        if (escaped_is(key, n->text))
            return n->field;
    }
    return FIELD_NONE;
}

/* The token that starts at `from` and ends before `end`, without the white space behind. */
static inline struct token
token_at(const char *text, uint32_t from, uint32_t end)
{
    while (end > from && (text[end - 1] == ' ' || text[end - 1] == '\t' ||
                          text[end - 1] == '\n' || text[end - 1] == '\r'))
        end--;
    return (struct token){from, end - from};
}

/* The field that the key at token i names, in the object that knows `names`. */
static inline enum eve_field
field_of(const struct eve_walk *w, uint32_t i, const struct name *names)
{
    struct token key = token_at(w->text, w->at[i], w->at[i + 1]);

    if (key.len < 3)
        return FIELD_NONE;
    return find_name(names, (struct slice){w->text + key.at + 1, key.len - 2});
}

static inline bool
key_is_sound(const struct eve_walk *w, uint32_t i)
{
    struct token key;

    if (i + 2 >= w->count || w->text[w->at[i]] != '"' || w->text[w->at[i + 1]] != ':')
        return false;
    key = token_at(w->text, w->at[i], w->at[i + 1]);
    return key.len >= 2 && w->text[key.at + key.len - 1] == '"';
}

/* Where the walk stands: bit 0 of `objects` tells whether the innermost level is an object;
 * names[] knows the members of the three outermost ones. */
struct level {
    uint64_t objects;
    unsigned depth;
    const struct name *names[4];
};

static inline bool
open_level(struct eve_walk *w, struct level *l, bool object, enum eve_field field)
{
    const struct name *names = object && l->depth < 3 ? names_in(field) : NULL;

    if (l->depth == EVE_DEPTH)
        return false;
    l->depth++;
    l->objects = l->objects << 1 | object;
    if (l->depth < 4)
        l->names[l->depth] = names;
    if (names != NULL)
        forget(w, names);
    return true;
}

static inline const struct name *
level_names(const struct level *l)
{
    return l->depth < 4 ? l->names[l->depth] : NULL;
}

bool
eve_walk_record(struct eve_walk *w)
{
    struct level l = {.objects = 1, .depth = 1, .names = {[1] = top_names}};
    enum eve_field field = FIELD_NONE;
    const char *text = w->text;
    uint32_t i = 1;

    memset(w->field, 0, sizeof w->field);
    if (w->count < 2 || text[w->at[0]] != '{')
        return false;
    if (text[w->at[1]] == '}')
        return w->count == 2;
key:
    if (!key_is_sound(w, i))
        return false;
    field = level_names(&l) == NULL ? FIELD_NONE : field_of(w, i, level_names(&l));
    i += 2;
value:
    if (i >= w->count)
        return false;
    switch (text[w->at[i]]) {
    case '{':
    case '[': {
        bool object = text[w->at[i]] == '{';

        if (field != FIELD_NONE)
            w->field[field] = (struct token){w->at[i], 1};
        if (!open_level(w, &l, object, field) || ++i >= w->count)
            return false;
        if (text[w->at[i]] == (object ? '}' : ']'))
            goto close;
        field = FIELD_NONE;
        if (object)
            goto key;
        goto value;
    }
    case '}':
    case ']':
    case ':':
    case ',': return false;
    default: break;
    }
    if (++i >= w->count)
        return false;
    if (field != FIELD_NONE)
        w->field[field] = token_at(text, w->at[i - 1], w->at[i]);
after:
    if (text[w->at[i]] == ',') {
        field = FIELD_NONE;
        i++;
        if (l.objects & 1)
            goto key;
        goto value;
    }
    if (text[w->at[i]] != (l.objects & 1 ? '}' : ']'))
        return false;
close:
    l.depth--;
    l.objects >>= 1;
    i++;
    if (l.depth == 0)
        return i == w->count;
    if (i >= w->count)
        return false;
    goto after;
}

static bool
sound_string(const char *p, uint32_t len)
{
    if (len < 2 || p[len - 1] != '"')
        return false;
    for (uint32_t i = 1; i + 1 < len; i++) {
        if (p[i] == '"')
            return false;
        if (p[i] != '\\')
            continue;
        i++;
        if (p[i] == 'u' && i + 5 < len && hex4(p + i + 1) >= 0)
            i += 4;
        else if (i + 1 >= len || p[i] == '\0' || strchr("\"\\/bfnrt", p[i]) == NULL)
            return false;
    }
    return true;
}

static uint32_t
digits(const char *p, uint32_t i, uint32_t len)
{
    while (i < len && p[i] >= '0' && p[i] <= '9')
        i++;
    return i;
}

/* RFC 8259 section 6. */
static bool
sound_number(const char *p, uint32_t len)
{
    uint32_t i = len > 0 && p[0] == '-';
    uint32_t from = i;

    i = digits(p, i, len);
    if (i == from || (i - from > 1 && p[from] == '0'))
        return false;
    if (i < len && p[i] == '.') {
        from = ++i;
        i = digits(p, i, len);
        if (i == from)
            return false;
    }
    if (i < len && (p[i] == 'e' || p[i] == 'E')) {
        i++;
        i += i < len && (p[i] == '+' || p[i] == '-');
        from = i;
        i = digits(p, i, len);
        if (i == from)
            return false;
    }
    return i == len;
}

bool
eve_check_scalars(const struct eve_walk *w, uint32_t end)
{
    uint32_t first = w->at[0];
    bool escapes = memchr(w->text + first, '\\', end - first) != NULL;

    for (uint32_t i = 0; i < w->count; i++) {
        struct token t;
        struct slice s;

        switch (w->text[w->at[i]]) {
        case '{':
        case '}':
        case '[':
        case ']':
        case ':':
        case ',': continue;
        default: break;
        }
        t = token_at(w->text, w->at[i], i + 1 < w->count ? w->at[i + 1] : end);
        s = (struct slice){w->text + t.at, t.len};
        if (s.ptr[0] == '"') {
            /* Without a backslash in the record, only the closing quote is open. */
            if (escapes ? !sound_string(s.ptr, t.len) : t.len < 2 || s.ptr[t.len - 1] != '"')
                return false;
        } else if (!slice_eq(s, SLICE("true")) && !slice_eq(s, SLICE("false")) &&
                   !slice_eq(s, SLICE("null")) && !sound_number(s.ptr, t.len)) {
            return false;
        }
    }
    return true;
}
