// Frames a second and script per frame with 60 and with 500 corridors, and the bytes of the first load. One figure a line.
// DETENTE_URL names a running node; without it the stub plays one.
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';

const SECONDS = 6;
const stub = process.env.DETENTE_URL ? null : await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
const base = process.env.DETENTE_URL ?? stub.url;
const browser = await startBrowser(),
  page = await browser.context.newPage(),
  cdp = await browser.context.newCDPSession(page);

let bytes = 0;
const pages = new Set(['/']);
await cdp.send('Network.enable');
await cdp.send('Performance.enable');
const ids = new Map();
cdp.on('Network.responseReceived', e => ids.set(e.requestId, new URL(e.response.url).pathname));
cdp.on('Network.loadingFinished', e => {
  const p = ids.get(e.requestId) ?? '';
  if (pages.has(p) || p.startsWith('/assets/')) bytes += e.encodedDataLength;
});

const script = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(m => [m.name, m.value]));
async function measure(corridors, cap) {
  await page.goto('about:blank');
  await page.goto(`${base}?theme=dark&cap=${cap}${corridors > 60 ? `&corridors=${corridors}` : ''}#/now`);
  await page.waitForFunction(() => window.__detente?.stats()?.corridors > 0, undefined, {timeout: 20_000});
  await page.waitForTimeout(1_500);
  const state = () => page.evaluate(() => ({...window.__detente.stats(), t: performance.now()}));
  const a = await state(),
    m = await script();
  await page.waitForTimeout(SECONDS * 1000);
  const b = await state(),
    n = await script(),
    frames = b.frames - a.frames;
  return {
    drawn: b.corridors,
    fps: (frames / (b.t - a.t)) * 1000,
    own: (b.ms - a.ms) / frames,
    all: ((n.ScriptDuration - m.ScriptDuration) * 1000) / frames,
    nodes: await page.evaluate(() => document.querySelectorAll('*').length)
  };
}

let first = 0;
for (const [corridors, cap] of [
  [60, 30],
  [60, 120],
  [500, 120]
]) {
  const r = await measure(corridors, cap);
  first ||= bytes;
  console.log(`corridors=${r.drawn} cap=${cap} fps ${r.fps.toFixed(1)}`);
  console.log(`corridors=${r.drawn} cap=${cap} frame ms ${r.own.toFixed(3)}`);
  console.log(`corridors=${r.drawn} cap=${cap} all script ms per frame ${r.all.toFixed(3)}`);
  if (corridors === 60 && cap === 30) console.log(`dom nodes ${r.nodes}`);
}
console.log(`first load bytes ${first}`);
await browser.close();
await stub?.close();
