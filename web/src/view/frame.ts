// What frames the view: header, headline, filter, chips, and the line at the foot that says what the figures rest on.
import {app} from '../app';
import {chipName, has, slug, tokens, withToken, type Filter} from '../filter';
import {esc, fixed, hms, local, num, span, timeTag, title, visible} from '../format';
import {lang, LANGUAGES, w} from '../i18n';
import {roleName} from '../people';
import {asnOf} from '../query';
import {href, read, VIEWS} from '../state';
import {pacts} from '../incident/watch';
import {networkPlain} from './lists';
import {seg} from './table';

const moon =
  '<svg class="sh" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.4"/><path class="f" d="M8 2.6a5.4 5.4 0 0 1 0 10.8z"/></svg>';

function state(): string {
  if (app.past) return app.past.state();
  const t = app.model.ready ? app.model.clock() : 0;
  const at = (ms: number) => `<span id="clock">${timeTag(new Date(ms).toISOString(), hms(ms) + ' UTC')}${local(ms) ? ` <span class="loc">(${local(ms)})</span>` : ''}</span>`;
  switch (app.status) {
    case 'live':
      return `<i class="dot"></i><b>${w.live}</b> ${at(t)}`;
    case 'paused':
      return `<i class="bars"></i><b>${w.paused}</b> ${at(app.model.now)}`;
    case 'stale':
      return `<i class="ring"></i><b class="warn">${w.stale}</b> <span class="mut">${w.stalledFor(span(app.silence))}</span>`;
    default:
      return `<i class="ring"></i><b>${w.connecting}</b>`;
  }
}

function person(): string {
  const s = app.session;
  if (!s) return `<button type="button" class="btn" id="who" data-act="who=">${w.people.signIn}</button>`;
  return `<button type="button" class="btn" id="who" data-act="who=" title="${esc(w.people.who(s.user))}">${visible(s.user)} <span class="mut">${roleName(s.role)}</span></button>`;
}

/** Nothing while nothing is open: a node that is well says so by its figures. */
function alerts(): string {
  const [firing, acked] = app.live.honesty?.alerts ?? [0, 0];
  if (!firing && !acked) return '';
  const text = firing ? w.alerts.firing(num(firing), firing === 1) : w.alerts.seen(num(acked), acked === 1);
  return `<button type="button" class="btn${firing ? ' loud' : ''}" id="open-alerts" data-act="alerts=" title="${w.alerts.title}">${text}</button>`;
}

export const viewName = (view: string): string => ({incidents: w.incidents, pact: w.pact, world: w.world, vulnerabilities: w.vulnerabilities, exchange: w.exchange, cutoff: w.cutoff, log: w.log})[view] ?? w.now;
/** What there is no pact for is not offered. */
function views(): string {
  const at = read().view,
    all = pacts.known ? VIEWS : VIEWS.filter(v => !/^(incidents|pact)$/.test(v) || v === at);
  // By its key a link stays what it is when others come before it: the focus must not be on another view then.
  const one = (view: string): string => `<a data-k="${view}" href="${href({view, sel: ''})}"${view === at ? ' aria-current="page"' : ''}>${viewName(view)}</a>`;
  return `<nav class="views" aria-label="${w.views}">${all.map(one).join('')}</nav>`;
}

function languages(): string {
  const options = Object.entries(LANGUAGES).map(([l, name]) => `<option value="${l}" lang="${l}"${l === lang ? ' selected' : ''}>${name}</option>`);
  return `<select class="btn" id="lang" aria-label="${w.language}">${options.join('')}</select>`;
}

/** waits: what waits for who is signed in, as a button. */
export function header(waits = ''): string {
  const n = app.node,
    still = app.past ? !app.past.speed : app.paused,
    dark = document.documentElement.dataset.theme !== 'light';
  const marks =
    (n?.demo ? `<span class="tag" title="${w.demoTitle}">${w.demo}</span>` : '') +
    (n?.test ? `<span class="tag" title="${w.testTitle}">${w.test}</span>` : '');
  return (
    `<a class="brand" href="#/now"><b>detente</b> <span>${n ? visible(title(n.party)) : ''}</span></a>` +
    views() +
    `<span class="grow"></span>${marks}` +
    `<span class="live">${state()}</span>` +
    `<button type="button" class="btn" id="pause" data-act="pause=" aria-pressed="${still}">${still ? w.resume : w.pause} <kbd>${w.space}</kbd></button>` +
    waits +
    alerts() +
    person() +
    languages() +
    `<button type="button" class="btn sq" id="theme" data-act="theme=" aria-label="${dark ? w.toLight : w.toDark}">${moon}</button>` +
    `<button type="button" class="btn sq" id="keys" data-act="help=" aria-label="${w.shortcuts}">?</button>`
  );
}

export function tokenList(f: Filter): string {
  return tokens()
    .map(t => {
      const text = t.key ? `${t.key}:${t.value}` : t.value,
        bad = f.bad.some(b => b.key === t.key && b.value === t.value);
      const data = `data-k="${esc(text)}" data-act="drop=${esc(text)}" aria-label="${esc(w.removeToken(text))}"`;
      const why = bad ? ` title="${esc(w.notAFilter(text))}"` : '';
      const shown = `${t.key ? visible(t.key) + ':' : ''}<b>${visible(t.value)}</b> ×`;
      return `<button type="button" class="tok${bad ? ' bad' : ''}" ${data}${why}>${shown}</button>`;
    })
    .join('');
}

/** A figure in the sentence leads to its rows. */
const rows = (act: string, n: number): string => `<button type="button" class="fig" data-act="${act}">${num(n)}</button>`;

/** Who sees nothing can say nothing of others. */
function blind(): string {
  const h = app.model.honesty,
    [up, all] = h?.sensors ?? [0, 0];
  if (h && !all && !app.model.total15()) return w.headline.noSensors;
  return h && all && !up ? w.headline.blind(num(all)) : '';
}

function figures(bare = false): string {
  const m = app.model,
    h = m.honesty,
    total = m.total15();
  const [up, all] = h?.sensors ?? [0, 0];
  if (!total && bare) return w.headline.zeroBare;
  if (!total) return up < all ? w.headline.zeroPart(num(up), num(all)) : w.headline.zero(num(up), num(all));
  const nets = m.networks15(),
    ecos = m.economies15(),
    top = nets[0];
  const most = top && nets.length > 1 ? w.headline.most(networkPlain(top[0], top[1]), num(top[3])) : w.headline.end;
  const [, n, e] = m.totals ?? [0, nets.length, ecos.length];
  return (
    w.headline.main(rows('map=table', total), total === 1, rows('by=network', n), n === 1, rows('by=economy', e), e === 1) +
    most +
    (h && up < all && !bare ? w.headline.part(num(up), num(all)) : '')
  );
}

function filtered(): string {
  const q = app.query;
  if (q.error) return w.headline.filterFailed(q.error);
  if (!q.result) return w.headline.filterWait;
  const n = q.result.total,
    top = q.result.networks[0];
  const end = top && n ? w.headline.filterMost(networkPlain(asnOf(top), top.name || app.model.name(asnOf(top))), num(top.n)) : '<b>.</b>';
  return w.headline.filtered(num(n), num(Math.max(n, app.model.total15()))) + end;
}

/** The first sentence is the answer, and says so when it is an old or a blind one. */
export function headline(f: Filter, verdict = ''): string {
  if (app.closed && !app.session) return w.people.closed;
  if (app.past) return app.past.headline(f.any ? filtered() : figures(true));
  if (!app.model.ready) return app.status === 'stale' ? w.headline.gone : w.headline.loading;
  const text = f.others ? filtered() : blind() || verdict || figures();
  return app.status === 'stale' ? w.headline.stale(hms(app.model.now), text) : text;
}

export function tools(f: Filter): string {
  // Under a filter only filtered counts may stand here; a node that cannot give them gets none shown.
  const counts = f.any ? app.query.result?.chips : app.model.chips;
  const chips = (app.node?.chips ?? [])
    .map((c, i) => {
      const on = has('class', slug(c));
      const data = `data-k="${i}" data-act="filter=class:${slug(c)}" aria-pressed="${on}" title="${w.chipTitle(String(i + 1))}"`;
      return `<button type="button" class="chip" ${data}>${chipName(c)}${counts ? `<b>${num(counts[i] ?? 0)}</b>` : ''}</button>`;
    })
    .join('');
  return (
    seg(
      'map',
      w.showAs,
      [
        ['map', w.map],
        ['table', w.table]
      ],
      read().map
    ) + `<div class="chips" role="group" aria-label="${w.classes}">${chips}</div>`
  );
}

/** What the figures rest on; each opens what it counts. Beside a moment of the past stands what is of now, and says so. */
export function honesty(drawn: number): string {
  const m = app.live,
    h = m.honesty,
    o = w.honesty;
  if (!h) return '';
  const bit = (name: string, value: string, titleText = '', warn = false, to = ''): string => {
    const text = `${name} <b${warn ? ' class="warn"' : ''}>${value}</b>`,
      about = titleText ? ` title="${titleText}"` : '';
    return to ? `<a href="${esc(to)}"${about}>${text}</a>` : `<span${about}>${text}</span>`;
  };
  const lag = h.lag_ms < 10_000 ? `${fixed(h.lag_ms / 1000, 1)} ${w.unit.s}` : span(h.lag_ms / 1000);
  const signed = Date.parse(m.log.signed),
    now = app.paused ? m.now : m.clock();
  const tables = h.tables_age_days < 0 ? o.noTables : `${num(h.tables_age_days)} ${w.unit.d}${h.tables_stale ? ' ' + o.tablesStale : ''}`;
  const sets = app.node?.datasets.map(d => `${d.name} ${d.date}${d.stale ? ' ' + o.tablesStale : ''}`).join(', ') ?? '';
  const log = href({view: 'log', sel: ''});
  const undrawn = bit(o.undrawn, num(Math.max(0, app.model.corridorCount - drawn)), o.titles.undrawn, false, href({view: 'now', map: 'table'})),
    unknown = bit(o.unknown, num(app.model.unknown), o.titles.unknown, false, withToken('country', '-')),
    double = bit(o.duplicates, num(h.duplicates), o.titles.duplicates);
  return [
    app.past ? undrawn + unknown + app.past.foot() : '',
    `<a href="${log}"${h.sensors[0] < h.sensors[1] ? ' class="warnbit"' : ''}>${o.sensors(num(h.sensors[0]), num(h.sensors[1]))}</a>`,
    bit(o.lag, lag, o.titles.lag, h.lag_ms > 60_000, log),
    bit(o.dropped, num(h.dropped), o.titles.dropped, h.dropped > 0, log),
    bit(o.rejected, num(h.rejected), o.titles.rejected, false, log),
    app.past ? double : undrawn + double + unknown,
    bit(o.skewed, num(h.skewed), o.titles.skewed, false, log),
    bit(o.tables, tables, esc(sets), h.tables_stale),
    `<a href="${log}">${o.log} <b>${num(m.log.size)}</b>, ${Number.isNaN(signed) ? o.notSigned : o.signed(span((now - signed) / 1000))}</a>`
  ].join('');
}
