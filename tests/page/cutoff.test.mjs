// Cuts, against the stub with what the program reckons of a made-up world: each figure is the program's own, the view says what it
// means; its structure against a golden (DETENTE_GOLDENS=write), axe in both themes, by keyboard, on a phone; and what is missing.
import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, beforeEach, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser, watch} from './browser.mjs';
import {startStub} from './stub.mjs';
import {kept, PROGRAM} from './synthetic-cutoff.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const golden = fileURLToPath(new URL('goldens/cutoff.txt', import.meta.url));
const FIRST = 60_000; // bytes of the first load, gzip
let stub, browser, page, made;
const faults = [],
  hosts = new Set();

before(async () => {
  assert.ok(existsSync(PROGRAM), `no ${PROGRAM}: build it first, or name it by DETENTE=`);
  made = kept();
  stub = await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
  browser = await startBrowser();
  page = await browser.context.newPage();
  await watch(page, hosts, faults);
});
after(async () => {
  await browser?.close();
  await stub?.close();
});
beforeEach(() => {
  stub.cutoff = structuredClone(made);
});

const text = async q => (await page.locator(q).first().innerText()).replace(/\s+/g, ' ');
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 20_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
async function openAt(query = 'theme=dark', more = '', ready = '#cut-cells [aria-labelledby=c-cr]') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}#/cutoff${more}`);
  await page.waitForSelector('.live .dot');
  await page.waitForSelector(ready);
}
const whole = ppm => String(ppm < 1e6 ? Math.min(99, Math.round(ppm / 1e4)) : 100);
const range = list => {
  const [a, b] = [Math.min(...list), Math.max(...list)].map(whole);
  return a === b ? a : `${a}–${b}`;
};
const row = cc => made.world.countries.find(r => r.country === cc);
const rows = q => page.$$eval(`${q} tbody tr`, l => l.map(e => e.innerText.replace(/\s+/g, ' ')));

test('the made-up world is one in which the assumption decides, networks are alone, and failures strand', () => {
  const r = row('XN');
  assert.ok(r.strict_pairs_ppm[0] < r.strict_pairs_ppm[2], 'a range');
  assert.ok(r.islands > 1 && r.singleton_islands > 0 && made.XN.critical.length > 5 && made.XN.links.length > 3 && made.XN.stranded_count > 0);
});

test('the answer first: a range, services that stop, and of what day it is', async () => {
  await openAt();
  const [a, b] = [row('XN').strict_pairs_ppm[0], row('XN').strict_pairs_ppm[2]].map(whole);
  await shows('#headline', new RegExp(`^If Northland is cut off, ${a} to ${b} of 100 pairs inside still reach each other; two services stop at once\\.$`));
  assert.match(await text('#kick'), new RegExp(`^Cut-off, topology of 1 Jan 2026, ${made.world.networks} networks$`));
  assert.equal(await page.title(), 'Cut-off · detente · Northland');
});

test('services stop only in the sentence of the home that they were audited for', async () => {
  const stops = /two services stop at once\.$/,
    silent = /still reach each other\.$/;
  const rules = stub.cutoff.services.home;
  for (const [home, own, cc, re] of [
    [rules, '', 'XN', silent],
    [rules, 'XN', 'XE', silent],
    [['XE', ...rules], '', 'XE', stops],
    [['XE', ...rules], 'XN', 'XN', silent],
    [['!XN', ...rules], 'XN', 'XN', stops]
  ]) {
    stub.cutoff.services.home = home;
    stub.cutoff.world.home = own;
    await openAt('theme=dark', `?cc=${cc}`);
    await shows('[aria-labelledby=c-br]', /Ministry single sign-on/);
    await shows('#headline', re);
  }
});

test('reach before and after: the figures of the program, after as a range, outside to inside nothing', async () => {
  await openAt();
  const got = await rows('#cut-cells .reach'),
    p = made.XN.presence;
  const line = (name, key) => `${name} ${(Math.round(made.XN.before[key] / 1e3) / 10).toFixed(1)} ${range(p.map(x => x[key]))}`;
  assert.deepEqual(got.slice(0, 3), [
    line('inside, contracts of today', 'strict_pairs_ppm'),
    line('inside, weighted by address', 'strict_addresses_ppm'),
    line('inside, emergency transit', 'component_pairs_ppm')
  ]);
  assert.match(got[3], /^outside to inside \d+\.\d 0$/);
  assert.match(await text('[aria-labelledby=c-re]'), /from no foreign network staying up to those with 5 or more neighbours at home.*so inside is a lower bound\./);
});

test('figures are rounded as by the program, and what is not whole is not called so', async () => {
  stub.cutoff.world.countries.find(r => r.country === 'XN').strict_pairs_ppm = [579_600, 996_000, 999_900];
  stub.cutoff.XN.before.strict_pairs_ppm = 995_600;
  stub.cutoff.XN.presence.forEach((p, i) => (p.strict_pairs_ppm = [579_600, 996_000, 999_900][i]));
  await openAt();
  await shows('#headline', /^If Northland is cut off, 58 to 99 of 100 pairs/);
  assert.equal((await rows('#cut-cells .reach'))[0], 'inside, contracts of today 99.6 58–99');
  await openAt('theme=dark', '?map=table');
  assert.match((await rows('[aria-labelledby=c-re]')).join('; '), / 58\.0 %/);
});

test('islands, critical failures with their cure, links, and who is stranded abroad', async () => {
  await openAt();
  const r = row('XN');
  assert.match(await text('[aria-labelledby=c-is]'), new RegExp(`${r.islands} islands, ${r.singleton_islands} of them a single network; ${made.XN.stranded_count} foreign network`));
  assert.match(await page.getAttribute('.isl', 'aria-label'), new RegExp(`^${r.islands} islands: the largest has ${r.largest_island} networks, ${r.singleton_islands} are single networks$`));
  const crit = await rows('#cut-cells .crit');
  assert.equal(crit.length, 5);
  made.XN.critical.slice(0, 5).forEach((c, i) => {
    const name = c.kind === 'link' ? `link AS${c.asn}–AS${c.carries}` : `AS${c.asn}`;
    assert.equal(crit[i], `${name} ${c.country} ${(Math.round(c.stranded_ppm / 1e3) / 10).toFixed(1)} % ${c.cure}`);
  });
  const links = await rows('[aria-labelledby=c-li]');
  assert.equal(links.length, made.XN.links.length);
  assert.match(links[0], new RegExp(`^AS${made.XN.links[0].a.asn} – AS${made.XN.links[0].b.asn} \\+${made.XN.links[0].gain} `));
  assert.match(await text('[aria-labelledby=c-st]'), /lose.*way through Northland\. Pairs abroad that reach each other: \d+\.\d % before, \d+\.\d % after\./);
});

test('what breaks when: at once, surely until, not known, and never; foreign text as text', async () => {
  await openAt();
  const got = await rows('#cut-cells .gantt');
  assert.deepEqual(got, [
    'Ministry single sign-on identity provider abroad at once',
    'Payments <b>gateway</b> host abroad at once',
    'Tax portal certificate, not known where at once or later: not known',
    'Grid operator VPN time source 69 d',
    'Duty desk, CERT all inside keeps working'
  ]);
  assert.equal(await count('.gantt .run path'), 3, 'a cross for each that surely breaks');
  assert.equal(await count('.gantt .run line'), 1, 'a thin line for what may hold');
  assert.equal(await count('.gantt .v-over'), 2);
});

test('what to move home: the curve, its steps, and what they add up to', async () => {
  await openAt();
  const p = made.services.plan;
  assert.match(await text('#c-mv'), new RegExp(`of ${p.services}$`));
  assert.equal(await count('.curve circle'), p.steps.length);
  assert.match(await page.getAttribute('.curve', 'aria-label'), new RegExp(`${p.already} of ${p.services} now, ${p.steps.at(-1).services_so_far} after ${p.steps.length} steps`));
  const steps = await page.$$eval('.steps li', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(steps.length, p.steps.length);
  assert.ok(steps.some(t => /^find out: certificate Foreign CA \+1$/.test(t)), steps.join('; '));
});

test('lines of the curve are where their figures say', async () => {
  for (const [services, want] of [
    [3, [0, 1, 3]],
    [4, [0, 2, 4]],
    [1, [0, 1]]
  ]) {
    stub.cutoff.services.plan.services = services;
    await openAt();
    const got = await page.$$eval('.curve .gr', l => l.map(e => [Number(/ ([\d.]+)H/.exec(e.getAttribute('d'))[1]), Number(e.nextElementSibling.textContent)]));
    assert.deepEqual(got.map(g => g[1]), want);
    const [zero, all] = [got[0][0], got.at(-1)[0]];
    for (const [y, n] of got) assert.ok(Math.abs(y - (zero + ((all - zero) * n) / services)) < 0.1, `${n} of ${services} at ${y}`);
  }
});

test('another country is cut from the list, by the address, and the sentence follows', async () => {
  await openAt();
  await page.click('.pick [data-act="cc=XE"]');
  await until(() => location.hash.includes('cc=XE'));
  await shows('#headline', /^If Eastholm is cut off, .* still reach each other\.$/);
  await until(() => document.querySelector('.pick [data-act="cc=XE"]')?.getAttribute('aria-pressed') === 'true');
  assert.equal(await text('.pick [data-act="cc=XE"] b'), range(row('XE').strict_pairs_ppm));
  assert.deepEqual(await page.$$eval('.pick button', l => l.map(e => e.getAttribute('data-act')).slice(0, 2)), ['cc=XN', 'cc=XS'], 'home first, then the largest');
  await page.goBack();
  await shows('#headline', /^If Northland is cut off/);
  await until(() => !/was not kept/.test(document.querySelector('#cut-picks').textContent));
  for (const map of ['map', 'table']) {
    await openAt('theme=dark', `?cc=QQ&map=${map}`);
    await shows('#headline', /^If Northland is cut off/);
    await shows('#cut-picks', /^QQ was not kept: .* This is Northland\./);
  }
});

test('a click on the map cuts, the arrow keys read out, Enter cuts, and shades follow the choice', async () => {
  await openAt();
  const box = page.locator('#cut-map');
  await box.focus();
  await page.keyboard.press('ArrowRight');
  await shows('#cut-read', /^Southmark90 networks; 100\.0.% of pairs before, .*% when cut off$/);
  await page.keyboard.press('Enter');
  await until(() => location.hash.includes('cc=XS'));
  await shows('#headline', /^If Southmark is cut off/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'cut-map', 'focus stays');
  // the place of Eastholm, found as a pointer would find it
  const b = await box.boundingBox();
  let hit = null;
  for (let y = 8; y < b.height && !hit; y += 4)
    for (let x = 8; x < b.width && !hit; x += 4) {
      await page.mouse.move(b.x + x, b.y + y);
      if (/^Eastholm/.test(await page.locator('#cut-read').innerText())) hit = [b.x + x, b.y + y];
    }
  assert.ok(hit, 'Eastholm is on the map');
  await page.mouse.click(...hit);
  await until(() => location.hash.includes('cc=XE'));
  const shot = () => page.evaluate(() => document.querySelectorAll('#cut-map canvas')[1].toDataURL());
  await page.mouse.move(2, 2);
  const one = await shot();
  await page.click('#cut-tools [data-act="stay=before"]');
  await until(() => location.hash.includes('stay=before'));
  await until(was => document.querySelectorAll('#cut-map canvas')[1].toDataURL() !== was, one);
  assert.deepEqual(await page.$$eval('#cut-tools button', l => l.map(e => e.innerText)), ['before', 'none stay', '20+ stay', '5+ stay']);
});

test('everything as tables: all countries sorted, each assumption by itself, members of islands, costs', async () => {
  await openAt();
  await page.keyboard.press('t');
  await page.waitForSelector('#cut-picks table');
  assert.match(await hash(), /map=table/);
  const all = await rows('#cut-picks');
  assert.equal(all.length, made.world.countries.length);
  assert.match(all[0], /^Southmark XS 90 100\.0 % /);
  await page.click('#cut-picks [data-act="sort=reach"]');
  await until(() => location.hash.includes('sort=reach'));
  const least = [...made.world.countries].sort((a, b) => a.strict_pairs_ppm[0] - b.strict_pairs_ppm[0])[0].country;
  await until(cc => document.querySelector('#cut-picks tbody tr')?.dataset.k === cc, least);
  assert.equal(await page.getAttribute('#cut-picks th:nth-child(4)', 'aria-sort'), 'descending');
  await page.click('#cut-picks tr[data-k=XE] button');
  await until(() => document.querySelector('#cut-picks tr.sel')?.dataset.k === 'XE');
  await until(n => document.querySelectorAll('[aria-labelledby=c-re] tbody tr').length === n, 1 + made.XE.presence.length); // the answer of the country chosen
  const reach = await rows('[aria-labelledby=c-re]');
  assert.match(reach[1], /^no foreign network stays \d/);
  assert.equal((await rows('[aria-labelledby=c-is]')).length, Math.min(20, made.XE.islands.length));
  assert.equal((await rows('.mv-t')).length, made.services.plan.steps.length);
  assert.equal((await rows('[aria-labelledby=c-st]')).length, Math.max(1, made.XE.stranded.length));
});

test('what it rests on is always said, with files and hashes', async () => {
  await openAt();
  const said = await text('[aria-labelledby=c-on]');
  assert.match(said, /Country is where the owner of a network is registered, not where a router stands\..*reach inside is a lower bound\..*therefore ranges\./);
  assert.match(said, new RegExp(`from ${made.world.networks} networks, .* SHA-256 ${made.world.sha256.slice(0, 12)}`));
  await page.click('[aria-labelledby=c-on] summary');
  assert.deepEqual((await rows('[aria-labelledby=c-on]')).map(r => r.split(' ')[0]), ['20260101.rel', 'cc', 'v4']);
});

test('names of others are text, and cut where they are long', async () => {
  const evil = '<img src=x onerror=alert(1)>\u202e' + 'long '.repeat(60);
  for (const n of [stub.cutoff.XN.critical[0], stub.cutoff.XN.stranded[0], stub.cutoff.XN.links[0].a, stub.cutoff.XN.islands[0].members[0]]) n.name = evil;
  stub.cutoff.services.list[0].name = evil;
  stub.cutoff.services.plan.steps[0].what[0].what = evil;
  for (const map of ['map', 'table']) {
    await openAt('theme=dark', `?map=${map}`);
    await shows('#cut-cells', /<img src=x/);
    assert.equal(await count('#cutoff img'), 0);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${map}: ${over} px sideways`);
  }
});

test('what is missing says what to do: nothing kept, no audit, another survey, an answer that does not come', async () => {
  stub.cutoff = null;
  await openAt('theme=dark', '', '#cut-none:not([hidden])');
  await shows('#headline', /^No cut has been reckoned on this node\.$/);
  await shows('#cut-none', /detente topology import.*detente cutoff keep/);
  stub.cutoff = structuredClone(made);
  delete stub.cutoff.services;
  stub.cutoff.XE.sha256 = 'f'.repeat(64);
  await openAt();
  await shows('#headline', /still reach each other\.$/);
  await shows('[aria-labelledby=c-br]', /detente cutoff keep --services FILE/);
  await openAt('theme=dark', '?cc=XE', '[aria-labelledby=c-re] .empty');
  await shows('[aria-labelledby=c-re]', /is of another survey/);
  delete stub.cutoff.XE;
  await openAt('theme=dark', '?cc=XE', '[aria-labelledby=c-re] .empty');
  await shows('[aria-labelledby=c-re]', /There is no file of this country/);
  await page.route('**/api/v1/cutoff', r => r.fulfill({status: 503, body: 'the node is <b>busy</b>'}));
  await openAt('theme=dark', '', '#cut-none:not([hidden])');
  await shows('#headline', /This could not be had: the node is <b>busy<\/b>/);
  await page.unroute('**/api/v1/cutoff');
  await shows('#headline', /^If Northland/);
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
    [...document.querySelectorAll('#cutoff, #cutoff section, #cutoff h2, #cutoff ul, #cutoff ol, #cutoff table, #cutoff caption, #cutoff th[scope=col], #cutoff svg[role], #cut-map, #side .seg, #side button, #cut-tools button')]
      .map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('role') ? `[${e.getAttribute('role')}]` : ''))
      .join('\n') + '\n'
  );

test('the same structure in both themes and three languages, and no finding of axe, as pictures and as tables, also with forced colours', async () => {
  const own = {};
  for (const theme of ['dark', 'light'])
    for (const lang of ['en', 'ru', 'zh']) {
      await openAt(`theme=${theme}&lang=${lang}`, '?cc=XE');
      own[`${theme} ${lang}`] = await outline();
      assert.deepEqual(await findings(), [], `${theme} ${lang}`);
      await openAt(`theme=${theme}&lang=${lang}`, '?cc=XE&map=table');
      assert.deepEqual(await findings(), [], `${theme} ${lang} as tables`);
      assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 1500, 'nodes');
    }
  const [first] = Object.values(own);
  for (const k in own) assert.equal(own[k], first, k);
  if (process.env.DETENTE_GOLDENS === 'write') writeFileSync(golden, first);
  assert.ok(existsSync(golden), 'no golden: DETENTE_GOLDENS=write');
  assert.equal(first, readFileSync(golden, 'utf8'), 'DETENTE_GOLDENS=write when it is meant');
  await page.emulateMedia({forcedColors: 'active'});
  await openAt('theme=dark', '?cc=XE');
  assert.deepEqual(await findings(), [], 'forced colours');
  await page.emulateMedia({forcedColors: 'none'});
});

test('on a phone and at 200 % nothing is lost, from right to left neither', async () => {
  for (const [width, height] of [[390, 844], [720, 450]]) {
    await page.setViewportSize({width, height});
    for (const query of ['theme=light&lang=ru', 'theme=dark&dir=rtl'])
      for (const map of ['map', 'table']) {
        await openAt(query, `?map=${map}`);
        assert.deepEqual(await findings(), [], `${width} ${query} ${map}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${width} ${query} ${map}: ${wide} px sideways`);
      }
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test('nothing moves, and nothing is left running when another view is shown', async () => {
  await openAt();
  const frames = () => page.evaluate(() => new Promise(done => setTimeout(() => done(document.querySelectorAll('#cut-map canvas')[2]?.toDataURL()), 400)));
  assert.equal(await frames(), await frames());
  await page.click('.views a[href^="#/now"]');
  await page.waitForSelector('#map canvas');
  assert.ok(await page.evaluate(() => document.querySelector('#cutoff').hidden));
  await page.goBack();
  await page.waitForSelector('#cut-cells .reach');
  await until(() => document.querySelectorAll('#cut-map canvas')[0]?.width > 100);
});

test('by keyboard alone: there, another country, its assumption, tables', async () => {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?theme=dark#/now`);
  await page.waitForSelector('.views a[href^="#/cutoff"]');
  const to = async (q, most = 80) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(s => document.activeElement?.matches(s), q)) return;
    }
    assert.fail(`${q} is not reached`);
  };
  await to('.views a[href^="#/cutoff"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#cut-cells .reach');
  await to('#cut-tools [data-act="stay=2"]');
  await page.keyboard.press('Enter');
  await until(() => location.hash.includes('stay=2'));
  await to('.pick [data-act="cc=XW"]');
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth), '3px');
  await page.keyboard.press('Enter');
  await shows('#headline', /^If Westvale/);
  await until(() => document.activeElement?.getAttribute('data-act') === 'cc=XW'); // focus stays
  await page.keyboard.press('t');
  await page.waitForSelector('#cut-picks table');
});

test('the view comes on demand: the first load stays what it is', async () => {
  const seen = [];
  const note = r => seen.push(new URL(r.url()).pathname);
  page.on('response', note);
  await page.goto('about:blank');
  await page.goto(`${stub.url}?theme=dark#/now`);
  await page.waitForSelector('.live .dot');
  await page.waitForTimeout(500);
  page.off('response', note);
  const loaded = [...new Set(seen.filter(p => p === '/' || p.startsWith('/assets/')))];
  const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
  const bytes = loaded.reduce((s, p) => s + readFileSync(`${dist}${p === '/' ? '/index.html' : p}.gz`).length, 0);
  assert.ok(bytes <= FIRST, `${bytes} bytes`);
  assert.ok(loaded.every(p => !readFileSync(`${dist}${p === '/' ? '/index.html' : p}`, 'utf8').includes('strict_pairs_ppm')), 'no code of cuts in it');
});

test('no other host was asked, no policy broken, no error in the console', () => {
  assert.deepEqual([...hosts].filter(h => h !== new URL(stub.url).host && h !== ''), []);
  assert.deepEqual(faults, []);
});
