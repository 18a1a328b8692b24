// What the own sensors see of the own space, as docs/api.md has it.
import {get} from '../api';

export type Prefix = {
  prefix: string;
  now_ppm: number;
  blind_since: string;
  less_since: string;
  period_ppm: number;
  /** Of two hours each; -1 not known. */
  steps: number[];
};
export type Covered = {
  pact: string;
  min_coverage_ppm: number;
  max_drop_ppm: number;
  late_s: number;
  now_ppm: number;
  canaries: number;
  found: number;
  recall_ppm: number;
  period_ppm: number;
  prefixes: Prefix[];
  prefix_count: number;
};
export type Eye = {
  sensor: string;
  kind: string;
  watch_count: number;
  watches: string[];
  heard: string;
  events: number;
  packets?: number;
  drops?: number;
  recent?: number;
  usual?: number;
  clock_us?: number;
  rules_s?: number;
  faults: string[];
  unknown: string[];
  blind_since: string;
  why: string[];
};
export type Coverage = {
  at: string;
  step_s: number;
  from: string;
  pacts: Covered[];
  gaps: [from: string, until: string, sensor: string, reason: string][];
  gap_count: number;
  eyes: {at: string; sensors: Eye[]};
};

export const getCoverage = async (signal: AbortSignal): Promise<Coverage> => (await get('/api/v1/coverage', signal)).json();

/** All pacts together: of a prefix that several have, as the one has it in which least was seen. */
export function prefixes(c: Coverage): Prefix[] {
  const all = new Map<string, Prefix>();
  for (const p of c.pacts.flatMap(x => x.prefixes)) {
    const known = all.get(p.prefix);
    if (!known || p.now_ppm < known.now_ppm || (p.now_ppm === known.now_ppm && p.period_ppm < known.period_ppm)) all.set(p.prefix, p);
  }
  return [...all.values()];
}
/** The pact in which least is seen now stands for all. */
export const least = (c: Coverage): Covered | undefined => [...c.pacts].filter(p => p.prefixes.length).sort((a, b) => a.now_ppm - b.now_ppm)[0];
/** Those of which not all is seen, the blind ones first. */
export const lacking = (c: Coverage): Prefix[] => prefixes(c).filter(p => p.less_since || p.blind_since).sort((a, b) => Number(!a.blind_since) - Number(!b.blind_since) || a.now_ppm - b.now_ppm);
