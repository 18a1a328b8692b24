// Plays GET /api/v1/vulnerabilities with invented data: CVE-2099-*, documentation networks, user-assigned economies, the parties of
// the other inventions. Dates hang on the time that is given.
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3,
  D = 24 * H;
const dayOf = t => new Date(t).toISOString().slice(0, 10);

const hours = (n, last) => Array.from({length: 24}, (_, i) => (i === 23 ? last : Math.max(0, Math.round((n - last) / 23 + (((i * 7) % 5) - 2) * (n / 120)))));
const none = {vulnerable: 0, patched: 0, not_installed: 0, unknown: 0, own: 0};
const ORIGINS = [
  {asn: 65541, name: 'Specimen <b>Servers</b>', country: 'XG', alerts: 900},
  {asn: 64511, name: 'Southmark Net', country: 'XS', alerts: 220},
  {asn: 65536, name: 'Example Hosting', country: 'XA', alerts: 64}
];

function rows(now) {
  const row = (no, name, more) => ({
    cve: `CVE-2099-${String(no).padStart(4, '0')}`,
    name,
    confidence: 'high',
    severity: 'high',
    cvss: 81,
    kev: null,
    epss: 120000,
    alerts: 0,
    last_hour: 0,
    series: [],
    networks: 0,
    origins: [],
    ours: 0,
    hit: 0,
    outcomes: none,
    peers: [],
    deadline: null,
    risk: null,
    ...more
  });
  const due = (days, in_days, more = {}) => ({days, due: days ? dayOf(now + in_days * D) : null, over: in_days < 0, forensic: false, ...more});
  return [
    row(3, 'web framework', {alerts: 71, last_hour: 9, series: hours(71, 9), networks: 2, origins: [{asn: 65537, name: 'Sample Cloud', country: 'XB', alerts: 50}], ours: 3, hit: 1, outcomes: {...none, vulnerable: 40, unknown: 31}, deadline: due(3, -2), risk: 68000}),
    row(1, 'edge VPN gateway', {severity: 'critical', cvss: 98, kev: {added: dayOf(now - 2 * D), due: dayOf(now + 19 * D), ransomware: true}, epss: 940000, alerts: 1184, last_hour: 214, series: hours(1184, 214), networks: 3, origins: ORIGINS,
      ours: 12, hit: 2, outcomes: {vulnerable: 1000, patched: 100, not_installed: 0, unknown: 84, own: 0}, peers: [{party: 'southmark', seen: iso(now - 5 * H), proved: true, alerts: 12}],
      deadline: due(3, 1, {forensic: true}), risk: 100000}),
    row(6, 'print spooler', {kev: {added: dayOf(now - 9 * D), due: dayOf(now + 12 * D), ransomware: false}, epss: 630000, ours: 4, peers: [{party: 'southmark', seen: iso(now - 2 * D), proved: true, alerts: 3}, {party: 'eastholm', seen: iso(now - 3 * D), proved: false, alerts: 1}], deadline: due(14, 5), risk: 46000}),
    row(11, 'database', {epss: 310000, ours: 7, peers: [{party: 'southmark', seen: iso(now - 4 * D), proved: false, alerts: 0}], deadline: due(60, 42), risk: 16000}),
    row(12, '"><img src=x onerror=alert(1)>\u202egnp', {epss: null, cvss: null, severity: '', ours: 1, deadline: due(0, 0), risk: 4100}),
    row(2, 'mail server', {kev: {added: dayOf(now - 5 * D), due: dayOf(now + 16 * D), ransomware: false}, epss: 710000, alerts: 212, last_hour: 40, series: hours(212, 40), networks: 2, origins: [{asn: 65538, name: 'Test Transit', country: 'XC', alerts: 150}, {asn: 65539, name: '', country: 'XM', alerts: 62}], outcomes: {...none, not_installed: 212}, peers: [{party: 'southmark', seen: iso(now - 6 * H), proved: true, alerts: 9}]}),
    row(5, '', {confidence: 'low', epss: 550000, alerts: 17, last_hour: 2, series: hours(17, 2), networks: 1, origins: [{asn: 65545, name: 'Pattern Data', country: 'XO', alerts: 17}], outcomes: {...none, own: 17}})
  ];
}

const against = (a, b) => [
  {party: 'eastholm', state: b, records: 0},
  {party: 'southmark', state: a, records: a === 'differs' ? 3 : 0}
];
function feeds(now) {
  const feed = (name, version, age, records, a, b = 'none', more = {}) => ({feed: name, kind: name, version, date: iso(now - age * H), taken: iso(now - age * H + 6e5), age_s: age * 3600, stale: false, records, from: '', peers: against(a, b), ...more});
  return [
    feed('kev', '2099.06.18', 6, 1412, 'equal', 'other'),
    feed('epss', 'v5 of 18 Jun', 9, 340118, 'equal'),
    feed('nvd', '18 Jun', 7, 345224, 'equal', 'equal'),
    feed('cve5', '17 Jun', 26, 36003, 'differs'),
    feed('debian', '11 <i>Jun</i>', 200, 11310, 'none', 'none', {stale: true}),
    feed('southmark-vex', 'seq 18', 96, 42, 'none', 'none', {kind: 'openvex', from: 'southmark'})
  ];
}

/** All of it; `more` takes the place of its members. */
export function vulnerabilities(now, more = {}) {
  const list = rows(now);
  return {
    now: iso(now),
    hours: 24,
    machines: {known: 312, listed: 298, newest: iso(now - 3.5 * H)},
    findings: 178,
    over: 3,
    soon: 12,
    list,
    total: list.length,
    exposure: {
      columns: ['open', 'controlled', 'small', 'unknown'],
      rows: [
        {days: -1, cells: [0, 1, 2, 0]},
        {days: 3, cells: [9, 3, 0, 0]},
        {days: 14, cells: [1, 3, 0, 0]},
        {days: 60, cells: [0, 2, 5, 0]},
        {days: 0, cells: [4, 31, 118, 1250]}
      ]
    },
    feeds: feeds(now),
    ...more
  };
}
export const NOTHING = {over: 0, soon: 0, findings: 0, list: [], total: 0, feeds: [], machines: {known: 0, listed: 0, newest: null}, exposure: {columns: ['open', 'controlled', 'small', 'unknown'], rows: []}};

const factor = (name, value, source, at, unknown = false) => ({factor: name, value, source, at, unknown});
function machines(r, now) {
  const at = iso(now - 2 * D),
    unsure = r.cve === 'CVE-2099-0012';
  const machine = (asset, owner, more = {}) => ({
    asset,
    owner,
    exposure: 'open',
    criticality: 100,
    package: 'vpn-server',
    installed: '9.1.4',
    fixed: '9.1.6',
    state: 'affected',
    outcome: '',
    last_hit: null,
    deadline: r.deadline,
    risk: r.risk,
    decision: {exploitation: 'active', source: r.kev ? 'kev' : 'here', at, deployer: 'immediate', row: 16, kev: r.kev ? 'yes' : 'no', exposed: unsure ? 'unknown' : 'yes', automatable: unsure ? 'unknown' : 'yes', impact: 'total', unknown: unsure ? ['exposure', 'automatable'] : []},
    factors: [
      factor('epss', r.epss ?? 1e6, r.epss === null ? 'nobody' : 'epss', r.epss === null ? null : iso(now - 9 * H), r.epss === null),
      factor('peer', r.peers.length ? 800000 : 0, r.peers.length ? 'peer' : 'nobody', r.peers[0]?.seen ?? null),
      factor('threat', 1e6, r.alerts ? 'here' : 'kev', at),
      factor('severity', (r.cvss ?? 100) * 1e4, r.cvss === null ? 'nobody' : 'cvss', r.cvss === null ? null : at, r.cvss === null),
      factor('exposure', 1e6, 'asset', iso(now - 30 * D)),
      factor('criticality', 1e6, 'asset', iso(now - 30 * D)),
      factor('kev', r.kev ? (r.kev.ransomware ? 1100000 : 1050000) : 1e6, r.kev ? 'kev' : 'nobody', r.kev ? at : null),
      factor('hit', r.hit ? 1250000 : 1e6, r.hit ? 'here' : 'nobody', r.hit ? iso(now - H) : null)
    ],
    ...more
  });
  return [
    machine('vpn-gw-01', 'grid operator', {outcome: 'hit-vulnerable', last_hit: iso(now - H)}),
    machine('vpn-gw-02', 'grid operator', {outcome: 'hit-vulnerable', last_hit: iso(now - 2 * H)}),
    machine('vpn-gw-07', '', {installed: '9.1.2', outcome: 'hit-patched', last_hit: iso(now - 3 * H), state: 'fixed'}),
    machine('vpn-lab-1', 'больница', {installed: '', fixed: '', outcome: 'hit-unknown', last_hit: iso(now - 3 * H)}),
    machine('<i>vpn</i>-old', 'registry')
  ].slice(0, r.ours);
}

/** One of them; null: nobody ever spoke of it. */
export function vulnerability(all, cve, now) {
  const r = all.list.find(x => x.cve === cve);
  if (!r) return null;
  const {deadline, risk, confidence, ...seen} = r;
  return {
    ...seen,
    text: `A crafted request <script>runs</script> code in the ${r.name || 'product'} without signing in.`,
    cwes: 'CWE-787',
    vector: r.cvss === null ? '' : 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    published: iso(now - 20 * D),
    modified: iso(now - 3 * D),
    epss_at: r.epss === null ? null : iso(now - 9 * H),
    cvss_version: r.cvss === null ? 0 : 31,
    rejected: false,
    machines: r.ours ? machines(r, now) : [],
    machines_total: r.ours,
    feeds: [{feed: 'nvd', at: iso(now - 3 * D)}, {feed: 'cve5', at: iso(now - 4 * D)}]
  };
}
