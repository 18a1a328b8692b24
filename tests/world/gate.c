/* The gate's reading side: another handle of the store, which looks while the engine writes,
 * also between two of its own reads.  What it is shown is told of from then on, and of one
 * moment. */
#include <string.h>

#include "world.h"

#define NODE "node"

void
gate_close(struct world *w)
{
    bool calm = w->calm;

    if (!w->gate_is_open)
        return;
    w->calm = true;
    w->changes_nothing = true;
    view_close(&w->gate);
    w->changes_nothing = false;
    w->gate_is_open = false;
    w->calm = calm;
}

static void
gate_open(struct world *w)
{
    struct errinfo ei = {0};
    int r;

    w->gate = (struct view){.node = {.lock = -1, .posix = {.dir = -1}}};
    w->gate.node.env = w->env;
    w->gate.node.vkey = w->key.vkey;
    w->gate_is_open = true;
    r = store_open(NODE, STORE_READ, &w->gate.node.store, &ei);
    if (r == 0)
        r = view_begin(&w->gate, &ei);
    if (r < 0)
        violate(w, "the gate cannot read what the engine has: %s (%s)", ei.text, err_text(r));
}

/* In the middle of a read: the engine records what waits, and erases what is due. */
void
gate_interrupt(struct world *w)
{
    struct errinfo ei = {0};

    if (!w->reading || w->interrupted || !one_in(w, 6))
        return;
    w->interrupted = true;
    w->changes_nothing = false;
    if (node_work(w, &ei) < 0)
        violate(w, "the engine ends while the gate reads: %s", ei.text);
    w->changes_nothing = true;
    w->some[SOME_READ_WHILE]++;
}

/* A block of which its rows say that it is there is there. */
static void
read_a_block(struct world *w)
{
    struct store *s = w->gate.node.store;
    struct store_block row;
    struct evidence ev;
    uint64_t next = 0;
    int r = store_next_block(s, &next);

    if (r < 0 || next <= 1)
        return;
    r = reader_find(w->gate.reader, 1 + chance(w, next - 1), true, &row, &ev);
    if (r < 0 && r != ERR_GONE)
        violate(w, "the gate cannot read block %llu: %s", (unsigned long long)row.block,
                err_text(r));
    else if (r == 0 && row.erased == ERASURE_NONE && ev.raw.len == 0)
        violate(w, "the gate sees the bytes of block %llu vanish",
                (unsigned long long)row.block);
}

static void
check_head(struct world *w, int r, const struct errinfo *ei)
{
    struct tree_head head;

    if (r < 0) {
        violate(w, "the gate cannot read: %s", ei->text);
        return;
    }
    ledger_head(w->gate.ledger, &head);
    if (head.size != ledger_signed_size(w->gate.ledger))
        violate(w, "the gate sees %llu leaves, %llu of them signed",
                (unsigned long long)head.size,
                (unsigned long long)ledger_signed_size(w->gate.ledger));
    model_shown(w, head.size, &head.root);
}

/* What a page shows now.  No fault meets it; the engine may go on meanwhile. */
void
gate_look(struct world *w)
{
    struct errinfo ei = {0};
    bool calm = w->calm;
    int r = 0;

    w->calm = true;
    w->changes_nothing = true;
    if (!w->gate_is_open)
        gate_open(w);
    w->reading = true;
    w->interrupted = false;
    if (!violated(w))
        r = view_refresh(&w->gate, &ei);
    if (!violated(w))
        check_head(w, r, &ei);
    if (!violated(w))
        read_a_block(w);
    w->reading = false;
    if (w->gate.node.store != NULL)
        store_settle(w->gate.node.store);
    if (!violated(w) && one_in(w, 2))
        people_check(w, w->gate.node.store, false);
    if (w->gate.node.store != NULL)
        store_settle(w->gate.node.store);
    w->changes_nothing = false;
    w->calm = calm;
}
