// What is exploited and what of it is our own, as docs/api.md has it, and the requests for it.
import {get, HttpError} from '../api';

/** A moment or a day; null where nobody says it. */
export type When = string | null;
/** `days` 0: with the next upgrade. */
export type Deadline = {days: number; due: When; over: boolean; forensic: boolean};
export type Kev = {added: When; due: When; ransomware: boolean};
export type Origin = {asn: number; name: string; country: string; alerts: number};
export type Outcomes = {vulnerable: number; patched: number; not_installed: number; unknown: number; own: number};
/** A counterpart's sighting; `proved`: its log's proof verifies. */
export type Sighting = {party: string; seen: When; proved: boolean; alerts: number};
/** What was seen of one in 24 hours; `series` by hour, the oldest first, empty where nothing was. */
export type Seen = {
  alerts: number;
  last_hour: number;
  series: number[];
  networks: number;
  origins: Origin[];
  ours: number;
  hit: number;
  outcomes: Outcomes;
  peers: Sighting[];
};
/** `epss` in millionths, `cvss` in tenths, `risk` in thousandths; null where nobody says it. */
export type Row = Seen & {
  cve: string;
  name: string;
  confidence: string;
  severity: string;
  cvss: number | null;
  kev: Kev | null;
  epss: number | null;
  deadline: Deadline | null;
  risk: number | null;
};
export type Against = {party: string; state: 'equal' | 'differs' | 'other' | 'none'; records: number};
export type Feed = {feed: string; kind: string; version: string; date: When; taken: When; age_s: number; stale: boolean; records: number; from: string; peers: Against[]};
export type All = {
  now: string;
  hours: number;
  machines: {known: number; listed: number; newest: When};
  findings: number;
  over: number;
  soon: number;
  list: Row[];
  total: number;
  exposure: {columns: string[]; rows: {days: number; cells: number[]}[]};
  feeds: Feed[];
};

export type Decision = {
  exploitation: string;
  source: string;
  at: When;
  deployer: string;
  row: number;
  kev: string;
  exposed: string;
  automatable: string;
  impact: string;
  unknown: string[];
};
/** In millionths. */
export type Factor = {factor: string; value: number; source: string; at: When; unknown: boolean};
/** `criticality` in hundredths. */
export type Machine = {
  asset: string;
  owner: string;
  exposure: string;
  criticality: number | null;
  package: string;
  installed: string;
  fixed: string;
  state: string;
  outcome: string;
  last_hit: When;
  deadline: Deadline | null;
  risk: number | null;
  decision: Decision;
  factors: Factor[];
};
export type One = Seen & {
  cve: string;
  name: string;
  text: string;
  cwes: string;
  vector: string;
  published: When;
  modified: When;
  kev: Kev | null;
  epss: number | null;
  epss_at: When;
  severity: string;
  cvss: number | null;
  cvss_version: number;
  rejected: boolean;
  machines: Machine[];
  machines_total: number;
  feeds: {feed: string; at: When}[];
};

/** Null: a node of an earlier version, or one that nobody ever spoke of to this node. */
async function ask<T>(path: string, stop: AbortSignal): Promise<T | null> {
  try {
    return (await (await get('/api/v1/vulnerabilities' + path, stop)).json()) as T;
  } catch (e) {
    if (e instanceof HttpError && e.status === 404) return null;
    throw e;
  }
}
export const getAll = (stop: AbortSignal): Promise<All | null> => ask('', stop);
export const getOne = (cve: string, stop: AbortSignal): Promise<One | null> => ask('/' + cve, stop);
