import {choose} from './index';
import type {DutyWords} from './en-duty';

export let wd: DutyWords;
export async function dutyWords(): Promise<void> {
  wd = await choose({
    en: async () => (await import('./en-duty')).enDuty,
    ru: async () => (await import('./ru-duty')).ruDuty,
    zh: async () => (await import('./zh-duty')).zhDuty
  });
}
