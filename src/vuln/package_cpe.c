/* CPE names, one a line, with the asset before. */
#include "vuln/package_priv.h"

static int
read_line(struct package_reader *r, struct slice line, unsigned number)
{
    struct package p = {
        .scheme = VERSION_SEMVER, .line = number, .ecosystem = SLICE(PACKAGE_NO_ECOSYSTEM)};
    struct slice rest = line;
    struct slice first = slice_part(&rest, '\t');
    bool alone = first.len == line.len;

    p.asset = alone ? SLICE("") : package_trim(first);
    p.cpe = package_trim(alone ? first : rest);
    if (!alone && !package_shown(p.asset, PACKAGE_TEXT))
        return err_at(r->ei, ERR_INVALID, number, 1,
                      "an asset's name has 1 to 255 bytes and no control characters");
    if (!slice_is(slice_sub(p.cpe, 0, 8), "cpe:2.3:") &&
        !slice_is(slice_sub(p.cpe, 0, 5), "cpe:/"))
        return err_at(r->ei, ERR_INVALID, number, (unsigned)(p.cpe.ptr - line.ptr) + 1,
                      "a CPE begins with `cpe:2.3:` or `cpe:/`");
    if (!package_shown(p.cpe, PACKAGE_REFERENCE))
        return err_at(r->ei, ERR_INVALID, number, (unsigned)(p.cpe.ptr - line.ptr) + 1,
                      "a CPE has at most 2047 bytes and no control characters");
    return package_give(r, &p);
}

int
package_read_cpe(struct slice text, package_take *take, void *arg,
                 struct package_counts *counts, struct errinfo *ei)
{
    struct package_reader r = {take, arg, counts, ei};
    struct slice line;
    unsigned number = 0;
    int e = 0;

    *counts = (struct package_counts){0};
    while (e == 0 && slice_line(&text, &line)) {
        number++;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (line.len > 0 && line.ptr[0] != '#' && package_trim(line).len > 0)
            e = read_line(&r, line, number);
    }
    return e;
}
