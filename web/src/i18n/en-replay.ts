// The words of the page when it shows the past: loaded when somebody goes there.
export const enReplay = {
  replay: 'REPLAY',
  still: 'standing still',
  asking: 'asking',
  said: 'Replay: the past is shown.',
  speed: 'Speed of replay',
  back: 'Back to live',
  of: (at: string, text: string) => `<b>Replay of ${at}.</b> <span>${text}</span>`,
  wait: (at: string) => `<b>Asking the node for ${at}.</b>`,
  failed: (at: string, why: string) => `<b>The past of ${at} could not be had:</b> <span>${why}</span>`,
  broken: 'the node does not answer. Asking again.',
  busy: 'too many look at the past at the moment. Asking again.',
  ahead: (at: string, now: string) => `<b>${at} has not come yet:</b> <span>the node's clock stands at ${now}. The figures below are of now.</span>`,
  noPast: 'this node shows no past.',
  nothing: (at: string) => `<b>Replay of ${at}:</b> <span>this node keeps no events.</span>`,
  before: (at: string, from: string) => `<b>Replay of ${at}:</b> <span>nothing is kept of that time; what is kept begins ${from}.</span>`,
  from: 'kept since',
  erased: (n: string, one: boolean) => `<b>${n}</b> event${one ? '' : 's'} of that time erased`,
  leftOut: (n: string) => `<b>${n}</b> blocks left out`,
  asOf: (t: string) => `as of now, ${t} UTC:`,
  asOfTitle: 'These figures are of now, not of the time that is shown'
};
export type ReplayWords = typeof enReplay;
