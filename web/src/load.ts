// The parts of the page that come when they are first wanted, each with its words.
import {alertsWords, eventWords, helpWords, incidentWords, logWords, pactWords, peopleWords, replayWords, talkWords, verdictWords} from './i18n/parts';

const part = async <T>(code: Promise<T>, ...words: Promise<void>[]): Promise<T> => {
  await Promise.all(words);
  return code;
};

export const eventDrawer = () => part(import('./event/drawer'), eventWords());
export const incidentDrawer = () => part(import('./incident/drawer'), eventWords(), incidentWords(), talkWords());
export const incidentList = () => part(import('./incident/list'), incidentWords());
export const cards = () => part(import('./verdict/cards'), incidentWords(), verdictWords());
export const pactView = () => part(import('./verdict/pact'), incidentWords(), pactWords(), verdictWords());
export const logView = () => part(import('./view/log'), incidentWords(), logWords());
export const replayView = () => part(import('./replay/replay'), replayWords());
export const marks = () => part(import('./incident/marks'), incidentWords());
export const helpView = () => part(import('./view/help'), helpWords());
export const alertsView = () => part(import('./view/alerts'), alertsWords());
export const peopleView = () => part(import('./view/people'), peopleWords());
