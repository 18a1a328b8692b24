import type {ExchangeWords} from './en-exchange';
import {count as many} from './ru-plural';

function main(overdue: number, waiting: number, faults: number): string {
  const over = overdue ? `${many(String(overdue), 'отзыв просрочен', 'отзыва просрочены', 'отзывов просрочены')}` : 'Из отозванного ничего не просрочено',
    wait = waiting ? `${many(String(waiting), 'ждёт', 'ждут', 'ждут')} ответа` : 'ни один не ждёт',
    from = faults ? `; ${many(String(faults), 'источник недоступен', 'источника недоступны', 'источников недоступны')}` : '';
  return `${over}, ${wait}${from}.`;
}

export const ruExchange: ExchangeWords = {
  kick: 'Обмен объектами',
  loading: 'Запрос к узлу.',
  failed: e => `Получить не удалось: ${e}`,
  earlier: 'Узел прежней версии ничего не сообщает об обмене.',
  nothing: 'Собраний нет, поэтому ничего не отдаётся и не принимается.',
  toAdd: '<code>detente exchange collection add</code> создаёт собрание.',
  main,
  partners: 'Партнёры',
  takenBack: 'что отозвано',
  within: t => `У партнёра есть ${t}, чтобы сообщить, что отозванное удалено. Партнёру уходит не больше, чем разрешает его предел, что бы ни было в собрании.`,
  noPartners: 'Пакта нет: объекты получают только свои пользователи и программы.',
  yes: 'да',
  notBound: 'сейчас нет',
  collections: 'Собрания',
  ours: 'наше',
  noPact: 'нет',
  sources: 'Источники',
  noSources: 'С других серверов ничего не забирается.',
  fine: 'в порядке',
  never: 'ни разу',
  since: t => `уже ${t}`,
  firstOf: (n, count) => `Первые ${n} из ${count}.`,
  col: {
    partner: 'Партнёр, пакт',
    bound: 'Связан',
    ceiling: 'Предел',
    waiting: 'Ждут',
    overdue: 'Просрочено',
    removed: 'Удалено',
    collection: 'Собрание',
    objects: 'Объекты',
    from: 'Чьё',
    pact: 'Пакт',
    readers: 'Читают',
    writers: 'Пишут',
    source: 'Источник',
    state: 'Состояние',
    succeeded: 'Забрано',
    taken: 'Принято',
    refused: 'Отклонено',
    version: 'Версия',
    goes: 'Уходит',
    reason: 'Почему'
  },
  why: 'Почему это не ушло',
  whyHint: 'Идентификатор объекта и сторона: узел скажет о каждом собрании, уходит ли объект туда и почему.',
  object: 'Объект',
  party: 'Кому',
  askWhy: 'Спросить',
  about: (object, party) => `<b>${object}</b> для стороны ${party}:`,
  nowhere: 'Ни в одном собрании нет объекта с таким идентификатором.',
  goes: 'уходит',
  stays: 'остаётся',
  reasons: {
    own: 'спрашивает своя же сторона',
    allowed: 'метки это разрешают',
    returned: 'объект пришёл от этой стороны',
    consent: 'сторона, от которой он пришёл, согласна',
    'no-party': 'эта сторона сейчас не связана пактом с нами',
    unknown: 'на нём метка, которая здесь неизвестна',
    red: 'TLP:RED никогда не уходит другой стороне',
    strict: 'TLP:AMBER+STRICT остаётся у стороны, которая его получила',
    ceiling: 'метка строже предела этой стороны',
    onward: 'объект пришёл от другой стороны, и она не согласна на передачу',
    'no-reader': 'никто из этой стороны не читает это собрание: <code>detente exchange collection permit</code>'
  }
};
