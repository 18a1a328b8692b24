// The hash holds the whole state: view, filter, selection, grouping. A copied address shows the same page.

export type State = {view: string; q: string; sel: string; by: string; map: string; sort: string};
/** The view stands in the path, all else behind it. */
const DEFAULT: State = {view: 'now', q: '', sel: '', by: 'network', map: 'map', sort: 'n'};
const KEYS = ['q', 'sel', 'by', 'map', 'sort'] as const;
const ALLOWED: Partial<Record<keyof State, string[]>> = {
  by: ['network', 'economy', 'party'],
  map: ['map', 'table'],
  sort: ['n', 'network', 'country', 'class', 'change']
};

export function read(): State {
  const query = location.hash.replace(/^#\/?[a-z]*\??/, '');
  const u = new URLSearchParams(query),
    s = {...DEFAULT};
  if (/^#\/?incidents\b/.test(location.hash)) s.view = 'incidents';
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
