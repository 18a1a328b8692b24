// How the exchange of objects stands, as docs/api.md has it, and the requests for it.
import {get, HttpError} from '../api';

export type Collection = {id: string; alias: string; title: string; pact: string; from: string; objects: number; readers: number; writers: number};
/** Of what was taken back, by whether the partner says that it is gone. */
export type Partner = {pact: string; party: string; bound: boolean; ceiling: string; waiting: number; overdue: number; removed: number};
/** Times are "" where there is none. */
export type Source = {name: string; title: string; tried: string; succeeded: string; fault: string; fault_since: string; every_s: number; next: string; added: number; refused: number};
/** An indicator that met events; `until` is "" where it has no end. */
export type Hit = {
  id: string;
  name: string;
  labels: string;
  kinds: string[];
  count: number;
  events: number;
  first: string;
  last: string;
  confidence: number | null;
  until: string;
  state: string;
  series: number[];
};
/** Of the last `days`; `fault`: why what is looked for cannot be read, "" it can. */
export type Hits = {days: number; looked_for: number; fault: string; indicators: Hit[]; indicator_count: number; over: number};
export type Exchange = {
  at: string;
  collections: Collection[];
  collection_count: number;
  within_s: number;
  partners: Partner[];
  sources: Source[];
  source_count: number;
  hits?: Hits;
};
export type Why = {collection: string; version: string; tlp: string; goes: boolean; word: string; reason: string};
export type Explained = {object: string; to: string; rows: Why[]; row_count: number};

/** Null: a node of an earlier version. */
export async function getExchange(stop: AbortSignal): Promise<Exchange | null> {
  try {
    return (await (await get('/api/v1/exchange', stop)).json()) as Exchange;
  } catch (e) {
    if (e instanceof HttpError && e.status === 404) return null;
    throw e;
  }
}
export const getExplained = async (object: string, to: string, stop: AbortSignal): Promise<Explained> =>
  (await (await get(`/api/v1/exchange/explain?${new URLSearchParams({object, to}).toString()}`, stop)).json()) as Explained;
