#include "role/board.h"

#include <stdio.h>
#include <string.h>

#include "role/link.h"

/* What packs a sentence (words/words.h) may stay. */
static void
clean_text(char *text, size_t room, bool packed)
{
    text[room - 1] = '\0';
    for (; *text != '\0'; text++) {
        bool packs = packed && (*text == WORD_NAME[0] || *text == WORD_AND[0]);

        if ((*text < ' ' || *text > '~') && !packs)
            *text = '?';
    }
}

bool
condition_clean(struct condition *c)
{
    clean_text(c->subject, sizeof c->subject, false);
    clean_text(c->text, sizeof c->text, true);
    return c->rule < ALERT_RULES && alert_about((enum alert_rule)c->rule) != NULL;
}

bool
condition_same(const struct condition *a, const struct condition *b)
{
    return a->rule == b->rule && strcmp(a->subject, b->subject) == 0;
}

struct condition
condition_of(enum alert_rule rule, const char *subject, bool holds)
{
    struct condition c = {.rule = rule, .holds = holds};

    (void)snprintf(c.subject, sizeof c.subject, "%s", subject);
    return c;
}

void
board_put(struct board *b, const struct condition *c, enum board_teller by)
{
    unsigned at = BOARD_ROWS;
    unsigned room = BOARD_ROWS;

    for (unsigned i = 0; i < BOARD_ROWS && at == BOARD_ROWS; i++) {
        if (!b->row[i].used)
            room = room == BOARD_ROWS ? i : room;
        else if (condition_same(&b->row[i].is, c))
            at = i;
    }
    if (at == BOARD_ROWS && c->holds == 0)
        return;
    if (at == BOARD_ROWS && room == BOARD_ROWS) {
        b->lost++;
        return;
    }
    if (at == BOARD_ROWS) {
        at = room;
        b->row[at].is.holds = 2; /* neither */
    }
    b->row[at].used = true;
    b->row[at].by = by;
    b->row[at].fresh = true;
    if (b->row[at].is.holds != c->holds || alert_about((enum alert_rule)c->rule)->latched)
        b->row[at].sent = false;
    b->row[at].is = *c;
}

void
board_ack(struct board *b, const struct acked *a)
{
    unsigned kept = b->acks < BOARD_ACKS ? b->acks : BOARD_ACKS;
    unsigned at = 0;

    while (at < kept && b->ack[at].is.alert != a->alert)
        at++;
    if (at == kept) { /* else who was first stays, and is told again */
        at = b->acks++ % BOARD_ACKS;
        b->ack[at].is = *a;
        b->ack[at].is.user[PERSON_USER - 1] = '\0';
    }
    b->ack[at].sent = false;
}

void
board_new(struct board *b, enum board_teller by)
{
    for (unsigned i = 0; i < BOARD_ROWS; i++)
        b->row[i].fresh &= b->row[i].by != by;
    b->synced &= by != BOARD_ENGINE;
}

void
board_synced(struct board *b, enum board_teller by)
{
    for (unsigned i = 0; i < BOARD_ROWS; i++) {
        if (b->row[i].used && b->row[i].by == by && !b->row[i].fresh) {
            b->row[i].sent &= b->row[i].is.holds == 0;
            b->row[i].is.holds = 0;
        }
    }
    b->synced |= by == BOARD_ENGINE;
}

void
board_courier_new(struct board *b)
{
    for (unsigned i = 0; i < BOARD_ROWS; i++)
        b->row[i].sent = false;
    for (unsigned i = 0; i < BOARD_ACKS; i++)
        b->ack[i].sent = false;
    b->sent_sync = false;
}

/* What happened is told, and what is no more need not be kept. */
static void
forget(struct board *b, unsigned i)
{
    const struct alert_about *about = alert_about((enum alert_rule)b->row[i].is.rule);

    b->row[i].sent = true;
    if (b->row[i].is.holds == 0 || about->latched)
        b->row[i].used = false;
}

int
board_flush(struct board *b, int courier)
{
    struct link_msg m = {.op = LINK_CONDITION};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < BOARD_ROWS; i++) {
        if (!b->row[i].used || b->row[i].sent)
            continue;
        m.u.condition = b->row[i].is;
        r = link_send(courier, &m, NULL, 0, false);
        if (r == 0)
            forget(b, i);
    }
    for (unsigned i = 0; r == 0 && i < BOARD_ACKS && i < b->acks; i++) {
        if (b->ack[i].sent)
            continue;
        m = (struct link_msg){.op = LINK_ACKED, .u.acked = b->ack[i].is};
        r = link_send(courier, &m, NULL, 0, false);
        b->ack[i].sent = r == 0;
    }
    if (r == 0 && b->synced && !b->sent_sync) {
        m = (struct link_msg){.op = LINK_SYNCED};
        r = link_send(courier, &m, NULL, 0, false);
        b->sent_sync = r == 0;
    }
    return r == ERR_BUSY ? 0 : r;
}
