import {choose} from './index';
import type {EventWords} from './en-event';

export let we: EventWords;
export async function eventWords(): Promise<void> {
  we = await choose({
    en: async () => (await import('./en-event')).enEvent,
    ru: async () => (await import('./ru-event')).ruEvent,
    zh: async () => (await import('./zh-event')).zhEvent
  });
}
