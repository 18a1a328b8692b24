// Incidents and counterparts on the page, in a real browser against the stub: what is shown, who may say what, what comes of it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, beforeEach, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';
import {NONE, Pacts} from './synthetic-incidents.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NOBODY = {user: '', role: '', kind: '', until: ''};
const as = role => ({user: 'carol', role, kind: 'person', until: new Date(Date.now() + 3600e3).toISOString()});
const PATH = 'incident:northland-southmark/';
let stub, browser, page, pacts;
const faults = [];

before(async () => {
  stub = await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
  browser = await startBrowser();
  page = await browser.context.newPage();
  page.on('pageerror', e => faults.push(e.message));
  page.on('console', m => {
    // the browser tells of each request that is refused, as some here are meant to be
    if (['error', 'warning'].includes(m.type()) && !/status of 4\d\d/.test(m.text())) faults.push(m.text());
  });
  await page.addInitScript(() => addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective}`)));
});
after(async () => {
  await browser?.close();
  await stub?.close();
});
beforeEach(() => {
  stub.pacts = pacts = new Pacts(Date.now());
  stub.session = NOBODY;
});

const text = q => page.locator(q).first().innerText();
const count = q => page.locator(q).count();
const until = (f, arg) => page.waitForFunction(f, arg, {timeout: 20_000});
const shows = (q, re) => until(([sel, source]) => new RegExp(source, 's').test(document.querySelector(sel)?.textContent ?? ''), [q, re.source]);
async function openAt(hash, query = 'theme=dark') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}${hash}`);
  await shows('.live', /LIVE/);
}
async function openOne(name, query) {
  await openAt(`#/incidents?sel=${PATH}${name}`, query);
  await page.waitForSelector('.drawer #ib-talk li');
}
const findings = async () => {
  await page.evaluate(axe);
  return page.evaluate(async () =>
    (await window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations.map(
      v => `${v.id} ${v.nodes[0].target} ${v.nodes[0].any[0]?.message ?? ''}`
    )
  );
};

test('a node without a pact shows none of it, and is asked seldom', async () => {
  stub.pacts = NONE;
  let asked = 0;
  const counting = q => (asked += /incidents|peers/.test(q.url()) ? 1 : 0);
  page.on('request', counting);
  await openAt('#/now');
  await page.waitForTimeout(5_000);
  page.off('request', counting);
  assert.deepEqual(await page.$$eval('.views a', l => l.map(a => a.textContent)), ['Now', 'World', 'Vulnerabilities', 'Exchange', 'Cut-off', 'Log and sensors']);
  assert.equal(await page.isVisible('#open-inc'), false);
  assert.ok(asked <= 2, `${asked} questions`);
});

test('now: what is open, the most urgent first, one click from all of it', async () => {
  await openAt('#/now');
  await page.waitForSelector('#open-inc li');
  const rows = await page.$$eval('#open-inc li', l => l.map(e => e.textContent));
  assert.equal(rows.length, 3, 'closed ones are not open');
  assert.match(rows[0], /not answered in time.*Exploit attempts.*over by 2 h.*northland-204.*Southmark: answer/s);
  assert.match(rows[1], /open.*in 6 h.*southmark-88.*Northland: acknowledgement/s);
  assert.match(rows[2], /suspended.*northland-198/s);
  await page.click('#open-inc li button');
  await page.waitForSelector('.drawer #ib-talk li');
  await page.keyboard.press('Escape');
  await until(() => !document.querySelector('.drawer'));
  await page.click('.views a:nth-child(2)');
  await page.waitForSelector('#inc table');
  assert.equal(await page.isVisible('#now'), false);
  assert.equal(await page.getAttribute('.views a:nth-child(2)', 'aria-current'), 'page');
  assert.match(await page.title(), /^Incidents/);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('i');
  await until(() => location.hash === '#/now');
  await page.waitForSelector('#map');
});

test('the list: who notifies whom, state, next deadline; its first sentence is the answer', async () => {
  await openAt('#/incidents');
  await page.waitForSelector('#inc tbody [data-act]');
  assert.match(await text('#headline'), /Southmark has not answered in time: northland-204\..*Your next duty: acknowledgement, southmark-88, in 6 h/s);
  const rows = await page.$$eval('#inc tbody tr', l => l.map(e => e.textContent));
  assert.match(rows[0], /northland-204.*Northland notifies Southmark.*origin network 198\.51\.100\.77\/32.*not answered in time.*acknowledged.*high.*over by 2 h.*Southmark: answer/s);
  assert.match(rows[1], /southmark-88.*Southmark notifies Northland.*open.*received.*in 6 h/s);
  assert.match(rows[2], /northland-198.*suspended: out of contact.*suspended/s);
  assert.match(rows[3], /northland-190.*confirmed quiet.*closed/s);
  assert.doesNotMatch(rows.join(), /country|attacked by|guilty|breach/i);
});

test('counterparts: reachable or what is wrong by name, witnessed, held, how old', async () => {
  await openAt('#/incidents');
  await shows('.peers li', /2 open incidents/); // incidents and contacts come apart
  const [south, east] = await page.$$eval('.peers li', l => l.map(e => e.textContent));
  assert.match(south, /Southmark.*reachable.*2 open incidents.*1 not answered in time.*Witnessed.*up to 40 of our log.* s ago.*Held.*up to 38.* s ago.*812/s);
  assert.match(east, /Eastholm.*fork.*signed two histories.*since 3 h.*at size <b>70<\/b>.*nothing of our log yet.*2 missing/s);
  assert.equal(await count('.p-fault .mut b'), 0, 'foreign text is text');
});

test('one incident: facts, grades, deadlines of both sides, the conversation', async () => {
  await openOne('northland-204');
  assert.match(await text('#d-h'), /Exploit attempts, origin network 198\.51\.100\.77\/32/);
  assert.match(await text('#i-sum'), /Southmark: answer: over by 2 h 00 min\. Evidence E2, origin O1, severity high/);
  assert.match(await text('#ib-what'), /14 events, counted 15, on 3 targets within 1 h 00 min, 15\.0 an hour.*refrain-exploit/s);
  assert.match(await text('#ib-from'), /where packets came from, not who sent them/);
  assert.deepEqual(await page.$$eval('#ib-judged .at b', l => l.map(e => e.textContent)), ['E2', 'O1']);
  const dues = await page.$$eval('#ib-due .dues tbody tr', l => l.map(e => e.textContent));
  assert.equal(dues.length, 6);
  assert.match(dues[0], /receipt Southmark.*done in time/);
  assert.match(dues[1], /acknowledgement Southmark.*done late/);
  assert.match(dues[2], /answer Southmark.*UTC.*over by 2 h/);
  assert.match(dues[3], /action Southmark.*UTC.*in 3 d/);
  assert.match(dues[4], /evidence Northland.*not owed/);
  assert.match(await text('#ib-due'), /No clock ran from.*UTC to .*UTC/s);
  await shows('#ib-talk', /held by Southmark.*not held yet/); // what the other log shows comes by itself
  const said = await page.$$eval('.talk li', l => l.map(e => e.textContent));
  assert.match(said[0], /Northland notice.*asked for: remediate, preserve.*receipted · held by Southmark · leaf 30/s);
  assert.ok(said[0].includes('<b>bold</b>') && said[0].includes('U+202E'), 'foreign text is text, and hides nothing');
  assert.match(said[1], /receipt.*by machine.*signed by Southmark, key southmark\.example\/message\+0badf00d · took 60 s of 1.h.*leaf 31/s);
  assert.match(said[2], /acknowledgement.*time disputed.*took 30 h 00 min of 24.h.*here .*UTC/s);
  assert.match(said[3], /action.*passed over: reason.*a reason is missing/s);
  assert.match(said[4], /update.*witnessed by Southmark, not held yet/s);
  assert.doesNotMatch(said[4], /took/);
  assert.match(said[5], /^Southmark answer.*UTC.*owed, over by 2 h/s, 'what is owed stands at the end');
  assert.match(said[6], /^Southmark action.*UTC.*owed, in 3 d/s);
  assert.equal(said.length, 7);
  assert.match(await text('#ib-talk'), /No difference between both logs is known/);
});

test('what was seen: a line of its events, the targets by group, and whose evidence it is', async () => {
  await openOne('northland-204');
  assert.match(await page.getAttribute('#ib-what .evs svg', 'aria-label'), /^14 events over 1 h 00 min$/);
  const bars = await page.$$eval('#ib-what .evs rect', l => l.map(e => Number(e.getAttribute('x'))));
  assert.ok(bars.length >= 12 && bars.every((x, n) => !n || x > bars[n - 1]), 'in order, none twice');
  assert.equal(await count('#ib-what .evs .told'), 1, 'the notice is marked');
  assert.match(await text('#ib-what figcaption'), /^\d+ \w+ \d\d:\d\d UTC\s+notice \d\d:\d\d/);
  assert.match(await text('#ib-what'), /All 14 events are drawn\. Seen by the sensors of Northland, this party\./);
  const rows = await page.$$eval('#ib-what .tgts tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.equal(rows.length, 3);
  assert.match(rows[0], /^192\.0\.2\.70 grid operator VPN .* UTC.* 6$/);
  assert.match(rows[1], /192\.0\.2\.81 grid <i>operator<\/i> VPN/, 'foreign text is text');
  assert.match(rows[2], /192\.0\.2\.99 none .* 3$/);
});

test('from: each step with its source and date, facts of the packets, never an actor', async () => {
  await openOne('northland-204');
  await shows('#ib-from', /declared by.*Southmark/);
  const steps = await page.$$eval('#ib-from .chain li', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.match(steps[0], /^source address 198\.51\.100\.77 port 41022 sensors of Northland .*UTC/);
  assert.match(steps[1], /^announced by AS64500 Southmark <b>Backbone<\/b> in 198\.51\.100\.0\/24 table routes 2026-11-20/);
  assert.match(steps[2], /^registered in XS .* table geo 2026-11-20/);
  assert.match(steps[3], /^declared by Southmark in 198\.51\.100\.0\/24 pact annex, sequence 1/);
  assert.match(await text('#ib-from .flags'), /Tor exit no\s+hosting yes\s+can be forged no\s+reflected no\s+hijacked third party cannot be said/);
  assert.equal(await count('#ib-from .tgts'), 0, 'one address is no table');
  // several addresses: the one with most, and a table of all
  const e = pacts.evidence(pacts.list[0]),
    one = e.origins[0];
  pacts.evidence = () => ({...e, origins: [{...one, count: 2}, ...[5, 6].map(n => ({...one, count: n * 10, origin: {...one.origin, address: `198.51.100.${n}`}}))]});
  await openOne('northland-204');
  await shows('#ib-from', /3 addresses; the one with most events:.*source address.*198\.51\.100\.6/);
  await until(() => !/–/.test(document.querySelector('#ib-from .tgts tbody tr').innerText)); // parties come with the pact
  const rows = await page.$$eval('#ib-from .tgts tbody tr', l => l.map(r => r.innerText.replace(/\s+/g, ' ')));
  assert.match(rows[0], /^198\.51\.100\.6 AS64500 .* XS .* Southmark 60$/);
  assert.equal(rows.length, 3);
});

test('judged: the clause, its threshold beside what was measured, deadlines of its severity, the due time as a sum', async () => {
  await openOne('northland-204');
  await shows('#ib-judged .clause', /^4\(3\) refrain-exploit\. No exploitation attempts/);
  const rows = () => page.$$eval('#ib-judged table:first-of-type tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.deepEqual(await rows(), ['events in 1 h ≥ 5 14 yes', 'targets in 1 h ≥ 2 3 yes', 'origin grade ≥ O1 O1 yes']);
  assert.match(await text('#ib-judged .lims [aria-current=true]'), /^high\s+this one$/);
  const limits = await page.$$eval('#ib-judged .lims tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.deepEqual(limits, ['receipt 1 h 1 h', 'acknowledgement 4 h 24 h', 'answer 24 h 3 d', 'action 2 d 7 d']);
  assert.match(await text('#ib-judged'), /Why then\. Receipt .* UTC.* \+ 3.d for the answer \+ 3 h 59 min in which the clock stood still or that were granted = due .*UTC.*; now over by 2 h 00 min\./s);
  assert.match(await text('#ib-judged'), /Any answer ends “not answered in time”/);
  // too little for the threshold: what may be hidden is no "no"
  const e = pacts.evidence(pacts.list[0]);
  pacts.evidence = () => ({...e, measured: {events: 4, targets: 1, sensors: 1}});
  await openOne('northland-204');
  await shows('#ib-judged .clause', /4\(3\)/);
  assert.deepEqual((await rows()).slice(0, 2), ['events in 1 h ≥ 5 4 no', 'targets in 1 h ≥ 2 1 no']);
  pacts.evidence = () => ({...e, gone: 3, measured: {events: 4, targets: 1, sensors: 1}});
  await openOne('northland-204');
  await shows('#ib-judged .clause', /4\(3\)/);
  assert.deepEqual((await rows()).slice(0, 2), ['events in 1 h ≥ 5 ≥ 4 cannot be said', 'targets in 1 h ≥ 2 ≥ 1 cannot be said']);
});

test('proof: of own events, checked in the browser, and refused after a changed byte', async () => {
  await openOne('northland-204');
  await page.waitForSelector('#ib-proof #verify');
  assert.match(await text('#pr-facts'), /Seen by the sensors of Northland.*leaf 30 of our log.*leaf 12 of the log of Northland, before the notice/s);
  assert.match(await text('#pf'), /Proof of event 7-3.*block 7, event 3 of 40/s);
  await page.click('#verify');
  await shows('#vres', /verified, \d+ ms/);
  assert.equal(await count('#vsteps li[data-ok="✕"]'), 0);
  await page.click('#verify-bad');
  await shows('#vres', /does not verify/);
  // another piece, by keyboard; what was named by hash alone has its event a click away
  await page.click('#pr-list summary');
  assert.equal(await count('#pr-list tbody tr'), 14);
  assert.match(await text('#pr-list tbody tr:first-child'), /7-3 [0-9a-f]{12}\s+21\s+given/);
  await page.focus('[data-piece="7-5"]');
  await page.keyboard.press('Enter');
  await shows('#pf', /Proof of event 7-5/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.piece), '7-5', 'focus stays');
  assert.equal(await page.getAttribute('[data-piece="7-5"]', 'aria-pressed'), 'true');
  await page.waitForSelector('#verify');
  await page.click('#verify');
  await shows('#vres', /verified/);
  await page.click('#pr-list [data-act="sel=event:7-5"]');
  await page.waitForSelector('.drawer #pf #verify');
  await until(() => location.hash.includes('sel=event:7-5'));
});

test('an incident that a counterpart told of: its word, its proofs by its own key, and said so', async () => {
  await openOne('southmark-88');
  await page.waitForSelector('#ib-proof #verify');
  assert.match(await text('#ib-what'), /Drawn are 3 of 14 events.*By the notice of Southmark: its evidence, not ours\./s);
  assert.match(await text('#ib-what .tgts'), /Target, masked.*198\.51\.100\.0\/24/s);
  assert.match(await text('#ib-from'), /notice of Southmark.*by the tables that this node has today/s);
  assert.equal(await count('#ib-from .flags'), 0, 'what the notice does not tell is not said');
  await shows('#ib-judged .clause', /4\(3\)/);
  assert.match(await text('#ib-judged'), /events in 1.h\s+≥ 5\s+≥ 3\s+cannot be said.*Measured in what the notice tells/s);
  assert.match(await text('#pr-facts'), /its evidence, not ours.*its arrival is leaf 30 of our log.*leaf 12 of the log of Southmark/s);
  await page.click('#pr-list summary');
  const rows = await page.$$eval('#pr-list tbody tr', l => l.map(e => e.innerText.replace(/\s+/g, ' ')));
  assert.match(rows[0], /^1-0 .* here, and holds Check/);
  assert.match(rows[2], /^1-2 .* promised, not here yet $/, 'what is not here cannot be checked');
  await page.click('#verify');
  await shows('#vres', /verified/);
  assert.match(await text('#vsteps [data-step=head]'), /southmark\.example\/detente\/log/);
  assert.match(await text('#vsteps [data-step=cosign]'), /northland\.example\/witness \d\d:\d\d:\d\d UTC/, 'our own witness saw it');
  assert.match(await text('#pf .copy code'), /^detente log verify southmark-1-0\.detente-proof --key 'southmark\.example\/detente\/log\+[0-9a-f]{8}\+\S+'$/);
  // a true proof of something else proves nothing of this
  const other = pacts.talk.get('southmark-88')[0].body.evidence;
  [other[0].proof, other[1].proof] = [other[1].proof, other[0].proof];
  await openOne('southmark-88');
  await page.waitForSelector('#ib-proof #verify');
  await page.click('#verify');
  await shows('#vres', /does not verify/);
  assert.match(await text('#vsteps [data-step=shown]'), /id: 1-1 \/ 1-0/);
});

test('an older node, and an incident of which nothing is told: the drawer stands without', async () => {
  pacts.bare = true;
  await openOne('northland-204');
  assert.equal(await count('#ib-what .evs, #ib-what .tgts'), 0);
  assert.match(await text('#ib-from'), /198\.51\.100\.77\/32.*declared by/s);
  await page.waitForSelector('#ib-proof #verify');
  await page.click('#verify');
  await shows('#vres', /verified/);
});

test('wide and narrow: by key, by button, in the address, back by Esc', async () => {
  await openOne('northland-204');
  const box = () => page.evaluate(() => document.querySelector('.drawer').getBoundingClientRect().width);
  assert.ok((await box()) <= 580);
  assert.equal(await page.isVisible('.d-nav'), true);
  await page.keyboard.press('w');
  await until(() => document.querySelector('.drawer.wide'));
  assert.match(await page.evaluate(() => location.hash), /wide=1/);
  assert.equal(await box(), 1120);
  assert.equal(await page.isVisible('.d-nav'), false, 'both columns are in sight');
  const [left, right] = await page.$$eval('.dcols > div', l => l.map(e => [e.getBoundingClientRect().left, [...e.querySelectorAll('h3')].map(h => h.textContent).join()]));
  assert.ok(right[0] > left[0] + 500);
  assert.deepEqual([left[1], right[1]], ['What,From,Judged', 'Proof,Deadlines,Talk,Say']);
  await page.reload();
  await page.waitForSelector('.drawer.wide #ib-talk li');
  // the button keeps the focus, and the same word leads back
  await page.focus('#d-wide');
  assert.match(await text('#d-wide'), /Narrow\s+W/);
  await page.keyboard.press('Enter');
  await until(() => !document.querySelector('.drawer.wide'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'd-wide');
  await page.keyboard.press('Enter');
  await until(() => document.querySelector('.drawer.wide'));
  await page.keyboard.press('Escape');
  await until(() => !document.querySelector('.drawer'));
  assert.doesNotMatch(await page.evaluate(() => location.hash), /wide|sel/);
  // nothing but an incident is wide, and a key turned off is off
  await page.keyboard.press('w');
  await page.waitForTimeout(200);
  assert.doesNotMatch(await page.evaluate(() => location.hash), /wide/);
  await page.keyboard.press('?');
  await shows('#help', /W.*make the drawer of an incident wide or narrow/);
  await page.keyboard.press('Escape');
});

test('an address without the pact finds the one that has it; one that is not here is said in words', async () => {
  await openAt('#/now?sel=incident:northland-204&wide=1');
  await page.waitForSelector('.drawer.wide #ib-talk li');
  assert.match(await page.evaluate(() => decodeURIComponent(location.hash)), /sel=incident:northland-southmark\/northland-204&wide=1/);
  for (const [lang, says] of [['en', /There is no incident nix-1 here\./], ['ru', /Инцидента nix-1 здесь нет\./], ['zh', /此处没有事件 nix-1/]])
    for (const name of ['nix-1', 'northland-southmark/nix-1']) {
      await page.goto('about:blank');
      await page.goto(`${stub.url}?lang=${lang}#/now?sel=incident:${name}`);
      await shows('#i-sum', says);
      assert.equal(await page.isVisible('.d-body'), false, 'no headings of nothing');
    }
  // two pacts with one name: both are offered
  pacts.list.push({...pacts.list[0], pact: 'northland-eastholm'});
  await openAt('#/now?sel=incident:northland-204');
  await shows('#i-sum', /More than one pact has an incident of that name: northland-southmark, northland-eastholm/);
  await page.click('#i-sum a');
  await page.waitForSelector('.drawer #ib-talk li');
});

test('a refusal is said in the language of the page', async () => {
  stub.session = as('approver');
  for (const [lang, says] of [['ru', /Отказано|Отклонено|\(409\)/], ['zh', /\(409\)|（409）/]]) {
    await page.goto('about:blank');
    await page.goto(`${stub.url}?lang=${lang}#/incidents?sel=${PATH}southmark-88`);
    await page.waitForSelector('[data-verb=escalate]');
    await page.click('[data-verb=escalate]');
    await page.click('#s-go .pri');
    await shows('#s-no', says);
    const own = await page.$eval('#s-no', e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join(''));
    assert.match(own, lang === 'ru' ? /[а-я]{4}/ : /[\u4e00-\u9fff]{2}/, own);
    assert.doesNotMatch(own, /does not fit/, 'not what the node says in English');
    await page.click('[data-verb=answer]');
    await page.selectOption('#s-finding', 'transit');
    await page.fill('#s-reason', 'bad');
    await page.click('#s-go .pri');
    await shows('#s-no', lang === 'ru' ? /\(400\).*не по форме\.$/ : /400.*[\u4e00-\u9fff]{2}[.。]$/);
  }
});

test('where the logs differ, the message is named', async () => {
  pacts.differ('northland-204', 4);
  await openOne('northland-204');
  assert.match(await text('.differ'), /Our logs differ at message 5 \(update\): it counts here, Southmark passed it over \(chain\)/);
  // a rejection of what is passed over here too is no difference
  pacts.talk.get('northland-204').pop();
  pacts.differ('northland-204', 3);
  await openOne('northland-204');
  assert.match(await text('#ib-talk'), /No difference/);
  assert.equal(await count('.differ'), 0);
});

test('what the other party says arrives without a reload, and its deadlines with it', async () => {
  await openOne('northland-204');
  const i = pacts.list[0];
  Object.assign(i, {state: 'ANSWERED', finding: 'not-seen', overdue: [], late: ['acknowledge', 'answer'], owed: {confirm: new Date(Date.now() + 48 * 3600e3).toISOString()}});
  pacts.talk.get(i.incident).push(
    pacts.message(i, 'southmark', 'answer', Date.now(), {finding: 'not-seen', reason: 'No flow.', sampling: 1000, flows: 0, from: i.first, until: i.last, retention_from: i.first})
  );
  await shows('.talk', /answer.*not seen.*could not have seen it.*No flow\./);
  await shows('#ib-due', /answer Southmark.*done late.*confirmation Northland.*in 2 d/);
  await shows('#inc tbody', /answered.*Northland: confirmation/);
  assert.doesNotMatch(await text('#headline'), /not answered in time/);
});

test('who is not signed in, or no approver, reads and gets no form', async () => {
  await openOne('southmark-88');
  assert.match(await text('#ib-say'), /Approvers can say something here\. Sign in/);
  assert.equal(await count('#ib-say button, #ib-say form'), 0);
  for (const role of ['viewer', 'analyst', 'auditor']) {
    stub.session = as(role);
    await openOne('southmark-88');
    assert.match(await text('#ib-say'), new RegExp(`not ${role}s`));
    assert.equal(await count('#ib-say button, #ib-say form'), 0);
  }
});

test('an approver is offered what the state allows, sees what follows, then sends', async () => {
  stub.session = as('approver');
  await openOne('southmark-88');
  assert.deepEqual(await page.$$eval('[data-verb]', l => l.map(e => e.dataset.verb)), ['ack', 'inquiry', 'answer', 'extension-request', 'escalate']);
  await page.click('[data-verb=answer]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 's-finding', 'the first field has the focus');
  assert.deepEqual(await page.$$eval('#s-finding option', l => l.map(e => e.value).filter(Boolean)), [
    'corroborated', 'not-seen', 'spoofed', 'false-positive', 'benign-authorised', 'not-our-space', 'transit']);
  // the pact wants a reason for some findings, and the form says so
  await page.selectOption('#s-finding', 'not-seen');
  assert.equal(await page.evaluate(() => document.querySelector('#s-reason').required), true);
  await page.selectOption('#s-finding', 'corroborated');
  assert.equal(await page.evaluate(() => document.querySelector('#s-reason').required), false);
  await page.fill('#s-flows', '3');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.then');
  assert.match(await text('.then'), /Would be sent to Southmark: answer, marked TLP:AMBER.*corroborated.*From received it becomes answered\. Owed then: action in 6 d/s);
  assert.deepEqual([pacts.tried.length, pacts.said.length], [1, 0], 'nothing was sent');
  // another word needs another look
  await page.fill('#s-reason', 'Our flows match.');
  assert.equal(await count('[data-send]'), 0);
  await page.click('#s-go .pri');
  await page.click('[data-send]');
  await shows('#s-told', /answer is in the log, and Southmark fetches it/);
  assert.equal(pacts.said.length, 1);
  const {first, ...rest} = pacts.said[0].fields;
  assert.deepEqual([pacts.said[0].type, rest.finding, rest.reason, rest.flows, 'sampling' in rest], ['answer', 'corroborated', 'Our flows match.', 3, false]);
  assert.match(rest.from, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  await shows('.talk', /Northland answer.*corroborated/);
  await shows('#i-mark', /open/);
  await until(() => [...document.querySelectorAll('[data-verb]')].map(e => e.dataset.verb).join() === 'action,close');
});

test('a refusal stands in the form, with its sentence', async () => {
  stub.session = as('approver');
  await openOne('southmark-88');
  await page.click('[data-verb=escalate]');
  await page.click('#s-go .pri');
  await shows('#s-no', /Refused \(409\): too early, or without cause.*southmark-88 is RECEIVED: `escalate` does not fit \(early\)/);
  await page.click('[data-verb=answer]');
  await page.selectOption('#s-finding', 'transit');
  await page.fill('#s-reason', 'bad');
  await page.click('#s-go .pri');
  await shows('#s-no', /Refused \(400\): a field is not of its form.*body of <b>answer<\/b>/);
  // between look and sending the state went on
  await page.fill('#s-reason', 'A peer of ours.');
  await page.click('#s-go .pri');
  await page.waitForSelector('[data-send]');
  pacts.list[1].state = 'CLOSED';
  await page.click('[data-send]');
  await shows('#s-no', /Refused \(409\).*CLOSED/);
  assert.equal(pacts.said.length, 0);
  await shows('#s-note', /now closed, and this may no longer be said/);
  assert.equal(await page.inputValue('#s-reason'), 'A peer of ours.', 'what was typed stays');
  stub.session = NOBODY;
  await page.click('#s-go .pri');
  await shows('#s-no', /session is over/);
});

test('all by keyboard: Esc leaves the form first, then the drawer', async () => {
  stub.session = as('approver');
  await openOne('southmark-88');
  await page.focus('[data-verb=inquiry]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#s-missing');
  await page.focus('#s-text');
  await page.keyboard.type('t 1 i?');
  assert.equal(await page.inputValue('#s-text'), 't 1 i?', 'keys of the page are letters here');
  await page.keyboard.press('Enter');
  await page.click('#s-go .pri');
  await shows('#s-no', /Choose at least one/);
  await page.check('#s-missing [value=flows]');
  await page.check('#s-missing [value=time]');
  await page.click('#s-go .pri');
  await page.waitForSelector('.then');
  assert.deepEqual(pacts.tried[0].fields.missing, ['time', 'flows']);
  assert.match(await text('.then'), /times, flows.*becomes asked back/s);
  await page.keyboard.press('Escape');
  assert.equal(await count('.say'), 0);
  assert.equal(await count('.drawer'), 1);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.verb), 'inquiry');
  await page.keyboard.press('Escape');
  await until(() => !document.querySelector('.drawer'));
});

test('how it may be closed follows from the party and the state', async () => {
  stub.session = as('approver');
  const i = pacts.list[0];
  i.state = 'ACTED';
  await openOne('northland-204');
  await page.click('[data-verb=close]');
  assert.deepEqual(await page.$$eval('#s-result option', l => l.map(e => e.value)), ['confirmed-quiet']);
  await page.fill('#s-coverage_ppm', '97.2');
  await page.fill('#s-quiet_from', '2026-11-01T00:00');
  await page.fill('#s-quiet_until', '2026-11-20T12:30');
  await page.click('#s-go .pri');
  await page.waitForSelector('.then');
  assert.deepEqual(pacts.tried[0].fields, {
    result: 'confirmed-quiet', coverage_ppm: 972000, quiet_from: '2026-11-01T00:00:00.000000Z', quiet_until: '2026-11-20T12:30:00.000000Z'});
  // a notifier has no way to close what it was asked about
  i.state = 'INQUIRY';
  await openOne('northland-204');
  assert.deepEqual(await page.$$eval('[data-verb]', l => l.map(e => e.dataset.verb)), ['evidence', 'update', 'withdraw']);
});

test('evidence by ids, and a record that the other party drafted', async () => {
  stub.session = as('approver');
  const i = pacts.list[0];
  i.state = 'INQUIRY';
  await openOne('northland-204');
  await page.click('[data-verb=evidence]');
  await page.fill('#s-evidence', '7-1, 7-3 9-0');
  await page.selectOption('#s-show', 'raw');
  await page.click('#s-go .pri');
  await page.waitForSelector('.then');
  assert.deepEqual(pacts.tried.at(-1).fields, {evidence: ['7-1', '7-3', '9-0'], show: 'raw'});
  i.state = 'ESCALATED';
  await openOne('northland-204');
  await page.click('[data-verb=consult-record]');
  await page.fill('#s-draft', '{"record":{"result":"settled"},"signatures":[["southmark","00"]]}');
  await page.click('#s-go .pri');
  await page.waitForSelector('.then');
  assert.deepEqual(pacts.tried.at(-1).fields, {record: {result: 'settled'}, signatures: [['southmark', '00']]});
  // what is no draft is for the node to refuse
  await openOne('northland-204');
  await page.click('[data-verb=consult-record]');
  await page.fill('#s-draft', 'nonsense');
  await page.click('#s-go .pri');
  await page.waitForSelector('.then');
  assert.deepEqual(pacts.tried.at(-1).fields, {});
});

test('a node that does not answer: what is shown is called old', async () => {
  await openOne('northland-204');
  await shows('#headline', /answered in time|all in time/);
  const whole = pacts.answer;
  pacts.answer = async (req, p, user, send) => (send(503, {error: 'engine'}), true);
  const before = faults.length;
  await shows('#headline', /does not answer; this is old/);
  pacts.answer = whole;
  await page.waitForFunction(() => !/this is old/.test(document.querySelector('#headline').textContent), null, {timeout: 60_000});
  faults.length = before; // the browser tells of each 503
});

test('a node whose first answer is none is asked again soon, and nobody is told that nothing is open', async () => {
  const whole = pacts.answer,
    before = faults.length;
  pacts.answer = async (req, p, user, send) => (send(503, {error: 'engine'}), true);
  await openAt('#/incidents');
  await shows('#headline', /^The node does not tell of its incidents\./);
  pacts.answer = whole;
  await shows('#headline', /of \d open incidents were not answered in time|has not answered in time/);
  faults.length = before;
});

test('no finding of axe, dark and light, list, drawer and form', async () => {
  stub.session = as('approver');
  pacts.differ('northland-204', 4);
  for (const theme of ['dark', 'light']) {
    await openAt('#/now', `theme=${theme}`);
    await page.waitForSelector('#open-inc li');
    assert.deepEqual(await findings(), [], `${theme} now`);
    await openAt('#/incidents', `theme=${theme}`);
    await page.waitForSelector('.peers li');
    assert.deepEqual(await findings(), [], `${theme} list`);
    await openOne('northland-204', `theme=${theme}`);
    await page.waitForSelector('#ib-proof #verify');
    await page.click('#verify');
    await shows('#vres', /verified/);
    await page.click('#pr-list summary');
    assert.deepEqual(await findings(), [], `${theme} drawer`);
    await page.keyboard.press('w');
    await until(() => document.querySelector('.drawer.wide'));
    assert.deepEqual(await findings(), [], `${theme} wide`);
    await page.keyboard.press('w');
    await openOne('southmark-88', `theme=${theme}`);
    for (const verb of ['answer', 'inquiry']) {
      await page.click(`[data-verb=${verb}]`);
      if (verb === 'answer') {
        await page.selectOption('#s-finding', 'corroborated');
        await page.click('#s-go .pri');
        await page.waitForSelector('.then');
      }
      assert.deepEqual(await findings(), [], `${theme} ${verb}`);
    }
  }
});

test('phone and 200 % zoom: no sideways scroll, few nodes', async () => {
  stub.session = as('approver');
  for (const [width, height] of [
    [390, 844],
    [720, 450]
  ]) {
    await page.setViewportSize({width, height});
    for (const name of ['', 'northland-204', 'southmark-88']) {
      await (name ? openOne(name) : openAt('#/incidents'));
      await page.waitForSelector('.peers li');
      if (name === 'southmark-88') await page.click('[data-verb=answer]');
      if (name) {
        await page.waitForSelector('#ib-proof #verify');
        await page.click('#pr-list summary');
        await page.click('#verify');
        await shows('#vres', /verified/);
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} ${name}`);
      assert.ok(
        await page.evaluate(() => [...document.querySelectorAll('.d-body, .inc > .cell')].every(e => e.scrollWidth <= e.clientWidth)),
        `${width} ${name}: a part`
      );
      assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 1500, `${width} ${name}: nodes`);
    }
  }
  await page.setViewportSize({width: 1440, height: 900});
});

test('many incidents: the list is cut and says so, the page stays small', async () => {
  const base = pacts.list[1];
  pacts.list = Array.from({length: 400}, (_, n) => ({...base, incident: `southmark-${n + 100}`}));
  pacts.talk = new Map(pacts.list.map(i => [i.incident, pacts.first(i)]));
  await openAt('#/incidents');
  await page.waitForSelector('#inc tbody [data-act]');
  assert.equal(await count('#inc tbody tr'), 50);
  assert.match(await text('#inc .more'), /350 more/);
  assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 1500);
});

test('no error in the console, no policy broken', () => {
  assert.deepEqual(faults, []);
});
