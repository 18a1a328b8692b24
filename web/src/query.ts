// Filtered figures come from the node, at most every two seconds while live; the page never guesses them.
import {getEvents, getSeries, getTop, type RecentRow, type Series, type TopRow} from './api';
import {params, slug, type Filter} from './filter';
import {whyNot} from './trouble';

export type Filtered = {
  networks: TopRow[];
  origins: TopRow[];
  targets: TopRow[];
  chips: number[] | null;
  events: RecentRow[];
  matched: number;
  total: number;
};

const PAUSE = 2_000;
const WEEK = 30_000;
const LIMIT = '200';

export class Query {
  result: Filtered | null = null;
  error = '';
  private key = '';
  private pos = -1;
  private done = 0;
  private running: AbortController | null = null;

  /** Called at each turn: fetches when the filter changed, or when the log grew (or the time that is shown went on) and the pause is over. */
  want(key: string, f: Filter, by: string, tby: string, pos: number, until: number | null, chips: string[], frozen: boolean, ready: () => void): void {
    if (!f.any) {
      this.clear();
      return;
    }
    if (key !== this.key) {
      this.clear();
      this.key = key;
    } else if (this.running || frozen || (pos === this.pos && !this.error) || performance.now() - this.done < PAUSE) return;
    this.pos = pos;
    const c = (this.running = new AbortController());
    this.fetch(f, by, tby, until, chips, c.signal)
      .then(
        r => {
          if (this.running === c) {
            this.result = r;
            this.error = '';
          }
        },
        e => {
          if (this.running === c) {
            this.error = whyNot(e);
            this.result = null;
          }
        }
      )
      .finally(() => {
        if (this.running !== c) return;
        this.running = null;
        this.done = performance.now();
        ready();
      });
  }

  private clear(): void {
    this.running?.abort();
    this.running = null;
    this.result = null;
    this.error = this.key = '';
  }

  private async fetch(f: Filter, by: string, tby: string, until: number | null, chips: string[], signal: AbortSignal): Promise<Filtered> {
    const ask = (more: Record<string, string>, without = '') => {
      const u = params(f, without);
      if (until !== null) {
        more.since = new Date(until - (more.since === '24h' ? 86_400_000 : 900_000)).toISOString();
        more.until = new Date(until).toISOString();
      }
      for (const k in more) u.set(k, more[k]);
      return u;
    };
    const networks = getTop('origins', 'asn', ask({since: '15m', limit: LIMIT}), signal);
    const [net, origins, targets, classes, events] = await Promise.all([
      networks,
      by === 'network' ? networks : getTop('origins', by === 'economy' ? 'country' : by, ask({since: '15m', limit: LIMIT}), signal),
      getTop('targets', tby, ask({since: '15m', limit: LIMIT}), signal),
      getTop('classes', 'class', ask({since: '24h', limit: '100'}, 'class'), signal),
      getEvents(ask({since: '24h', limit: '20'}), signal)
    ]);
    return {
      networks: net.rows,
      origins: origins.rows,
      targets: targets.rows,
      chips: byChip(classes.rows, chips),
      events: events.rows,
      matched: events.matched,
      total: net.total
    };
  }
}

/** Targets by group of own addresses: the live stream has addresses only, and not all of them. */
export class Groups {
  rows: TopRow[] | null = null;
  private by = '';
  private pos = -1;
  private done = 0;
  private running = false;

  want(by: string, pos: number, until: number | null, frozen: boolean, ready: () => void): void {
    if (by !== this.by) {
      this.rows = null;
      this.by = by;
    } else if (by === 'address' || this.running || frozen || pos === this.pos || performance.now() - this.done < PAUSE) return;
    if (by === 'address') return;
    this.pos = pos;
    this.running = true;
    const span: Record<string, string> = until === null ? {since: '15m'} : {since: new Date(until - 900_000).toISOString(), until: new Date(until).toISOString()};
    getTop('targets', by, new URLSearchParams({...span, limit: LIMIT}), AbortSignal.timeout(10_000))
      .then(
        r => {
          if (by === this.by) this.rows = r.rows;
        },
        () => undefined
      )
      .finally(() => {
        this.running = false;
        this.done = performance.now();
        ready();
      });
  }
}

/** The last seven days, which the live stream does not have: asked for while they are looked at. */
export class Week {
  series: Series | null = null;
  private due = 0;
  private running = false;

  want(on: boolean, frozen: boolean, ready: () => void): void {
    if (!on || this.running || performance.now() < this.due || (frozen && this.series)) return;
    this.running = true;
    getSeries(AbortSignal.timeout(10_000))
      .then(
        r => {
          this.series = r;
          // While the node still counts it is there soon.
          this.due = performance.now() + (r.whole ? WEEK : 1_000);
        },
        () => {
          this.due = performance.now() + WEEK;
        }
      )
      .finally(() => {
        this.running = false;
        ready();
      });
  }
}

/** Classes folded into chips; null when the node does not say which class is which chip. */
function byChip(rows: TopRow[], chips: string[]): number[] | null {
  const out = chips.map(() => 0);
  for (const r of rows) {
    const i = r.chip >= 0 ? r.chip : chips.findIndex(c => slug(c) === slug(r.key));
    if (i < 0 || i >= out.length) return null;
    out[i] += r.n;
  }
  return out;
}

export const asnOf = (r: TopRow): number => Number(r.key.replace(/^AS/i, '')) || 0;
