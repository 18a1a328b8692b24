// Vulnerabilities: what is exploited now and whether it is ours, until when to mend it and why, and how old what we know is.
import {app} from '../app';
import {$, $$, fill, store} from '../dom';
import {tokens} from '../filter';
import {day, hm, num} from '../format';
import {wu} from '../i18n/parts';
import {pacts} from '../incident/watch';
import {networksOf} from '../select';
import {href, read} from '../state';
import {whyNot} from '../trouble';
import {getAll, getOne, type All, type One} from './ask';
import {exposure, feeds} from './below';
import {list} from './rows';
import {date, section} from './parts';
import {kept, nextDue, onlyOf, tried, type Origins, type Wanted} from './select';
import {why} from './why';

/** Between two questions: when the stream brought something, and when it did not. */
const PAUSE = 10_000,
  SELDOM = 30_000,
  AGAIN = 5_000;
const NARROW = matchMedia('(max-width: 1279px)');
type Answer = {one: One | null | undefined; trouble: string; turn: number; at: number};
let all: All | null = null,
  old = false,
  trouble = '',
  asked = -Infinity,
  pos = -1,
  turn = 0,
  open = '',
  drawn: HTMLElement | null = null;
const answers = new Map<string, Answer>(),
  coming = new Set<string>();
const MOST = 40;

async function ask(): Promise<void> {
  try {
    all = await getAll(AbortSignal.timeout(20_000));
    old = !all;
    trouble = '';
    turn++;
  } catch (e) {
    trouble = whyNot(e);
  }
  app.redraw();
}
function want(): void {
  const now = performance.now(),
    pause = trouble ? AGAIN : app.live.pos !== pos ? PAUSE : SELDOM;
  if (now - asked < pause || (app.status !== 'live' && asked > 0)) return;
  asked = now;
  pos = app.live.pos;
  void ask();
}
/** Asked for anew with each answer that the list rests on. */
function answer(cve: string): Answer | undefined {
  const had = answers.get(cve);
  if ((!had || had.turn !== turn) && !coming.has(cve)) {
    const at = turn;
    coming.add(cve);
    const keep = (one: One | null | undefined, why: string): void => {
      if (answers.size >= MOST) answers.clear();
      answers.set(cve, {one, trouble: why, turn: at, at: why ? (had?.at ?? 0) : performance.now()});
    };
    void getOne(cve, AbortSignal.timeout(20_000))
      .then(
        one => {
          keep(one, '');
        },
        (e: unknown) => {
          keep(had?.one, whyNot(e));
        }
      )
      .finally(() => {
        coming.delete(cve);
        app.redraw();
      });
  }
  return had;
}

// ---- what is wanted

/** Of the page's filter, what can be told of origins; the rest is named. */
function from(): {of: Origins | null; ignored: string[]} {
  const f = app.filter(),
    ours = new Set(['country', 'asn', 'counterpart']);
  const ignored = tokens()
    .filter(t => t.key && !ours.has(t.key))
    .map(t => `${t.key}:${t.value}`);
  if (!f.country && f.asn < 0 && !f.counterpart) return {of: null, ignored};
  const everybody = (): Set<number> => new Set((app.parties ?? []).flatMap(p => [...networksOf(p)]));
  return {
    of: {
      country: f.country,
      asn: f.asn,
      networks: f.counterpart && f.counterpart !== '-' ? networksOf(f.counterpart) : null,
      outside: f.counterpart === '-' ? everybody() : null
    },
    ignored
  };
}
function wanted(): {want: Wanted; ignored: string[]} {
  const {of, ignored} = from();
  return {want: {only: onlyOf(read().only), find: read().find, from: of}, ignored};
}
const chosen = (): string => /^cve:(CVE-\d{4}-\d{4,19})$/.exec(read().sel)?.[1] ?? '';
const known = (): string[] => pacts.peers.map(p => p.party);

// ---- the view

const scaffold = (): string => '<div class="v-left" id="v-left" tabindex="0" role="region"></div><aside class="cell v-why" id="v-drawer" aria-labelledby="v-why" tabindex="-1"></aside>';

/** The words of the field are in the address; while somebody writes, the field is right. */
function field(): void {
  const f = $<HTMLInputElement>('#v-find');
  if (!f || document.activeElement === f) return;
  if (f.value !== read().find) f.value = read().find;
}
function onInput(e: Event): void {
  const t = e.target as HTMLInputElement;
  if (t.id === 'v-find') location.replace(href({find: t.value.slice(0, 80)}));
}
function onKey(e: KeyboardEvent): void {
  const t = e.target as HTMLElement;
  if (read().view !== 'vulnerabilities' || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === 'Escape' && t.id === 'v-find') {
    t.blur();
    location.replace(href({find: ''}));
    e.stopPropagation();
  } else if (e.key === '/' && !t.matches('input,textarea,select') && store('keys') !== 'off') {
    e.preventDefault();
    $('#v-find')?.focus();
  }
}
addEventListener('keydown', onKey, true);
NARROW.addEventListener('change', () => {
  app.redraw();
});

function build(box: Element): void {
  box.innerHTML = scaffold();
  drawn = box as HTMLElement;
  $('#v-left')!.setAttribute('aria-label', wu.name);
  box.addEventListener('input', onInput);
}

/** Over the page where there is no room beside the list: then it takes the focus, and gives it back. */
function cover(cve: string): void {
  const now = NARROW.matches ? cve : '',
    aside = $('#v-drawer')!;
  aside.classList.toggle('open', Boolean(now));
  if (now === open) return;
  const before = open;
  open = now;
  if (now) aside.focus();
  else if (before) $$('[data-act]', drawn!).find(e => e.dataset.act === 'sel=cve:' + before)?.focus({preventScroll: true});
}

export function draw(box: Element): void {
  want();
  if (drawn !== box) build(box);
  const left = $('#v-left'),
    aside = $('#v-drawer')!;
  if (!all) {
    aside.hidden = true;
    fill(left, section('v-now', wu.now, `<p class="empty">${old ? wu.earlier : trouble ? wu.failed(trouble) : wu.loading}</p>`, '', 'v-list'));
    return;
  }
  const {want: by, ignored} = wanted(),
    rows = kept(all.list, by),
    explicit = chosen(),
    cve = explicit || (NARROW.matches ? '' : (rows[0]?.cve ?? ''));
  fill(left, list(all, by, known(), cve, ignored) + `<div class="v-two" data-k="two">${exposure(all)}${feeds(all, known())}</div>`);
  field();
  aside.hidden = !cve;
  const a = cve ? answer(cve) : undefined;
  fill(aside, cve ? why(cve, all.list.find(r => r.cve === cve), a?.one, a?.trouble ?? '', a ? (performance.now() - a.at) / 1000 : 0) : '');
  cover(explicit);
}

export function headline(): string {
  const h = wu.headline;
  if (old) return `<b>${wu.earlier}</b>`;
  if (trouble && !all) return `<b>${wu.failed(trouble)}</b>`;
  if (!all) return `<b>${wu.loading}</b>`;
  const seen = all.list.filter(r => r.alerts).length,
    feedless = !all.feeds.length,
    bare = !all.machines.known;
  if (feedless || bare) {
    const what = !bare ? h.noFeed : feedless ? h.nothing : h.noMachines(num(seen), seen);
    return `<b>${what}</b> <span>${[feedless ? wu.toImport : '', bare ? wu.toCollect : ''].filter(Boolean).join(' ')}</span>`;
  }
  const without = all.machines.known - all.machines.listed,
    unsure = without > 0 ? ` <span>${wu.unlisted(num(without), without)}</span>` : '',
    now = tried(all);
  if (!all.findings) return `<b>${h.clean(num(all.machines.listed), all.machines.listed)}</b>${unsure}`;
  const next = nextDue(all);
  return `<b>${h.main(all.over, all.soon, now)}</b>${!all.over && !all.soon && next ? ` <span>${h.next(date(next))}</span>` : ''}${trouble ? ` <span class="warn">${wu.failed(trouble)}</span>` : ''}`;
}
export function kick(): string {
  const t = Date.parse(all?.machines.newest ?? '');
  return Number.isNaN(t) ? wu.name : wu.kick(`${day(t)} ${hm(t)} UTC`);
}
export const side = (): string => '';
