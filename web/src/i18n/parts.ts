// The words of the parts that come on demand. All in one place: a module of its own for each would be a request of its own.
import {choose} from './index';
import type {AlertsWords} from './en-alerts';
import type {CutoffWords} from './en-cutoff';
import type {DutyWords} from './en-duty';
import type {EventWords} from './en-event';
import type {ExchangeWords} from './en-exchange';
import type {HelpWords} from './en-help';
import type {IncidentWords} from './en-incident';
import type {LogWords} from './en-log';
import type {PactWords} from './en-pact';
import type {PeopleWords} from './en-people';
import type {TalkWords} from './en-talk';
import type {ReplayWords} from './en-replay';
import type {VerdictWords} from './en-verdict';
import type {VulnWords} from './en-vuln';
import type {WorldWords} from './en-world';

export let wa: AlertsWords;
export let wc: CutoffWords;
export let we: EventWords;
export let wh: HelpWords;
export let wi: IncidentWords;
export let wl: LogWords;
export let wd: PactWords;
export let wp: PeopleWords;
export let wr: ReplayWords;
export let wt: TalkWords;
export let wv: VerdictWords;
export let wu: VulnWords;
export let ww: WorldWords;
export let wx: ExchangeWords;
export let wy: DutyWords;

export async function alertsWords(): Promise<void> {
  wa = await choose({
    en: async () => (await import('./en-alerts')).enAlerts,
    ru: async () => (await import('./ru-alerts')).ruAlerts,
    zh: async () => (await import('./zh-alerts')).zhAlerts
  });
}
export async function cutoffWords(): Promise<void> {
  wc = await choose({
    en: async () => (await import('./en-cutoff')).enCutoff,
    ru: async () => (await import('./ru-cutoff')).ruCutoff,
    zh: async () => (await import('./zh-cutoff')).zhCutoff
  });
}
export async function eventWords(): Promise<void> {
  we = await choose({
    en: async () => (await import('./en-event')).enEvent,
    ru: async () => (await import('./ru-event')).ruEvent,
    zh: async () => (await import('./zh-event')).zhEvent
  });
}
export async function exchangeWords(): Promise<void> {
  wx = await choose({
    en: async () => (await import('./en-exchange')).enExchange,
    ru: async () => (await import('./ru-exchange')).ruExchange,
    zh: async () => (await import('./zh-exchange')).zhExchange
  });
}
export async function helpWords(): Promise<void> {
  wh = await choose({
    en: async () => (await import('./en-help')).enHelp,
    ru: async () => (await import('./ru-help')).ruHelp,
    zh: async () => (await import('./zh-help')).zhHelp
  });
}
export async function incidentWords(): Promise<void> {
  wi = await choose({
    en: async () => (await import('./en-incident')).enIncident,
    ru: async () => (await import('./ru-incident')).ruIncident,
    zh: async () => (await import('./zh-incident')).zhIncident
  });
}
export async function logWords(): Promise<void> {
  wl = await choose({
    en: async () => (await import('./en-log')).enLog,
    ru: async () => (await import('./ru-log')).ruLog,
    zh: async () => (await import('./zh-log')).zhLog
  });
}
export async function pactWords(): Promise<void> {
  wd = await choose({
    en: async () => (await import('./en-pact')).enPact,
    ru: async () => (await import('./ru-pact')).ruPact,
    zh: async () => (await import('./zh-pact')).zhPact
  });
}
export async function peopleWords(): Promise<void> {
  wp = await choose({
    en: async () => (await import('./en-people')).enPeople,
    ru: async () => (await import('./ru-people')).ruPeople,
    zh: async () => (await import('./zh-people')).zhPeople
  });
}
export async function replayWords(): Promise<void> {
  wr = await choose({
    en: async () => (await import('./en-replay')).enReplay,
    ru: async () => (await import('./ru-replay')).ruReplay,
    zh: async () => (await import('./zh-replay')).zhReplay
  });
}
export async function verdictWords(): Promise<void> {
  wv = await choose({
    en: async () => (await import('./en-verdict')).enVerdict,
    ru: async () => (await import('./ru-verdict')).ruVerdict,
    zh: async () => (await import('./zh-verdict')).zhVerdict
  });
}
export async function talkWords(): Promise<void> {
  wt = await choose({
    en: async () => (await import('./en-talk')).enTalk,
    ru: async () => (await import('./ru-talk')).ruTalk,
    zh: async () => (await import('./zh-talk')).zhTalk
  });
}
export async function dutyWords(): Promise<void> {
  wy = await choose({
    en: async () => (await import('./en-duty')).enDuty,
    ru: async () => (await import('./ru-duty')).ruDuty,
    zh: async () => (await import('./zh-duty')).zhDuty
  });
}
export async function vulnWords(): Promise<void> {
  wu = await choose({
    en: async () => (await import('./en-vuln')).enVuln,
    ru: async () => (await import('./ru-vuln')).ruVuln,
    zh: async () => (await import('./zh-vuln')).zhVuln
  });
}
export async function worldWords(): Promise<void> {
  ww = await choose({
    en: async () => (await import('./en-world')).enWorld,
    ru: async () => (await import('./ru-world')).ruWorld,
    zh: async () => (await import('./zh-world')).zhWorld
  });
}
