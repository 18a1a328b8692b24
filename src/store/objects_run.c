#include "store/objects_priv.h"

int
run_flush(struct store *s)
{
    struct store_run_of *run = &s->run;
    sqlite3_stmt *st;
    int r;

    if (!run->ahead)
        return 0;
    st = store_statement(s, ST_RUN_PUT);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, run->collection);
        (void)sqlite3_bind_int64(st, 2, run->first);
        (void)sqlite3_bind_int64(st, 3, run->type);
        (void)sqlite3_bind_int64(st, 4, run->last);
        (void)sqlite3_bind_int64(st, 5, run->live);
        (void)sqlite3_bind_int64(st, 6, run->count);
    }
    r = store_run(s, st);
    run->ahead &= r < 0;
    return r;
}

int
run_add(struct store *s, const struct store_object *o, int64_t type)
{
    struct store_run_of *run = &s->run;
    bool goes_on = run->collection == o->collection && run->type == type &&
                   run->last < o->added.us && run->count < RUN_MOST;
    int r = goes_on ? 0 : run_flush(s);

    if (r < 0)
        return r;
    if (!goes_on)
        *run = (struct store_run_of){
            .collection = o->collection, .type = type, .first = o->added.us};
    run->last = o->added.us;
    run->live += o->last;
    run->count++;
    run->ahead = true;
    return 0;
}

static sqlite3_stmt *
of_place(struct store *s, enum statement which, int64_t collection, int64_t place)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        (void)sqlite3_bind_int64(st, 2, place);
    }
    return st;
}

int
run_change(struct store *s, int64_t collection, int64_t place, int live, int count)
{
    struct store_run_of *run = &s->run;
    sqlite3_stmt *st;
    int r;

    if (run->collection == collection && run->first <= place) {
        run->live += live;
        run->count += count;
        run->ahead = true;
        if (count == 0)
            return 0;
        r = run_flush(s); /* it may be empty by now: none may go on with it */
        s->run.collection = 0;
    } else {
        st = of_place(s, ST_RUN_ADD, collection, place);
        if (st != NULL) {
            (void)sqlite3_bind_int(st, 3, live);
            (void)sqlite3_bind_int(st, 4, count);
        }
        r = store_run(s, st);
    }
    return r < 0 || count == 0 ? r : store_run(s, of_place(s, ST_RUN_DROP, collection, place));
}
