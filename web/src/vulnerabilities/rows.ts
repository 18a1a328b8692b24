// The list: what is exploited now, in the order in which to act.
import {esc, fixed, num, plain} from '../format';
import {w} from '../i18n';
import {wu} from '../i18n/parts';
import {read} from '../state';
import {table, type Column, type Row as Line} from '../view/table';
import type {All, Row} from './ask';
import {deadline, epss, hours, kevTag, mono, mut, nameOf, origins, party, sighting} from './parts';
import {kept, maybe, ONLY, parties, toggled, type Wanted} from './select';

/** So many at first: the node puts what is urgent before the rest. */
const FIRST = 8;

/** With more counterparts the list is wider than the page, and goes sideways by itself. */
const MANY = 3;

function attempts(r: Row): string {
  if (!r.alerts) return mut(wu.none);
  return `<span class="al">${hours(r.series, 64, 22)}<span>${num(r.alerts)}<br>${mut(r.last_hour ? wu.lastHour(num(r.last_hour)) : wu.quietHour)}</span></span>`;
}
const has = (all: All, kind: string): boolean => all.feeds.some(f => f.kind === kind);
const kev = (all: All, r: Row): string => (r.kev ? kevTag(r.kev) + (r.kev.ransomware ? `<small>${wu.ransomware}</small>` : '') : mut(has(all, 'kev') ? wu.no : wu.unknown));
const own = (r: Row): string => (r.ours ? `<b>${num(r.ours)}</b>${r.hit ? `<br><b class="hit">${wu.hit(num(r.hit), r.hit)}</b>` : ''}` : '0');

function line(all: All, r: Row, who: string[], shown: string): Line {
  return {
    k: r.cve,
    act: `sel=cve:${r.cve}`,
    sel: r.cve === shown,
    title: plain(`${r.cve} ${r.name}`),
    cells: [
      `${mono(r.cve)}<br><span class="nm">${nameOf(r)}</span>`,
      kev(all, r),
      r.epss === null ? mut('–') : epss(r.epss),
      attempts(r),
      origins(r),
      own(r),
      ...who.map(p => sighting(r.peers, p)),
      deadline(r.deadline, r.ours ? wu.noDeadline : wu.noneOfOurs),
      r.risk === null ? mut('–') : fixed(r.risk / 1000, 0)
    ]
  };
}

/** Each with how many there are. */
function tools(all: All, want: Wanted): string {
  const chips = ONLY.map(o => {
    const n = kept(all.list, {only: [o], find: '', from: null}).length;
    return `<button type="button" class="chip" data-k="${o}" data-act="only=${toggled(want.only, o)}" aria-pressed="${want.only.includes(o)}">${wu.only[o]}<b>${num(n)}</b></button>`;
  });
  return (
    `<div class="chips" role="group" aria-label="${wu.onlyLabel}">${chips.join('')}</div><span class="grow"></span>` +
    `<label class="v-find"><span class="sr">${wu.find}</span><input id="v-find" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="${wu.findHint}"></label>`
  );
}

/** What to do about it stands above and below. */
function nothing(all: All): string {
  if (all.list.length) return wu.emptyFilter;
  return all.feeds.length && all.machines.known ? wu.emptyList : wu.nothingYet;
}

/** shown: whose reasons stand beside it; ignored: filters that say nothing of origins. */
export function list(all: All, want: Wanted, known: string[], shown: string, ignored: string[]): string {
  const who = parties(all, known),
    rows = kept(all.list, want),
    open = read().all === 'vulnerabilities',
    first = open ? rows.length : FIRST;
  const cols: Column[] = [
    {h: wu.col.cve},
    {h: 'KEV', cls: 'c-kev', title: wu.kevHead},
    {h: 'EPSS', right: true, cls: 'c-epss', title: wu.epssHead},
    {h: wu.col.alerts, right: true, cls: 'c-al'},
    {h: wu.col.origins, cls: 'c-or', title: w.caption},
    {h: wu.col.ours, right: true, cls: 'c-own'},
    ...who.map((p): Column => ({h: party(p), cls: 'c-peer', title: wu.peerHead(plain(p))})),
    {h: wu.col.deadline, cls: 'c-due'},
    {h: wu.col.risk, right: true, cls: 'c-risk'}
  ];
  const body = table(wu.now, cols, rows.slice(0, first).map(r => line(all, r, who, shown)), nothing(all), who.length > MANY ? 'tall many' : 'tall');
  const more =
    rows.length > FIRST
      ? `<button type="button" class="lnk" data-k="more" data-act="all=vulnerabilities" aria-expanded="${open}">${open ? wu.fewer : wu.showAll(num(rows.length))}</button>`
      : '';
  const missed = maybe(all.list, want);
  const notes = [
    rows.length < all.list.length ? wu.shownOf(num(rows.length), num(all.list.length)) : '',
    all.total > all.list.length ? wu.firstOf(num(all.list.length), num(all.total)) : '',
    missed ? wu.mayBe(num(missed), missed) : '',
    ignored.length ? wu.ignored(ignored.map(esc).join(', ')) : '',
    w.caption
  ].filter(Boolean);
  return (
    `<section class="cell v-list" data-k="v-now" aria-labelledby="v-now"><div class="sh-row v-tools"><h2 id="v-now">${wu.now}</h2>${tools(all, want)}${mut(wu.order)}</div>` +
    `<div class="v-scroll" data-k="t">${body}</div>${more}<p class="note" data-k="n">${notes.join(' ')}</p></section>`
  );
}
