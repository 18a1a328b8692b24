// The language in use: by ?lang=, else as it was chosen here before, else as the browser asks for. English stands in for
// what cannot be loaded; the catalogues of parts come with the parts.
import {store} from '../dom';
import type {Words} from './en';

/** Each by its own name. */
export const LANGUAGES = {en: 'English', ru: 'Русский', zh: '中文'};
export type Language = keyof typeof LANGUAGES;
/** For numbers, dates and the names of economies. */
const LOCALES: Record<Language, string> = {en: 'en-GB', ru: 'ru-RU', zh: 'zh-CN'};

export let w: Words;
export let lang: Language = 'en';
export const locale = (): string => LOCALES[lang];

const known = (tag: string | null): Language | undefined => (Object.keys(LANGUAGES) as Language[]).find(l => tag?.toLowerCase().split('-')[0] === l);

export const choose = <T>(of: Record<Language, () => Promise<T>>): Promise<T> => of[lang]().catch(() => of.en());

/** Before anything is drawn: a page has one language from its first word to its last. */
export async function begin(params: URLSearchParams): Promise<void> {
  lang = known(params.get('lang')) ?? known(store('lang')) ?? navigator.languages.map(known).find(Boolean) ?? 'en';
  const own = {en: async () => (await import('./en')).en, ru: async () => (await import('./ru')).ru, zh: async () => (await import('./zh')).zh};
  w = await own[lang]().catch(() => {
    lang = 'en';
    return own.en();
  });
  document.documentElement.lang = lang;
  document.documentElement.dir = params.get('dir') === 'rtl' ? 'rtl' : w.dir;
}

/** Takes another language: the page begins anew, at the same place. */
export function speak(l: string): void {
  if (!known(l)) return;
  store('lang', l);
  const u = new URL(location.href);
  u.searchParams.delete('lang');
  if (u.href === location.href) location.reload();
  else location.replace(u);
}
