// Plays verdicts and the pact as a document: invented parties, figures by hand, the words as docs/api.md has them.
import {createHash} from 'node:crypto';

const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3,
  D = 24 * H,
  ME = 'northland';
const sha = s => createHash('sha256').update(s).digest('hex');

const seen = (coverage, canaries, found, recall) => ({known: true, coverage_ppm: coverage, sensors: 3, canaries, found, recall_ppm: recall});
const hidden = {known: false, at_most_ppm: 924000};
const NONE = {incidents: 0, open: 0, overdue: 0, disputed: 0, late: 0, undelivered: 0, next_due: '', silent_since: ''};
const word = (w, sight, more = {}) => ({word: w, why: '', ...NONE, ...sight, ...more});
const FIGURES = word('unknown: no visibility', hidden, {why: 'figures'});
const UNMEASURED = word('unknown: no visibility', hidden, {why: 'unmeasured'});

export const OBLIGATIONS = [
  ['refrain-ddos', '4(3)', 'refrain', "No denial-of-service traffic from a party's address space against the other's declared address space.", 'critical', {bytes_per_s: 12500000, window_s: 60}, 0],
  ['refrain-exploit', '4(3)', 'refrain', "No exploitation attempts against the other's declared address space.", 'high', {events: 5, targets: 2, window_s: 3600}, 1],
  ['refrain-bruteforce', '4(3)', 'refrain', "No password guessing against the other's declared address space.", 'normal', {events: 100, targets: 1, window_s: 3600}, 1],
  ['refrain-scan', '4(3)', 'refrain', 'Wide scanning is reported in daily digests; it opens an incident only above this threshold.', 'normal', {targets: 256, sensors: 2, window_s: 86400}, 0],
  ['respond', '5, UN-norm-h', 'respond', "Every notice is received, acknowledged, answered and acted upon within the severity's deadlines.", '', null, 0],
  ['notify-vulnerabilities', '3(15)', 'notify', 'A known-exploited vulnerability seen exposed is reported to it, and to <b>nobody</b> else.', 'normal', null, 0, {within_s: 259200}],
  ['contact-reachable', '5(1)', 'contact', 'The contact point answers a signed ping.', '', null, 0, {every_s: 2592000, answer_s: 86400}],
  ['hygiene', '3(7)', 'hygiene', 'Source address validation, route origin authorisations.', '', null, 0]
];

/** A row of one direction: towards us, or from us. */
function row(id, kind, towardUs, sight, over = {}) {
  const silent = kind === 'hygiene' || id === 'notify-vulnerabilities' ? word('self-reported', hidden) : !['refrain', 'respond'].includes(kind) ? UNMEASURED : null;
  const plain = silent ?? (towardUs ? sight : FIGURES);
  const all = {now: plain, period: plain, theirs_now: silent ?? FIGURES, theirs: silent ?? FIGURES};
  return {obligation: id, kind, ...all, ...over};
}

export function verdictOf(pacts, q) {
  const now = pacts.now,
    ok = word('compliant', seen(972000, 84, 84, 965000)),
    part = word('unknown: partial visibility', seen(430000, 31, 20, 480000), {why: 'coverage'}),
    away = word('suspended: out of contact', seen(972000, 84, 84, 965000), {silent_since: iso(now - 3 * H)}),
    over = word('not answered in time', seen(972000, 84, 84, 965000),
      {incidents: 1, open: 1, overdue: 1, oldest: 'northland-204', oldest_since: iso(now - 78 * H), worst: 'northland-204', item: 'answer', due: iso(now - 2 * H), over_s: 7200, delivered: iso(now - 77 * H), leaf: 31}),
    open = word('open incidents', hidden, {incidents: 1, open: 1, oldest: 'southmark-88', oldest_since: iso(now - 2 * H), next_due: iso(now + 6 * H)}),
    theirs = word('open incidents', hidden, {incidents: 1, open: 1, oldest: 'northland-204', next_due: iso(now + H)}),
    both = r => ({now: r, period: r, theirs_now: r, theirs: r});
  const took = (m, p) => ({count: 23, median_s: m, p90_s: p}),
    none = {count: 0, median_s: 0, p90_s: 0},
    times = {acknowledge: took(13800, 45000), answer: took(158400, 700000), act: took(337000, 561600)},
    few = {acknowledge: took(8700, 24000), answer: none, act: none};
  const pact = (name, pairs) => ({pact: name, self: ME, from: iso(now - 14 * D), until: iso(now), min_coverage_ppm: 800000, min_recall_ppm: 900000,
    days: Array.from({length: 14}, (_, i) => [iso(now - (13 - i) * D).slice(0, 10), i === 4 ? 0 : i === 5 ? 610000 : 972000 + i]),
    sensors: [{sensor: 'north-1', faults: [], unknown: ['packets']}, {sensor: 'north-2', faults: ['silent', 'drops'], unknown: []}], pairs});
  const pair = (bound, toward, took, rows) => ({bound, toward, notices: 23, withdrawn: 1, false_positives: 2, wrong_ppm: 130434, took, obligations: rows});
  const them = OBLIGATIONS.map(([id, , kind]) => row(id, kind, true, id === 'refrain-scan' ? part : ok,
    id === 'refrain-exploit' ? {...both(over), theirs, theirs_now: theirs} : id === 'respond' ? both(over) : id === 'notify-vulnerabilities' ? {told: {count: 0, median_s: 0, p90_s: 0, within_s: 259200}} : {}));
  const us = OBLIGATIONS.map(([id, , kind]) => row(id, kind, false, ok, id === 'respond' ? both(open)
    : id === 'notify-vulnerabilities' ? {told: {count: 3, median_s: 480, p90_s: 93600, within_s: 259200}}
      : id === 'hygiene' ? {kev: {open: 12, late: 4, patch_days: 21, machines: 7, known: 2041, catalogue: '2026-11-20'}} : {}));
  const east = OBLIGATIONS.map(([id, , kind]) => row(id, kind, true, away));
  const all = [
    pact('northland-southmark', [pair('southmark', ME, times, them), pair(ME, 'southmark', few, us)]),
    pact('northland-eastholm', [pair('eastholm', ME, {acknowledge: none, answer: none, act: none}, east), pair(ME, 'eastholm', {acknowledge: none, answer: none, act: none}, OBLIGATIONS.map(([id, , kind]) => row(id, kind, false, ok)))])
  ];
  const list = all.filter(p => !q.get('pact') || p.pact === q.get('pact')).map(p => ({...p, pairs: p.pairs.filter(x => !q.get('party') || x.bound === q.get('party') || x.toward === q.get('party'))}));
  return {at: iso(Date.now()), pacts: list};
}

export function documentsOf(pacts) {
  const at = pacts.now - 100 * D;
  const annex = (n, asns, prefixes, more = {}) => ({sequence: n, sha256: sha('annex' + n + asns), leaf: 3, valid_from: iso(at), witnessed: iso(at + H), asns, prefixes, prefix_count: prefixes.length,
    sensors: 3, sensors_hidden: true, seen_by: [], ...more});
  const party = (id, self, annexes) => ({id, name: `CERT ${id[0].toUpperCase()}${id.slice(1)}`, self, state: 'in force', log_origin: `${id}.example/detente/log`, key: `${id}.example/pact+c7e190ab+AQ==`, denounced: '', ends: '', annex_count: annexes.length, annexes});
  const one = other => ({pact: `northland-${other}`, title: `Understanding between CERT Northland and CERT ${other[0].toUpperCase()}${other.slice(1)} on mutual restraint and incident response`,
    version: 1, sha256: sha(other), signed_on: '2026-01-15', from: iso(at), until: '', denunciation_s: 90 * 86400,
    statement: 'The content of communications, opinions and media is outside this pact.', third_parties: 'statistics-only', witness_within_s: 900,
    parties: [party(ME, true, [annex(3, [64496, 64497], ['192.0.2.0/24', '2001:db8:a::/48'], {seen_by: [other], prefix_count: 70})]),
      party(other, false, other === 'eastholm' ? [] : [annex(1, [64500], ['198.51.100.0/24']), annex(2, [65536, 64500], ['198.51.100.0/24', '2001:db8:b::/48'], {witnessed: ''})])],
    severities: [{id: 'critical', receipt_s: 3600, acknowledge_s: 14400, answer_s: 86400, act_s: 172800}, {id: 'high', receipt_s: 3600, acknowledge_s: 86400, answer_s: 259200, act_s: 604800}],
    obligations: OBLIGATIONS.map(([id, article, kind, text, severity, t, grade, more]) => ({id, article, kind, text, severity, grade, classes: [],
      threshold: t && {events: 0, targets: 0, sensors: 0, bytes_per_s: 0, window_s: 0, ...t}, within_s: 0, every_s: 0, answer_s: 0, keep_s: 0, ...more})),
    exclusions: [{id: 'research-scanners', why: 'Declared measurement hosts.', until: '2027-01-31', origins: ['198.51.100.32/29'], targets: ['192.0.2.0/24', '<b>here</b>'], classes: ['information-gathering:scanner']},
      {id: 'drills', why: 'Drills and canaries are logged, never judged.', until: '', origins: [], targets: [], classes: ['test:test']}]});
  return {pacts: [one('southmark'), one('eastholm')]};
}

export const WITNESSES = now => ({quorum: 'some', size: 41, reach: 40, now: 1, witnesses: [{name: 'isac', key: 'isac.example/witness+aa+AQ==', url: 'https://witness.isac.example/', size: 41, at: iso(now - 5e3)}],
  asked: [{name: 'isac', fault: '', why: '', since: '', answered: iso(now - 5e3)}]});
