import type {VerdictWords} from './en-verdict';
import {count, form} from './ru-plural';

const of = (n: number, all: number): string => `${n} из ${count(String(all), 'стороны', 'сторон', 'сторон')}`;

const opened = (n: number): string => (n ? `Открытых инцидентов: ${n}` : 'Открытых инцидентов нет');

export const ruVerdict: VerdictWords = {
  counterparts: 'Другие стороны',
  words: {
    'not answered in time': 'нет ответа в срок',
    disputed: 'оспаривается',
    'open incidents': 'открытые инциденты',
    'suspended: out of contact': 'приостановлено: нет связи',
    'unknown: no visibility': 'неизвестно: обзора нет',
    'unknown: partial visibility': 'неизвестно: обзор неполный',
    compliant: 'соответствует',
    'self-reported': 'по собственному отчёту',
    'not applicable': 'не применяется'
  },
  headline: {
    over: (n, all) => `<b>Нет ответа в срок: ${of(n, all)}.</b>`,
    open: (n, all) => `<b>Просрочек нет; открытые инциденты: ${of(n, all)}.</b>`,
    unsure: (n, all, open) => `<b>${opened(open)}; видно слишком мало, чтобы сказать больше: ${of(n, all)}.</b>`,
    away: (n, all, open) => `<b>${opened(open)}; нет связи: ${of(n, all)}.</b>`,
    fine: (all, open) => `<b>Соответствие по всем другим сторонам (${all})${open ? `; открытых инцидентов: ${open}` : ''}.</b>`,
    one: (who, word, fact) => `<b>${who}: ${word}.</b> <span>${fact}.</span>`
  },
  fact: {
    over: (id, what, by) => `${id}: ${what}, просрочка ${by}`,
    disputed: n => `<b>${n}</b> ${form(n, 'инцидент оспаривается или передан', 'инцидента оспариваются или переданы', 'инцидентов оспариваются или переданы')} выше`,
    open: (n, _one, left) => `открыто <b>${n}</b>, ближайший срок через <b>${left}</b>`,
    openOnly: n => `открыто <b>${n}</b>`,
    ours: n => `у этой стороны открытых нет, у нас <b>${n}</b>`,
    silent: t => `соподписи нет <b>${t}</b>`,
    quiet: t => `открытых нет <b>${t}</b>`,
    nothing: 'открытых нет',
    why: {
      coverage: 'видна слишком малая доля пространства и времени',
      recall: 'найдено слишком мало проверочных пакетов',
      figures: 'данные другой стороны известны только ей',
      unmeasured: 'здесь это ничем не измеряется',
      validity: 'вне срока действия соглашения',
      exclusion: 'исключено соглашением'
    }
  },
  figures: {
    title: 'Доля заявленного пространства и времени, которая была видна; найденные проверочные пакеты, нижняя граница при доверии 95 %',
    coverage: p => `охват <b>${p}</b>`,
    recall: p => `полнота <b>≥ ${p}</b>`,
    noCanaries: 'полнота <b>не проверена</b>',
    atMost: p => `охват <b>не более ${p}</b>`,
    unknown: 'охват <b>неизвестен</b>'
  },
  strip: (over, open, ok, unk) =>
    `Последние 14 дней: с просрочкой ${over}, с открытыми инцидентами ${open}, без открытых ${ok}, с недостаточным обзором ${unk}`
};
