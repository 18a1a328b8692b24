// Verifier keys, signed checkpoints and tlog-proof files (C2SP). An unknown signer is ignored, a known one that fails refuses all.
import {utf8} from './canon';
import {cat, hex, sha, unbase64} from './merkle';
import {Why} from './why';

export type Key = {name: string; id: string; alg: number; pub: Uint8Array};
export type Signature = {name: string; id: string; body: Uint8Array};
export type Checkpoint = {origin: string; size: number; root: Uint8Array; text: string; signatures: Signature[]};
export type TlogProof = {index: number; hashes: Uint8Array[]; checkpoint: Checkpoint};

export class NoEd25519 extends Error {}

export async function vkey(s: string): Promise<Key> {
  const m = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(s);
  if (!m) throw new Why('key');
  const raw = unbase64(m[3]);
  if (raw.length !== 33 || (raw[0] !== 1 && raw[0] !== 4)) throw new Why('keyKind');
  const id = hex((await sha(utf8.encode(m[1] + '\n'), raw)).subarray(0, 4));
  if (id !== m[2]) throw new Why('keyId');
  return {name: m[1], id, alg: raw[0], pub: raw.subarray(1)};
}

const DECIMAL = /^(0|[1-9]\d{0,15})$/;

export function checkpoint(note: string): Checkpoint {
  const cut = note.indexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n')) throw new Why('headUnsigned');
  const body = note.slice(0, cut + 1),
    lines = body.slice(0, -1).split('\n');
  if (lines.length !== 3 || !lines[0] || !DECIMAL.test(lines[1])) throw new Why('headForm');
  const root = unbase64(lines[2]),
    signatures = note
      .slice(cut + 2, -1)
      .split('\n')
      .map(signature);
  if (root.length !== 32 || !Number.isSafeInteger(+lines[1])) throw new Why('headForm');
  if (signatures.length > 64) throw new Why('signatures');
  return {origin: lines[0], size: +lines[1], root, text: body, signatures};
}

function signature(line: string): Signature {
  const m = /^— ([^\s+]+) (\S+)$/.exec(line);
  if (!m) throw new Why('signatureForm');
  const raw = unbase64(m[2]);
  if (raw.length < 5) throw new Why('signatureShort');
  return {name: m[1], id: hex(raw.subarray(0, 4)), body: raw.subarray(4)};
}

export function tlogProof(file: string): TlogProof {
  const cut = file.indexOf('\n\n');
  if (cut < 0) throw new Why('logNoHead');
  const lines = file.slice(0, cut).split('\n');
  if (lines[0] !== 'c2sp.org/tlog-proof@v1') throw new Why('logKind');
  const m = /^index (0|[1-9]\d{0,15})$/.exec(lines[1] ?? '');
  if (!m || !Number.isSafeInteger(+m[1])) throw new Why('logIndex');
  const hashes = lines.slice(2).map(unbase64);
  if (hashes.some(h => h.length !== 32) || hashes.length > 63) throw new Why('logHash');
  return {index: +m[1], hashes, checkpoint: checkpoint(file.slice(cut + 2))};
}

async function ed25519(pub: Uint8Array, sig: Uint8Array, message: Uint8Array): Promise<boolean> {
  if (sig.length !== 64) return false;
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', cat(pub), 'Ed25519', false, ['verify']);
  } catch (e) {
    // An unsupported algorithm is the browser's lack; anything else is the key's fault.
    if (e instanceof Error && e.name === 'NotSupportedError') throw new NoEd25519();
    return false;
  }
  return crypto.subtle.verify('Ed25519', key, cat(sig), cat(message));
}

/** Checks one signature of a tree head by the kind of its key; returns the time of a cosignature, else 0. */
export async function check(c: Checkpoint, s: Signature, k: Key): Promise<number> {
  if (k.alg === 1) {
    if (!(await ed25519(k.pub, s.body, utf8.encode(c.text)))) throw new Why('signature', k.name);
    return 0;
  }
  if (s.body.length !== 72) throw new Why('cosignatureForm', k.name);
  const time = Number(new DataView(s.body.buffer, s.body.byteOffset, 8).getBigUint64(0));
  if (!(await ed25519(k.pub, s.body.subarray(8), utf8.encode(`cosignature/v1\ntime ${time}\n${c.text}`))))
    throw new Why('cosignature', k.name);
  return time;
}
