// The words of what waits for a person, and of the banner while nobody is reached: loaded when a node has a pact.
export const enDuty = {
  away: {
    label: 'Out of contact',
    said: 'Out of contact: deadlines are suspended.',
    over: 'In contact again.',
    drill: '<b>DRILL: the outside is shut on purpose.</b> Counterparts, witnesses and receivers get nothing until it ends.',
    drillSaid: 'A drill: the outside is shut on purpose.',
    none: (since: string) => `<b>No path to outside since ${since}.</b> Showing own sensors only.`,
    never: '<b>No path to outside since this node was started.</b> Showing own sensors only.',
    party: (who: string, since: string) => `<b>No contact with ${who} since ${since}</b>; deadlines suspended as of then, provisionally.`,
    send: 'Messages by bundle:',
    command: (party: string) => `detente bundle create ${party} -o FILE`,
    last: (at: string) => `last by bundle ${at}.`,
    noBundle: 'no bundle of theirs was taken in yet.',
    more: (n: string) => `The same for ${n} more.`
  },
  waits: {
    none: 'Nothing waits for a person.',
    signIn: 'An approver can say these. Sign in to do so.',
    role: (role: string) => `An approver can say these, not a ${role}.`,
    notice: 'notice: found here, and no message was sent (automatic: false)',
    consult: 'consultation: a record that both sign (incident consult)',
    owed: (what: string, left: string) => `${what}, ${left}`,
    close: 'Close'
  }
};
export type DutyWords = typeof enDuty;
