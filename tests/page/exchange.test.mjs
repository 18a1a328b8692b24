// The exchange of objects, against the stub: partners and what they owe, collections, sources, why an object does not go out; what it says
// when something is missing; its structure against a golden (DETENTE_GOLDENS=write), axe, by keyboard alone, on a phone.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, beforeEach, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import {startBrowser, watch} from './browser.mjs';
import {startStub} from './stub.mjs';
import {Pacts} from './synthetic-incidents.mjs';
import {EMPTY_EXCHANGE, exchange, hits, OBJECT} from './synthetic-exchange.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const golden = fileURLToPath(new URL('goldens/exchange.txt', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'detente-exchange-'));
const PATH = /\/api\/v1\/exchange$/,
  WHY = /\/api\/v1\/exchange\/explain/;
let stub, browser, page;
const faults = [],
  hosts = new Set();

before(async () => {
  stub = await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
  browser = await startBrowser();
  page = await browser.context.newPage();
  await watch(page, hosts, faults);
});
after(async () => {
  await browser?.close();
  await stub?.close();
  rmSync(dir, {recursive: true, force: true});
});
beforeEach(() => {
  stub.pacts = new Pacts(Date.now());
  stub.exchange = exchange(Date.now());
});

const text = async q => (await page.locator(q).first().innerText()).replace(/\s+/g, ' ');
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 20_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
const rows = of => page.$$eval(`[aria-labelledby=${of}] tbody tr`, l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
async function openAt(query = 'theme=dark', more = '', ready = '#exch .x-tab') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}#/exchange${more}`);
  await page.waitForSelector('.live .dot');
  await page.waitForSelector(ready);
}
async function whole(query) {
  await openAt(query, `?find=${OBJECT}&party=southmark`, '#x-out .x-tab');
  await page.waitForSelector('.views a[href^="#/pact"]');
}

test('the answer first; partners with ceiling, bound, and what waits or is overdue, with its shape', async () => {
  await openAt();
  assert.equal(await text('#headline'), '1 retraction is overdue, 2 wait for an answer; 1 source cannot be had.');
  assert.equal(await text('#kick'), 'Exchange of objects');
  assert.equal(await page.title(), 'Exchange · detente · Northland');
  assert.equal(await page.isVisible('#filter'), false, 'the filter of events says nothing here');
  assert.deepEqual(await rows('x-pa'), ['Southmark northland-southmark yes TLP:AMBER 2 1 4', 'Eastholm eastholm-northland not now – 0 0 0']);
  assert.match(await text('[aria-labelledby=x-pa] .note'), /^A counterpart has 7 d/);
  assert.deepEqual(await page.$$eval('#exch .v', l => l.map(e => [e.className, Boolean(e.querySelector('svg'))])), [['v v-over', true]]);
});

test('collections with counts, sources with their state; foreign text is shown as it is', async () => {
  await openAt();
  const boxes = await rows('x-co');
  assert.equal(boxes[0], 'What we saw ours 12 044 ours northland-southmark 2 1');
  assert.match(boxes[1], /"><img src=x onerror=alert\(1\)>U\+202Egnp southmark-in 801 Southmark none 0 1/);
  assert.equal(boxes[2], 'Kept 3 ours none 0 0');
  const from = await rows('x-so');
  assert.match(from[0], /^cert CERT <b>feed<\/b> well \d+ \w+ \d{4} \d\d:\d\d UTC \d+ \w+ \d{4} \d\d:\d\d UTC 1 204 3$/);
  assert.match(from[1], /^isac the server says 401 <i>no<\/i> for .*26 h.* UTC by hand 17 0$|^isac the server says 401 <i>no<\/i> for 1 d .*UTC by hand 17 0$/);
  assert.equal(from[2], 'new never never by hand 0 0');
  assert.equal(await count('#exch img, #exch script, #exch i:not(.ctl), #exch td b b'), 0);
  stub.exchange = exchange(Date.now(), {collection_count: 400, source_count: 70});
  await openAt();
  assert.match(await text('[aria-labelledby=x-co] .note'), /The first 3 of 400\./);
  assert.match(await text('[aria-labelledby=x-so] .note'), /The first 3 of 70\./);
});

test('indicators with hits: counts, days, what is no longer looked for; what to do when there are none', async () => {
  await openAt();
  const got = await rows('x-hi');
  assert.equal(got.length, 4);
  assert.match(got[0], /^botnet 12 indicator--8e2e2d2b-17d4-4cbf-938f-000000000007 malicious-activity 12 345 address name \d+ \w+ \d{4} \d\d:\d\d UTC \d+ \w+ \d{4} \d\d:\d\d UTC 80 in force until \d+ \w+ \d{4}$/);
  assert.match(got[1], /^<img src=x onerror=alert\(1\)>U\+202Egnp indicator--\S+ 40 sha-256 .* – over \d+ \w+ \d{4}$/);
  assert.match(got[2], /^indicator--\S+ 3 network .* – no longer looked for$/);
  assert.match(got[3], /^i10 .* 2 later .* 0 revoked$/);
  assert.equal(await count('#exch .x-days'), 4);
  assert.equal(await page.getAttribute('#exch .x-days', 'aria-label'), 'by day, the oldest first: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 12\u2009000, 343');
  assert.equal(await count('[aria-labelledby=x-hi] img'), 0);
  assert.match(await text('[aria-labelledby=x-hi] .sh-row'), /5 000 000 looked for; the last 30 days/);
  stub.exchange = exchange(Date.now(), {hits: hits(Date.now(), {indicator_count: 400, over: 7, fault: 'compiled.bin: is <b>damaged</b>'})});
  await openAt();
  assert.match(await text('[aria-labelledby=x-hi]'), /The first 4 of 400\. What is looked for cannot be read: compiled\.bin: is <b>damaged<\/b> 7 hits are not in this list/);
  stub.exchange = exchange(Date.now(), {hits: hits(Date.now(), {indicators: [], indicator_count: 0})});
  await openAt();
  assert.match(await text('[aria-labelledby=x-hi]'), /Of 5 000 000 indicators none met an event of the last 30 days.*detente indicator sightings/);
  stub.exchange = exchange(Date.now(), EMPTY_EXCHANGE);
  await openAt();
  assert.match(await text('[aria-labelledby=x-hi]'), /Nothing is looked for\. detente indicator import takes indicators in/);
  stub.exchange = exchange(Date.now(), {hits: undefined});
  await openAt();
  assert.equal(await count('[aria-labelledby=x-hi]'), 0, 'a node of before');
});

test('why an object did not go out: asked by the field, kept in the address', async () => {
  await openAt();
  assert.match(await text('#x-out'), /^The id of an object and a party/);
  assert.deepEqual(await page.$$eval('#x-to option', l => l.map(e => e.value)), ['eastholm', 'southmark']);
  await page.fill('#x-object', ` ${OBJECT} `);
  await page.selectOption('#x-to', 'southmark');
  await page.click('#x-form button');
  await page.waitForSelector('#x-out .x-tab');
  assert.match(await hash(), new RegExp(`find=${OBJECT}&`.replace('&', '')));
  assert.match(await hash(), /party=southmark/);
  assert.match(await text('#x-out'), new RegExp(`^${OBJECT} to Southmark:`));
  const got = await rows('x-wh');
  assert.match(got[0], /^ours \d{4}-.*Z TLP:GREEN goes its markings allow it$/);
  assert.match(got[1], /^southmark-in .* TLP:RED stays TLP:RED never goes to another party$/);
  assert.match(got[2], /stays a reason <b>of<\/b> a later node$/, 'a reason that the page does not know');
  await page.fill('#x-object', 'indicator--none');
  await page.keyboard.press('Enter');
  await shows('#x-out', /No collection has an object of this id/);
  await page.goBack();
  await shows('#x-out', /goes its|its markings allow it/);
  await openAt('theme=dark', `?find=${OBJECT}&party=westford`, '#x-out .x-tab');
  assert.equal(await page.inputValue('#x-object'), OBJECT);
  assert.equal(await page.inputValue('#x-to'), 'westford', 'who the address names can be asked for');
  await page.route(WHY, r => r.fulfill({status: 503, body: 'the node is <b>busy</b>'}));
  await openAt('theme=dark', `?find=${OBJECT}&party=southmark`);
  await shows('#x-out', /This could not be had: the node is <b>busy<\/b>/);
  await page.unroute(WHY);
});

test('what is missing says so: nothing at all, no partner, an older node, one that does not answer', async () => {
  stub.exchange = exchange(Date.now(), EMPTY_EXCHANGE);
  await openAt();
  await shows('#headline', /^There is no collection, so nothing is given and nothing taken\. detente exchange collection add/);
  assert.match(await text('[aria-labelledby=x-pa]'), /There is no pact/);
  assert.match(await text('[aria-labelledby=x-so]'), /Nothing is pulled from other servers/);
  assert.deepEqual(await findings(), []);
  stub.exchange = null;
  await openAt('theme=dark', '', '#exch .empty');
  await shows('#headline', /^This node is of an earlier version and tells nothing of the exchange\.$/);
  stub.exchange = exchange(Date.now());
  await page.route(PATH, r => r.fulfill({status: 503, body: 'busy'}));
  for (const [lang, re] of [['ru', /узел сейчас не отвечает/], ['zh', /节点目前不应答/], ['en', /busy/]]) {
    await page.goto('about:blank');
    await page.goto(`${stub.url}?lang=${lang}#/exchange`);
    await shows('#headline', re);
  }
  await page.unroute(PATH);
  await shows('#headline', /1 retraction is overdue/);
});

test('it follows the node, and a page that is hidden asks nothing', async () => {
  await page.clock.install();
  await openAt();
  let asked = 0;
  const note = r => PATH.test(r.url()) && asked++;
  page.on('request', note);
  stub.exchange.partners[0].overdue = 5;
  stub.exchange.hits.indicators[0].count = 12346;
  await page.clock.runFor(20_000);
  await shows('#headline', /^5 retractions are overdue/);
  await shows('[aria-labelledby=x-hi] tbody tr', /12.346/);
  assert.ok(asked >= 1 && asked <= 2, `${asked}`);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', {value: true, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  });
  asked = 0;
  await page.clock.runFor(90_000);
  assert.equal(asked, 0, 'hidden');
  page.off('request', note);
});

test('the words count as each language does', async () => {
  const said = {};
  for (const l of ['en', 'ru', 'zh']) {
    const out = join(dir, l + '.mjs'),
      from = fileURLToPath(new URL(`../../web/src/i18n/${l}-exchange.ts`, import.meta.url));
    writeFileSync(out, (await build({entryPoints: [from], bundle: true, format: 'esm', write: false})).outputFiles[0].text);
    said[l] = Object.values(await import(pathToFileURL(out)))[0].main;
  }
  assert.equal(said.en(0, 0, 0), 'Nothing that was taken back is overdue, none waits.');
  assert.equal(said.en(1, 1, 2), '1 retraction is overdue, 1 waits for an answer; 2 sources cannot be had.');
  assert.equal(said.en(2, 3, 0), '2 retractions are overdue, 3 wait for an answer.');
  assert.equal(said.ru(1, 2, 5), '1 отзыв просрочен, 2 ждут ответа; 5 источников недоступны.');
  assert.equal(said.ru(21, 1, 1), '21 отзыв просрочен, 1 ждёт ответа; 1 источник недоступен.');
  assert.equal(said.zh(1, 0, 1), '1 项撤回已逾期，没有在等待的；1 个来源无法取得。');
});

const findings = async () => {
  await page.evaluate(axe);
  return page.evaluate(async () =>
    (await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations.map(
      v => `${v.id} ${v.nodes[0].target} ${v.nodes[0].any[0]?.message ?? ''}`
    )
  );
};
const outline = () =>
  page.evaluate(() =>
    [...document.querySelectorAll('#exch, #exch :is(section, h2, h3, form, label, table, caption, th, input, select, button, a, svg, [role])')]
      .map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('role') ? `[${e.getAttribute('role')}]` : ''))
      .join('\n') + '\n'
  );

test('the same structure in both themes and three languages, and no finding of axe, also with forced colours', async () => {
  const own = {};
  for (const theme of ['dark', 'light'])
    for (const lang of ['en', 'ru', 'zh']) {
      await whole(`theme=${theme}&lang=${lang}`);
      own[`${theme} ${lang}`] = await outline();
      assert.deepEqual(await findings(), [], `${theme} ${lang}`);
      assert.doesNotMatch(await text('#exch'), /undefined|NaN|\[object/, lang);
      const side = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(side <= 0, `${lang}: ${side} px sideways`);
    }
  const [first] = Object.values(own);
  for (const k in own) assert.equal(own[k], first, k);
  if (process.env.DETENTE_GOLDENS === 'write') writeFileSync(golden, first);
  assert.ok(existsSync(golden), 'no golden: DETENTE_GOLDENS=write');
  assert.equal(first, readFileSync(golden, 'utf8'), 'DETENTE_GOLDENS=write when it is meant');
  await page.emulateMedia({forcedColors: 'active'});
  await whole('theme=dark');
  assert.deepEqual(await findings(), [], 'forced colours');
  await page.emulateMedia({forcedColors: 'none'});
});

test('on a phone, at 400 % and from right to left nothing goes sideways', async () => {
  for (const [width, height] of [[320, 640], [390, 844], [720, 450], [1100, 800]]) {
    await page.setViewportSize({width, height});
    for (const query of ['theme=light&lang=ru', 'theme=dark&dir=rtl', 'theme=dark&lang=zh']) {
      await whole(query);
      const what = `${width} ${query}`,
        wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${what}: ${wide} px sideways`);
      const cut = await page.evaluate(() => [...document.querySelectorAll('#exch :is(td, th, input, select, button, p)')].filter(e => e.offsetParent && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)).map(e => e.textContent));
      assert.deepEqual(cut, [], what);
      assert.deepEqual(await findings(), [], what);
    }
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test('by keyboard alone: there, the field, the party, the answer', async () => {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?theme=dark#/now`);
  await page.waitForSelector('.views a[href^="#/exchange"]');
  await page.focus('.views a[href^="#/exchange"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#exch .x-tab');
  const at = () => page.evaluate(() => document.activeElement.id);
  for (let i = 0; i < 60 && (await at()) !== 'x-object'; i++) await page.keyboard.press('Tab');
  assert.equal(await at(), 'x-object');
  await page.keyboard.type(OBJECT);
  await page.keyboard.press('Tab');
  assert.equal(await at(), 'x-to');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await shows('#x-out', /to Southmark:.*its markings allow it/);
});

test('only this host is asked, and no error on the page', () => {
  assert.deepEqual([...hosts].filter(h => h !== new URL(stub.url).host && h !== ''), []);
  assert.deepEqual(faults, []);
});
