// The view of now and, beside it, that of incidents: skeleton once, then each part is filled and patched.
import {app} from '../app';
import {$, fill} from '../dom';
import type {Filter} from '../filter';
import {num, title} from '../format';
import {w} from '../i18n';
import {incidentList} from '../load';
import {corridors, drawable, home} from '../select';
import {read} from '../state';
import {pacts} from '../incident/watch';
import {headline, header, honesty, tokenList, tools} from './frame';
import {corridorTable, events, origins, targets} from './lists';
import {mapHtml, MapView} from './mapview';
import {timeHtml, TimeView} from './timeview';

let map: MapView | null = null,
  time: TimeView | null = null,
  stage = '';
/** Comes with the first pact. */
let incidents: typeof import('../incident/list') | null = null;

export function build(): void {
  $('#skip')!.textContent = w.skip;
  $('#top')!.innerHTML =
    `<div class="bar1" id="bar1"></div><div class="bar2"><p class="headline" id="headline"></p>` +
    `<form id="filter" role="search"><label for="q">${w.filter}</label>` +
    `<span id="tokens" class="toks"></span><input id="q" autocomplete="off" autocapitalize="off" spellcheck="false"></form></div>`;
  $('#main')!.innerHTML =
    `<h1 class="sr" id="h-view">${w.now}</h1>` +
    `<div class="inc" id="inc" hidden></div><div class="now" id="now"><section class="cell mapc" aria-label="${w.whereFrom}">` +
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
    map.render(f, now);
    parts.push(
      [
        map.made
          ? w.synthetic(num(map.drawn))
          : map.drawn || !m.corridorCount || !m.economies.size
            ? w.drawn(num(map.drawn), num(m.corridorCount))
            : w.noHome,
        w.offMap(num(m.unknown)) + (map.lost ? `, ${w.offPlace(num(map.lost))}` : '')
      ].join('; ') + '.'
    );
  } else {
    const t = corridorTable(f);
    fill($('#stage'), t.html);
    parts.push(w.tableShown(num(t.shown), num(m.corridorCount)) + '; ' + w.offMap(num(m.unknown)) + '.');
  }
  fill($('#note'), parts.join(' '));
}

/** Header and foot alone: their ages grow every second, also when nothing else changed. */
export function tick(f = app.filter()): void {
  fill($('#bar1'), header());
  if (app.model.ready) fill($('#honesty'), honesty(map?.drawn ?? (home() ? drawable(corridors(f)).length : 0)));
}

/** What the view is called, in the window's title too. */
function name(view: string): void {
  const text = view === 'incidents' ? w.incidents : w.now;
  fill($('#h-view'), text);
  if (app.node) document.title = `${text} · detente · ${title(app.node.party)}`;
}

/** The parts about incidents; gives true when nothing else is shown. */
function showIncidents(): boolean {
  const alone = read().view === 'incidents' && app.model.ready;
  if (!incidents && (pacts.known || alone)) {
    void incidentList().then(m => {
      incidents = m;
      render(true);
    });
  }
  $('#now')!.hidden = alone;
  $('#inc')!.hidden = !alone;
  $('#filter')!.hidden = alone;
  $('#open-inc')!.hidden = !pacts.known || !incidents;
  if (!alone && pacts.known && incidents) fill($('#open-inc'), incidents.cell());
  if (!alone) return false;
  map?.stop();
  map = null;
  stage = '';
  fill($('#inc'), incidents?.view() ?? '');
  fill($('#headline'), incidents?.headline() ?? '');
  return true;
}

export function render(now: boolean): void {
  const f = app.filter();
  name(read().view);
  if (showIncidents()) return tick(f);
  fill($('#headline'), headline(f));
  fill($('#tokens'), tokenList(f));
  const q = $<HTMLInputElement>('#q')!;
  q.placeholder = read().q ? w.filterMore : w.filterEmpty;
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
}
export const stats = (): object | undefined => map?.map.stats;
