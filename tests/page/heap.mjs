// A day of deltas in five minutes: what the page keeps of it, after the garbage is gone; and what a tab draws that nobody sees.
// SECONDS shortens it. The stub plays the node.
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';

const SPEED = 300,
  SECONDS = Number(process.env.SECONDS ?? 288);
const stub = await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
const browser = await startBrowser(),
  page = await browser.context.newPage(),
  cdp = await browser.context.newCDPSession(page);
await cdp.send('HeapProfiler.enable');
const heap = async () => {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize / 1e6;
};
const nodes = () => page.evaluate(() => document.querySelectorAll('*').length);
const wait = s => page.waitForTimeout(s * 1000);
try {
  const t = new Date(Date.now() - SECONDS * SPEED * 1000).toISOString().replace(/\.\d+Z/, 'Z');
  await page.goto(`${stub.url}?theme=dark#/now?t=${t}&speed=${SPEED}`);
  await page.waitForSelector('.live .rep');
  // The first tenth fills what is filled once: compiled code, names, dates.
  await wait(SECONDS / 10);
  const start = await heap();
  await wait(SECONDS * 0.4);
  const middle = await heap();
  await wait(SECONDS * 0.42);
  const end = await heap();
  console.log(`heap_start ${start.toFixed(2)} MB (after a tenth of ${SECONDS} s at speed ${SPEED})`);
  console.log(`heap_middle ${middle.toFixed(2)} MB`);
  console.log(`heap_end ${end.toFixed(2)} MB (limit: 1 MB over the middle, 40 in all; ${await nodes()} nodes)`);
  await page.evaluate(() => {
    window.drawn = 0;
    for (const k of ['fillRect', 'fill', 'stroke', 'clearRect', 'fillText', 'drawImage']) {
      const f = CanvasRenderingContext2D.prototype[k];
      CanvasRenderingContext2D.prototype[k] = function (...a) {
        window.drawn++;
        return f.apply(this, a);
      };
    }
  });
  await wait(2);
  const seen = await page.evaluate(() => window.drawn);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
    Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'});
    document.dispatchEvent(new Event('visibilitychange'));
    window.drawn = 0;
  });
  await wait(5);
  const unseen = await page.evaluate(() => window.drawn);
  console.log(`hidden_draw_calls ${unseen} in 5 s (limit: 0; seen, ${seen} in 2 s)`);
  process.exitCode = end - middle > 1 || end > 40 || unseen > 0 || seen === 0 ? 1 : 0;
} finally {
  await browser.close();
  await stub.close();
}
