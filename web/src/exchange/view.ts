// What is given to others and taken from them: partners and what they owe, collections, sources, and why an object does not go out.
import {app} from '../app';
import {$, fill} from '../dom';
import {day, esc, hm, length, num, plain, span, timeTag, title, visible} from '../format';
import {wx} from '../i18n/parts';
import {mark} from '../incident/state';
import {href, read} from '../state';
import {whyNot} from '../trouble';
import {table, type Column, type Row} from '../view/table';
import {getExchange, getExplained, type Collection, type Exchange, type Explained, type Partner, type Source} from './ask';
import {hitColumns, hitNotes, hitRows, noHits} from './hits';

/** Between two questions: the node itself looks no more often. */
const PAUSE = 15_000,
  AGAIN = 5_000;
const ID = 320;
let all: Exchange | null = null,
  old = false,
  trouble = '',
  asked = -Infinity,
  drawn: Element | null = null;
/** What was asked last, and what came of it. */
let question = '',
  answer: Explained | null = null,
  failed = '';

async function ask(): Promise<void> {
  try {
    all = await getExchange(AbortSignal.timeout(20_000));
    old = !all;
    trouble = '';
  } catch (e) {
    trouble = whyNot(e);
  }
  app.redraw();
}
function want(): void {
  const now = performance.now();
  if (now - asked < (trouble ? AGAIN : PAUSE) || (app.status !== 'live' && asked > 0)) return;
  asked = now;
  void ask();
}
/** Once for each question; it stands in the address. */
function explain(object: string, to: string): void {
  const of = `${to} ${object}`;
  if (of === question) return;
  question = of;
  answer = null;
  failed = '';
  if (!object || !to) return;
  const keep = (a: Explained | null, why: string): void => {
    if (question !== of) return;
    answer = a;
    failed = why;
    app.redraw();
  };
  getExplained(object, to, AbortSignal.timeout(20_000)).then(
    a => {
      keep(a, '');
    },
    (e: unknown) => {
      keep(null, whyNot(e));
    }
  );
}

// ---- parts

const mut = (s: string): string => `<span class="mut">${s}</span>`;
const party = (id: string): string => visible(title(id));
const when = (iso: string): string => (iso ? timeTag(iso, `${day(Date.parse(iso))} ${hm(Date.parse(iso))} UTC`) : mut(wx.never));
const section = (id: string, name: string, body: string, side = ''): string =>
  `<section class="cell" data-k="${id}" aria-labelledby="${id}"><div class="sh-row"><h2 id="${id}">${name}</h2><span class="grow"></span>${side ? mut(side) : ''}</div>${body}</section>`;
/** Where there is no room for columns, each cell says what it is of. */
const list = (caption: string, cols: Column[], rows: Row[], empty: string): string =>
  table(caption, cols, rows.map(r => ({...r, cells: r.cells.map((c, i) => (i ? `<span class="x-by" aria-hidden="true">${cols[i].h}: </span>${c}` : c))})), empty, 'x-tab');
const left = (shown: number, count: number): string => (shown < count ? `<p class="note">${wx.firstOf(num(shown), num(count))}</p>` : '');

function partners(x: Exchange): string {
  const cols: Column[] = [{h: wx.col.partner}, {h: wx.col.bound}, {h: wx.col.ceiling}, {h: wx.col.waiting, right: true}, {h: wx.col.overdue, right: true}, {h: wx.col.removed, right: true}];
  const rows = x.partners.map(
    (p: Partner): Row => ({
      k: `${p.pact} ${p.party}`,
      cells: [
        `${party(p.party)}<br>${mut(visible(p.pact))}`,
        p.bound ? wx.yes : `<b>${wx.notBound}</b>`,
        p.bound ? visible(p.ceiling) : mut('–'),
        p.waiting ? num(p.waiting) : mut('0'),
        p.overdue ? mark('over', num(p.overdue)) : mut('0'),
        p.removed ? num(p.removed) : mut('0')
      ]
    })
  );
  return section('x-pa', wx.partners, list(wx.partners, cols, rows, wx.noPartners) + `<p class="note">${wx.within(length(x.within_s))}</p>`, wx.takenBack);
}

function nameOf(c: Collection): string {
  return `<span title="${plain(c.id)}">${c.title ? visible(c.title) : visible(c.alias || c.id)}</span>${c.alias && c.title ? `<br>${mut(visible(c.alias))}` : ''}`;
}
function collections(x: Exchange): string {
  const cols: Column[] = [{h: wx.col.collection}, {h: wx.col.objects, right: true}, {h: wx.col.from}, {h: wx.col.pact}, {h: wx.col.readers, right: true}, {h: wx.col.writers, right: true}];
  const rows = x.collections.map((c): Row => ({
    k: c.id,
    cells: [nameOf(c), num(c.objects), c.from ? party(c.from) : wx.ours, c.pact ? visible(c.pact) : mut(wx.noPact), num(c.readers), num(c.writers)]
  }));
  return section('x-co', wx.collections, list(wx.collections, cols, rows, wx.toAdd) + left(x.collections.length, x.collection_count));
}

/** A fault of a source is no fault of a party: it has no hue. */
function state(s: Source): string {
  if (!s.fault) return s.succeeded ? wx.fine : mut(wx.never);
  const since = s.fault_since ? wx.since(span(Math.max(0, (app.model.clock() - Date.parse(s.fault_since)) / 1000))) : '';
  return `<b>${visible(s.fault)}</b>${since ? `<br>${mut(since)}` : ''}`;
}
function sources(x: Exchange): string {
  const cols: Column[] = [{h: wx.col.source}, {h: wx.col.state}, {h: wx.col.succeeded}, {h: wx.col.next}, {h: wx.col.taken, right: true}, {h: wx.col.refused, right: true}];
  const rows = x.sources.map((s): Row => ({
    k: s.name,
    cells: [`${visible(s.name)}${s.title ? `<br>${mut(visible(s.title))}` : ''}`, state(s), when(s.succeeded), s.next ? when(s.next) : mut(wx.byHand), num(s.added), s.refused ? num(s.refused) : mut('0')]
  }));
  return section('x-so', wx.sources, list(wx.sources, cols, rows, wx.noSources) + left(x.sources.length, x.source_count));
}

/** None: a node of an earlier version. */
function hits(x: Exchange): string {
  const h = x.hits;
  if (!h) return '';
  const side = h.looked_for ? wx.soughtFor(num(h.looked_for), h.days) : '';
  return section('x-hi', wx.hits, list(wx.hits, hitColumns(), hitRows(h), noHits(h)) + left(h.indicators.length, h.indicator_count) + hitNotes(h), side);
}

// ---- why it did not go out

function rowsOf(a: Explained): string {
  const cols: Column[] = [{h: wx.col.collection}, {h: wx.col.version}, {h: 'TLP'}, {h: wx.col.goes}, {h: wx.col.reason}];
  const rows = a.rows.map((r, i): Row => ({
    k: `${i}`,
    cells: [visible(r.collection), visible(r.version), visible(r.tlp), r.goes ? wx.goes : `<b>${wx.stays}</b>`, wx.reasons[r.word] ?? visible(r.reason)]
  }));
  return list(wx.why, cols, rows, wx.nowhere) + left(a.rows.length, a.row_count);
}
function told(object: string, to: string): string {
  if (!object || !to) return `<p class="note">${wx.whyHint}</p>`;
  if (failed) return `<p class="empty">${wx.failed(failed)}</p>`;
  if (!answer) return `<p class="empty">${wx.loading}</p>`;
  return `<p class="note">${wx.about(visible(answer.object), party(answer.to))}</p>${rowsOf(answer)}`;
}
const form = (): string =>
  `<section class="cell" aria-labelledby="x-wh"><div class="sh-row"><h2 id="x-wh">${wx.why}</h2></div>` +
  `<form id="x-form" class="x-form"><label>${wx.object} <input id="x-object" type="search" maxlength="${ID}" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="${wx.example}"></label>` +
  `<label>${wx.party} <select id="x-to" class="btn"></select></label><button type="submit" class="btn">${wx.askWhy}</button></form><div id="x-out" role="status"></div></section>`;

/** Whom one may ask for: partners, once each, and who the address names. */
function choices(x: Exchange, chosen: string): string {
  const known = [...new Set(x.partners.map(p => p.party))].sort(),
    list = chosen && !known.includes(chosen) ? [...known, chosen] : known;
  return list.map(p => `<option value="${esc(p)}">${party(p)}</option>`).join('');
}
function onSubmit(e: Event): void {
  e.preventDefault();
  const find = $<HTMLInputElement>('#x-object')!.value.trim().slice(0, ID);
  question = '';
  location.hash = href({find, party: $<HTMLSelectElement>('#x-to')!.value});
  app.redraw();
}

// ---- the view

function build(box: Element): void {
  box.innerHTML = `<div id="x-all"></div>${form()}`;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-labelledby', 'h-view');
  (box as HTMLElement).tabIndex = 0;
  $('#x-form')!.addEventListener('submit', onSubmit);
  drawn = box;
}
/** While somebody writes, the field is right. */
function fields(x: Exchange, object: string, to: string): void {
  const f = $<HTMLInputElement>('#x-object')!,
    s = $<HTMLSelectElement>('#x-to')!,
    before = s.value;
  if (document.activeElement !== f && f.value !== object && object) f.value = object;
  fill(s, choices(x, to));
  if (document.activeElement !== s) s.value = to || before || s.options[0]?.value || '';
}

export function draw(box: Element): void {
  want();
  if (drawn !== box) build(box);
  const {find, party: to} = read();
  if (!all) {
    fill($('#x-all'), section('x-pa', wx.partners, `<p class="empty">${old ? wx.earlier : trouble ? wx.failed(trouble) : wx.loading}</p>`));
    return;
  }
  explain(find, to);
  fields(all, find, to);
  fill($('#x-all'), partners(all) + collections(all) + hits(all) + sources(all));
  fill($('#x-out'), told(find, to));
}

export function headline(): string {
  if (old) return `<b>${wx.earlier}</b>`;
  if (!all) return `<b>${trouble ? wx.failed(trouble) : wx.loading}</b>`;
  const sum = (of: (p: Partner) => number): number => all!.partners.reduce((n, p) => n + of(p), 0),
    faults = all.sources.filter(s => s.fault).length;
  const more = trouble ? ` <span class="warn">${wx.failed(trouble)}</span>` : '';
  if (!all.collections.length) return `<b>${wx.nothing}</b> <span>${wx.toAdd}</span>${more}`;
  return `<b>${wx.main(sum(p => p.overdue), sum(p => p.waiting), faults)}</b>${more}`;
}
export const kick = (): string => wx.kick;
export const side = (): string => '';
