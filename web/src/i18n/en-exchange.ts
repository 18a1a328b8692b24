// The words of the exchange of objects: loaded with that view, not with the page.
const s = (n: number): string => (n === 1 ? '' : 's');

function main(overdue: number, waiting: number, faults: number): string {
  const over = overdue ? `${overdue} retraction${s(overdue)} ${overdue === 1 ? 'is' : 'are'} overdue` : 'Nothing that was taken back is overdue',
    wait = waiting ? `${waiting} wait${s(waiting === 1 ? 2 : 1)} for an answer` : 'none waits',
    from = faults ? `; ${faults} source${s(faults)} cannot be had` : '';
  return `${over}, ${wait}${from}.`;
}

export const enExchange = {
  kick: 'Exchange of objects',
  loading: 'Asking the node.',
  failed: (e: string) => `This could not be had: ${e}`,
  earlier: 'This node is of an earlier version and tells nothing of the exchange.',
  nothing: 'There is no collection, so nothing is given and nothing taken.',
  toAdd: '<code>detente exchange collection add</code> makes a collection.',
  main,
  partners: 'Counterparts',
  takenBack: 'what was taken back',
  within: (t: string) => `A counterpart has ${t} to say that what was taken back is gone. What goes to it is at most of its ceiling, whatever a collection holds.`,
  noPartners: 'There is no pact: objects go to users and tokens of our own alone.',
  yes: 'yes',
  notBound: 'not now',
  collections: 'Collections',
  ours: 'ours',
  noPact: 'none',
  sources: 'Sources',
  noSources: 'Nothing is pulled from other servers.',
  fine: 'well',
  never: 'never',
  byHand: 'by hand',
  since: (t: string) => `for ${t}`,
  hits: 'Indicators with hits',
  soughtFor: (n: string, days: number) => `${n} looked for; the last ${days} days`,
  nothingSought: 'Nothing is looked for. <code>detente indicator import</code> takes indicators in; what they meet from then on stands here.',
  noHits: (n: string, days: number) =>
    `Of ${n} indicators none met an event of the last ${days} days. What was recorded before they came: <code>detente indicator sightings</code>.`,
  hitFault: (e: string) => `What is looked for cannot be read: ${e}`,
  hitsOver: (n: string) => `${n} hits are not in this list: it is full.`,
  daysOf: (counts: string) => `by day, the oldest first: ${counts}`,
  valid: 'in force',
  untilDay: (t: string) => `in force until ${t}`,
  over: 'over',
  /** By the node's word. */
  hitStates: {
    'not-yet': 'not yet in force',
    revoked: 'revoked',
    gone: 'no longer looked for'
  } as Record<string, string>,
  kinds: {
    address: 'address',
    prefix: 'network',
    domain: 'name',
    below: 'name below it',
    url: 'URL'
  } as Record<string, string>,
  firstOf: (n: string, count: string) => `The first ${n} of ${count}.`,
  col: {
    partner: 'Counterpart, pact',
    bound: 'Bound',
    ceiling: 'Ceiling',
    waiting: 'Waiting',
    overdue: 'Overdue',
    removed: 'Removed',
    collection: 'Collection',
    objects: 'Objects',
    from: 'Of whom',
    pact: 'Pact',
    readers: 'Readers',
    writers: 'Writers',
    source: 'Source',
    state: 'State',
    succeeded: 'Last pulled',
    next: 'Next pull',
    taken: 'Taken',
    refused: 'Refused',
    indicator: 'Indicator',
    count: 'Count',
    days: 'Days',
    met: 'Met by',
    first: 'First',
    last: 'Last',
    confidence: 'Confidence',
    sought: 'Looked for',
    version: 'Version',
    goes: 'Goes',
    reason: 'Why'
  },
  why: 'Why did this not go out',
  whyHint: 'The id of an object and a party: the node says of each collection whether it goes there, and why.',
  object: 'Object',
  party: 'To',
  example: 'indicator--…',
  askWhy: 'Ask why',
  about: (object: string, party: string) => `<b>${object}</b> to ${party}:`,
  nowhere: 'No collection has an object of this id.',
  goes: 'goes',
  stays: 'stays',
  /** By the node's word. */
  reasons: {
    own: 'who asks is of our own party',
    allowed: 'its markings allow it',
    returned: 'it came from that party',
    consent: 'who it came from consented',
    'no-party': 'that party is not bound by a pact with us now',
    unknown: 'it has a marking that is not known here',
    red: 'TLP:RED never goes to another party',
    strict: 'TLP:AMBER+STRICT stays with the party that received it',
    ceiling: 'its marking is stricter than the ceiling of that party',
    onward: 'it came from another party, which did not consent to hand it on',
    'no-reader': 'nobody of that party may read this collection: <code>detente exchange collection permit</code>'
  } as Record<string, string>
};
export type ExchangeWords = typeof enExchange;
