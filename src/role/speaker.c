#include "role/speaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "role/control.h"
#include "role/node_keys.h"

struct speaker {
    const char *dir;
    bool running;
    struct node n;
    struct node_keys keys;
    struct book *book;
    struct talk talk;
    char user[PERSON_USER + 8];
};

static int
open_here(struct speaker *s, struct errinfo *ei)
{
    char user[PERSON_USER];
    int r = node_keys_open(&s->n, &s->keys, ei);

    if (r == 0)
        r = book_load(s->n.store, s->n.conf->party, &s->book, ei);
    control_user(geteuid(), user);
    (void)snprintf(s->user, sizeof s->user, "local:%s", user);
    s->talk = (struct talk){.engine = s->n.engine,
                            .store = s->n.store,
                            .env = &s->n.env,
                            .key = &s->keys.key[NODE_MESSAGE],
                            .attrib = s->n.attrib,
                            .book = s->book};
    return r;
}

int
speaker_open(const char *dir, struct speaker **ret, struct errinfo *ei)
{
    struct speaker *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    s->dir = dir;
    r = node_open(dir, NODE_WRITE, &s->n, ei);
    s->running = r == ERR_BUSY;
    if (r < 0 && !s->running) {
        free(s);
        return r;
    }
    r = s->running ? 0 : open_here(s, ei);
    if (r < 0) {
        (void)speaker_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

int
speaker_say(struct speaker *s, const struct speech_ask *a, struct speech_answer *ret,
            struct errinfo *ei)
{
    int r;

    if (s->running)
        return control_say(s->dir, a, ret, ei);
    r = speech_do(&s->talk, slice_of(s->user), SLICE("operator"), a, ret);
    if (r < 0)
        *ei = ret->ei;
    return r;
}

struct speaker *
speaker_close(struct speaker *s)
{
    if (s == NULL)
        return NULL;
    s->book = book_free(s->book);
    node_keys_clear(&s->keys);
    if (!s->running)
        node_close(&s->n);
    free(s);
    return NULL;
}
