/* Records on their way from a reader to the database. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "role/feeds_priv.h"
#include "role/pool.h"

enum { LOADS = 3, LOAD_BYTES = 1 << 20 };

struct row {
    struct row *next;
    struct vulndb_record r;
};

struct load {
    struct job job;
    struct haul *haul;
    struct arena memory;
    struct row *first;
    struct row **last;
    bool out;   /* submitted, and not waited for */
    int failed; /* as it came back */
};

struct haul {
    struct pool *pool;
    struct vulndb *db;
    struct vulndb_counts *counts;
    int failed; /* once something is, nothing more is put: the thread's own */
    unsigned at;
    struct load load[LOADS];
};

static void
put_load(struct job *job, unsigned worker)
{
    struct load *l = (struct load *)job;
    struct haul *h = l->haul;

    (void)worker;
    for (struct row *w = l->first; w != NULL && h->failed == 0; w = w->next)
        h->failed = vulndb_put(h->db, &w->r, h->counts);
    l->failed = h->failed;
}

static void
empty(struct load *l)
{
    arena_reset(&l->memory);
    l->first = NULL;
    l->last = &l->first;
    l->out = false;
}

/* Until the load is back; the others may be out. */
static int
wait_for(struct load *l)
{
    if (l->out)
        pool_wait(l->haul->pool, &l->job);
    empty(l);
    return l->failed;
}

static int
send_off(struct haul *h)
{
    struct load *l = &h->load[h->at];

    if (l->first == NULL)
        return 0;
    l->out = true;
    l->job = (struct job){.run = put_load};
    pool_submit(h->pool, &l->job);
    h->at = (h->at + 1) % LOADS;
    return wait_for(&h->load[h->at]);
}

static int
wait_for_all(struct haul *h)
{
    int r = send_off(h);

    for (unsigned i = 0; i < LOADS; i++) {
        int code = wait_for(&h->load[i]);

        r = r < 0 ? r : code;
    }
    return r;
}

static void
release(struct feeding *f)
{
    for (unsigned i = 0; i < LOADS; i++)
        arena_release(&f->haul->load[i].memory);
    free(f->haul);
    f->haul = NULL;
}

int
feeds_haul_begin(struct feeding *f)
{
    struct haul *h = calloc(1, sizeof *h);
    int r = h == NULL ? ERR_NOMEM : 0;

    if (h == NULL)
        return r;
    f->haul = h;
    h->db = f->db;
    h->counts = &f->result->counts;
    for (unsigned i = 0; r == 0 && i < LOADS; i++) {
        h->load[i].haul = h;
        r = arena_init(&h->load[i].memory, LOAD_BYTES);
        empty(&h->load[i]);
    }
    if (r == 0)
        r = pool_open(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0, NULL, &h->pool);
    if (r < 0)
        release(f);
    return r;
}

int
feeds_haul_end(struct feeding *f)
{
    int r;

    if (f->haul == NULL)
        return f->failed;
    r = wait_for_all(f->haul);
    if (r < 0)
        f->failed = r;
    (void)pool_close(f->haul->pool);
    release(f);
    return f->failed;
}

/* ---- loading ------------------------------------------------------------------------------
 */

static size_t
size_of(const struct vulndb_record *r)
{
    size_t n = sizeof(struct row) + r->affects * sizeof r->affect[0] +
               r->vulns * sizeof r->vuln[0] + r->key.len + r->alias.len + r->facts.len +
               r->config.len;

    for (unsigned i = 0; i < r->affects; i++)
        n += r->affect[i].space.len + r->affect[i].name.len + r->affect[i].range.len;
    return n;
}

static struct slice
copy(char **to, struct slice s)
{
    struct slice at = {*to, s.len};

    if (s.len > 0)
        memcpy(*to, s.ptr, s.len);
    *to += s.len;
    return at;
}

static bool
add(struct load *l, const struct vulndb_record *r)
{
    struct row *w = arena_alloc(&l->memory, size_of(r));
    struct vulndb_affect *affect = w == NULL ? NULL : (struct vulndb_affect *)(w + 1);
    uint64_t *vuln = w == NULL ? NULL : (uint64_t *)(affect + r->affects);
    char *to = (char *)(vuln + (w == NULL ? 0 : r->vulns));

    if (w == NULL)
        return false;
    w->r = *r;
    w->r.vuln = vuln;
    w->r.affect = affect;
    if (r->vulns > 0)
        memcpy(vuln, r->vuln, r->vulns * sizeof *vuln);
    w->r.key = copy(&to, r->key);
    w->r.alias = copy(&to, r->alias);
    w->r.facts = copy(&to, r->facts);
    w->r.config = copy(&to, r->config);
    for (unsigned i = 0; i < r->affects; i++)
        affect[i] = (struct vulndb_affect){.space = copy(&to, r->affect[i].space),
                                           .name = copy(&to, r->affect[i].name),
                                           .range = copy(&to, r->affect[i].range),
                                           .flags = r->affect[i].flags};
    *l->last = w;
    l->last = &w->next;
    return true;
}

int
feeds_put(struct feeding *f, const struct vulndb_record *r)
{
    struct haul *h = f->haul;

    f->records++;
    if (r->modified.us > f->newest.us)
        f->newest = r->modified;
    if (add(&h->load[h->at], r))
        return 0;
    f->failed = send_off(h);
    if (f->failed < 0 || add(&h->load[h->at], r))
        return f->failed;
    /* Larger than a load: when it is its turn, as it is. */
    f->failed = wait_for_all(h);
    if (f->failed == 0)
        f->failed = vulndb_put(f->db, r, h->counts);
    return f->failed;
}
