/* Drives the live view from standard input, for tests/role/live.py:
 *     e TIME SEEN SKEWED CLASS ORIGIN ASN CC TARGET NOW   an event is added at time NOW
 *     p NOW                                               published: a line each of delta and
 *                                                         snapshot (an empty delta: `{}`) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "role/live.h"
#include "store/store.h"

static int
add(struct live *l, const char *line, uint64_t number)
{
    struct event ev = {.count = 1};
    char origin[64];
    char country[8];
    char target[64];
    unsigned skewed;
    unsigned class_number;
    struct utime now;

    if (sscanf(line, "e %" SCNd64 " %" SCNd64 " %u %u %63s %u %7s %63s %" SCNd64, &ev.time.us,
               &ev.time_seen.us, &skewed, &class_number, origin, &ev.origin_asn, country,
               target, &now.us) != 9 ||
        addr_parse(slice_of(origin), &ev.origin) < 0 ||
        addr_parse(slice_of(target), &ev.target) < 0)
        return -1;
    ev.class_ = (uint8_t)class_number;
    ev.flags = skewed ? FLAG_CLOCK_SKEWED : 0;
    ev.origin_country = country_parse(slice_of(country));
    live_add(l, (struct event_id){1 + number / 4096, (uint32_t)(number % 4096)}, &ev, now);
    return 0;
}

static int
publish(struct live *l, const char *line)
{
    struct live_honesty h = {.tables_age_days = -1};
    AUTO_BUF(delta, 1 << 22);
    AUTO_BUF(snapshot, 1 << 22);
    struct utime now;

    if (sscanf(line, "p %" SCNd64, &now.us) != 1 ||
        live_publish(l, now, &h, &delta, &snapshot) < 0)
        return -1;
    printf("%.*s\n%.*s\n", delta.len == 0 ? 2 : (int)delta.len,
           delta.len == 0 ? "{}" : delta.ptr, (int)snapshot.len, snapshot.ptr);
    return fflush(stdout);
}

int
main(void)
{
    char dir[] = "/tmp/detente-test.XXXXXX";
    char path[64];
    char line[512];
    struct errinfo ei = {0};
    struct store *s = NULL;
    struct live *l = NULL;
    struct dict dict;
    uint64_t events = 0;
    int r = mkdtemp(dir) == NULL ? -1 : store_open(dir, STORE_CREATE, &s, &ei);

    if (r == 0)
        r = dict_open(&dict, s);
    if (r == 0)
        r = live_new(&dict, NULL, &l);
    while (r == 0 && fgets(line, sizeof line, stdin) != NULL)
        r = line[0] == 'e' ? add(l, line, events++) : publish(l, line);
    l = live_free(l);
    dict_release(&dict);
    s = store_close(s);
    (void)snprintf(path, sizeof path, "%s/detente.db", dir);
    (void)unlink(path);
    (void)rmdir(dir);
    return r < 0 ? 1 : 0;
}
