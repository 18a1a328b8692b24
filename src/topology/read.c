/* Files of lines about networks. */
#include <string.h>

#include "topology/read_priv.h"

static int
read_clique(struct build *b, struct slice line)
{
    static const char mark[] = "# input clique:";
    struct slice rest = slice_sub(line, sizeof mark - 1, line.len);
    uint32_t asn;

    if (!slice_is(slice_sub(line, 0, sizeof mark - 1), mark))
        return 0;
    while (take_char(&rest, ' ')) {
        int r = take_asn(&rest, &asn) ? build_clique(b, asn) : 0;

        if (r < 0)
            return r;
    }
    return 0;
}

static int
read_relation(struct build *b, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice rest = line;
    uint32_t x;
    uint32_t y;
    bool peers;

    if (!take_asn(&rest, &x) || !take_char(&rest, '|') || !take_asn(&rest, &y) ||
        !take_char(&rest, '|'))
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a line is `AS|AS|relation`, with AS numbers from 1 to 4294967294");
    peers = take_char(&rest, '0');
    if (!peers && !(take_char(&rest, '-') && take_char(&rest, '1')))
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a relation is -1 (the first is the provider) or 0 (peers)");
    if (rest.len > 0 && rest.ptr[0] != '|')
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a relation is -1 (the first is the provider) or 0 (peers), and ends or "
                      "is followed by `|`");
    return build_link(b, x, y, peers ? TIE_PEER : TIE_TRANSIT);
}

int
build_read_as_rel(struct build *b, struct slice text, uint64_t *ret_lines, struct errinfo *ei)
{
    unsigned number = 0;
    struct slice line;
    int r = 0;

    *ret_lines = 0;
    while (r == 0 && slice_line(&text, &line)) {
        number++;
        line = without_cr(line);
        if (line.len == 0)
            continue;
        if (line.ptr[0] == '#') {
            r = read_clique(b, line);
            continue;
        }
        r = read_relation(b, line, number, ei);
        *ret_lines += r == 0;
    }
    return r == ERR_NOMEM || r == ERR_LIMIT ? err_at(ei, r, number, 1, "%s", err_text(r)) : r;
}

static int
take_country(struct slice line, uint32_t *ret_asn, uint16_t *ret, unsigned number,
             struct errinfo *ei)
{
    struct slice rest = line;

    if (!take_asn(&rest, ret_asn) || !(take_char(&rest, ' ') || take_char(&rest, '\t')))
        return err_at(ei, ERR_INVALID, number, 1, "a line is `AS country`");
    *ret = country_parse(rest);
    if (*ret == COUNTRY_UNKNOWN)
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a country is two capital letters");
    return 0;
}

static int
read_country(void *build, struct slice line, unsigned number, struct errinfo *ei)
{
    uint16_t country = COUNTRY_UNKNOWN;
    uint32_t asn = 0;
    int r = take_country(line, &asn, &country, number, ei);

    return r < 0 ? r : build_country(build, asn, country);
}

static int
read_stay(void *build, struct slice line, unsigned number, struct errinfo *ei)
{
    uint16_t country = COUNTRY_UNKNOWN;
    uint32_t asn = 0;
    int r = take_country(line, &asn, &country, number, ei);

    return r < 0 ? r : build_stays(build, asn, country);
}

static int
read_addresses(void *build, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice rest = line;
    uint32_t asn;
    uint64_t n;

    if (!take_asn(&rest, &asn) || !(take_char(&rest, ' ') || take_char(&rest, '\t')) ||
        !take_number(&rest, &n) || rest.len > 0 || n > UINT64_C(1) << 32)
        return err_at(ei, ERR_INVALID, number, 1,
                      "a line is `AS addresses`, at most 4294967296 of them");
    return build_addresses(build, asn, n);
}

int
read_lines(struct slice text, read_line *f, void *arg, uint64_t *ret_lines, struct errinfo *ei)
{
    unsigned number = 0;
    struct slice line;
    int r = 0;

    *ret_lines = 0;
    while (r == 0 && slice_line(&text, &line)) {
        number++;
        line = without_cr(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        r = f(arg, line, number, ei);
        *ret_lines += r == 0;
    }
    return r == ERR_NOMEM || r == ERR_LIMIT ? err_at(ei, r, number, 1, "%s", err_text(r)) : r;
}

int
build_read_countries(struct build *b, struct slice text, uint64_t *ret_lines,
                     struct errinfo *ei)
{
    return read_lines(text, read_country, b, ret_lines, ei);
}

int
build_read_presence(struct build *b, struct slice text, uint64_t *ret_lines, struct errinfo *ei)
{
    return read_lines(text, read_stay, b, ret_lines, ei);
}

int
build_read_addresses(struct build *b, struct slice text, uint64_t *ret_lines,
                     struct errinfo *ei)
{
    return read_lines(text, read_addresses, b, ret_lines, ei);
}
