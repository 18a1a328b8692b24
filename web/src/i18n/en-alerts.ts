// The words of the list of alerts: loaded with it, not with the page.
export const enAlerts = {
  title: 'Alerts',
  none: 'Nothing is open.',
  failed: 'The node does not tell its alerts. Try again.',
  open: 'Open',
  over: 'Resolved',
  severity: {critical: 'critical', warning: 'warning', info: 'note'},
  since: (t: string) => `since ${t}`,
  seen: (by: string) => `seen by ${by}`,
  resolved: (t: string) => `resolved ${t}`,
  ack: 'Acknowledge',
  ackOf: (key: string) => `Acknowledge ${key}`,
  asked: 'Acknowledged: it is in the log.',
  signIn: 'Analysts and approvers can acknowledge alerts. Sign in to do so.',
  role: (role: string) => `Analysts and approvers can acknowledge alerts, not ${role}s.`,
  close: 'Close',
  errors: {
    sign_in: 'The session is over. Sign in again.',
    refused: 'The session is over. Sign in again.',
    role: 'Not in your role.',
    full: 'The disk of the node is full: nothing can be written.'
  } as Record<string, string>,
  engine: 'The node does not answer. Try again.'
};
export type AlertsWords = typeof enAlerts;
