// The parts of the page that come when they are first wanted, each with its words.
import {alertsWords, cutoffWords, dutyWords, eventWords, exchangeWords, helpWords, incidentWords, logWords, pactWords, peopleWords, replayWords, talkWords, verdictWords, vulnWords, worldWords} from './i18n/parts';

/** The style of drawers and of the views beside Now; without it they are plain, and there. */
let sheet: Promise<void> | null = null;
const dressed = (): Promise<void> =>
  (sheet ??= new Promise(done => {
    const l = document.createElement('link');
    l.rel = 'stylesheet';
    l.href = document.querySelector<HTMLMetaElement>('meta[name=views]')!.content;
    l.onload = l.onerror = () => done();
    document.head.append(l);
  }));

const part = async <T>(code: Promise<T>, ...words: Promise<void>[]): Promise<T> => {
  await Promise.all(words);
  return code;
};

export const eventDrawer = () => part(import('./event/drawer'), eventWords(), dressed());
export const incidentDrawer = () => part(import('./incident/drawer'), eventWords(), incidentWords(), talkWords(), dressed());
export const incidentList = () => part(import('./incident/list'), incidentWords());
export const cards = () => part(import('./verdict/cards'), incidentWords(), verdictWords());
export const pactView = () => part(import('./verdict/pact'), incidentWords(), pactWords(), verdictWords(), dressed());
export const worldView = () => part(import('./world/view'), worldWords(), dressed());
export const vulnView = () => part(import('./vulnerabilities/view'), vulnWords(), dressed());
export const exchangeView = () => part(import('./exchange/view'), exchangeWords(), dressed());
export const cutoffView = () => part(import('./cutoff/view'), cutoffWords(), dressed());
export const logView = () => part(import('./view/log'), incidentWords(), logWords(), dressed());
export const awayBanner = () => part(import('./view/away'), incidentWords(), dutyWords());
export const waitsView = () => part(import('./incident/waits'), incidentWords(), dutyWords());
export const replayView = () => part(import('./replay/replay'), replayWords());
export const marks = () => part(import('./incident/marks'), incidentWords());
export const helpView = () => part(import('./view/help'), helpWords());
export const alertsView = () => part(import('./view/alerts'), alertsWords());
export const peopleView = () => part(import('./view/people'), peopleWords());
