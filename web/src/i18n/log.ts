import {choose} from './index';
import type {LogWords} from './en-log';

export let wl: LogWords;
export async function logWords(): Promise<void> {
  wl = await choose({
    en: async () => (await import('./en-log')).enLog,
    ru: async () => (await import('./ru-log')).ruLog,
    zh: async () => (await import('./zh-log')).zhLog
  });
}
