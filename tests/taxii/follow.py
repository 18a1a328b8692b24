#!/usr/bin/env python3
"""A collection that is followed: its indicators are looked for as they come and go there.  follow.py DETENTE

By POST, by `exchange import`, deleted, revoked, put there while the node stands, with a lister that is killed, and no longer
followed; beside bundles that were imported."""
import datetime, json, os, signal, sys, time, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import client, scene
from client import cli, rows
from scene import check, end, top, wait
from server import ROOT, Client

NOW = datetime.datetime.now(datetime.timezone.utc)
GREEN = {'object_marking_refs': ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb']}
sent = 0


def indicator(name, modified='2026-01-01T00:00:00.000Z', n=None, **more):
    return {'type': 'indicator', 'spec_version': '2.1', 'id': f'indicator--{n or uuid.uuid4()}', 'created': '2026-01-01T00:00:00.000Z', 'modified': modified, 'name': name,
            'pattern': f"[domain-name:value = '{name}']", 'pattern_type': 'stix', 'valid_from': '2026-01-01T00:00:00Z', **GREEN, **more}


def post(*objects):
    status, _, got = own.ask(ROOT + f'collections/{box}/objects/', {'objects': list(objects)})
    check('posted', status == 202 and got['failure_count'] == 0, got)


def drop(one):
    check('deleted', own.ask(ROOT + f'collections/{box}/objects/{one["id"]}/', method='DELETE')[0] == 200)


def send(*names):
    """Queries for names, without an alert."""
    global sent
    with open(top + '/eve.json', 'a') as f:
        for name in names:
            sent += 1
            at = (NOW + datetime.timedelta(milliseconds=sent)).strftime('%Y-%m-%dT%H:%M:%S.%f+0000')
            f.write(json.dumps({'timestamp': at, 'event_type': 'dns', 'src_ip': '192.0.2.1', 'dest_ip': '192.0.2.53', 'proto': 'UDP', 'dns': {'queries': [{'rrname': name}]}}) + '\n')


def looked_for():
    return a.ask('/api/v1/exchange')[1]['hits']['looked_for']


def hits():
    return {r['name']: (r['count'], r['state']) for r in rows('a', 'indicator', 'hits')[0]}


def asked():
    at = [x.split() for x in a.ask('/metrics')[1].splitlines() if x.startswith('detente_indicator_events_total ')]
    return int(at[0][1])


def met(what, want):
    wait(20, f'{what}: all were asked', lambda: asked() == sent)
    check(what, {k: v[0] for k, v in hits().items()} == want, (hits(), want))


def main():
    global a, own, box
    client.make('a')
    open(top + '/eve.json', 'w').close()
    with open(top + '/password', 'w') as f:
        f.write('a long password\n')
    cli('a', 'exchange', 'user', 'add', 'own', '--password-file', 'password')
    box = cli('a', 'exchange', 'collection', 'add', '--title', 'Given', '--alias', 'given', '--reader', 'own', '--writer', 'own')[0].strip()
    _, said = cli('a', 'indicator', 'follow', 'nothing', code=1)
    check('no such collection', 'there is no collection `nothing`' in said, said)
    cli('a', 'indicator', 'follow', code=2)
    cli('a', 'indicator', 'compile', code=1)
    a = scene.Node('--follow', top + '/eve.json', dir='a')
    own = Client(a, 'own')
    one, two, three, four = (indicator(f'{n}.test') for n in ('one', 'two', 'three', 'four'))
    post(one)
    _, said = cli('a', 'indicator', 'follow', 'given')
    check('it is looked for', '1 indicators are looked for' in said, said)
    check('and listed', rows('a', 'exchange', 'collection', 'list')[0][0]['followed'] is True and [r['name'] for r in rows('a', 'indicator', 'list')[0]] == ['one.test'])
    wait(20, 'the engine has it', lambda: looked_for() == 1)
    send('one.test', 'two.test')
    met('what was there', {'one.test': 1})
    # by POST, while it runs; what is no indicator changes nothing
    post(two, three, {'type': 'domain-name', 'spec_version': '2.1', 'id': 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7', 'value': 'example.com'})
    wait(20, 'they are looked for', lambda: looked_for() == 3)
    check('by a process of its own', '3 indicators are looked for' in a.said, a.said)
    send('two.test', 'three.test', 'www.three.test', 'four.test')
    met('what came', {'one.test': 1, 'two.test': 1, 'three.test': 1})
    # from a file; a newer version; revoked; deleted
    with open(top + '/bundle', 'w') as f:
        json.dump({'type': 'bundle', 'id': f'bundle--{uuid.uuid4()}', 'objects': [four]}, f)
    cli('a', 'exchange', 'import', 'bundle', '--into', 'given')
    wait(20, 'from a file', lambda: looked_for() == 4)
    post({**two, 'modified': '2026-02-01T00:00:00.000Z', 'revoked': True}, {**one, 'modified': '2026-02-01T00:00:00.000Z', 'pattern': "[domain-name:value = 'other.test']", 'name': 'other'})
    drop(three)
    wait(20, 'it follows', lambda: looked_for() == 2)
    send('one.test', 'two.test', 'three.test', 'four.test', 'other.test')
    met('what changed', {'other': 2, 'two.test': 1, 'three.test': 1, 'four.test': 1})
    check('and what became of them', {k: v[1] for k, v in hits().items()} == {'other': 'in-force', 'two.test': 'revoked', 'three.test': 'gone', 'four.test': 'in-force'}, hits())
    # beside bundles of its own folder
    with open(top + '/list', 'w') as f:
        f.write('listed.test\n')
    cli('a', 'indicator', 'import', 'list', '--kind', 'domains', '--valid-from', '2026-01-01T00:00:00Z')
    wait(20, 'both', lambda: looked_for() == 3)
    post(*[indicator(f'many{n}.test') for n in range(500)])
    wait(20, 'all of them', lambda: looked_for() == 503)
    # put there while the node stands, and nobody made the list anew
    check('it ends', a.stop() == 0)
    with open(top + '/bundle', 'w') as f:
        json.dump({'type': 'bundle', 'id': f'bundle--{uuid.uuid4()}', 'objects': [indicator('late.test')]}, f)
    cli('a', 'exchange', 'import', 'bundle', '--into', 'given')
    send('late.test')  # read only when the list is made
    a = scene.Node('--follow', top + '/eve.json', dir='a')
    own = Client(a, 'own')
    wait(20, 'found at the start', lambda: looked_for() == 504)
    wait(20, 'what waited is asked', lambda: hits().get('late.test') == (1, 'in-force'))
    # a lister that dies is started again, and nothing else with it
    engine = a.roles().get('detente-engine')
    died = lambda: a.said.count('the lister died')
    for n in range(30):
        post(*[indicator(f'x{n}-{k}.test') for k in range(400)])
        wait(20, 'a lister', lambda: 'detente-lister' in a.roles() or looked_for() == 504 + 400 * (n + 1))
        try:
            os.kill(a.roles()['detente-lister'], signal.SIGKILL)
        except (KeyError, ProcessLookupError):
            continue  # it was done sooner
        time.sleep(0.2)
        if died() == 2:
            break
    wait(60, 'in the end', lambda: looked_for() == 504 + 400 * (n + 1))
    check('some died, and nothing with them', died() > 0 and a.roles().get('detente-engine') == engine, a.said)
    # no longer
    _, said = cli('a', 'indicator', 'follow', 'given', '--stop')
    check('the list stays', '1 indicators are looked for' in said, said)
    wait(20, 'it is left', lambda: looked_for() == 1)
    post(indicator('after.test'))
    send('after.test', 'late.test', 'listed.test')
    wait(20, 'asked', lambda: hits().get('list') == (1, 'in-force'))
    check('nothing else', 'after.test' not in hits() and hits()['late.test'] == (1, 'gone') and hits()['other'][1] == 'gone', hits())
    check('nothing was forbidden', 'not on its list' not in a.said, a.said)
    check('it ends', a.stop() == 0)
    # without a running node: `ingest` makes the list anew, and so does a node that comes back from its backup
    cli('a', 'indicator', 'follow', 'given')
    with open(top + '/bundle', 'w') as f:
        json.dump({'type': 'bundle', 'id': f'bundle--{uuid.uuid4()}', 'objects': [indicator('alone.test')]}, f)
    cli('a', 'exchange', 'import', 'bundle', '--into', 'given')
    send('alone.test')
    cli('a', 'ingest', 'eve.json')
    check('asked by ingest', hits().get('alone.test') == (1, 'in-force'), hits())
    for name in os.listdir(top + '/a/indicators'):
        os.unlink(f'{top}/a/indicators/{name}')
    os.rmdir(top + '/a/indicators')
    cli('a', 'backup', 'kept')
    _, said = cli('b', 'restore', 'kept')
    check('a node that only follows', 'indicators are looked for' in said and os.path.getsize(top + '/b/indicators/compiled.bin') > 0, said)
    cli('a', 'log', 'fsck')
    end()


main()
