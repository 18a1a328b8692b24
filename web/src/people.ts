// Who is signed in: asked at the start, changed by a one-time link or in the dialog, which comes when it is first wanted.
import {getSession, refused, signIn, type Refusal, type Session} from './api';
import {app} from './app';
import {say} from './dom';
import {visible} from './format';
import {w} from './i18n';
import {peopleView} from './load';

const LINK = '#link=';

export const roleName = (role: string): string => w.people.roles[role] ?? visible(role);

/** Takes what the node says; a page that shows nothing without a person starts anew with one. */
export function took(s: Session | null): void {
  const before = app.session;
  app.session = s?.user ? s : null;
  if (app.closed && Boolean(before) !== Boolean(app.session)) location.reload();
}

export async function openPeople(why?: Refusal): Promise<void> {
  (await peopleView()).open(why);
}

/** The secret leaves the address at once, so that it is neither shown, nor copied, nor kept in the history. */
export async function takeLink(): Promise<boolean> {
  if (!location.hash.startsWith(LINK)) return false;
  const link = location.hash.slice(LINK.length);
  history.replaceState(null, '', '#/now');
  const a = await signIn({link});
  if (refused(a)) {
    await openPeople(a.error === 'refused' || a.error === 'form' ? {error: 'link'} : a);
  } else {
    say(w.people.signedIn(a.user));
    took(a);
  }
  return true;
}

/** A node that fell silent may have done so because the session is over: then the page starts anew, at its door. */
export async function look(): Promise<void> {
  const a = await getSession();
  if (refused(a) && a.error === 'sign_in') location.reload();
}

/** True when the page may go on. */
export async function begin(): Promise<boolean> {
  const link = location.hash.startsWith(LINK);
  await takeLink();
  const a = await getSession();
  if (!refused(a)) {
    app.session = a.user ? a : null;
    return true;
  }
  if (a.error !== 'sign_in') return true;
  app.closed = true;
  if (!link) await openPeople();
  return false;
}
