// What the list and the drawer have in common: deadlines, hours as a small picture, who saw it.
import {app} from '../app';
import {economy} from '../economies';
import {day, dayMonth, esc, fixed, num, plain, timeTag, title, visible} from '../format';
import {w} from '../i18n';
import {wu} from '../i18n/parts';
import {mark} from '../incident/state';
import type {Deadline, Kev, Origin, Seen, Sighting, When} from './ask';
import {endOf, isSoon} from './select';

export const mono = (s: string): string => `<span class="asn">${visible(s)}</span>`;
export const mut = (s: string): string => `<span class="mut">${s}</span>`;
export const party = (id: string): string => visible(title(id));
export const nameOf = (r: {name: string}): string => (r.name ? visible(r.name) : mut(wu.unnamed));

/** Of a day or a moment: the day, and the year where it is another than now. */
export function date(iso: When): string {
  const t = Date.parse(iso ?? '');
  if (!iso || Number.isNaN(t)) return iso ? visible(iso) : wu.noDate;
  return timeTag(iso, new Date(t).getUTCFullYear() === new Date(app.model.clock()).getUTCFullYear() ? dayMonth(t) : day(t));
}
/** A length of time in the one unit that matters, never more than it is. */
export function rough(seconds: number): string {
  const s = Math.max(0, seconds),
    of = (n: number, unit: string): string => `${num(Math.floor(n))}\u00a0${unit}`;
  return s < 3_600 ? of(s / 60, w.unit.min) : s < 172_800 ? of(s / 3_600, w.unit.h) : of(s / 86_400, w.unit.d);
}
export const epss = (ppm: number): string => fixed(ppm / 1e6, 2);

/** How much of its time is gone; for the eye alone, the words say it too. */
function windowOf(d: Deadline): string {
  const left = Math.max(0, Math.min(1, (endOf(d) - app.model.clock()) / (d.days * 86_400_000))),
    a = 2 * Math.PI * (1 - left),
    at = `${(8 + 5.4 * Math.sin(a)).toFixed(2)} ${(8 - 5.4 * Math.cos(a)).toFixed(2)}`;
  const gone = left <= 0.01 ? '<circle class="f" cx="8" cy="8" r="5.4"/>' : left < 0.99 ? `<path class="f" d="M8 8V2.6A5.4 5.4 0 ${a > Math.PI ? 1 : 0} 1 ${at}z"/>` : '';
  return `<svg class="sh" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.4"/>${gone}</svg>`;
}
const UPGRADE = '<svg class="sh" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 13V3.4M4 7.4l4-4 4 4"/></svg>';

export const withinOf = (days: number): string => (days > 0 ? wu.within(days) : wu.upgrade);
/** Past its date is a verdict on who should have mended it; nothing else here takes a hue. */
export function deadline(d: Deadline | null, none: string): string {
  if (!d) return mut(none);
  if (d.over) {
    const late = (app.model.clock() - endOf(d)) / 1000;
    return `${mark('over', late > 0 ? wu.past(rough(late)) : wu.pastNow)}<br>${mut(date(d.due))}`;
  }
  const within = d.days > 0 ? windowOf(d) : UPGRADE;
  return `<span class="dl${isSoon(d, app.model.clock()) ? ' soon' : ''}">${within}<span>${withinOf(d.days)}</span></span>${d.due ? `<br>${mut(date(d.due))}` : ''}`;
}

export const kevTag = (k: Kev): string => `<span class="tag" title="${esc(wu.kevTitle(date(k.added).replace(/<[^>]*>/g, '')))}">KEV</span>`;

/** One bar an hour, the oldest first. */
export function hours(series: number[], width: number, height: number): string {
  const most = Math.max(1, ...series),
    n = Math.max(1, series.length),
    step = width / n;
  const bars = series
    .map((v, i) => {
      const h = v ? Math.max(1, (v / most) * (height - 1)) : 0;
      return h ? `<path${i === n - 1 ? ' class="now"' : ''} d="M${(i * step).toFixed(1)} ${height}v-${h.toFixed(1)}h${(step - 0.6).toFixed(1)}V${height}z"/>` : '';
    })
    .join('');
  return `<svg class="spark" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><path class="base" d="M0 ${height - 0.5}H${width}"/>${bars}</svg>`;
}

export const economyOf = (cc: string): string => (cc ? esc(economy(cc)?.name || cc) : w.unknownEconomy);
const origin = (o: Origin): string => `AS${o.asn} ${plain(o.name) || w.unnamed}, ${economyOf(o.country)}: ${num(o.alerts)}`;
const CODES = 4;
/** Networks and the economies they are registered in: where it came from, never who did it. */
export function origins(s: Seen): string {
  if (!s.alerts) return mut(wu.notSeen);
  const codes = [...new Set(s.origins.map(o => o.country).filter(Boolean))],
    more = codes.length - CODES;
  const told = s.origins.map(origin).join('\n');
  return `<span title="${told}">${wu.networks(num(s.networks), s.networks)}<br>${mut(codes.slice(0, CODES).map(esc).join(' ') + (more > 0 ? ` +${more}` : ''))}</span>`;
}

export function sighting(of: Sighting[], who: string): string {
  const s = of.find(p => p.party === who);
  if (!s) return mut(wu.no);
  return `${wu.seenBy}<br>${mut(s.proved ? wu.proved : wu.noProof)}`;
}
export const section = (id: string, name: string, body: string, side = '', cls = ''): string =>
  `<section class="cell ${cls}" data-k="${id}" aria-labelledby="${id}"><div class="sh-row"><h2 id="${id}">${name}</h2><span class="grow"></span>${side ? mut(side) : ''}</div>${body}</section>`;
