// Counterparts on Now: one card each, with its word, the fact behind it, what the word rests on, and its last 14 days.
import {app, type NetworkVerdict} from '../app';
import {has} from '../filter';
import {esc, num, percent, span, visible} from '../format';
import {wi, wv} from '../i18n/parts';
import {isOpen, nextDue, other, party} from '../incident/state';
import {duty} from '../incident/list';
import {pacts} from '../incident/watch';
import type {Incident} from '../incident/ask';
import type {Judged, Pair, Reading, Row, Word} from './ask';
import {networksOf} from '../select';
import {markOf, precedes, verdictMark, wordOf, worst} from './word';

const DAYS = 14,
  DAY = 86_400_000;
export type Card = {id: string; pact: Judged; pair: Pair; row: Row; word: Word};

/** Counterparts as bound towards this party, the one that needs most looking at first. One under several pacts is its worst. */
export function list(): Card[] {
  const by = new Map<string, Card>();
  for (const pact of pacts.verdict?.pacts ?? []) {
    for (const pair of pact.pairs) {
      if (pair.bound === pact.self || !pair.obligations.length) continue;
      const row = worst(pair, 'now'),
        before = by.get(pair.bound);
      if (!before || precedes(row.now.word, before.word) < 0) by.set(pair.bound, {id: pair.bound, pact, pair, row, word: row.now.word});
    }
  }
  return [...by.values()].sort((a, b) => precedes(a.word, b.word) || (a.id < b.id ? -1 : 1));
}

const ago = (iso: string): number => (app.now() - Date.parse(iso)) / 1000;
const id = (s: string | undefined): string => `<b>${visible(s ?? '')}</b>`;

/** The one fact that explains the word. */
function fact(c: Card): string {
  const r = c.row.now,
    f = wv.fact;
  switch (r.word) {
    case 'not answered in time':
      return f.over(id(r.worst), wi.dues[r.item as keyof typeof wi.dues] ?? visible(r.item ?? ''), span(ago(r.due ?? '')));
    case 'disputed':
      return f.disputed(num(r.disputed), r.disputed === 1);
    case 'open incidents':
      return r.next_due ? f.open(num(r.open), r.open === 1, span(-ago(r.next_due))) : f.openOnly(num(r.open), r.open === 1);
    case 'suspended: out of contact':
      return r.silent_since ? f.silent(span(ago(r.silent_since))) : wv.words[r.word];
    case 'compliant':
      return quietFor(c);
    default:
      return f.why[r.why] ?? f.why.coverage;
  }
}

/** What the word is said of is how they are bound towards us; what they notified to us is open all the same. */
function quietFor(c: Card): string {
  const open = pacts.incidents.filter(i => isOpen(i) && other(i) === c.id),
    ours = open.filter(i => i.responder !== c.id).length;
  if (open.length) return ours === open.length ? wv.fact.ours(num(ours), ours === 1) : wv.fact.openOnly(num(open.length), open.length === 1);
  const ends = pacts.incidents.filter(i => other(i) === c.id && i.closed).map(i => Date.parse(i.closed!));
  return ends.length ? wv.fact.quiet(span((app.now() - Math.max(...ends)) / 1000)) : wv.fact.nothing;
}

/** What a word rests on; a figure that is not known is not left out, but said. */
export function figures(r: Reading): string {
  const f = wv.figures;
  if (!r.known) return r.at_most_ppm === undefined ? f.unknown : f.atMost(percent(r.at_most_ppm / 1e6));
  const recall = r.canaries ? f.recall(percent((r.recall_ppm ?? 0) / 1e6)) : f.noCanaries;
  return `${f.coverage(percent((r.coverage_ppm ?? 0) / 1e6))} · ${recall}`;
}
const sighted = (c: Card): Reading => (c.pair.obligations.find(r => r.kind === 'refrain' && r.now.known) ?? c.row).now;

const ITEMS = ['acknowledge', 'answer', 'act'] as const;
/**
 * From when until when it was past its time. Of what is still owed the row has the due time; of what was done late it has how much of its clock
 * it took, and when it was due follows from the severity: both counted from when it was opened, as if its clock had never stood still, and
 * of what was not done until it was closed. Where the row does not tell one of them it is the other; the rest is not known here.
 */
function behind(i: Incident, d: (typeof ITEMS)[number]): [from: number, until: number] | null {
  const over = i.overdue?.includes(d);
  if (!over && !i.late?.includes(d)) return null;
  const opened = Date.parse(i.opened),
    given = pacts.documents.find(p => p.pact === i.pact)?.severities.find(s => s.id === i.severity)?.[`${d}_s`],
    took = i.took_us?.[d],
    until = over ? Infinity : took === undefined ? Date.parse(i.closed ?? '') : opened + took / 1e3,
    owed = Date.parse((over && i.owed?.[d]) || ''),
    due = Number.isNaN(owed) && given ? opened + given * 1e3 : owed;
  return [Number.isNaN(due) ? until : Math.min(due, until), until];
}

/** When of that day something was open, and when it was past its time. */
function dayOf(from: number, all: Incident[], seen: number | undefined, least: number): 'over' | 'open' | 'ok' | 'unk' {
  const touched = all.filter(i => Date.parse(i.opened) < from + DAY && (!i.closed || Date.parse(i.closed) >= from) && (i.closed || isOpen(i)));
  const late = (i: Incident): boolean =>
    ITEMS.some(d => {
      const span = behind(i, d);
      return span !== null && span[0] < from + DAY && span[1] >= from;
    });
  if (touched.some(late)) return 'over';
  if (touched.length) return 'open';
  return seen === undefined || seen < least ? 'unk' : 'ok';
}

function strip(c: Card): string {
  const all = pacts.incidents.filter(i => i.responder === c.id && i.state !== 'DETECTED'),
    seen = new Map(c.pact.days ?? []),
    today = Math.floor(app.now() / DAY) * DAY;
  const days = Array.from({length: DAYS}, (_, n) => today - (DAYS - 1 - n) * DAY).map(t =>
    dayOf(t, all, seen.get(new Date(t).toISOString().slice(0, 10)), c.pact.min_coverage_ppm)
  );
  const count = (k: string): number => days.filter(d => d === k).length;
  const heights = {over: 14, open: 9, ok: 3, unk: 3};
  // What cannot be told from another by height is told by being hollow.
  const bars = days.map((d, n) =>
    d === 'unk' ? `<rect class="s-unk" x="${n * 5 + 0.5}" y="11.5" width="3" height="2"/>` : `<rect class="s-${d}" x="${n * 5}" y="${14 - heights[d]}" width="4" height="${heights[d]}"/>`
  );
  const label = wv.strip(num(count('over')), num(count('open')), num(count('ok')), num(count('unk')));
  return `<svg class="strip" viewBox="0 0 70 14" width="70" height="14" role="img" aria-label="${esc(label)}">${bars.join('')}</svg>`;
}

function card(c: Card): string {
  return (
    `<li data-k="${esc(c.id)}"><button type="button" class="card c-${markOf(c.word)}" data-act="filter=counterpart:${esc(c.id)}" aria-pressed="${has('counterpart', c.id)}">` +
    `<span class="card-n">${party(c.id)}</span>${verdictMark(c.word)}<span class="card-l">${fact(c)}</span>` +
    `<span class="card-m" title="${esc(wv.figures.title)}">${figures(sighted(c))}</span>${strip(c)}</button></li>`
  );
}
export const label = (): string => wv.counterparts;
export const cards = (): string => list().map(card).join('');

/** Networks of counterparts take the word of their counterpart. */
export function networks(): Map<number, NetworkVerdict> {
  const out = new Map<number, NetworkVerdict>();
  for (const c of list()) for (const asn of networksOf(c.id)) out.set(asn, {mark: markOf(c.word), word: wordOf(c.word), html: verdictMark(c.word)});
  return out;
}

/** The first sentence of the page: how it stands with all counterparts, then what the reader owes. */
export function headline(): string {
  const all = list(),
    h = wv.headline,
    chosen = all.filter(c => has('counterpart', c.id)),
    of = (...words: Word[]): Card[] => all.filter(c => words.includes(c.word));
  if (!all.length) return '';
  const incidents = pacts.incidents.filter(isOpen);
  const owed = ' ' + duty(incidents.filter(i => nextDue(i)));
  if (chosen.length) return h.one(party(chosen[0].id), wv.words[chosen[0].word], fact(chosen[0])) + owed;
  const over = of('not answered in time'),
    open = of('open incidents', 'disputed'),
    unsure = all.filter(c => markOf(c.word) === 'unk');
  const n = (l: Card[]): number => l.length;
  const main = n(over)
    ? h.over(n(over), n(all))
    : n(open)
      ? h.open(n(open), n(all))
      : n(unsure)
        ? (unsure.every(c => c.word === 'suspended: out of contact') ? h.away : h.unsure)(n(unsure), n(all), incidents.length)
        : h.fine(n(all), incidents.length);
  return main + owed;
}
