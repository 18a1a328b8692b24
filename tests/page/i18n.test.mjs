// Languages: catalogues say the same things, no text stands in the code, and the page reads in each of them, to either side.
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import ts from 'typescript';
import {startBrowser} from './browser.mjs';
import {startStub} from './stub.mjs';
import {NONE, Pacts} from './synthetic-incidents.mjs';

const src = fileURLToPath(new URL('../../web/src', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'detente-words-'));
let stub, browser, page;
const faults = [];

before(async () => {
  stub = await startStub({dir: fileURLToPath(new URL('../../web/dist', import.meta.url))});
  browser = await startBrowser();
  page = await browser.context.newPage();
  page.on('pageerror', e => faults.push(e.message));
});
after(async () => {
  await browser?.close();
  await stub?.close();
  rmSync(dir, {recursive: true, force: true});
});

const files = of =>
  readdirSync(src, {recursive: true})
    .map(String)
    .filter(f => of.test(f))
    .sort();

async function catalogue(name) {
  const out = join(dir, name + '.mjs');
  writeFileSync(out, (await build({entryPoints: [join(src, 'i18n', name + '.ts')], bundle: true, format: 'esm', write: false})).outputFiles[0].text);
  return Object.values(await import(pathToFileURL(out)))[0];
}
/** What the catalogue is made of: paths, and whether text, a function of so many values, or a list of so many. */
function shape(v, at = '', out = []) {
  if (typeof v === 'function') out.push(`${at}()`);
  else if (Array.isArray(v)) v.forEach((x, i) => shape(x, `${at}[${i}]`, out));
  else if (typeof v === 'object') for (const k of Object.keys(v).sort()) shape(v[k], at + '.' + k, out);
  else {
    assert.notEqual(v, '', `${at} says nothing`);
    out.push(at);
  }
  return out;
}
/** Words that are the node's own in English, and need a translation only elsewhere. */
const ELSEWHERE = /^\.(chips|sectors|peer\.faults)\./;

const PARTS = files(/^i18n\/en(-\w+)?\.ts$/).map(f => f.slice('i18n/en'.length, -3));
for (const part of PARTS) {
  test(`en${part}: other languages have the same keys`, async () => {
    const want = shape(await catalogue('en' + part)),
      seen = {};
    for (const l of ['ru', 'zh']) {
      const got = shape(await catalogue(l + part));
      assert.deepEqual(got.filter(k => !ELSEWHERE.test(k)), want);
      seen[l] = got.filter(k => ELSEWHERE.test(k));
    }
    assert.deepEqual(seen.ru, seen.zh);
  });
}

test('a text of another language is in its script', async () => {
  for (const [l, script] of [['ru', /\p{Script=Cyrillic}/u], ['zh', /\p{Script=Han}/u]]) {
    for (const part of PARTS) {
      const plain = JSON.stringify(await catalogue(l + part), (k, v) => (typeof v === 'string' && /[a-z]{3,} [a-z]{3,}/i.test(v) && !script.test(v) && k !== 'filterEmpty' ? `ENGLISH:${k}:${v}` : v));
      assert.deepEqual(plain.match(/ENGLISH:[^"]*/g) ?? [], [], l + part);
    }
  }
});

test('sensors are counted in the forms that a number asks for', async () => {
  const of = async part => Object.fromEntries(await Promise.all(['en', 'ru', 'zh'].map(async l => [l, await catalogue(l + part)])));
  const log = await of('-log'),
    all = await of(''),
    text = s => s.replace(/<[^>]*>|^[;；] ?/g, '').replace(/\u00a0/g, ' ').trim();
  const fine = l => ['1', '2', '5', '21'].map(n => text(log[l].headline.fine(n)));
  assert.deepEqual(fine('en'), ['the one sensor reports.', 'both sensors report.', 'all of 5 sensors report.', 'all of 21 sensors report.']);
  assert.deepEqual(fine('ru'), ['единственный датчик отвечает.', 'отвечают все 2 датчика.', 'отвечают все 5 датчиков.', 'отвечает каждый из 21 датчика.']);
  assert.deepEqual(fine('zh').slice(0, 2), ['唯一的传感器在报告。', '全部 2 个传感器都在报告。']);
  const part = l => [['1', '1'], ['1', '2'], ['2', '5']].map(([n, m]) => text(log[l].headline.part(n, m)).split(/[:，]/)[0]);
  assert.deepEqual(part('en'), ['the one sensor does not report', '1 of 2 sensors does not report', '2 of 5 sensors do not report']);
  assert.deepEqual(part('ru'), ['единственный датчик не отвечает', 'не отвечает 1 из 2 датчиков', 'не отвечают 2 из 5 датчиков']);
  assert.equal(text(all.en.headline.zero('1', '1')), 'No attack event in the last 15 minutes. The one sensor reports.');
  assert.equal(text(all.en.headline.part('1', '2')), '1 of 2 sensors reports.');
  assert.equal(text(all.en.honesty.sensors('1', '1')), '1 of 1 sensor');
  for (const l of ['en', 'ru', 'zh'])
    for (const say of [all[l].headline.blind('1'), all[l].headline.zero('1', '1'), all[l].headline.zeroPart('0', '1'), all[l].headline.part('0', '1'), log[l].headline.fine('1'), log[l].headline.part('1', '1'), log[l].headline.late('1', '1', true)])
      assert.doesNotMatch(text(say), /\b1 (sensors|датчик)|\b1 个|(of|из) 1\b/, l);
});

/** Names and units that are the same everywhere, and what is no word at all. */
const SAME = /\b(UTC|AS|detente|CVE|KEV|TLP)\b|&\w+;/g;
const WORDS = /\p{L}{2,}/u;
function texts(file) {
  const tree = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.ES2022, true),
    out = [];
  const flat = n => (ts.isTemplateExpression(n) ? n.head.text + n.templateSpans.map(s => '\u0001' + s.literal.text).join('') : n.text);
  const look = text => {
    if (/<\/?[a-z]/.test(text)) {
      const told = [...text.matchAll(/(?:title|aria-label|placeholder|alt|aria-roledescription|value)="([^"\u0001]*)/g)].map(m => m[1]);
      const between = text
        .replace(/^[^<]*?">/, '')
        .replace(/<[^>]*(>|$)/g, '\u0001')
        .replace(/(?:[\w-]+="[^"]*"?)/g, '')
        .split('\u0001');
      for (const t of [...told, ...between]) if (WORDS.test(t.replace(SAME, ''))) out.push(t.trim());
    } else if (/\p{L}{2,} \p{L}{2,}/u.test(text.replace(SAME, '')) && /\p{Lu}\p{Ll}+ \p{Ll}/u.test(text)) out.push(text);
  };
  const walk = n => {
    if (ts.isImportDeclaration(n)) return;
    if (ts.isTemplateExpression(n) || ts.isStringLiteralLike(n)) look(flat(n));
    ts.forEachChild(n, walk);
  };
  walk(tree);
  return out.map(t => `${file}: ${t}`);
}
test('no text stands in the code', () => {
  const found = files(/^(?!i18n\/|economies\.ts|virtual).*\.ts$/).flatMap(texts);
  assert.deepEqual(found, []);
});

test('no style names a side by left or right', () => {
  for (const f of files(/^style\/.*\.css$/)) {
    const css = readFileSync(join(src, f), 'utf8').replace(/\/\*.*?\*\//gs, '');
    assert.deepEqual(css.match(/[;{]\s*(?:(?:margin-|padding-|border-)?(?:left|right|top|bottom)|width|height|(?:text-align|float)\s*:\s*(?:left|right))\s*[:;]/g) ?? [], [], f);
  }
});

const live = () => page.waitForFunction(() => document.querySelector('.live .dot'), undefined, {timeout: 10_000});
async function openAt(query, hash = '#/now') {
  await page.goto('about:blank');
  await page.goto(`${stub.url}?${query}${hash}`);
  await live();
}

test('each language, from the address, as chosen, as the browser asks', async () => {
  stub.pacts = NONE;
  for (const [l, headline, button] of [['ru', /событи.* за последние 15 минут.*из \d+ сет/s, 'Пауза'], ['zh', /最近 15 分钟有 .* 起攻击事态/s, '暂停'], ['en', /attack events? in the last 15 minutes/, 'Pause']]) {
    await openAt(`lang=${l}`);
    assert.equal(await page.getAttribute('html', 'lang'), l);
    await page.waitForFunction(() => document.querySelectorAll('.chip').length === 8);
    assert.match(await page.textContent('#headline'), headline);
    assert.ok((await page.textContent('#pause')).startsWith(button));
  }
  await openAt('');
  assert.equal(await page.getAttribute('html', 'lang'), 'en', 'the address was not kept');
  await page.selectOption('#lang', 'ru');
  await page.waitForFunction(() => document.documentElement.lang === 'ru');
  await live();
  await openAt('', '#/now?q=country:XA');
  assert.equal(await page.getAttribute('html', 'lang'), 'ru', 'the choice is kept');
  await page.selectOption('#lang', 'en');
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  const zh = await startBrowser({locale: 'zh-CN'});
  const other = await zh.context.newPage();
  await other.goto(stub.url);
  await other.waitForFunction(() => document.documentElement.lang === 'zh');
  await zh.close();
});

test('a language brings its catalogue alone, and a page that cannot get it speaks English', async () => {
  const asked = new Set();
  const note = q => asked.add(q.url());
  page.on('request', note);
  await openAt('lang=en');
  page.off('request', note);
  const bodies = await Promise.all([...asked].filter(u => u.endsWith('.js')).map(async u => (await fetch(u)).text()));
  assert.ok(bodies.every(b => !/[\u4e00-\u9fff]{4}|[а-я]{6}/.test(b.replace(/Русский|中文/g, ''))), 'no other language in the first load');
  await page.route(/\/assets\/ru\./, r => r.abort());
  await openAt('lang=ru');
  assert.match(await page.textContent('#headline'), /attack event/);
  await page.unroute(/\/assets\/ru\./);
});

test('what the node says in words is asked for in the language of the page', async () => {
  stub.pacts = new Pacts(Date.now());
  stub.alert(91, 'warning');
  for (const l of ['ru', 'zh', 'en']) {
    await openAt(`lang=${l}`);
    await page.click('#open-alerts');
    await page.waitForSelector('#alerts li.firing');
    assert.ok((await page.textContent('#alerts li.firing p')).includes(l === 'en' ? ' sensor north-91' : ` ${l}: sensor north-91`));
    await openAt(`lang=${l}`, '#/pact');
    await page.waitForSelector('a[href^="/report?"]');
    const to = new URL(await page.getAttribute('a[href^="/report?"]', 'href'), stub.url);
    assert.deepEqual([...to.searchParams.keys()], ['pact', 'party', 'period', 'lang']);
    assert.equal(to.searchParams.get('lang'), l);
  }
  stub.alert(null);
  stub.pacts = NONE;
});

test('UTC stands beside local time, and numbers take their sign', async () => {
  const moscow = await startBrowser({timezoneId: 'Asia/Tokyo', locale: 'ru-RU'});
  const p = await moscow.context.newPage();
  await p.goto(stub.url);
  await p.waitForFunction(() => /\d\d:\d\d:\d\d UTC \(\d\d:\d\d\)/.test(document.querySelector('#clock')?.textContent ?? ''));
  const [, utc, here] = /(\d\d):\d\d:\d\d UTC \((\d\d)/.exec(await p.textContent('#clock'));
  assert.equal((Number(utc) + 9) % 24, Number(here));
  await p.waitForFunction(() => /задержка 0,\d с/.test(document.querySelector('#honesty').textContent));
  assert.match(await p.getAttribute('#clock time', 'title'), /Z · местное время .*GMT\+9/);
  await moscow.close();
});

test('from right to left nothing scrolls sideways, in any view', async () => {
  stub.pacts = new Pacts(Date.now());
  for (const [width, height] of [[1440, 900], [720, 450], [390, 844]]) {
    await page.setViewportSize({width, height});
    for (const hash of ['#/now', '#/now?map=table', '#/incidents', '#/incidents?sel=incident:northland-southmark/northland-204', '#/pact', '#/vulnerabilities', '#/exchange', '#/log']) {
      for (const query of ['dir=rtl', 'lang=ru', 'lang=zh']) {
        await openAt(query, hash);
        await page.waitForTimeout(250);
        const wide = await page.evaluate(() => {
          const box = document.documentElement;
          return box.scrollWidth > innerWidth || document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth + 1;
        });
        assert.equal(wide, false, `${width} ${hash} ${query}`);
      }
    }
  }
  assert.equal(await page.evaluate(() => document.documentElement.dir), 'ltr');
  await page.setViewportSize({width: 1440, height: 900});
  await openAt('dir=rtl');
  const brand = await page.evaluate(() => document.querySelector('.brand').getBoundingClientRect().right);
  assert.ok(brand > 1200, 'the page begins at the right');
});

test('no error on the page', () => assert.deepEqual(faults, []));
