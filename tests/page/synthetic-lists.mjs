// Plays GET /api/v1/world with invented lists, totals and catalogue: documentation networks, user-assigned economies, CVE-2099-*.
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3,
  D = 24 * H;

export const EMPTY = {lists: [], addresses: 0, networks: [], network_unknown: 0, economies: [], economy_unknown: 0, totals: []};

const rows = (of, key, n) => of.map(([k, name, v]) => (key === 'asn' ? {asn: k, name, [n]: v} : {country: k, [n]: v}));
const LISTED = [
  [65536, 'Example Hosting', 8100],
  [65545, 'Pattern Data', 6100],
  [65538, 'Test Transit', 5500],
  [65541, 'Specimen <b>Servers</b>', 5050],
  [65544, 'Trial Broadband', 3500],
  [65543, 'Mock Mobile', 2900],
  [65537, 'Sample Cloud', 2450],
  [65549, 'Sketch Hosting', 1660],
  [65539, 'Demo Fibre', 900]
];
const TOLD = [
  [65541, 'Specimen <b>Servers</b>', 2740],
  [65536, 'Example Hosting', 1980],
  [65545, 'Pattern Data', 920],
  [65537, 'Sample Cloud', 770],
  [65549, 'Sketch Hosting', 400],
  [64496, 'Northland Transit', 220],
  [65550, 'Figure Cable', 180],
  [65539, 'Demo Fibre', 150],
  [65538, 'Test Transit', 11]
];

export const totals = (now, party, more = {}) => ({
  pact: `northland-${party}`,
  party,
  own: party === 'northland',
  from: iso(now - D - 3.7 * H),
  until: iso(now - 3.7 * H),
  published: iso(now - 3.6 * H),
  least: 10,
  events: 10000,
  networks: rows(TOLD, 'asn', 'events'),
  network_rows_withheld: 214,
  network_withheld: 902,
  network_unknown: 1727,
  economies: rows([['XG', '', 2810], ['XA', '', 2140], ['XO', '', 960], ['XB', '', 800]], 'country', 'events'),
  economy_rows_withheld: 1,
  economy_withheld: 4,
  economy_unknown: 1727,
  ...more
});

export const world = (now, parties = ['southmark']) => ({
  lists: [
    {name: 'demo-blocklist-1', source: 'https://lists.example/1.txt', date: iso(now - 21 * H), taken: iso(now - 20 * H), prefixes: 38000, addresses: 38412},
    {name: 'demo-blocklist-2', source: '"><b>two</b>', date: '', taken: iso(now - 23 * H), prefixes: 12000, addresses: 12990},
    {name: 'demo-honeynet', source: '', date: iso(now - 22 * H), taken: iso(now - 22 * H), prefixes: 4127, addresses: 4127}
  ],
  addresses: 55200,
  networks: rows(LISTED, 'asn', 'addresses'),
  network_unknown: 120,
  economies: rows([['XA', '', 9000], ['XO', '', 6200], ['XC', '', 6000], ['XG', '', 5300]], 'country', 'addresses'),
  economy_unknown: 120,
  totals: parties.map(p => totals(now, p)),
  kev: {
    version: '2099.06.18',
    released: iso(now - 6 * H),
    taken: iso(now - 5 * H),
    source: 'https://lists.example/kev.json',
    count: 1404,
    ransomware: 293,
    entries: Array.from({length: 20}, (_, i) => ({
      cve: `CVE-2099-${String(i ? i + 1 : 1).padStart(4, '0')}`,
      vendor: i ? 'Example' : 'Ex<i>ample',
      product: ['edge VPN gateway', 'mail server', 'backup console', 'print spooler'][i % 4],
      name: 'Example product command injection',
      added: iso(now - i * D).slice(0, 10),
      due: iso(now + (21 - i) * D).slice(0, 10),
      ransomware: i % 3 === 0
    }))
  }
});
