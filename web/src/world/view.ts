// Where most originate: what our sensors saw, what a counterpart published of its own, and what public lists name, side by side;
// in how far they agree; what is newly known to be exploited; and where all of it comes from.
import {app} from '../app';
import {economy} from '../economies';
import {day, esc, fixed, hm, length, num, percent, plain, span, timeTag, title, visible} from '../format';
import {w} from '../i18n';
import {ww as wv} from '../i18n/parts';
import {pacts} from '../incident/watch';
import {read} from '../state';
import {whyNot} from '../trouble';
import {bar, seg, table, type Column, type Row} from '../view/table';
import {getOurs, getWorld, type List, type Ours, type Totals, type World} from './ask';
import {alike, alone, byCve, first, FIRST, kendall, ofLists, ofOurs, ofTotals, rank, share, type By, type Place, type Ranking} from './compare';

/** Between two questions: of our own figures, and of what others publish, which changes a few times a day. */
const PAUSE = 15_000,
  SELDOM = 60_000;
let world: World | null = null,
  ours: Ours | null = null,
  old = false,
  trouble = '',
  at = 0,
  asked = -Infinity,
  askedWorld = -Infinity;

async function ask(): Promise<void> {
  const stop = AbortSignal.timeout(20_000),
    now = performance.now();
  try {
    if (now - askedWorld >= SELDOM) {
      world = await getWorld(stop);
      old = !world;
      askedWorld = now;
    }
    ours = await getOurs(Boolean(world?.kev), stop);
    at = app.model.clock();
    trouble = '';
  } catch (e) {
    trouble = whyNot(e);
  }
  app.redraw();
}
function want(): void {
  const now = performance.now();
  if (now - asked < PAUSE || (app.status !== 'live' && asked > 0)) return;
  asked = now;
  void ask();
}

// ---- what is shown

type Source = 'ours' | 'theirs' | 'lists';
type Column3 = {id: Source; name: string; unit: string; when: string; whose: string; ranking: Ranking | null; missing: string};
const by = (): By => (read().by === 'economy' ? 'economy' : 'network');
const chosen = (): string => /^origin:(AS\d+|[A-Z]{2})$/.exec(read().sel)?.[1] ?? '';
const age = (iso: string): number => Math.max(0, (app.model.clock() - Date.parse(iso)) / 1000);
const dated = (iso: string): string => timeTag(iso, `${day(Date.parse(iso))} ${hm(Date.parse(iso))} UTC`);

/** Those who published something for us, and those who may. */
function parties(): string[] {
  const told = (world?.totals ?? []).filter(t => !t.own).map(t => t.party);
  return [...new Set([...told, ...pacts.peers.map(p => p.party)])].sort();
}
function party(): string {
  const all = parties(),
    asked = read().party;
  return all.includes(asked) ? asked : (all.find(p => (world?.totals ?? []).some(t => !t.own && t.party === p)) ?? all[0] ?? '');
}
/** The newest of that party, whatever pact it was published under. */
const totalsOf = (p: string): Totals | undefined =>
  (world?.totals ?? []).filter(t => !t.own && t.party === p).sort((a, b) => (a.until < b.until ? 1 : -1))[0];
/** By their own dates; a list without one is as old as nobody knows, and counts only where none has one, by when it was taken in. */
const newest = (all: List[]): List | undefined => [...all].sort((a, b) => (Number(!a.date) - Number(!b.date) || ((a.date || a.taken) < (b.date || b.taken) ? 1 : -1)))[0];

function oursColumn(): Column3 {
  const [up, all] = app.model.honesty?.sensors ?? [0, 0];
  return {
    id: 'ours',
    name: wv.ours,
    unit: wv.oursUnit(num(up), num(all)),
    when: wv.oursWhen,
    whose: wv.oursWhose,
    ranking: ours ? ofOurs(ours[by()], by()) : null,
    missing: ours ? (ours[by()].total ? wv.oursUnplaced(num(ours[by()].total)) : wv.oursNone) : trouble ? wv.failed(trouble) : wv.loading
  };
}

/** Why there is nothing of that party: no pact, a pact that forbids it, or not yet. */
function noTotals(p: string): string {
  if (!world && !old) return trouble ? wv.failed(trouble) : wv.loading;
  if (!p) return wv.noPact;
  const under = pacts.documents.filter(d => d.parties.some(x => x.id === p));
  if (under.length && !under.some(d => d.third_parties === 'statistics-only')) return wv.noStatistics(visible(title(p)));
  return wv.notYet(visible(title(p)));
}
function theirsColumn(): Column3 {
  const p = party(),
    t = totalsOf(p),
    name = visible(title(p));
  return {
    id: 'theirs',
    name: p ? wv.theirs(name) : wv.theirsNobody,
    unit: t ? wv.theirsUnit(length((Date.parse(t.until) - Date.parse(t.from)) / 1000), num(t.least)) : wv.events,
    when: t ? wv.published(dated(t.published)) : '',
    whose: wv.theirsWhose,
    ranking: t ? ofTotals(t, by()) : null,
    missing: t ? (t.events ? wv.theirsUntold(name, num(t.events), num(t.least)) : wv.theirsNone) : noTotals(p)
  };
}

function listsColumn(): Column3 {
  const n = newest(world?.lists ?? []);
  return {
    id: 'lists',
    name: wv.lists,
    unit: wv.listsUnit(num(world?.lists.length ?? 0), world?.lists.length === 1),
    when: n?.date ? wv.newest(dated(n.date)) : n?.taken ? wv.undated(dated(n.taken)) : '',
    whose: wv.listsWhose,
    ranking: world?.lists.length ? ofLists(world, by()) : null,
    missing: world?.lists.length ? wv.listsUnplaced : world || old ? wv.noLists : trouble ? wv.failed(trouble) : wv.loading
  };
}
const columns = (): Column3[] => [oursColumn(), theirsColumn(), listsColumn()];
/** Lines join neighbours: a counterpart of which there is nothing stands behind what there is. */
const beside = ([a, b, c]: Column3[]): Column3[] => (!b.ranking?.places.length && c.ranking?.places.length ? [a, c, b] : [a, b, c]);

// ---- columns

const economyName = (cc: string): string => {
  const n = economy(cc)?.name;
  return n ? `${n} (${esc(cc)})` : esc(cc);
};
const nameOf = (p: Place): string => (by() === 'economy' ? economyName(p.key) : visible(p.name) || `<span class="mut">${w.unnamed}</span>`);
const plainName = (p: Place): string => (by() === 'economy' ? economyName(p.key) : `${p.key} ${plain(p.name) || w.unnamed}`);

function place(p: Place, c: Ranking, largest: number, only: boolean, no: number): string {
  const on = chosen() === p.key;
  const tag = only ? `<span class="only" title="${esc(wv.onlyTitle(num(FIRST)))}">${wv.only}</span>` : '';
  return (
    `<li data-k="${p.key}" value="${no}" class="${on ? 'hot' : ''}"><button type="button" data-act="sel=${on ? '' : 'origin:' + p.key}" aria-pressed="${on}">` +
    `${by() === 'network' ? `<span class="asn">${p.key}</span>` : ''}<span class="nm" title="${plainName(p)}">${nameOf(p)}</span>${tag}<b>${percent(share(c, p.n))}</b></button>${bar(largest ? share(c, p.n) / largest : 0)}</li>`
  );
}

/** Where the chosen one stands when it is not among the first: no column is silent about it. */
function elsewhere(c: Ranking): string {
  const key = chosen(),
    no = rank(c, key);
  if (!key || (no && no <= FIRST)) return '<p class="else"></p>';
  const p = c.places[no - 1];
  return `<p class="else">${no ? wv.place(num(no), p.key, percent(share(c, p.n), 2)) : wv.notNamed(key)}</p>`;
}

function column(c: Column3, others: Ranking[], largest: number): string {
  const r = c.ranking,
    only = new Set(r ? alone(r, others).map(p => p.key) : []);
  const head = `<div class="rkh"><h2 id="rk-${c.id}">${c.name}</h2><p>${c.unit}</p><p>${c.when}</p><p class="mut">${c.whose}</p></div>`;
  const body = r?.places.length
    ? `<ol>${first(r)
        .map((p, i) => place(p, r, largest, others.length > 0 && only.has(p.key), i + 1))
        .join('')}</ol>${elsewhere(r)}`
    : `<p class="empty">${c.missing}</p>`;
  return `<section class="rankc" aria-labelledby="rk-${c.id}">${head}<div>${body}</div></section>`;
}

const STEP = 42,
  MIDDLE = 15;
/** Lines between neighbours join what is the same; for the eye alone, the rows say it too. */
function links(a: Ranking | null, b: Ranking | null): string {
  const from = a ? first(a) : [],
    to = b ? first(b) : [];
  const rows = Math.max(1, from.length, to.length);
  const lines = from.flatMap((p, i) => {
    const k = to.findIndex(x => x.key === p.key);
    const y = (n: number): number => n * STEP + MIDDLE;
    return k < 0 ? [] : [`<path class="${p.key === chosen() ? 'hot' : ''}" d="M4 ${y(i)}C30 ${y(i)} 30 ${y(k)} 56 ${y(k)}"/>`];
  });
  return `<svg class="links" viewBox="0 0 60 ${rows * STEP}" height="${rows * STEP}" preserveAspectRatio="none" aria-hidden="true">${lines.join('')}</svg>`;
}

function ranks(all: Column3[]): string {
  const of = (c: Column3): Ranking[] => all.filter(o => o !== c && o.ranking?.places.length).map(o => o.ranking!);
  const largest = Math.max(0, ...all.flatMap(c => (c.ranking ? first(c.ranking).map(p => share(c.ranking!, p.n)) : [])));
  const [a, b, c] = beside(all);
  return `<div class="bump">${column(a, of(a), largest)}${links(a.ranking, b.ranking)}${column(b, of(b), largest)}${links(b.ranking, c.ranking)}${column(c, of(c), largest)}</div>`;
}

/** The same as one table: a row for each that is among the first of any. */
function ranksTable(all: Column3[]): string {
  const names = new Map(all.flatMap(c => (c.ranking ? first(c.ranking).map(p => [p.key, p] as const) : [])));
  const cell = (r: Ranking | null, key: string): string => {
    const no = r ? rank(r, key) : 0;
    return no ? `${percent(share(r!, r!.places[no - 1].n))} <span class="mut">${wv.ordinal(num(no))}</span>` : '–';
  };
  const cols: Column[] = [{h: by() === 'network' ? w.col.network : w.col.economy}, ...all.map((c): Column => ({h: c.name, right: true}))];
  const rows = [...names.values()].map((p): Row => ({
    k: p.key,
    act: `sel=${chosen() === p.key ? '' : 'origin:' + p.key}`,
    sel: chosen() === p.key,
    title: plainName(p),
    cells: [`${by() === 'network' ? `<span class="asn">${p.key}</span> ` : ''}${nameOf(p)}`, ...all.map(c => cell(c.ranking, p.key))]
  }));
  return table(wv.where, cols, rows, wv.nothing, 'wide ranks');
}

// ---- how they differ

function order(all: Column3[]): string {
  const [a, b, c] = all.map(x => x.ranking);
  const one = (x: Ranking | null, y: Ranking | null, text: (tau: string, rows: string) => string, few: string): string => {
    if (!x?.places.length || !y?.places.length) return '';
    const k = kendall(x, y);
    return `<p>${k ? text(`<b>${fixed(k.tau, 2)}</b>`, num(k.rows)) : few}</p>`;
  };
  const who = visible(title(party()));
  const text = one(a, b, (t, n) => wv.orderTheirs(who, t, n), wv.orderFewTheirs(who)) + one(a, c, wv.orderLists, wv.orderFewLists);
  return text ? `${text}<p class="mut">${wv.kendall}</p>` : wv.orderNone;
}

function blind(all: Column3[]): string {
  const [a, b, c] = all.map(x => x.ranking),
    t = totalsOf(party()),
    who = visible(title(party()));
  const out: string[] = [];
  if (a?.total) out.push(a.unknown ? wv.blindOurs(num(a.unknown), percent(share(a, a.unknown))) : wv.blindOursNone);
  if (b && t) {
    const rows = by() === 'network' ? t.network_rows_withheld : t.economy_rows_withheld;
    out.push(rows ? wv.withheld(who, num(rows), rows === 1, num(b.withheld), num(t.least)) : wv.withheldNone(who, num(t.least)));
    if (b.unknown) out.push(wv.blindTheirs(num(b.unknown), percent(share(b, b.unknown))));
  }
  if (c?.unknown) out.push(wv.blindLists(num(c.unknown), percent(share(c, c.unknown))));
  return out.map(x => `<p>${x}</p>`).join('') || wv.orderNone;
}

function ages(): string {
  const t = totalsOf(party()),
    n = newest(world?.lists ?? []);
  return [
    at ? wv.ageOurs(span((app.model.clock() - at) / 1000)) : '',
    t ? wv.ageTheirs(span(age(t.until))) : '',
    n ? (n.date ? wv.ageLists(span(age(n.date))) : wv.ageListsTaken(span(age(n.taken)))) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

const section = (id: string, name: string, body: string, side = ''): string =>
  `<section class="cell" aria-labelledby="${id}"><div class="sh-row"><h2 id="${id}">${name}</h2><span class="grow"></span>${side ? `<span class="mut">${side}</span>` : ''}</div>${body}</section>`;

function differ(all: Column3[]): string {
  const rows: [string, string][] = [
    [wv.dt.order, order(all)],
    [wv.dt.unit, wv.unit],
    [wv.dt.blind, blind(all)],
    [wv.dt.age, ages()]
  ];
  return section('w-dif', wv.differ, `<dl class="diff">${rows.map(([k, v]) => `<dt>${k}</dt><dd>${v || '–'}</dd>`).join('')}</dl>`);
}

// ---- tables

const calendar = (d: string): string => (Number.isNaN(Date.parse(d)) ? visible(d) : `<time datetime="${esc(d)}">${day(Date.parse(d))}</time>`);
const SHOWN = 12;

function exploited(): string {
  const k = world?.kev;
  const cols: Column[] = [{h: 'CVE'}, {h: wv.col.product}, {h: wv.col.listed, right: true}, {h: wv.col.due, right: true}, {h: wv.col.ransomware, right: true}, {h: wv.col.ours, right: true, title: wv.oursCve}];
  if (!k) return section('w-kev', wv.kev, table(wv.kev, cols, [], world || old ? wv.noKev : wv.loading, 'wide'));
  const seen = byCve(ours?.rules ?? []);
  const rows = k.entries.slice(0, SHOWN).map((e): Row => ({
    k: e.cve,
    cells: [
      `<span class="asn">${visible(e.cve)}</span>`,
      `<span title="${plain(e.name)}">${visible(e.vendor)} ${visible(e.product)}</span>`,
      calendar(e.added),
      calendar(e.due),
      e.ransomware ? wv.yes : '–',
      seen.get(e.cve) ? num(seen.get(e.cve)!) : wv.no
    ]
  }));
  const more = k.entries.length > SHOWN || k.count > rows.length ? `<p class="more">${wv.moreKev(num(rows.length), num(k.count), num(k.ransomware))}</p>` : '';
  return section('w-kev', wv.kev, table(wv.kev, cols, rows, wv.nothing, 'wide kev') + more, (k.released ? wv.kevOf : wv.kevTaken)(visible(k.version), span(age(k.released || k.taken))));
}

/** about: where it is from, a line below its name; taken: when it came, which stands there too where no date of its own is known. */
type Entry = {k: string; name: string; about: string; entries: string; date: string; taken: string};
function entries(): Entry[] {
  const from = (source?: string): string => (source ? visible(source) : wv.sourceNone);
  const lists = (world?.lists ?? []).map((l): Entry => ({k: 'list ' + l.name, name: visible(l.name), about: from(l.source), entries: num(l.addresses), date: l.date, taken: l.taken}));
  const told = (world?.totals ?? []).map((t): Entry => ({
    k: `totals ${t.pact} ${t.party}`,
    name: t.own ? wv.totalsOwn : wv.totalsOf(visible(title(t.party))),
    about: visible(t.pact),
    entries: num(t.networks.length + t.economies.length),
    date: t.until,
    taken: ''
  }));
  const k = world?.kev,
    kev = k ? [{k: 'kev', name: 'KEV', about: from(k.source), entries: num(k.count), date: k.released, taken: k.taken}] : [];
  const tables = (app.node?.datasets ?? []).map((d): Entry => ({k: 'table ' + d.name, name: wv.tableOf(visible(d.name)), about: from(d.source), entries: '–', date: d.date, taken: ''}));
  return [...lists, ...told, ...kev, ...tables];
}
function sources(): string {
  const cols: Column[] = [{h: wv.col.source}, {h: wv.col.entries, right: true}, {h: wv.col.date, right: true}, {h: wv.col.age, right: true}];
  const rows = entries().map((e): Row => ({
    k: e.k,
    cells: [
      `${e.name}<br><span class="mut">${e.about}${e.date ? '' : `; ${e.taken ? wv.undated(calendar(e.taken)) : wv.dateNone}`}</span>`,
      e.entries,
      e.date ? calendar(e.date) : '–',
      e.date ? span(age(e.date)) : '–'
    ]
  }));
  return section('w-src', wv.sources, table(wv.sources, cols, rows, world || old ? wv.noLists : wv.loading, 'wide'));
}

// ---- the view

/** How ours and another begin alike, as a clause without its end. */
function clause(a: Ranking, b: Ranking, who: string): string {
  const {same, set} = alike(a, b),
    x = first(a)[0],
    y = first(b)[0],
    h = wv.headline;
  if (same >= 2) return h.same(who, same);
  if (same === 1) return h.first(who, plainName(x));
  if (set) return h.other(who, set);
  return h.differ(who, plainName(x), percent(share(a, x.n)), plainName(y), percent(share(b, y.n)));
}

export function headline(): string {
  const h = wv.headline,
    [a, b, c] = columns().map(x => (x.ranking?.places.length ? x.ranking : null));
  if (old) return `<b>${h.old}</b>`;
  if (trouble && !ours) return `<b>${wv.failed(trouble)}</b>`;
  if (!ours || !world) return `<b>${wv.loading}</b>`;
  if (!a) return `<b>${h.none}</b>`;
  const p = first(a)[0];
  if (!b && !c) return `<b>${h.alone(plainName(p), percent(share(a, p.n)))}</b> <span>${h.nothing}</span>`;
  const who = wv.sensorsOf(visible(title(party())));
  const main = clause(a, (b ?? c)!, b ? who : h.lists);
  const also = b && c ? alone(c, [a, b]).length : -1;
  return `<b>${main}${also < 0 ? '.' : h.also(also, FIRST)}</b>`;
}
export const kick = (): string => wv.kick;
export function side(): string {
  const all = parties(),
    b = by();
  return (
    (all.length > 1 ? seg('party', wv.choose, all.map(p => [p, visible(title(p))]), party()) : '') +
    seg('map', w.showAs, [['map', wv.columns], ['table', w.table]], read().map) +
    seg('by', wv.countBy, [['network', w.col.network], ['economy', w.col.economy]], b)
  );
}

export function view(): string {
  want();
  const all = columns();
  return (
    `<div class="cell" role="region" aria-label="${wv.where}">${read().map === 'table' ? ranksTable(all) : ranks(all)}<p class="note">${wv.share(chosen() ? '' : wv.follow)} ${w.caption}</p></div>` +
    differ(all) +
    exploited() +
    sources()
  );
}
