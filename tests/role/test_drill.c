/* The outside shut, by both ways, and what a call was meant for. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/drill.h"

static void
addresses(void **state)
{
    static const struct {
        const char *url;
        const char *host; /* NULL: none on a network */
        unsigned port;
    } all[] = {{"https://bland.example/log", "bland.example", 443},
               {"https://192.0.2.7:8443/", "192.0.2.7", 8443},
               {"https://[2001:db8::7]:9/", "2001:db8::7", 9},
               {"http://127.0.0.1/", "127.0.0.1", 80},
               {"smtp://mail.example", "mail.example", 25},
               {"smtps://mail.example", "mail.example", 465},
               {"smtp://mail.example:587", "mail.example", 587},
               {"syslog+udp://192.0.2.9", "192.0.2.9", 514},
               {"syslog+tls://log.example", "log.example", 6514},
               {"syslog+tcp://log.example:99", "log.example", 99},
               {"syslog+unix:///run/systemd/journal/syslog", NULL, 0},
               {"", NULL, 0},
               {"no address", NULL, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char host[256];
        unsigned port = 0;
        bool good = drill_split(all[i].url, host, &port);

        assert_int_equal(good, all[i].host != NULL);
        if (all[i].host == NULL)
            continue;
        assert_string_equal(host, all[i].host);
        assert_int_equal(port, all[i].port);
    }
}

static void
meant(void **state)
{
    static struct drill d;
    struct blockade_call c = {.role = "peer", .to = "[2001:db8::7]:443"};

    (void)state;
    d.place_count = 3;
    d.place[0] = (struct drill_place){.role = "peer", .host = "2001:db8::7", .port = 443};
    d.place[1] = (struct drill_place){
        .role = "peer", .host = "bland.example", .port = 443, .named = true};
    d.place[2] = (struct drill_place){.role = "courier", .host = "localhost", .port = 25};
    assert_ptr_equal(drill_place_of(&d, &c), &d.place[0]);
    (void)snprintf(c.role, sizeof c.role, "courier"); /* who would not call there */
    assert_null(drill_place_of(&d, &c));
    (void)snprintf(c.to, sizeof c.to, "127.0.0.1:25");
    assert_ptr_equal(drill_place_of(&d, &c), &d.place[2]);
    c.lookup = true;
    (void)snprintf(c.role, sizeof c.role, "peer");
    assert_ptr_equal(drill_place_of(&d, &c), &d.place[1]);
    d.place[0].named = true; /* it may have been for either */
    assert_null(drill_place_of(&d, &c));
}

/* The list has an end, and what finds no room is counted. */
static void
bounded(void **state)
{
    static struct blockade b;
    char to[BLOCKADE_TO];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < BLOCKADE_CALLS + 5; i++) {
            (void)snprintf(to, sizeof to, "192.0.2.1:%d", i);
            (void)blockade_note(&b, "peer", to, (struct utime){i + 1});
        }
    }
    assert_int_equal(b.calls, BLOCKADE_CALLS);
    assert_int_equal(b.call[3].count, 2);
    assert_int_equal(b.unlisted, 10);
}

/* ---- shut -------------------------------------------------------------------------------- */

static int
try_to_call(int family, const char *address, unsigned port, bool with_data)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool four = family == AF_INET;
    struct sockaddr *to = four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t len = four ? sizeof v4 : sizeof v6;
    int fd = socket(family, with_data ? SOCK_DGRAM : SOCK_STREAM, 0);
    long r;

    if (fd < 0)
        return errno;
    (void)inet_pton(family, address, four ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr);
    r = with_data ? sendto(fd, "x", 1, 0, to, len) : connect(fd, to, len);
    r = r < 0 ? errno : 0;
    (void)close(fd);
    return (int)r;
}

static int
try_file(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int r;

    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    r = connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
    (void)close(fd);
    return r;
}

/* 0: all was as it should be; else which was not. */
static int
inside(int link, bool namespace, const char *path)
{
    struct errinfo ei = {0};
    enum blockade_way way;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    char byte;
    struct iovec iov = {&byte, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    int watch;

    if (c == NULL || blockade_enter(namespace, &way, &watch, &ei) < 0)
        return 1;
    byte = (char)way;
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof watch);
    memcpy(CMSG_DATA(c), &watch, sizeof watch);
    if (sendmsg(link, &msg, 0) != 1)
        return 2;
    (void)close(watch);
    if (try_to_call(AF_INET, "192.0.2.1", 443, false) != ENETUNREACH ||
        try_to_call(AF_INET, "192.0.2.1", 443, false) != ENETUNREACH)
        return 3;
    if (try_to_call(AF_INET, "127.0.0.1", 53, true) != ENETUNREACH)
        return 4;
    if (try_to_call(AF_INET6, "2001:db8::1", 25, true) != ENETUNREACH)
        return 5;
    if (try_file(path) != 0)
        return 6;
    if (try_file("/run/nscd/socket") != ECONNREFUSED)
        return 7;
    /* where another watches already: a namespace alone, or not at all */
    if (blockade_enter(false, &way, &watch, &ei) != ERR_IO)
        return 8;
    if (namespace && byte == BLOCKADE_NAMESPACE &&
        (blockade_enter(true, &way, &watch, &ei) != 0 || watch != -1 ||
         way != BLOCKADE_NAMESPACE))
        return 9;
    return 0;
}

static enum blockade_way
hold(bool namespace)
{
    char path[] = "/tmp/detente-drill.XXXXXX";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char control[CMSG_SPACE(sizeof(int))];
    static struct blockade b;
    char way = 0;
    struct iovec iov = {&way, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof control};
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    int ends[2];
    int status = -1;
    struct cmsghdr *c;
    pid_t pid;

    assert_non_null(mkdtemp(path));
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/s", path);
    assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server, 4), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    pid = fork();
    if (pid == 0)
        _exit(inside(ends[1], namespace, at.sun_path));
    (void)close(ends[1]);
    b = (struct blockade){.watch = -1};
    if (recvmsg(ends[0], &msg, 0) == 1 && (c = CMSG_FIRSTHDR(&msg)) != NULL)
        memcpy(&b.watch, CMSG_DATA(c), sizeof b.watch);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (b.watch >= 0)
            (void)blockade_answer(&b, (struct utime){1}, 20);
    }
    (void)unlink(at.sun_path);
    (void)rmdir(path);
    (void)close(server);
    (void)close(ends[0]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    (void)close(b.watch);
    assert_int_equal(b.calls, 3);
    assert_string_equal(b.call[0].to, "192.0.2.1:443");
    assert_int_equal(b.call[0].count, 2);
    assert_int_equal(b.call[0].error, ENETUNREACH);
    assert_string_equal(b.call[0].role, "parent");
    assert_false(b.call[0].lookup);
    assert_string_equal(b.call[1].to, "127.0.0.1:53");
    assert_true(b.call[1].lookup);
    assert_string_equal(b.call[2].to, "[2001:db8::1]:25");
    return (enum blockade_way)way;
}

static void
by_filter(void **state)
{
    (void)state;
    assert_int_equal(hold(false), BLOCKADE_FILTER);
}

/* Or the same by the filter, where there is none. */
static void
by_namespace(void **state)
{
    enum blockade_way way = hold(true);

    (void)state;
    print_message("way: %s\n", way == BLOCKADE_NAMESPACE ? "namespace" : "filter");
    assert_true(way == BLOCKADE_NAMESPACE || way == BLOCKADE_FILTER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(meant),
                                       cmocka_unit_test(bounded), cmocka_unit_test(by_filter),
                                       cmocka_unit_test(by_namespace)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
