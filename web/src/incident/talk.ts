// The conversation of one incident, message by message, and where the two logs differ.
import {esc, fixed, num, stamp, title, visible} from '../format';
import {wi, wt} from '../i18n/parts';
import type {Due, Message, Peer, Whole} from './ask';
import {took} from './judged';
import {ago, DUES, isOver, left, mark, owes, party} from './state';

const short = (id: string): string => `<code title="${esc(id)}">${visible(id.slice(0, 12))}</code>`;
const tag = (text: string, why: string): string => `<span class="tag" title="${esc(why)}">${text}</span>`;
const str = (m: Message, k: string): string => (typeof m.body?.[k] === 'string' ? (m.body[k] as string) : '');
const int = (m: Message, k: string): number => (typeof m.body?.[k] === 'number' ? (m.body[k] as number) : 0);
const list = (m: Message, k: string): unknown[] => (Array.isArray(m.body?.[k]) ? (m.body[k] as unknown[]) : []);
const words = (m: Message, k: string): string => list(m, k).map(x => visible(String(x))).join(', ');

/** 1:N sampling sees a flow of p packets with this probability; one that kept nothing sees none. */
export function chance(sampling: number, packets: number): number {
  if (sampling <= 0) return 0;
  return sampling === 1 ? 1 : packets ? 1 - (1 - 1 / sampling) ** packets : NaN;
}

function notSeen(m: Message, i: Whole): string {
  const notice = i.conversation?.find(x => x.type === 'notice'),
    p = chance(int(m, 'sampling'), notice ? int(notice, 'packets') : 0);
  if (Number.isNaN(p)) return wt.said.sampled(num(int(m, 'sampling')));
  return p < 0.5 ? wt.said.couldNot : wt.said.couldHave(String(Math.round(p * 100)));
}

/** What it says, beside its type. */
function content(m: Message, i: Whole): string {
  const s = wt.said,
    parts: string[] = [];
  const add = (text: string): void => void (text && parts.push(text));
  if (m.type === 'notice') {
    add(s.counts(num(int(m, 'events')), num(int(m, 'targets'))));
    if (list(m, 'ask').length) add(s.asked(words(m, 'ask')));
    if (str(m, 'unwitnessed_since')) add(s.unwitnessed(stamp(str(m, 'unwitnessed_since'))));
  }
  if (m.type === 'activity' || m.type === 'update') add(s.more(num(int(m, 'events')), num(int(m, 'count'))));
  if (m.type === 'inquiry') add(s.missing(words(m, 'missing')));
  if (m.type === 'answer') add(`<b>${wt.finding[str(m, 'finding')] ?? visible(str(m, 'finding'))}</b>`);
  if (m.type === 'answer' && str(m, 'finding') === 'not-seen') add(notSeen(m, i));
  if (m.type === 'answer' && int(m, 'flows')) add(s.flows(num(int(m, 'flows'))));
  if (m.type === 'action') add(`<b>${wt.action[str(m, 'action')] ?? visible(str(m, 'action'))}</b>`);
  if (m.type === 'close') add(`<b>${wi.result[str(m, 'result')] ?? visible(str(m, 'result'))}</b>`);
  if (m.type === 'close' && m.body?.coverage_ppm !== undefined) add(s.coverage(fixed(int(m, 'coverage_ppm') / 10_000, 1)));
  if (m.type === 'consult-record')
    add(`<b>${wi.result[String((m.body?.record as Record<string, unknown> | undefined)?.result)] ?? ''}</b>`);
  if (m.type === 'escalate' || m.type === 'withdraw') add(`<b>${wt.cause[str(m, 'cause')] ?? visible(str(m, 'cause'))}</b>`);
  if (m.type === 'escalate' && str(m, 'item')) add(wi.dues[str(m, 'item') as keyof typeof wi.dues] ?? visible(str(m, 'item')));
  if (m.type === 'reject') add(`${wt.rejects(short(str(m, 'message')))} <b>${visible(str(m, 'code'))}</b>`);
  if (m.body?.auto === true) add(s.auto);
  if (str(m, 'reference')) add(s.reference(visible(str(m, 'reference'))));
  for (const k of ['reason', 'text']) add(visible(str(m, k)));
  if (m.type !== 'notice' && list(m, 'evidence').length) add(s.evidence(num(list(m, 'evidence').length)));
  return parts.join(' · ');
}

/** Who took the log that goes on has read the one before it to its end. */
const reached = (m: Message, p: Peer, size: number): boolean => (m.generation < p.generation ? size > 0 : m.leaf < size);

function receipt(m: Message, i: Whole, p: Peer | undefined): string {
  const t = wt.talk,
    ours = i.role !== 'observer' && (m.from === i.notifier) === (i.role === 'notifier');
  const out: string[] = [];
  if (m.type === 'notice' && i.conversation!.some(x => x.type === 'receipt' && x.body?.notice === m.id && !x.passed_over)) out.push(t.receipted);
  else if (m.type === 'notice' && i.held) out.push(t.heldAsReceipt(stamp(i.held)));
  else if (m.type === 'notice') out.push(t.noReceipt);
  if (!ours) out.push(t.here(stamp(m.here_at)));
  else if (p && reached(m, p, p.held)) out.push(t.held(party(p.party)));
  else if (p && reached(m, p, p.witnessed)) out.push(t.witnessed(party(p.party)));
  else if (p) out.push(t.notYet(party(p.party)));
  out.push(t.leaf(num(m.leaf)));
  return out.join(' · ');
}

/** Who put their name to it, and how long it took of the time that the pact gives for it. */
const DUE_OF: Record<string, Due> = {receipt: 'receipt', ack: 'acknowledge', answer: 'answer', action: 'act', evidence: 'evidence'};
function signed(m: Message, i: Whole): string {
  const d = DUE_OF[m.type],
    newest = [...(i.conversation ?? [])].reverse().find(x => x.type === m.type && !x.passed_over);
  return [wt.talk.signed(party(m.from), m.key ? `<span class="asn">${visible(m.key)}</span>` : ''), d && newest === m ? took(i, d) : ''].filter(Boolean).join(' · ');
}

/** What is owed now stands at the end of what was said. */
function owed(i: Whole): string {
  return DUES.filter(d => i.owed?.[d] !== undefined)
    .sort((a, b) => ((i.owed![a] || '9') < (i.owed![b] || '9') ? -1 : 1))
    .map(d => {
      const over = isOver(i, d) && !i.suspended_since,
        says = wt.talk.owed(left(i, d));
      return (
        `<li class="owed" data-k="owed-${d}"><p><b>${party(owes(i, d))}</b> <span>${wi.dues[d]}</span>` +
        `<span class="src">${i.owed![d] ? stamp(i.owed![d]!) : ''}</span></p><p>${over ? mark('over', says) : says}</p></li>`
      );
    })
    .join('');
}

function flags(m: Message): string {
  const t = wt.talk;
  return (
    (m.time_disputed ? ' ' + tag(t.disputed, t.disputedWhy) : '') +
    (m.fork ? ' ' + tag(t.fork, t.forkWhy) : '') +
    (m.passed_over ? ` <b class="warn">${t.passedOver(visible(m.passed_over))}</b> <span class="mut">${wt.code[m.passed_over] ?? wt.codeState(wi.state[m.passed_over] ?? visible(m.passed_over))}</span>` : '')
  );
}

/** Where the other party's account of the conversation is another than ours. */
export function differences(i: Whole, p: Peer | undefined): string[] {
  const d = wt.differ,
    all = i.conversation ?? [],
    own = i.role === 'notifier' ? i.notifier : i.role === 'responder' ? i.responder : '';
  const out: string[] = [];
  for (const r of all) {
    if (r.type !== 'reject' || r.from === own) continue;
    const id = str(r, 'message'),
      n = all.findIndex(m => m.id === id);
    if (n < 0) out.push(d.notHere(short(id), party(r.from)));
    else if (!all[n].passed_over) out.push(d.at(String(n + 1), wt.type[all[n].type] ?? visible(all[n].type), party(r.from), visible(str(r, 'code'))));
  }
  all.forEach((m, n) => {
    if (m.fork && m.passed_over) out.push(d.fork(String(n + 1), party(m.from), num(m.seq)));
  });
  if (p?.missing) out.push(d.missing(num(p.missing), party(p.party)));
  return out;
}

function item(m: Message, n: number, i: Whole, p: Peer | undefined): string {
  return (
    `<li data-k="${esc(m.id)}" class="${m.passed_over ? 'off' : ''}"><p><b>${party(m.from)}</b> <span>${wt.type[m.type] ?? visible(m.type)}</span>${flags(m)}` +
    `<span class="src">${stamp(m.at)}</span></p>${content(m, i) ? `<p>${content(m, i)}</p>` : ''}` +
    `<p class="mut">${signed(m, i)}</p><p class="mut">${wt.talk.number(String(n + 1))} ${short(m.id)} · ${receipt(m, i, p)}</p></li>`
  );
}

export function talk(i: Whole, p: Peer | undefined): string {
  const all = i.conversation ?? [],
    differ = differences(i, p);
  return (
    (differ.length
      ? `<div class="differ"><p><b>${wt.differ.title}</b></p><ul>${differ.map(t => `<li>${t}</li>`).join('')}</ul></div>`
      : all.length
        ? `<p class="mut">${wt.differ.none(num(all.length), p ? ago(p.answered) : wi.never)}</p>`
        : '') + (all.length ? `<ol class="talk">${all.map((m, n) => item(m, n, i, p)).join('')}${owed(i)}</ol>` : `<p class="empty">${wt.talk.none(title(i.responder))}</p>`)
  );
}
