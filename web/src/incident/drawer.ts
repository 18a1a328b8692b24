// The drawer of one incident: what, from where, how it was judged, its proofs, deadlines, what was said, and, for an approver, what may
// be said now. One column with jumps, or wide with two; the address says which.
import {HttpError} from '../api';
import {$, $$, fill} from '../dom';
import {visible} from '../format';
import {we, wi, wt} from '../i18n/parts';
import {href, read} from '../state';
import {whyNot} from '../trouble';
import {getIncident, type Incident, type Whole} from './ask';
import {Proofs} from './evidence';
import {from} from './ground';
import {judged} from './judged';
import {deadlines, summary, what} from './parts';
import {Say} from './say';
import {nameOf, other, verdictMark} from './state';
import {talk} from './talk';
import {hurry, pacts} from './watch';

/** By columns, when there are two. */
const LEFT = ['what', 'from', 'judged'];
const parts = (): [string, string][] => [
  ['what', wt.partWhat],
  ['from', we.from],
  ['judged', we.judged],
  ['proof', we.proof],
  ['due', wt.partDue],
  ['talk', wt.partTalk],
  ['say', wt.partSay]
];
let current = '',
  seen = '',
  one: Whole | null = null,
  say: Say | null = null,
  proofs: Proofs | null = null,
  back: HTMLElement | null = null,
  trouble = '',
  gone = false;

const box = (): HTMLElement => $('#drawer')!;
/** What of a list's row tells that the whole is another now. */
const sum = (i: Incident): string => JSON.stringify([i.state, i.messages, i.overdue, i.overdue_notifier, i.suspended_since, i.undelivered, i.events, i.last]);

function frame(): string {
  const jumps = parts().map(([k, t]) => `<button type="button" data-jump="i-${k}">${t}</button>`).join('');
  const column = (left: boolean): string =>
    `<div>${parts()
      .filter(([k]) => LEFT.includes(k) === left)
      .map(([k, t]) => `<section id="i-${k}" aria-labelledby="ih-${k}"><h3 id="ih-${k}">${t}</h3><div id="ib-${k}"></div></section>`)
      .join('')}</div>`;
  return (
    `<div class="drawer" role="dialog" aria-labelledby="d-h" tabindex="-1"><div class="d-head">` +
    `<div class="d-top"><span class="id">${visible(current.split('/')[1] ?? current)}</span><span id="i-mark"></span><span class="grow"></span>` +
    `<a class="btn" id="d-wide"></a><a class="btn" id="d-close" href="${href({sel: ''})}">${we.close} <kbd>${we.esc}</kbd></a></div>` +
    `<h2 id="d-h">${wt.incident}</h2><p class="d-sum" id="i-sum">${wt.loading}</p><nav class="d-nav" aria-label="${wt.parts}">${jumps}</nav></div>` +
    `<div class="d-body" tabindex="0" role="region" aria-labelledby="d-h"><div class="dcols">${column(true)}${column(false)}</div></div></div>`
  );
}

/** As the address has it: wide or not, and where its links lead from here. */
function layout(): void {
  const wide = read().wide !== '';
  $('.drawer', box())?.classList.toggle('wide', wide);
  fill($('#d-wide', box()), `${wide ? wt.narrow : wt.widen} <kbd>W</kbd>`);
  $('#d-wide', box())?.setAttribute('href', href({wide: wide ? '' : '1'}));
  $('#d-close', box())?.setAttribute('href', href({sel: ''}));
}

/** An address may name an incident without its pact, as people do: the one pact that has it. */
function resolve(): boolean {
  if (current.includes('/')) return true;
  const found = pacts.incidents.filter(i => i.incident === current);
  if (found.length === 1) location.replace(href({sel: 'incident:' + nameOf(found[0])}));
  else if (pacts.turn) fill($('#i-sum'), found.length ? wt.several(found.map(i => `<a href="${href({sel: 'incident:' + nameOf(i)})}">${visible(i.pact)}</a>`).join(', ')) : wt.unknown(visible(current)));
  return false;
}

/** Fills what changed; called also as time passes. */
export function refresh(): void {
  const i = one;
  if (!current || !$('.drawer', box())) return;
  layout();
  // Headings of nothing would be found empty.
  $('.d-nav', box())!.hidden = $('.d-body', box())!.hidden = !i;
  if (!i) {
    if (resolve() && trouble) fill($('#i-sum'), gone ? wt.unknown(visible(current.split('/')[1] ?? current)) : wt.missing(trouble));
    return;
  }
  const peer = pacts.peers.find(p => p.party === other(i));
  const klass = wi.klass[i.class ?? ''] ?? visible(i.class ?? wi.unknownClass);
  fill($('#d-h'), i.origin ? wt.title1(klass, `<span class="asn">${visible(i.origin)}</span>`) : klass);
  fill($('#i-mark'), verdictMark(i));
  fill($('#i-sum'), (trouble ? `<b class="warn">${wt.old}</b> ` : '') + summary(i));
  fill($('#ib-what'), what(i));
  fill($('#ib-from'), from(i));
  fill($('#ib-judged'), judged(i));
  proofs?.show(i);
  fill($('#ib-due'), deadlines(i));
  fill($('#ib-talk'), talk(i, peer));
  say?.show(i);
}

async function load(): Promise<void> {
  const want = current,
    at = want.indexOf('/');
  if (at < 0) return refresh();
  try {
    const i = await getIncident(want.slice(0, at), want.slice(at + 1));
    if (want !== current) return;
    one = i;
    seen = sum(i);
    trouble = '';
    gone = false;
  } catch (e) {
    if (want !== current) return;
    gone = e instanceof HttpError && (e.status === 404 || e.status === 400);
    trouble = whyNot(e);
  }
  refresh();
}

/** The lists are new: the whole is fetched again when its row is another. */
export function follow(): void {
  const row = pacts.incidents.find(i => nameOf(i) === current);
  if (!current || (row && one && sum(row) === seen && !trouble)) return refresh();
  void load();
}

/** Shows the incident, or closes the drawer when the name is empty. */
export function show(name: string): void {
  if (name === current) return layout();
  const before = current;
  current = name;
  one = say = proofs = null;
  gone = false;
  trouble = seen = '';
  if (!name) {
    box().replaceChildren();
    ($$('[data-act]').find(e => e.dataset.act === 'sel=incident:' + before) ?? back)?.focus({preventScroll: true});
    return;
  }
  if (!before) back = document.activeElement as HTMLElement;
  box().innerHTML = frame();
  say = new Say($('#ib-say')!, () => {
    hurry();
    void load();
  });
  proofs = new Proofs($('#ib-proof')!);
  refresh();
  $('.drawer', box())!.focus();
  $$('[data-jump]', box()).forEach(b => b.addEventListener('click', () => $('#' + b.dataset.jump)?.scrollIntoView({block: 'start'})));
  void load();
}
