import type {IncidentWords} from './en-incident';
import {count, form} from './ru-plural';

export const ruIncident: IncidentWords = {
  title: 'Инциденты',
  openIncidents: 'Открытые инциденты',
  all: n => `все: ${n}`,
  noneOpen: 'Открытых нет.',
  noneYet: 'Пока ничего.',
  more: n => `ещё ${n}`,
  rest: n => `ещё ${n}: detente incident list --all`,
  unknownClass: 'класс неизвестен',
  tells: (a, b) => `${a} уведомляет ${b}`,
  from: net => `сеть-источник ${net}`,
  caveat: 'Сеть-источник говорит, откуда пришли пакеты, а не кто их отправил.',
  since: t => `с ${t}`,
  waits: {you: n => `<b>${n}</b> ${form(n, 'ждёт', 'ждут', 'ждут')} вас`, approver: n => `${n} ${form(n, 'ждёт', 'ждут', 'ждут')} утверждающего`, title: 'Что ждёт человека'},
  never: 'никогда',
  ago: t => `${t} назад`,
  owes: (who, what) => `${who}: ${what}`,
  headline: {
    loading: '<b>Запрос инцидентов у узла.</b>',
    failed: '<b>Узел не отвечает; это старые данные.</b> ',
    mute: '<b>Узел не сообщает об инцидентах.</b> <span>Запрос повторяется.</span>',
    none: n => `<b>Между сторонами нет открытых инцидентов.</b> <span>Всего их было ${n}.</span>`,
    open: n => `<b>${count(n, 'инцидент открыт', 'инцидента открыто', 'инцидентов открыто')}, сроки соблюдены.</b>`,
    over: (who, id) => `<b>${who}: нет ответа в срок по ${id}.</b>`,
    overs: (n, all) => `<b>Нет ответа в срок по ${n} из ${count(all, 'открытого инцидента', 'открытых инцидентов', 'открытых инцидентов')}.</b>`,
    duty: (what, id, left) => `<span>Ваш ближайший долг: ${what}, ${id}, ${left}.</span>`,
    free: '<span>За вами ничего нет.</span>'
  },
  col: {incident: 'Инцидент', what: 'Что', state: 'Состояние', next: 'Дальше'},

  verdict: {
    over: 'нет ответа в срок',
    disputed: 'оспаривается',
    undelivered: 'не доставлено',
    suspended: 'приостановлено: нет связи',
    open: 'открыт',
    detected: 'ещё не сообщено'
  },
  state: {
    DETECTED: 'обнаружен здесь',
    NOTIFIED: 'уведомление отправлено',
    RECEIVED: 'получен',
    ACKNOWLEDGED: 'принят',
    INQUIRY: 'есть встречный запрос',
    ANSWERED: 'есть ответ',
    ACTED: 'меры приняты',
    DISPUTED: 'оспаривается',
    ESCALATED: 'передан выше',
    CLOSED: 'закрыт'
  },
  dues: {
    receipt: 'подтверждение получения',
    acknowledge: 'принятие',
    answer: 'ответ',
    act: 'меры',
    evidence: 'свидетельства',
    confirm: 'подтверждение итога',
    notice: 'уведомление'
  },
  marks: {
    label: 'Инциденты на шкале времени',
    opened: i => `${i}: уведомление отправлено`,
    closed: i => `${i}: закрыт`,
    due: (i, what) => `${i}: срок истёк (${what})`
  },
  due: {
    step: 'Ожидается',
    at: 'Срок',
    stand: 'Положение',
    in: t => `через ${t}`,
    over: t => `просрочено на ${t}`,
    suspended: 'приостановлено',
    stands: 'срок не идёт',
    done: 'выполнено в срок',
    late: 'выполнено с опозданием',
    lateClosed: 'к закрытию срок прошёл',
    notBegun: 'не началось',
    notOwed: 'не требуется',
    over0: 'завершено'
  },
  klass: {
    'intrusion-attempts:exploit': 'Попытки эксплуатации уязвимостей',
    'intrusion-attempts:brute-force': 'Подбор паролей',
    'information-gathering:scanner': 'Сканирование',
    'availability:ddos': 'Отказ в обслуживании',
    'availability:dos': 'Отказ в обслуживании',
    'malicious-code:c2-server': 'Сервер управления',
    'malicious-code:malware-distribution': 'Распространение вредоносного ПО',
    'malicious-code:infected-system': 'Заражённая система',
    'fraud:phishing': 'Фишинг'
  },
  result: {
    'confirmed-quiet': 'прекращение подтверждено',
    'closed-unverified': 'закрыт без проверки',
    'accepted-explanation': 'объяснение принято',
    'not-contested': 'объяснение не оспорено',
    'no-evidence': 'нет свидетельств',
    settled: 'урегулирован',
    unsettled: 'не урегулирован',
    withdrawn: 'отозван'
  },
  peer: {
    title: 'Другие стороны',
    none: 'Других сторон ещё нет: соглашение принимает pact adopt.',
    reachable: 'на связи',
    since: t => `с ${t}`,
    contact: 'Последняя связь',
    witnessed: 'Засвидетельствовано',
    held: 'Хранится',
    theirs: 'Их журнал',
    sofar: (n, behind) => `до <b>${n}</b> в нашем журнале, отставание ${behind},`,
    notYet: 'из нашего журнала пока ничего',
    size: n => `здесь до <b>${n}</b>`,
    missing: n => `не хватает ${n}`,
    open: n => `<b>${n}</b> ${form(n, 'открытый инцидент', 'открытых инцидента', 'открытых инцидентов')}`,
    nothing: 'открытых нет',
    over: n => `нет ответа в срок: ${n}`,
    faults: {
      unreachable: 'не отвечает',
      refuses: 'отвечает ошибкой',
      malformed: 'присланное неверно по форме',
      withheld: 'журнал называет сообщение для нас, которого сторона не даёт',
      'false-proof': 'доказательство, названное в сообщении, не о том, что в нём сказано',
      floods: 'за день уведомлений больше, чем допускает соглашение: лишние ничего не открывают',
      'not-held': 'сообщает, что ей не хватает части нашего журнала',
      'not-witnessed': 'не соподписывает нашу контрольную точку',
      'false-cosignature': 'соподпись под нашей контрольной точкой не проходит проверку',
      unsigned: 'контрольная точка не подписана ключом из приложения',
      entries: 'записи не дают корня, который подписан',
      'history-shortened': 'журнал продолжен под другим именем от меньшего размера, чем был подписан',
      rollback: 'журнал меньше, чем был подписан раньше',
      fork: 'подписаны две истории: записи сохранены, доказательство составит `log prove-fork`'
    }
  }
};
