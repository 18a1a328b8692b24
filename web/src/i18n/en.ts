// Every word the page shows. Another language is another module of the same shape; values come in ready-made as text or HTML.
export const en = {
  skip: 'Skip to content',
  unit: {s: 's', min: 'min', h: 'h', d: 'd'}, local: 'local', months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  now: 'Now',
  live: 'LIVE', paused: 'PAUSED', stale: 'STALE', connecting: 'CONNECTING',
  stalledFor: (t: string) => `no word for ${t}`,
  asOf: (t: string) => `at ${t}`,
  pause: 'Pause', resume: 'Resume', space: 'Space',
  toLight: 'Switch to light theme', toDark: 'Switch to dark theme', shortcuts: 'Keyboard shortcuts',
  demo: 'DEMO', demoTitle: 'Invented parties, positions and events', test: 'TEST', testTitle: 'Test clock: nothing here is evidence',
  demoMap: 'DEMO: invented parties, positions and events',
  filter: 'Filter', filterEmpty: 'class:exploit country:XA asn:64500', filterMore: 'add', filterBy: (t: string) => `Filter by ${t}`, removeToken: (t: string) => `Remove ${t}`,
  notAFilter: (t: string) => `“${t}” is no filter and has no effect. Filters are class:, country:, asn: and address:`,

  headline: {
    loading: '<b>Asking the node.</b>',
    gone: '<b>The node does not answer.</b> <span>Nothing is shown, because nothing is known. Asking again.</span>',
    stale: (time: string, text: string) => `<b>State as of ${time} UTC, no word from the node since.</b> <span>${text}</span>`,
    blind: (n: string) => `<b>Blind: none of ${n} sensors reports.</b> <span>What is shown is what came before; silence says nothing now.</span>`,
    noSensors: '<b>No sensor is set up, so nothing can be seen.</b>',
    zero: (reporting: string, all: string) => `<b>No attack event in the last 15 minutes.</b> <span>${reporting} of ${all} sensors report.</span>`,
    zeroPart: (reporting: string, all: string) => `<b>No attack event seen in the last 15 minutes,</b> <span>but only ${reporting} of ${all} sensors report.</span>`,
    main: (n: string, one: boolean, nets: string, oneNet: boolean, ecos: string, oneEco: boolean) =>
      `<b>${n} attack event${one ? '' : 's'} in the last 15 minutes</b> <span>from ${nets} network${oneNet ? '' : 's'} in ${ecos} econom${oneEco ? 'y' : 'ies'}`,
    most: (name: string, n: string) => `; most from ${name} (${n}).</span>`,
    end: '.</span>',
    part: (reporting: string, all: string) => ` <span>${reporting}\u00a0of\u00a0${all}\u00a0sensors\u00a0report.</span>`,
    filtered: (m: string, n: string) => `<b>${m} of ${n} attack events of the last 15 minutes match the filter</b>`,
    filterWait: '<b>Asking for the filtered figures.</b>',
    filterFailed: (e: string) => `<b>The filtered figures could not be had:</b> <span>${e}</span>`,
    filterMost: (name: string, n: string) => `<span>; most from ${name} (${n}).</span>`
  },
  unknownNetwork: 'no network known', unknownEconomy: 'unknown', unnamed: 'no name', noParty: 'no party',

  showAs: 'Show as', map: 'Map', table: 'Table', classes: 'Classes, events of the last 24 h', chipTitle: (k: string) => `Events of the last 24 h. Key ${k}`,
  corridors: 'Corridors', whereFrom: 'Where from',
  mapLabel: (n: string) => `Map of ${n} corridors. Arrow keys move along them, Enter filters by the network, t shows the same as a table`,
  pointsOnly: (n: string) => `Map of ${n} economies. Our own place is not set, so no corridors are drawn. Arrow keys move along them, Enter filters, t shows the table`,
  caption: 'Where the source address is registered or hosted; not who is behind it.',
  drawn: (n: string, all: string) => `<b>${n}</b> of ${all} corridors drawn`,
  tableShown: (n: string, all: string) => `<b>${n}</b> of ${all} corridors listed`,
  noHome: 'No corridors drawn: the place of this party is not known',
  offMap: (n: string) => `off the map: <b>${n}</b> events of unknown origin`,
  offPlace: (n: string) => `${n} of economies without a place`,
  synthetic: (n: string) => `TEST: ${n} corridors drawn, most of them made up`,
  corridorRead: (net: string, eco: string) => `<b>${net}</b><br>registered or hosted in ${eco}`,
  corridorFigures: (n: string, chip: string) => `${n} events in 15 min · mostly ${chip}`,
  economyRead: (name: string, n: string, nets: string) => `<b>${name}</b><br>${n} events in 15 min from ${nets} networks`,
  legendCorridor: 'corridor to a network, width by events', legendPoint: 'economy, size by events', noPact: 'Grey: no pact in force, so no verdict',

  col: {network: 'Network', economy: 'Economy', party: 'Party', reg: 'Reg.', share: 'Share', events: 'Events', hour: '1 h', klass: 'Class', target: 'Target', events15: 'Events 15 min', mostly: 'Mostly'},
  hourTitle: 'Last hour against the hour before',
  fresh: 'new', noChange: '–', noChangeTitle: 'Not known under this filter',
  sortBy: (c: string) => `Sort by ${c}`,
  origins: 'Origins, last 15 min', originsBy: 'Group origins by', network: 'network', economy: 'economy', party: 'party',
  targets: 'Targets at home, last 15 min', newest: 'Newest events', matching: (n: string) => `${n} match`,
  moreRows: (n: string) => `${n} more`,
  empty: 'Nothing matches the filter.', none15: 'None in the last 15 minutes.', noneYet: 'None yet.',
  held: (n: string) => `held while you point · ${n} newer`,
  to: 'to',

  timeline: '24 h by class, events per 5 min', timelineHint: 'each row on its own scale; maximum at the right',
  timelineAll: 'all origins: this chart knows only the class filter',
  timelineLabel: 'Events by class over the last 24 hours; left and right arrows move by 5 minutes, with Shift by an hour',
  timelineAt: (from: string, to: string) => `<b>${from}–${to} UTC</b> events at the right`,
  timelineText: (from: string, to: string, rows: string) => `${from} to ${to} UTC: ${rows}`,

  honesty: {
    label: 'What these figures rest on',
    sensors: (a: string, b: string) => `<b>${a} of ${b}</b> sensors`, lag: 'lag', dropped: 'dropped', rejected: 'rejected', undrawn: 'undrawn',
    duplicates: 'duplicates', unknown: 'origin unknown', skewed: 'clock skewed', tables: 'address tables', tablesStale: 'stale',
    noTables: 'none', log: 'log', signed: (t: string) => `signed ${t} ago`, notSigned: 'not signed yet',
    titles: {
      lag: 'From the sensor to this page', dropped: 'Events lost for want of room or time', rejected: 'Records that could not be read',
      undrawn: 'Corridors of the last 15 minutes that the map does not show', duplicates: 'Seen by more than one sensor or twice; counted once',
      unknown: 'Events of the last 15 minutes whose source address is in no table', skewed: 'Events whose sensor clock is more than 5 minutes off'
    }
  },

  help: {
    title: 'Keyboard', close: 'Close', off: 'Turn single keys off', on: 'Turn single keys on',
    keys: [['Space', 'pause or go on'], ['t', 'map or table'], ['/', 'filter'], ['1 … 8', 'toggle a class'], ['← →', 'on the map: next corridor; on the timeline: 5 min, with Shift 1 h'],
      ['Enter', 'open the row, filter by the corridor'], ['Esc', 'close the event, empty the filter box'], ['?', 'this list']] as [string, string][]
  },
  said: {stale: 'The node does not answer. What is shown is old.', back: 'Live again.', paused: 'Paused.', resumed: 'Live.'}
};
export type Words = typeof en;
