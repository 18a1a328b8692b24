// A small log of its own for the tests: blocks of salted event commitments, leaves, tree heads and proof files, by node's crypto.
// It shares no code with the page, so that both must be right for a proof to verify.
import {createHash, createPrivateKey, createPublicKey, sign} from 'node:crypto';

const sha = (...parts) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map(p => Buffer.from(p))))
    .digest();
const leaf = entry => sha([0], entry),
  node = (a, b) => sha([1], a, b);

function split(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
const root = h => (h.length === 1 ? h[0] : node(root(h.slice(0, split(h.length))), root(h.slice(split(h.length)))));
function path(h, i) {
  if (h.length === 1) return [];
  const k = split(h.length);
  return i < k ? [...path(h.slice(0, k), i), root(h.slice(k))] : [...path(h.slice(k), i - k), root(h.slice(0, k))];
}

/** Canonical JSON for what occurs here: sorted keys, whole numbers. */
export function jcs(v) {
  if (Array.isArray(v)) return '[' + v.map(jcs).join(',') + ']';
  if (v && typeof v === 'object')
    return (
      '{' +
      Object.keys(v)
        .sort()
        .map(k => jcs(k) + ':' + jcs(v[k]))
        .join(',') +
      '}'
    );
  return JSON.stringify(v);
}
const stamp = t => new Date(t).toISOString().slice(0, 23) + '000Z';

function keyOf(seed) {
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), sha('TEST KEY ' + seed)]),
    format: 'der',
    type: 'pkcs8'
  });
  return {key, pub: createPublicKey(key).export({format: 'der', type: 'spki'}).subarray(-32)};
}

/** The four parts of an event and their hashes. */
function commit(e, blockKey, i) {
  const salt = p => {
    const n = Buffer.alloc(9);
    n.writeBigUInt64BE(BigInt(i));
    n[8] = p;
    return sha(blockKey, n);
  };
  const target = jcs(['tgt', e.target.address, e.target.port, e.target.asn, e.target.country, e.sensor]);
  const raw = Buffer.from(e.raw);
  const pub = jcs(['pub', e.time, e.time_seen, e.kind, e.class, e.severity, e.count, e.origin.asn, e.origin.country, e.grade, e.flags]);
  const prv = jcs([
    'prv',
    e.origin.address,
    e.origin.port,
    e.protocol,
    e.rule,
    sha(salt(4), target).toString('hex'),
    'line',
    sha(salt(3), raw).toString('hex'),
    0,
    1
  ]);
  return {target, raw, pub, prv, salt, c: leaf(Buffer.concat([Buffer.from('detente/event/v1\n'), sha(salt(1), pub), sha(salt(2), prv)]))};
}

class Log {
  blocks = new Map();
  signed = stamp(Date.UTC(2026, 10, 24));

  constructor(origin, seed) {
    const {key, pub} = keyOf(seed),
      raw = Buffer.concat([Buffer.from([1]), pub]);
    this.origin = origin;
    this.seed = seed;
    this.key = key;
    this.id = sha(origin + '\n', raw).subarray(0, 4);
    this.vkey = `${origin}+${this.id.toString('hex')}+${raw.toString('base64')}`;
    const start = {at: this.signed, generation: 1, origin, party: origin.split('.')[0], software: 'stub', test: true};
    this.entries = [Buffer.from('detente/start/1\n' + jcs(start))];
    this.hashes = [leaf(this.entries[0])];
  }
  get size() {
    return this.hashes.length;
  }
  get root() {
    return root(this.hashes).toString('hex');
  }

  /** Closes a block over these events; its number is returned. */
  block(events, at = Date.now()) {
    const number = this.blocks.size + 1,
      blockKey = sha(`${this.seed} block ${number}`),
      parts = events.map((e, i) => commit(e, blockKey, i));
    this.blocks.set(number, {parts, leaf: this.size});
    const entry = Buffer.from('detente/block/1\n' + jcs(this.leafOf(events, parts, number, at)));
    this.entries.push(entry);
    this.hashes.push(leaf(entry));
    this.signed = stamp(at);
    return number;
  }
  leafOf(events, parts, number, at) {
    const totals = new Map(),
      times = events.map(e => e.time).sort();
    for (const e of events) {
      const t = totals.get(e.class) ?? [0, 0];
      totals.set(e.class, [t[0] + 1, t[1] + e.count]);
    }
    return {
      at: stamp(at),
      block: number,
      count: events.reduce((n, e) => n + e.count, 0),
      events: events.length,
      figures: sha('figures').toString('hex'),
      first: times[0],
      last: times.at(-1),
      format: 'event/v1',
      root: root(parts.map(p => p.c)).toString('hex'),
      size: this.size,
      tables: '',
      totals: [...totals].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([k, [n, c]]) => [k, n, c])
    };
  }

  /** Who cosigns: each gives its line. */
  cosigners = [];
  checkpoint() {
    const body = `${this.origin}\n${this.size}\n${root(this.hashes).toString('base64')}\n`;
    return `${body}\n— ${this.origin} ${Buffer.concat([this.id, sign(null, Buffer.from(body), this.key)]).toString('base64')}\n` + this.cosigners.map(c => c.line(body)).join('');
  }

  /** Where an event stands; undefined while its block is open. */
  place(block, i) {
    const b = this.blocks.get(block);
    if (!b) return undefined;
    const {size, signed, root: top} = this;
    return {leaf: b.leaf, block, index: i, events: b.parts.length, size, signed, commitment: b.parts[i].c.toString('hex'), root: top};
  }

  /** The proof file of an event, as bytes. */
  proof(block, i) {
    const b = this.blocks.get(block),
      p = b.parts[i],
      inner = path(
        b.parts.map(x => x.c),
        i
      ),
      outer = path(this.hashes, b.leaf);
    const file = {
      format: 'detente-event-proof/1',
      origin: this.origin,
      entry: this.entries[b.leaf].toString(),
      index: i,
      events: b.parts.length,
      path: inner.map(h => h.toString('hex')),
      public: p.pub,
      salt_public: p.salt(1).toString('hex'),
      private: p.prv,
      salt_private: p.salt(2).toString('hex'),
      target: p.target,
      salt_target: p.salt(4).toString('hex'),
      raw: p.raw.toString('hex'),
      salt_raw: p.salt(3).toString('hex'),
      tlog_proof: ['c2sp.org/tlog-proof@v1', `index ${b.leaf}`, ...outer.map(h => h.toString('base64')), '', this.checkpoint()].join('\n')
    };
    return Buffer.from(jcs(file) + '\n');
  }

  /** An event to make a block of. */
  sample(i) {
    const time = stamp(Date.UTC(2026, 10, 24, 12, 0, i));
    return {
      time,
      time_seen: time,
      kind: 'alert',
      class: 'information-gathering:scanner',
      severity: 2,
      count: 1,
      origin: {address: `198.51.100.${i + 1}`, port: 40000 + i, asn: 64500, country: 'XS'},
      target: {address: '192.0.2.10', port: 443, asn: 64496, country: 'XN'},
      sensor: 'eve',
      grade: 1,
      flags: ['direction_inferred'],
      protocol: 6,
      rule: 'suricata:1:2030001:2',
      raw: `{"event":${i}}`
    };
  }
}
/** A witness of logs (C2SP cosignature/v1), at one time. */
export function makeCosigner(name, seed, time) {
  const {key, pub} = keyOf(seed),
    raw = Buffer.concat([Buffer.from([4]), pub]),
    id = sha(name + '\n', raw).subarray(0, 4),
    at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(time));
  return {
    vkey: `${name}+${id.toString('hex')}+${raw.toString('base64')}`,
    line: body => `— ${name} ${Buffer.concat([id, at, sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${body}`), key)]).toString('base64')}\n`
  };
}
export const makeLog = (origin, seed) => new Log(origin, seed);
