// What others publish of the world, as docs/api.md has it, and the requests for it and for our own figures beside it.
import {get, getTop, HttpError, type TopRow} from '../api';

export type List = {name: string; source: string; date: string; taken: string; prefixes: number; addresses: number};
export type Network<N extends string> = {asn: number; name: string} & Record<N, number>;
export type Economy<N extends string> = {country: string} & Record<N, number>;
/** What a party published of the attack events that it saw, signed by its log's key. */
export type Totals = {
  pact: string;
  party: string;
  own: boolean;
  from: string;
  until: string;
  published: string;
  least: number;
  events: number;
  networks: Network<'events'>[];
  network_rows_withheld: number;
  network_withheld: number;
  network_unknown: number;
  economies: Economy<'events'>[];
  economy_rows_withheld: number;
  economy_withheld: number;
  economy_unknown: number;
};
export type Exploited = {cve: string; vendor: string; product: string; name: string; added: string; due: string; ransomware: boolean};
export type Kev = {version: string; released: string; taken: string; source: string; count: number; ransomware: number; entries: Exploited[]};
export type World = {
  lists: List[];
  addresses: number;
  networks: Network<'addresses'>[];
  network_unknown?: number;
  economies: Economy<'addresses'>[];
  economy_unknown?: number;
  totals?: Totals[];
  kev?: Kev;
};
export type Own = {rows: TopRow[]; total: number};
/** Of what our sensors saw in 24 hours, by network and by economy, and the rules that events matched. */
export type Ours = {network: Own; economy: Own; rules: TopRow[]};

const LIMIT = '1000';

/** Null: a node of an earlier version, which tells none of it. */
export async function getWorld(stop: AbortSignal): Promise<World | null> {
  try {
    return (await (await get('/api/v1/world', stop)).json()) as World;
  } catch (e) {
    if (e instanceof HttpError && e.status === 404) return null;
    throw e;
  }
}

export async function getOurs(rules: boolean, stop: AbortSignal): Promise<Ours> {
  const of = (what: string, by: string): Promise<Own> => getTop(what, by, new URLSearchParams({since: '24h', limit: LIMIT}), stop);
  return {
    network: await of('origins', 'asn'),
    economy: await of('origins', 'country'),
    rules: rules ? (await of('rules', 'rule')).rows : []
  };
}
