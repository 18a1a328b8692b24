import {choose} from './index';
import type {ReplayWords} from './en-replay';

export let wr: ReplayWords;
export async function replayWords(): Promise<void> {
  wr = await choose({
    en: async () => (await import('./en-replay')).enReplay,
    ru: async () => (await import('./ru-replay')).ruReplay,
    zh: async () => (await import('./zh-replay')).zhReplay
  });
}
