// Classes of the Reference Security Incident Taxonomy as the node has them (src/model/class.def): what else is written as word:word is none.
const GROUPS: Record<string, string> = {
  'abusive-content': 'spam harmful-speech violence',
  'malicious-code': 'infected-system c2-server malware-distribution malware-configuration',
  'information-gathering': 'scanner sniffing social-engineering',
  'intrusion-attempts': 'ids-alert brute-force exploit',
  intrusions: 'privileged-account-compromise unprivileged-account-compromise application-compromise system-compromise burglary',
  availability: 'dos ddos misconfiguration sabotage outage',
  'information-content-security': 'unauthorised-information-access data-loss leak-of-confidential-information',
  fraud: 'unauthorised-use-of-resources copyright masquerade phishing',
  vulnerable: 'weak-crypto ddos-amplifier potentially-unwanted-accessible information-disclosure vulnerable-system',
  other: 'undetermined other',
  test: 'test'
};
/** Beside `other`, which is a chip. */
export const CLASSES = new Set(Object.entries(GROUPS).flatMap(([group, values]) => values.split(' ').map(v => `${group}:${v}`)));
