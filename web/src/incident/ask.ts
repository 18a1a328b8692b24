// Incidents and counterparts as docs/api.md has them, and the requests about them.
import {get, type Event} from '../api';

export type Due = 'receipt' | 'acknowledge' | 'answer' | 'act' | 'evidence' | 'confirm';
/** As lists show it. What only messages tell is missing while it is known here alone. */
export type Incident = {
  pact: string;
  incident: string;
  notifier: string;
  responder: string;
  role: 'notifier' | 'responder' | 'observer';
  state: string;
  severity: string;
  obligation?: string;
  /** Other obligations that it was named under. */
  also?: string[];
  class?: string;
  origin?: string;
  first?: string;
  last?: string;
  events?: number;
  count?: number;
  targets?: number;
  e_grade?: number;
  o_grade?: number;
  opened: string;
  /** "" while it is open. */
  closed?: string;
  finding?: string;
  action?: string;
  result?: string;
  /** "" while its clock stands still. */
  owed?: Partial<Record<Due, string>>;
  suspended_since?: string;
  overdue?: Due[];
  overdue_notifier?: Due[];
  late?: Due[];
  late_notifier?: Due[];
  undelivered?: boolean;
  recurrences?: number;
  reopened?: number;
  extensions?: number;
  messages?: number;
  /** What was done, and on how much of its clock. */
  took_us?: Partial<Record<Due, number>>;
};
/** What it rests on: this node's events, or the word of the notice. */
export type Evidence = {
  whose: string;
  by: 'events' | 'notice';
  masked: boolean;
  /** Erased since. */
  gone: number;
  events?: number;
  count?: number;
  first?: string;
  last?: string;
  measured: {events: number; targets: number; sensors: number} | null;
  origins: {origin: Event['origin']; events: number; count: number; first: string; last: string; grade?: number; flags?: string[]}[];
  targets: {target: string; asset: string; sector: string; events: number; count: number; first: string; last: string}[];
  line: [time: string, count: number, id: string][];
  keys: [role: string, party: string, vkey: string][];
};
export type Reference = {block: number; commitment: string; index: number; leaf: number; proof: string};
export type Message = {
  id: string;
  type: string;
  from: string;
  seq: number;
  at: string;
  here_at: string;
  leaf: number;
  generation: number;
  not_before: string;
  not_after: string;
  time_disputed: boolean;
  fork: boolean;
  passed_over: string;
  /** That signed it: `name+id`, or its id alone. */
  key?: string;
  /** How it stands with the proof of each piece of its evidence. */
  proofs?: string[];
  body?: Record<string, unknown>;
};
export type Whole = Incident & {
  held?: string;
  suspended?: [from: string, until: string][];
  may?: string[];
  reason_for?: string[];
  conversation?: Message[];
  evidence?: Evidence;
};
export type Peer = {
  party: string;
  origin: string;
  fault: string;
  text: string;
  why: string;
  since: string;
  answered: string;
  size: number;
  missing: number;
  witnessed: number;
  witnessed_at: string;
  held: number;
  held_at: string;
  /** Out of contact since then: deadlines read suspended. */
  silent_since?: string;
  /** When a bundle of theirs was taken in last. */
  carried_at?: string;
  /** of our log, whose leaves witnessed and held count */
  generation: number;
};

export const getPeers = async (): Promise<Peer[]> => ((await (await get('/api/v1/peers')).json()) as {peers: Peer[]}).peers;
/** With the bytes that it took, by which the next question waits. */
export async function getIncidents(): Promise<{list: Incident[]; count: number; bytes: number}> {
  const text = await (await get('/api/v1/incidents')).text(),
    all = JSON.parse(text) as {incidents: Incident[]; count: number};
  return {list: all.incidents, count: all.count, bytes: text.length};
}
export const givenPath = (pact: string, file: string): string => `/api/v1/pacts/${encodeURIComponent(pact)}/proof/${encodeURIComponent(file)}`;
/** Verifier keys of the witnesses that the policy names. */
export const getWitnesses = async (): Promise<string[]> =>
  ((await (await get('/api/v1/witnesses')).json()) as {witnesses?: {key: string}[]}).witnesses?.map(x => x.key) ?? [];
const path = (pact: string, name: string): string => `/api/v1/incidents/${encodeURIComponent(pact)}/${encodeURIComponent(name)}`;
export const getIncident = async (pact: string, name: string): Promise<Whole> => (await get(path(pact, name))).json();

export type Rehearsal = {id: string; message: {to: string; type: string; tlp: string; body: Record<string, unknown>}; then: Incident | null};
/** error: a name that the words are looked up by; text: why, of `say`. */
export type No = {error: string; text?: string; code?: string; status: number};

/** Says it, or with `dry` only what would be said and what would come of it. */
export async function say(i: Incident, type: string, fields: object, dry: boolean): Promise<Rehearsal | No> {
  let status = 0;
  try {
    const r = await fetch(`${path(i.pact, i.incident)}/${type}${dry ? '?dry-run' : ''}`, {
      method: 'POST',
      cache: 'no-store',
      credentials: 'same-origin',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(fields)
    });
    status = r.status;
    const answer = JSON.parse(await r.text()) as Rehearsal | {error: string; text?: string; code?: string};
    return 'error' in answer ? {...answer, status} : answer;
  } catch {
    return {error: status === 413 ? 'long' : 'engine', status};
  }
}
