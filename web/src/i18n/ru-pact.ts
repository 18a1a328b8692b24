import type {PactWords} from './en-pact';
import {count} from './ru-plural';

const duties = (n: number, all: number): string => `по ${n} из ${count(String(all), 'обязательства', 'обязательств', 'обязательств')}`;

export const ruPact: PactWords = {
  title: 'Соглашение',
  kick: (name, version) => `Соглашение ${name}, версия ${version}`,
  loading: '<b>Запрос соглашения у узла.</b>',
  none: '<b>Действующего соглашения здесь нет.</b> <span>Подписанное обеими сторонами принимает pact adopt.</span>',
  failed: e => `<b>Соглашение получить не удалось:</b> <span>${e}</span>`,
  theirs: {
    over: (who, n, all) => `<b>Перед нами: ${who} не ответила в срок ${duties(n, all)}`,
    open: (who, n, all) => `<b>Перед нами: у стороны ${who} открытые инциденты ${duties(n, all)}`,
    unsure: (who, n, all) => `<b>Перед нами: о стороне ${who} ничего нельзя сказать ${duties(n, all)}`,
    fine: (who, all) => `<b>Перед нами: ${who} соответствует всем измеряемым обязательствам (${all})`
  },
  ours: {
    over: n => `; перед ними: мы не ответили в срок по ${count(String(n), 'обязательству', 'обязательствам', 'обязательствам')}.</b>`,
    open: n => `; перед ними: у нас открытые инциденты по ${count(String(n), 'обязательству', 'обязательствам', 'обязательствам')}.</b>`,
    none: '; перед ними: открытых нет.</b>'
  },
  report: 'Отчёт',
  reportTitle: 'Совместный отчёт одной страницей, для печати',
  choose: 'Соглашения и другие стороны',
  period: 'Период',
  periods: {now: 'Сейчас', '30d': '30 дней', month: 'Этот месяц', all: 'С начала действия'},
  holds: (from, days) => `Действует с ${from}, до денонсации с уведомлением за ${days}.`,
  holdsUntil: (from, until) => `Действует с ${from} по ${until}.`,
  thirdParties: 'Не направлено против кого-либо другого и никого другого не связывает.',
  column: 'Обязательство и порог',
  direction: (a, b) => `${a} → ${b}`,
  directionSaid: (a, b) => `${a} перед ${b}: `,
  both: 'обе',
  we: 'мы',
  they: 'они',
  ownFigures: 'Другую сторону здесь не спросить: её данные известны только ей',
  differ: (who, ours, theirs) => `≠ Стороны расходятся: по нашему журналу ${ours}, по журналу стороны ${who} ${theirs}.`,
  differAt: id => `Речь идёт о ${id}.`,
  short: {
    'not answered in time': 'не в срок',
    'suspended: out of contact': 'нет связи',
    'unknown: no visibility': 'неизвестно',
    'unknown: partial visibility': 'обзор неполный',
    'self-reported': 'по отчёту'
  },
  open: n => `открыто: ${n}`,
  partial: p => `обзор ${p}`,
  unmeasured: 'не измеряется',
  rests: (who, text) => `${who}: ${text}.`,
  seen: (sensors, _one, coverage, found, sent, recall) =>
    `исправных датчиков: ${sensors}, видно ${coverage} заявленного пространства и времени, найдено ${found} из ${count(sent, 'проверочного пакета', 'проверочных пакетов', 'проверочных пакетов')} (полнота ≥ ${recall}, доверие 95 %)`,
  seenAsPublished: (_sensors, _one, coverage, found, sent, recall) =>
    `по их публикации: видно ${coverage} заявленного пространства и времени, найдено ${found} из ${count(sent, 'проверочного пакета', 'проверочных пакетов', 'проверочных пакетов')} (полнота ≥ ${recall}, доверие 95 %)`,
  seenAtMost: p => `данные принадлежат им; по их сигналам видно не более ${p} времени`,
  threshold: {
    events: n => `${n === '1' ? '' : '≥ '}${count(n, 'событие', 'события', 'событий')}`,
    targets: n => `${n === '1' ? '' : '≥ '}${count(n, 'цель', 'цели', 'целей')}`,
    sensors: n => `датчиков: ${n}`,
    bytes: n => `≥ ${n} МБ/с`,
    in: t => `за ${t}`,
    for: t => `в течение ${t}`,
    grade: o => `происхождение O${o}`,
    within: t => `в срок ${t}`,
    every: t => `каждые ${t}`,
    answer: t => `ответ за ${t}`,
    keep: t => `хранится ${t}`,
    deadlines: (s, list) => `${list} при опасности ${s}`
  },
  signatures: 'Подписи',
  verified: 'проверена',
  unsigned: 'не подписано',
  signedOn: (day, key) => `${day}, ключ ${key}`,
  bytes: hash => `Под этими точными байтами: sha256 ${hash}. Все стороны подписали одно и то же.`,
  times: n => `Время реакции${n}`,
  step: 'Шаг',
  scale: 'от медианы до p90',
  median: 'медиана',
  p90: 'p90',
  timesNote: (a, na, b, nb) =>
    `Верхняя линия: ${a} (уведомлений ей: ${na}), нижняя: ${b} (уведомлений нам: ${nb}). Точка — медиана, штрих — девять из десяти; пунктир — сроки по опасности.`,
  noTimes: 'В этом периоде сроков не было.',
  until: t => `не более ${t}`,
  annexes: 'Приложения',
  annex: (who, n) => `${who}, номер ${n}`,
  annexNone: who => `${who}: ещё нет`,
  annexText: (nets, prefixes, sensors, hidden) => `сетей ${nets}, префиксов ${prefixes}, датчиков ${sensors}${hidden ? ' (в виде обязательства)' : ''}`,
  validFrom: t => `действует с ${t}`,
  witnessed: t => `засвидетельствовано ${t}`,
  notWitnessed: 'ещё не засвидетельствовано и потому не действует',
  seenBy: who => `видели: ${who}`,
  seenByNobody: 'ещё никто не видел',
  exclusions: 'Исключения',
  noExclusions: 'Нет.',
  exclusionUntil: day => `до ${day}`,
  precision: 'Точность уведомлений',
  precise: (who, stood, all, withdrawn, wrong) =>
    `<b>${who}: ${stood} из ${all}</b> уведомлений подтвердились; отозвано ${withdrawn}, ложных ${wrong}.`,
  noNotices: who => `${who}: уведомлений в этом периоде нет.`,
  state: {'in force': 'действует', denounced: 'денонсировано', ended: 'завершено', 'not yet': 'ещё не действует'}
};
