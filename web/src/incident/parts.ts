// What is known of one incident: facts, the two ladders, evidence, and the deadlines of both parties.
import {esc, num, stamp, visible} from '../format';
import {wi, wt} from '../i18n/parts';
import type {Due, Reference, Whole} from './ask';
import {DUES, isOpen, isOver, left, mark, owes, party} from './state';

const row = (k: string, v: string): string => (v ? `<dt>${k}</dt><dd>${v}</dd>` : '');
const mono = (s: string): string => `<span class="asn">${visible(s)}</span>`;

function ladder(label: string, steps: [string, string][], at: number): string {
  const items = steps
    .map(([k, t], n) => `<li class="${n === at ? 'at' : n < at ? 'yes' : ''}"${n === at ? ' aria-current="step"' : ''}><b>${k}</b><span>${t}</span></li>`)
    .join('');
  return `<p class="mut">${label}</p><ol class="ladder" aria-label="${label}">${items}</ol>`;
}

function evidence(i: Whole): string {
  const refs = (i.conversation ?? []).flatMap(m => (Array.isArray(m.body?.evidence) ? (m.body.evidence as Reference[]) : []));
  if (!refs.length) return '';
  const items = refs
    .map(r => `<li>${wt.reference(num(r.block), num(r.index), num(r.leaf))} <code>${visible(r.commitment)}</code></li>`)
    .join('');
  return `<details><summary>${wt.references(num(refs.length), refs.length === 1)}</summary><ol class="path">${items}</ol></details>`;
}

export function what(i: Whole): string {
  const f = wt.fact,
    asked = i.conversation?.find(m => m.type === 'notice')?.body?.ask;
  return (
    `<dl class="kv">${row(f.klass, i.class ? `${wi.klass[i.class] ?? ''} <span class="mut">${visible(i.class)}</span>` : '')}` +
    row(f.origin, i.origin ? mono(i.origin) : '') +
    row(f.when, i.first ? `${stamp(i.first)} – ${stamp(i.last ?? i.first)}` : '') +
    row(f.counts, i.events === undefined ? '' : wt.counts(num(i.events), num(i.count ?? i.events), num(i.targets ?? 0))) +
    row(f.obligation, `${i.obligation ? mono(i.obligation) : ''}${i.severity ? ` <span class="mut">${wt.severity(visible(i.severity))}</span>` : ''}`) +
    row(f.parties, wi.tells(party(i.notifier), party(i.responder))) +
    row(f.pact, mono(i.pact)) +
    row(f.asked, Array.isArray(asked) ? asked.map(a => visible(String(a))).join(', ') : '') +
    '</dl>' +
    (i.e_grade === undefined ? '' : ladder(wt.ladderE, wt.e, i.e_grade) + ladder(wt.ladderO, wt.o, i.o_grade ?? 0)) +
    evidence(i) +
    `<p class="mut">${wi.caveat}</p>`
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
