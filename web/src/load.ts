// The parts of the page that come when they are first wanted, each with its words.
import {alertsWords} from './i18n/alerts';
import {eventWords} from './i18n/event';
import {logWords} from './i18n/log';
import {verdictWords} from './i18n/verdict';
import {incidentWords} from './i18n/incident';
import {pactWords} from './i18n/pact';
import {replayWords} from './i18n/replay';
import {peopleWords} from './i18n/people';

const part = async <T>(code: Promise<T>, ...words: Promise<void>[]): Promise<T> => {
  await Promise.all(words);
  return code;
};

export const eventDrawer = () => part(import('./event/drawer'), eventWords());
export const incidentDrawer = () => part(import('./incident/drawer'), eventWords(), incidentWords());
export const incidentList = () => part(import('./incident/list'), incidentWords());
export const cards = () => part(import('./verdict/cards'), incidentWords(), verdictWords());
export const pactView = () => part(import('./verdict/pact'), incidentWords(), pactWords(), verdictWords());
export const logView = () => part(import('./view/log'), incidentWords(), logWords());
export const replayView = () => part(import('./replay/replay'), replayWords());
export const marks = () => part(import('./incident/marks'), incidentWords());
export const alertsView = () => part(import('./view/alerts'), alertsWords());
export const peopleView = () => part(import('./view/people'), peopleWords());
