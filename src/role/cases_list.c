/* Incidents as lists show them. */
#include <stdio.h>
#include <stdlib.h>

#include "role/cases.h"

struct names {
    struct case_name *at;
    unsigned count;
    unsigned room;
};

static int
keep_name(void *arg, const struct store_incident *i)
{
    struct names *l = arg;

    if (l->count == l->room) {
        unsigned room = l->room == 0 ? 64 : l->room * 2;
        struct case_name *more = realloc(l->at, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        l->at = more;
        l->room = room;
    }
    (void)snprintf(l->at[l->count].pact, sizeof l->at->pact, "%.*s", (int)i->pact.len,
                   i->pact.ptr);
    (void)snprintf(l->at[l->count].name, sizeof l->at->name, "%.*s", (int)i->name.len,
                   i->name.ptr);
    l->count++;
    return 0;
}

int
case_names(struct store *s, bool open, struct case_name **ret, unsigned *ret_count)
{
    struct names l = {0};
    int r = store_each_incident(s, open, keep_name, &l);

    *ret = l.at;
    *ret_count = l.count;
    return r;
}

int
case_state(const struct case_shown *x, const struct store_incident *i, struct buf *ret)
{
    const struct book_pact *p = x->book == NULL ? NULL : book_pact(x->book, i->pact);
    struct store_incident row;
    struct case_file c = {0};
    int r = p == NULL ? ERR_NOTFOUND : case_read_of(x->store, p, i->name, &x->look, &c);

    if (r == 0) {
        (x->whole ? case_json_whole : case_json)(x->store, &c, ret);
    } else if (r == ERR_NOTFOUND && p != NULL) {
        r = store_get_incident(x->store, i->pact, i->name, &row);
        if (r == 0)
            buf_slice(ret, row.told);
    }
    case_release(&c);
    return r < 0 ? r : buf_error(ret);
}
