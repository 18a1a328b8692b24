// Canonical JSON (RFC 8785 without fractions and null) and the scalar forms, as the proof file demands them.
import {Why} from './why';

export const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

type Json = string | number | boolean | Json[] | {[k: string]: Json};

function write(v: unknown, depth: number): string {
  if (depth > 8) throw new Why('deep');
  switch (typeof v) {
    case 'string':
      if (/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(v))
        throw new Why('character');
      return JSON.stringify(v);
    case 'number':
      if (!Number.isSafeInteger(v)) throw new Why('number');
      return String(v);
    case 'boolean':
      return String(v);
  }
  if (Array.isArray(v)) return '[' + v.map(x => write(x, depth + 1)).join(',') + ']';
  if (!v) throw new Why('nothing');
  // The default order of sort() is by UTF-16 code units, as RFC 8785 has it.
  return (
    '{' +
    Object.keys(v)
      .sort()
      .map(k => write(k, depth + 1) + ':' + write((v as Record<string, unknown>)[k], depth + 1))
      .join(',') +
    '}'
  );
}

/** Parses text that is byte for byte its own canonical form; anything else is refused. */
export function canonical(text: string): Json {
  let v: Json;
  try {
    v = JSON.parse(text);
  } catch {
    throw new Why('json');
  }
  if (write(v, 0) !== text) throw new Why('canonical');
  return v;
}
export function text(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new Why('utf8');
  }
}

export const isHex = (v: unknown, length?: number): v is string =>
  typeof v === 'string' && /^([0-9a-f]{2})*$/.test(v) && (length === undefined || v.length === 2 * length);
export const isInt = (v: unknown, min: number, max: number): v is number => typeof v === 'number' && v >= min && v <= max;
export const isCountry = (v: unknown): boolean => typeof v === 'string' && /^([A-Z]{2})?$/.test(v);
export const isClass = (v: unknown): boolean =>
  typeof v === 'string' && (v === 'other' || (/^[a-z0-9-]+:[a-z0-9-]+$/.test(v) && v.length <= 64));

export function isTime(v: unknown): boolean {
  if (typeof v !== 'string' || !/^(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/.test(v)) return false;
  const ms = v.slice(0, 23) + 'Z',
    t = Date.parse(ms);
  return !Number.isNaN(t) && new Date(t).toISOString() === ms;
}

/** IPv4 in plain decimals, IPv6 as RFC 5952 writes it. */
export function isAddress(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  if (/^\d/.test(v) && v.includes('.')) return /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}$/.test(v);
  return v.includes(':') && six(v) === v;
}
function six(v: string): string {
  const halves = v.split('::');
  if (halves.length > 2) return '';
  const group = (s: string) => (s ? s.split(':') : []),
    a = group(halves[0]),
    b = group(halves[1] ?? ''),
    gap = 8 - a.length - b.length;
  if ([...a, ...b].some(g => !/^[0-9a-f]{1,4}$/.test(g)) || (halves.length === 2 ? gap < 1 : gap !== 0)) return '';
  const n = [...a, ...Array<string>(gap).fill('0'), ...b].map(g => parseInt(g, 16));
  if (n.slice(0, 5).every(x => !x) && n[5] === 0xffff) return '';
  let best = -1,
    most = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && !n[j]) j++;
    if (j - i > most) {
      most = j - i;
      best = i;
    }
    if (j > i) i = j;
  }
  const hex = n.map(x => x.toString(16));
  return best < 0 ? hex.join(':') : hex.slice(0, best).join(':') + '::' + hex.slice(best + most).join(':');
}
