// The words of the pact as a document: loaded with that view.
type By = Record<string, string>;
const TEN = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const small = (n: number): string => TEN[n] ?? String(n);

export const enPact = {
  title: 'Pact',
  kick: (name: string, version: string) => `Pact ${name}, version ${version}`,
  loading: '<b>Asking the node for its pact.</b>',
  none: '<b>No pact is in force here.</b> <span>pact adopt takes one that both parties signed.</span>',
  failed: (e: string) => `<b>The pact could not be had:</b> <span>${e}</span>`,
  theirs: {
    over: (who: string, n: number, all: number) => `<b>Towards us, ${who} has not answered in time under ${small(n)} of ${small(all)} obligations`,
    open: (who: string, n: number, all: number) => `<b>Towards us, ${who} has open incidents under ${small(n)} of ${small(all)} obligations`,
    unsure: (who: string, n: number, all: number) => `<b>Towards us, nothing can be said of ${who} under ${small(n)} of ${small(all)} obligations`,
    fine: (who: string, all: number) => `<b>Towards us, ${who} is compliant under all of ${small(all)} measured obligations`
  },
  ours: {
    over: (n: number) => `; towards them, we have not answered in time under ${small(n)}.</b>`,
    open: (n: number) => `; towards them, we have incidents open under ${small(n)}.</b>`,
    none: '; towards them, nothing is open.</b>'
  },
  report: 'Report',
  reportTitle: 'The joint report as one page, to be printed',
  choose: 'Pacts and counterparts',
  period: 'Period',
  periods: {now: 'Now', '30d': '30 days', month: 'This month', all: 'Since it is in force'} as By,
  holds: (from: string, days: string) => `In force since ${from}, until denounced with ${days} notice.`,
  holdsUntil: (from: string, until: string) => `In force from ${from} until ${until}.`,
  thirdParties: 'It is directed against nobody else and binds nobody else.',
  column: 'Obligation and threshold',
  direction: (a: string, b: string) => `${a} → ${b}`,
  directionSaid: (a: string, b: string) => `${a} towards ${b}: `,
  both: 'both',
  we: 'we',
  they: 'they',
  ownFigures: 'The other side cannot be asked here: its figures are its own',
  differ: (who: string, ours: string, theirs: string) => `≠ The sides differ: by our log ${ours}, as the log of ${who} has it ${theirs}.`,
  differAt: (id: string) => `It is about ${id}.`,
  short: {'not answered in time': 'not in time', 'suspended: out of contact': 'out of contact', 'unknown: no visibility': 'unknown', 'unknown: partial visibility': 'partial', 'self-reported': 'self-reported'} as By,
  open: (n: string) => `open: ${n}`,
  partial: (p: string) => `partial: ${p}`,
  unmeasured: 'not measured',
  rests: (who: string, text: string) => `${who}: ${text}.`,
  seen: (sensors: string, one: boolean, coverage: string, found: string, sent: string, recall: string) =>
    `seen by ${sensors} healthy sensor${one ? '' : 's'}, ${coverage} of declared space and time, ${found} of ${sent} test packets found (recall ≥ ${recall}, 95 % confidence)`,
  seenAsPublished: (_sensors: string, _one: boolean, coverage: string, found: string, sent: string, recall: string) =>
    `by what they publish: ${coverage} of declared space and time seen, ${found} of ${sent} test packets found (recall ≥ ${recall}, 95 % confidence)`,
  seenAtMost: (p: string) => `the figures are theirs; by their heartbeats at most ${p} of the time was seen`,
  threshold: {
    events: (n: string) => (n === '1' ? '1 event' : `≥ ${n} events`),
    targets: (n: string) => (n === '1' ? '1 target' : `≥ ${n} targets`),
    sensors: (n: string) => `by ${n} sensor${n === '1' ? '' : 's'}`,
    bytes: (n: string) => `≥ ${n} MB/s`,
    in: (t: string) => `in ${t}`,
    for: (t: string) => `for ${t}`,
    grade: (o: string) => `origin O${o}`,
    within: (t: string) => `within ${t}`,
    every: (t: string) => `every ${t}`,
    answer: (t: string) => `answer in ${t}`,
    keep: (t: string) => `kept for ${t}`,
    deadlines: (s: string, list: string) => `${list} at severity ${s}`
  },
  signatures: 'Signatures',
  verified: 'verified',
  unsigned: 'not signed',
  signedOn: (day: string, key: string) => `${day}, key ${key}`,
  bytes: (hash: string) => `Over these exact bytes: sha256 ${hash}. All parties signed the same.`,
  times: (n: string) => `Response times${n}`,
  step: 'Step',
  scale: 'median to p90',
  median: 'median',
  p90: 'p90',
  timesNote: (a: string, na: string, b: string, nb: string) =>
    `Upper line ${a} (notices to it: ${na}), lower line ${b} (notices to us: ${nb}). Dot: median, tick: nine of ten; dotted: the deadlines by severity.`,
  noTimes: 'Nothing was due in this period.',
  until: (t: string) => `at most ${t}`,
  annexes: 'Annexes',
  annex: (who: string, n: string) => `${who}, sequence ${n}`,
  annexNone: (who: string) => `${who}: none yet`,
  annexText: (nets: string, prefixes: string, sensors: string, hidden: boolean) =>
    `networks ${nets}, prefixes ${prefixes}, sensors ${sensors}${hidden ? ' (as a commitment)' : ''}`,
  annexSpace: 'What it declares',
  annexRest: (n: string) => `${n} more prefix${n === '1' ? '' : 'es'}`,
  validFrom: (t: string) => `valid from ${t}`,
  witnessed: (t: string) => `witnessed ${t}`,
  notWitnessed: 'not witnessed yet, so not in force',
  seenBy: (who: string) => `seen by ${who}`,
  seenByNobody: 'seen by nobody yet',
  exclusions: 'Exclusions',
  noExclusions: 'None.',
  exclusionFrom: (list: string) => `from ${list}`,
  exclusionTo: (list: string) => `to ${list}`,
  exclusionClass: (list: string) => `of class ${list}`,
  exclusionUntil: (day: string) => `until ${day}`,
  precision: 'Precision of notices',
  precise: (who: string, stood: string, all: string, withdrawn: string, wrong: string) =>
    `<b>${who}: ${stood} of ${all}</b> notices stood; ${withdrawn} withdrawn, ${wrong} false positives.`,
  noNotices: (who: string) => `${who}: no notice in this period.`,
  state: {'in force': 'in force', denounced: 'denounced', ended: 'ended', 'not yet': 'not yet in force'} as By
};
export type PactWords = typeof enPact;
