// What the parts of the page share: the node, the model, the filtered figures, and whether the page stands still.
import type {Node, Session} from './api';
import {parse, type Filter} from './filter';
import {Model} from './model';
import {Groups, Query} from './query';
import {read} from './state';

export type VerdictMark = 'ok' | 'open' | 'over' | 'unk';
export type NetworkVerdict = {mark: VerdictMark; word: string; html: string};
export type Status = 'connecting' | 'live' | 'stale' | 'paused';

export const app = {
  node: null as Node | null,
  model: new Model(),
  query: new Query(),
  groups: new Groups(),
  paused: false,
  /** By network that a counterpart declares, how it stands with that counterpart; empty without a pact. */
  verdicts: new Map<number, NetworkVerdict>(),
  /** Draws what is shown anew; set where drawing is. */
  redraw: (): void => undefined,
  status: 'connecting' as Status,
  /** Who is signed in; null as long as nobody is. */
  session: null as Session | null,
  /** The node shows nothing to who has not signed in. */
  closed: false,
  /** Seconds since the node was last heard. */
  silence: 0,
  filter: (): Filter => parse(read().q, app.node)
};
