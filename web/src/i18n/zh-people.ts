import type {PeopleWords} from './en-people';

export const zhPeople: PeopleWords = {
  title: '登录',
  closed: '未登录时此节点不显示任何内容。',
  open: '任何人都可在此阅读。登录者在日志中有名字。',
  user: '用户名',
  password: '密码',
  signIn: '登录',
  byLink: '还没有密码？请索取一次性链接：detente user link 用户名。',
  close: '关闭',
  as: (user, role) => `<b>${user}</b>，${role}`,
  until: t => `最迟至 ${t} UTC，或一小时未使用`,
  fresh: '新密码',
  freshHint: '至少 10 个字符。您的其他会话将结束。',
  set: '设置密码',
  done: '密码已设置。',
  out: '退出',
  errors: {
    refused: '不正确。不会说明是用户名还是密码有误。',
    link: '此链接已使用、已过期或无效。请另行索取。',
    wait: s => `密码尝试受到限速。请在 ${s} 秒后重试。`,
    form: '密码为 10 至 128 个字符。',
    full: '节点磁盘已满：无法写入。',
    engine: '节点没有回应。请重试。',
    sign_in: '会话已结束。请重新登录。'
  }
};
