import {choose} from './index';
import type {PactWords} from './en-pact';

export let wd: PactWords;
export async function pactWords(): Promise<void> {
  wd = await choose({
    en: async () => (await import('./en-pact')).enPact,
    ru: async () => (await import('./ru-pact')).ruPact,
    zh: async () => (await import('./zh-pact')).zhPact
  });
}
