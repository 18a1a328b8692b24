#include "role/sample.h"

#include <math.h>
#include <stdlib.h>

#include "model/addr.h"

enum { POOL = 600, ACTIVE = 64 };

/* What an invented attacker does. */
struct play {
    const char *category;
    const char *signature;
    uint32_t sid;
    uint8_t severity;
    uint16_t port;
    const char *proto;
    bool handshake;
    unsigned weight;
};

static const struct play plays[] = {
    {"Detection of a Network Scan", "SAMPLE SCAN many ports of one host", 9000001, 3, 0, "TCP",
     false, 30},
    {"Attempted Information Leak", "SAMPLE SCAN looks for open SSH", 9000002, 3, 22, "TCP",
     false, 22},
    {"access to a potentially vulnerable web application", "SAMPLE WEB asks for setup pages",
     9000003, 2, 443, "TCP", true, 14},
    {"Attempt to login by a default username and password",
     "SAMPLE AUTH default password tried", 9000010, 2, 22, "TCP", true, 16},
    {"An attempted login using a suspicious username was detected",
     "SAMPLE AUTH login with an unlikely name", 9000011, 2, 3389, "TCP", true, 8},
    {"Web Application Attack", "SAMPLE EXPLOIT command injection in a form", 9000020, 1, 80,
     "TCP", true, 7},
    {"Attempted Administrator Privilege Gain", "SAMPLE EXPLOIT known flaw of a VPN gateway",
     9000021, 1, 443, "TCP", true, 5},
    {"Malware Command and Control Activity Detected", "SAMPLE C2 beacon answered", 9000030, 1,
     8443, "TCP", true, 2},
    {"A Network Trojan was detected", "SAMPLE MALWARE download asked for", 9000031, 1, 80,
     "TCP", true, 3},
    {"Attempted Denial of Service", "SAMPLE DOS flood of requests", 9000040, 2, 443, "UDP",
     false, 4},
    {"Possible Social Engineering Attempted", "SAMPLE PHISH link in mail followed", 9000050, 2,
     25, "TCP", true, 2},
    {"Successful Credential Theft Detected", "SAMPLE LEAK password file fetched", 9000060, 1,
     443, "TCP", true, 1},
    {"Misc activity", "SAMPLE MISC odd but unclear", 9000070, 3, 8080, "TCP", false, 8},
};
enum { PLAYS = sizeof plays / sizeof plays[0] };

struct sample {
    uint64_t state;
    uint64_t flow;
    struct addr pool[POOL];
    /* Some origins stay at one play for a while: that is what makes waves. */
    struct {
        uint32_t origin;
        uint32_t play;
        uint32_t left;
    } active[ACTIVE];
    unsigned weights;
};

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t
draw(struct sample *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static uint32_t
below(struct sample *s, uint32_t n)
{
    return (uint32_t)((draw(s) >> 32) * n >> 32);
}

static uint32_t
draw_play(struct sample *s)
{
    uint32_t at = below(s, s->weights);

    for (uint32_t i = 0; i < PLAYS; i++) {
        if (at < plays[i].weight)
            return i;
        at -= plays[i].weight;
    }
    return 0;
}

/* A heavy tail: few origins do most of it. */
static uint32_t
draw_origin(struct sample *s)
{
    uint32_t a = below(s, POOL);
    uint32_t b = below(s, POOL);
    uint32_t c = below(s, POOL);

    a = a < b ? a : b;
    return a < c ? a : c;
}

static void
documentation_origin(struct sample *s, bool v6, struct addr *ret)
{
    if (v6) {
        *ret = (struct addr){.byte = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0b}};
        ret->byte[15] = (uint8_t)below(s, 256);
        ret->byte[7] = (uint8_t)below(s, 256);
        return;
    }
    *ret = addr_of_v4((below(s, 2) ? 0xc6336400U : 0xcb007100U) + below(s, 256));
}

struct sample *
sample_new(const struct attrib *a, uint64_t seed)
{
    struct sample *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->state = seed;
    for (uint32_t i = 0; i < PLAYS; i++)
        s->weights += plays[i].weight;
    for (uint32_t i = 0; i < POOL; i++) {
        bool v6 = below(s, 10) == 0;
        uint64_t r1 = draw(s);
        uint64_t r2 = draw(s);

        if (attrib_random(a, r1, r2, v6, &s->pool[i]) < 0)
            documentation_origin(s, v6, &s->pool[i]);
    }
    for (uint32_t i = 0; i < ACTIVE; i++)
        s->active[i].left = 0;
    return s;
}

struct sample *
sample_free(struct sample *s)
{
    free(s);
    return NULL;
}

double
sample_rate(const struct sample *s, struct utime t)
{
    int64_t second = t.us / TIME_US_PER_S;
    double hour = (double)(second % 86400) / 3600.0;
    double day = 1.0 + 0.6 * sin((hour - 9.0) * M_PI / 12.0);
    double wave = fmod((double)second / 60.0 + (double)(s->flow % 7), 47.0) < 4 ? 2.5 : 1.0;

    return 1.6 * day * wave;
}

static void
target_of(struct sample *s, bool v6, struct addr *ret)
{
    if (v6) {
        *ret = (struct addr){.byte = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0a}};
        ret->byte[15] = (uint8_t)(16 + below(s, 12));
        return;
    }
    *ret = addr_of_v4(0xc0000200U + 10 + below(s, 24) * (1 + below(s, 3)));
}

/* Who does what in this line. */
static void
next_act(struct sample *s, uint32_t *ret_origin, uint32_t *ret_play)
{
    uint32_t at = below(s, ACTIVE);

    if (s->active[at].left == 0) {
        s->active[at].origin = draw_origin(s);
        s->active[at].play = draw_play(s);
        s->active[at].left = 1 + below(s, 40);
    }
    s->active[at].left--;
    *ret_origin = s->active[at].origin;
    *ret_play = s->active[at].play;
}

static void
put_ends(struct buf *out, const struct addr *src, uint32_t sport, const struct addr *dst,
         uint32_t dport)
{
    buf_text(out, "\"src_ip\":\"");
    buf_addr(out, src);
    buf_printf(out, "\",\"src_port\":%u,\"dest_ip\":\"", sport);
    buf_addr(out, dst);
    buf_printf(out, "\",\"dest_port\":%u,", dport);
}

static void
put_head(struct sample *s, struct utime t, const char *type, struct buf *out)
{
    char time[TIME_TEXT];

    time_format(t, time);
    buf_printf(out,
               "{\"timestamp\":\"%.26s+0000\",\"flow_id\":%llu,\"in_iface\":\"eth0\","
               "\"event_type\":\"%s\",",
               time, (unsigned long long)(draw(s) >> 14), type);
    s->flow++;
}

static void
put_alert(struct sample *s, struct utime t, struct buf *out)
{
    const struct play *p;
    struct addr target;
    const struct addr *origin;
    uint32_t who;
    uint32_t what;
    uint32_t up;
    uint32_t down;

    next_act(s, &who, &what);
    p = &plays[what];
    origin = &s->pool[who];
    target_of(s, !addr_is_v4(origin), &target);
    up = p->handshake ? 3 + below(s, 20) : 1;
    down = p->handshake ? 2 + below(s, 20) : 0;
    put_head(s, t, "alert", out);
    put_ends(out, origin, 1024 + below(s, 64000), &target,
             p->port != 0 ? p->port : 1 + below(s, 10000));
    buf_printf(
        out,
        "\"proto\":\"%s\",\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":%u,"
        "\"rev\":1,\"signature\":\"%s\",\"category\":\"%s\",\"severity\":%u},"
        "\"flow\":{\"pkts_toserver\":%u,\"pkts_toclient\":%u,\"bytes_toserver\":%u,"
        "\"bytes_toclient\":%u}}\n",
        p->proto, p->sid, p->signature, p->category, p->severity, up, down, up * 90,
        down * 120);
}

static void
put_flow(struct sample *s, struct utime t, struct buf *out)
{
    const struct addr *origin = &s->pool[draw_origin(s)];
    struct addr target;
    uint32_t packets = 2 + below(s, 40);

    target_of(s, !addr_is_v4(origin), &target);
    put_head(s, t, "flow", out);
    put_ends(out, origin, 1024 + below(s, 64000), &target, 443);
    buf_printf(out,
               "\"proto\":\"TCP\",\"app_proto\":\"tls\",\"flow\":{\"pkts_toserver\":%u,"
               "\"pkts_toclient\":%u,\"bytes_toserver\":%u,\"bytes_toclient\":%u,"
               "\"state\":\"closed\",\"reason\":\"timeout\",\"alerted\":false}}\n",
               packets, packets, packets * 300, packets * 900);
}

void
sample_line(struct sample *s, struct utime t, struct buf *out)
{
    if (below(s, 4) == 0)
        put_flow(s, t, out);
    else
        put_alert(s, t, out);
}
