// The hash holds the whole state: view, filter, selection, grouping. A copied address shows the same page.

export type State = {q: string; sel: string; by: string; map: string; sort: string};
const DEFAULT: State = {q: '', sel: '', by: 'network', map: 'map', sort: 'n'};
const ALLOWED: Partial<Record<keyof State, string[]>> = {
  by: ['network', 'economy', 'party'],
  map: ['map', 'table'],
  sort: ['n', 'network', 'country', 'class', 'change']
};

export function read(): State {
  const query = location.hash.replace(/^#\/?[a-z]*\??/, '');
  const u = new URLSearchParams(query),
    s = {...DEFAULT};
  for (const k of Object.keys(DEFAULT) as (keyof State)[]) {
    const v = u.get(k);
    if (v !== null && (!ALLOWED[k] || ALLOWED[k]!.includes(v))) s[k] = v;
  }
  return s;
}

export function href(change: Partial<State>): string {
  const s = {...read(), ...change},
    u = new URLSearchParams();
  for (const k of Object.keys(DEFAULT) as (keyof State)[]) if (s[k] !== DEFAULT[k]) u.set(k, s[k]);
  const q = u.toString().replace(/%3A/g, ':');
  return '#/now' + (q ? '?' + q : '');
}

export const go = (change: Partial<State>): void => {
  location.hash = href(change);
};
