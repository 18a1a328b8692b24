#!/usr/bin/env python3
"""Ids of random observables against UUIDs that Python makes: sco_ids.py SCO_IDS."""
import json, random, struct, subprocess, sys, uuid

SPACE = uuid.UUID('00abedb4-aa42-466c-9c01-fed23315a9b7')
KINDS = {'artifact': 'hashes payload_bin', 'autonomous-system': 'number', 'directory': 'path', 'domain-name': 'value', 'email-addr': 'value', 'email-message': 'from_ref subject body',
         'file': 'hashes name parent_directory_ref extensions', 'ipv4-addr': 'value', 'ipv6-addr': 'value', 'mac-addr': 'value', 'mutex': 'name',
         'network-traffic': 'start end src_ref dst_ref src_port dst_port protocols extensions', 'process': '', 'software': 'name cpe swid vendor version', 'url': 'value',
         'user-account': 'account_type user_id account_login', 'windows-registry-key': 'key values', 'x509-certificate': 'hashes serial_number'}
rng = random.Random(7)


def real(v):
    """As ECMAScript writes it, from Python's own shortest digits."""
    if v == 0:
        return '0'
    sign, v = ('-' if v < 0 else ''), abs(v)
    mantissa, _, e = f'{v!r}'.partition('e')
    whole, _, part = mantissa.partition('.')
    digits = (whole + part).lstrip('0')
    n = len(whole) + int(e or 0) - (len(whole + part) - len(digits))
    digits = digits.rstrip('0')
    k = len(digits)
    if k <= n <= 21:
        return sign + digits + '0' * (n - k)
    if 0 < n <= 21:
        return sign + digits[:n] + '.' + digits[n:]
    if -6 < n <= 0:
        return sign + '0.' + '0' * -n + digits
    return sign + digits[0] + ('.' + digits[1:] if k > 1 else '') + f'e{n - 1:+d}'


def canonical(v):
    if isinstance(v, dict):
        return '{' + ','.join(canonical(k) + ':' + canonical(v[k]) for k in sorted(v, key=lambda k: k.encode('utf-16-be'))) + '}'
    if isinstance(v, list):
        return '[' + ','.join(map(canonical, v)) + ']'
    if isinstance(v, bool) or v is None:
        return json.dumps(v)
    if isinstance(v, (int, float)):
        return real(float(v))
    return json.dumps(v, ensure_ascii=False)


def text():
    return ''.join(rng.choice('ab/"\\\n\t\x01\x1f\x7fé€\uffee😀\u2028 zZ0') for _ in range(rng.randrange(8)))


def number():
    while True:
        v = struct.unpack('<d', struct.pack('<Q', rng.getrandbits(64)))[0]
        if v == v and abs(v) != float('inf'):
            return v


def value(depth=0):
    r = rng.randrange(9 if depth < 6 else 5)
    if r > 6:
        return {text(): value(depth + 1) for _ in range(rng.randrange(4))}
    if r > 4:
        return [value(depth + 1) for _ in range(rng.randrange(3))]
    return (text(), rng.choice((True, False, None)), rng.randrange(-2**60, 2**60) >> rng.randrange(60), number(), rng.randrange(-10**9, 10**9) / 10**rng.randrange(30))[r]


def hashes():
    return {k: text() for k in rng.sample(('MD5', 'SHA-1', 'SHA-256', 'SHA-512', 'SHA3-256', 'SSDEEP', 'TLSH'), rng.randrange(4))}


def expected(o):
    has = {}
    for name in KINDS[o['type']].split():
        v = o.get(name)
        if name == 'hashes' and v is not None:
            first = [h for h in ('MD5', 'SHA-1', 'SHA-256', 'SHA-512') if h in v] + sorted(v)
            v = {first[0]: v[first[0]]} if first else None
        if v is not None:
            has[name] = v
    return o['type'] + '--' + str(uuid.uuid5(SPACE, canonical(has))) if has else '1'


objects = []
for i in range(6000):
    kind = rng.choice(list(KINDS))
    o = {'type': kind, 'x_other': value()}
    for name in KINDS[kind].split():
        if rng.randrange(3):
            o[name] = hashes() if name == 'hashes' else value()
    members = list(o.items())
    rng.shuffle(members)
    objects.append(dict(members))
objects.append({'type': 'tool', 'name': 'x'})
wanted = [expected(o) for o in objects[:-1]] + ['-4']
p = subprocess.run([sys.argv[1]], input=json.dumps(objects, ensure_ascii=rng.random() < 0.5), capture_output=True, text=True)
got = p.stdout.split('\n')[:-1]
wrong = [(o, w, g) for o, w, g in zip(objects, wanted, got) if w != g]
for row in wrong[:3]:
    print('FAULT', *row)
print(f'{len(got)} ids, {len(wrong)} wrong', p.stderr)
sys.exit(bool(wrong) or len(got) != len(wanted))
