// The hash holds the whole state: view, filter, selection, grouping. A copied address shows the same page.

export type State = {view: string; q: string; sel: string; by: string; tby: string; map: string; sort: string; pact: string; period: string; party: string};
/** The view stands in the path, all else behind it. */
const DEFAULT: State = {view: 'now', q: '', sel: '', by: 'network', tby: 'address', map: 'map', sort: 'n', pact: '', period: '30d', party: ''};
export const VIEWS = ['now', 'incidents', 'pact', 'world', 'log'];
const KEYS = ['q', 'sel', 'by', 'tby', 'map', 'sort', 'pact', 'period', 'party'] as const;
const ALLOWED: Partial<Record<keyof State, string[]>> = {
  by: ['network', 'economy', 'party'],
  tby: ['address', 'asset', 'sector'],
  map: ['map', 'table'],
  sort: ['n', 'network', 'country', 'class', 'change'],
  period: ['now', '30d', 'month', 'all']
};

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
  return s;
}

export function href(change: Partial<State>): string {
  const s = {...read(), ...change},
    u = new URLSearchParams();
  for (const k of KEYS) if (s[k] !== DEFAULT[k]) u.set(k, s[k]);
  const q = u.toString().replace(/%3A/g, ':');
  return `#/${s.view}` + (q ? '?' + q : '');
}

export const go = (change: Partial<State>): void => {
  location.hash = href(change);
};
