"""What scripts about incidents between aland and bland (pair.py) need: attack traffic at aland, commands, and what is shown."""
import json, subprocess, time

import scene
from scene import check, detente, top


def eve(origin, times, targets=2):
    """Attack traffic from an address, at aland's sensor, now."""
    out = ''
    for i in range(times):
        at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())
        out += json.dumps({
            'timestamp': f'{at}.{i:06d}+0000', 'event_type': 'alert', 'src_ip': origin, 'src_port': 40000 + i,
            'dest_ip': f'192.0.2.{10 + i % targets}', 'dest_port': 443, 'proto': 'TCP', 'app_proto': 'http',
            'flow': {'pkts_toserver': 5, 'pkts_toclient': 4}, 'alert': {
                'action': 'allowed', 'gid': 1, 'signature_id': 2030001, 'rev': 2, 'signature': 'x',
                'category': 'Attempted Administrator Privilege Gain', 'severity': 1}}) + '\n'
    open(top + '/e.json', 'w').write(out)
    p = subprocess.run([detente, '--dir', 'aland', 'ingest', 'e.json'], cwd=top, capture_output=True, text=True, timeout=60)
    check('events are taken', p.returncode == 0, p.stderr)


def cli(who, *args, good=0):
    p = subprocess.run([detente, '--dir', who, *args], cwd=top, capture_output=True, text=True, timeout=60)
    check(f'{who}: {args}', p.returncode == good, (p.returncode, p.stderr))
    return p.stdout if good == 0 else p.stderr


def listed(who):
    return {r['incident']: r for r in json.loads(cli(who, 'incident', 'list', '--all', '-o', 'json'))}


def shown(who, name):
    p = subprocess.run([detente, '--dir', who, 'incident', 'show', name, '--json'], cwd=top, capture_output=True, text=True, timeout=60)
    return json.loads(p.stdout) if p.returncode == 0 else {'state': ''}


def in_force():
    scene.wait(20, 'both annexes are in force', lambda: all('none' not in r['witnessed'] and r['witnessed'] for w in ('aland', 'bland')
                                                            for r in json.loads(cli(w, 'pact', 'list', '-o', 'json'))))
    time.sleep(5)  # the engine looks for that every two seconds
