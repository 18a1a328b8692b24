#include "words/words.h"

#include <stdio.h>
#include <string.h>

static const struct entry {
    const char *name;
    const char *text[LANGUAGES];
} catalogue[WORD_COUNT] = {
    [WORD_NONE] = {"", {"", "", ""}},
#define WORD(id, name, en, ru, zh) [WORD_##id] = {(name), {(en), (ru), (zh)}},
#include "words/words.def"
};

static const char *const languages[LANGUAGES] = {"en", "ru", "zh"};

enum { AND = 0x1f, NAME = 0x1e };

const char *
language_name(enum language l)
{
    return l < LANGUAGES ? languages[l] : languages[LANGUAGE_EN];
}

int
language_find(struct slice name)
{
    if (name.len < 2 || (name.len > 2 && name.ptr[2] != '-' && name.ptr[2] != '_'))
        return -1;
    for (int i = 0; i < LANGUAGES; i++) {
        /* Letters of ASCII differ by that bit in case. */
        if ((name.ptr[0] | 0x20) == languages[i][0] && (name.ptr[1] | 0x20) == languages[i][1])
            return i;
    }
    return -1;
}

const char *
word(enum language l, enum word w)
{
    return w < WORD_COUNT ? catalogue[w].text[l < LANGUAGES ? l : LANGUAGE_EN] : "";
}

const char *
word_name(enum word w)
{
    return w < WORD_COUNT ? catalogue[w].name : "";
}

static enum word
find(struct slice name)
{
    for (unsigned i = WORD_NONE + 1; i < WORD_COUNT; i++) {
        if (slice_is(name, catalogue[i].name))
            return (enum word)i;
    }
    return WORD_NONE;
}

enum word
word_find(const char *of, struct slice s)
{
    char name[80];
    int n = snprintf(name, sizeof name, "%s.%.*s", of, (int)(s.len < 64 ? s.len : 64), s.ptr);

    return n < 0 || (size_t)n >= sizeof name || s.len > 64 ? WORD_NONE : find(slice_of(name));
}

/* ---- places ------------------------------------------------------------------------------ */

/* Which form a whole number takes: Unicode CLDR, Language Plural Rules, cardinal, v = 0. */
static unsigned
plural(enum language l, struct slice digits)
{
    unsigned last = digits.len > 0 ? (unsigned)(digits.ptr[digits.len - 1] - '0') : 0;
    bool teen = digits.len > 1 && digits.ptr[digits.len - 2] == '1';

    switch (l) {
    case LANGUAGE_EN: return slice_is(digits, "1") ? 0 : 1;
    case LANGUAGE_RU:
        if (last == 1 && !teen)
            return 0;
        return last >= 2 && last <= 4 && !teen ? 1 : 2;
    case LANGUAGE_ZH:
    case LANGUAGES: break;
    }
    return 0;
}

/* The form of that number in `one|few|many`; the last when there are fewer. */
static struct slice
form(struct slice forms, unsigned number)
{
    size_t start = 0;

    for (size_t i = 0; i < forms.len; i++) {
        if (forms.ptr[i] != '|')
            continue;
        if (number == 0)
            return slice_sub(forms, start, i - start);
        number--;
        start = i + 1;
    }
    return slice_sub(forms, start, forms.len - start);
}

/* What stands between braces. */
static void
put_place(struct buf *to, enum language l, struct slice place, const struct slice *args,
          unsigned count)
{
    unsigned n = place.len > 0 ? (unsigned)(place.ptr[0] - '0') : count;

    if (n >= count)
        return;
    if (place.len < 2)
        buf_slice(to, args[n]);
    else
        buf_slice(to, form(slice_sub(place, 2, place.len - 2), plural(l, args[n])));
}

void
word_put(struct buf *to, enum language l, enum word w, const struct slice *args, unsigned count)
{
    const char *at = word(l, w);

    for (;;) {
        size_t plain = strcspn(at, "{");
        const char *end;

        buf_add(to, at, plain);
        at += plain;
        end = *at == '{' ? strchr(at, '}') : NULL;
        if (end == NULL)
            return;
        put_place(to, l, (struct slice){at + 1, (size_t)(end - at) - 1}, args, count);
        at = end + 1;
    }
}

void
word_put_name(struct buf *to, enum language l, const char *of, struct slice s)
{
    enum word w = word_find(of, s);

    if (w == WORD_NONE)
        buf_slice(to, s);
    else
        buf_text(to, word(l, w));
}

/* ---- packed ------------------------------------------------------------------------------ */

void
word_vpack(char *to, size_t room, enum word w, const char *fmt, va_list ap)
{
    int n = snprintf(to, room, "%c%s%c", NAME, word_name(w), AND);

    if (n > 0 && (size_t)n < room)
        (void)vsnprintf(to + n, room - (size_t)n, fmt, ap);
}

void
word_pack(char *to, size_t room, enum word w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    word_vpack(to, room, w, fmt, ap);
    va_end(ap);
}

void
word_unpack(struct buf *to, enum language l, const char *packed)
{
    const char *at = packed + strcspn(packed, WORD_AND);
    struct slice args[WORD_ARGS];
    unsigned count = 0;
    enum word w;

    if (packed[0] != NAME) {
        buf_text(to, packed);
        return;
    }
    w = find((struct slice){packed + 1, (size_t)(at - packed) - 1});
    while (*at == AND && count < WORD_ARGS) {
        size_t len = strcspn(++at, WORD_AND);
        struct slice arg = {at, len};
        enum word named = len > 0 && *at == NAME ? find(slice_sub(arg, 1, len - 1)) : WORD_NONE;

        args[count++] = named != WORD_NONE ? slice_of(word(l, named)) : arg;
        at += len;
    }
    if (w != WORD_NONE) {
        word_put(to, l, w, args, count);
        return;
    }
    for (unsigned i = 0; i < count; i++) { /* a newer version wrote it */
        buf_text(to, i > 0 ? " " : "");
        buf_slice(to, args[i]);
    }
}
