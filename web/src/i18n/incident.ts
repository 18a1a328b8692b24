import {choose} from './index';
import type {IncidentWords} from './en-incident';

export let wi: IncidentWords;
export async function incidentWords(): Promise<void> {
  wi = await choose({
    en: async () => (await import('./en-incident')).enIncident,
    ru: async () => (await import('./ru-incident')).ruIncident,
    zh: async () => (await import('./zh-incident')).zhIncident
  });
}
