#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#include "wire/json_priv.h"

_Static_assert(JSON_FINE == 0 && JSON_UTF8 == 1 && JSON_STRING == 2 && JSON_MEMORY == 3,
               "as json_simd.cpp has it");

enum { SMALL = 4096 /* bytes of text that there is room for at first */ };

struct json_index {
    struct json_simd *simd; /* NULL: not needed yet, as the room is */
    struct json_room room;
    size_t max;
    size_t have; /* bytes of text that there is room for */
    bool wide;
};

struct json_index *
json_index_new(size_t max)
{
    struct json_index *ji = calloc(1, sizeof *ji);

    if (ji == NULL)
        return NULL;
    ji->max = max;
    ji->wide = json_wide_can();
    return ji;
}

static void
free_room(struct json_index *ji)
{
    ji->simd = json_simd_free(ji->simd);
    free(ji->room.at);
    free(ji->room.first);
    free(ji->room.line);
    ji->room = (struct json_room){0};
    ji->have = 0;
}

struct json_index *
json_index_free(struct json_index *ji)
{
    if (ji == NULL)
        return NULL;
    free_room(ji);
    free(ji);
    return NULL;
}

void
json_index_plain(struct json_index *ji)
{
    free_room(ji);
    ji->wide = false;
}

/* Room for len bytes of text. */
static bool
make_room(struct json_index *ji, size_t len)
{
    size_t want = len > SMALL || ji->max < SMALL ? ji->max : SMALL;

    if (len > ji->max)
        return false;
    if (ji->have >= len && ji->have > 0)
        return true;
    free_room(ji);
    ji->simd = ji->wide ? NULL : json_simd_new(want);
    ji->room.at = malloc((want + JSON_PAD) * sizeof *ji->room.at);
    ji->room.first = malloc(want + (size_t)2 * JSON_PAD);
    ji->room.line = malloc((want + 1) * sizeof *ji->room.line);
    if ((ji->simd == NULL && !ji->wide) || ji->room.at == NULL || ji->room.first == NULL ||
        ji->room.line == NULL) {
        free_room(ji);
        return false;
    }
    ji->have = want;
    return true;
}

/* First bytes of the tokens, from their offsets. */
static void
look_up(struct json_index *ji, const char *text, const struct json_tokens *t)
{
    char *first = ji->room.first;
    const uint32_t *at = t->at;
    uint32_t count = t->count;
    uint32_t i = 0;

    for (; i + 8 <= count; i += 8) { /* one store for eight */
        for (unsigned k = 0; k < 8; k++)
            first[i + k] = text[at[i + k]];
    }
    for (; i < count; i++)
        first[i] = text[at[i]];
    for (i = 0; i < count; i++) {
        char c = first[i];

        c = c == 'f' ? 't' : c;
        first[i] = c >= '-' && c <= '9' ? '0' : c;
    }
}

/* The lines that end with a newline.  Gives whether a backslash is behind the last one. */
static bool
find_lines(struct json_index *ji, const char *text, size_t len, struct json_tokens *t)
{
    const char *from = text;
    const char *lf;
    uint32_t i = 0;

    while ((lf = memchr(from, '\n', (size_t)(text + len - from))) != NULL) {
        uint32_t end = (uint32_t)(lf - text);

        while (i + 8 <= t->count && t->at[i + 7] < end)
            i += 8;
        while (i < t->count && t->at[i] < end)
            i++;
        ji->room.line[t->lines++] =
            (struct json_line){i, end, memchr(from, '\\', (size_t)(lf - from)) != NULL};
        from = lf + 1;
    }
    return memchr(from, '\\', (size_t)(text + len - from)) != NULL;
}

static enum json_fault
run_plain(struct json_index *ji, const char *text, size_t len, struct json_tokens *t)
{
    enum json_fault fault =
        (enum json_fault)json_simd_run(ji->simd, text, len, &t->at, &t->count);

    if (fault != JSON_FINE)
        return fault;
    look_up(ji, text, t);
    ji->room.line[t->lines].escapes = find_lines(ji, text, len, t);
    return JSON_FINE;
}

static enum json_fault
run_wide(struct json_index *ji, const char *text, size_t len, struct json_tokens *t)
{
    bool ascii;
    enum json_fault fault = json_wide_run(&ji->room, text, len, t, &ascii);

    ji->room.at[t->count] = (uint32_t)len;
    return fault != JSON_FINE || ascii || json_simd_utf8(text, len) ? fault : JSON_UTF8;
}

enum json_fault
json_index_run(struct json_index *ji, const char *text, size_t len, struct json_tokens *ret)
{
    struct json_room *room = &ji->room;
    enum json_fault fault = JSON_FINE;

    *ret = (struct json_tokens){0};
    if (!make_room(ji, len))
        return JSON_MEMORY;
    *ret = (struct json_tokens){.at = room->at, .first = room->first, .line = room->line};
    room->at[0] = 0; /* in case of no text */
    if (len > 0)
        fault = ji->wide ? run_wide(ji, text, len, ret) : run_plain(ji, text, len, ret);
    if (fault != JSON_FINE)
        return fault;
    if (len > 0 && text[len - 1] != '\n') {
        room->line[ret->lines].tokens = ret->count;
        room->line[ret->lines++].end = (uint32_t)len;
    }
    memset(room->first + ret->count, 0, JSON_PAD);
    return JSON_FINE;
}
