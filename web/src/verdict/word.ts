// What a verdict looks like, and which of many stands for all.
import {wv} from '../i18n/parts';
import {mark, type Mark} from '../incident/state';
import {WORDS, type Pair, type Reading, type Row, type Word} from './ask';

const MARKS: Record<Word, Mark> = {
  'not answered in time': 'over',
  disputed: 'open',
  'open incidents': 'open',
  'suspended: out of contact': 'unk',
  'unknown: no visibility': 'unk',
  'unknown: partial visibility': 'unk',
  compliant: 'ok',
  'self-reported': 'unk',
  'not applicable': 'unk'
};
/** A word that is new to this page is no good one. */
export const markOf = (w: Word): Mark => MARKS[w] ?? 'unk';
export const wordOf = (w: Word): string => wv.words[w] ?? wv.words['unknown: no visibility'];
export const verdictMark = (w: Word): string => mark(markOf(w), wordOf(w));

const rank = (w: Word): number => (WORDS as readonly string[]).indexOf(w);
/** Nothing measures it, no sensor of ours can, or it does not hold: that says nothing on who is bound by it. */
const silent = (r: Reading): boolean => r.why === 'unmeasured' || r.why === 'figures' || r.why === 'validity' || r.why === 'exclusion';

/** The row whose word precedes all others; what nothing measures counts only when there is nothing else. */
export function worst(p: Pair, of: 'now' | 'period'): Row {
  const measured = p.obligations.filter(r => !silent(r[of]));
  return [...(measured.length ? measured : p.obligations)].sort((a, b) => rank(a[of].word) - rank(b[of].word))[0];
}
export const precedes = (a: Word, b: Word): number => rank(a) - rank(b);
