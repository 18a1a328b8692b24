// What waits for a person: what this party owes in incidents, notices that nobody sent, and records of consultations. Who is signed
// in decides whether it waits for the reader.
import {app} from '../app';
import {$, fill} from '../dom';
import {esc, num, visible} from '../format';
import {wd} from '../i18n/duty';
import {wi} from '../i18n/incident';
import {roleName} from '../people';
import type {Due, Incident} from './ask';
import {isOpen, left, nameOf, ordered, other, owes, party, DUES} from './state';
import {pacts} from './watch';

/** Receipts are given by the machine. */
const BY_PEOPLE = DUES.filter(d => d !== 'receipt');
type Wait = {i: Incident; what: string};

function of(i: Incident): string | null {
  const own = app.node?.party ?? '';
  if (i.state === 'DETECTED') return app.node?.automatic === false && i.role === 'notifier' ? wd.waits.notice : null;
  let first: Due | null = null;
  for (const d of BY_PEOPLE) {
    const at = i.owed?.[d];
    if (at !== undefined && owes(i, d) === own && (!first || (at && at < i.owed![first]!))) first = d;
  }
  if (first) return wd.waits.owed(wi.dues[first], left(i, first) || wi.due.stands);
  return i.state === 'ESCALATED' && i.role !== 'observer' ? wd.waits.consult : null;
}

export function waiting(): Wait[] {
  return ordered(pacts.incidents.filter(isOpen)).flatMap(i => {
    const what = of(i);
    return what ? [{i, what}] : [];
  });
}

const may = (): boolean => app.session?.role === 'approver';
function text(n: number): string {
  return (may() ? wd.waits.you : wd.waits.approver)(num(n), n === 1);
}
/** For the header: only of what waits for the reader. */
export function button(): string {
  const n = may() ? waiting().length : 0;
  return n ? `<button type="button" class="btn" id="open-waits" data-act="waits=" title="${esc(wd.waits.button)}">${text(n)}</button>` : '';
}
/** Above the open incidents: whoever it waits for. */
export function link(): string {
  const n = waiting().length;
  return n ? `<button type="button" class="lnk" data-act="waits=">${text(n)}</button>` : '';
}

const box = (): HTMLDialogElement => $<HTMLDialogElement>('#waits')!;
let timer = 0;

function item({i, what}: Wait): string {
  return (
    `<li data-k="${esc(nameOf(i))}"><button type="button" class="rowb" data-act="${esc(`sel=incident:${nameOf(i)}`)}">` +
    `<b class="asn">${visible(i.incident)}</b> <span class="mut">${party(other(i))}</span></button><p>${what}</p></li>`
  );
}
function draw(): void {
  const w = wd.waits,
    all = waiting(),
    who = !all.length || may() ? '' : app.session ? w.role(roleName(app.session.role)) : w.signIn;
  fill(
    box(),
    `<h2 id="waits-h">${w.title}</h2>` +
      (all.length ? `<ul class="alerts">${all.map(item).join('')}</ul>` : `<p>${w.none}</p>`) +
      `<p class="mut">${who}</p><p class="row"><button type="button" class="btn pri" data-close>${w.close}</button></p>`
  );
}

export function open(): void {
  const d = box();
  if (d.open) return;
  d.onclick = e => {
    if ((e.target as HTMLElement).closest('[data-close],[data-act]')) d.close();
  };
  draw();
  d.showModal();
  timer ||= window.setInterval(() => {
    if (d.open) return draw();
    clearInterval(timer);
    timer = 0;
  }, 1_000);
}
