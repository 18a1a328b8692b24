// The past of the invented world: figures that depend on the moment alone, so that the same moment says the same each time.
const STEP = 300,
  DAY = 86_400;
/** From 0 to 1, by whole numbers. */
function noise(a, b) {
  let t = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  t = Math.imul(t ^ (t >>> 15), 1 | t);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const BASE = [95, 28, 6, 8, 8, 1.4, 0.3, 2.4];
const inBucket = (chip, bucket) => Math.round(BASE[chip] * (0.5 + noise(bucket, chip)));

/** Of that moment, in ms; `like` is a snapshot of now, of which what has no past is taken. */
export function pastOf(world, like, at) {
  const seconds = Math.floor(at / 1000),
    bucket = Math.floor(seconds / STEP),
    part = (seconds % STEP) / STEP;
  const rows = BASE.map((_, k) =>
    Array.from({length: 288}, (_, i) => {
      const b = bucket - 287 + i,
        all = inBucket(k, b);
      return b === bucket ? Math.round(all * part) : all;
    })
  );
  const minute = Math.floor(seconds / 60);
  const counts = world.counts.map((n, i) => {
    const n15 = Math.round(n.n15 * noise(Math.floor(minute / 5), i));
    return {...n, n15, n60: n15 * 4 + 1, p60: n15 * 3 + 1};
  });
  const sorted = [...counts].sort((a, b) => b.n15 - a.n15),
    total = counts.reduce((s, n) => s + n.n15, 0);
  const economies = new Map();
  for (const n of counts) {
    const e = economies.get(n.cc) ?? [n.cc, 0, 0, 0, 0, 0];
    [e[1], e[2], e[3], e[4], e[5]] = [e[1] + n.n15, e[2] + n.n60, e[3] + n.p60, e[4] + 1, e[5] + (n.n15 ? 1 : 0)];
    economies.set(n.cc, e);
  }
  return {
    ...like,
    now: new Date(at).toISOString().slice(0, 23) + '000Z',
    chips: rows.map(r => r.reduce((a, b) => a + b, 0)),
    networks: sorted.slice(0, 50).map(n => [n.asn, n.name, n.cc, n.n15, n.n60, n.p60]),
    economies: [...economies.values()],
    parties: [['', total, total * 4, total * 3]],
    totals: [total, counts.filter(n => n.n15).length, economies.size, total >> 3],
    targets: like.targets.map(([a, p], i) => [a, p, Math.round(2400 * noise(minute, i) + 1)]),
    corridors: sorted.slice(0, 60).filter(n => n.n15).map(n => [n.cc, n.asn, n.n15, n.chip]),
    series: {step: STEP, start: (bucket - 287) * STEP, rows},
    recent: like.recent.map((r, i) => [r[0], new Date(at - i * 3000).toISOString().slice(0, 23) + '000Z', ...r.slice(2)])
  };
}

/** What changed between two such snapshots, as the node says it: whole rows, and zeroes for those that went. */
export function changed(a, b) {
  const d = {pos: b.pos, now: b.now, chips: b.chips, parties: b.parties, totals: b.totals, recent: b.recent, honesty: b.honesty, log: b.log};
  const lists = {networks: [r => r[0], r => [r[0], '', '', 0, 0, 0]], economies: [r => r[0], r => [r[0], 0, 0, 0, 0, 0]], targets: [r => r[0], r => [r[0], '', 0]], corridors: [r => r[0] + r[1], r => [r[0], r[1], 0, 0]]};
  for (const [k, [key, gone]] of Object.entries(lists)) {
    const before = new Map(a[k].map(r => [key(r), String(r)])),
      now = new Set(b[k].map(key));
    d[k] = [...b[k].filter(r => before.get(key(r)) !== String(r)), ...a[k].filter(r => !now.has(key(r))).map(gone)];
  }
  d.series = [];
  b.series.rows.forEach((row, c) =>
    row.forEach((n, i) => {
      const at = b.series.start + i * STEP,
        j = (at - a.series.start) / STEP;
      if (a.series.rows[c][j] !== n) d.series.push([c, at, n]);
    })
  );
  return d;
}
export const KEPT = 30 * DAY * 1000;
