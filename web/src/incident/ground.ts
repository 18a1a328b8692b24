// What an incident rests on: when each of its events was, which targets they hit, where they came from, and whose word that is.
import {chain} from '../event/parts';
import {dayMonth, esc, hm, num, span, stamp, visible} from '../format';
import {we, wi, wt} from '../i18n/parts';
import {economy} from '../economies';
import {declaredBy} from '../event/declared';
import type {Evidence, Whole} from './ask';
import {party} from './state';

const mono = (s: string): string => `<span class="asn">${visible(s)}</span>`;

/** Whose evidence it is; said wherever some of it is shown that this party did not see itself. */
export const whose = (e: Evidence): string => (e.by === 'events' ? wt.ev.own(party(e.whose)) : `<b>${wt.ev.told(party(e.whose))}</b> ${wt.ev.toldWhy}`);

const WIDTH = 540,
  LEFT = 2;

/** A line of its events, and of the notice where it lies near enough to be drawn to scale. */
export function timeline(i: Whole): string {
  const e = i.evidence,
    at = (e?.line ?? []).map(x => Date.parse(x[0])).filter(t => !Number.isNaN(t));
  if (!e || !at.length) return '';
  const first = Math.min(...at),
    last = Math.max(...at, Date.parse(i.last ?? '') || 0),
    told = Date.parse(i.opened),
    near = told > last && told - last < Math.max(2 * (last - first), 600_000),
    end = Math.max(near ? told : last, first + 1_000),
    x = (t: number): string => (LEFT + ((t - first) / (end - first)) * (WIDTH - 2 * LEFT - 3)).toFixed(1);
  // Two bars in one place are one; a node for each would be waste.
  const bars = [...new Set(at.map(x))].map(v => `<rect x="${v}" y="8" width="3" height="14"/>`).join('');
  const day = dayMonth(first) === dayMonth(end) ? '' : ' ' + dayMonth(end);
  const right = near ? wt.ev.noticeAt(hm(end) + day) : hm(end) + day;
  const shown = e.line.length;
  return (
    `<figure class="evs"><svg viewBox="0 0 ${WIDTH} 24" preserveAspectRatio="none" role="img" aria-label="${wt.ev.lineLabel(num(shown), span((last - first) / 1000))}">` +
    `<path d="M0 22.5H${WIDTH}"/>${bars}${near ? `<path class="told" d="M${x(told)} 2V24"/>` : ''}</svg>` +
    `<figcaption><span>${dayMonth(first)} ${hm(first)} UTC</span><span>${right} UTC</span></figcaption></figure>` +
    `<p class="mut">${(i.events ?? shown) > shown ? wt.ev.partOf(num(shown), num(i.events!)) : wt.ev.allOf(num(shown))}${e.gone ? ' ' + wt.ev.gone(num(e.gone)) : ''} ${whose(e)}</p>`
  );
}

const SHOWN = 12;

export function targets(i: Whole): string {
  const e = i.evidence,
    c = wt.ev;
  if (!e?.targets.length) return '';
  const list = [...e.targets].sort((a, b) => b.count - a.count || (a.target < b.target ? -1 : 1)),
    rows = list
      .slice(0, SHOWN)
      .map(
        t =>
          `<tr data-k="${esc(t.target)}"><th scope="row">${mono(t.target)}</th><td>${t.asset ? visible(t.asset) : `<span class="mut">${c.noGroup}</span>`}</td>` +
          `<td class="c-at">${stamp(t.last)}</td><td class="r">${num(t.count)}</td></tr>`
      )
      .join('');
  return (
    `<table class="dues tgts"><caption class="sr">${c.targets}</caption><thead><tr><th scope="col">${e.masked ? c.masked : c.target}</th><th scope="col">${c.group}</th>` +
    `<th scope="col" class="c-at">${c.last}</th><th scope="col" class="r">${c.events}</th></tr></thead><tbody>${rows}</tbody></table>` +
    (list.length > SHOWN ? `<p class="mut">${wi.more(num(list.length - SHOWN))}</p>` : '')
  );
}

/** Facts of the packets, as far as the sensors tell any; never who is behind them. */
function flags(e: Evidence): string {
  const all = e.origins.filter(o => o.flags);
  if (!all.length) return '';
  const has = (f: string): boolean => all.some(o => o.flags!.includes(f));
  const one = (f: keyof typeof wt.ev.flag): string => `<span>${wt.ev.flag[f]} <b>${has(f) ? wt.ev.yes : wt.ev.no}</b></span>`;
  return `<p class="flags">${(['tor', 'hosting', 'spoofable', 'reflected'] as const).map(one).join(' ')} <span>${wt.ev.hijacked} <b>${wt.ev.cannot}</b></span></p>`;
}

function origins(e: Evidence): string {
  const c = wt.ev,
    list = [...e.origins].sort((a, b) => b.count - a.count);
  if (list.length < 2) return '';
  const rows = list
    .slice(0, SHOWN)
    .map(o => {
      const by = declaredBy(o.origin.address, o.origin.asn, o.first);
      return (
        `<tr data-k="${esc(o.origin.address)}"><th scope="row">${mono(o.origin.address)}</th>` +
        `<td>${o.origin.asn ? `${mono('AS' + o.origin.asn)} ${visible(o.origin.name)}` : c.unknown}</td>` +
        `<td>${o.origin.country ? `${mono(o.origin.country)} ${visible(economy(o.origin.country)?.name ?? '')}` : c.unknown}</td>` +
        `<td>${by ? party(by.party) : '–'}</td><td class="r">${num(o.count)}</td></tr>`
      );
    })
    .join('');
  return (
    `<table class="dues tgts"><caption class="sr">${c.origins}</caption><thead><tr><th scope="col">${c.address}</th><th scope="col">${c.network}</th><th scope="col">${c.economy}</th>` +
    `<th scope="col">${c.party}</th><th scope="col" class="r">${c.events}</th></tr></thead><tbody>${rows}</tbody></table>` +
    (list.length > SHOWN ? `<p class="mut">${wi.more(num(list.length - SHOWN))}</p>` : '')
  );
}

export function from(i: Whole): string {
  const e = i.evidence,
    c = wt.ev,
    most = e && [...e.origins].sort((a, b) => b.count - a.count)[0];
  const caveat = `<p class="mut">${wi.caveat}</p>`;
  if (!e || !most) {
    const by = i.origin ? declaredBy(i.origin.split('/')[0], 0, i.first ?? '') : null;
    return (
      `<dl class="kv">${i.origin ? `<dt>${wt.fact.origin}</dt><dd>${mono(i.origin)}</dd>` : ''}<dt>${we.chain.declared}</dt>` +
      `<dd>${by ? `${party(by.party)} <span class="mut">${we.chain.byAnnexNo(String(by.sequence))}</span>` : party(i.responder)}</dd></dl>${caveat}`
    );
  }
  const by = e.by === 'events' ? c.byOwn(party(e.whose)) : c.byNotice(party(e.whose));
  return (
    (e.origins.length > 1 ? `<p>${c.manyOrigins(num(e.origins.length))}</p>` : '') +
    chain({origin: most.origin, time: most.first, by, party: ''}) +
    flags(e) +
    origins(e) +
    (e.by === 'notice' ? `<p class="mut">${c.placedToday}</p>` : '') +
    caveat
  );
}
