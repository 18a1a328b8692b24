// The dialog in which a person signs in, sets a password, signs out.
import {refused, setPassword, signIn, signOut, type Refusal} from '../api';
import {app} from '../app';
import {$, say} from '../dom';
import {num, visible} from '../format';
import {w} from '../i18n';
import {wp} from '../i18n/parts';
import {look, roleName, took} from '../people';

const box = (): HTMLDialogElement => $<HTMLDialogElement>('#people')!;

const field = (id: string, label: string, kind: string, complete: string, more = ''): string =>
  `<label for="${id}">${label}</label><input id="${id}" type="${kind}" autocomplete="${complete}" autocapitalize="off" spellcheck="false" required ${more}>`;

function why(r: Refusal): string {
  const e = wp.errors;
  if (r.error === 'wait') return e.wait(num(r.wait_s ?? 1));
  const text = e[r.error as keyof typeof e];
  return typeof text === 'string' ? text : e.engine;
}

function outside(): string {
  return (
    `<form class="ask"><h2 id="people-h">${wp.title}</h2><p class="mut">${app.closed ? wp.closed : wp.open}</p>` +
    field('p-user', wp.user, 'text', 'username', 'maxlength="32"') +
    field('p-password', wp.password, 'password', 'current-password') +
    `<p id="p-said" role="alert"></p><p class="mut">${wp.byLink}</p>` +
    `<p class="row"><button class="btn pri">${wp.signIn}</button>` +
    (app.closed ? '' : `<button class="btn" type="button" id="p-close">${wp.close}</button>`) +
    `</p></form>`
  );
}

function inside(): string {
  const s = app.session!,
    until = s.until.slice(0, 16).replace('T', ' ');
  return (
    `<form class="ask"><h2 id="people-h">${wp.as(visible(s.user), roleName(s.role))}</h2><p class="mut">${wp.until(until)}</p>` +
    `<input type="text" class="sr" autocomplete="username" value="${visible(s.user)}" aria-label="${wp.user}" tabindex="-1" readonly>` +
    field('p-fresh', wp.fresh, 'password', 'new-password', 'aria-describedby="p-hint"') +
    `<p class="mut" id="p-hint">${wp.freshHint}</p><p id="p-said" role="alert"></p>` +
    `<p class="row"><button class="btn">${wp.set}</button><button class="btn" type="button" id="p-out">${wp.out}</button>` +
    `<button class="btn pri" type="button" id="p-close">${wp.close}</button></p></form>`
  );
}

const told = (text: string): void => {
  $('#p-said')!.textContent = text;
};

async function enter(): Promise<void> {
  const a = await signIn({user: $<HTMLInputElement>('#p-user')!.value.trim(), password: $<HTMLInputElement>('#p-password')!.value});
  if (refused(a)) {
    // A name that is none of its form is no news to anybody.
    told(why(a.error === 'form' ? {error: 'refused'} : a));
    $<HTMLInputElement>('#p-password')!.select();
    return;
  }
  box().close();
  say(w.people.signedIn(a.user));
  took(a);
}

async function renew(): Promise<void> {
  const a = await setPassword($<HTMLInputElement>('#p-fresh')!.value);
  if (refused(a)) return told(why(a));
  $<HTMLInputElement>('#p-fresh')!.value = '';
  told(wp.done);
}

async function leave(): Promise<void> {
  const a = await signOut();
  if (refused(a) && a.error !== 'refused' && a.error !== 'sign_in') return told(why(a));
  box().close();
  say(w.people.signedOut);
  took(null);
  void look();
}

export function open(r?: Refusal): void {
  const d = box(),
    known = app.session !== null;
  d.innerHTML = known ? inside() : outside();
  // A page that shows nothing is left by signing in only.
  d.oncancel = e => {
    if (app.closed && !app.session) e.preventDefault();
  };
  $('form', d)!.onsubmit = e => {
    e.preventDefault();
    void (known ? renew() : enter());
  };
  const close = $('#p-close', d),
    out = $('#p-out', d);
  if (close) close.onclick = () => d.close();
  if (out) out.onclick = () => void leave();
  if (r) told(why(r));
  if (!d.open) d.showModal();
}
