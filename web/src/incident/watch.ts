// Keeps incidents and counterparts up to date. They are not in the live stream: they are asked for, and only of a node that has a
// pact. Every message is a leaf of the log, so a log that has not grown is asked about seldom.
import {app} from '../app';
import type {Pact, Verdict} from '../verdict/ask';
import type {Incident, Peer} from './ask';

export const pacts = {
  /** The node has counterparts, or had. */
  known: false,
  peers: [] as Peer[],
  incidents: [] as Incident[],
  /** As of now, with what was seen in the last 14 days; null as long as the node tells none. */
  verdict: null as Verdict | null,
  documents: [] as Pact[],
  /** All there are; the list may hold fewer. */
  count: 0,
  failed: false,
  /** Grows with each answer. */
  turn: 0
};

/** Between two questions: while somebody looks at incidents, else, and of a node that has no pact. */
const CLOSE = 3_000,
  FAR = 10_000,
  NONE = 60_000;
let next = 0,
  pos = -1,
  read = -1,
  still = 0,
  slow = 1,
  asking = false;

async function ask(): Promise<void> {
  const [a, v] = await Promise.all([import('./ask'), import('../verdict/ask')]);
  pacts.peers = await a.getPeers();
  if (!pacts.known && pacts.turn && !pacts.peers.length) return;
  const got = await a.getIncidents();
  // A node of an earlier version tells neither; the rest stands without them.
  const or = <T>(of: Promise<T>, before: T): Promise<T> => of.catch(() => before);
  if (pacts.peers.length > 0 || got.count > 0) {
    const grown = app.live.pos !== read;
    read = app.live.pos;
    [pacts.verdict, pacts.documents] = await Promise.all([
      or(v.getVerdict({period: '14d'}), pacts.verdict),
      grown || !pacts.documents.length ? or(v.getPacts(), pacts.documents) : pacts.documents
    ]);
  }
  pacts.incidents = got.list;
  pacts.count = got.count;
  app.parties = [...new Set([...pacts.peers.map(p => p.party), ...pacts.documents.flatMap(d => d.parties.map(p => p.id)), ...got.list.flatMap(i => [i.notifier, i.responder])])];
  pacts.known = pacts.peers.length > 0 || got.count > 0;
  // Long answers are asked for less often.
  slow = 1 + Math.floor(got.bytes / 65_536);
}

/** Called every second: asks when it is time; gives true when there is something new. */
export async function watch(close: boolean, now = performance.now()): Promise<boolean> {
  const may = app.live.ready && !app.paused && !document.hidden && (app.status === 'live' || app.status === 'past');
  if (asking || !may || now < next) return false;
  const grown = app.live.pos !== pos;
  if (!grown && pacts.known && !pacts.failed && ++still < 3) {
    next = now + CLOSE;
    return false;
  }
  asking = true;
  pos = app.live.pos;
  still = 0;
  try {
    await ask();
    pacts.failed = false;
    pacts.turn++;
  } catch {
    pacts.failed = true;
    slow = Math.min(20, slow * 2);
  }
  asking = false;
  // Who has not answered yet may have a pact.
  next = performance.now() + (pacts.known || pacts.failed ? (close ? CLOSE : FAR) * slow : NONE);
  return pacts.known || pacts.failed;
}

/** Something was said here, or somebody came to look: do not wait. */
export function hurry(): void {
  next = 0;
  pos = -1;
}
