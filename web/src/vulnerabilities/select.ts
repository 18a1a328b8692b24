// Which rows the reader wants: own, known exploited, seen here; by number or name; by where attempts come from. Pure.
import type {All, Deadline, Row} from './ask';

export const ONLY = ['ours', 'kev', 'seen'] as const;
export type Only = (typeof ONLY)[number];
/** What of the page's filter can be told of origins: the rest has no say here. */
export type Origins = {country: string; asn: number; networks: Set<number> | null; outside: Set<number> | null};
export type Wanted = {only: Only[]; find: string; from: Origins | null};

export const onlyOf = (text: string): Only[] => ONLY.filter(o => text.split(',').includes(o));
/** The same with this one taken in or out. */
export const toggled = (all: Only[], one: Only): string => ONLY.filter(o => all.includes(o) !== (o === one)).join(',');

const HOLDS: Record<Only, (r: Row) => boolean> = {ours: r => r.ours > 0, kev: r => r.kev !== null, seen: r => r.alerts > 0};
const comesFrom = (r: Row, f: Origins): boolean =>
  r.origins.some(
    o =>
      (!f.country || o.country === (f.country === '-' ? '' : f.country)) &&
      (f.asn < 0 || o.asn === f.asn) &&
      (!f.networks || f.networks.has(o.asn)) &&
      (!f.outside || !f.outside.has(o.asn))
  );

export function kept(list: Row[], want: Wanted): Row[] {
  const words = want.find.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter(r => {
    const text = `${r.cve} ${r.name}`.toLowerCase();
    return want.only.every(o => HOLDS[o](r)) && words.every(x => text.includes(x)) && (!want.from || comesFrom(r, want.from));
  });
}
/** Of those that the origins leave out, the ones with more origins than are told. */
export const maybe = (list: Row[], want: Wanted): number =>
  want.from ? kept(list, {...want, from: null}).filter(r => !comesFrom(r, want.from!) && r.networks > r.origins.length).length : 0;

const DAY = 86_400_000;
/** The moment after which it is past: the end of the day that is named, UTC; NaN where none is. */
export const endOf = (d: Deadline): number => (d.due ? Date.parse(d.due.slice(0, 10)) + DAY : NaN);
/** As the node counts those that are soon due. */
export const isSoon = (d: Deadline, now: number): boolean => !d.over && endOf(d) - now <= 3 * DAY && endOf(d) >= now;
/** Tried in the last hour, and ours. */
export const tried = (all: All): number => all.list.filter(r => r.ours > 0 && r.last_hour > 0).length;
/** The first day that anything of ours is due and not past. */
export const nextDue = (all: All): string =>
  all.list
    .filter(r => r.deadline?.due && !r.deadline.over)
    .map(r => r.deadline!.due!.slice(0, 10))
    .sort()[0] ?? '';

/** Everybody who said something here or may: a column for each. */
export const parties = (all: All, known: string[]): string[] =>
  [...new Set([...known, ...all.list.flatMap(r => r.peers.map(p => p.party)), ...all.feeds.flatMap(f => f.peers.map(p => p.party))])].sort();
