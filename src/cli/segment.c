#include "cli/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cutoff/net.h"
#include "model/text.h"
#include "role/topologies.h"

int
segment_open(struct cli *cli, struct segment *s)
{
    return segment_open_date(cli, cli_option(cli, "date"), s);
}

int
segment_open_date(struct cli *cli, const char *date, struct segment *s)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    *s = (struct segment){0};
    if (r < 0)
        return err_exit(r);
    r = topologies_load(dir, date, &s->t, &s->about, &s->hash, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    s->in = calloc((size_t)s->t->count + 1, 1);
    s->stays = calloc((size_t)s->t->count + 1, 1);
    s->cut = malloc(SEGMENT_LINKS * sizeof *s->cut);
    return s->in == NULL || s->stays == NULL || s->cut == NULL
               ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM))
               : 0;
}

void
segment_release(struct segment *s)
{
    (void)topology_free(s->t);
    free(s->in);
    free(s->stays);
    free(s->cut);
    free(s->weights);
    *s = (struct segment){0};
}

static void
add_name(struct segment *s, const char *what)
{
    size_t len = strlen(s->name);

    (void)snprintf(s->name + len, sizeof s->name - len, "%s%s", len > 0 ? " " : "", what);
}

bool
segment_asn(struct slice text, uint32_t *ret)
{
    uint64_t asn;

    if (text.len > 2 && (text.ptr[0] | 0x20) == 'a' && (text.ptr[1] | 0x20) == 's')
        text = slice_sub(text, 2, text.len);
    if (text_number(text, UINT32_MAX, &asn) < 0)
        return false;
    *ret = (uint32_t)asn;
    return true;
}

/* TOPOLOGY_NONE: there is none of that number in the snapshot. */
static bool
take_network(const struct segment *s, struct slice text, uint32_t *ret)
{
    uint32_t asn;

    if (!segment_asn(text, &asn))
        return false;
    *ret = topology_find(s->t, asn);
    return true;
}

static const char *
add_country(struct segment *s, struct slice text)
{
    uint16_t country = country_parse(text);
    const uint64_t *stays;
    uint32_t found = 0;
    uint32_t stay;

    if (country == COUNTRY_UNKNOWN)
        return "is no country: two capital letters";
    for (uint32_t i = 0; i < s->t->count; i++) {
        if (s->t->country[i] != country)
            continue;
        found++;
        s->networks += !s->in[i];
        s->in[i] = 1;
    }
    stays = topology_stays(s->t, country, &stay);
    for (uint32_t i = 0; i < stay; i++)
        s->stays[(uint32_t)stays[i]] = 1;
    return found > 0 ? NULL : "no network of the snapshot is of that country";
}

static const char *
add_network(struct segment *s, struct slice text, bool stays)
{
    uint32_t i;

    if (!take_network(s, text, &i))
        return "is no AS number";
    if (i == TOPOLOGY_NONE)
        return "is not in the snapshot";
    if (stays) {
        s->stays[i] = 1;
    } else {
        s->networks += !s->in[i];
        s->in[i] = 1;
    }
    return NULL;
}

static bool
is_neighbour(const struct topology_list *l, uint32_t a, uint32_t b)
{
    for (uint32_t k = l->at[a]; k < l->at[a + 1]; k++) {
        if (l->to[k] == b)
            return true;
    }
    return false;
}

static const char *
add_link(struct segment *s, struct slice text)
{
    struct slice rest = text;
    struct slice first = slice_part(&rest, '-');
    uint32_t a;
    uint32_t b;

    if (!take_network(s, first, &a) || !take_network(s, rest, &b))
        return "is no link: two AS numbers with a hyphen between";
    if (a == TOPOLOGY_NONE || b == TOPOLOGY_NONE ||
        !(is_neighbour(&s->t->provider, a, b) || is_neighbour(&s->t->provider, b, a) ||
          is_neighbour(&s->t->peer, a, b)))
        return "is not in the snapshot";
    if (s->cuts == SEGMENT_LINKS)
        return "is one link too many";
    s->cut[s->cuts++] = net_link(a, b);
    return NULL;
}

static const char *
add_any(struct segment *s, struct slice text)
{
    return text.len > 0 && memchr(text.ptr, '-', text.len) != NULL ? add_link(s, text)
           : country_parse(text) != COUNTRY_UNKNOWN                ? add_country(s, text)
                                                    : add_network(s, text, false);
}

/* What is wrong with the words, and not only not there. */
static bool
is_wrong(const char *why)
{
    return strncmp(why, "is no", 5) == 0 && strncmp(why, "is not", 6) != 0;
}

int
segment_add_there(struct segment *s, const char *what)
{
    const char *why = add_any(s, slice_of(what));

    add_name(s, what);
    return why == NULL || !is_wrong(why) ? 0 : cli_fail(ERR_USAGE, "`%s`: %s", what, why);
}

int
segment_add(struct segment *s, const char *what)
{
    struct slice text = slice_of(what);
    const char *why = add_any(s, text);

    add_name(s, what);
    return why == NULL
               ? 0
               : cli_fail(is_wrong(why) ? ERR_USAGE : ERR_NOTFOUND, "`%s`: %s", what, why);
}

static const char *
add_line(struct segment *s, struct slice line)
{
    struct slice what = slice_part(&line, ' ');

    if (slice_is(what, "country"))
        return add_country(s, line);
    if (slice_is(what, "as"))
        return add_network(s, line, false);
    if (slice_is(what, "stays"))
        return add_network(s, line, true);
    if (slice_is(what, "link"))
        return add_link(s, line);
    return "a line is `country XA`, `as 64500`, `stays 64501`, `link 64500-64501`, or begins "
           "with #";
}

int
segment_add_file(struct segment *s, const char *path)
{
    struct errinfo ei = {0};
    char *bytes = NULL;
    size_t len = 0;
    struct slice rest;
    struct slice line;
    unsigned number = 0;
    int r = cli_read_file(path, (size_t)1 << 24, &bytes, &len, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    rest = (struct slice){bytes, len};
    err_file(&ei, path);
    while (r == 0 && slice_line(&rest, &line)) {
        const char *why;

        number++;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line = slice_sub(line, 0, line.len - 1);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        why = add_line(s, line);
        if (why != NULL)
            r = err_at(&ei, ERR_INVALID, number, 1, "%.*s: %s",
                       (int)(line.len < 60 ? line.len : 60), line.ptr, why);
    }
    free(bytes);
    add_name(s, path);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
compare_links(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

void
segment_close(struct segment *s)
{
    if (s->cuts > 0)
        qsort(s->cut, s->cuts, sizeof *s->cut, compare_links);
}

bool
segment_is_file(const char *what)
{
    const char *digits = strncmp(what, "AS", 2) == 0 ? what + 2 : what;

    return country_parse(slice_of(what)) == COUNTRY_UNKNOWN &&
           strspn(digits, "0123456789-AS") != strlen(digits);
}

int
segment_add_any(struct segment *s, const char *what)
{
    return segment_is_file(what) ? segment_add_file(s, what) : segment_add(s, what);
}
