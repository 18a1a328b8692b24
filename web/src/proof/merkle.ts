// SHA-256, hex, and the RFC 6962 inclusion path, with WebCrypto alone.
import {Why} from './why';

export const cat = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let i = 0;
  for (const p of parts) {
    out.set(p, i);
    i += p.length;
  }
  return out;
};
export const sha = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', cat(...parts)));
export const hex = (b: Uint8Array): string => Array.from(b, x => x.toString(16).padStart(2, '0')).join('');
export const unhex = (s: string): Uint8Array => Uint8Array.from(s.match(/../g) ?? [], x => parseInt(x, 16));

/** base64 with padding and without loose bits, or an error: two writings of one value would be two files of one proof. */
export function unbase64(s: string): Uint8Array {
  let raw: string;
  try {
    raw = atob(s);
  } catch {
    throw new Why('base64');
  }
  if (btoa(raw) !== s) throw new Why('base64Form');
  return Uint8Array.from(raw, c => c.charCodeAt(0));
}

const LEAF = new Uint8Array([0]),
  NODE = new Uint8Array([1]);
export const leafHash = (entry: Uint8Array): Promise<Uint8Array> => sha(LEAF, entry);

/** Tree head that the path leads to; an error when its length does not fit. Sizes go beyond 32 bits, so no bit operations. */
export async function rootOf(leaf: Uint8Array, index: number, size: number, path: Uint8Array[]): Promise<Uint8Array> {
  if (index >= size) throw new Why('beyond');
  const half = (n: number): number => Math.floor(n / 2);
  let fn = index,
    sn = size - 1,
    r = leaf;
  for (const p of path) {
    if (sn === 0) throw new Why('pathLong');
    if (fn % 2 || fn === sn) {
      r = await sha(NODE, p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else r = await sha(NODE, r, p);
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw new Why('pathShort');
  return r;
}
