#!/usr/bin/env python3
"""A bug is planted: plant.py NAME SOURCE OUTPUT.  The source is copied with one change that a
tired person might make; the text that is changed must stand there exactly once, so that a plant
dies with the code it was made for.  The world linked with the copy must find the bug; `often` is
none, and must pass."""
import sys

# No bug: a WAL that goes into the database often, so that what may go wrong there does.
OFTEN = ('WAL_PAGES = 4000', 'WAL_PAGES = 60')

PLANTS = {
    'often': ('src/store/store.c', *OFTEN),
    # The promise of store.h: evidence is synced before the row that points to it.
    'announce': ('src/role/record.c', 'r = e->env->sync(e->env->self, e->segment_fd);', 'r = 0;'),
    # A commit that is not synced: what PRAGMA synchronous=OFF does to speed.
    'commit': ('src/store/store.c', 'PRAGMA synchronous=FULL', 'PRAGMA synchronous=OFF'),
    # The checkpoint is shown before its transaction is durable.
    'sign': ('src/role/record.c', '''    if (r == 0)
        r = store_commit(e->store);
    if (r < 0) {
        r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        e->next_block''', '''    for (unsigned i = 0; r == 0 && e->watch != NULL && i < rec->count; i++)
        e->watch(e->watch_arg, block + i, rec->drafts[i]);
    if (r == 0)
        r = store_commit(e->store);
    if (r < 0) {
        r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        e->next_block'''),
    # A start that does not cut the evidence's unfinished tail.
    'tail': ('src/role/engine.c', 'r = check_tail(e, true, ei);', 'r = 0;'),
    # A start that does not look at the mark.
    'mark': ('src/role/engine.c', 'r = mark_check(e->env, e->ledger, ei);', 'r = 0;'),
    # A start that tells of what may stand in the page cache alone.
    'start': ('src/role/engine.c', 'r = engine_make_durable(e, ei);', '(void)engine_make_durable;'),
    # A place of a source that is told of in a transaction of its own, behind the events.
    'place': ('src/role/record.c', '''    for (unsigned i = 0; r == 0 && i < rec->source_count; i++)
        r = store_put_source(e->store, rec->sources[i]);
''', '''    if (r == 0)
        r = store_commit(e->store);
    if (r == 0)
        r = store_begin(e->store);
    for (unsigned i = 0; r == 0 && i < rec->source_count; i++)
        r = store_put_source(e->store, rec->sources[i]);
'''),
    # "Perhaps it works the second time."
    'again': ('src/role/record.c', 'r = e->env->sync(e->env->self, e->segment_fd);',
              '(r = e->env->sync(e->env->self, e->segment_fd)) < 0 ? (r = e->env->sync(e->env->self, e->segment_fd)) : 0;'),
    # A full disk "is no reason to send anybody away".
    'full': ('src/role/people.c', 'w->answer->status = r;', 'w->answer->status = r == ERR_FULL ? 0 : r;'),
    # An act is told of, by the mark, before its transaction is durable.
    'act': ('src/role/record.c', '''    if (r == 0)
        r = store_commit(e->store);
    if (r == 0) {
        ledger_commit(e->ledger);
        r = engine_put_mark(e, ei);
    } else {
        if (!answered)''', '''    if (r == 0) {
        ledger_commit(e->ledger);
        r = engine_put_mark(e, ei);
    }
    if (r == 0)
        r = store_commit(e->store);
    if (r < 0) {
        if (!answered)'''),
    # A one-time link that is looked at, and not taken.
    'link': ('src/role/people.c', '''    if (w->ask->what == ASK_LINK)
        r = store_take_access(s, &w->with);''', '''    (void)w;'''),
    # Signing out deletes the session without telling the log, so also without its transaction.
    'leafless': ('src/role/act.c', 'return r == 0 ? write_leaf(e, d->act, now, ei) : r;',
                 'return r == 0 && d->act->action[8] != \'c\' ? write_leaf(e, d->act, now, ei) : r;'),
    # Who is revoked keeps what was given out.
    'revoke': ('src/store/people.c', 'return r < 0 ? r : run_over(s, ST_ACCESS_DROP, id, 0);', 'return r;',
               'now.us >= ret->until.us || ret_whose->revoked.us != 0 ||', 'now.us >= ret->until.us ||'),
    # Holds that end some day are none.
    'hold': ('src/store/erase.c', '(void)sqlite3_bind_int64(st, 2, now.us);\n    r = store_row(s, st);',
             '(void)now;\n    r = store_row(s, st);'),
    # Retention by the wall clock, however far it is ahead.
    'age': ('src/role/retain.c', '''    if (behind > ran * RETAIN_PACE)
        behind = ran * RETAIN_PACE;''', '    (void)ran;'),
    # The write-ahead log is not emptied before an erasure counts as done.
    'scrub': ('src/role/erase.c', 'int r = store_scrub(x->engine->store);', 'int r = 0;'),
    # The bytes are left where they are: "the key is gone, who could read them?"
    'destroy': ('src/role/erase.c', '''    r = x->fd < 0 ? x->fd
                  : evidence_destroy(env, x->fd, row.at, row.len, scope == ERASURE_BLOCK);''',
                '''    (void)scope;
    r = x->fd < 0 ? x->fd : 0;'''),
    # The gate reads row by row, each of its own moment.
    'snapshot': ('src/role/view.c', 'int r = store_snapshot(v->node.store);\n\n    if (r == 0)\n        r = store_ledger_size',
                 'int r = 0;\n\n    if (r == 0)\n        r = store_ledger_size'),
    # A page is given out whatever its sum says.
    'sum': ('src/store/sums.c', 'return !s->on || is_good(to, at) ? SQLITE_OK : SQLITE_IOERR_DATA;',
            '(void)is_good;\n    return SQLITE_OK;'),
    # A checkpoint's failed sync is passed over, as SQLite's own hook does.
    'hook': ('src/store/store.c', *OFTEN, 'if (code == SQLITE_OK || code == SQLITE_FULL', 'if (code != SQLITE_NOMEM || code == SQLITE_FULL'),
}


def main():
    name, source, output = sys.argv[1:]
    path, *changes = PLANTS[name]
    assert source.endswith(path), source
    with open(source) as f:
        text = f.read()
    for old, new in zip(changes[::2], changes[1::2]):
        if text.count(old) != 1:
            sys.exit(f'{path}: the text that plant `{name}` changes stands there {text.count(old)} times')
        text = text.replace(old, new)
    with open(output, 'w') as f:
        f.write(f'#line 1 "{path} with plant {name}"\n' + text)


main()
