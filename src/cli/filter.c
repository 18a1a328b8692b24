#include "cli/filter.h"

static int
refuse(const char *option, const char *text, const char *wants)
{
    (void)cli_fail(ERR_USAGE, "--%s takes %s, not `%s`", option, wants, text);
    return ERR_USAGE;
}

static int
take_asn(const struct cli *cli, struct query *q)
{
    const char *text = cli_option(cli, "asn");
    uint64_t n = 0;
    size_t i = 0;

    if (text == NULL)
        return 0;
    if ((text[0] == 'A' || text[0] == 'a') && (text[1] == 'S' || text[1] == 's'))
        i = 2;
    if (text[i] == '\0')
        return refuse("asn", text, "a network's number");
    for (; text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9')
            return refuse("asn", text, "a network's number");
        n = n * 10 + (uint64_t)(text[i] - '0');
        if (n > UINT32_MAX)
            return refuse("asn", text, "a network's number");
    }
    q->by_asn = true;
    q->asn = (uint32_t)n;
    return 0;
}

int
cli_query(const struct cli *cli, struct query *ret)
{
    const char *class_name = cli_option(cli, "class");
    const char *country = cli_option(cli, "country");
    const char *address = cli_option(cli, "address");
    int r;

    query_init(ret);
    r = cli_time(cli, "since", ret->since, &ret->since);
    if (r == 0)
        r = cli_time(cli, "until", ret->until, &ret->until);
    if (r == 0 && ret->until.us < ret->since.us)
        return cli_fail(ERR_USAGE, "--until is before --since"), ERR_USAGE;
    if (r == 0)
        r = take_asn(cli, ret);
    if (r < 0)
        return r;
    if (class_name != NULL) {
        ret->class_ = event_class_find(slice_of(class_name));
        ret->chip = ret->class_ >= 0 ? -1 : event_chip_find(slice_of(class_name));
        if (ret->class_ < 0 && ret->chip < 0)
            return refuse("class", class_name,
                          "an RSIT class such as information-gathering:scanner");
    }
    if (country != NULL) {
        ret->by_country = true;
        ret->country = country_parse(slice_of(country));
        if (ret->country == COUNTRY_UNKNOWN && strcmp(country, "-") != 0 && country[0] != '\0')
            return refuse("country", country, "two upper-case letters, or - for unknown");
    }
    if (address != NULL) {
        ret->by_address = true;
        if (addr_parse(slice_of(address), &ret->address) < 0)
            return refuse("address", address, "an IPv4 or IPv6 address");
    }
    return 0;
}

int
cli_query_owners(const struct cli *cli, struct view *v, struct query *q)
{
    const char *party = cli_option(cli, "party");
    struct errinfo ei = {0};
    unsigned n;
    int r = view_owners(v, &ei);

    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    q->owner = owners_find;
    q->owner_arg = &v->owners;
    if (party == NULL)
        return 0;
    n = owners_named(&v->owners, slice_of(party));
    if (n == OWNERS)
        return refuse("party", party, "a party of a pact of this node, or - for nobody's");
    q->owners = UINT64_C(1) << n;
    return 0;
}
