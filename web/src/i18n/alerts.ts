import {choose} from './index';
import type {AlertsWords} from './en-alerts';

export let wa: AlertsWords;
export async function alertsWords(): Promise<void> {
  wa = await choose({
    en: async () => (await import('./en-alerts')).enAlerts,
    ru: async () => (await import('./ru-alerts')).ruAlerts,
    zh: async () => (await import('./zh-alerts')).zhAlerts
  });
}
