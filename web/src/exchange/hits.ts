// Indicators that met events as these came: counts by day, never an address.
import {day, hm, num, plain, timeTag, visible} from '../format';
import {wx} from '../i18n/parts';
import type {Column, Row} from '../view/table';
import type {Hit, Hits} from './ask';

const WIDTH = 98,
  HEIGHT = 18;

const mut = (s: string): string => `<span class="mut">${s}</span>`;
const moment = (iso: string): string => timeTag(iso, `${day(Date.parse(iso))} ${hm(Date.parse(iso))} UTC`);
const date = (iso: string): string => timeTag(iso, day(Date.parse(iso)));

/** One bar a day, the oldest first. */
function days(series: number[]): string {
  const most = Math.max(1, ...series),
    step = WIDTH / Math.max(1, series.length);
  const bars = series
    .map((v, i) => {
      const h = v ? Math.max(1, (v / most) * (HEIGHT - 1)) : 0;
      return h ? `<path d="M${(i * step).toFixed(1)} ${HEIGHT}v-${h.toFixed(1)}h${(step - 1).toFixed(1)}V${HEIGHT}z"/>` : '';
    })
    .join('');
  return `<svg class="x-days" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${wx.daysOf(series.map(num).join(', '))}"><path class="base" d="M0 ${HEIGHT - 0.5}H${WIDTH}"/>${bars}</svg>`;
}

function state(h: Hit): string {
  switch (h.state) {
    case 'in-force':
      return h.until ? wx.untilDay(date(h.until)) : wx.valid;
    case 'over':
      return `${wx.over}${h.until ? ` ${mut(date(h.until))}` : ''}`;
    default:
      return wx.hitStates[h.state] ?? visible(h.state);
  }
}

function who(h: Hit): string {
  const more = [h.name ? visible(h.id) : '', visible(h.labels)].filter(Boolean).join('<br>');
  return `<span title="${plain(h.id)}">${visible(h.name || h.id)}</span>${more ? `<br>${mut(more)}` : ''}`;
}

export const hitColumns = (): Column[] => [
  {h: wx.col.indicator},
  {h: wx.col.count, right: true},
  {h: wx.col.days},
  {h: wx.col.met},
  {h: wx.col.first},
  {h: wx.col.last},
  {h: wx.col.confidence, right: true},
  {h: wx.col.sought}
];
export const hitRows = (x: Hits): Row[] =>
  x.indicators.map(h => ({
    k: h.id,
    cells: [
      who(h),
      num(h.count),
      days(h.series),
      h.kinds.map(k => wx.kinds[k] ?? visible(k)).join('<br>'),
      moment(h.first),
      moment(h.last),
      h.confidence === null ? mut('–') : num(h.confidence),
      state(h)
    ]
  }));

/** Why the list is empty, and what to do. */
export const noHits = (x: Hits): string => (x.looked_for ? wx.noHits(num(x.looked_for), x.days) : wx.nothingSought);

/** What cannot be seen in the list. */
export function hitNotes(x: Hits): string {
  const notes = [x.fault ? `<b>${wx.hitFault(visible(x.fault))}</b>` : '', x.over ? wx.hitsOver(num(x.over)) : ''];
  return notes
    .filter(Boolean)
    .map(n => `<p class="note">${n}</p>`)
    .join('');
}
