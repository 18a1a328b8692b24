import type {VerdictWords} from './en-verdict';

const of = (n: number, all: number): string => (n === all ? `全部 ${all} 个对方` : `${all} 个对方中有 ${n} 个`);

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
    unsure: (n, all) => `<b>没有未结事件；${of(n, all)}因所见太少而无法多说。</b>`,
    fine: all => `<b>全部 ${all} 个对方均符合。</b>`,
    one: (who, word, fact) => `<b>${who}：${word}。</b> <span>${fact}。</span>`
  },
  fact: {
    over: (id, what, by) => `${id}：${what}超期 ${by}`,
    disputed: n => `<b>${n}</b> 起事件有争议或已升级`,
    open: (n, _one, left) => `<b>${n}</b> 起未结，下一期限还有 <b>${left}</b>`,
    openOnly: n => `<b>${n}</b> 起未结`,
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
  strip: (over, open, ok, unk) => `最近 14 天：超期 ${over} 天，有未结事件 ${open} 天，无未结事件 ${ok} 天，可见性不足 ${unk} 天`,

  pact: {
    title: '协定',
    kick: (name, version) => `协定 ${name}，第 ${version} 版`,
    loading: '<b>正在向节点请求协定。</b>',
    none: '<b>此处没有生效的协定。</b> <span>用 pact adopt 采纳各方签署的协定。</span>',
    failed: e => `<b>无法取得协定：</b> <span>${e}</span>`,
    theirs: {
      over: (who, n, all) => `<b>对本方：${who} 在 ${all} 项义务中有 ${n} 项未按时答复`,
      open: (who, n, all) => `<b>对本方：${who} 在 ${all} 项义务中有 ${n} 项有未结事件`,
      unsure: (who, n, all) => `<b>对本方：${who} 的 ${all} 项义务中有 ${n} 项无法判断`,
      fine: (who, all) => `<b>对本方：${who} 符合全部 ${all} 项可测量的义务`
    },
    ours: {
      over: n => `；对对方：本方有 ${n} 项未按时答复。</b>`,
      open: n => `；对对方：本方有 ${n} 项有未结事件。</b>`,
      none: '；对对方：没有未结事件。</b>'
    },
    choose: '协定与对方',
    period: '期间',
    periods: {now: '当前', '30d': '30 天', month: '本月', all: '自生效起'},
    holds: (from, days) => `自 ${from} 起生效，至提前 ${days} 通知废止为止。`,
    holdsUntil: (from, until) => `自 ${from} 起生效，至 ${until}。`,
    thirdParties: '不针对任何其他方，也不约束任何其他方。',
    column: '义务与阈值',
    direction: (a, b) => `${a} → ${b}`,
    directionSaid: (a, b) => `${a} 对 ${b}:`,
    both: '双方',
    we: '本方',
    they: '对方',
    ownFigures: '此处无法询问对方：其数字只有对方知道',
    differ: (who, ours, theirs) => `≠ 双方不一致：按本方日志为“${ours}”，按 ${who} 的日志为“${theirs}”。`,
    differAt: id => `涉及 ${id}。`,
    short: {
      'not answered in time': '未按时',
      'suspended: out of contact': '失去联系',
      'unknown: no visibility': '未知',
      'unknown: partial visibility': '可见性不足',
      'self-reported': '自行申报'
    },
    open: n => `未结：${n}`,
    partial: p => `可见 ${p}`,
    unmeasured: '未测量',
    rests: (who, text) => `${who}：${text}。`,
    seen: (sensors, _one, coverage, found, sent, recall) =>
      `${sensors} 个正常传感器，可见所声明空间和时间的 ${coverage}，${sent} 个测试包找到 ${found} 个（召回率 ≥ ${recall}，置信度 95 %）`,
    seenAtMost: p => `数字属于对方；按其心跳，可见时间至多 ${p}`,
    threshold: {
      events: n => `${n === '1' ? '' : '≥ '}${n} 起事态`,
      targets: n => `${n === '1' ? '' : '≥ '}${n} 个目标`,
      sensors: n => `由 ${n} 个传感器`,
      bytes: n => `≥ ${n} MB/s`,
      in: t => `${t}内`,
      for: t => `持续 ${t}`,
      grade: o => `来源 O${o}`,
      within: t => `${t}内`,
      every: t => `每 ${t}`,
      answer: t => `${t}内答复`,
      keep: t => `保存 ${t}`,
      deadlines: (s, list) => `${list}，严重程度 ${s}`
    },
    signatures: '签名',
    verified: '已验证',
    unsigned: '未签署',
    signedOn: (day, key) => `${day}，密钥 ${key}`,
    bytes: hash => `针对这些确切字节：sha256 ${hash}。各方签署的内容相同。`,
    times: n => `响应时间${n}`,
    step: '步骤',
    scale: '中位数至 p90',
    median: '中位数',
    p90: 'p90',
    timesNote: (a, na, b, nb) => `上线 ${a}（发给它的通报：${na}），下线 ${b}（发给本方的通报：${nb}）。圆点：中位数；短线：十分之九；虚线：按严重程度的期限。`,
    noTimes: '此期间没有到期事项。',
    until: t => `至多 ${t}`,
    annexes: '附件',
    annex: (who, n) => `${who}，序号 ${n}`,
    annexNone: who => `${who}：尚无`,
    annexText: (nets, prefixes, sensors, hidden) => `网络 ${nets}，前缀 ${prefixes}，传感器 ${sensors}${hidden ? '（以承诺值）' : ''}`,
    validFrom: t => `自 ${t} 有效`,
    witnessed: t => `${t} 见证`,
    notWitnessed: '尚未见证，因此未生效',
    seenBy: who => `${who} 已阅`,
    seenByNobody: '尚无人已阅',
    exclusions: '排除',
    noExclusions: '无。',
    exclusionUntil: day => `至 ${day}`,
    precision: '通报准确率',
    precise: (who, stood, all, withdrawn, wrong) => `<b>${who}：${all} 次中有 ${stood} 次</b>通报成立；撤回 ${withdrawn} 次，误报 ${wrong} 次。`,
    noNotices: who => `${who}：此期间没有通报。`,
    state: {'in force': '生效', denounced: '已通知废止', ended: '已终止', 'not yet': '尚未生效'}
  }
};
