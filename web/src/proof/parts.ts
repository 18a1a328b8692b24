// The fields of a proof file and the types of its parts.
import {canonical, isAddress, isClass, isCountry, isHex, isInt, isTime} from './canon';
import {Why, type WhyName} from './why';

export type Proof = {
  format: string;
  origin: string;
  entry: string;
  index: number;
  events: number;
  path: string[];
  public: string;
  salt_public: string;
  private?: string;
  salt_private?: string;
  private_hash?: string;
  target?: string;
  salt_target?: string;
  raw?: string;
  salt_raw?: string;
  tlog_proof: string;
};
export type Public = [
  tag: 'pub',
  time: string,
  seen: string,
  kind: string,
  klass: string,
  severity: number,
  count: number,
  asn: number,
  country: string,
  grade: number,
  flags: string[]
];
export type Private = [
  tag: 'prv',
  address: string,
  port: number,
  protocol: number,
  rule: string,
  target: string,
  rawKind: string,
  raw: string,
  rawIndex: number,
  rawCount: number
];
export type Target = [tag: 'tgt', address: string, port: number, asn: number, country: string, sensor: string];

const KINDS = ['alert', 'flow', 'honeypot', 'auth', 'firewall'];
const FLAGS = ['clock_skewed', 'direction_inferred', 'disputed', 'duplicate', 'hosting', 'reflected', 'sampled', 'spoofable', 'tor'];
const NEEDED = ['entry', 'events', 'format', 'index', 'origin', 'path', 'public', 'salt_public', 'tlog_proof'];
const STRINGS = ['entry', 'format', 'origin', 'private', 'public', 'target', 'tlog_proof'];
const SALTS = ['salt_private', 'salt_public', 'salt_raw', 'salt_target', 'private_hash'];
const MAY = [...NEEDED, ...STRINGS, ...SALTS, 'raw'];

const need = (ok: unknown, why: WhyName, of = ''): void => {
  if (!ok) throw new Why(why, of);
};

/** The file's fields: none missing, none unknown, and only the combinations that mean something. */
export function fields(v: unknown): Proof {
  need(v && typeof v === 'object' && !Array.isArray(v), 'object');
  const o = v as Record<string, unknown>,
    has = (k: string) => k in o;
  need(o.format === 'detente-event-proof/1', 'version');
  for (const k of Object.keys(o)) need(MAY.includes(k), 'unknown', k);
  for (const k of NEEDED) need(has(k), 'missing', k);
  for (const k of STRINGS) need(!has(k) || typeof o[k] === 'string', 'text', k);
  for (const k of SALTS) need(!has(k) || isHex(o[k], 32), 'hex', k);
  need(!has('raw') || isHex(o.raw), 'rawHex');
  need(isInt(o.events, 1, 4096) && isInt(o.index, 0, 4095) && (o.index as number) < (o.events as number), 'indexFit');
  need(Array.isArray(o.path) && o.path.length <= 12 && o.path.every(h => isHex(h, 32)), 'pathForm');
  need(has('private') === has('salt_private') && has('private') !== has('private_hash'), 'privateOpen');
  need(has('target') === has('salt_target') && (!has('target') || has('private')), 'targetSalt');
  need(has('raw') === has('salt_raw') && (!has('raw') || has('private')), 'rawSalt');
  return o as unknown as Proof;
}

function array(s: string, tag: string, length: number): unknown[] {
  const v = canonical(s);
  need(Array.isArray(v) && v.length === length && v[0] === tag, 'part', tag);
  return v as unknown[];
}

export function publicPart(s: string): Public {
  const v = array(s, 'pub', 11),
    flags = v[10] as unknown[];
  need(isTime(v[1]) && isTime(v[2]), 'publicTime');
  need(KINDS.includes(v[3] as string) && isClass(v[4]), 'publicKind');
  need(
    isInt(v[5], 0, 255) && isInt(v[6], 1, Number.MAX_SAFE_INTEGER) && isInt(v[7], 0, 2 ** 32 - 1) && isCountry(v[8]) && isInt(v[9], 0, 4),
    'publicFigures'
  );
  need(
    Array.isArray(flags) && flags.every((f, i) => FLAGS.includes(f as string) && (!i || (flags[i - 1] as string) < (f as string))),
    'publicFlags'
  );
  return v as Public;
}

export function privatePart(s: string): Private {
  const v = array(s, 'prv', 10);
  need(isAddress(v[1]) && isInt(v[2], 0, 65535) && isInt(v[3], 0, 255), 'privateAddress');
  need(typeof v[4] === 'string' && (v[4] === '' || /^[!-~]+:[!-~]+$/.test(v[4])), 'privateRule');
  need(isHex(v[5], 32) && ['line', 'element', 'datagram', 'packet', 'none'].includes(v[6] as string), 'privateTarget');
  need(v[7] === '' ? v[6] === 'none' : isHex(v[7], 32) && v[6] !== 'none', 'privateRaw');
  need(
    isInt(v[8], 0, Number.MAX_SAFE_INTEGER) && isInt(v[9], 1, Number.MAX_SAFE_INTEGER) && (v[8] as number) < (v[9] as number),
    'privateRawIndex'
  );
  return v as Private;
}

export function targetPart(s: string): Target {
  const v = array(s, 'tgt', 6);
  need(
    isAddress(v[1]) && isInt(v[2], 0, 65535) && isInt(v[3], 0, 2 ** 32 - 1) && isCountry(v[4]) && typeof v[5] === 'string',
    'targetForm'
  );
  return v as Target;
}

/** The block leaf: what of it the proof needs, and that it is a block leaf of a known version at all. */
export function blockLeaf(entry: string): {events: number; root: string; block: number} {
  const head = 'detente/block/1\n';
  need(entry.startsWith(head), 'leafKind');
  const v = canonical(entry.slice(head.length)) as Record<string, unknown>;
  need(v && typeof v === 'object' && !Array.isArray(v), 'leafObject');
  const names = ['at', 'block', 'count', 'events', 'figures', 'first', 'format', 'last', 'root', 'size', 'tables', 'totals'];
  need(Object.keys(v).sort().join() === names.join(), 'leafFields');
  need(v.format === 'event/v1', 'leafFormat');
  need(
    isTime(v.at) &&
      isTime(v.first) &&
      isTime(v.last) &&
      isHex(v.root, 32) &&
      isHex(v.figures, 32) &&
      (v.tables === '' || isHex(v.tables, 32)),
    'leafForm'
  );
  need(
    isInt(v.block, 0, Number.MAX_SAFE_INTEGER) &&
      isInt(v.events, 1, 4096) &&
      isInt(v.size, 0, Number.MAX_SAFE_INTEGER) &&
      isInt(v.count, 1, Number.MAX_SAFE_INTEGER),
    'leafForm'
  );
  need(Array.isArray(v.totals) && v.totals.every(t => Array.isArray(t) && t.length === 3 && isClass(t[0])), 'leafForm');
  return {events: v.events as number, root: v.root as string, block: v.block as number};
}
