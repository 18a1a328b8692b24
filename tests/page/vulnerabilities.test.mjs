// Vulnerabilities, against the stub: the answer first, rows in the order to act, why one is due when it is, filters in the address,
// what it says when something is missing; its choosing as functions of their own; its structure against a golden
// (DETENTE_GOLDENS=write), axe, by keyboard alone, on a phone.
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
import {NONE, Pacts} from './synthetic-incidents.mjs';
import {NOTHING, vulnerabilities, vulnerability} from './synthetic-vulnerabilities.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const golden = fileURLToPath(new URL('goldens/vulnerabilities.txt', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'detente-vuln-'));
const VPN = 'CVE-2099-0001',
  WEB = 'CVE-2099-0003',
  ODD = 'CVE-2099-0012',
  PATH = /\/api\/v1\/vulnerabilities$/,
  ONE = /\/api\/v1\/vulnerabilities\/CVE/;
let stub, browser, page, select;
const faults = [],
  hosts = new Set();

before(async () => {
  const out = join(dir, 'select.mjs'),
    from = fileURLToPath(new URL('../../web/src/vulnerabilities/select.ts', import.meta.url));
  writeFileSync(out, (await build({entryPoints: [from], bundle: true, format: 'esm', write: false})).outputFiles[0].text);
  select = await import(pathToFileURL(out));
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
  stub.vulnerabilities = vulnerabilities(Date.now());
});

const text = async q => (await page.locator(q).first().innerText()).replace(/\s+/g, ' ');
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 20_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
const rows = () => page.$$eval('#vuln .tall tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
const order = () => page.$$eval('#vuln .tall tbody tr', l => l.map(e => e.dataset.k));
const showsRows = list => until(want => [...document.querySelectorAll('#vuln .tall tbody tr')].map(e => e.dataset.k.slice(-2)).join() === want, list.join());
async function openAt(query = 'theme=dark', more = '', ready = '#vuln .tall tbody tr .rowb') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}#/vulnerabilities${more}`);
  await page.waitForSelector('.live .dot');
  await page.waitForSelector(ready);
}
/** With the columns of counterparts, which come with the pacts, and the drawer. */
async function whole(query, more) {
  await openAt(query, more);
  await page.waitForSelector('.views a[href^="#/pact"]');
  await page.waitForSelector('#v-drawer .why');
}

// ---- choosing

test('rows by own, known exploited, seen here, words, and where attempts come from', () => {
  const {list} = vulnerabilities(Date.now()),
    nos = want => select.kept(list, {only: [], find: '', from: null, ...want}).map(r => +r.cve.slice(-4)),
    from = more => ({country: '', asn: -1, networks: null, outside: null, ...more});
  assert.deepEqual(nos({}), [3, 1, 6, 11, 12, 2, 5], 'as the node orders them');
  assert.deepEqual(nos({only: ['ours']}), [3, 1, 6, 11, 12]);
  assert.deepEqual(nos({only: ['kev', 'seen']}), [1, 2]);
  assert.deepEqual(nos({find: 'Server MAIL'}), [2], 'each word, in any order, in any case');
  assert.deepEqual(nos({find: '2099-001'}), [11, 12]);
  assert.deepEqual(nos({from: from({country: 'XS'})}), [1]);
  assert.deepEqual(nos({from: from({asn: 65537})}), [3]);
  assert.deepEqual(nos({from: from({networks: new Set([64511, 65545])})}), [1, 5]);
  assert.deepEqual(nos({from: from({outside: new Set([65537, 65538, 65539, 65545])})}), [1]);
  assert.equal(select.maybe(list, {only: [], find: '', from: from({asn: 1})}), 1, 'one row has more networks than it names');
  assert.equal(select.maybe(list, {only: [], find: '', from: null}), 0);
});

test('what is wanted stands in the address in one order, and is taken out as it was put in', () => {
  assert.deepEqual(select.onlyOf('seen,ours,<b>,'), ['ours', 'seen']);
  assert.equal(select.toggled(['seen'], 'ours'), 'ours,seen');
  assert.equal(select.toggled(['ours', 'seen'], 'ours'), 'seen');
  assert.equal(select.toggled(['seen'], 'seen'), '');
});

test('a date holds until its day ends; soon is within two days', () => {
  const d = due => ({days: 3, due, over: false, forensic: false}),
    noon = Date.parse('2099-06-17T12:00:00Z');
  assert.equal(select.endOf(d('2099-06-17')), Date.parse('2099-06-18T00:00:00Z'));
  for (const [due, soon] of [['2099-06-16', false], ['2099-06-17', true], ['2099-06-19', true], ['2099-06-20', false]]) assert.equal(select.isSoon(d(due), noon), soon, due);
  assert.equal(select.isSoon({...d(''), days: 0}, noon), false, 'with the next upgrade is no day');
});

// ---- the view

test('the answer first: past, due, attacked now; what is past has the one hue', async () => {
  await whole();
  assert.equal(await text('#headline'), 'Three of our machines are past their date, twelve due within two days; two of our vulnerabilities are being attacked now.');
  assert.match(await text('#kick'), /^Vulnerabilities, newest inventory of \d+ \w+ \d{4} \d\d:\d\d UTC$/);
  assert.equal(await page.title(), 'Vulnerabilities · detente · Northland');
  assert.deepEqual(await page.$$eval('.views a', l => l.map(a => a.textContent)), ['Now', 'Incidents', 'Pact', 'World', 'Vulnerabilities', 'Exchange', 'Cut-off', 'Log and sensors']);
  const marks = await page.$$eval('#vuln .v', l => l.map(e => [e.className, e.textContent, Boolean(e.querySelector('svg'))]));
  assert.deepEqual(marks.map(m => m[0]), ['v v-over', 'v v-over', 'v v-over']);
  assert.ok(marks.every(m => m[2] && /past/.test(m[1])), 'never a hue without its shape and word');
  const hues = await page.$$eval('#vuln *', l => {
    const coloured = c => {
      const [r, g, b] = c.match(/[\d.]+/g).map(n => Number(n) * (c.startsWith('color(') ? 255 : 1));
      return Math.max(r, g, b) - Math.min(r, g, b) > 70;
    };
    return l.filter(e => !e.closest('.v') && [getComputedStyle(e).color, getComputedStyle(e).backgroundColor].some(coloured)).map(e => e.outerHTML.slice(0, 80));
  });
  assert.deepEqual(hues, [], 'nothing else has a hue');
});

test('rows in the order to act: KEV, EPSS, alerts, origins, own, a column for each counterpart, deadline, risk', async () => {
  await whole();
  assert.deepEqual(await page.$$eval('#vuln .tall thead th', l => l.map(e => e.innerText)), ['CVE and name', 'KEV', 'EPSS', 'Alerts 24 h', 'Origins', 'Ours', 'Eastholm', 'Southmark', 'Deadline', 'Risk']);
  const all = await rows();
  assert.match(all[0], /^CVE-2099-0003 web framework no 0\.12 71 9 last hour 2 networks XB 3 1 hit no no past by \d+ h \d+ \w+ 68$/);
  assert.match(all[1], /^CVE-2099-0001 edge VPN gateway KEV ransomware 0\.94 1 184 214 last hour 3 networks XG XS XA 12 2 hit no seen proved within 3 d \d+ \w+( \d{4})? 100$/);
  assert.match(all[2], /^CVE-2099-0006 print spooler KEV 0\.63 none not seen here 4 seen no proof seen proved within 14 d .* 46$/);
  assert.match(all[4], /^CVE-2099-0012 .* no – none not seen here 1 no no on upgrade 4$/);
  assert.match(all[5], /CVE-2099-0002 mail server KEV 0\.71 212 40 last hour 2 networks XC XM 0 no seen proved none of ours –$/);
  assert.match(all[6], /^CVE-2099-0005 no name known .* none of ours –$/);
  assert.doesNotMatch(await text('#vuln'), /attacked by|attacks? (from|by) \w+mark/i, 'an origin is no culprit');
  assert.match(await text('#vuln .v-list'), /Where the source address is registered or hosted; not who is behind it\./);
  assert.equal(await count('#vuln .tall .spark[aria-hidden=true]'), 4, 'a picture only where there is something');
});

test('the first row’s reasons stand beside it; a row shows its own, in the address, and Esc goes back', async () => {
  await whole();
  assert.match(await text('#v-why'), /CVE-2099-0003 web framework/);
  await page.click(`#vuln tr[data-k=${VPN}] .rowb`);
  await until(() => location.hash.includes('sel=cve:CVE-2099-0001'));
  await shows('#v-why', /edge VPN gateway/);
  await shows('#v-drawer', /BOD 26-04/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.act), `sel=cve:${VPN}`, 'beside the list the focus stays in it');
  const said = await text('#v-drawer');
  assert.match(said, /Known exploited KEV since \d+ \w+( \d{4})?, ransomware Exposed yes, open Automatable yes Technical impact total SSVC decision immediate BOD 26-04, row 16 within 3 d: .* A forensic investigation is due\. As for vpn-gw-01/);
  assert.match(said, /risk 100 Factors of the risk Factor As a bar Value Source and date EPSS 0\.94 EPSS, .* counterparts 0\.80 a counterpart, .* threat 1\.00 seen here, .* severity 0\.98 CVSS, .* exposure 1\.00 .* criticality 1\.00 .* known exploited 1\.10 KEV, .* hit here 1\.25 seen here/);
  assert.match(said, /vpn-gw-01 grid operator 9\.1\.4 vpn-server 9\.1\.6 affected hit while vulnerable/);
  assert.match(said, /vpn-gw-07 owner not named 9\.1\.2 vpn-server 9\.1\.6 fixed hit, mended/);
  assert.match(said, /vpn-lab-1 больница unknown vpn-server not known affected hit, unknown whether vulnerable/, 'never as safe');
  assert.match(said, /7 more\. Inventory and findings never leave this node\./);
  assert.match(said, /Seen here in 24 h: 1 184 alerts .* hit while vulnerable 1 000 unknown whether vulnerable 84 mended 100/);
  assert.match(said, /AS65541 Specimen <b>Servers<\/b> XG 900 .*Southmark \d+ .* UTC.*, proved, 12 alerts/);
  assert.match(said, /Severity 9\.8 critical, CVSS 3\.1 Vector CVSS:3\.1\/AV:N.* Weakness CWE-787 .*for US agencies due.* Published .* Modified .* Sources NVD 2\.0 .* CVE v5, SSVC/);
  assert.equal(await page.$eval('#v-drawer .v-mach tr:nth-child(4) td:last-child b', e => e.textContent), 'hit, unknown whether vulnerable');
  await page.keyboard.press('Escape');
  await until(() => !location.hash.includes('sel='));
  await shows('#v-why', /web framework/);
});

test('what is unknown is taken as the worse, and says so; what is past says it twice', async () => {
  await openAt('theme=dark', `?sel=cve:${ODD}`);
  await shows('#v-drawer', /Exposed/);
  const said = await text('#v-drawer');
  assert.match(said, /Exposed unknown, taken as the worse Automatable unknown, taken as the worse Technical impact total SSVC/);
  assert.match(said, /EPSS 1\.00 unknown, taken as the worse .* severity 1\.00 unknown, taken as the worse/);
  assert.match(said, /Severity unknown Vector – .* EPSS unknown/);
  await page.click(`#vuln tr[data-k=${WEB}] .rowb`);
  await shows('#v-drawer .res', /BOD 26-04, row 16.*past by/);
  await page.click('#vuln tr[data-k=CVE-2099-0002] .rowb');
  await shows('#v-drawer', /none of ours.*None has it, as far as inventories tell/);
});

test('one that nobody spoke of, one that cannot be had, and one that is old', async () => {
  await openAt('theme=dark', '?sel=cve:CVE-2099-9999');
  await shows('#v-drawer', /No feed and no alert here speaks of it/);
  await page.route(ONE, r => r.fulfill({status: 503, body: 'the node is <b>busy</b>'}));
  await openAt('theme=dark', `?sel=cve:${VPN}`);
  await shows('#v-drawer', /This could not be had: the node is <b>busy<\/b>/);
  await page.unroute(ONE);
  await openAt('theme=dark', '?sel=cve:<img src=x>');
  await shows('#v-why', /web framework/);
});

test('foreign text is shown as it is, and does nothing', async () => {
  await openAt('theme=dark', `?sel=cve:${ODD}`);
  await shows('#v-why', /"><img src=x onerror=alert\(1\)>/);
  assert.equal(await count('#vuln img, #vuln script'), 0);
  assert.equal(await text(`#vuln tr[data-k=${ODD}] .ctl`), 'U+202E', 'what turns the line round is seen');
  assert.match(await page.getAttribute(`#vuln tr[data-k=${ODD}] .rowb`, 'title'), /<U\+202E>gnp/);
  await shows('#v-drawer', /A crafted request <script>runs<\/script> code/);
  assert.match(await text('#vuln .feeds'), /11 <i>Jun<\/i>/);
});

test('filters: own, KEV, seen, words; in the address, and back', async () => {
  await openAt();
  assert.deepEqual(await page.$$eval('#vuln .chips .chip', l => l.map(e => e.textContent)), ['only ours5', 'only KEV3', 'only seen here4']);
  await page.click('#vuln [data-k=kev]');
  await showsRows(['01', '06', '02']);
  assert.match(await hash(), /only=kev/);
  assert.equal(await page.getAttribute('#vuln [data-k=kev]', 'aria-pressed'), 'true');
  assert.match(await text('#vuln .v-list .note'), /^3 of 7 match\./);
  await page.click('#vuln [data-k=seen]');
  await showsRows(['01', '02']);
  assert.match(await hash(), /only=kev(,|%2C)seen/);
  await page.goBack();
  await showsRows(['01', '06', '02']);
  await page.click('#vuln [data-k=kev]');
  await showsRows(['03', '01', '06', '11', '12', '02', '05']);
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'v-find');
  await page.keyboard.type('mail s');
  await showsRows(['02']);
  assert.match(await hash(), /find=mail\+s/);
  assert.equal(await page.inputValue('#v-find'), 'mail s', 'the field keeps what is written');
  await page.keyboard.type('zz');
  await shows('#vuln .tall', /Nothing matches the filter/);
  assert.equal(await count('#vuln .tall thead th'), 10, 'heads stay');
  await page.keyboard.press('Escape');
  await showsRows(['03', '01', '06', '11', '12', '02', '05']);
  await openAt('theme=dark', '?find=CVE-2099-001&only=ours');
  await showsRows(['11', '12']);
  assert.equal(await page.inputValue('#v-find'), 'CVE-2099-001');
});

test('the page’s own filter narrows by origins, and says what it cannot do', async () => {
  await whole('theme=dark', '?q=country:XB');
  await showsRows(['03']);
  await page.click('#tokens .tok');
  await showsRows(['03', '01', '06', '11', '12', '02', '05']);
  await page.fill('#q', 'asn:65545');
  await page.keyboard.press('Enter');
  await showsRows(['05']);
  assert.match(await text('#vuln .v-list .note'), /1 left out has more origins than are told here/);
  await whole('theme=dark', '?q=party:southmark');
  await until(() => document.querySelectorAll('#vuln .tall tbody tr').length < 7);
  const of = (await (await fetch(`${stub.url}api/v1/pacts`)).json()).pacts.flatMap(d => d.parties.filter(p => p.id === 'southmark').flatMap(p => p.annexes.at(-1).asns));
  assert.deepEqual(await order(), stub.vulnerabilities.list.filter(r => r.origins.some(o => of.includes(o.asn))).map(r => r.cve).concat(stub.vulnerabilities.list.some(r => r.origins.some(o => of.includes(o.asn))) ? [] : ['-']));
  await whole('theme=dark', '?q=class:exploit');
  await showsRows(['03', '01', '06', '11', '12', '02', '05']);
  await shows('#vuln .v-list .note', /class:exploit says nothing of vulnerabilities and is not applied/);
  await page.click('#v-drawer [data-act="filter=country:XB"]');
  await showsRows(['03']);
  assert.match(await hash(), /country:XB/);
});

test('a long list begins with what is urgent, and the rest is one press away', async () => {
  const [past, vpn] = stub.vulnerabilities.list,
    many = Array.from({length: 30}, (_, i) => ({...(i < 2 ? past : i < 10 ? vpn : stub.vulnerabilities.list[3]), cve: `CVE-2099-${1000 + i}`}));
  stub.vulnerabilities = vulnerabilities(Date.now(), {list: many, total: 412});
  await openAt();
  assert.deepEqual(await order(), many.slice(0, 8).map(r => r.cve), 'the node’s order');
  assert.match(await text('#vuln .v-list .note'), /^The first 30 of 412\./);
  await page.click('#vuln [data-k=more]');
  await until(() => document.querySelectorAll('#vuln .tall tbody tr').length === 30);
  assert.match(await hash(), /all=vulnerabilities/);
  assert.equal(await page.getAttribute('#vuln [data-k=more]', 'aria-expanded'), 'true');
});

test('my exposure: findings by deadline and exposure, and machines that nobody listed', async () => {
  await openAt();
  const all = await page.$$eval('#vuln .heat tr', l => l.map(e => [...e.children].map(c => c.textContent.trim())));
  assert.deepEqual(all, [
    ['Deadline', 'open', 'controlled', 'small', 'unknown'],
    ['past date', '–', '1', '2', '–'],
    ['within 3 d', '9', '3', '–', '–'],
    ['within 14 d', '1', '3', '–', '–'],
    ['within 60 d', '–', '2', '5', '–'],
    ['on upgrade', '4', '31', '118', '1\u2009250']
  ]);
  assert.deepEqual(await page.$$eval('#vuln .heat tbody tr:last-child td', l => l.map(e => e.className)), ['r h2', 'r h3', 'r h4', 'r h4']);
  assert.match(await text('[aria-labelledby=v-ex] .note'), /^312 machines, 178 findings\. Newest inventory .* UTC\. 14 machines without an inventory read unknown\.$/);
});

test('feeds: version, entries, age, what is stale, and each counterpart’s copy', async () => {
  await whole();
  const all = await page.$$eval('#vuln .feeds tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(all[0], 'KEV 2099.06.18 1 412 6 h other version equal');
  assert.equal(all[1], 'EPSS v5 of 18 Jun 340 118 9 h not held equal');
  assert.equal(all[3], 'CVE v5, SSVC 17 Jun 36 003 26 h not held ≠ 3 records differ');
  assert.match(all[4], /^Debian tracker .* 8 d stale not held not held$/);
  assert.equal(all[5], 'OpenVEX southmark-vex, from Southmark seq 18 42 4 d not held not held');
  assert.match(await text('[aria-labelledby=v-fd] .note'), /^1 feed is stale: what came since is not known here\.$/);
  // with one counterpart its name is in the head; with none that is said
  const one = vulnerabilities(Date.now());
  for (const f of one.feeds) f.peers = f.peers.filter(p => p.party === 'southmark');
  for (const r of one.list) r.peers = r.peers.filter(p => p.party === 'southmark');
  stub.vulnerabilities = one;
  stub.pacts = NONE;
  await openAt();
  await shows('#vuln .feeds thead', /Against Southmark's copy/);
  for (const f of one.feeds) f.peers = [];
  for (const r of one.list) r.peers = [];
  await openAt();
  await shows('[aria-labelledby=v-fd]', /There is no counterpart whose copy could be compared/);
});

test('what is missing says what to do: no feed, no inventory, neither, nothing found, an older node', async () => {
  const told = vulnerabilities(Date.now());
  for (const [more, headline, list] of [
    [NOTHING, /^No feed and no inventory was taken in.*detente vuln import takes a feed.*detente inventory collect takes in/, /Nothing to show yet/],
    [{...NOTHING, machines: told.machines}, /^No feed was taken in, so nobody says what is vulnerable\. detente vuln import/, /Nothing to show yet/],
    [{...NOTHING, feeds: told.feeds}, /^No inventory was taken in, so nobody knows which are ours\. detente inventory collect/, /Nothing to show yet/],
    [{...NOTHING, feeds: told.feeds, list: [told.list[5]], total: 1}, /^No inventory was taken in, so nobody knows which are ours; 1 is attacked here\./, /mail server/],
    [{...NOTHING, feeds: told.feeds, machines: told.machines}, /^Nothing known to be vulnerable is installed on our 298 listed machines\. 14 machines without an inventory read unknown\.$/, /no alert names a vulnerability/],
    [{over: 0, soon: 0}, /^None of our machines is past its date, none due within two days; two .* The next is due on \d+ \w+/, /web framework/]
  ]) {
    stub.vulnerabilities = vulnerabilities(Date.now(), more);
    await openAt('theme=dark', '', '#vuln .tall');
    await shows('#headline', headline);
    assert.match(await text('#headline'), headline);
    assert.match(await text('#vuln .tall'), list);
    assert.deepEqual(await findings(), []);
  }
  stub.vulnerabilities = null;
  await openAt('theme=dark', '', '#vuln .empty');
  await shows('#headline', /^This node is of an earlier version and tells nothing of vulnerabilities\.$/);
});

test('what cannot be had is said in the language of the page, and comes when it can; what was had stays', async () => {
  await page.route(PATH, r => r.fulfill({status: 503, body: 'busy'}));
  for (const [lang, re] of [['ru', /узел сейчас не отвечает/], ['zh', /节点目前不应答/], ['en', /busy/]]) {
    await page.goto('about:blank');
    await page.goto(`${stub.url}?lang=${lang}#/vulnerabilities`);
    await shows('#headline', re);
  }
  await page.unroute(PATH);
  await shows('#headline', /Three of our machines/);
});

test('it follows the node, and a page that stands still or is hidden asks nothing', async () => {
  await page.clock.install();
  await openAt();
  await shows('#headline', /^Three/);
  let asked = 0;
  const note = r => PATH.test(r.url()) && asked++;
  page.on('request', note);
  stub.vulnerabilities.over = 1;
  await page.clock.runFor(12_000);
  await shows('#headline', /^One of our machines is past its date/);
  assert.ok(asked >= 1 && asked <= 2, `${asked}`);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', {value: true, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  });
  asked = 0;
  await page.clock.runFor(90_000);
  assert.equal(asked, 0, 'hidden');
  stub.vulnerabilities.over = 2;
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.clock.runFor(12_000);
  await shows('#headline', /^Two of our machines are past their date/);
  page.off('request', note);
});

test('the words count as each language does', async () => {
  const said = {};
  for (const l of ['en', 'ru', 'zh']) {
    const out = join(dir, l + '.mjs'),
      from = fileURLToPath(new URL(`../../web/src/i18n/${l}-vuln.ts`, import.meta.url));
    writeFileSync(out, (await build({entryPoints: [from], bundle: true, format: 'esm', write: false})).outputFiles[0].text);
    said[l] = Object.values(await import(pathToFileURL(out)))[0];
  }
  assert.equal(said.en.headline.main(1, 1, 1), 'One of our machines is past its date, one due within two days; one of our vulnerabilities is being attacked now.');
  assert.equal(said.en.headline.main(0, 0, 0), 'None of our machines is past its date, none due within two days; none of our vulnerabilities was attacked in the last hour.');
  assert.equal(said.en.headline.main(21, 2, 5), '21 of our machines are past their date, two due within two days; five of our vulnerabilities are being attacked now.');
  const ru = n => said.ru.headline.main(n, n, n);
  assert.match(ru(1), /^Срок прошёл у 1 нашей машины; .* у 1; сейчас атакуют 1 нашу уязвимость\.$/);
  assert.match(ru(3), /у 3 наших машин; .* атакуют 3 наши уязвимости\.$/);
  assert.match(ru(5), /у 5 наших машин; .* атакуют 5 наших уязвимостей\.$/);
  assert.match(ru(21), /у 21 нашей машины; .* атакуют 21 нашу уязвимость\.$/);
  assert.equal(said.ru.networks('2', 2), '2 сети');
  assert.equal(said.ru.headline.clean('21', 21), 'На 21 нашей описанной машине не установлено ничего, о чём известна уязвимость.');
  assert.equal(said.zh.headline.main(3, 12, 2), '我方有 3 台机器已过期限；12 台在两天内到期；我方的 2 个漏洞正受到攻击。');
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
    [...document.querySelectorAll('#vuln, #vuln :is(section, aside, h2, h3, h4, ol, ul, dl, dt, table, caption, th, input, button, a, svg), [role=group]')]
      .filter(e => e.closest('#vuln'))
      .map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('role') ? `[${e.getAttribute('role')}]` : ''))
      .join('\n') + '\n'
  );

test('the same structure in both themes and three languages, and no finding of axe, also with forced colours', async () => {
  const own = {};
  for (const theme of ['dark', 'light'])
    for (const lang of ['en', 'ru', 'zh']) {
      await whole(`theme=${theme}&lang=${lang}`, `?sel=cve:${VPN}`);
      await until(() => document.querySelectorAll('#v-drawer h3').length === 4);
      own[`${theme} ${lang}`] = await outline();
      assert.deepEqual(await findings(), [], `${theme} ${lang}`);
      assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 1500, 'nodes');
      assert.doesNotMatch(await text('#vuln'), /undefined|NaN|\[object/, lang);
      const side = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(side <= 0, `${lang}: ${side} px sideways`);
    }
  const [first] = Object.values(own);
  for (const k in own) assert.equal(own[k], first, k);
  if (process.env.DETENTE_GOLDENS === 'write') writeFileSync(golden, first);
  assert.ok(existsSync(golden), 'no golden: DETENTE_GOLDENS=write');
  assert.equal(first, readFileSync(golden, 'utf8'), 'DETENTE_GOLDENS=write when it is meant');
  await page.emulateMedia({forcedColors: 'active'});
  await whole('theme=dark', `?sel=cve:${WEB}`);
  assert.deepEqual(await findings(), [], 'forced colours');
  await page.emulateMedia({forcedColors: 'none', reducedMotion: 'reduce', media: 'print'});
  assert.ok(await page.isVisible('#v-drawer'), 'on paper the reasons stand below');
  await page.emulateMedia({media: null, reducedMotion: null, forcedColors: null});
});

test('where there is no room beside the list the drawer covers it, takes the focus and gives it back', async () => {
  await page.setViewportSize({width: 1200, height: 800});
  await openAt();
  assert.equal(await page.isVisible('#v-drawer'), false);
  await page.click(`#vuln tr[data-k=${VPN}] .rowb`);
  await page.waitForSelector('#v-drawer.open .why');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'v-drawer');
  assert.deepEqual(await findings(), []);
  await page.click('#v-drawer .v-close');
  await until(() => !document.querySelector('#v-drawer.open'));
  await until(act => document.activeElement?.dataset.act === act, `sel=cve:${VPN}`);
  await page.setViewportSize({width: 1440, height: 900});
});

test('on a phone, at 400 % and from right to left nothing goes sideways', async () => {
  for (const [width, height] of [[320, 640], [390, 844], [720, 450], [1100, 800]]) {
    await page.setViewportSize({width, height});
    for (const query of ['theme=light&lang=ru', 'theme=dark&dir=rtl', 'theme=dark&lang=zh'])
      for (const sel of ['', `?sel=cve:${VPN}`]) {
        await openAt(query, sel);
        if (sel) await page.waitForSelector('#v-drawer .fac');
        await page.waitForSelector('.views a[href*="/pact"]', {state: 'attached'});
        const what = `${width} ${query} ${sel}`,
          wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${what}: ${wide} px sideways`);
        const cut = await page.evaluate(() => [...document.querySelectorAll('#vuln td, #vuln dd, #vuln .rowb')].filter(e => e.offsetParent && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)).map(e => e.textContent));
        assert.deepEqual(cut, [], what);
        assert.deepEqual(await findings(), [], what);
      }
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test('by keyboard alone: there, a filter, a row, its drawer, an origin, back', async () => {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?theme=dark#/now`);
  await page.waitForSelector('.views a[href^="#/pact"]');
  const to = async (q, most = 100) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(s => document.activeElement?.matches(s), q)) return;
    }
    assert.fail(`${q} is not reached`);
  };
  await to('.views a[href^="#/vulnerabilities"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#vuln .tall .rowb');
  await to('#vuln [data-k=kev]');
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth), '3px');
  await page.keyboard.press('Space');
  await showsRows(['01', '06', '02']);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.k), 'kev', 'focus stays');
  await to(`#vuln tr[data-k=${VPN}] .rowb`);
  await page.keyboard.press('Enter');
  await until(() => location.hash.includes('sel=cve:CVE-2099-0001'));
  await page.waitForSelector('#v-drawer .v-from button');
  await to('#v-drawer .v-from button');
  await page.keyboard.press('Enter');
  await showsRows(['01']);
  assert.match(await hash(), /asn:65541/);
  await page.keyboard.press('Escape');
  await until(() => !location.hash.includes('sel='));
});

test('the machines of one are never named in the list, and none of it goes anywhere but to this page', async () => {
  const {machines} = vulnerability(vulnerabilities(Date.now()), VPN, Date.now());
  await openAt();
  const listed = await text('#v-left');
  for (const m of machines) assert.ok(!listed.includes(m.asset));
  assert.deepEqual([...hosts].filter(h => h !== new URL(stub.url).host && h !== ''), []);
  assert.deepEqual(faults, []);
});
