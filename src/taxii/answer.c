#include "taxii/answer.h"

#include <stdlib.h>

#include "taxii/egress.h"
#include "wire/jcs.h"

enum {
    LOOKED_MOST = 200000, /* rows that filters may leave out */
    JUDGED_MOST = 20000   /* objects for one page to another party: some tenths of a second */
};

/* ---- errors ------------------------------------------------------------------------------ */

static const char *
title_of(unsigned status)
{
    switch (status) {
    case 400: return "the request is out of form";
    case 401: return "who asks has to say who they are";
    case 403: return "who asks may not do that";
    case 404: return "nothing stands here, or nothing that who asks may know of";
    case 405: return "this path takes another method";
    case 406: return "only " TAXII_MEDIA " is given here";
    case 413: return "the body is too long";
    case 415: return "the body has to be " TAXII_MEDIA;
    case 422: return "the body is no envelope of objects";
    case 429: return "too many passwords were tried";
    default: return "the node cannot answer now";
    }
}

void
taxii_refuse(struct buf *to, unsigned status, const char *description)
{
    buf_text(to, "{\"title\":");
    buf_json(to, slice_of(title_of(status)));
    if (description != NULL && description[0] != '\0') {
        buf_text(to, ",\"description\":");
        buf_json(to, slice_of(description));
    }
    buf_printf(to, ",\"http_status\":\"%u\"}\n", status);
}

static int
refuse(struct buf *to, unsigned status, const char *description, struct taxii_answer *ret)
{
    ret->status = status;
    taxii_refuse(to, status, description);
    return buf_error(to);
}

/* ---- collections ------------------------------------------------------------------------- */

struct looking {
    struct slice wanted;
    struct taxii_collection *ret;
};

static int
look_at(void *arg, const struct store_collection *c)
{
    struct looking *l = arg;
    struct taxii_collection *to = l->ret;

    if (!slice_eq(c->id, l->wanted) && !slice_eq(c->name, l->wanted))
        return 0;
    to->number = c->number;
    (void)snprintf(to->id, sizeof to->id, "%.*s", (int)c->id.len, c->id.ptr);
    (void)snprintf(to->name, sizeof to->name, "%.*s", (int)c->name.len, c->name.ptr);
    (void)snprintf(to->pact, sizeof to->pact, "%.*s", (int)c->pact.len, c->pact.ptr);
    (void)snprintf(to->party, sizeof to->party, "%.*s", (int)c->party.len, c->party.ptr);
    return 1;
}

int
taxii_look(struct store *s, struct slice id_or_alias, struct taxii_collection *ret)
{
    struct looking l = {id_or_alias, ret};
    int r = store_each_collection(s, look_at, &l);

    ret->rights = 0;
    return r < 0 ? r : r == 0 ? ERR_NOTFOUND : 0;
}

/* Of a person who was named, or of a party to the collection's pact. */
static int
rights_of(const struct taxii_ground *g, int64_t collection, struct slice pact, unsigned *ret)
{
    if (g->pact.len > 0) {
        *ret = slice_eq(g->pact, pact) ? RIGHT_READ : 0;
        return 0;
    }
    return store_get_right(g->store, collection, g->person, ret);
}

int
taxii_find(const struct taxii_ground *g, struct slice id_or_alias, struct taxii_collection *ret)
{
    int r = taxii_look(g->store, id_or_alias, ret);

    if (r < 0)
        return r;
    r = rights_of(g, ret->number, slice_of(ret->pact), &ret->rights);
    return r < 0 ? r : ret->rights == 0 ? ERR_NOTFOUND : 0;
}

struct finding {
    const struct taxii_ground *g;
    struct slice wanted;
    struct buf *to;
    bool any;
};

static void
put_collection(struct buf *to, const struct store_collection *c, unsigned rights)
{
    buf_text(to, "{\"id\":");
    buf_json(to, c->id);
    buf_text(to, ",\"title\":");
    buf_json(to, c->title);
    if (c->description.len > 0) {
        buf_text(to, ",\"description\":");
        buf_json(to, c->description);
    }
    buf_text(to, ",\"alias\":");
    buf_json(to, c->name);
    buf_printf(to,
               ",\"can_read\":%s,\"can_write\":%s,\"media_types\":[\"application/stix+json;"
               "version=2.1\",\"application/stix+json;version=2.0\"]}",
               (rights & RIGHT_READ) != 0 ? "true" : "false",
               (rights & RIGHT_WRITE) != 0 ? "true" : "false");
}

static int
list_one(void *arg, const struct store_collection *c)
{
    struct finding *f = arg;
    unsigned rights;
    int r;

    if (f->wanted.len > 0 && !slice_eq(c->id, f->wanted) && !slice_eq(c->name, f->wanted))
        return 0;
    r = rights_of(f->g, c->number, c->pact, &rights);
    if (r < 0 || rights == 0)
        return r;
    if (f->wanted.len == 0)
        buf_text(f->to, f->any ? "," : "\"collections\":[");
    f->any = true;
    put_collection(f->to, c, rights);
    return 0;
}

static int
get_collections(const struct taxii_ground *g, const struct taxii_ask *a, struct buf *to,
                struct taxii_answer *ret)
{
    struct finding f = {.g = g, .wanted = a->collection, .to = to};
    int r;

    if (f.wanted.len == 0)
        buf_char(to, '{');
    r = store_each_collection(g->store, list_one, &f);
    if (r < 0)
        return r;
    if (f.wanted.len > 0)
        return f.any ? buf_error(to) : refuse(to, 404, NULL, ret);
    buf_text(to, f.any ? "]}" : "}");
    return buf_error(to);
}

/* ---- discovery --------------------------------------------------------------------------- */

static int
get_discovery(const struct taxii_ground *g, struct buf *to)
{
    buf_text(to, "{\"title\":");
    buf_json(to, g->title);
    buf_text(to, ",\"description\":\"What this party publishes to those who may read it.\"");
    if (g->contact.len > 0) {
        buf_text(to, ",\"contact\":");
        buf_json(to, g->contact);
    }
    buf_text(to, ",\"default\":\"" TAXII_ROOT "\",\"api_roots\":[\"" TAXII_ROOT "\"]}");
    return buf_error(to);
}

static int
get_root(const struct taxii_ground *g, struct buf *to)
{
    buf_text(to, "{\"title\":");
    buf_json(to, g->title);
    buf_printf(to, ",\"versions\":[\"" TAXII_MEDIA "\"],\"max_content_length\":%d}",
               TAXII_CONTENT);
    return buf_error(to);
}

/* ---- pages ------------------------------------------------------------------------------- */

struct page {
    const struct taxii_ground *g;
    const struct taxii_collection *c;
    const struct taxii_ask *a;
    struct buf *to;
    struct taxii_answer *ret;
    uint64_t limit;
    uint64_t count;
    uint64_t judged;     /* for another party */
    struct utime looked; /* the last of them */
    bool more;
    bool spent; /* so many were judged that the page ends */
};

static void
put_version(struct buf *to, const struct store_object *o)
{
    char at[TIME_TEXT];

    if (o->version.len > 0) {
        buf_slice(to, o->version); /* plain, as it was checked when it came */
        return;
    }
    time_format(o->version_at, at);
    buf_add(to, at, TIME_TEXT);
}

static void
put_record(struct buf *to, const struct store_object *o)
{
    char at[TIME_TEXT];

    time_format(o->added, at);
    buf_text(to, "{\"id\":\"");
    buf_slice(to, o->id);
    buf_printf(to, "\",\"date_added\":\"%.*s\",\"version\":\"", TIME_TEXT, at);
    put_version(to, o);
    buf_printf(to, "\",\"media_type\":\"application/stix+json;version=%.*s\"}",
               o->spec.len > 0 ? (int)o->spec.len : 3, o->spec.len > 0 ? o->spec.ptr : "2.1");
}

static int
put_row(void *arg, const struct store_object *o)
{
    struct page *p = arg;
    bool large = p->count > 0 && p->to->len + o->body.len > TAXII_PAGE;

    if (p->count == p->limit || large) {
        p->more = true;
        return 1;
    }
    if (p->count++ == 0)
        p->ret->first = o->added;
    p->ret->last = o->added;
    buf_text(p->to, p->count > 1                   ? ","
                    : p->a->what == TAXII_VERSIONS ? "\"versions\":["
                                                   : "\"objects\":[");
    if (p->a->what == TAXII_MANIFEST) {
        put_record(p->to, o);
    } else if (p->a->what == TAXII_VERSIONS) {
        buf_char(p->to, '"');
        put_version(p->to, o);
        buf_char(p->to, '"');
    } else {
        buf_slice(p->to, o->body);
    }
    return buf_error(p->to);
}

/* Who judges it asks the store, for which what it lent is another's then. */
static int
put_judged(void *arg, const struct store_object *o)
{
    struct page *p = arg;
    struct store_object copy;
    char *all;
    int r;

    if (p->judged++ == JUDGED_MOST) {
        p->more = p->spent = true; /* others wait: the next page goes on from here */
        return 1;
    }
    p->looked = o->added;
    r = egress_copy(o, &copy, &all);
    if (r < 0)
        return r;
    r = p->g->may_go(p->g->arg, p->c, &copy);
    if (r > 0) {
        r = put_row(p, &copy);
        if (r == 0 && p->g->went != NULL)
            r = p->g->went(p->g->arg, p->c, &copy);
    }
    free(all);
    return r;
}

/* Where the question begins; what it leaves open is said. */
static int
prepare(const struct taxii_ask *a, const struct taxii_collection *c, struct object_query *q)
{
    struct utime next = {-1};

    *q = a->query;
    q->collection = c->number;
    q->bodies = a->what == TAXII_OBJECTS_OF || a->what == TAXII_OBJECT;
    q->after = a->has_after ? a->after : (struct utime){-1};
    q->by_spec = true;
    if (!a->has_version) {
        q->all = a->what == TAXII_VERSIONS;
        q->last = !q->all;
    }
    if (a->next.len > 0 && taxii_read_cursor(a, c->number, &next) < 0)
        return ERR_INVALID;
    if (next.us > q->after.us)
        q->after = next;
    return 0;
}

static int
end_page(struct page *p, const struct taxii_collection *c, const struct object_query *q)
{
    struct utime from = q->after.us >= 0 ? q->after : (struct utime){0};

    if (p->count == 0)
        p->ret->first = p->ret->last = p->more ? p->looked : from;
    if (p->count == 0 && !p->more) {
        buf_char(p->to, '}');
        return buf_error(p->to);
    }
    if (p->spent)
        p->ret->last = p->looked; /* what stays behind the last is not looked at again */
    buf_printf(p->to, "%s\"more\":%s", p->count > 0 ? "]," : "", p->more ? "true" : "false");
    if (p->more) {
        buf_text(p->to, ",\"next\":\"");
        taxii_put_cursor(p->to, p->a, c->number, p->ret->last);
        buf_char(p->to, '"');
    }
    buf_char(p->to, '}');
    return buf_error(p->to);
}

struct having {
    const struct taxii_ground *g;
    const struct taxii_collection *c;
    uint64_t judged;
    bool any;
};

static int
see_one(void *arg, const struct store_object *o)
{
    struct having *x = arg;
    struct store_object copy;
    char *all;
    int r;

    if (x->g->may_go == NULL) {
        x->any = true;
        return 1;
    }
    if (x->judged++ == JUDGED_MOST)
        return 1;
    r = egress_copy(o, &copy, &all);
    if (r < 0)
        return r;
    r = x->g->may_go(x->g->arg, x->c, &copy);
    x->any = r > 0;
    free(all);
    return r;
}

int
taxii_has(const struct taxii_ground *g, const struct taxii_collection *c, struct slice object,
          bool *ret)
{
    struct object_query *q = calloc(1, sizeof *q);
    struct having x = {.g = g, .c = c};
    int r = q == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        *q = (struct object_query){.collection = c->number,
                                   .after = {-1},
                                   .id = {.at = {object}, .count = 1},
                                   .all = true,
                                   .bodies = g->may_go != NULL};
        r = store_each_object(g->store, q, see_one, &x);
    }
    free(q);
    *ret = x.any;
    return r < 0 ? r : 0;
}

/* Nothing of it: is it not there, or only not what is asked for?  Then the page is empty. */
static int
tell_apart(const struct page *p, const struct taxii_collection *c)
{
    bool has = true;
    int r = 0;

    if (p->count == 0 && !p->more && p->a->object.len > 0 && p->a->next.len == 0)
        r = taxii_has(p->g, c, p->a->object, &has);
    return r < 0 ? r : has ? 0 : ERR_NOTFOUND;
}

static int
get_page(const struct taxii_ground *g, const struct taxii_ask *a, struct buf *to,
         struct taxii_answer *ret)
{
    struct object_query *q = calloc(1, sizeof *q);
    struct taxii_collection c = {.number = 0};
    struct object_bound bound = {LOOKED_MOST, {-1}};
    struct page p = {.g = g, .c = &c, .a = a, .to = to, .ret = ret, .limit = TAXII_LIMIT};
    int r = q == NULL ? ERR_NOMEM : taxii_find(g, a->collection, &c);

    if (r == 0 && (c.rights & RIGHT_READ) == 0)
        r = ERR_AUTH;
    if (r == 0)
        r = prepare(a, &c, q);
    if (r == 0) {
        if (a->has_limit && a->limit < p.limit)
            p.limit = a->limit;
        buf_char(to, '{');
        q->bodies |= g->may_go != NULL;
        q->bound = &bound;
        r = store_each_object(g->store, q, g->may_go != NULL ? put_judged : put_row, &p);
        r = r < 0 ? r : 0;
        if (r == 0 && bound.reached.us >= 0 && !p.more) {
            p.more = p.spent = true;
            p.looked = bound.reached;
        }
        if (r == 0)
            r = tell_apart(&p, &c);
        if (r == ERR_NOTFOUND)
            buf_reset(to);
    }
    if (r == 0) {
        ret->has_dates = true;
        r = end_page(&p, &c, q);
    }
    free(q);
    if (r == ERR_NOTFOUND)
        return refuse(to, 404, NULL, ret);
    if (r == ERR_AUTH)
        return refuse(to, 403, "may not read here", ret);
    if (r == ERR_INVALID)
        return refuse(to, 400, "`next` is none that was given for this question", ret);
    return r;
}

/* ---- status ------------------------------------------------------------------------------ */

struct adding {
    struct buf *to;
    uint64_t count;
    struct utime last; /* place of the last that was added */
    bool any;
};

static int
put_success(void *arg, const struct store_object *o)
{
    struct adding *x = arg;

    if (o->added.us > x->last.us)
        return 1;
    buf_text(x->to, x->any ? ",{\"id\":\"" : "{\"id\":\"");
    x->any = true;
    x->count++;
    buf_slice(x->to, o->id);
    buf_text(x->to, "\",\"version\":\"");
    put_version(x->to, o);
    buf_text(x->to, "\"}");
    return buf_error(x->to);
}

/* The objects that were added stand one behind the other.  Where some are gone by now there is
 * no list: clients check that it has as many as are counted. */
static int
put_successes(struct store *s, const struct store_outcome *o, struct slice same, struct buf *to)
{
    size_t before = to->len;
    struct object_query *q = calloc(1, sizeof *q);
    struct adding x = {.to = to, .last = {o->first.us + (int64_t)o->added - 1}};
    int r;

    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){
        .collection = o->collection, .after = {o->first.us - 1}, .all = true};
    buf_text(to, ",\"successes\":[");
    r = o->added == 0 ? 0 : store_each_object(s, q, put_success, &x);
    free(q);
    if (same.len > 0 && x.any)
        buf_char(to, ',');
    buf_slice(to, same);
    buf_char(to, ']');
    if (x.count != o->added)
        to->len = before;
    return r < 0 ? r : buf_error(to);
}

int
taxii_status(const struct taxii_ground *g, struct slice id, struct buf *to)
{
    struct store_outcome o;
    AUTO_BUF(same, OBJECT_BODY_MAX);
    AUTO_BUF(failed, OBJECT_BODY_MAX);
    char at[TIME_TEXT];
    int r = store_get_outcome(g->store, id, &o);

    if (r == 0 && o.person != g->person)
        r = ERR_NOTFOUND;
    if (r < 0)
        return r;
    buf_slice(&same, o.same); /* the next question takes its memory */
    buf_slice(&failed, o.failed);
    time_format(o.at, at);
    buf_text(to, "{\"id\":");
    buf_json(to, id);
    buf_printf(to,
               ",\"status\":\"complete\",\"request_timestamp\":\"%.*s\",\"total_count\":%llu,"
               "\"success_count\":%llu",
               TIME_TEXT, at, (unsigned long long)o.total,
               (unsigned long long)o.added + o.same_count);
    if (o.added + o.same_count > 0)
        r = put_successes(g->store, &o, buf_get(&same), to);
    buf_printf(to, ",\"failure_count\":%llu", (unsigned long long)o.failed_count);
    if (failed.len > 0) {
        buf_text(to, ",\"failures\":[");
        buf_slice(to, buf_get(&failed));
        buf_char(to, ']');
    }
    buf_text(to, ",\"pending_count\":0}");
    return r < 0 ? r : buf_error(to);
}

static int
get_status(const struct taxii_ground *g, const struct taxii_ask *a, struct buf *to,
           struct taxii_answer *ret)
{
    int r = taxii_status(g, a->status, to);

    if (r != ERR_NOTFOUND)
        return r;
    buf_reset(to);
    return refuse(to, 404, NULL, ret);
}

int
taxii_get(const struct taxii_ground *g, const struct taxii_ask *a, struct buf *to,
          struct taxii_answer *ret)
{
    *ret = (struct taxii_answer){.status = 200};
    switch (a->what) {
    case TAXII_DISCOVERY: return get_discovery(g, to);
    case TAXII_API_ROOT: return get_root(g, to);
    case TAXII_STATUS: return get_status(g, a, to, ret);
    case TAXII_COLLECTIONS:
    case TAXII_COLLECTION: return get_collections(g, a, to, ret);
    case TAXII_OBJECTS_OF:
    case TAXII_OBJECT:
    case TAXII_VERSIONS:
    case TAXII_MANIFEST: break;
    }
    return get_page(g, a, to, ret);
}
