/* What was taken back and who removed it, against each retraction compared with each receipt:
 * random collections of two pacts, receipts that say nothing, say it twice, or are of others.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "role/removals.h"
#include "taxii/retract.h"

enum { MOST = 4096, BOXES = 8, PARTIES = 4, SELF = 0, WITHIN_S = 5000, NAME = 96 };

static const char *const party_names[PARTIES] = {"aland", "bland", "cland", "dland"};

/* Which parties each of two pacts has, this one first. */
static const unsigned members[2][3] = {{SELF, 1, 2}, {SELF, 2, 3}};
static const unsigned member_count[2] = {3, 2};

struct box {
    int64_t number;
    int pact;  /* -1 none */
    int party; /* -1 own */
};

/* A retraction, or a receipt of one. */
struct said {
    int box;
    char id[NAME];
    char of[NAME]; /* "" a retraction */
    struct utime at;
    uint32_t objects;
    bool spoilt;
};

struct scene {
    char dir[64];
    struct store *store;
    uint64_t seed;
    struct box box[BOXES];
    struct said said[MOST];
    unsigned count;
    struct pact pact[2];
    struct book_pact book_pact[2];
    struct book book;
    struct utime now;
};

static unsigned
draw(struct scene *s, unsigned below)
{
    return (unsigned)(next_random(&s->seed) % below);
}

static void
make_book(struct scene *s)
{
    static const char *const names[2] = {"first", "second"};

    for (unsigned i = 0; i < 2; i++) {
        struct book_pact *p = &s->book_pact[i];

        s->pact[i].name = names[i];
        s->pact[i].parties = member_count[i];
        p->pact = &s->pact[i];
        p->self = 0;
        for (unsigned k = 0; k < member_count[i]; k++)
            p->party[k].id = slice_of(party_names[members[i][k]]);
    }
    s->book = (struct book){.pact = s->book_pact, .pacts = 2};
}

/* Own ones of each pact and of none, two of each other party. */
static void
make_boxes(struct scene *s)
{
    static const struct box kinds[BOXES] = {{0, 0, -1}, {0, 1, -1}, {0, -1, -1}, {0, 0, -1},
                                            {0, -1, 1}, {0, -1, 2}, {0, 0, 2},   {0, -1, 3}};

    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < BOXES; i++) {
        const struct box *b = &kinds[i];
        char id[64];
        char name[16];
        struct store_collection c = {.title = SLICE("T")};

        (void)snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i);
        (void)snprintf(name, sizeof name, "box-%d", i);
        c.id = slice_of(id);
        c.name = slice_of(name);
        c.pact = slice_of(b->pact < 0 ? "" : s->pact[b->pact].name);
        c.party = slice_of(b->party < 0 ? "" : party_names[b->party]);
        s->box[i] = *b;
        assert_int_equal(store_add_collection(s->store, &c, &s->box[i].number), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
}

static void
put(struct scene *s, const struct said *x, struct utime place)
{
    struct slice ids[8];
    const struct retraction r = {.id = slice_of(x->id),
                                 .at = x->at,
                                 .tlp = TLP_GREEN,
                                 .ids = ids,
                                 .count = x->objects,
                                 .of = slice_of(x->of)};
    AUTO_BUF(body, 1 << 16);
    struct store_object o = {.collection = s->box[x->box].number,
                             .added = place,
                             .id = r.id,
                             .type =
                                 slice_of(x->of[0] == '\0' ? RETRACTION_TYPE : REMOVAL_TYPE),
                             .spec = SLICE("2.1"),
                             .version = SLICE("v"),
                             .version_at = place};
    struct store_versions v;

    for (unsigned i = 0; i < x->objects; i++)
        ids[i] = SLICE("indicator--1");
    assert_int_equal(retraction_write(&body, &r), 0);
    o.body = x->spoilt ? SLICE("{\"object_refs\":7}") : buf_get(&body);
    o.hash = sha256_of(o.body.ptr, o.body.len);
    assert_int_equal(store_find_versions(s->store, &o, &v), 0);
    assert_int_equal(store_put_object(s->store, &o, &v), 0);
}

static void
fill(struct scene *s, unsigned retractions, unsigned receipts)
{
    assert_int_equal(store_begin(s->store), 0);
    for (unsigned i = 0; i < retractions + receipts; i++) {
        struct said *x = &s->said[s->count++];
        unsigned of = draw(s, retractions + retractions / 4 + 1);

        *x = (struct said){.box = (int)draw(s, BOXES),
                           .at = {1000000 * (int64_t)(1 + draw(s, 9000))},
                           .objects = 1 + draw(s, 4),
                           .spoilt = draw(s, 20) == 0};
        (void)snprintf(x->id, sizeof x->id, "%s--%u",
                       i < retractions ? RETRACTION_TYPE : REMOVAL_TYPE, i);
        if (i >= retractions) /* of one that is there, or of none */
            (void)snprintf(x->of, sizeof x->of, RETRACTION_TYPE "--%u", of);
        put(s, x, (struct utime){(int64_t)(1000 + i)});
    }
    assert_int_equal(store_end_objects(s->store), 0);
    assert_int_equal(store_commit(s->store), 0);
}

static void
begin(struct scene *s, uint64_t seed)
{
    struct errinfo ei;

    *s = (struct scene){.seed = seed, .now = {6000 * TIME_US_PER_S}};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(store_open(s->dir, STORE_CREATE, &s->store, &ei), 0);
    make_book(s);
    make_boxes(s);
}

static void
end(struct scene *s)
{
    char command[160];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", s->dir);
    assert_int_equal(system(command), 0);
}

/* ---- the naive way ----------------------------------------------------------------------- */

static struct utime
removed_by(const struct scene *s, unsigned party, const struct said *of)
{
    struct utime found = {0};

    for (unsigned i = 0; i < s->count; i++) {
        const struct said *x = &s->said[i];

        if (!x->spoilt && s->box[x->box].party == (int)party && strcmp(x->of, of->id) == 0 &&
            (found.us == 0 || x->at.us < found.us))
            found = x->at;
    }
    return found;
}

struct told {
    struct scene *s;
    unsigned rows;
    unsigned removed;
    unsigned overdue;
};

static const struct said *
find(const struct scene *s, struct slice id)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (slice_is(id, s->said[i].id))
            return &s->said[i];
    }
    return NULL;
}

static int
compare(void *arg, const struct removal_row *row)
{
    struct told *t = arg;
    const struct said *x = find(t->s, row->retraction);
    unsigned party = 0;
    struct utime removed;

    assert_non_null(x);
    while (!slice_is(row->party, party_names[party]))
        party++;
    removed = removed_by(t->s, party, x);
    assert_int_equal(row->removed.us, removed.us);
    assert_int_equal(row->retracted.us, x->at.us);
    assert_int_equal(row->objects, x->objects);
    assert_int_equal(row->due.us, x->at.us + WITHIN_S * TIME_US_PER_S);
    assert_int_equal(row->overdue, removed.us == 0 && t->s->now.us > row->due.us);
    t->rows++;
    t->removed += removed.us != 0;
    t->overdue += row->overdue;
    return 0;
}

static unsigned
expected_rows(const struct scene *s)
{
    unsigned rows = 0;

    for (unsigned i = 0; i < s->count; i++) {
        const struct box *b = &s->box[s->said[i].box];

        if (s->said[i].of[0] == '\0' && !s->said[i].spoilt && b->party < 0 && b->pact >= 0)
            rows += member_count[b->pact] - 1;
    }
    return rows;
}

static struct removal_ask
ask_of(const struct scene *s)
{
    return (struct removal_ask){.store = s->store,
                                .book = &s->book,
                                .now = s->now,
                                .within = {WITHIN_S * TIME_US_PER_S}};
}

static void
as_the_naive_way(void **state)
{
    struct scene *s = malloc(sizeof *s);
    struct told all = {.rows = 0};

    (void)state;
    assert_non_null(s);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct told t = {.s = s};
        struct removal_ask ask;

        begin(s, seed);
        fill(s, (unsigned)seed * 8, (unsigned)seed * 40);
        ask = ask_of(s);
        assert_int_equal(removals_each(&ask, compare, &t), 0);
        assert_int_equal(t.rows, expected_rows(s));
        all.rows += t.rows;
        all.removed += t.removed;
        all.overdue += t.overdue;
        end(s);
    }
    free(s);
    print_message("%u rows, %u removed, %u overdue\n", all.rows, all.removed, all.overdue);
    assert_true(all.removed > 50 && all.overdue > 10 && all.rows > all.removed + all.overdue);
}

static int
count(void *arg, const struct removal_row *row)
{
    unsigned *n = arg;

    (void)row;
    return ++*n == UINT32_MAX;
}

static int
stop(void *arg, const struct removal_row *row)
{
    (void)arg;
    (void)row;
    return 7;
}

static double
seconds(const struct scene *s, unsigned *ret_rows)
{
    const struct removal_ask ask = ask_of(s);
    struct timespec a;
    struct timespec b;

    *ret_rows = 0;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    assert_int_equal(removals_each(&ask, count, ret_rows), 0);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Eight times as many of both take about eight times as long, not 64. */
static void
in_proportion(void **state)
{
    struct scene *s = malloc(sizeof *s);
    struct removal_ask ask;
    unsigned few;
    unsigned many;
    double a;
    double b;

    (void)state;
    assert_non_null(s);
    begin(s, 99);
    fill(s, 200, 240);
    a = seconds(s, &few);
    end(s);
    begin(s, 99);
    fill(s, 1600, 1920);
    b = seconds(s, &many);
    ask = ask_of(s);
    assert_int_equal(removals_each(&ask, stop, NULL), 7);
    ask.book = NULL;
    assert_int_equal(removals_each(&ask, stop, NULL), 0);
    end(s);
    free(s);
    print_message("%u rows in %.1f ms, %u in %.1f ms\n", few, a * 1e3, many, b * 1e3);
    assert_true(many > few * 6);
    assert_true(b < a * 32 + 0.05);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_naive_way),
                                       cmocka_unit_test(in_proportion)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
