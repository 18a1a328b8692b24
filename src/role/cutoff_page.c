#include "role/cutoff_page.h"

#include "role/cutoff_priv.h"
#include "role/verdicts.h"
#include "wire/jcs.h"

const char *
cutoff_picture_name(enum cutoff_picture p)
{
    static const char *const names[PICTURES] = {"reach", "islands", "world", "breaks", "moves"};

    return p < PICTURES ? names[p] : "";
}

bool
cutoff_has(const struct cutoff_page *page, enum cutoff_picture p)
{
    switch (p) {
    case PICTURE_REACH:
    case PICTURE_ISLANDS: return page->country.len > 0;
    case PICTURE_WORLD: return page->world.len > 0;
    case PICTURE_BREAKS: return page->services.len > 0;
    case PICTURE_MOVES:
        return jcs_count(sheet_member(sheet_member(page->services, "plan"), "steps")) > 0;
    case PICTURES: break;
    }
    return false;
}

struct cutoff_range
cutoff_range(struct slice country, const char *name)
{
    struct jcs_iter it = jcs_iter(sheet_member(country, "presence"));
    struct cutoff_range r = {1000000, 0};
    struct slice one;

    while (jcs_item(&it, &one)) {
        int64_t n = sheet_number(one, name);

        r.least = n < r.least ? n : r.least;
        r.most = n > r.most ? n : r.most;
    }
    return r;
}

/* Tenths of a percent, rounded as everywhere. */
void
cutoff_put_range(struct buf *to, struct cutoff_range r)
{
    long long least = (long long)(r.least + 500) / 1000;
    long long most = (long long)(r.most + 500) / 1000;

    if (least != most)
        buf_printf(to, "%lld.%lld\xe2\x80\x93", least / 10, least % 10);
    buf_printf(to, "%lld.%lld\xc2\xa0%%", most / 10, most % 10);
}

void
cutoff_reach_row(struct slice country, unsigned row, struct cutoff_reach *ret)
{
    static const struct {
        enum word name;
        const char *member;
    } rows[CUTOFF_REACH_ROWS] = {{WORD_CUTOFF_STRICT, "strict_pairs_ppm"},
                                 {WORD_CUTOFF_WEIGHTED, "strict_addresses_ppm"},
                                 {WORD_CUTOFF_COMPONENT, "component_pairs_ppm"},
                                 {WORD_CUTOFF_ACROSS, "across_ppm"}};

    ret->name = rows[row].name;
    ret->before = sheet_number(sheet_member(country, "before"), rows[row].member);
    /* from outside nothing comes in: that is what the cut is */
    ret->after = rows[row].name == WORD_CUTOFF_ACROSS ? (struct cutoff_range){0, 0}
                                                      : cutoff_range(country, rows[row].member);
}

int64_t
cutoff_neighbours(struct slice country)
{
    struct jcs_iter it = jcs_iter(sheet_member(country, "presence"));
    struct slice one;
    int64_t n = 0;

    while (jcs_item(&it, &one))
        n = sheet_number(one, "neighbours");
    return n;
}

static void
add_when(struct sheet_places *p, const struct sheet *s, int64_t seconds)
{
    if (seconds > 0)
        verdicts_put_span(&p->text, s->language, seconds);
    else
        buf_text(&p->text,
                 word(s->language, seconds < 0 ? WORD_CUTOFF_NEVER : WORD_CUTOFF_NOW));
    sheet_next(p);
}

void
cutoff_put_when(struct sheet *s, struct slice service)
{
    int64_t least = sheet_number(service, "least_s");
    int64_t most = sheet_number(service, "most_s");
    AUTO_PLACES(p);

    add_when(&p, s, least);
    add_when(&p, s, most);
    if (most == least)
        buf_slice(s->to, slice_sub(buf_get(&p.text), 0, p.end[0]));
    else
        sheet_say_with(s, most < 0 ? WORD_CUTOFF_NOT_KNOWN : WORD_CUTOFF_OR, &p);
}

int
cutoff_svg(const struct cutoff_page *page, enum cutoff_picture p, enum language l,
           struct buf *to)
{
    struct cutoff_sheet c = {{to, l}, page};

    cutoff_draw(&c, p, true);
    return buf_error(to);
}
