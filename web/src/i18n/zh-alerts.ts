import type {AlertsWords} from './en-alerts';

export const zhAlerts: AlertsWords = {
  title: '告警',
  none: '没有未处理的告警。',
  failed: '节点未提供告警。请重试。',
  open: '未处理',
  over: '已解除',
  severity: {critical: '严重', warning: '警告', info: '提示'},
  since: t => `自 ${t}`,
  seen: by => `${by} 已知悉`,
  resolved: t => `${t} 解除`,
  ack: '知悉',
  ackOf: key => `知悉 ${key}`,
  asked: '已知悉：已记入日志。',
  signIn: '分析员和批准人可以知悉告警。请先登录。',
  role: role => `分析员和批准人可以知悉告警；您的角色是${role}。`,
  close: '关闭',
  errors: {
    sign_in: '会话已结束。请重新登录。',
    refused: '会话已结束。请重新登录。',
    role: '您的角色无此权限。',
    full: '节点磁盘已满：无法写入。'
  },
  engine: '节点没有回应。请重试。'
};
