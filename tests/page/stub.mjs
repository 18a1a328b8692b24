// Plays the contract of docs/api.md with invented data, so that the page can be built and tested without a node.
// node tests/page/stub.mjs [directory of the built page] [port]
import {createServer} from 'node:http';
import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {extname, join} from 'node:path';
import {coverageOf} from './synthetic-coverage.mjs';
import {NONE} from './synthetic-incidents.mjs';
import {EMPTY} from './synthetic-lists.mjs';
import {WITNESSES} from './synthetic-verdicts.mjs';
import {changed, KEPT, pastOf} from './synthetic-past.mjs';
import {exchange, explained} from './synthetic-exchange.mjs';
import {vulnerabilities, vulnerability} from './synthetic-vulnerabilities.mjs';
import {CHIPS, makeWorld, PARTY} from './synthetic-world.mjs';

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8'};
const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const row = n => [n.asn, n.name, n.cc, n.n15, n.n60, n.p60];
const short = e => [
  e.id,
  e.time,
  e.chip,
  e.class,
  e.origin.country,
  e.origin.asn,
  e.origin.address,
  e.target.address,
  e.target.port,
  e.rule_name
];
const whole = (e, log) => {
  const {raw, net, ...rest} = e,
    [b, i] = e.id.split('-').map(Number),
    at = log.place(b, i);
  return at ? {...rest, log: at} : rest;
};

function economies(w, only) {
  const m = new Map();
  for (const n of w.counts) {
    if (only && !only.has(n.cc)) continue;
    const e = m.get(n.cc) ?? [n.cc, 0, 0, 0, 0, 0];
    e[1] += n.n15;
    e[2] += n.n60;
    e[3] += n.p60;
    e[4] += Math.ceil(n.n15 / 9);
    e[5] += n.n15 ? 1 : 0;
    m.set(n.cc, e);
  }
  return [...m.values()];
}
const parties = w => {
  const row = id => {
    const mine = w.counts.filter(n => (PARTY[n.asn] ?? '') === id);
    return [id, mine.reduce((s, n) => s + n.n15, id ? 0 : w.unknown), mine.reduce((s, n) => s + n.n60, 0), mine.reduce((s, n) => s + n.p60, 0)];
  };
  return [row('southmark'), row('')];
};
const corridors = w =>
  [...w.counts]
    .sort((a, b) => b.n15 - a.n15)
    .slice(0, 60)
    .filter(n => n.n15)
    .map(n => [n.cc, n.asn, n.n15, n.chip]);

function honesty(w, state) {
  return {
    sensors: state.sensors,
    lag_ms: 600 + (w.events.length % 7) * 40,
    events: 61234,
    attacks: w.chips.reduce((a, b) => a + b, 0),
    rejected: w.rejected,
    dropped: 0,
    duplicates: w.duplicates,
    unknown: w.unknown,
    tables_age_days: state.stale ? 97 : 4,
    tables_stale: state.stale,
    skewed: 3,
    drill: Boolean(state.drill),
    alerts: state.alerts
  };
}
const head = w => ({size: w.log.size, root: w.log.root, signed: w.log.signed});

function snapshot(w, state, t) {
  return {
    pos: w.log.size,
    now: iso(t),
    chips: w.chips,
    networks: w.counts.map(row),
    economies: economies(w),
    parties: parties(w),
    targets: [...w.targets].map(([a, n]) => [a, 'northland', n]),
    corridors: corridors(w),
    corridor_count: w.counts.length + 1200,
    unknown: w.unknown,
    series: w.series,
    recent: w.events.slice(0, 20).map(short),
    log: head(w),
    honesty: honesty(w, state)
  };
}
function delta(w, state, t) {
  const {nets, touched, buckets, fresh} = w.step(t),
    d = {pos: w.log.size, now: iso(t), honesty: honesty(w, state)};
  if (nets.size) {
    d.networks = [...nets].map(row);
    d.economies = economies(w, new Set([...nets].map(n => n.cc)));
    d.parties = parties(w);
    d.corridors = corridors(w).filter(c => [...nets].some(n => n.asn === c[1]));
  }
  if (fresh.length)
    Object.assign(d, {
      chips: w.chips,
      targets: [...touched].map(a => [a, 'northland', w.targets.get(a)]),
      series: buckets,
      recent: w.events.slice(0, 20).map(short),
      log: head(w)
    });
  return d;
}

const slug = s =>
  s
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
/** Groups of own addresses, by their last number: made up as all is. */
export const ASSETS = [
  {name: 'Grid operator VPN', sector: 'energy', of: n => n % 4 === 0},
  {name: 'Registry <b>portal</b>', sector: 'government', of: n => n % 4 === 1},
  {name: 'Больница', sector: 'health', of: n => n % 4 === 2}
];
const groupOf = e => ASSETS.find(a => a.of(parseInt(e.target.address.split(/[.:]/).at(-1), 16) || 0));
function matching(w, q, hasSince) {
  const since = /^(\d+)([mh])$/.exec(q.get('since') ?? ''),
    from = hasSince && since ? Date.now() - since[1] * (since[2] === 'h' ? 3600e3 : 60e3) : 0;
  const k = q.get('class'),
    chip = k === null ? -1 : CHIPS.findIndex(c => slug(c) === slug(k));
  return w.events.filter(
    e =>
      Date.parse(e.time) >= from &&
      (k === null || (chip >= 0 ? e.chip === chip : e.class === k)) &&
      (!q.get('country') || e.origin.country === q.get('country').replace('-', '')) &&
      (!q.get('asn') || e.origin.asn === +q.get('asn')) &&
      (!q.get('asset') || q.get('asset') === (groupOf(e)?.name ?? '-')) &&
      (!q.get('party') || q.get('party') === (e.party || '-')) &&
      (!q.get('sector') || q.get('sector') === (groupOf(e)?.sector || '-')) &&
      (!q.get('address') || e.origin.address === q.get('address') || e.target.address === q.get('address'))
  );
}
/** Rows with the columns of the command line's `top`. */
function top(w, what, q) {
  const by = q.get('by') ?? (what === 'targets' ? 'address' : 'country'),
    list = matching(w, q, true),
    m = new Map();
  const columns = e => {
    const side = what === 'targets' ? e.target : e.origin;
    if (what === 'classes') return {class: e.class, chip: e.chip};
    if (what === 'rules') return {rule: e.rule, name: e.rule_name};
    if (what === 'sensors') return {sensor: e.sensor};
    if (by === 'party') return {party: e.party};
    if (by === 'asset') return {asset: groupOf(e)?.name ?? '', sector: groupOf(e)?.sector ?? ''};
    if (by === 'sector') return {sector: groupOf(e)?.sector ?? ''};
    if (by === 'country') return {country: side.country};
    const network = {asn: side.asn, name: side.name, country: side.country};
    return by === 'asn' ? network : {address: side.address, ...network};
  };
  for (const e of list) {
    const c = columns(e),
      k = String(Object.values(c)[0]),
      row = m.get(k) ?? {...c, events: 0, networks: new Set()};
    row.events++;
    row.networks.add(e.origin.asn);
    m.set(k, row);
  }
  const rows = [...m.values()].map(r => ({...r, networks: r.networks.size})).sort((a, b) => b.networks - a.networks || b.events - a.events);
  return {rows: rows.slice(0, +(q.get('limit') ?? 20)), events: list.length};
}

const json = (res, v) => {
  res.writeHead(200, {'content-type': 'application/json', 'cache-control': 'no-store', 'content-security-policy': POLICY});
  res.end(JSON.stringify(v));
};
const named = (res, code, v) => {
  res.writeHead(code, {'content-type': 'application/json', 'cache-control': 'no-store'});
  res.end(v instanceof Uint8Array ? v : JSON.stringify(v));
};
const refuse = (res, code, text) => {
  res.writeHead(code, {'content-type': 'text/plain; charset=utf-8'});
  res.end(text + '\n');
};

/** Seven days in steps of 35 minutes; the newest are what the day has, those before are made up. */
function week(w, whole) {
  const step = 2100,
    last = Math.floor(Date.now() / 1000 / step),
    start = (last - 287) * step,
    rows = w.series.rows.map((row, c) => Array.from({length: 288}, (_, i) => (whole || i > 200 ? ((i * 7 + c) % 50) + (i === 40 ? 900 : 0) : 0)));
  return {start, step, whole, rows};
}

class Stub {
  weeks = 0;
  viewers = new Set();
  /** Streams of the past, what they were asked for, how many there may be, ms between their frames. */
  pasts = new Set();
  asked = [];
  replays = 8;
  tick = 250;
  erased = 0;
  /** May be changed while it runs: sensors, stale, mute (no more answers). */
  state = {sensors: [41, 42], stale: false, mute: false, closed: false, alerts: [0, 0, 1], assets: true, automatic: true, coverage: {}};
  alerts = [];
  /** A Pacts of synthetic-incidents.mjs, or none. */
  pacts = NONE;
  /** What others publish (synthetic-lists.mjs); null: a node of before. */
  lists = EMPTY;
  /** What `detente cutoff keep` made (synthetic-cutoff.mjs), by name; null: nothing was kept. */
  cutoff = null;
  /** What is exploited and ours (synthetic-vulnerabilities.mjs); null: a node of before. */
  vulnerabilities = vulnerabilities(Date.now());
  /** The exchange of objects (synthetic-exchange.mjs); null: a node of before. */
  exchange = exchange(Date.now());
  session = {user: '', role: '', kind: '', until: ''};
  links = new Set(['once']);

  constructor(dir, seed, hz) {
    this.dir = dir;
    this.world = makeWorld(seed, Date.now());
    this.server = createServer((req, res) => this.answer(req, res));
    this.timer = setInterval(() => this.tell(), 1000 / hz);
  }
  get url() {
    return `http://127.0.0.1:${this.server.address().port}/`;
  }

  node() {
    return {
      party: 'northland',
      origin: 'northland.example/detente/log',
      vkey: this.world.log.vkey,
      version: '0.1.0',
      demo: true,
      test: false,
      country: 'XN',
      networks: ['192.0.2.0/24', '2001:db8:a::/48'],
      chips: CHIPS,
      assets: this.state.assets ? ASSETS.map(a => ({name: a.name, sector: a.sector, network_count: 1, networks: ['192.0.2.0/28']})) : [],
      automatic: this.state.automatic,
      datasets: [{name: 'asn', date: '2026-11-20', age_days: 4, stale: this.state.stale, source: 'invented'}]
    };
  }

  answer(req, res) {
    const u = new URL(req.url, 'http://x'),
      p = u.pathname,
      q = u.searchParams,
      w = this.world;
    if (this.state.mute && p.startsWith('/api/')) return refuse(res, 503, 'muted');
    if (p === '/api/v1/session' || p === '/api/v1/password') return this.people(req, res, p);
    if (this.state.closed && !this.session.user && p.startsWith('/api/')) return named(res, 401, {error: 'sign_in'});
    if (['/api/v1/peers', '/api/v1/verdict', '/api/v1/pacts'].includes(p) || /^\/api\/v1\/(incidents|pacts\/)/.test(p)) return void this.pacts.answer(req, p, this.session, (code, v) => named(res, code, v));
    if (p === '/api/v1/witnesses') return json(res, this.pacts === NONE ? {quorum: 'none', size: 0, reach: 0, now: 0, witnesses: [], asked: []} : WITNESSES(Date.now()));
    if (p === '/api/v1/coverage') return this.state.coverage === null ? refuse(res, 404, 'there is no such thing') : json(res, coverageOf(Date.now(), this.pacts === NONE ? {prefixes: [], healthy: 0} : this.state.coverage));
    if (p === '/api/v1/cutoff' || p.startsWith('/api/v1/cutoff/')) return this.cutoff?.[p.slice(15) || 'world'] ? json(res, this.cutoff[p.slice(15) || 'world']) : refuse(res, 404, 'there is no such thing');
    if (p === '/api/v1/vulnerabilities' || p.startsWith('/api/v1/vulnerabilities/')) {
      const v = this.vulnerabilities && (p.length > 24 ? vulnerability(this.vulnerabilities, p.slice(24), Date.now()) : this.vulnerabilities);
      return v ? json(res, v) : refuse(res, 404, 'there is none');
    }
    if (p === '/api/v1/exchange') return this.exchange ? json(res, this.exchange) : refuse(res, 404, 'there is none');
    if (p === '/api/v1/exchange/explain') return json(res, explained(q.get('object'), q.get('to'), Date.now()));
    if (p === '/api/v1/world') return this.lists ? json(res, this.lists) : refuse(res, 404, 'there is none');
    if (p.startsWith('/api/v1/alerts')) return this.alertsOf(req, res, p, q.get('lang') ?? 'en');
    if (p === '/api/v1/node') return json(res, this.node());
    if (p === '/api/v1/now') return json(res, snapshot(w, this.state, Date.now()));
    if (p === '/api/v1/live') return q.has('at') ? this.past(req, res, q) : this.live(req, res);
    if (p === '/api/v1/series') return json(res, week(w, ++this.weeks > 1));
    // As the node: neither a chip nor one of RSIT.
    if (/^\/api\/v1\/(top\/|events$)/.test(p) && q.has('class') && !CHIPS.some(c => slug(c) === slug(q.get('class'))) && !w.events.some(e => e.class === q.get('class')))
      return refuse(res, 400, 'a class is one of RSIT, as information-gathering:scanner, or a chip of the page, as scan');
    if (p.startsWith('/api/v1/top/')) return json(res, top(w, p.slice(12), q));
    if (p === '/api/v1/events') {
      const list = matching(w, q, true);
      return json(res, {events: list.slice(0, +(q.get('limit') ?? 20)).map(e => whole(e, w.log)), matched: list.length});
    }
    const m = /^\/api\/v1\/events\/(\d+-\d+)(?:\/(raw|proof))?$/.exec(p);
    return m ? this.event(res, m[1], m[2]) : this.file(req, res, p);
  }

  /** Opens one; null resolves all. */
  alert(number, severity) {
    for (const a of this.alerts) if (number === null) Object.assign(a, {state: 'resolved', resolved: iso(Date.now())});
    if (number !== null)
      this.alerts.unshift({
        number,
        key: `sensor-silent:north-${number}`,
        severity,
        state: 'firing',
        text: `sensor north-${number} has written nothing for 900 s`,
        to_do: 'see that <b>the sensor</b> runs and writes',
        acknowledged_by: '',
        since: iso(Date.now() - 900e3),
        acknowledged: '',
        resolved: ''
      });
    this.countAlerts();
  }
  countAlerts() {
    const of = s => this.alerts.filter(a => a.state === s).length;
    this.state.alerts = [of('firing'), of('acknowledged'), this.state.alerts[2] + 1];
  }
  alertsOf(req, res, p, said) {
    if (req.method === 'GET') return json(res, {alerts: this.alerts.map(a => ({...a, text: said === 'en' ? a.text : `${said}: ${a.text}`}))});
    const a = this.alerts.find(x => `/api/v1/alerts/${x.number}/ack` === p);
    if (req.headers.origin !== this.url.slice(0, -1)) return refuse(res, 403, 'elsewhere');
    if (!this.session.user) return named(res, 401, {error: 'sign_in'});
    Object.assign(a, {state: 'acknowledged', acknowledged_by: this.session.user, acknowledged: iso(Date.now())});
    this.countAlerts();
    return json(res, {done: true});
  }

  /** One person, `alice`, whose password is `correct horse`. */
  async people(req, res, p) {
    const nobody = {user: '', role: '', kind: '', until: ''},
      alice = {user: 'alice', role: 'analyst', kind: 'person', until: iso(Date.now() + 12 * 3600e3)};
    let body = '';
    for await (const b of req) body += b;
    if (req.method === 'GET') return this.state.closed && !this.session.user ? named(res, 401, {error: 'sign_in'}) : json(res, this.session);
    if (req.headers.origin !== this.url.slice(0, -1)) return refuse(res, 403, 'elsewhere');
    if (req.method === 'DELETE') return json(res, (this.session = nobody));
    const form = JSON.parse(body);
    if (p === '/api/v1/password') return form.password.length < 10 ? named(res, 400, {error: 'form'}) : json(res, {done: true});
    if (form.link ? !this.links.delete(form.link) : form.password === 'too soon') return named(res, form.link ? 401 : 429, form.link ? {error: 'refused'} : {error: 'wait', wait_s: 4});
    if (!form.link && (form.user !== 'alice' || form.password !== 'correct horse')) return named(res, 401, {error: 'refused'});
    return json(res, (this.session = alice));
  }

  live(req, res) {
    res.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store'});
    res.write(`event: snapshot\nid: ${this.world.log.size}\ndata: ${JSON.stringify(snapshot(this.world, this.state, Date.now()))}\n\n`);
    this.viewers.add(res);
    req.on('close', () => this.viewers.delete(res));
  }
  /** A stream of the past; at most `replays` at a time. */
  past(req, res, q) {
    const w = this.world,
      speed = Number(q.get('speed') ?? 1);
    let at = Date.parse(q.get('at')),
      last = null;
    if (Number.isNaN(at)) return refuse(res, 400, 'at is a time');
    if (at > Date.now()) return refuse(res, 400, 'at lies ahead');
    this.asked.push(q.toString());
    if (this.pasts.size >= this.replays) return refuse(res, 503, 'too many look at the past at the moment');
    const like = () => snapshot(w, this.state, Date.now()),
      say = (event, v) => res.write(`event: ${event}\nid: ${w.log.size}\ndata: ${JSON.stringify(v)}\n\n`),
      from = new Date(Date.now() - KEPT).toISOString().slice(0, 23) + '000Z';
    res.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store'});
    last = pastOf(w, like(), at);
    say('snapshot', {...last, replay: {from, speed, erased: this.erased, left_out: 0}});
    if (!speed) {
      say('end', {at: last.now, why: 'paused'});
      return res.end();
    }
    const timer = setInterval(() => {
      at += speed * this.tick;
      if (at >= Date.now()) {
        say('end', {at: new Date().toISOString(), why: 'now'});
        return res.end();
      }
      const next = pastOf(w, like(), at);
      say('delta', changed(last, next));
      last = next;
    }, this.tick);
    this.pasts.add(res);
    res.on('close', () => {
      clearInterval(timer);
      this.pasts.delete(res);
    });
  }
  tell() {
    if (this.state.mute) return;
    const frame = `event: delta\nid: ${this.world.log.size}\ndata: ${JSON.stringify(delta(this.world, this.state, Date.now()))}\n\n`;
    for (const v of this.viewers) v.write(frame);
  }

  event(res, id, part) {
    const e = this.world.events.find(x => x.id === id),
      [block, i] = id.split('-').map(Number),
      log = this.world.log;
    if (!e) return refuse(res, 404, 'no such event');
    if (!part) return json(res, whole(e, log));
    if (part === 'raw') {
      res.writeHead(200, {'content-type': 'text/plain; charset=utf-8'});
      return res.end(e.raw);
    }
    if (!log.blocks.has(block)) return refuse(res, 404, 'not in the log yet');
    res.writeHead(200, {'content-type': 'application/json'});
    return res.end(log.proof(block, i));
  }

  file(req, res, path) {
    const name = join(this.dir, path === '/' ? 'index.html' : path);
    if (path.includes('..') || !existsSync(name) || path === '/assets.c') return refuse(res, 404, 'not here');
    const zip = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '') && existsSync(name + '.gz');
    res.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'cache-control': path === '/' ? 'no-cache' : 'max-age=31536000, immutable',
      ...(zip ? {'content-encoding': 'gzip'} : {})
    });
    return res.end(readFileSync(zip ? name + '.gz' : name));
  }

  /** Cuts all live streams. */
  drop() {
    for (const v of [...this.viewers, ...this.pasts]) v.destroy();
  }
  close() {
    clearInterval(this.timer);
    this.drop();
    return new Promise(done => {
      this.server.close(done);
      this.server.closeAllConnections();
    });
  }
}

export async function startStub({dir, port = 0, seed = 204, hz = 4} = {}) {
  const stub = new Stub(dir, seed, hz);
  await new Promise(done => stub.server.listen(port, '127.0.0.1', done));
  return stub;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2] ?? fileURLToPath(new URL('../../web/dist', import.meta.url));
  const s = await startStub({dir, port: Number(process.argv[3] ?? 0)});
  console.log(s.url);
}
