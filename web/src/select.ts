// Which corridors and economies are shown, and which of them the filter lights.
import type {Place} from './map/map';
import {onMap} from './map/project';
import type {Corridor} from './map/corridors';
import {app} from './app';
import {economy} from './economies';
import {deep, type Filter} from './filter';
import {pacts} from './incident/watch';
import {asnOf} from './query';

export const MOST = 60;

/** Networks that a counterpart's annex declares. */
export const networksOf = (party: string): Set<number> =>
  new Set(pacts.documents.flatMap(d => d.parties.filter(p => p.id === party).flatMap(p => p.annexes.at(-1)?.asns ?? [])));


/** Whether a network of an economy is in what the filter leaves. */
function matcher(f: Filter): (country: string, asn: number, chip: number) => boolean {
  const found = deep(f) ? app.query.result && new Set(app.query.result.networks.map(asnOf)) : null;
  return (country, asn, chip) =>
    (!f.country || country === (f.country === '-' ? '' : f.country)) &&
    (f.asn < 0 || asn === f.asn) &&
    (found ? found.has(asn) : f.chip < 0 || chip === f.chip);
}

/** All corridors the node names, largest first. */
export function corridors(f: Filter): Corridor[] {
  const match = matcher(f);
  return [...app.model.corridors.values()]
    .sort((a, b) => b[2] - a[2] || a[1] - b[1])
    .map(([country, asn, n, chip]) => ({
      id: `${country}~${asn}`,
      country,
      asn,
      n,
      chip,
      name: app.model.name(asn),
      from: economy(country)?.at ?? [0, -90],
      on: match(country, asn, chip),
      mark: app.verdicts.get(asn)?.mark ?? ''
    }));
}

export const drawable = (list: Corridor[]): Corridor[] => list.filter(c => onMap(c.from)).slice(0, MOST);

/** The place of this party, when it is known. */
export function home(): {at: [number, number]; label: string} | null {
  const e = app.node && economy(app.node.country);
  return e && onMap(e.at) ? {at: e.at, label: e.name || app.node!.country} : null;
}

export function places(f: Filter, list: Corridor[]): {places: Place[]; lost: number} {
  const own = app.node?.country,
    lit = new Set(list.filter(c => c.on).map(c => c.country));
  const found = (deep(f) || f.asn >= 0) && app.query.result ? new Set(app.query.result.networks.map(r => r.country)) : null;
  const out: Place[] = [];
  let lost = 0;
  for (const [cc, n] of app.model.economies15()) {
    const at = economy(cc)?.at;
    if (!at || !onMap(at)) {
      lost += n;
      continue;
    }
    if (cc === own) continue;
    out.push({
      cc,
      label: cc,
      at,
      n,
      on: !f.any || (found ? found.has(cc) : f.asn >= 0 || deep(f) ? lit.has(cc) : cc === f.country || (!f.country && lit.has(cc)))
    });
  }
  return {places: out, lost};
}

/** For the frame test only: as many corridors as asked, made up from those there are. */
export function synthetic(list: Corridor[], want: number): Corridor[] {
  const out = list.slice(0, want);
  for (let i = 0; list.length && out.length < want; i++) {
    const c = list[i % list.length];
    const at: [number, number] = [
      ((((c.from[0] + i * 7.3 + 180) % 360) + 360) % 360) - 180,
      Math.max(-50, Math.min(70, c.from[1] + ((i * 3.7) % 30) - 15))
    ];
    out.push({...c, id: `made~${i}`, asn: c.asn + 1000 * (1 + i), n: 1 + ((i * 37) % 4000), from: at});
  }
  return out;
}
