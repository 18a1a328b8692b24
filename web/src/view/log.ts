// The log and the sensors: the head, who cosigned it, what is held of others, coverage by day, and what each sensor is worth.
import {get, getTop, type TopRow} from '../api';
import {app} from '../app';
import {getCoverage, type Coverage} from '../coverage/ask';
import {counted, judged as ranks, sensorTables} from '../coverage/sensors';
import {known, lack, strips} from '../coverage/strips';
import {day, esc, hms, num, percent, span, timeTag, title, visible} from '../format';
import {wi} from '../i18n/parts';
import {wl} from '../i18n/parts';
import {mark} from '../incident/state';
import {pacts} from '../incident/watch';
import {whyNot} from '../trouble';
import type {Judged} from '../verdict/ask';
import {bar, table, type Column, type Row} from './table';

type Witnesses = {
  quorum: string;
  size: number;
  reach: number;
  witnesses: {name: string; size: number; at: string}[];
  asked: {name: string; fault: string; why: string; answered: string}[];
};
const PAUSE = 5_000,
  /** A day in which less than this was seen is a blind one. */
  BLIND = 5_000,
  LEAST_DAYS = 14;
let witnesses: Witnesses | null = null,
  covered: Coverage | null = null,
  sensors: TopRow[] | null = null,
  trouble = '',
  asked = -Infinity,
  first: {at: number; size: number} | null = null;

async function ask(): Promise<void> {
  const stop = AbortSignal.timeout(10_000);
  try {
    sensors = (await getTop('sensors', 'sensor', new URLSearchParams({since: '24h', limit: '200'}), stop)).rows;
    witnesses = (await (await get('/api/v1/witnesses', stop)).json()) as Witnesses;
    // A node of an earlier version tells none.
    covered = await getCoverage(stop).catch(() => null);
    trouble = '';
  } catch (e) {
    trouble = whyNot(e);
  }
  app.redraw();
}
function want(): void {
  const now = performance.now();
  first ??= {at: app.model.clock(), size: app.model.log.size};
  if (now - asked < PAUSE || (app.status !== 'live' && asked > 0)) return;
  asked = now;
  void ask();
}

type Signer = {name: string; what: string; size: number; at: string; third: boolean; fault: string};
function signers(): Signer[] {
  const peers = pacts.peers.flatMap((p): Signer[] => [
    {name: title(p.party), what: wl.witness, size: p.witnessed, at: p.witnessed_at, third: false, fault: p.fault},
    {name: title(p.party), what: wl.holder, size: p.held, at: p.held_at, third: false, fault: p.fault}
  ]);
  const own = new Set(pacts.peers.map(p => p.party)),
    third = (witnesses?.witnesses ?? []).filter(x => !own.has(x.name)).map((x): Signer => {
      const fault = witnesses!.asked.find(a => a.name === x.name)?.fault ?? '';
      return {name: x.name, what: wl.third, size: x.size, at: x.at, third: true, fault};
    });
  return [...peers, ...third];
}
const age = (iso: string): number => (app.model.clock() - Date.parse(iso)) / 1000;
const within = (): number => Math.min(...pacts.documents.map(d => d.witness_within_s).filter(Boolean), Infinity);

const section = (id: string, name: string, body: string, sideText = '', cls = ''): string =>
  `<section class="cell ${cls}" aria-labelledby="${id}"><div class="sh-row"><h2 id="${id}">${name}</h2><span class="grow"></span>${sideText ? `<span class="mut">${sideText}</span>` : ''}</div>${body}</section>`;
const row = (k: string, v: string): string => `<dt>${k}</dt><dd>${v}</dd>`;
const hash = (h: string): string => (h ? `<code title="${esc(h)}">${visible(h.slice(0, 8))}…${visible(h.slice(-6))}</code>` : '–');

function head(): string {
  const l = app.model.log,
    n = app.node,
    signed = Date.parse(l.signed),
    now = app.model.clock();
  const since = first ? (now - first.at) / 1000 : 0,
    grown = first ? Math.max(0, l.size - first.size) : 0;
  return section(
    'l-hd',
    wl.head,
    `<p class="big">${num(l.size)}</p><dl class="kv">${row(wl.root, hash(l.root))}` +
      row(wl.signed, Number.isNaN(signed) ? wl.never : `${timeTag(l.signed, hms(signed))} <span class="mut">${wl.ago(span((now - signed) / 1000))}</span>`) +
      row(wl.growth, wl.grown(num(grown), span(since))) +
      (n ? row(wl.origin, `<span class="asn">${visible(n.origin)}</span>`) + row(wl.key, `<code>${visible(n.vkey.split('+')[1] ?? '')}</code>`) : '') +
      '</dl>'
  );
}

function state(s: Signer, limit: number): string {
  if (s.fault) return mark('unk', wi.peer.faults[s.fault] ?? visible(s.fault));
  if (!s.at) return mark('unk', wl.nothing);
  return age(s.at) <= limit ? mark('ok', wl.fresh) : mark('unk', wl.late);
}

function cosigned(): string {
  const limit = within(),
    all = signers();
  const cols: Column[] = [{h: wl.col.signer}, {h: wl.col.what}, {h: wl.col.size, right: true}, {h: wl.col.age, cls: 'c-age'}, {h: wl.col.state}];
  const rows = all.map((s, i): Row => ({
    k: s.name + s.what + i,
    cells: [
      `<span title="${esc(s.name)}">${visible(s.name)}</span>`,
      s.what,
      s.size ? num(s.size) : '–',
      s.at ? `<span class="age">${Number.isFinite(limit) && !s.third ? bar(age(s.at) / limit) : ''}<span>${span(age(s.at))}</span></span>` : '–',
      state(s, s.third && !Number.isFinite(limit) ? 900 : limit)
    ]
  }));
  const met = witnesses && witnesses.quorum !== 'none' ? `<p class="note">${wl.quorum(num(witnesses.size), num(witnesses.reach))}</p>` : '';
  return section('l-wi', wl.who, table(wl.who, cols, rows, trouble ? wl.failed(trouble) : wl.nobody, 'wide') + met, Number.isFinite(limit) ? wl.bar(span(limit)) : '');
}

function others(): string {
  const cols: Column[] = [{h: wl.col.log}, {h: wl.col.held, right: true}, {h: wl.col.missing, right: true}];
  const rows = pacts.peers.map((p): Row => ({
    k: p.party,
    cells: [`<span class="asn" title="${esc(p.origin)}">${visible(p.origin)}</span>`, num(p.size), p.missing ? `<b class="warn">${num(p.missing)}</b>` : '0']
  }));
  return section('l-pe', wl.others, table(wl.others, cols, rows, wl.noOthers, 'wide'));
}

/** The pact whose days cover most: coverage is of our own annex, and that may differ by pact. */
const judged = (): Judged | undefined => [...(pacts.verdict?.pacts ?? [])].sort((a, b) => (b.days?.length ?? 0) - (a.days?.length ?? 0))[0];

function coverage(): string {
  if (known(covered)) {
    const c = strips(covered);
    return section('l-he', wl.covered, c.body, c.side, 'full');
  }
  const j = judged(),
    days = j?.days ?? [];
  if (!j || !days.length) return section('l-he', wl.coverage, `<p class="empty">${wl.coverageNone}</p>`, '', 'full');
  const least = days.reduce((a, b) => (b[1] < a[1] ? b : a)),
    w = 8,
    // So many stand there even when fewer are known: a node of one day has no bar from edge to edge.
    room = Math.max(LEAST_DAYS, days.length),
    before = room - days.length;
  const at = (d: string): string => day(Date.parse(d));
  const cells = days.map(([d, ppm], i) => {
    const k = ppm < BLIND ? 0 : ppm < 700_000 ? 1 : ppm < 900_000 ? 2 : ppm < 990_000 ? 3 : 4;
    return `<rect class="k${k}" x="${(before + i) * w}" y="1" width="7.4" height="18"><title>${at(d)}: ${percent(ppm / 1e6)}</title></rect>${k ? '' : `<path class="blind" d="M${(before + i) * w + 1} 18l5.4-16"/>`}`;
  });
  const label = wl.coverageLabel(percent(least[1] / 1e6), at(least[0])),
    now = j.pairs.flatMap(p => p.obligations).find(o => o.now.known)?.now.coverage_ppm;
  return section(
    'l-he',
    wl.coverage,
    `<svg class="hm" viewBox="0 0 ${room * w} 20" preserveAspectRatio="none" role="img" aria-label="${esc(label)}">${cells.join('')}</svg>` +
      `<p class="axis"><span>${day(Date.parse(days[0][0]) - before * 86_400_000)}</span><span>${at(days[days.length - 1][0])}</span></p><p class="mut">${wl.coverageNote}</p>`,
    now === undefined ? '' : wl.total(percent(now / 1e6)),
    'full'
  );
}

function sensorTable(): string {
  const [up, all] = app.model.honesty?.sensors ?? [0, 0],
    health = new Map((judged()?.sensors ?? []).map(s => [s.sensor, s])),
    of = new Map((sensors ?? []).map(s => [s.key, s]));
  // What no heartbeat speaks of was counted at least; a node of an earlier version tells faults alone.
  const eyes = covered?.eyes.sensors.length
    ? covered
    : {eyes: {at: '', sensors: [...health.values()].map(h => ({...h, kind: '', watch_count: 0, watches: [], heard: '', events: 0, blind_since: '', why: []}))}, pacts: [], gaps: [], gap_count: 0, at: '', from: '', step_s: 0};
  const list = ranks(eyes, of),
    seen = new Set(list.map(x => x.row.k)),
    at = Date.parse(eyes.eyes.at);
  const rows = [...list, ...[...of.values()].filter(r => !seen.has(r.key)).map(counted)];
  const side = wl.healthy(num(up), num(all)) + (Number.isNaN(at) ? '' : ` · ${wl.found(span((app.model.clock() - at) / 1000))}`);
  return section('l-se', wl.sensors, sensorTables(rows, trouble ? wl.failed(trouble) : wl.noSensors), side, 'full');
}

export function headline(): string {
  const h = wl.headline,
    [up, all] = app.model.honesty?.sensors ?? [0, 0],
    signed = signers().filter(s => s.at),
    names = new Set(signed.map(s => s.name));
  const newest = Math.min(...signed.map(s => age(s.at)));
  const log = !app.model.log.signed ? h.unsigned : names.size ? h.signed(num(names.size), names.size === 1, span(newest)) : h.alone;
  const late = covered?.eyes.sensors.filter(e => e.faults.length).length ?? 0,
    space = covered && known(covered) ? lack(covered) : '';
  if (space) return log + h.late(num(late), num(Math.max(all, covered!.eyes.sensors.length)), late === 1) + space;
  return log + (!all ? h.none : up < all ? h.part(num(all - up), num(all)) : h.fine(num(all)));
}
export const kick = (): string => '';
export const side = (): string => '';

export function view(): string {
  want();
  return head() + cosigned() + others() + coverage() + sensorTable();
}
