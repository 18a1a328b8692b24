// The banner while a counterpart, or everything outside, is not reached, or a drill shuts it: hatched, above everything, and no colour of a verdict.
import {get} from '../api';
import {app} from '../app';
import {$, say} from '../dom';
import {day, esc, hm, num, timeTag} from '../format';
import {wy as wd} from '../i18n/parts';
import {party} from '../incident/state';
import type {Peer} from '../incident/ask';
import {pacts} from '../incident/watch';

type Asked = {fault: string; answered: string};
const SHOWN = 3,
  PAUSE = 10_000,
  /** What lasts no longer passes by itself. */
  PATIENCE = 120_000;
let asked: Asked[] = [],
  next = 0,
  was: 'said' | 'over' | 'drillSaid' = 'over';

/** Who cosigns this log stands outside too; they are asked about when no counterpart is reached. */
function look(): void {
  const now = performance.now();
  if (now < next || app.paused) return;
  next = now + PAUSE;
  void get('/api/v1/witnesses')
    .then(async r => {
      asked = ((await r.json()) as {asked: Asked[]}).asked;
      app.redraw();
    })
    .catch(() => undefined);
}

const unreached = (p: Peer): boolean => p.fault === 'unreachable' || Boolean(p.silent_since);
const at = (iso: string): string => {
  const t = Date.parse(iso),
    today = day(t) === day(app.model.clock());
  return timeTag(iso, `${today ? '' : day(t) + ' '}${hm(t)} UTC`);
};

/** When anything outside was last heard; undefined: something is reached, or there is nothing to reach. */
function lost(): string | undefined {
  const all = pacts.peers;
  if (!all.length || !all.every(unreached)) return undefined;
  look();
  if (asked.some(a => !a.fault)) return undefined;
  const last = [...all, ...asked].map(x => x.answered).sort().at(-1) ?? '',
    since = Date.parse(last);
  return Number.isNaN(since) || app.model.clock() - since > PATIENCE ? last : undefined;
}

function one(p: Peer): string {
  const b = wd.away;
  return (
    `<li data-k="${esc(p.party)}">${b.party(party(p.party), at(p.silent_since!))} ` +
    `${b.send} <code>${b.command(esc(p.party))}</code>; ${p.carried_at ? b.last(at(p.carried_at)) : b.noBundle}</li>`
  );
}

/** "" while all is well. */
export function banner(): string {
  const b = wd.away,
    silent = pacts.peers.filter(p => p.silent_since),
    none = lost(),
    drill = Boolean(app.live.honesty?.drill),
    away = silent.length > 0 || none !== undefined ? 'said' : 'over',
    now = drill ? 'drillSaid' : away;
  if (now !== was) say(b[now]);
  was = now;
  if (now === 'over') return '';
  const more = silent.length > SHOWN ? `<li data-k="-">${b.more(num(silent.length - SHOWN))}</li>` : '';
  return (
    (drill ? `<p>${b.drill}</p>` : '') +
    (none === undefined ? '' : `<p>${none ? b.none(at(none)) : b.never}</p>`) +
    (silent.length ? `<ul>${silent.slice(0, SHOWN).map(one).join('')}${more}</ul>` : '')
  );
}
export const label = (): string => wd.away.label;

// The drawer begins below it, however many lines it has.
new ResizeObserver(([e]) => document.documentElement.style.setProperty('--away', `${Math.ceil(e.target.getBoundingClientRect().height)}px`)).observe($('#away')!);
