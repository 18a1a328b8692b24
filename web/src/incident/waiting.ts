// What waits for a person: what this party owes in incidents, notices that nobody sent, and records of consultations. Who is signed
// in decides whether it waits for the reader.
import {app} from '../app';
import {esc, num} from '../format';
import {wi} from '../i18n/parts';
import type {Due, Incident} from './ask';
import {isOpen, ordered, owes, DUES} from './state';
import {pacts} from './watch';

export type Wait = {i: Incident; what: Due | 'notice' | 'consult'};

/** Receipts are given by the machine. */
function of(i: Incident): Wait['what'] | null {
  if (i.state === 'DETECTED') return app.node?.automatic === false && i.role === 'notifier' ? 'notice' : null;
  let first: Due | null = null;
  for (const d of DUES) {
    const at = i.owed?.[d];
    if (d !== 'receipt' && at !== undefined && owes(i, d) === app.node?.party && (!first || (at && at < i.owed![first]!))) first = d;
  }
  return first ?? (i.state === 'ESCALATED' && i.role !== 'observer' ? 'consult' : null);
}

export const waiting = (): Wait[] =>
  ordered(pacts.incidents.filter(isOpen)).flatMap(i => {
    const what = of(i);
    return what ? [{i, what}] : [];
  });
export const may = (): boolean => app.session?.role === 'approver';

const act = (cls: string, n: number): string =>
  `<button type="button" class="${cls}" data-act="waits=" title="${esc(wi.waits.title)}">${(may() ? wi.waits.you : wi.waits.approver)(num(n), n === 1)}</button>`;
/** For the header: only of what waits for the reader. */
export function button(): string {
  const n = may() ? waiting().length : 0;
  return n ? act('btn waits', n) : '';
}
/** Above the open incidents: whoever it waits for. */
export function link(): string {
  const n = waiting().length;
  return n ? act('lnk', n) : '';
}
