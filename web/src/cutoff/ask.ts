// What cuts do to reach, as docs/api.md has it: reckoned by `detente cutoff keep`, given out as it is.
import {get, HttpError} from '../api';

/** A list of shares is one for each assumption of who stays, in the order of World.neighbours; shares are millionths. */
export type Row = {
  country: string;
  networks: number;
  before_ppm: number;
  strict_pairs_ppm: number[];
  strict_addresses_ppm: number[];
  component_pairs_ppm: number[];
  islands: number;
  singleton_islands: number;
  largest_island: number;
  stranded_abroad: number;
  worst_ppm: number;
};
type Snapshot = {made: string; date: string; sha256: string; sources: {kind: string; name: string; sha256: string; lines: number}[]};
export type World = Snapshot & {networks: number; transit_links: number; peer_links: number; home: string; least: number; neighbours: number[]; countries: Row[]};
export type Network = {asn: number; name: string; country: string};
export type Shares = {strict_pairs_ppm: number; strict_addresses_ppm: number; component_pairs_ppm: number; component_addresses_ppm: number};
export type Presence = Shares & {neighbours: number; stay: number; islands: number; singleton_islands: number; largest_island: number};
export type Failure = Network & {kind: 'network' | 'link'; carries?: number; stranded: number; stranded_ppm: number; cure: number};
export type Country = Snapshot & {
  country: string;
  networks: number;
  world: number;
  before: Shares & {across_ppm: number};
  presence: Presence[];
  links_cut: {transit: number; peers: number};
  neighbours: {country: string; transit: number; peers: number}[];
  outside_before_ppm: number;
  outside_ppm: number;
  islands: {networks: number; addresses: number; members: Network[]}[];
  stranded_count: number;
  stranded: Network[];
  critical: Failure[];
  links: {a: Network; b: Network; gain: number; share_ppm: number}[];
};
/** Seconds from the cut; -1: for ever. */
export type Service = {
  id: string;
  name: string;
  owner: string;
  criticality: number;
  verdict: 'inside' | 'outside' | 'unknown' | 'cached';
  kind: string;
  what: string;
  why: string;
  least_s: number;
  most_s: number;
};
export type Step = {
  moves: number;
  what: {kind: string; unknown: boolean; what: string; users: number}[];
  gain: number;
  services_so_far: number;
  criticality: number;
  cost: number;
  cost_so_far: number;
  lead_days: number;
};
export type Services = {
  made: string;
  at: string;
  home_rules: number;
  home: string[];
  services: number;
  at_once: number;
  never: number;
  list: Service[];
  plan: {days: number; services: number; already: number; step_count: number; steps: Step[]};
};

/** Null: nothing was kept, or the node is of an earlier version. */
async function ask<T>(path: string, stop: AbortSignal): Promise<T | null> {
  try {
    return (await (await get('/api/v1/cutoff' + path, stop)).json()) as T;
  } catch (e) {
    if (e instanceof HttpError && e.status === 404) return null;
    throw e;
  }
}
export const getWorld = (stop: AbortSignal): Promise<World | null> => ask('', stop);
export const getCountry = (cc: string, stop: AbortSignal): Promise<Country | null> => ask('/' + cc, stop);
export const getServices = (stop: AbortSignal): Promise<Services | null> => ask('/services', stop);

export type Range = [least: number, most: number];
export const rangeOf = (list: number[]): Range => [Math.min(...list), Math.max(...list)];
export const reach = (r: Row): Range => rangeOf(r.strict_pairs_ppm);
