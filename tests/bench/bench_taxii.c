/* A client of TAXII that is faster than what it measures: a socket, kept open, and bodies that
 * are made by copying.  bench_taxii PORT TOKEN COLLECTION WHAT …
 *
 *     post OBJECTS EACH CONNECTIONS [FIRST]   objects/s, of so many in a request
 *     get PATH-AND-QUERY TIMES        the median of so many, in ms, of what lies under objects/
 *     sync OBJECTS                    objects/s, by pages of 1,000, and that there are so many
 *     give FILE…                      seconds, for bodies that stand in files
 *
 * Each prints one number. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 32 << 20, HEAD = 2048, OBJECT = 1024, TIMES = 100000 };

struct client {
    int fd;
    const char *port;
    const char *token;
    const char *collection;
    char *got; /* ANSWER bytes and NUL */
    size_t size;
    char *body; /* of the last answer */
    size_t body_size;
};

static void
fail(const char *what)
{
    (void)fprintf(stderr, "bench_taxii: %s\n", what);
    exit(1);
}

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
begin(struct client *c, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1;

    *c = (struct client){
        .port = argv[1], .token = argv[2], .collection = argv[3], .got = malloc(ANSWER + 1)};
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->got == NULL || c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail("nobody is there");
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void
send_all(struct client *c, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0)
            fail("the connection is cut");
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void
more(struct client *c)
{
    ssize_t n = c->size == ANSWER ? 0 : recv(c->fd, c->got + c->size, ANSWER - c->size, 0);

    if (n <= 0)
        fail("no answer");
    c->size += (size_t)n;
    c->got[c->size] = '\0';
}

/* The status; the body stands in c until the next. */
static unsigned
ask(struct client *c, const char *path, const char *body, size_t n)
{
    char head[HEAD];
    const char *end;
    const char *length;
    int len = snprintf(head, sizeof head,
                       "%s /taxii2/exchange/collections/%s/objects/%s HTTP/1.1\r\nHost: "
                       "127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nAccept: "
                       "application/taxii+json;version=2.1\r\n",
                       body == NULL ? "GET" : "POST", c->collection, path, c->port, c->token);

    if (body != NULL)
        len += snprintf(head + len, sizeof head - (size_t)len,
                        "Content-Type: application/taxii+json;version=2.1\r\nContent-Length: "
                        "%zu\r\n",
                        n);
    len += snprintf(head + len, sizeof head - (size_t)len, "\r\n");
    send_all(c, head, (size_t)len);
    if (body != NULL)
        send_all(c, body, n);
    c->size = 0;
    c->got[0] = '\0';
    while ((end = strstr(c->got, "\r\n\r\n")) == NULL)
        more(c);
    length = strstr(c->got, "Content-Length: ");
    if (length == NULL || length > end)
        fail("an answer without its length");
    c->body = c->got + (end + 4 - c->got);
    c->body_size = strtoul(length + 16, NULL, 10);
    while (c->size < (size_t)(c->body - c->got) + c->body_size)
        more(c);
    return (unsigned)strtoul(c->got + 9, NULL, 10);
}

/* An indicator of some 950 bytes, as feeds have them. */
static size_t
put_object(char *to, uint64_t number)
{
    return (size_t)snprintf(
        to, OBJECT,
        "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%08x-%04x-4%03x-"
        "8000-%012llx\",\"created_by_ref\":\"identity--6f3a5c1e-9b2d-4c7a-8e1f-0a2b3c4d5e6f\","
        "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\","
        "\"name\":\"Address that tried passwords %llu\",\"description\":\"Seen by a sensor at "
        "the edge of the network, which counted attempts to come in by one name after another "
        "over some hours; other parties saw the same address, and their sightings name it "
        "too.\",\"indicator_types\":[\"malicious-activity\",\"anomalous-activity\"],"
        "\"pattern\":\"[ipv4-addr:value = '198.51.%llu.%llu'] OR [ipv4-addr:value = "
        "'203.0.113.%llu']\",\"pattern_type\":\"stix\",\"pattern_version\":\"2.1\","
        "\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2027-01-01T00:00:00Z\","
        "\"labels\":[\"scan\",\"brute-force\"],\"confidence\":70,\"lang\":\"en\","
        "\"object_marking_refs\":[\"marking-definition--613f2e26-407d-48c7-9eca-"
        "b8e91df99dc9\"]}",
        (unsigned)(number * 2654435761U), (unsigned)(number * 40503U & 0xffff),
        (unsigned)(number & 0xfff), (unsigned long long)number, (unsigned long long)number,
        (unsigned long long)(number >> 8 & 255), (unsigned long long)(number & 255),
        (unsigned long long)(number % 250));
}

static void
post_some(char **argv, uint64_t from, uint64_t count, uint64_t each)
{
    char *body = malloc(each * OBJECT + 32);
    struct client c;

    begin(&c, argv);
    if (body == NULL)
        fail("no memory");
    for (uint64_t done = 0; done < count; done += each) {
        static const char open[] = "{\"objects\":[";
        size_t n = sizeof open - 1;
        char want[48];

        memcpy(body, open, n);
        for (uint64_t i = 0; i < each; i++) {
            if (i > 0)
                body[n++] = ',';
            n += put_object(body + n, from + done + i);
        }
        memcpy(body + n, "]}", 2);
        (void)snprintf(want, sizeof want, "\"success_count\":%llu,", (unsigned long long)each);
        if (ask(&c, "", body, n + 2) != 202 || strstr(c.body, want) == NULL)
            fail(c.body);
    }
    free(body);
}

static void
post(char **argv)
{
    uint64_t count = strtoull(argv[5], NULL, 10);
    uint64_t each = strtoull(argv[6], NULL, 10);
    unsigned connections = (unsigned)strtoul(argv[7], NULL, 10);
    uint64_t base = argv[8] == NULL ? 0 : strtoull(argv[8], NULL, 10);
    double began = now();
    int bad = 0;

    for (unsigned i = 0; i < connections; i++) {
        if (fork() == 0) {
            post_some(argv, base + i * (count / connections), count / connections, each);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < connections; i++) {
        int status;

        (void)wait(&status);
        bad |= status;
    }
    if (bad != 0)
        fail("not all were taken");
    (void)printf("%.0f\n", (double)count / (now() - began));
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
get(char **argv)
{
    static double took[TIMES];
    size_t times = strtoul(argv[6], NULL, 10);
    struct client c;

    begin(&c, argv);
    for (size_t i = 0; i < times && i < TIMES; i++) {
        double began = now();

        if (ask(&c, argv[5], NULL, 0) != 200)
            fail(c.body);
        took[i] = 1000 * (now() - began);
    }
    qsort(took, times, sizeof *took, compare);
    (void)printf("%.3f\n", took[times / 2]);
}

static uint64_t
count_ids(const struct client *c)
{
    uint64_t n = 0;

    for (const char *at = c->body; (at = strstr(at, "\"id\":\"")) != NULL; at++)
        n++;
    return n;
}

/* The pages are counted behind the clock: one of them, and how many there were. */
static void
sync_all(char **argv)
{
    uint64_t want = strtoull(argv[5], NULL, 10);
    uint64_t whole = 0;
    uint64_t count = 0;
    char path[256] = "?limit=1000";
    struct client c;
    double began = now();

    begin(&c, argv);
    for (;;) {
        const char *next;

        if (ask(&c, path, NULL, 0) != 200)
            fail(c.body);
        whole++;
        next = c.body_size < 80 ? NULL : strstr(c.body + c.body_size - 80, "\"next\":\"");
        if (next == NULL)
            break;
        (void)snprintf(path, sizeof path, "?limit=1000&next=%.*s", (int)strcspn(next + 8, "\""),
                       next + 8);
    }
    began = now() - began;
    count = (whole - 1) * 1000 + count_ids(&c);
    if (count != want)
        fail("there are more, or less");
    (void)printf("%.0f\n", (double)count / began);
}

static void
give(char **argv)
{
    char *body = malloc(ANSWER);
    struct client c;
    double took = 0;

    begin(&c, argv);
    for (char **path = argv + 5; *path != NULL; path++) {
        FILE *f = fopen(*path, "rb");
        size_t n = f == NULL || body == NULL ? 0 : fread(body, 1, ANSWER, f);
        double began = now();

        if (f != NULL)
            (void)fclose(f);
        if (ask(&c, "", body, n) != 202 || strstr(c.body, "\"failure_count\":0,") == NULL)
            fail(c.body);
        took += now() - began;
    }
    free(body);
    (void)printf("%.3f\n", took);
}

int
main(int argc, char **argv)
{
    const char *what = argc < 6 ? "" : argv[4];

    if (strcmp(what, "post") == 0 && argc >= 8)
        post(argv);
    else if (strcmp(what, "get") == 0 && argc == 7)
        get(argv);
    else if (strcmp(what, "sync") == 0)
        sync_all(argv);
    else if (strcmp(what, "give") == 0)
        give(argv);
    else
        fail("see its source");
    return 0;
}
