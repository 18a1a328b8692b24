// What one country still has when it is cut off: reach before and after, islands, failures, links that would help, who is stranded.
import {esc, num, visible} from '../format';
import {w} from '../i18n';
import {wc} from '../i18n/parts';
import {table, type Column, type Row as Line} from '../view/table';
import {rangeOf, type Country, type Failure, type Network, type Presence, type Range, type Shares} from './ask';
import {bar, countryFull, countryName, more, networkName, note, range, section, some, tenth, tenths} from './parts';

type Key = keyof Shares;
const ROWS: [Key, keyof typeof wc.rows][] = [
  ['strict_pairs_ppm', 'strict'],
  ['strict_addresses_ppm', 'weighted'],
  ['component_pairs_ppm', 'component']
];
const after = (c: Country, key: Key): Range => rangeOf(c.presence.map(p => p[key]));

/** Before is a point, after a range: which foreign networks stay up is an assumption, so it is never one number. */
export function reachCell(c: Country, asTable: boolean): string {
  const n = num(c.presence.at(-1)!.neighbours),
    body = asTable ? reachTable(c) : reachBars(c);
  return section('c-re', wc.reach, body + note(`${asTable ? '' : wc.bar(n)} ${wc.lower}`));
}
function reachBars(c: Country): string {
  const axis = `<span class="ax" aria-hidden="true"><i>0</i><i>25</i><i>50</i><i>75</i><i>100\u202f%</i></span><span class="sr">${wc.drawn}</span>`;
  const cols: Column[] = [{h: wc.pairs}, {h: axis, cls: 'c-ax'}, {h: wc.before, right: true}, {h: wc.after, right: true}];
  const line = (k: string, name: string, before: number, r: Range): Line => ({k, cells: [name, bar(r, before), tenth(before), `<b>${range(r)}</b>`]});
  const rows = ROWS.map(([key, name]) => line(name, wc.rows[name], c.before[key], after(c, key)));
  // From outside nothing comes in: that is what the cut is.
  rows.push(line('across', wc.rows.across, c.before.across_ppm, [0, 0]));
  return table(wc.reach, cols, rows, '', 'reach');
}
const assumed = (p: Presence): string => (p.neighbours ? wc.stay(num(p.neighbours), num(p.stay)) : p.stay ? wc.stayNamed(num(p.stay), p.stay) : wc.stayNone);
function reachTable(c: Country): string {
  const cols: Column[] = [{h: wc.assumed}, ...[...ROWS.map(([, name]) => wc.rows[name]), wc.rows.across].map((h): Column => ({h, right: true}))];
  const cells = (s: Shares, across: number): string[] => [...ROWS.map(([key]) => tenths(s[key])), tenths(across)];
  const rows: Line[] = [
    {k: 'before', cells: [wc.before, ...cells(c.before, c.before.across_ppm)]},
    ...c.presence.map((p): Line => ({k: String(p.neighbours), cells: [assumed(p), ...cells(p, 0)]}))
  ];
  return table(wc.reach, cols, rows, '', 'wide');
}

// ---- islands

/** Rows of a long table at first. */
const LONG = 20;

const TALL = 92,
  WIDE = 380;
function islandsPicture(c: Country): string {
  const p = c.presence[0],
    [big, ...rest] = c.islands.filter(i => i.networks > 1),
    middle = rest.slice(0, 9),
    left = middle.length ? 128 + Math.ceil(middle.length / 3) * 36 : 134;
  // As many squares as there are, smaller where they are many, cut where they would be none.
  const room = (WIDE - left) * (TALL - 10),
    step = Math.max(5, Math.min(14, Math.sqrt(room / Math.max(1, p.singleton_islands)) * 0.92)),
    columns = Math.max(1, Math.floor((WIDE - left) / step)),
    shown = Math.min(p.singleton_islands, columns * Math.floor((TALL - 8) / step), 400);
  let squares = '';
  for (let i = 0; i < shown; i++) {
    const k = (step * 0.75).toFixed(1);
    squares += `M${(left + (i % columns) * step).toFixed(1)} ${(8 + Math.floor(i / columns) * step).toFixed(1)}h${k}v${k}h-${k}z`;
  }
  const label = wc.islandsLabel(num(p.islands), num(p.largest_island), num(p.singleton_islands));
  const mid = (i: {networks: number}, k: number): string => {
    const x = 128 + Math.floor(k / 3) * 36,
      y = 8 + (k % 3) * 26;
    return `<rect class="big" x="${x}" y="${y}" width="32" height="22" rx="2"/><text class="m" x="${x + 16}" y="${y + 15}" text-anchor="middle">${num(i.networks)}</text>`;
  };
  return (
    `<svg class="isl" viewBox="0 0 ${WIDE} ${TALL}" role="img" aria-label="${esc(label)}">` +
    (big ? `<rect class="big" x=".5" y="8" width="118" height="76" rx="3"/><text x="59" y="44" text-anchor="middle">${num(big.networks)}</text><text class="m" x="59" y="60" text-anchor="middle">${wc.networks}</text>` : '') +
    middle.map(mid).join('') +
    `<path d="${squares}"/></svg>`
  );
}
export function islandsCell(c: Country, asTable: boolean): string {
  const p = c.presence[0],
    last = c.presence.at(-1)!;
  const said = `<p>${wc.islandsAre(`<b>${num(p.islands)}</b>`, p.islands, `<b>${num(p.singleton_islands)}</b>`, num(c.stranded_count), c.stranded_count)}</p>`;
  const also = `<p class="mut">${wc.islandsThen(num(last.neighbours), num(last.islands))}</p>`;
  const cols: Column[] = [{h: wc.col.networks, right: true}, {h: wc.col.addresses, right: true}, {h: wc.col.members}];
  const {shown, button} = some('islands', c.islands, LONG);
  const rows = shown.map((i, k): Line => ({k: String(k), cells: [num(i.networks), num(i.addresses), i.members.map(networkName).join(', ')]}));
  const list = table(wc.islands, cols, rows, wc.noIslands, 'wide isl-t') + button + more(c.islands.length, p.islands);
  return section('c-is', wc.islands, (asTable ? list : islandsPicture(c)) + said + also);
}

// ---- failures, links, and who is stranded

const failing = (f: Failure): string => (f.kind === 'link' ? `${wc.link} <span class="asn">AS${f.asn}–AS${f.carries}</span>` : networkName(f));
export function criticalCell(c: Country, asTable: boolean): string {
  const cols: Column[] = [{h: wc.col.failure}, {h: wc.col.strands, right: true}, {h: wc.col.cure, right: true, title: wc.cureTitle}];
  const shown = asTable ? c.critical : c.critical.slice(0, 5);
  const rows = shown.map((f, i): Line => ({
    k: `${f.kind}${f.asn}-${f.carries ?? i}`,
    cells: [`<span title="${esc(wc.criticalTitle(num(f.stranded), num(c.networks)))}">${failing(f)} <span class="mut">${esc(f.country)}</span></span>`, `<b>${tenths(f.stranded_ppm)}</b>`, num(f.cure)]
  }));
  return section('c-cr', wc.critical, table(wc.criticalCaption, cols, rows, wc.noCritical, 'crit') + note(wc.criticalNote));
}

const plain = (n: Network): string => `<span class="asn" title="${esc(visible(n.name))}">AS${n.asn}</span>`;
export function linksCell(c: Country): string {
  const cols: Column[] = [{h: wc.col.between}, {h: wc.col.gain, right: true}, {h: wc.col.then, right: true}];
  const rows = c.links.map((l): Line => ({k: `${l.a.asn}-${l.b.asn}`, cells: [`${plain(l.a)} – ${plain(l.b)}`, '+' + num(l.gain), tenths(l.share_ppm)]}));
  return section('c-li', wc.links, table(wc.links, cols, rows, wc.noLinks) + note(wc.linksNote));
}

const NAMED = 12;
export function strandedCell(c: Country, asTable: boolean): string {
  const said = `<p>${wc.strandedAre(num(c.stranded_count), c.stranded_count, countryName(c.country))} ${wc.abroad(tenths(c.outside_before_ppm), tenths(c.outside_ppm))}</p>`;
  if (!asTable) return section('c-st', wc.stranded, said + (c.stranded.length ? `<p class="mut">${c.stranded.slice(0, NAMED).map(plain).join(', ')}${c.stranded_count > NAMED ? ' …' : ''}</p>` : ''));
  const cols: Column[] = [{h: wc.col.network}, {h: wc.col.country}];
  const {shown, button} = some('stranded', c.stranded, LONG);
  const rows = shown.map((n): Line => ({k: String(n.asn), cells: [networkName(n), n.country ? countryFull(n.country) : w.unknownEconomy]}));
  return section('c-st', wc.stranded, said + table(wc.stranded, cols, rows, wc.noStranded, 'wide') + button + more(c.stranded.length, c.stranded_count));
}
