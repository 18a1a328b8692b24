// Incidents on the timeline: when they were opened, and when something was due that had not come; in the colour of their verdict, with
// shape and word, each a way to its incident.
import {app} from '../app';
import {esc, visible} from '../format';
import {wi} from '../i18n/parts';
import type {Stroke} from '../timeline';
import type {Due, Incident} from './ask';
import {DUES, isOpen, isOver, mark, nameOf, other, verdict, type Mark} from './state';
import {pacts} from './watch';

/** Words nearer than this, in px, would lie over each other. */
const APART = 150,
  MOST = 40;
type Point = {k: string; at: number; mark: Mark; text: string; i: Incident};

const seconds = (iso: string | undefined): number => Date.parse(iso ?? '') / 1000;

function of(i: Incident): Point[] {
  const [m] = verdict(i),
    name = visible(i.incident),
    out: Point[] = [];
  const add = (k: string, at: number, how: Mark, text: string): void => {
    if (!Number.isNaN(at)) out.push({k: `${nameOf(i)} ${k}`, at, mark: how, text, i});
  };
  if (i.state !== 'DETECTED') add('opened', seconds(i.opened), m === 'over' ? 'open' : m || 'ok', wi.marks.opened(name));
  if (i.closed) add('closed', seconds(i.closed), m || 'ok', wi.marks.closed(name));
  for (const d of isOpen(i) ? DUES : [])
    if (isOver(i, d as Due)) add(d, seconds(i.owed?.[d]), 'over', wi.marks.due(name, wi.dues[d]));
  return out;
}

function points(): Point[] {
  const f = app.filter(),
    rank: Record<Mark, number> = {over: 0, open: 1, unk: 2, ok: 3};
  return pacts.incidents
    .filter(i => !f.counterpart || other(i) === f.counterpart)
    .flatMap(of)
    .sort((a, b) => rank[a.mark] - rank[b.mark] || b.at - a.at)
    .slice(0, MOST);
}

/** The worst on top. Of a moment that is shown, what came later is not known yet. */
const until = (): number => (app.past?.at() ?? app.now()) / 1000;

export const strokes = (): Stroke[] =>
  points()
    .filter(p => p.at <= until())
    .map(p => ({at: p.at, color: p.mark, dash: p.mark !== 'over'}))
    .reverse();

/** Words where there is room, the worst first; all lines are drawn. */
export function list(place: (t: number) => number, width: number): string {
  const taken: number[] = [];
  return points()
    .filter(p => p.at <= until())
    .map(p => {
      const x = place(p.at);
      if (!(x >= 0 && x <= width) || taken.some(t => Math.abs(t - x) < APART)) return '';
      taken.push(x);
      const side = x > width - APART ? ' end' : '';
      return `<li data-k="${esc(p.k)}" class="tl-mark${side}" data-x="${Math.round(x)}"><button type="button" data-act="sel=incident:${esc(nameOf(p.i))}">${mark(p.mark, p.text)}</button></li>`;
    })
    .join('');
}

export const label = (): string => wi.marks.label;
