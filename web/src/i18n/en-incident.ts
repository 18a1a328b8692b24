// The words of incidents between parties: loaded when a node has a pact, not with the page.
type By = Record<string, string>;

export const enIncident = {
  title: 'Incidents',
  openIncidents: 'Open incidents',
  all: (n: string) => `all ${n}`,
  noneOpen: 'None is open.',
  noneYet: 'None yet.',
  more: (n: string) => `${n} more`,
  rest: (n: string) => `${n} more: detente incident list --all`,
  unknownClass: 'class unknown',
  tells: (a: string, b: string) => `${a} notifies ${b}`,
  from: (net: string) => `origin network ${net}`,
  caveat: 'An origin network says where packets came from, not who sent them.',
  waits: {you: (n: string, one: boolean) => `<b>${n}</b> wait${one ? 's' : ''} for you`, approver: (n: string, one: boolean) => `${n} wait${one ? 's' : ''} for an approver`, title: 'What waits for a person'},
  never: 'never',
  since: (t: string) => `since ${t}`,
  ago: (t: string) => `${t} ago`,
  owes: (who: string, what: string) => `${who}: ${what}`,
  headline: {
    loading: '<b>Asking the node for its incidents.</b>',
    failed: '<b>The node does not answer; this is old.</b> ',
    mute: '<b>The node does not tell of its incidents.</b> <span>It is asked again and again.</span>',
    none: (n: string) => `<b>No incident is open between the parties.</b> <span>${n} in all.</span>`,
    open: (n: string, one: boolean) => `<b>${n} incident${one ? ' is' : 's are'} open, all in time.</b>`,
    over: (who: string, id: string) => `<b>${who} has not answered in time: ${id}.</b>`,
    overs: (n: string, all: string) => `<b>${n} of ${all} open incidents were not answered in time.</b>`,
    duty: (what: string, id: string, left: string) => `<span>Your next duty: ${what}, ${id}, ${left}.</span>`,
    free: '<span>You owe nothing.</span>'
  },
  col: {incident: 'Incident', what: 'What', state: 'State', next: 'Next'},

  verdict: {
    over: 'not answered in time',
    disputed: 'disputed',
    undelivered: 'undelivered',
    suspended: 'suspended: out of contact',
    open: 'open',
    detected: 'not told yet'
  },
  state: {
    DETECTED: 'found here',
    NOTIFIED: 'notified',
    RECEIVED: 'received',
    ACKNOWLEDGED: 'acknowledged',
    INQUIRY: 'asked back',
    ANSWERED: 'answered',
    ACTED: 'acted upon',
    DISPUTED: 'disputed',
    ESCALATED: 'escalated',
    CLOSED: 'closed'
  } as By,
  dues: {
    receipt: 'receipt',
    acknowledge: 'acknowledgement',
    answer: 'answer',
    act: 'action',
    evidence: 'evidence',
    confirm: 'confirmation',
    notice: 'notice'
  },
  marks: {
    label: 'Incidents on the timeline',
    opened: (i: string) => `${i}: notice sent`,
    closed: (i: string) => `${i}: closed`,
    due: (i: string, what: string) => `${i}: ${what} was due`
  },
  due: {
    step: 'Owed',
    at: 'Until',
    stand: 'Stands',
    in: (t: string) => `in ${t}`,
    over: (t: string) => `over by ${t}`,
    suspended: 'suspended',
    stands: 'stands still',
    done: 'done in time',
    late: 'done late',
    lateClosed: 'past its time at the end',
    notBegun: 'not begun',
    notOwed: 'not owed',
    over0: 'ended'
  },
  klass: {
    'intrusion-attempts:exploit': 'Exploit attempts',
    'intrusion-attempts:brute-force': 'Password guessing',
    'information-gathering:scanner': 'Scans',
    'availability:ddos': 'Denial of service',
    'availability:dos': 'Denial of service',
    'malicious-code:c2-server': 'Command and control',
    'malicious-code:malware-distribution': 'Malware distribution',
    'malicious-code:infected-system': 'Infected system',
    'fraud:phishing': 'Phishing'
  } as By,
  result: {
    'confirmed-quiet': 'confirmed quiet',
    'closed-unverified': 'closed, unverified',
    'accepted-explanation': 'explanation accepted',
    'not-contested': 'explanation not contested',
    'no-evidence': 'no evidence',
    settled: 'settled',
    unsettled: 'unsettled',
    withdrawn: 'withdrawn'
  } as By,
  peer: {
    title: 'Counterparts',
    none: 'No counterpart yet: pact adopt takes a pact.',
    reachable: 'reachable',
    since: (t: string) => `since ${t}`,
    contact: 'Last contact',
    witnessed: 'Witnessed',
    held: 'Held',
    theirs: 'Their log',
    sofar: (n: string, behind: string) => `up to <b>${n}</b> of our log, ${behind} behind,`,
    notYet: 'nothing of our log yet',
    size: (n: string) => `here up to <b>${n}</b>`,
    missing: (n: string) => `${n} missing`,
    open: (n: string, one: boolean) => `<b>${n}</b> open incident${one ? '' : 's'}`,
    nothing: 'nothing open',
    over: (n: string) => `${n} not answered in time`,
    /** By the node's name of a fault; what is not here is said as the node says it. */
    faults: {} as By
  }
};
export type IncidentWords = typeof enIncident;
