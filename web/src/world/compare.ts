// The three sources as columns of the same kind, and in how far they agree. Pure: values in, values out.
import type {Own, Totals, World} from './ask';

export type By = 'network' | 'economy';
/** `key` is `AS64500` or `XA`, the same in every column. */
export type Place = {key: string; name: string; n: number};
export type Ranking = {
  /** The most first; what has no known origin stands in none. */
  places: Place[];
  /** All there are, with what has no known origin and what is withheld. */
  total: number;
  unknown: number;
  withheld: number;
};

/** So many places of a column are compared at sight. */
export const FIRST = 8;

const ranked = (places: Place[]): Place[] => places.filter(p => p.n > 0).sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
const asn = (n: string | number): string => 'AS' + String(n).replace(/^AS/i, '');

export function ofOurs(own: Own, by: By): Ranking {
  const none = (key: string): boolean => !/[1-9A-Z]/.test(key.replace(/^AS/i, ''));
  const known = own.rows.filter(r => !none(r.key));
  return {
    places: ranked(known.map(r => ({key: by === 'network' ? asn(r.key) : r.key, name: r.name, n: r.n}))),
    total: own.total,
    unknown: own.rows.filter(r => none(r.key)).reduce((s, r) => s + r.n, 0),
    withheld: 0
  };
}

export function ofTotals(t: Totals, by: By): Ranking {
  const network = by === 'network';
  return {
    places: ranked(network ? t.networks.map(r => ({key: asn(r.asn), name: r.name, n: r.events})) : t.economies.map(r => ({key: r.country, name: '', n: r.events}))),
    total: t.events,
    unknown: network ? t.network_unknown : t.economy_unknown,
    withheld: network ? t.network_withheld : t.economy_withheld
  };
}

export function ofLists(w: World, by: By): Ranking {
  const network = by === 'network';
  return {
    places: ranked(
      network ? w.networks.map(r => ({key: asn(r.asn), name: r.name, n: r.addresses})) : w.economies.map(r => ({key: r.country, name: '', n: r.addresses}))
    ),
    total: w.addresses,
    unknown: (network ? w.network_unknown : w.economy_unknown) ?? 0,
    withheld: 0
  };
}

export const first = (r: Ranking): Place[] => r.places.slice(0, FIRST);
export const rank = (r: Ranking, key: string): number => r.places.findIndex(p => p.key === key) + 1;
export const share = (r: Ranking, n: number): number => (r.total ? n / r.total : 0);

/** Kendall's rank agreement (tau-b: rows that are equal in one count for neither) over the rows that both have; null under three of them. */
export function kendall(a: Ranking, b: Ranking): {tau: number; rows: number} | null {
  const of = new Map(b.places.map(p => [p.key, p.n]));
  const both = a.places.filter(p => of.has(p.key)).map(p => [p.n, of.get(p.key)!]);
  let agree = 0,
    inA = 0,
    inB = 0;
  for (let i = 0; i < both.length; i++)
    for (let k = i + 1; k < both.length; k++) {
      const x = Math.sign(both[i][0] - both[k][0]),
        y = Math.sign(both[i][1] - both[k][1]);
      agree += x * y;
      inA += x * x;
      inB += y * y;
    }
  return both.length < 3 || !inA || !inB ? null : {tau: agree / Math.sqrt(inA * inB), rows: both.length};
}

/** How far two begin alike: so many in the same order, then so many the same ones in another. */
export function alike(a: Ranking, b: Ranking): {same: number; set: number} {
  const x = first(a),
    y = first(b),
    most = Math.min(x.length, y.length);
  let same = 0;
  while (same < most && x[same].key === y[same].key) same++;
  for (let n = same + 2; n <= most; n++) {
    const head = new Set(x.slice(0, n).map(p => p.key));
    if (y.slice(0, n).every(p => head.has(p.key))) return {same, set: n};
  }
  return {same, set: same};
}

/** Those among the first of one that are among the first of none of the others. */
export function alone(of: Ranking, others: Ranking[]): Place[] {
  const seen = new Set(others.flatMap(o => first(o).map(p => p.key)));
  return first(of).filter(p => !seen.has(p.key));
}

/** CVE numbers in the names of rules, with the events that matched those rules. */
export function byCve(rules: {name: string; n: number}[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const r of rules)
    for (const cve of new Set([...r.name.matchAll(/\bCVE[-_ ]?(\d{4})[-_](\d{4,19})\b/gi)].map(m => `CVE-${m[1]}-${m[2]}`))) out.set(cve, (out.get(cve) ?? 0) + r.n);
  return out;
}
