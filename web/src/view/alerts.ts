// The list of alerts, and acknowledging them.
import {acknowledge, getAlerts, refused, type Alert} from '../api';
import {app} from '../app';
import {$, fill, say} from '../dom';
import {esc, stamp, visible} from '../format';
import {wa} from '../i18n/parts';
import {roleName} from '../people';

const box = (): HTMLDialogElement => $<HTMLDialogElement>('#alerts')!;
const RESOLVED = 8;
let shown: number | undefined,
  list: Alert[] = [],
  told = '',
  timer = 0;

const may = (): boolean => app.session?.role === 'analyst' || app.session?.role === 'approver';

function item(a: Alert): string {
  const button =
    a.state === 'firing' && may()
      ? `<button type="button" class="btn" data-ack="${a.number}" aria-label="${esc(wa.ackOf(a.key))}">${wa.ack}</button>`
      : '';
  const state =
    a.state === 'resolved' ? wa.resolved(stamp(a.resolved)) : a.state === 'acknowledged' ? wa.seen(visible(a.acknowledged_by)) : '';
  return (
    `<li data-k="${a.number}" class="${a.state}"><p><b class="sev">${wa.severity[a.severity]}</b> ${visible(a.text)}</p>` +
    (a.state === 'resolved' ? '' : `<p class="mut">${visible(a.to_do)}</p>`) +
    `<p class="mut meta"><code>${visible(a.key)}</code> <span>${wa.since(stamp(a.since))}</span> <span>${state}</span>${button}</p></li>`
  );
}

function part(title: string, of: Alert[]): string {
  return of.length ? `<h3>${title}</h3><ul class="alerts">${of.map(item).join('')}</ul>` : '';
}

function draw(): void {
  const open = list.filter(a => a.state !== 'resolved'),
    over = list.filter(a => a.state === 'resolved').slice(0, RESOLVED);
  const who = !open.some(a => a.state === 'firing') || may() ? '' : app.session ? wa.role(roleName(app.session.role)) : wa.signIn;
  fill(
    box(),
    `<h2 id="alerts-h">${wa.title}</h2>` +
      (open.length ? part(wa.open, open) : `<p>${wa.none}</p>`) +
      part(wa.over, over) +
      `<p class="mut">${who}</p><p id="a-said" role="alert">${told}</p>` +
      `<p class="row"><button type="button" class="btn pri" data-close>${wa.close}</button></p>`
  );
}

async function fetchList(): Promise<void> {
  shown = app.model.honesty?.alerts?.[2];
  try {
    list = await getAlerts();
    if (told === wa.failed) told = '';
  } catch {
    told = wa.failed;
  }
  draw();
}

async function ack(n: number): Promise<void> {
  const a = await acknowledge(n);
  told = refused(a) ? (wa.errors[a.error] ?? wa.engine) : wa.asked;
  if (!refused(a)) say(wa.asked);
  await fetchList();
}

/** While it is open, what changes is fetched; the live stream says that something did. */
function look(): void {
  if (!box().open) {
    clearInterval(timer);
    timer = 0;
  } else if (app.model.honesty?.alerts?.[2] !== shown) void fetchList();
}

export function open(): void {
  const d = box();
  if (d.open) return;
  told = '';
  d.onclick = e => {
    const t = e.target as HTMLElement,
      n = t.closest<HTMLElement>('[data-ack]')?.dataset.ack;
    if (n) void ack(Number(n));
    if (t.closest('[data-close]')) d.close();
  };
  draw();
  d.showModal();
  void fetchList();
  if (!timer) timer = window.setInterval(look, 500);
}
