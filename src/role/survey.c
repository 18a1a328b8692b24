#include "role/survey.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/folder.h"
#include "role/node_priv.h"
#include "role/survey_priv.h"

/* ---- opening ----------------------------------------------------------------------------- */

static int
reach_before(struct survey *s, unsigned threads)
{
    const struct net_filter all = {0};
    struct reach_sums sums = {0};
    struct net *n = NULL;
    int r;

    s->reach = calloc((size_t)s->t->count + 1, sizeof *s->reach);
    r = s->reach == NULL ? ERR_NOMEM : net_make(s->t, &all, &n);
    if (r == 0)
        r = simulate_reach(n, threads, false, &sums);
    for (uint32_t i = 0; r == 0 && i < s->t->count; i++)
        s->reach[i] = n->node[i] == TOPOLOGY_NONE ? 0 : sums.networks[n->node[i]];
    simulate_release(&sums);
    (void)net_free(n);
    return r;
}

int
survey_open(struct survey *s, unsigned threads)
{
    int r = rank_make(s->t, &s->rank);

    return r < 0 ? r : reach_before(s, threads);
}

void
survey_close(struct survey *s)
{
    rank_release(&s->rank);
    free(s->reach);
    s->reach = NULL;
}

/* ---- looking ----------------------------------------------------------------------------- */

void
survey_release(struct survey_country *c)
{
    buf_release(&c->row);
    buf_release(&c->file);
}

int
survey_look(const struct survey *s, uint16_t country, unsigned threads,
            struct survey_country *ret)
{
    struct survey_found *f = calloc(1, sizeof *f);
    int r = f == NULL ? ERR_NOMEM : survey_find(s, country, threads, f);

    *ret = (struct survey_country){.country = country};
    buf_init(&ret->row, 1 << 12);
    buf_init(&ret->file, SURVEY_JSON);
    if (r == 0) {
        survey_put_row(s, f, &ret->row);
        survey_put_file(s, f, &ret->file);
        r = buf_error(&ret->row) < 0 ? buf_error(&ret->row) : buf_error(&ret->file);
    }
    if (f != NULL)
        survey_found_release(f);
    free(f);
    return r;
}

struct looking {
    const struct survey *s;
    struct survey_country *row;
    uint32_t count;
    pthread_mutex_t lock; /* of what follows */
    uint32_t next;        /* that nobody took yet */
    uint32_t ready;
    int result;
};

/* The next that is to be looked at; UINT32_MAX: there is none. */
static uint32_t
next_of(struct looking *l)
{
    uint32_t i;

    (void)pthread_mutex_lock(&l->lock);
    i = l->next < l->count && l->result == 0 ? l->next++ : UINT32_MAX;
    (void)pthread_mutex_unlock(&l->lock);
    return i;
}

static void
ready(struct looking *l, int r)
{
    (void)pthread_mutex_lock(&l->lock);
    l->result = r < 0 ? r : l->result;
    l->ready++;
    if (l->s->done != NULL)
        l->s->done(l->ready, l->count);
    (void)pthread_mutex_unlock(&l->lock);
}

static void *
look_run(void *arg)
{
    struct looking *l = arg;
    uint32_t i;

    while ((i = next_of(l)) != UINT32_MAX)
        ready(l, survey_look(l->s, l->row[i].country, 1, &l->row[i]));
    return NULL;
}

static int
list_countries(const struct topology *t, uint32_t least, struct looking *l)
{
    uint32_t *many = calloc(UINT16_MAX + (size_t)1, sizeof *many);

    l->row = calloc(UINT16_MAX, sizeof *l->row);
    for (uint32_t i = 0; many != NULL && i < t->count; i++)
        many[t->country[i]]++;
    for (uint32_t c = COUNTRY_UNKNOWN + 1; many != NULL && l->row != NULL && c <= UINT16_MAX;
         c++) {
        if (many[c] > 0 && many[c] >= least)
            l->row[l->count++].country = (uint16_t)c;
    }
    free(many);
    return many == NULL || l->row == NULL ? ERR_NOMEM : 0;
}

/* On so many threads; one that cannot be had is done by the caller. */
static void
look_at_all(struct looking *l, unsigned threads)
{
    pthread_t thread[SIMULATE_THREADS];
    unsigned apart = 0;

    threads = threads > SIMULATE_THREADS ? SIMULATE_THREADS : threads;
    while (apart + 1 < threads && pthread_create(&thread[apart], NULL, look_run, l) == 0)
        apart++;
    (void)look_run(l);
    for (unsigned i = 0; i < apart; i++)
        (void)pthread_join(thread[i], NULL);
}

int
survey_all(const struct survey *s, uint32_t least, unsigned threads,
           struct survey_country **ret, uint32_t *ret_count)
{
    struct looking l = {.s = s, .lock = PTHREAD_MUTEX_INITIALIZER};
    int r = list_countries(s->t, least, &l);

    if (r == 0)
        look_at_all(&l, threads);
    r = r < 0 ? r : l.result;
    for (uint32_t i = 0; r < 0 && i < l.count; i++)
        survey_release(&l.row[i]);
    if (r < 0) {
        free(l.row);
        l = (struct looking){.row = NULL};
    }
    *ret = l.row;
    *ret_count = l.count;
    return r;
}

/* ---- keeping ----------------------------------------------------------------------------- */

static bool
has(const struct survey_country *c, uint32_t count, uint16_t country)
{
    for (uint32_t i = 0; i < count; i++) {
        if (c[i].country == country)
            return true;
    }
    return false;
}

/* Files of countries that are no longer among them. */
static int
drop_others(const char *dir, const struct survey_country *c, uint32_t count, struct errinfo *ei)
{
    char path[NODE_PATH];
    const struct dirent *e;
    DIR *d;
    int r = node_path(dir, SURVEY_FOLDER, path, ei);

    d = r < 0 ? NULL : opendir(path);
    while (r == 0 && d != NULL && (e = readdir(d)) != NULL) {
        uint16_t country = country_parse((struct slice){e->d_name, 2});
        char name[32];

        if (strlen(e->d_name) != 7 || strcmp(e->d_name + 2, ".json") != 0 ||
            country == COUNTRY_UNKNOWN || has(c, count, country))
            continue;
        (void)snprintf(name, sizeof name, SURVEY_FOLDER "/%.7s", e->d_name);
        r = folder_drop(dir, name, ei);
        r = r == ERR_NOTFOUND ? 0 : r;
    }
    if (d != NULL)
        (void)closedir(d);
    return r;
}

int
survey_keep(const char *dir, const struct survey *s, const struct survey_country *c,
            uint32_t count, uint32_t least, struct errinfo *ei)
{
    AUTO_BUF(world, SURVEY_JSON);
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < count; i++) {
        char name[32];
        char code[16];

        country_format(c[i].country, code);
        (void)snprintf(name, sizeof name, SURVEY_FOLDER "/%.2s.json", code);
        r = folder_put(dir, name, buf_get(&c[i].file), ei);
    }
    if (r == 0)
        r = drop_others(dir, c, count, ei);
    survey_world(s, c, count, least, &world);
    if (r == 0 && buf_error(&world) < 0)
        r = err_set(ei, buf_error(&world), "%s", err_text(buf_error(&world)));
    return r < 0 ? r : folder_put(dir, SURVEY_WORLD, buf_get(&world), ei);
}
