import {choose} from './index';
import type {VerdictWords} from './en-verdict';

export let wv: VerdictWords;
export async function verdictWords(): Promise<void> {
  wv = await choose({
    en: async () => (await import('./en-verdict')).enVerdict,
    ru: async () => (await import('./ru-verdict')).ruVerdict,
    zh: async () => (await import('./zh-verdict')).zhVerdict
  });
}
