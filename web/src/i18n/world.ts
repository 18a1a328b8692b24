import {choose} from './index';
import type {WorldWords} from './en-world';

export let wv: WorldWords;
export async function worldWords(): Promise<void> {
  wv = await choose({
    en: async () => (await import('./en-world')).enWorld,
    ru: async () => (await import('./ru-world')).ruWorld,
    zh: async () => (await import('./zh-world')).zhWorld
  });
}
