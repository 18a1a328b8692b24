#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[FIXTURE_PATH];
static char written[64][FIXTURE_PATH];
static unsigned written_count;

const char *
fixture_folder(void)
{
    const char *tmp = getenv("TMPDIR");

    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "%s/attrib-XXXXXX", tmp == NULL ? "/tmp" : tmp);
        if (mkdtemp(folder) == NULL)
            abort();
    }
    return folder;
}

const char *
fixture_path(const char *name)
{
    static char path[16][FIXTURE_PATH];
    static unsigned next;
    char *to = path[next++ % 16];
    unsigned i = 0;

    (void)snprintf(to, FIXTURE_PATH, "%.200s/%.40s", fixture_folder(), name);
    while (i < written_count && strcmp(written[i], to) != 0)
        i++;
    if (i == written_count && i < 64)
        memcpy(written[written_count++], to, FIXTURE_PATH);
    return to;
}

const char *
fixture_write(const char *name, struct slice bytes)
{
    const char *path = fixture_path(name);
    FILE *f = fopen(path, "wb");

    if (f == NULL || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
        abort();
    return path;
}

void
fixture_remove(void)
{
    for (unsigned i = 0; i < written_count; i++)
        (void)unlink(written[i]);
    written_count = 0;
    if (folder[0] != '\0')
        (void)rmdir(folder);
    folder[0] = '\0';
}

enum { NODES = 4096, EMPTY = -1 };

struct tree {
    int32_t record[NODES][2]; /* node; EMPTY; -2 - n: data n */
    unsigned count;
};

static void
insert(struct tree *t, const uint8_t addr[16], unsigned len, int32_t what)
{
    int32_t node = 0;

    for (unsigned i = 0; i < len; i++) {
        unsigned bit = addr[i / 8] >> (7 - i % 8) & 1;
        int32_t *r = &t->record[node][bit];

        if (i + 1 == len) {
            *r = what;
        } else {
            if (*r < 0) {
                int32_t keep = *r;

                *r = (int32_t)t->count;
                t->record[t->count][0] = t->record[t->count][1] = keep;
                t->count++;
            }
            node = *r;
        }
    }
}

static size_t
put_text(uint8_t *to, const char *text)
{
    to[0] = (uint8_t)(0x40 | strlen(text)); /* UTF-8 string under 29 bytes */
    memcpy(to + 1, text, strlen(text));
    return 1 + strlen(text);
}

static size_t
put_record(uint8_t *to, const struct fixture_network *n)
{
    size_t at = 1;
    char name[20];

    to[0] = (uint8_t)(0xe0 | ((n->asn != 0 ? 2 : 0) + (n->iso != NULL ? 1 : 0)));
    if (n->asn != 0) {
        at += put_text(to + at, "autonomous_system_number");
        to[at++] = 0xc4; /* uint32 of 4 bytes */
        for (int shift = 24; shift >= 0; shift -= 8)
            to[at++] = (uint8_t)(n->asn >> shift);
        (void)snprintf(name, sizeof name, "Network %u", n->asn);
        to[at++] = 0x40 | 29;
        to[at++] = 1; /* 30 bytes */
        memcpy(to + at, "autonomous_system_organization", 30);
        at += 30;
        at += put_text(to + at, name);
    }
    if (n->iso != NULL) {
        at += put_text(to + at, "country");
        to[at++] = 0xe1;
        at += put_text(to + at, "iso_code");
        at += put_text(to + at, n->iso);
    }
    return at;
}

static size_t
put_number(uint8_t *to, const char *key, unsigned type, uint64_t n, unsigned size)
{
    size_t at = put_text(to, key);

    if (type > 7) {
        to[at++] = (uint8_t)size;
        to[at++] = (uint8_t)(type - 7);
    } else {
        to[at++] = (uint8_t)(type << 5 | size);
    }
    for (unsigned i = size; i-- > 0;)
        to[at++] = (uint8_t)(n >> (8 * i));
    return at;
}

static size_t
put_metadata(uint8_t *to, unsigned nodes, uint64_t epoch)
{
    size_t at = 14;

    memcpy(to, "\xab\xcd\xefMaxMind.com", 14);
    to[at++] = 0xe9;
    at += put_number(to + at, "binary_format_major_version", 5, 2, 2);
    at += put_number(to + at, "binary_format_minor_version", 5, 0, 2);
    at += put_number(to + at, "build_epoch", 9, epoch, 8);
    at += put_text(to + at, "database_type");
    at += put_text(to + at, "fixture");
    at += put_text(to + at, "description");
    to[at++] = 0xe0;
    at += put_number(to + at, "ip_version", 5, 6, 2);
    at += put_text(to + at, "languages");
    to[at++] = 0;
    to[at++] = 4;
    at += put_number(to + at, "node_count", 6, nodes, 4);
    at += put_number(to + at, "record_size", 5, 24, 2);
    return at;
}

struct slice
fixture_mmdb(const struct fixture_network *list, unsigned count, uint64_t epoch)
{
    static uint8_t out[1 << 17];
    static struct tree t;
    static const uint8_t zero[16];
    static const uint8_t six[16] = {0x20, 0x02};
    uint32_t offset[64] = {0};
    uint8_t data[8192];
    size_t data_len = 0;
    size_t at = 0;
    int32_t v4 = 0;

    t.count = 1;
    t.record[0][0] = t.record[0][1] = EMPTY;
    for (unsigned i = 0; i < count; i++) {
        offset[i] = (uint32_t)data_len;
        data_len += put_record(data + data_len, &list[i]);
        insert(&t, list[i].addr, list[i].len, -2 - (int32_t)i);
    }
    for (unsigned i = 0; i < 96 && v4 >= 0; i++)
        v4 = t.record[v4][zero[0]];
    if (v4 > 0)
        insert(&t, six, 16, v4);
    for (unsigned n = 0; n < t.count; n++) {
        for (unsigned side = 0; side < 2; side++) {
            int32_t r = t.record[n][side];
            uint32_t v = r >= 0       ? (uint32_t)r
                         : r == EMPTY ? t.count
                                      : t.count + 16 + offset[-2 - r];

            out[at++] = (uint8_t)(v >> 16);
            out[at++] = (uint8_t)(v >> 8);
            out[at++] = (uint8_t)v;
        }
    }
    memset(out + at, 0, 16);
    at += 16;
    memcpy(out + at, data, data_len);
    at += data_len;
    at += put_metadata(out + at, t.count, epoch);
    return (struct slice){(const char *)out, at};
}
