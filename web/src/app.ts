// What the parts of the page share: the node, the model, the filtered figures, and whether the page stands still.
import type {Node, Session} from './api';
import {parse, type Filter} from './filter';
import {Model} from './model';
import {Groups, Query, Week} from './query';
import {read} from './state';

export type VerdictMark = 'ok' | 'open' | 'over' | 'unk';
export type NetworkVerdict = {mark: VerdictMark; word: string; html: string};
export type Status = 'connecting' | 'live' | 'stale' | 'paused' | 'past';

/** A moment of the past that is shown in place of now, and what the page says of it. */
export type Past = {
  /** It is shown; else it is still asked for. */
  ready: boolean;
  /** How much faster than it was; 0: it stands still. */
  speed: number;
  /** Grows with each leap in time. */
  jump: number;
  /** The moment that is shown, or asked for. */
  at: () => number;
  state: () => string;
  headline: (figures: string) => string;
  bar: () => string;
  foot: () => string;
};

const live = new Model();

export const app = {
  node: null as Node | null,
  /** What is shown: of now, or of the past. */
  model: live,
  /** Of now, whatever is shown. */
  live,
  past: null as Past | null,
  /** The node's clock. */
  now: (): number => (live.ready ? live.clock() : Date.now()),
  query: new Query(),
  groups: new Groups(),
  week: new Week(),
  paused: false,
  /** All with whom there is or was a pact; null as long as they were not asked for. */
  parties: null as string[] | null,
  /** By network that a counterpart declares, how it stands with that counterpart; empty without a pact. */
  verdicts: new Map<number, NetworkVerdict>(),
  /** Draws what is shown anew; set where drawing is. */
  redraw: (): void => undefined,
  /** The same, with the next turn. */
  turn: (): void => undefined,
  /** Shows that moment (ms); not `done`: the pointer is still on its way. */
  seek: (_t: number, _done: boolean): void => undefined,
  status: 'connecting' as Status,
  /** Who is signed in; null as long as nobody is. */
  session: null as Session | null,
  /** The node shows nothing to who has not signed in. */
  closed: false,
  /** Seconds since the node was last heard. */
  silence: 0,
  filter: (): Filter => parse(read().q, app.node, app.parties)
};
