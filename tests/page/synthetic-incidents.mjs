// Plays the part of docs/api.md about counterparts and incidents: invented parties and messages, and of the rules as much as the
// page needs to be tested. Whether the rules are right is tested elsewhere, with real nodes.
import {createHash} from 'node:crypto';
import {makeCosigner, makeLog} from './synthetic-log.mjs';
import {documentsOf, verdictOf} from './synthetic-verdicts.mjs';

const iso = t => new Date(t).toISOString().slice(0, 23) + '000Z';
const H = 3600e3,
  ME = 'northland';
const hash = (...p) => createHash('sha256').update(p.join('/')).digest('hex');

const NEEDS = ['not-seen', 'spoofed', 'false-positive', 'none'];
const MAY = {
  notifier: {RECEIVED: ['escalate', 'withdraw', 'extension-grant'], ACKNOWLEDGED: ['escalate', 'withdraw', 'extension-grant'],
    INQUIRY: ['evidence', 'update', 'close', 'withdraw'], ESCALATED: ['consult-record', 'withdraw'], ACTED: ['activity', 'close', 'dispute', 'withdraw'], CLOSED: ['reopen']},
  responder: {RECEIVED: ['ack', 'inquiry', 'answer', 'escalate', 'extension-request'],
    ACKNOWLEDGED: ['inquiry', 'answer', 'action', 'extension-request'], INQUIRY: ['close'], ANSWERED: ['action', 'close']}
};
const THEN = {ack: 'ACKNOWLEDGED', inquiry: 'INQUIRY', answer: 'ANSWERED', action: 'ACTED', evidence: 'ACKNOWLEDGED', withdraw: 'CLOSED', close: 'CLOSED'};

/** What the counterpart's sensors saw, in its own log, cosigned by this party's witness. */
const THEIRS = makeLog('southmark.example/detente/log', 'southmark');
const WITNESS = makeCosigner('northland.example/witness', 'northland witness', 1_795_000_000);
THEIRS.cosigners.push(WITNESS);
THEIRS.block([0, 1, 2].map(i => ({...THEIRS.sample(i), origin: {address: '192.0.2.9', port: 40000 + i, asn: 64496, country: 'XN'}})));

export class Pacts {
  /** What was sent, and what was only tried. */
  said = [];
  tried = [];

  constructor(now) {
    this.now = now;
    this.peers = [
      {party: 'southmark', origin: 'southmark.example/detente/log', fault: '', text: '', why: '', since: '', answered: iso(now - 2e3), size: 812,
        missing: 0, witnessed: 40, witnessed_at: iso(now - 9e3), held: 38, held_at: iso(now - 9e3)},
      {party: 'eastholm', origin: 'eastholm.example/detente/log', fault: 'fork', text: 'it signed two histories', why: 'at size <b>70</b>',
        since: iso(now - 3 * H), answered: iso(now - 3 * H), size: 70, missing: 2, witnessed: 0, witnessed_at: '', held: 0, held_at: ''}
    ];
    const base = {pact: 'northland-southmark', severity: 'high', obligation: 'refrain-exploit', class: 'intrusion-attempts:exploit', e_grade: 2, o_grade: 1,
      first: iso(now - 80 * H), last: iso(now - 79 * H), events: 14, count: 15, targets: 3, finding: '', action: '', result: '', suspended_since: '',
      overdue: [], overdue_notifier: [], late: [], late_notifier: [], undelivered: false, recurrences: 0, reopened: 0, extensions: 0, rejected: 0};
    this.list = [
      {...base, incident: 'northland-204', notifier: ME, responder: 'southmark', role: 'notifier', state: 'ACKNOWLEDGED', origin: '198.51.100.77/32',
        opened: iso(now - 78 * H), owed: {answer: iso(now - 2 * H), act: iso(now + 90 * H)}, overdue: ['answer'], late: ['acknowledge']},
      {...base, incident: 'southmark-88', notifier: 'southmark', responder: ME, role: 'responder', state: 'RECEIVED', origin: '192.0.2.9/32',
        opened: iso(now - 2 * H), owed: {acknowledge: iso(now + 6 * H), answer: iso(now + 30 * H), act: iso(now + 150 * H)}},
      {...base, pact: 'northland-eastholm', incident: 'northland-198', notifier: ME, responder: 'eastholm', role: 'notifier', state: 'RECEIVED',
        origin: '203.0.113.0/24', class: 'availability:ddos', opened: iso(now - 20 * H), owed: {answer: iso(now + 9 * H)}, suspended_since: iso(now - 3 * H)},
      {...base, incident: 'northland-190', notifier: ME, responder: 'southmark', role: 'notifier', state: 'CLOSED', origin: '198.51.100.7/32',
        opened: iso(now - 400 * H), owed: {}, result: 'confirmed-quiet', finding: 'corroborated', action: 'remediated'}
    ];
    this.talk = new Map(this.list.map(i => [i.incident, this.first(i)]));
  }

  message(i, from, type, at, body, more = {}) {
    const n = (this.talk?.get(i.incident) ?? []).length,
      id = hash(i.incident, type, at, n);
    return {id, type, from, key: `${from}.example/message+0badf00d`, seq: 1 + n, at: iso(at), here_at: iso(at + 3e3), leaf: 30 + n, not_before: iso(at - 9e3), not_after: iso(at + 9e3),
      time_disputed: false, fork: false, passed_over: '', body, ...more};
  }

  first(i) {
    const t = Date.parse(i.opened),
      ref = {block: 7, commitment: hash('c', i.incident), index: 3, leaf: 21, proof: ''},
      notice = this.message(i, i.notifier, 'notice', t, {events: 14, targets: 3, packets: 5, ask: ['remediate', 'preserve'], unwitnessed_since: '',
        text: 'See <b>bold</b> \u202eflows\u200b', evidence: i.notifier === ME ? [ref] : this.references(), detected: {leaf: 12, opened: '', salt: ''}},
        {leaf: 30, proofs: i.notifier === ME ? ['given'] : ['holds', 'holds', 'wanted']}),
      out = [notice, this.message(i, i.responder, 'receipt', t + 60e3, {notice: notice.id, size: 31, auto: true}, {leaf: 31})];
    if (i.state !== 'RECEIVED') out.push(this.message(i, i.responder, 'ack', t + 30 * H, {notice: notice.id, reference: 'S-1', auto: false},
      {leaf: 32, time_disputed: true}));
    if (i.incident === 'northland-204') {
      out.push(this.message(i, i.responder, 'action', t + 31 * H, {action: 'none', reason: '', reference: '', done_at: iso(t)}, {leaf: 33, passed_over: 'reason'}));
      out.push(this.message(i, ME, 'update', t + 40 * H, {events: 16, count: 17, targets: 3, evidence: [], text: 'Two more.'}, {leaf: 39}));
    }
    return out;
  }

  references() {
    return [0, 1, 2].map(index => ({block: 1, index, leaf: 1, commitment: THEIRS.place(1, index).commitment, proof: hash('proof', index)}));
  }

  /** What it rests on: own events, or what the notice tells, with masked targets. */
  evidence(i) {
    const own = i.notifier === ME,
      first = Date.parse(i.first),
      place = {kind: 'global', disputed: false, country_dataset: 'geo', country_date: '2026-11-20', dataset: 'routes', date: '2026-11-20'},
      at = m => iso(first + m * 60e3);
    const origin = own
      ? {address: '198.51.100.77', port: 41022, asn: 64500, name: 'Southmark <b>Backbone</b>', country: 'XS', prefix: '198.51.100.0/24', ...place}
      : {address: '192.0.2.9', port: 0, asn: 64496, name: 'Northland Net', country: 'XN', prefix: '', ...place};
    const minutes = own ? [0, 1, 2, 2.6, 3, 7, 8, 8.4, 9, 14, 21, 22, 30, 38] : [0, 4, 9];
    const target = (target, asset, n, a, z) => ({target, asset, sector: asset && 'energy', events: n, count: n, first: at(a), last: at(z)});
    return {
      whose: i.notifier, by: own ? 'events' : 'notice', masked: !own, gone: 0, events: minutes.length, count: minutes.length, first: at(0), last: at(minutes.at(-1)),
      measured: own ? {events: 14, targets: 3, sensors: 2} : {events: 3, targets: 1, sensors: 0},
      origins: [{origin, events: minutes.length, count: minutes.length, first: at(0), last: at(minutes.at(-1)), ...(own ? {grade: 1, flags: ['hosting']} : {})}],
      targets: own
        ? [target('192.0.2.70', 'grid operator VPN', 6, 0, 9), target('192.0.2.81', 'grid <i>operator</i> VPN', 5, 2, 30), target('192.0.2.99', '', 3, 8, 38)]
        : [target('198.51.100.0/24', '', 3, 0, 9)],
      line: minutes.map((m, n) => [at(m), 1, own ? `7-${n}` : '']),
      keys: [...(own ? [] : [['log', 'southmark', THEIRS.vkey]]), ['witness', 'northland', WITNESS.vkey], ['witness', 'southmark', 'southmark.example/witness+zz']]
    };
  }

  /** The other party passes over what counts here. */
  differ(name, n) {
    const i = this.list.find(x => x.incident === name),
      all = this.talk.get(name);
    all.push(this.message(i, i.role === 'notifier' ? i.responder : i.notifier, 'reject', this.now, {message: all[n].id, code: 'chain', text: ''}));
  }

  whole(i) {
    return {...i, messages: this.talk.get(i.incident).length, held: '', suspended: [[iso(this.now - 60 * H), iso(this.now - 58 * H)]],
      may: MAY[i.role][i.state] ?? [], reason_for: NEEDS, conversation: this.talk.get(i.incident), took_us: {receipt: 60e6, ...(i.state === 'RECEIVED' ? {} : {acknowledge: 30 * 3600e6})},
      ...(this.bare ? {} : {evidence: this.evidence(i)})};
  }

  incidents() {
    return {incidents: this.list.map(i => ({...i, messages: this.talk.get(i.incident).length, at: iso(Date.now())})), count: this.list.length};
  }

  /** [status, answer] */
  say(i, type, fields, dry, user) {
    const no = (status, error, text, code) => [status, text === undefined ? {error} : {error, text, code}];
    if (!user.user) return no(401, 'sign_in');
    if (user.role !== 'approver') return no(403, 'role');
    const clash = why => no(409, 'say', `${i.incident} is ${i.state}: \`${type}\` does not fit (${why})`, why);
    if (!(MAY[i.role][i.state] ?? []).includes(type)) return clash(i.state);
    if (type === 'escalate') return clash('early');
    if (NEEDS.includes(fields.finding ?? fields.action) && !fields.reason) return clash('reason');
    if (type === 'answer' && /bad/.test(fields.reason)) return no(400, 'say', 'the body of <b>answer</b> is not of its form: reason');
    const body = type === 'answer' ? {reason: '', flows: 0, sampling: 0, ...fields} : type === 'ack' ? {auto: false, reference: '', ...fields} : fields,
      then = {...i, state: THEN[type] ?? i.state, owed: Object.fromEntries(Object.entries(i.owed).filter(([d]) => d !== 'acknowledge' && (d !== 'answer' || type !== 'answer')))},
      to = i.role === 'notifier' ? i.responder : i.notifier,
      m = this.message(i, ME, type, Date.now(), body, {leaf: 60});
    if (type === 'answer') then.finding = fields.finding;
    (dry ? this.tried : this.said).push({type, fields});
    if (dry) return [200, {id: m.id, message: {v: 1, pact: i.pact, incident: i.incident, from: ME, to, type, tlp: 'TLP:AMBER', body}, then}];
    Object.assign(i, then);
    this.talk.get(i.incident).push(m);
    return [200, {id: m.id}];
  }

  /** True when it was for this. */
  async answer(req, p, user, send) {
    const given = /^\/api\/v1\/pacts\/northland-southmark\/proof\/([0-9a-f]{64})$/.exec(p)?.[1];
    if (given) {
      const n = [0, 1].findIndex(x => hash('proof', x) === given);
      return (n < 0 ? send(404, {error: 'none'}) : send(200, THEIRS.proof(1, n)), true);
    }
    if (p === '/api/v1/peers') return send(200, {peers: this.peers}), true;
    if (p === '/api/v1/incidents') return send(200, this.incidents()), true;
    if (p === '/api/v1/verdict') return send(200, verdictOf(this, new URL(req.url, 'http://x').searchParams)), true;
    if (p === '/api/v1/pacts') return send(200, documentsOf(this)), true;
    const [, pact, name, type] = /^\/api\/v1\/incidents\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(p) ?? [];
    if (!pact) return false;
    const i = this.list.find(x => x.pact === pact && x.incident === name);
    if (!i) return send(404, {error: 'say', text: 'no such incident'}), true;
    if (!type) return send(200, this.whole(i)), true;
    let body = '';
    for await (const b of req) body += b;
    const dry = new URL(req.url, 'http://x').searchParams.has('dry-run');
    return send(...this.say(i, type, JSON.parse(body), dry, user)), true;
  }
}

/** A node that has no pact. */
export const NONE = {
  answer: async (_req, p, _user, send) =>
    p === '/api/v1/peers' ? (send(200, {peers: []}), true) : p === '/api/v1/incidents' ? (send(200, {incidents: [], count: 0}), true) : (send(200, {pacts: []}), true)
};
