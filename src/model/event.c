#include "model/event.h"

#include <stdio.h>

#include "model/text.h"

static const struct {
    const char *name;
    enum event_chip chip;
} classes[] = {
#define CLASS(name, text, chip) {text, CHIP_##chip},
#include "model/class.def"
};

static const char *const kinds[] = {"alert", "flow", "honeypot", "auth", "firewall"};

_Static_assert(sizeof kinds / sizeof kinds[0] == EVENT_KINDS, "a name for each kind");

const char *
event_kind_name(enum event_kind kind)
{
    return kinds[kind];
}

int
event_kind_find(struct slice name)
{
    for (int i = 0; i < EVENT_KINDS; i++) {
        if (slice_is(name, kinds[i]))
            return i;
    }
    return -1;
}

const char *
event_class_name(enum event_class c)
{
    return classes[c].name;
}

int
event_class_find(struct slice name)
{
    for (int i = 0; i < (int)CLASSES; i++) {
        if (slice_is(name, classes[i].name))
            return i;
    }
    return -1;
}

enum event_chip
event_class_chip(enum event_class c)
{
    return classes[c].chip;
}

const char *
event_chip_name(enum event_chip chip)
{
    static const char *const names[] = {"scan", "brute force", "exploit",    "malware, C2",
                                        "DoS",  "phishing",    "data theft", "other"};

    return names[chip];
}

int
event_chip_find(struct slice name)
{
    for (int i = 0; i < CHIPS; i++) {
        if (slice_is(name, event_chip_name((enum event_chip)i)))
            return i;
    }
    return -1;
}

const char *
event_flag_name(unsigned bit)
{
    static const char *const names[] = {
        "clock_skewed", "direction_inferred", "disputed", "duplicate", "hosting", "reflected",
        "sampled",      "spoofable",          "tor"};

    BUG_ON(bit >= sizeof names / sizeof names[0]);
    return names[bit];
}

const char *
raw_kind_name(enum raw_kind kind)
{
    static const char *const names[] = {"none", "line", "element", "datagram", "packet"};

    return names[kind];
}

void
country_format(uint16_t country, char out[3])
{
    out[0] = (char)(country >> 8);
    out[1] = (char)(country & 0xff);
    out[2] = '\0';
}

uint16_t
country_parse(struct slice s)
{
    if (s.len != 2 || s.ptr[0] < 'A' || s.ptr[0] > 'Z' || s.ptr[1] < 'A' || s.ptr[1] > 'Z')
        return COUNTRY_UNKNOWN;
    return COUNTRY(s.ptr[0], s.ptr[1]);
}

size_t
event_id_format(struct event_id id, char out[EVENT_ID_TEXT])
{
    return (size_t)snprintf(out, EVENT_ID_TEXT, "%llu-%u", (unsigned long long)id.block,
                            id.index);
}

#define BLOCK_MAX ((UINT64_C(1) << 53) - 1)

int
event_id_parse(struct slice s, struct event_id *ret)
{
    const char *hyphen = s.len == 0 ? NULL : memchr(s.ptr, '-', s.len);
    uint64_t block;
    uint64_t index;
    size_t at;

    if (hyphen == NULL)
        return ERR_INVALID;
    at = (size_t)(hyphen - s.ptr);
    if (text_number(slice_sub(s, 0, at), BLOCK_MAX, &block) < 0 ||
        text_number(slice_sub(s, at + 1, s.len), EVENTS_PER_BLOCK - 1, &index) < 0)
        return ERR_INVALID;
    *ret = (struct event_id){block, (uint32_t)index};
    return 0;
}
