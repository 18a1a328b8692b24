/* A sensor that dies of what it reads: the line that killed it is kept aside and named, every
 * other line is taken, once. */
#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/serve.h"
#include "role/view.h"

enum { LINES = 3000, POISON_A = 700, POISON_B = 2100 };

static char dir[64];
static char file[96];

static int
decode(struct decoder *d, struct slice bytes, bool last, struct frame *frame, size_t *ret_used,
       struct decode_stats *stats)
{
    if (memmem(bytes.ptr, bytes.len, "POISON", 6) != NULL)
        __builtin_trap(); /* as a fault in the decoder would */
    return eve_decode(d, bytes, last, frame, ret_used, stats);
}

static void
write_input(void)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    for (int i = 0; i < LINES; i++)
        assert_true(fprintf(f,
                            "{\"timestamp\":\"2026-03-01T00:%02d:%02d.%06dZ\",\"event_type\":"
                            "\"alert\",\"src_ip\":\"198.51.100.%d\",\"dest_ip\":\"192.0.2.1\","
                            "\"src_port\":%d,\"dest_port\":80,\"proto\":\"TCP\",\"alert\":{"
                            "\"gid\":1,\"signature_id\":%d,\"rev\":1,\"severity\":2,"
                            "\"signature\":\"%s\",\"category\":\"x\"}}\n",
                            i / 60 % 60, i % 60, i, i % 250, 1024 + i, 1 + i % 7,
                            i == POISON_A || i == POISON_B ? "POISON" : "a rule") > 0);
    assert_int_equal(fclose(f), 0);
}

static void
run_node(void)
{
    static const char yaml[] = "listen:\n  - address: 127.0.0.1:0\n    what: page\n";
    const char *follow = file;
    struct serve_options o = {.follow = &follow, .follow_count = 1, .decode = decode};
    struct rlimit none = {0, 0};
    struct errinfo ei;
    char path[128];
    FILE *f;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)snprintf(path, sizeof path, "%s/detente.yaml", dir);
    f = fopen(path, "w");
    if (f == NULL || fputs(yaml, f) < 0 || fclose(f) != 0)
        _exit(98);
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(97);
    _exit(serve(dir, &o, &ei) < 0 ? 99 : 0);
}

/* What an earlier run left in DIR/quarantine: one file that is past its time, others not. */
static void
leave(unsigned count)
{
    char command[512];

    (void)snprintf(
        command, sizeof command,
        "mkdir -p '%s/quarantine'; cd '%s/quarantine'; for i in $(seq 2 %u); do echo "
        "POISON > before-$i; touch -d '29 days ago' before-$i; done; echo POISON > "
        "old; touch -d '31 days ago' old",
        dir, dir, count);
    assert_int_equal(system(command), 0);
}

static bool
is_kept(const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/quarantine/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* Files in DIR/quarantine, each of which must hold one line with the poison. */
static unsigned
count_quarantined(void)
{
    char path[4096];
    struct dirent *e;
    unsigned n = 0;
    DIR *d;

    (void)snprintf(path, sizeof path, "%s/quarantine", dir);
    d = opendir(path);
    if (d == NULL)
        return 0;
    while ((e = readdir(d)) != NULL) {
        char text[4096];
        size_t len;
        FILE *f;

        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/quarantine/%s", dir, e->d_name);
        f = fopen(path, "r");
        assert_non_null(f);
        len = fread(text, 1, sizeof text, f);
        (void)fclose(f);
        assert_non_null(memmem(text, len, "POISON", 6));
        assert_ptr_equal(memchr(text, '\n', len), text + len - 1);
        n++;
    }
    (void)closedir(d);
    return n;
}

static uint64_t
counter(const char *name)
{
    struct errinfo ei;
    uint64_t n = 0;
    struct view v;

    assert_int_equal(view_open(dir, &v, &ei), 0);
    assert_int_equal(store_get_counter(v.node.store, name, &n), 0);
    view_close(&v);
    return n;
}

static void
one_line_is_lost_of(unsigned before, unsigned after)
{
    char command[160];
    struct errinfo ei;
    int status;
    pid_t pid;

    (void)snprintf(dir, sizeof dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(file, sizeof file, "%s/eve.json", dir);
    assert_int_equal(node_init(dir, &(struct node_init){0}, &ei), 0);
    write_input();
    leave(before);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        run_node();
    for (int i = 0; i < 200 && counter("attacks") + counter("quarantined") < LINES; i++)
        (void)usleep(100000);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(counter("attacks"), LINES - 2);
    assert_int_equal(counter("lines"), LINES - 2);
    assert_int_equal(counter("quarantined"), 2);
    assert_false(is_kept("old"));
    assert_int_equal(count_quarantined(), after);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void
one_line_is_lost(void **state)
{
    (void)state;
    one_line_is_lost_of(1, 2);
}

/* 64 files are kept and no more: one went by age, one more came; the rest is passed over alike.
 */
static void
quarantine_has_a_bound(void **state)
{
    (void)state;
    one_line_is_lost_of(64, 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_line_is_lost),
                                       cmocka_unit_test(quarantine_has_a_bound)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
