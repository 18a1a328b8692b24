// The words of one event and of its proof: loaded with the drawer, not with the page.
export const enEvent = {
  event: 'Event',
  close: 'Close',
  esc: 'Esc',
  parts: 'Parts of the event',
  loading: 'Asking the node for this event.',
  missing: (e: string) => `This event cannot be shown: ${e}`,
  what: 'What',
  from: 'From',
  judged: 'Judged',
  proof: 'Proof',
  raw: 'Raw',
  headline: (what: string, origin: string) => `${what} from ${origin}`,
  summary: (time: string, target: string) => `${time} UTC, against ${target}`,

  klass: 'Class',
  rule: 'Rule',
  when: 'Time',
  kind: 'Kind',
  severity: 'Severity',
  target: 'Target',
  records: 'Records',
  flags: 'Flags',
  sensor: 'Sensor',
  severityAs: (n: string) => `${n}, as the sensor gave it`,
  seen: (t: string) => `seen here ${t}`,
  before: (t: string) => `seen here ${t} before it: the sensor's clock is ahead`,
  counted: (n: string) => `counts as ${n} records`,
  one: 'one record',
  noRule: 'no rule given',
  port: (p: string) => `port ${p}`,
  flagText: {
    clock_skewed: 'sensor clock more than 5 minutes off',
    direction_inferred: 'which side attacked is inferred',
    disputed: 'sources differ on the origin',
    duplicate: 'seen before, counted once',
    hosting: 'hosting network',
    reflected: 'reflected off a third party',
    sampled: 'sampled: a lower bound',
    spoofable: 'source address can be forged',
    tor: 'Tor exit'
  } as Record<string, string>,
  noFlags: 'none',

  chain: {
    source: 'source address',
    announced: 'announced by',
    registered: 'registered in',
    declared: 'declared by',
    sourceBy: (s: string) => `sensor ${s}`,
    noAnnounced: 'no network known',
    prefix: (p: string) => `in ${p}`,
    table: (d: string) => `table ${d}`,
    noTable: 'no table',
    noCountry: 'no economy known',
    disputed: 'sources differ',
    nobody: 'nobody: no annex in force names this address',
    party: (p: string) => `${p}`,
    byAnnex: 'by pact annex',
    byNone: 'no pact in force'
  },
  caveat: 'Where the source address is registered or hosted; not who is behind it.',

  verdict: {
    none: 'No pact in force.',
    text: 'No obligation applies to this event, so there is no verdict on it and no counterpart to ask. It is counted and fixed in the log, nothing more.',
    grade: 'Origin grade',
    gradeLabel: 'Origin grade, how firmly the packets are tied to that address',
    steps: [
      ['O0', 'address'],
      ['O1', 'handshake'],
      ['O2', 'stable route'],
      ['O3', 'egress seen'],
      ['O4', 'device']
    ] as [string, string][],
    change: (n: number) =>
      n === 0
        ? 'O0: the address stands in the packet and nothing more; it can be forged.'
        : n === 1
          ? 'O1: the handshake was completed, so packets reached that address and came back.'
          : 'Firmer than a handshake: the route or the device was seen as well.'
  },

  pf: {
    open: 'Not in the log yet: its block is still being filled. It is fixed when the block closes, within seconds; then the proof is here.',
    failed: (e: string) => `The proof could not be had: ${e}`,
    loading: 'Fetching the proof.',
    leaf: 'Leaf',
    block: 'Block',
    commitment: 'Commitment',
    head: 'Tree head',
    root: 'root',
    signature: 'Signature',
    leafAt: (i: string, size: string) => `${i} of ${size}`,
    blockAt: (b: string, i: string, n: string) => `block ${b}, event ${i} of ${n}`,
    blockPath: (n: number) => `Path inside the block, ${n} hash${n === 1 ? '' : 'es'}`,
    logPath: (n: number) => `Path in the log, ${n} hash${n === 1 ? '' : 'es'}`,
    verify: 'Verify here',
    change: 'Change a byte',
    download: 'Download proof',
    command: (id: string) => `detente log verify ${id}.detente-proof`,
    copy: 'Copy',
    copied: 'Copied',
    inBrowser: 'Runs in this browser over the bytes of the proof file; asks nobody.',
    ok: (ms: string) => `verified, ${ms} ms`,
    bad: 'does not verify',
    unable: 'cannot be checked here',
    changed: (at: string, field: string, from: string, to: string) => `Byte ${at}, in ${field}, changed from ${from} to ${to}:`,
    noCrypto: 'This browser gives WebCrypto only over https or on the node itself; use the command below.',
    noEd25519: 'this browser has no Ed25519',
    notReached: 'not reached',
    e1: 'E1: signed by the log alone; no cosigner is known to this page',
    unknownLines: (n: number) => `${n} signature line${n === 1 ? '' : 's'} of others could not be checked here`,
    steps: {
      file: 'File is canonical and complete',
      parts: 'Parts are well formed',
      inner: 'Target and raw bytes match',
      event: 'Event commitment',
      path: 'Path leads to the root in the leaf',
      leaf: 'Leaf is a block of the log',
      tree: 'Leaf is in the tree of the tree head',
      head: 'Tree head is signed by the log',
      cosign: 'Cosignatures',
      shown: 'What stands above is what was proven'
    } as Record<string, string>
  },
  rw: {
    label: 'Raw bytes',
    none: "The sensor's record was not kept.",
    erased: 'The raw bytes were erased; every other proof still holds.',
    failed: (e: string) => `The raw bytes could not be had: ${e}`,
    bytes: (n: string, kind: string) => `${n} bytes as the sensor wrote them (${kind}); what is invisible is shown as a mark`,
    more: 'Show all',
    cut: (n: string, all: string) => `first ${n} of ${all} bytes`
  }
};
