// The page at moments of the past, against the stub: scrub by pointer and keys, the address, speeds, what is said, and back to now.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, beforeEach, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser, watch} from './browser.mjs';
import {startStub} from './stub.mjs';
import {NONE, Pacts} from './synthetic-incidents.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
let stub, browser, page;
const faults = [],
  hosts = new Set();

before(async () => {
  stub = await startStub({dir: dist});
  browser = await startBrowser();
  page = await browser.context.newPage();
  await watch(page, hosts, faults);
});
after(async () => {
  await browser?.close();
  await stub?.close();
});
beforeEach(() => {
  stub.pacts = NONE;
  stub.replays = 8;
  stub.erased = 0;
  stub.asked.length = 0;
});

const text = q => page.locator(q).first().innerText();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 10_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
const params = async () => new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1] ?? '');
const at = async () => Date.parse((await params()).get('t') ?? '');
const MIN = 60_000,
  HOUR = 3_600_000;
const stamp = ms => new Date(ms).toISOString().replace(/\.\d+Z/, 'Z');
const ago = ms => stamp(Date.now() - ms);
async function openAt(more = '', query = 'theme=dark') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}#/now${more}`);
  await page.waitForSelector(more.includes('t=') ? '.live .rep' : '.live .dot');
  await until(() => (document.querySelectorAll('#tl-n li').length === 8 || document.querySelector('#tl-table tbody tr')) && document.querySelector('#origins tbody tr'));
}
/** The moment that the model stands at, as the header writes it. */
const shown = async () => Date.parse(await page.getAttribute('.live time', 'datetime'));
const near = (a, b, by, what) => assert.ok(Math.abs(a - b) <= by, `${what}: ${new Date(a).toISOString()} is not ${new Date(b).toISOString()}`);

test('a click on the timeline moves the page there, marked as replay; L goes back', async () => {
  await openAt();
  const box = await page.locator('#tl').boundingBox(),
    now = Date.now();
  await page.mouse.click(box.x + box.width / 2, box.y + 50);
  await shows('.live', /REPLAY.*×1/);
  near(await at(), now - 12 * HOUR, 10 * MIN, 'the middle of a day');
  assert.match(await text('#headline'), /^Replay of .* UTC\. .* attack events? in the last 15 minutes/);
  assert.match(await page.locator('#bar1').evaluate(e => getComputedStyle(e).boxShadow), /-3px/, 'the thick rule');
  assert.match(await text('#honesty'), /kept since .*\sas of now, \d\d:\d\d:\d\d UTC:.*41 of 42/s);
  assert.equal(stub.pasts.size, 1);
  await page.keyboard.press('l');
  await page.waitForSelector('.live .dot');
  assert.equal((await params()).get('t'), null);
  assert.equal(await page.locator('#bar1.replay').count(), 0);
  for (let i = 0; i < 20 && stub.pasts.size; i++) await page.waitForTimeout(100);
  assert.equal(stub.pasts.size, 0, 'the stream of the past is closed');
  await page.goBack();
  await shows('.live', /REPLAY/);
  await page.goBack();
  await page.waitForSelector('.live .dot');
});

test('a drag asks for one moment at a time and ends where it was let go', async () => {
  await openAt();
  const box = await page.locator('#tl').boundingBox(),
    y = box.y + 50;
  await page.mouse.move(box.x + box.width * 0.9, y);
  await page.mouse.down();
  for (let i = 0; i < 30; i++) await page.mouse.move(box.x + box.width * (0.9 - i * 0.02), y);
  await page.mouse.up();
  await shows('.live', /REPLAY.*×1/);
  near(await at(), Date.now() - 24 * HOUR * 0.68, 12 * MIN, 'where the pointer was let go');
  assert.ok(stub.asked.length <= 32, `${stub.asked.length} requests`);
  assert.ok(stub.asked.slice(0, -1).every(q => q.includes('speed=0')), 'on its way the page stands still');
  assert.ok(stub.asked.at(-1).includes('speed=1'));
  assert.ok(stub.pasts.size <= 1);
});

test('seven days: by the key and in the address, as the node counts them, and a way to any moment of them', async () => {
  stub.weeks = 0;
  await openAt();
  await page.waitForSelector('.live .dot');
  assert.equal(stub.weeks, 0, 'nobody asked');
  await page.keyboard.press(']');
  assert.equal((await params()).get('range'), '7d');
  await page.waitForSelector('[data-act="range=7d"][aria-pressed="true"]');
  await until(() => document.querySelector('#tl').getAttribute('aria-valuemax') === '10080');
  // It was counted still: the node is asked again, and then has all of it.
  await until(() => document.querySelector('#tl-m li').textContent.replace(/\D/g, '') === '930');
  assert.ok(stub.weeks >= 2 && stub.weeks < 6, `${stub.weeks}`);
  await shows('#h-tl', /^By class, events per 35\smin$/);
  assert.match(await page.getAttribute('#tl', 'aria-label'), /^Events by class over 7 d;/);
  assert.match(await page.getAttribute('#tl', 'aria-valuetext'), /^\d{1,2} \w+ \d\d:\d\d to/, 'a time of the week has its day');
  const box = await page.locator('#tl').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await shows('#tl-hint', /\d{1,2} \w+ \d\d:\d\d–\d\d:\d\d UTC/);
  await page.mouse.click(box.x + box.width / 7, box.y + 20);
  await page.waitForSelector('.bar.replay, #bar1.replay');
  const days = (Date.now() - (await at())) / 86_400_000;
  assert.ok(days > 5.8 && days < 6.2, `${days}`);
  assert.ok(Number(await page.getAttribute('#tl', 'aria-valuenow')) < 10080 / 5, 'the moment lies in the week');
  await page.keyboard.press('l');
  await page.waitForSelector('.live .dot');
  await page.keyboard.press('[');
  assert.equal((await params()).get('range'), null);
});

test('the timeline as a table: time, events by class, of the range that is shown, by keyboard', async () => {
  const rows = () => page.$$eval('#tl-table tbody tr', l => l.map(e => [...e.cells].map(c => c.innerText)));
  const sums = all => all.reduce((s, r) => s.map((n, i) => n + Number(r[i + 1].replace(/\D/g, ''))), Array(9).fill(0));
  stub.weeks = 1;
  // The stream may come before the node has said what the classes are called.
  const before = faults.length;
  let go;
  const held = new Promise(done => (go = done));
  await page.route('**/api/v1/node', r => held.then(() => r.continue()));
  await page.goto('about:blank');
  await page.goto(`${stub.url}#/now?map=table`);
  await page.waitForSelector('#tl-table tbody tr:nth-child(12)');
  for (const q of ['thead th', 'tbody tr:first-child > *']) assert.equal(await page.locator(`#tl-table ${q}`).count(), 10, q);
  go();
  await shows('#tl-table thead', /malware, C2/);
  await page.unroute('**/api/v1/node');
  assert.equal(faults.length, before);
  await openAt('?map=table');
  await page.waitForSelector('#tl-table tbody tr:nth-child(12)');
  assert.equal(await page.isVisible('.tl'), false, 'in place of the drawing');
  assert.deepEqual(await page.$$eval('#tl-table thead th', l => l.map(e => e.textContent)), ['Time (UTC)', 'scan', 'brute force', 'exploit', 'malware, C2', 'DoS', 'phishing', 'data theft', 'other', 'All']);
  await shows('#h-tl', /^By class, events per 2\sh$/);
  const day = await rows(),
    series = (await (await fetch(`${stub.url}api/v1/now`)).json()).series;
  assert.ok(day.length === 12 || day.length === 13, `${day.length}`);
  assert.match(day[1][0], /^\d{1,2} \w+ \d\d:00–\d\d:00$/, 'whole hours');
  const whole = series.rows.map(r => r.reduce((a, b) => a + b, 0)),
    got = sums(day);
  whole.push(whole.reduce((a, b) => a + b));
  got.forEach((n, i) => assert.ok(Math.abs(n - whole[i]) <= 20 + whole[i] / 50, `column ${i}: ${n} of ${whole[i]}`));
  for (const [range, per, least, most] of [['6h', /per 30\smin$/, 12, 13], ['1h', /per 5\smin$/, 12, 12], ['7d', /per 14\sh$/, 12, 13]]) {
    await page.click(`[data-act="range=${range}"]`);
    await shows('#h-tl', per);
    const n = (await rows()).length;
    assert.ok(n >= least && n <= most, `${range}: ${n}`);
  }
  await page.click('[data-act="range=24h"]');
  await shows('#h-tl', /per 2\sh$/);
  // By keyboard: the region scrolls, a row leads to its time.
  await page.focus('#tl-table .scroll');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.dataset.act), /^seek=\d+$/);
  await page.keyboard.press('Enter');
  await shows('.live', /REPLAY/);
  await page.waitForSelector('#tl-table tr.sel, #tl-table tbody tr');
  const hours = (Date.now() - (await at())) / HOUR;
  assert.ok(hours > 1.9 && hours < 4.1, `${hours}`);
  await page.keyboard.press('l');
  await page.waitForSelector('.live .dot');
  await page.keyboard.press('t');
  await until(() => document.querySelector('#tl-table').hidden && document.querySelector('#tl canvas').width > 100);
});

test('keys: a minute, an hour, the range, the end', async () => {
  await openAt(`?t=${ago(6 * HOUR)}&speed=0`);
  await until(() => document.querySelector('#headline').textContent.includes('attack event'));
  const t = await at();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('ArrowLeft');
  assert.equal(await at(), t - MIN);
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await at(), t - MIN + HOUR);
  await page.keyboard.press('[');
  assert.equal((await params()).get('range'), '6h');
  await page.keyboard.press('[');
  assert.equal((await params()).get('range'), '1h');
  await until(() => document.querySelector('#tl').getAttribute('aria-valuemax') === '60');
  assert.match(await text('#h-tl'), /^By class, events per 5\smin$/);
  assert.match(await page.getAttribute('#tl', 'aria-label'), /^Events by class over 1 h;/);
  const v = Number(await page.getAttribute('#tl', 'aria-valuenow'));
  assert.ok(v >= 0 && v <= 60, 'the moment lies in the hour that is shown');
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  assert.equal((await params()).get('range'), null);
  await page.focus('#tl');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await at(), t - 2 * MIN + HOUR);
  await page.keyboard.press('PageDown');
  assert.equal(await at(), t - 2 * MIN - 23 * HOUR);
  await page.keyboard.press('End');
  await page.waitForSelector('.live .dot');
});

test('the address is the whole state: loaded again it shows the same moment; back and forth', async () => {
  const t = stamp(Date.now() - 30 * HOUR);
  await openAt(`?q=country:XA&t=${t}&speed=0&map=table`);
  await shows('.live', /REPLAY.*standing still/);
  assert.equal(await shown(), Date.parse(t));
  const figures = () => page.locator('#tl-table tbody').innerText();
  await page.waitForSelector('#tl-table tbody tr:nth-child(12)');
  const before = await figures();
  await page.reload();
  await shows('.live', /REPLAY.*standing still/);
  await until(b => document.querySelector('#tl-table tbody')?.innerText === b, before);
  const q = await params();
  assert.deepEqual([q.get('q'), q.get('t'), q.get('speed'), q.get('map')], ['country:XA', t, '0', 'table']);
  await page.click('#to-live');
  await page.waitForSelector('.live .dot');
  await page.goBack();
  await shows('.live', /REPLAY/);
  assert.equal(await at(), Date.parse(t));
  for (const bad of ['t=yesterday', 't=2026-13-40T00:00:00Z', 't=']) {
    await page.goto('about:blank');
    await page.goto(`${stub.url}#/now?${bad}`);
    await page.waitForSelector('.live .dot');
  }
});

test('time goes on at its speed, stands still on pause, and the address follows', async () => {
  await openAt(`?t=${ago(5 * HOUR)}&speed=60`);
  await shows('.live', /×60/);
  const a = await shown();
  await page.waitForTimeout(2_000);
  const b = await shown();
  assert.ok(b - a > 60_000 && b - a < 240_000, `${(b - a) / 1000} s in 2`);
  await page.keyboard.press(' ');
  await shows('.live', /standing still/);
  const q = await params();
  assert.equal(q.get('speed'), '0');
  near(await shown(), await at(), 0, 'the address says the moment that is shown');
  assert.equal(stub.pasts.size, 0, 'who stands still costs the node nothing');
  await page.waitForTimeout(600);
  near(await shown(), await at(), 0, 'it stands');
  await page.keyboard.press(' ');
  await shows('.live', /×60/);
  await page.click('button[data-act="speed=300"]');
  await shows('.live', /×300/);
  assert.equal((await params()).get('speed'), '300');
  const t = await at();
  await page.waitForTimeout(6_000);
  assert.ok((await at()) > t + 5 * MIN, 'written there every few seconds');
});

test('reaching now it is live', async () => {
  await openAt(`?t=${ago(3 * MIN)}&speed=60`);
  await page.waitForSelector('.live .dot', {timeout: 15_000});
  assert.equal((await params()).get('t'), null);
  assert.equal((await params()).get('speed'), null);
  assert.doesNotMatch(await text('#headline'), /Replay/);
});

test('figures under a filter are of that time', async () => {
  const t = Date.now() - 2 * HOUR,
    asked = [];
  const note = q => {
    const u = new URL(q.url());
    if (/\/api\/v1\/(top|events)/.test(u.pathname)) asked.push(u.searchParams);
  };
  page.on('request', note);
  await openAt(`?q=class:scan&t=${stamp(t)}&speed=0`);
  await until(() => /match/.test(document.querySelector('#events').textContent));
  page.off('request', note);
  assert.ok(asked.length >= 4);
  for (const q of asked) near(Date.parse(q.get('until')), t, 1000, 'until');
  assert.ok(asked.some(q => Math.abs(Date.parse(q.get('since')) - t + 15 * MIN) < 1000));
});

test('incidents stand on the timeline in the colour and shape of their verdict, with words, and open', async () => {
  stub.pacts = new Pacts(Date.now());
  await openAt();
  await page.waitForSelector('.tl-mark', {timeout: 15_000});
  await shows('#tl-marks', /northland-204: answer was due/);
  const over = page.locator('.tl-mark', {hasText: 'answer was due'});
  assert.equal(await over.locator('.v-over svg').count(), 1);
  await over.locator('button').click();
  assert.match(await page.evaluate(() => location.hash), /sel=incident/);
  await page.keyboard.press('Escape');
  // Before it was due, nobody knew.
  const box = await page.locator('#tl').boundingBox();
  await page.mouse.click(box.x + box.width * 0.5, box.y + 50);
  await shows('.live', /REPLAY/);
  await until(() => !/was due/.test(document.querySelector('#tl-marks').textContent));
  assert.equal(await page.isVisible('#cards'), false, 'verdicts are of now');
  assert.equal(await page.isVisible('#open-inc'), false);
});

test('what is erased, what is not kept, and a node that has no room are said', async () => {
  stub.erased = 1200;
  await openAt(`?t=${ago(HOUR)}&speed=0`);
  await shows('#honesty', /1.200 events of that time erased/);
  await openAt(`?t=${ago(40 * 24 * HOUR)}&speed=0`);
  await shows('#headline', /nothing is kept of that time; what is kept begins/);
  stub.replays = 0;
  await page.goto('about:blank');
  await page.goto(`${stub.url}#/now?t=${ago(HOUR)}`);
  await shows('#headline', /could not be had: too many look at the past/);
  stub.replays = 8;
  await until(() => /Replay of/.test(document.querySelector('#headline').textContent) && !/could not/.test(document.querySelector('#headline').textContent));
});

test('a moment that has not come is said in the reader\'s language, with the way to now', async () => {
  const t = stamp(Date.now() + 30 * 24 * HOUR),
    words = {en: /has not come yet.*clock stands at/, ru: /ещё не наступило.*часы узла/, zh: /尚未到来.*节点时钟/};
  for (const [lang, re] of Object.entries(words)) {
    await page.goto('about:blank');
    await page.goto(`${stub.url}?lang=${lang}#/now?t=${t}`);
    await shows('#headline', re);
    assert.doesNotMatch(await text('#headline'), /ahead|could not be had/, 'not what the node says in English');
    await page.click('#headline button');
    await page.waitForSelector('.live .dot');
    assert.equal((await params()).get('t'), null);
    assert.doesNotMatch(await text('#headline'), re);
  }
});

test('a tab that nobody sees draws nothing and asks for nothing', async () => {
  await openAt(`?t=${ago(5 * HOUR)}&speed=60`);
  await shows('.live', /×60/);
  const other = await browser.context.newPage();
  await other.bringToFront();
  // Headless tabs are not hidden by others: the page is told so as a browser would.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
    document.dispatchEvent(new Event('visibilitychange'));
    window.drawn = 0;
    for (const k of ['fillRect', 'fill', 'stroke', 'clearRect', 'fillText']) {
      const f = CanvasRenderingContext2D.prototype[k];
      CanvasRenderingContext2D.prototype[k] = function (...a) {
        window.drawn++;
        return f.apply(this, a);
      };
    }
    window.changed = 0;
    new MutationObserver(l => (window.changed += l.length)).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
  });
  await page.waitForTimeout(5_000);
  assert.equal(await page.evaluate(() => window.drawn), 0);
  assert.equal(await page.evaluate(() => window.changed), 0);
  assert.equal(stub.pasts.size, 0);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await other.close();
  await page.bringToFront();
  await until(() => window.drawn > 0);
  await shows('.live', /×60/);
});

test('reduced motion, and replay: nothing moves on the map', async () => {
  await page.emulateMedia({reducedMotion: 'reduce'});
  await openAt(`?t=${ago(2 * HOUR)}&speed=0`);
  // With the moment's figures, and the map drawn with them: what comes later is no movement.
  await until(() => document.querySelector('#headline').textContent.includes('attack event') && document.querySelector('#map canvas'));
  await page.waitForTimeout(1_500);
  const heads = () => page.evaluate(() => document.querySelectorAll('#map canvas')[2].toDataURL());
  const a = await heads();
  await page.waitForTimeout(500);
  assert.equal(await heads(), a);
  await page.emulateMedia({reducedMotion: 'no-preference'});
  await page.waitForTimeout(500);
  assert.equal(await heads(), a, 'nor in replay without it');
});

test('every figure leads to its rows', async () => {
  await openAt();
  await page.click('#headline .fig >> nth=2');
  await until(() => document.querySelector('.seg [data-act="by=economy"]').getAttribute('aria-pressed') === 'true');
  await page.click('#origins .more button');
  assert.equal((await params()).get('all'), 'origins');
  await until(() => document.querySelectorAll('#origins tbody tr').length > 8);
  await page.click('#honesty a:has-text("origin unknown")');
  assert.match((await params()).get('q'), /country:-/);
  await openAt();
  await page.click('#tl-n li:nth-child(3)');
  assert.equal((await params()).get('q'), 'class:exploit');
  await page.click('#honesty a:has-text("sensors")');
  await page.waitForSelector('#log:not([hidden])');
});

test('the time of an event is the way to that time', async () => {
  await openAt();
  const e = stub.world.events.at(-1);
  await page.goto(`${stub.url}?theme=dark#/now?sel=event:${e.id}`);
  await page.click('#drawer [data-act^="seek="]');
  await shows('.live', /REPLAY/);
  near(await at(), Date.parse(e.time) + 1000, 1000, 'the moment after it');
  assert.equal((await params()).get('sel'), `event:${e.id}`, 'the event stays open');
});

const findings = async () => {
  await page.evaluate(axe);
  return page.evaluate(async () =>
    (await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations.map(
      v => `${v.id} ${v.nodes[0].target} ${v.nodes[0].any[0]?.message ?? ''}`
    )
  );
};
test('both themes, three languages, a phone: the mark of replay in words, no finding of axe, no sideways scroll', async () => {
  const words = {en: /REPLAY/, ru: /ПОВТОР/, zh: /回放/};
  stub.pacts = new Pacts(Date.now());
  for (const theme of ['dark', 'light'])
    for (const lang of ['en', 'ru', 'zh']) {
      await openAt(`?t=${ago(30 * MIN)}&speed=0`, `theme=${theme}&lang=${lang}`);
      await shows('.live', words[lang]);
      await page.waitForTimeout(300);
      assert.deepEqual(await findings(), [], `${theme} ${lang}`);
    }
  await page.setViewportSize({width: 390, height: 844});
  for (const lang of ['en', 'ru', 'zh']) {
    await openAt(`?t=${ago(30 * MIN)}&speed=0`, `theme=light&lang=${lang}`);
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, lang);
    assert.deepEqual(await findings(), [], `phone ${lang}`);
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test('no other host was asked, no policy broken, no error in the console', () => {
  assert.deepEqual([...hosts], [new URL(stub.url).host]);
  assert.deepEqual(faults, []);
});
