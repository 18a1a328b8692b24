#include "role/waits.h"

#include "base/time.h"

/* Who has an IPv6 address has 2^64 of them. */
static struct addr
place_of(const struct addr *from)
{
    struct addr place = *from;

    if (!addr_is_v4(from))
        memset(place.byte + 8, 0, 8);
    return place;
}

/* Its row; WAITS when there is none. */
static unsigned
find(const struct waits *w, const struct addr *place, const char *name)
{
    unsigned i = 0;

    while (i < WAITS && (w->row[i].until == 0 || !addr_eq(&w->row[i].place, place) ||
                         strncmp(w->row[i].name, name, PERSON_NAME) != 0))
        i++;
    return i;
}

static int64_t
left_of(int64_t until, int64_t now, int64_t most)
{
    if (until <= now)
        return 0;
    return until - now > most ? most : until - now;
}

uint32_t
waits_left(const struct waits *w, const struct addr *from, const char *name, int64_t now)
{
    const int64_t most = (int64_t)WAIT_MAX_S * TIME_US_PER_S;
    struct addr place = place_of(from);
    unsigned any = find(w, &place, "");
    unsigned one = find(w, &place, name);
    int64_t left = left_of(w->next, now, WAIT_TRY_US);

    if (any < WAITS && left_of(w->row[any].until, now, WAIT_PLACE_US) > left)
        left = left_of(w->row[any].until, now, WAIT_PLACE_US);
    if (one < WAITS && left_of(w->row[one].until, now, most) > left)
        left = left_of(w->row[one].until, now, most);
    return (uint32_t)((left + TIME_US_PER_S - 1) / TIME_US_PER_S);
}

static unsigned
take(struct waits *w, const struct addr *place, const char *name, int64_t now)
{
    unsigned at = find(w, place, name);

    if (at < WAITS) {
        if (w->row[at].until < now - WAIT_FORGET_US)
            w->row[at].wrong = 0;
        return at;
    }
    at = 0;
    for (unsigned i = 1; i < WAITS; i++) {
        if (w->row[i].until < w->row[at].until)
            at = i;
    }
    memset(&w->row[at], 0, sizeof w->row[at]);
    w->row[at].place = *place;
    memcpy(w->row[at].name, name, strnlen(name, PERSON_NAME_MAX));
    return at;
}

void
waits_note(struct waits *w, const struct addr *from, const char *name, int64_t now, bool right)
{
    struct addr place = place_of(from);
    int64_t wait = 1;
    unsigned at;

    w->next = now + WAIT_TRY_US;
    at = take(w, &place, "", now);
    w->row[at].until = now + WAIT_PLACE_US;
    at = right ? find(w, &place, name) : take(w, &place, name, now);
    if (right) {
        if (at < WAITS)
            w->row[at].until = 0;
        return;
    }
    if (w->row[at].wrong < WAIT_MAX_S)
        w->row[at].wrong++;
    for (unsigned i = 1; i < w->row[at].wrong && wait < WAIT_MAX_S; i++)
        wait *= 2;
    if (wait > WAIT_MAX_S)
        wait = WAIT_MAX_S;
    w->row[at].until = now + wait * TIME_US_PER_S;
}
