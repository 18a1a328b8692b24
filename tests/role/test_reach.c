/* Where a counterpart may stand, and where the configuration must say so. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "role/reach.h"

static const char *
look(const char *text, bool inside)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return reach_refuses((struct sockaddr *)&v4, sizeof v4, inside);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return reach_refuses((struct sockaddr *)&v6, sizeof v6, inside);
}

static void
where_everybody_may_stand(void **state)
{
    static const char *const fine[] = {"8.8.8.8",        "1.1.1.1",         "100.63.255.255",
                                       "100.128.0.0",    "172.15.255.255",  "172.32.0.0",
                                       "11.0.0.0",       "192.167.255.255", "169.253.255.255",
                                       "::ffff:8.8.8.8", "2a00:1450::1",    "64:ff9b::8.8.8.8",
                                       "2002:808:808::1"};

    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        assert_null(look(fine[i], false));
        assert_null(look(fine[i], true));
    }
}

static void
where_only_the_configuration_lets_it(void **state)
{
    static const struct {
        const char *address;
        const char *what;
    } rows[] = {{"127.0.0.1", "a loopback address"},
                {"127.255.255.255", "a loopback address"},
                {"::1", "a loopback address"},
                {"::ffff:127.0.0.1", "a loopback address"},
                {"64:ff9b::7f00:1", "a loopback address"},
                {"2002:7f00:1::", "a loopback address"},
                {"10.0.0.1", "a private address"},
                {"172.16.0.1", "a private address"},
                {"172.31.255.255", "a private address"},
                {"192.168.1.1", "a private address"},
                {"::ffff:192.168.1.1", "a private address"},
                {"64:ff9b::10.0.0.1", "a private address"},
                {"2002:a00:1::1", "a private address"},
                {"fd00::1", "a private address"},
                {"fc00::1", "a private address"},
                {"100.64.0.1", "an address behind a carrier's translation"},
                {"100.127.255.255", "an address behind a carrier's translation"},
                {"169.254.169.254", "a link-local address"},
                {"::ffff:169.254.169.254", "a link-local address"},
                {"fe80::1", "a link-local address"},
                {"febf::1", "a link-local address"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(look(rows[i].address, false), rows[i].what);
        assert_null(look(rows[i].address, true));
    }
}

static void
where_nobody_stands(void **state)
{
    static const char *const never[] = {
        "0.0.0.0",         "0.1.2.3",   "::",      "::ffff:0.0.0.0", "224.0.0.1", "239.1.1.1",
        "255.255.255.255", "240.0.0.1", "ff02::1", "::127.0.0.1",    "100::1",    "64:ff9b::",
        "::ffff:224.0.0.1"};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in cut = {.sin_family = AF_INET, .sin_addr.s_addr = 0x08080808};

    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_non_null(look(never[i], false));
        assert_non_null(look(never[i], true));
    }
    assert_non_null(reach_refuses((struct sockaddr *)&local, sizeof local, true));
    assert_non_null(reach_refuses((struct sockaddr *)&cut, 4, true));
    assert_null(reach_refuses((struct sockaddr *)&cut, sizeof cut, true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_everybody_may_stand),
                                       cmocka_unit_test(where_only_the_configuration_lets_it),
                                       cmocka_unit_test(where_nobody_stands)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
