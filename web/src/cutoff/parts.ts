// What the pictures of a cut have in common: shares, ranges, names.
import {economy} from '../economies';
import {esc, fixed, length, num, visible} from '../format';
import {wc} from '../i18n/parts';
import {read} from '../state';
import type {Network, Range} from './ask';

/** Rounded as in the report, in the document and by the program; but all are only all. */
export const whole = (ppm: number): string => String(ppm < 1_000_000 ? Math.min(99, Math.round(ppm / 10_000)) : 100);
export const tenth = (ppm: number): string => fixed(Math.round(ppm / 1_000) / 10, 1);
export const tenths = (ppm: number): string => tenth(ppm) + '\u202f%';
/** A range stays one, also where both ends are written alike. */
export const range = ([a, b]: Range): string => (whole(a) === whole(b) ? whole(a) : `${whole(a)}–${whole(b)}`);
export const rangeTenths = ([a, b]: Range): string => (tenth(a) === tenth(b) ? tenths(a) : `${tenth(a)}–${tenths(b)}`);

export const countryName = (cc: string): string => esc(economy(cc)?.name || cc);
/** With its code, which the tables of others have. */
export const countryFull = (cc: string): string => (economy(cc)?.name ? `${countryName(cc)} <span class="mut">${esc(cc)}</span>` : esc(cc));
export const networkName = (n: Network): string => `<span class="asn">AS${n.asn}</span>${n.name ? ' ' + visible(n.name) : ''}`;

/** The bar of a range over the whole width, with an upright for what was before; for the eye alone. */
export function bar([a, b]: Range, before = -1): string {
  const x = (ppm: number): string => (ppm / 10_000).toFixed(2);
  return (
    `<svg class="rng" viewBox="0 0 100 22" preserveAspectRatio="none" aria-hidden="true"><path class="gr" d="M0 0v22M25 0v22M50 0v22M75 0v22M100 0v22"/>` +
    `<rect x="${x(a)}" y="7" width="${Math.max(1, (b - a) / 10_000).toFixed(2)}" height="8"/>` +
    (before >= 0 ? `<path class="be" d="M${x(before)} 2v18"/>` : '') +
    '</svg>'
  );
}

/** How long a service holds: surely, and where that is not known at most. */
const one = (s: number): string => (s < 0 ? wc.never : s === 0 ? wc.now : length(s > 172_800 ? Math.floor(s / 86_400) * 86_400 : s > 7_200 ? Math.floor(s / 3_600) * 3_600 : s));
export const holds = (least: number, most: number): string => (least === most ? one(least) : most < 0 ? wc.notKnown(one(least)) : wc.atLatest(one(least), one(most)));

export const section = (id: string, name: string, body: string, side = '', cls = ''): string =>
  `<section class="cell ${cls}" aria-labelledby="${id}"><div class="sh-row"><h2 id="${id}">${name}</h2><span class="grow"></span>${side ? `<span class="mut">${side}</span>` : ''}</div>${body}</section>`;
export const note = (text: string): string => `<p class="note">${text}</p>`;
/** So many rows of a long list at first; the rest when it is asked for, which the address says. */
export function some<T>(what: string, list: T[], first: number): {shown: T[]; button: string} {
  const all = read().all === what,
    text = all ? wc.fewer : wc.showAll(num(list.length));
  return {
    shown: all ? list : list.slice(0, first),
    button: list.length > first ? `<button type="button" class="lnk" data-act="all=${all ? '' : what}" aria-expanded="${all}">${text}</button>` : ''
  };
}
export const more = (shown: number, all: number): string => (shown < all ? `<p class="more">${wc.more(num(shown), num(all))}</p>` : '');
