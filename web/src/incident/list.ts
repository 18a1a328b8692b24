// Incidents as lists: the cell of Now, the view of its own with its headline, and the counterparts.
import {app} from '../app';
import {day, esc, hm, num, timeTag, visible} from '../format';
import {wi} from '../i18n/parts';
import {href, read} from '../state';
import type {Incident, Peer} from './ask';
import {ago, isOpen, left, mark, nameOf, nextDue, ordered, other, owes, party, stateWord, unanswered, verdict, verdictMark} from './state';
import {link} from './waiting';
import {pacts} from './watch';

const when = (iso: string): string => timeTag(iso, `${day(Date.parse(iso))} ${hm(Date.parse(iso))} UTC`);
const CELL = 5,
  ROWS = 50;

const act = (i: Incident): string => `sel=incident:${nameOf(i)}`;
const ofFilter = (i: Incident): boolean => !app.filter().counterpart || other(i) === app.filter().counterpart;
const open = (): Incident[] => ordered(pacts.incidents.filter(i => isOpen(i) && ofFilter(i)));
const what = (i: Incident): string => wi.klass[i.class ?? ''] ?? visible(i.class ?? wi.unknownClass);

function due(i: Incident): string {
  const d = isOpen(i) ? nextDue(i) : null;
  return d ? `<b>${left(i, d)}</b>` : '';
}
/** Since when its clocks stand still, as far as it is known; also of what was behind its time before. */
const suspended = (i: Incident): string => (isOpen(i) && i.suspended_since ? ` <span class="mut">${wi.since(when(i.suspended_since))}</span>` : '');
function dutyOf(i: Incident): string {
  const d = isOpen(i) ? nextDue(i) : null;
  return d ? wi.owes(party(owes(i, d)), wi.dues[d]) : '';
}

/** On Now: what is open, the most urgent first. */
export function cell(): string {
  const all = open();
  const rows = all
    .slice(0, CELL)
    .map(i => {
      const [m, word] = verdict(i);
      const shape = m ? mark(m, `<span class="sr">${word}</span>`) : '<span></span>';
      return (
        `<li data-k="${esc(nameOf(i))}"><button type="button" class="ev inc-ev${read().sel === 'incident:' + nameOf(i) ? ' sel' : ''}" data-act="${esc(act(i))}">${shape}` +
        `<span class="ev-w">${what(i)}</span><span class="${m === 'over' ? 'v-over' : 'mut'}">${due(i)}</span>` +
        `<span class="ev-a"><span class="asn">${visible(i.incident)}</span> <span class="mut">${dutyOf(i)}</span>${suspended(i)}</span></button></li>`
      );
    })
    .join('');
  const side = `<span class="sh-side">${link()} <a href="${href({view: 'incidents'})}">${wi.all(num(pacts.count))}</a></span>`;
  return (
    `<div class="sh-row"><h2 id="h-inc">${wi.openIncidents}</h2>${side}</div>` +
    (rows ? `<ol class="evlist">${rows}</ol>` : `<p class="empty">${wi.noneOpen}</p>`) +
    (all.length > CELL ? `<p class="more">${wi.more(num(all.length - CELL))}</p>` : '')
  );
}

/** What the reader's own party owes next, of what is open. */
export function duty(all: Incident[]): string {
  const h = wi.headline,
    own = app.node?.party ?? '',
    mine = all.filter(i => nextDue(i, own)).sort((a, b) => (a.owed![nextDue(a, own)!]! < b.owed![nextDue(b, own)!]! ? -1 : 1))[0];
  return mine ? h.duty(wi.dues[nextDue(mine, own)!], visible(mine.incident), left(mine, nextDue(mine, own)!)) : h.free;
}

/** The first sentence: who has not answered in time, then the reader's own next duty. */
export function headline(): string {
  const h = wi.headline,
    all = open(),
    over = all.filter(unanswered);
  if (!pacts.turn) return pacts.failed ? h.mute : h.loading;
  const stale = pacts.failed || app.status === 'stale' ? h.failed : '';
  if (!all.length) return stale + h.none(num(pacts.count));
  const who = [...new Set(over.map(i => i.responder))];
  const main = !over.length
    ? h.open(num(all.length), all.length === 1)
    : over.length === 1
      ? h.over(party(who[0]), visible(over[0].incident))
      : h.overs(num(over.length), num(all.length));
  return stale + main + ' ' + duty(all);
}

/** A counterpart's name is its filter; an address the way to its events. */
const who = (id: string): string =>
  id === app.node?.party ? party(id) : `<button type="button" class="link" data-act="filter=counterpart:${esc(id)}">${party(id)}</button>`;
function from(origin: string): string {
  const [address, length] = origin.split('/'),
    text = `<span class="asn">${visible(origin)}</span>`,
    one = !length || length === (address.includes(':') ? '128' : '32');
  return one ? `<a href="${esc(href({view: 'now', sel: '', q: `address:${address}`}))}">${text}</a>` : text;
}

function row(i: Incident): string {
  const sel = read().sel === 'incident:' + nameOf(i),
    over = unanswered(i) ? ' v-over' : '';
  return (
    `<tr data-k="${esc(nameOf(i))}" class="act${sel ? ' sel' : ''}" data-row="${esc(act(i))}">` +
    `<th scope="row"><button type="button" class="rowb" data-act="${esc(act(i))}"><span class="asn">${visible(i.incident)}</span></button>` +
    `<span class="mut">${wi.tells(who(i.notifier), who(i.responder))}</span></th>` +
    `<td class="c-what">${what(i)}<br><span class="mut">${i.origin ? wi.from(from(i.origin)) : ''}</span></td>` +
    `<td>${verdictMark(i)}<br><span class="mut">${stateWord(i)}${i.severity ? ` · ${visible(i.severity)}` : ''}</span></td>` +
    `<td class="r"><span class="${over.trim()}">${due(i)}</span><br><span class="mut">${dutyOf(i)}</span>${suspended(i)}</td></tr>`
  );
}

function incidents(): string {
  const list = ordered(pacts.incidents.filter(ofFilter)),
    shown = list.slice(0, ROWS);
  const h = wi.col;
  const head =
    `<thead><tr><th scope="col">${h.incident}</th><th scope="col" class="c-what">${h.what}</th>` +
    `<th scope="col">${h.state}</th><th scope="col" class="r">${h.next}</th></tr></thead>`;
  const body = shown.map(row).join('') || `<tr data-k="-"><td class="empty" colspan="4">${wi.noneYet}</td></tr>`;
  const more = pacts.count > shown.length ? `<p class="more">${wi.rest(num(pacts.count - shown.length))}</p>` : '';
  return (
    `<div class="sh-row"><h2 id="h-il">${wi.title}</h2></div>` +
    `<table class="fix inc-t"><caption class="sr">${wi.title}</caption>${head}<tbody>${body}</tbody></table>${more}` +
    `<p class="note">${wi.caveat}</p>`
  );
}

function counterpart(p: Peer): string {
  const c = wi.peer,
    size = app.model.log.size,
    with_ = pacts.incidents.filter(i => isOpen(i) && other(i) === p.party),
    over = with_.filter(unanswered).length;
  const sofar = (n: number, at: string): string =>
    n ? `${c.sofar(num(n), num(Math.max(0, size - n)))} <span class="mut">${ago(at)}</span>` : `<span class="mut">${c.notYet}</span>`;
  const fault = p.fault
    ? `<p class="p-fault"><b class="warn">${visible(p.fault)}</b> ${c.faults[p.fault] ?? visible(p.text)} <span class="mut">${p.since ? c.since(ago(p.since)) : ''}</span>` +
      `${p.why ? `<br><span class="mut">${visible(p.why)}</span>` : ''}</p>`
    : '';
  const line = (k: string, v: string): string => `<dt>${k}</dt><dd>${v}</dd>`;
  return (
    `<li data-k="${esc(p.party)}"><div class="sh-row"><h3><button type="button" class="link" data-act="filter=counterpart:${esc(p.party)}" aria-pressed="${app.filter().counterpart === p.party}">${party(p.party)}</button></h3>${p.fault ? '' : `<span>${c.reachable}</span>`}</div>${fault}` +
    `<p>${with_.length ? c.open(num(with_.length), with_.length === 1) : c.nothing}${over ? ` ${mark('over', c.over(num(over)))}` : ''}</p>` +
    `<dl class="kv">${line(c.contact, ago(p.answered))}${line(c.witnessed, sofar(p.witnessed, p.witnessed_at))}${line(c.held, sofar(p.held, p.held_at))}` +
    line(c.theirs, c.size(num(p.size)) + (p.missing ? ` · <b class="warn">${c.missing(num(p.missing))}</b>` : '')) +
    `</dl></li>`
  );
}

export function counterparts(): string {
  return (
    `<div class="sh-row"><h2 id="h-cp">${wi.peer.title}</h2></div>` +
    (pacts.peers.length ? `<ul class="peers">${pacts.peers.map(counterpart).join('')}</ul>` : `<p class="empty">${wi.peer.none}</p>`)
  );
}

export {button as waits} from './waiting';
export const kick = (): string => '';
export const side = (): string => '';

export const view = (): string =>
  `<section class="cell inc-l" aria-labelledby="h-il">${incidents()}</section>` +
  `<aside class="cell inc-r" aria-labelledby="h-cp">${counterparts()}</aside>`;
