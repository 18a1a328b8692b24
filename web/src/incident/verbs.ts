// What may be said in an incident, and with which fields (docs/formats/messages.md). Whether it may be said now the node tells.
import type {Incident, Whole} from './ask';

export type Field = {
  name: string;
  /** ids: a list of events; draft: a whole body, as a file has it. */
  kind: 'text' | 'line' | 'number' | 'time' | 'percent' | 'choice' | 'many' | 'ids' | 'draft';
  needed?: boolean;
  options?: string[];
  /** Filled in at first, to be changed. */
  value?: string;
};

const FINDINGS = ['corroborated', 'not-seen', 'spoofed', 'false-positive', 'benign-authorised', 'not-our-space', 'transit'];
const ACTIONS = ['remediated', 'blocked', 'quarantined', 'customer-notified', 'taken-down', 'none'];
const MISSING = ['raw', 'proof', 'time', 'tuple', 'target', 'flows', 'count', 'other'];
const SHOWS = ['target', 'private', 'public', 'masked', 'raw'];
const CAUSES = ['false-positive', 'error', 'duplicate', 'other'];

/** How that party may close it, as far as the state goes. */
export function results(i: Incident): string[] {
  const t = i.role === 'notifier';
  if (i.state === 'ACTED') return [t ? 'confirmed-quiet' : 'closed-unverified'];
  if (i.state === 'ANSWERED') return [t ? 'accepted-explanation' : 'not-contested'];
  return i.state === 'INQUIRY' && !t ? ['no-evidence'] : [];
}

const reason = (needed: boolean): Field => ({name: 'reason', kind: 'text', needed});

export function fields(i: Whole, type: string): Field[] {
  const quiet = i.state === 'ACTED' && i.role === 'notifier';
  switch (type) {
    case 'ack':
      return [{name: 'reference', kind: 'line'}];
    case 'inquiry':
      return [{name: 'missing', kind: 'many', needed: true, options: MISSING}, {name: 'text', kind: 'text'}];
    case 'evidence':
      return [
        {name: 'text', kind: 'text'},
        {name: 'evidence', kind: 'ids'},
        {name: 'show', kind: 'choice', options: SHOWS}
      ];
    case 'update':
      return [{name: 'text', kind: 'text', needed: true}];
    case 'consult-record':
      return [{name: 'draft', kind: 'draft', needed: true}];
    case 'answer':
      return [
        {name: 'finding', kind: 'choice', needed: true, options: FINDINGS},
        reason(false),
        {name: 'flows', kind: 'number'},
        {name: 'sampling', kind: 'number'},
        {name: 'from', kind: 'time', value: i.first},
        {name: 'until', kind: 'time', value: i.last},
        {name: 'retention_from', kind: 'time', value: i.first}
      ];
    case 'action':
      return [
        {name: 'action', kind: 'choice', needed: true, options: ACTIONS},
        reason(false),
        {name: 'reference', kind: 'line'},
        {name: 'done_at', kind: 'time'}
      ];
    case 'activity':
      return [
        {name: 'first', kind: 'time', needed: true},
        {name: 'last', kind: 'time', needed: true},
        {name: 'events', kind: 'number', needed: true},
        {name: 'count', kind: 'number', needed: true}
      ];
    case 'close':
      return [
        {name: 'result', kind: 'choice', needed: true, options: results(i)},
        ...(quiet
          ? ([
              {name: 'coverage_ppm', kind: 'percent', needed: true},
              {name: 'quiet_from', kind: 'time', needed: true},
              {name: 'quiet_until', kind: 'time', needed: true}
            ] as Field[])
          : [])
      ];
    case 'withdraw':
      return [{name: 'cause', kind: 'choice', needed: true, options: CAUSES}, reason(true)];
    case 'dispute':
    case 'extension-request':
    case 'reopen':
      return [reason(true)];
    default:
      return [];
  }
}

const KNOWN = [
  'notice',
  'ack',
  'inquiry',
  'evidence',
  'answer',
  'action',
  'activity',
  'update',
  'extension-request',
  'extension-grant',
  'dispute',
  'escalate',
  'consult-record',
  'close',
  'withdraw',
  'reopen'
];
/** The verbs to offer: those the node names, less what no choice is left for; a new kind of message has no form here. */
export function verbs(i: Whole): string[] {
  if (i.state === 'DETECTED') return i.role === 'notifier' ? ['notice'] : [];
  return KNOWN.filter(v => i.may?.includes(v) && (v !== 'close' || results(i).length > 0));
}

/** What is no object the node refuses, and says what a draft is. */
function draft(text: string): Record<string, unknown> {
  try {
    const o: unknown = JSON.parse(text);
    return typeof o === 'object' && o !== null && !Array.isArray(o) ? (o as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** From what stands in the form to what the node takes; empty fields are left to the node. */
export function body(list: Field[], of: (name: string) => string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const f of list) {
    const v = of(f.name);
    if (f.kind === 'many') out[f.name] = v;
    else if (!v[0]) continue;
    else if (f.kind === 'ids') out[f.name] = v[0].split(/[\s,]+/).filter(Boolean);
    else if (f.kind === 'draft') Object.assign(out, draft(v[0]));
    else if (f.kind === 'number') out[f.name] = Number(v[0]);
    else if (f.kind === 'percent') out[f.name] = Math.round(Number(v[0]) * 10_000);
    else if (f.kind === 'time') out[f.name] = utc(v[0]);
    else out[f.name] = v[0];
  }
  return out;
}
/** `2026-11-24T09:30` as the control has it, in UTC, to the form of messages; back again for what is filled in. */
export const utc = (local: string): string => new Date(local + 'Z').toISOString().slice(0, 23) + '000Z';
export const local = (iso: string): string => iso.slice(0, 19);
