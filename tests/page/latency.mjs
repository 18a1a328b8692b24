// Event to pixel: lines are appended to a followed EVE file, and the page is watched until it shows them.
// 49 more viewers read the same stream beside it. latency.mjs DETENTE SCRATCH  prints the median and the 95th percentile in milliseconds.
import {spawn, spawnSync} from 'node:child_process';
import {appendFileSync, mkdirSync, writeFileSync} from 'node:fs';
import {get} from 'node:http';
import {startBrowser} from './browser.mjs';

const [detente, scratch] = process.argv.slice(2);
const COUNT = 40,
  VIEWERS = 50,
  PORT = 18473,
  dir = `${scratch}/latency`,
  file = `${scratch}/latency.json`;
mkdirSync(dir, {recursive: true});
writeFileSync(`${dir}/detente.yaml`, `listen:\n  - address: 127.0.0.1:${PORT}\n    what: page\n`);
writeFileSync(file, '');
spawnSync(detente, ['--dir', dir, 'init'], {stdio: 'ignore'});
const node = spawn(detente, ['--dir', dir, 'serve', '--follow', file], {stdio: 'ignore'});
const base = `http://127.0.0.1:${PORT}`;
const browser = await startBrowser();
try {
  for (let i = 0; i < 100; i++) {
    if (await fetch(`${base}/readyz`).then(r => r.ok, () => false)) break;
    await new Promise(r => setTimeout(r, 100));
  }
  let bytes = 0;
  for (let i = 1; i < VIEWERS; i++)
    get(`${base}/api/v1/live`, {agent: false}, r => r.on('data', d => (bytes += d.length))).on('error', () => undefined);
  const page = await browser.context.newPage();
  await page.goto(`${base}/#/now`);
  await page.waitForTimeout(1500);
  const took = [];
  for (let i = 0; i < COUNT; i++) {
    const mark = `latency mark ${i} of ${COUNT}`;
    const t = Date.now();
    const line = {
      timestamp: new Date(t).toISOString(), event_type: 'alert', src_ip: '198.51.100.7', src_port: 4000 + i, dest_ip: '192.0.2.10', dest_port: 443,
      proto: 'TCP', alert: {gid: 1, signature_id: 100 + i, rev: 1, signature: mark, category: 'Web Application Attack', severity: 1}
    };
    appendFileSync(file, JSON.stringify(line) + '\n');
    // Seen when the text is in the page and a frame was painted after it.
    await page.waitForFunction(m => document.body.innerText.includes(m), mark, {polling: 'raf', timeout: 10_000});
    await page.evaluate(() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))));
    took.push(Date.now() - t);
    await page.waitForTimeout(130 + (i * 37) % 200); // not in step with the publisher
  }
  took.sort((a, b) => a - b);
  console.log(`event_to_pixel_p50 ${took[took.length >> 1]} ms (limit: 250 between two deltas)`);
  console.log(`event_to_pixel_p95 ${took[Math.ceil(took.length * 0.95) - 1]} ms (target: 1000; ${VIEWERS} viewers, the others took ${(bytes / 1e6).toFixed(1)} MB)`);
} finally {
  node.kill('SIGTERM');
  await browser.close?.();
}
