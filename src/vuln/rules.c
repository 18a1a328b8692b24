#include "vuln/rules.h"

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 &&
           (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' || s.ptr[s.len - 1] == '\r'))
        s.len--;
    return s;
}

static bool
number(struct slice s, uint32_t *ret)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(s.ptr[i] - '0');
        if (n > UINT32_MAX)
            return false;
    }
    *ret = (uint32_t)n;
    return s.len > 0;
}

/* ---- Suricata's rules ----------------------------------------------------------------------
 */

/* Up to a semicolon that is neither in quotes nor escaped, which is taken off too. */
static struct slice
take_option(struct slice *rest)
{
    struct slice all = *rest;
    bool quoted = false;
    size_t i = 0;

    for (; i < all.len; i++) {
        if (all.ptr[i] == '\\')
            i++;
        else if (all.ptr[i] == '"')
            quoted = !quoted;
        else if (all.ptr[i] == ';' && !quoted)
            break;
    }
    *rest = slice_sub(all, i + 1, all.len);
    all = trim(slice_sub(all, 0, i));
    while (all.len > 0 && (all.ptr[0] == '\\' || all.ptr[0] == '\n' || all.ptr[0] == '\r'))
        all = trim(slice_sub(all, 1, all.len)); /* the line went on here */
    return trim(all);
}

/* `created_at 2021_12_17, cve CVE_2021_44228` */
static void
scan_metadata(struct slice value, struct cve_set *to)
{
    while (value.len > 0) {
        struct slice item = trim(slice_part(&value, ','));
        struct slice key = slice_part(&item, ' ');

        if (slice_is(key, "cve"))
            cve_scan_metadata(trim(item), to);
    }
}

static bool
read_rule(struct slice line, struct rules_rule *ret)
{
    struct slice rest = line;

    (void)slice_part(&rest, '('); /* action, protocol, addresses */
    ret->gid = 1;
    ret->sid = 0;
    while (rest.len > 0) {
        struct slice value = take_option(&rest);
        struct slice key = slice_part(&value, ':');

        value = trim(value);
        if (slice_is(key, "sid") && !number(value, &ret->sid))
            return false;
        if (slice_is(key, "gid") && !number(value, &ret->gid))
            return false;
        if (slice_is(key, "reference"))
            cve_scan_reference(value, &ret->cves);
        else if (slice_is(key, "metadata"))
            scan_metadata(value, &ret->cves);
        else if (slice_is(key, "msg"))
            cve_scan_text(value, &ret->cves);
    }
    return ret->sid != 0;
}

/* ---- sid-msg.map ---------------------------------------------------------------------------
 */

static struct slice
take_field(struct slice *rest)
{
    for (size_t i = 0; i + 1 < rest->len; i++) {
        if (rest->ptr[i] == '|' && rest->ptr[i + 1] == '|') {
            struct slice field = trim(slice_sub(*rest, 0, i));

            *rest = slice_sub(*rest, i + 2, rest->len);
            return field;
        }
    }
    return trim(slice_part(rest, '\n'));
}

static bool
read_map(struct slice line, struct rules_rule *ret)
{
    struct slice rest = line;
    struct slice second;
    uint32_t first = 0;

    if (!number(take_field(&rest), &first))
        return false;
    second = take_field(&rest);
    ret->gid = 1;
    ret->sid = first;
    if (number(second, &ret->sid)) { /* the second version */
        ret->gid = first;
        for (unsigned i = 0; i < 3; i++) /* rev, classification, priority */
            (void)take_field(&rest);
    } else {
        ret->sid = first;
        cve_scan_text(second, &ret->cves);
    }
    while (rest.len > 0) {
        struct slice field = take_field(&rest);

        cve_scan_reference(field, &ret->cves);
    }
    return ret->sid != 0;
}

/* ---- files ---------------------------------------------------------------------------------
 */

static int
read_line(struct slice line, rules_take *take, void *arg, struct rules_counts *counts)
{
    struct rules_rule r = {.gid = 1};
    bool map;

    line = trim(line);
    if (line.len == 0 || line.ptr[0] == '#')
        return 0;
    map = line.ptr[0] >= '0' && line.ptr[0] <= '9';
    if (!(map ? read_map(line, &r) : read_rule(line, &r))) {
        counts->odd++;
        return 0;
    }
    if (++counts->rules > RULES_MOST)
        return ERR_LIMIT;
    if (r.cves.count == 0)
        return 0;
    for (unsigned i = 0; i < r.cves.count; i++)
        r.cves.at[i].sources = CVE_RULES;
    counts->with++;
    return take(arg, &r);
}

/* A line that ends in `\` goes on; the break stands in the rule as blanks do. */
static bool
take_rule(struct slice *rest, struct slice *ret)
{
    struct slice line;

    if (!slice_line(rest, ret))
        return false;
    line = *ret;
    while (trim(line).len > 0 && trim(line).ptr[trim(line).len - 1] == '\\' &&
           slice_line(rest, &line))
        ret->len = (size_t)(line.ptr + line.len - ret->ptr);
    return true;
}

int
rules_read(struct slice text, rules_take *take, void *arg, struct rules_counts *counts,
           struct errinfo *ei)
{
    struct slice line;
    int r = 0;

    *counts = (struct rules_counts){.rules = 0};
    while (r == 0 && take_rule(&text, &line)) {
        if (line.len > RULES_LINE)
            counts->odd++;
        else
            r = read_line(line, take, arg, counts);
    }
    if (r == ERR_LIMIT)
        return err_set(ei, r, "has more than %d rules", RULES_MOST);
    return r == 0 && counts->rules == 0 ? err_set(ei, ERR_INVALID, "has no rule with a sid")
                                        : r;
}
