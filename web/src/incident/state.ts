// What an incident's state means to who reads it: verdict, what is owed, by whom, until when.
import {app} from '../app';
import {span, timeTag, title, visible} from '../format';
import {wi} from '../i18n/parts';
import type {Due, Incident} from './ask';

const SHAPES = {
  ok: '<path d="M3 8.6l3.3 3.2L13 4.6"/>',
  over: '<path d="M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4"/>',
  open: '<circle cx="8" cy="8" r="5.4"/><path class="f" d="M8 2.6a5.4 5.4 0 0 1 0 10.8z"/>',
  unk: '<path d="M5.2 5.9a2.8 2.8 0 1 1 4.2 2.4C8.4 8.9 8 9.3 8 10.4"/><circle class="f" cx="8" cy="13.2" r="1.1"/>'
};
export type Mark = keyof typeof SHAPES;
export const mark = (m: Mark, text: string): string =>
  `<span class="v v-${m}"><svg class="sh" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[m]}</svg><span>${text}</span></span>`;

export const OF_RESPONDER: Due[] = ['receipt', 'acknowledge', 'answer', 'act'];
export const OF_NOTIFIER: Due[] = ['evidence', 'confirm'];
export const DUES = [...OF_RESPONDER, ...OF_NOTIFIER];

export const party = (id: string): string => visible(title(id));
export const nameOf = (i: Incident): string => `${i.pact}/${i.incident}`;
export const isOpen = (i: Incident): boolean => i.state !== 'CLOSED';
export const owes = (i: Incident, d: Due): string => (OF_NOTIFIER.includes(d) ? i.notifier : i.responder);
export const other = (i: Incident): string => (i.role === 'notifier' ? i.responder : i.notifier);

/** Behind its time, now: between two answers of the node its deadlines pass too. */
export function isOver(i: Incident, d: Due): boolean {
  if (i.overdue?.includes(d) || i.overdue_notifier?.includes(d)) return true;
  const due = Date.parse(i.owed?.[d] ?? '');
  return !i.suspended_since && due < app.now();
}
/** What was to come in time from the responder, beside the receipt, did not. */
export const unanswered = (i: Incident): boolean =>
  isOpen(i) && (['acknowledge', 'answer', 'act'] as Due[]).some(d => i.owed?.[d] !== undefined && isOver(i, d));

export function verdict(i: Incident): [m: Mark | '', word: string] {
  if (i.state === 'CLOSED') return i.result === 'unsettled' ? ['open', wi.verdict.disputed] : ['', wi.result[i.result ?? ''] ?? ''];
  if (i.state === 'DETECTED') return ['', wi.verdict.detected];
  if (unanswered(i)) return ['over', wi.verdict.over];
  if (i.state === 'DISPUTED' || i.state === 'ESCALATED') return ['open', wi.verdict.disputed];
  if (i.undelivered) return ['unk', wi.verdict.undelivered];
  if (i.suspended_since) return ['unk', wi.verdict.suspended];
  return ['open', wi.verdict.open];
}
export function verdictMark(i: Incident): string {
  const [m, word] = verdict(i);
  return m ? mark(m, word) : `<span class="mut">${word}</span>`;
}
export const stateWord = (i: Incident): string => wi.state[i.state] ?? visible(i.state.toLowerCase());

/** The first that is due of what is owed, of one party or of both. */
export function nextDue(i: Incident, of = ''): Due | null {
  let first: Due | null = null;
  for (const d of DUES) {
    const at = i.owed?.[d];
    if (at && (!of || owes(i, d) === of) && (!first || at < i.owed![first]!)) first = d;
  }
  return first;
}
/** Time left, or by how much it is over. */
export function left(i: Incident, d: Due): string {
  const at = i.owed?.[d];
  if (at === undefined) return '';
  if (i.suspended_since) return wi.due.suspended;
  if (!at) return wi.due.stands;
  const s = (Date.parse(at) - app.now()) / 1000;
  return s < 0 ? wi.due.over(span(-s)) : wi.due.in(span(s));
}
export const ago = (iso: string): string => {
  const t = Date.parse(iso);
  return Number.isNaN(t) ? wi.never : timeTag(iso, wi.ago(span((app.now() - t) / 1000)));
};

/** Overdue first, then by what is due next, then the newest; what is closed at the end. */
export function ordered(list: Incident[]): Incident[] {
  const rank = (i: Incident): number => (!isOpen(i) ? 3 : unanswered(i) ? 0 : nextDue(i) ? 1 : 2);
  const due = (i: Incident): string => (isOpen(i) && nextDue(i) ? i.owed![nextDue(i)!]! : '');
  return [...list].sort((a, b) => {
    const [x, y] = [due(a), due(b)];
    return rank(a) - rank(b) || (x < y ? -1 : x > y ? 1 : a.opened > b.opened ? -1 : 1);
  });
}
