import type {ReplayWords} from './en-replay';

export const zhReplay: ReplayWords = {
  replay: '回放',
  still: '静止',
  asking: '正在请求',
  said: '回放：显示的是过去。',
  speed: '回放速度',
  back: '回到实时',
  of: (at, text) => `<b>${at} 的回放。</b><span>${text}</span>`,
  wait: at => `<b>正在向节点请求 ${at} 的数据。</b>`,
  failed: (at, why) => `<b>无法取得 ${at} 的过去：</b><span>${why}</span>`,
  broken: '节点没有应答，正在再次请求。',
  busy: '目前查看过去的人太多，正在再次请求。',
  ahead: (at, now) => `<b>${at} 尚未到来：</b><span>节点时钟为 ${now}。下列数字是现在的。</span>`,
  noPast: '此节点不显示过去。',
  nothing: at => `<b>${at} 的回放：</b><span>此节点未保存任何事态。</span>`,
  before: (at, from) => `<b>${at} 的回放：</b><span>那段时间没有保存；保存的内容始于 ${from}。</span>`,
  from: '保存自',
  erased: n => `该时段有 <b>${n}</b> 个事态已删除`,
  leftOut: n => `略去 <b>${n}</b> 个区块`,
  asOf: t => `截至现在 ${t} UTC：`,
  asOfTitle: '这些数字是现在的，而不是所显示时间的'
};
