// What the page knows of the node: one snapshot, kept up by deltas of absolute values.
import type {CorridorRow, Delta, EconomyRow, Honesty, LogHead, NetworkRow, PartyRow, RecentRow, Series, Snapshot, TargetRow} from './api';
import type {Frame} from './stream';

export class Model {
  ready = false;
  pos = 0;
  /** The node's clock at the last frame, and ours then: the difference carries the clock on the page. */
  now = 0;
  received = 0;
  /** Seconds of the node's clock in one of ours: not 1 where the past is shown. */
  rate = 1;
  chips: number[] = [];
  networks = new Map<number, NetworkRow>();
  economies = new Map<string, EconomyRow>();
  parties = new Map<string, PartyRow>();
  targets = new Map<string, TargetRow>();
  corridors = new Map<string, CorridorRow>();
  corridorCount = 0;
  totals: Snapshot['totals'];
  unknown = 0;
  series: Series = {step: 300, start: 0, rows: []};
  recent: RecentRow[] = [];
  log: LogHead = {size: 0, root: '', signed: ''};
  honesty: Honesty | null = null;

  frame(f: Frame): void {
    if (f.kind === 'snapshot') this.snapshot(f.data);
    else this.delta(f.data);
  }

  snapshot(s: Snapshot): void {
    for (const m of [this.networks, this.economies, this.parties, this.targets, this.corridors]) m.clear();
    this.series = {...s.series, rows: s.series.rows.map(r => [...r])};
    const {series: _, ...rest} = s;
    this.ready = true;
    this.take(rest);
  }

  /** False when the frame is older than what is known: absolute values must never go back. */
  delta(d: Delta): boolean {
    if (!this.ready || (d.now && Date.parse(d.now) < this.now)) return false;
    const {series, ...rest} = d;
    for (const [row, start, value] of series ?? []) this.bucket(row, start, value);
    this.take(rest);
    return true;
  }

  private take(d: Omit<Delta, 'series'>): void {
    if (d.pos !== undefined) this.pos = d.pos;
    if (d.now) this.now = Date.parse(d.now);
    this.received = performance.now();
    if (d.chips) this.chips = d.chips;
    rows(
      this.networks,
      d.networks,
      r => r[0],
      r => !r[3] && !r[4]
    );
    rows(
      this.economies,
      d.economies,
      r => r[0],
      r => !r[1] && !r[2]
    );
    rows(
      this.parties,
      d.parties,
      r => r[0],
      r => !r[1] && !r[2]
    );
    rows(
      this.targets,
      d.targets,
      r => r[0],
      r => !r[2]
    );
    rows(
      this.corridors,
      d.corridors,
      r => r[0] + '~' + r[1],
      r => !r[2]
    );
    if (d.totals) this.totals = d.totals;
    if (d.corridor_count !== undefined) this.corridorCount = d.corridor_count;
    if (d.unknown !== undefined) this.unknown = d.unknown;
    if (d.recent) this.recent = d.recent;
    if (d.log) this.log = d.log;
    if (d.honesty) this.honesty = d.honesty;
  }

  /** A bucket past the end moves the window on; one before its start is too old to show. */
  private bucket(row: number, start: number, value: number): void {
    const s = this.series,
      n = s.rows[0]?.length ?? 0;
    let i = Math.round((start - s.start) / s.step);
    if (i >= n && n) {
      const by = i - n + 1;
      s.start += by * s.step;
      for (const r of s.rows) {
        r.splice(0, by);
        while (r.length < n) r.push(0);
      }
      i = n - 1;
    }
    if (i >= 0 && s.rows[row]) s.rows[row][i] = value;
  }

  /** The node's time now. */
  clock(): number {
    return this.now + (performance.now() - this.received) * this.rate;
  }

  /** All attack events of the last 15 minutes: every event has a party, if only the empty one. */
  total15(): number {
    let n = 0;
    for (const p of this.parties.values()) n += p[1];
    return n;
  }
  networks15(): NetworkRow[] {
    return [...this.networks.values()].filter(r => r[3] > 0).sort((a, b) => b[3] - a[3] || a[0] - b[0]);
  }
  economies15(): EconomyRow[] {
    return [...this.economies.values()].filter(r => r[0] && r[1] > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
  name(asn: number): string {
    return this.networks.get(asn)?.[1] ?? '';
  }
}

function rows<K, R>(map: Map<K, R>, list: R[] | undefined, key: (r: R) => K, gone: (r: R) => boolean): void {
  for (const r of list ?? [])
    if (gone(r)) map.delete(key(r));
    else map.set(key(r), r);
}
