import type {VerdictWords} from './en-verdict';

const of = (n: number, all: number): string => (n === all ? `全部 ${all} 个对方` : `${all} 个对方中有 ${n} 个`);

const opened = (n: number): string => (n ? `有 ${n} 起未结事件` : '没有未结事件');

export const zhVerdict: VerdictWords = {
  counterparts: '对方',
  words: {
    'not answered in time': '未按时答复',
    disputed: '有争议',
    'open incidents': '有未结事件',
    'suspended: out of contact': '暂停：失去联系',
    'unknown: no visibility': '未知：没有可见性',
    'unknown: partial visibility': '未知：可见性不足',
    compliant: '符合',
    'self-reported': '自行申报',
    'not applicable': '不适用'
  },
  headline: {
    over: (n, all) => `<b>${of(n, all)}未按时答复。</b>`,
    open: (n, all) => `<b>没有对方超期；${of(n, all)}有未结事件。</b>`,
    unsure: (n, all, open) => `<b>${opened(open)}；${of(n, all)}因所见太少而无法多说。</b>`,
    away: (n, all, open) => `<b>${opened(open)}；与${of(n, all)}失去联系。</b>`,
    fine: (all, open) => `<b>全部 ${all} 个对方均符合${open ? `；${opened(open)}` : ''}。</b>`,
    one: (who, word, fact) => `<b>${who}：${word}。</b> <span>${fact}。</span>`
  },
  fact: {
    over: (id, what, by) => `${id}：${what}超期 ${by}`,
    disputed: n => `<b>${n}</b> 起事件有争议或已升级`,
    open: (n, _one, left) => `<b>${n}</b> 起未结，下一期限还有 <b>${left}</b>`,
    openOnly: n => `<b>${n}</b> 起未结`,
    ours: n => `对方没有未结事件，我方有 <b>${n}</b> 起`,
    silent: t => `<b>${t}</b>没有联署`,
    quiet: t => `<b>${t}</b>没有未结事件`,
    nothing: '没有未结事件',
    why: {
      coverage: '所见的空间和时间太少，无法多说',
      recall: '找到的测试包太少，无法多说',
      figures: '对方的数字只有对方知道',
      unmeasured: '此处没有测量手段',
      validity: '不在协定有效期内',
      exclusion: '协定已排除'
    }
  },
  figures: {
    title: '所声明空间和时间中可见的比例；找到的测试包，95 % 置信度下限',
    coverage: p => `覆盖率 <b>${p}</b>`,
    recall: p => `召回率 <b>≥ ${p}</b>`,
    noCanaries: '召回率 <b>未测试</b>',
    atMost: p => `覆盖率 <b>至多 ${p}</b>`,
    unknown: '覆盖率 <b>未知</b>'
  },
  strip: (over, open, ok, unk) => `最近 14 天：超期 ${over} 天，有未结事件 ${open} 天，无未结事件 ${ok} 天，可见性不足 ${unk} 天`
};
