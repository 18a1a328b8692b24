// Plays what own sensors see of own space, as docs/api.md has it: invented prefixes and sensors, one late, one that drops.
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3,
  STEPS = 84;

export const PREFIXES = ['192.0.2.0/26', '192.0.2.64/27', '192.0.2.96/27', '192.0.2.128/25', '2001:db8:a::/49', '2001:db8:a:8000::/49'];

/** The last step runs: of it and of the two before it nothing was seen in the fourth prefix; the fifth is known since three days. */
export function coverageOf(now, {late = true, prefixes = PREFIXES, healthy = 12, blind = []} = {}) {
  const from = (Math.floor(now / (2 * H)) - STEPS + 1) * 2 * H;
  const one = (prefix, r) => {
    const steps = Array.from({length: STEPS}, (_, i) => (r === 4 && i < 48 ? -1 : r === 3 && i > 50 && i < 54 ? 0 : r === 5 && i > 29 && i < 36 ? 550000 : r === 3 && late && i === 83 ? 600000 : (i * 7 + r) % 23 ? 1000000 : 930000)),
      known = steps.filter(x => x >= 0);
    const half = late && prefix === '192.0.2.128/25';
    const none = blind.includes(prefix) ? iso(now - 221e3) : '';
    return {prefix, now_ppm: none ? 0 : half ? 500000 : 1000000, blind_since: none, less_since: none || half ? iso(now - 221e3) : '', period_ppm: Math.floor(known.reduce((a, b) => a + b, 0) / known.length), steps};
  };
  const eye = (sensor, kind, watches, more = {}) => ({sensor, kind, watch_count: watches.length, watches, heard: iso(now - 36e3), events: 3, packets: 1000, drops: 0, recent: 5000, usual: 4900, clock_us: 1000, rules_s: 86400,
    faults: [], unknown: [], blind_since: '', why: [], ...more});
  const sensors = [
    ...Array.from({length: healthy}, (_, i) => eye(`north-${i + 3}`, 'suricata', ['192.0.2.0/25'])),
    eye('north-1', 'suricata', ['192.0.2.64/27'], {drops: 31, clock_us: -2000, usual: 3105}),
    eye('north-2', 'zeek', ['192.0.2.128/25'], late ? {heard: iso(now - 251e3), faults: ['silent'], blind_since: iso(now - 221e3), why: ['silent']} : {}),
    eye('pot<b>1</b>', 'honeypot', ['2001:db8:a:8000::/64'], {packets: undefined, drops: undefined, recent: undefined, usual: undefined, clock_us: undefined, rules_s: undefined, unknown: ['drops', 'packets', 'clock', 'rules']})
  ];
  const pact = name => ({pact: name, min_coverage_ppm: 800000, max_drop_ppm: 50000, late_s: 180, now_ppm: late ? 916666 : 1000000, sensors: sensors.length - 1, canaries: 84, found: 84, recall_ppm: 964964, period_ppm: 972000,
    prefixes: prefixes.map(one), prefix_count: prefixes.length + 3});
  return {at: iso(now), step_s: 7200, from: iso(from), pacts: [pact('northland-southmark'), pact('northland-eastholm')],
    gaps: [[iso(now - 61 * H), iso(now - 55 * H), 'north-2', 'sensor-silent'], [iso(now - 108 * H), iso(now - 96 * H), '', 'stopped']], gap_count: 70, eyes: {at: iso(now - 30e3), sensors}};
}
