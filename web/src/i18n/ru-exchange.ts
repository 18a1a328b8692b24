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
  nothing: 'Коллекций нет, поэтому ничего не отдаётся и не принимается.',
  toAdd: '<code>detente exchange collection add</code> создаёт коллекцию.',
  main,
  partners: 'Другие стороны',
  takenBack: 'что отозвано',
  within: t => `У другой стороны есть ${t}, чтобы сообщить, что отозванное удалено. Ей уходит не больше, чем разрешает её предел, что бы ни было в коллекции.`,
  noPartners: 'Соглашения нет: объекты получают только свои пользователи и программы.',
  yes: 'да',
  notBound: 'сейчас нет',
  collections: 'Коллекции',
  ours: 'наша',
  noPact: 'нет',
  sources: 'Источники',
  noSources: 'С других серверов ничего не забирается.',
  fine: 'в порядке',
  never: 'ни разу',
  since: t => `уже ${t}`,
  firstOf: (n, count) => `Первые ${n} из ${count}.`,
  col: {
    partner: 'Сторона, соглашение',
    bound: 'Связана',
    ceiling: 'Предел',
    waiting: 'Ждут',
    overdue: 'Просрочено',
    removed: 'Удалено',
    collection: 'Коллекция',
    objects: 'Объекты',
    from: 'Чья',
    pact: 'Соглашение',
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
  whyHint: 'Идентификатор объекта и сторона: узел скажет о каждой коллекции, уходит ли объект туда и почему.',
  object: 'Объект',
  party: 'Кому',
  example: 'indicator--…',
  askWhy: 'Спросить',
  about: (object, party) => `<b>${object}</b> для стороны ${party}:`,
  nowhere: 'Ни в одной коллекции нет объекта с таким идентификатором.',
  goes: 'уходит',
  stays: 'остаётся',
  reasons: {
    own: 'спрашивает своя же сторона',
    allowed: 'метки это разрешают',
    returned: 'объект пришёл от этой стороны',
    consent: 'сторона, от которой он пришёл, согласна',
    'no-party': 'эта сторона сейчас не связана соглашением с нами',
    unknown: 'на нём метка, которая здесь неизвестна',
    red: 'TLP:RED никогда не уходит другой стороне',
    strict: 'TLP:AMBER+STRICT остаётся у стороны, которая его получила',
    ceiling: 'метка строже предела этой стороны',
    onward: 'объект пришёл от другой стороны, и она не согласна на передачу',
    'no-reader': 'никто из этой стороны не может читать эту коллекцию: <code>detente exchange collection permit</code>'
  }
};
