// Why something could not be had, in the reader's language. The node's own sentence is English, and stands for an English reader alone.
import {HttpError} from './api';
import {visible} from './format';
import {lang, w} from './i18n';

export function whyNot(e: unknown): string {
  if (!(e instanceof HttpError)) {
    const name = e instanceof Error ? e.name : '';
    return name === 'TimeoutError' ? w.why.late : name === 'SyntaxError' ? w.why.garbled : w.why.away;
  }
  // What is JSON is no sentence.
  if (lang === 'en' && e.message !== String(e.status) && !e.message.startsWith('{')) return visible(e.message);
  return status(e.status);
}
export const status = (n: number): string => w.why.by[n] ?? w.why.other(String(n));
