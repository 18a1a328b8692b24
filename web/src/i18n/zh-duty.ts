import type {DutyWords} from './en-duty';

export const zhDuty: DutyWords = {
  away: {
    label: '失去联系',
    said: '失去联系：期限已中止。',
    over: '已恢复联系。',
    drill: '<b>演练：已有意切断对外连接。</b>演练结束前，对方、见证方和接收者收不到任何内容。',
    drillSaid: '演练：已有意切断对外连接。',
    none: since => `<b>自 ${since} 起无法连到外部。</b>仅显示本方传感器。`,
    never: '<b>本节点启动以来无法连到外部。</b>仅显示本方传感器。',
    party: (who, since) => `<b>自 ${since} 起与 ${who} 失去联系</b>；自那时起期限暂时中止。`,
    send: '以数据包传递消息：',
    command: party => `detente bundle create ${party} -o 文件`,
    last: at => `最近一次收到数据包：${at}。`,
    noBundle: '尚未收到对方的数据包。',
    more: n => `另有 ${n} 方同样如此。`
  },
  waits: {
    none: '没有等人处理的事项。',
    signIn: '批准人可以发出这些。请先登录。',
    role: role => `批准人可以发出这些，${role}不能。`,
    notice: '通知：在此处发现，尚未发出消息（automatic: false）',
    consult: '磋商：由双方签署的记录（incident consult）',
    owed: (what, left) => `${what}，${left}`,
    close: '关闭'
  }
};
