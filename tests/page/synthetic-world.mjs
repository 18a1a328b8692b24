// Seeded events of an invented world, kept in memory and counted the way docs/api.md describes.
import {makeLog} from './synthetic-log.mjs';

export const CHIPS = ['scan', 'brute force', 'exploit', 'malware, C2', 'DoS', 'phishing', 'data theft', 'other'];
const CLASSES = [
  'information-gathering:scanner',
  'intrusion-attempts:brute-force',
  'intrusion-attempts:exploit',
  'malicious-code:c2-server',
  'availability:dos',
  'fraud:phishing',
  'information-content-security:unauthorised-information-access',
  'other'
];
const RULES = [
  'SYN scan of many ports',
  'SSH password guessing',
  'edge VPN path traversal CVE-2099-0001',
  'beacon to a known C2',
  'UDP flood',
  'credential form, look-alike',
  'large upload by night',
  'policy: unusual port'
];
const PORTS = [443, 22, 8443, 4444, 53, 443, 443, 9001];
/** Networks that an annex of synthetic-verdicts.mjs declares. */
export const PARTY = {64500: 'southmark', 65536: 'southmark'};
const NETS = [
  [64500, 'Southmark Backbone', 'XS'],
  [64501, 'Southmark Campus', 'XS'],
  [64504, 'Eastholm Online', 'XE'],
  [64505, 'Eastholm Mobile', 'XE'],
  [64506, 'Westvale Net', 'XW'],
  [64508, 'Lakeland Cable', 'XL'],
  [65536, 'Example Hosting', 'XA'],
  [65537, 'Sample Cloud', 'XB'],
  [65538, 'Test Transit', 'XC'],
  [65539, 'Demo Fibre', 'XD'],
  [65540, 'Model Net', 'XF'],
  [65541, 'Specimen Servers', 'XG'],
  [65542, 'Placeholder Tel', 'XH'],
  [65543, 'Mock Mobile', 'XJ'],
  [65544, 'Trial Broadband', 'XM'],
  [65545, 'Pattern Data', 'XO'],
  [65546, 'Blank Systems', 'XP'],
  [65547, 'Draft Carrier', 'XQ'],
  [65548, 'Outline ISP', 'XR'],
  [65549, 'Sketch Hosting', 'XT'],
  [65550, 'Figure Cable', 'XU'],
  [65551, 'Dummy Exchange', 'XV'],
  [64510, 'Proxy Plain', 'XY'],
  [64511, 'Example Colo', 'XA']
];
for (let i = 0; i < 60; i++) NETS.push([64512 + i, `Invented Network ${i + 1}`, NETS[(i * 7 + 6) % 24][2]]);
const WEIGHT = [620, 90, 320, 140, 110, 150, 3400, 900, 240, 700, 260, 1800, 120, 90, 130, 210, 160, 80, 70, 190, 140, 60, 50, 300];
const TARGETS = ['192.0.2.10', '192.0.2.77', '192.0.2.140', '192.0.2.201', '2001:db8:a::10', '2001:db8:a:8000:1234:5678:9abc:def0'];
const KEEP = 3000;

/** mulberry32: the same world for the same seed. */
export function rng(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const STEP = 300;
/** How often each chip occurs. */
const MIX = [60, 25, 8, 4, 3, 2, 1, 3];
const stamp = t => new Date(t).toISOString().slice(0, 23) + '000Z';

/** Events per bucket and chip: a daily wave, and a burst where something happened. */
function series(r, now) {
  const burst = (k, i) => {
    if (k === 2 && i > 251 && i < 266) return 5;
    if (k === 4 && i > 30 && i < 38) return 9;
    return k === 1 && i > 88 && i < 124 ? 2.4 * (1 - (i - 88) / 36) : 0;
  };
  const value = (k, i) => {
    const base = [95, 28, 6.3, 7.7, 8, 1.4, 0.2, 2.4][k];
    return Math.round(base * (1 + 0.35 * Math.sin((i / 288 - 0.2) * 6.28 + k)) * (0.75 + r() * 0.5 + burst(k, i)));
  };
  const start = Math.floor(now / 1000 / STEP) * STEP - 287 * STEP;
  return {step: STEP, start, rows: CHIPS.map((_, k) => Array.from({length: 288}, (_, i) => value(k, i)))};
}

class World {
  log = makeLog('northland.example/detente/log', 'stub');
  events = [];
  open = [];
  unknown = 214;
  rejected = 12;
  duplicates = 431;
  chips = [27417, 8016, 1822, 2232, 2283, 410, 59, 685];
  targets = new Map(TARGETS.map((t, i) => [t, 2400 >> i]));

  constructor(seed, now) {
    const r = (this.r = rng(seed));
    this.weights = NETS.map((_, i) => WEIGHT[i] ?? 8 + r() * 30);
    this.counts = NETS.map(([asn, name, cc], i) => {
      const w = this.weights[i];
      return {
        asn,
        name,
        cc,
        n15: Math.round(w * 0.5),
        n60: Math.round(w * 2),
        p60: Math.round(w * (1.3 + r() * 1.6)),
        chip: this.pick(MIX)
      };
    });
    this.series = series(r, now);
    for (let i = 0; i < 400; i++) this.put(this.event(now - (400 - i) * 2000));
    this.close(now);
  }

  pick(weights) {
    let x = this.r() * weights.reduce((a, b) => a + b, 0);
    return weights.findIndex(w => (x -= w) < 0);
  }

  /** Addresses of an event: one in eight is IPv6. */
  ends(i) {
    const r = this.r;
    if (r() >= 0.12)
      return {address: `198.51.100.${1 + Math.floor(r() * 250)}`, target: TARGETS[Math.floor(r() * 4)], prefix: '198.51.100.0/24'};
    const prefix = `2001:db8:b:${(i + 1).toString(16)}::`;
    return {address: prefix + (1 + Math.floor(r() * 65000)).toString(16), target: TARGETS[4 + Math.floor(r() * 2)], prefix: prefix + '/64'};
  }

  event(t) {
    const r = this.r,
      net = this.pick(this.weights),
      n = this.counts[net],
      chip = r() < 0.7 ? n.chip : this.pick(MIX);
    const {address, target, prefix} = this.ends(net),
      port = 1024 + Math.floor(r() * 60000),
      sid = 2030000 + chip,
      rule = RULES[chip];
    const raw = JSON.stringify({
      timestamp: stamp(t),
      event_type: 'alert',
      src_ip: address,
      src_port: port,
      dest_ip: target,
      dest_port: PORTS[chip],
      alert: {signature_id: sid, signature: rule},
      http: {user_agent: 'probe/1.0 \u202egpj.exe\u200b <b>bold</b>'}
    });
    const origin = {
      address,
      port,
      asn: n.asn,
      name: n.name,
      country: n.cc,
      prefix,
      dataset: 'asn',
      date: '2026-11-20',
      disputed: r() < 0.05
    };
    return {
      time: stamp(t),
      time_seen: stamp(t + 300 + Math.floor(r() * 900)),
      kind: chip === 1 ? 'auth' : 'alert',
      class: CLASSES[chip],
      chip,
      severity: 1 + (chip % 3),
      count: r() < 0.1 ? 12 : 1,
      origin,
      target: {address: target, port: PORTS[chip], asn: 64496, country: 'XN', name: 'Northland Government Network'},
      party: PARTY[origin.asn] ?? '',
      protocol: chip === 4 ? 17 : 6,
      rule: `suricata:1:${sid}:2`,
      rule_name: rule,
      sensor: 'nl-edge-1',
      grade: chip === 4 ? 0 : 1,
      flags: chip === 4 ? ['direction_inferred', 'spoofable'] : [],
      raw_kind: 'line',
      raw_bytes: Buffer.byteLength(raw),
      raw,
      net
    };
  }

  put(e) {
    this.open.push(e);
    e.id = `${this.log.blocks.size + 1}-${this.open.length - 1}`;
    this.events.unshift(e);
    if (this.events.length > KEEP) this.events.pop();
    if (this.open.length >= 40) this.close(Date.parse(e.time));
  }
  close(t) {
    if (!this.open.length) return;
    this.log.block(this.open, t);
    this.open = [];
  }

  /** A turn goes by and some events come in; returns what changed. */
  step(t) {
    const r = this.r,
      fresh = Array.from({length: Math.floor(r() * 3)}, () => this.event(t - Math.floor(r() * 200)));
    const nets = new Set(),
      touched = new Set(),
      buckets = [];
    for (const e of fresh) {
      const n = this.counts[e.net];
      this.put(e);
      n.n15++;
      n.n60++;
      nets.add(n);
      touched.add(e.target.address);
      this.targets.set(e.target.address, this.targets.get(e.target.address) + 1);
      this.chips[e.chip]++;
      buckets.push(this.bucket(e.chip, t));
    }
    // What grows also falls out of the window at the other end.
    const old = this.counts[Math.floor(r() * this.counts.length)];
    if (old.n15 > 3) {
      old.n15--;
      nets.add(old);
    }
    if (r() < 0.05) this.close(t);
    return {nets, touched, buckets, fresh};
  }

  bucket(chip, t) {
    const at = Math.floor(t / 1000 / STEP) * STEP,
      s = this.series;
    while (s.start + 287 * STEP < at) {
      s.start += STEP;
      for (const row of s.rows) {
        row.shift();
        row.push(0);
      }
    }
    return [chip, at, ++s.rows[chip][(at - s.start) / STEP]];
  }
}
export const makeWorld = (seed, now) => new World(seed, now);
