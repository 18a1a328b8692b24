#include "role/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/utf8.h"

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

int
slots_new(int *ret_fd)
{
    int fd = memfd_create("detente-slots", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return ERR_IO;
    if (ftruncate(fd, sizeof(struct slots)) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
        (void)close(fd);
        return ERR_IO;
    }
    *ret_fd = fd;
    return 0;
}

int
slots_map(int fd, struct slots **ret)
{
    struct stat st;
    void *at;

    if (fstat(fd, &st) < 0 || st.st_size != (off_t)sizeof(struct slots) ||
        (fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
        return ERR_INVALID;
    at = mmap(NULL, sizeof(struct slots), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return ERR_NOMEM;
    *ret = at;
    return 0;
}

struct slots *
slots_unmap(struct slots *s)
{
    if (s != NULL)
        (void)munmap(s, sizeof *s);
    return NULL;
}

static bool
is_text(const char *at, uint32_t len)
{
    const unsigned char *p = (const unsigned char *)at;
    const unsigned char *end = p + len;
    uint32_t cp;

    while (p < end) {
        unsigned n = utf8_next(p, end, &cp);

        if (n == 0 || cp == 0)
            return false;
        p += n;
    }
    return true;
}

/* The names are copied before they are looked at: the sensor can still write. */
static int
take_rules(const struct slot *s, uint32_t count, int (*each)(void *, const struct rule *),
           void *arg)
{
    static const uint32_t name_max = DECODE_UNIT_MAX;
    char name[DECODE_UNIT_MAX];
    char packed[CVE_SET * CVE_PACKED];
    struct cve_set cves;
    struct rule to;
    uint64_t at = 0;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < count; i++) {
        struct slot_rule rule = *(const volatile struct slot_rule *)&s->rule[i];

        if (rule.name > name_max || rule.cves > sizeof packed ||
            at + rule.name + rule.cves > SLOT_NAMES)
            return ERR_INVALID;
        memcpy(name, s->names + at, rule.name);
        memcpy(packed, s->names + at + rule.name, rule.cves);
        to = (struct rule){.gid = rule.gid, .sid = rule.sid, .rev = rule.rev};
        if (!is_text(name, rule.name) ||
            !cve_set_unpack((struct slice){packed, rule.cves}, &cves))
            return ERR_INVALID;
        to.cves = cves.count > 0 ? &cves : NULL;
        to.name = (struct slice){name, rule.name};
        at += rule.name + rule.cves;
        r = each(arg, &to);
    }
    return r;
}

/* What a decoder may say of an event, and nothing else. */
static bool
event_is_sound(const struct event *ev, uint32_t rules, size_t raw)
{
    static const uint16_t flags =
        FLAG_DIRECTION_INFERRED | FLAG_REFLECTED | FLAG_SAMPLED | FLAG_SPOOFABLE;

    return ev->time.us >= 0 && ev->time.us <= TIME_MAX.us && ev->kind < EVENT_KINDS &&
           ev->class_ < CLASSES && ev->grade <= 4 && ev->raw_kind <= RAW_PACKET &&
           (ev->flags & ~flags) == 0 && ev->rule < rules && ev->count > 0 &&
           ev->raw_at <= raw && ev->raw_len <= raw - ev->raw_at &&
           ev->raw_len <= DECODE_UNIT_MAX &&
           (ev->raw_len == 0 || ev->raw_index < ev->raw_count) && ev->origin_asn == 0 &&
           ev->target_asn == 0 && ev->origin_country == COUNTRY_UNKNOWN &&
           ev->target_country == COUNTRY_UNKNOWN && ev->pad[0] == 0 && ev->pad[1] == 0;
}

static bool
stats_are_sound(const struct decode_stats *s)
{
    static const uint64_t most =
        SLOT_RAW + 1; /* a record has a byte at least, or is the last */

    return s->lines <= most && s->bytes <= most && s->events <= s->lines &&
           s->attacks <= s->events && s->ignored <= s->lines &&
           decode_rejected(s) <= s->lines &&
           s->lines == s->events + s->ignored + decode_rejected(s);
}

static bool
gauge_is_sound(const struct gauge *g)
{
    return g->time.us >= 0 && g->time.us <= TIME_MAX.us && g->rules.us >= 0 &&
           g->rules.us <= TIME_MAX.us && g->packets <= INT64_MAX && g->drops <= INT64_MAX;
}

int
slots_take(const struct slot *s, uint32_t known,
           int (*each)(void *arg, const struct rule *rule), void *arg, struct taken *ret)
{
    uint32_t rules = *(const volatile uint32_t *)&s->rules;
    uint32_t count = *(const volatile uint32_t *)&s->frame.count;
    size_t raw = *(const volatile size_t *)&s->frame.raw.len;
    int r;

    if (rules > SLOT_RULES || count > FRAME_EVENTS || raw > SLOT_RAW ||
        rules > DECODE_RULES_MAX - known)
        return ERR_INVALID;
    memcpy(ret->frame.event, s->frame.event, count * sizeof(struct event));
    ret->frame.count = count;
    ret->frame.raw = (struct slice){s->raw, raw};
    ret->stats = *(const volatile struct decode_stats *)&s->stats;
    ret->source = *(const volatile struct store_source *)&s->source;
    ret->has_source = *(const volatile uint32_t *)&s->has_source != 0;
    ret->live = *(const volatile uint32_t *)&s->live != 0;
    ret->missing = *(const volatile uint32_t *)&s->missing != 0;
    ret->lag_us = *(const volatile int64_t *)&s->lag_us;
    ret->quarantined = *(const volatile uint64_t *)&s->quarantined;
    ret->gauge = *(const volatile struct gauge *)&s->gauge;
    if (!stats_are_sound(&ret->stats) || !gauge_is_sound(&ret->gauge) ||
        ret->source.prefix_len > SOURCE_PREFIX || ret->source.offset > INT64_MAX ||
        ret->source.size > INT64_MAX || ret->source.lines > INT64_MAX || ret->lag_us < 0 ||
        ret->quarantined > SLOT_RAW)
        return ERR_INVALID;
    r = take_rules(s, rules, each, arg);
    for (uint32_t i = 0; r == 0 && i < count; i++) {
        if (!event_is_sound(&ret->frame.event[i], known + rules, raw))
            r = ERR_INVALID;
    }
    return r;
}
