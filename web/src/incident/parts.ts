// What is known of one incident: facts, what was seen and where, and the deadlines of both parties.
import {esc, fixed, num, span, stamp, visible} from '../format';
import {wi, wt} from '../i18n/parts';
import type {Due, Whole} from './ask';
import {targets, timeline} from './ground';
import {DUES, isOpen, isOver, left, mark, owes, party} from './state';

export const row = (k: string, v: string): string => (v ? `<dt>${k}</dt><dd>${v}</dd>` : '');
export const mono = (s: string): string => `<span class="asn">${visible(s)}</span>`;

export function ladder(label: string, steps: [string, string][], at: number): string {
  const items = steps
    .map(([k, t], n) => `<li class="${n === at ? 'at' : n < at ? 'yes' : ''}"${n === at ? ' aria-current="step"' : ''}><b>${k}</b><span>${t}</span></li>`)
    .join('');
  return `<p class="mut">${label}</p><ol class="ladder" aria-label="${label}">${items}</ol>`;
}

/** How long it went on, and how often that is. */
function rate(i: Whole): string {
  const s = (Date.parse(i.last ?? '') - Date.parse(i.first ?? '')) / 1000,
    n = i.count ?? i.events ?? 0;
  if (!(s > 0)) return '';
  const an = n * 60 >= s ? [60, wt.perMinute] as const : [3_600, wt.perHour] as const;
  // Of less than a minute a rate says nothing.
  return ` <span class="mut">${wt.within(span(s), s < 60 ? '' : an[1](fixed((n * an[0]) / s, 1)))}</span>`;
}

export function what(i: Whole): string {
  const f = wt.fact,
    asked = i.conversation?.find(m => m.type === 'notice')?.body?.ask;
  return (
    `<dl class="kv">${row(f.klass, i.class ? `${wi.klass[i.class] ?? ''} <span class="mut">${visible(i.class)}</span>` : '')}` +
    row(f.origin, i.origin ? mono(i.origin) : '') +
    row(f.when, i.first ? `${stamp(i.first)} – ${stamp(i.last ?? i.first)}` : '') +
    row(f.counts, i.events === undefined ? '' : wt.counts(num(i.events), num(i.count ?? i.events), num(i.targets ?? 0)) + rate(i)) +
    row(f.obligation, `${i.obligation ? mono(i.obligation) : ''}${i.severity ? ` <span class="mut">${wt.severity(visible(i.severity))}</span>` : ''}`) +
    row(f.parties, wi.tells(party(i.notifier), party(i.responder))) +
    row(f.pact, mono(i.pact)) +
    row(f.asked, Array.isArray(asked) ? asked.map(a => visible(String(a))).join(', ') : '') +
    '</dl>' +
    timeline(i) +
    targets(i)
  );
}

/** Done, late, over, running, standing still, or not begun. */
function how(i: Whole, d: Due): string {
  const w = wi.due,
    late = i.late?.includes(d) || i.late_notifier?.includes(d);
  if (i.owed?.[d] !== undefined) return isOver(i, d) && !i.suspended_since ? mark('over', left(i, d)) : `<b>${left(i, d)}</b>`;
  if (late) return isOpen(i) ? w.late : w.lateClosed;
  if (i.state === 'DETECTED' || (d !== 'receipt' && i.state === 'NOTIFIED')) return `<span class="mut">${w.notBegun}</span>`;
  if (d === 'act' && i.action === '') return `<span class="mut">${w.notOwed}</span>`;
  if (d === 'evidence' || d === 'confirm') return `<span class="mut">${w.notOwed}</span>`;
  return isOpen(i) ? w.done : `<span class="mut">${w.over0}</span>`;
}

export function deadlines(i: Whole): string {
  const w = wi.due;
  const rows = DUES.map(d => {
    const at = i.owed?.[d];
    return (
      `<tr data-k="${d}"><th scope="row">${wi.dues[d]} <span class="mut">${party(owes(i, d))}</span></th>` +
      `<td>${at ? stamp(at) : ''}</td><td class="r">${how(i, d)}</td></tr>`
    );
  }).join('');
  const spans = (i.suspended ?? []).map(([a, b]) => `<li>${wt.span(stamp(a), stamp(b))}</li>`).join('');
  return (
    `<table class="dues"><caption class="sr">${wt.deadlines}</caption><thead><tr><th scope="col">${w.step}</th><th scope="col">${w.at}</th>` +
    `<th scope="col" class="r">${w.stand}</th></tr></thead><tbody>${rows}</tbody></table>` +
    (i.suspended_since ? `<p><b class="warn">${w.suspended}</b> ${wt.suspendedSince(stamp(i.suspended_since))}</p>` : '') +
    (spans ? `<p class="mut">${wt.suspendedSpans}</p><ul class="path">${spans}</ul>` : '') +
    (i.undelivered ? `<p><b>${wi.verdict.undelivered}</b> ${wt.undelivered}</p>` : '') +
    `<dl class="kv">${row(wt.fact.finding, i.finding ? (wt.finding[i.finding] ?? visible(i.finding)) : '')}` +
    row(wt.fact.action, i.action ? (wt.action[i.action] ?? visible(i.action)) : '') +
    row(wt.fact.result, i.result ? (wi.result[i.result] ?? visible(i.result)) : '') +
    row(wt.fact.extensions, i.extensions ? num(i.extensions) : '') +
    row(wt.fact.recurrences, i.recurrences ? num(i.recurrences) : '') +
    row(wt.fact.reopened, i.reopened ? num(i.reopened) : '') +
    '</dl>'
  );
}

/** The drawer's one sentence: who owes what. */
export function summary(i: Whole): string {
  const open = DUES.filter(d => i.owed?.[d] !== undefined).sort((a, b) => (i.owed![a]! < i.owed![b]! ? -1 : 1))
    .filter(d => i.owed![d]);
  const grades = i.e_grade === undefined ? '' : ' ' + wt.grades(String(i.e_grade), String(i.o_grade ?? 0), esc(i.severity));
  if (!open.length) return (isOpen(i) ? wt.nothingOwed : wt.closed) + grades;
  const d = open[0];
  return `<b>${wi.owes(party(owes(i, d)), wi.dues[d])}: ${left(i, d)}.</b>${grades}`;
}
