// Whose space an address lies in, by the annexes: the narrowest prefix that holds it, then its network. A country never says so.
import {pacts} from '../incident/watch';

/** An address in bits, IPv4 as 32 of them; '' when it is none. */
function bits(a: string): string {
  const part = (s: string, base: number, n: number): string => parseInt(s, base).toString(2).padStart(n, '0');
  if (/^\d+(\.\d+){3}$/.test(a)) return a.split('.').map(s => part(s, 10, 8)).join('');
  if (!/^[0-9a-f:]+$/.test(a)) return '';
  const [head, tail] = a.split('::').map(s => s.split(':').filter(Boolean)),
    gap = tail ? Math.max(0, 8 - head.length - tail.length) : 0;
  return [...head, ...Array<string>(gap).fill('0'), ...(tail ?? [])].map(s => part(s, 16, 16)).join('');
}

function holds(prefix: string, of: string): number {
  const [a, length] = prefix.split('/'),
    b = bits(a),
    n = Number(length);
  return b.length === of.length && of.startsWith(b.slice(0, n)) ? n : -1;
}

export type Declared = {party: string; sequence: number; prefix: string};

/** The party whose annex, in force at that time, declares the address; an annex counts from when a witness saw it. */
export function declaredBy(address: string, asn: number, time: string): Declared | null {
  const of = bits(address),
    at = Date.parse(time);
  let best: Declared | null = null,
    length = -1;
  for (const p of pacts.documents.flatMap(d => d.parties)) {
    const x = p.annexes.filter(x => x.witnessed && Math.max(Date.parse(x.witnessed), Date.parse(x.valid_from)) <= at).at(-1);
    if (!x) continue;
    for (const prefix of x.prefixes) {
      const n = of ? holds(prefix, of) : -1;
      if (n > length) [best, length] = [{party: p.id, sequence: x.sequence, prefix}, n];
    }
    if (!best && asn && x.asns.includes(asn)) best = {party: p.id, sequence: x.sequence, prefix: ''};
  }
  return best;
}
