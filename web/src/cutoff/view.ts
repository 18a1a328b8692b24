// If a country is cut off: who inside still reaches whom, as a range and never as one number; which services break when, and what to
// move home. All figures were reckoned before (`detente cutoff keep`) and come as they were kept.
import {app} from '../app';
import {$, fill} from '../dom';
import {day, esc, num, stamp, title, visible} from '../format';
import {w} from '../i18n';
import {wc} from '../i18n/parts';
import {go, read} from '../state';
import {whyNot} from '../trouble';
import {seg, table, type Column, type Row as Line} from '../view/table';
import {getCountry, getServices, getWorld, reach, type Country, type Row, type Services, type World} from './ask';
import {criticalCell, islandsCell, linksCell, reachCell, strandedCell} from './inside';
import {CutMap, mapHtml, type Shaded} from './map';
import {breaksCell, movesCell} from './outlast';
import {bar, countryFull, countryName, more, note, range, section, some, tenths, whole} from './parts';

/** Kept files change with a snapshot, or when somebody audits anew. */
const PAUSE = 60_000;
let world: World | null = null,
  services: Services | null = null,
  none = false,
  trouble = '',
  asked = -Infinity,
  map: CutMap | null = null;
/** Of that survey; null: it has no file of that country. */
const countries = new Map<string, Country | null>(),
  coming = new Set<string>();

async function ask(): Promise<void> {
  const stop = AbortSignal.timeout(20_000);
  try {
    const [a, b] = await Promise.all([getWorld(stop), getServices(stop)]);
    if (a?.made !== world?.made) countries.clear();
    [world, services, none, trouble] = [a, b, !a, ''];
  } catch (e) {
    trouble = whyNot(e);
  }
  app.redraw();
}
function want(): void {
  const now = performance.now();
  if (now - asked < (trouble ? 5_000 : PAUSE) || (app.status !== 'live' && asked > 0)) return;
  asked = now;
  void ask();
}
function country(cc: string): Country | null | undefined {
  if (!countries.has(cc) && !coming.has(cc)) {
    coming.add(cc);
    getCountry(cc, AbortSignal.timeout(20_000))
      .then(
        c => countries.set(cc, c),
        (e: unknown) => (trouble = whyNot(e))
      )
      .finally(() => {
        coming.delete(cc);
        app.redraw();
      });
  }
  return countries.get(cc);
}

// ---- what is chosen

const byReach = (a: Row, b: Row): number => a.strict_pairs_ppm[0] - b.strict_pairs_ppm[0] || (a.country < b.country ? -1 : 1);
/** What the address says; else the node's own country; else the largest. */
function chosen(of: World): Row | undefined {
  const at = (cc: string): Row | undefined => of.countries.find(r => r.country === cc);
  return at(read().cc) ?? at(of.home) ?? [...of.countries].sort((a, b) => b.networks - a.networks)[0];
}
const asTable = (): boolean => read().map === 'table';
/** What the shades of the map are of. */
function stays(of: World): [value: string, text: string][] {
  return [['before', wc.before], ...of.neighbours.map((n, i): [string, string] => [String(i), n ? wc.stayShort(num(n)) : wc.stayNoneShort])];
}
function shaded(): Shaded {
  const s = read().stay,
    i = Number(s);
  return s === 'before' ? {of: r => r.before_ppm, after: false} : {of: r => r.strict_pairs_ppm[i] ?? r.strict_pairs_ppm[0], after: true};
}

// ---- what is cut

const SHOWN = 12;
const pick = (r: Row, on: boolean): string =>
  `<li data-k="${r.country}"><button type="button" data-act="cc=${r.country}" aria-pressed="${on}"><span>${countryName(r.country)}</span>${bar(reach(r))}<b>${range(reach(r))}</b></button></li>`;

/** Home first, what is chosen, and then the largest. */
function picks(of: World, c: Row): string {
  const rest = [...of.countries].sort(ORDER.n).filter(r => r.country !== of.home),
    home = of.countries.filter(r => r.country === of.home),
    first = [...home, ...rest.slice(0, SHOWN)],
    shown = first.includes(c) ? first : [...home, c, ...rest.slice(0, SHOWN - 1)];
  return `<ul class="pick">${shown.map(r => pick(r, r === c)).join('')}</ul>${more(shown.length, of.countries.length)}`;
}

const ROWS = 40;
type Sort = 'n' | 'country' | 'reach' | 'worst' | 'stranded';
const ORDER: Record<Sort, (a: Row, b: Row) => number> = {
  n: (a, b) => b.networks - a.networks,
  country: (a, b) => countryName(a.country).localeCompare(countryName(b.country)),
  reach: byReach,
  worst: (a, b) => b.worst_ppm - a.worst_ppm,
  stranded: (a, b) => b.stranded_abroad - a.stranded_abroad
};
function countryTable(of: World, c: Row): string {
  const sort = (read().sort in ORDER ? read().sort : 'n') as Sort,
    {shown, button} = some('countries', [...of.countries].sort(ORDER[sort]), ROWS);
  const cols: Column[] = [
    {h: wc.col.name, sort: 'country'},
    {h: wc.col.networks, right: true, sort: 'n'},
    {h: wc.before, right: true},
    {h: wc.afterRange, right: true, sort: 'reach', title: wc.rows.strict},
    {h: wc.col.transit, right: true, title: wc.rows.component},
    {h: wc.col.islands, right: true},
    {h: wc.col.worst, right: true, sort: 'worst'},
    {h: wc.col.stranded, right: true, sort: 'stranded'}
  ];
  const rows = shown.map((r): Line => ({
    k: r.country,
    act: `cc=${r.country}`,
    sel: r === c,
    cells: [
      countryFull(r.country),
      num(r.networks),
      tenths(r.before_ppm),
      `<b>${range(reach(r))}</b>`,
      range([Math.min(...r.component_pairs_ppm), Math.max(...r.component_pairs_ppm)]),
      num(r.islands),
      tenths(r.worst_ppm),
      num(r.stranded_abroad)
    ]
  }));
  return table(wc.countries, cols, rows, wc.noCountries, 'wide', sort) + button;
}

// ---- what it rests on

function restsOn(of: World): string {
  const cols: Column[] = [{h: wc.col.file}, {h: wc.col.lines, right: true}, {h: 'SHA-256'}];
  const rows = of.sources.map((s): Line => ({
    k: s.kind + s.name,
    cells: [`${visible(s.name)} <span class="mut">${visible(s.kind)}</span>`, num(s.lines), `<span class="asn" title="${esc(s.sha256)}">${esc(s.sha256.slice(0, 12))}…</span>`]
  }));
  return (
    `<p>${wc.honest.country} ${wc.honest.lower} ${wc.honest.range}</p>` +
    `<p class="mut">${wc.snapshot(stamp(of.made), num(of.networks), num(of.transit_links), num(of.peer_links), `<span class="asn" title="${esc(of.sha256)}">${esc(of.sha256.slice(0, 12))}…</span>`, num(of.least))}</p>` +
    `<details data-k="src"><summary>${wc.sources(num(of.sources.length))}</summary>${table(wc.sources(num(of.sources.length)), cols, rows, wc.noSources, 'wide')}</details>`
  );
}

// ---- the view

/** Boxes that stay: the map's canvases must not be drawn anew with the figures. */
function build(box: Element): void {
  box.innerHTML =
    `<section class="cell pickc" aria-labelledby="c-pick"><h2 id="c-pick">${wc.what}</h2><div id="cut-tools"></div>${mapHtml()}<div id="cut-picks"></div></section>` +
    '<div class="ccells" id="cut-cells"></div><p class="cell empty" id="cut-none"></p>';
  map = new CutMap($('#cut-map')!, cc => {
    go({cc});
  });
}

function cells(of: World, r: Row): string {
  const c = country(r.country),
    t = asTable(),
    missing = services === null ? wc.noAudit : '';
  const outlast = breaksCell(services, missing) + movesCell(services, missing, t);
  const about = section('c-on', wc.rests, restsOn(of), '', 'rests');
  if (!c || c.sha256 !== of.sha256) {
    const why = c === undefined ? (trouble ? wc.failed(trouble) : wc.loading) : c ? wc.mixed(esc(c.date)) : wc.noCountry;
    return section('c-re', wc.reach, `<p class="empty">${why}</p>`) + outlast + about;
  }
  return reachCell(c, t) + islandsCell(c, t) + breaksCell(services, missing) + movesCell(services, missing, t) + criticalCell(c, t) + linksCell(c) + strandedCell(c, t) + about;
}

export function draw(box: Element): void {
  want();
  const r = world && chosen(world);
  box.classList.toggle('tab', asTable());
  if (!map) build(box);
  const known = Boolean(world && r);
  for (const part of box.children) (part as HTMLElement).hidden = (part.id === 'cut-none') === known;
  fill($('#cut-none'), trouble ? wc.failed(trouble) : none || world ? wc.howTo : wc.loading);
  if (!world || !r) return;
  const t = asTable();
  $('#cut-map')!.hidden = t;
  fill($('#cut-tools'), t ? '' : seg('stay', wc.shades, stays(world), read().stay));
  const asked = read().cc,
    other = asked && asked !== r.country ? `<p class="empty">${wc.notKept(countryName(asked.slice(0, 8)), countryName(r.country))}</p>` : '';
  fill($('#cut-picks'), other + (t ? countryTable(world, r) : picks(world, r)) + note(wc.pickNote + (app.node?.demo ? ' ' + wc.demo : '')));
  if (!t) map!.render(world, r.country, countries.get(r.country) ?? null, shaded());
  fill($('#cut-cells'), cells(world, r));
}
export function repaint(): void {
  map?.layout();
}
/** Of another view: nothing is left running. */
export function leave(): void {
  if (!map) return;
  map.stop();
  map = null;
}

/** Services were audited for one home: a country that it names, or else, of networks and prefixes alone, the node's own. */
function auditedFor(s: Services, cc: string, home: string): boolean {
  const named = s.home.filter(rule => /^[A-Z]{2}$/.test(rule));
  return named.length ? named.includes(cc) : cc === home;
}
export function headline(): string {
  const r = world && chosen(world);
  if (trouble && !world) return `<b>${wc.failed(trouble)}</b>`;
  if (none) return `<b>${wc.headline.none}</b>`;
  if (!world) return `<b>${wc.loading}</b>`;
  if (!r) return `<b>${wc.headline.empty}</b>`;
  const [a, b] = reach(r),
    own = services && auditedFor(services, r.country, world.home) ? services : null,
    ends: [string, string] = [whole(a), whole(b)];
  return `<b>${wc.headline.main(countryName(r.country), ends[0] === ends[1] ? ends[0] : wc.headline.between(...ends))}${own ? wc.headline.services(num(own.at_once), own.at_once) : '.'}</b>`;
}
export const kick = (): string => (world ? wc.kick(day(Date.parse(world.date)), num(world.networks)) : wc.kickNone(visible(title(app.node?.party ?? ''))));
export const side = (): string =>
  world
    ? seg(
        'map',
        w.showAs,
        [
          ['map', w.map],
          ['table', w.table]
        ],
        read().map
      )
    : '';
