// The words of verdicts: loaded when a node has a pact, not with the page.
type By = Record<string, string>;
const TEN = ['None', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];
const many = (n: number): string => TEN[n] ?? String(n);
const small = (n: number): string => many(n).toLowerCase();
const sides = (n: number): string => `${small(n)} counterpart${n === 1 ? '' : 's'}`;
const some = (n: number, all: number): string => (n === all ? (all === 1 ? 'The one counterpart' : `All ${sides(all)}`) : `${many(n)} of ${sides(all)}`);

/** Of all incidents, whoever is bound: what is open towards a counterpart has no word of theirs. */
const opened = (n: number): string => (n ? `${many(n)} incident${n === 1 ? ' is' : 's are'} open` : 'Nothing is open');

export const enVerdict = {
  counterparts: 'Counterparts',
  words: {
    'not answered in time': 'not answered in time',
    disputed: 'disputed',
    'open incidents': 'open incidents',
    'suspended: out of contact': 'suspended: out of contact',
    'unknown: no visibility': 'unknown: no visibility',
    'unknown: partial visibility': 'unknown: partial visibility',
    compliant: 'compliant',
    'self-reported': 'self-reported',
    'not applicable': 'not applicable'
  } as By,
  headline: {
    over: (n: number, all: number) => `<b>${some(n, all)} ${n === 1 ? 'has' : 'have'} not answered in time.</b>`,
    open: (n: number, all: number) =>
      all === 1 ? '<b>The one counterpart is not behind its time, and has open incidents.</b>' : `<b>No counterpart is behind its time; ${small(n)} of ${small(all)} ${n === 1 ? 'has' : 'have'} open incidents.</b>`,
    unsure: (n: number, all: number, open: number) => `<b>${opened(open)}; of ${n === all ? (all === 1 ? 'the one counterpart' : `all ${sides(all)}`) : `${small(n)} of ${sides(all)}`} too little is seen to say more.</b>`,
    away: (n: number, all: number, open: number) => `<b>${opened(open)}; ${n === all ? (all === 1 ? 'the one counterpart is' : `all ${sides(all)} are`) : `${small(n)} of ${sides(all)} ${n === 1 ? 'is' : 'are'}`} out of contact.</b>`,
    fine: (all: number, open: number) => `<b>${all === 1 ? 'The one counterpart is' : `All ${sides(all)} are`} compliant${open ? `; ${opened(open).toLowerCase()}` : ''}.</b>`,
    one: (who: string, word: string, fact: string) => `<b>${who}: ${word}.</b> <span>${fact}.</span>`
  },
  fact: {
    over: (id: string, what: string, by: string) => `${id}: ${what} over by ${by}`,
    disputed: (n: string, one: boolean) => `<b>${n}</b> incident${one ? '' : 's'} disputed or escalated`,
    open: (n: string, _one: boolean, left: string) => `<b>${n}</b> open, next due in <b>${left}</b>`,
    openOnly: (n: string, _one: boolean) => `<b>${n}</b> open`,
    ours: (n: string, _one: boolean) => `nothing of theirs is open, <b>${n}</b> of ours`,
    silent: (t: string) => `no cosignature for <b>${t}</b>`,
    quiet: (t: string) => `nothing open for <b>${t}</b>`,
    nothing: 'nothing open',
    why: {
      coverage: 'too little of space and time was seen to say more',
      recall: 'too few test packets were found to say more',
      figures: "the other side's figures are its own",
      unmeasured: 'nothing measures this here',
      validity: 'outside the time of the pact',
      exclusion: 'excluded by the pact'
    } as By
  },
  figures: {
    title: 'Share of declared space and time that was seen; test packets found, lower bound at 95 % confidence',
    coverage: (p: string) => `coverage <b>${p}</b>`,
    recall: (p: string) => `recall <b>≥ ${p}</b>`,
    noCanaries: 'recall <b>not tested</b>',
    atMost: (p: string) => `coverage <b>at most ${p}</b>`,
    unknown: 'coverage <b>not known</b>'
  },
  strip: (over: string, open: string, ok: string, unk: string) =>
    `Last 14 days: ${over} with something past its time, ${open} with open incidents, ${ok} with nothing open, ${unk} not seen well enough`
};
export type VerdictWords = typeof enVerdict;
