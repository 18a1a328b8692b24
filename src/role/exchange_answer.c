/* The callbacks of web/web.h that are about the exchange. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "role/answers.h"
#include "role/exchange_json.h"

int
answer_exchange(void *self, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    int64_t began = env->now_mono(env->self);
    const struct exchange_ask ask = {.store = a->view->node.store,
                                     .book = a->book,
                                     .conf = a->view->node.conf,
                                     .now = env->now_wall(env->self),
                                     .source = a->source,
                                     .sources = a->sources,
                                     .known = a->sources_known};
    int r = 0;

    if (a->exchange.len == 0 || began >= a->exchange_until) {
        int64_t took;

        buf_reset(&a->exchange);
        r = exchange_json(&ask, &a->exchange);
        took = EXCHANGE_KEPT_TIMES * (env->now_mono(env->self) - began);
        a->exchange_until = began + (took > EXCHANGE_KEPT_US ? took : EXCHANGE_KEPT_US);
    }
    if (r < 0)
        buf_reset(&a->exchange);
    else
        buf_slice(to, buf_get(&a->exchange));
    return r < 0 ? r : buf_error(to);
}

int
answer_explain(void *self, struct slice object, struct slice party, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    const struct explain_ask ask = {.store = a->view->node.store,
                                    .book = a->book,
                                    .conf = a->view->node.conf,
                                    .object = object,
                                    .party = party,
                                    .now = env->now_wall(env->self)};

    return exchange_explain_json(&ask, to);
}

void
answers_take_source(struct answers *a, unsigned slot, unsigned count, const char *name, int fd)
{
    struct exchange_source *s;
    char *text;
    ssize_t n;

    if (a->source == NULL)
        a->source = calloc(EXCHANGE_SOURCES, sizeof *a->source);
    if (a->source == NULL || slot >= EXCHANGE_SOURCES)
        return;
    a->sources_known = count;
    a->sources = count < EXCHANGE_SOURCES ? count : EXCHANGE_SOURCES;
    a->exchange_until = 0;
    s = &a->source[slot];
    *s = (struct exchange_source){.name = ""};
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    text = fd < 0 ? NULL : malloc(EXCHANGE_SOURCE);
    n = text == NULL ? -1 : pread(fd, text, EXCHANGE_SOURCE, 0);
    if (n <= 0 || exchange_source_read(text, (size_t)n, s) < 0)
        (void)snprintf(s->fault, sizeof s->fault, "what is kept of it cannot be read");
    free(text);
}
