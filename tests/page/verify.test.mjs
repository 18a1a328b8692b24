// The proof verifier of the page against golden vectors: DETENTE_VECTORS is the directory that holds keys.json and proofs/.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {webcrypto} from 'node:crypto';
import {build} from 'esbuild';
import {makeLog} from './synthetic-log.mjs';

globalThis.crypto ??= webcrypto;
const dir = mkdtempSync(join(tmpdir(), 'detente-verify-'));
after(() => rmSync(dir, {recursive: true, force: true}));

const source = fileURLToPath(new URL('../../web/src/proof/verify.ts', import.meta.url));
const bundle = await build({entryPoints: [source], bundle: true, format: 'esm', write: false});
writeFileSync(join(dir, 'verify.mjs'), bundle.outputFiles[0].text);
const {verify} = await import(pathToFileURL(join(dir, 'verify.mjs')));

const vectors = process.env.DETENTE_VECTORS ?? '';
const proofs = vectors && existsSync(join(vectors, 'proofs')) ? join(vectors, 'proofs') : '';
const why = proofs ? false : 'skipped: DETENTE_VECTORS does not name a directory with keys.json and proofs/';
const names = proofs ? readdirSync(proofs).filter(n => /^(good|bad)-.*\.json$/.test(n)) : [];
const keys = proofs ? JSON.parse(readFileSync(join(vectors, 'keys.json'), 'utf8')) : {};
const log = keys.northland?.log.vkey;
const others = Object.values(keys)
  .flatMap(p => [p.witness?.vkey, p.holder?.vkey])
  .filter(Boolean);

test('vectors: every event proof that is good verifies', {skip: why}, async () => {
  const good = names.filter(n => n.startsWith('good-') && !n.includes('message'));
  assert.ok(good.length >= 5);
  for (const n of good) {
    const r = await verify(readFileSync(join(proofs, n)), log, others);
    assert.equal(r.ok, true, `${n}: ${JSON.stringify(r.steps.at(-1))}`);
  }
});

test('vectors: every bad one is refused', {skip: why}, async () => {
  const bad = names.filter(n => n.startsWith('bad-'));
  assert.ok(bad.length >= 15);
  for (const n of bad) assert.equal((await verify(readFileSync(join(proofs, n)), log, others)).ok, false, n);
});

test('vectors: a proof signed by the log alone bears no flipped bit', {skip: why}, async () => {
  const bytes = readFileSync(join(proofs, 'good-1-raw-logonly.json'));
  for (let i = 0; i < bytes.length; i++) {
    const copy = Uint8Array.from(bytes);
    copy[i] ^= 1 << (i % 8);
    assert.equal((await verify(copy, log)).ok, false, `byte ${i}`);
  }
});

test('what fails is named by a word of the catalogue, not by a sentence of the verifier', async () => {
  const made = makeLog('northland.example/detente/log', 'page tests');
  made.block([made.sample(0), made.sample(1)]);
  const good = new TextDecoder().decode(made.proof(1, 1));
  const spoilt = [
    [good.slice(0, -1), 'file', 'newline', ''],
    [good.replace('{', '{ '), 'file', 'canonical', ''],
    ['[1]\n', 'file', 'object', ''],
    [good.replace('"index":1', '"index":9'), 'file', 'indexFit', ''],
    [good.replace('"salt_public":"', '"salt_public":"zz'), 'file', 'hex', 'salt_public'],
    [good.replace(/\n/, '').replace('}', ',"x":1}'), 'file', 'newline', ''],
    [good.replace('"path":["', '"path":["' + '0'.repeat(64) + '","'), 'path', 'pathLong', '']
  ];
  for (const [text, step, why, of] of spoilt) {
    const r = await verify(new TextEncoder().encode(text), made.vkey),
      last = r.steps.at(-1);
    assert.deepEqual([last.name, last.ok, last.why?.why, last.why?.of, last.detail], [step, false, why, of, ''], text.slice(0, 80));
  }
  const other = await verify(made.proof(1, 1), makeLog('southmark.example/log', 'another').vkey);
  assert.equal(other.steps.at(-1).why.why, 'origin');
});

test('no module of the verifier holds a sentence', () => {
  const dir = fileURLToPath(new URL('../../web/src/proof/', import.meta.url));
  for (const f of readdirSync(dir)) assert.doesNotMatch(readFileSync(dir + f, 'utf8'), /new (Why|Error)\(['`][^'`]* [^'`]*['`]/, f);
});

test('a proof made here verifies, and not under another key', async () => {
  const made = makeLog('northland.example/detente/log', 'page tests');
  made.block([made.sample(0), made.sample(1), made.sample(2)]);
  const bytes = made.proof(1, 1);
  const r = await verify(bytes, made.vkey);
  assert.equal(r.ok, true, JSON.stringify(r.steps.at(-1)));
  assert.equal(r.unknown, 0);
  assert.equal(r.facts.private[1], made.sample(1).origin.address);
  const stranger = makeLog('northland.example/detente/log', 'somebody else');
  assert.equal((await verify(bytes, stranger.vkey)).ok, false);
});
