// What befalls a page that is left open: many tabs, a node that dies and comes back, text of others that is markup.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';
import {Pacts} from './synthetic-incidents.mjs';

const dir = fileURLToPath(new URL('../../web/dist', import.meta.url));
let stub, browser;
const faults = [];

before(async () => {
  stub = await startStub({dir});
  stub.pacts = new Pacts(Date.now());
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await stub?.close();
});

const isLive = () => /LIVE/.test(document.querySelector('.live')?.textContent ?? '');
async function tab(hash) {
  const p = await browser.context.newPage();
  p.on('pageerror', e => faults.push(e.message));
  await p.goto(`${stub.url}?lang=en${hash}`);
  return p;
}
const clock = p => p.textContent('#events');
const moves = async (p, limit = 15_000) => {
  const was = await clock(p);
  await p.waitForFunction(t => document.querySelector('#events')?.textContent !== t, was, {timeout: limit});
};

test('seven tabs: one stream, all of them live, whichever leads', async () => {
  const tabs = [];
  for (let i = 0; i < 7; i++) tabs.push(await tab('#/now'));
  for (const p of tabs) await p.waitForFunction(isLive, undefined, {timeout: 15_000});
  assert.equal(stub.viewers.size, 1, 'HTTP/1.1 has six connections for one host');
  for (const p of tabs) await moves(p);
  // An eighth request is answered while all of them are open.
  assert.equal(await tabs[6].evaluate(() => fetch('/api/v1/node').then(r => r.status)), 200);
  // The leader goes, and the next one that leads, and the next.
  for (let i = 0; i < 3; i++) {
    await tabs.shift().close();
    for (const p of tabs) await moves(p);
    assert.equal(stub.viewers.size, 1);
  }
  for (const p of tabs) await p.close();
});

test('the node dies and comes back under an open page: said, and live again by itself', async () => {
  const p = await tab('#/now');
  await p.waitForFunction(isLive);
  await moves(p);
  const port = Number(new URL(stub.url).port);
  await stub.close();
  await p.waitForFunction(() => !/LIVE/.test(document.querySelector('.live').textContent), undefined, {timeout: 10_000});
  assert.ok((await p.textContent('#headline')).length > 0, 'what was shown stays');
  await p.waitForTimeout(3_000);
  // Another node of the same place: its log is another, and nothing of the old one may stay.
  stub = await startStub({dir, port, seed: 77});
  await p.waitForFunction(isLive, undefined, {timeout: 30_000});
  await moves(p);
  const ids = await p.$$eval('#events [data-k]', rows => rows.map(r => r.getAttribute('data-k')));
  assert.equal(new Set(ids).size, ids.length, 'no event twice');
  const got = await p.evaluate(() => fetch('/api/v1/now').then(r => r.json()));
  const shown = await p.$$eval('.chip', chips => chips.map(c => Number(c.lastElementChild.textContent.replace(/\D/g, ''))));
  got.chips.forEach((n, i) => assert.ok(Math.abs(shown[i] - n) <= Math.max(50, n * 0.2), `chip ${i}: ${shown[i]} of ${n}`));
  await p.close();
});

/** Every sentence and name that somebody else wrote, with markup and a change of direction in it. */
const HOSTILE = '\u202e"\'><img src=x onerror="window.hit=1"><script>window.hit=2</script><a href="javascript:window.hit=3">';
const WRITTEN = new Set(['text', 'title', 'reference', 'why', 'reason', 'article', 'statement', 'rule_name', 'name', 'to_do', 'product', 'vendor', 'source', 'by', 'user']);
function poison(v, key = '') {
  if (typeof v === 'string') return WRITTEN.has(key) ? v + HOSTILE : v;
  if (Array.isArray(v)) return v.map(x => poison(x, key));
  if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, poison(x, k)]));
  return v;
}

test('text of others is text, in every view', async () => {
  stub.pacts = new Pacts(Date.now());
  stub.alert(5, 'critical');
  const p = await browser.context.newPage();
  p.on('pageerror', e => faults.push(e.message));
  let poisoned = 0;
  await p.route(/\/api\/v1\/(?!live)/, async route => {
    const r = await route.fetch();
    if (!(r.headers()['content-type'] ?? '').includes('json')) return route.fulfill({response: r});
    const body = JSON.stringify(poison(await r.json()));
    poisoned += body.split('window.hit=1').length - 1;
    await route.fulfill({response: r, body});
  });
  const views = ['#/now', '#/now?map=table', '#/incidents', '#/incidents?sel=incident:northland-southmark/northland-204', '#/pact', '#/world', '#/log'];
  const event = (await (await fetch(`${stub.url}api/v1/events?limit=1`)).json()).events[0].id;
  let seen = 0;
  for (const hash of [...views, `#/now?sel=event:${event}`]) {
    await p.goto('about:blank');
    await p.goto(`${stub.url}?lang=en${hash}`);
    await p.waitForFunction(isLive);
    await p.waitForTimeout(700);
    if (hash === '#/now') {
      await p.click('#open-alerts');
      await p.waitForSelector('#alerts li');
    }
    const got = await p.evaluate(() => ({
      hit: window.hit,
      made: [...document.querySelectorAll('img, iframe, script:not([src]):not([type="application/json"]), a[href^="javascript"], [onerror]')].map(x => x.outerHTML),
      text: document.body.textContent.includes('window.hit=1'),
      bidi: /\u202e/.test(document.body.innerText)
    }));
    assert.equal(got.hit, undefined, hash);
    assert.deepEqual(got.made, [], hash);
    assert.equal(got.bidi, false, `${hash}: a change of direction is made visible`);
    seen += got.text;
  }
  assert.ok(poisoned > 50, 'it was there');
  assert.ok(seen >= 4, `and shown, in ${seen} views`);
  await p.close();
});

test('no error on the page', () => assert.deepEqual(faults, []));
