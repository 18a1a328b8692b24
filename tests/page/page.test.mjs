// The page in a real browser. DETENTE_URL names a running node; without it the stub plays one and more can be checked.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let stub, base, browser, page;
const faults = [],
  hosts = new Set();

async function watch(p) {
  p.on('request', q => {
    const u = new URL(q.url());
    if (u.protocol.startsWith('http')) hosts.add(u.host);
  });
  p.on('pageerror', e => faults.push(e.message));
  p.on('console', m => {
    if (['error', 'warning'].includes(m.type()) && !muted) faults.push(m.text());
  });
  await p.addInitScript(() =>
    addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))
  );
}
let muted = false;

before(async () => {
  stub = process.env.DETENTE_URL ? null : await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
  base = process.env.DETENTE_URL ?? stub.url;
  browser = await startBrowser();
  page = await browser.context.newPage();
  await watch(page);
});
after(async () => {
  await browser?.close();
  await stub?.close();
});

const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
const text = q => page.locator(q).first().textContent();
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 10_000});
async function openAt(state = '', query = 'theme=dark') {
  await page.goto('about:blank');
  await page.goto(`${base}?${query}#/now${state}`);
  await until(() => /LIVE/.test(document.querySelector('.live')?.textContent ?? ''));
}
/** An event that stands in the log already, or null on a node that has none. */
async function loggedEvent() {
  const all = await page.evaluate(async () => (await (await fetch('/api/v1/events?limit=200')).json()).events);
  for (const e of all) {
    const full = e.log ? e : await page.evaluate(async id => (await fetch('/api/v1/events/' + id)).json(), e.id ?? e[0]);
    if (full.log) return full;
  }
  return null;
}
const focusNothing = () => page.evaluate(() => document.activeElement?.blur());

test('opens with an answer, live, and says what it rests on', async () => {
  await openAt();
  assert.match(await text('#headline'), /attack event|No sensor|Blind/);
  assert.match(await text('#honesty'), /sensors?.*lag.*dropped.*rejected.*undrawn.*duplicates.*origin unknown.*address tables.*log/s);
  assert.match(await text('#note'), /not who is behind it\..*off the map/s);
  const node = await page.evaluate(async () => (await fetch('/api/v1/node')).json());
  assert.equal((await count('.tag:text("DEMO")')) > 0, node.demo);
  assert.equal(await count('.chip'), 8);
});

test('live updates arrive', {skip: process.env.DETENTE_URL ? 'a real node may be quiet' : false}, async () => {
  const before = await text('#events');
  await until(t => document.querySelector('#events').textContent !== t, before);
});

test('one connection for two tabs', {skip: process.env.DETENTE_URL ? 'counted by the stub' : false}, async () => {
  const second = await browser.context.newPage();
  await watch(second);
  let streams = 0;
  second.on('request', q => {
    if (q.url().includes('/api/v1/live')) streams++;
  });
  await second.goto(`${base}#/now`);
  await second.waitForFunction(() => /LIVE/.test(document.querySelector('.live')?.textContent ?? ''));
  const before = await second.textContent('#events');
  await second.waitForFunction(t => document.querySelector('#events').textContent !== t, before, {timeout: 10_000});
  assert.equal(streams, 0);
  // The listening tab goes; the other takes over.
  await page.goto('about:blank');
  const then = await second.textContent('#events');
  await second.waitForFunction(t => document.querySelector('#events').textContent !== t, then, {timeout: 10_000});
  assert.equal(streams, 1);
  await second.close();
});

test('filter by click and by keyboard', async () => {
  await openAt();
  if (!(await count('#origins [data-act^="filter=asn"]'))) return;
  await page.click('#origins [data-act^="filter=asn"]');
  await until(() => location.hash.includes('asn:'));
  await until(() => /match the filter/.test(document.querySelector('#headline').textContent));
  assert.equal(await count('.tok'), 1);
  await page.click('.tok');
  await until(() => !location.hash.includes('asn:'));
  await focusNothing();
  await page.keyboard.press('3');
  await until(() => location.hash.includes('class:exploit'));
  await until(() => document.querySelector('.chip:nth-child(3)').getAttribute('aria-pressed') === 'true');
  await page.keyboard.press('3');
  await until(() => !location.hash.includes('class:'));
  await page.keyboard.press('/');
  await page.keyboard.type('country:XA nonsense');
  await page.keyboard.press('Enter');
  await until(() => document.querySelectorAll('.tok').length === 2);
  assert.equal(await count('.tok.bad'), 1);
  assert.match(await hash(), /country:XA/);
});

test('the newest events stand still under the pointer', {skip: process.env.DETENTE_URL ? 'a real node may be quiet' : false}, async () => {
  await openAt();
  await page.locator('.ev').nth(1).hover();
  const first = await text('.ev');
  await until(() => /held/.test(document.querySelector('#events .mut')?.textContent ?? ''));
  assert.equal(await text('.ev'), first);
  await page.mouse.move(300, 20);
  await until(t => document.querySelector('.ev').textContent !== t, first);
});

test('table and map by key, sorted by column', async () => {
  await openAt();
  await focusNothing();
  await page.keyboard.press('t');
  await page.waitForSelector('#stage table');
  await page.click('#stage [data-act="sort=country"]');
  await until(() => location.hash.includes('sort=country'));
  const codes = await page.$$eval('#stage td:nth-child(2) .asn', l => l.map(e => e.textContent));
  assert.deepEqual(codes, [...codes].sort());
  await focusNothing();
  await page.keyboard.press('t');
  await page.waitForSelector('#map');
});

test('the map and the timeline can be read by keyboard', async () => {
  await openAt();
  await page.focus('#map');
  await page.keyboard.press('ArrowRight');
  if ((await page.evaluate(() => window.__detente.stats().corridors)) > 0) assert.match(await text('#readout'), /events/);
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth), '3px');
  await page.focus('#tl');
  assert.match(await page.getAttribute('#tl', 'aria-valuetext'), /UTC: scan \d/);
  await page.keyboard.press('ArrowLeft');
  await until(() => /UTC/.test(document.querySelector('#tl-hint').textContent) && /REPLAY/.test(document.querySelector('.live').textContent));
  await page.keyboard.press('l');
  await until(() => /LIVE/.test(document.querySelector('.live').textContent));
});

test('an event opens from its row, its proof verifies, and fails after a changed byte', async () => {
  await openAt();
  const e = await loggedEvent();
  if (!e) return;
  if (await count('.ev')) {
    const act = await page.getAttribute('.ev', 'data-act');
    await page.locator('.ev').first().hover();
    await page.click('.ev');
    await page.waitForSelector('.drawer .kv');
    assert.equal(await page.evaluate(() => document.activeElement.classList.contains('drawer')), true);
    assert.match(await hash(), /sel=event:\d+-\d+/);
    await page.keyboard.press('Escape');
    await until(() => !document.querySelector('.drawer'));
    assert.ok(act);
  }
  await page.evaluate(id => {
    location.hash = `#/now?sel=event:${id}`;
  }, e.id);
  await page.waitForSelector('#verify');
  assert.match(await text('#d-from'), /source address.*announced by.*registered in.*declared by/s);
  assert.match(await text('#d-judged'), /No pact in force/);
  await page.click('#verify');
  await page.waitForSelector('#vres .v');
  const failed = await page.$$eval('#vsteps li[data-ok="✕"]', l => l.map(x => x.textContent));
  assert.deepEqual(failed, []);
  assert.match(await text('#vres'), /verified/);
  assert.equal(await page.getAttribute('#vsteps [data-step="head"]', 'data-ok'), '✓');
  assert.equal(await page.getAttribute('#vsteps [data-step="shown"]', 'data-ok'), '✓');
  for (let i = 0; i < 7; i++) {
    await page.click('#verify-bad');
    await until(
      () =>
        /changed/.test(document.querySelector('#vres').textContent) && /does not verify/.test(document.querySelector('#vres').textContent)
    );
    assert.ok(await count('#vsteps li[data-ok="✕"]'), `change ${i}`);
    assert.match(await text('#vsteps li[data-ok="✕"] .mut'), /^\w+ .*\w$/, 'says why, in words');
  }
  await page.click('#verify');
  await until(() => !/changed/.test(document.querySelector('#vres').textContent));
});

test(
  'raw bytes are text only, and hidden characters show',
  {skip: process.env.DETENTE_URL ? "needs the stub's event" : false},
  async () => {
    const raw = await text('.raw');
    assert.ok(raw.includes('U+202E') && raw.includes('U+200B') && raw.includes('<b>bold</b>'));
    assert.equal(await count('.raw b'), 0);
  }
);

test('the address restores the state', async () => {
  const e = await loggedEvent();
  await openAt(`?q=class:scan&by=economy&map=table${e ? `&sel=event:${e.id}` : ''}`);
  await page.waitForSelector('#stage table');
  assert.equal(await page.getAttribute('[data-act="by=economy"]', 'aria-pressed'), 'true');
  assert.match(await text('.tok'), /class:scan/);
  if (e) await page.waitForSelector('.drawer .kv');
  await page.evaluate(() => {
    location.hash = '#/now';
  });
  await until(() => !document.querySelector('.drawer'));
});

test('pause stops what changes, going on brings it back', async () => {
  await openAt();
  await focusNothing();
  await page.keyboard.press('Space');
  await until(() => /PAUSED/.test(document.querySelector('.live').textContent));
  const look = () => page.evaluate(() => ['top', 'main', 'honesty'].map(id => document.getElementById(id).innerText).join('\n'));
  const a = await look(),
    frames = await page.evaluate(() => window.__detente.stats().frames);
  await page.waitForTimeout(2_500);
  assert.equal(await look(), a);
  assert.equal(await page.evaluate(() => window.__detente.stats().frames), frames);
  await page.keyboard.press('Space');
  await until(() => /LIVE/.test(document.querySelector('.live').textContent));
});

test('reduced motion: nothing moves', async () => {
  await page.emulateMedia({reducedMotion: 'reduce'});
  await page.waitForTimeout(200);
  const frames = await page.evaluate(() => window.__detente.stats().frames);
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => window.__detente.stats().frames), frames);
  await page.emulateMedia({reducedMotion: 'no-preference'});
});

test('no serious finding of axe, dark and light', async () => {
  const e = await loggedEvent();
  for (const theme of ['dark', 'light']) {
    for (const state of ['', '?map=table&q=class:scan', e ? `?sel=event:${e.id}` : '?by=party']) {
      await openAt(state, `theme=${theme}`);
      if (state.includes('sel')) {
        await page.waitForSelector('#verify');
        await page.click('#verify');
        await page.waitForSelector('#vres .v');
      }
      await page.waitForTimeout(400);
      await page.evaluate(axe);
      const found = await page.evaluate(async () =>
        (
          await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
        ).violations.map(v => ({impact: v.impact, id: v.id, where: v.nodes.slice(0, 3).map(n => `${n.target} ${n.any[0]?.message ?? ''}`)}))
      );
      assert.deepEqual(
        found.filter(v => ['serious', 'critical'].includes(v.impact)),
        [],
        `${theme} ${state}`
      );
      if (found.length) console.log(`# axe, minor, ${theme} ${state}:`, JSON.stringify(found));
    }
  }
});

test('reflow without sideways scroll, few nodes', async () => {
  const e = await loggedEvent();
  for (const [width, height] of [
    [390, 844],
    [720, 450]
  ]) {
    await page.setViewportSize({width, height});
    for (const state of ['', '?map=table', '?q=asn:65536+country:XA', e ? `?sel=event:${e.id}` : '']) {
      await openAt(state);
      await page.waitForTimeout(300);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} ${state}`);
      assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 1500, `${width} ${state}: nodes`);
    }
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test(
  'a node that falls silent is shown as stale, and live again when it is back',
  {skip: process.env.DETENTE_URL ? 'the stub falls silent' : false},
  async () => {
    await openAt();
    muted = true;
    stub.state.mute = true;
    stub.drop();
    await page.waitForFunction(() => /STALE/.test(document.querySelector('.live').textContent), undefined, {timeout: 25_000});
    assert.match(await text('#headline'), /no word from the node since/);
    stub.state.mute = false;
    await page.waitForFunction(() => /LIVE/.test(document.querySelector('.live').textContent), undefined, {timeout: 25_000});
    muted = false;
  }
);

test('blind and stale data are said', {skip: process.env.DETENTE_URL ? 'set by the stub' : false}, async () => {
  stub.state.sensors = [0, 42];
  stub.state.stale = true;
  await openAt();
  await until(() => /Blind/.test(document.querySelector('#headline').textContent));
  assert.match(await text('#honesty'), /97 d stale/);
  stub.state.sensors = [41, 42];
  stub.state.stale = false;
});

const findings = () =>
  page.evaluate(async () =>
    (await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations.map(v => `${v.id} ${v.nodes[0].target}`)
  );

test('who is signed in: read by everybody, by link, by password, out again', {skip: process.env.DETENTE_URL ? 'people are the stub\'s' : false}, async () => {
  await openAt();
  assert.equal(await text('#who'), 'Sign in');
  await page.click('#who');
  await page.waitForSelector('#people[open] #p-user');
  await page.evaluate(axe);
  assert.deepEqual(await findings(), []);
  muted = true; // the browser tells of each 401
  await page.fill('#p-user', 'alice');
  for (const [password, says] of [['wrong', /not right/], ['too soon', /Again in 4 s/]]) {
    await page.fill('#p-password', password);
    await page.keyboard.press('Enter');
    await until(s => new RegExp(s).test(document.querySelector('#p-said').textContent), says.source);
  }
  await page.fill('#p-password', 'correct horse');
  await page.keyboard.press('Enter');
  await until(() => /alice/.test(document.querySelector('#who').textContent));
  assert.equal(await count('#people[open]'), 0);
  await page.click('#who');
  await page.waitForSelector('#people[open] #p-fresh');
  await page.evaluate(axe);
  assert.deepEqual(await findings(), []);
  await page.fill('#p-fresh', 'short');
  await page.keyboard.press('Enter');
  await until(() => /10 to 128/.test(document.querySelector('#p-said').textContent));
  await page.fill('#p-fresh', 'battery staple');
  await page.keyboard.press('Enter');
  await until(() => /is set/.test(document.querySelector('#p-said').textContent));
  await page.click('#p-out');
  await until(() => document.querySelector('#who').textContent === 'Sign in');
  // a link signs in once, and is not left in the address
  await page.goto('about:blank');
  await page.goto(`${base}#link=once`);
  await until(() => /alice/.test(document.querySelector('#who')?.textContent ?? ''));
  assert.equal(await hash(), '#/now');
  await page.evaluate(() => (location.hash = '#link=once'));
  await until(() => document.querySelector('#people[open]'));
  assert.equal(await hash(), '#/now');
  await page.keyboard.press('Escape');
  assert.equal(await count('#people[open]'), 0);
  muted = false;
});

test('alerts: shown when there are any, acknowledged by who may', {skip: process.env.DETENTE_URL ? 'set by the stub' : false}, async () => {
  await openAt();
  assert.equal(await count('#open-alerts'), 0);
  stub.alert(7, 'warning');
  stub.alert(8, 'critical');
  await until(() => document.querySelector('#open-alerts')?.textContent === '2 alerts');
  stub.session = {user: '', role: '', kind: '', until: ''};
  await openAt();
  await page.click('#open-alerts');
  await page.waitForSelector('#alerts[open] li');
  assert.equal(await count('#alerts li.firing'), 2);
  assert.match(await text('#alerts li'), /critical.*north-8.*900 s.*<b>the sensor<\/b>/is);
  assert.equal(await count('#alerts [data-ack]'), 0);
  assert.match(await text('#alerts'), /Sign in to do so/);
  await page.evaluate(axe);
  assert.deepEqual(await findings(), []);
  await page.click('#alerts [data-close]');
  await page.click('#who');
  await page.fill('#p-user', 'alice');
  await page.fill('#p-password', 'correct horse');
  await page.keyboard.press('Enter');
  await until(() => /alice/.test(document.querySelector('#who').textContent));
  await page.click('#open-alerts');
  await page.waitForSelector('#alerts [data-ack="7"]');
  await page.evaluate(axe);
  assert.deepEqual(await findings(), []);
  await page.click('#alerts [data-ack="7"]');
  await until(() => document.querySelectorAll('#alerts li.acknowledged').length === 1);
  assert.match(await text('#alerts li.acknowledged'), /seen by alice/);
  assert.match(await text('#a-said'), /in the log/);
  await until(() => document.querySelector('#open-alerts').textContent === '1 alert');
  // what changes elsewhere is shown while it is open
  stub.alert(9, 'info');
  await until(() => document.querySelectorAll('#alerts li.firing').length === 2);
  stub.alert(null);
  await until(() => /Nothing is open/.test(document.querySelector('#alerts').textContent));
  assert.equal(await count('#alerts li.resolved'), 3);
  await page.keyboard.press('Escape');
  await until(() => !document.querySelector('#open-alerts'));
  stub.session = {user: '', role: '', kind: '', until: ''};
  stub.alerts = [];
});

test('a node that shows nothing without a person', {skip: process.env.DETENTE_URL ? 'set by the stub' : false}, async () => {
  muted = true;
  stub.state.closed = true;
  stub.session = {user: '', role: '', kind: '', until: ''};
  await page.goto('about:blank');
  await page.goto(base);
  await page.waitForSelector('#people[open] #p-user');
  assert.match(await text('#headline'), /Sign in to see/);
  await page.keyboard.press('Escape');
  assert.equal(await count('#people[open]'), 1);
  await page.fill('#p-user', 'alice');
  await page.fill('#p-password', 'correct horse');
  await page.keyboard.press('Enter');
  await until(() => /LIVE/.test(document.querySelector('.live')?.textContent ?? ''));
  assert.match(await text('#who'), /alice/);
  await page.click('#who');
  await page.click('#p-out');
  await page.waitForSelector('#people[open] #p-user');
  stub.state.closed = false;
  muted = false;
});

test('no other host was asked, no policy broken, no error in the console', () => {
  assert.deepEqual([...hosts], [new URL(base).host]);
  assert.deepEqual(faults, []);
});
