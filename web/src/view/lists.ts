// The right-hand lists (origins, targets, newest events) and the corridors as a table.
import type {RecentRow, TopRow} from '../api';
import {app} from '../app';
import {economy} from '../economies';
import {assetIds, chipName, deep, has, OTHER, type Filter} from '../filter';
import {change, esc, hms, num, plain, timeTag, visible} from '../format';
import {w} from '../i18n';
import {asnOf} from '../query';
import {corridors, MOST} from '../select';
import {read} from '../state';
import {bar, busy, hold, seg, table, type Column, type Row} from './table';
import {$} from '../dom';

const ORIGINS = 8,
  TARGETS = 5,
  MANY = 200;

export const network = (asn: number, name: string): string =>
  asn ? `<span class="asn">AS${asn}</span> ${visible(name) || w.unnamed}` : w.unknownNetwork;
export const networkPlain = (asn: number, name: string): string => (asn ? `AS${asn} ${plain(name) || w.unnamed}` : w.unknownNetwork);
export const economyName = (cc: string): string => {
  const n = economy(cc)?.name;
  return !cc ? w.unknownEconomy : n ? `${n} (${esc(cc)})` : esc(cc);
};

const section = (id: string, title: string, side: string, body: string): string =>
  `<div class="sh-row"><h2 id="${id}">${title}</h2>${side}</div>${body}`;
/** The way to the rows that a short list leaves out, and back. */
function rest(which: string, all: number, few: number): string {
  if (all <= few) return '';
  const on = read().all === which;
  return `<p class="more"><button type="button" class="link" data-act="all=${which}" aria-expanded="${on}">${on ? w.fewerRows : w.moreRows(num(all - few))}</button></p>`;
}
const unchanged = (): string => `<span title="${esc(w.noChangeTitle)}">${w.noChange}</span>`;
const waiting = (): string => (app.query.error ? w.headline.filterFailed(visible(app.query.error)) : w.headline.filterWait);

type Item = {k: string; label: string; title: string; reg: string; n: number; hour: string; act: string; sel: boolean};

function items(f: Filter, by: string): Item[] | null {
  const m = app.model;
  if (f.any) {
    const r = app.query.result;
    return r && r.origins.map(t => item(by, t, !deep(f) ? hourOf(by, t) : unchanged()));
  }
  const top = (key: string, name: string, country: string, n: number): TopRow => ({key, name, country, n, chip: -1});
  if (by === 'network') return m.networks15().map(r => item(by, top(String(r[0]), r[1], r[2], r[3]), change(r[4], r[5], w.fresh)));
  if (by === 'economy') return m.economies15().map(r => item(by, top(r[0], '', r[0], r[1]), change(r[2], r[3], w.fresh)));
  return [...m.parties.values()]
    .filter(r => r[1])
    .sort((a, b) => b[1] - a[1])
    .map(r => item(by, top(r[0], '', '', r[1]), change(r[2], r[3], w.fresh)));
}

function hourOf(by: string, t: TopRow): string {
  const n = app.model.networks.get(asnOf(t)),
    e = app.model.economies.get(t.key);
  if (by === 'network' && n) return change(n[4], n[5], w.fresh);
  return by === 'economy' && e ? change(e[2], e[3], w.fresh) : unchanged();
}

function item(by: string, t: TopRow, hour: string): Item {
  if (by === 'network') {
    const asn = asnOf(t);
    return {
      k: t.key,
      label: network(asn, t.name || app.model.name(asn)),
      title: networkPlain(asn, t.name || app.model.name(asn)),
      reg: esc(t.country),
      n: t.n,
      hour,
      act: `filter=asn:${asn}`,
      sel: has('asn', String(asn))
    };
  }
  if (by === 'economy') {
    const name = economy(t.key)?.name ?? '';
    return {
      k: t.key || '-',
      label: t.key ? `<span class="asn">${esc(t.key)}</span> ${name}` : w.unknownEconomy,
      title: economyName(t.key),
      reg: '',
      n: t.n,
      hour,
      act: `filter=country:${t.key || '-'}`,
      sel: has('country', t.key || '-')
    };
  }
  return {
    k: t.key || '-',
    label: t.key ? visible(t.key) : w.noParty,
    title: '',
    reg: '',
    n: t.n,
    hour,
    act: `filter=counterpart:${t.key || '-'}`,
    sel: has('counterpart', t.key || '-')
  };
}

export function origins(f: Filter): string {
  const by = read().by,
    all = items(f, by);
  const side = seg(
    'by',
    w.originsBy,
    [
      ['network', w.network],
      ['economy', w.economy],
      ['party', w.party]
    ],
    by
  );
  if (!all) return section('h-or', w.origins, side, `<p class="empty">${waiting()}</p>`);
  const max = all[0]?.n || 1,
    list = hold($('#origins'), 'origins', all.slice(0, read().all === 'origins' ? MANY : ORIGINS));
  const h = by === 'network' ? w.col.network : by === 'economy' ? w.col.economy : w.col.party;
  const cols: Column[] = [
    {h},
    {h: w.col.reg, hide: by !== 'network', cls: 'c-reg'},
    {h: w.col.share, hide: true, cls: 'c-bar'},
    {h: w.col.events, right: true, cls: 'c-n'},
    {h: w.col.hour, right: true, cls: 'c-d', title: w.hourTitle}
  ];
  const rows = list.map((o): Row => ({
    k: o.k,
    cells: [o.label, o.reg, bar(o.n / max), num(o.n), o.hour],
    act: o.act || undefined,
    sel: o.sel,
    title: o.title
  }));
  const more = rest('origins', all.length, ORIGINS);
  return section('h-or', w.origins, side, table(w.origins, cols, rows, f.any ? w.empty : w.none15, 'fix') + more);
}

/** Sectors that the languages know; others as they are written. */
const sectorName = (s: string): string => (s ? visible(w.sectors[s] ?? s) : w.otherGroup);
type Target = {k: string; n: number; label: string; sector: string; act: string; sel: boolean; title: string};

function target(by: string, key: string, sector: string, n: number): Target {
  if (by === 'address') return {k: key, n, label: `<span class="asn">${visible(key)}</span>`, sector: '', act: `filter=address:${key}`, sel: has('address', key), title: ''};
  const i = by === 'asset' ? (app.node?.assets ?? []).findIndex(a => a.name === key) : -1,
    id = !key ? OTHER : by === 'asset' ? assetIds(app.node)[i] : key;
  return {
    k: key || '-',
    n,
    label: by === 'asset' ? (key ? visible(key) : w.otherGroup) : sectorName(key),
    sector: by === 'asset' && sector ? sectorName(sector) : '',
    act: id ? `filter=${by}:${id}` : '',
    sel: Boolean(id) && has(by, id),
    title: plain(key)
  };
}

export function targets(f: Filter): string {
  const groups = Boolean(app.node?.assets?.length),
    by = groups ? read().tby : 'address';
  const side = groups
    ? seg(
        'tby',
        w.targetsBy,
        [
          ['address', w.address],
          ['asset', w.asset],
          ['sector', w.sector]
        ],
        by
      )
    : '';
  const whole = by === 'address' ? [...app.model.targets.values()].map(r => target(by, r[0], '', r[2])) : app.groups.rows?.map(t => target(by, t.key, t.name, t.n));
  const all = f.any ? app.query.result?.targets.map(t => target(by, t.key, t.name, t.n)) : whole;
  if (!all) return section('h-tg', w.targets, side, `<p class="empty">${waiting()}</p>`);
  all.sort((a, b) => b.n - a.n || (a.k < b.k ? -1 : 1));
  const max = all[0]?.n || 1,
    list = hold($('#targets'), 'targets' + by, all.slice(0, read().all === 'targets' ? MANY : TARGETS));
  const cols: Column[] = [
    {h: by === 'asset' ? w.col.group : by === 'sector' ? w.col.sector : w.col.target},
    ...(by === 'asset' ? [{h: w.col.sector, cls: 'c-sec'}] : []),
    {h: w.col.share, hide: true, cls: 'c-bar'},
    {h: w.col.events, right: true, cls: 'c-n'}
  ];
  const rows = list.map((o): Row => ({
    k: o.k,
    cells: [o.label, ...(by === 'asset' ? [o.sector] : []), bar(o.n / max), num(o.n)],
    act: o.act || undefined,
    sel: o.sel,
    title: o.title
  }));
  const more = rest('targets', all.length, TARGETS);
  return section('h-tg', w.targets, side, table(w.targets, cols, rows, f.any ? w.empty : w.none15, 'fix') + more);
}

const withPort = (address: string, port: number): string =>
  `<span class="addr">${visible(address)}${port ? `${address.includes(':') ? ' ' : ''}<span class="mut">:${port}</span>` : ''}</span>`;

function eventRow(r: RecentRow): string {
  const [id, time, chip, klass, cc, , origin, target, port, rule] = r,
    sel = read().sel === 'event:' + id;
  const at = Date.parse(time),
    what = visible(rule) || visible(klass);
  return (
    `<li data-k="${esc(id)}"><button type="button" class="ev${sel ? ' sel' : ''}" data-act="sel=event:${esc(id)}">` +
    `<span class="ev-t">${timeTag(time, Number.isNaN(at) ? '–' : hms(at))}</span>` +
    `<span class="ev-w">${what}</span><span class="ev-c">${app.node?.chips[chip] ? chipName(app.node.chips[chip]) : visible(klass)}</span>` +
    `<span class="ev-a">${withPort(origin, 0)} <span class="mut">${esc(cc)}</span> ` +
    `<span class="ar" aria-hidden="true">→</span><span class="sr"> ${w.to} </span> ${withPort(target, port)}</span></button></li>`
  );
}

let held: {q: string; rows: RecentRow[]} = {q: '', rows: []};

/** The newest first; while somebody points at the list it stands still and says how much it is behind. */
export function events(f: Filter): string {
  const q = app.query.result,
    list = f.any ? q?.events : app.model.recent,
    key = read().q;
  let side = f.any && q ? `<span class="mut">${w.matching(num(q.matched))}</span>` : '';
  if (!list) return section('h-ev', w.newest, side, `<p class="empty">${waiting()}</p>`);
  let rows = list.slice(0, 20);
  const known = new Set(held.rows.map(r => r[0])),
    newer = rows.filter(r => !known.has(r[0])).length;
  if (held.q === key && held.rows.length && newer && busy($('#events'))) {
    rows = held.rows;
    side = `<span class="mut">${w.held(num(newer) + (newer > 19 ? '+' : ''))}</span>`;
  } else held = {q: key, rows};
  const body = rows.length
    ? `<ol class="evlist">${rows.map(eventRow).join('')}</ol>`
    : `<p class="empty">${f.any ? w.empty : w.noneYet}</p>`;
  return section('h-ev', w.newest, side, body);
}

type Line = {k: string; asn: number; name: string; country: string; chip: number; n: number; delta: number | null; hour: string};

function lines(f: Filter): Line[] | null {
  if (deep(f)) {
    // The corridors know only their most frequent class: under these filters the node's own figures stand here.
    return (
      app.query.result &&
      app.query.result.networks.map(t => ({
        k: t.key + t.country,
        asn: asnOf(t),
        name: t.name || app.model.name(asnOf(t)),
        country: t.country,
        chip: f.chip,
        n: t.n,
        delta: null,
        hour: unchanged()
      }))
    );
  }
  return corridors(f)
    .filter(c => c.on)
    .map(c => {
      const n = app.model.networks.get(c.asn);
      return {
        k: c.id,
        asn: c.asn,
        name: c.name,
        country: c.country,
        chip: c.chip,
        n: c.n,
        delta: n ? n[4] / Math.max(1, n[5]) : null,
        hour: n ? change(n[4], n[5], w.fresh) : unchanged()
      };
    });
}

const ORDER: Record<string, (a: Line, b: Line) => number> = {
  n: (a, b) => b.n - a.n,
  network: (a, b) => a.asn - b.asn,
  country: (a, b) => (a.country < b.country ? -1 : a.country > b.country ? 1 : b.n - a.n),
  class: (a, b) => a.chip - b.chip || b.n - a.n,
  change: (a, b) => (b.delta ?? -1) - (a.delta ?? -1)
};

/** The same as the map, as a table; returns how many rows it shows too, for the line below. */
export function corridorTable(f: Filter): {html: string; shown: number} {
  const all = lines(f);
  if (!all) return {html: `<p class="empty">${waiting()}</p>`, shown: 0};
  const sort = read().sort,
    list = hold($('#stage'), 'corridors', all.sort(ORDER[sort]).slice(0, MOST));
  const cols: Column[] = [
    {h: w.col.network, sort: 'network'},
    {h: w.col.reg, sort: 'country', cls: 'c-eco'},
    {h: w.col.mostly, sort: 'class', cls: 'c-cls'},
    ...(app.verdicts.size ? [{h: w.col.state, cls: 'c-state'}] : []),
    {h: w.col.events15, right: true, sort: 'n', cls: 'c-15'},
    {h: w.col.hour, right: true, sort: 'change', cls: 'c-d', title: w.hourTitle}
  ];
  const rows = list.map((l): Row => ({
    k: l.k,
    act: `filter=asn:${l.asn}`,
    sel: has('asn', String(l.asn)),
    title: networkPlain(l.asn, l.name),
    cells: [
      network(l.asn, l.name),
      `<span class="asn">${esc(l.country)}</span> ${economy(l.country)?.name ?? ''}`,
      chipName(app.node?.chips[l.chip] ?? '–'),
      ...(app.verdicts.size ? [app.verdicts.get(l.asn)?.html ?? w.legend.none] : []),
      num(l.n),
      l.hour
    ]
  }));
  return {
    html: `<div class="scroll" tabindex="0" role="region" aria-label="${w.corridors}">${table(w.corridors, cols, rows, f.any ? w.empty : w.none15, app.verdicts.size ? 'fix cor judged' : 'fix cor', sort)}</div>`,
    shown: list.length
  };
}
