// How it was judged: the clause, what it takes beside what was measured, the two ladders, the deadlines of its severity, and how the
// time that is due comes about.
import {bytes, length, num, span, stamp, visible} from '../format';
import {wi, wt} from '../i18n/parts';
import type {Obligation, Pact} from '../verdict/ask';
import type {Due, Whole} from './ask';
import {ladder} from './parts';
import {isOver, left, nextDue, unanswered} from './state';
import {pacts} from './watch';

export const document = (i: Whole): Pact | undefined => pacts.documents.find(d => d.pact === i.pact);
/** Seconds that a severity gives for one of the responder's deadlines. */
export const given = (i: Whole, d: Due): number => {
  const s = document(i)?.severities.find(x => x.id === i.severity) as Record<string, number | string> | undefined,
    n = s?.[`${d}_s`];
  return typeof n === 'number' ? n : 0;
};

function clause(i: Whole, o: Obligation | undefined): string {
  const also = i.also ?? [];
  return (
    `<blockquote class="clause"><b>${o ? visible(o.article) + ' ' : ''}${visible(i.obligation ?? wt.jd.noClause)}.</b> ${o ? visible(o.text) : i.obligation ? wt.jd.noText : ''}</blockquote>` +
    (also.length ? `<p class="mut">${wt.jd.also(also.map(visible).join(', '))}</p>` : '')
  );
}

/** Met, not met, or nothing that can be said of it. */
function met(measured: number | undefined, least: number, open: boolean): string {
  if (measured === undefined || (measured < least && open)) return wt.jd.cannot;
  return measured >= least ? wt.jd.yes : wt.jd.no;
}

function measures(i: Whole, o: Obligation | undefined): string {
  const t = o?.threshold,
    j = wt.jd,
    e = i.evidence,
    m = e?.measured ?? undefined;
  if (!o) return '';
  // What is masked, erased, or cut at as much as a notice holds, hides some.
  const open = !e || e.masked || e.gone > 0 || e.line.length >= 64 || (i.events ?? 0) > e.line.length;
  const row = (what: string, least: string, got: string, says: string): string =>
    `<tr><th scope="row">${what}</th><td class="r">${least}</td><td class="r">${got}</td><td class="r">${says}</td></tr>`;
  const counted = (what: string, least: number, got: number | undefined): string =>
    least ? row(what, `≥ ${num(least)}`, got === undefined ? '–' : (open && got < least ? '≥ ' : '') + num(got), met(got, least, open)) : '';
  const rows = t
    ? counted(j.events(length(t.window_s)), t.events, m?.events) +
      counted(j.targets(length(t.window_s)), t.targets, m?.targets) +
      counted(j.sensors(length(t.window_s)), t.sensors, m?.sensors || undefined) +
      (t.bytes_per_s ? row(j.bytes(length(t.window_s)), `≥ ${wt.jd.rate(bytes(t.bytes_per_s))}`, '–', j.cannot) : '')
    : '';
  const grade = row(j.grade, `≥ O${o.grade}`, i.o_grade === undefined ? '–' : `O${i.o_grade}`, met(i.o_grade, o.grade, false));
  return (
    `<table class="dues"><caption class="sr">${j.measures}</caption><thead><tr><th scope="col">${j.measure}</th><th scope="col" class="r">${j.threshold}</th>` +
    `<th scope="col" class="r">${j.measured}</th><th scope="col" class="r">${j.met}</th></tr></thead><tbody>${rows}${grade}</tbody></table>` +
    (e?.by === 'notice' ? `<p class="mut">${j.byNotice}</p>` : '') +
    (t?.bytes_per_s ? `<p class="mut">${j.noBytes}</p>` : '')
  );
}

/** A column for each severity: there are few of them, and their names are short. */
function severities(i: Whole, d: Pact | undefined): string {
  if (!d?.severities.length) return '';
  const head = d.severities
    .map(s => {
      const own = s.id === i.severity;
      return `<th scope="col" class="r${own ? ' own' : ''}"${own ? ' aria-current="true"' : ''}>${visible(s.id)}${own ? ` <span class="tag">${wt.jd.thisOne}</span>` : ''}</th>`;
    })
    .join('');
  const rows = (['receipt', 'acknowledge', 'answer', 'act'] as const)
    .map(k => {
      const cells = d.severities.map(s => `<td class="r${s.id === i.severity ? ' own' : ''}">${s[`${k}_s`] ? length(s[`${k}_s`]) : '–'}</td>`);
      return `<tr><th scope="row">${wi.dues[k]}</th>${cells.join('')}</tr>`;
    })
    .join('');
  return `<table class="dues tgts lims"><caption class="sr">${wt.jd.severities}</caption><thead><tr><th scope="col">${wt.jd.deadline}</th>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** The time that is due, as a sum. */
function why(i: Whole): string {
  const d = (['receipt', 'acknowledge', 'answer', 'act'] as Due[]).find(x => i.owed?.[x] !== undefined && isOver(i, x)) ?? nextDue(i, i.responder),
    at = d && i.owed?.[d];
  if (!d || !at) return '';
  const receipt = i.conversation?.find(m => m.type === 'receipt' && !m.passed_over)?.at ?? i.held,
    base = d === 'receipt' ? i.opened : receipt,
    s = given(i, d),
    more = base && s ? (Date.parse(at) - Date.parse(base)) / 1000 - s : NaN,
    now = left(i, d);
  if (!(more > -60)) return `<p><b>${wt.jd.why}</b> ${wt.jd.plain(wi.dues[d], stamp(at), now)}</p>`;
  const extra = more >= 60 ? wt.jd.stopped(span(more)) : '';
  return `<p><b>${wt.jd.why}</b> ${wt.jd.sum(d === 'receipt' ? wt.jd.fromNotice : wt.jd.fromReceipt, stamp(base!), length(s), wi.dues[d], extra, stamp(at), now)}</p>`;
}

export function judged(i: Whole): string {
  const d = document(i),
    o = d?.obligations.find(x => x.id === i.obligation);
  const grades =
    i.e_grade === undefined ? '' : ladder(wt.ladderE, wt.e, i.e_grade) + ladder(wt.ladderO, wt.o, i.o_grade ?? 0);
  const change = [unanswered(i) ? wt.jd.endsLate : '', (i.o_grade ?? 0) < 3 ? wt.jd.raises : ''].filter(Boolean).join(' ');
  return clause(i, o) + measures(i, o) + grades + severities(i, d) + why(i) + (change ? `<p class="mut">${change}</p>` : '');
}
/** Share of the time that was given which something took. */
export const took = (i: Whole, d: Due): string => {
  const us = i.took_us?.[d],
    s = given(i, d);
  return us === undefined ? '' : s ? wt.talk.tookOf(span(us / 1e6), length(s)) : wt.talk.took(span(us / 1e6));
};
