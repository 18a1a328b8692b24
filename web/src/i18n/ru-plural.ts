// One, few or many: a number as it is written decides which form follows it.
const rules = new Intl.PluralRules('ru');
export function form(n: string, one: string, few: string, many: string): string {
  const r = rules.select(Number(n.replace(/\D/g, '')));
  return r === 'one' ? one : r === 'few' ? few : many;
}
/** The number with its word. */
export const count = (n: string, one: string, few: string, many: string): string => `${n} ${form(n, one, few, many)}`;
