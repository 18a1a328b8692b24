import {choose} from './index';
import type {PeopleWords} from './en-people';

export let wp: PeopleWords;
export async function peopleWords(): Promise<void> {
  wp = await choose({
    en: async () => (await import('./en-people')).enPeople,
    ru: async () => (await import('./ru-people')).ruPeople,
    zh: async () => (await import('./zh-people')).zhPeople
  });
}
