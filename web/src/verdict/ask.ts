// Verdicts and pacts as docs/api.md has them, and the requests for them.
import {get} from '../api';

/** In the order of their precedence. */
export const WORDS = [
  'not answered in time',
  'disputed',
  'open incidents',
  'suspended: out of contact',
  'unknown: no visibility',
  'unknown: partial visibility',
  'compliant',
  'self-reported',
  'not applicable'
] as const;
export type Word = (typeof WORDS)[number];

export type Reading = {
  word: Word;
  why: string;
  exclusion?: string;
  known: boolean;
  coverage_ppm?: number;
  /** By what the other side published, by the day, in whole per cent. */
  published?: boolean;
  sensors?: number;
  canaries?: number;
  found?: number;
  recall_ppm?: number;
  at_most_ppm?: number;
  incidents: number;
  open: number;
  overdue: number;
  disputed: number;
  late: number;
  undelivered: number;
  oldest?: string;
  oldest_since?: string;
  worst?: string;
  item?: string;
  due?: string;
  over_s?: number;
  next_due: string;
  silent_since: string;
};
export type Row = {
  obligation: string;
  kind: string;
  now: Reading;
  period: Reading;
  theirs_now: Reading;
  theirs: Reading;
  told?: {count: number; median_s: number; p90_s: number; within_s: number};
  kev?: {open: number; late: number; patch_days: number; machines: number; known: number; catalogue: string};
};
export type Took = {count: number; median_s: number; p90_s: number};
export type Pair = {
  bound: string;
  toward: string;
  notices: number;
  withdrawn: number;
  false_positives: number;
  wrong_ppm: number;
  took: {acknowledge: Took; answer: Took; act: Took};
  obligations: Row[];
};
export type Judged = {
  pact: string;
  self: string;
  from: string;
  until: string;
  min_coverage_ppm: number;
  min_recall_ppm: number;
  days?: [day: string, ppm: number][];
  sensors: {sensor: string; faults: string[]; unknown: string[]}[];
  pairs: Pair[];
};
export type Verdict = {at: string; pacts: Judged[]};

export type Annex = {
  sequence: number;
  sha256: string;
  leaf: number;
  valid_from: string;
  witnessed: string;
  asns: number[];
  prefixes: string[];
  prefix_count: number;
  sensors: number;
  sensors_hidden: boolean;
  seen_by: string[];
};
export type Party = {
  id: string;
  name: string;
  self: boolean;
  state: string;
  log_origin: string;
  key: string;
  denounced: string;
  ends: string;
  annex_count: number;
  /** The newest last. */
  annexes: Annex[];
};
export type Obligation = {
  id: string;
  article: string;
  text: string;
  kind: string;
  severity: string;
  grade: number;
  classes: string[];
  threshold: {events: number; targets: number; sensors: number; bytes_per_s: number; window_s: number} | null;
  within_s: number;
  every_s: number;
  answer_s: number;
  keep_s: number;
};
export type Severity = {id: string; receipt_s: number; acknowledge_s: number; answer_s: number; act_s: number};
export type Pact = {
  pact: string;
  title: string;
  version: number;
  sha256: string;
  signed_on: string;
  from: string;
  until: string;
  denunciation_s: number;
  statement: string;
  third_parties: string;
  witness_within_s: number;
  parties: Party[];
  severities: Severity[];
  obligations: Obligation[];
  exclusions: {id: string; why: string; until: string; origins: string[]; targets?: string[]; classes: string[]}[];
};

export const getVerdict = async (q: Record<string, string>): Promise<Verdict> => (await get(`/api/v1/verdict?${new URLSearchParams(q)}`)).json();
export const getPacts = async (): Promise<Pact[]> => ((await (await get('/api/v1/pacts')).json()) as {pacts: Pact[]}).pacts;
