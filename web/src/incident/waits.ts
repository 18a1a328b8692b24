// The list of what waits for a person.
import {app} from '../app';
import {$, fill} from '../dom';
import {esc, visible} from '../format';
import {wy as wd} from '../i18n/parts';
import {wi} from '../i18n/parts';
import {roleName} from '../people';
import {left, nameOf, other, party} from './state';
import {may, waiting, type Wait} from './waiting';

const box = (): HTMLDialogElement => $<HTMLDialogElement>('#waits')!;
let timer = 0;

const text = ({i, what}: Wait): string =>
  what === 'notice' ? wd.waits.notice : what === 'consult' ? wd.waits.consult : wd.waits.owed(wi.dues[what], left(i, what));

function item(x: Wait): string {
  const i = x.i;
  return (
    `<li data-k="${esc(nameOf(i))}"><button type="button" class="rowb" data-act="${esc(`sel=incident:${nameOf(i)}`)}">` +
    `<b class="asn">${visible(i.incident)}</b> <span class="mut">${party(other(i))}</span></button><p>${text(x)}</p></li>`
  );
}
function draw(): void {
  const w = wd.waits,
    all = waiting(),
    who = !all.length || may() ? '' : app.session ? w.role(roleName(app.session.role)) : w.signIn;
  fill(
    box(),
    `<h2 id="waits-h">${wi.waits.title}</h2>` +
      (all.length ? `<ul class="alerts">${all.map(item).join('')}</ul>` : `<p>${w.none}</p>`) +
      `<p class="mut">${who}</p><p class="row"><button type="button" class="btn pri" data-close>${w.close}</button></p>`
  );
}

export function open(): void {
  const d = box();
  if (d.open) return;
  d.onclick = e => {
    if ((e.target as HTMLElement).closest('[data-close],[data-act]')) d.close();
  };
  draw();
  d.showModal();
  timer ||= window.setInterval(() => {
    if (d.open) return draw();
    clearInterval(timer);
    timer = 0;
  }, 1_000);
}
