// What each sensor is worth: those with something wrong on top, the healthy ones folded.
import type {TopRow} from '../api';
import {esc, fixed, length, num, span, visible} from '../format';
import {wl} from '../i18n/parts';
import {mark} from '../incident/state';
import {table, type Column, type Row} from '../view/table';
import {least, type Coverage, type Eye} from './ask';

const OPEN = 8;
const none = (title = ''): string => (title ? `<span class="mut" title="${esc(title)}">–</span>` : '<span class="mut">–</span>');

const dropped = (e: Eye): number => (e.packets ? (e.drops ?? 0) / e.packets : 0);
/** Not over the limit of the pact yet, but more than half of the way. */
const rising = (e: Eye, most: number): boolean => !e.faults.length && most > 0 && dropped(e) * 1e6 > most / 2;

function state(e: Eye, most: number): string {
  if (e.faults.length) return mark('unk', e.faults.map(f => wl.faults[f] ?? visible(f)).join(', '));
  return rising(e, most) ? mark('open', wl.rising) : mark('ok', wl.ok);
}
function watches(e: Eye): string {
  const all = e.watches.map(p => `<span class="asn">${visible(p)}</span>`).join(', ');
  return (all || none()) + (e.watch_count > e.watches.length ? ` <span class="mut">${wl.moreWatched(num(e.watch_count - e.watches.length))}</span>` : '');
}
function clock(us: number): string {
  const ms = us / 1000,
    sign = us < 0 ? '−' : '+';
  return Math.abs(ms) < 2_000 ? `${Math.round(ms) ? sign : ''}${num(Math.abs(ms))} ms` : sign + span(Math.abs(ms) / 1000);
}

export type Rank = {row: Row; bad: number};
export function judged(c: Coverage, counted: Map<string, TopRow>): Rank[] {
  const most = least(c)?.max_drop_ppm ?? 0,
    at = Date.parse(c.eyes.at);
  return c.eyes.sensors.map(e => {
    const t = Date.parse(e.heard);
    const cells = [
      visible(e.sensor),
      e.kind ? visible(wl.kinds[e.kind] ?? e.kind) : none(),
      watches(e),
      num(counted.get(e.sensor)?.n ?? 0),
      Number.isNaN(t) ? wl.never : span(Math.max(0, at - t) / 1000),
      e.packets === undefined ? none(wl.saysNot) : e.packets ? fixed(dropped(e) * 100, 2) : none(wl.noPackets),
      e.usual ? fixed((e.recent ?? 0) / e.usual, 2) : none(e.packets === undefined ? wl.saysNot : wl.noMedian),
      e.clock_us === undefined ? none(wl.saysNot) : clock(e.clock_us),
      e.rules_s === undefined ? none(wl.saysNot) : length(e.rules_s),
      state(e, most)
    ];
    return {row: {k: e.sensor, cells}, bad: e.faults.length ? 2 + (e.faults.includes('rules') && e.faults.length === 1 ? 0 : 1) : Number(rising(e, most))};
  });
}
/** One that no heartbeat judges: of a node without a pact. */
export const counted = (r: TopRow): Rank => ({
  bad: 0,
  row: {k: r.key, cells: [visible(r.key), none(), none(), num(r.n), none(), none(), none(), none(), none(), `<span class="mut">${wl.noHealth}</span>`]}
});

export function sensorTables(list: Rank[], empty: string): string {
  const h = wl.col;
  const cols: Column[] = [
    {h: h.sensor, cls: 'c-sen'},
    {h: h.kind, cls: 'c-kind'},
    {h: h.watches},
    {h: h.events, right: true, cls: 'c-fig'},
    {h: h.heard, right: true, cls: 'c-fig'},
    {h: h.drops, right: true, cls: 'c-fig'},
    {h: h.packets, right: true, cls: 'c-pk'},
    {h: h.clock, right: true, cls: 'c-fig'},
    {h: h.rules, right: true, cls: 'c-fig'},
    {h: h.state, cls: 'c-st'}
  ];
  const all = [...list].sort((a, b) => b.bad - a.bad || (a.row.k < b.row.k ? -1 : 1)),
    bad = all.filter(x => x.bad).length,
    open = Math.max(bad, Math.min(OPEN, all.length)),
    rest = all.slice(open);
  const rows = (of: Rank[]): Row[] => of.map(x => x.row);
  return (
    table(wl.sensors, cols, rows(all.slice(0, open)), empty, 'wide sens') +
    (rest.length ? `<details data-k="rest"><summary>${wl.healthyRest(num(rest.length))}</summary>${table(wl.healthyRest(num(rest.length)), cols, rows(rest), empty, 'wide sens')}</details>` : '')
  );
}
