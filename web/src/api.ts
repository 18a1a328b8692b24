// The contract of docs/api.md as types, and the few requests the page makes. Only this host is ever asked.
import {lang} from './i18n';

export type Dataset = {name: string; date: string; age_days: number; stale: boolean; source?: string};
export type Node = {
  party: string;
  origin: string;
  vkey: string;
  version: string;
  demo: boolean;
  test: boolean;
  country: string;
  networks: string[];
  chips: string[];
  /** Groups of own addresses. */
  assets?: {name: string; sector: string}[];
  /** false: notices wait for a person. */
  automatic?: boolean;
  datasets: Dataset[];
};

export type NetworkRow = [asn: number, name: string, country: string, n15: number, n60: number, p60: number];
export type EconomyRow = [country: string, n15: number, n60: number, p60: number, addresses: number, networks: number];
export type PartyRow = [party: string, n15: number, n60: number, p60: number];
export type TargetRow = [address: string, party: string, n15: number];
export type CorridorRow = [country: string, asn: number, n15: number, chip: number];
export type RecentRow = [
  id: string,
  time: string,
  chip: number,
  klass: string,
  country: string,
  asn: number,
  origin: string,
  target: string,
  port: number,
  rule: string
];
export type Series = {step: number; start: number; rows: number[][]};
export type Honesty = {
  sensors: [number, number];
  lag_ms: number;
  events: number;
  attacks: number;
  rejected: number;
  dropped: number;
  duplicates: number;
  unknown: number;
  tables_age_days: number;
  tables_stale: boolean;
  skewed: number;
  /** The outside is shut on purpose, for a while. */
  drill?: boolean;
  /** The third changes when anything about alerts does. */
  alerts?: [firing: number, acknowledged: number, change: number];
};
export type LogHead = {size: number; root: string; signed: string};
/** Of a stream of the past: from when on something is kept, and what of its day is not. */
export type Replay = {from: string; speed: number; erased: number; left_out: number};
export type Snapshot = {
  pos: number;
  now: string;
  chips: number[];
  networks: NetworkRow[];
  economies: EconomyRow[];
  parties: PartyRow[];
  /** Of the last 15 minutes, whatever the lists leave out. */
  totals?: [n15: number, networks: number, economies: number, addresses: number];
  targets: TargetRow[];
  corridors: CorridorRow[];
  corridor_count: number;
  unknown: number;
  series: Series;
  recent: RecentRow[];
  log: LogHead;
  honesty: Honesty;
  replay?: Replay;
};
export type Delta = Partial<Omit<Snapshot, 'series'>> & {series?: [row: number, start: number, value: number][]};

export type EventLog = {
  leaf: number;
  block: number;
  index: number;
  events: number;
  size: number;
  signed: string;
  commitment: string;
  root: string;
};
export type Event = {
  id: string;
  time: string;
  time_seen: string;
  kind: string;
  class: string;
  chip: number;
  severity: number;
  count: number;
  origin: {
    address: string;
    port: number;
    asn: number;
    name: string;
    country: string;
    prefix: string;
    dataset: string;
    date: string;
    disputed: boolean;
    /** Where the economy comes from, when that is another table than the network's. */
    country_dataset?: string;
    country_date?: string;
  };
  target: {address: string; port: number; asn: number; country: string; name: string};
  party: string;
  protocol: number;
  rule: string;
  rule_name: string;
  sensor: string;
  grade: number;
  flags: string[];
  raw_kind: string;
  raw_bytes: number;
  log?: EventLog;
};

/** One line of a filtered table, whatever of it the node gives. */
export type TopRow = {key: string; name: string; country: string; n: number; chip: number};

export class HttpError extends Error {
  constructor(
    readonly status: number,
    text: string
  ) {
    super(text);
  }
}

export async function get(path: string, signal?: AbortSignal): Promise<Response> {
  const r = await fetch(path, {signal, cache: 'no-store', credentials: 'same-origin'});
  if (!r.ok) throw new HttpError(r.status, (await r.text()).trim().slice(0, 200) || String(r.status));
  return r;
}
export const getNode = async (): Promise<Node> => (await get('/api/v1/node')).json();
export const getNow = async (signal?: AbortSignal): Promise<Snapshot> => (await get('/api/v1/now', signal)).json();
export const getSeries = async (signal: AbortSignal): Promise<Series & {whole: boolean}> => (await get('/api/v1/series', signal)).json();
export const getEvent = async (id: string): Promise<Event> => (await get('/api/v1/events/' + encodeURIComponent(id))).json();
export const proofPath = (id: string): string => `/api/v1/events/${encodeURIComponent(id)}/proof`;
export const rawPath = (id: string): string => `/api/v1/events/${encodeURIComponent(id)}/raw`;
export const getBytes = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await get(path)).arrayBuffer());

export type Session = {user: string; role: string; kind: string; until: string};
/** What the node says when it refuses: a name that the words are looked up by. */
export type Refusal = {error: string; wait_s?: number};

async function ask(method: string, path: string, body?: object): Promise<Session | Refusal> {
  const init: RequestInit = {method, cache: 'no-store', credentials: 'same-origin'};
  if (body) Object.assign(init, {headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  try {
    return (await (await fetch(path, init)).json()) as Session | Refusal;
  } catch {
    return {error: 'engine'};
  }
}
export const getSession = (): Promise<Session | Refusal> => ask('GET', '/api/v1/session');
export const signIn = (what: {link: string} | {user: string; password: string}): Promise<Session | Refusal> =>
  ask('POST', '/api/v1/session', what);
export const signOut = (): Promise<Session | Refusal> => ask('DELETE', '/api/v1/session');
export const setPassword = (password: string): Promise<Session | Refusal> => ask('PUT', '/api/v1/password', {password});
export type Alert = {
  number: number;
  key: string;
  severity: 'info' | 'warning' | 'critical';
  state: 'firing' | 'acknowledged' | 'resolved';
  text: string;
  to_do: string;
  acknowledged_by: string;
  since: string;
  acknowledged: string;
  resolved: string;
};
export const getAlerts = async (): Promise<Alert[]> => ((await (await get(`/api/v1/alerts?lang=${lang}`)).json()) as {alerts: Alert[]}).alerts;
export const acknowledge = (n: number): Promise<Session | Refusal> => ask('POST', `/api/v1/alerts/${n}/ack`);
export const refused = (a: Session | Refusal): a is Refusal => 'error' in a;

type Loose = Record<string, unknown>;
const str = (o: Loose, ...names: string[]): string => {
  for (const n of names) if (typeof o[n] === 'string' || typeof o[n] === 'number') return String(o[n]);
  return '';
};
const int = (o: Loose, ...names: string[]): number => {
  for (const n of names) if (typeof o[n] === 'number') return o[n] as number;
  return -1;
};

/** `by` names the column that is the key of a row, as on the command line. */
export async function getTop(what: string, by: string, u: URLSearchParams, signal: AbortSignal): Promise<{rows: TopRow[]; total: number}> {
  if (what === 'origins' || what === 'targets') u.set('by', by);
  const body = (await (await get(`/api/v1/top/${what}?${u}`, signal)).json()) as Loose;
  const list = (Array.isArray(body) ? body : (body.rows ?? body[what] ?? [])) as Loose[];
  const rows = list.map(o => ({
    key: str(o, by, 'key'),
    // Of a group of own addresses its sector.
    name: str(o, 'name', 'sector'),
    country: str(o, 'country'),
    n: Math.max(0, int(o, 'events', 'count', 'n')),
    chip: int(o, 'chip')
  }));
  // The command line ranks by networks; the lists here by events.
  rows.sort((a, b) => b.n - a.n);
  return {rows, total: typeof body.events === 'number' ? body.events : rows.reduce((s, r) => s + r.n, 0)};
}

export async function getEvents(u: URLSearchParams, signal: AbortSignal): Promise<{rows: RecentRow[]; matched: number}> {
  const body = (await (await get(`/api/v1/events?${u}`, signal)).json()) as {events: (Event | RecentRow)[]; matched: number};
  const rows = body.events.map((e): RecentRow =>
    Array.isArray(e)
      ? e
      : [e.id, e.time, e.chip, e.class, e.origin.country, e.origin.asn, e.origin.address, e.target.address, e.target.port, e.rule_name]
  );
  return {rows, matched: body.matched};
}
