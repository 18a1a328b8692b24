// Plays GET /api/v1/exchange and /api/v1/exchange/explain with invented data; parties are those of the other inventions.
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3;
const id = (type, n) => `${type}--8e2e2d2b-17d4-4cbf-938f-${String(n).padStart(12, '0')}`;
export const OBJECT = id('indicator', 7);

/** All of it; `more` takes the place of its members. */
export function exchange(now, more = {}) {
  const box = (n, alias, title, rest) => ({id: id('x', n).slice(3), alias, title, pact: '', from: '', objects: 0, readers: 0, writers: 0, ...rest});
  const collections = [
    box(1, 'ours', 'What we saw', {pact: 'northland-southmark', objects: 12044, readers: 2, writers: 1}),
    box(2, 'southmark-in', '"><img src=x onerror=alert(1)>\u202egnp', {from: 'southmark', objects: 801, writers: 1}),
    box(3, '', 'Kept', {objects: 3})
  ];
  const source = (name, rest) => ({name, title: '', tried: iso(now - H), succeeded: iso(now - H), fault: '', fault_since: '', every_s: 0, next: '', added: 0, refused: 0, ...rest});
  const sources = [
    source('cert', {title: 'CERT <b>feed</b>', every_s: 900, next: iso(now + H), added: 1204, refused: 3}),
    source('isac', {fault: 'the server says 401 <i>no</i>', fault_since: iso(now - 26 * H), succeeded: iso(now - 27 * H), added: 17}),
    source('new', {tried: '', succeeded: ''})
  ];
  return {
    at: iso(now),
    collections,
    collection_count: collections.length,
    within_s: 604800,
    partners: [
      {pact: 'northland-southmark', party: 'southmark', bound: true, ceiling: 'TLP:AMBER', waiting: 2, overdue: 1, removed: 4},
      {pact: 'eastholm-northland', party: 'eastholm', bound: false, ceiling: 'TLP:GREEN', waiting: 0, overdue: 0, removed: 0}
    ],
    sources,
    source_count: sources.length,
    hits: hits(now),
    ...more
  };
}
/** Indicators that met events: one in force, one over, one of another's name, one that is gone. */
export function hits(now, more = {}) {
  const series = (...last) => [...Array(14 - last.length).fill(0), ...last];
  const hit = (n, rest) => ({id: id('indicator', n), name: `i${n}`, labels: 'malicious-activity', kinds: ['address'], count: 1, events: 1, first: iso(now - 30 * H), last: iso(now - H),
    confidence: null, until: '', state: 'in-force', series: series(1), ...rest});
  const indicators = [
    hit(7, {name: 'botnet 12', kinds: ['address', 'domain'], count: 12345, events: 600, confidence: 80, until: iso(now + 240 * H), series: series(2, 0, 12000, 343)}),
    hit(8, {name: '<img src=x onerror=alert(1)>\u202egnp', labels: '', kinds: ['sha-256'], count: 40, until: iso(now - 2 * H), state: 'over', series: series(40, 0)}),
    hit(9, {name: '', labels: '', kinds: ['prefix'], count: 3, state: 'gone'}),
    hit(10, {kinds: ['later'], count: 2, state: 'revoked', confidence: 0})
  ];
  return {days: 30, looked_for: 5000000, fault: '', indicators, indicator_count: indicators.length, over: 0, ...more};
}
export const EMPTY_EXCHANGE = {collections: [], collection_count: 0, partners: [], sources: [], source_count: 0, hits: {days: 30, looked_for: 0, fault: '', indicators: [], indicator_count: 0, over: 0}};

/** Why it goes or not; of what no collection has there are no rows. */
export function explained(object, to, now) {
  const row = (collection, tlp, goes, word, reason) => ({collection, version: iso(now - 3 * H), tlp, goes, word, reason});
  const rows = object !== OBJECT ? [] : [
    row('ours', 'TLP:GREEN', true, 'allowed', 'its markings allow it'),
    row('southmark-in', 'TLP:RED', false, 'red', 'TLP:RED never goes to another party'),
    row('kept', 'TLP:GREEN', false, 'later', 'a reason <b>of</b> a later node')
  ];
  return {object, to, rows, row_count: rows.length};
}
