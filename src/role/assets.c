#include "role/assets.h"

#include <stdlib.h>

_Static_assert((int)CONF_ASSETS < (int)QUERY_GROUPS, "each has a bit");

const struct conf_asset *
assets_at(const struct assets *a, unsigned number)
{
    return number == 0 || number > a->conf->asset_count ? NULL : &a->conf->assets[number - 1];
}

static const char *
sector_of(const struct assets *a, unsigned number)
{
    const struct conf_asset *x = assets_at(a, number);

    return x == NULL ? "" : x->sector;
}

int
assets_open(struct assets *a, const struct conf *conf)
{
    *a = (struct assets){.conf = conf, .number = malloc(ASSETS_KNOWN)};
    if (a->number == NULL)
        return ERR_NOMEM;
    map_init(&a->seen, sizeof(struct addr), ASSETS_KNOWN, 0x7a51);
    for (unsigned i = 1; i <= conf->asset_count; i++) {
        unsigned k = 0; /* of no sector is as good as in no group */

        while (strcmp(sector_of(a, k), sector_of(a, i)) != 0)
            k++;
        a->sector[i] = (uint8_t)k;
    }
    return 0;
}

void
assets_close(struct assets *a)
{
    if (a->number != NULL)
        map_release(&a->seen);
    free(a->number);
    a->number = NULL;
}

static unsigned
look_for(const struct conf *c, const struct addr *target)
{
    unsigned found = 0;
    unsigned bits = 0;

    for (unsigned i = 0; i < c->asset_count; i++) {
        for (unsigned k = 0; k < c->assets[i].networks.count; k++) {
            const struct prefix *p = &c->assets[i].networks.at[k];

            if (prefix_covers(p, target) && (found == 0 || p->len > bits)) {
                found = i + 1;
                bits = p->len;
            }
        }
    }
    return found;
}

unsigned
assets_find(void *assets, const struct addr *target)
{
    struct assets *a = assets;
    int64_t at;
    int fresh;

    if (a->conf->asset_count == 0)
        return 0;
    at = map_put(&a->seen, target, &fresh);
    if (at < 0)
        return look_for(a->conf, target);
    if (fresh)
        a->number[at] = (uint8_t)look_for(a->conf, target);
    return a->number[at];
}

uint64_t
assets_named(const struct assets *a, struct slice name)
{
    if (slice_is(name, "-"))
        return 1;
    for (unsigned i = 1; i <= a->conf->asset_count; i++) {
        if (slice_is(name, assets_at(a, i)->name))
            return UINT64_C(1) << i;
    }
    return 0;
}

uint64_t
assets_of_sector(const struct assets *a, struct slice sector)
{
    uint64_t mask = 0;

    if (slice_is(sector, "-"))
        sector = (struct slice){"", 0};
    for (unsigned i = 0; i <= a->conf->asset_count; i++) {
        if (slice_is(sector, sector_of(a, i)))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}
