// One event at its own address: what, from where, judged, proof, raw. Opened from any row, closed by Esc.
import {getEvent, type Event} from '../api';
import {app} from '../app';
import {$, $$, fill} from '../dom';
import {chipName} from '../filter';
import {hms, visible} from '../format';
import {we} from '../i18n/parts';
import {from, judged, what} from './parts';
import {ProofView} from './proofview';
import {loadRaw} from './rawview';
import {href} from '../state';
import {whyNot} from '../trouble';

let current = '',
  shown: Event | null = null,
  back: HTMLElement | null = null;

const part = (k: string, title: string, body: string): string =>
  `<section id="d-${k}" aria-labelledby="dh-${k}"><h3 id="dh-${k}">${title}</h3>${body}</section>`;
const parts = (): [string, string][] => [
  ['what', we.what],
  ['from', we.from],
  ['judged', we.judged],
  ['proof', we.proof],
  ['raw', we.raw]
];

function frame(id: string, title: string, sum: string, body: string): string {
  const jumps = parts().map(([k, t]) => `<button type="button" data-jump="d-${k}">${t}</button>`).join('');
  return (
    `<div class="drawer" role="dialog" aria-labelledby="d-h" tabindex="-1">` +
    `<div class="d-head"><div class="d-top"><span class="id">${visible(id)}</span>` +
    `<span class="grow"></span><a class="btn" href="${href({sel: ''})}">${we.close} <kbd>${we.esc}</kbd></a></div>` +
    `<h2 id="d-h">${title}</h2>${sum}${body ? `<nav class="d-nav" aria-label="${we.parts}">${jumps}</nav>` : ''}</div>` +
    `<div class="d-body" tabindex="0" role="region" aria-labelledby="d-h">${body}</div></div>`
  );
}

function whole(e: Event): string {
  const title = we.headline(
      e.rule_name || !app.node?.chips[e.chip] ? visible(e.rule_name || e.class) : chipName(app.node.chips[e.chip]),
      `<span class="asn">${visible(e.origin.address)}</span>`
    ),
    t = Date.parse(e.time);
  const sum = `<p class="d-sum">${we.summary(Number.isNaN(t) ? visible(e.time) : hms(t), `<span class="asn">${visible(e.target.address)}</span>`)}</p>`;
  const bodies: Record<string, string> = {
    what: what(e),
    from: `<div id="fr">${from(e)}</div>`,
    judged: `<div id="ju">${judged(e)}</div>`,
    proof: '<div id="pf"></div>',
    raw: '<div id="rw"></div>'
  };
  return frame(e.id, title, sum, parts().map(([k, t2]) => part(k, t2, bodies[k])).join(''));
}

/** What the pacts say of it; they may come after it. */
export function pactsCame(): void {
  if (!shown || shown.id !== current || !$('#fr')) return;
  fill($('#fr'), from(shown));
  fill($('#ju'), judged(shown));
}

/** Shows the event, or closes the drawer when the id is empty. */
export async function show(id: string): Promise<void> {
  if (id === current) return;
  const box = $('#drawer')!,
    before = current;
  current = id;
  if (!id) {
    box.replaceChildren();
    ($$('[data-act]').find(e => e.dataset.act === 'sel=event:' + before) ?? back)?.focus({preventScroll: true});
    return;
  }
  if (!before) back = document.activeElement as HTMLElement;
  box.innerHTML = frame(id, we.event, `<p class="d-sum">${we.loading}</p>`, '');
  $('.drawer', box)!.focus();
  try {
    const e = await getEvent(id);
    if (id !== current) return;
    shown = e;
    box.innerHTML = whole(e);
    $('.drawer', box)!.focus();
    $$('[data-jump]', box).forEach(b => b.addEventListener('click', () => $('#' + b.dataset.jump)?.scrollIntoView({block: 'start'})));
    void new ProofView(e, $('#pf', box)!, loadRaw(e, $('#rw', box)!)).load();
  } catch (e) {
    if (id === current)
      box.innerHTML = frame(id, we.event, `<p class="d-sum">${we.missing(whyNot(e))}</p>`, '');
    $('.drawer', box)?.focus();
  }
}
