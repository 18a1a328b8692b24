// Own sight, being out of contact, targets by group, and what waits for a person, against the stub: what each says and does, in
// both themes and three languages, with axe, and on a phone.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, beforeEach, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {ASSETS, startStub} from './stub.mjs';
import {PREFIXES} from './synthetic-coverage.mjs';
import {NONE, Pacts} from './synthetic-incidents.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3;
let stub, browser, page, pacts;
const faults = [],
  asked = [];

before(async () => {
  stub = await startStub({dir: dist});
  browser = await startBrowser();
  page = await browser.context.newPage();
  page.on('request', q => asked.push(q.url()));
  page.on('pageerror', e => faults.push(e.message));
  page.on('console', m => {
    if (['error', 'warning'].includes(m.type()) && !/status of [45]\d\d/.test(m.text())) faults.push(m.text());
  });
  await page.addInitScript(() => addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective}`)));
});
after(async () => {
  await browser?.close();
  await stub?.close();
  assert.deepEqual(faults, []);
});
beforeEach(() => {
  stub.pacts = pacts = new Pacts(Date.now());
  stub.session = {user: '', role: '', kind: '', until: ''};
  Object.assign(stub.state, {assets: true, automatic: true, coverage: {}});
  asked.length = 0;
});
const approver = () => (stub.session = {user: 'bob', role: 'approver', kind: 'person', until: iso(Date.now() + H)});

const text = async q => (await page.locator(q).first().innerText()).replace(/\s+/g, ' ');
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 20_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
async function openAt(path, query = 'theme=dark') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}#/${path}`);
  await page.waitForSelector('.live .dot');
}
const findings = async () => {
  await page.evaluate(axe);
  return page.evaluate(async () =>
    (await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations.map(v => `${v.id} ${v.nodes[0].target} ${v.nodes[0].any[0]?.message ?? ''}`)
  );
};
/** A counterpart that has not been heard for three hours. */
const silent = (i, more = {}) => Object.assign(pacts.peers[i], {fault: 'unreachable', answered: iso(Date.now() - 3 * H), silent_since: iso(Date.now() - 3 * H), carried_at: ''}, more);

/* ---- own sight ---- */

test('strips: each prefix over a week, blind struck through, unknown as a line, and a text for each', async () => {
  await openAt('log');
  await page.waitForSelector('#log .cov li:nth-child(6)');
  assert.equal(await count('#log .cov li'), 7, 'six prefixes and the axis');
  const labels = await page.$$eval('#log .cov-s', l => l.map(e => [e.getAttribute('role'), e.getAttribute('aria-label')]));
  assert.ok(labels.every(([r]) => r === 'img'));
  assert.match(labels[3][1], /^192\.0\.2\.128\/25: 95\.\d\s% in 7 days, lowest 0\.0\s% from \d+ \w+ \d{4} \d\d:00 UTC$/);
  const cells = (row, q) => page.$eval(`#log .cov li:nth-child(${row}) ${q}`, e => (e.getAttribute('d').match(/M/g) ?? []).length);
  assert.equal(await cells(4, '.blind'), 3);
  assert.equal(await cells(4, '.k0'), 3);
  assert.equal(await cells(4, '.k1'), 1, 'the last one runs, and is seen in part');
  assert.equal(await cells(5, '.none'), 48, 'not known is not blind');
  assert.equal(await cells(5, '.blind'), 0);
  assert.equal(await cells(6, '.k1'), 6);
  assert.match(await text('#log .cov li:nth-child(4)'), /192\.0\.2\.128\/25 now 50\.0\s% 95\./);
  assert.match(await text('#log .full .sh-row'), /total 97\.2\s% · canaries found 84 of 84, recall ≥ 96\.5\s%/);
  assert.match(await text('#log .full'), /Of 3 more prefixes of the annex no history is kept/);
});

test('the first sentence says what is not seen and since when, and not when all is', async () => {
  await openAt('log');
  await shows('#headline', /1 of 42 sensors is not healthy, so 192\.0\.2\.128\/25 is half blind since \d\d:\d\d\./);
  for (const [blind, re] of [
    [PREFIXES.slice(0, 2), /so 192\.0\.2\.0\/26 is blind since \d\d:\d\d and 1 more prefix is blind, 1 more prefix is not seen as a whole\.$/],
    [PREFIXES.slice(0, 3), /so 192\.0\.2\.0\/26 is blind since \d\d:\d\d and 2 more prefixes are blind, 1 more/],
    [[PREFIXES[3]], /so 192\.0\.2\.128\/25 is blind since \d\d:\d\d\.$/]
  ]) {
    stub.state.coverage = {blind};
    await openAt('log');
    await shows('#headline', re);
  }
  stub.state.coverage = {late: false};
  stub.state.sensors = [42, 42];
  await openAt('log');
  await shows('#headline', /; all of 42 sensors report\./);
  stub.state.sensors = [41, 42];
});

test('the same as a table, and gaps with their reasons', async () => {
  await openAt('log');
  await page.waitForSelector('#log .cov');
  await page.click('#log details summary >> text=The same as a table');
  const rows = await page.$$eval('#log details[data-k=words] tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(rows.length, 6);
  assert.match(rows[3], /^192\.0\.2\.128\/25 50\.0\s% 95\.\d\s% 0\.0\s% .* partly \d+ \w+ \d{4}/);
  assert.match(rows[0], /^192\.0\.2\.0\/26 100\.0\s% .* –$/);
  await page.click('#log details summary >> text=Gaps that are over: 70');
  const gaps = await text('#log details[data-k=gaps]');
  assert.match(gaps, /north-2 the sensor was silent .* all this node did not run 68 more/);
  await page.waitForTimeout(6500);
  assert.equal(await page.$eval('#log details[data-k=words]', e => e.open), true, 'what was opened stays open when figures come');
});

test('sensors: exceptions first, healthy ones folded, what is not said is no nought', async () => {
  await openAt('log');
  await page.waitForSelector('#log .sens tbody tr:nth-child(8)');
  const rows = await page.$$eval('#log section > .sens tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(rows.length, 8);
  assert.match(rows[0], /^north-2 Zeek 192\.0\.2\.128\/25 \d+ 4 min 0\.00 1\.02 \+1 ms 24\sh silent: blind$/);
  assert.match(rows[1], /^north-1 Suricata 192\.0\.2\.64\/27 \d+ 6 s 3\.10 1\.61 −2 ms 24\sh drops rising$/);
  assert.equal(await page.$$eval('#log section > .sens .v-unk, #log section > .sens .v-open', l => l.length), 2);
  assert.equal(await page.isVisible('#log details[data-k=rest] tr:nth-child(2)'), false);
  await page.click('#log details[data-k=rest] summary');
  const rest = await page.$$eval('#log details[data-k=rest] tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.ok(rest.some(r => /^pot<b>1<\/b> honeypot 2001:db8:a:8000::\/64 0 6 s – – – – healthy$/.test(r)), rest.join('\n'));
});

test('many prefixes: the worst sixteen are drawn, all stand in the table', async () => {
  stub.state.coverage = {prefixes: Array.from({length: 64}, (_, i) => (i === 40 ? '192.0.2.128/25' : `10.0.${i}.0/24`))};
  await openAt('log');
  await page.waitForSelector('#log .cov li:nth-child(17)');
  assert.equal(await count('#log .cov li'), 17);
  assert.match(await text('#log .cov li:nth-child(1)'), /192\.0\.2\.128\/25/);
  assert.match(await text('#log .full'), /48 more in the table/);
  assert.equal(await count('#log details[data-k=words] tbody tr'), 64);
  assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 2000);
});

test('an older node, and one without a pact, show what they have', async () => {
  stub.state.coverage = null;
  await openAt('log');
  await page.waitForSelector('#log svg.hm[role=img]');
  await shows('#log', /Coverage of declared space, by day/);
  await shows('#log', /north-2.*silent: blind, drops too much/);
  stub.pacts = NONE;
  stub.state.coverage = {};
  await openAt('log');
  await shows('#log', /Coverage is known when a pact is in force/);
});

/* ---- out of contact ---- */

test('a counterpart that is not heard: the banner says since when, and how to send', async () => {
  await openAt('now');
  await page.waitForSelector('#open-inc li');
  assert.equal(await page.isVisible('#away'), false, 'nothing while all are heard');
  silent(1, {carried_at: iso(Date.now() - H)});
  await openAt('now');
  await page.waitForSelector('#away li');
  const said = await text('#away');
  assert.match(said, /^No contact with Eastholm since .*\d\d:\d\d UTC; deadlines suspended as of then, provisionally\. Messages by bundle: detente bundle create eastholm -o FILE; last by bundle .*\d\d:\d\d UTC\.$/);
  assert.match(await page.evaluate(() => getComputedStyle(document.querySelector('#away')).backgroundImage), /repeating-linear-gradient/);
  const [away, headline] = await page.evaluate(() => ['#away', '#headline'].map(q => document.querySelector(q).getBoundingClientRect().top));
  assert.ok(away < headline, 'above everything that is said');
  assert.equal(await count('#away .v-ok, #away .v-over, #away .v-open, #away .v-unk'), 0);
  // the incident's clock stands still since then
  assert.match(await text('#open-inc li:has-text("northland-198")'), /suspended .* since \d+ \w+ \d{4} \d\d:\d\d UTC/);
  await openAt('incidents');
  await page.waitForSelector('#inc tbody tr');
  assert.match(await text('#inc tr:has-text("northland-198")'), /suspended .* since \d+ \w+ \d{4} \d\d:\d\d UTC/);
  assert.equal(await page.isVisible('#away'), true, 'in every view');
  // the drawer does not hide it
  await page.click('#inc tr:has-text("northland-198") button');
  await page.waitForSelector('.drawer');
  const [low, top] = await page.evaluate(() => [document.querySelector('#away').getBoundingClientRect().bottom, document.querySelector('.drawer').getBoundingClientRect().top]);
  assert.ok(Math.abs(low - top) <= 2, `${low} ${top}`);
  Object.assign(pacts.peers[1], {fault: '', silent_since: '', answered: iso(Date.now())});
  await until(() => document.querySelector('#away').hidden);
  await shows('#say', /In contact again/);
});

test('no path to outside: only when nothing is reached any more', async () => {
  silent(0);
  silent(1);
  await openAt('now');
  await page.waitForSelector('#away li:nth-child(2)');
  await page.waitForTimeout(1500);
  assert.doesNotMatch(await text('#away'), /No path/, 'a witness answers');
  await page.route('**/api/v1/witnesses', r => r.fulfill({json: {quorum: 'some', size: 9, reach: 0, now: 0, witnesses: [], asked: [{name: 'isac', fault: 'unreachable', why: '', since: '', answered: iso(Date.now() - 2 * H)}]}}));
  await openAt('now');
  await shows('#away', /No path to outside since .*\d\d:\d\d UTC\. Showing own sensors only\./);
  const last = await page.$eval('#away p time', e => e.getAttribute('datetime'));
  assert.ok(Math.abs(Date.parse(last) - (Date.now() - 2 * H)) < 60e3, 'the last that was heard of anything outside');
  await page.unroute('**/api/v1/witnesses');
});

test('a drill: the banner says so, while all are heard, in every language', async () => {
  stub.state.drill = true;
  await openAt('now');
  await shows('#away', /^DRILL: the outside is shut on purpose\. Counterparts, witnesses and receivers get nothing until it ends\.$/);
  await shows('#say', /A drill: the outside is shut on purpose/);
  assert.equal(await count('#away li'), 0);
  silent(1);
  await openAt('now');
  await page.waitForSelector('#away p + ul li');
  for (const [lang, word] of [['ru', /^УЧЕНИЕ: /], ['zh', /^演练：/]]) {
    await page.selectOption('#lang', lang);
    await shows('#away', word);
  }
  await page.selectOption('#lang', 'en');
  await shows('#away', /^DRILL: /);
  Object.assign(pacts.peers[1], {fault: '', silent_since: '', answered: iso(Date.now())});
  stub.state.drill = false;
  await until(() => document.querySelector('#away').hidden);
  await shows('#say', /In contact again/);
});

/* ---- targets ---- */

test('targets by address, group and sector; each row is a filter', async () => {
  await openAt('now');
  await page.waitForSelector('#targets .seg');
  assert.deepEqual(await page.$$eval('#targets .seg button', l => l.map(b => b.textContent)), ['address', 'asset', 'sector']);
  await page.click('[data-act="tby=asset"]');
  await page.waitForSelector('#targets tr:has-text("Grid operator VPN")');
  assert.match(await hash(), /tby=asset/);
  assert.deepEqual(await page.$$eval('#targets thead th', l => l.map(e => e.textContent)), ['Asset group', 'Sector', 'Share', 'Events']);
  const rows = () => page.$$eval('#targets tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.ok((await rows()).some(r => /^Registry <b>portal<\/b> government /.test(r)), 'a name is text');
  assert.ok((await rows()).some(r => /^other \d/.test(r)), (await rows()).join());
  assert.ok(asked.some(u => /top\/targets\?.*by=asset/.test(u)));
  await page.click('#targets tr:has-text("Grid operator VPN") button');
  await until(() => /asset:grid-operator-vpn/.test(decodeURIComponent(location.hash)));
  await shows('#headline', /of .* attack events of the last 15 minutes match the filter/);
  await until(() => document.querySelectorAll('#targets tbody tr').length === 1);
  assert.ok(asked.some(u => /events\?.*asset=Grid\+operator\+VPN/.test(u)));
  assert.equal(await count('.tok.bad'), 0);
  await page.click('.tok');
  await page.click('[data-act="tby=sector"]');
  await page.waitForSelector('#targets tr:has-text("energy")');
  await page.click('#targets tr:has-text("other") button');
  await until(() => /sector:other/.test(decodeURIComponent(location.hash)));
  await until(() => document.querySelectorAll('#targets tbody tr').length === 1);
  // a group that has no letters for the address bar has its number
  await openAt('now?q=asset:g3&tby=asset');
  await until(() => !document.querySelector('.tok.bad') && document.querySelector('#targets tbody tr'));
  await openAt('now?q=asset:nobody');
  await page.waitForSelector('.tok.bad');
});

test('a node without groups has no switch', async () => {
  stub.state.assets = false;
  await openAt('now?tby=asset');
  await page.waitForSelector('#targets tbody tr .asn');
  assert.equal(await count('#targets .seg'), 0);
  assert.ok(ASSETS.length);
});

/* ---- what waits ---- */

test('what waits for a person: by role, with the list behind it', async () => {
  await openAt('now');
  await shows('#open-inc .lnk', /^1 waits for an approver$/);
  assert.equal(await count('.btn.waits'), 0, 'nobody is signed in');
  await page.click('#open-inc .lnk');
  await page.waitForSelector('#waits li');
  assert.match(await text('#waits'), /southmark-88 Southmark acknowledgement, in 6 h .* An approver can say these\. Sign in/);
  await page.keyboard.press('Escape');
  approver();
  stub.state.automatic = false;
  pacts.list.push(
    {...pacts.list[0], incident: 'northland-210', state: 'DETECTED', owed: {}, overdue: [], late: []},
    {...pacts.list[0], incident: 'northland-211', state: 'ESCALATED', owed: {}, overdue: [], late: []},
    {...pacts.list[0], incident: 'northland-212', state: 'INQUIRY', owed: {evidence: iso(Date.now() - H), receipt: iso(Date.now())}, overdue: [], overdue_notifier: ['evidence'], late: []}
  );
  for (const i of pacts.list.slice(-3)) pacts.talk.set(i.incident, pacts.first(i));
  await openAt('now');
  await shows('.btn.waits', /4 wait for you/);
  await shows('#open-inc .lnk', /^4 wait for you$/);
  await openAt('log');
  await shows('.btn.waits', /4 wait for you/);
  await page.click('.btn.waits');
  await page.waitForSelector('#waits li:nth-child(4)');
  const list = await page.$$eval('#waits li', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(list.length, 4);
  assert.ok(list.some(x => /northland-210 Southmark notice: found here, and no message was sent/.test(x)), list.join('\n'));
  assert.ok(list.some(x => /northland-211 Southmark consultation/.test(x)));
  assert.ok(list.some(x => /northland-212 Southmark evidence, over by 1 h/.test(x)));
  assert.doesNotMatch(await text('#waits'), /Sign in/);
  await page.click('#waits li:has-text("southmark-88") button');
  await page.waitForSelector('.drawer');
  assert.match(await hash(), /sel=incident:northland-southmark\/southmark-88/);
  assert.equal(await page.$eval('#waits', e => e.open), false);
  // a notice that goes out by itself waits for nobody
  stub.state.automatic = true;
  await openAt('now');
  await shows('.btn.waits', /3 wait for you/);
});

/* ---- all of it ---- */

for (const theme of ['dark', 'light'])
  for (const lang of ['en', 'ru', 'zh'])
    test(`${theme} ${lang}: axe finds nothing, and no English is left over`, async () => {
      silent(1);
      approver();
      await openAt('log', `theme=${theme}&lang=${lang}`);
      await page.waitForSelector('#away li');
      await page.waitForSelector('#log .sens tbody tr:nth-child(8)');
      await page.evaluate(() => document.querySelectorAll('details').forEach(d => (d.open = true)));
      assert.deepEqual(await findings(), []);
      if (lang !== 'en') assert.doesNotMatch(await text('#log'), /\b(healthy|silent|Coverage|Gaps|Prefix|since)\b/);
      await openAt('now?tby=asset', `theme=${theme}&lang=${lang}`);
      await page.waitForSelector('#away li');
      await page.waitForSelector('#targets .c-sec');
      await page.waitForSelector('.btn.waits');
      assert.deepEqual(await findings(), []);
      await page.click('.btn.waits');
      await page.waitForSelector('#waits li');
      assert.deepEqual(await findings(), []);
    });

test('on a phone nothing sticks out, and by keyboard the list of what waits is reached', async () => {
  silent(1);
  approver();
  await page.setViewportSize({width: 390, height: 844});
  for (const path of ['log', 'now?tby=asset']) {
    await openAt(path, 'theme=light&lang=ru');
    await page.waitForSelector('#away li');
    await page.waitForSelector(path === 'log' ? '#log .sens tbody tr:nth-child(8)' : '#targets .c-sec');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, path);
    const cut = await page.evaluate(() => [...document.querySelectorAll('#away *, .cov li > *, .sens td')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length);
    assert.equal(cut, 0, path);
    assert.deepEqual(await findings(), []);
  }
  await page.setViewportSize({width: 1440, height: 900});
  await openAt('now');
  await page.waitForSelector('.btn.waits');
  for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement?.matches('.btn.waits'))); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#waits[open] li');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('#waits').contains(document.activeElement)));
});
