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
    'tail': ('src/role/engine.c', 'r = cut_tail(e, ei);', '(void)cut_tail;'),
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
