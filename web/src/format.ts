// Numbers, times and foreign text, as the page writes them.
import {locale, w} from './i18n';

const AMP: Record<string, string> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
export const esc = (s: string): string => s.replace(/[&<>"]/g, c => AMP[c]);

/** Thin space between thousands. */
export const num = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');

/** With so many digits behind the sign that the language puts there. */
export const fixed = (n: number, digits: number): string =>
  new Intl.NumberFormat(locale(), {minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false}).format(n);
export const percent = (share: number, digits = 1): string => fixed(share * 100, digits) + '\u202f%';

/** Change of the last hour against the hour before; `fresh` is the word for "nothing before". */
export function change(now: number, before: number, fresh: string): string {
  if (!before) return now ? fresh : '0\u202f%';
  const p = Math.round((now / before - 1) * 100);
  return (p > 0 ? '+' : p < 0 ? '−' : '') + num(Math.abs(p)) + '\u202f%';
}

const p2 = (n: number): string => String(n).padStart(2, '0');
export const hm = (t: number): string => {
  const d = new Date(t);
  return p2(d.getUTCHours()) + ':' + p2(d.getUTCMinutes());
};
export const hms = (t: number): string => hm(t) + ':' + p2(new Date(t).getUTCSeconds());
const dates = new Map<string, Intl.DateTimeFormat>();
function dated(t: number, form: Intl.DateTimeFormatOptions): string {
  const key = locale() + JSON.stringify(form);
  if (!dates.has(key)) dates.set(key, new Intl.DateTimeFormat(locale(), form));
  return dates.get(key)!.format(t);
}
/** As the language writes a day of UTC. */
export const day = (t: number): string => dated(t, {day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'});
export const dayMonth = (t: number): string => dated(t, {day: 'numeric', month: 'short', timeZone: 'UTC'});
/** The same moment where the reader is; empty where that is UTC. */
export const local = (t: number): string => (new Date(t).getTimezoneOffset() ? dated(t, {hour: '2-digit', minute: '2-digit'}) : '');

/** UTC in sight; ISO 8601 and local time in the title. */
export function timeTag(iso: string, shown: string): string {
  const t = Date.parse(iso);
  const here = Number.isNaN(t) ? '' : ` · ${w.local} ${dated(t, {dateStyle: 'medium', timeStyle: 'long'})}`;
  return `<time datetime="${esc(iso)}" title="${esc(iso + here)}">${shown}</time>`;
}

/** Bytes as megabytes of a million, to at most one digit. */
export const bytes = (n: number): string => new Intl.NumberFormat(locale(), {maximumFractionDigits: 1}).format(n / 1e6);

/** A moment to the minute in UTC, and beside it where the reader is. */
export function stamp(iso: string): string {
  const t = Date.parse(iso);
  if (Number.isNaN(t)) return '';
  const here = local(t);
  return timeTag(iso, `${day(t)} ${hm(t)} UTC`) + (here ? ` <span class="mut">(${here})</span>` : '');
}

/** A length of time in at most two units. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s} ${w.unit.s}`;
  const m = Math.round(s / 60),
    h = Math.floor(m / 60),
    d = Math.floor(h / 24);
  if (d >= 2) return `${d} ${w.unit.d}`;
  return h ? `${h} ${w.unit.h} ${p2(m % 60)} ${w.unit.min}` : `${m} ${w.unit.min}`;
}

/** A length of time as a deadline is written: whole where it is whole, else to one digit. */
export function length(seconds: number): string {
  const of = (n: number, unit: string): string => `${Number.isInteger(n) ? num(n) : fixed(n, 1)}\u00a0${unit}`;
  if (seconds < 120) return of(seconds, w.unit.s);
  if (seconds < 7_200 && seconds % 3_600) return of(Math.round(seconds / 6) / 10, w.unit.min);
  return seconds <= 172_800 && seconds % 172_800 ? of(Math.round(seconds / 360) / 10, w.unit.h) : of(Math.round(seconds / 8_640) / 10, w.unit.d);
}

// Controls, bidi overrides, zero-width and other invisible characters: foreign text may not hide or reorder anything.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;
const code = (c: string): string => 'U+' + c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');

/** Foreign text as HTML; what cannot be seen becomes a mark with its code point. */
export const visible = (s: string): string => {
  let out = '',
    last = 0;
  for (const m of s.matchAll(HIDDEN)) {
    out += esc(s.slice(last, m.index)) + `<i class="ctl">${code(m[0])}</i>`;
    last = m.index + m[0].length;
  }
  return out + esc(s.slice(last));
};

/** The same for attributes: no marks there, plain words. */
export const plain = (s: string): string => esc(s.replace(HIDDEN, c => `<${code(c)}>`));

/** Bytes as text: UTF-8 where it is, \xNN where it is not. */
export function decode(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length;) {
    const n = sequence(bytes, i);
    if (n) {
      out += visible(UTF8.decode(bytes.subarray(i, i + n)));
      i += n;
    } else out += `<i class="ctl">\\x${bytes[i++].toString(16).padStart(2, '0')}</i>`;
  }
  return out;
}
const UTF8 = new TextDecoder('utf-8', {ignoreBOM: true});
const STRICT = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** Length of the longest run of well-formed UTF-8 from i, in steps; 0 when the byte at i begins none. */
function sequence(b: Uint8Array, i: number): number {
  let n = 0;
  while (i + n < b.length && b[i + n] < 128) n++;
  if (n) return n;
  const want = b[i] >= 0xf0 ? 4 : b[i] >= 0xe0 ? 3 : b[i] >= 0xc2 ? 2 : 0;
  if (!want || i + want > b.length) return 0;
  try {
    STRICT.decode(b.subarray(i, i + want));
    return want;
  } catch {
    return 0;
  }
}

export const title = (s: string): string => s && s[0].toUpperCase() + s.slice(1);
