// The hash holds the whole state: view, filter, selection, grouping. A copied address shows the same page.

export type State = {view: string; q: string; sel: string; by: string; tby: string; map: string; sort: string; pact: string; period: string; party: string; t: string; speed: string; range: string; all: string; wide: string; cc: string; stay: string; only: string; find: string};
/** The view stands in the path, all else behind it. */
const DEFAULT: State = {view: 'now', q: '', sel: '', by: 'network', tby: 'address', map: 'map', sort: 'n', pact: '', period: '30d', party: '', t: '', speed: '1', range: '24h', all: '', wide: '', cc: '', stay: '0', only: '', find: ''};
export const VIEWS = ['now', 'incidents', 'pact', 'world', 'vulnerabilities', 'exchange', 'cutoff', 'log'];
const KEYS = ['q', 'sel', 'by', 'tby', 'map', 'sort', 'pact', 'period', 'party', 't', 'speed', 'range', 'all', 'wide', 'cc', 'stay', 'only', 'find'] as const;
const ALLOWED: Partial<Record<keyof State, string[]>> = {
  by: ['network', 'economy', 'party'],
  tby: ['address', 'asset', 'sector'],
  map: ['map', 'table'],
  sort: ['n', 'network', 'country', 'class', 'change', 'reach', 'worst', 'stranded'],
  period: ['now', '30d', 'month', 'all'],
  speed: ['0', '1', '10', '60', '300'],
  range: ['1h', '6h', '24h', '7d'],
  all: ['origins', 'targets', 'countries', 'services', 'islands', 'stranded', 'vulnerabilities'],
  wide: ['1'],
  stay: ['before', '0', '1', '2']
};

/** Only the drawer of an incident can be wide. */
export const isIncident = (s: State): boolean => s.sel.startsWith('incident:');

export function read(): State {
  const query = location.hash.replace(/^#\/?[a-z]*\??/, '');
  const u = new URLSearchParams(query),
    s = {...DEFAULT};
  const view = /^#\/?([a-z]*)/.exec(location.hash)?.[1] ?? '';
  if (VIEWS.includes(view)) s.view = view;
  for (const k of KEYS) {
    const v = u.get(k);
    if (v !== null && (!ALLOWED[k] || ALLOWED[k]!.includes(v))) s[k] = v;
  }
  // Only Now has a past; a time that is none is now.
  if (s.view !== 'now' || Number.isNaN(timeOf(s))) s.t = '';
  if (!s.t) s.speed = DEFAULT.speed;
  if (!isIncident(s)) s.wide = '';
  return s;
}

/** The moment in milliseconds; NaN when it is now. */
export const timeOf = (s: State): number => (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z$/.test(s.t) ? Date.parse(s.t) : NaN);
export const timeText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export function href(change: Partial<State>): string {
  const s = {...read(), ...change},
    u = new URLSearchParams();
  if (s.view !== 'now') s.t = s.speed = '';
  if (!s.t) s.speed = DEFAULT.speed;
  if (!isIncident(s)) s.wide = '';
  for (const k of KEYS) if (s[k] !== DEFAULT[k]) u.set(k, s[k]);
  const q = u.toString().replace(/%3A/g, ':');
  return `#/${s.view}` + (q ? '?' + q : '');
}

export const go = (change: Partial<State>): void => {
  location.hash = href(change);
};
