// The view of now and, in its place, the others: skeleton once, then each part is filled and patched.
import {app} from '../app';
import {$, fill} from '../dom';
import {withToken, type Filter} from '../filter';
import {esc, num, title} from '../format';
import {w} from '../i18n';
import {awayBanner, cards as loadCards, cutoffView, exchangeView, incidentList, logView, marks as loadMarks, pactView, vulnView, worldView} from '../load';
import {corridors, drawable, home} from '../select';
import {href, read} from '../state';
import {pacts} from '../incident/watch';
import {headline, header, honesty, tokenList, tools, viewName} from './frame';
import {corridorTable, events, origins, targets} from './lists';
import {mapHtml, MapView} from './mapview';
import {timeHtml, TimeView} from './timeview';

/** Marks on the timeline come so long after the page, in ms. */
const MARKS = 3_000;
let map: MapView | null = null,
  time: TimeView | null = null,
  stage = '';
/** These come with the first pact. */
let list: typeof import('../incident/list') | null = null,
  cards: typeof import('../verdict/cards') | null = null,
  away: typeof import('./away') | null = null;

export function build(): void {
  $('#skip')!.textContent = w.skip;
  $('#top')!.innerHTML =
    `<div class="bar1" id="bar1"></div><section class="away" id="away" hidden></section><div class="bar2" id="bar2"><div class="hl"><p class="kick" id="kick"></p><p class="headline" id="headline"></p></div><div class="hside" id="side"></div>` +
    `<form id="filter" role="search"><label for="q">${w.filter}</label>` +
    `<span id="tokens" class="toks"></span><input id="q" autocomplete="off" autocapitalize="off" spellcheck="false"></form></div>`;
  $('#main')!.innerHTML =
    `<h1 class="sr" id="h-view">${w.now}</h1>` +
    `<div class="inc" id="inc" hidden></div><div class="pact" id="pact" hidden></div><div class="world" id="world" role="region" aria-labelledby="h-view" tabindex="0" hidden></div><div class="vuln" id="vuln" hidden></div><div class="exch" id="exch" hidden></div><div class="cut" id="cutoff" role="region" aria-labelledby="h-view" tabindex="0" hidden></div><div class="log" id="log" role="region" aria-labelledby="h-view" tabindex="0" hidden></div>` +
    `<div class="now" id="now"><ul class="cards" id="cards" hidden></ul><section class="cell mapc" aria-label="${w.whereFrom}">` +
    `<div class="tools" id="tools"></div><div id="stage"></div><p class="note" id="note"></p></section>` +
    `<aside class="rail" aria-label="${w.origins}">` +
    `<section class="cell" id="open-inc" aria-labelledby="h-inc" hidden></section>` +
    `<section class="cell" id="origins" aria-labelledby="h-or"></section>` +
    `<section class="cell" id="targets" aria-labelledby="h-tg"></section>` +
    `<section class="cell" id="events" aria-labelledby="h-ev"></section></aside>` +
    `<section class="cell time" aria-labelledby="h-tl">${timeHtml()}</section></div>`;
  $('#honesty')!.setAttribute('aria-label', w.honesty.label);
  time = new TimeView();
}

/** The rows of what has no place on the map. */
const unknown = (): string => `<a href="${esc(withToken('country', '-'))}">${num(app.model.unknown)}</a>`;

function showStage(f: Filter, now: boolean): void {
  const kind = read().map,
    box = $('#stage')!;
  if (kind !== stage) {
    map?.stop();
    map = null;
    box.replaceWith(Object.assign(document.createElement('div'), {id: 'stage', className: kind}));
    stage = kind;
    if (kind === 'map') {
      $('#stage')!.innerHTML = mapHtml();
      map = new MapView($('#map')!);
      now = true;
    }
  }
  const m = app.model,
    parts = [w.caption];
  if (map) {
    map.map.pause(app.paused || app.past !== null);
    map.render(f, now);
    parts.push(
      [
        map.made
          ? w.synthetic(num(map.drawn))
          : map.drawn || !m.corridorCount || !m.economies.size
            ? w.drawn(num(map.drawn), `<a href="${esc(href({map: 'table'}))}">${num(m.corridorCount)}</a>`)
            : w.noHome,
        w.offMap(unknown()) + (map.lost ? `, ${w.offPlace(num(map.lost))}` : '')
      ].join('; ') + '.'
    );
  } else {
    const t = corridorTable(f);
    fill($('#stage'), t.html);
    parts.push(w.tableShown(num(t.shown), num(m.corridorCount)) + '; ' + w.offMap(unknown()) + '.');
  }
  fill($('#note'), parts.join(' '));
}

/** Header and foot alone: their ages grow every second, also when nothing else changed. */
export function tick(f = app.filter()): void {
  showAway();
  if (pacts.known && !list) fetched('list', incidentList, m => (list = m));
  fill($('#bar1'), header(list?.waits() ?? ''));
  $('#bar1')!.classList.toggle('replay', app.past !== null);
  if (app.model.ready) fill($('#honesty'), honesty(map?.drawn ?? (home() ? drawable(corridors(f)).length : 0)));
}

/** Comes with a drill, or the first counterpart that is not reached, and says when it is over. */
function showAway(): void {
  if (!away && (app.live.honesty?.drill || pacts.peers.some(p => p.silent_since || p.fault === 'unreachable'))) fetched('away', awayBanner, m => (away = m));
  const html = away?.banner() ?? '',
    box = $('#away')!;
  box.hidden = !html;
  if (away) box.setAttribute('aria-label', away.label());
  fill(box, html);
}

/** What the view is called, in the window's title too. */
function name(view: string): void {
  const text = viewName(view);
  fill($('#h-view'), text);
  if (app.node) document.title = `${text} · detente · ${title(app.node.party)}`;
}

/** Views beside Now: what stands in the sentence, above and beside it, and below; or who fills its box itself, and stops when it is left. */
type Other = {headline: () => string; kick: () => string; side: () => string; view?: () => string; draw?: (box: Element) => void; leave?: () => void; repaint?: () => void};
const LOAD: Record<string, () => Promise<Other>> = {incidents: incidentList, pact: pactView, world: worldView, vulnerabilities: vulnView, exchange: exchangeView, cutoff: cutoffView, log: logView};
const others: Record<string, Other | undefined> = {};
const BOX: Record<string, string> = {incidents: 'inc', pact: 'pact', world: 'world', vulnerabilities: 'vuln', exchange: 'exch', cutoff: 'cutoff', log: 'log'};

/** A view that is not there yet is fetched, once. */
const coming = new Set<string>();
function fetched<T>(what: string, load: () => Promise<T>, take: (t: T) => void): void {
  if (coming.has(what)) return;
  coming.add(what);
  void load().then(
    t => {
      take(t);
      render(true);
    },
    () => coming.delete(what)
  );
}

/** True when another view than Now is shown. */
function showOther(): boolean {
  const view = read().view,
    alone = view in LOAD && app.model.ready,
    shown = others[view];
  if (alone && !shown) fetched(view, LOAD[view], m => (others[view] = m));
  $('#now')!.hidden = alone;
  for (const v in BOX) {
    $('#' + BOX[v])!.hidden = !alone || v !== view;
    if (v !== view) others[v]?.leave?.();
  }
  $('#filter')!.hidden = alone && !/^(incidents|vuln.*)$/.test(view);
  $('#bar2')!.classList.toggle('wide', alone && view !== 'incidents');
  fill($('#kick'), (alone && shown?.kick()) || '');
  fill($('#side'), (alone && shown?.side()) || '');
  if (!alone) return false;
  map?.stop();
  map = null;
  stage = '';
  if (shown?.draw) shown.draw($('#' + BOX[view])!);
  else fill($('#' + BOX[view]), shown?.view?.() ?? '');
  fill($('#headline'), shown?.headline() ?? '');
  return true;
}

/** On Now: counterparts and open incidents, when there is a pact. */
function showPact(): string {
  if (!pacts.known) return '';
  if (!list) fetched('list', incidentList, m => (list = m));
  // After the first picture: the page answers without them.
  if (time && !time.marks && performance.now() > MARKS)
    fetched('marks', loadMarks, m => {
      time!.marks = m;
      $('#tl-marks')!.setAttribute('aria-label', m.label());
    });
  // How it stands with counterparts is of now: beside a moment of the past it would be taken for that moment's.
  if (app.past) {
    $('#open-inc')!.hidden = $('#cards')!.hidden = true;
    app.verdicts = new Map();
    return '';
  }
  if (!cards) fetched('cards', loadCards, m => (cards = m));
  $('#open-inc')!.hidden = !list;
  if (list) fill($('#open-inc'), list.cell());
  app.verdicts = cards?.networks() ?? app.verdicts;
  const html = cards?.cards() ?? '';
  $('#cards')!.hidden = !html;
  fill($('#cards'), html);
  if (cards) $('#cards')!.setAttribute('aria-label', cards.label());
  return cards?.headline() ?? '';
}

export function render(now: boolean): void {
  const f = app.filter();
  name(read().view);
  fill($('#tokens'), tokenList(f));
  const q = $<HTMLInputElement>('#q')!;
  q.placeholder = read().q ? w.filterMore : w.filterEmpty;
  if (showOther()) return tick(f);
  fill($('#headline'), headline(f, showPact()));
  if (!app.model.ready) return tick(f);
  fill($('#tools'), tools(f));
  showStage(f, now);
  fill($('#origins'), origins(f));
  fill($('#targets'), targets(f));
  fill($('#events'), events(f));
  time?.render(f);
  tick(f);
}

export const pauseMap = (on: boolean): void => map?.map.pause(on);
/** Colours are read by the canvases when they are laid out. */
export function repaint(): void {
  map?.map.layout();
  time?.chart.layout();
  others[read().view]?.repaint?.();
}
export const stats = (): object | undefined => map?.map.stats;
