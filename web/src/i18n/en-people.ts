// The words of signing in: loaded with the dialog, not with the page.
export const enPeople = {
  title: 'Sign in',
  closed: 'This node shows nothing to who has not signed in.',
  open: 'Everybody may read here. Who signs in has a name in the log.',
  user: 'Name',
  password: 'Password',
  signIn: 'Sign in',
  byLink: 'No password yet? Ask for a one-time link: detente user link NAME.',
  close: 'Close',
  as: (user: string, role: string) => `<b>${user}</b>, ${role}`,
  until: (t: string) => `until ${t} UTC at the latest, or an hour without use`,
  fresh: 'New password',
  freshHint: 'At least 10 characters. Your other sessions end.',
  set: 'Set password',
  done: 'The password is set.',
  out: 'Sign out',
  errors: {
    refused: 'This is not right. Names and passwords are told apart by no answer.',
    link: 'This link was used, is over, or is none. Ask for another.',
    wait: (s: string) => `Passwords are tried slowly. Again in ${s} s.`,
    form: 'A password has 10 to 128 characters.',
    full: 'The disk of the node is full: nothing can be written.',
    engine: 'The node does not answer. Try again.',
    sign_in: 'The session is over. Sign in again.'
  }
};
export type PeopleWords = typeof enPeople;
