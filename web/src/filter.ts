// Filter tokens (class: country: asn: address: asset: sector:), what they match here and how they are sent to the node.
import type {Node} from './api';
import {CLASSES} from './classes';
import {visible} from './format';
import {w} from './i18n';
import {go, href, read} from './state';

export type Token = {key: string; value: string};
export type Filter = {chip: number; klass: string; country: string; asn: number; address: string; asset: string; sector: string; counterpart: string; others: boolean; any: boolean; bad: Token[]};

export const KEYS = ['class', 'country', 'asn', 'address', 'asset', 'sector', 'counterpart'];
/** What is in no group, or in one of no sector. */
export const OTHER = 'other';

/** A chip's name as a word for the address bar: "malware, C2" is malware-c2. */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Groups of own addresses as words for the address bar, in the node's order; a name that has none there gets its number. */
export const assetIds = (node: Node | null): string[] => {
  const words = (node?.assets ?? []).map(a => slug(a.name));
  return words.map((id, i) => (id && id !== OTHER && words.indexOf(id) === i ? id : `g${i + 1}`));
};
/** Only the node can say which events these leave. */
export const deep = (f: Filter): boolean => Boolean(f.klass || f.address || f.asset || f.sector || f.counterpart);

/** The class's name in the language of the page; one that it does not know as the node has it. */
export const chipName = (name: string): string => visible(w.chips[slug(name)] ?? name);

export function tokens(q = read().q): Token[] {
  return q
    .split(/\s+/)
    .filter(Boolean)
    .map(part => {
      const i = part.indexOf(':');
      // The interface and the command line say `party` for it.
      const key = part.slice(0, i) === 'party' ? 'counterpart' : part.slice(0, i);
      return i > 0 && KEYS.includes(key) ? {key, value: part.slice(i + 1)} : {key: '', value: part};
    });
}

/** Words without a key are read by their form: AS64500, XA, an address, a class. */
function guess(value: string, chips: string[]): Token {
  if (/^AS\d+$/i.test(value)) return {key: 'asn', value: value.slice(2)};
  if (/^[A-Za-z]{2}$/.test(value)) return {key: 'country', value: value.toUpperCase()};
  if (/^\d+\.\d+\.\d+\.\d+$/.test(value) || /^[0-9a-f]*:[0-9a-f:]*$/i.test(value)) return {key: 'address', value: value.toLowerCase()};
  if (chips.some(c => slug(c) === slug(value)) || CLASSES.has(value)) return {key: 'class', value};
  return {key: '', value};
}

/** parties: all that a counterpart may be; null as long as they are not known. */
export function parse(q: string, node: Node | null, parties: string[] | null): Filter {
  const chips = node?.chips ?? [];
  const f: Filter = {chip: -1, klass: '', country: '', asn: -1, address: '', asset: '', sector: '', counterpart: '', others: false, any: false, bad: []};
  for (const raw of tokens(q)) {
    const t = raw.key ? raw : guess(raw.value, chips);
    if (t.key === 'class' && t.value) {
      f.chip = chips.findIndex(c => slug(c) === slug(t.value));
      if (f.chip < 0 && !CLASSES.has(t.value)) {
        f.bad.push(t);
        continue;
      }
      f.klass = f.chip >= 0 ? chips[f.chip] : t.value;
    } else if (t.key === 'country' && /^([A-Za-z]{2}|-)$/.test(t.value)) f.country = t.value.toUpperCase();
    else if (t.key === 'asn' && /^(AS)?\d{1,10}$/i.test(t.value)) f.asn = Number(t.value.replace(/^AS/i, ''));
    else if (t.key === 'address' && /^[0-9a-fA-F:.]+$/.test(t.value)) f.address = t.value.toLowerCase();
    else if (t.key === 'asset' && (t.value === OTHER || assetIds(node).includes(t.value)))
      f.asset = t.value === OTHER ? '-' : node!.assets![assetIds(node).indexOf(t.value)].name;
    else if (t.key === 'sector' && (t.value === OTHER || (node?.assets ?? []).some(a => a.sector === t.value))) f.sector = t.value === OTHER ? '-' : t.value;
    else if (t.key === 'counterpart' && /^[a-z0-9-]+$/.test(t.value) && (!parties || t.value === '-' || t.value === node?.party || parties.includes(t.value))) {
      f.counterpart = t.value;
      f.any = true;
      continue;
    } else {
      f.bad.push(t);
      continue;
    }
    f.any = f.others = true;
  }
  return f;
}

/** Query parameters for the node; `without` leaves one key out (a chip's count must not depend on the chip chosen). */
export function params(f: Filter, without = ''): URLSearchParams {
  const u = new URLSearchParams();
  if (f.klass && without !== 'class') u.set('class', f.klass);
  if (f.country) u.set('country', f.country);
  if (f.asn >= 0) u.set('asn', String(f.asn));
  if (f.address) u.set('address', f.address);
  if (f.asset) u.set('asset', f.asset);
  if (f.sector) u.set('sector', f.sector);
  if (f.counterpart) u.set('party', f.counterpart);
  return u;
}

const textOf = (list: Token[]): string => list.map(t => (t.key ? `${t.key}:${t.value}` : t.value)).join(' ');
const write = (list: Token[]): void => go({q: textOf(list)});
/** The address of Now with that filter beside those there are. */
export const withToken = (key: string, value: string): string =>
  href({view: 'now', q: textOf([...tokens().filter(t => t.key !== key), {key, value}])});

/** One value a key: choosing another replaces it, choosing the same takes it away. */
export function toggle(key: string, value: string): void {
  const all = tokens(),
    had = all.some(t => t.key === key && t.value.toLowerCase() === value.toLowerCase());
  const rest = all.filter(t => t.key !== key);
  write(had ? rest : [...rest, {key, value}]);
}

export const remove = (t: Token): void => write(tokens().filter(x => x.key !== t.key || x.value !== t.value));

export function add(text: string, chips: string[]): void {
  let all = tokens();
  for (const raw of tokens(text)) {
    const t = raw.key ? raw : guess(raw.value, chips);
    all = [...all.filter(x => !t.key || x.key !== t.key), t];
  }
  write(all);
}

export const has = (key: string, value: string): boolean =>
  tokens().some(t => t.key === key && t.value.toLowerCase() === value.toLowerCase());
