// Seeded events of an invented world, kept in memory and counted the way docs/api.md describes.
import {makeLog} from './synthetic-log.mjs';

export const CHIPS = ['scan', 'brute force', 'exploit', 'malware, C2', 'DoS', 'phishing', 'data theft', 'other'];
const CLASSES = ['scan:scanner', 'intrusion-attempts:brute-force', 'intrusion-attempts:exploit', 'malicious-code:c2-server', 'availability:dos', 'fraud:phishing', 'information-content-security:unauthorised-information-access', 'other'];
const RULES = ['SYN scan of many ports', 'SSH password guessing', 'edge VPN path traversal CVE-2099-0001', 'beacon to a known C2', 'UDP flood', 'credential form, look-alike', 'large upload by night', 'policy: unusual port'];
const PORTS = [443, 22, 8443, 4444, 53, 443, 443, 9001];
const NETS = [[64500, 'Southmark Backbone', 'XS'], [64501, 'Southmark Campus', 'XS'], [64504, 'Eastholm Online', 'XE'], [64505, 'Eastholm Mobile', 'XE'], [64506, 'Westvale Net', 'XW'], [64508, 'Lakeland Cable', 'XL'], [65536, 'Example Hosting', 'XA'], [65537, 'Sample Cloud', 'XB'], [65538, 'Test Transit', 'XC'],
  [65539, 'Demo Fibre', 'XD'], [65540, 'Model Net', 'XF'], [65541, 'Specimen Servers', 'XG'], [65542, 'Placeholder Tel', 'XH'], [65543, 'Mock Mobile', 'XJ'], [65544, 'Trial Broadband', 'XM'], [65545, 'Pattern Data', 'XO'], [65546, 'Blank Systems', 'XP'], [65547, 'Draft Carrier', 'XQ'], [65548, 'Outline ISP', 'XR'], [65549, 'Sketch Hosting', 'XT'],
  [65550, 'Figure Cable', 'XU'], [65551, 'Dummy Exchange', 'XV'], [64510, 'Proxy Plain', 'XY'], [64511, 'Example Colo', 'XA']];
for (let i = 0; i < 60; i++) NETS.push([64512 + i, `Invented Network ${i + 1}`, NETS[(i * 7 + 6) % 24][2]]);
const WEIGHT = [620, 90, 320, 140, 110, 150, 3400, 900, 240, 700, 260, 1800, 120, 90, 130, 210, 160, 80, 70, 190, 140, 60, 50, 300];
const TARGETS = ['192.0.2.10', '192.0.2.77', '192.0.2.140', '192.0.2.201', '2001:db8:a::10', '2001:db8:a:8000:1234:5678:9abc:def0'];
const WEEK = 24 * 3600e3, KEEP = 3000;

/** mulberry32: the same world for the same seed. */
export function rng(seed) {
  return () => { seed = seed + 0x6D2B79F5 | 0; let t = Math.imul(seed ^ seed >>> 15, 1 | seed); t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t; return ((t ^ t >>> 14) >>> 0) / 4294967296; };
}
const stamp = t => new Date(t).toISOString().slice(0, 23) + '000Z';

export function makeWorld(seed, now) {
  const r = rng(seed), log = makeLog('northland.example/detente/log', 'stub');
  const pick = weights => { let x = r() * weights.reduce((a, b) => a + b, 0); return weights.findIndex(w => (x -= w) < 0); };
  const weights = NETS.map((_, i) => WEIGHT[i] ?? 8 + r() * 30);
  const counts = NETS.map((n, i) => ({asn: n[0], name: n[1], cc: n[2], n15: Math.round(weights[i] * .5), n60: Math.round(weights[i] * 2), p60: Math.round(weights[i] * (1.3 + r() * 1.6)), chip: pick([60, 25, 8, 4, 3, 2, 1, 3])}));
  const world = {log, events: [], counts, unknown: 214, chips: [27417, 8016, 1822, 2232, 2283, 410, 59, 685], targets: new Map(TARGETS.map((t, i) => [t, 2400 >> i])), open: [], rejected: 12, duplicates: 431};
  const step = 300, start = Math.floor(now / 1000 / step) * step - 287 * step;
  world.series = {step, start, rows: CHIPS.map((_, k) => {
    const base = [95, 28, 6.3, 7.7, 8, 1.4, .2, 2.4][k];
    return Array.from({length: 288}, (_, i) => {
      const wave = 1 + .35 * Math.sin((i / 288 - .2) * 6.28 + k), burst = k === 2 && i > 251 && i < 266 ? 5 : k === 4 && i > 30 && i < 38 ? 9 : k === 1 && i > 88 && i < 124 ? 2.4 * (1 - (i - 88) / 36) : 0;
      return Math.round(base * wave * (.75 + r() * .5 + burst));
    });
  })};

  function makeEvent(t) {
    const i = pick(weights), n = counts[i], chip = r() < .7 ? n.chip : pick([60, 25, 8, 4, 3, 2, 1, 3]), six = r() < .12;
    const address = six ? `2001:db8:b:${(i + 1).toString(16)}::${(1 + Math.floor(r() * 65000)).toString(16)}` : `198.51.100.${1 + Math.floor(r() * 250)}`;
    const target = TARGETS[six ? 4 + Math.floor(r() * 2) : Math.floor(r() * 4)];
    const rule = RULES[chip], port = 1024 + Math.floor(r() * 60000), sid = 2030000 + chip;
    const raw = JSON.stringify({timestamp: stamp(t), event_type: 'alert', src_ip: address, src_port: port, dest_ip: target, dest_port: PORTS[chip], alert: {signature_id: sid, signature: rule}, http: {user_agent: 'probe/1.0 \u202egpj.exe\u200b <b>bold</b>'}});
    return {
      time: stamp(t), time_seen: stamp(t + 300 + Math.floor(r() * 900)), kind: chip === 1 ? 'auth' : 'alert', class: CLASSES[chip], chip, severity: 1 + chip % 3, count: r() < .1 ? 12 : 1,
      origin: {address, port, asn: n.asn, name: n.name, country: n.cc, prefix: six ? `2001:db8:b:${(i + 1).toString(16)}::/64` : '198.51.100.0/24', dataset: 'asn', date: '2026-11-20', disputed: r() < .05},
      target: {address: target, port: PORTS[chip], asn: 64496, country: 'XN', name: 'Northland Government Network'},
      party: '', protocol: chip === 4 ? 17 : 6, rule: `suricata:1:${sid}:2`, rule_name: rule, sensor: 'nl-edge-1', grade: chip === 4 ? 0 : 1, flags: chip === 4 ? ['direction_inferred', 'spoofable'] : [], raw_kind: 'line', raw_bytes: Buffer.byteLength(raw), raw, net: i
    };
  }
  function close(t) {
    if (!world.open.length) return;
    log.block(world.open, t);
    world.open = [];
  }
  function put(e) {
    world.open.push(e);
    e.id = `${log.blocks.size + 1}-${world.open.length - 1}`;
    world.events.unshift(e);
    if (world.events.length > KEEP) world.events.pop();
    if (world.open.length >= 40) close(Date.parse(e.time));
  }
  for (let i = 0; i < 400; i++) put(makeEvent(now - (400 - i) * 2000));
  close(now);

  /** A quarter of a second goes by: some events come in; returns what changed, as a delta. */
  world.step = t => {
    const fresh = Array.from({length: Math.floor(r() * 3)}, () => makeEvent(t - Math.floor(r() * 200))), nets = new Set(), touched = new Set(), buckets = [];
    for (const e of fresh) {
      put(e);
      const n = counts[e.net];
      n.n15++; n.n60++; nets.add(n);
      touched.add(e.target.address);
      world.targets.set(e.target.address, world.targets.get(e.target.address) + 1);
      world.chips[e.chip]++;
      buckets.push(bucket(e.chip, t));
    }
    // What grows also falls out of the window at the other end.
    const old = counts[Math.floor(r() * counts.length)];
    if (old.n15 > 3) { old.n15--; nets.add(old); }
    if (r() < .05) close(t);
    return {nets, touched, buckets, fresh};
  };
  function bucket(chip, t) {
    const at = Math.floor(t / 1000 / step) * step, s = world.series;
    while (s.start + 287 * step < at) { s.start += step; for (const row of s.rows) { row.shift(); row.push(0); } }
    const i = (at - s.start) / step;
    return [chip, at, ++s.rows[chip][i]];
  }
  return world;
}
export {CLASSES, WEEK};
